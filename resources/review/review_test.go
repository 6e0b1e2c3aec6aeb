package review_test

import (
	"strings"
	"testing"

	"bima/fhir"
)

// Source: openimis.md 3.9, row 3, as corrected: a reviewer's price counts. Before
// the review 2 × 100 + 3 × 100 = 500, after it 1 × 37 + 1 × 53 = 90.
func TestWordsOfAReviewerDecideTheClaim(t *testing.T) {
	onEach(t, []string{above(499)}, func(t *testing.T, w *world) {
		id := w.claim("", item(1, "S", 2, 100), item(2, "D", 3, 100))
		w.answers(id, "queued")
		task := w.task("medical-review", id)
		n := w.Get(task)
		if got := n.Get("reasonCode").Code("https://bima.example/fhir/CodeSystem/review-selection"); got != "large-claim" {
			t.Errorf("the claim was picked by %q", got)
		}
		if got := n.Get("contained").First().Get("disposition").Text(); got != "All of 500 TZS will be paid." {
			t.Errorf("the rules alone would say %q", got)
		}
		w.does("in-progress taken", task+"/$claim", "one")
		w.does("completed delivered", task+"/$review", "one", line(1, quantity("1"), price("37")), line(2, quantity("1"), price("53"), part("note", `"valueString":"One pack is enough."`)))
		w.answers(id, "complete 90")
		response := w.Get("ClaimResponse/" + id)
		if !strings.Contains(string(response.Get("processNote").Raw()), "One pack is enough.") {
			t.Errorf("the reviewer's note is not told: %s", response.Get("processNote").Raw())
		}
		if got := response.Extension("https://bima.example/fhir/StructureDefinition/decision-trigger").At("valueReference", "reference").Text(); got != task {
			t.Errorf("the decision is triggered by %q, want %q", got, task)
		}
		// One below the edge: 499 is not more than 499.
		w.answers(w.claim("", item(1, "S", 1, 100), item(2, "D", 1, 399)), "complete 200")
	})
}

func TestRejectedLines(t *testing.T) {
	onEach(t, []string{above(150)}, func(t *testing.T, w *world) {
		id := w.claim("", item(1, "S", 1, 100), item(2, "D", 1, 100))
		w.does("completed delivered", w.task("medical-review", id)+"/$review", "two", line(1, reject("medical-officer")), line(2, reject("medical-officer")))
		w.answers(id, "complete 0")
		response := w.Get("ClaimResponse/" + id)
		if got := strings.Count(string(response.Get("item").Raw()), `"medical-officer"`); got != 2 {
			t.Errorf("%d lines are rejected by the medical officer: %s", got, response.Get("item").Raw())
		}
		if got := strings.Count(string(response.Get("item").Raw()), `"-1"`); got != 2 {
			t.Errorf("%d lines have openIMIS's reason -1: %s", got, response.Get("item").Raw())
		}
	})
}

func TestWhoMayReview(t *testing.T) {
	onEach(t, []string{above(150)}, func(t *testing.T, w *world) {
		id := w.claim("", item(1, "S", 2, 100))
		task := w.task("medical-review", id)
		w.refuses(fhir.IssueForbidden, "works for the facility", task+"/$claim", "inside")
		w.refuses(fhir.IssueForbidden, "works for the facility", task+"/$review", "inside")
		w.refuses(fhir.IssueForbidden, "no PractitionerRole in use", task+"/$claim", "clerk")
		w.does("in-progress taken", task+"/$claim", "one")
		w.does("in-progress taken", task+"/$claim", "one") // twice is once
		w.refuses(fhir.IssueConflict, "PractitionerRole/one's", task+"/$claim", "two")
		w.refuses(fhir.IssueConflict, "PractitionerRole/one's", task+"/$review", "two")
		w.refuses(fhir.IssueForbidden, "gives it back himself", task+"/$release", "two")
		w.does("requested waiting", task+"/$release", "boss")
		w.refuses(fhir.IssueBusinessRule, "nobody has it", task+"/$release", "one")
		w.does("in-progress taken", task+"/$claim", "two")
		for word, said := range map[string]string{
			"no line":            line(3),
			"without a reason":   line(1, part("reject", `"valueBoolean":true`)),
			"no reason of":       line(1, quantity("1"), part("reason", `"valueCode":"because"`)),
			"2 of line 1":        line(1, quantity("2.0001")),
			"reject the line":    line(1, quantity("0")),
			"100 TZS":            line(1, price("100.01")),
			"is claimed in TZS":  line(1, part("price", `"valueMoney":{"value":1,"currency":"KES"}`)),
			"is decided twice":   line(1) + "," + line(1),
			"no number":          line(1, part("quantity", `"valueString":"many"`)),
			"the claim has no l": line(1, quantity("1")) + "," + line(2),
		} {
			w.refuses(fhir.IssueBusinessRule, word, task+"/$review", "two", said)
		}
		w.answers(id, "queued")
		w.does("completed delivered", task+"/$review", "two", line(1, quantity("2"), price("100")))
		w.answers(id, "complete 200")
		w.refuses(fhir.IssueBusinessRule, "has ended", task+"/$review", "two")
		w.refuses(fhir.IssueBusinessRule, "has ended", task+"/$claim", "two")
	})
}

