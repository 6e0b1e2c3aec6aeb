package terms

import (
	"fmt"

	"bima/adjudication"
	"bima/fhir"
	"bima/profiles"
)

// costs compiles InsurancePlan.plan.specificCost.benefit: who pays which share,
// ceilings, deductibles, and where the price comes from.
func (c *planCompiler) costs(n fhir.Node, at string) {
	t, ok := c.target(n, at)
	if !ok {
		return
	}
	if t.whole {
		t.cover = c.plan.All
	}
	c.entry(t, n, at)
	if e := Extension(n, profiles.ExtensionPriceOrigin); e.Exists() {
		c.origin(t, e.Get("valueCode").Text(), at)
	}
	for _, e := range Extensions(n, profiles.ExtensionCeilingExclusion) {
		c.exemption(t, e, at)
	}
	for i, cost := range Indexed(n.Get("cost")) {
		c.cost(t, cost, fmt.Sprintf("%s.cost[%d]", at, i))
	}
}

func (c *planCompiler) origin(t target, code, at string) {
	origin, ok := map[string]adjudication.Origin{
		"list": adjudication.OriginList, "own": adjudication.OriginOwn, "relative": adjudication.OriginRelative,
	}[code]
	if !ok {
		c.wrong(at+".extension('"+profiles.ExtensionPriceOrigin+"')", "the price origin is list, own or relative, not %.40q", code)
	}
	c.everywhere(t, at+".extension('"+profiles.ExtensionPriceOrigin+"')")
	c.once(at, "origin|", t.name)
	t.cover.Origin = origin
}

func (c *planCompiler) exemption(t target, e fhir.Node, at string) {
	at += ".extension('" + profiles.ExtensionCeilingExclusion + "')"
	var q qualifier
	for _, concept := range Extensions(e, "qualifier") {
		c.qualify(&q, concept.Get("valueCodeableConcept"), at)
	}
	c.setting(t, &q, at)
	w := q.when
	switch code := Extension(e, "scope").Get("valueCode").Text(); code {
	case "inpatient", "outpatient":
		said := adjudication.SettingInpatient
		if code == "outpatient" {
			said = adjudication.SettingOutpatient
		}
		if w.Setting != adjudication.AnySetting && w.Setting != said {
			c.wrong(at, "the entry is about in- or out-patient care, and its ceiling exclusion about the other")
		}
		w.Setting = said
	case "both":
	default:
		c.wrong(at, "the scope of a ceiling exclusion is inpatient, outpatient or both, not %.40q", code)
	}
	t.cover.Exempt = append(t.cover.Exempt, adjudication.Exemption{When: w})
}

// cost compiles one cost by its type. Source: HL7 benefit-type.
func (c *planCompiler) cost(t target, n fhir.Node, at string) {
	var q qualifier
	for _, concept := range Indexed(n.Get("qualifiers")) {
		c.qualify(&q, concept, at+".qualifiers")
	}
	c.setting(t, &q, at+".qualifiers")
	kind := CodeOf(n.Get("type"), SystemBenefitType)
	c.perLine(kind, q, at+".qualifiers")
	if kind == "copay-percent" {
		c.share(t, q, n, at)
		return
	}
	value, ok := c.money(n, at)
	if !ok {
		return
	}
	switch kind {
	case "copay":
		c.once(at, "copay|", t.name, "|", q.when, q.per())
		t.cover.Copays = append(t.cover.Copays, adjudication.Copay{When: q.when, Per: q.per(), Amount: value})
	case "copay-maximum":
		c.once(at, "copay-maximum|", t.name, "|", q.when)
		t.cover.ShareMaximum = append(t.cover.ShareMaximum, adjudication.Term{When: q.when, Value: value})
	case "benefit":
		c.benefitAmount(t, q, n, value, at)
	case "deductible":
		l := q.moneyLimit("deductible", t, value)
		c.lifetime(l, at)
		c.place("deductible", l, at)
		t.cover.Deductibles = append(t.cover.Deductibles, l)
	default:
		c.ignored(at+".type", "the cost %.80s is not one that is decided by", n.Get("type").Raw())
	}
}

