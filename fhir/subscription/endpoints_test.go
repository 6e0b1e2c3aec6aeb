package subscription_test

import (
	"bufio"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bima/fhir"
	"bima/fhir/subscription"
)

// A clock is one that tests turn.
type clock struct{ ahead atomic.Int64 }

func (c *clock) now() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) }

func (c *clock) turn(d time.Duration) { c.ahead.Add(int64(d)) }

// hostile are endpoints that do what no good one does. None of them delays who is
// told of the same changes.
func hostile(t *testing.T) map[string]string {
	drip := func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusOK)
		for r.Context().Err() == nil {
			if _, err := w.Write([]byte(".")); err != nil {
				return
			}
			w.(http.Flusher).Flush()
			select {
			case <-r.Context().Done():
			case <-time.After(time.Millisecond):
			}
		}
	}
	serve := func(answer http.HandlerFunc) string {
		s := httptest.NewServer(answer)
		t.Cleanup(s.Close)
		return s.URL
	}
	forged := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("who can't prove his name was called") }))
	forged.Config.ErrorLog = log.New(io.Discard, "", 0)
	t.Cleanup(forged.Close)
	var flaps atomic.Int64
	private := newSink(t, func(*http.Request) int { t.Error("a redirect was followed"); return 200 })
	return map[string]string{
		"drips": serve(drip),
		"redirects": serve(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, private.URL, http.StatusTemporaryRedirect)
		}),
		"floods": serve(func(w http.ResponseWriter, r *http.Request) {
			for line := strings.Repeat("a", 1<<16); r.Context().Err() == nil; {
				if _, err := w.Write([]byte(line)); err != nil {
					return
				}
			}
		}),
		"flaps": serve(func(w http.ResponseWriter, _ *http.Request) {
			if flaps.Add(1)%2 == 1 {
				w.WriteHeader(http.StatusBadGateway)
			}
		}),
		"forges":      forged.URL,
		"hangs up":    raw(t, ""),
		"talks":       raw(t, "220 mail.example.org ESMTP\r\n"),
		"repeats":     raw(t, "HTTP/1.1 200 OK\r\nBearer sesame\r\n\r\n"),
		"resets":      raw(t, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"),
		"big headers": raw(t, "HTTP/1.1 200 OK\r\nX-A: "+strings.Repeat("a", 1<<20)+"\r\n\r\n"),
	}
}

// raw serves the same bytes to everybody and hangs up.
func raw(t *testing.T, answer string) string {
	return answering(t, func(w io.Writer) { _, _ = io.WriteString(w, answer) })
}

// answering reads a request, lets answer write whatever it likes, and hangs up.
func answering(t *testing.T, answer func(io.Writer)) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	group.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			group.Go(func() {
				defer conn.Close()
				if _, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
					answer(conn)
				}
			})
		}
	})
	t.Cleanup(func() { _ = listener.Close(); group.Wait() })
	return "http://" + listener.Addr().String()
}

func TestHostileEndpointsDelayNobodyElse(t *testing.T) {
	onEach(t, func(t *testing.T, dsn string) {
		settings := quick()
		settings.Backoff = func(int) time.Duration { return 50 * time.Millisecond }
		p, good := start(t, dsn, settings, true), newSink(t, nil)
		endpoints := hostile(t)
		for name, url := range endpoints {
			p.subscribe(wish{id: strings.ReplaceAll(name, " ", "-"), criteria: "Patient?", endpoint: url, payload: "application/fhir+json", headers: []string{"Authorization: Bearer sesame"}})
		}
		p.subscribe(wish{id: "good", criteria: "Patient?", endpoint: good.URL, payload: "application/fhir+json"})
		for i := range 30 {
			p.put(patient("a", "female", i))
		}
		calls := good.await(t, 30)
		for i, c := range calls {
			if c.Number != fmt.Sprint(i+1) {
				t.Fatalf("call %d bears the number %s", i+1, c.Number)
			}
		}
		for name, says := range map[string]string{
			"redirects": "the endpoint answered HTTP 307", "hangs-up": "can't be reached", "talks": "is no HTTP", "repeats": "is no HTTP", "forges": "certificate",
			"big-headers": "can't be reached", "resets": "can't be reached",
		} {
			n := p.awaitStatus(name, "error")
			if got := n.Get("error").Text(); !strings.Contains(got, says) || strings.Contains(got, "sesame") || len(got) > 500 {
				t.Errorf("%s: the error is %.600q", name, got)
			}
		}
		// What flaps is told all in the end, and what floods is not listened to.
		for _, name := range []string{"flaps", "floods"} {
			until(t, name+" was told all", func() bool { return p.state(name).Done == 30 })
		}
		if got := p.state("drips").Done; got != 0 {
			t.Errorf("who drips has been told of %d", got)
		}
	})
}

