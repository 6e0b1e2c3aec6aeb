package review

import (
	"context"
	"slices"

	"bima/adjudication/selection"
	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
)

const systemTask = profiles.SystemTask

func facilityOf(task fhir.Node) fhir.Key { return r4.Target(task.Get("requester")) }

// answered puts reviews back into the queue whose question a facility has answered:
// a completed Communication basedOn the CommunicationRequest.
func (m module) answered(_ context.Context, tx fhir.Tx, changes []fhir.Change) error {
	for _, c := range changes {
		if c.After == nil || c.Node.Get("status").Text() != "completed" {
			continue
		}
		for based := range c.Node.Get("basedOn").Each() {
			if k := r4.Target(based); k.Type == "CommunicationRequest" {
				if err := m.answer(tx, k, c); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// answer ends a question of a reviewer's; others are none of ours.
func (m module) answer(tx fhir.Tx, question fhir.Key, c fhir.Change) error {
	request, err := fhir.Tree(tx, question)
	if err != nil || request.Get("status").Text() != "active" {
		return err
	}
	var review fhir.Key
	for about := range request.Get("about").Each() {
		if k := r4.Target(about); k.Type == "Task" {
			review = k
		}
	}
	task, err := fhir.Tree(tx, review)
	if err != nil || kindOf(task) != selection.Review {
		return err
	}
	if err := m.sent(tx, c, r4.Target(request.Get("recipient").First())); err != nil {
		return err
	}
	if err := setStatus(tx, question, request, "completed"); err != nil {
		return err
	}
	if task.Get("status").Text() != "on-hold" || stateOf(task) != stateAsked {
		return nil
	}
	body, err := membersOf(task)
	if err != nil {
		return err
	}
	(&change{body: body}).become("requested", stateAnswered)
	delete(body, "executionPeriod")
	body.add("input", object{"type": object{"text": "answer"}, "valueReference": object{"reference": c.Key.String()}})
	body.set("lastModified", tx.Now().UTC().Format(selection.Moment))
	_, err = tx.Update(&fhir.Resource{Key: review, Body: body.bytes()}, 0)
	return err
}

func setStatus(tx fhir.Tx, k fhir.Key, n fhir.Node, status string) error {
	edit := fhir.NewEdit(n.Document())
	edit.Set(n, "status", spell(status))
	_, err := tx.Update(&fhir.Resource{Key: k, Body: edit.Bytes()}, 0)
	return err
}

// react does what follows from how reviews and second opinions stand.
func (m module) react(_ context.Context, tx fhir.Tx, changes []fhir.Change) error {
	for _, c := range changes {
		if c.After == nil {
			continue
		}
		kind := kindOf(c.Node)
		switch {
		case kind == "" && !isAppeal(c.Node):
		case !isOpen(c.Node):
			if err := tidy(tx, c); err != nil {
				return err
			}
			if kind == secondOpinion && c.Node.Get("status").Text() == "completed" {
				if err := m.agree(tx, c); err != nil {
					return err
				}
			}
		case kind != secondOpinion && awaitsSecond(c.Node):
			if err := m.askSecond(tx, c); err != nil {
				return err
			}
		}
	}
	return nil
}

// askSecond asks another person to agree, unless somebody is asked already.
func (m module) askSecond(tx fhir.Tx, c fhir.Change) error {
	open, err := parts(tx, c.Key)
	if err != nil || len(open) > 0 {
		return err
	}
	now := tx.Now().In(m.Zone).Format(selection.Moment)
	body, err := membersOf(c.Node)
	if err != nil {
		return err
	}
	for name := range body {
		if !slices.Contains([]string{"resourceType", "extension", "groupIdentifier", "intent", "priority", "focus", "for", "requester", "performerType", "location", "reasonCode", "restriction"}, name) {
			delete(body, name)
		}
	}
	body.set("code", coding(profiles.SystemTask, secondOpinion))
	body.set("partOf", []object{{"reference": c.Key.String()}})
	body.set("description", "Agree with the review of "+r4.Target(c.Node.Get("focus")).String()+", or do not.")
	if isAppeal(c.Node) {
		if err := m.ofAppeal(tx, body, c.Node); err != nil {
			return err
		}
	}
	body.set("authoredOn", now)
	body.set("lastModified", now)
	(&change{body: body}).become("requested", stateWaiting)
	_, err = tx.Create(&fhir.Resource{Key: fhir.Key{Type: "Task"}, Body: body.bytes()})
	return err
}

// partsOpen bounds the open Tasks of one review.
const partsOpen = 20

// parts gives the open Tasks that are part of a review.
func parts(r fhir.Reader, review fhir.Key) ([]fhir.Node, error) {
	page, err := r.Search(&fhir.Query{Types: []string{"Task"}, Limit: partsOpen, Where: match("part-of", review)})
	if err != nil {
		return nil, err
	}
	var list []fhir.Node
	for _, resource := range page.Resources {
		doc, err := fhir.Parse(resource.Body)
		if err != nil {
			return nil, err
		}
		if isOpen(doc.Root()) {
			list = append(list, doc.Root())
		}
	}
	return list, nil
}

// tidy ends what belonged to a review that has ended.
func tidy(tx fhir.Tx, c fhir.Change) error {
	before := fhir.Node{}
	if c.Before != nil {
		doc, err := fhir.Parse(c.Before.Body)
		if err != nil {
			return err
		}
		before = doc.Root()
	}
	if !isOpen(before) {
		return nil
	}
	open, err := parts(tx, c.Key)
	if err != nil {
		return err
	}
	for _, part := range open {
		status := "cancelled"
		if part.Get("code").Code(profiles.SystemTask) == overdue {
			status = "completed"
		}
		if err := setStatus(tx, fhir.Key{Type: "Task", ID: part.Get("id").Text()}, part, status); err != nil {
			return err
		}
	}
	for input := range c.Node.Get("input").Each() {
		k := r4.Target(input.Get("valueReference"))
		if k.Type != "CommunicationRequest" || isAppeal(c.Node) {
			continue
		}
		request, err := fhir.Tree(tx, k)
		if err != nil {
			return err
		}
		if request.Get("status").Text() == "active" {
			if err := setStatus(tx, k, request, "revoked"); err != nil {
				return err
			}
		}
	}
	return nil
}

// agree completes the review that a second person has agreed to, or puts it back
// into the queue.
func (m module) agree(tx fhir.Tx, c fhir.Change) error {
	first := r4.Target(c.Node.Get("partOf").First())
	task, err := fhir.Tree(tx, first)
	if err != nil || !awaitsSecond(task) {
		return err
	}
	one := &change{tx: tx, key: first, task: task}
	if one.body, err = membersOf(task); err != nil {
		return err
	}
	switch {
	case stateOf(c.Node) == stateDelivered && isAppeal(task):
		one.become("completed", "")
		one.body.set("businessStatus", coding(profiles.SystemAppealOutcome, appealGranted))
	case stateOf(c.Node) == stateDelivered:
		one.become("completed", stateDelivered)
	default:
		for note := range c.Node.Get("note").Each() {
			one.body.add("note", raw(note))
		}
		one.free()
		one.become("requested", stateReturned)
		delete(one.body, "output")
		delete(one.body, "contained")
		if kept := unsaid(task); len(kept) > 0 {
			one.body.set("contained", kept)
		}
	}
	one.body.set("lastModified", tx.Now().In(m.Zone).Format(selection.Moment))
	_, err = tx.Update(&fhir.Resource{Key: first, Body: one.body.bytes()}, 0)
	return err
}
