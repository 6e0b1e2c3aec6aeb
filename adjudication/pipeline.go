package adjudication

import (
	"cmp"
	"slices"
	"sync"

	"bima/fhir"
)

// A Stage names a step of the pipeline. Stages are ordered as they run.
type Stage uint8

// The stages of the pipeline.
const (
	StageDuplicate Stage = iota + 1
	StageTargetDate
	StageEligibility
	StageCurrency
	StageFacility
	StageFiling
	StagePresence
	StageRegister
	StagePriceList
	StageCareType
	StagePatientCategory
	StageFrequency
	StageRepeat
	StageExclusive
	StageUnbundling
	StageProduct
	StageAccident
	StageReferral
	StageDiagnosis
	StageWaitingPeriod
	StageReview
	StagePrice
	StagePackage
	StageWage
	StageQuantityLimit
	StageCategoryLimit
	StagePreauthorization
	StageFixedLimit
	StageTracking
	StageCapitation
	StageCoordination
	StageDeductible
	StageCoinsurance
	StageCopay
	StageCategoryCeiling
	StageCeiling
)

// pipeline says what each stage does to a line. Their order is the rule: the
// checks first, then the cuts to price and quantity, then the sharing of costs. The
// price comes before the limits of quantity, so that what the member bears beyond
// them is counted by the list.
var pipeline = [...]struct {
	stage Stage
	name  string
	apply func(*trial)
}{
	{StageDuplicate, "duplicate", duplicate},
	{StageTargetDate, "target-date", targetDate},
	{StageEligibility, "eligibility", eligibility},
	{StageCurrency, "currency", currency},
	{StageFacility, "facility", facility},
	{StageFiling, "filing", filing},
	{StagePresence, "presence", presence},
	{StageRegister, "register", register},
	{StagePriceList, "price-list", priceList},
	{StageCareType, "care-type", careType},
	{StagePatientCategory, "patient-category", patientCategory},
	{StageFrequency, "frequency", frequency},
	{StageRepeat, "repeat", repeat},
	{StageExclusive, "exclusive", exclusive},
	{StageUnbundling, "unbundling", unbundling},
	{StageProduct, "product", product},
	{StageAccident, "accident", accident},
	{StageReferral, "referral", referral},
	{StageDiagnosis, "diagnosis", diagnosis},
	{StageWaitingPeriod, "waiting-period", waitingPeriod},
	{StageReview, "review", review},
	{StagePrice, "price", price},
	{StagePackage, "package", packages},
	{StageWage, "wage", wage},
	{StageQuantityLimit, "quantity-limit", quantityLimit},
	{StageCategoryLimit, "category-limit", categoryLimit},
	{StagePreauthorization, "preauthorization", preauthorization},
	{StageFixedLimit, "fixed-limit", fixedLimit},
	{StageTracking, "tracking", tracking},
	{StageCapitation, "capitation", capitation},
	{StageCoordination, "coordination", coordination},
	{StageDeductible, "deductible", deductible},
	{StageCoinsurance, "coinsurance", coinsurance},
	{StageCopay, "copay", copay},
	{StageCategoryCeiling, "category-ceiling", categoryCeiling},
	{StageCeiling, "ceiling", ceiling},
}

// String gives the stage's name, "price-list".
func (s Stage) String() string {
	if s < StageDuplicate || int(s) > len(pipeline) {
		return "none"
	}
	return pipeline[s-1].name
}

// Adjudicate decides a claim. It does not change the Case, and two calls with
// the same Case give the same Decision.
func Adjudicate(c Case) Decision {
	if len(c.Problems) > 0 {
		return Decision{Outcome: OutcomeError, Problems: c.Problems}
	}
	d := deciders.Get().(*decider)
	d.begin(c)
	for i := range c.Lines {
		if c.Lines[i].packaged() {
			d.line(i)
		}
	}
	for i := range c.Lines {
		if !c.Lines[i].packaged() {
			d.line(i)
		}
	}
	switch {
	case c.Posts:
		d.decision.Entries = d.entries(func(*spend) bool { return true })
		d.decision.Consumed = d.consumed()
	case c.Reserves:
		d.decision.Entries = d.entries(func(s *spend) bool { return !s.borne })
	}
	decision := d.decision
	d.own, d.decision, d.cuts = Case{}, Decision{}, nil
	deciders.Put(d)
	return decision
}

