package insuranceplan

import (
	"fmt"

	"bima/adjudication/terms"
	"bima/fhir"
	"bima/profiles"
)

// What a product says of contributions: openIMIS's parameters for them.

const (
	membersMax      = 500            // of one policy, as resources/contract counts them
	instalmentsMax  = 366            // one a day
	costMax         = 10_000_000_000 // units; no sum of costs then overflows
	cyclesMax       = 4              // of one product. Source: openIMIS, start_cycle_1 … 4
	percentageRange = "a percentage from 0 to 100, with at most four decimals"
)

// A cost is one generalCost of a kind that contributions are made of.
type cost struct {
	kind, at string
	amount   fhir.Amount
}

// costKinds are the kinds of contributions; pairs can't both be asked for.
// Source: openIMIS, insurance-plan-general-cost-type.
var costKinds = map[string]string{
	"lumpsum": "", "premiumAdult": "", "premiumChild": "",
	"registrationLumpsum": "registrationFee", "registrationFee": "registrationLumpsum",
	"generalAssemblyLumpSum": "generalAssemblyFee", "generalAssemblyFee": "generalAssemblyLumpSum",
}

// part checks one InsurancePlan.plan.
func (c *checker) part(n fhir.Node, at string) {
	c.numbers(n, at)
	for _, e := range elements(n.Get("extension")) {
		at := extensionOf(at, e)
		switch e.Get("url").Text() {
		case profiles.ExtensionEmploymentContribution:
			c.employment(n, e, at)
		case profiles.ExtensionContributionPeriod:
			c.period(e, at)
		case profiles.ExtensionContributionDiscount:
			c.discount(e, at)
		case profiles.ExtensionRelativePrice:
			c.relativePrice(e, at)
		case profiles.ExtensionCapitation:
			c.capitation(e, at)
		}
	}
	for i, general := range elements(n.Get("generalCost")) {
		c.cost(general, fmt.Sprintf("%s.generalCost[%d]", at, i))
	}
}

// cost checks one generalCost. Those of other systems than openIMIS's are not
// contributions.
func (c *checker) cost(n fhir.Node, at string) {
	kind := n.Get("type").Code(profiles.SystemOpenIMISContribution)
	if kind == "" {
		return
	}
	pair, known := costKinds[kind]
	if !known {
		c.wrong(at+".type", "there is no kind of contribution %.40q; see the code system insurance-plan-general-cost-type", kind)
		return
	}
	amount, err := fhir.ParseAmount(n.At("cost", "value").Text())
	if err != nil || amount < 0 || amount > fhir.Units(costMax) {
		c.wrong(at+".cost", "a contribution is an amount of 0 or more, with at most four decimals")
		return
	}
	currency := n.At("cost", "currency").Text()
	if c.currency == "" {
		c.currency = currency
	}
	if currency == "" || currency != c.currency {
		c.wrong(at+".cost", "all contributions of a product name one currency")
	}
	for _, other := range c.costs {
		switch {
		case other.kind == kind:
			c.wrong(at+".type", "%s says what %s is already", other.at, kind)
		case other.kind == pair && other.amount > 0 && amount > 0:
			c.wrong(at+".type", "%s asks for %s; ask for the one of the whole policy or for one of each member, not for both", other.at, pair)
		}
	}
	c.costs = append(c.costs, cost{kind, at, amount})
	if size := n.Get("groupSize"); size.Exists() {
		if members, ok := whole(size, membersMax); kind != "lumpsum" || !ok || members == 0 {
			c.wrong(at+".groupSize", "the lump sum is for 1 to %d members; only a lump sum has a group size", membersMax)
		}
	}
}

// periods are the codes of contribution-period.
var periods = map[string]bool{
	"administration": true, "grace-enrolment": true, "grace-renewal": true, "grace-payment": true, "recurrence": true,
}

func (c *checker) period(e fhir.Node, at string) {
	kind := e.Extension("kind").Get("valueCode").Text()
	if !periods[kind] {
		c.wrong(at, "there is no contribution period %.40q; they are administration, grace-enrolment, grace-renewal, grace-payment and recurrence", kind)
	}
	if _, _, ok := terms.Duration(e.Extension("duration").Get("valueDuration")); !ok {
		c.wrong(at, "a contribution period is a whole number of days, weeks, months or years")
	}
	c.once(at, "period "+kind)
}

