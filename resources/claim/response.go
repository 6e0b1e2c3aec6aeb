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
	now := tx.Now()
	say := func(d adjudication.Decision) ([]byte, error) {
		body := answer.ClaimResponse(answer.Claim{
			ID: key.ID, Key: p.key, Node: p.node, Facts: p.gathered, Decision: d, Created: now, Waiting: waiting, Holds: p.days, Tongue: p.tongue,
		})
		return body, p.keepPayment(&body)
	}
	body, err := say(d)
	if err != nil {
		return err
	}
	if p.earlier.Exists() {
		same := sameAnswer(p.earlier, body)
		if fewer := p.withoutLater(d); !same && len(fewer.Notes) < len(d.Notes) {
			other, err := say(fewer)
			if err != nil {
				return err
			}
			same = sameAnswer(p.earlier, other)
		}
		same = same || sameButCeilings(p.earlier, body, p.besidesCeilings(d))
		if same {
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
	return attest(tx, stored, p.cause(), p.reason())
}

// withoutLater gives a decision without the notes of ceilings that the earlier answer
// has not: they are used up by claims that came after this one, which is told there.
func (p *pending) withoutLater(d adjudication.Decision) adjudication.Decision {
	told := map[string]bool{}
	for n := range p.earlier.Get("processNote").Each() {
		told[n.Get("text").Text()] = true
	}
	return d.Without(func(n adjudication.Note) bool { return n.TellsCeiling() && !told[p.tongue.Note(n)] })
}

// besidesCeilings gives the notes of a decision that tell of no ceiling.
func (p *pending) besidesCeilings(d adjudication.Decision) (texts []string) {
	for _, n := range d.Notes {
		if !n.TellsCeiling() {
			texts = append(texts, p.tongue.Note(n))
		}
	}
	return texts
}

// keepPayment leaves what is paid in the answer: a decision anew unpays nothing.
func (p *pending) keepPayment(body *[]byte) error {
	if !paid(p.earlier) {
		return nil
	}
	doc, err := fhir.Parse(*body)
	if err != nil {
		return err
	}
	e := fhir.NewEdit(doc)
	e.Set(doc.Root(), "payment", p.earlier.Get("payment").Raw())
	*body = e.Bytes()
	return nil
}

// another notes that the answer is not the one there was, and why it is not.
func (p *pending) another(body *[]byte) (err error) {
	if by := p.cause(); !by.IsZero() {
		if *body, err = triggered(*body, by); err != nil {
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
		p.tongue.Say("The claim is kept and will be decided when this is put right: %s", why))
}

// release frees what a claim had used that is cancelled, entered in error or
// deleted, and says so in its ClaimResponse. A claim that never was active has
// used nothing.
func (d *decider) release(tx fhir.Tx, c fhir.Change) error {
	if c.Before == nil {
		return nil
	}
	if err := tx.Lock(c.Key.String()); err != nil { // who decides it anew just now sees that it is gone
		return err
	}
	number, err := d.bore(tx, c)
	if err != nil {
		return err
	}
	if err := d.restore(tx, c); err != nil {
		return err
	}
	if err := supersede(tx, c.Key, "The claim was withdrawn."); err != nil {
		return err
	}
	if err := abandon(tx, c.Key); err != nil {
		return err
	}
	if err := tx.Post(c.Key, number); err != nil {
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
	body, err := d.withdrawn(tx, c, doc)
	if err == nil {
		body, err = triggered(body, c.Key)
	}
	if err != nil {
		return err
	}
	stored, err := tx.Update(&fhir.Resource{Key: response.Key, Body: body}, 0)
	if err != nil || stored.Version == response.Version {
		return err
	}
	if err := d.explains.wake(tx); err != nil {
		return err
	}
	return attest(tx, stored, c.Key, d.whyWithdrawn(c.Node))
}

// withdrawn gives the response of a claim that is withdrawn: cancelled, with those
// that may gain by it.
func (d *decider) withdrawn(tx fhir.Tx, c fhir.Change, response *fhir.Document) ([]byte, error) {
	status := "cancelled"
	if c.Node.Get("status").Text() == "entered-in-error" {
		status = "entered-in-error"
	}
	n := response.Root()
	e := fhir.NewEdit(response)
	e.Set(n, "status", []byte(`"`+status+`"`))
	e.Set(n, "disposition", quote(d.whyWithdrawn(c.Node)+d.tongue.Say(" Nothing is paid for it.")))
	before, err := treeBefore(c)
	if err != nil || before.Get("status").Text() != "active" {
		return e.Bytes(), err
	}
	gainers, err := d.gainers(tx, c.Key, before)
	if err != nil || len(gainers) == 0 {
		return e.Bytes(), err
	}
	e.Set(n, "processNote", noted(n, d.gainNote(gainers)))
	e.Set(n, "extension", extended(n, gainers))
	return e.Bytes(), nil
}
