package adjudication

import "bima/profiles"

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
