package claim

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"bima/adjudication"
	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
)

// coveragesMax bounds how many memberships of a person are looked at.
const coveragesMax = 64

// awaits says what a claim waits for that is not covered on its days: a policy
// that may yet be paid with effect from then, so that paid or refused would be
// said too soon. It is a renewal within its days of grace, or a policy suspended
// for what is owed. "" is for all others.
func (d *decider) awaits(tx fhir.Tx, p *pending, decision adjudication.Decision) (string, error) {
	if !p.gathered.Case.Posts {
		return "", nil
	}
	uncovered := none
	for i, l := range decision.Lines {
		if served := p.gathered.Case.Lines[i].Served; l.Denied == adjudication.ReasonCoverage {
			uncovered = adjudication.Period{From: min(uncovered.From, served.From), To: max(uncovered.To, served.To)}
		}
	}
	if uncovered == none || p.gathered.Patient.IsZero() {
		return "", nil
	}
	page, err := tx.Search(&fhir.Query{
		Types: []string{"Coverage"}, Limit: coveragesMax,
		Where: fhir.Match{Param: fhir.Param{Code: "beneficiary", Kind: fhir.ParamReference}, Value: fhir.ReferenceValue{Key: p.gathered.Patient}},
	})
	if err != nil {
		return "", err
	}
	for _, resource := range page.Resources {
		doc, err := fhir.Parse(resource.Body)
		if err != nil {
			return "", err
		}
		n := doc.Root()
		period := periodOf(n.Get("period"))
		if !pends(n) && n.Get("status").Text() != "active" || uncovered.From > period.To || uncovered.To < period.From {
			continue
		}
		if sentence, err := d.unpaid(tx, n, r4.Target(n.Get("contract").First())); sentence != "" || err != nil {
			return sentence, err
		}
	}
	return "", nil
}

// unpaid says until when a policy, or what is owed for a membership in it, may be
// paid; "" where it is not that it waits for.
func (d *decider) unpaid(tx fhir.Tx, membership fhir.Node, k fhir.Key) (string, error) {
	if k.Type != "Contract" {
		return "", nil
	}
	n, err := fhir.Tree(tx, k)
	if err != nil {
		return "", err
	}
	state, own := stateOf(n, profiles.ExtensionPolicyState), stateOf(membership, profiles.ExtensionCoverageState)
	switch {
	case state == "offered" || state == "ready":
		grace, err := fhir.ParseDate(n.Extension(profiles.ExtensionPolicyGrace).Get("valueDate").Text())
		if err != nil || adjudication.DayOf(grace.First) < d.today(tx) {
			return "", nil
		}
		return d.tongue.Say("The claim is kept: %s may be paid until %s to cover these days, and the claim is decided then.", k, grace.First.Format(time.DateOnly)), nil
	case state == "suspended" || state == "active" && own == "suspended":
		// An employer's contract is suspended for months that were not declared, too.
		owed, err := owes(tx, k)
		if err != nil || !owed && n.Get("type").Code(profiles.SystemContractKind) == "" {
			return "", err
		}
		return d.tongue.Say("The claim is kept: cover by %s is suspended for what is owed, and the claim is decided when that is paid or the policy is over.", k), nil
	}
	return "", nil
}

// owes reports whether an Invoice of a policy is not paid.
func owes(r fhir.Reader, contract fhir.Key) (bool, error) {
	page, err := r.Search(&fhir.Query{Types: []string{"Invoice"}, Limit: 1, Where: fhir.All{
		fhir.Match{Param: fhir.Param{Code: "contract", Kind: fhir.ParamReference}, Value: fhir.ReferenceValue{Key: contract}},
		fhir.Match{Param: fhir.Param{Code: "status", Kind: fhir.ParamToken}, Value: fhir.TokenValue{AnySystem: true, Code: "issued"}},
	}})
	return err == nil && len(page.Resources) > 0, err
}

// hold keeps a claim that waits for a payment: it uses up nothing.
func hold(tx fhir.Tx, p *pending, sentence string) error {
	if err := post(tx, p, nil); err != nil {
		return err
	}
	return respond(tx, p, adjudication.Decision{Outcome: adjudication.OutcomeQueued}, sentence)
}

// waitingPage is how many waiting claims are looked at in one go.
const waitingPage = 200

// daily decides what has waited long enough: the days of grace are over.
func (d *decider) daily(ctx context.Context, s fhir.Server, _ time.Time) error {
	for after := ""; ; {
		var page *fhir.Page
		err := s.View(ctx, func(r fhir.Reader) (err error) {
			page, err = r.Search(&fhir.Query{
				Types: []string{"ClaimResponse"}, Limit: waitingPage, After: after,
				Where: fhir.Match{Param: fhir.Param{Code: "outcome", Kind: fhir.ParamToken}, Value: fhir.TokenValue{AnySystem: true, Code: "queued"}},
			})
			return err
		})
		if err != nil {
			return err
		}
		for _, resource := range page.Resources {
			err := s.Commit(ctx, func(tx fhir.Tx) error { return d.again(tx, fhir.Key{Type: "Claim", ID: resource.ID}) })
			if err != nil && !errors.Is(err, errStillWaiting) {
				return err
			}
		}
		if after = page.Next; after == "" {
			return nil
		}
	}
}

// today gives the day of a transaction in the scheme's time zone.
func (d *decider) today(tx fhir.Tx) adjudication.Day {
	return adjudication.DayOf(tx.Now().In(d.in()))
}

// in gives the scheme's time zone.
func (d *decider) in() *time.Location {
	if d.zone == nil {
		return time.UTC
	}
	return d.zone
}

// jobDecide is the kind of the jobs that decide waiting claims.
const jobDecide = "claim.decide"

// A job says which claim waits.
type job struct {
	Claim string `json:"claim"` // the logical id
}

// errStillWaiting makes the job come again later.
var errStillWaiting = errors.New("the claim still can't be decided")

// retry decides a claim that waited. While it can't be decided it fails, so that
// the job is tried again.
func (d *decider) retry(ctx context.Context, s fhir.Server, args []byte) error {
	var j job
	if err := json.Unmarshal(args, &j); err != nil {
		return fmt.Errorf("the job %s has no claim: %w", jobDecide, err)
	}
	return s.Commit(fhir.WithCaller(ctx, fhir.System()), func(tx fhir.Tx) error {
		return d.again(tx, fhir.Key{Type: "Claim", ID: j.Claim})
	})
}

// again decides a claim that is still active and waits; others need nothing.
func (d *decider) again(tx fhir.Tx, k fhir.Key) error {
	claim, err := tx.Read(k)
	if fhir.HasIssue(err, fhir.IssueNotFound) || err == nil && claim.Deleted {
		return nil
	}
	if err != nil {
		return err
	}
	earlier, err := fhir.Tree(tx, responseKey(k))
	if err != nil || earlier.Get("outcome").Text() != "queued" {
		return err
	}
	doc, err := fhir.Parse(claim.Body)
	if err != nil || doc.Root().Get("status").Text() != "active" {
		return err
	}
	p := &pending{key: k, node: doc.Root(), renewed: true, earlier: earlier}
	if err := d.decide(tx, []*pending{p}); err != nil {
		return err
	}
	if p.waits != nil {
		return errors.Join(errStillWaiting, p.waits)
	}
	return nil
}
