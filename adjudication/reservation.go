package adjudication

import (
	"slices"
	"strings"

	"bima/fhir"
)

// A Reserved is what a preauthorization keeps free in one bucket of the ledger.
type Reserved struct {
	Source          fhir.Key // the preauthorization's Claim
	Account, Bucket string
	Day             Day
	Value           int64 // ten-thousandths
}

// authorisationDays is how long a preauthorization holds where no product says.
const authorisationDays = 30

// preauthorization refuses claims for services that the scheme was to agree to
// beforehand and has not: the last of the checks, so that what could not have been
// agreed to is refused for its own reason. In an emergency it may be asked some
// hours after admission, or need not be asked at all, as the product says. Who only
// asks what would be paid is not refused for asking.
func preauthorization(t *trial) {
	if !t.Posts || !t.asksBeforehand() {
		return
	}
	switch {
	case !t.line.Authorised:
		t.deny(ReasonPreauthorization, BearerProvider)
	case t.Visit == Emergency && t.line.AskedAfter > t.plan.EmergencyHours*minutesPerHour:
		t.deny(ReasonPreauthorizationLate, BearerProvider)
	default:
		t.cutToAgreed()
	}
}

// agreedPrefix begins the ledger accounts of the quantities agreed to.
const agreedPrefix = "agreed|"

// AgreedAccount gives the ledger account of the quantities that a preauthorization
// agrees to, by service.
func AgreedAccount(request fhir.Key) string { return agreedPrefix + request.String() }

// Agreed reports whether what is reserved is a quantity agreed to.
func (r *Reserved) Agreed() bool { return strings.HasPrefix(r.Account, agreedPrefix) }

// cutToAgreed cuts the quantity to what was agreed to and no claim has had. Where
// it is not known how much that was, all of the line was agreed to.
func (t *trial) cutToAgreed() {
	bucket := t.line.Service.String()
	accounts := t.agreements(bucket)
	if len(accounts) == 0 {
		return
	}
	var left fhir.Amount
	for _, a := range accounts {
		left += t.agreedLeft(a, bucket)
	}
	if left <= 0 {
		t.deny(ReasonPreauthorization, BearerProvider)
		return
	}
	t.cutQuantity(left, ReasonPreauthorization, BearerProvider)
	t.recount()
	rest := t.out.Quantity
	for _, a := range accounts {
		n := min(rest, t.agreedLeft(a, bucket))
		t.spend(spend{account: a, bucket: bucket, day: t.used(), value: n})
		rest -= n
	}
}

// agreements gives the accounts of the quantities of a service that were agreed to.
func (t *trial) agreements(bucket string) (accounts []string) {
	for i := range t.Reserved {
		if r := &t.Reserved[i]; r.Agreed() && r.Bucket == bucket && !slices.Contains(accounts, r.Account) {
			accounts = append(accounts, r.Account)
		}
	}
	return accounts
}

// agreedLeft gives what the lines before this one have left of a quantity agreed to.
func (t *trial) agreedLeft(account, bucket string) fhir.Amount {
	left := -t.usedHere(account, bucket, Window{})
	for i := range t.Reserved {
		if r := &t.Reserved[i]; r.Account == account && r.Bucket == bucket {
			left += fhir.Amount(r.Value)
		}
	}
	return left
}

const minutesPerHour = 60

// asksBeforehand reports whether the plan wants to agree to the service first.
func (t *trial) asksBeforehand() bool {
	return (t.Visit != Emergency || t.plan.EmergencyHours > 0) &&
		pick(t, func(c *Cover) []Authorisation { return c.Authorised }, func(a *Authorisation) When { return a.When }) != nil
}

// Holds gives the days on which what a preauthorization agrees to may be given,
// false where it agrees to nothing. They begin when it was asked, of an emergency
// when care began, and last as long as the product says after today, and at least
// to the end of the care that was asked for. Of several products the shortest
// time counts.
func (c *Case) Holds(d *Decision, asked, today Day) (Period, bool) {
	days := Day(0)
	for i := range d.Lines {
		l := &d.Lines[i]
		if l.Denied != "" || l.Policy < 0 || l.Benefit() <= 0 && l.Submitted > 0 {
			continue
		}
		own := Day(c.Policies[l.Policy].Plan.AuthorisationDays)
		if own == 0 {
			own = authorisationDays
		}
		if days == 0 || own < days {
			days = own
		}
	}
	from := min(asked, today)
	if c.Visit == Emergency {
		from = min(from, c.Treatment.From)
	}
	return Period{from, max(today+days, c.Treatment.To)}, days > 0
}

// authorised reports whether the line may take what is reserved.
func (t *trial) authorised() bool { return t.line.Authorised || t.Reserves }

