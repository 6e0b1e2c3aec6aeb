// Package insuranceplan says what a product of the scheme is: an InsurancePlan
// that claims can be decided by.
//
// Its door is Module. What the parameters mean is in adjudication/facts, where
// each lives in the plan in profiles/input/pagecontent/product.md.
package insuranceplan

import (
	"context"

	"bima/adjudication/facts"
	"bima/fhir"
	"bima/profiles"
)

// detailProduct tells what is wrong with a product from other refusals.
const detailProduct fhir.Detail = "product"

// Module gives the rules of products: an InsurancePlan with a product number is
// owned and administered, has coverage and a plan, and contradicts itself nowhere.
func Module() fhir.Module {
	return fhir.Module{
		Name:   "insuranceplan",
		Rules:  []fhir.Rule{{Types: []string{"InsurancePlan"}, Check: check}},
		Unique: []fhir.Identifier{{Type: "InsurancePlan", System: profiles.IdentifierProductVersion}},
	}
}

// required are the elements without which nobody can buy a product or be paid
// under it. Source: IHE FAIS, InsurancePlan profile.
var required = []string{"ownedBy", "administeredBy", "coverage", "plan"}

func check(_ context.Context, _ fhir.Reader, c fhir.Change) error {
	if c.After == nil || c.Node.Identifier(profiles.IdentifierProduct) == "" {
		return nil
	}
	var missing []fhir.Issue
	for _, name := range required {
		if !c.Node.Get(name).Exists() {
			missing = append(missing, fhir.Issue{
				Severity: fhir.SeverityError, Code: fhir.IssueBusinessRule, Detail: detailProduct,
				Expression: "InsurancePlan." + name, Diagnostics: "a product of the scheme needs this element",
			})
		}
	}
	if len(missing) > 0 {
		return &fhir.Outcome{Issues: missing}
	}
	if _, issues := facts.CompilePlan(c.Node); fhir.Failed(issues) {
		return &fhir.Outcome{Issues: issues}
	}
	return nil
}
