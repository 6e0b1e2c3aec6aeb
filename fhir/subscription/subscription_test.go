package subscription_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bima/fhir"
)

func TestASubscriberIsToldOfWhatMeetsItsCriteria(t *testing.T) {
	styles := []struct {
		name string
		wish wish
		want []string
		path string
	}{
		{"without a payload", wish{}, []string{"POST create", "POST update", "POST create"}, "/hook"},
		{"with JSON", wish{payload: "application/fhir+json"}, []string{"POST create v1", "POST update v2", "POST create v5"}, "/hook"},
		{
			"put under type and id",
			wish{payload: "application/fhir+json", more: `,"extension":[{"url":"https://bima.example/fhir/StructureDefinition/subscription-style","valueCode":"put"}]`},
			[]string{"PUT create v1", "PUT update v2", "PUT create v5"},
			"/hook/Patient/a",
		},
		{
			"of what leaves too",
			wish{payload: "application/json", more: `,"extension":[{"url":"https://bima.example/fhir/StructureDefinition/subscription-leaves","valueBoolean":true}]`},
			[]string{"POST create v1", "POST update v2", "POST leave v3", "POST create v5", "POST delete"},
			"/hook",
		},
	}
	onEach(t, func(t *testing.T, dsn string) {
		p := start(t, dsn, quick(), true)
		sinks := make([]*sink, len(styles))
		for i, style := range styles {
			sinks[i] = newSink(t, nil)
			w := style.wish
			w.id, w.criteria, w.endpoint = fmt.Sprint(i), "Patient?gender=female", sinks[i].URL+"/hook"
			p.subscribe(w)
		}
		p.put(patient("a", "female", 1))
		p.put(patient("a", "female", 2))
		p.put(patient("a", "male", 3)) // it leaves
		p.put(patient("b", "male", 4)) // it never met them
		p.put(patient("c", "female", 5))
		p.put(`{"resourceType":"Practitioner","id":"a","gender":"female"}`) // another type
		p.delete("Patient", "c")
		p.delete("Patient", "b")
		for i, style := range styles {
			calls := sinks[i].await(t, len(style.want))
			if diff := cmp.Diff(style.want, told(calls)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", style.name, diff)
			}
			if calls[0].Path != style.path {
				t.Errorf("%s: told at %s", style.name, calls[0].Path)
			}
			for n, c := range calls {
				if c.Number != fmt.Sprint(n+1) {
					t.Errorf("%s: event %d bears the number %s", style.name, n+1, c.Number)
				}
			}
		}
	})
}

func TestXMLIsSentWhereItIsAskedFor(t *testing.T) {
	onEach(t, func(t *testing.T, dsn string) {
		p, s := start(t, dsn, quick(), true), newSink(t, nil)
		p.subscribe(wish{id: "x", criteria: "Patient?", endpoint: s.URL, payload: "application/fhir+xml"})
		p.put(patient("a", "female", 1))
		c := s.await(t, 1)[0]
		if !strings.HasPrefix(c.Media, "application/fhir+xml") || !strings.Contains(c.Body, `<Patient xmlns="http://hl7.org/fhir"><id value="a"/>`) {
			t.Errorf("got %s: %s", c.Media, c.Body)
		}
	})
}

func TestCriteriaMayBeAboutOtherResources(t *testing.T) {
	onEach(t, func(t *testing.T, dsn string) {
		p, s := start(t, dsn, quick(), true), newSink(t, nil)
		p.put(patient("asha", "female", 1))
		p.put(patient("juma", "male", 1))
		p.subscribe(wish{id: "x", criteria: "Flag?patient.gender=female", endpoint: s.URL, payload: "application/fhir+json"})
		flag := `{"resourceType":"Flag","id":%q,"status":"active","code":{"text":"f"},"subject":{"reference":"Patient/%s"}}`
		p.put(fmt.Sprintf(flag, "1", "juma"))
		p.put(fmt.Sprintf(flag, "2", "asha"))
		p.put(patient("z", "female", 1))
		if c := s.await(t, 1); len(c) != 1 || !strings.Contains(c[0].Body, `"id":"2"`) {
			t.Errorf("told %v", c)
		}
	})
}

