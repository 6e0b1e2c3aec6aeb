// Package answer writes what was decided as FHIR: a Decision as ClaimResponse,
// and what a person is covered for as CoverageEligibilityResponse.
//
// It writes JSON that R4 accepts, and decides nothing.
package answer
