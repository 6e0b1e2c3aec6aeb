package review

import (
	"context"
	"slices"
	"time"

	"bima/adjudication"
	"bima/adjudication/selection"
	"bima/fhir"
	"bima/fhir/r4"
)

// fixed are the elements of a review that stay as they were made.
var fixed = []string{"code", "focus", "for", "requester", "partOf", "intent", "basedOn"}

// check holds what clients write by hand to what the operations do: a review is
// nobody's who works for the facility, words are of lines that were claimed, and
// what has ended stays.
func (m module) check(ctx context.Context, r fhir.Reader, c fhir.Change) error {
	before, err := treeBefore(c)
	appeals := isAppeal(before) || isAppeal(c.Node)
	if err != nil || kindOf(before) == "" && kindOf(c.Node) == "" && !appeals {
		return err
	}
	caller, _ := fhir.CallerOf(ctx)
	if caller.IsSystem() {
		return nil // the server's own jobs, as where a sample is drawn
	}
	switch {
	case appeals && kindOf(before) == "" && kindOf(c.Node) == "":
		return m.appealed(r, before, c.Node)
	case c.After == nil:
		return refuse("Task", "what was asked and said of a claim is kept; cancel the review instead")
	case !caller.Has(fhir.RoleReviewer):
		return forbid("%s may not review claims; that is for the role %s", caller.Name, fhir.RoleReviewer)
	case !before.Exists():
		return m.begun(r, caller, c.Node)
	}
	for _, name := range fixed {
		if !fhir.Same(before.Get(name), c.Node.Get(name)) {
			return refuse("Task."+name, "what the review is about stays as it is")
		}
	}
	if !isOpen(before) {
		return refuse("Task.status", "the review has ended. To have the claim looked at again, call %s/$request-review", r4.Target(before.Get("focus")))
	}
	if !fhir.Same(limitOf(before), limitOf(c.Node)) {
		return refuse("Task.input", "the amount above which a second opinion is needed stays as it is")
	}
	return m.step(r, caller, before, c.Node)
}

func treeBefore(c fhir.Change) (fhir.Node, error) {
	if c.Before == nil {
		return fhir.Node{}, nil
	}
	doc, err := fhir.Parse(c.Before.Body)
	if err != nil {
		return fhir.Node{}, err
	}
	return doc.Root(), nil
}

// begun checks a review that is asked for. One that is completed at once, as where
// many claims are decided by what was found of some, is a supervisor's.
func (m module) begun(r fhir.Reader, caller fhir.Caller, task fhir.Node) error {
	if kindOf(task) == secondOpinion {
		return refuse("Task.code", "the server asks for second opinions itself, where a product wants them")
	}
	claim, err := claimOf(r, task)
	if err != nil {
		return err
	}
	if err := m.mayAsk(r, caller, claim); err != nil { // before anything of the claim is told
		return err
	}
	wanted, err := m.about(r, r4.Target(task.Get("focus")), claim)
	if err != nil {
		return err
	}
	limit := limitOf(task)
	switch {
	case r4.Target(task.Get("requester")) != wanted.Facility:
		return refuse("Task.requester", "it names the facility that made the claim, %s; %s/$request-review makes the Task", wanted.Facility, r4.Target(task.Get("focus")))
	case limit.Exists() != (wanted.Second != nil), limit.Exists() && !sameMoney(limit, *wanted.Second):
		return refuse("Task.input", "it names the amount above which a second opinion is needed, as the product has it; %s/$request-review makes the Task", r4.Target(task.Get("focus")))
	}
	if err := mayBegin(r, r4.Target(task.Get("focus")), claim); err != nil {
		return err
	}
	if task.Get("status").Text() == "completed" {
		mine, err := acts(r, caller, m.todayOf(r))
		if err != nil {
			return err
		}
		if !mine.supervises {
			return forbid("only a supervisor (code %s) completes a review that nobody has taken", supervisor)
		}
		return said(task, claim)
	}
	if task.Get("status").Text() != "requested" || task.Get("output").Exists() || task.Get("owner").Exists() {
		return refuse("Task.status", "a review begins as requested, nobody's and without words; take it by $claim and decide it by $review")
	}
	return nil
}

