package review_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"bima/profiles"
)

// due gives a Task's status, state, priority and how many Tasks tell of its delay.
func (w *world) due(task string) string {
	w.t.Helper()
	n := w.Get(task)
	told := ""
	for _, t := range w.Search("Task", "code=review-overdue&part-of="+task) {
		told += " " + t.Get("status").Text()
	}
	return n.Get("status").Text() + " " + n.Get("priority").Text() + told
}

// A review that is due on a day is late from the next one on. The Tasks are made
// now, so that the days are counted from today.
func TestDeadlines(t *testing.T) {
	onEach(t, []string{above(150), terms(`{"url":"deadlineDays","valuePositiveInt":5}`)}, func(t *testing.T, w *world) {
		id := w.claim("", item(1, "S", 2, 100))
		task := w.task("medical-review", id)
		day := func(n int) string { return w.dayAfter(task, n) }
		for _, step := range []struct {
			day  int
			want string
		}{
			{0, "requested routine"},
			{1, "requested urgent requested"},
			{1, "requested urgent requested"}, // twice changes nothing
			{7, "requested urgent requested"},
			{8, "requested asap requested"},
		} {
			w.daily("review-deadlines", day(step.day))
			if got := w.due(task); got != step.want {
				t.Errorf("%d days after it was due: %q, want %q", step.day, got, step.want)
			}
		}
		w.does("completed delivered", task+"/$review", "one")
		if got := w.due(task); got != "completed asap completed" {
			t.Errorf("reviewed it is %q", got)
		}
	})
}

// A Task is searched by the last day it may take, whose start nobody set, and the
// queue begins with what is due first: here what was asked for last.
func TestTheQueueByDay(t *testing.T) {
	onEach(t, []string{above(150), terms(`{"url":"deadlineDays","valuePositiveInt":5}`)}, func(t *testing.T, w *world) {
		task := w.task("medical-review", w.claim("", item(1, "S", 2, 100)))
		for _, x := range []struct {
			prefix string
			days   int
			want   int
		}{
			{"lt", 0, 0}, {"lt", 1, 1}, {"le", -1, 0}, {"le", 0, 1}, {"", -1, 0}, {"", 0, 1}, {"ge", 0, 1}, {"gt", 0, 0}, {"sa", -1, 1}, {"eb", 1, 1},
		} {
			if got := len(w.Search("Task", "code=medical-review&due="+x.prefix+w.dayAfter(task, x.days))); got != x.want {
				t.Errorf("due=%s, %d days after it is due, finds %d Tasks, want %d", x.prefix, x.days, got, x.want)
			}
		}
		sooner := w.task("medical-review", w.claim("", item(1, "S", 3, 100)))
		w.Put(strings.Replace(string(w.Get(sooner).Raw()), `"end":"`+w.dayAfter(task, 0), `"end":"`+w.dayAfter(task, -1), 1))
		n, err := w.call("Task/$review-queue", "one", part("count", `"valueInteger":1`))
		if got := "Task/" + n.Get("entry").First().At("resource", "id").Text(); err != nil || got != sooner {
			t.Errorf("the queue begins with %s, want %s: %v", got, sooner, err)
		}
	})
}

func TestTheQueue(t *testing.T) {
	surgeon := `{"url":"specialty","valueCodeableConcept":` + concept("urn:specialty", "surgery") + `}`
	onEach(t, []string{above(250), rule("high-risk-service", `{"url":"service","valueCodeableConcept":`+concept("urn:t", "R")+`}`, surgeon)}, func(t *testing.T, w *world) {
		w.Put(
			resource("Practitioner", "fatuma", `"active":true`),
			resource("PractitionerRole", "surgeon", `"active":true,"practitioner":{"reference":"Practitioner/fatuma"},"specialty":[`+concept("urn:specialty", "surgery")+`],"code":[`+concept(profiles.SystemSchemeRole, "medical-reviewer")+`]`),
		)
		plain, risky := w.claim("", item(1, "S", 3, 100)), w.claim("", item(1, "R", 1, 100))
		tasks := map[string]string{w.task("medical-review", plain): "plain", w.task("medical-review", risky): "risky"}
		queue := func(want, role string, parts ...string) {
			t.Helper()
			n, err := w.call("Task/$review-queue", role, parts...)
			if err != nil {
				t.Error(err)
				return
			}
			var got []string
			for e := range n.Get("entry").Each() {
				got = append(got, tasks["Task/"+e.At("resource", "id").Text()])
			}
			slices.Sort(got) // two may be asked for in the same moment
			if list := strings.Join(got, " "); list != want {
				t.Errorf("the queue of %s is %q, want %q", role, list, want)
			}
		}
		queue("plain", "one")           // in his district
		queue("", "far")                // not in hers
		queue("", "inside")             // she works there
		queue("plain risky", "surgeon") // what asks for one, and what asks for nobody in particular
		queue("risky", "surgeon", part("specialty", `"valueString":"urn:specialty|surgery"`))
		queue("plain", "two", part("area", `"valueString":"Location/ward"`))
		queue("", "two", part("area", `"valueString":"Location/elsewhere"`))
		if n, err := w.call("Task/$review-queue", "surgeon", part("count", `"valueInteger":1`)); err != nil || n.Get("entry").Len() != 1 {
			t.Errorf("of a queue of one there are %d: %v", n.Get("entry").Len(), err)
		}
		w.does("in-progress taken", w.task("medical-review", plain)+"/$claim", "two")
		queue("", "one")
		queue("plain", "two")
		for _, query := range []string{"area=Location/ward", "area=Location/district", "performer=urn:specialty|surgery"} {
			want := map[bool]int{true: 1, false: 2}[strings.HasPrefix(query, "performer")]
			if got := len(w.Search("Task", query)); got != want {
				t.Errorf("%s finds %d Tasks, want %d", query, got, want)
			}
		}
	})
}

