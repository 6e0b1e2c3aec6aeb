// Package openimis answers clients of openIMIS's R4 API: CHT's mediator, OpenFn,
// and the FHIR calls of the Android apps for claims and policies.
//
// It translates at the edge. Clients log in for a token, ask with openIMIS's
// parameters (page-offset, resourceType, refDate), name things by uuid or by code,
// and send claims in openIMIS's words; what is stored and decided is clean R4. What
// is answered, and told to subscribers by the Sender, is R4 with openIMIS's identifiers, extensions and codes beside ours.
// openIMIS's mistakes are not answered: statuses that R4 has not, the currency $,
// links escaped twice, client errors as 500.
package openimis
