package subscription

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"bima/fhir"
	"bima/fhir/search"
	"bima/fhir/subscription/mail"
)

// A Store keeps events beside resources.
type Store interface {
	fhir.Store
	fhir.EventStore
}

// Settings are what an operator may choose. The zero value is a good default: any
// endpoint on the public internet.
type Settings struct {
	// Allow names the endpoints that may be told, "hooks.example.org" or
	// "*.example.org", with ":8443" for one port only; none allows all.
	Allow []string
	// Private allows endpoints on this machine and on private networks.
	Private bool
	// Horizon is how long an endpoint may fail before its Subscription is turned
	// off; 0 is 7 days.
	Horizon time.Duration
	// Timeout is how long an endpoint may take to answer; 0 is 30 s.
	Timeout time.Duration
	// Keep is how long delivered events are kept, for $events; 0 is 30 days.
	Keep time.Duration
	// Most bounds the Subscriptions that are in force; 0 is 10,000.
	Most int
	// Mail is the server that takes e-mails; without its Host none are sent.
	Mail mail.Relay
	// MailPause is how long a mailbox is left alone after an e-mail, so that what
	// changes meanwhile is told by one; 0 is a minute.
	MailPause time.Duration
	// Sockets bounds the WebSockets that are open; 0 is 1,000.
	Sockets int
	// Backoff gives how long to wait after so many failures in a row, before it is
	// varied by a fifth either way; nil doubles from 1 s to 1 h.
	Backoff func(failures int) time.Duration
}

// Client gives what calls addresses that others name, by the rules of endpoints: no
// private network where that is not allowed, no redirect, an answer of 16 MiB at most.
func (s Settings) Client() *http.Client { return newClient(s.orDefault()) }

func (s Settings) orDefault() Settings {
	if s.Horizon <= 0 {
		s.Horizon = 7 * 24 * time.Hour
	}
	if s.Timeout <= 0 {
		s.Timeout = 30 * time.Second
	}
	if s.Keep <= 0 {
		s.Keep = 30 * 24 * time.Hour
	}
	if s.Most <= 0 {
		s.Most = 10_000
	}
	if s.MailPause <= 0 {
		s.MailPause = time.Minute
	}
	if s.Sockets <= 0 {
		s.Sockets = 1_000
	}
	s.Mail.Timeout = s.Timeout
	if s.Backoff == nil {
		s.Backoff = doubling
	}
	return s
}

// doubling waits 1 s, 2 s, 4 s, … up to an hour.
func doubling(failures int) time.Duration {
	return min(time.Hour, time.Second<<min(max(failures-1, 0), 12))
}

// Options are what a Hub is made of.
type Options struct {
	Store    Store
	Search   func() *search.Registry // the search parameters in force
	Base     string                  // the absolute URL of [base]
	Alone    bool                    // whether no other process serves the database
	Log      *slog.Logger            // nil logs nothing
	Now      func() time.Time        // the clock of what is due; nil is the real one
	Settings Settings
	Senders  []Sender // who speaks with other systems in their tongues, each with a scheme of its own
}

// A Hub knows the Subscriptions in force, records what they are to be told, and
// tells it. It is safe for concurrent use.
type Hub struct {
	store    Store
	search   func() *search.Registry
	base     string
	alone    bool
	log      *slog.Logger
	now      func() time.Time
	settings Settings
	client   *http.Client
	sockets  *sockets
	senders  map[string]Sender // by their schemes
	holder   string            // names this process among those that deliver, as long as it attends
	lease    time.Duration     // how long it may be silent before another takes over

	server  fhir.Server
	loading sync.Mutex // one change of the roll at a time
	roll    atomic.Pointer[roll]
	known   *search.Registry // the search parameters the roll was read by
	mark    string           // what else it was read by; see census

	wake    chan struct{}
	mu      sync.Mutex
	flight  map[string]bool      // the Subscriptions that are being told
	spoken  map[string]time.Time // when those that want heartbeats were last called, as far as this process knows
	awaited map[fhir.Key]bool    // the resources that transactions under way have events of
	asleep  map[string]nap       // the Subscriptions that were asked for and are tried again later
	large   chan struct{}        // held by those who tell of a version that is large
}

