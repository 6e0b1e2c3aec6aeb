package subscription

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"bima/fhir"
	"bima/fhir/subscription/websocket"
)

const (
	// socketQueue bounds what waits to be read by the other side of a WebSocket: who
	// reads too slowly for it is left, and hears when he comes again.
	socketQueue = 256
	// boundMost bounds the Subscriptions of one WebSocket, callerMost the WebSockets
	// of one caller.
	boundMost  = 100
	callerMost = 100
	// bindPatience is how long a WebSocket may be open without a Subscription.
	bindPatience = 30 * time.Second
)

// The sockets are the WebSockets that are open in this process.
type sockets struct {
	mu     sync.Mutex
	group  sync.WaitGroup
	closed bool // the process ends
	open   map[*socket]bool
	bound  map[string]*audience // by Subscription
	missed map[missing]bool     // who was left without hearing all of what
}

// A missing is a Subscription, and a caller who was left while it was told: "" is
// whoever came with a token.
type missing struct{ id, caller string }

// An audience is the WebSockets that one Subscription is told by.
type audience struct {
	of   map[*socket]bool
	seen int64 // the number of the last event they were told of
}

// A socket is one WebSocket.
type socket struct {
	conn   *websocket.Conn
	caller fhir.Caller
	known  bool // whether it is somebody; others show a token
	out    chan string
	done   chan struct{}
	leave  sync.Once
	bound  map[string]bool
}

func newSockets() *sockets {
	return &sockets{open: map[*socket]bool{}, bound: map[string]*audience{}, missed: map[missing]bool{}}
}

// SocketPath is where the WebSocket is on this server.
const SocketPath = "/ws"

// SocketURL gives the URL of the WebSocket of a server, by the absolute URL of its
// [base].
func SocketURL(base string) string {
	return "ws" + strings.TrimPrefix(strings.TrimSuffix(base, "/fhir"), "http") + SocketPath
}

// ServeSocket takes the connection of a request over for a WebSocket, or says why
// not by an Outcome. The context of the request carries the caller where he is
// known; who is not must show a token of $get-ws-binding-token.
func (h *Hub) ServeSocket(w http.ResponseWriter, r *http.Request) error {
	s := &socket{out: make(chan string, socketQueue), done: make(chan struct{}), bound: map[string]bool{}}
	if s.caller, s.known = fhir.CallerOf(r.Context()); !s.known {
		s.caller = fhir.Caller{}
	}
	if err := h.sockets.admit(s, h.settings.Sockets); err != nil {
		return err
	}
	conn, status, err := websocket.Accept(w, r, websocket.Limits{Write: min(h.settings.Timeout, 10*time.Second)})
	if err != nil {
		h.sockets.group.Done()
		h.sockets.forget(s)
		if status == 0 {
			return nil // nobody is there to hear it
		}
		w.Header().Set("Sec-WebSocket-Version", "13") // which we speak; RFC 6455, 4.4
		return fhir.Errorf(fhir.IssueInvalid, "", "%s", err.Error())
	}
	if !h.sockets.connect(s, conn) {
		h.sockets.group.Done()
		h.sockets.forget(s)
		conn.Close(websocket.StatusGoingAway, "the server is stopped")
		return nil
	}
	ctx := context.WithoutCancel(r.Context())
	go func() {
		defer h.sockets.group.Done()
		defer h.sockets.forget(s)
		go h.sockets.speak(s)
		h.listen(ctx, s)
		s.end(websocket.StatusNormal, "")
	}()
	return nil
}

// admit takes one more WebSocket, where there is room for it.
func (k *sockets) admit(s *socket, most int) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	same, strangers := 0, 0
	for other := range k.open {
		if other.caller.Name == s.caller.Name {
			same++
		}
		if !other.known && len(other.bound) == 0 {
			strangers++
		}
	}
	// Who has shown nothing yet leaves room for who is known.
	if k.closed || len(k.open) >= most || s.known && same >= callerMost || !s.known && strangers >= max(most/2, 1) {
		return fhir.Errorf(fhir.IssueThrottled, "", "as many WebSockets are open as this server is set to keep; try again later")
	}
	k.open[s] = true
	k.group.Add(1)
	return nil
}

