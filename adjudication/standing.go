package adjudication

import (
	"cmp"
	"maps"
	"slices"

	"bima/fhir"
)

// A Standing is what one policy gives a patient on a day: whether it is in
// force, what is left, and what it says of the services of a Case. What is paid
// for them is decided by all policies together; see Adjudicate.
type Standing struct {
	InForce bool
	Period  Period   // of the membership within the policy
	Left    []LeftOf // of all benefits, of categories, of sets of services and of single ones
	Lines   []LineStanding
}

// A Measure is what a limit counts.
type Measure uint8

// What limits count.
const (
	MeasureCeiling Measure = iota + 1
	MeasureDeductible
	MeasureVisits
	MeasureQuantity
)

// A LeftOf is how far a limit is used.
type LeftOf struct {
	Limit   *Limit
	Measure Measure
	On      Code        // the service or category; the zero Code is all benefits, or Set
	Set     *ServiceSet // the set of services; nil where it is on something else
	Allowed fhir.Amount
	Used    fhir.Amount // may exceed Allowed where a plan was changed
}

// Money reports whether the limit is on money, and not on a number.
func (l LeftOf) Money() bool {
	return l.Measure == MeasureCeiling || l.Measure == MeasureDeductible
}

// A LineStanding is what a policy says of the service of one line.
type LineStanding struct {
	Waits     bool // whether there is a waiting period
	Until     Day  // the first day after it
	Authorise bool // whether the scheme wants to be asked beforehand
	Share     *fhir.Amount
	Quantity  *LeftOf // nil where there is no limit
}

// Stand tells how a patient stands with one of the policies of a Case. It is in
// force if it is on all days asked about.
func Stand(c *Case, policy int) Standing {
	p := &c.Policies[policy]
	s := Standing{Period: Period{max(p.Policy.From, p.Covered.From), min(p.Policy.To, p.Covered.To)}}
	s.InForce = !p.Stopped && p.Plan != nil && s.Period.Contains(c.Treatment)
	if !s.InForce {
		return s
	}
	alone := *c
	alone.Policies = c.Policies[policy : policy+1]
	d := &decider{Case: &alone}
	s.Left = d.limitsOf(p)
	s.Lines = make([]LineStanding, len(c.Lines))
	for i := range c.Lines {
		s.Lines[i] = d.standing(&c.Lines[i])
	}
	return s
}

// limitsOf gives the limits that hold for the patient on the day, those of all
// benefits first.
func (d *decider) limitsOf(p *Policy) []LeftOf {
	t := newTrial(d, &Line{Served: d.Treatment}, 0)
	t.plan = p.Plan
	list := d.limitsIn(t, p.Plan.All, Code{})
	told := d.quantitiesTold(p.Plan)
	for _, code := range sortedCodes(p.Plan.Categories) {
		c := p.Plan.Categories[code]
		list = append(list, d.limitsIn(t, c, code)...)
		if told(c) {
			list = append(list, d.limitsLike(t, MeasureQuantity, c.Quantities, code)...)
		}
	}
	for i := range p.Plan.Listed {
		set := &p.Plan.Listed[i]
		from := len(list)
		list = append(list, d.limitsIn(t, set.Cover, Code{})...)
		list = append(list, d.limitsLike(t, MeasureQuantity, set.Cover.Quantities, Code{})...)
		for j := range list[from:] {
			list[from+j].Set = set
		}
	}
	return list
}

// servicesTold is of how many services the limits of quantity are told whatever is used;
// where a plan has more, those are told of which something is.
const servicesTold = 50

// quantitiesTold gives which things are told of with their limits of quantity. Where
// some services are asked about these alone are, with their lines.
func (d *decider) quantitiesTold(p *Plan) func(*Cover) bool {
	limited := 0
	for _, c := range p.Categories {
		if len(c.Quantities) > 0 {
			limited++
		}
	}
	used := map[string]bool{}
	for i := range d.Used {
		used[d.Used[i].Bucket] = true
	}
	return func(c *Cover) bool {
		return len(d.Lines) == 0 && (limited <= servicesTold || slices.ContainsFunc(c.Quantities, func(l Limit) bool { return used[l.bucket()] }))
	}
}

func sortedCodes(covers map[Code]*Cover) []Code {
	return slices.SortedFunc(maps.Keys(covers), func(a, b Code) int {
		return cmp.Or(cmp.Compare(a.System, b.System), cmp.Compare(a.Code, b.Code))
	})
}

func (d *decider) limitsIn(t *trial, c *Cover, on Code) []LeftOf {
	list := d.limitsLike(t, MeasureCeiling, c.Ceilings, on)
	list = append(list, d.limitsLike(t, MeasureDeductible, c.Deductibles, on)...)
	return append(list, d.limitsLike(t, MeasureVisits, c.Visits, on)...)
}

