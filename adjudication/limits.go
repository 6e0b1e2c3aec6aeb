package adjudication

import (
	"slices"
	"strings"

	"bima/fhir"
	"bima/profiles"
)

// How often and how many: the limits that count uses, visits and units.

// frequency refuses a service that the same person had, on another claim, within
// the days that must lie between two uses, whichever came first.
// Source: openIMIS reason 5.
func frequency(t *trial) {
	if t.line.Tariff.FrequencyDays == 0 {
		return
	}
	if t.had(frequencyWindow(t.line)) {
		t.deny(ReasonFrequency, BearerMember)
	}
}

// frequencyWindow gives the days in which an earlier or later use is too near.
func frequencyWindow(l *Line) Window {
	days := Day(l.Tariff.FrequencyDays)
	return Window{l.Served.From - days, l.Served.To + days + 1}
}

// quantityLimit cuts the quantity to what is left of the plan's limit, and
// refuses the line where nothing is left. As with every limit of what a member is
// entitled to (visits, waiting, ceilings), what is beyond it is his own.
// Source: openIMIS reason 16.
func quantityLimit(t *trial) {
	if l := t.quantity(); l != nil {
		left := t.left(l, true)
		if left == 0 {
			t.deny(ReasonQuantity, BearerMember)
			return
		}
		t.cutQuantity(left, ReasonQuantityCut, BearerMember)
	}
	t.takeQuantity()
}

// takeQuantity counts the quantity of the line as used: for the limit that holds, for
// those of one person in all plans that may cover the patient, and of the service.
func (t *trial) takeQuantity() {
	if l := t.quantity(); l != nil {
		t.take(l, t.out.Quantity, true)
	}
	for i := range t.Policies {
		if p := &t.Policies[i]; p.Plan != nil {
			t.takeFor(p)
		}
	}
	if t.counted() {
		t.spend(spend{account: t.Patient.Account, bucket: t.line.use(), day: t.used(), value: t.out.Quantity})
		t.takeDays()
	}
}

// takeFor counts the quantity for the limits per person of a policy: those of the
// Cover that the policy would go by, and of more specific ones that hold but for the
// patient's age.
func (t *trial) takeFor(p *Policy) {
	for c := range t.coversUnder(p) {
		goes := false
		for i := range c.Quantities {
			l := &c.Quantities[i]
			if !t.countsFor(p, l.When) {
				continue
			}
			goes = goes || t.holdsFor(p, l.When)
			if l.Scope != ScopeIndividual {
				continue
			}
			s := spend{account: t.Patient.Account, bucket: l.bucket(), day: t.used(), value: t.out.Quantity}
			s.slot = t.slotOf(s.account, s.bucket)
			switch {
			case slices.ContainsFunc(t.spends, func(have spend) bool { return have.slot == s.slot }): // it counts already
			case l.Span == SpanDay:
				t.spread(s, func(Day) fhir.Amount { return largest })
			default:
				t.spend(s)
			}
		}
		if goes {
			return
		}
	}
}

// coversUnder gives what the plan of a policy says on the line, the most specific
// first.
func (t *trial) coversUnder(p *Policy) func(yield func(*Cover) bool) {
	return func(yield func(*Cover) bool) {
		if p == t.policy {
			slices.Values(t.covers)(yield)
			return
		}
		if c := p.Plan.Services[t.line.Service]; c != nil && !yield(c) {
			return
		}
		for _, c := range p.Plan.Sets[t.line.Service] {
			if !yield(c) {
				return
			}
		}
		for _, category := range t.categories() {
			if c := p.Plan.Categories[category]; c != nil && !yield(c) {
				return
			}
		}
		yield(p.Plan.All)
	}
}

// recount counts the quantity anew where it was cut after it had been counted.
func (t *trial) recount() {
	t.spends = slices.DeleteFunc(t.spends, func(s spend) bool { return strings.HasPrefix(s.bucket, "use") })
	t.takeQuantity()
}

// quantity gives the limit of the quantity that holds for the line, nil for none.
func (t *trial) quantity() *Limit {
	return pick(t, func(c *Cover) []Limit { return c.Quantities }, limitWhen)
}

// counted reports whether any rule asks how often the person had this service.
func (t *trial) counted() bool {
	if t.line.Tariff.FrequencyDays > 0 {
		return true
	}
	for i := range t.Policies {
		if p := t.Policies[i].Plan; p != nil && (p.Repeats || p.Services[t.line.Service] != nil && len(p.Services[t.line.Service].Quantities) > 0) {
			return true
		}
	}
	return false
}

func limitWhen(l *Limit) When { return l.When }

