package adjudication

import "bima/profiles"

// How often and how many: the limits that count uses, visits and units.

// frequency refuses a service that the same person had, on another claim, within
// the days that must lie between two uses, whichever came first.
// Source: openIMIS reason 5.
func frequency(t *trial) {
	if t.line.Tariff.FrequencyDays == 0 {
		return
	}
	account, bucket := t.Patient.Account, useBucket(t.line.Service)
	if t.usedBefore(account, bucket, frequencyWindow(t.line)) > 0 {
		t.deny(ReasonFrequency, BearerMember)
	}
}

// frequencyWindow gives the days in which an earlier or later use is too near.
func frequencyWindow(l *Line) Window {
	days := Day(l.Tariff.FrequencyDays)
	return Window{l.Served.To - days, l.Served.To + days + 1}
}

// quantityLimit cuts the quantity to what is left of the plan's limit, and
// refuses the line where nothing is left. Source: openIMIS reason 16.
func quantityLimit(t *trial) {
	if l := pick(t, func(c *Cover) []Limit { return c.Quantities }, limitWhen); l != nil {
		left := t.left(l, true)
		if left == 0 {
			t.deny(ReasonQuantity, BearerProvider)
			return
		}
		t.cutQuantity(left, ReasonQuantityCut, BearerProvider)
		t.take(l, t.out.Quantity, true)
	}
	if t.counted() {
		t.spend(spend{account: t.Patient.Account, bucket: useBucket(t.line.Service), day: t.day(), value: t.out.Quantity})
	}
}

// counted reports whether any rule asks how often the person had this service.
func (t *trial) counted() bool {
	if t.line.Tariff.FrequencyDays > 0 {
		return true
	}
	for i := range t.Policies {
		if p := t.Policies[i].Plan; p != nil && p.Services[t.line.Service] != nil && len(p.Services[t.line.Service].Quantities) > 0 {
			return true
		}
	}
	return false
}

func limitWhen(l *Limit) When { return l.When }

// categoryLimit refuses a service of a category of which the member has had as
// many claims as the plan allows. A claim counts once, however many of its
// lines are of the category. Source: openIMIS reasons 11 to 15 and 19.
func categoryLimit(t *trial) {
	for _, category := range t.categories() {
		c := t.plan.Categories[category]
		if c == nil {
			continue
		}
		if l := t.pickLimit(c.Visits); l != nil {
			account, w := t.place(t.policy, l, true, t.day())
			if t.usedBefore(account, l.Bucket, w)+one > l.maximum(t.policy) {
				t.deny(maximumReason(category), BearerMember)
				return
			}
			t.countClaim(account, l.Bucket)
		}
		t.countCrossing(category)
	}
}

// pickLimit gives the most specific of the limits that hold.
func (t *trial) pickLimit(limits []Limit) *Limit {
	var best *Limit
	most := -1
	for i := range limits {
		if n, ok := t.holds(limits[i].When); ok && n > most {
			best, most = &limits[i], n
		}
	}
	return best
}

func (t *trial) countClaim(account, bucket string) {
	t.spend(spend{account: account, bucket: bucket, day: t.day(), value: one, once: true})
}

// countCrossing counts the claim for the limits per person of the other plans
// that may cover the patient: they count across policies.
func (t *trial) countCrossing(category Code) {
	for i := range t.Policies {
		plan := t.Policies[i].Plan
		if plan == nil || plan.Categories[category] == nil {
			continue
		}
		for _, l := range plan.Categories[category].Visits {
			if l.Scope == ScopeIndividual {
				t.countClaim(t.Patient.Account, l.Bucket)
			}
		}
	}
}

// maximumReason gives openIMIS's reason for a category of its own.
func maximumReason(category Code) Reason {
	if category.System != profiles.SystemOpenIMISServiceKind {
		return ReasonMaximum
	}
	switch category.Code {
	case "H":
		return ReasonAdmissions
	case "V":
		return ReasonVisits
	case "C":
		return ReasonConsultations
	case "S":
		return ReasonSurgeries
	case "D":
		return ReasonDeliveries
	case "A":
		return ReasonAntenatal
	}
	return ReasonMaximum
}
