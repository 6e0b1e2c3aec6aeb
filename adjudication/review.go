package adjudication

import "bima/fhir"

// review does as the medical officer said. It comes before the limits, so that
// what he struck out uses up none of them. Source: openIMIS reason -1.
func review(t *trial) {
	r := t.line.Review
	if r == nil {
		return
	}
	if r.Rejected || r.Quantity != nil && *r.Quantity <= 0 {
		t.deny(ReasonReviewer, BearerProvider)
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
