package adjudication_test

import (
	"math/big"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"bima/adjudication"
	"bima/fhir"
)

// An oracle decides claims a second time, as slowly and plainly as the rules of money
// read, to be compared with what Adjudicate says. It knows prices, quantities, fixed
// limits, deductibles, percentages, fixed amounts, ceilings, and policies in order.
type oracle struct {
	c      *adjudication.Case
	ledger []fhir.Entry
	here   []fhir.Entry // what the lines before used, of a treatment's limits too
}

// A verdict is what one policy would pay of a line.
type verdict struct {
	benefit, member fhir.Amount
	refused         bool
	uses            []fhir.Entry
}

func TestAnOracleDecidesTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := draw(t, rapid.IntRange(1, 3).Draw(t, "policies"))
		ledger := slices.DeleteFunc(drawLedger(t, &c), func(e fhir.Entry) bool {
			i := slices.IndexFunc(c.Policies, func(p adjudication.Policy) bool { return e.Account == p.Account || e.Account == p.Member })
			return i >= 0 && e.Day > c.Policies[i].Policy.To // a policy has no use after its end
		})
		learn(&c, ledger)
		d := adjudication.Adjudicate(c)
		o := &oracle{c: &c, ledger: ledger}
		for i := range c.Lines {
			policy, want := o.line(&c.Lines[i])
			got := &d.Lines[i]
			if got.Benefit() != want.benefit {
				t.Fatalf("line %d: %s are paid by %d, want %s by %d", i+1, got.Benefit(), got.Policy, want.benefit, policy)
			}
			if want.benefit > 0 && (got.Policy != policy || got.MemberLiability() != want.member) {
				t.Fatalf("line %d: the member owes %s beside policy %d, want %s beside %d", i+1, got.MemberLiability(), got.Policy, want.member, policy)
			}
		}
	})
}

// line gives what the first policy pays that pays. Of those that pay nothing the
// one that does not refuse uses things up all the same.
func (o *oracle) line(l *adjudication.Line) (policy int, v verdict) {
	order := []int{0, 1, 2}[:len(o.c.Policies)]
	slices.SortStableFunc(order, func(a, b int) int {
		last := func(order int) int { // those without one come last
			if order == 0 {
				return 9
			}
			return order
		}
		return last(o.c.Policies[a].Order) - last(o.c.Policies[b].Order)
	})
	unpaid := -1
	var used []fhir.Entry
	for _, i := range order {
		v := o.under(&o.c.Policies[i], l)
		if v.benefit > 0 || !v.refused && l.Asked.Round(fhir.MinorUnits(o.c.Currency)) == 0 {
			o.here = append(o.here, v.uses...)
			return i, v
		}
		if !v.refused && unpaid < 0 {
			unpaid, used = i, v.uses
		}
	}
	o.here = append(o.here, used...)
	return unpaid, verdict{}
}

// A review of one line under one policy.
type looking struct {
	*oracle
	p      *adjudication.Policy
	l      *adjudication.Line
	covers []*adjudication.Cover
	places int
	rest   fhir.Amount
	member fhir.Amount
	uses   []fhir.Entry
}

func (o *oracle) under(p *adjudication.Policy, l *adjudication.Line) verdict {
	if l.Served.From < p.Policy.From || l.Served.To > p.Policy.To {
		return verdict{refused: true}
	}
	k := &looking{oracle: o, p: p, l: l, places: fhir.MinorUnits(o.c.Currency)}
	if own := p.Plan.Services[l.Service]; own != nil {
		k.covers = append(k.covers, own)
	}
	k.covers = append(k.covers, p.Plan.Categories[category("scheme:kind")], p.Plan.All)
	k.rest = l.Asked.Round(k.places)
	quantity, ok := k.prices()
	if !ok {
		return verdict{refused: true}
	}
	k.shares(quantity)
	k.ceilings()
	return verdict{benefit: k.rest, member: k.member, uses: k.uses}
}

