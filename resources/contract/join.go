package contract

import (
	"fmt"
	"slices"

	"bima/adjudication"
	"bima/fhir"
	"bima/fhir/datatype"
	"bima/fhir/parameters"
	"bima/profiles"
)

// join is Contract/[id]/$add-member: it covers further members of the family to
// the end of the policy.
//
// Source: openIMIS: what the policy costs more with them is due in full, without
// discount, and they are covered once it is paid.
func (s Settings) join(tx fhir.Tx, p policy, f form) ([]*fhir.Resource, error) {
	if p.state != stateActive {
		return nil, p.wrongState("joined", "active")
	}
	date, err := f.day("date", s.today(tx.Now()))
	if err != nil {
		return nil, err
	}
	if date < p.from || date > p.end {
		return nil, refuse(parameters.Expression("date"), "%s is in force from %s to %s", p.key, adjudication.WriteDay(p.from), adjudication.WriteDay(p.end))
	}
	keys, err := f.keys(tx, "member", "Patient")
	if err != nil {
		return nil, err
	}
	if len(keys) == 0 {
		return nil, fhir.Errorf(fhir.IssueRequired, parameters.Expression("member"), "name who joins: members of %s", p.holder)
	}
	o, covered, err := s.reopen(tx, p)
	if err != nil {
		return nil, err
	}
	joiners, err := o.joiners(tx, p, keys, date)
	if err != nil {
		return nil, err
	}
	return o.joined(tx, p, covered, joiners, date)
}

// reopen reads a policy as the offer it came from, and whom it covers.
func (s Settings) reopen(tx fhir.Tx, p policy) (*offer, []member, error) {
	o := &offer{settings: s, terms: terms{stage: stageEnrolment, start: p.start, end: p.end}, number: p.node.Identifier(profiles.IdentifierPolicy)}
	if p.node.Extension(profiles.ExtensionContractPredecessor).Exists() {
		o.terms.stage = stageRenewal
	}
	var err error
	if o.holder, err = holderOf(tx, p.holder, "Contract.subject"); err != nil {
		return nil, nil, err
	}
	if o.product, err = s.bought(tx, p); err != nil {
		return nil, nil, err
	}
	issued, known := adjudication.ReadDay(p.node.Get("issued").Text())
	if !known {
		issued = p.start
	}
	o.terms.enrolled = issued
	var covered []member
	for _, k := range p.persons() {
		n, err := read(tx, k)
		if err != nil {
			return nil, nil, err
		}
		m := member{key: k, node: n}
		if i := slices.IndexFunc(o.holder.members, func(h member) bool { return h.key == k }); i >= 0 {
			m = o.holder.members[i]
		}
		covered = append(covered, m)
	}
	return o, covered, nil
}

// bought reads the version of the plan that the policy bought.
func (s Settings) bought(r fhir.Reader, p policy) (*product, error) {
	text := p.node.Get("term").First().Get("asset").First().Get("valuedItem").First().At("entityReference", "reference").Text()
	pinned := fhir.ParseReference(text, func(typ string) bool { return typ == "InsurancePlan" })
	if version, err := fhir.ParseAmount(pinned.Version); err == nil && pinned.Relative() {
		resource, err := r.ReadVersion(pinned.Key, int64(version/fhir.Units(1)))
		if err == nil && !resource.Deleted {
			return s.productOf(resource)
		}
		if err != nil && !fhir.HasIssue(err, fhir.IssueNotFound) {
			return nil, err
		}
	}
	plan, err := s.product(r, p.plan)
	if err == nil && plan == nil {
		err = refuse("Contract.term.offer.topic", "%s is not there any more", p.plan)
	}
	return plan, err
}

// persons gives whom a policy names.
func (p *policy) persons() []fhir.Key {
	var list []fhir.Key
	for term := range p.node.Get("term").Each() {
		for asset := range term.Get("asset").Each() {
			for person := range asset.Get("typeReference").Each() {
				if k := target(person); k.Type == "Patient" && !slices.Contains(list, k) {
					list = append(list, k)
				}
			}
		}
	}
	return list
}

// A joiner is who joins, from a day on.
type joiner struct {
	member
	from day
	new  bool // the policy does not name him yet
}

