package adjudication

import "bima/fhir"

// A Window is the days From <= day < To; both 0 is all time. See fhir.Tally.
type Window struct{ From, To Day }

func (w Window) contains(d Day) bool {
	return w == Window{} || w.From <= d && d < w.To
}

// A spend is what a line takes of a bucket.
type spend struct {
	account, bucket string
	slot            slot
	day             Day
	value           fhir.Amount
	claimOnly       bool // it counts within this claim only, and is not posted
	once            bool // it counts once a claim, however many lines take it
	daily           bool // … on each of its days
	money           bool // it counts money, not uses
	borne           bool // it is what the member bears, not what the scheme gives
	authorised      bool // of a line that was agreed to beforehand
	prev            int  // where in the decider's list the one before of its slot is, from 1
}

// How long use counts for a limit per pregnancy: from its first day to well after
// the latest delivery, or where that day is not known, back from the day of service.
const (
	pregnancyDays    = 280
	pregnancyDaysMax = 315
)

// BucketOf names the ledger bucket of a limit: what it counts ("benefit",
// "deductible", "use", "visit"), what it is on ("" for all), and under which
// condition. Two limits of one name share their use.
func BucketOf(counts string, target string, w When) string {
	name := counts
	if target != "" {
		name += "|" + target
	}
	if w == (When{}) {
		return name
	}
	name += "|" + [...]string{"", "AMB", "EMER", "IMP"}[w.Visit] +
		[...]string{"", "adult", "child"}[w.Age] +
		[...]string{"", "out", "in"}[w.Setting]
	if w.Referred {
		name += "referred"
	}
	if w.Group != "" {
		name += "|" + w.Group
	}
	return name
}

// shared gives the bucket that the limit shared; see Limit.Shared.
func (l *Limit) shared() string {
	if l.Span == SpanDay {
		return l.Shared + "|day"
	}
	return l.Shared
}

// bucket gives the ledger bucket of the limit. Use is counted on the day it was
// had for a limit per day, and for others on a day of the policy that pays, so
// these two never share a bucket.
func (l *Limit) bucket() string {
	if l.Span == SpanDay {
		return l.Bucket + "|day"
	}
	return l.Bucket
}

// String gives the code as a bucket and a person read it: "system|code".
func (c Code) String() string {
	if c.System == "" {
		return c.Code
	}
	return c.System + "|" + c.Code
}

// use names the bucket of the days on which the line's service was used: by the
// code that the register has it under, whichever of its codes is claimed.
func (l *Line) use() string { return "use|" + l.service().String() }

func (l *Line) service() Code {
	if l.Tariff == nil || l.Tariff.Service == (Code{}) {
		return l.Service
	}
	return l.Tariff.Service
}

// account gives the ledger account a limit of a policy counts in. Counts and
// quantities of one person go across policies, and so does money over a lifetime or a
// pregnancy; other money is per policy.
func (c *Case) account(p *Policy, l *Limit, crossing bool) string {
	switch {
	case l.Scope == ScopeFamily || l.Scope == ScopeTreatment:
		return p.Account
	case crossing || l.Span == SpanLifetime || l.Span == SpanPregnancy:
		return c.Patient.Account
	}
	return p.Member
}

// place gives the ledger account a limit of a policy counts in, and the days over
// which it does. An account of the policy holds nothing but days of the policy,
// so all of it is as good as the policy's period.
func (c *Case) place(p *Policy, l *Limit, crossing bool, line *Line) (account string, w Window) {
	account = c.account(p, l, crossing)
	if l.Span == SpanDay {
		return account, Window{line.Served.From, line.Served.To + 1}
	}
	day := c.usedOn(p, line)
	if account != c.Patient.Account && (l.Span == SpanPolicy || l.Span == SpanYear && yearOf(p.Policy, day) == p.Policy) {
		return account, Window{}
	}
	if began := c.Patient.Pregnant; l.Span == SpanPregnancy && c.Patient.Expects && began <= day && day <= began+pregnancyDaysMax {
		return account, Window{began, began + pregnancyDaysMax + 1}
	}
	return account, window(p, l.Span, day)
}