// prices cuts the line to its price and quantity, and gives the quantity.
func (k *looking) prices() (quantity fhir.Amount, ok bool) {
	quantity = k.l.Quantity
	if k.l.UnitPrice > 0 {
		k.rest = min(k.rest, k.part(k.l.UnitPrice, quantity, 10_000))
	}
	k.rest = min(k.rest, k.part(k.l.Tariff.Prices[0].Amount, quantity, 10_000))
	if limit := best(k, func(c *adjudication.Cover) []adjudication.Limit { return c.Quantities }, func(l adjudication.Limit) adjudication.When { return l.When }); limit != nil {
		left := k.left(limit, true)
		if left <= 0 {
			return 0, false
		}
		if left < quantity {
			k.memberBears(k.rest - k.part(k.rest, left, quantity))
			quantity = left
		}
		k.use(k.account(limit, true), limit.Bucket, quantity)
	}
	for i := range k.c.Policies {
		k.counts(&k.c.Policies[i], quantity)
	}
	for _, p := range k.c.Policies {
		if own := p.Plan.Services[k.l.Service]; own != nil && len(own.Quantities) > 0 {
			k.use(k.c.Patient.Account, "use|"+k.l.Service.Code, quantity)
		}
	}
	if most := best(k, func(c *adjudication.Cover) []adjudication.Term { return c.UnitMaximum }, termWhen); most != nil {
		k.memberBears(k.rest - k.part(most.Value, quantity, 10_000))
	}
	return quantity, true
}

// counts counts a quantity for the limits of the person in a policy: of the entry that
// the policy would go by, and of those before it that are of another age.
func (k *looking) counts(p *adjudication.Policy, quantity fhir.Amount) {
	other := looking{oracle: k.oracle, p: p, l: k.l}
	for _, c := range []*adjudication.Cover{p.Plan.Services[k.l.Service], p.Plan.Categories[category("scheme:kind")], p.Plan.All} {
		if c == nil {
			continue
		}
		goes := false
		for _, l := range c.Quantities {
			ageless := l.When
			ageless.Age = adjudication.AnyAge
			if other.says(ageless) >= 0 && l.Scope == adjudication.ScopeIndividual {
				k.use(k.c.Patient.Account, l.Bucket, quantity)
			}
			goes = goes || other.says(l.When) >= 0
		}
		if goes {
			return
		}
	}
}

func termWhen(t adjudication.Term) adjudication.When { return t.When }

// shares lets the member bear deductible, percentage and fixed amount.
func (k *looking) shares(quantity fhir.Amount) {
	k.deductible()
	if share := best(k, func(c *adjudication.Cover) []adjudication.Term { return c.Shares }, termWhen); share != nil {
		amount := k.part(k.rest, share.Value, 1_000_000)
		if most := best(k, func(c *adjudication.Cover) []adjudication.Term { return c.ShareMaximum }, termWhen); most != nil && most.Value < amount {
			amount = most.Value
		}
		k.memberBears(amount)
	}
	pay := best(k, func(c *adjudication.Cover) []adjudication.Copay { return c.Copays }, func(c adjudication.Copay) adjudication.When { return c.When })
	switch {
	case pay == nil:
	case pay.Per == adjudication.PerUnit:
		k.memberBears(k.part(pay.Amount, quantity, 10_000))
	case pay.Per == adjudication.PerTreatment:
		paid := k.memberBears(pay.Amount - k.sum(k.here, k.p.Account, "copay", adjudication.Always()))
		k.use(k.p.Account, "copay", paid)
	default:
		k.memberBears(pay.Amount)
	}
}

// deductible bears the least that is left of those that say most about the line.
func (k *looking) deductible() {
	for _, c := range k.covers {
		most := -1
		for _, l := range c.Deductibles {
			most = max(most, k.says(l.When))
		}
		if most < 0 {
			continue
		}
		var holding []*adjudication.Limit
		least := fhir.Amount(1) << 60
		for i := range c.Deductibles {
			if l := &c.Deductibles[i]; k.says(l.When) == most {
				holding, least = append(holding, l), min(least, max(0, k.left(l, false)))
			}
		}
		borne := k.memberBears(least)
		for _, l := range holding {
			k.use(k.account(l, false), l.Bucket, borne)
		}
		return
	}
}

// ceilings leaves what is left of each ceiling that holds, and uses that up.
func (k *looking) ceilings() {
	exempt := best(k, func(c *adjudication.Cover) []adjudication.Exemption { return c.Exempt }, func(e adjudication.Exemption) adjudication.When { return e.When }) != nil
	var holding []*adjudication.Limit
	for _, c := range k.covers {
		for i := range c.Ceilings {
			if l := &c.Ceilings[i]; k.says(l.When) >= 0 && (c != k.p.Plan.All || !exempt) {
				holding = append(holding, l)
			}
		}
	}
	for _, l := range holding {
		left := max(0, k.left(l, false))
		minor := fhir.Amount(10_000)
		for range k.places {
			minor /= 10
		}
		k.memberBears(k.rest - left/minor*minor)
	}
	for _, l := range holding {
		k.use(k.account(l, false), l.Bucket, k.rest)
	}
}

