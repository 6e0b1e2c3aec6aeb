package sampling

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"bima/adjudication"
	"bima/adjudication/facts"
	"bima/adjudication/selection"
	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
)

const (
	// jobSettle is the kind of the jobs that reach the entries of a sample.
	jobSettle = "sampling.settle"
	// batch is how many claims are reached in one transaction.
	batch = 50
)

// settling is the argument of a job.
type settling struct {
	List string `json:"list"` // the logical id
}

// settle does what the state of a sample asks of its claims, for those that a change
// of the List has reached: reviews are asked for, or the deduction is taken off. A
// job reaches the next ones.
func (s Settings) settle(_ context.Context, tx fhir.Tx, changes []fhir.Change) error {
	for _, c := range changes {
		if c.After == nil || !isSample(c.Node) {
			continue
		}
		now := sampleOf(c.Key, c.Node)
		from := 0
		if c.Before != nil {
			doc, err := fhir.Parse(c.Before.Body)
			if err != nil {
				return err
			}
			if was := sampleOf(c.Key, doc.Root()); was.state == now.state {
				from = was.settled
			}
		} else if err := mark(tx, now); err != nil {
			return err
		}
		work := now.working()
		for i := from; i < min(now.settled, len(work)); i++ {
			if err := s.reach(tx, now, work[i]); err != nil {
				return err
			}
		}
		if now.settled < len(work) && from < now.settled {
			if err := later(tx, c.Key); err != nil {
				return err
			}
		}
		if from < now.settled {
			if err := s.close(tx, c.Key); err != nil { // what was left may all have been withdrawn
				return err
			}
		}
	}
	return nil
}

// mark notes in the ledger which claims are in a sample.
func mark(tx fhir.Tx, s sample) error {
	entries := make([]fhir.Entry, len(s.entries))
	for i, e := range s.entries {
		entries[i] = fhir.Entry{Account: accountOf(e.claim), Bucket: s.key.ID, Value: 1}
	}
	return tx.Post(s.key, entries)
}

func later(tx fhir.Tx, list fhir.Key) error {
	args, err := json.Marshal(settling{list.ID})
	if err != nil {
		return err
	}
	return tx.Enqueue(fhir.Job{Kind: jobSettle, Args: args, At: tx.Now()})
}

// goOn does the job: it reaches the next entries.
func (s Settings) goOn(ctx context.Context, server fhir.Server, args []byte) error {
	var job settling
	if err := json.Unmarshal(args, &job); err != nil {
		return fmt.Errorf("the job %s does not say which List: %w", jobSettle, err)
	}
	return server.Commit(fhir.WithCaller(ctx, fhir.System()), func(tx fhir.Tx) error {
		k := fhir.Key{Type: "List", ID: job.List}
		if err := tx.Lock(k.String()); err != nil {
			return err
		}
		n, err := fhir.Tree(tx, k)
		if err != nil || !isSample(n) {
			return err
		}
		one := sampleOf(k, n)
		work := len(one.working())
		if one.settled >= work {
			return nil
		}
		return one.write(tx, part{"settled", "valueUnsignedInt", min(work, one.settled+batch)})
	})
}

// reach does what is to be done with one claim.
func (s Settings) reach(tx fhir.Tx, of sample, e entry) error {
	claim, err := fhir.Tree(tx, e.claim)
	if err != nil || claim.Get("status").Text() != "active" {
		return err // withdrawn meanwhile
	}
	if of.state != stateReviewing {
		// A person's word on this very claim, or one that is awaited, stands.
		seen, err := reviewedOf(tx, []*fhir.Resource{{Key: e.claim}})
		if err != nil || seen[e.claim] {
			return err
		}
	}
	if of.state == stateApproved {
		return s.deduct(tx, of, e, claim)
	}
	areas, err := facts.Areas(tx, of.facility)
	if err != nil {
		return err
	}
	review := selection.Asked{
		Claim: e.claim, Node: claim, Facility: of.facility, Areas: areas, Now: tx.Now().In(s.Zone), Days: s.Days,
		Reasons: []selection.Reason{{Name: "sample", Text: "The claim was drawn into a sample of the facility's claims."}},
	}
	if of.state == stateRefused {
		review.Reasons = []selection.Reason{{Name: "sample-refused", Text: "The deduction of a sample was not approved, so that each claim is reviewed."}}
	}
	body, err := review.Task()
	if err != nil {
		return err
	}
	return create(tx, body, of.key)
}