// categoryLimit refuses a service where the member has had as many claims of the
// claim's category, of one of the service's own, of a set that it is in, with the
// service, or of any, as the plan allows. A claim counts once. What is of none of openIMIS's categories, as
// drugs are, is never refused for one, and counts where the claim has nothing else.
// Source: openIMIS reasons 11 to 15 and 19.
func categoryLimit(t *trial) {
	if !t.countVisits(func(p *Plan) *Cover { return p.Services[t.line.Service] }, ReasonMaximum, true) {
		return
	}
	for i := range t.sets() {
		if !t.countVisits(func(p *Plan) *Cover { return p.set(t.line.Service, i) }, ReasonMaximum, true) {
			return
		}
	}
	for _, category := range t.categories() {
		if !category.isKind() && !t.countCategory(category, true) {
			return
		}
	}
	if service := t.service(); service || !t.classed {
		if !t.countCategory(t.kind, service) {
			return
		}
	}
	t.countVisits(func(p *Plan) *Cover { return p.All }, ReasonMaximum, true)
}

// sets gives in how many sets of services of one plan the line is at most.
func (t *trial) sets() (most int) {
	for i := range t.Policies {
		if p := t.Policies[i].Plan; p != nil {
			most = max(most, len(p.Sets[t.line.Service]))
		}
	}
	return most
}

// set gives what a plan says on one of the sets that a service is in.
func (p *Plan) set(service Code, i int) *Cover {
	if list := p.Sets[service]; i < len(list) {
		return list[i]
	}
	return nil
}

// countCategory counts the claim in a category, and reports false where the line is
// refused because that is used up.
func (t *trial) countCategory(category Code, refuses bool) bool {
	return t.countVisits(func(p *Plan) *Cover { return p.Categories[category] }, maximumReason(category), refuses)
}

// countVisits counts the claim for what the plan says on one thing, and reports false
// where the line is refused because that is used up.
func (t *trial) countVisits(of func(*Plan) *Cover, why Reason, refuses bool) bool {
	if c := of(t.plan); c != nil {
		if l := t.pickLimit(c.Visits); l != nil {
			if refuses && !t.visitLeft(l) {
				t.deny(why, BearerMember)
				return false
			}
			t.countFamily(c)
		}
	}
	t.countCrossing(of)
	return true
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

// visitLeft reports whether a limit allows one more claim, where it is per day on each
// day of the line.
func (t *trial) visitLeft(l *Limit) bool {
	s, most := t.countedIn(l, true), l.maximum(t.policy)
	if l.Span != SpanDay {
		return t.earlier(s, s.window)+one <= most
	}
	days := t.line.each()
	for day := days.From; day <= days.To; day++ {
		if t.earlier(s, dayOnly(day))+one > most {
			return false
		}
	}
	return true
}

// countFamily counts the claim for the limits of the family that hold. Those of the
// member count across policies.
func (t *trial) countFamily(c *Cover) {
	for i := range c.Visits {
		if l := &c.Visits[i]; l.Scope == ScopeFamily && t.countsFor(t.policy, l.When) {
			t.countClaim(t.policy.Account, l)
		}
	}
}

func (t *trial) countClaim(account string, l *Limit) {
	s := spend{account: account, bucket: l.bucket(), day: t.used(), value: one, once: true}
	if l.Span != SpanDay {
		t.spend(s)
		return
	}
	s.daily = true
	days := t.line.each()
	for s.day = days.From; s.day <= days.To; s.day++ {
		t.spend(s)
	}
}

// countCrossing counts the claim for the limits per person of the other plans
// that may cover the patient: they count across policies.
func (t *trial) countCrossing(of func(*Plan) *Cover) {
	for i := range t.Policies {
		plan := t.Policies[i].Plan
		if plan == nil {
			continue
		}
		c := of(plan)
		if c == nil {
			continue
		}
		for j := range c.Visits {
			if l := &c.Visits[j]; l.Scope == ScopeIndividual && t.countsFor(&t.Policies[i], l.When) {
				t.countClaim(t.Patient.Account, l)
			}
		}
	}
}

// countsFor reports whether what the line uses counts for a limit of another policy.
// The limits of adults and of children count the same: nobody begins anew at the age
// of majority.
func (t *trial) countsFor(p *Policy, w When) bool {
	w.Age = AnyAge
	return t.holdsFor(p, w)
}

// holdsFor reports whether a condition of another policy holds for the line.
func (t *trial) holdsFor(p *Policy, w When) bool {
	if w == (When{}) {
		return true
	}
	other := trial{decider: t.decider, line: t.line, policy: p, plan: p.Plan, on: t.on}
	_, ok := other.holds(w)
	return ok
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
