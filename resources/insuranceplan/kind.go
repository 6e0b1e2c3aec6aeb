package insuranceplan

import (
	"fmt"

	"bima/adjudication/terms"
	"bima/fhir"
	"bima/profiles"
)

// A kind is who pays for a product: a code of product-kind, "" where the product
// does not say.
type kind string

// The kinds that forbid or ask for something.
const (
	kindContributory kind = "contributory"
	kindSubsidised   kind = "subsidised"
	kindVoucher      kind = "voucher"
	kindTracking     kind = "tracking"
)

// kinds are all codes of product-kind.
var kinds = map[kind]bool{
	kindContributory: true, "employer": true, "private": true, kindSubsidised: true, kindVoucher: true, kindTracking: true,
}

// kind reads the kind of the product, which is said once.
func (c *checker) kind(plan fhir.Node) kind {
	var k kind
	for i, concept := range elements(plan.Get("type")) {
		at := fmt.Sprintf("InsurancePlan.type[%d]", i)
		code := kind(concept.Code(profiles.SystemProductKind))
		switch {
		case code == "":
		case !kinds[code]:
			c.wrong(at, "there is no kind of product %.40q; the kinds are contributory, employer, private, subsidised, voucher and tracking", code)
		case k != "" && k != code:
			c.wrong(at, "the product is %s already; a product is of one kind", k)
		default:
			k = code
		}
	}
	return k
}

// suits refuses what a kind of product can't have: contributions where nobody
// pays any, money where nothing is paid.
func (c *checker) suits(k kind, plan fhir.Node) {
	switch {
	case k == kindContributory && len(c.costs) == 0:
		c.wrong("InsurancePlan.plan", "a contributory product says what families pay: give a generalCost, or another kind of product")
	case k == kindSubsidised || k == kindVoucher || k == kindTracking:
		for _, cost := range c.costs {
			if cost.amount > 0 {
				c.wrong(cost.at, "members pay nothing for a product of kind %s; leave the cost out, or make it contributory", k)
			}
		}
	}
	if k != kindTracking {
		return
	}
	for i, part := range elements(plan.Get("plan")) {
		for j, specific := range elements(part.Get("specificCost")) {
			for l, benefit := range elements(specific.Get("benefit")) {
				for m, cost := range elements(benefit.Get("cost")) {
					if cost.At("value", "system").Text() == terms.SystemCurrency || cost.Get("type").Code(terms.SystemBenefitType) == "copay-percent" {
						c.wrong(fmt.Sprintf("InsurancePlan.plan[%d].specificCost[%d].benefit[%d].cost[%d]", i, j, l, m),
							"a product that only tracks services pays and asks for no money; leave the cost out")
					}
				}
			}
		}
	}
}
