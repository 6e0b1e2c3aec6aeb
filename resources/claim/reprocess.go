package claim

import (
	"context"
	"encoding/json"
	"slices"

	"bima/adjudication/selection"
	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
)

// codeReprocess is the code of the Tasks that have claims decided anew.
const codeReprocess = "reprocess"

// reprocess is Claim/[id]/$reprocess: a Task is stored that says who asks and why,
// and the claim is decided anew because of it. A claim in the body corrects the
// stored one first, which decides it anew already. Source: IHE FAIS ITI-128.
func (f *desk) reprocess(ctx context.Context, s fhir.Server, on fhir.Key, in *fhir.Resource) (*fhir.Response, error) {
	asked, corrected, bundled, err := f.reprocessIn(in, on)
	if err != nil {
		return nil, err
	}
	err = s.Commit(ctx, func(tx fhir.Tx) error {
		n, err := stored(tx, on)
		if err != nil {
			return err
		}
		if status := n.Get("status").Text(); status != "active" {
			return fhir.Detailf(fhir.IssueBusinessRule, detailClaim, "Claim.status", "%s is %s; only an active claim is decided", on, status)
		}
		if corrected.Exists() {
			if _, err := tx.Update(&fhir.Resource{Key: on, Body: corrected.Raw()}, 0); err != nil {
				return err
			}
		}
		return order(tx, codeReprocess, on, n, asked.why(), corrected.Exists())
	})
	if err != nil {
		return nil, err
	}
	out, err := answered(ctx, s, on)
	if err == nil && bundled {
		out.Resource = collection(out.Resource, f.base)
	}
	return out, err
}

// reprocessIn reads what was sent: nothing, Parameters, a Claim or a Bundle with
// one, which must be that of the URL.
func (f *desk) reprocessIn(in *fhir.Resource, on fhir.Key) (asked request, claim fhir.Node, bundled bool, err error) {
	if in == nil || len(in.Body) == 0 {
		return asked, claim, false, nil
	}
	doc, err := fhir.Parse(in.Body)
	if err != nil {
		return asked, claim, false, err
	}
	if doc.Root().Get("resourceType").Text() == "Parameters" {
		asked = request{doc.Root()}
		if !slices.ContainsFunc(asked.named("resource"), func(p fhir.Node) bool { return p.Get("resource").Exists() }) {
			return asked, claim, false, nil
		}
	}
	claim, packed, err := claimIn(in, f.base)
	if bundled = packed != nil; err != nil {
		return asked, claim, bundled, err
	}
	if id := claim.Get("id").Text(); id != on.ID {
		return asked, claim, bundled, fhir.Errorf(fhir.IssueInvalid, "Claim.id", "the claim sent has the id %.80q, not that of the URL, %q", id, on.ID)
	}
	doc, err = fhir.Parse(claim.Raw())
	if err != nil {
		return asked, claim, bundled, err
	}
	return asked, doc.Root(), bundled, checkSubmitted(doc.Root())
}

// orderJSON is a Task that orders something to be done with a claim.
type orderJSON struct {
	ResourceType string          `json:"resourceType"`
	Status       string          `json:"status"`
	Intent       string          `json:"intent"`
	Code         concept         `json:"code"`
	Description  string          `json:"description,omitempty"`
	Focus        referenceJSON   `json:"focus"`
	For          json.RawMessage `json:"for,omitempty"`
	AuthoredOn   string          `json:"authoredOn"`
	Requester    *referenceJSON  `json:"requester,omitempty"`
	Input        []flagJSON      `json:"input,omitempty"`
}

type flagJSON struct {
	Type         concept `json:"type"`
	ValueBoolean bool    `json:"valueBoolean"`
}

// requesters are who R4 lets ask for a Task.
var requesters = []string{"Device", "Organization", "Patient", "Practitioner", "PractitionerRole", "RelatedPerson"}

