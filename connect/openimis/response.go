package openimis

import (
	"cmp"
	"encoding/json"
	"time"

	"bima/connect/dialect"
	"bima/fhir"
	"bima/profiles"
)

// The states of claims and lines in openIMIS, and their words.
const (
	stateRejected  = "1"
	stateEntered   = "2"
	stateChecked   = "4"
	stateProcessed = "8"
	stateValuated  = "16"
)

var stateWords = map[string]string{
	stateRejected: "rejected", stateEntered: "entered", stateChecked: "checked",
	stateProcessed: "processed", stateValuated: "valuated",
}

const (
	systemState  = profiles.OpenIMIS + "/CodeSystem/claim-status"
	adjudication = hl7 + "adjudication"
)

// spellResponse says a decision as openIMIS does: a line has an entry for each
// stage it reached, or one that says why it was rejected. A claim that is rejected
// has no total, by which clients know it.
func spellResponse(p page, o dialect.Object) {
	claim := p.along["Claim/"+dialect.Text(o, "id")]
	reached := stages(o)
	asked := map[string]dialect.Object{}
	for _, item := range dialect.Each(claim, "item") {
		asked[dialect.Text(item, "sequence")] = item
	}
	if lines := unanswered(o, claim); len(lines) > 0 {
		o["item"] = lines
	}
	register := p.register(dialect.Each(claim, "item"))
	sums := map[string]fhir.Amount{}
	currency := dialect.Text(claim, "total", "currency")
	for _, item := range dialect.Each(o, "item") {
		of := asked[dialect.Text(item, "itemSequence")]
		l := readLine(item, of)
		currency = cmp.Or(l.currency, currency)
		item["adjudication"] = l.entries(reached, sums)
		code := dialect.Code(dialect.Child(of, "productOrService"), profiles.SystemService)
		if entry := register[code]; entry.id != "" {
			dialect.Extend(item, structure+"claim-item-reference", "valueReference", reference(entry.typ, entry.id, code))
		}
	}
	delete(o, "total")
	totals := []any{}
	for _, stage := range reached {
		if stage != stateRejected {
			totals = append(totals, dialect.Object{"category": concept(stage), "amount": money(sums[stage], currency)})
		}
	}
	if len(totals) > 0 {
		o["total"] = totals
	}
	o["outcome"] = outcomeOf(reached)
	if created, err := time.Parse(time.RFC3339, dialect.Text(o, "created")); err == nil {
		o["created"] = created.In(p.Zone).Format(time.DateOnly)
	}
	if enterer := dialect.Child(claim, "enterer"); dialect.Text(enterer, "reference") != "" {
		o["requestor"] = dialect.Object{"reference": dialect.Text(enterer, "reference")}
	}
	visitOut(o)
}

// unanswered gives a line for each of a claim whose answer has none: one that waits,
// or that can't be decided. openIMIS tells their lines, too, as they were asked for.
func unanswered(response, claim dialect.Object) []any {
	if len(dialect.Each(response, "item")) > 0 {
		return nil
	}
	var lines []any
	for _, item := range dialect.Each(claim, "item") {
		lines = append(lines, dialect.Object{"itemSequence": item["sequence"]})
	}
	return lines
}

// stages gives the stages that a decision has reached.
func stages(o dialect.Object) []string {
	accepted := false
	for _, item := range dialect.Each(o, "item") {
		for _, a := range dialect.Each(item, "adjudication") {
			accepted = accepted || dialect.Code(dialect.Child(a, "category"), profiles.SystemAdjudication) == "approved-quantity"
		}
	}
	switch outcome := dialect.Text(o, "outcome"); {
	case outcome == "queued":
		return []string{stateEntered, stateChecked}
	case outcome == "error" || !accepted:
		return []string{stateRejected}
	case outcome == "partial":
		return []string{stateEntered, stateChecked, stateProcessed}
	}
	return []string{stateEntered, stateChecked, stateProcessed, stateValuated}
}

