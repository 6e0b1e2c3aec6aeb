package coverage

import (
	"slices"

	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
)

// A policy is a Contract as the rules see it.
type policy struct {
	state       string
	persons     map[fhir.Key]bool // whom it covers
	plans       map[fhir.Key]bool // what it gives
	agreed      fhir.Interval     // the period agreed; cover begins within it
	applies     fhir.Node         // Contract.applies: the period in force
	predecessor fhir.Key
	bills       []bill // what was asked for those who join it
	paidOn      string // the day of the payment that lets members begin, "" where it was none
	bounced     bool   // whether a payment for members who joined was taken back
}

func policyOf(contract fhir.Node) policy {
	p := policy{
		state: state(contract, profiles.ExtensionPolicyState), applies: contract.Get("applies"),
		persons: map[fhir.Key]bool{}, plans: map[fhir.Key]bool{}, agreed: fhir.WholeDays(contract.Get("applies")),
		predecessor: r4.Target(contract.Extension(profiles.ExtensionContractPredecessor).Get("valueReference")),
	}
	for term := range contract.Get("term").Each() {
		if applies := term.Get("applies"); applies.Exists() {
			p.agreed = fhir.WholeDays(applies)
		}
		p.plan(term.At("offer", "topic"))
		for asset := range term.Get("asset").Each() {
			for person := range asset.Get("typeReference").Each() {
				p.persons[r4.Target(person)] = true
			}
			for item := range asset.Get("valuedItem").Each() {
				p.plan(item.Get("entityReference"))
			}
		}
	}
	return p
}

func (p *policy) plan(reference fhir.Node) {
	if k := r4.Target(reference); k.Type == "InsurancePlan" {
		p.plans[k] = true
	}
}

// neverInForce reports whether the policy has not come into force.
func (p *policy) neverInForce() bool {
	return slices.Contains([]string{"draft", "offered", "countered", "ready"}, p.state)
}

// covered gives the persons of a policy in a fixed order, so that locks are
// taken in it.
func (p *policy) covered() []fhir.Key {
	list := make([]fhir.Key, 0, len(p.persons))
	for k := range p.persons {
		if k.Type == "Patient" {
			list = append(list, k)
		}
	}
	slices.SortFunc(list, func(a, b fhir.Key) int {
		if a.ID < b.ID {
			return -1
		}
		return 1
	})
	return list
}