func TestAskingTheFacility(t *testing.T) {
	onEach(t, []string{above(150)}, func(t *testing.T, w *world) {
		id := w.claim("", item(1, "S", 2, 100))
		task := w.task("medical-review", id)
		w.refuses(fhir.IssueRequired, "say what", task+"/$ask", "one")
		w.does("on-hold asked", task+"/$ask", "one", part("question", `"valueString":"Where is the operation note?"`))
		w.refuses(fhir.IssueConflict, "PractitionerRole/one's", task+"/$claim", "two")
		asked := w.Search("CommunicationRequest", "recipient=Organization/h&status=active")
		if len(asked) != 1 {
			t.Fatalf("the facility is asked %d questions, want 1", len(asked))
		}
		request := "CommunicationRequest/" + asked[0].Get("id").Text()
		answer := func(id, sender string) string {
			return resource("Communication", id, `"status":"completed","basedOn":[{"reference":"`+request+`"}],"sender":{"reference":"Organization/`+sender+`"},"payload":[{"contentString":"Here it is."}]`)
		}
		if got := w.Refused(answer("wrong", "scheme")); got != "Communication.sender" {
			t.Errorf("refused at %s", got)
		}
		w.Put(answer("right", "h"))
		if n := w.Get(task); n.Get("status").Text() != "requested" || n.Get("businessStatus").Code("https://bima.example/fhir/CodeSystem/review-state") != "answered" {
			t.Errorf("the review is %s", n.Raw())
		}
		if got := w.Get(request).Get("status").Text(); got != "completed" {
			t.Errorf("the question is %s", got)
		}
		w.does("in-progress answered", task+"/$claim", "two")
		w.does("completed delivered", task+"/$review", "two")
		w.answers(id, "complete 200")
	})
}

func TestSecondOpinion(t *testing.T) {
	second := terms(`{"url":"secondOpinion","valueMoney":{"value":300,"currency":"TZS"}}`)
	onEach(t, []string{above(150), second}, func(t *testing.T, w *world) {
		// 3 × 100 = 300 is not above the limit.
		id := w.claim("", item(1, "S", 4, 100))
		w.does("completed delivered", w.task("medical-review", id)+"/$review", "one", line(1, quantity("3")))
		w.answers(id, "complete 300")

		id = w.claim("", item(1, "S", 4, 100))
		first := w.task("medical-review", id)
		w.does("on-hold second-opinion", first+"/$review", "one", line(1, price("80"))) // 320
		w.answers(id, "queued")
		w.refuses(fhir.IssueConflict, "waits for a second opinion", first+"/$review", "two")
		other := w.task("second-opinion", id)
		w.refuses(fhir.IssueForbidden, "another person's", other+"/$second-opinion", "one", part("agree", `"valueBoolean":true`))
		w.refuses(fhir.IssueForbidden, "works for the facility", other+"/$claim", "inside")
		w.refuses(fhir.IssueRequired, "say why", other+"/$second-opinion", "two", part("agree", `"valueBoolean":false`))
		w.refuses(fhir.IssueRequired, "true or false", other+"/$second-opinion", "two")
		w.does("completed returned", other+"/$second-opinion", "two", part("agree", `"valueBoolean":false`), part("note", `"valueString":"Four were not done."`))
		if n := w.Get(first); n.Get("status").Text() != "requested" || n.Get("output").Exists() || !strings.Contains(string(n.Get("note").Raw()), "Four were not done.") {
			t.Errorf("the review is %s", n.Raw())
		}
		w.answers(id, "queued")
		w.does("on-hold second-opinion", first+"/$review", "one", line(1, price("90"))) // 360
		w.does("completed delivered", w.task("second-opinion", id)+"/$second-opinion", "two", part("agree", `"valueBoolean":true`))
		if got := w.Get(first).Get("status").Text(); got != "completed" {
			t.Errorf("the review is %s", got)
		}
		w.answers(id, "complete 360")
	})
}