// connect gives an admitted WebSocket its connection, unless the process ends.
func (k *sockets) connect(s *socket, conn *websocket.Conn) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	s.conn = conn
	return !k.closed
}

// forget takes a WebSocket from all that know it.
func (k *sockets) forget(s *socket) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.open, s)
	for id := range s.bound {
		if a := k.bound[id]; a != nil {
			if delete(a.of, s); len(a.of) == 0 {
				delete(k.bound, id)
			}
		}
	}
}

// bind has a Subscription told by a WebSocket, from an event on, and says so before
// anything of it: what is recorded once the other side has heard that is told.
func (k *sockets) bind(s *socket, id string, seen int64, say ...string) (missed bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, text := range say {
		s.say(text)
	}
	a := k.bound[id]
	if a == nil {
		a = &audience{of: map[*socket]bool{}, seen: seen}
		k.bound[id] = a
	}
	a.of[s], s.bound[id] = true, true
	missed = k.missed[missing{id, s.caller.Name}]
	delete(k.missed, missing{id, s.caller.Name})
	return missed
}

// bindings gives the Subscriptions that are told by WebSockets of this process.
func (k *sockets) bindings() []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Collect(maps.Keys(k.bound))
}

// seen gives the number of the last event that the WebSockets of a Subscription
// were told of; false where it has none.
func (k *sockets) seen(id string) (int64, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	a := k.bound[id]
	if a == nil {
		return 0, false
	}
	return a.seen, true
}

// tell gives texts to the WebSockets of a Subscription that have been told up to an
// event, and notes how far they have been now; those that somebody has told more
// meanwhile are told nothing. Who has not read what he was told before is left.
func (k *sockets) tell(id string, seen, last int64, texts []string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	a := k.bound[id]
	if a == nil || a.seen != seen {
		return
	}
	a.seen = last
	for s := range a.of {
		for _, text := range texts {
			if !s.say(text) {
				k.miss(s)
				break
			}
		}
	}
}

// missedMost bounds who is known to have missed something.
const missedMost = 10_000

// miss notes that a WebSocket is left before all was sent: who binds again is told
// that there was something.
func (k *sockets) miss(s *socket) {
	if len(k.missed) > missedMost {
		clear(k.missed)
	}
	for id := range s.bound {
		k.missed[missing{id, s.caller.Name}] = true
	}
}

// close ends all WebSockets and waits until they have.
func (k *sockets) close() {
	k.mu.Lock()
	k.closed = true
	var open []*socket
	for s := range k.open {
		if s.conn != nil {
			open = append(open, s)
		}
	}
	k.mu.Unlock()
	for _, s := range open {
		go s.end(websocket.StatusGoingAway, "the server is stopped") // one that reads nothing keeps none of the others waiting
	}
	k.group.Wait()
}

// unread is why a WebSocket is left that reads too slowly, and what to do then.
const unread = "what is sent is not read; bind again, and ask $events for what was missed"

// say has a text sent; it reports whether there is room for it.
func (s *socket) say(text string) bool {
	select {
	case s.out <- text:
		return true
	case <-s.done:
		return false
	default:
		go s.end(websocket.StatusTryLater, unread)
		return false
	}
}

// end closes a WebSocket, once.
func (s *socket) end(status websocket.Status, reason string) {
	s.leave.Do(func() {
		close(s.done)
		s.conn.Close(status, reason)
	})
}

// speak sends what is to be said, and asks each half minute whether the other side
// is there.
func (k *sockets) speak(s *socket) {
	tick := time.NewTicker(bindPatience)
	defer tick.Stop()
	for {
		var err error
		select {
		case <-s.done:
			return
		case text := <-s.out:
			err = s.conn.Write(text)
		case <-tick.C:
			err = s.conn.Ping()
		}
		if err != nil {
			k.mu.Lock()
			k.miss(s)
			k.mu.Unlock()
			s.end(websocket.StatusTryLater, unread)
			return
		}
	}
}
