package adjudication

import (
	"cmp"
	"slices"

	"bima/fhir"
)

// What a line may cost: as the reviewer, the list and the plan say.

// review does as the medical officer said. It comes before the limits, so that
// what he struck out uses up none of them. Source: openIMIS reason -1.
func review(t *trial) {
	r := t.line.Review
	if r == nil {
		return
	}
	if r.Rejected || r.Quantity != nil && *r.Quantity <= 0 {
		t.deny(cmp.Or(r.Reason, ReasonReviewer), BearerProvider)
		return
	}
	if r.Quantity != nil {
		t.cutQuantity(*r.Quantity, ReasonReviewQuantity, BearerProvider)
	}
	if r.Price != nil {
		why := ReasonReviewPrice
		if r.Reason == ReasonExtrapolated {
			why = r.Reason
		}
		t.lowerTo(t.times(*r.Price, t.out.Quantity), why, BearerProvider)
	}
}

// cutQuantity lowers the quantity, and the line in proportion.
func (t *trial) cutQuantity(to fhir.Amount, why Reason, by Bearer) {
	if to >= t.out.Quantity {
		return
	}
	t.lowerTo(portion(t.rest, to, t.out.Quantity, t.decimals), why, by)
	t.out.Quantity = to
}

// price cuts the line to unit price times quantity, and then to the price of the
// facility's list, unless the plan pays the price asked. It never raises: who
// asks less than the list is paid what he asks. What is above the list is not to
// be asked of the patient, unless the plan lets the facility bill the balance.
func price(t *trial) {
	if t.line.UnitPrice > 0 {
		t.lowerTo(t.times(t.line.UnitPrice, t.out.Quantity), ReasonArithmetic, BearerProvider)
	}
	if t.line.Tariff.Pricing == PricingItemised || t.replacesWage() != nil {
		return
	}
	switch t.origin() {
	case OriginOwn:
		return
	case OriginRelative:
		t.out.Relative = true
	}
	why, by := ReasonListPrice, BearerProvider
	if t.plan.BalanceBilling {
		why, by = ReasonBalanceBilling, BearerMember
	}
	t.lowerTo(t.times(t.price().Amount, t.out.Quantity), why, by)
}

// origin gives where the plan takes the price from: the list, if it does not say.
func (t *trial) origin() Origin {
	for _, c := range t.covers {
		if c.Origin != OriginUnsaid {
			return c.Origin
		}
	}
	return OriginList
}

// fixedLimit cuts the line to what the plan pays at most for a unit.
func fixedLimit(t *trial) {
	if term := t.term(func(c *Cover) []Term { return c.UnitMaximum }); term != nil {
		t.lowerTo(t.times(term.Value, t.out.Quantity), ReasonFixedLimit, BearerMember)
	}
}

// tracking cuts the line to nothing where the plan only records. Its cut is what the
// service was worth by the rules before it; the patient owes none of it.
func tracking(t *trial) {
	if t.plan.Tracks {
		t.lowerTo(0, ReasonTracking, BearerProvider)
	}
}

// capitation cuts to nothing what the facility was paid for by heads. Its cut is
// what the service was worth; the patient owes none of it.
func capitation(t *trial) {
	if !t.paidByHeads() {
		return
	}
	if pick(t, func(c *Cover) []Capitation { return c.Capitated }, func(c *Capitation) When { return c.When }) != nil {
		t.lowerTo(0, ReasonCapitated, BearerProvider)
	}
}

// paidByHeads reports whether the plan pays a facility of this level by heads.
func (t *trial) paidByHeads() bool {
	levels := t.plan.Capitated
	return len(levels) == 0 || slices.ContainsFunc(t.Facility.Levels, func(l Code) bool { return slices.Contains(levels, l) })
}
