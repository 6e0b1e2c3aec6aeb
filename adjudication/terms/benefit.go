package terms

import (
	"fmt"

	"bima/adjudication"
	"bima/fhir"
	"bima/profiles"
)

// benefit compiles InsurancePlan.coverage.benefit: what is covered, how often,
// and from when.
func (c *planCompiler) benefit(n fhir.Node, at string) {
	t, ok := c.target(n, at)
	if !ok {
		return
	}
	t.covers()
	rules := t
	if t.whole {
		rules.cover = c.plan.All
	}
	c.entry(rules, n, at)
	for _, e := range Extensions(n, profiles.ExtensionWaitingPeriod) {
		c.waiting(t, e, at)
	}
	if Extension(n, profiles.ExtensionAuthorizationRequired).Get("valueBoolean").Text() == "true" {
		c.once(at+".extension('"+profiles.ExtensionAuthorizationRequired+"')", "authorization|", t.name, "|", t.when)
		t.cover.Authorised = append(t.cover.Authorised, adjudication.Authorisation{When: t.when})
	}
	for i, limit := range Indexed(n.Get("limit")) {
		c.limit(t, limit, fmt.Sprintf("%s.limit[%d]", at, i))
	}
}

// covers notes that what the entry is about is covered; two entries of the two
// settings cover it in both.
func (t target) covers() {
	c, setting := t.cover, t.when.Setting
	switch {
	case setting == adjudication.AnySetting || c.CoveredIn != adjudication.AnySetting && c.CoveredIn != setting:
		c.Covered = true
	default:
		c.CoveredIn = setting
	}
	if c.Covered {
		c.CoveredIn = adjudication.AnySetting
	}
}

func (c *planCompiler) waiting(t target, e fhir.Node, at string) {
	at += ".extension('" + profiles.ExtensionWaitingPeriod + "')"
	months, days, ok := Duration(Extension(e, "duration").Get("valueDuration"))
	if !ok {
		c.wrong(at, "a waiting period is a whole number of days, weeks, months or years")
		return
	}
	var q qualifier
	for _, concept := range Extensions(e, "qualifier") {
		c.qualify(&q, concept.Get("valueCodeableConcept"), at)
	}
	c.setting(t, &q, at)
	c.once(at, "waiting|", t.name, "|", q.when)
	t.cover.Waiting = append(t.cover.Waiting, adjudication.Waiting{When: q.when, Months: months, Days: days})
}

func (c *planCompiler) qualify(q *qualifier, concept fhir.Node, at string) {
	before := *q
	if group := c.groupOf(concept); group != "" {
		q.when.Group = group
	} else if !q.add(concept) {
		c.ignored(at, "the qualifier %.80s is not one that is decided by", concept.Raw())
	}
	if q.clash(before) {
		c.wrong(at, "the qualifiers contradict each other: each of scope, time, age, visit, setting and group is said once")
	}
}

// limit compiles one limit. Those of the policy itself (its duration, its
// members) are no matter of claims.
func (c *planCompiler) limit(t target, n fhir.Node, at string) {
	concept := n.Get("code")
	quantity := CodeOf(concept, profiles.SystemLimit) == "quantity"
	visit := CodeOf(concept, SystemBenefitType) == "visit"
	switch {
	case CodeOf(concept, profiles.SystemOpenIMISBenefitLimit) != "":
		return
	case t.whole || !quantity && !visit:
		c.ignored(at, "the limit %.80s is not one that is decided by", concept.Raw())
		return
	}
	maximum, ok := Amount(n.At("value", "value"))
	if !ok || maximum < 0 {
		c.wrong(at+".value", "a limit needs a value of 0 or more, with at most four decimals; leave the limit out where there is none")
		return
	}
	var q qualifier
	for _, e := range Extensions(n, profiles.ExtensionBenefitQualifier) {
		c.qualify(&q, e.Get("valueCodeableConcept"), at)
	}
	c.setting(t, &q, at)
	l := adjudication.Limit{
		When: q.when, Scope: q.scopeOr(adjudication.ScopeIndividual), Span: q.span, Maximum: maximum, Target: t.name,
	}
	c.lifetime(l, at)
	c.once(at, "limit|", quantity, t.name, "|", q.when, l.Scope, l.Span)
	if quantity {
		l.Bucket = adjudication.BucketOf("use", t.name, t.when)
		t.cover.Quantities = append(t.cover.Quantities, l)
		return
	}
	when := q.when
	when.Age = adjudication.AnyAge // nobody begins anew at the age of majority
	l.Bucket, l.Shared = adjudication.BucketOf("visit", t.name, when), adjudication.BucketOf("visits", t.name, t.when)
	t.cover.Visits = append(t.cover.Visits, l)
}

// lifetime refuses what has no ledger account: a family's use across policies.
func (c *planCompiler) lifetime(l adjudication.Limit, at string) {
	if l.Span == adjudication.SpanLifetime && l.Scope == adjudication.ScopeFamily {
		c.wrong(at, "a limit over a lifetime can be of one person only (benefit-unit individual)")
	}
}
