package tables

import (
	"strings"

	"bima/adjudication/terms"
	"bima/profiles"
)

// benefit writes what is covered: the policy itself as columns of the product,
// anything else as rows.
func (w *writer) benefit(name string, top map[string]string, b benefit) {
	code, _ := b.Type.one()
	if code.System == terms.SystemInsurancePlanType {
		for _, l := range b.Limit {
			w.policyLimit(top, l)
		}
		return
	}
	cells := entryCells(name, code)
	cells["set"] = setOf(b.Extension)
	before := len(w.rows)
	next := func(rule string) map[string]string {
		cells["rule"] = rule
		w.row(fileBenefits, cells)
		this := cells
		cells = entryCells(name, coding{System: code.System, Code: code.Code})
		return this
	}
	for _, e := range b.Extension {
		switch {
		case e.URL == profiles.ExtensionWaitingPeriod:
			line := next("waiting")
			line["value"] = timeText(e.part("duration").ValueDuration)
			w.conditionCells(line, e.qualifiers("qualifier"))
		case e.URL == profiles.ExtensionWageReplacement:
			line := next("wage-replacement")
			line["value"], line["after"] = e.part("share").ValueDecimal.String(), e.part("after").ValueUnsignedInt.String()
		case e.URL == profiles.ExtensionAuthorizationRequired && e.ValueBoolean != nil && *e.ValueBoolean:
			next("authorization")
		}
		if rule, value, ok := entryRuleCells(e); ok {
			next(rule)["value"] = value
		}
	}
	for _, l := range b.Limit {
		rule := "quantity"
		if code, _ := l.code(); code.System == terms.SystemBenefitType {
			rule = "visits"
		}
		line := next(rule)
		if l.Value != nil {
			line["value"] = l.Value.Value.String()
		}
		w.conditionCells(line, extension{Extension: l.Extension}.qualifiers(profiles.ExtensionBenefitQualifier))
	}
	if len(w.rows) == before {
		next("")
	}
}

func (l limit) code() (coding, bool) {
	if l.Code == nil {
		return coding{}, false
	}
	return l.Code.one()
}

// policyLimit writes how long a policy lasts and how many it covers.
func (w *writer) policyLimit(top map[string]string, l limit) {
	code, _ := l.code()
	switch {
	case l.Value == nil:
	case code.Code == "period":
		top["insurance_period"] = timeText(l.Value)
	case code.Code == "memberCount":
		top["max_members"] = l.Value.Value.String()
	}
}

// qualifiers gives the concepts of the parts of a name.
func (e extension) qualifiers(name string) []concept {
	var list []concept
	for _, p := range e.Extension {
		if p.URL == name && p.ValueCodeableConcept != nil {
			list = append(list, *p.ValueCodeableConcept)
		}
	}
	return list
}

// setOf gives the URL of the set of services that an entry is about; "" for none.
func setOf(list []extension) string {
	for _, e := range list {
		if e.URL == profiles.ExtensionServiceSet {
			return e.ValueCanonical
		}
	}
	return ""
}

// part writes a plan: what it costs, and what is paid under it.
func (w *writer) part(name string, top map[string]string, p plan) {
	number := ""
	for _, id := range p.Identifier {
		number = id.Value
	}
	if !w.planned[name] {
		top["plan"] = number
		w.planned[name] = true
	}
	for _, e := range p.Extension {
		if e.URL == profiles.ExtensionEmploymentContribution {
			w.row(fileEmployment, map[string]string{
				"product": name, "plan": number, "employee": e.part("employee").shareText(), "employer": e.part("employer").shareText(),
				"floor": amountText(e.part("floor").ValueMoney), "ceiling": amountText(e.part("ceiling").ValueMoney),
			})
			continue
		}
		w.planExtension(name, top, e)
	}
	for _, g := range p.GeneralCost {
		cells := map[string]string{"product": name, "threshold": g.GroupSize.String(), "comment": g.Comment}
		if g.Type != nil {
			code, _ := g.Type.one()
			cells["kind"] = code.Code
		}
		if g.Cost != nil {
			cells["amount"] = g.Cost.Value.String()
		}
		w.row(fileContributions, cells)
	}
	for _, s := range p.SpecificCost {
		for _, b := range s.Benefit {
			w.costs(name, b)
		}
	}
}