// limitsLike gives those that hold of the limits of one measure.
func (d *decider) limitsLike(t *trial, m Measure, limits []Limit, on Code) (list []LeftOf) {
	for i := range limits {
		l := &limits[i]
		raised := func(o Limit) bool {
			return m == MeasureCeiling && o.When.Visit == l.When.Visit && o.When.Referred == l.When.Referred && t.raises(&o, l) && t.concerns(&o)
		}
		if t.concerns(l) && !slices.ContainsFunc(limits, raised) {
			list = append(list, t.leftOf(l, m, on))
		}
	}
	return list
}

// concerns reports whether a limit may hold for the patient, in whatever setting and by
// whatever visit.
func (t *trial) concerns(l *Limit) bool {
	w := l.When
	w.Setting, w.Visit, w.Referred = AnySetting, AnyVisit, false
	_, ok := t.holds(w)
	return ok
}

// leftOf tells how far a limit is used.
func (t *trial) leftOf(l *Limit, m Measure, on Code) LeftOf {
	left := LeftOf{Limit: l, Measure: m, On: on, Allowed: l.maximum(t.policy)}
	if l.Scope != ScopeTreatment {
		left.Used = t.usedOf(t.countedIn(l, m == MeasureVisits || m == MeasureQuantity))
	}
	return left
}

// usedOf gives what earlier claims took of a limit: of one per day on the day that has
// the least left.
func (t *trial) usedOf(s *countedIn) (used fhir.Amount) {
	if s.limit.Span != SpanDay {
		return t.earlier(s, s.window)
	}
	days := t.line.each()
	for day := days.From; day <= days.To; day++ {
		used = max(used, t.earlier(s, dayOnly(day)))
	}
	return used
}

// standing says what the plan has on one line.
func (d *decider) standing(l *Line) (s LineStanding) {
	t := newTrial(d, l, 0)
	t.plan = t.policy.Plan
	t.consult()
	s.Until, s.Waits = t.waitsUntil()
	s.Authorise = t.asksBeforehand()
	if share := t.term(func(c *Cover) []Term { return c.Shares }); share != nil {
		s.Share = &share.Value
	}
	if limit := t.quantity(); limit != nil {
		left := t.leftOf(limit, MeasureQuantity, l.Service)
		s.Quantity = &left
	}
	return s
}

// Priced gives the Case with the list's price on each line that has none, and of a
// package that is paid part by part with that of its parts: of a question what
// something would cost.
func Priced(c Case) Case {
	c.Lines = slices.Clone(c.Lines)
	d := &decider{Case: &c}
	for i := range c.Lines {
		l := &c.Lines[i]
		if l.Tariff == nil || l.Asked > 0 {
			continue
		}
		t := newTrial(d, l, noPolicy)
		if l.Tariff.Pricing == PricingItemised {
			l.Asked = t.itemised()
		} else if price := t.price(); price != nil {
			l.UnitPrice, l.Asked = price.Amount, t.times(price.Amount, l.Quantity)
		}
	}
	return c
}

// askAll notes what Stand needs beyond the lines: the limits of all benefits, of
// each category, of each set of services and of each service.
func (c *Case) askAll(a *asks, p *Policy) {
	l := &Line{Served: c.Treatment}
	covers := append(slices.Collect(maps.Values(p.Plan.Categories)), p.Plan.All)
	for _, set := range p.Plan.Listed {
		covers = append(covers, set.Cover)
	}
	for _, cover := range covers {
		a.limits(c, p, l, cover.Ceilings, false)
		a.limits(c, p, l, cover.Deductibles, false)
		a.limits(c, p, l, cover.Visits, true)
		a.limits(c, p, l, cover.Quantities, true)
	}
}

// asks gathers tallies, joining those of one window.
type asks struct {
	source  fhir.Key
	kind    Code // of the claim
	tallies []fhir.Tally
}

func (a *asks) limits(c *Case, p *Policy, l *Line, limits []Limit, crossing bool) {
	for i := range limits {
		if limits[i].Scope != ScopeTreatment {
			account, w := c.place(p, &limits[i], crossing, l)
			a.ask(w, account, limits[i].Span == SpanDay && l.days() > 1)
		}
	}
}

func (a *asks) add(w Window, account string) { a.ask(w, account, false) }

// ask is add of each day of a window apart, where that is wanted.
func (a *asks) ask(w Window, account string, daily bool) {
	i := slices.IndexFunc(a.tallies, func(t fhir.Tally) bool { return t.From == w.From && t.To == w.To && t.Apart == daily })
	if i < 0 {
		i = len(a.tallies)
		a.tallies = append(a.tallies, fhir.Tally{From: w.From, To: w.To, Except: a.source, Apart: daily})
	}
	if !slices.Contains(a.tallies[i].Accounts, account) {
		a.tallies[i].Accounts = append(a.tallies[i].Accounts, account)
	}
}
