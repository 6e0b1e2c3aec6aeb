package selection

import (
	"fmt"
	"slices"

	"bima/fhir"
	"bima/fhir/path"
	"bima/fhir/r4"
	"bima/profiles"
)

// Compile reads the conditions of an InsurancePlan: the extensions
// review-condition, review-rule and review-terms. It gives nil where the product
// has none, and errors for what can't be asked.
func Compile(plan fhir.Node) (*Rules, []fhir.Issue) {
	c := &compiler{rules: &Rules{}}
	for e := range plan.Get("extension").Each() {
		switch e.Get("url").Text() {
		case profiles.ExtensionReviewCondition:
			c.expression(e.Get("valueExpression"))
		case profiles.ExtensionReviewRule:
			c.rule(e)
		case profiles.ExtensionReviewTerms:
			c.terms(e)
		}
	}
	switch {
	case len(c.issues) > 0:
		return nil, c.issues
	case len(c.rules.conditions) == 0 && c.rules.Terms == (Terms{}):
		return nil, nil
	}
	return c.rules, nil
}

// A compiler is one run of Compile.
type compiler struct {
	rules  *Rules
	issues []fhir.Issue
}

func (c *compiler) wrong(url, format string, args ...any) {
	c.issues = append(c.issues, fhir.Issue{
		Severity: fhir.SeverityError, Code: fhir.IssueBusinessRule,
		Expression: "InsurancePlan.extension('" + url + "')", Diagnostics: fmt.Sprintf(format, args...),
	})
}

// expression compiles a FHIRPath condition on the Claim.
func (c *compiler) expression(n fhir.Node) {
	name, text := n.Get("name").Text(), n.Get("expression").Text()
	if name == "" {
		name = "expression"
	}
	if language := n.Get("language").Text(); language != "text/fhirpath" || text == "" {
		c.wrong(profiles.ExtensionReviewCondition, "a review condition is an expression of the language text/fhirpath on the Claim, this one of %.40q", language)
		return
	}
	e, err := path.Compile(text)
	if err == nil {
		err = e.Check(r4.Lookup("Claim"))
	}
	if err != nil {
		c.wrong(profiles.ExtensionReviewCondition, "claims can't be picked by the condition %.80q: %s", name, fhir.OutcomeOf(err))
		return
	}
	said := n.Get("description").Text()
	if said == "" {
		said = "This holds: " + text
	}
	c.add(condition{name: name, holds: func(claim *Claim, _ Figures) (string, bool, error) {
		// What can't be told of a claim is for a person to see.
		holds, known, err := e.Bool(claim.Node, r4.Lookup("Claim"), &path.Context{Steps: stepsMax, Now: claim.Now, Resolve: claim.Resolve})
		if err != nil {
			return "The condition can't be told of this claim: " + text, true, nil
		}
		return said, holds && known, nil
	}})
}

// stepsMax bounds what one expression may do with one claim.
const stepsMax = 200_000

// conditionsMax bounds the conditions of a product.
const conditionsMax = 100

func (c *compiler) add(one condition) {
	if len(c.rules.conditions) == conditionsMax {
		c.wrong(profiles.ExtensionReviewRule, "a product has at most %d review conditions", conditionsMax)
		return
	}
	c.rules.conditions = append(c.rules.conditions, one)
}

// terms reads how claims are reviewed.
func (c *compiler) terms(e fhir.Node) {
	if days := e.Extension("deadlineDays"); days.Exists() {
		n, ok := count(days.Get("valuePositiveInt"), 1, 3650)
		if !ok {
			c.wrong(profiles.ExtensionReviewTerms, "a review is due after 1 to 3650 days")
		}
		c.rules.DeadlineDays = n
	}
	if second := e.Extension("secondOpinion").Get("valueMoney"); second.Exists() {
		value, ok := amount(second.Get("value"))
		if !ok || value < 0 || second.Get("currency").Text() == "" {
			c.wrong(profiles.ExtensionReviewTerms, "a second opinion is asked for above an amount of 0 or more, with its currency")
		}
		c.rules.Second, c.rules.Currency = value, second.Get("currency").Text()
	}
}

// count reads a whole number within bounds.
func count(n fhir.Node, least, most int) (int, bool) {
	a, ok := amount(n)
	value := int(a / fhir.Units(1))
	return value, ok && a%fhir.Units(1) == 0 && value >= least && value <= most
}

// amount reads a number as ten-thousandths.
func amount(n fhir.Node) (fhir.Amount, bool) {
	a, err := fhir.ParseAmount(n.Text())
	return a, err == nil && n.Kind() == fhir.KindNumber && a <= amountMax && a >= -amountMax
}

// amountMax is the largest amount a condition may name: ten billion units.
const amountMax = fhir.Amount(10_000_000_000) * 10_000

// codes reads the codes of CodeableConcepts in extensions of a name.
func codes(e fhir.Node, name string) []Code {
	var list []Code
	for part := range e.Get("extension").Each() {
		if part.Get("url").Text() != name {
			continue
		}
		for coding := range part.At("valueCodeableConcept", "coding").Each() {
			code := Code{coding.Get("system").Text(), coding.Get("code").Text()}
			if code.Code != "" && !slices.Contains(list, code) {
				list = append(list, code)
			}
		}
	}
	return list
}
