package contract

import (
	"slices"

	"bima/adjudication"
	"bima/fhir"
	"bima/fhir/parameters"
	"bima/profiles"
)

// policiesMax bounds how many policies of one holder are looked at: two for each
// year of a long life.
const policiesMax = 200

// A policy is a Contract of the scheme as it is stored.
type policy struct {
	key     fhir.Key
	version int64
	node    fhir.Node
	state   string
	holder  fhir.Key
	plan    fhir.Key
	// The period agreed, and the period in force, which is that as long as the
	// policy has not come in force. All are days in it.
	start, agreedEnd day
	from, end        day
	used             bool // whether it has been in force
	ours             bool // whether it is a policy of a family or a person
}

// policyOf reads a Contract.
func policyOf(r *fhir.Resource) (p policy, err error) {
	doc, err := fhir.Parse(r.Body)
	if err != nil {
		return p, err
	}
	n := doc.Root()
	p = policy{key: r.Key, version: r.Version, node: n, state: state(n, profiles.ExtensionPolicyState), holder: target(n.Get("subject").First())}
	term := n.Get("term").First()
	p.plan = target(term.At("offer", "topic"))
	agreed, applies := term.Get("applies"), n.Get("applies")
	if !agreed.Exists() {
		agreed = applies
	}
	if !applies.Exists() {
		applies = agreed
	}
	p.start, _ = adjudication.ReadDay(agreed.Get("start").Text())
	p.agreedEnd, _ = adjudication.ReadLastDay(agreed.Get("end").Text())
	p.from, _ = adjudication.ReadDay(applies.Get("start").Text())
	var ends bool
	p.end, ends = adjudication.ReadLastDay(applies.Get("end").Text())
	p.used = term.Get("asset").First().Get("usePeriod").Exists()
	p.ours = p.state != "" && (ends || p.state == stateDraft) && (p.holder.Type == "Group" || p.holder.Type == "Patient")
	return p, nil
}

// policies gives the policies of a holder, the newest first.
func policies(r fhir.Reader, holder fhir.Key) ([]policy, error) {
	return contracts(r, fhir.Match{Param: fhir.Param{Code: "subject", Kind: fhir.ParamReference}, Value: fhir.ReferenceValue{Key: holder}}, policiesMax)
}

func contracts(r fhir.Reader, where fhir.Criterion, limit int) ([]policy, error) {
	page, err := r.Search(&fhir.Query{Types: []string{"Contract"}, Limit: limit, Where: where})
	if err != nil {
		return nil, err
	}
	var list []policy
	for _, resource := range page.Resources {
		p, err := policyOf(resource)
		if err != nil {
			return nil, err
		}
		if p.ours {
			list = append(list, p)
		}
	}
	return list, nil
}

// open are the states of policies that are or may come in force.
var open = []string{stateDraft, stateOffered, "countered", stateReady, stateActive, stateSuspended, stateRenewed}

// others holds the offer against the holder's other policies of the product: it
// refuses a second one for the same days. It gives the last day of those before.
func (o *offer) others(r fhir.Reader) (last day, had bool, err error) {
	all, err := policies(r, o.holder.key)
	if err != nil {
		return 0, false, err
	}
	for _, p := range all {
		if p.key == o.itself {
			continue
		}
		same, err := o.product.sameAs(r, p.plan)
		if err != nil {
			return 0, false, err
		}
		if !same {
			continue
		}
		if slices.Contains(open, p.state) && p.start <= o.terms.end && o.terms.start <= p.end {
			return 0, false, fhir.Detailf(fhir.IssueDuplicate, detailPolicy, parameters.Expression("subject"), "%s has %s of this plan from %s to %s, which is %s; renew or cancel that one", o.holder.key, p.key, adjudication.WriteDay(p.start), adjudication.WriteDay(p.end), p.state)
		}
		if p.state != stateCancelled && p.start < o.terms.start {
			last, had = max(last, p.end), true
		}
	}
	return last, had, o.alone(r)
}

// alone refuses persons whom the same plan covers at the same time under another
// policy: that of the family they come from, say.
func (o *offer) alone(r fhir.Reader) error {
	for _, m := range o.holder.members {
		all, err := coverages(r, m.key)
		if err != nil {
			return err
		}
		for _, c := range all {
			if c.inForce && c.plan == o.product.key && c.from <= o.terms.end && o.terms.start <= c.to {
				return refuse(parameters.Expression("member"), "%s is covered by this plan already, by %s; end that membership first", m.key, c.key)
			}
		}
	}
	return nil
}

// sameAs reports whether a plan is a version of the product, or one that
// converts to it.
func (p *product) sameAs(r fhir.Reader, plan fhir.Key) (bool, error) {
	if plan == p.key {
		return true, nil
	}
	n, err := read(r, plan)
	if err != nil || !n.Exists() {
		return false, err
	}
	number := n.Identifier(profiles.IdentifierProduct)
	converts := target(n.Extension(profiles.ExtensionOpenIMISConversion).Get("valueReference"))
	return number != "" && number == p.node.Identifier(profiles.IdentifierProduct) || converts == p.key, nil
}
