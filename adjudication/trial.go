package adjudication

import (
	"math/bits"
	"slices"

	"bima/fhir"
)

// A trial is one line looked at under one policy: what the stages work on.
type trial struct {
	*decider
	stage    Stage
	line     *Line
	policy   *Policy  // nil where the patient has none
	plan     *Plan    // of the policy; set once StageEligibility has passed
	on       Period   // the days that decide: those of service, or the one the plan decides a stay by
	covers   []*Cover // that speak of the line, the most specific first
	capped   []*Cover // whose ceilings it counts against, beside that of all benefits
	found    []*Limit // the deductibles that hold for it
	age      Age      // of the patient on the day; AnyAge where nobody has asked
	decimals int      // the decimals of its currency
	out      LineOutcome
	rest     fhir.Amount // what is left of the line: Submitted − Σ Adjustments
	spends   []spend
	full     []*Limit    // the ceilings that this line used up
	within   fhir.Amount // how much of the line is part of a package beside it
	before   *trial      // of the policy that pays first, where this one is asked after it
	alone    int         // how many of its spends are its own, where others pay too
	joined   []*trial    // of the policies that pay after this one
	pooled   fhir.Amount // what it takes of what other insurers have paid of the claim
}

// newTrial begins a trial in the memory of one of a line before.
func newTrial(d *decider, l *Line, p int) *trial {
	currency, foreign := d.Currency, ""
	if l.Currency != "" && l.Currency != currency {
		currency, foreign = l.Currency, l.Currency
	}
	decimals := fhir.MinorUnits(currency)
	asked := max(0, l.Asked).Round(decimals)
	t := d.space()
	*t = trial{
		decider: d, line: l, rest: asked, decimals: decimals,
		covers: t.covers[:0], capped: t.capped[:0], found: t.found[:0], spends: t.spends[:0], full: t.full[:0],
		out: LineOutcome{
			Sequence: l.Sequence, Policy: p, Submitted: asked, Currency: foreign, Quantity: max(0, l.Quantity),
			Adjustments: t.out.Adjustments[:0],
		},
	}
	if p != noPolicy {
		t.policy = &d.Policies[p]
	}
	t.on = d.decidedOn(t.policy, l)
	return t
}

// space gives the memory of a trial of a line before, or new memory.
func (d *decider) space() *trial {
	if d.busy == len(d.trials) {
		d.trials = append(d.trials, &trial{spends: make([]spend, 0, 16), out: LineOutcome{Adjustments: make([]Adjustment, 0, 8)}})
	}
	d.busy++
	return d.trials[d.busy-1]
}

// pays reports whether this trial settles the line: money is paid, there is none to
// pay for a service that is covered, or the service was paid by heads already.
func (t *trial) pays() bool {
	return t.out.Denied == "" && (t.rest > 0 || t.out.Submitted == 0 || t.out.Taken(StageCapitation) > 0)
}

// reached tells how far a trial came; one that was not denied came to the end.
func (t *trial) reached() Stage {
	if t.out.Denied == "" {
		return StageCeiling + 1
	}
	return t.out.DeniedAt
}

// refuse notes in this trial's outcome that another policy did not pay.
func (t *trial) refuse(other *trial) {
	refusal := Refusal{Policy: other.out.Policy, Stage: other.out.DeniedAt, Reason: other.out.Denied}
	if n := len(other.out.Adjustments); refusal.Reason == "" && n > 0 {
		refusal.Stage, refusal.Reason = other.out.Adjustments[n-1].Stage, other.out.Adjustments[n-1].Reason
	}
	t.out.Refusals = append(append(t.out.Refusals, other.out.Refusals...), refusal)
}

// deny ends the line: one adjustment takes all of it, and nothing counts as used.
func (t *trial) deny(why Reason, by Bearer) {
	t.out.Denied, t.out.DeniedAt = why, t.stage
	t.out.Adjustments, t.spends, t.rest = t.out.Adjustments[:0], t.spends[:0], t.out.Submitted
	t.cut(t.rest, why, by)
}

// cut lowers the line by an amount, at most to nothing. The amount is rounded
// half-up to the currency's minor unit.
func (t *trial) cut(amount fhir.Amount, why Reason, by Bearer) {
	amount = min(amount.Round(t.decimals), t.rest)
	if amount <= 0 {
		return
	}
	t.rest -= amount
	t.out.Adjustments = append(t.out.Adjustments, Adjustment{Stage: t.stage, Reason: why, Bearer: by, Amount: amount})
}

