package review_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"bima/fhir"
	"bima/fhir/interaction"
	"bima/profiles"
)

// answering gives the Task of an appeal with an answer: words are an adjudication of
// line 1, "" is none.
func (w *world) answering(task, status, system, code, owner, words string) string {
	w.t.Helper()
	n := w.Get(task)
	e := fhir.NewEdit(n.Document())
	e.Set(n, "status", []byte(`"`+status+`"`))
	e.Set(n, "owner", []byte(`{"reference":"`+owner+`"}`))
	e.Set(n, "businessStatus", []byte(concept(system, code)))
	if words != "" {
		e.Set(n, "contained", []byte(`[{"resourceType":"ClaimResponse","id":"w","status":"draft","type":{"text":"x"},"use":"claim","patient":{"reference":"Patient/p"},"created":"2026-04-02","insurer":{"display":"Scheme"},"outcome":"partial","item":[{"itemSequence":1,"adjudication":[`+words+`]}]}]`))
		e.Set(n, "output", []byte(`[{"type":{"text":"decision"},"valueReference":{"reference":"#w"}}]`))
	}
	return string(e.Bytes())
}

func (w *world) granting(task, owner, words string) string {
	return w.answering(task, "completed", profiles.SystemAppealOutcome, "granted", owner, words)
}

func (w *world) proposing(task, owner, words string) string {
	return w.answering(task, "on-hold", profiles.SystemReviewState, "second-opinion", owner, words)
}

// units approves units of a line.
func units(n int) string {
	return fmt.Sprintf(`{"category":%s,"value":%d}`, concept(profiles.SystemAdjudication, "approved-quantity"), n)
}

// appealed has a claim of five units, one of which a reviewer left, appealed against;
// it gives the claim's id and the Task.
func (w *world) appealed() (id, task string) {
	w.t.Helper()
	id = w.claim("", item(1, "S", 5, 100))
	w.does("completed delivered", w.task("medical-review", id)+"/$review", "one", line(1, quantity("1")))
	w.answers(id, "complete 100")
	n, err := w.call("Claim/"+id+"/$appeal", "", part("reason", `"valueString":"All five were done."`))
	if err != nil {
		w.t.Fatal(err)
	}
	return id, "Task/" + n.Get("id").Text()
}

// A second person agrees to what an appeal lets through above 300, as to a review.
func TestAppealsPassTheSecondOpinion(t *testing.T) {
	second := terms(`{"url":"secondOpinion","valueMoney":{"value":300,"currency":"TZS"}}`)
	onEach(t, []string{above(150), second}, func(t *testing.T, w *world) {
		const two = "PractitionerRole/two"
		agree := part("agree", `"valueBoolean":true`)
		// 3 × 100 = 300 is not above the limit.
		id, task := w.appealed()
		w.Put(w.granting(task, two, units(3)))
		w.answers(id, "complete 300")

		id, task = w.appealed()
		for what, c := range map[string]struct{ body, at string }{
			"above the limit":         {w.granting(task, two, units(4)), "Task.status"},
			"more than was claimed":   {w.granting(task, two, units(6)), "Task.contained[0].item[0]"},
			"proposed without words":  {w.proposing(task, two, ""), "Task.output"},
			"proposed more than that": {w.proposing(task, two, units(6)), "Task.contained[0].item[0]"},
		} {
			if at := w.Refused(c.body); at != c.at {
				t.Errorf("%s is refused at %s, want %s", what, at, c.at)
			}
		}
		w.Put(w.proposing(task, two, units(4)))
		w.answers(id, "complete 100")
		for what, body := range map[string]string{
			"completed meanwhile": w.granting(task, two, units(4)),
			"other words":         w.proposing(task, two, units(5)),
			"another's":           w.proposing(task, "PractitionerRole/boss", units(4)),
		} {
			if at := w.Refused(body); !strings.HasPrefix(at, "Task.") {
				t.Errorf("%s is refused at %s", what, at)
			}
		}
		other := w.task("second-opinion", id)
		if n := w.Get(other); n.At("requester", "reference").Text() != "Organization/h" || n.At("location", "reference").Text() != "Location/ward" {
			t.Errorf("the second person is asked by %s", n.Raw())
		}
		w.refuses(fhir.IssueForbidden, "another person's", other+"/$second-opinion", "two", agree)
		w.refuses(fhir.IssueForbidden, "decided on this claim before", other+"/$second-opinion", "one", agree)
		w.refuses(fhir.IssueForbidden, "works for the facility", other+"/$second-opinion", "inside", agree)
		w.does("completed returned", other+"/$second-opinion", "boss", part("agree", `"valueBoolean":false`), part("note", `"valueString":"Three were done."`))
		if n := w.Get(task); n.Get("status").Text() != "requested" || n.Get("output").Exists() || !strings.Contains(string(n.Get("note").Raw()), "Three were done.") {
			t.Errorf("the appeal is %s", n.Raw())
		}
		w.answers(id, "complete 100")
		w.Put(w.proposing(task, two, units(4)))
		w.does("completed delivered", w.task("second-opinion", id)+"/$second-opinion", "far", agree)
		if n := w.Get(task); n.Get("status").Text() != "completed" || n.Get("businessStatus").Code(profiles.SystemAppealOutcome) != "granted" {
			t.Errorf("the appeal is %s", n.Raw())
		}
		w.answers(id, "complete 400")
		w.endsWithTheClaim()
		w.onlyReviewersPropose()
	})
}

