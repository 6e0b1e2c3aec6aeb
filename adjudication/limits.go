package adjudication

import (
	"slices"
	"strings"

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
	account, bucket := t.Patient.Account, t.line.use()
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

// takeQuantity counts the quantity of the line as used.
func (t *trial) takeQuantity() {
	if l := t.quantity(); l != nil {
		t.take(l, t.out.Quantity, true)
	}
	if t.counted() {
		t.spend(spend{account: t.Patient.Account, bucket: t.line.use(), day: t.used(), value: t.out.Quantity})
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
// claim's category, of one of the service's own, with the service, or of any, as the
// plan allows. A claim counts once. What is of none of openIMIS's categories, as
// drugs are, is never refused for one, and counts where the claim has nothing else.
// Source: openIMIS reasons 11 to 15 and 19.
func categoryLimit(t *trial) {
	if !t.countVisits(func(p *Plan) *Cover { return p.Services[t.line.Service] }, ReasonMaximum, true) {
		return
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
			s := t.countedIn(l, true)
			if refuses && t.unreserved(s.before, s.account, s.bucket, s.window)+one > t.allowed(l) {
				t.deny(why, BearerMember)
				return false
			}
			t.countClaim(s.account, l)
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

func (t *trial) countClaim(account string, l *Limit) {
	day := t.used()
	if l.Span == SpanDay {
		day = t.line.Served.To
	}
	t.spend(spend{account: account, bucket: l.bucket(), day: day, value: one, once: true})
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
	if w.Age = AnyAge; w == (When{}) {
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
