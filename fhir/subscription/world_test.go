package subscription_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"bima/fhir"
	"bima/fhir/interaction"
	"bima/fhir/search"
	"bima/fhir/subscription"
	"bima/storage"
	"bima/storage/storagetest"
)

const base = "https://example.org/fhir"

func onEach(t *testing.T, test func(t *testing.T, dsn string)) {
	for name, dsn := range map[string]func(testing.TB) string{"sqlite": storagetest.SQLite, "postgres": storagetest.Postgres} {
		t.Run(name, func(t *testing.T) { test(t, dsn(t)) })
	}
}

// A process is one server process on a database, whose subscribers are told as
// long as it lives.
type process struct {
	t      testing.TB
	ctx    context.Context
	store  *storage.Store
	engine *interaction.Engine
	hub    *subscription.Hub
	kill   func()
}

// quick are settings under which an endpoint that failed is soon called again.
func quick() subscription.Settings {
	return subscription.Settings{Private: true, Backoff: func(int) time.Duration { return time.Millisecond }}
}

func start(t testing.TB, dsn string, settings subscription.Settings, alone bool) *process {
	t.Helper()
	return begin(t, dsn, subscription.Options{Alone: alone, Settings: settings})
}

// begin starts a process by options of which it knows store, search and base.
func begin(t testing.TB, dsn string, o subscription.Options) *process {
	t.Helper()
	store, err := storage.Open(t.Context(), dsn, storage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	registry, err := search.New(base, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	p := &process{t: t, store: store}
	o.Store, o.Search, o.Base = store, func() *search.Registry { return registry }, base
	hub := subscription.New(o)
	p.hub = hub
	p.engine, err = interaction.New(interaction.Config{Store: store, Search: registry, Base: base, Modules: []fhir.Module{hub.Module(), blindfold()}, CheckOwn: true})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	p.ctx = fhir.WithCaller(ctx, fhir.Developer())
	if err := hub.Start(ctx, p.engine); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- hub.Work(ctx) }()
	p.kill = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(p.kill)
	return p
}

// blindfold hides all Subscriptions from reviewers.
func blindfold() fhir.Module {
	return fhir.Module{Name: "blindfold", Veils: []fhir.Veil{{
		Types: []string{"Subscription"},
		Over:  func(c fhir.Caller) bool { return slices.Contains(c.Roles, fhir.RoleReviewer) },
		Hides: func(fhir.Reader, fhir.Caller) (fhir.Hidden, error) {
			return fhir.Hidden{"Subscription": fhir.All{}}, nil
		},
	}}}
}

// put stores a resource and gives it as stored.
func (p *process) put(body string) *fhir.Resource {
	p.t.Helper()
	r, err := p.try(body)
	if err != nil {
		p.t.Fatalf("%s: %v", body, err)
	}
	return r
}

func (p *process) try(body string) (*fhir.Resource, error) {
	p.t.Helper()
	doc, err := fhir.Parse([]byte(body))
	if err != nil {
		p.t.Fatal(err)
	}
	k := fhir.Key{Type: doc.Root().Get("resourceType").Text(), ID: doc.Root().Get("id").Text()}
	result, err := p.engine.Update(p.ctx, k, interaction.Write{Body: []byte(body)})
	if err != nil {
		return nil, err
	}
	return result.Resource, nil
}

func (p *process) delete(typ, id string) {
	p.t.Helper()
	if _, err := p.engine.Delete(p.ctx, fhir.Key{Type: typ, ID: id}, ""); err != nil {
		p.t.Fatal(err)
	}
}

// patient is a Patient of a gender, and which of many versions it is.
func patient(id, gender string, version int) string {
	return fmt.Sprintf(`{"resourceType":"Patient","id":%q,"gender":%q,"name":[{"family":"v%d"}]}`, id, gender, version)
}

// A wish is a Subscription to be asked for.
type wish struct {
	id, criteria, endpoint, payload string
	status                          string // "" is requested
	channel                         string // "" is rest-hook
	headers                         []string
	more                            string // further members of channel, each with a comma before it
}

func (w wish) body() string {
	if w.status == "" {
		w.status = "requested"
	}
	channel := map[string]any{"type": "rest-hook"}
	if w.channel != "" {
		channel["type"] = w.channel
	}
	if w.endpoint != "" || w.channel == "" {
		channel["endpoint"] = w.endpoint
	}
	if w.payload != "" {
		channel["payload"] = w.payload
	}
	if len(w.headers) > 0 {
		channel["header"] = w.headers
	}
	text, err := json.Marshal(channel)
	if err != nil {
		panic(err)
	}
	return fmt.Sprintf(`{"resourceType":"Subscription","id":%q,"status":%q,"reason":"test","criteria":%q,"channel":%s%s}}`,
		w.id, w.status, w.criteria, strings.TrimSuffix(string(text), "}"), w.more)
}

// subscribe asks for it and waits until it is active.
func (p *process) subscribe(w wish) {
	p.t.Helper()
	p.put(w.body())
	p.awaitStatus(w.id, "active")
}

func (p *process) awaitStatus(id, want string) fhir.Node {
	p.t.Helper()
	var n fhir.Node
	until(p.t, fmt.Sprintf("Subscription/%s is %s", id, want), func() bool {
		n = p.read("Subscription", id)
		return n.Get("status").Text() == want
	})
	return n
}

func (p *process) read(typ, id string) fhir.Node {
	p.t.Helper()
	r, err := p.engine.Read(p.ctx, fhir.Key{Type: typ, ID: id})
	if err != nil {
		p.t.Fatal(err)
	}
	doc, err := fhir.Parse(r.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return doc.Root()
}

// until polls, for as long as a busy machine may need.
func until(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !holds(); <-time.After(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("after a minute it does not hold that %s", what)
		}
	}
}

// A call is a request that a sink was sent.
type call struct {
	Method, Path, Media, Body string
	Number, Kind              string
	Header                    http.Header
}

// A sink is a subscriber.
type sink struct {
	*httptest.Server
	mu     sync.Mutex
	calls  []call
	answer func(r *http.Request) int // nil answers 200
}

func newSink(t testing.TB, answer func(*http.Request) int) *sink {
	s := &sink{answer: answer}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		status := http.StatusOK
		if s.answer != nil {
			status = s.answer(r)
		}
		if status == http.StatusOK {
			s.mu.Lock()
			s.calls = append(s.calls, call{
				Method: r.Method, Path: r.URL.Path, Media: r.Header.Get("Content-Type"), Body: string(body),
				Number: r.Header.Get("Bima-Event"), Kind: r.Header.Get("Bima-Event-Kind"), Header: r.Header,
			})
			s.mu.Unlock()
		}
		w.WriteHeader(status)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *sink) all() []call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]call(nil), s.calls...)
}

// await gives the calls once there are so many.
func (s *sink) await(t testing.TB, n int) []call {
	t.Helper()
	until(t, fmt.Sprintf("the subscriber was told %d times", n), func() bool { return len(s.all()) >= n })
	return s.all()
}

// told gives the calls in short: "POST create v1".
func told(calls []call) []string {
	var list []string
	for _, c := range calls {
		text := c.Method + " " + c.Kind
		if _, rest, ok := strings.Cut(c.Body, `"family":"`); ok {
			name, _, _ := strings.Cut(rest, `"`)
			text += " " + name
		}
		list = append(list, text)
	}
	return list
}
