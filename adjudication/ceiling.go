package adjudication

import "bima/fhir"

// categoryCeiling cuts the line to what is left of the ceilings of its service, of
// its own categories of the scheme, and of the claim's category.
func categoryCeiling(t *trial) {
	for _, c := range t.capped {
		t.cutToCeilings(c.Ceilings)
	}
}

// ceiling cuts the line to what is left of the ceilings of all benefits, of the
// treatment, the member and the policy, unless its service is exempt. It comes
// last, so what is left of the line is what the ceilings are used up by.
func ceiling(t *trial) {
	exempt := t.exempt()
	if !exempt {
		t.cutToCeilings(t.plan.All.Ceilings)
	}
	for _, c := range t.capped {
		t.takeCeilings(c)
	}
	if !exempt {
		t.takeCeilings(t.plan.All)
	}
}

// takeCeilings counts what is paid as used of the ceilings of a Cover that hold.
func (t *trial) takeCeilings(c *Cover) {
	for i := range c.Ceilings {
		if _, ok := t.holds(c.Ceilings[i].When); ok {
			t.take(&c.Ceilings[i], t.rest, false)
		}
	}
}

// cutToCeilings lets the line have at most what each of the ceilings that hold
// has left. What is over is borne by the member.
func (t *trial) cutToCeilings(limits []Limit) {
	for i := range limits {
		l := &limits[i]
		if _, ok := t.holds(l.When); !ok || t.raised(l, limits) {
			continue
		}
		left := whole(t.left(l, false), t.decimals)
		if left > 0 && t.rest >= left {
			t.full = append(t.full, l)
		}
		t.lowerTo(left, ceilingReason(l), BearerMember)
	}
}

// raised reports whether a higher ceiling, of the same scope and time under a more
// specific condition, holds in the place of one: else that could never be reached.
func (t *trial) raised(l *Limit, limits []Limit) bool {
	for i := range limits {
		if o := &limits[i]; t.raises(o, l) {
			if _, ok := t.holds(o.When); ok {
				return true
			}
		}
	}
	return false
}

// raises reports whether a ceiling counts in the place of another where both hold.
func (t *trial) raises(o, l *Limit) bool {
	return o.Scope == l.Scope && o.Span == l.Span && o.When != l.When && l.When.includes(o.When) && o.maximum(t.policy) > l.maximum(t.policy)
}

// includes reports whether a condition holds wherever another one does, in the same
// setting.
func (w When) includes(o When) bool {
	return w.Setting == o.Setting && (w.Visit == AnyVisit || w.Visit == o.Visit) && (!w.Referred || o.Referred) &&
		(w.Age == AnyAge || w.Age == o.Age) && (w.Group == "" || w.Group == o.Group)
}

// whole gives an amount without the part of a minor unit that can't be paid.
func whole(a fhir.Amount, decimals int) fhir.Amount {
	step := fhir.Amount(1)
	for range 4 - decimals {
		step *= 10
	}
	return a - a%step
}

func ceilingReason(l *Limit) Reason {
	switch {
	case l.Target != "":
		return ReasonCeilingCategory
	case l.Scope == ScopeTreatment:
		return ReasonCeilingTreatment
	case l.Scope == ScopeIndividual:
		return ReasonCeilingInsuree
	}
	return ReasonCeilingPolicy
}

// exempt reports whether the line's service stays outside the ceilings of all
// benefits, for this patient in this setting.
func (t *trial) exempt() bool {
	return pick(t, func(c *Cover) []Exemption { return c.Exempt }, func(e *Exemption) When { return e.When }) != nil
}
