package review

import (
	"bima/adjudication/facts"
	"bima/adjudication/selection"
	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
)

const (
	// appeal is the code of the Tasks of appeals.
	appeal = "appeal"
	// appealGranted says of an appeal that it was right.
	appealGranted = "granted"
)

func isAppeal(task fhir.Node) bool { return task.Get("code").Code(profiles.SystemTask) == appeal }

// awaitsSecond reports whether somebody has said his words, and another is to agree.
func awaitsSecond(task fhir.Node) bool {
	return task.Get("status").Text() == "on-hold" && stateOf(task) == stateSecond
}

// appealed holds the words of who answers an appeal to what those of a review are
// held to: they are of lines that were claimed, and above the product's limit a
// second person agrees to them. Who may answer, and when, the module of claims asks.
func (m module) appealed(r fhir.Reader, before, after fhir.Node) error {
	if !isAppeal(after) || before.Exists() && !isOpen(before) {
		return nil // refused there
	}
	granted := after.Get("status").Text() == "completed" && after.Get("businessStatus").Code(profiles.SystemAppealOutcome) == appealGranted && after.Get("output").Exists()
	switch {
	case awaitsSecond(before) && (isOpen(after) || after.Get("status").Text() == "completed"):
		for _, name := range []string{"status", "businessStatus", "owner", "contained", "output"} {
			if !fhir.Same(before.Get(name), after.Get(name)) {
				return refuse("Task."+name, "the appeal waits for a second opinion and stays as it is; the second Task, which is part of it, is answered by $second-opinion")
			}
		}
		return nil
	case !granted && !awaitsSecond(after):
		return nil
	case !after.Get("output").Exists() || !after.Get("owner").Exists():
		return refuse("Task.output", "a second opinion is of words on lines, and somebody's; name both, as output and owner")
	}
	claim, err := claimOf(r, after)
	if err != nil {
		return err
	}
	words, err := draftWords(after)
	if err != nil {
		return err
	}
	through, err := judge(claimed(claim), words)
	if err != nil || !granted {
		return err
	}
	asked, err := m.about(r, r4.Target(after.Get("focus")), claim)
	if err != nil {
		return err
	}
	if limit := asked.Second; limit != nil && through.in(limit.Currency) > limit.Value {
		return refuse("Task.status", "the words let more than %s %s through, so a second person has to agree: leave the Task on-hold, with the businessStatus %s of %s, and somebody else is asked", limit.Value, limit.Currency, stateSecond, profiles.SystemReviewState)
	}
	return nil
}

// ofAppeal completes the Task of the second opinion on an appeal, which says neither
// where the claim is from nor who is asked.
func (m module) ofAppeal(tx fhir.Tx, body members, task fhir.Node) error {
	claim, err := claimOf(tx, task)
	if err != nil {
		return err
	}
	asked, err := m.about(tx, r4.Target(task.Get("focus")), claim)
	if err != nil {
		return err
	}
	areas, err := facts.Areas(tx, asked.Facility)
	if err != nil {
		return err
	}
	delete(body, "extension")
	for i, k := range areas {
		if i == 0 {
			body.set("location", object{"reference": k.String()})
		}
		body.add("extension", object{"url": profiles.ExtensionTaskArea, "valueReference": object{"reference": k.String()}})
	}
	delete(body, "requester")
	if !asked.Facility.IsZero() {
		body.set("requester", object{"reference": asked.Facility.String()})
	}
	body.set("performerType", []object{coding(profiles.SystemSchemeRole, selection.Reviewer)})
	body.set("description", "Agree with the answer to the appeal about "+r4.Target(task.Get("focus")).String()+", or do not.")
	return nil
}
