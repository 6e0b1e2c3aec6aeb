// Package chargeitem says what a tariff is: the ChargeItemDefinition of a service
// or drug, with its prices on the scheme's price lists.
//
// Its door is Module. Prices are found by the extensions price-list and
// price-period; the expressions beside them say the same for any R4 tool.
package chargeitem

import (
	"context"
	"fmt"

	"bima/adjudication/terms"
	"bima/fhir"
	"bima/profiles"
)

// detailTariff tells what is wrong with a tariff from other refusals.
const detailTariff fhir.Detail = "tariff"

// Module gives the rules of tariffs: a list has one price of a service on a day,
// in whichever definition, no price is below 0, and a price's condition says what
// its extensions say; where there is none the server writes it. A package says
// how it is priced and is made of services of the scheme.
func Module() fhir.Module {
	return fhir.Module{
		Name:      "chargeitem",
		Rules:     []fhir.Rule{{Types: []string{"ChargeItemDefinition"}, Check: check}},
		Reactions: []fhir.Reaction{{Name: "chargeitem", Types: []string{"ChargeItemDefinition"}, React: react}},
	}
}

// A price is a property group that is on a price list.
type price struct {
	at     int // its place in propertyGroup
	node   fhir.Node
	list   fhir.Node // a Coding
	period fhir.Node // a Period; may be absent
}

// prices gives the property groups that are on price lists. Without any, a
// ChargeItemDefinition is no tariff of the scheme.
func prices(definition fhir.Node) []price {
	var all []price
	at := -1
	for group := range definition.Get("propertyGroup").Each() {
		at++
		if list := group.Extension(profiles.ExtensionPriceList); list.Exists() {
			all = append(all, price{
				at: at, node: group, list: list.Get("valueCoding"),
				period: group.Extension(profiles.ExtensionPricePeriod).Get("valuePeriod"),
			})
		}
	}
	return all
}

func check(_ context.Context, _ fhir.Reader, c fhir.Change) error {
	if c.After == nil {
		return nil
	}
	all := prices(c.Node)
	if err := checkPackage(c.Node, len(all) > 0); err != nil {
		return err
	}
	if len(all) == 0 {
		return nil
	}
	if !c.Node.At("code", "coding").Exists() {
		return refuse("ChargeItemDefinition.code", "a tariff names its service or drug by a coding")
	}
	if _, issues := terms.CompileTariff(c.Node); fhir.Failed(issues) {
		return &fhir.Outcome{Issues: issues}
	}
	for i, p := range all {
		if err := p.check(); err != nil {
			return err
		}
		for _, earlier := range all[:i] {
			if earlier.sameList(p) && earlier.days().Overlaps(p.days()) {
				return refuse(p.expression(), "propertyGroup[%d] has a price on %s for some of the same days", earlier.at, p.list.Get("code").Text())
			}
		}
	}
	return nil
}

// check holds a price against itself.
func (p price) check() error {
	if p.list.Get("code").Text() == "" {
		return refuse(p.expression(), "the extension %s needs a Coding with a code", profiles.ExtensionPriceList)
	}
	if err := p.checkComponents(); err != nil {
		return err
	}
	conditions, want := 0, p.condition()
	for applies := range p.node.Get("applicability").Each() {
		conditions++
		got := applies.Get("expression").Text()
		if conditions > 1 || got != want {
			return refuse(fmt.Sprintf("%s.applicability[%d]", p.expression(), conditions-1),
				"the condition says something else than the price list and period beside it; leave it out, and the server writes: %s", want)
		}
	}
	return nil
}

func (p price) checkComponents() error {
	base := 0
	for component := range p.node.Get("priceComponent").Each() {
		if component.Get("type").Text() == "base" && component.Get("amount").Exists() {
			base++
		}
	}
	if base != 1 {
		return refuse(p.expression()+".priceComponent", "a price has one component of type base with an amount; this has %d", base)
	}
	return nil
}

func (p price) expression() string {
	return fmt.Sprintf("ChargeItemDefinition.propertyGroup[%d]", p.at)
}

func (p price) sameList(q price) bool {
	return p.list.Get("code").Text() == q.list.Get("code").Text() && p.list.Get("system").Text() == q.list.Get("system").Text()
}

// days gives when the price holds.
func (p price) days() fhir.Interval { return fhir.WholeDays(p.period) }

func refuse(expression, format string, args ...any) error {
	return fhir.Detailf(fhir.IssueBusinessRule, detailTariff, expression, format, args...)
}