// memberBears lowers the line by an amount in whole minor units, and gives it.
func (k *looking) memberBears(amount fhir.Amount) fhir.Amount {
	amount = max(0, min(amount.Round(k.places), k.rest))
	k.rest, k.member = k.rest-amount, k.member+amount
	return amount
}

// part gives a × b / c, rounded half-up to the minor unit.
func (k *looking) part(a, b, c fhir.Amount) fhir.Amount {
	unit := big.NewInt(10_000)
	for range k.places {
		unit.Quo(unit, big.NewInt(10))
	}
	n := new(big.Int).Mul(big.NewInt(int64(a)), big.NewInt(int64(b)))
	d := new(big.Int).Mul(big.NewInt(int64(c)), unit)
	n.Add(n.Mul(n, big.NewInt(2)), d)
	n.Quo(n, d.Mul(d, big.NewInt(2)))
	return fhir.Amount(n.Mul(n, unit).Int64())
}

// says tells how much a condition says of the line; −1 where it does not hold.
func (k *looking) says(w adjudication.When) (much int) {
	c := k.c
	inpatient := c.Visit == adjudication.Inpatient || c.Treatment.From != c.Treatment.To
	if k.p.Plan.HospitalSetting {
		inpatient = c.Facility.Hospital
	}
	child := c.Patient.Born == 18_000 // the other one drawn is of 1983
	if w.Visit != adjudication.AnyVisit && w.Visit != c.Visit || w.Referred && !c.Referred ||
		w.Setting == adjudication.SettingInpatient && !inpatient || w.Setting == adjudication.SettingOutpatient && inpatient ||
		w.Age == adjudication.Child && !child || w.Age == adjudication.Adult && child {
		return -1
	}
	if w.Referred {
		much += 4
	}
	if w.Visit != adjudication.AnyVisit {
		much += 2
	}
	if w.Setting != adjudication.AnySetting {
		much += 2
	}
	if w.Age != adjudication.AnyAge {
		much++
	}
	return much
}

// best gives the rule that says most, of the first Cover that has one that holds.
func best[T any](k *looking, rules func(*adjudication.Cover) []T, when func(T) adjudication.When) *T {
	for _, c := range k.covers {
		var found *T
		most := -1
		for _, r := range rules(c) {
			if much := k.says(when(r)); much > most {
				found, most = &r, much
			}
		}
		if found != nil {
			return found
		}
	}
	return nil
}

func (k *looking) account(l *adjudication.Limit, person bool) string {
	switch {
	case l.Scope != adjudication.ScopeIndividual:
		return k.p.Account
	case person || l.Span == adjudication.SpanLifetime:
		return k.c.Patient.Account
	}
	return k.p.Member
}

// left gives what is left of a limit.
func (k *looking) left(l *adjudication.Limit, person bool) fhir.Amount {
	account, in := k.account(l, person), adjudication.Always()
	switch l.Span {
	case adjudication.SpanPolicy:
		in = k.p.Policy
	case adjudication.SpanYear:
		for _, from := range []adjudication.Day{20454, 20819, 21184, 21550} { // 2026 to 2029
			if from <= k.l.Served.To {
				in.From = from
			}
		}
		in.To = min(k.p.Policy.To, in.From+364)
		if in.From == 21184 {
			in.To = min(k.p.Policy.To, in.From+365) // 2028 has a leap day
		}
	}
	maximum := l.Maximum
	if more := k.p.Members - l.Extra.Threshold; l.Extra.Threshold > 0 && more > 0 {
		grown := maximum + l.Extra.Amount*fhir.Amount(more)
		if l.Extra.Maximum > 0 {
			grown = max(maximum, min(grown, l.Extra.Maximum))
		}
		maximum = grown
	}
	if l.Scope == adjudication.ScopeTreatment {
		return maximum - k.sum(k.here, account, l.Bucket, adjudication.Always())
	}
	return maximum - k.sum(k.here, account, l.Bucket, in) - k.sum(k.ledger, account, l.Bucket, in)
}

func (k *looking) sum(of []fhir.Entry, account, bucket string, in adjudication.Period) fhir.Amount {
	return usedIn(of, account, bucket, in)
}

// use notes what the line uses, once of each account and bucket.
func (k *looking) use(account, bucket string, value fhir.Amount) {
	if value > 0 && !slices.ContainsFunc(k.uses, func(e fhir.Entry) bool { return e.Account == account && e.Bucket == bucket }) {
		k.uses = append(k.uses, fhir.Entry{Account: account, Bucket: bucket, Day: k.l.Served.To, Value: int64(value)})
	}
}
