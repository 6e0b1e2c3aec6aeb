package contract

import (
	"bytes"

	"bima/fhir"
	"bima/fhir/parameters"
	"bima/profiles"
)

// complete is Contract/[id]/$offer: it makes an offer of a Contract that was
// written by hand and is in draft: who it is for (subject), the plan
// (term.offer.topic) and, where not all of the family are meant, whom it covers
// (term.asset.typeReference). What a policy has beyond that is worked out, and
// what else was written by hand stays.
func (s Settings) complete(tx fhir.Tx, p policy, f form) ([]*fhir.Resource, error) {
	if p.state != stateDraft {
		return nil, p.wrongState("offered", stateDraft)
	}
	if err := tx.Lock(p.holder.String()); err != nil {
		return nil, err
	}
	o, err := s.written(tx, p, f)
	if err != nil {
		return nil, err
	}
	if err := o.price(tx); err != nil {
		return nil, err
	}
	if number := p.node.Identifier(profiles.IdentifierPolicy); number != "" {
		o.number = number
	}
	policy, err := tx.Update(&fhir.Resource{Key: p.key, Body: filled(p.node, o.contract())}, 0)
	if err != nil {
		return nil, err
	}
	return o.members(tx, policy)
}

// written reads the offer from what stands in the Contract.
func (s Settings) written(tx fhir.Tx, p policy, f form) (*offer, error) {
	o := &offer{settings: s, itself: p.key}
	if author := p.node.Get("author"); author.Exists() {
		o.author = bytes.Clone(author.Raw())
	}
	enrolled, err := s.enrolled(tx, f)
	if err != nil {
		return nil, err
	}
	if o.holder, err = holderOf(tx, p.holder, "Contract.subject"); err != nil {
		return nil, err
	}
	if err := o.holder.only(p.persons(), "Contract.term.asset.typeReference"); err != nil {
		return nil, err
	}
	o.named = len(p.persons()) > 0
	if o.product, err = s.product(tx, p.plan); err != nil {
		return nil, err
	}
	if o.product == nil {
		return nil, refuse("Contract.term.offer.topic", "name the plan: an InsurancePlan that is there")
	}
	if o.shares, err = sharesOf(tx, f); err != nil {
		return nil, err
	}
	if o.terms, err = o.product.terms(stageEnrolment, enrolled, 0); err != nil {
		return nil, err
	}
	if p.start > o.terms.start && len(o.product.cycles) == 0 {
		return o, o.from(p.start, "Contract.term.applies.start")
	}
	return o, nil
}

// filled gives a Contract written by hand with all that the offer says.
func filled(n fhir.Node, offered []byte) []byte {
	doc, err := fhir.Parse(offered)
	if err != nil {
		panic("what is spelt here is always JSON: " + err.Error())
	}
	e := fhir.NewEdit(n.Document())
	for m := range doc.Root().All() {
		switch m.Name() {
		case "resourceType":
		case "extension":
			for x := range m.Each() {
				value := parameters.Value(x)
				if value.Exists() {
					e.SetExtension(n, x.Get("url").Text(), value.Name(), value.Raw())
				}
			}
		case "identifier":
			if !n.Get("identifier").Exists() {
				e.Set(n, m.Name(), m.Raw())
			}
		default:
			e.Set(n, m.Name(), m.Raw())
		}
	}
	return e.Bytes()
}
