// Package insuranceplan says what a product of the scheme is: an InsurancePlan
// that policies can be sold of and claims be decided by.
//
// Its door is Module. What the parameters mean for claims is in
// adjudication/facts, where each lives in the plan in
// profiles/input/pagecontent/product.md.
package insuranceplan

import (
	"time"

	"bima/fhir"
	"bima/profiles"
)

// detailProduct tells what is wrong with a product from other refusals.
const detailProduct fhir.Detail = "product"

// Settings are what a scheme may choose. The zero value is a good default.
type Settings struct {
	Zone *time.Location // the scheme's time zone; nil is UTC
}

// A module is the rules of products with a scheme's choices.
type module struct{ zone *time.Location }

// Module gives the rules of products: an InsurancePlan with a product number says
// all that a product needs and contradicts itself nowhere, one version of a
// product is sold on a day, what it converts to is there and leads to no circle,
// and what policies in force were sold stays as it was; $revise makes the next
// version.
func Module(chosen ...Settings) fhir.Module {
	m := module{zone: time.UTC}
	if len(chosen) > 0 && chosen[0].Zone != nil {
		m.zone = chosen[0].Zone
	}
	return fhir.Module{
		Name:      "insuranceplan",
		Rules:     []fhir.Rule{{Types: []string{"InsurancePlan"}, Check: m.check}},
		Reactions: []fhir.Reaction{{Name: "insuranceplan", Types: []string{"InsurancePlan"}, React: m.react}},
		Unique:    []fhir.Identifier{{Type: "InsurancePlan", System: profiles.IdentifierProductVersion}},
		Operations: []fhir.Operation{{
			Code: "revise", Types: []string{"InsurancePlan"}, Instance: true, Affects: true,
			Definition: profiles.Canonical + "/OperationDefinition/insuranceplan-revise", Handle: m.revise,
		}},
	}
}

func refuse(expression, format string, args ...any) error {
	return fhir.Detailf(fhir.IssueBusinessRule, detailProduct, expression, format, args...)
}
