package adjudication

// targetDate refuses lines without dates, and treatments that end before they
// begin. Source: openIMIS reason 9.
func targetDate(t *trial) {
	if !t.Dated || t.Treatment.To < t.Treatment.From || t.line.Served.To < t.line.Served.From {
		t.deny(ReasonDate, BearerProvider)
	}
}

// eligibility refuses lines on days for which the policy does not cover the
// patient: policy and membership must both hold on all days of service.
// Source: openIMIS reason 7.
func eligibility(t *trial) {
	p := t.policy
	if p == nil || p.Stopped || !p.Policy.Contains(t.line.Served) || !p.Covered.Contains(t.line.Served) {
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

// currency refuses lines in another currency than the claim's, and claims in
// another than the plan's: the scheme does not guess a rate.
func currency(t *trial) {
	line, plan := t.line.Currency, t.plan.Currency
	if t.Currency == "" || line != "" && line != t.Currency || plan != "" && plan != t.Currency {
		t.deny(ReasonCurrency, BearerProvider)
	}
}
