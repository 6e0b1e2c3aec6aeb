package subscription_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"bima/fhir"
	"bima/fhir/subscription/websocket/websockettest"
)

// serveSockets serves the WebSockets of a process: to a caller of some roles, or to
// nobody in particular.
func (p *process) serveSockets(t *testing.T) string {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var roles []fhir.Role
		for _, role := range r.Header.Values("Role") {
			roles = append(roles, fhir.Role(role))
		}
		if len(roles) > 0 {
			r = r.WithContext(fhir.WithCaller(r.Context(), fhir.Caller{Name: fmt.Sprint(roles), Roles: roles}))
		}
		if err := p.hub.ServeSocket(w, r); err != nil {
			w.WriteHeader(http.StatusTooManyRequests)
		}
	}))
	t.Cleanup(s.Close)
	return s.URL
}

var integrator = http.Header{"Role": {"integration"}}

// hears fails unless these are the next texts.
func hears(t *testing.T, c *websockettest.Client, want ...string) {
	t.Helper()
	for _, text := range want {
		if got := c.Text(); got != text {
			t.Errorf("heard %q, want %q", got, text)
		}
	}
}

func socketWish(id, criteria string) wish {
	return wish{id: id, criteria: criteria, channel: "websocket"}
}

func TestASocketIsPinged(t *testing.T) {
	onEach(t, func(t *testing.T, dsn string) {
		settings := quick()
		settings.Sockets = 2
		p := start(t, dsn, settings, true)
		url := p.serveSockets(t)
		p.subscribe(socketWish("x", "Patient?gender=female"))
		p.subscribe(socketWish("y", "Patient?gender=male"))
		c := websockettest.Dial(t, url, integrator)
		c.Send("bind x")
		hears(t, c, "bound x")
		p.put(patient("a", "female", 1))
		hears(t, c, "ping x")
		p.put(patient("b", "male", 1)) // nobody listens to y
		p.put(patient("a", "female", 2))
		hears(t, c, "ping x")
		until(t, "what was heard is noted", func() bool { return p.state("x").Done == 2 })
		// Who comes late hears what nobody was there to hear, and no more.
		c.Send("bind Subscription/y")
		hears(t, c, "bound y", "ping y")
		other := websockettest.Dial(t, url, integrator)
		other.Send("bind x")
		hears(t, other, "bound x")
		p.put(patient("c", "female", 1))
		hears(t, c, "ping x")
		hears(t, other, "ping x")
		other.Drop()
		c.Drop()
		var late *websockettest.Client
		for range 2 { // there is room for two once both are forgotten
			until(t, "who has gone is forgotten", func() bool {
				late, _ = websockettest.Try(t, url, integrator)
				return late != nil
			})
		}
		p.put(patient("c", "female", 2))
		until(t, "it waits", func() bool { return p.state("x").Waiting() == 1 })
		late.Send("bind x")
		hears(t, late, "bound x", "ping x")
		until(t, "it is on record", func() bool {
			page, err := p.engine.Search(p.ctx, "AuditEvent", "entity=Subscription/x&outcome=0", searchOptions)
			return err == nil && strings.Contains(string(page), "Patient/c/_history/2")
		})
	})
}

func TestTopicsAreToldByBundlesOnASocket(t *testing.T) {
	onEach(t, func(t *testing.T, dsn string) {
		p := start(t, dsn, quick(), true)
		url := p.serveSockets(t)
		p.put(strings.NewReplacer(`"rest-hook"`, `"websocket"`, `"endpoint":"",`, "").Replace(topical("x", "", "id-only", "", "")))
		p.awaitStatus("x", "active")
		c := websockettest.Dial(t, url, integrator)
		c.Send("bind x")
		hears(t, c, "bound x")
		if got := notified(t, c.Text()); got != "handshake of 0:" {
			t.Errorf("told %q", got)
		}
		p.put(patient("a", "female", 1))
		if got := notified(t, c.Text()); got != "event-notification of 1: #1 Patient/a [POST ]" {
			t.Errorf("told %q", got)
		}
	})
}