// create stores the Task of a review that is based on a sample.
func create(tx fhir.Tx, body []byte, list fhir.Key) error {
	doc, err := fhir.Parse(body)
	if err != nil {
		return err
	}
	edit := fhir.NewEdit(doc)
	edit.Set(doc.Root(), "basedOn", spell([]object{{"reference": list.String()}}))
	_, err = tx.Create(&fhir.Resource{Key: fhir.Key{Type: "Task"}, Body: edit.Bytes()})
	return err
}

// deduct takes the rate off one claim: by a review that nobody made, whose words are
// the prices that are left.
func (s Settings) deduct(tx fhir.Tx, of sample, e entry, claim fhir.Node) error {
	response, err := fhir.Tree(tx, responseKey(e.claim))
	if err != nil {
		return err
	}
	words := lowered(response, of.rate)
	if _, decided := eligibleIn(response); !decided || len(words) == 0 {
		return nil // nothing is paid of it that could be lowered
	}
	now := tx.Now().In(s.Zone).Format(time.RFC3339)
	note := "The reviews of a sample of the facility's claims took " + of.rate.String() + " % off; the same is taken off this claim."
	draft := object{
		"resourceType": "ClaimResponse", "id": "words", "status": "draft", "type": json.RawMessage(claim.Get("type").Raw()), "use": "claim",
		"patient": json.RawMessage(claim.Get("patient").Raw()), "created": now, "insurer": json.RawMessage(response.Get("insurer").Raw()),
		"outcome": "partial", "item": words, "processNote": []object{{"number": 1, "type": "display", "text": note}},
	}
	body := spell(object{
		"resourceType": "Task", "contained": []object{draft}, "status": "completed", "intent": "order", "priority": "routine",
		"businessStatus": coding(profiles.SystemReviewState, "delivered"), "code": coding(profiles.SystemTask, selection.Review),
		"description": "Take the deduction of a sample off " + e.claim.String() + ".",
		"focus":       object{"reference": e.claim.String()}, "for": json.RawMessage(claim.Get("patient").Raw()),
		"requester": object{"reference": of.facility.String()}, "authoredOn": now, "lastModified": now,
		"reasonCode": object{"coding": []object{{"system": profiles.SystemReviewSelection, "code": "sample-extrapolated"}}, "text": note},
		"output":     []object{{"type": object{"text": "decision"}, "valueReference": object{"reference": "#words"}}},
	})
	return create(tx, body, of.key)
}

// lowered gives the words on the lines of a claim: of each of which something is
// eligible, the price of a unit that leaves of it what the rate does.
func lowered(response fhir.Node, rate fhir.Amount) []object {
	var words []object
	for item := range response.Get("item").Each() {
		var left, quantity fhir.Amount
		currency := ""
		for a := range item.Get("adjudication").Each() {
			category := a.Get("category")
			switch {
			case category.Code(systemAdjudication) == "eligible":
				left, _ = fhir.ParseAmount(a.At("amount", "value").Text())
				currency = a.At("amount", "currency").Text()
			case category.Code(profiles.SystemAdjudication) == "approved-quantity":
				quantity, _ = fhir.ParseAmount(a.Get("value").Text())
			}
		}
		if left <= 0 || quantity <= 0 {
			continue
		}
		words = append(words, object{
			"itemSequence": json.Number(item.Get("itemSequence").Text()), "noteNumber": []int{1},
			"adjudication": []object{{
				"category": coding(profiles.SystemAdjudication, "approved-price"),
				"reason":   coding(profiles.SystemAdjustmentReason, string(adjudication.ReasonExtrapolated)),
				"amount":   money(fhir.Money{Value: priceLeft(left, quantity, rate), Currency: currency}),
			}},
		})
	}
	return words
}

