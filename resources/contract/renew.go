package contract

import (
	"bima/fhir"
	"bima/profiles"
)

// conversionsMax bounds how many conversions of plans follow each other.
const conversionsMax = 10

// renew is Contract/[id]/$renew: it offers the policy that follows.
func (s Settings) renew(tx fhir.Tx, p policy, f form) ([]*fhir.Resource, error) {
	if p.state != stateActive && p.state != stateExpired {
		return nil, p.wrongState("renewed", "active or expired")
	}
	if err := tx.Lock(p.holder.String()); err != nil {
		return nil, err
	}
	enrolled, err := s.enrolled(tx, f)
	if err != nil {
		return nil, err
	}
	o := &offer{settings: s, previous: p.key, previousEnd: p.end}
	if author := p.node.Get("author"); author.Exists() {
		o.author = author.Raw()
	}
	if o.holder, err = holderOf(tx, p.holder, "Contract.subject"); err != nil {
		return nil, err
	}
	if err := o.whom(tx, f); err != nil {
		return nil, err
	}
	if f.Value("plan").Exists() {
		o.product, err = s.plan(tx, f, max(enrolled, p.end+1))
	} else {
		o.product, err = s.successor(tx, p.plan)
	}
	if err != nil {
		return nil, err
	}
	if err := o.next(tx, enrolled); err != nil {
		return nil, err
	}
	o.inherit(p.node)
	if err := o.price(tx); err != nil {
		return nil, err
	}
	made, err := o.make(tx)
	if err != nil {
		return nil, err
	}
	return made, closePrompt(tx, p.key)
}

// next works out the period of a renewal, under the version of the product that
// is sold then.
func (o *offer) next(r fhir.Reader, enrolled day) (err error) {
	if o.terms, err = o.product.terms(stageRenewal, enrolled, o.previousEnd); err != nil || o.product.sold(o.terms.start) {
		return err
	}
	number := o.product.node.Identifier(profiles.IdentifierProduct)
	newer, missing := o.settings.versionOf(r, number, o.terms.start)
	if number == "" || fhir.HasIssue(missing, fhir.IssueNotFound) {
		return nil
	}
	if missing != nil {
		return missing
	}
	o.product = newer
	o.terms, err = newer.terms(stageRenewal, enrolled, o.previousEnd)
	return err
}

// successor gives the plan that a policy is renewed under: that which it converts
// to in the end, or itself.
func (s Settings) successor(r fhir.Reader, k fhir.Key) (*product, error) {
	p, err := s.product(r, k)
	if err == nil && p == nil {
		return nil, refuse("Contract.term.offer.topic", "%s is not there any more; name the plan to renew under", k)
	}
	for range conversionsMax {
		if err != nil || p.conversion.Type != "InsurancePlan" {
			return p, err
		}
		next, err := s.product(r, p.conversion)
		if err != nil {
			return nil, err
		}
		if next == nil {
			return nil, refuse("InsurancePlan.extension('"+profiles.ExtensionOpenIMISConversion+"')", "%s converts to %s, which is not there", p.key, p.conversion)
		}
		p = next
	}
	return nil, refuse("InsurancePlan.extension('"+profiles.ExtensionOpenIMISConversion+"')", "%s converts more than %d times, or to itself; name the plan to renew under", k, conversionsMax)
}