// outcomeOf gives the outcome by the last stage. Source: openIMIS's ClaimResponse.
func outcomeOf(reached []string) string {
	switch reached[len(reached)-1] {
	case stateChecked, stateProcessed:
		return "partial"
	}
	return "complete"
}

// A decided line, read from a ClaimResponse and its Claim.
type decided struct {
	accepted          bool
	reason, why       string       // of openIMIS's rejection reasons
	quantity          fhir.Decimal // approved
	given             fhir.Decimal
	unit              fhir.Amount  // as asked
	lump              bool         // unit is what was asked for all that was given
	price             *fhir.Amount // of a unit, as a reviewer said
	eligible, benefit fhir.Amount  // of the line
	currency          string
}

// readLine reads what was asked for a line and what was decided.
func readLine(item, asked dialect.Object) decided {
	l := decided{reason: "0", given: fhir.NewDecimal(1, 0)}
	if given, err := fhir.ParseDecimal(dialect.Text(asked, "quantity", "value")); err == nil {
		l.given = given
	}
	l.quantity = l.given
	l.ask(asked)
	for _, a := range dialect.Each(item, "adjudication") {
		category := dialect.Child(a, "category")
		amount, err := fhir.ParseAmount(dialect.Text(a, "amount", "value"))
		if code := dialect.Text(a, "amount", "currency"); code != "" {
			l.currency = code
		}
		switch {
		case dialect.Code(category, profiles.SystemAdjudication) == "approved-quantity":
			l.accepted = true
			if q, err := fhir.ParseDecimal(dialect.Text(a, "value")); err == nil {
				l.quantity = q
			}
		case dialect.Code(category, profiles.SystemAdjudication) == "approved-price" && err == nil:
			l.price = &amount
		case dialect.Code(category, adjudication) == "eligible" && err == nil:
			l.eligible = amount
		case dialect.Code(category, adjudication) == "benefit" && err == nil:
			l.benefit = amount
		}
		if code := dialect.Code(dialect.Child(a, "reason"), profiles.SystemOpenIMISRejection); code != "" {
			l.reason, l.why = code, dialect.Text(a, "reason", "text")
		}
	}
	return l
}

// ask reads what was asked for a unit: its price or, of an item that has but a
// total, what that comes to for each.
func (l *decided) ask(asked dialect.Object) {
	l.currency = cmp.Or(dialect.Text(asked, "unitPrice", "currency"), dialect.Text(asked, "net", "currency"))
	if unit, err := fhir.ParseAmount(dialect.Text(asked, "unitPrice", "value")); err == nil {
		l.unit = unit
		if factor, err := fhir.ParseDecimal(dialect.Text(asked, "factor")); err == nil {
			if times, ok := unit.Times(factor); ok {
				l.unit = times
			}
		}
		return
	}
	if net, err := fhir.ParseAmount(dialect.Text(asked, "net", "value")); err == nil {
		units := l.given
		l.unit, l.given = each(net, units)
		l.lump = l.given.Rat().Cmp(units.Rat()) != 0
	}
}

// entries gives the adjudication of a line by the stages of its claim, and adds
// each stage's amount to the sums. What was asked for a rejected line is part of
// what was asked for the claim.
func (l decided) entries(reached []string, sums map[string]fhir.Amount) []any {
	if reached[0] == stateRejected || !l.accepted && reached[len(reached)-1] != stateChecked {
		if sum, ok := l.unit.Times(l.given); ok {
			sums[stateEntered] += sum
		}
		return []any{l.entry(stateRejected, l.unit, l.given)}
	}
	list := []any{}
	for _, stage := range reached {
		amount, quantity := l.unit, l.given
		switch stage {
		case stateChecked:
			amount, quantity = l.approved()
		case stateProcessed:
			amount, quantity = each(l.eligible, l.quantity)
		case stateValuated:
			amount, quantity = each(l.benefit, l.quantity)
		}
		list = append(list, l.entry(stage, amount, quantity))
		if sum, ok := amount.Times(quantity); ok {
			sums[stage] += sum
		}
	}
	return list
}

