package terms

import (
	"fmt"

	"bima/adjudication"
	"bima/fhir"
)

// What a plan says twice in different words is no plan: which of the two would be
// decided by could not be told from it.

// once notes that something was said, and refuses to hear it again. what tells it
// from all else the plan may say.
func (c *planCompiler) once(at string, what ...any) bool {
	if c.said == nil {
		c.said = map[string]string{}
	}
	key := fmt.Sprint(what...)
	if first, twice := c.said[key]; twice {
		c.wrong(at, "%s says this already, under the same conditions; leave one of the two out", first)
		return false
	}
	c.said[key] = at
	return true
}

// clash reports whether a concept took back what one before it said.
func (q qualifier) clash(before qualifier) bool {
	return before.scope != 0 && q.scope != before.scope ||
		before.spanned && q.span != before.span ||
		before.when.Group != "" && q.when.Group != before.when.Group ||
		before.when.Age != adjudication.AnyAge && q.when.Age != before.when.Age ||
		before.when.Visit != adjudication.AnyVisit && q.when.Visit != before.when.Visit ||
		before.when.Setting != adjudication.AnySetting && q.when.Setting != before.when.Setting
}

// A placed limit is a deductible or ceiling with where the plan has it.
type placed struct {
	adjudication.Limit
	kind, at string
}

// place keeps a deductible or ceiling to be compared with the others.
func (c *planCompiler) place(kind string, l adjudication.Limit, at string) {
	if c.once(at, kind, "|", l.Target, "|", l.When, l.Scope, l.Span) {
		c.placed = append(c.placed, placed{l, kind, at})
	}
}

// compare refuses limits that can never be reached, since a wider one is lower:
// of a treatment above that of a member, of a member above that of the policy, of
// in- or out-patient care above that of all care. Families whose ceiling grows
// with their members are not compared.
func (c *planCompiler) compare() {
	for _, narrow := range c.placed {
		for _, wide := range c.placed {
			if narrow.kind != wide.kind || narrow.Target != wide.Target || narrow.Maximum <= wide.Maximum || wide.Extra.Threshold > 0 {
				continue
			}
			if narrow.within(wide.Limit) {
				c.wrong(narrow.at+".value", "this %s can never be reached: the one of %s, which counts the same and more, is lower", narrow.kind, wide.at)
			}
		}
	}
}

// within reports whether all that one limit counts counts for the other too.
func (p placed) within(wide adjudication.Limit) bool {
	n := p.Limit
	if wide.When.Setting != adjudication.AnySetting && wide.When.Setting != n.When.Setting {
		return false
	}
	n.When.Setting, wide.When.Setting = adjudication.AnySetting, adjudication.AnySetting
	if n.When != wide.When || n.Scope > wide.Scope {
		return false
	}
	return n.Scope == adjudication.ScopeTreatment || n.Span == wide.Span
}

// setting gives an entry's setting to its costs, limits and waiting periods; one that
// names another is refused.
func (c *planCompiler) setting(t target, q *qualifier, at string) {
	if t.when.Setting == adjudication.AnySetting {
		return
	}
	if own := q.money().Setting; own != adjudication.AnySetting && own != t.when.Setting {
		c.wrong(at, "the entry is about in- or out-patient care, and its qualifiers about the other")
	}
	q.when.Setting = t.when.Setting
}

// grows refuses extra members of what is no family's, or in another currency.
func (c *planCompiler) grows(l adjudication.Limit, e fhir.Node, at string) {
	if l.Scope != adjudication.ScopeFamily {
		c.wrong(at, "only the ceiling of a family (benefit-unit family) grows with its members")
	}
	for _, name := range []string{"amount", "maximum"} {
		money := Extension(e, name).Get("valueMoney")
		if money.Exists() && money.Get("currency").Text() != c.plan.Currency {
			c.wrong(at, "the %s of extra members is in the currency of the plan, %s", name, c.plan.Currency)
		}
	}
}
