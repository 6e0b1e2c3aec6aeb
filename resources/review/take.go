package review

import (
	"time"

	"bima/adjudication/selection"
	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
)

// take is Task/[id]/$claim: the review is the reviewer's until he gives it back or
// the lock runs out.
func (m module) take(c *change) error {
	if err := m.mayHave(c); err != nil {
		return err
	}
	if c.who.role.IsZero() {
		return fhir.Detailf(fhir.IssueRequired, detailReview, parameter("reviewer"), "a review is taken by a PractitionerRole; name it as reviewer")
	}
	c.own(m)
	return nil
}

// own makes the Task the reviewer's from now on.
func (c *change) own(m module) {
	state := stateTaken
	if s := stateOf(c.task); s == stateAnswered || s == stateReturned {
		state = s
	}
	c.become("in-progress", state)
	c.body.set("owner", c.who.reference())
	c.body.set("executionPeriod", object{"start": c.tx.Now().In(m.Zone).Format(selection.Moment)})
}

// mayHave refuses a review to who works for the facility, to who gave the first
// opinion, and while it is another's.
func (m module) mayHave(c *change) error {
	if err := mayDecide(c.tx, c.who, c.task); err != nil {
		return err
	}
	owner := r4.Target(c.task.Get("owner"))
	switch status := c.task.Get("status").Text(); {
	case status == "on-hold" && stateOf(c.task) == stateSecond:
		return conflict("%s is decided and waits for a second opinion", c.key)
	case owner.IsZero() || owner == c.who.role || status != "in-progress" && status != "on-hold":
		return nil
	case status == "in-progress" && !m.locked(c.task, c.tx.Now()):
		return nil
	}
	return conflict("%s is %s's; it is free when he gives it back by $release, or his lock runs out", c.key, owner)
}

// mayDecide refuses a review to who works for the facility that claims, and a second
// opinion to who gave the first.
func mayDecide(r fhir.Reader, w reviewer, task fhir.Node) error {
	theirs, err := w.worksFor(r, r4.Target(task.Get("requester")))
	if err != nil {
		return err
	}
	if claim, err := fhir.Tree(r, r4.Target(task.Get("focus"))); err != nil {
		return err
	} else if provider := r4.Target(claim.Get("provider")); !theirs && provider != r4.Target(task.Get("requester")) {
		if theirs, err = w.worksFor(r, provider); err != nil {
			return err
		}
	}
	if theirs {
		return forbid("%s works for the facility that made the claim; somebody else reviews it", w.role)
	}
	if kindOf(task) != secondOpinion {
		return nil
	}
	first, err := fhir.Tree(r, r4.Target(task.Get("partOf").First()))
	if err != nil {
		return err
	}
	one := r4.Target(first.Get("owner"))
	role, err := fhir.Tree(r, one)
	if err != nil {
		return err
	}
	if one == w.role && !one.IsZero() || !w.person.IsZero() && (one == w.person || r4.Target(role.Get("practitioner")) == w.person) {
		return forbid("%s has reviewed the claim; the second opinion is another person's", w.role)
	}
	if isAppeal(first) {
		return w.decidedBefore(r, r4.Target(task.Get("focus")))
	}
	return nil
}

// decidedBefore refuses whose word on a claim was appealed against, as the first of
// the two who answer the appeal is.
func (w reviewer) decidedBefore(r fhir.Reader, claim fhir.Key) error {
	codes := fhir.Any{coded("code", profiles.SystemTask, selection.Review), coded("code", profiles.SystemTask, secondOpinion), coded("code", profiles.SystemTask, appeal)}
	for after := ""; ; {
		page, err := r.Search(&fhir.Query{Types: []string{"Task"}, Limit: partsOpen, After: after, Where: fhir.All{match("focus", claim), coded("status", "", "completed"), codes}})
		if err != nil {
			return err
		}
		for _, resource := range page.Resources {
			doc, err := fhir.Parse(resource.Body)
			if err != nil {
				return err
			}
			owner := r4.Target(doc.Root().Get("owner"))
			role, err := fhir.Tree(r, owner)
			if err != nil {
				return err
			}
			if !owner.IsZero() && (owner == w.role || owner == w.person || !w.person.IsZero() && r4.Target(role.Get("practitioner")) == w.person) {
				return forbid("%s decided on this claim before; an appeal is answered by others", w.role)
			}
		}
		if after = page.Next; after == "" {
			return nil
		}
	}
}

// locked reports whether a review that was taken is still only its owner's.
func (m module) locked(task fhir.Node, now time.Time) bool {
	taken, err := fhir.ParseDateTime(task.At("executionPeriod", "start").Text())
	return err != nil || now.Before(taken.First.Add(m.Lock))
}

// release is Task/[id]/$release: it is in the queue again.
func (m module) release(c *change) error {
	asked := c.task.Get("status").Text() == "on-hold" && stateOf(c.task) == stateAsked
	if status := c.task.Get("status").Text(); status != "in-progress" && !asked {
		return refuse("Task.status", "%s is %s: nobody has it who could give it back", c.key, status)
	}
	if owner := r4.Target(c.task.Get("owner")); owner != c.who.role && !c.who.supervises {
		return forbid("%s is %s's: he gives it back himself, or a supervisor does", c.key, owner)
	}
	c.free()
	return nil
}

// free puts the Task back into the queue.
func (c *change) free() { freed(c.task, c.body) }

func freed(task fhir.Node, body members) {
	state := stateOf(task)
	if state != stateAnswered && state != stateReturned {
		state = stateWaiting
	}
	(&change{body: body}).become("requested", state)
	delete(body, "owner")
	delete(body, "executionPeriod")
}
