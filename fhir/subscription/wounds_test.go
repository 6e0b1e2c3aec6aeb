package subscription_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"bima/fhir/subscription"
)

// Down for longer than is waited for, by the clock: parked with a Task, also for a
// process that begins then, and told all in order when it is replayed.
func TestAnEndpointThatIsDownForMoreThanAWeek(t *testing.T) {
	onEach(t, func(t *testing.T, dsn string) {
		var down atomic.Bool
		s := newSink(t, func(*http.Request) int {
			if down.Load() {
				return http.StatusBadGateway
			}
			return http.StatusOK
		})
		var watch clock
		options := subscription.Options{Alone: true, Now: watch.now, Settings: subscription.Settings{Private: true}}
		p := begin(t, dsn, options)
		p.subscribe(wish{id: "x", criteria: "Patient?", endpoint: s.URL, payload: "application/fhir+json"})
		down.Store(true)
		for i := range 3 {
			p.put(patient("a", "female", i))
		}
		p.awaitStatus("x", "error")
		for day := 2; day <= 6; day += 2 {
			failures := p.state("x").Failures
			watch.turn(48 * time.Hour)
			until(t, "it is tried again", func() bool { return p.state("x").Failures > failures })
			if got := p.read("Subscription", "x").Get("status").Text(); got != "error" {
				t.Fatalf("after %d days it is %s", day, got)
			}
		}
		watch.turn(25 * time.Hour)
		p.awaitStatus("x", "off")
		p.put(patient("a", "female", 3))
		p.kill()
		p = begin(t, dsn, options)
		p.put(patient("a", "female", 4))
		if page, err := p.engine.Search(p.ctx, "Task", "focus=Subscription/x", searchOptions); err != nil || strings.Count(string(page), `"resourceType":"Task"`) != 1 {
			t.Errorf("the Task: %s, %v", page, err)
		}
		down.Store(false)
		watch.turn(24 * time.Hour) // and nobody calls it by himself
		p.operate("replay", "x", "", false)
		for i, c := range s.await(t, 5) {
			if c.Number != strconv.Itoa(i+1) || between(c.Body, `"family":"`) != fmt.Sprint("v", i) {
				t.Errorf("call %d bears the number %s of %s", i+1, c.Number, between(c.Body, `"family":"`))
			}
		}
		p.awaitStatus("x", "active")
	})
}

// Up and down at every attempt: all is told, in order, and twice only that of which
// the answer was lost.
func TestAnEndpointThatFlapsIsToldAllInOrder(t *testing.T) {
	onEach(t, func(t *testing.T, dsn string) {
		var mu sync.Mutex
		var heard []int
		lost, attempts := map[int]bool{}, 0
		web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			n, _ := strconv.Atoi(r.Header.Get("Bima-Event"))
			mu.Lock()
			defer mu.Unlock()
			switch attempts++; attempts % 4 {
			case 1: // it refuses
				w.WriteHeader(http.StatusServiceUnavailable)
				return
			case 3: // it takes it, and hangs up
				heard, lost[n] = append(heard, n), true
				panic(http.ErrAbortHandler)
			}
			heard = append(heard, n)
		}))
		t.Cleanup(web.Close)
		p := start(t, dsn, quick(), true)
		p.subscribe(wish{id: "x", criteria: "Patient?", endpoint: web.URL, payload: "application/fhir+json"})
		const all = 20
		for i := range all {
			p.put(patient("a", "female", i))
		}
		until(t, "all is told", func() bool { return p.state("x").Done == all })
		mu.Lock()
		defer mu.Unlock()
		last := 0
		for _, n := range heard {
			if n != last+1 && (n != last || !lost[n]) {
				t.Fatalf("%d follows %d: %v, the answers to %v were lost", n, last, heard, lost)
			}
			last = n
		}
		if last != all || len(lost) == 0 {
			t.Errorf("heard %v, %d answers were lost", heard, len(lost))
		}
	})
}