// mayAsk refuses who may not ask for the review of a claim: who has no role that
// reviews, or works for the facility.
func (m module) mayAsk(r fhir.Reader, caller fhir.Caller, claim fhir.Node) error {
	today := m.todayOf(r)
	mine, err := acts(r, caller, today)
	if err != nil {
		return err
	}
	if !mine.all && len(mine.roles) == 0 {
		return forbid("%s has no PractitionerRole in use that reviews claims", caller.Name)
	}
	for _, role := range mine.roles {
		w, err := read(r, role, today)
		if err == nil {
			err = w.asksFor(r, claim)
		}
		if veil := m.veil(); veil.Over(caller) && fhir.HasIssue(err, fhir.IssueForbidden) {
			err = noClaim() // to whom it is hidden it is not there
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// mayBegin asks of a review that is written by hand what $request-review asks of the
// claim. The claim is locked, as there.
func mayBegin(r fhir.Reader, on fhir.Key, claim fhir.Node) error {
	if tx, writes := r.(fhir.Tx); writes {
		if err := tx.Lock(on.String()); err != nil {
			return err
		}
	}
	return reviewable(r, on, claim, "Task.focus")
}

// said refuses words that the claim gives no room for, or that need a second person.
func said(task, claim fhir.Node) error {
	words, err := draftWords(task)
	if err != nil {
		return err
	}
	through, err := judge(claimed(claim), words)
	if err != nil {
		return err
	}
	if aboveLimit(task, through) {
		return refuse("Task.status", "the words let so much through that a second person has to agree; decide by $review, which asks for that")
	}
	return nil
}

func sameMoney(n fhir.Node, m fhir.Money) bool {
	value, err := fhir.ParseAmount(n.Get("value").Text())
	return err == nil && value == m.Value && n.Get("currency").Text() == m.Currency
}

// todayOf gives the day on which a Rule is asked.
func (m module) todayOf(r fhir.Reader) adjudication.Day {
	if tx, writes := r.(fhir.Tx); writes {
		return m.today(tx.Now())
	}
	return m.today(m.Now())
}

// limitOf gives the amount above which a second opinion is needed.
func limitOf(task fhir.Node) fhir.Node {
	for input := range task.Get("input").Each() {
		if input.At("type", "text").Text() == selection.InputSecond {
			return input.Get("valueMoney")
		}
	}
	return fhir.Node{}
}

// step checks a change of a review that is open.
func (m module) step(r fhir.Reader, caller fhir.Caller, before, after fhir.Node) error {
	now := time.Time{}
	if tx, writes := r.(fhir.Tx); writes {
		now = tx.Now()
	}
	state := stateOf(after)
	if state == stateSuperseded {
		return refuse("Task.businessStatus", "a review is superseded by a change of its claim, not by hand")
	}
	was, is := r4.Target(before.Get("owner")), r4.Target(after.Get("owner"))
	taken := before.Get("status").Text() == "in-progress" && m.locked(before, now)
	free := after.Get("status").Text() == "requested" && !after.Get("owner").Exists()
	today := m.today(now)
	mine, err := acts(r, caller, today)
	if err != nil {
		return err
	}
	if !mine.supervises && !fhir.Same(before.Get("restriction"), after.Get("restriction")) {
		return refuse("Task.restriction", "the day on which the review is due stays as it is; a supervisor may change it")
	}
	if taken && !was.IsZero() && was != is && !mine.supervises && !(free && mine.is(was)) {
		return conflict("the review is %s's; it is free when he gives it back by $release, or his lock runs out", was)
	}
	if !isOpen(after) && (after.Get("status").Text() != "completed" || state == stateBypassed) {
		if !mine.supervises {
			return forbid("only a supervisor (code %s) ends a review without one", supervisor)
		}
		if after.At("statusReason", "text").Text() == "" {
			return fhir.Detailf(fhir.IssueRequired, detailReview, "Task.statusReason", "say in its text why nobody needs to see the claim")
		}
		return nil
	}
	if free {
		return nil
	}
	return m.owned(r, mine, before, after, today)
}

// owned checks what a reviewer does with a review that is his.
func (m module) owned(r fhir.Reader, mine actor, before, after fhir.Node, today adjudication.Day) error {
	owner := r4.Target(after.Get("owner"))
	if owner.IsZero() {
		if after.Get("status").Text() == "requested" {
			return nil
		}
		return fhir.Detailf(fhir.IssueRequired, detailReview, "Task.owner", "name the PractitionerRole that reviews the claim")
	}
	if !mine.is(owner) {
		return forbid("%s is another's role", owner)
	}
	w, err := read(r, owner, today)
	if err != nil {
		return err
	}
	if err := mayDecide(r, w, after); err != nil {
		return err
	}
	if after.Get("status").Text() != "completed" {
		return nil
	}
	if kindOf(after) == secondOpinion {
		return opinion(after)
	}
	claim, err := claimOf(r, after)
	if err != nil {
		return err
	}
	return said(after, claim)
}

// opinion checks that a second opinion says what it is.
func opinion(task fhir.Node) error {
	for output := range task.Get("output").Each() {
		agrees := output.Get("valueBoolean").Text()
		if agrees == "true" && stateOf(task) == stateDelivered || agrees == "false" && stateOf(task) == stateReturned {
			return nil
		}
	}
	return refuse("Task.output", "give a second opinion by $second-opinion")
}

// An actor is what the caller may do by hand: what is his, or everybody's.
type actor struct {
	all        bool
	roles      []fhir.Key
	supervises bool
}

func (a actor) is(role fhir.Key) bool { return a.all || slices.Contains(a.roles, role) }

func acts(r fhir.Reader, caller fhir.Caller, today adjudication.Day) (actor, error) {
	if caller.Has(fhir.RoleAdministrator) {
		return actor{all: true, supervises: true}, nil
	}
	roles, err := rolesOf(r, caller.Entity, today)
	a := actor{roles: roles}
	for _, k := range roles {
		n, err := fhir.Tree(r, k)
		if err != nil {
			return a, err
		}
		a.supervises = a.supervises || has(n, supervisor)
	}
	return a, err
}
