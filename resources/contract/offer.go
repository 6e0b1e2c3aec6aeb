package contract

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"bima/adjudication"
	"bima/fhir"
	"bima/fhir/parameters"
	"bima/profiles"
)

// An offer is a policy in the making.
type offer struct {
	settings    Settings
	product     *product
	holder      *holder
	terms       terms
	value       valuation
	shares      []share
	number      string          // of the policy
	author      json.RawMessage // who enrols, a Reference; nil where nobody is named
	previous    fhir.Key        // the policy that is renewed
	previousEnd day
	joining     []fhir.Key // the memberships it is for, of those who join a running policy
	named       bool       // who is covered was said, and is not all the family
	itself      fhir.Key   // the Contract in draft that is made an offer; zero for a new one
}

// state gives what the policy is offered as: where there is nothing to pay it
// only waits for the decision that puts it in force.
func (o *offer) state() string {
	if o.value.total == 0 {
		return stateReady
	}
	return stateOffered
}

// continuous reports whether the policy follows its predecessor without a gap.
func (o *offer) continuous() bool { return o.terms.start <= o.previousEnd+1 }

func (o *offer) insurer() json.RawMessage { return o.product.node.Get("ownedBy").Raw() }

// code gives what the product is known by.
func (p *product) code() string {
	if value := p.node.Identifier(profiles.IdentifierProduct); value != "" {
		return value
	}
	return p.key.ID
}

// offerOrComplete is Contract/$offer on the type, and on a Contract in draft.
func (s Settings) offerOrComplete(ctx context.Context, server fhir.Server, k fhir.Key, in *fhir.Resource) (*fhir.Response, error) {
	if k.ID != "" {
		return s.on(s.complete)(ctx, server, k, in)
	}
	return s.offer(ctx, server, k, in)
}

// offer is Contract/$offer: it works out period and value of a policy, and makes
// its Contract, a Coverage for each member and the Invoices.
func (s Settings) offer(ctx context.Context, server fhir.Server, _ fhir.Key, in *fhir.Resource) (*fhir.Response, error) {
	if err := officer(ctx); err != nil {
		return nil, err
	}
	f, err := formOf(in)
	if err != nil {
		return nil, err
	}
	var made []*fhir.Resource
	err = server.Commit(ctx, func(tx fhir.Tx) error {
		made = nil
		o, err := s.gather(tx, f)
		if err != nil {
			return err
		}
		made, err = o.make(tx)
		return err
	})
	if err != nil {
		return nil, err
	}
	return answer(ctx, server, 201, made)
}

// officer refuses callers who may not decide on policies.
func officer(ctx context.Context) error {
	caller, _ := fhir.CallerOf(ctx)
	if caller.Has(fhir.RoleEnrolmentOfficer) || caller.Has(fhir.RoleIntegration) {
		return nil
	}
	return fhir.Errorf(fhir.IssueForbidden, "", "%s may not decide on policies; that is for the roles %s, %s and %s", caller.Name, fhir.RoleEnrolmentOfficer, fhir.RoleIntegration, fhir.RoleAdministrator)
}

// gather reads what an offer is made of.
func (s Settings) gather(tx fhir.Tx, f form) (*offer, error) {
	o := &offer{settings: s}
	subjects, err := f.keys(tx, "subject", "Group", "Patient")
	if err != nil {
		return nil, err
	}
	if len(subjects) != 1 {
		return nil, fhir.Errorf(fhir.IssueRequired, parameters.Expression("subject"), "name one subject: the Group or the Patient whom the policy is for")
	}
	if err := tx.Lock(subjects[0].String()); err != nil {
		return nil, err
	}
	enrolled, err := s.enrolled(tx, f)
	if err != nil {
		return nil, err
	}
	if o.holder, err = holderOf(tx, subjects[0], parameters.Expression("subject")); err != nil {
		return nil, err
	}
	if o.product, err = s.plan(tx, f, enrolled); err != nil {
		return nil, err
	}
	if err := o.whom(tx, f); err != nil {
		return nil, err
	}
	if o.terms, err = o.product.terms(stageEnrolment, enrolled, 0); err != nil {
		return nil, err
	}
	if start := f.Value("start"); start.Exists() && len(o.product.cycles) == 0 {
		if err := o.startOn(f); err != nil {
			return nil, err
		}
	}
	return o, o.price(tx)
}

// startOn lets a policy without cycles begin on a later day that was agreed.
func (o *offer) startOn(f form) error {
	start, err := f.day("start", o.terms.start)
	if err != nil {
		return err
	}
	return o.from(start, parameters.Expression("start"))
}

