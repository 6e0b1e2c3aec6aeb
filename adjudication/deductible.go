package adjudication

import "bima/fhir"

// deductible lets the member bear the first part of the costs. Where a plan has
// several (per treatment, per member, per policy) the first that is used up ends
// it: "500 a treatment, at most 5,000 a year". One for in- or out-patient care
// replaces the general one.
func deductible(t *trial) {
	limits := t.deductibles()
	if len(limits) == 0 {
		return
	}
	least, amount := limits[0], largest
	for _, l := range limits {
		if left := t.left(l, false); left < amount {
			least, amount = l, left
		}
	}
	before := t.rest
	t.cut(amount, deductibleReason(least), BearerMember)
	for _, l := range limits {
		t.take(l, before-t.rest, false)
	}
}

// deductibles gives the deductibles that hold for the line: of the most specific
// Cover that has one, those under the most specific condition.
func (t *trial) deductibles() []*Limit {
	for _, c := range t.covers {
		if c == nil {
			break
		}
		var found []*Limit
		most := 0
		for i := range c.Deductibles {
			n, ok := t.holds(c.Deductibles[i].When)
			switch {
			case !ok || n < most:
				continue
			case n > most:
				found, most = found[:0], n
			}
			found = append(found, &c.Deductibles[i])
		}
		if len(found) > 0 {
			return found
		}
	}
	return nil
}

func deductibleReason(l *Limit) Reason {
	switch l.Scope {
	case ScopeTreatment:
		return ReasonDeductibleTreatment
	case ScopeIndividual:
		return ReasonDeductibleInsuree
	}
	return ReasonDeductiblePolicy
}

// minorUnits gives the decimals of the line's currency.
func (t *trial) minorUnits() int {
	if t.out.Currency != "" {
		return fhir.MinorUnits(t.out.Currency)
	}
	return fhir.MinorUnits(t.Currency)
}
