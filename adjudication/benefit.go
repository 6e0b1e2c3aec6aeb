package adjudication

// What the plan says of a service: whether it is covered, and from when.

// product refuses what the plan does not cover. Source: openIMIS reason 3.
func product(t *trial) {
	for _, c := range t.covers {
		if c.Covered || c.CoveredIn != AnySetting && c.CoveredIn == t.setting() {
			return
		}
	}
	t.deny(ReasonNotInPlan, BearerMember)
}

// consult gathers what the plan says on the line, the most specific first, and
// what has ceilings that it counts against: its service, the sets that it is in, its own
// categories of the scheme, and the claim's category.
func (t *trial) consult() {
	if c := t.plan.Services[t.line.Service]; c != nil {
		t.covers, t.capped = append(t.covers, c), append(t.capped, c)
	}
	for _, c := range t.plan.Sets[t.line.Service] {
		t.covers, t.capped = append(t.covers, c), append(t.capped, c)
	}
	for _, category := range t.categories() {
		if c := t.plan.Categories[category]; c != nil {
			t.covers = append(t.covers, c)
			if !category.isKind() {
				t.capped = append(t.capped, c)
			}
		}
	}
	t.covers = append(t.covers, t.plan.All)
	if c := t.plan.Categories[t.kind]; c != nil {
		t.capped = append(t.capped, c)
	}
}

// categories gives the categories of the line's service.
func (t *trial) categories() []Code {
	if t.line.Tariff == nil {
		return nil
	}
	return t.line.Tariff.Categories
}

// waitingPeriod refuses services for which the member has not waited long
// enough. Members of a renewed policy who were in it from its first day don't
// wait again. Source: openIMIS reason 17.
func waitingPeriod(t *trial) {
	until, waits := t.waitsUntil()
	if waits && t.day() < until {
		t.deny(ReasonWaiting, BearerMember)
	}
}

// waitsUntil gives the first day on which the service is paid.
func (t *trial) waitsUntil() (Day, bool) {
	w := pick(t, func(c *Cover) []Waiting { return c.Waiting }, func(w *Waiting) When { return w.When })
	if w == nil || w.Months == 0 && w.Days == 0 {
		return 0, false
	}
	p := t.policy
	from := p.WaitingFrom
	if from == FirstDay {
		if p.Renewal && p.Covered.From <= p.Policy.From {
			return 0, false
		}
		from = p.Covered.From
	}
	if from == FirstDay {
		return 0, false
	}
	return addMonths(from, w.Months) + Day(w.Days), true
}