// approved gives the price of a unit and the quantity that a reviewer approved, or
// what was asked.
func (l decided) approved() (fhir.Amount, fhir.Decimal) {
	switch {
	case l.price != nil:
		return *l.price, l.quantity
	case l.lump:
		return l.unit, l.given
	}
	return l.unit, l.quantity
}

// each gives what an amount comes to for each of so many units, where that can be
// said exactly; otherwise it is one unit of the whole.
func each(whole fhir.Amount, units fhir.Decimal) (fhir.Amount, fhir.Decimal) {
	if r := units.Rat(); r.IsInt() && r.Num().IsInt64() {
		if n := r.Num().Int64(); n > 0 && whole%fhir.Amount(n) == 0 && whole/fhir.Amount(n)%100 == 0 {
			return whole / fhir.Amount(n), units
		}
	}
	return whole, fhir.NewDecimal(1, 0)
}

func (l decided) entry(stage string, amount fhir.Amount, quantity fhir.Decimal) dialect.Object {
	reason := l.reason
	if stage != stateRejected {
		reason = "0"
	}
	o := dialect.Object{
		"category": concept(stage), "reason": dialect.Concept(profiles.SystemOpenIMISRejection, reason, ""),
		"amount": money(amount, l.currency), "value": json.Number(quantity.String()),
	}
	if stage == stateRejected && l.why != "" {
		dialect.Child(o, "reason")["text"] = l.why
	}
	return o
}

func concept(stage string) dialect.Object {
	return dialect.Concept(systemState, stage, stateWords[stage])
}

// money gives an amount; without a currency where there is none.
func money(a fhir.Amount, currency string) dialect.Object {
	o := dialect.Object{"value": dialect.Decimal(a)}
	if currency != "" {
		o["currency"] = currency
	}
	return o
}

// spellEligibility names the plan of each membership, and each service by its code,
// as openIMIS's clients read them.
func (c *call) spellEligibility(o dialect.Object) {
	for _, insurance := range dialect.Each(o, "insurance") {
		items, _ := insurance["item"].([]any)
		for _, item := range dialect.Each(insurance, "item") {
			code := dialect.Code(dialect.Child(item, "productOrService"), profiles.SystemService)
			if code == "" {
				continue
			}
			dialect.Child(item, "productOrService")["text"] = code
			category := "service"
			if (page{call: c}).register([]dialect.Object{item})[code].typ == "Medication" {
				category = "item"
			}
			fill(item, "category", dialect.Concept(systemItem, category, ""))
			quantityLeft(item, category)
		}
		target := dialect.Target(dialect.Text(insurance, "coverage", "reference"))
		if target.IsZero() {
			continue
		}
		first := c.package1(target, items)
		insurance["item"] = append([]any{first}, items...)
	}
}

const (
	systemItem    = profiles.OpenIMIS + "/CodeSystem/coverage-item-category"
	systemBenefit = profiles.OpenIMIS + "/CodeSystem/coverage-item-benefit-type"
)

// package1 is the item that stands for the plan: its name and code, and what is left
// of its visits, ceilings and deductibles.
func (c *call) package1(coverage fhir.Key, items []any) dialect.Object {
	first := dialect.Object{"category": dialect.Concept(systemItem, "benefit", "Benefit Package")}
	for _, class := range dialect.Each(c.read1(coverage), "class") {
		if dialect.Code(dialect.Child(class, "type"), "") == "plan" {
			first["name"], first["description"] = dialect.Text(class, "name"), dialect.Text(class, "value")
		}
	}
	if told := left(items); len(told) > 0 {
		first["benefit"] = told
	}
	return first
}
