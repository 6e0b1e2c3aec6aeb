package facts

import (
	"slices"

	"bima/adjudication"
	"bima/adjudication/terms"
	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
)

// A Membership is the Coverage of a candidate policy.
type Membership struct {
	Key   fhir.Key
	Payor fhir.Node // Coverage.payor[0], a Reference
	Node  fhir.Node // the Coverage
	// Plan is the InsurancePlan it bought, in whatever version; zero where none is
	// known, and for memberships that do not touch the treatment.
	Plan fhir.Key
}

// policies reads the candidates: all Coverages of the patient that are in use,
// and apart from them those that are not. Plans are compiled of those that hold
// during the treatment.
func (f *Facts) policies(r fhir.Reader, p parties, c *adjudication.Case) (members, closed []Membership, err error) {
	for _, resource := range p.coverages.Resources {
		n, err := parse(resource)
		if err != nil {
			return nil, nil, err
		}
		m := Membership{Key: resource.Key, Payor: n.Get("payor").First(), Node: n}
		if n.Get("status").Text() == "active" && stateAllows(n, profiles.ExtensionCoverageState, "active", "issued", "used", "expired") {
			members = append(members, m)
		} else {
			closed = append(closed, m)
		}
	}
	slices.SortFunc(members, byKey)
	contracts, err := f.contracts(r, p, members)
	if err != nil {
		return nil, nil, err
	}
	pins := make([]pin, len(members))
	for i, m := range members {
		policy, contract := membership(m, contracts[i], c.Patient.Account)
		// Whoever left the register is covered to the day he did, if that was noted.
		policy.Stopped = policy.Stopped || p.inactive && (!c.Stamped || policy.Covered.To > c.Claimed)
		if !policy.Stopped && overlaps(policy, c.Treatment) {
			pins[i] = f.pin(m.Node, contract)
			members[i].Plan = pins[i].key
		}
		c.Policies = append(c.Policies, policy)
	}
	return members, closed, f.compilePlans(r, pins, c.Policies)
}

func byKey(a, b Membership) int {
	switch {
	case a.Key.ID < b.Key.ID:
		return -1
	case a.Key.ID > b.Key.ID:
		return 1
	}
	return 0
}

func stateAllows(n fhir.Node, url string, states ...string) bool {
	e := terms.Extension(n, url)
	return !e.Exists() || slices.Contains(states, e.Get("valueCode").Text())
}

func overlaps(p adjudication.Policy, treatment adjudication.Period) bool {
	return p.Covered.From <= treatment.To && treatment.From <= p.Covered.To
}

// contracts gives the Contract of each membership; a zero one where it has none.
func (f *Facts) contracts(r fhir.Reader, p parties, members []Membership) ([]stored, error) {
	keys := make([]fhir.Key, len(members))
	var all, wanted []fhir.Key
	for i, m := range members {
		k, ok, err := f.resolve(r, m.Node, m.Node.Get("contract").First(), "Contract")
		if err != nil {
			return nil, err
		}
		if ok {
			keys[i], all = k, append(all, k)
			if _, read := p.contracts[k]; !read {
				wanted = append(wanted, k)
			}
		}
	}
	f.held.note(p.patient, all)
	found, err := readAll(r, wanted)
	if err != nil {
		return nil, err
	}
	contracts := make([]stored, len(members))
	for i, k := range keys {
		if contracts[i] = found[k]; contracts[i].Resource == nil {
			contracts[i] = p.contracts[k]
		}
	}
	return contracts, nil
}

// inForce are the states of a Contract under which its members are covered
// within their dates. Source: sketch 5; ended, renewed and amended policies
// still pay for the days before.
var inForce = []string{"executed", "resolved", "renewed", "amended", "terminated"}