// New makes a Hub, which knows nobody until it is started.
func New(o Options) *Hub {
	h := &Hub{
		store: o.Store, search: o.Search, base: o.Base, alone: o.Alone, log: o.Log, now: o.Now,
		settings: o.Settings.orDefault(), wake: make(chan struct{}, 1), flight: map[string]bool{}, spoken: map[string]time.Time{}, asleep: map[string]nap{}, awaited: map[fhir.Key]bool{}, large: make(chan struct{}, largeMost),
		senders: map[string]Sender{},
	}
	for _, s := range o.Senders {
		h.senders[s.Scheme()] = s
	}
	if h.log == nil {
		h.log = slog.New(slog.DiscardHandler)
	}
	if h.now == nil {
		h.now = time.Now
	}
	h.client, h.lease = newClient(h.settings), 2*sendPatience*h.settings.Timeout+2*slice // a handshake, a slice and the call it ends in
	h.roll.Store(&roll{})
	h.sockets = newSockets()
	return h
}

// Start learns which Subscriptions there are. The server is the one whose module
// this Hub is.
func (h *Hub) Start(ctx context.Context, s fhir.Server) error {
	h.server = s
	return h.load(fhir.WithCaller(ctx, fhir.System()))
}

// Module gives what the server must do for subscriptions.
func (h *Hub) Module() fhir.Module {
	return fhir.Module{
		Name:    "subscription",
		Keepers: []fhir.Keeper{{Types: []string{"Subscription"}, Keep: h.keep}},
		Rules:   []fhir.Rule{{Types: []string{"Subscription"}, Check: h.check}, {Types: []string{"Endpoint"}, Check: checkEndpoints}, {Types: []string{"Basic"}, Check: h.ruleTopic}},
		Reactions: []fhir.Reaction{
			{Name: "subscriptions that end", Types: []string{"Subscription"}, React: dismiss},
			{Name: "tell subscribers", React: h.react},
		},
		Notices: []fhir.Notice{
			{Types: []string{"Subscription"}, Tell: h.changed},
			{Types: []string{"Basic"}, Tell: h.changedTopics},
			{Tell: h.committed},
		},
		Operations: h.operations(),
		Daily:      []fhir.Daily{{Name: "subscription-events", Work: h.forget}},
	}
}

// ownKey marks the context of what the Hub writes: what has no secrets in it, and
// the statuses that are the server's to give.
type ownKey struct{}

// own gives the context in which the Hub writes.
func own(ctx context.Context) context.Context {
	return context.WithValue(fhir.WithCaller(ctx, fhir.System()), ownKey{}, true)
}

func isOwn(ctx context.Context) bool { return ctx.Value(ownKey{}) != nil }

// committed wakes those who deliver where somebody may have been told something.
func (h *Hub) committed(_ context.Context, changed []fhir.Key) {
	h.mu.Lock()
	some := false
	for _, k := range changed {
		if h.awaited[k] {
			some = true
			delete(h.awaited, k)
		}
	}
	h.mu.Unlock()
	if some {
		h.rouse()
	}
}

// awaitedMost bounds the resources whose commit wakes those who deliver; those of
// transactions that were given up are forgotten with it.
const awaitedMost = 100_000

// expect notes of what there are events, so that only their commit wakes those who
// deliver. What is forgotten here is found by the next look, a second later.
func (h *Hub) expect(events []fhir.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.awaited) > awaitedMost {
		clear(h.awaited)
	}
	for _, e := range events {
		h.awaited[e.Key] = true
	}
}

// rouse makes Work look for what is due.
func (h *Hub) rouse() {
	select {
	case h.wake <- struct{}{}:
	default:
	}
}

// forget is the daily work: events that were delivered long ago.
func (h *Hub) forget(ctx context.Context, _ fhir.Server, day time.Time) error {
	_, err := h.store.ForgetEvents(ctx, day.Add(-h.settings.Keep))
	return err
}
