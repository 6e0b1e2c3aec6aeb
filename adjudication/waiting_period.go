package adjudication

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
