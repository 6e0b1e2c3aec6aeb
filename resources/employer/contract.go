package employer

import (
	"fmt"
	"slices"

	"bima/adjudication"
	"bima/fhir"
	"bima/fhir/datatype"
	"bima/fhir/r4"
	"bima/profiles"
)

// The states of a contract. Source: CodeSystem policy-state.
const (
	stateDraft      = "draft"
	stateOffered    = "offered"
	stateCountered  = "countered"
	stateReady      = "ready"
	stateActive     = "active"
	stateSuspended  = "suspended"
	stateAmended    = "amended"
	stateRenewed    = "renewed"
	stateExpired    = "expired"
	stateTerminated = "terminated"
	stateCancelled  = "cancelled"
)

// status gives the Contract.status that a state made here goes with.
var status = map[string]string{
	stateDraft: "negotiable", stateOffered: "offered", stateCountered: "rejected", stateReady: "executable", stateActive: "executed",
	stateSuspended: "disputed", stateAmended: "amended", stateRenewed: "renewed", stateExpired: "terminated", stateTerminated: "terminated",
	stateCancelled: "cancelled",
}

const stateExpression = "Contract.extension('" + profiles.ExtensionPolicyState + "')"

// isContract reports whether a Contract is one of an employer.
func isContract(n fhir.Node) bool {
	return n.Get("type").Code(profiles.SystemContractKind) == "employer"
}

// A contract is a Contract of an employer as it is stored.
type contract struct {
	key         fhir.Key
	node        fhir.Node
	state       string
	number      string
	employer    fhir.Key
	insurer     fhir.Node // a Reference
	start, end  day       // the days agreed; later the days in force
	predecessor fhir.Key
	declared    bool // cover follows the declaration, not the payment
	due, grace  int  // days
}

// contract reads one.
func (s Settings) contractOf(k fhir.Key, n fhir.Node) *contract {
	c := &contract{
		key: k, node: n, number: n.Identifier(profiles.IdentifierPolicy), employer: r4.Target(n.Get("subject").First()),
		state: n.Extension(profiles.ExtensionPolicyState).Get("valueCode").Text(), insurer: n.Get("authority").First(),
		predecessor: r4.Target(n.Extension(profiles.ExtensionContractPredecessor).Get("valueReference")),
		due:         or(s.DueDays, 15), grace: or(s.GraceDays, 30),
	}
	c.start, _ = adjudication.ReadDay(n.At("applies", "start").Text())
	c.end, _ = adjudication.ReadLastDay(n.At("applies", "end").Text())
	terms := n.Extension(profiles.ExtensionEmployerTerms)
	c.declared = terms.Extension("cover").Get("valueCode").Text() == "declared"
	for name, into := range map[string]*int{"due": &c.due, "grace": &c.grace} {
		if said := terms.Extension(name).Get("valueUnsignedInt"); said.Exists() {
			days, err := fhir.ParseAmount(said.Text())
			if err == nil && days <= fhir.Units(daysMax) {
				*into = int(days / fhir.Units(1))
			}
		}
	}
	return c
}

// daysMax is the longest time to pay, or of grace.
const daysMax = 366

// under reads a contract under its lock; nil where it is none of an employer.
func (s Settings) under(tx fhir.Tx, k fhir.Key) (*contract, error) {
	if err := tx.Lock(k.String()); err != nil {
		return nil, err
	}
	n, err := fhir.Tree(tx, k)
	if err != nil || !n.Exists() || !isContract(n) {
		return nil, err
	}
	return s.contractOf(k, n), nil
}

// is reports whether the contract is in one of some states.
func (c *contract) is(states ...string) bool { return slices.Contains(states, c.state) }

// wrongState refuses what can't be done in this state.
func (c *contract) wrongState(done, states string) error {
	return refuse(stateExpression, "the contract is %s; only one that is %s can be %s", c.state, states, done)
}

// plans reads what the terms ask. Several may be of one product: each employee is in
// at most one of those at a time.
func (c *contract) plans(r fhir.Reader) ([]*plan, error) {
	var list []*plan
	i := 0
	for term := range c.node.Get("term").Each() {
		at := fmt.Sprintf("Contract.term[%d]", i)
		p, err := planOf(r, term, at)
		if err != nil {
			return nil, err
		}
		for _, other := range list {
			if other.code == p.code {
				return nil, refuse(at+".identifier", "the plan %s is in the contract twice; leave one out", p.code)
			}
			if other.currency != p.currency && other.currency != "" && p.currency != "" {
				return nil, refuse(at+".offer.topic", "the plan %s asks for %s and %s for %s; a contract is in one currency", other.code, other.currency, p.code, p.currency)
			}
		}
		list = append(list, p)
		i++
	}
	if len(list) == 0 {
		return nil, refuse("Contract.term", "a contract has a term for each plan its employees may be in; give it one")
	}
	return list, oneCurrency(list)
}

// oneCurrency gives plans that ask for nothing but per cent the currency of the
// others.
func oneCurrency(plans []*plan) error {
	i := slices.IndexFunc(plans, func(p *plan) bool { return p.currency != "" })
	if i < 0 {
		return refuse("Contract.term[0].offer.topic", "no plan of the contract says in which currency it is; give %s a floor of income, 0 will do", plans[0].code)
	}
	for _, p := range plans {
		p.currency = plans[i].currency
	}
	return nil
}

// become writes the contract's next state.
func (c *contract) become(tx fhir.Tx, state string, more func(e *fhir.Edit)) error {
	e := fhir.NewEdit(c.node.Document())
	e.Set(c.node, "status", datatype.JSON(status[state]))
	e.SetExtension(c.node, profiles.ExtensionPolicyState, "valueCode", datatype.JSON(state))
	if more != nil {
		more(e)
	}
	stored, err := tx.Update(&fhir.Resource{Key: c.key, Body: e.Bytes()}, 0)
	if err != nil {
		return err
	}
	c.state = state
	c.node, err = parse(stored)
	return err
}

// until sets the last day in force.
func (c *contract) until(last day) func(e *fhir.Edit) {
	return func(e *fhir.Edit) {
		c.end = last
		e.Set(c.node.Get("applies"), "end", datatype.JSON(adjudication.WriteDay(last)))
	}
}