// window gives the days of a span.
func window(p *Policy, span TimeSpan, day Day) Window {
	period := Period{max(p.Policy.From, p.Covered.From), min(p.Policy.To, p.Covered.To)}
	switch span {
	case SpanLifetime:
		return Window{}
	case SpanPregnancy:
		period = Period{day - pregnancyDays, day}
	case SpanYear:
		period = yearOf(p.Policy, day)
	}
	if p.UseFrom != 0 && (span == SpanPolicy || span == SpanYear) && period.From <= p.Covered.From {
		period.From = min(period.From, p.UseFrom)
	}
	if period == Always() {
		return Window{}
	}
	if period.To == LastDay {
		return Window{period.From, LastDay}
	}
	return Window{period.From, period.To + 1}
}

// usedBefore sums what earlier claims took, usedHere what earlier lines of this
// claim did.
func (d *decider) usedBefore(account, bucket string, w Window) fhir.Amount {
	var sum fhir.Amount
	for i := range d.Used {
		u := &d.Used[i]
		if u.Window == w && !u.Daily && u.Bucket == bucket && u.Account == account {
			sum += fhir.Amount(u.Value)
		}
	}
	return sum
}

func (d *decider) usedHere(account, bucket string, w Window) fhir.Amount {
	return d.usedIn(d.slotOf(account, bucket), w)
}

func (d *decider) usedIn(at slot, w Window) fhir.Amount {
	var sum fhir.Amount
	for i := d.slots[at-1].last; i > 0; i = d.taken[i-1].prev {
		if s := &d.taken[i-1]; w.contains(s.day) {
			sum += s.value
		}
	}
	return sum
}

// push adds to what was taken, and drop takes away what was added beyond the first n.
func (d *decider) push(s spend) {
	of := &d.slots[s.slot-1]
	s.prev = of.last
	d.taken = append(d.taken, s)
	of.last = len(d.taken)
}

func (d *decider) drop(n int) {
	for i := len(d.taken) - 1; i >= n; i-- {
		d.slots[d.taken[i].slot-1].last = d.taken[i].prev
	}
	d.taken = d.taken[:n]
}

// A slot is an account and a bucket, numbered from 1 within a decision.
type slot int32

// A slotName is what a slot stands for.
type slotName struct {
	account, bucket string
	last            int // where in the decider's list its last spend is, from 1; 0 where there is none
}

// slotOf gives the number of an account and a bucket.
func (d *decider) slotOf(account, bucket string) slot {
	for i := range d.slots {
		if n := &d.slots[i]; n.bucket == bucket && n.account == account {
			return slot(i + 1)
		}
	}
	d.slots = append(d.slots, slotName{account: account, bucket: bucket})
	return slot(len(d.slots))
}

// A countedIn says what a limit is counted in for lines of some days, and how much
// of it earlier claims took.
type countedIn struct {
	limit           *Limit
	policy          *Policy
	served          Period
	account, bucket string
	slot            slot
	window          Window
	before          fhir.Amount // where it is not counted day by day
	shared          fhir.Amount // … of the bucket that it shared
}

// countedIn gives that of a limit for this line. It is found out once, though most
// limits are asked for by every line of a claim.
func (t *trial) countedIn(l *Limit, crossing bool) *countedIn {
	for i := range t.known {
		if s := &t.known[i]; s.limit == l && s.policy == t.policy && s.served == t.line.Served {
			return s
		}
	}
	s := countedIn{limit: l, policy: t.policy, served: t.line.Served, bucket: l.bucket()}
	s.account, s.window = t.place(t.policy, l, crossing, t.line)
	if l.Scope == ScopeTreatment {
		s.window = Window{}
	} else {
		s.before = t.decider.usedBefore(s.account, s.bucket, s.window)
		if l.Shared != "" {
			s.shared = t.decider.usedBefore(s.account, l.shared(), s.window)
		}
	}
	s.slot = t.slotOf(s.account, s.bucket)
	t.known = append(t.known, s)
	return &t.known[len(t.known)-1]
}

// earlier gives what earlier claims took of a limit, in its window or on one of the
// line's days, less what is reserved for the line.
func (t *trial) earlier(s *countedIn, w Window) fhir.Amount {
	own, shared := s.before, s.shared
	if w != s.window {
		own = t.usedOnDay(s.account, s.bucket, s.window, w.From)
		if s.limit.Shared != "" {
			shared = t.usedOnDay(s.account, s.limit.shared(), s.window, w.From)
		}
	}
	own = t.unreserved(own, s.account, s.bucket, w)
	return own + t.unreserved(shared, s.account, s.limit.shared(), w)
}

