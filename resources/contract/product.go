package contract

import (
	"fmt"

	"bima/adjudication"
	"bima/fhir"
	"bima/profiles"
	"bima/resources/contract/calendar"
)

// A product is what an InsurancePlan says of contributions and of time; what it
// covers is adjudication's.
type product struct {
	key        fhir.Key
	version    int64
	node       fhir.Node
	currency   string // of all its costs; "" where it has none
	majority   int    // the age of an adult, in completed years
	membersMax int    // 0 sets no limit
	length     span   // of a policy
	threshold  int    // how many members the lump sum is for; 0 is all
	costs      map[string]fhir.Amount
	calendar   calendar.Calendar
	cycles     []calendar.Date // months and days on which policies begin; none is any day
	periods    map[string]span // by contribution-period
	discounts  []discount
	conversion fhir.Key // the plan that follows it at renewal
	installs   int      // the most payments that one contribution may be made in; 0 leaves it open
}

// A discount is for who enrols or renews so much before the policy begins.
type discount struct {
	stage   stage
	percent fhir.Decimal
	before  span
}

// The kinds of cost that a contribution is made of. Source: openIMIS,
// insurance-plan-general-cost-type.
const (
	costLump             = "lumpsum"
	costAdult            = "premiumAdult"
	costChild            = "premiumChild"
	costRegistrationLump = "registrationLumpsum"
	costRegistrationFee  = "registrationFee"
	costAssemblyLump     = "generalAssemblyLumpSum"
	costAssemblyFee      = "generalAssemblyFee"
)

// What a plan says by contribution-period.
const (
	periodAdministration = "administration"
	periodGraceEnrolment = "grace-enrolment"
	periodGraceRenewal   = "grace-renewal"
	periodGracePayment   = "grace-payment"
	periodRecurrence     = "recurrence"
)

const (
	majorityYears = 18             // where the plan says nothing
	lengthMonths  = 12             // where the plan says nothing
	costMax       = 10_000_000_000 // units; no sum of costs then overflows
	membersMax    = 500            // of one policy
	cyclesMax     = 12             // openIMIS has four
	yearsMax      = 150            // of an age
)

