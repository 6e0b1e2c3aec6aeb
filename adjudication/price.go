package adjudication

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

// fixedLimit cuts the line to what the plan pays at most for a unit.
func fixedLimit(t *trial) {
	if term := t.term(func(c *Cover) []Term { return c.UnitMaximum }); term != nil {
		t.lowerTo(t.times(term.Value, t.out.Quantity), ReasonFixedLimit, BearerMember)
	}
}