func TestLettingAClaimGo(t *testing.T) {
	onEach(t, []string{above(150)}, func(t *testing.T, w *world) {
		id := w.claim("", item(1, "S", 2, 100))
		task := w.task("medical-review", id)
		why := part("reason", `"valueString":"Known to us."`)
		w.refuses(fhir.IssueForbidden, "only a supervisor", task+"/$bypass", "one", why)
		w.refuses(fhir.IssueRequired, "say why", task+"/$bypass", "boss")
		w.does("completed bypassed", task+"/$bypass", "boss", why)
		w.answers(id, "complete 200")
		// Asked for by hand, and called off.
		w.refuses(fhir.IssueRequired, "say why", "Claim/"+id+"/$request-review", "one")
		w.refuses(fhir.IssueForbidden, "works for the facility", "Claim/"+id+"/$request-review", "inside", part("reason", `"valueString":"Doubts."`))
		w.does("requested waiting", "Claim/"+id+"/$request-review", "one", part("reason", `"valueString":"Doubts."`))
		w.answers(id, "queued")
		w.refuses(fhir.IssueConflict, "under review already", "Claim/"+id+"/$request-review", "one", part("reason", `"valueString":"Doubts."`))
		again := w.Get(w.task("medical-review", id))
		body := strings.Replace(string(again.Raw()), `"status":"requested"`, `"status":"cancelled"`, 1)
		if got := w.Try(body); !fhir.HasIssue(got, fhir.IssueRequired) {
			t.Errorf("cancelled without a reason: %v", got)
		}
		w.Put(strings.Replace(body, `"status":"cancelled"`, `"status":"cancelled","statusReason":{"text":"No doubts."}`, 1))
		w.answers(id, "complete 200")
		small := w.claim("", item(1, "S", 1, 100))
		w.answers(small, "complete 100")
		w.does("requested waiting", "Claim/"+small+"/$request-review", "", part("reason", `"valueString":"Doubts."`))
		w.does("completed delivered", w.task("medical-review", small)+"/$review", "two", line(1, quantity("0.5")))
		w.answers(small, "complete 50")
	})
}

func TestAChangedClaimIsAnotherOne(t *testing.T) {
	onEach(t, []string{above(150)}, func(t *testing.T, w *world) {
		id := w.claim("", item(1, "S", 2, 100))
		task := w.task("medical-review", id)
		w.does("completed delivered", task+"/$review", "one", line(1, quantity("1")))
		w.answers(id, "complete 100")
		// What was said of two is not said of three.
		w.Put(w.body(id, "", item(1, "S", 3, 100)))
		w.answers(id, "queued")
		next := w.task("medical-review", id)
		if next == task {
			t.Errorf("there is no new review")
		}
		// Of less than the limit nobody needs to see.
		w.Put(w.body(id, "", item(1, "S", 1, 100)))
		w.answers(id, "complete 100")
		if got := w.Get(next).Get("status").Text(); got != "cancelled" {
			t.Errorf("the review of what is claimed no more is %s", got)
		}
		// Withdrawn while it is reviewed.
		id = w.claim("", item(1, "S", 2, 100))
		w.Put(strings.Replace(w.body(id, "", item(1, "S", 2, 100)), `"status":"active"`, `"status":"cancelled"`, 1))
		if got := w.Get(w.task("medical-review", id)).Get("status").Text(); got != "cancelled" {
			t.Errorf("the review of a withdrawn claim is %s", got)
		}
	})
}