// deciders holds the memory of earlier runs. What a Decision refers to is never of it.
var deciders = sync.Pool{New: func() any { return new(decider) }}

// begin makes ready for a claim; nothing but room is left of the one before.
func (d *decider) begin(c Case) {
	*d = decider{
		own: c, order: d.order[:0], pool: c.OtherPaid,
		taken: d.taken[:0], holding: d.holding[:0], slots: d.slots[:0], known: d.known[:0], trials: d.trials,
		decision: Decision{Outcome: OutcomeComplete, Lines: make([]LineOutcome, len(c.Lines))},
	}
	d.Case = &d.own
	d.order = candidates(d.order, c.Policies)
	d.kind, d.classed = d.Case.kind()
}

// A decider is one run of Adjudicate.
type decider struct {
	*Case
	own      Case
	order    []int        // indexes of Policies, in the order they are tried
	kind     Code         // the category of the claim
	classed  bool         // whether one of its services has a category of openIMIS
	pool     fhir.Amount  // what is left of what other insurers have paid of the claim
	taken    []spend      // what the lines decided so far used
	holding  []contained  // what the packages decided so far hold
	slots    []slotName   // of the ledger, by their number from 1
	known    []countedIn  // limits that were asked for, and what they are counted in
	trials   []*trial     // memory for the trials of a line
	busy     int          // how many of them are in use
	cuts     []Adjustment // memory for those of the decision
	decision Decision
}

// candidates appends to order the policies as they are tried: by Coverage.order, then the earlier one first.
func candidates(order []int, policies []Policy) []int {
	for i := range policies {
		order = append(order, i)
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Or(
			cmp.Compare(rank(policies[a].Order), rank(policies[b].Order)),
			cmp.Compare(policies[a].Covered.From, policies[b].Covered.From),
		)
	})
	return order
}

// rank puts a Coverage without an order behind those with one.
func rank(order int) uint { return uint(order - 1) }

// line tries the policies for a line. The first that pays is taken, and others are
// asked for what it leaves to the member; if none pays, the one that came furthest
// explains best why. Packages are decided before what may be part of them.
func (d *decider) line(i int) {
	l := &d.Lines[i]
	d.busy = 0
	var best *trial
	for n, p := range d.order {
		t := d.try(l, p)
		switch {
		case best == nil:
			best = t
		case t.pays() || t.reached() > best.reached():
			t.refuse(best)
			best = t
		default:
			best.refuse(t)
		}
		if best.pays() {
			d.coordinate(best, d.order[n+1:])
			break
		}
	}
	if best == nil {
		best = d.try(l, noPolicy)
	}
	d.accept(best)
	out := &d.decision.Lines[i]
	*out = best.out
	out.Adjustments = d.keep(out.Adjustments)
}

// keep copies the adjustments of a line out of the memory of its trial.
func (d *decider) keep(list []Adjustment) []Adjustment {
	if d.cuts == nil {
		d.cuts = make([]Adjustment, 0, adjustmentsUsual*len(d.Lines))
	}
	from := len(d.cuts)
	d.cuts = append(d.cuts, list...)
	return slices.Clip(d.cuts[from:])
}

// adjustmentsUsual is how many adjustments of a line there is room for at first.
const adjustmentsUsual = 4

// noPolicy is the candidate of a patient without any policy.
const noPolicy = -1

// try runs the stages on a fresh outcome, until one denies the line.
func (d *decider) try(l *Line, p int) *trial { return newTrial(d, l, p).run() }

func (t *trial) run() *trial {
	for i := range pipeline {
		t.stage = pipeline[i].stage
		if pipeline[i].apply(t); t.out.Denied != "" {
			break
		}
	}
	return t
}

// accept makes a trial the outcome of its line, and its use that of the claim.
func (d *decider) accept(t *trial) {
	if t.out.Relative {
		d.decision.Outcome = OutcomePartial
	}
	if t.out.Denied == "" {
		d.pool -= t.pooled
		d.note(t)
		d.noteJoined(t)
		d.count(t.spends)
	}
	d.bundle(t)
	if r := t.line.Review; r != nil && r.Note != "" {
		t.out.Notes = append(t.out.Notes, d.noteOf("Medical officer: %s", r.Note))
	}
}
