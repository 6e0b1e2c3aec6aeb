package claim

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"bima/fhir"
)

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
