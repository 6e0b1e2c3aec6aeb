package tables

import (
	"fmt"
	"slices"

	"bima/adjudication/terms"
	"bima/profiles"
)

// covers gives the benefit of an entry, made where it is not there yet.
func (r *reader) covers(d *draft, line row) (b *benefit, at string) {
	all := &d.resource.Coverage[0].Benefit
	c := entry(line)
	key := coding{System: c.System, Code: c.Code}
	i, there := d.covered[key]
	if !there {
		i = len(*all)
		d.covered[key] = i
		*all = append(*all, benefit{Type: concept{Coding: []coding{key}}})
	}
	b, at = &(*all)[i], fmt.Sprintf("InsurancePlan.coverage[0].benefit[%d]", i)
	if c.Display != "" {
		b.Type.Coding[0].Display = c.Display
	}
	if !there {
		d.from(at, line, "entry")
	}
	b.Extension = r.set(d, b.Extension, line, at)
	return b, at
}

// set adds the set of services that an entry is about; all rows of an entry name one.
func (r *reader) set(d *draft, list []extension, line row, at string) []extension {
	url := line.get("set")
	for _, e := range list {
		if e.URL == profiles.ExtensionServiceSet && url != "" && e.ValueCanonical != url {
			r.add(line, "set", "give each set an entry of its own", "the entry is about the set %.80q already", e.ValueCanonical)
		}
		if e.URL == profiles.ExtensionServiceSet {
			return list
		}
	}
	if url == "" {
		return list
	}
	d.from(at+".extension('"+profiles.ExtensionServiceSet+"')", line, "set")
	return append(list, extension{URL: profiles.ExtensionServiceSet, ValueCanonical: url})
}

// benefit reads a row of what is covered.
func (r *reader) benefit(d *draft, line row) {
	b, at := r.covers(d, line)
	qualifiers := r.conditions(line)
	rule := r.word(line, "rule", ruleWords...)
	switch said := line.get("value") != ""; {
	case rule == "authorization" && (said || len(qualifiers) > 0):
		r.add(line, "rule", "leave the other cells empty", "who needs an authorization needs it always, but in an emergency")
	case rule == "authorization":
		yes := true
		b.Extension = append(b.Extension, extension{URL: profiles.ExtensionAuthorizationRequired, ValueBoolean: &yes})
		d.from(at+".extension('"+profiles.ExtensionAuthorizationRequired+"')", line, "rule")
	case line.get("rule") == "" && (said || len(qualifiers) > 0):
		r.add(line, "rule", "say quantity, visits or waiting, or leave the other cells empty", "the row has a value or conditions and no rule")
	case rule == "":
	case !said:
		r.add(line, "value", "give it, or leave the row out where there is no limit", "the rule has no value")
	case rule == "waiting":
		r.waiting(d, b, line, qualifiers, at)
	case rule == "wage-replacement":
		r.wage(d, b, line, qualifiers, at)
	case rule != "quantity" && rule != "visits":
		if len(qualifiers) > 0 {
			r.add(line, "", "leave them empty", "this rule holds for everybody, so it has no conditions")
		}
		e := *r.entryRule(line, rule)
		d.from(at+".extension('"+e.URL+"')", line, "value")
		b.Extension = append(b.Extension, e)
	default:
		r.limit(d, b, line, qualifiers, at)
	}
}

// limit reads how much of an entry is allowed.
func (r *reader) limit(d *draft, b *benefit, line row, qualifiers []concept, at string) {
	n := r.number(line, "value")
	l := limit{Value: count(n, "unit"), Code: &concept{Coding: []coding{{System: profiles.SystemLimit, Code: "quantity"}}}}
	if line.get("rule") == "visits" {
		l.Value, l.Code = count(n, "visit"), &concept{Coding: []coding{{System: terms.SystemBenefitType, Code: "visit"}}}
	}
	for i := range qualifiers {
		l.Extension = append(l.Extension, extension{URL: profiles.ExtensionBenefitQualifier, ValueCodeableConcept: &qualifiers[i]})
	}
	at = fmt.Sprintf("%s.limit[%d]", at, len(b.Limit))
	d.from(at, line, "rule")
	d.from(at+".value", line, "value")
	b.Limit = append(b.Limit, l)
}

func (r *reader) waiting(d *draft, b *benefit, line row, qualifiers []concept, at string) {
	e := extension{URL: profiles.ExtensionWaitingPeriod, Extension: []extension{{URL: "duration", ValueDuration: r.time(line, "value")}}}
	for i := range qualifiers {
		e.Extension = append(e.Extension, extension{URL: "qualifier", ValueCodeableConcept: &qualifiers[i]})
	}
	d.from(at+".extension('"+e.URL+"')", line, "value")
	b.Extension = append(b.Extension, e)
}