// perLine tells of qualifiers of a share that say for whom or how long it counts: it
// counts for a line, and a flat one for a unit or a claim.
func (c *planCompiler) perLine(kind string, q qualifier, at string) {
	switch kind {
	case "copay-percent", "copay-maximum":
		if q.spanned || q.perUnit || q.scope == adjudication.ScopeFamily || q.scope == adjudication.ScopeTreatment {
			c.overlooked(at, "a %s counts for each line, not for a person, a family, a claim or a time; leave out who and over", kind)
		}
	case "copay":
		if q.spanned || q.scope == adjudication.ScopeFamily {
			c.overlooked(at, "a copay counts for each line, unit or claim, not for a family or a time; leave out who and over, or say claim")
		}
	}
}

func (q qualifier) per() adjudication.Per {
	switch {
	case q.perUnit:
		return adjudication.PerUnit
	case q.scope == adjudication.ScopeTreatment:
		return adjudication.PerTreatment
	}
	return adjudication.PerLine
}

// share compiles the patient's percentage.
func (c *planCompiler) share(t target, q qualifier, n fhir.Node, at string) {
	percent, ok := Amount(n.At("value", "value"))
	if !ok || percent < 0 || percent > 100*OneUnit {
		c.wrong(at+".value", "the patient's share is a percentage from 0 to 100, with at most four decimals")
		return
	}
	c.once(at, "share|", t.name, "|", q.when)
	t.cover.Shares = append(t.cover.Shares, adjudication.Term{When: q.when, Value: percent})
}

// money reads a sum of the plan's currency, which all sums must share.
func (c *planCompiler) money(n fhir.Node, at string) (fhir.Amount, bool) {
	quantity := n.Get("value")
	value, ok := Amount(quantity.Get("value"))
	if !ok || value < 0 {
		c.wrong(at+".value", "the amount must be 0 or more, with at most four decimals")
		return 0, false
	}
	currency := quantity.Get("code").Text()
	if quantity.Get("system").Text() != SystemCurrency || currency == "" {
		c.wrong(at+".value", "an amount of money has the system %s and a currency as its code", SystemCurrency)
		return 0, false
	}
	if c.plan.Currency == "" {
		c.plan.Currency = currency
	}
	if c.plan.Currency != currency {
		c.wrong(at+".value", "the plan has amounts in %s already; all its amounts must be in one currency", c.plan.Currency)
	}
	return value, true
}

// benefitAmount compiles the most that is paid: for a unit, or over a span.
func (c *planCompiler) benefitAmount(t target, q qualifier, n fhir.Node, value fhir.Amount, at string) {
	if q.perUnit {
		c.once(at, "unit|", t.name, "|", q.when)
		t.cover.UnitMaximum = append(t.cover.UnitMaximum, adjudication.Term{When: q.when, Value: value})
		return
	}
	l := q.moneyLimit("benefit", t, value)
	c.lifetime(l, at)
	if e := Extension(n, profiles.ExtensionExtraMember); e.Exists() {
		l.Extra, c.plan.Grows = c.extra(e, at), true
		c.grows(l, e, at+".extension('"+profiles.ExtensionExtraMember+"')")
	}
	c.place("ceiling", l, at)
	t.cover.Ceilings = append(t.cover.Ceilings, l)
}

// extra compiles how a ceiling grows with the family.
func (c *planCompiler) extra(e fhir.Node, at string) adjudication.Extra {
	threshold, ok1 := Amount(Extension(e, "threshold").Get("valueUnsignedInt"))
	each, ok2 := Amount(Extension(e, "amount").At("valueMoney", "value"))
	most, limited := Amount(Extension(e, "maximum").At("valueMoney", "value"))
	if !ok1 || !ok2 || threshold < OneUnit || each < 0 || limited && most < 0 {
		c.wrong(at+".extension('"+profiles.ExtensionExtraMember+"')", "extra members need a threshold of 1 or more and an amount of 0 or more")
	}
	return adjudication.Extra{Threshold: int(threshold / OneUnit), Amount: each, Maximum: most}
}

func (q qualifier) moneyLimit(counts string, t target, value fhir.Amount) adjudication.Limit {
	when := q.money()
	return adjudication.Limit{
		When: when, Scope: q.scopeOr(adjudication.ScopeIndividual), Span: q.span, Maximum: value,
		Bucket: adjudication.BucketOf(counts, t.name, when), Target: t.name,
	}
}
