package claim

import (
	"encoding/json"
	"time"

	"bima/adjudication"
	"bima/adjudication/answer"
	"bima/fhir"
)

// responseKey gives the ClaimResponse of a Claim: it bears the same id, so that
// it can be found without a search and a second decision is its next version.
func responseKey(claim fhir.Key) fhir.Key { return fhir.Key{Type: "ClaimResponse", ID: claim.ID} }

// respond writes the ClaimResponse. Of a claim that was answered before one that
// says the same is left as it is; one that is decided anew says why.
func respond(tx fhir.Tx, p *pending, d adjudication.Decision, waiting string) error {
	key := responseKey(p.key)
	body := answer.ClaimResponse(answer.Claim{
		ID: key.ID, Key: p.key, Node: p.node, Facts: p.gathered, Decision: d, Created: tx.Now(), Waiting: waiting, Holds: p.days,
	})
	if p.earlier.Exists() {
		if sameAnswer(p.earlier, body) {
			return nil
		}
		if err := p.another(&body); err != nil {
			return err
		}
	}
	response := &fhir.Resource{Key: key, Body: body}
	if p.posted { // no other response can have an id that was made just now
		_, err := tx.Create(response)
		return err
	}
	stored, err := tx.Update(response, 0)
	if err != nil || !p.answered {
		return err
	}
	return attest(tx, stored, p.trigger, p.reason())
}

// another notes that the answer is not the one there was, and why it is not.
func (p *pending) another(body *[]byte) (err error) {
	if !p.trigger.IsZero() {
		if *body, err = triggered(*body, p.trigger); err != nil {
			return err
		}
	}
	doc, err := fhir.Parse(*body)
	if err == nil {
		p.answered, p.answer = true, doc.Root()
	}
	return err
}

// retryAfter is how long a claim that could not be decided waits at least.
const retryAfter = time.Minute

// queue keeps a claim that can't be decided now: it uses up nothing, its
// ClaimResponse says what it waits for, and a job tries again.
func queue(tx fhir.Tx, p *pending, why error) error {
	if err := post(tx, p, nil); err != nil {
		return err
	}
	args, err := json.Marshal(job{Claim: p.key.ID})
	if err != nil {
		return err
	}
	if err := tx.Enqueue(fhir.Job{Kind: jobDecide, Args: args, Unique: p.key.ID, At: tx.Now().Add(retryAfter)}); err != nil {
		return err
	}
	return respond(tx, p, adjudication.Decision{Outcome: adjudication.OutcomeQueued},
		"The claim is kept and will be decided when this is put right: "+why.Error())
}

// release frees what a claim had used that is cancelled, entered in error or
// deleted, and says so in its ClaimResponse. A claim that never was active has
// used nothing.
func (d *decider) release(tx fhir.Tx, c fhir.Change) error {
	if c.Before == nil {
		return nil
	}
	if err := d.restore(tx, c); err != nil {
		return err
	}
	if err := tx.Post(c.Key, nil); err != nil {
		return err
	}
	response, err := tx.Read(responseKey(c.Key))
	if fhir.HasIssue(err, fhir.IssueNotFound) || err == nil && response.Deleted {
		return nil
	}
	if err != nil {
		return err
	}
	doc, err := fhir.Parse(response.Body)
	if err != nil {
		return err
	}
	status := "cancelled"
	if c.Node.Get("status").Text() == "entered-in-error" {
		status = "entered-in-error"
	}
	edit := fhir.NewEdit(doc)
	edit.Set(doc.Root(), "status", []byte(`"`+status+`"`))
	edit.Set(doc.Root(), "disposition", []byte(`"The claim was withdrawn; nothing is paid for it."`))
	stored, err := tx.Update(&fhir.Resource{Key: response.Key, Body: edit.Bytes()}, 0)
	if err != nil {
		return err
	}
	return attest(tx, stored, c.Key, "The claim was withdrawn.")
}