// productOf reads the contributions of an InsurancePlan.
func (s Settings) productOf(plan *fhir.Resource) (*product, error) {
	doc, err := fhir.Parse(plan.Body)
	if err != nil {
		return nil, err
	}
	n := doc.Root()
	p := &product{
		key: plan.Key, version: plan.Version, node: n, majority: majorityYears,
		length: span{months: lengthMonths}, costs: map[string]fhir.Amount{}, periods: map[string]span{},
		conversion: target(n.Extension(profiles.ExtensionOpenIMISConversion).Get("valueReference")),
	}
	code := n.Extension(profiles.ExtensionCycleCalendar).Get("valueCode").Text()
	if code == "" {
		code = s.Calendar
	}
	var known bool
	if p.calendar, known = calendar.Named(code); !known {
		return nil, refuse("InsurancePlan.extension('"+profiles.ExtensionCycleCalendar+"')", "the scheme counts by no calendar %.40q; those it knows are gregorian and bikram-sambat", code)
	}
	if err := p.parameters(n); err != nil {
		return nil, err
	}
	for at, part := range elements(n.Get("plan")) {
		if err := p.part(part, fmt.Sprintf("InsurancePlan.plan[%d]", at)); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// parameters reads what stands on the plan as a whole.
func (p *product) parameters(n fhir.Node) error {
	for e := range n.Get("extension").Each() {
		at := "InsurancePlan.extension('" + e.Get("url").Text() + "')"
		switch e.Get("url").Text() {
		case profiles.ExtensionAgeOfMajority:
			years, ok := whole(e.Get("valueUnsignedInt"), yearsMax)
			if !ok {
				return refuse(at, "the age of majority is a number of years up to %d", yearsMax)
			}
			p.majority = years
		case profiles.ExtensionOpenIMISMaxInstallments:
			n, ok := whole(e.Get("valueUnsignedInt"), spanMax)
			if !ok {
				return refuse(at, "how many instalments may be paid is a whole number")
			}
			p.installs = n
		case profiles.ExtensionOpenIMISStartCycle:
			cycle, ok := calendar.ParseDayMonth(p.calendar, e.Get("valueString").Text())
			if !ok || len(p.cycles) == cyclesMax {
				return refuse(at, "a cycle begins on a day of each year as dd-mm, and there are %d at most; %.20q is none of the %s calendar", cyclesMax, e.Get("valueString").Text(), p.calendar.Code())
			}
			p.cycles = append(p.cycles, cycle)
		}
	}
	for coverage := range n.Get("coverage").Each() {
		for benefit := range coverage.Get("benefit").Each() {
			for limit := range benefit.Get("limit").Each() {
				if err := p.limit(limit); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// limit reads how long a policy lasts and how many it may cover.
func (p *product) limit(limit fhir.Node) error {
	switch limit.Get("code").Code(profiles.SystemOpenIMISBenefitLimit) {
	case "period":
		length, ok := spanOf(limit.Get("value"))
		if !ok || length == (span{}) {
			return refuse("InsurancePlan.coverage.benefit.limit.value", "a policy lasts a whole number of days, weeks, months or years")
		}
		p.length = length
	case "memberCount":
		n, ok := whole(limit.At("value", "value"), membersMax)
		if !ok || n == 0 {
			return refuse("InsurancePlan.coverage.benefit.limit.value", "a policy covers 1 to %d members; leave the limit out where there is none", membersMax)
		}
		p.membersMax = n
	}
	return nil
}

// part reads one InsurancePlan.plan: periods, discounts and costs.
func (p *product) part(n fhir.Node, at string) error {
	for e := range n.Get("extension").Each() {
		at := at + ".extension('" + e.Get("url").Text() + "')"
		switch e.Get("url").Text() {
		case profiles.ExtensionContributionPeriod:
			length, ok := spanOf(e.Extension("duration").Get("valueDuration"))
			if !ok {
				return refuse(at, "a contribution period is a whole number of days, weeks, months or years")
			}
			p.periods[e.Extension("kind").Get("valueCode").Text()] = length
		case profiles.ExtensionContributionDiscount:
			d, ok := discountOf(e)
			if !ok {
				return refuse(at, "a discount has a stage, a percentage from 0 to 100 and a time before the policy begins")
			}
			p.discounts = append(p.discounts, d)
		}
	}
	for i, cost := range elements(n.Get("generalCost")) {
		if err := p.cost(cost, fmt.Sprintf("%s.generalCost[%d]", at, i)); err != nil {
			return err
		}
	}
	return nil
}

func discountOf(e fhir.Node) (d discount, ok bool) {
	percent, err := fhir.ParseDecimal(e.Extension("percentage").Get("valueDecimal").Text())
	amount, tooFine := percent.Amount()
	before, known := spanOf(e.Extension("before").Get("valueDuration"))
	d = discount{stage: stage(e.Extension("stage").Get("valueCode").Text()), percent: percent, before: before}
	return d, err == nil && tooFine == nil && known && amount >= 0 && amount <= fhir.Units(100) && (d.stage == stageEnrolment || d.stage == stageRenewal)
}

// cost reads one InsurancePlan.plan.generalCost. Costs of kinds that openIMIS
// has no code for are not the contribution's.
func (p *product) cost(n fhir.Node, at string) error {
	kind := n.Get("type").Code(profiles.SystemOpenIMISContribution)
	switch kind {
	case costLump, costAdult, costChild, costRegistrationLump, costRegistrationFee, costAssemblyLump, costAssemblyFee:
	default:
		return nil
	}
	value, err := fhir.ParseAmount(n.At("cost", "value").Text())
	currency := n.At("cost", "currency").Text()
	switch {
	case err != nil || value < 0 || value > fhir.Units(costMax):
		return refuse(at+".cost", "a cost is an amount of 0 or more with at most four decimals")
	case currency == "" || p.currency != "" && p.currency != currency:
		return refuse(at+".cost", "the costs of a plan name one currency, all the same")
	}
	if _, twice := p.costs[kind]; twice {
		return refuse(at+".type", "the plan has a cost %s already", kind)
	}
	p.currency, p.costs[kind] = currency, value
	if size := n.Get("groupSize"); kind == costLump && size.Exists() {
		members, ok := whole(size, membersMax)
		if !ok || members == 0 {
			return refuse(at+".groupSize", "the lump sum is for 1 to %d members", membersMax)
		}
		p.threshold = members
	}
	return nil
}

// sold reports whether policies of the plan may begin on a day.
func (p *product) sold(on day) bool {
	from, begins := adjudication.ReadDay(p.node.At("period", "start").Text())
	to, ends := adjudication.ReadLastDay(p.node.At("period", "end").Text())
	retired := p.node.Get("status").Text() != "active" && p.node.Get("status").Exists()
	return !retired && (!begins || from <= on) && (!ends || on <= to)
}

// whole reads a whole number from 0 to most.
func whole(n fhir.Node, most int) (int, bool) {
	value, err := fhir.ParseAmount(n.Text())
	if err != nil || value < 0 || value%fhir.Units(1) != 0 || value > fhir.Units(int64(most)) {
		return 0, false
	}
	return int(value / fhir.Units(1)), true
}

// elements gives the elements of an array.
func elements(n fhir.Node) []fhir.Node {
	var list []fhir.Node
	for e := range n.Each() {
		list = append(list, e)
	}
	return list
}