// What a diagnosis costs is summed for each day. Malaria is granted 100, 200 and 300
// on two days, 200 on average; 50 % more is 300.
func TestAverages(t *testing.T) {
	variance := rule("diagnosis-variance", `{"url":"percentage","valueDecimal":50}`, `{"url":"history","valuePositiveInt":3}`)
	onEach(t, []string{variance}, func(t *testing.T, w *world) {
		sick := func(code string) string {
			return `"diagnosis":[{"sequence":1,"diagnosisCodeableConcept":` + concept("urn:icd", code) + `}],`
		}
		today := w.today()
		made := func(id string, days int) string {
			return strings.Replace(w.body(id, sick("B54"), item(1, "S", 2, 100)), `"created":"2026-04-02"`, `"created":"`+w.before(days)+`"`, 1)
		}
		for i, units := range []int{1, 2, 3} {
			w.Put(strings.Replace(made(fmt.Sprintf("past-%d", i), 1+i/2), `"quantity":{"value":2}`, fmt.Sprintf(`"quantity":{"value":%d}`, units), 1))
		}
		w.Put(made("long-ago", 366))
		w.answers(w.claim(sick("B54"), item(1, "S", 9, 100)), "complete 900") // nothing is summed yet
		w.Put(strings.Replace(w.body("claim-1", sick("B54"), item(1, "S", 9, 100)), `"status":"active"`, `"status":"cancelled"`, 1))
		w.daily("review-averages", today)
		w.daily("review-averages", today) // twice changes nothing
		w.answers(w.claim(sick("B54"), item(1, "S", 3, 100)), "complete 300")
		w.answers(w.claim(sick("B54"), item(1, "S", 3, 100), item(2, "D", 1, 1)), "queued")
		w.answers(w.claim(sick("A01"), item(1, "S", 9, 100)), "complete 900")
		w.answers(w.claim("", item(1, "S", 9, 100)), "complete 900")
	})
}

func TestNewFacilities(t *testing.T) {
	onEach(t, []string{rule("new-facility", `{"url":"claims","valuePositiveInt":2}`)}, func(t *testing.T, w *world) {
		first, second := w.claim("", item(1, "S", 1, 100)), w.claim("", item(1, "S", 1, 100))
		w.answers(first, "queued")
		w.answers(second, "queued")
		w.answers(w.claim("", item(1, "S", 1, 100)), "complete 100")
	})
}

// A policy is of the version of the product that was sold; who looks at claims is
// said by the version of today.
func TestConditionsOfToday(t *testing.T) {
	onEach(t, []string{above(150)}, func(t *testing.T, w *world) {
		plan := string(w.Get("InsurancePlan/plan").Raw())
		w.Put(
			resource("Contract", "k", `"status":"executed","subject":[{"reference":"Patient/p"}],"applies":{"start":"2026-01-01","end":"2026-12-31"},"term":[{"offer":{"text":"Plan"},"asset":[{"typeReference":[{"reference":"Patient/p"}],"valuedItem":[{"entityReference":{"reference":"InsurancePlan/plan/_history/1"}}]}]}]`),
			strings.Replace(string(w.Get("Coverage/c").Raw()), `"status"`, `"contract":[{"reference":"Contract/k"}],"status"`, 1),
		)
		w.answers(w.claim("", item(1, "S", 2, 100)), "queued")
		w.Put(strings.Replace(plan, above(150), above(250), 1))
		w.answers(w.claim("", item(1, "S", 2, 100)), "complete 200")
		w.answers(w.claim("", item(1, "S", 3, 100)), "queued")
		w.Put(strings.Replace(plan, `"extension":[`+above(150)+`],`, "", 1))
		w.answers(w.claim("", item(1, "S", 3, 100)), "complete 300")
	})
}