// What an answer means, and one that does not come.
func TestWhatAnswersMean(t *testing.T) {
	onEach(t, func(t *testing.T, dsn string) {
		settings := subscription.Settings{Private: true, Timeout: time.Second, Backoff: func(int) time.Duration { return time.Hour }}
		p := start(t, dsn, settings, true)
		var sent atomic.Int64 // bytes of an answer without end
		web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			kind, value, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
			n, _ := strconv.Atoi(value)
			switch kind {
			case "status":
				w.Header().Set("Location", r.URL.Path) // a loop, where it is followed
				w.WriteHeader(n)
			case "slow":
				select {
				case <-r.Context().Done():
				case <-time.After(time.Duration(n) * time.Millisecond):
				}
			case "large":
				for page := make([]byte, 1<<20); sent.Load() < 1<<30; sent.Add(1 << 20) {
					if _, err := w.Write(page); err != nil {
						return
					}
				}
			}
		}))
		t.Cleanup(web.Close)
		type endpoint struct{ url, says string } // "" is told
		all := map[string]endpoint{
			"slow":         {web.URL + "/slow/500", ""},
			"too-slow":     {web.URL + "/slow/5000", "did not answer in time"},
			"large":        {web.URL + "/large", ""},
			"drips":        {dripping(t), "did not answer in time"},
			"no-name":      {"http://nowhere.invalid/", "the name of the endpoint is not known"},
			"nobody":       {"http://127.0.0.1:1/", "can't be reached"},
			"no-tls":       {strings.Replace(web.URL, "http:", "https:", 1), "can't be reached"},
			"switches":     {raw(t, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n"), "HTTP 101"},
			"never-begins": {raw(t, strings.Repeat("HTTP/1.1 102 Processing\r\n\r\n", 10_000)), "can't be reached"},
		}
		for _, status := range []int{200, 201, 202, 204, 206, 299} {
			all[fmt.Sprint("s", status)] = endpoint{web.URL + "/status/" + strconv.Itoa(status), ""}
		}
		for _, status := range []int{300, 301, 302, 303, 304, 307, 308, 400, 401, 403, 404, 409, 410, 413, 429, 500, 503, 599} {
			all[fmt.Sprint("s", status)] = endpoint{web.URL + "/status/" + strconv.Itoa(status), fmt.Sprint("the endpoint answered HTTP ", status)}
		}
		for id, e := range all {
			p.subscribe(wish{id: id, criteria: "Patient?", endpoint: e.url, payload: "application/fhir+json", headers: []string{"Authorization: Bearer sesame"}})
		}
		p.put(patient("a", "female", 1))
		for id, e := range all {
			until(t, id+" was called", func() bool { state := p.state(id); return state.Done == 1 || state.Failures > 0 })
			state := p.state(id)
			if (state.Done == 1) != (e.says == "") || !strings.Contains(state.Problem, e.says) {
				t.Errorf("%s: told %v, %q; want %q", id, state.Done == 1, state.Problem, e.says)
			}
		}
		if got := sent.Load(); got > 64<<20 {
			t.Errorf("of an answer of a gigabyte %d bytes were read", got)
		}
	})
}

// dripping serves a header that never ends, a byte at a time.
func dripping(t *testing.T) string {
	return answering(t, func(w io.Writer) {
		for _, err := io.WriteString(w, "HTTP/1.1 200 OK\r\nX-A: "); err == nil; _, err = io.WriteString(w, "a") {
			time.Sleep(20 * time.Millisecond)
		}
	})
}

// A name that was allowed and called, and then leads to a private network, is called no
// more: it is looked at where it leads at every call.
func TestANameThatIsLedElsewhereIsNotCalled(t *testing.T) {
	lookUp(t, map[string]net.IP{"hooks.example.org.": net.IPv4(127, 0, 0, 1), "six.example.org.": net.ParseIP("::1")})
	onEach(t, func(t *testing.T, dsn string) {
		var private atomic.Bool
		s := newSink(t, func(*http.Request) int {
			if private.Load() {
				t.Error("a private network was called")
			}
			return http.StatusOK
		})
		_, port, err := net.SplitHostPort(strings.TrimPrefix(s.URL, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		p := start(t, dsn, quick(), true)
		p.subscribe(wish{id: "x", criteria: "Patient?", endpoint: "http://hooks.example.org:" + port, headers: []string{"Authorization: Bearer sesame"}})
		p.put(patient("a", "female", 1))
		s.await(t, 1) // as a public one would be
		p.kill()
		private.Store(true)
		settings := quick()
		settings.Private = false
		p = start(t, dsn, settings, true)
		p.subscribe(wish{id: "six", criteria: "Patient?", endpoint: "http://six.example.org:" + port})
		p.put(patient("a", "female", 2))
		for _, id := range []string{"x", "six"} {
			if got := p.awaitStatus(id, "error").Get("error").Text(); !strings.Contains(got, "private network") {
				t.Errorf("%s: the error is %q", id, got)
			}
		}
	})
}

// lookUp answers what names lead to, for all of the process.
func lookUp(t *testing.T, addresses map[string]net.IP) {
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	before := net.DefaultResolver
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", server.LocalAddr().String())
	}}
	t.Cleanup(func() { net.DefaultResolver = before; _ = server.Close() })
	go func() {
		for packet := make([]byte, 512); ; {
			n, from, err := server.ReadFrom(packet)
			if err != nil {
				return
			}
			_, _ = server.WriteTo(resolved(packet[:n], addresses), from)
		}
	}()
}

// resolved answers a question of DNS. Source: RFC 1035, 4.1.
func resolved(question []byte, addresses map[string]net.IP) []byte {
	name, at := "", 12
	for at < len(question) && question[at] != 0 {
		end := at + 1 + int(question[at])
		name += strings.ToLower(string(question[at+1:end])) + "."
		at = end
	}
	end := at + 5 // the root, type and class
	answer := append([]byte(nil), question[:end]...)
	answer[2], answer[3] = 0x84, 0x00 // an answer, by who knows
	copy(answer[4:12], []byte{0, 1, 0, 0, 0, 0, 0, 0})
	address, ok := addresses[name]
	if !ok {
		answer[3] = 3 // there is no such name
		return answer
	}
	data := address.To4()
	if data == nil {
		data = address.To16()
	}
	if kind := question[at+2]; kind == 1 && len(data) == 4 || kind == 28 && len(data) == 16 {
		answer[7] = 1
		answer = append(answer, 0xc0, 12, 0, kind, 0, 1, 0, 0, 0, 0, 0, byte(len(data)))
		answer = append(answer, data...)
	}
	return answer
}