func TestWhoMayBind(t *testing.T) {
	onEach(t, func(t *testing.T, dsn string) {
		settings := quick()
		settings.Sockets = 5
		p := start(t, dsn, settings, true)
		url := p.serveSockets(t)
		p.subscribe(socketWish("x", "Patient?"))
		p.subscribe(wish{id: "hook", criteria: "Claim?", endpoint: newSink(t, nil).URL})
		p.put(wish{id: "off", criteria: "Patient?", channel: "websocket", status: "off"}.body())

		known, facility, nobody := websockettest.Dial(t, url, integrator), websockettest.Dial(t, url, http.Header{"Role": {"facility"}}), websockettest.Dial(t, url, nil)
		reviewer := fhir.Caller{Name: "reviewer", Roles: []fhir.Role{fhir.RoleIntegration, fhir.RoleReviewer}} // all is hidden from him
		blind := websockettest.Dial(t, url, http.Header{"Role": {string(reviewer.Roles[0]), string(reviewer.Roles[1])}})
		for _, c := range []struct {
			who        *websockettest.Client
			says, want string
		}{
			{known, "hello", "error say bind"},
			{known, "bind hook", "error there is no Subscription"},
			{known, "bind nothing", "error there is no Subscription"},
			{known, "bind ../x", "error there is no Subscription"},
			{known, "bind off", "error the Subscription off is off"},
			{facility, "bind x", "error only who has the role"},
			{blind, "bind x", "error there is no Subscription"},
			{nobody, "bind x", "error only who has the role"},
			{nobody, "bind-with-token guess.guess", "error the token is none of"},
			{nobody, "bind-with-token", "error the token is none of"},
		} {
			c.who.Send(c.says)
			if got := c.who.Text(); !strings.HasPrefix(got, c.want) {
				t.Errorf("%q is answered by %q", c.says, got)
			}
		}
		token := between(p.operate("get-ws-binding-token", "x", "", true), `"name":"token","valueString":"`)
		nobody.Send("bind-with-token " + token + "x")
		if got := nobody.Text(); !strings.HasPrefix(got, "error the token") {
			t.Errorf("a token that was changed is answered by %q", got)
		}
		nobody.Send("bind-with-token " + token)
		hears(t, nobody, "bound x")
		p.put(patient("a", "female", 1))
		hears(t, nobody, "ping x")

		websockettest.Dial(t, url, integrator)
		if c, answer := websockettest.Try(t, url, integrator); c != nil {
			t.Errorf("one more was let in: HTTP %d", answer.StatusCode)
		}
		facility.Drop()
		until(t, "there is room again", func() bool {
			c, _ := websockettest.Try(t, url, integrator)
			return c != nil
		})
		for _, on := range []fhir.Key{{Type: "Subscription", ID: "x"}, {Type: "Subscription"}} {
			for _, code := range []string{"get-ws-binding-token", "events", "status", "replay"} {
				if on.ID == "" && code != "get-ws-binding-token" {
					continue
				}
				_, err := p.engine.Call(fhir.WithCaller(p.ctx, reviewer), code, on, "id=x", nil, code != "replay")
				if !fhir.HasIssue(err, fhir.IssueNotFound) {
					t.Errorf("$%s of %s by who must not see it: %v", code, on, err)
				}
			}
		}
		for id, want := range map[string]fhir.IssueType{"hook": fhir.IssueNotFound, "nothing": fhir.IssueNotFound} {
			_, err := p.engine.Call(p.ctx, "get-ws-binding-token", fhir.Key{Type: "Subscription", ID: id}, "", nil, true)
			if !fhir.HasIssue(err, want) {
				t.Errorf("a token for %s: %v", id, err)
			}
		}
	})
}

func TestStrangersLeaveRoom(t *testing.T) {
	onEach(t, func(t *testing.T, dsn string) {
		settings := quick()
		settings.Sockets = 5
		p := start(t, dsn, settings, true)
		url := p.serveSockets(t)
		p.subscribe(socketWish("x", "Patient?"))
		bound := websockettest.Dial(t, url, nil)
		bound.Send("bind-with-token " + between(p.operate("get-ws-binding-token", "x", "", true), `"name":"token","valueString":"`))
		hears(t, bound, "bound x")
		websockettest.Dial(t, url, nil)
		websockettest.Dial(t, url, nil)
		if c, answer := websockettest.Try(t, url, nil); c != nil {
			t.Errorf("a third who has shown nothing was let in: HTTP %d", answer.StatusCode)
		}
		if c, answer := websockettest.Try(t, url, integrator); c == nil {
			t.Errorf("somebody known was not let in: HTTP %d", answer.StatusCode)
		}
	})
}

func TestAnotherVersionIsToldOurs(t *testing.T) {
	onEach(t, func(t *testing.T, dsn string) {
		url := start(t, dsn, quick(), true).serveSockets(t)
		if c, answer := websockettest.Try(t, url, http.Header{"Sec-Websocket-Version": {"8"}}); c != nil || answer.Header.Get("Sec-Websocket-Version") != "13" {
			t.Errorf("it is told %v", answer.Header)
		}
	})
}

func TestAServerThatStopsSaysSo(t *testing.T) {
	onEach(t, func(t *testing.T, dsn string) {
		p := start(t, dsn, quick(), true)
		c := websockettest.Dial(t, p.serveSockets(t), integrator)
		c.Send("bind nothing")
		c.Text()
		p.kill()
		if got := c.Next(); got != "close 1001 the server is stopped" {
			t.Errorf("got %q", got)
		}
	})
}

