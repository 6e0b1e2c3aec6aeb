package subscription_test

import (
	"testing"
	"time"

	"bima/fhir"
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
		p.operate("replay", "x", "from=1", false)
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
	})
}