// usedBefore is the decider's, less what is reserved for the line.
func (t *trial) usedBefore(account, bucket string, w Window) fhir.Amount {
	return t.unreserved(t.decider.usedBefore(account, bucket, w), account, bucket, w)
}

// unreserved gives what was used before, less what is reserved for the line. It is
// never below 0: what was given back of another time raises no limit.
func (t *trial) unreserved(used fhir.Amount, account, bucket string, w Window) fhir.Amount {
	if len(t.Reserved) > 0 {
		used -= t.freed(account, bucket, w)
	}
	return max(0, used)
}

// freed gives how much of what is reserved in a bucket does not count as used
// before this line: all of it for one that was agreed to, and for another as much
// as those before it have taken in its place.
func (t *trial) freed(account, bucket string, w Window) fhir.Amount {
	var reserved, taken fhir.Amount
	for i := range t.Reserved {
		if r := &t.Reserved[i]; r.Bucket == bucket && r.Account == account && w.contains(r.Day) {
			reserved += fhir.Amount(r.Value)
		}
	}
	if t.authorised() {
		return reserved
	}
	for i := range t.taken {
		if s := &t.taken[i]; s.authorised && s.bucket == bucket && s.account == account && w.contains(s.day) {
			taken += s.value
		}
	}
	return min(reserved, taken)
}

// consumed gives what the lines that were agreed to took of what is reserved.
func (d *decider) consumed() []Reserved {
	if len(d.Reserved) == 0 {
		return nil
	}
	var list []Reserved
	left := slices.Clone(d.Reserved)
	for _, e := range d.entries(func(s *spend) bool { return s.authorised }) {
		for i := range left {
			r := &left[i]
			n := min(e.Value, r.Value)
			if r.Account != e.Account || r.Bucket != e.Bucket || n <= 0 {
				continue
			}
			r.Value -= n
			e.Value -= n
			took := *r
			took.Value = n
			list = append(list, took)
		}
	}
	return list
}

// take counts a value as used of a limit.
func (t *trial) take(l *Limit, value fhir.Amount, crossing bool) {
	of := t.countedIn(l, crossing)
	s := spend{
		account: of.account, bucket: of.bucket, slot: of.slot,
		day: t.used(), value: value, claimOnly: l.Scope == ScopeTreatment, borne: t.stage == StageDeductible, money: !crossing,
	}
	if l.Span == SpanDay {
		t.spread(s, func(day Day) fhir.Amount { return t.leftIn(of, dayOnly(day)) })
		return
	}
	t.spend(s)
}

// spend notes use; limits that share a bucket and an account share one entry.
func (t *trial) spend(s spend) {
	if s.value <= 0 {
		return
	}
	if s.slot == 0 {
		s.slot = t.slotOf(s.account, s.bucket)
	}
	s.authorised = t.authorised()
	for i := range t.spends {
		if have := &t.spends[i]; have.slot == s.slot && have.day == s.day {
			have.claimOnly = have.claimOnly && s.claimOnly
			return
		}
	}
	t.spends = append(t.spends, s)
}

// count adds what a line takes to what those before it took.
func (d *decider) count(spends []spend) {
	if d.taken == nil {
		d.taken = make([]spend, 0, len(spends)*len(d.Lines))
	}
	for _, s := range spends {
		have := d.like(&s)
		switch {
		case have == nil:
			d.push(s)
		case !s.once:
			have.value += s.value
		}
	}
}

// like gives what lines before took that differs from a spend in nothing but its
// value; nil where there is none.
func (d *decider) like(s *spend) *spend {
	for i := d.slots[s.slot-1].last; i > 0; i = d.taken[i-1].prev {
		if have := &d.taken[i-1]; have.day == s.day && have.claimOnly == s.claimOnly && have.authorised == s.authorised {
			return have
		}
	}
	return nil
}

// entries gives the ledger entries of the claim that count: one an account, bucket
// and day.
func (d *decider) entries(counts func(*spend) bool) []fhir.Entry {
	list, before := make([]fhir.Entry, 0, len(d.taken)), make([]int, 0, len(d.taken))
	last := make([]int, len(d.slots)) // where in the list the last of each slot is, from 1
	for i := range d.taken {
		s := &d.taken[i]
		if s.claimOnly || !counts(s) {
			continue
		}
		of := &last[s.slot-1]
		n := *of
		for n > 0 && (!s.once || s.daily) && list[n-1].Day != s.day {
			n = before[n-1]
		}
		switch {
		case n == 0:
			list = append(list, fhir.Entry{Account: s.account, Bucket: s.bucket, Day: s.day, Value: int64(s.value)})
			before = append(before, *of)
			*of = len(list)
		case !s.once:
			list[n-1].Value += int64(s.value)
		}
	}
	return list
}