func TestAnEndpointThatIsDownForHoursIsToldAllInOrder(t *testing.T) {
	onEach(t, func(t *testing.T, dsn string) {
		var down atomic.Bool
		var calls atomic.Int64
		s := newSink(t, func(*http.Request) int {
			calls.Add(1)
			if down.Load() {
				return http.StatusServiceUnavailable
			}
			return http.StatusOK
		})
		var watch clock
		p := begin(t, dsn, subscription.Options{Alone: true, Now: watch.now, Settings: subscription.Settings{Private: true, Horizon: 48 * time.Hour}})
		p.subscribe(wish{id: "x", criteria: "Patient?", endpoint: s.URL, payload: "application/fhir+json"})
		down.Store(true)
		for i := range 5 {
			p.put(patient("a", "female", i))
		}
		p.awaitStatus("x", "error")
		began := p.state("x").Since
		for hour := 1; p.state("x").Failures < 14; hour++ { // one is tried each hour at last
			before := p.state("x").Failures
			watch.turn(75 * time.Minute)
			until(t, "it is tried again", func() bool { return p.state("x").Failures > before })
			if hour > 40 {
				t.Fatal("it is not tried")
			}
		}
		state := p.state("x")
		if !state.Since.Equal(began) || state.Waiting() != 5 || calls.Load() < 14 {
			t.Errorf("after hours: %+v, %d calls", state, calls.Load())
		}
		if pause := state.Due.Sub(watch.now()); pause > 73*time.Minute {
			t.Errorf("the next attempt is in %s", pause)
		}
		down.Store(false)
		watch.turn(75 * time.Minute)
		if diff := cmp.Diff([]string{"POST create v0", "POST update v1", "POST update v2", "POST update v3", "POST update v4"}, told(s.await(t, 5))); diff != "" {
			t.Errorf("told (-want +got):\n%s", diff)
		}
		p.awaitStatus("x", "active")
	})
}