// left gives what remains of a limit for this line, never below 0: of one per day
// what each of its days has left, together.
func (t *trial) left(l *Limit, crossing bool) (sum fhir.Amount) {
	s := t.countedIn(l, crossing)
	switch {
	case l.Scope == ScopeTreatment:
		return max(0, l.maximum(t.policy)-t.usedIn(s.slot, s.window))
	case l.Span != SpanDay:
		return t.leftIn(s, s.window)
	}
	days := t.line.each()
	for day := days.From; day <= days.To; day++ {
		sum += t.leftIn(s, dayOnly(day))
	}
	return sum
}

// leftIn gives what remains of a limit in its window, or on one day of the line.
func (t *trial) leftIn(s *countedIn, w Window) fhir.Amount {
	return max(0, s.limit.maximum(t.policy)-t.usedIn(s.slot, w)-t.earlier(s, w))
}

// days gives the number of days of service.
func (l *Line) days() int64 { return int64(l.Served.To) - int64(l.Served.From) + 1 }

// maximum gives the limit for a policy with as many members as it has.
func (l *Limit) maximum(p *Policy) fhir.Amount {
	beyond := p.Members - l.Extra.Threshold
	if l.Extra.Threshold == 0 || beyond <= 0 {
		return l.Maximum
	}
	grown := l.Maximum + portion(l.Extra.Amount, fhir.Amount(beyond), 1, 4)
	if l.Extra.Maximum > 0 {
		return max(l.Maximum, min(grown, l.Extra.Maximum))
	}
	return grown
}

// Accounts gives the ledger accounts of the policies of the Case. Asked for of
// all time, leaving out the claim itself, they answer most of its Tallies.
func (c *Case) Accounts() []string {
	var accounts []string
	for i := range c.Policies {
		if p := &c.Policies[i]; p.Plan != nil && !p.Stopped {
			accounts = append(accounts, p.Account, p.Member)
		}
	}
	return accounts
}

// Tallies gives the sums of earlier use that a Case needs, one a window; the
// caller puts each answer into Case.Used with the window it was asked for.
// source is the claim itself, whose own use in an earlier decision is left out.
func (c *Case) Tallies(source fhir.Key) []fhir.Tally {
	asked := &asks{source: source}
	asked.kind, _ = c.kind()
	for i := range c.Policies {
		p := &c.Policies[i]
		if p.Plan == nil || p.Stopped {
			continue
		}
		for j := range c.Lines {
			c.ask(asked, p, &c.Lines[j])
		}
		if p.Plan.Admissions && c.stay() {
			asked.add(c.nights(), c.Patient.Account)
		}
		if c.Inquiry {
			c.askAll(asked, p)
		}
	}
	return asked.tallies
}

// ask notes what one line needs to know under one policy.
func (c *Case) ask(a *asks, p *Policy, l *Line) {
	if !p.Covered.Contains(c.decidedOn(p, l)) {
		return
	}
	if l.Tariff != nil && l.Tariff.FrequencyDays > 0 {
		a.add(frequencyWindow(l), c.Patient.Account)
	}
	if p.Plan.Repeats || l.Tariff != nil && len(l.Tariff.Exclusive) > 0 {
		a.add(dayWindow(l), c.Patient.Account)
	}
	t := trial{decider: &decider{Case: c}, line: l, policy: p, plan: p.Plan}
	t.consult()
	if cover := p.Plan.Categories[a.kind]; cover != nil {
		a.limits(c, p, l, cover.Ceilings, false)
		a.limits(c, p, l, cover.Visits, true)
	}
	for _, cover := range t.covers {
		a.limits(c, p, l, cover.Ceilings, false)
		a.limits(c, p, l, cover.Deductibles, false)
		a.limits(c, p, l, cover.Quantities, true)
		a.limits(c, p, l, cover.Visits, true)
	}
}

// Learn adds the answer to one of the Tallies.
func (c *Case) Learn(t fhir.Tally, balances []fhir.Balance) {
	for _, b := range balances {
		c.Used = append(c.Used, Use{
			Window: Window{t.From, t.To}, Daily: t.Apart, Day: b.LastDay, Account: b.Account, Bucket: b.Bucket, Value: b.Value,
		})
	}
}
