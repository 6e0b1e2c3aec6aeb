package adjudication

// Care that was had already: the same service on the same day, another hospital in
// the same night, another service in place of this one. What other claims had is
// told by the buckets of use of the person, in which every claim counts whose plan
// asks, whoever claimed.

// bucketNights counts the nights a person was in hospital.
const bucketNights = "nights"

// repeat refuses a service that the person had on one of its days by another claim,
// and stays in nights that the person was in hospital by another claim.
func repeat(t *trial) {
	if t.once() && t.had(dayWindow(t.line)) {
		t.deny(ReasonRepeat, BearerProvider)
		return
	}
	if !t.plan.Admissions || !t.stay() {
		return
	}
	nights := t.nights()
	if t.usedBefore(t.Patient.Account, bucketNights, nights) > 0 {
		t.deny(ReasonAdmission, BearerProvider)
		return
	}
	if t.usedHere(t.Patient.Account, bucketNights, nights) > 0 {
		return
	}
	for night := nights.From; night < nights.To; night++ {
		t.spend(spend{account: t.Patient.Account, bucket: bucketNights, day: night, value: one})
	}
}

// once reports whether the plan pays the service once a day.
func (t *trial) once() bool {
	if !t.plan.Repeats {
		return false
	}
	for _, c := range t.covers {
		if c.Once != Unsaid {
			return c.Once == Yes
		}
	}
	return false
}

// dayWindow are the days of service.
func dayWindow(l *Line) Window { return Window{l.Served.From, l.Served.To + 1} }

// nights gives the nights of a stay: the day of discharge is free for another.
func (c *Case) nights() Window {
	return Window{c.Treatment.From, min(c.Treatment.To, c.Treatment.From+daysMax)}
}

// exclusive refuses a service where another one of its group was had, on one of its
// days or in the same claim. What comes first is paid.
func exclusive(t *trial) {
	account := t.Patient.Account
	for _, e := range t.line.Tariff.Exclusive {
		group := "exclusive|" + e.Group
		own := group + "|" + t.line.service().String()
		w, others := Window{}, int64(0)
		if !e.Claim {
			w = dayWindow(t.line)
			others = int64(t.usedBefore(account, group, w) - t.usedBefore(account, own, w))
		}
		others += int64(t.usedHere(account, group, w) - t.usedHere(account, own, w))
		if others > 0 {
			t.deny(ReasonExclusive, BearerProvider)
			return
		}
		days := t.line.each()
		if e.Claim {
			days.From = days.To
		}
		for _, bucket := range []string{group, own} {
			for day := days.From; day <= days.To; day++ {
				t.spend(spend{account: account, bucket: bucket, day: day, value: one, claimOnly: e.Claim})
			}
		}
	}
}
