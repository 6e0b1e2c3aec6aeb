package review

import (
	"encoding/json"
	"fmt"

	"bima/adjudication/selection"
	"bima/fhir"
)

// review is Task/[id]/$review: the reviewer's words on the lines, by which the claim
// is decided, or a second person agrees to first.
func (m module) review(c *change) error {
	if kindOf(c.task) != selection.Review {
		return refuse("Task.code", "%s is a second opinion; give it by $second-opinion", c.key)
	}
	if err := m.mayHave(c); err != nil {
		return err
	}
	if c.who.role.IsZero() {
		return fhir.Detailf(fhir.IssueRequired, detailReview, parameter("reviewer"), "a claim is reviewed by a PractitionerRole; name it as reviewer")
	}
	claim, err := claimOf(c.tx, c.task)
	if err != nil {
		return err
	}
	words, err := wordsOf(c.asked)
	if err != nil {
		return err
	}
	lines := claimed(claim)
	for i := range words {
		for _, l := range lines {
			if l.sequence == words[i].sequence && words[i].currency == "" {
				words[i].currency = l.currency
			}
		}
	}
	sums, err := judge(lines, words)
	if err != nil {
		return err
	}
	if status := c.task.Get("status").Text(); status != "in-progress" {
		c.own(m)
	}
	now := c.tx.Now().In(m.Zone).Format(selection.Moment)
	c.body.set("contained", append(others(c.task), spell(draft(claim, words, now))))
	c.body.set("output", []object{{"type": object{"text": "decision"}, "valueReference": object{"reference": "#words"}}})
	c.body.set("owner", c.who.reference())
	if text := value(c.asked, "note").Text(); text != "" {
		c.body.add("note", c.who.annotation(text, now))
	}
	if aboveLimit(c.task, sums) {
		c.become("on-hold", stateSecond)
		return nil
	}
	c.become("completed", stateDelivered)
	return nil
}

// others gives what a Task contains besides the words of a reviewer.
func others(task fhir.Node) []json.RawMessage {
	var list []json.RawMessage
	for contained := range task.Get("contained").Each() {
		if contained.Get("id").Text() != "words" {
			list = append(list, raw(contained))
		}
	}
	return list
}

// unsaid gives what a Task contains besides the words that its output refers to,
// whatever their id is.
func unsaid(task fhir.Node) []json.RawMessage {
	var list []json.RawMessage
	for contained := range task.Get("contained").Each() {
		said := false
		for output := range task.Get("output").Each() {
			said = said || output.At("valueReference", "reference").Text() == "#"+contained.Get("id").Text()
		}
		if !said {
			list = append(list, raw(contained))
		}
	}
	return list
}

// aboveLimit reports whether words let so much through that a second person has to
// agree.
func aboveLimit(task fhir.Node, through sums) bool {
	for input := range task.Get("input").Each() {
		limit := input.Get("valueMoney")
		if input.At("type", "text").Text() != selection.InputSecond || !limit.Exists() {
			continue
		}
		if most, err := fhir.ParseAmount(limit.Get("value").Text()); err == nil && through.in(limit.Get("currency").Text()) > most {
			return true
		}
	}
	return false
}

// annotation gives a note of the reviewer's.
func (w reviewer) annotation(text, now string) object {
	note := object{"text": text, "time": now}
	switch {
	case w.person.IsZero():
		note["authorString"] = w.name
	default:
		note["authorReference"] = object{"reference": w.person.String()}
	}
	return note
}

// bypass is Task/[id]/$bypass: a supervisor lets the claim go without a review.
func (m module) bypass(c *change) error {
	if kindOf(c.task) != selection.Review {
		return refuse("Task.code", "%s is a second opinion; bypass the review it is part of", c.key)
	}
	if !c.who.supervises {
		return forbid("only a supervisor (code %s) decides without a review; give it back by $release instead", supervisor)
	}
	theirs, err := c.who.worksFor(c.tx, facilityOf(c.task))
	if err != nil {
		return err
	}
	if theirs {
		return forbid("%s works for the facility that made the claim; somebody else supervises this", c.who.role)
	}
	why, err := needed(c.asked, "reason", "say why nobody needs to see the claim")
	if err != nil {
		return err
	}
	c.become("completed", stateBypassed)
	c.body.set("statusReason", object{"text": why})
	c.body.set("owner", c.who.reference())
	delete(c.body, "output")
	if kept := others(c.task); len(kept) > 0 {
		c.body.set("contained", kept)
	} else {
		delete(c.body, "contained")
	}
	return nil
}

// opine is Task/[id]/$second-opinion: the second person agrees, or does not.
func (m module) opine(c *change) error {
	if kindOf(c.task) != secondOpinion {
		return refuse("Task.code", "%s is no second opinion; decide it by $review", c.key)
	}
	if err := m.mayHave(c); err != nil {
		return err
	}
	if c.who.role.IsZero() {
		return fhir.Detailf(fhir.IssueRequired, detailReview, parameter("reviewer"), "an opinion is a PractitionerRole's; name it as reviewer")
	}
	agree := value(c.asked, "agree").Text()
	if agree != "true" && agree != "false" {
		return fhir.Detailf(fhir.IssueRequired, detailReview, parameter("agree"), "say whether you agree: true or false")
	}
	note := value(c.asked, "note").Text()
	if agree == "false" && note == "" {
		return fhir.Detailf(fhir.IssueRequired, detailReview, parameter("note"), "say why you don't agree; the reviewer reads it")
	}
	now := c.tx.Now().In(m.Zone).Format(selection.Moment)
	c.own(m)
	c.body.set("owner", c.who.reference())
	c.body.set("output", []object{{"type": object{"text": "agree"}, "valueBoolean": agree == "true"}})
	if note != "" {
		c.body.add("note", c.who.annotation(note, now))
	}
	c.become("completed", stateDelivered)
	if agree == "false" {
		c.become("completed", stateReturned)
	}
	return nil
}

// ask is Task/[id]/$ask: the facility is asked, and the review waits for its answer.
func (m module) ask(c *change) error {
	if kindOf(c.task) != selection.Review {
		return refuse("Task.code", "%s is a second opinion; who gave the first asks the facility", c.key)
	}
	if err := m.mayHave(c); err != nil {
		return err
	}
	question, err := needed(c.asked, "question", "say what the facility is asked")
	if err != nil {
		return err
	}
	facility := facilityOf(c.task)
	if facility.IsZero() || c.who.role.IsZero() {
		return refuse("Task.requester", "a facility is asked by a reviewer: Task.requester names the one, the parameter reviewer the other")
	}
	body := object{
		"resourceType": "CommunicationRequest", "status": "active", "priority": "routine",
		"category":   []object{{"text": "Question of a medical reviewer"}},
		"about":      []object{{"reference": c.key.String()}, {"reference": c.task.At("focus", "reference").Text()}},
		"payload":    []object{{"contentString": question}},
		"authoredOn": c.tx.Now().In(m.Zone).Format(selection.Moment),
		"requester":  c.who.reference(), "recipient": []object{{"reference": facility.String()}},
	}
	if patient := c.task.Get("for"); patient.Exists() {
		body["subject"] = raw(patient)
	}
	request, err := c.tx.Create(&fhir.Resource{Key: fhir.Key{Type: "CommunicationRequest"}, Body: spell(body)})
	if err != nil {
		return fmt.Errorf("asking the facility: %w", err)
	}
	c.own(m)
	c.become("on-hold", stateAsked)
	c.body.add("input", object{"type": object{"text": "question"}, "valueReference": object{"reference": request.Key.String()}})
	return nil
}
