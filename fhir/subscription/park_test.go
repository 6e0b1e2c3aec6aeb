package subscription_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"bima/fhir"
)

const parkedMark = "StructureDefinition/subscription-parked"

// state gives how far a Subscription has been told.
func (p *process) state(id string) *fhir.Subscriber {
	p.t.Helper()
	s, err := p.store.Subscriber(p.ctx, id)
	if err != nil {
		p.t.Fatal(err)
	}
	return s
}

func TestWhoTurnsHisSubscriptionOffIsToldNothingMore(t *testing.T) {
	onEach(t, func(t *testing.T, dsn string) {
		var well atomic.Bool
		s := newSink(t, func(*http.Request) int {
			if well.Load() {
				return http.StatusOK
			}
			return http.StatusInternalServerError
		})
		settings := quick()
		settings.Horizon = time.Millisecond
		p := start(t, dsn, settings, true)
		p.subscribe(wish{id: "x", criteria: "Patient?", endpoint: s.URL})
		p.put(patient("a", "female", 1))
		parked := string(p.awaitStatus("x", "off").Raw())
		if !strings.Contains(parked, parkedMark) {
			t.Fatalf("it is not marked: %s", parked)
		}
		well.Store(true)
		p.operate("replay", "x", "", false)
		active := string(p.awaitStatus("x", "active").Raw())
		if strings.Contains(active, parkedMark) {
			t.Errorf("replayed, it is marked still: %s", active)
		}
		until(t, "what waited was told", func() bool { return p.state("x").Waiting() == 0 })
		// A caller neither keeps the mark nor sets it.
		off := p.put(parked)
		if strings.Contains(string(off.Body), parkedMark) {
			t.Errorf("turned off by a caller, it is marked: %s", off.Body)
		}
		last := p.state("x").Last
		p.put(patient("a", "female", 2))
		if s := p.state("x"); s.Last != last {
			t.Errorf("turned off, it is to be told %d events, want %d", s.Last, last)
		}
	})
}

func TestAHandshakeThatFailsForTooLongIsParked(t *testing.T) {
	onEach(t, func(t *testing.T, dsn string) {
		s := newSink(t, func(*http.Request) int { return http.StatusNotFound })
		settings := quick()
		settings.Horizon = 20 * time.Millisecond
		p := start(t, dsn, settings, true)
		p.put(topical("x", s.URL+"/hook?token=sesame", "id-only", "", ""))
		p.awaitStatus("x", "off")
		page, err := p.engine.Search(p.ctx, "Task", "focus=Subscription/x", searchOptions)
		if err != nil || !strings.Contains(string(page), s.URL+" has failed") || strings.Contains(string(page), "sesame") {
			t.Errorf("a person is told %s, %v", page, err)
		}
	})
}

// A server that is stopped while it calls an endpoint has not heard it fail, nor
// succeed.
func TestACallThatIsBrokenOffIsNoAttempt(t *testing.T) {
	onEach(t, func(t *testing.T, dsn string) {
		var calls atomic.Int64
		s := newSink(t, func(r *http.Request) int {
			if calls.Add(1) > 1 {
				<-r.Context().Done()
			}
			return http.StatusServiceUnavailable
		})
		p := start(t, dsn, quick(), true)
		p.subscribe(wish{id: "x", criteria: "Patient?", endpoint: s.URL})
		p.put(patient("a", "female", 1))
		until(t, "the second call is under way", func() bool { return calls.Load() > 1 })
		since := p.state("x").Since
		p.kill()
		p = start(t, dsn, quick(), true)
		if got := p.state("x"); got.Failures != 1 || !got.Since.Equal(since) {
			t.Errorf("%d failures since %v, want 1 since %v", got.Failures, got.Since, since)
		}
		if got := p.read("Subscription", "x").Get("status").Text(); got != "error" {
			t.Errorf("it is %s", got)
		}
		p.kill()
	})
}

func TestWhatIsPurgedLeavesNoSecret(t *testing.T) {
	onEach(t, func(t *testing.T, dsn string) {
		p, s := start(t, dsn, quick(), true), newSink(t, nil)
		p.subscribe(wish{id: "x", criteria: "Patient?", endpoint: s.URL, headers: []string{"Authorization: Bearer one"}})
		err := p.engine.Commit(p.ctx, func(tx fhir.Tx) error {
			return tx.(fhir.Purger).Purge(fhir.Key{Type: "Subscription", ID: "x"}, true)
		})
		if err != nil {
			t.Fatal(err)
		}
		if left := p.state("x"); left != nil {
			t.Errorf("it left %+v", left)
		}
	})
}
