package insuranceplan

import (
	"fmt"

	"bima/fhir"
	"bima/profiles"
)

// numbers refuses a plan number that another plan of the product has: contracts
// with employers choose their plans by it.
func (c *checker) numbers(plan fhir.Node, at string) {
	for i, id := range elements(plan.Get("identifier")) {
		if value := id.Get("value").Text(); value != "" {
			c.once(fmt.Sprintf("%s.identifier[%d]", at, i), "plan "+id.Get("system").Text()+"|"+value)
		}
	}
}

// employment checks what is asked of employees and employers.
func (c *checker) employment(plan, e fhir.Node, at string) {
	c.once(at, "employment of "+at)
	if plan.Get("identifier").First().Get("value").Text() == "" {
		c.wrong(at, "a plan that employers choose has a number, an identifier of the system %s", profiles.IdentifierProductPlan)
	}
	shares := 0
	for _, name := range []string{"employee", "employer"} {
		share := e.Extension(name)
		if !share.Exists() {
			continue
		}
		shares++
		if fixed := share.Get("valueMoney"); fixed.Exists() {
			c.money(fixed, at, name)
		} else if !percentage(share.Get("valueDecimal")) {
			c.wrong(at, "the share of the %s is "+percentageRange+", or an amount", name)
		}
	}
	if shares == 0 {
		c.wrong(at, "a contribution of employment has a share of the employee, of the employer, or of both")
	}
	floor, bounded := c.money(e.Extension("floor").Get("valueMoney"), at, "floor")
	ceiling, capped := c.money(e.Extension("ceiling").Get("valueMoney"), at, "ceiling")
	if bounded && capped && floor > ceiling {
		c.wrong(at, "the floor of the income is above its ceiling; exchange them")
	}
}

// money reads an amount in the one currency of the contributions; one that is not
// there is not said.
func (c *checker) money(n fhir.Node, at, what string) (fhir.Amount, bool) {
	if !n.Exists() {
		return 0, false
	}
	value, err := fhir.ParseAmount(n.Get("value").Text())
	currency := n.Get("currency").Text()
	if c.currency == "" {
		c.currency = currency
	}
	switch {
	case err != nil || value < 0 || value > fhir.Units(costMax):
		c.wrong(at, "the %s is an amount of 0 or more, with at most four decimals", what)
		return 0, false
	case currency == "" || currency != c.currency:
		c.wrong(at, "all contributions of a product name one currency; the %s names another", what)
	}
	return value, true
}
