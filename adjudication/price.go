package adjudication

import (
	"cmp"

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
		t.lowerTo(t.times(*r.Price, t.out.Quantity), ReasonReviewPrice, BearerProvider)
	}
}

// cutQuantity lowers the quantity, and the line in proportion.
func (t *trial) cutQuantity(to fhir.Amount, why Reason, by Bearer) {
	if to >= t.out.Quantity {
		return
	}
	t.lowerTo(portion(t.rest, to, t.out.Quantity, t.minorUnits()), why, by)
	t.out.Quantity = to
}

// price cuts the line to unit price times quantity, and then to the price of the
// facility's list, unless the plan pays the price asked. It never raises: who
// asks less than the list is paid what he asks.
func price(t *trial) {
	if t.line.UnitPrice > 0 {
		t.lowerTo(t.times(t.line.UnitPrice, t.out.Quantity), ReasonArithmetic, BearerProvider)
	}
	switch t.origin() {
	case OriginOwn:
		return
	case OriginRelative:
		t.out.Relative = true
	}
	t.lowerTo(t.times(t.price().Amount, t.out.Quantity), ReasonListPrice, BearerProvider)
}

// origin gives where the plan takes the price from: the list, if it does not say.
func (t *trial) origin() Origin {
	for _, c := range t.covers {
		if c != nil && c.Origin != OriginUnsaid {
			return c.Origin
		}
	}
	return OriginList
}

// fixedLimit cuts the line to what the plan pays at most for a unit, which is nothing
// where it only tracks.
func fixedLimit(t *trial) {
	if t.plan.Tracks {
		t.lowerTo(0, ReasonTracking, BearerProvider)
		return
	}
	if term := t.term(func(c *Cover) []Term { return c.UnitMaximum }); term != nil {
		t.lowerTo(t.times(term.Value, t.out.Quantity), ReasonFixedLimit, BearerMember)
	}
}