// TestNothingIsLostOrReordered has many write at once, an endpoint that fails half
// of the time, and a process that is killed and comes again.
func TestNothingIsLostOrReordered(t *testing.T) {
	onEach(t, func(t *testing.T, dsn string) {
		var n atomic.Int64
		s := newSink(t, func(*http.Request) int {
			if n.Add(1)%3 == 0 {
				return http.StatusServiceUnavailable
			}
			return http.StatusOK
		})
		p := start(t, dsn, quick(), true)
		p.subscribe(wish{id: "x", criteria: "Patient?gender=female", endpoint: s.URL, payload: "application/fhir+json"})
		const writers, each = 6, 10
		write := func(p *process, from int) {
			var group sync.WaitGroup
			for w := range writers {
				group.Go(func() {
					for i := range each {
						p.put(patient(fmt.Sprintf("p%d", w), "female", from+i))
					}
				})
			}
			group.Wait()
		}
		write(p, 0)
		p.kill()
		p = start(t, dsn, quick(), true)
		write(p, each)
		until(t, "all were told", func() bool { return distinct(s.all()) == writers*each*2 })
		last := map[string]int{}
		for _, c := range s.all() {
			id, version := between(c.Body, `"id":"`), 0
			if _, err := fmt.Sscanf(between(c.Body, `"family":"`), "v%d", &version); err != nil {
				t.Fatal(err)
			}
			// Told again after the kill, it is told again in the same order.
			if version > last[id]+1 {
				t.Errorf("of %s version %d follows %d", id, version, last[id])
			}
			last[id] = version
		}
	})
}

func between(text, after string) string {
	_, rest, _ := strings.Cut(text, after)
	value, _, _ := strings.Cut(rest, `"`)
	return value
}

func distinct(calls []call) int {
	seen := map[string]bool{}
	for _, c := range calls {
		seen[c.Number] = true
	}
	return len(seen)
}

func TestTwoProcessesTellOfEachOthersChangesInOrder(t *testing.T) {
	onEach(t, func(t *testing.T, dsn string) {
		if strings.HasPrefix(dsn, "sqlite:") {
			return // one process serves a SQLite database
		}
		s := newSink(t, nil)
		one, two := start(t, dsn, quick(), false), start(t, dsn, quick(), false)
		one.subscribe(wish{id: "x", criteria: "Patient?", endpoint: s.URL, payload: "application/fhir+json"})
		const each = 20
		var group sync.WaitGroup
		for i, p := range []*process{one, two} {
			group.Go(func() {
				for n := range each {
					p.put(patient(fmt.Sprintf("p%d", i), "female", n))
				}
			})
		}
		group.Wait()
		calls := s.await(t, 2*each)
		for n, c := range calls {
			if c.Number != fmt.Sprint(n+1) {
				t.Fatalf("call %d bears the number %s", n+1, c.Number)
			}
		}
	})
}

func TestWhatIsNotCommittedIsNotTold(t *testing.T) {
	onEach(t, func(t *testing.T, dsn string) {
		p, s := start(t, dsn, quick(), true), newSink(t, nil)
		p.subscribe(wish{id: "x", criteria: "Patient?", endpoint: s.URL})
		given := errors.New("changed my mind")
		err := p.engine.Commit(p.ctx, func(tx fhir.Tx) error {
			if _, err := tx.Create(&fhir.Resource{Key: fhir.Key{Type: "Patient"}, Body: []byte(`{"resourceType":"Patient"}`)}); err != nil {
				return err
			}
			return given
		})
		if err == nil {
			t.Fatal("it was committed")
		}
		p.put(patient("a", "female", 1))
		if calls := s.await(t, 1); len(calls) != 1 || calls[0].Number != "1" {
			t.Errorf("told %v", calls)
		}
	})
}

