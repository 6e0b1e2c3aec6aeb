package coverage

import (
	"context"

	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
)

// coveragesMax bounds how many Coverages of a person are looked at: two for each
// year of a long life.
const coveragesMax = 200

// A membership is a Coverage as the rules see it.
type membership struct {
	key      fhir.Key
	node     fhir.Node
	person   fhir.Key
	contract fhir.Key
	plan     fhir.Key
	inForce  bool // its status is active
	period   fhir.Interval
}

// cancelled reports whether the membership was withdrawn, not only suspended.
func (m membership) cancelled() bool {
	return state(m.node, profiles.ExtensionCoverageState) == "cancelled"
}

// membershipOf reads a Coverage. Days are compared in UTC: both ends of a period
// are days of the scheme, so their order is the same in any zone.
func membershipOf(k fhir.Key, n fhir.Node) membership {
	return membership{
		key: k, node: n,
		person:   r4.Target(n.Get("beneficiary")),
		contract: r4.Target(n.Get("contract").First()),
		plan:     r4.Target(n.Extension(profiles.ExtensionCoverageInsurancePlan).Get("valueReference")),
		inForce:  n.Get("status").Text() == "active",
		period:   fhir.WholeDays(n.Get("period")),
	}
}

// consistent holds memberships against their policies and against the other
// memberships of the person, at the end of the transaction.
func consistent(_ context.Context, tx fhir.Tx, changes []fhir.Change) error {
	for _, c := range changes {
		if c.After == nil {
			continue
		}
		m := membershipOf(c.Key, c.Node)
		if m.plan.IsZero() && m.contract.IsZero() || c.Node.Get("status").Text() == "entered-in-error" {
			continue
		}
		if err := checkPolicy(tx, m); err != nil {
			return err
		}
		if err := checkOthers(tx, m); err != nil {
			return err
		}
	}
	return nil
}

// checkPolicy holds a membership against its policy, where that is a policy of
// the scheme and is there.
func checkPolicy(r fhir.Reader, m membership) error {
	if m.contract.Type != "Contract" {
		return nil
	}
	contract, err := fhir.Tree(r, m.contract)
	if err != nil || state(contract, profiles.ExtensionPolicyState) == "" {
		return err
	}
	p := policyOf(contract)
	if len(p.persons) > 0 && !p.persons[m.person] {
		return refuse("Coverage.beneficiary", "%s does not cover %s; name the person in Contract.term.asset.typeReference", m.contract, m.person)
	}
	if !m.plan.IsZero() && len(p.plans) > 0 && !p.plans[m.plan] {
		return refuse("Coverage.extension('"+profiles.ExtensionCoverageInsurancePlan+"')", "%s is not a policy of %s", m.contract, m.plan)
	}
	if !within(m.period, p.agreed) {
		return refuse("Coverage.period", "the membership is not within the period agreed in %s", m.contract)
	}
	if m.inForce && p.neverInForce() {
		return refuse("Coverage.status", "%s is %s: nobody is covered by it yet", m.contract, p.state)
	}
	return nil
}

// within reports whether the inner interval does not reach beyond the outer one.
func within(inner, outer fhir.Interval) bool {
	starts := outer.From.IsZero() || !inner.From.IsZero() && !inner.From.Before(outer.From)
	ends := outer.To.IsZero() || !inner.To.IsZero() && !inner.To.After(outer.To)
	return starts && ends
}

// checkOthers holds a membership against the person's others: at a time one of a
// policy, and not two in force of the same plan. A Coverage without a plan is
// not of the scheme, and may stand as often as its sender likes.
func checkOthers(tx fhir.Tx, m membership) error {
	if m.person.IsZero() || m.plan.IsZero() {
		return nil
	}
	if err := tx.Lock(m.person.String()); err != nil {
		return err
	}
	others, err := memberships(tx, m.person)
	if err != nil {
		return err
	}
	for _, o := range others {
		if o.key == m.key || o.node.Get("status").Text() == "entered-in-error" {
			continue
		}
		samePlan := o.plan == m.plan || o.plan.IsZero() // an employer's contract has several
		if !m.contract.IsZero() && o.contract == m.contract && samePlan && !m.cancelled() && !o.cancelled() && m.period.Overlaps(o.period) {
			return refuse("Coverage.contract", "%s covers %s by %s already", m.contract, m.person, o.key)
		}
		if m.inForce && o.inForce && o.plan == m.plan && m.period.Overlaps(o.period) {
			return refuse("Coverage.period", "%s is covered by the same plan at the same time by %s", m.person, o.key)
		}
	}
	return nil
}

// memberships gives all Coverages of a person.
func memberships(r fhir.Reader, person fhir.Key) ([]membership, error) {
	page, err := r.Search(&fhir.Query{
		Types: []string{"Coverage"}, Limit: coveragesMax,
		Where: fhir.Match{Param: fhir.Param{Code: "beneficiary", Kind: fhir.ParamReference}, Value: fhir.ReferenceValue{Key: person}},
	})
	if err != nil {
		return nil, err
	}
	list := make([]membership, 0, len(page.Resources))
	for _, resource := range page.Resources {
		doc, err := fhir.Parse(resource.Body)
		if err != nil {
			return nil, err
		}
		list = append(list, membershipOf(resource.Key, doc.Root()))
	}
	return list, nil
}
