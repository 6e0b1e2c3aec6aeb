package insuranceplan

import (
	"context"
	"fmt"

	"bima/adjudication/terms"
	"bima/fhir"
	"bima/profiles"
)

// required are the elements without which nobody can buy a product or be paid
// under it. Source: IHE FAIS, InsurancePlan profile.
var required = []string{"ownedBy", "administeredBy", "coverage", "plan"}

// check asks what the product itself can answer, and whether policies allow that
// it changes.
func (m module) check(_ context.Context, r fhir.Reader, c fhir.Change) error {
	if c.After != nil && isProduct(c.Node) {
		if issues := Check(c.Node); fhir.Failed(issues) {
			return &fhir.Outcome{Issues: issues}
		}
	}
	return pinned(r, c)
}

// isProduct reports whether an InsurancePlan is a product of the scheme.
func isProduct(plan fhir.Node) bool { return plan.Identifier(profiles.IdentifierProduct) != "" }

// Check gives what is wrong with a product by itself: errors where it contradicts
// itself or lacks what nobody can do without, warnings for what no decision goes
// by.
func Check(plan fhir.Node) []fhir.Issue {
	c := &checker{}
	for _, name := range required {
		if !plan.Get(name).Exists() {
			c.wrong("InsurancePlan."+name, "a product of the scheme needs this element")
		}
	}
	c.parameters(plan)
	_, issues := terms.CompilePlan(plan)
	for _, i := range issues {
		if i.Detail == "" {
			i.Detail = detailProduct
		}
		if i.Code == fhir.IssueBusinessRule { // also what is passed over in what was sold before
			i.Severity = fhir.SeverityError
		}
		c.issues = append(c.issues, i)
	}
	return c.issues
}

// A checker is one run of Check.
type checker struct {
	issues   []fhir.Issue
	said     map[string]string // what was said, and where
	cycles   []string
	costs    []cost
	currency string // of the contributions
}

func (c *checker) wrong(at, format string, args ...any) {
	c.issues = append(c.issues, fhir.Issue{
		Severity: fhir.SeverityError, Code: fhir.IssueBusinessRule, Detail: detailProduct,
		Expression: at, Diagnostics: fmt.Sprintf(format, args...),
	})
}

// once refuses what is said a second time.
func (c *checker) once(at, what string) {
	if c.said == nil {
		c.said = map[string]string{}
	}
	if first, twice := c.said[what]; twice {
		c.wrong(at, "%s says this already; leave one of the two out", first)
		return
	}
	c.said[what] = at
}

// parameters checks what is no matter of claims, in the order in which one
// follows from another.
func (c *checker) parameters(plan fhir.Node) {
	c.sold(plan.Get("period"))
	k := c.kind(plan)
	calendar := c.calendar(plan)
	for _, e := range elements(plan.Get("extension")) {
		at := extensionOf("InsurancePlan", e)
		switch e.Get("url").Text() {
		case profiles.ExtensionOpenIMISStartCycle:
			c.cycle(e, calendar, at)
		case profiles.ExtensionOpenIMISMaxInstallments:
			if n, ok := whole(e.Get("valueUnsignedInt"), instalmentsMax); !ok || n == 0 {
				c.wrong(at, "a contribution is paid in 1 to %d instalments; leave the number out where it is open", instalmentsMax)
			}
		case profiles.ExtensionCeilingScope:
			if code := e.Get("valueCode").Text(); code != "stay" && code != "hospital" {
				c.wrong(at, "in-patient care goes by the stay or the hospital, not by %.40q", code)
			}
		case profiles.ExtensionAccountingCode:
			c.once(at, "account "+e.Extension("purpose").Get("valueCode").Text())
		}
	}
	for i, coverage := range elements(plan.Get("coverage")) {
		for j, benefit := range elements(coverage.Get("benefit")) {
			for l, limit := range elements(benefit.Get("limit")) {
				c.limit(limit, fmt.Sprintf("InsurancePlan.coverage[%d].benefit[%d].limit[%d]", i, j, l))
			}
		}
	}
	for i, part := range elements(plan.Get("plan")) {
		c.part(part, fmt.Sprintf("InsurancePlan.plan[%d]", i))
	}
	c.suits(k, plan)
}

// sold checks the days on which the product is sold.
func (c *checker) sold(period fhir.Node) {
	if days := fhir.WholeDays(period); !days.From.IsZero() && !days.To.IsZero() && !days.From.Before(days.To) {
		c.wrong("InsurancePlan.period", "the product would end before it begins")
	}
}

// extensionOf gives the path of an extension.
func extensionOf(at string, e fhir.Node) string {
	return at + ".extension('" + e.Get("url").Text() + "')"
}

// elements gives the elements of an array.
func elements(n fhir.Node) []fhir.Node {
	var list []fhir.Node
	for e := range n.Each() {
		list = append(list, e)
	}
	return list
}