// from lets a policy begin on a day that stands at an element.
func (o *offer) from(start day, at string) error {
	if start < o.terms.start {
		return refuse(at, "a policy agreed on %s begins on %s or later", adjudication.WriteDay(o.terms.enrolled), adjudication.WriteDay(o.terms.start))
	}
	end, ok := o.product.add(start, o.product.length, 1)
	if !ok {
		return refuse(at, "the calendar %s does not know the days of a policy from %s", o.product.calendar.Code(), adjudication.WriteDay(start))
	}
	o.terms.start, o.terms.end = start, end-1
	return nil
}

// enrolled gives the day of the agreement, which is not to come.
func (s Settings) enrolled(tx fhir.Tx, f form) (day, error) {
	now := s.today(tx.Now())
	enrolled, err := f.day("date", now)
	if err == nil && enrolled > now {
		return 0, refuse(parameters.Expression("date"), "the day of the agreement, %s, is to come: today is %s", adjudication.WriteDay(enrolled), adjudication.WriteDay(now))
	}
	return enrolled, err
}

// whom takes the members and the officer that the form names.
func (o *offer) whom(tx fhir.Tx, f form) error {
	members, err := f.keys(tx, "member", "Patient")
	if err != nil {
		return err
	}
	if err := o.holder.only(members, parameters.Expression("member")); err != nil {
		return err
	}
	o.named = len(members) > 0
	if author := f.Value("author"); author.Kind() == fhir.KindObject {
		o.author = bytes.Clone(author.Raw())
	}
	o.shares, err = sharesOf(tx, f)
	return err
}

// price works out the value once the terms stand, and refuses what can't be.
func (o *offer) price(tx fhir.Tx) error {
	if !o.product.sold(o.terms.start) {
		return refuse(parameters.Expression("plan"), "%s is not sold for policies that begin on %s (InsurancePlan.status and period)", o.product.key, adjudication.WriteDay(o.terms.start))
	}
	if !o.product.node.Get("ownedBy").Exists() {
		return refuse("InsurancePlan.ownedBy", "%s does not say who insures; set ownedBy", o.product.key)
	}
	if err := o.lasting(); err != nil {
		return err
	}
	if err := o.fit(); err != nil {
		return err
	}
	last, had, err := o.others(tx)
	if err != nil {
		return err
	}
	o.value = o.product.value(o.product.householdOf(o.holder.members, o.terms.enrolled), o.terms, o.registers(last, had))
	if o.value.total > 0 && o.product.currency == "" {
		return refuse("InsurancePlan.plan.generalCost.cost", "%s names no currency", o.product.key)
	}
	o.number, err = freeNumber(tx, "Contract", profiles.IdentifierPolicy, fmt.Sprintf("%s-%s-%s", o.product.code(), o.holder.number(), compact(o.terms.start)))
	return err
}

// registers reports whether the registration is due: with a first policy, unless
// the plan lets former members come back within a time, and with a renewal only
// after that time.
func (o *offer) registers(last day, had bool) bool {
	recurrence, limited := o.product.periods[periodRecurrence]
	if o.terms.stage == stageEnrolment && (!had || !limited) {
		return true
	}
	if !limited {
		return false
	}
	until, ok := o.product.add(last+1, recurrence, 1)
	return !ok || o.terms.enrolled >= until
}

// make stores the policy, its memberships and its Invoices.
func (o *offer) make(tx fhir.Tx) ([]*fhir.Resource, error) {
	policy, err := tx.Create(&fhir.Resource{Key: fhir.Key{Type: "Contract"}, Body: o.contract()})
	if err != nil {
		return nil, err
	}
	return o.members(tx, policy)
}

// members stores the memberships and Invoices of a policy, and gives them after
// it.
func (o *offer) members(tx fhir.Tx, policy *fhir.Resource) ([]*fhir.Resource, error) {
	made := []*fhir.Resource{policy}
	for i, m := range o.holder.members {
		j := joining{member: m, number: memberNumber(o.number, i+1), state: stateDraft, from: o.terms.start, to: o.terms.end}
		coverage, err := tx.Create(&fhir.Resource{Key: fhir.Key{Type: "Coverage"}, Body: o.membership(policy.Key, j)})
		if err != nil {
			return nil, err
		}
		made = append(made, coverage)
	}
	invoices, err := o.bill(tx, policy.Key)
	return append(made, invoices...), err
}

// bill stores the Invoices of what is due.
func (o *offer) bill(tx fhir.Tx, policy fhir.Key) ([]*fhir.Resource, error) {
	var made []*fhir.Resource
	for _, b := range o.bills() {
		number, err := freeNumber(tx, "Invoice", profiles.IdentifierInvoice, "IV-"+o.number)
		if err != nil {
			return nil, err
		}
		invoice, err := tx.Create(&fhir.Resource{Key: fhir.Key{Type: "Invoice"}, Body: o.invoice(policy, b, number)})
		if err != nil {
			return nil, err
		}
		made = append(made, invoice)
	}
	return made, nil
}