// reviewed closes a sample when the last of its reviews has ended: the rate is known,
// and somebody is asked to approve it.
func (s Settings) reviewed(_ context.Context, tx fhir.Tx, changes []fhir.Change) error {
	for _, c := range changes {
		list := r4.Target(c.Node.Get("basedOn").First())
		if c.After == nil || list.Type != "List" || c.Node.Get("code").Code(profiles.SystemTask) != selection.Review || isOpen(c.Node) {
			continue
		}
		if err := s.close(tx, list); err != nil {
			return err
		}
	}
	return nil
}

// close closes a sample if all of its reviews are asked for and none is open.
func (s Settings) close(tx fhir.Tx, list fhir.Key) error {
	if err := tx.Lock(list.String()); err != nil {
		return err
	}
	n, err := fhir.Tree(tx, list)
	if err != nil || !isSample(n) {
		return err
	}
	of := sampleOf(list, n)
	if of.state != stateReviewing || of.settled < len(of.working()) {
		return nil
	}
	open, err := anyOpen(tx, list)
	if err != nil || open {
		return err
	}
	return s.finish(tx, of)
}

// isOpen reports whether somebody has yet to end a Task.
func isOpen(task fhir.Node) bool {
	switch task.Get("status").Text() {
	case "draft", "requested", "received", "accepted", "ready", "in-progress", "on-hold":
		return true
	}
	return false
}

// anyOpen reports whether a review of a sample is open.
func anyOpen(r fhir.Reader, list fhir.Key) (bool, error) {
	for after := ""; ; {
		page, err := r.Search(&fhir.Query{Types: []string{"Task"}, Limit: pageSize, After: after, Where: fhir.Match{
			Param: fhir.Param{Code: "based-on", Kind: fhir.ParamReference}, Value: fhir.ReferenceValue{Key: list},
		}})
		if err != nil {
			return false, err
		}
		for _, task := range page.Resources {
			doc, err := fhir.Parse(task.Body)
			if err != nil {
				return false, err
			}
			open := isOpen(doc.Root())
			doc.Release()
			if open {
				return true, nil
			}
		}
		if after = page.Next; after == "" {
			return false, nil
		}
	}
}

// finish notes the rate and asks for approval.
func (s Settings) finish(tx fhir.Tx, of sample) error {
	f, err := figuresOf(tx, of)
	if err != nil {
		return err
	}
	parts := asState(stateReviewed, 0)
	says := "No claim of the sample was reviewed to an end, so there is no rate; refuse it, and every claim is reviewed."
	if f.reviewed > 0 {
		parts = append(parts, part{"rate", "valueDecimal", json.Number(f.rate.String())})
		says = fmt.Sprintf("The reviews of %d claims took %s of %s %s off, %s %%. Taken off the %d other claims too, that is some %s %s.",
			f.reviewed, f.before-f.after, f.before, f.currency, f.rate, f.restClaims, f.deduction(), f.currency)
	}
	if err := of.write(tx, parts...); err != nil {
		return err
	}
	now := tx.Now().In(s.Zone)
	_, err = tx.Create(&fhir.Resource{Key: fhir.Key{Type: "Task"}, Body: spell(object{
		"resourceType": "Task", "status": "requested", "intent": "order", "priority": "routine",
		"code": coding(profiles.SystemTask, "approval"), "description": says, "focus": object{"reference": of.key.String()},
		"authoredOn": now.Format(time.RFC3339), "lastModified": now.Format(time.RFC3339),
		"requester":     object{"reference": of.facility.String()},
		"performerType": []object{coding(profiles.SystemSchemeRole, "review-supervisor")},
		"restriction":   object{"period": object{"end": now.AddDate(0, 0, s.Days).Format(time.DateOnly)}},
	})})
	return err
}