// joiners finds who joins among the family; it refuses who is covered already.
func (o *offer) joiners(r fhir.Reader, p policy, keys []fhir.Key, date day) ([]joiner, error) {
	var list []joiner
	named := p.persons()
	for _, k := range keys {
		i := slices.IndexFunc(o.holder.members, func(m member) bool { return m.key == k })
		if i < 0 {
			return nil, refuse(parameters.Expression("member"), "%s is not of %s now; make him a member of it first", k, p.holder)
		}
		j := joiner{member: o.holder.members[i], from: date, new: !slices.Contains(named, k)}
		all, err := coverages(r, k)
		if err != nil {
			return nil, err
		}
		for _, c := range all {
			if c.contract != p.key || c.node.Get("status").Text() == "cancelled" || c.node.Get("status").Text() == "entered-in-error" {
				continue
			}
			if c.to >= p.end {
				return nil, refuse(parameters.Expression("member"), "%s covers %s already, by %s", p.key, k, c.key)
			}
			j.from = max(j.from, c.to+1)
		}
		list = append(list, j)
	}
	if most := o.product.membersMax; most > 0 && len(named)+len(list) > most {
		return nil, refuse(parameters.Expression("member"), "the plan covers %d members at most, and %s has %d", most, p.key, len(named))
	}
	return list, nil
}

// joined stores the new memberships, what is due for them, and the policy that
// names them. Newborns whom it names already count as new to its value.
func (o *offer) joined(tx fhir.Tx, p policy, covered []member, joiners []joiner, date day) ([]*fhir.Resource, error) {
	var all []member
	for _, m := range covered {
		if !slices.ContainsFunc(joiners, func(j joiner) bool { return j.key == m.key }) {
			all = append(all, m)
		}
	}
	before := o.product.value(o.product.householdOf(all, o.terms.enrolled), o.terms, o.terms.stage == stageEnrolment)
	for _, j := range joiners {
		all = append(all, j.member)
	}
	after := o.product.value(o.product.householdOf(all, o.terms.enrolled), o.terms, o.terms.stage == stageEnrolment)
	o.value = valuation{lines: beyond(after.lines, before.lines)}
	o.value.total = o.value.sum()
	contract, err := o.nameAlso(tx, p, joiners)
	if err != nil {
		return nil, err
	}
	made := []*fhir.Resource{contract}
	for _, j := range joiners {
		number, err := freeNumber(tx, "Coverage", profiles.IdentifierMembership, memberNumber(o.number, len(covered)+len(made)))
		if err != nil {
			return nil, err
		}
		body := o.membership(p.key, joining{member: j.member, number: number, state: stateDraft, from: j.from, to: p.end})
		coverage, err := tx.Create(&fhir.Resource{Key: fhir.Key{Type: "Coverage"}, Body: body})
		if err != nil {
			return nil, err
		}
		made = append(made, coverage)
		o.joining = append(o.joining, coverage.Key)
	}
	o.terms.enrolled, o.terms.due = date, date
	if last, ok := o.product.add(date, o.product.periods[periodGracePayment], 1); ok {
		o.terms.due = max(date, last-1)
	}
	bills, err := o.bill(tx, p.key)
	return append(made, bills...), err
}

// beyond gives what the lines after come to more than those before.
func beyond(after, before []line) []line {
	var list []line
	for _, l := range after {
		for _, b := range before {
			if b.kind == l.kind && b.text == l.text {
				l.quantity, l.amount = l.quantity-b.quantity, l.amount-b.amount
			}
		}
		if l.amount > 0 {
			list = append(list, l)
		}
	}
	return list
}

// nameAlso writes a policy that names further persons, and its new value.
func (o *offer) nameAlso(tx fhir.Tx, p policy, joiners []joiner) (*fhir.Resource, error) {
	asset := p.node.Get("term").First().Get("asset").First()
	e := fhir.NewEdit(p.node.Document())
	for _, j := range joiners {
		if j.new {
			e.Append(asset.Get("typeReference"), datatype.JSON(datatype.To(j.key)))
		}
	}
	if net := asset.Get("valuedItem").First().Get("net"); net.Exists() && o.value.total > 0 {
		old, err := fhir.ParseAmount(net.Get("value").Text())
		if err != nil {
			return nil, refuse("Contract.term.asset.valuedItem.net", "%q is no amount", net.Get("value").Text())
		}
		e.Replace(net, datatype.JSON(amount(old+o.value.total, o.product.currency)))
	}
	if !asset.Get("typeReference").Exists() {
		return nil, refuse("Contract.term.asset.typeReference", fmt.Sprintf("%s does not say whom it covers", p.key))
	}
	return tx.Update(&fhir.Resource{Key: p.key, Body: e.Bytes()}, 0)
}
