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

// reviewsMax bounds how many reviews of one claim are looked at.
const reviewsMax = 20

// reviewed decides claims anew whose review has ended, and holds those again that
// a person wants to see.
func (d *decider) reviewed(_ context.Context, tx fhir.Tx, changes []fhir.Change) error {
	for _, c := range changes {
		before, err := treeBefore(c)
		if err != nil {
			return err
		}
		task := c.Node
		if c.After == nil {
			task = before
		}
		claim := r4.Target(task.Get("focus"))
		if task.Get("code").Code(profiles.SystemTask) != selection.Review || claim.Type != "Claim" || superseded(task) {
			continue
		}
		was, is := waits(before), c.After != nil && waits(c.Node)
		why := ""
		switch {
		case was && !is, !before.Exists() && c.Node.Get("status").Text() == "completed":
			why = ended(c.Node)
		case is && !was:
			held, err := inReview(tx, claim)
			if err != nil {
				return err
			}
			if !held {
				why = "A person asked to see the claim."
			}
		}
		if why == "" {
			continue
		}
		p, err := d.reconsider(tx, claim, c.Key, why)
		if err == nil && p != nil {
			err = p.recover(tx)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// ended says how a review did.
func ended(task fhir.Node) string {
	switch {
	case task.Get("businessStatus").Code(profiles.SystemReviewState) == "bypassed":
		return "The claim was decided without the review."
	case task.Get("status").Text() == "completed":
		return "The claim was reviewed."
	}
	return "The review of the claim was called off."
}

// inReview reports whether the answer to a claim is that it waits.
func inReview(r fhir.Reader, claim fhir.Key) (bool, error) {
	response, err := fhir.Tree(r, responseKey(claim))
	return response.Get("outcome").Text() == "queued", err
}

// openStates are those of a Task that somebody has yet to end.
var openStates = []string{"draft", "requested", "received", "accepted", "ready", "in-progress", "on-hold"}

func waits(task fhir.Node) bool { return slices.Contains(openStates, task.Get("status").Text()) }

// superseded reports whether the claim was another one when it was reviewed.
func superseded(task fhir.Node) bool {
	return task.Get("businessStatus").Code(profiles.SystemReviewState) == "superseded"
}

// supersede ends the reviews of a claim that has become another one, so that no
// word on what it was counts for what it is.
func supersede(tx fhir.Tx, claim fhir.Key, why string) error {
	page, err := tx.Search(&fhir.Query{Types: []string{"Task"}, Limit: reviewsMax, Where: fhir.All{
		fhir.Match{Param: fhir.Param{Code: "focus", Kind: fhir.ParamReference}, Value: fhir.ReferenceValue{Key: claim}},
		fhir.Match{Param: fhir.Param{Code: "code", Kind: fhir.ParamToken}, Value: fhir.TokenValue{System: profiles.SystemTask, Code: selection.Review}},
	}})
	if err != nil {
		return err
	}
	for _, resource := range page.Resources {
		doc, err := fhir.Parse(resource.Body)
		if err != nil {
			return err
		}
		n := doc.Root()
		if superseded(n) || !waits(n) && n.Get("status").Text() != "completed" {
			continue
		}
		edit := fhir.NewEdit(doc)
		if waits(n) {
			edit.Set(n, "status", []byte(`"cancelled"`))
		}
		for name, value := range map[string]any{
			"businessStatus": concept{Coding: []coding{{profiles.SystemReviewState, "superseded"}}},
			"statusReason":   concept{Text: why}, "lastModified": tx.Now().UTC().Format(selection.Moment),
		} {
			text, err := json.Marshal(value)
			if err != nil {
				return err
			}
			edit.Set(n, name, text)
		}
		if _, err := tx.Update(&fhir.Resource{Key: resource.Key, Body: edit.Bytes()}, 0); err != nil {
			return err
		}
	}
	return nil
}

// supersedeChanged ends the reviews of a claim where a change made another of it.
func supersedeChanged(tx fhir.Tx, c fhir.Change) error {
	before, err := treeBefore(c)
	if err != nil || len(fhir.Differences(before, c.Node)) == 0 {
		return err
	}
	return supersede(tx, c.Key, "The claim was changed.")
}