// lowerTo cuts the line to a value, if it is above it.
func (t *trial) lowerTo(value fhir.Amount, why Reason, by Bearer) {
	t.cut(t.rest-value, why, by)
}

// day is the day that decides: the last day of service, or the one the plan
// decides a stay by.
func (t *trial) day() Day { return t.on.To }

// decidedOn gives the days on which a policy must cover a line. The last of them
// decides its price.
func (c *Case) decidedOn(p *Policy, l *Line) Period {
	if p == nil || p.Plan == nil || p.Plan.Decides == DecidesLine || !c.Treatment.Contains(l.Served) {
		return l.Served
	}
	day := c.Treatment.From
	if p.Plan.Decides == DecidesDischarge {
		day = c.Treatment.To
	}
	return Period{day, day}
}

// usedOn gives the day on which what a line uses counts: the last day of service,
// and for a stay that goes beyond the policy that pays, the nearest day of it.
func (c *Case) usedOn(p *Policy, l *Line) Day {
	if p.Plan.Decides == DecidesLine {
		return l.Served.To
	}
	return max(p.Policy.From, p.Covered.From, min(l.Served.To, p.Policy.To, p.Covered.To))
}

// used is the day on which the line's use counts.
func (t *trial) used() Day { return t.usedOn(t.policy, t.line) }

// setting tells in-patient from out-patient money.
func (t *trial) setting() Setting {
	inpatient := t.Visit == Inpatient || t.stay()
	if t.plan.HospitalSetting {
		inpatient = t.Facility.Hospital
	}
	if inpatient {
		return SettingInpatient
	}
	return SettingOutpatient
}

// ageGroup gives the patient's group of ages on the day.
func (t *trial) ageGroup() Age {
	if t.age == AnyAge {
		t.age = Adult
		if years, known := t.Patient.age(t.day()); known && years < t.plan.AgeOfMajority {
			t.age = Child
		}
	}
	return t.age
}

// holds reports whether a condition holds for the line, and how specific it is.
func (t *trial) holds(w When) (specificity int, ok bool) {
	if w.Visit != AnyVisit {
		if w.Visit != t.Visit {
			return 0, false
		}
		specificity += 2
	}
	if w.Referred {
		if !t.Referred {
			return 0, false
		}
		specificity += 4
	}
	if w.Setting != AnySetting {
		if w.Setting != t.setting() {
			return 0, false
		}
		specificity += 2
	}
	if w.Age != AnyAge {
		if w.Age != t.ageGroup() {
			return 0, false
		}
		specificity++
	}
	if w.Group != "" {
		if !slices.Contains(t.policy.Groups, w.Group) {
			return 0, false
		}
		specificity += 8
	}
	return specificity, true
}

// pick gives the most specific of the entries that hold, in the most specific
// Cover that has one. Of equally specific ones the first counts.
func pick[T any](t *trial, entries func(*Cover) []T, when func(*T) When) *T {
	for _, c := range t.covers {
		var best *T
		most := -1
		list := entries(c)
		for i := range list {
			if n, ok := t.holds(when(&list[i])); ok && n > most {
				best, most = &list[i], n
			}
		}
		if best != nil {
			return best
		}
	}
	return nil
}

func (t *trial) term(entries func(*Cover) []Term) *Term {
	return pick(t, entries, func(e *Term) When { return e.When })
}

// portion gives amount × part / whole, rounded half-up to a currency's minor
// unit. None is negative and whole is not 0; a product too large saturates.
func portion(amount, part, whole fhir.Amount, decimals int) fhir.Amount {
	if amount <= 0 || part <= 0 {
		return 0
	}
	step := uint64(1)
	for range 4 - decimals {
		step *= 10
	}
	hi, lo := bits.Mul64(uint64(amount), uint64(part))
	overflow, divisor := bits.Mul64(uint64(whole), step)
	if overflow != 0 || hi >= divisor {
		return largest
	}
	q, r := bits.Div64(hi, lo, divisor)
	if r >= divisor-r {
		q++
	}
	if over, steps := bits.Mul64(q, step); over == 0 && steps <= uint64(largest) {
		return fhir.Amount(steps)
	}
	return largest
}

// largest stands for what is too large to count, which limits nothing.
const largest fhir.Amount = 1<<62 - 1

// one is one unit in ten-thousandths.
const one fhir.Amount = 10_000

// times gives a price of a unit times a quantity.
func (t *trial) times(price, quantity fhir.Amount) fhir.Amount {
	return portion(price, quantity, one, t.decimals)
}
