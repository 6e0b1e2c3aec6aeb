package house

import (
	"bima/fhir"
	"bima/resources/chargeitem"
	"bima/resources/claim"
	"bima/resources/coverage"
	"bima/resources/eligibility"
	"bima/resources/group"
	"bima/resources/insuranceplan"
	"bima/resources/invoice"
	"bima/resources/patient"
	"bima/resources/payment"
)

// Modules gives the abilities of the scheme, in the order their rules are asked
// and their reactions run: what a payment activates, a claim of the same
// transaction finds active. base is our [base] URL: references below it are to
// our own resources.
func Modules(base string) []fhir.Module {
	return []fhir.Module{
		patient.Module(),
		group.Module(),
		insuranceplan.Module(),
		chargeitem.Module(),
		coverage.Module(),
		invoice.Module(),
		payment.Module(),
		eligibility.Module(base),
		claim.Module(base),
	}
}