func TestSocketsOfTwoProcessesHearTheSame(t *testing.T) {
	onEach(t, func(t *testing.T, dsn string) {
		if strings.HasPrefix(dsn, "sqlite:") {
			return // one process serves a SQLite database
		}
		one, two := start(t, dsn, quick(), false), start(t, dsn, quick(), false)
		one.subscribe(socketWish("x", "Patient?"))
		var clients []*websockettest.Client
		for _, p := range []*process{one, two} {
			c := websockettest.Dial(t, p.serveSockets(t), integrator)
			c.Send("bind x")
			hears(t, c, "bound x")
			clients = append(clients, c)
		}
		for i := range 3 {
			one.put(patient(fmt.Sprint("p", i), "female", 1))
		}
		for _, c := range clients {
			hears(t, c, "ping x", "ping x", "ping x")
		}
	})
}

func TestASlowReaderDelaysNobody(t *testing.T) {
	onEach(t, func(t *testing.T, dsn string) {
		p := start(t, dsn, quick(), true)
		url := p.serveSockets(t)
		full := strings.NewReplacer(`"rest-hook"`, `"websocket"`, `"endpoint":"",`, "").Replace(topical("x", "", "full-resource", "", ""))
		p.put(full)
		p.awaitStatus("x", "active")
		slow, quick := websockettest.Dial(t, url, integrator), websockettest.Dial(t, url, integrator)
		for _, c := range []*websockettest.Client{slow, quick} {
			c.Send("bind x")
			hears(t, c, "bound x")
		}
		quick.Text() // the handshake
		large := fmt.Sprintf(`{"resourceType":"Patient","id":"a","name":[{"family":%q}]}`, strings.Repeat("a", 500_000))
		const many = 20 // more than the network holds, each in its turn
		for i := range many {
			p.put(strings.Replace(large, `"id":"a"`, fmt.Sprintf(`"id":"a%d"`, i), 1))
			quick.Text()
		}
		until(t, "all were told to who reads", func() bool { return p.state("x").Done == many })
	})
}

// Who reads too slowly is left, and hears that there was something when he comes
// again; others hear all meanwhile, and nothing twice.
func TestASlowReaderIsLeftAndComesAgain(t *testing.T) {
	onEach(t, func(t *testing.T, dsn string) {
		settings := quick()
		settings.Timeout, settings.Sockets = 3*time.Second, 2
		p := start(t, dsn, settings, true)
		url := p.serveSockets(t)
		p.put(strings.NewReplacer(`"rest-hook"`, `"websocket"`, `"endpoint":"",`, "").Replace(topical("full", "", "full-resource", "", "")))
		p.awaitStatus("full", "active")
		p.subscribe(socketWish("pings", "Patient?"))
		slow, other := websockettest.Dial(t, url, integrator), websockettest.Dial(t, url, http.Header{"Role": {"administrator"}})
		for _, c := range []*websockettest.Client{slow, other} {
			c.Send("bind full")
			hears(t, c, "bound full")
			c.Text() // the handshake
			c.Send("bind pings")
			hears(t, c, "bound pings")
		}
		var again *websockettest.Client
		n := 0
		until(t, "who reads nothing is left", func() bool { // there is room for two
			n++
			p.put(fmt.Sprintf(`{"resourceType":"Patient","id":"a%d","name":[{"family":%q}]}`, n, strings.Repeat("a", 500_000)))
			pings, bundles := 0, 0
			for pings+bundles < 2 { // in whichever order
				if text := other.Text(); text == "ping pings" {
					pings++
				} else if bundles++; !strings.Contains(notified(t, text), fmt.Sprintf("#%d Patient/a%d ", n, n)) {
					t.Fatalf("told %q", notified(t, text))
				}
			}
			again, _ = websockettest.Try(t, url, integrator)
			return again != nil
		})
		again.Send("bind pings")
		hears(t, again, "bound pings", "ping pings")
		again.Send("bind full")
		hears(t, again, "bound full")
		if got, want := notified(t, again.Text()), fmt.Sprintf("handshake of %d:", n); got != want {
			t.Errorf("told %q, want %q", got, want)
		}
		other.Drop()
		var third *websockettest.Client
		until(t, "who went by himself is forgotten", func() bool {
			third, _ = websockettest.Try(t, url, http.Header{"Role": {"administrator"}})
			return third != nil
		})
		third.Send("bind pings")
		third.Send("bind nothing")
		hears(t, third, "bound pings") // and not that he missed something
		if got := third.Text(); !strings.HasPrefix(got, "error there is no Subscription") {
			t.Errorf("heard %q", got)
		}
	})
}