// wage reads which part of a wage is paid, and from when on.
func (r *reader) wage(d *draft, b *benefit, line row, qualifiers []concept, at string) {
	if len(qualifiers) > 0 {
		r.add(line, "", "leave them empty", "this rule holds for everybody, so it has no conditions")
	}
	e := extension{URL: profiles.ExtensionWageReplacement, Extension: []extension{{URL: "share", ValueDecimal: r.number(line, "value")}}}
	if after := r.whole(line, "after"); after != "" {
		e.Extension = append(e.Extension, extension{URL: "after", ValueUnsignedInt: after})
	}
	d.from(at+".extension('"+e.URL+"')", line, "value")
	b.Extension = append(b.Extension, e)
}

// costs gives what the plan says of an entry, made where it says nothing yet.
func (r *reader) costs(d *draft, line row) (b *planBenefit, at string) {
	p := &d.resource.Plan[0]
	if len(p.SpecificCost) == 0 {
		p.SpecificCost = []specificCost{{Category: concept{Coding: []coding{{System: terms.SystemInsurancePlanType, Code: medical}}}}}
	}
	all := &p.SpecificCost[0].Benefit
	c := entry(line)
	key := coding{System: c.System, Code: c.Code}
	i, there := d.costed[key]
	if !there {
		i = len(*all)
		d.costed[key] = i
		*all = append(*all, planBenefit{Type: concept{Coding: []coding{key}}})
	}
	b, at = &(*all)[i], fmt.Sprintf("InsurancePlan.plan[0].specificCost[0].benefit[%d]", i)
	if c.Display != "" {
		b.Type.Coding[0].Display = c.Display
	}
	if !there {
		d.from(at, line, "entry")
	}
	b.Extension = r.set(d, b.Extension, line, at)
	return b, at
}

// The words of costs that are no money and no percentage.
var (
	originWords    = []string{"list", "own", "relative"}
	exclusionWords = []string{"inpatient", "outpatient", "both"}
	costWords      = []string{"copay-percent", "copay", "copay-maximum", "deductible", "benefit", "price-origin", "ceiling-exclusion"}
	costOrRule     = append(slices.Clone(costWords), entryWords...)
)

// cost reads a row of what is paid, and by whom.
func (r *reader) cost(d *draft, line row) {
	b, at := r.costs(d, line)
	qualifiers := r.conditions(line)
	kind := r.word(line, "cost", costOrRule...)
	switch kind {
	case "":
	case "price-origin":
		if len(qualifiers) > 0 {
			r.add(line, "", "leave them empty", "a price origin holds for everybody, so it has no conditions")
		}
		b.Extension = append(b.Extension, extension{URL: profiles.ExtensionPriceOrigin, ValueCode: r.word(line, "value", originWords...)})
		d.from(at+".extension('"+profiles.ExtensionPriceOrigin+"')", line, "value")
	case "ceiling-exclusion":
		e := extension{URL: profiles.ExtensionCeilingExclusion, Extension: []extension{{URL: "scope", ValueCode: r.word(line, "value", exclusionWords...)}}}
		for i := range qualifiers {
			e.Extension = append(e.Extension, extension{URL: "qualifier", ValueCodeableConcept: &qualifiers[i]})
		}
		b.Extension = append(b.Extension, e)
		d.from(at+".extension('"+e.URL+"')", line, "value")
	case "once-a-day", "referral", "capitated", "diagnosis-excluded", "diagnosis-required":
		if len(qualifiers) > 0 {
			r.add(line, "", "leave them empty", "this rule holds for everybody, so it has no conditions")
		}
		e := *r.entryRule(line, kind)
		b.Extension = append(b.Extension, e)
		d.from(at+".extension('"+e.URL+"')", line, "value")
	default:
		at = fmt.Sprintf("%s.cost[%d]", at, len(b.Cost))
		d.from(at, line, "cost")
		d.from(at+".value", line, "value")
		b.Cost = append(b.Cost, r.planCost(d, line, kind, qualifiers, at))
	}
}

func (r *reader) planCost(d *draft, line row, kind string, qualifiers []concept, at string) planCost {
	c := planCost{
		Type:       concept{Coding: []coding{{System: terms.SystemBenefitType, Code: kind}}, Text: line.get("text")},
		Qualifiers: qualifiers,
	}
	n := r.number(line, "value")
	if kind == "copay-percent" {
		c.Value = &quantity{Value: n, Unit: "%", System: ucum, Code: "%"}
	} else {
		c.Value = r.sum(d, n)
	}
	threshold, each, most := r.whole(line, "extra_threshold"), r.money(d, line, "extra_amount"), r.money(d, line, "extra_maximum")
	switch {
	case threshold == "" && each == nil && most == nil:
		return c
	case threshold == "" || each == nil || kind != "benefit":
		r.add(line, "extra_threshold", "give extra_threshold and extra_amount with a benefit of a family, or leave all three empty", "a ceiling that grows has a threshold and an amount")
		return c
	}
	e := extension{URL: profiles.ExtensionExtraMember, Extension: []extension{{URL: "threshold", ValueUnsignedInt: threshold}, {URL: "amount", ValueMoney: each}}}
	if most != nil {
		e.Extension = append(e.Extension, extension{URL: "maximum", ValueMoney: most})
	}
	c.Extension = []extension{e}
	d.from(at+".extension('"+e.URL+"')", line, "extra_threshold")
	return c
}