// membership reads a candidate from its Coverage and Contract. A Coverage
// without a Contract is a policy of its own.
func membership(m Membership, contract stored, patient string) (adjudication.Policy, fhir.Node) {
	order, _ := terms.Amount(m.Node.Get("order"))
	p := adjudication.Policy{
		Name: m.Key.String(), Order: int(order / terms.OneUnit), Account: m.Key.String(),
		Policy: adjudication.Always(), Covered: terms.Period(m.Node.Get("period")), WaitingFrom: adjudication.FirstDay,
	}
	if from, ok := terms.FirstDay(terms.Extension(m.Node, profiles.ExtensionCoverageWaitingFrom).Get("valueDate")); ok {
		p.WaitingFrom = from
	}
	if from, ok := terms.FirstDay(terms.Extension(m.Node, profiles.ExtensionCoverageUseFrom).Get("valueDate")); ok {
		p.UseFrom = from
	}
	if contract.Resource == nil {
		p.Stopped = m.Node.Get("contract").Exists()
		p.Member, p.Policy = p.Account+"|"+patient, p.Covered
		return p, fhir.Node{}
	}
	n := contract.node
	p.Account = contract.Key.String()
	p.Member = p.Account + "|" + patient
	p.Policy = terms.Period(n.Get("applies"))
	if employment(n) {
		return employed(p, m, n, patient), fhir.Node{}
	}
	p.Stopped = !slices.Contains(inForce, n.Get("status").Text()) ||
		!stateAllows(n, profiles.ExtensionPolicyState, "active", "renewed", "amended", "expired", "terminated")
	p.Renewal = terms.Extension(n, profiles.ExtensionContractPredecessor).Exists()
	p.Members = members(n)
	return p, n
}

// employment reports whether a Contract is one of an employer.
func employment(contract fhir.Node) bool {
	return terms.CodeOf(contract.Get("type"), profiles.SystemContractKind) == "employer"
}

// employed reads a candidate of an employer's Contract, which covers many: each
// employee has a policy of his own in it, of the plan of his Coverage, that those
// covered through him share. Care before the contract was suspended is paid.
func employed(p adjudication.Policy, m Membership, contract fhir.Node, patient string) adjudication.Policy {
	holder := patient
	if subscriber := m.Node.At("subscriber", "reference").Text(); subscriber != "" {
		holder = subscriber
	}
	p.Account += "|" + holder
	p.Member = p.Account + "|" + patient
	status := contract.Get("status").Text()
	since, suspended := terms.FirstDay(terms.Extension(contract, profiles.ExtensionContractSuspension).Get("valueDate"))
	if suspended {
		p.Policy.To = min(p.Policy.To, since-1)
	}
	p.Stopped = !slices.Contains(inForce, status) && !(suspended && status == "disputed")
	return p
}

// members counts the persons a Contract covers.
func members(contract fhir.Node) int {
	count := 0
	for term := range contract.Get("term").Each() {
		for asset := range term.Get("asset").Each() {
			count = max(count, asset.Get("typeReference").Len())
		}
	}
	return count
}

// A pin is the InsurancePlan of a policy; version 0 is the current one.
type pin struct {
	key     fhir.Key
	version int64
}

// pin finds the plan: the version the Contract bought, else the Contract's
// topic, else the Coverage's plan.
func (f *Facts) pin(coverage, contract fhir.Node) pin {
	var topic pin
	for term := range contract.Get("term").Each() {
		for asset := range term.Get("asset").Each() {
			for item := range asset.Get("valuedItem").Each() {
				if p, ok := f.planOf(item.Get("entityReference")); ok && p.version > 0 {
					return p
				}
			}
		}
		if p, ok := f.planOf(term.At("offer", "topic")); ok && topic.key.IsZero() {
			topic = p
		}
	}
	if topic.key.IsZero() {
		topic, _ = f.planOf(terms.Extension(coverage, profiles.ExtensionCoverageInsurancePlan).Get("valueReference"))
	}
	return topic
}

func (f *Facts) planOf(ref fhir.Node) (pin, bool) {
	literal := fhir.ParseReference(ref.Get("reference").Text(), r4.IsResource)
	if literal.Type != "InsurancePlan" || literal.ID == "" || literal.Base != "" && literal.Base != f.base {
		return pin{}, false
	}
	version, ok := digits(literal.Version)
	return pin{literal.Key, version}, ok
}

// digits reads a versionId of ours; "" is 0.
func digits(s string) (int64, bool) {
	var n int64
	for _, c := range s {
		if c < '0' || c > '9' || n > 1<<50 {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, true
}