// A name that leads elsewhere since it was allowed leads nowhere: the address is
// looked at when the connection is made, after the name was resolved.
func TestANameThatLeadsToThisMachineIsNotCalled(t *testing.T) {
	onEach(t, func(t *testing.T, dsn string) {
		s := newSink(t, func(*http.Request) int { t.Error("it was called"); return 200 })
		_, port, err := net.SplitHostPort(strings.TrimPrefix(s.URL, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		settings := quick()
		settings.Private = false
		p := start(t, dsn, settings, true)
		for i, endpoint := range []string{"http://0:" + port, "http://127.1:" + port, "http://2130706433:" + port, "http://0x7f000001:" + port} {
			_, err := p.try(wish{id: "x", criteria: "Patient?", endpoint: endpoint}.body())
			if err != nil && !fhir.HasIssue(err, fhir.IssueSecurity) {
				t.Errorf("%s: %v", endpoint, err)
			}
			if err != nil {
				continue
			}
			p.put(patient("a", "female", i))
			p.awaitStatus("x", "error")
			p.delete("Subscription", "x")
		}
	})
}

// Many that are dead leave room for who is alive.
func TestManyDeadEndpointsLeaveRoom(t *testing.T) {
	onEach(t, func(t *testing.T, dsn string) {
		p, good := start(t, dsn, quick(), true), newSink(t, nil)
		const dead = 40
		for i := range dead {
			p.put(wish{id: fmt.Sprint("d", i), criteria: "Patient?", endpoint: "http://127.0.0.1:1/"}.body())
		}
		p.subscribe(wish{id: "good", criteria: "Patient?", endpoint: good.URL})
		for i := range 5 {
			p.put(patient("a", "female", i))
		}
		good.await(t, 5)
	})
}

func TestLargeVersionsAreToldInTheirOrder(t *testing.T) {
	onEach(t, func(t *testing.T, dsn string) {
		p, s := start(t, dsn, quick(), true), newSink(t, nil)
		p.subscribe(wish{id: "x", criteria: "Patient?", endpoint: s.URL, payload: "application/fhir+json"})
		large := func(version, bytes int) {
			p.put(fmt.Sprintf(`{"resourceType":"Patient","id":"a","name":[{"family":"v%d","given":[%q]}]}`, version, strings.Repeat("a", bytes)))
		}
		large(1, 10)
		large(2, 300_000) // too much for one round with the others
		large(3, 150_000)
		large(4, 150_000)
		large(5, 10)
		if diff := cmp.Diff([]string{"POST create v1", "POST update v2", "POST update v3", "POST update v4", "POST update v5"}, told(s.await(t, 5))); diff != "" {
			t.Errorf("told (-want +got):\n%s", diff)
		}
		until(t, "nothing waits", func() bool { return p.state("x").Waiting() == 0 })
	})
}

// A clock that is put back by much does not keep who failed waiting until it is there
// again.
func TestAClockThatIsPutBackKeepsNobodyWaiting(t *testing.T) {
	onEach(t, func(t *testing.T, dsn string) {
		var down atomic.Bool
		s := newSink(t, func(*http.Request) int {
			if down.Load() {
				return http.StatusServiceUnavailable
			}
			return http.StatusOK
		})
		var watch clock
		settings := quick()
		settings.Backoff = func(int) time.Duration { return time.Minute }
		p := begin(t, dsn, subscription.Options{Alone: true, Now: watch.now, Settings: settings})
		watch.turn(30 * 24 * time.Hour)
		p.subscribe(wish{id: "x", criteria: "Patient?", endpoint: s.URL, payload: "application/fhir+json"})
		down.Store(true)
		p.put(patient("a", "female", 1))
		p.put(patient("a", "female", 2))
		p.awaitStatus("x", "error")
		down.Store(false)
		watch.turn(-30 * 24 * time.Hour)
		if diff := cmp.Diff([]string{"POST create v1", "POST update v2"}, told(s.await(t, 2))); diff != "" {
			t.Errorf("told (-want +got):\n%s", diff)
		}
		p.awaitStatus("x", "active")
	})
}

// What is deleted while it is told is forgotten, and one that comes in its place is
// told its own from the first.
func TestASubscriptionThatIsDeletedWhileItIsTold(t *testing.T) {
	onEach(t, func(t *testing.T, dsn string) {
		called, let := make(chan struct{}, 10), make(chan struct{})
		slow := newSink(t, func(r *http.Request) int {
			called <- struct{}{}
			select {
			case <-let:
			case <-r.Context().Done():
			}
			return http.StatusOK
		})
		p, s := start(t, dsn, quick(), true), newSink(t, nil)
		p.subscribe(wish{id: "x", criteria: "Patient?", endpoint: slow.URL, payload: "application/fhir+json"})
		p.put(patient("a", "female", 1))
		p.put(patient("a", "female", 2))
		<-called
		p.delete("Subscription", "x")
		p.put(patient("a", "female", 3)) // is told to nobody
		p.put(wish{id: "x", criteria: "Patient?", endpoint: s.URL, payload: "application/fhir+json"}.body())
		p.put(patient("a", "female", 4))
		close(let)
		p.put(patient("a", "female", 5))
		calls := s.await(t, 2)
		if diff := cmp.Diff([]string{"POST update v4", "POST update v5"}, told(calls)); diff != "" || calls[0].Number != "1" {
			t.Errorf("told from %s (-want +got):\n%s", calls[0].Number, diff)
		}
		until(t, "nothing waits", func() bool { return p.state("x").Waiting() == 0 })
	})
}
