// Package openmrs tells an OpenMRS, through its module fhir2, what its clerks need
// to know of us: whether a patient is covered, by person attributes, and what was
// decided on a claim, by a Task.
//
// Its door is New, a subscription.Sender for endpoints such as
// "openmrs:Endpoint/hospital-1". The Endpoint has the address of fhir2's R4 base
// and, in one extension, the settings; secrets are in Subscription.channel.header.
// What is shown of a person is always worked out from what is stored now, so that
// telling it twice, or late, does no harm.
package openmrs
