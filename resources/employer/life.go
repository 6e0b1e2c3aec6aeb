package employer

import (
	"bytes"
	"context"

	"bima/adjudication"
	"bima/fhir"
	"bima/fhir/datatype"
	"bima/fhir/parameters"
	"bima/profiles"
)

// An act leads one contract on, whose lock is held.
type act func(tx fhir.Tx, c *contract, f parameters.Form) (*contract, error)

// on makes an operation of an act; it answers with the contract.
func (s Settings) on(do act) handler {
	return func(ctx context.Context, server fhir.Server, k fhir.Key, in *fhir.Resource) (*fhir.Response, error) {
		if err := officer(ctx); err != nil {
			return nil, err
		}
		f, err := parameters.Of(in)
		if err != nil {
			return nil, err
		}
		var done *contract
		err = server.Commit(mark(ctx), func(tx fhir.Tx) error {
			c, err := s.locked(tx, k)
			if err != nil {
				return err
			}
			done, err = do(tx, c, f)
			return err
		})
		if err != nil {
			return nil, err
		}
		return answer(ctx, server, done.key)
	}
}

// officer refuses callers who may not decide on contracts.
func officer(ctx context.Context) error {
	caller, _ := fhir.CallerOf(ctx)
	if caller.Has(fhir.RoleEnrolmentOfficer) || caller.Has(fhir.RoleIntegration) {
		return nil
	}
	return fhir.Errorf(fhir.IssueForbidden, "", "%s may not lead contracts of employers; that is for the roles %s, %s and %s", caller.Name, fhir.RoleEnrolmentOfficer, fhir.RoleIntegration, fhir.RoleAdministrator)
}

// locked reads a contract under its lock, and refuses another.
func (s Settings) locked(tx fhir.Tx, k fhir.Key) (*contract, error) {
	if _, err := tx.Read(k); err != nil {
		return nil, err
	}
	c, err := s.under(tx, k)
	if err == nil && c == nil {
		return nil, refuse("Contract.type", "%s is no contract of an employer", k)
	}
	return c, err
}

// answer gives the contract as it is after all that followed.
func answer(ctx context.Context, server fhir.Server, k fhir.Key) (*fhir.Response, error) {
	out := bytes.NewBufferString(`{"resourceType":"Parameters","parameter":[{"name":"contract","resource":`)
	err := server.View(ctx, func(r fhir.Reader) error {
		now, err := r.Read(k)
		if err == nil {
			out.Write(now.Body)
		}
		return err
	})
	out.WriteString(`}]}`)
	return &fhir.Response{Resource: &fhir.Resource{Key: fhir.Key{Type: "Parameters"}, Body: out.Bytes()}}, err
}

// submit is Contract/[id]/$submit: it hands the contract to the scheme, its plans
// pinned and valued by what the employees earn now.
func (s Settings) submit(tx fhir.Tx, c *contract, _ parameters.Form) (*contract, error) {
	if !c.is(stateDraft, stateCountered) {
		return nil, c.wrongState("submitted", "draft or countered")
	}
	staff, err := staffOf(tx, c.employer)
	if err != nil {
		return nil, err
	}
	if len(staff.members) == 0 {
		return nil, refuse("Contract.subject", "%s has no employees yet: make a Group with code employees (%s), managed by it, or declare them", c.employer, profiles.SystemGroupKind)
	}
	plans, err := c.plans(tx)
	if err != nil {
		return nil, err
	}
	if err := staff.onceEach(plans); err != nil {
		return nil, err
	}
	return c, c.become(tx, stateOffered, func(e *fhir.Edit) {
		i := 0
		for term := range c.node.Get("term").Each() {
			e.Set(term, "asset", plans[i].asset(staff, len(plans) == 1, c))
			i++
		}
	})
}

// asset spells what a term is bought for: the pinned version, and what the
// employees who are in the plan come to in a month.
func (p *plan) asset(staff *staff, only bool, c *contract) []byte {
	var sum fhir.Amount
	for _, m := range staff.members {
		if m.active && (m.in(p.code) || only && len(m.plans) == 0) {
			sum += p.contribution(m.income.Value).total()
		}
	}
	type valued struct {
		Entity      reference `json:"entityReference"`
		Net         *money    `json:"net,omitempty"`
		Responsible reference `json:"responsible"`
	}
	item := valued{Entity: p.pin(), Responsible: datatype.To(c.employer)}
	if p.currency != "" {
		item.Net = amount(fhir.Money{Value: sum, Currency: p.currency})
	}
	return datatype.JSON([]map[string]any{{"valuedItem": []valued{item}}})
}

// counter is Contract/[id]/$counter: the scheme asks for changes.
func (s Settings) counter(tx fhir.Tx, c *contract, f parameters.Form) (*contract, error) {
	if !c.is(stateOffered) {
		return nil, c.wrongState("answered by a counter-offer", "offered")
	}
	reason := f.Value("reason").Text()
	if reason == "" {
		return nil, fhir.Errorf(fhir.IssueRequired, parameters.Expression("reason"), "say what is to be changed")
	}
	return c, c.become(tx, stateCountered, func(e *fhir.Edit) {
		e.SetExtension(c.node, profiles.ExtensionCounterReason, "valueString", datatype.JSON(reason))
	})
}

// approve is Contract/[id]/$approve: the scheme agrees.
func (s Settings) approve(tx fhir.Tx, c *contract, _ parameters.Form) (*contract, error) {
	if !c.is(stateOffered) {
		return nil, c.wrongState("approved", "offered")
	}
	if err := c.become(tx, stateReady, nil); err != nil {
		return nil, err
	}
	return c, s.replace(tx, c, s.today(tx.Now()))
}

// terminate is Contract/[id]/$terminate: it ends contract and cover with a day.
func (s Settings) terminate(tx fhir.Tx, c *contract, f parameters.Form) (*contract, error) {
	if !c.is(stateReady, stateActive, stateSuspended) {
		return nil, c.wrongState("terminated", "ready, active or suspended")
	}
	now := adjudication.WriteDay(s.today(tx.Now()))
	text, err := f.Day("date", now)
	if err != nil {
		return nil, err
	}
	last, _ := adjudication.ReadDay(text)
	if last < c.start-1 || last > c.end {
		return nil, refuse(parameters.Expression("date"), "the contract is from %s to %s; its last day is within, or the day before", adjudication.WriteDay(c.start), adjudication.WriteDay(c.end))
	}
	if c.is(stateReady) {
		return c, c.become(tx, stateCancelled, nil)
	}
	if err := c.endCover(tx, last); err != nil {
		return nil, err
	}
	return c, c.become(tx, stateTerminated, c.until(max(last, c.start)))
}