func TestADeadEndpointDelaysNobodyElse(t *testing.T) {
	onEach(t, func(t *testing.T, dsn string) {
		ctx, cancel := context.WithCancel(t.Context())
		dead := newSink(t, func(r *http.Request) int {
			select {
			case <-ctx.Done():
			case <-r.Context().Done():
			}
			return http.StatusGatewayTimeout
		})
		t.Cleanup(cancel)
		p, alive := start(t, dsn, quick(), true), newSink(t, nil)
		t.Cleanup(cancel) // before the process waits for its calls
		p.subscribe(wish{id: "dead", criteria: "Patient?", endpoint: dead.URL})
		p.subscribe(wish{id: "alive", criteria: "Patient?", endpoint: alive.URL})
		for i := range 20 {
			p.put(patient("a", "female", i))
		}
		alive.await(t, 20)
	})
}

func TestAnEndpointThatFailsForTooLongIsParked(t *testing.T) {
	onEach(t, func(t *testing.T, dsn string) {
		var well atomic.Bool
		s := newSink(t, func(*http.Request) int {
			if well.Load() {
				return http.StatusOK
			}
			return http.StatusInternalServerError
		})
		settings := quick()
		settings.Horizon = 20 * time.Millisecond
		p := start(t, dsn, settings, true)
		p.subscribe(wish{id: "x", criteria: "Patient?", endpoint: s.URL, payload: "application/fhir+json"})
		p.put(patient("a", "female", 1))
		n := p.awaitStatus("x", "off")
		if text := n.Get("error").Text(); text != "the endpoint answered HTTP 500" {
			t.Errorf("the error is %q", text)
		}
		p.put(patient("a", "female", 2)) // while it is off
		var task fhir.Node
		until(t, "a Task tells a person", func() bool {
			page, err := p.engine.Search(p.ctx, "Task", "focus=Subscription/x", searchOptions)
			if err != nil {
				t.Fatal(err)
			}
			doc, err := fhir.Parse(page)
			if err != nil {
				t.Fatal(err)
			}
			task = doc.Root().Get("entry").First().Get("resource")
			return task.Exists()
		})
		if got := task.Get("description").Text(); !strings.Contains(got, "Subscription/x/$replay") {
			t.Errorf("the Task says %q", got)
		}
		r, err := p.engine.Call(p.ctx, "status", fhir.Key{Type: "Subscription", ID: "x"}, "", nil, true)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(r.Resource.Body), `"name":"waiting","valueDecimal":2`) {
			t.Errorf("$status says %s", r.Resource.Body)
		}
		well.Store(true)
		if _, err := p.engine.Call(p.ctx, "replay", fhir.Key{Type: "Subscription", ID: "x"}, "", nil, false); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"POST create v1", "POST update v2"}, told(s.await(t, 2))); diff != "" {
			t.Errorf("told (-want +got):\n%s", diff)
		}
		p.awaitStatus("x", "active")
		if _, err := p.engine.Call(p.ctx, "replay", fhir.Key{Type: "Subscription", ID: "x"}, "from=2", nil, false); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"POST create v1", "POST update v2", "POST update v2"}, told(s.await(t, 3))); diff != "" {
			t.Errorf("replayed from the second (-want +got):\n%s", diff)
		}
	})
}

func TestASubscriptionEnds(t *testing.T) {
	onEach(t, func(t *testing.T, dsn string) {
		p, s := start(t, dsn, quick(), true), newSink(t, nil)
		p.put(fmt.Sprintf(`{"resourceType":"Subscription","id":"x","status":"requested","reason":"r","criteria":"Patient?","end":"2020-01-01T00:00:00Z","channel":{"type":"rest-hook","endpoint":%q}}`, s.URL))
		p.awaitStatus("x", "off")
		p.subscribe(wish{id: "y", criteria: "Patient?", endpoint: s.URL + "/y"})
		p.put(patient("a", "female", 1))
		s.await(t, 1)
		p.delete("Subscription", "y")
		p.put(patient("a", "female", 2))
		p.subscribe(wish{id: "z", criteria: "Patient?", endpoint: s.URL + "/z"})
		p.put(patient("a", "female", 3))
		var paths []string
		for _, c := range s.await(t, 2) {
			paths = append(paths, c.Path)
		}
		if diff := cmp.Diff([]string{"/y", "/z"}, paths); diff != "" {
			t.Errorf("told at (-want +got):\n%s", diff)
		}
	})
}
