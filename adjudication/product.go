package adjudication

// product refuses what the plan does not cover. Source: openIMIS reason 3.
func product(t *trial) {
	for _, c := range t.covers {
		if c != nil && c.Covered {
			return
		}
	}
	t.deny(ReasonNotInPlan, BearerMember)
}

// consult gathers what the plan says on the line, the most specific first.
func (t *trial) consult() {
	n := 0
	if c := t.plan.Services[t.line.Service]; c != nil {
		t.covers[n], n = c, n+1
	}
	for _, category := range t.categories() {
		if c := t.plan.Categories[category]; c != nil && n < coversMax-1 {
			t.covers[n], n = c, n+1
		}
	}
	t.covers[n] = t.plan.All
}

// categories gives the categories of the line's service.
func (t *trial) categories() []Code {
	if t.line.Tariff == nil {
		return nil
	}
	return t.line.Tariff.Categories
}