// endsWithTheClaim withdraws a claim whose appeal waits for a second person.
func (w *world) endsWithTheClaim() {
	w.t.Helper()
	id, task := w.appealed()
	w.Put(w.proposing(task, "PractitionerRole/two", units(4)))
	w.Put(strings.Replace(string(w.Get("Claim/"+id).Raw()), `"status":"active"`, `"status":"cancelled"`, 1))
	for _, k := range []string{task, w.task("second-opinion", id)} {
		if got := w.Get(k).Get("status").Text(); got != "cancelled" {
			w.t.Errorf("%s is %s, after the claim was withdrawn", k, got)
		}
	}
}

// onlyReviewersPropose has others propose an answer: the facility, a reviewer in the
// name of another, and whoever appeals, at once.
func (w *world) onlyReviewersPropose() {
	w.t.Helper()
	id, task := w.appealed()
	body := []byte(w.proposing(task, "PractitionerRole/two", units(4)))
	key := fhir.Key{Type: "Task", ID: strings.TrimPrefix(task, "Task/")}
	for what, err := range map[string]error{
		"the facility": func() error {
			_, err := w.Engine.Update(as("clerk", "Organization/h", fhir.RoleFacility), key, interaction.Write{Body: body})
			return err
		}(),
		"in another's name": func() error {
			_, err := w.Engine.Update(as("far", "PractitionerRole/far", fhir.RoleReviewer), key, interaction.Write{Body: body})
			return err
		}(),
	} {
		if !fhir.HasIssue(err, fhir.IssueForbidden) {
			w.t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := w.Engine.Update(as("bakari", "Practitioner/bakari", fhir.RoleReviewer), key, interaction.Write{Body: body}); err != nil {
		w.t.Errorf("in his own name: %v", err)
	}
	other := w.claim("", item(1, "S", 1, 100))
	w.answers(other, "complete 100")
	fresh := map[string]any{}
	if err := json.Unmarshal(body, &fresh); err != nil {
		w.t.Fatal(err)
	}
	fresh["id"], fresh["focus"] = "fresh", map[string]string{"reference": "Claim/" + other}
	text, err := json.Marshal(fresh)
	if err != nil {
		w.t.Fatal(err)
	}
	if at := w.Refused(string(text)); at != "Task.output" {
		w.t.Errorf("an appeal that begins with its answer is refused at %q", at)
	}
	w.answers(id, "complete 100")
}

// What is written by hand about a claim is held to what $request-review asks.
func TestReviewsBegunByHand(t *testing.T) {
	onEach(t, []string{above(150)}, func(t *testing.T, w *world) {
		id := w.claim("", item(1, "S", 1, 100))
		w.answers(id, "complete 100")
		task := func(name, claim, status string) string {
			return resource("Task", name, `"status":"`+status+`","intent":"order","requester":{"reference":"Organization/h"},"code":`+concept(profiles.SystemTask, "medical-review")+`,"focus":{"reference":"Claim/`+claim+`"}`)
		}
		put := func(entity, body string) error {
			n := fhir.Key{Type: "Task", ID: "by-" + strings.ReplaceAll(entity, "/", "-")}
			_, err := w.Engine.Update(as(entity, entity, fhir.RoleReviewer), n, interaction.Write{Body: []byte(strings.Replace(body, `"id":"x"`, `"id":"`+n.ID+`"`, 1))})
			return err
		}
		for entity, code := range map[string]fhir.IssueType{"PractitionerRole/inside": fhir.IssueBusinessRule, "Device/x": fhir.IssueForbidden} {
			if err := put(entity, task("x", id, "requested")); !fhir.HasIssue(err, code) {
				t.Errorf("by %s: %v, want %s", entity, err, code)
			}
		}
		if err := put("PractitionerRole/one", task("x", id, "requested")); err != nil {
			t.Error(err)
		}
		w.answers(id, "queued")
		if err := w.Try(task("second", id, "requested")); !fhir.HasIssue(err, fhir.IssueConflict) {
			t.Errorf("a second one: %v", err)
		}
		if err := w.Try(task("third", id, "completed")); !fhir.HasIssue(err, fhir.IssueConflict) {
			t.Errorf("one that is done at once: %v", err)
		}
		paid := w.claim("", item(1, "S", 1, 100))
		response := string(w.Get("ClaimResponse/" + paid).Raw())
		w.Put(strings.TrimSuffix(response, "}") + `,"payment":{"type":` + concept("http://terminology.hl7.org/CodeSystem/ex-paymenttype", "complete") + `,"amount":{"value":100,"currency":"TZS"}}}`)
		for _, status := range []string{"requested", "completed"} {
			if at := w.Refused(task("paid-"+status, paid, status)); at != "Task.focus" {
				t.Errorf("of what is paid, %s: refused at %q", status, at)
			}
		}
		w.answers(paid, "complete 100")
		draft := strings.Replace(w.body("draft", "", item(1, "S", 1, 100)), `"status":"active"`, `"status":"draft"`, 1)
		w.Put(draft, strings.Replace(w.body("asked", "", item(1, "S", 1, 100)), `"use":"claim"`, `"use":"predetermination"`, 1))
		for _, claim := range []string{"draft", "asked"} {
			if at := w.Refused(task("of-"+claim, claim, "requested")); at != "Task.focus" {
				t.Errorf("of %s: refused at %q", claim, at)
			}
		}
	})
}

// A question is answered by whom it was put to.
func TestWhoAnswersAQuestion(t *testing.T) {
	onEach(t, []string{above(150)}, func(t *testing.T, w *world) {
		const ask = `"valueString":"Where is the operation note?"`
		asked := func() (task, request string) {
			task = w.task("medical-review", w.claim("", item(1, "S", 2, 100)))
			w.does("on-hold asked", task+"/$ask", "one", part("question", ask))
			for input := range w.Get(task).Get("input").Each() {
				request = strings.TrimPrefix(input.At("valueReference", "reference").Text(), "CommunicationRequest/")
			}
			return task, request
		}
		w.Put(resource("Device", "theirs", `"owner":{"reference":"Organization/h"}`))
		number := 0
		for _, c := range []struct {
			name, entity, sender string
			role                 fhir.Role
			refused              fhir.IssueType
			want                 string // the sender that is stored
		}{
			{"the facility", "Organization/h", "Organization/h", fhir.RoleFacility, "", "Organization/h"},
			{"the facility, without saying so", "Organization/h", "", fhir.RoleFacility, "", "Organization/h"},
			{"who works there", "Practitioner/chiku", "", fhir.RoleFacility, "", "Practitioner/chiku"},
			{"who works there, by his role", "PractitionerRole/clerk", "Practitioner/chiku", fhir.RoleFacility, "", "Practitioner/chiku"},
			{"its device", "Device/theirs", "", fhir.RoleFacility, "", "Device/theirs"},
			{"another", "Organization/scheme", "", fhir.RoleFacility, fhir.IssueForbidden, ""},
			{"another, in its name", "Organization/scheme", "Organization/h", fhir.RoleFacility, fhir.IssueForbidden, ""},
			{"a reviewer, in its name", "PractitionerRole/two", "Organization/h", fhir.RoleReviewer, fhir.IssueForbidden, ""},
			{"the facility, in another's name", "Organization/h", "Organization/scheme", fhir.RoleFacility, fhir.IssueBusinessRule, ""},
			{"the facility, for who does not work there", "Organization/h", "Practitioner/amina", fhir.RoleFacility, fhir.IssueBusinessRule, ""},
			{"the facility, for a patient", "Organization/h", "Patient/p", fhir.RoleFacility, fhir.IssueBusinessRule, ""},
			{"who brings messages", "Organization/scheme", "Organization/h", fhir.RoleIntegration, "", "Organization/h"},
			{"who brings messages, of nobody", "Organization/scheme", "", fhir.RoleIntegration, fhir.IssueRequired, ""},
			{"nobody in particular", "", "", fhir.RoleFacility, fhir.IssueRequired, ""},
		} {
			number++
			task, request := asked()
			sender := ""
			if c.sender != "" {
				sender = `"sender":{"reference":"` + c.sender + `"},`
			}
			id := fmt.Sprintf("answer-%d", number)
			body := resource("Communication", id, `"status":"completed","basedOn":[{"reference":"CommunicationRequest/`+request+`"}],`+sender+`"payload":[{"contentString":"Here it is."}]`)
			_, err := w.Engine.Update(as(c.name, c.entity, c.role), fhir.Key{Type: "Communication", ID: id}, interaction.Write{Body: []byte(body)})
			state := "asked"
			if c.refused == "" {
				state = "answered"
				if err != nil {
					t.Errorf("%s: %v", c.name, err)
				} else if got := w.Get("Communication/"+id).At("sender", "reference").Text(); got != c.want {
					t.Errorf("%s: it is from %q, want %q", c.name, got, c.want)
				}
			} else if !fhir.HasIssue(err, c.refused) {
				t.Errorf("%s: %v, want %s", c.name, err, c.refused)
			}
			if got := w.Get(task).Get("businessStatus").Code(profiles.SystemReviewState); got != state {
				t.Errorf("%s: the review is %s, want %s", c.name, got, state)
			}
		}
	})
}
