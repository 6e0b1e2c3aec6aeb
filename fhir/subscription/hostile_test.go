package subscription_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"bima/fhir"
	"bima/fhir/subscription"
)

// operate calls an operation on a Subscription and gives the body of the answer.
func (p *process) operate(code, id, query string, look bool) string {
	p.t.Helper()
	r, err := p.engine.Call(p.ctx, code, fhir.Key{Type: "Subscription", ID: id}, query, nil, look)
	if err != nil {
		p.t.Fatalf("$%s: %v", code, err)
	}
	return string(r.Resource.Body)
}

func TestReplayPassesOverWhatIsForgotten(t *testing.T) {
	onEach(t, func(t *testing.T, dsn string) {
		p, s := start(t, dsn, quick(), true), newSink(t, nil)
		p.subscribe(wish{id: "x", criteria: "Patient?", endpoint: s.URL, payload: "application/json"})
		p.put(patient("a", "female", 1))
		p.put(patient("a", "female", 2))
		s.await(t, 2)
		until(t, "it is noted that they were told", func() bool {
			state, err := p.store.Subscriber(p.ctx, "x")
			if err != nil {
				t.Fatal(err)
			}
			return state.Done == 2
		})
		if n, err := p.store.ForgetEvents(p.ctx, time.Now().Add(time.Hour)); n != 2 || err != nil {
			t.Fatalf("forgot %d, %v", n, err)
		}
		if got, want := p.operate("events", "x", "", true), `{"resourceType":"Parameters"}`; got != want {
			t.Errorf("$events without any says %s, want %s", got, want)
		}
		p.operate("replay", "x", "from=0", false) // from the first on
		p.put(patient("a", "female", 3))
		if last := s.await(t, 3)[2]; last.Number != "3" {
			t.Errorf("told %v", last)
		}
		until(t, "nothing waits", func() bool {
			state, err := p.store.Subscriber(p.ctx, "x")
			if err != nil {
				t.Fatal(err)
			}
			return state.Done == 3
		})
		if got := p.operate("events", "x", "since=0", true); strings.Count(got, `"event"`) != 1 || !strings.Contains(got, `{"name":"number","valueDecimal":3}`) {
			t.Errorf("$events from the first on says %s", got)
		}
	})
}

// Between $replay's two steps, and in a process that does not know of a change
// yet, a Subscription in force is taken for one that is off.
func TestNobodyIsForgottenWhoIsAskedForAnew(t *testing.T) {
	onEach(t, func(t *testing.T, dsn string) {
		p, s := start(t, dsn, quick(), true), newSink(t, nil)
		p.subscribe(wish{id: "x", criteria: "Patient?", endpoint: s.URL, payload: "application/json"})
		p.put(wish{id: "x", criteria: "Patient?", endpoint: s.URL, payload: "application/json", status: "off"}.body())
		now := time.Now()
		state, err := p.store.Take(p.ctx, "x", "other", now, now.Add(time.Hour))
		if err != nil || state == nil {
			t.Fatal(state, err)
		}
		p.put(wish{id: "x", criteria: "Patient?", endpoint: s.URL, payload: "application/json"}.body())
		state.Due = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC) // as one that is off
		if held, err := p.store.Told(p.ctx, *state, "other", true); !held || err != nil {
			t.Fatal(held, err)
		}
		p.put(patient("a", "female", 1))
		s.await(t, 1)
	})
}

func TestSecretsAreNotSentElsewhere(t *testing.T) {
	onEach(t, func(t *testing.T, dsn string) {
		p, s, thief := start(t, dsn, quick(), true), newSink(t, nil), newSink(t, nil)
		signed := `,"extension":[{"url":"https://bima.example/fhir/StructureDefinition/subscription-signing","valueString":"sesame"}]`
		p.subscribe(wish{id: "x", criteria: "Patient?", endpoint: s.URL, headers: []string{"Authorization: Bearer one"}, more: signed})
		stored := string(p.read("Subscription", "x").Raw())
		for name, body := range map[string]string{
			"a header": strings.Replace(stored, s.URL, thief.URL, 1),
			"the key":  strings.Replace(strings.Replace(stored, s.URL, thief.URL, 1), "Authorization: (withheld)", "Authorization: mine", 1),
		} {
			if _, err := p.try(body); err == nil || !strings.Contains(fhir.OutcomeOf(err).Issues[0].Diagnostics, "keeps none") {
				t.Errorf("%s was kept for another endpoint: %v", name, err)
			}
		}
		// Nor what a Subscription of the same id has left.
		if err := p.store.Update(p.ctx, func(w fhir.Writer) error { return w.Confide("gone", []byte(`{"key":"sesame"}`)) }); err != nil {
			t.Fatal(err)
		}
		if _, err := p.try(wish{id: "gone", criteria: "Patient?", endpoint: s.URL, more: strings.Replace(signed, "sesame", "(withheld)", 1)}.body()); err == nil {
			t.Error("the key of another was taken")
		}
	})
}

func TestAnEndpointThatIsNotAllowedIsNotCalled(t *testing.T) {
	onEach(t, func(t *testing.T, dsn string) {
		s := newSink(t, func(*http.Request) int { t.Error("it was called"); return 200 })
		settings := quick()
		settings.Allow, settings.Horizon = []string{"hooks.example.org"}, time.Hour
		p := start(t, dsn, settings, true)
		p.put(wish{id: "x", criteria: "Patient?", endpoint: s.URL, status: "off"}.body())
		p.operate("replay", "x", "", false)
		p.awaitStatus("x", "active")
		p.put(patient("a", "female", 1))
		n := p.awaitStatus("x", "error")
		if got := n.Get("error").Text(); !strings.Contains(got, "not among the endpoints") {
			t.Errorf("the error is %q", got)
		}
	})
}

func TestSubscriptionsAreBounded(t *testing.T) {
	onEach(t, func(t *testing.T, dsn string) {
		s, settings := newSink(t, nil), quick()
		settings.Most = 1
		p := start(t, dsn, settings, true)
		p.put(wish{id: "late", criteria: "Patient?", endpoint: s.URL, status: "off"}.body())
		p.subscribe(wish{id: "x", criteria: "Patient?", endpoint: s.URL})
		if _, err := p.try(wish{id: "late", criteria: "Patient?", endpoint: s.URL}.body()); !fhir.HasIssue(err, fhir.IssueTooCostly) {
			t.Errorf("one more was taken: %v", err)
		}
	})
}

// A command that works on the database beside the server, and tells nobody, takes
// nothing from who does.
func TestWhoTellsNobodyFreesNothing(t *testing.T) {
	onEach(t, func(t *testing.T, dsn string) {
		p, s := start(t, dsn, quick(), true), newSink(t, nil)
		p.subscribe(wish{id: "x", criteria: "Patient?", endpoint: s.URL})
		now := time.Now()
		until(t, "nobody is at it", func() bool {
			state, err := p.store.Take(p.ctx, "x", "other", now, now.Add(time.Hour))
			if err != nil {
				t.Fatal(err)
			}
			return state != nil
		})
		beside := subscription.New(subscription.Options{Store: p.store, Search: p.engine.SearchParameters, Base: base, Alone: true})
		if err := beside.Start(p.ctx, p.engine); err != nil {
			t.Fatal(err)
		}
		if state, err := p.store.Take(p.ctx, "x", "third", now, now.Add(time.Hour)); state != nil || err != nil {
			t.Errorf("it was given free: %+v, %v", state, err)
		}
	})
}