// shareText writes a share of income as a cell.
func (e extension) shareText() string {
	if e.ValueDecimal != "" {
		return e.ValueDecimal.String() + " %"
	}
	return amountText(e.ValueMoney)
}

// planExtension writes periods as columns of the product, anything else as rows.
func (w *writer) planExtension(name string, top map[string]string, e extension) {
	switch e.URL {
	case profiles.ExtensionContributionPeriod:
		for _, p := range policyPeriods {
			if p.kind == e.part("kind").ValueCode {
				top[p.column] = timeText(e.part("duration").ValueDuration)
			}
		}
	case profiles.ExtensionContributionDiscount:
		w.row(fileDiscounts, map[string]string{
			"product": name, "stage": e.part("stage").ValueCode, "percentage": e.part("percentage").ValueDecimal.String(), "before": timeText(e.part("before").ValueDuration),
		})
	case profiles.ExtensionRelativePrice:
		var percentages []string
		for _, p := range e.Extension {
			if p.URL == "percentage" {
				percentages = append(percentages, p.ValueDecimal.String())
			}
		}
		w.row(fileRelative, map[string]string{
			"product": name, "setting": e.part("setting").ValueCode, "period": e.part("period").ValueCode, "percentages": strings.Join(percentages, listMark),
		})
	case profiles.ExtensionCapitation:
		cells := map[string]string{"product": name}
		var levels []string
		for _, level := range e.qualifiers("level") {
			code, _ := level.one()
			if text := code.System + "|" + code.Code; levelOf(code.Code) != code {
				code.Code = text
			}
			levels = append(levels, code.Code)
		}
		cells["levels"] = strings.Join(levels, listMark)
		for _, weight := range weights {
			cells[weight.column] = e.part(weight.part).ValueDecimal.String()
		}
		w.row(fileCapitation, cells)
	}
}

// costs writes what a plan says of an entry, a row for each thing.
func (w *writer) costs(name string, b planBenefit) {
	code, _ := b.Type.one()
	set := setOf(b.Extension)
	next := func(kind, value string) map[string]string {
		cells := entryCells(name, code)
		cells["set"] = set
		code.Display, set = "", ""
		cells["cost"], cells["value"] = kind, value
		w.row(fileCosts, cells)
		return cells
	}
	for _, e := range b.Extension {
		switch e.URL {
		case profiles.ExtensionPriceOrigin:
			next("price-origin", e.ValueCode)
		case profiles.ExtensionCeilingExclusion:
			w.conditionCells(next("ceiling-exclusion", e.part("scope").ValueCode), e.qualifiers("qualifier"))
		default:
			if rule, value, ok := entryRuleCells(e); ok {
				next(rule, value)
			}
		}
	}
	for _, c := range b.Cost {
		kind, _ := c.Type.one()
		value := ""
		if c.Value != nil {
			value = c.Value.Value.String()
		}
		cells := next(kind.Code, value)
		cells["text"] = c.Type.Text
		w.conditionCells(cells, c.Qualifiers)
		for _, e := range c.Extension {
			if e.URL == profiles.ExtensionExtraMember {
				cells["extra_threshold"] = e.part("threshold").ValueUnsignedInt.String()
				cells["extra_amount"], cells["extra_maximum"] = amountText(e.part("amount").ValueMoney), amountText(e.part("maximum").ValueMoney)
			}
		}
	}
}

func amountText(m *money) string {
	if m == nil {
		return ""
	}
	return m.Value.String()
}
