package review_test

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"bima/adjudication/facts"
	"bima/fhir"
	"bima/resources/resourcestest"
	"bima/resources/review"
)

// Of many who take a review at once one has it.
func TestManyTakeItAtOnce(t *testing.T) {
	onEach(t, []string{above(150)}, func(t *testing.T, w *world) {
		task := w.task("medical-review", w.claim("", item(1, "S", 2, 100)))
		var taken, refused atomic.Int32
		var wg sync.WaitGroup
		for _, role := range []string{"one", "two", "boss"} {
			wg.Go(func() {
				_, err := w.call(task+"/$claim", role)
				switch {
				case err == nil:
					taken.Add(1)
				case fhir.HasIssue(err, fhir.IssueConflict):
					refused.Add(1)
				default:
					t.Errorf("%s: %v", role, err)
				}
			})
		}
		wg.Wait()
		if taken.Load() != 1 || refused.Load() != 2 {
			t.Errorf("%d have it and %d were refused, want 1 and 2", taken.Load(), refused.Load())
		}
	})
}

// A lock that has run out holds nobody off, and the daily work takes it off.
func TestLocksRunOut(t *testing.T) {
	onEachWith(t, review.Settings{Base: resourcestest.Base, Lock: time.Nanosecond}, []string{above(150)}, func(t *testing.T, w *world) {
		task := w.task("medical-review", w.claim("", item(1, "S", 2, 100)))
		w.does("in-progress taken", task+"/$claim", "one")
		w.does("in-progress taken", task+"/$claim", "two")
		if got := w.Get(task).At("owner", "reference").Text(); got != "PractitionerRole/two" {
			t.Errorf("it is %s's", got)
		}
		w.daily("review-deadlines", w.today())
		if n := w.Get(task); n.Get("status").Text() != "requested" || n.Get("owner").Exists() {
			t.Errorf("the review is still %s, %s's", n.Get("status").Text(), n.At("owner", "reference").Text())
		}
	})
}

// A preauthorization is picked as a claim is, and agreed to after its review. An
// estimate is not.
func TestWhatIsPicked(t *testing.T) {
	onEach(t, []string{above(150)}, func(t *testing.T, w *world) {
		asks := func(id, use string) string {
			return strings.Replace(w.body(id, "", item(1, "S", 2, 100)), `"use":"claim"`, `"use":"`+use+`"`, 1)
		}
		w.Put(asks("asked", "preauthorization"), asks("estimated", "predetermination"))
		w.answers("estimated", "complete 200")
		w.answers("asked", "queued")
		if got := w.Get("ClaimResponse/asked").Get("preAuthRef"); got.Exists() {
			t.Errorf("it is agreed to as %s before its review", got.Text())
		}
		w.does("completed delivered", w.task("medical-review", "asked")+"/$review", "one", line(1, quantity("1")))
		w.answers("asked", "complete 100")
		if got := w.Get("ClaimResponse/asked").Get("preAuthRef").Text(); got != "asked" {
			t.Errorf("it is agreed to as %q", got)
		}
		// Of what is refused anyway nobody needs to see anything.
		w.answers(w.claim("", item(1, "X", 2, 100)), "complete 0")
	})
}

// Two patients spoke against the hospital, one of them 31 days ago.
func TestComplaints(t *testing.T) {
	told := func(least string) string {
		return rule("feedback", `{"url":"claims","valuePositiveInt":`+least+`}`, `{"url":"months","valuePositiveInt":1}`, `{"url":"name","valueCode":"told-`+least+`"}`)
	}
	onEach(t, []string{told("1"), told("2")}, func(t *testing.T, w *world) {
		w.answers(w.claim("", item(1, "S", 1, 100)), "complete 100")
		for id, ago := range map[string]int32{"a": 0, "b": 31} {
			err := w.Engine.Commit(w.Context(), func(tx fhir.Tx) error {
				day := int32(tx.Now().Unix()/(24*60*60)) - ago
				return tx.Post(fhir.Key{Type: "Communication", ID: id}, []fhir.Entry{{
					Account: facts.ComplaintAccount(fhir.Key{Type: "Organization", ID: "h"}), Bucket: facts.BucketClaims, Day: day, Value: 1,
				}})
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		id := w.claim("", item(1, "S", 1, 100))
		w.answers(id, "queued")
		if got := string(w.Get(w.task("medical-review", id)).Get("reasonCode").Raw()); !strings.Contains(got, "told-1") || strings.Contains(got, "told-2") {
			t.Errorf("it is picked because of %s", got)
		}
	})
}

// The same service on the same day at two facilities is a signal.
func TestSignalsPick(t *testing.T) {
	onEach(t, []string{rule("signal-score", `{"url":"score","valueUnsignedInt":0}`)}, func(t *testing.T, w *world) {
		w.Put(resource("Organization", "h2", `"active":true,"name":"Another"`))
		w.answers(w.claim("", item(1, "S", 1, 100)), "complete 100")
		w.Put(strings.Replace(w.body("twice", "", item(1, "S", 1, 100)), "Organization/h\"", "Organization/h2\"", 1))
		w.answers("twice", "queued")
		if got := w.Get(w.task("medical-review", "twice")).At("reasonCode", "text").Text(); !strings.Contains(got, "of 100, above 0") {
			t.Errorf("the reviewer is told %q", got)
		}
	})
}

// The server's own jobs make reviews as they need them; nobody else does.
func TestReviewsOfTheServersOwn(t *testing.T) {
	second := terms(`{"url":"secondOpinion","valueMoney":{"value":300,"currency":"TZS"}}`)
	onEach(t, []string{second}, func(t *testing.T, w *world) {
		id := w.claim("", item(1, "S", 1, 100))
		body := resource("Task", "own", `"status":"requested","intent":"order","requester":{"reference":"Organization/h"},"code":`+concept("https://bima.example/fhir/CodeSystem/task", "medical-review")+`,"focus":{"reference":"Claim/`+id+`"}`)
		if at := w.Refused(body); at != "Task.input" {
			t.Errorf("refused at %s", at)
		}
		err := w.Engine.Commit(fhir.WithCaller(t.Context(), fhir.System()), func(tx fhir.Tx) error {
			_, err := tx.Update(&fhir.Resource{Key: fhir.Key{Type: "Task", ID: "own"}, Body: []byte(body)}, 0)
			return err
		})
		if err != nil {
			t.Error(err)
		}
		w.answers(id, "queued")
	})
}

// A condition may ask who the claim is of.
func TestConditionsResolve(t *testing.T) {
	when := func(name, text string) string {
		return `{"url":"https://bima.example/fhir/StructureDefinition/review-condition","valueExpression":{"name":"` + name + `","language":"text/fhirpath","expression":"` + text + `"}}`
	}
	onEach(t, []string{when("hers", "Claim.patient.resolve().gender = 'female'"), when("his", "Claim.patient.resolve().gender = 'male'"), when("old", "Claim.created < today()")}, func(t *testing.T, w *world) {
		id := w.claim("", item(1, "S", 1, 100))
		var names []string
		for c := range w.Get(w.task("medical-review", id)).At("reasonCode", "coding").Each() {
			names = append(names, c.Get("code").Text())
		}
		if got := strings.Join(names, " "); got != "hers old" {
			t.Errorf("picked because of %q, want hers and old", got)
		}
	})
}