func (c *checker) discount(e fhir.Node, at string) {
	stage := e.Extension("stage").Get("valueCode").Text()
	if stage != "enrolment" && stage != "renewal" {
		c.wrong(at, "a discount is for enrolment or renewal, not %.40q", stage)
	}
	if !percentage(e.Extension("percentage").Get("valueDecimal")) {
		c.wrong(at, "a discount is "+percentageRange)
	}
	months, days, ok := terms.Duration(e.Extension("before").Get("valueDuration"))
	if !ok {
		c.wrong(at, "a discount is for those who come a whole number of days, weeks, months or years before")
	}
	c.once(at, fmt.Sprintf("discount %s %d %d", stage, months, days))
	if stage == "enrolment" && len(c.cycles) == 0 {
		c.wrong(at, "a discount at enrolment is for who comes before a cycle begins, and the product has no cycle; give it one, or leave the discount out")
	}
}

// distributions says how many percentages each period has.
var distributions = map[string]int{"monthly": 12, "quarterly": 4, "yearly": 1}

func (c *checker) relativePrice(e fhir.Node, at string) {
	want, known := distributions[e.Extension("period").Get("valueCode").Text()]
	if !known {
		c.wrong(at, "relative prices are fixed monthly, quarterly or yearly")
		return
	}
	setting := e.Extension("setting").Get("valueCode").Text()
	if setting != "all" && setting != "inpatient" && setting != "outpatient" {
		c.wrong(at, "a distribution is for all, inpatient or outpatient claims, not %.40q", setting)
	}
	c.once(at, "relative price "+setting)
	got := 0
	for _, part := range elements(e.Get("extension")) {
		if part.Get("url").Text() != "percentage" {
			continue
		}
		got++
		if !percentage(part.Get("valueDecimal")) {
			c.wrong(at, "what a period may spend is "+percentageRange)
		}
	}
	if got != 0 && got != want {
		c.wrong(at, "there are %d percentages of a year, and %d of its periods", got, want)
	}
}

func (c *checker) capitation(e fhir.Node, at string) {
	c.once(at, "capitation")
	weights := 0
	for _, part := range elements(e.Get("extension")) {
		switch url := part.Get("url").Text(); url {
		case "level":
		case "share", "population", "families", "insured", "insuredFamilies", "visits", "amount":
			if !percentage(part.Get("valueDecimal")) {
				c.wrong(at, "%s is "+percentageRange, url)
			}
			if url != "share" {
				weights++
			}
		}
	}
	if weights == 0 || !e.Extension("share").Exists() {
		c.wrong(at, "a capitation has the share of the contributions that is handed out, and the weight of one measure at least")
	}
}

// limit checks how long a policy lasts and how many it covers.
func (c *checker) limit(n fhir.Node, at string) {
	code := n.Get("code").Code(profiles.SystemOpenIMISBenefitLimit)
	switch code {
	case "":
		return
	case "period":
		months, days, ok := terms.Duration(n.Get("value"))
		if !ok || months == 0 && days == 0 {
			c.wrong(at+".value", "a policy lasts a whole number of days, weeks, months or years, 1 at least")
		}
	case "memberCount":
		if members, ok := whole(n.At("value", "value"), membersMax); !ok || members == 0 {
			c.wrong(at+".value", "a policy covers 1 to %d members; leave the limit out where there is none", membersMax)
		}
	default:
		c.wrong(at+".code", "there is no limit %.40q of a policy; they are period and memberCount", code)
	}
	c.once(at, "limit "+code)
}

// percentage reports whether a number is from 0 to 100, with four decimals.
func percentage(n fhir.Node) bool {
	amount, err := fhir.ParseAmount(n.Text())
	return err == nil && amount >= 0 && amount <= fhir.Units(100)
}

// whole reads a whole number from 0 to most.
func whole(n fhir.Node, most int64) (int64, bool) {
	amount, err := fhir.ParseAmount(n.Text())
	if err != nil || amount < 0 || amount%fhir.Units(1) != 0 || amount > fhir.Units(most) {
		return 0, false
	}
	return int64(amount / fhir.Units(1)), true
}