// A claim that names no currency is decided in the plan's: the reviewer's price may
// be in that or in none, and what goes through counts against the plan's limit.
func TestReviewsOfClaimsWithoutACurrency(t *testing.T) {
	second := terms(`{"url":"secondOpinion","valueMoney":{"value":300,"currency":"TZS"}}`)
	onEach(t, []string{above(150), second}, func(t *testing.T, w *world) {
		bare := strings.Replace(item(1, "S", 4, 100), `,"currency":"TZS"`, "", 1)
		for _, given := range []string{price("50"), strings.Replace(price("50"), `,"currency":"TZS"`, "", 1)} {
			id := w.claim("", bare)
			w.does("completed delivered", w.task("medical-review", id)+"/$review", "one", line(1, given))
			w.answers(id, "complete 200")
		}
		id := w.claim("", bare)
		w.does("on-hold second-opinion", w.task("medical-review", id)+"/$review", "one", line(1, price("80"))) // 320
		w.answers(id, "queued")
	})
}

// What clients write by hand is held to what the operations do.
func TestReviewsByHand(t *testing.T) {
	second := terms(`{"url":"secondOpinion","valueMoney":{"value":300,"currency":"TZS"}}`)
	onEach(t, []string{above(150), second}, func(t *testing.T, w *world) {
		id := w.claim("", item(1, "S", 2, 100))
		task := w.Get(w.task("medical-review", id))
		plain := string(task.Raw())
		changed := func(pairs ...string) string { return strings.NewReplacer(pairs...).Replace(plain) }
		words := func(item string) string {
			return changed(`"status":"requested"`, `"status":"completed","owner":{"reference":"PractitionerRole/one"},"output":[{"type":{"text":"decision"},"valueReference":{"reference":"#w"}}]`,
				`"contained":[`, `"contained":[{"resourceType":"ClaimResponse","id":"w","status":"draft","type":{"text":"x"},"use":"claim","patient":{"reference":"Patient/p"},"created":"2026-04-02","insurer":{"display":"Scheme"},"outcome":"partial","item":[`+item+`]},`)
		}
		approved := func(line, more string) string {
			return `{"itemSequence":` + line + `,"adjudication":[{"category":` + concept("https://bima.example/fhir/CodeSystem/adjudication", "approved-quantity") + more + `}]}`
		}
		for name, c := range map[string]struct{ body, at string }{
			"another claim":           {changed(`"focus":{"reference":"Claim/`+id, `"focus":{"reference":"Claim/x`), "Task.focus"},
			"another facility":        {changed(`"requester":{"reference":"Organization/h"`, `"requester":{"reference":"Organization/scheme"`), "Task.requester"},
			"no second opinion":       {changed(`"value":300`, `"value":3000`), "Task.input"},
			"superseded by hand":      {changed(`"code":"waiting"`, `"code":"superseded"`), "Task.businessStatus"},
			"a line not claimed":      {words(approved("3", `,"value":1`)), "Task.contained[0].item[0]"},
			"more than was claimed":   {words(approved("1", `,"value":3`)), "Task.contained[0].item[0]"},
			"a review made by hand":   {resource("Task", "own", `"status":"requested","intent":"order","code":`+concept("https://bima.example/fhir/CodeSystem/task", "medical-review")+`,"focus":{"reference":"Claim/`+id+`"}`), "Task.requester"},
			"a second opinion's Task": {resource("Task", "own", `"status":"requested","intent":"order","code":`+concept("https://bima.example/fhir/CodeSystem/task", "second-opinion")), "Task.code"},
			"a review without limit":  {resource("Task", "own", `"status":"requested","intent":"order","requester":{"reference":"Organization/h"},"code":`+concept("https://bima.example/fhir/CodeSystem/task", "medical-review")+`,"focus":{"reference":"Claim/`+id+`"}`), "Task.input"},
		} {
			if at := w.Refused(c.body); at != c.at {
				t.Errorf("%s is refused at %s, want %s", name, at, c.at)
			}
		}
		if err := w.Try(changed(`"status":"requested"`, `"status":"in-progress"`)); !fhir.HasIssue(err, fhir.IssueRequired) {
			t.Errorf("taken by nobody: %v", err)
		}
		if err := w.Try(changed(`"status":"requested"`, `"status":"in-progress","owner":{"reference":"PractitionerRole/inside"}`)); !fhir.HasIssue(err, fhir.IssueForbidden) {
			t.Errorf("taken by who works there: %v", err)
		}
		w.Put(words(approved("1", `,"value":1`)))
		w.answers(id, "complete 100")
	})
}