// order stores the Task of what was asked for and is done with it.
func order(tx fhir.Tx, code string, claim fhir.Key, n fhir.Node, why string, corrected bool) error {
	t := orderJSON{
		ResourceType: "Task", Status: "completed", Intent: "order",
		Code:        concept{Coding: []coding{{profiles.SystemTask, code}}},
		Description: why, Focus: referenceJSON{claim.String()}, For: n.Get("patient").Raw(),
		AuthoredOn: tx.Now().UTC().Format(selection.Moment), Requester: requester(tx),
	}
	if corrected {
		t.Input = []flagJSON{{concept{Text: inputCorrected}, true}}
	}
	body, err := json.Marshal(t)
	if err != nil {
		return err
	}
	_, err = tx.Create(&fhir.Resource{Key: fhir.Key{Type: "Task"}, Body: body})
	return err
}

// inputCorrected is the input of a Task whose claim was corrected, and by that
// decided, in the same transaction.
const inputCorrected = "corrected"

func requester(tx fhir.Tx) *referenceJSON {
	if k := tx.Caller().Entity; slices.Contains(requesters, k.Type) {
		return &referenceJSON{k.String()}
	}
	return nil
}

// asked is the Reaction on Tasks that have a claim decided anew: somebody asked
// for it, or an appeal was granted.
func (d *decider) asked(_ context.Context, tx fhir.Tx, changes []fhir.Change) error {
	for _, c := range changes {
		if err := d.alone(tx, c); err != nil {
			return err
		}
		if c.After == nil || c.Node.Get("status").Text() != "completed" {
			continue
		}
		before, err := treeBefore(c)
		if err != nil {
			return err
		}
		if before.Get("status").Text() == "completed" {
			continue
		}
		if why := orders(c.Node); why != "" {
			if err := d.obey(tx, c.Node, c.Key, why); err != nil {
				return err
			}
		}
	}
	return nil
}

// orders says why a completed Task has its claim decided anew; "" where it does
// not.
func orders(task fhir.Node) string {
	switch task.Get("code").Code(profiles.SystemTask) {
	case codeReprocess:
		for input := range task.Get("input").Each() {
			if input.Get("type").Get("text").Text() == inputCorrected {
				return ""
			}
		}
		if why := task.Get("description").Text(); why != "" {
			return why
		}
		return "The claim was to be decided anew."
	case codeAppeal:
		if task.Get("businessStatus").Code(profiles.SystemAppealOutcome) == appealGranted {
			return "An appeal was granted."
		}
	}
	return ""
}

// obey decides a claim anew. Who only asks for it has said no word on it, so the
// claim may be picked for review as before; who grants an appeal has. Where less is
// granted of one that is paid already the difference is to be recovered.
func (d *decider) obey(tx fhir.Tx, order fhir.Node, task fhir.Key, why string) error {
	claim := r4.Target(order.Get("focus"))
	if claim.Type != "Claim" {
		return nil
	}
	p, err := d.standing(tx, claim)
	if err != nil || p == nil {
		return err
	}
	p.asked, p.why = task, why
	if order.Get("code").Code(profiles.SystemTask) == codeAppeal {
		p.trigger = task
	}
	if err := d.decide(tx, []*pending{p}); err != nil {
		return err
	}
	return p.recover(tx)
}

// recover lists what is granted less now of a claim that is paid already.
func (p *pending) recover(tx fhir.Tx) error {
	if !p.answered || !paid(p.earlier) {
		return nil
	}
	changed := recoveries{}
	changed.note(touch{Contract: p.under(), Trigger: p.key}, p)
	return changed.write(tx)
}

// under gives the policy a claim was decided under; zero where it is of none.
func (p *pending) under() fhir.Key {
	for _, policy := range p.gathered.Case.Policies {
		if k := fhir.ParseReference(policy.Account, r4.IsResource).Key; k.Type == "Contract" {
			return k
		}
	}
	return fhir.Key{}
}

// noDecision is said of what is not there, too: who must not see a claim learns nothing.
const noDecision = "there is no decision on %s to appeal against: it was never sent, is cancelled, waits, or can't be decided as it was sent"

// alone asks anew about an appeal that begins, under a lock: of several at once the
// Rule lets pass each, for none sees another.
func (d *decider) alone(tx fhir.Tx, c fhir.Change) error {
	if c.Before != nil || !isAppeal(c.Node) {
		return nil
	}
	claim := r4.Target(c.Node.Get("focus"))
	if err := tx.Lock("appeal " + claim.String()); err != nil {
		return err
	}
	history, err := tasksOf(tx, claim, c.Key)
	if err != nil {
		return err
	}
	return d.opens(tx, c, claim, history)
}
