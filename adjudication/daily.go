package adjudication

import (
	"cmp"
	"slices"

	"bima/fhir"
)

// What counts day by day of a line that spans several days: limits per day, services
// that are had once a day or now and then, services in place of each other.

// daysMax bounds how many days of one line, or nights of one stay, are counted one by
// one. Of a line that is longer its last days are.
const daysMax = 400

// each gives the days of the line that are counted one by one.
func (l *Line) each() Period {
	return Period{max(l.Served.From, l.Served.To-daysMax+1), l.Served.To}
}

// dayOnly is the window of one day.
func dayOnly(d Day) Window { return Window{d, d + 1} }

// usedOnDay sums what earlier claims took on one day of a window that was asked for
// day by day.
func (d *decider) usedOnDay(account, bucket string, w Window, day Day) (sum fhir.Amount) {
	for i := range d.Used {
		u := &d.Used[i]
		if u.Daily && u.Day == day && u.Window == w && u.Bucket == bucket && u.Account == account {
			sum += fhir.Amount(u.Value)
		}
	}
	return sum
}

// onDays names the bucket of the days on which the line's service was had, but for
// the one on which its quantity counts; see Line.use.
func (l *Line) onDays() string { return "days|" + l.service().String() }

// had reports whether the person had the line's service by another claim on a day of a
// window.
func (t *trial) had(w Window) bool {
	account := t.Patient.Account
	return t.usedBefore(account, t.line.use(), w) > 0 || t.usedBefore(account, t.line.onDays(), w) > 0
}

// takeDays counts the days of service but for the one on which the quantity counts,
// where a rule asks on which days the person had the service.
func (t *trial) takeDays() {
	days, counted := t.line.each(), t.used()
	if days.From == days.To && days.To == counted || !t.watched() {
		return
	}
	s := spend{account: t.Patient.Account, bucket: t.line.onDays(), value: one}
	for s.day = days.From; s.day <= days.To; s.day++ {
		if s.day != counted {
			t.spend(s)
		}
	}
}

// watched reports whether a rule asks on which days the person had the service.
func (t *trial) watched() bool {
	return t.line.Tariff.FrequencyDays > 0 ||
		slices.ContainsFunc(t.Policies, func(p Policy) bool { return p.Plan != nil && p.Plan.Repeats })
}

// spread spends a value, which is no more than the days of the line have left, over
// them: evenly as far as each has that much, what does not divide on the last one.
func (t *trial) spread(s spend, left func(Day) fhir.Amount) {
	days := t.line.each()
	if days.From == days.To {
		s.day = days.To
		t.spend(s)
		return
	}
	type share struct {
		day         Day
		left, takes fhir.Amount
	}
	var shares []share
	for day := days.From; day <= days.To; day++ {
		shares = append(shares, share{day: day, left: left(day)})
	}
	slices.SortStableFunc(shares, func(a, b share) int { return cmp.Compare(a.left, b.left) })
	rest := s.value
	for i := range shares {
		n := min(shares[i].left, rest/fhir.Amount(len(shares)-i))
		shares[i].takes = n
		rest -= n
	}
	slices.SortFunc(shares, func(a, b share) int { return cmp.Compare(a.day, b.day) })
	for _, each := range shares {
		s.day, s.value = each.day, each.takes
		t.spend(s)
	}
}
