package contract

import (
	"context"
	"slices"

	"bima/adjudication"
	"bima/fhir"
	"bima/fhir/datatype"
	"bima/fhir/parameters"
	"bima/profiles"
)

// An act changes one policy, whose lock is held, and gives what it made or
// changed, the policy first.
type act func(tx fhir.Tx, p policy, f form) ([]*fhir.Resource, error)

// on makes an operation of an act.
func (s Settings) on(do act) func(context.Context, fhir.Server, fhir.Key, *fhir.Resource) (*fhir.Response, error) {
	return func(ctx context.Context, server fhir.Server, k fhir.Key, in *fhir.Resource) (*fhir.Response, error) {
		if err := officer(ctx); err != nil {
			return nil, err
		}
		f, err := formOf(in)
		if err != nil {
			return nil, err
		}
		var made []*fhir.Resource
		err = server.Commit(ctx, func(tx fhir.Tx) error {
			p, err := locked(tx, k)
			if err != nil {
				return err
			}
			if !p.ours {
				return refuse("Contract.extension('"+profiles.ExtensionPolicyState+"')", "%s is no policy of a family or a person", k)
			}
			made, err = do(tx, p, f)
			return err
		})
		if err != nil {
			return nil, err
		}
		return answer(ctx, server, 200, made)
	}
}

// locked reads a policy under its lock. Its Invoices are locked first, as a
// payment locks them, so that the two never wait for each other.
func locked(tx fhir.Tx, k fhir.Key) (policy, error) {
	p, err := stored(tx, k)
	if err != nil {
		return p, err
	}
	bills, err := invoices(tx, p)
	if err != nil {
		return p, err
	}
	var names []string
	for _, b := range bills {
		names = append(names, b.key.String())
	}
	if len(names) > 0 {
		if err := tx.Lock(names...); err != nil {
			return p, err
		}
	}
	if err := tx.Lock(k.String()); err != nil {
		return p, err
	}
	return stored(tx, k)
}

func stored(r fhir.Reader, k fhir.Key) (policy, error) {
	resource, err := r.Read(k)
	if err == nil && resource.Deleted {
		err = fhir.Errorf(fhir.IssueDeleted, "", "%s has been deleted", k)
	}
	if err != nil {
		return policy{}, err
	}
	return policyOf(resource)
}

// activate is Contract/[id]/$activate: it puts a policy in force by a decision.
func (s Settings) activate(tx fhir.Tx, p policy, f form) ([]*fhir.Resource, error) {
	if !slices.Contains([]string{stateOffered, stateReady, stateSuspended}, p.state) {
		return nil, p.wrongState("put in force", "offered, ready or suspended")
	}
	date, err := f.day("date", s.today(tx.Now()))
	if err != nil {
		return nil, err
	}
	enforce, err := f.Flag("enforce")
	if err != nil {
		return nil, err
	}
	if date > p.agreedEnd {
		return nil, refuse(parameters.Expression("date"), "the period agreed of %s ended on %s", p.key, adjudication.WriteDay(p.agreedEnd))
	}
	if !enforce {
		if err := p.checkPaid(tx); err != nil {
			return nil, err
		}
	}
	if p.state == stateSuspended && p.used {
		return p.become(tx, stateActive, "resolved", nil)
	}
	from := max(date, p.start)
	if grace, ok := adjudication.ReadDay(p.node.Extension(profiles.ExtensionPolicyGrace).Get("valueDate").Text()); ok && date <= grace {
		from = p.start
	}
	return p.become(tx, stateActive, "executed", new(datatype.Between(adjudication.WriteDay(from), adjudication.WriteDay(p.agreedEnd))))
}

// suspend is Contract/[id]/$suspend.
func (s Settings) suspend(tx fhir.Tx, p policy, _ form) ([]*fhir.Resource, error) {
	if p.state != stateActive {
		return nil, p.wrongState("suspended", "active")
	}
	return p.become(tx, stateSuspended, "disputed", nil)
}

func (p *policy) wrongState(done, states string) error {
	return refuse("Contract.extension('"+profiles.ExtensionPolicyState+"')", "%s is %s; only one that is %s can be %s", p.key, p.state, states, done)
}

// checkPaid refuses a policy that something is owed for, but by those who join it.
func (p *policy) checkPaid(r fhir.Reader) error {
	bills, err := invoices(r, *p)
	if err != nil {
		return err
	}
	for _, b := range bills {
		if b.status == "issued" && b.left > 0 && !b.joins() {
			return refuse("Invoice.status", "%s %s are still due on %s; pay it, or put the policy in force with enforce, the contribution staying due", b.left, b.currency, b.key)
		}
	}
	return nil
}

// become writes the policy's next state, with the period in force where it is
// given.
func (p *policy) become(tx fhir.Tx, state, status string, applies *period) ([]*fhir.Resource, error) {
	e := fhir.NewEdit(p.node.Document())
	e.Set(p.node, "status", datatype.JSON(status))
	e.SetExtension(p.node, profiles.ExtensionPolicyState, "valueCode", datatype.JSON(state))
	if applies != nil {
		e.Set(p.node, "applies", datatype.JSON(applies))
		for term := range p.node.Get("term").Each() {
			for asset := range term.Get("asset").Each() {
				e.Set(asset, "usePeriod", datatype.JSON([]period{*applies}))
			}
		}
	}
	stored, err := tx.Update(&fhir.Resource{Key: p.key, Body: e.Bytes()}, 0)
	return []*fhir.Resource{stored}, err
}
