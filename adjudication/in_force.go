package adjudication

import "slices"

// duplicate refuses a claim that bears the number of another: care is paid once.
// Source: openIMIS reason 6, which openIMIS reserves and never gives.
func duplicate(t *trial) {
	if t.Duplicate {
		t.deny(ReasonDuplicate, BearerProvider)
	}
}

// targetDate refuses lines without dates, treatments that end before they begin,
// claims that are made on a day to come or for what was not begun when they were made
// (what is to come is asked by a preauthorization), what ended before the patient's
// birth, and what began after his death. Where nobody says when he died, nothing can
// be paid until somebody does.
// Source: openIMIS reason 9.
func targetDate(t *trial) {
	switch {
	case !t.Dated, t.Treatment.To < t.Treatment.From, t.line.Served.To < t.line.Served.From, t.ahead(), t.early():
		t.deny(ReasonDate, BearerProvider)
	case t.Patient.HasBirth && t.line.Served.To < t.Patient.Born:
		t.deny(ReasonBirth, BearerProvider)
	case t.Patient.Dead && t.line.Served.From > t.Patient.Died:
		t.deny(ReasonDeath, BearerProvider)
	case t.Patient.Gone:
		t.deny(ReasonDeathUndated, BearerProvider)
	}
}

// ahead reports whether the claim says that it is made on a day to come. A day more
// is none: the zone of the facility may be ahead.
func (t *trial) ahead() bool {
	return t.Posts && t.Stamped && t.Clocked && t.Made > t.Today+1
}

// early reports whether the line was claimed before it was begun.
func (t *trial) early() bool {
	return t.Posts && t.Stamped && max(t.Treatment.From, t.line.Served.From) > t.Claimed
}

// eligibility refuses lines on days for which the policy does not cover the
// patient: policy and membership must both hold on all days of service, or on the
// day that the plan decides a stay by. Source: openIMIS reason 7.
func eligibility(t *trial) {
	p := t.policy
	if p == nil || p.Stopped || !p.Policy.Contains(t.on) || !p.Covered.Contains(t.on) {
		t.deny(ReasonCoverage, BearerMember)
		return
	}
	if p.Plan == nil {
		t.deny(ReasonNotInPlan, BearerMember)
		return
	}
	t.plan = p.Plan
	t.consult()
}

// facility refuses what a facility did on days without a contract with the
// scheme. Who was taken in before it ended or was suspended is treated to the end:
// the first day of service counts, or that of a stay that its admission decides; of an
// in-patient's stay that of his admission does, too.
func facility(t *trial) {
	if t.Facility.Contract == nil || t.contracted(min(t.on.From, t.line.Served.From)) {
		return
	}
	if t.Visit == Inpatient && t.Treatment.Contains(t.line.Served) && t.contracted(t.Treatment.From) {
		return
	}
	t.deny(ReasonFacility, BearerProvider)
}

// contracted reports whether the facility, which has a contract, had it on a day.
func (t *trial) contracted(day Day) bool {
	f, on := &t.Facility, Period{day, day}
	return f.Contract.Contains(on) && !slices.ContainsFunc(f.Suspended, func(s Period) bool { return s.Contains(on) })
}

// currency refuses lines in another currency than the claim's, and claims in
// another than the plan's: the scheme does not guess a rate.
func currency(t *trial) {
	line, plan := t.line.Currency, t.plan.Currency
	if t.Currency == "" || line != "" && line != t.Currency || plan != "" && plan != t.Currency {
		t.deny(ReasonCurrency, BearerProvider)
	}
}

// PricedOn gives the days that decide which entry of the register a line is priced
// by: those that decide under the policy that is asked first of those that cover the
// patient then, and those of service where none does.
func (c *Case) PricedOn(l *Line) Period {
	for _, i := range candidates(nil, c.Policies) {
		p := &c.Policies[i]
		on := c.decidedOn(p, l)
		if p.Plan != nil && !p.Stopped && p.Policy.Contains(on) && p.Covered.Contains(on) {
			return on
		}
	}
	return l.Served
}
