package feedback

import (
	"context"
	"fmt"

	"bima/fhir"
	"bima/profiles"
)

// terms are what a product or a facility says on feedback.
type terms struct {
	given   bool
	percent fhir.Amount // the share of claims, ten-thousandths of a percent
	seed    string
	days    int // 0 leaves it to the scheme
}

// termsOf reads the extension of an InsurancePlan or an Organization.
func termsOf(n fhir.Node) (terms, error) {
	e := n.Extension(profiles.ExtensionFeedbackSelection)
	if !e.Exists() {
		return terms{}, nil
	}
	at := n.Get("resourceType").Text() + ".extension('" + profiles.ExtensionFeedbackSelection + "')"
	percent, err := fhir.ParseAmount(e.Extension("percentage").Get("valueDecimal").Text())
	if err != nil || percent < 0 || percent > fhir.Units(100) {
		return terms{}, refuse(at, "the share of claims about which patients are asked is a percentage from 0 to 100, with at most four decimals")
	}
	t := terms{given: true, percent: percent, seed: e.Extension("seed").Get("valueString").Text()}
	if days := e.Extension("days").Get("valuePositiveInt"); days.Exists() {
		if _, err := fmt.Sscanf(days.Text(), "%d", &t.days); err != nil || t.days < 1 || t.days > daysMax {
			return terms{}, refuse(at, "there are from 1 to %d days to answer", daysMax)
		}
	}
	return t, nil
}

// daysMax is how many days there may be to answer.
const daysMax = 365

// checkTerms refuses what no lot can be drawn by.
func checkTerms(_ context.Context, _ fhir.Reader, c fhir.Change) error {
	if c.After == nil {
		return nil
	}
	_, err := termsOf(c.Node)
	return err
}

// at gives the terms for a claim of a product at a facility: the facility's own
// share takes the place of the product's, where the product asks anybody at all.
func (t terms) at(facility terms) terms {
	if t.given && facility.given {
		t.percent = facility.percent
		if facility.days > 0 {
			t.days = facility.days
		}
	}
	return t
}
