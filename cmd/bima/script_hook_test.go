package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// A hook is a subscriber of the script: it keeps what it is told, unless it is
// deaf, when it answers 503.
type hook struct {
	mu    sync.Mutex
	deaf  bool
	mute  bool            // a call is left without an answer
	waits int             // calls that were
	told  []string        // method, kind and body of each notification
	known map[string]bool // the numbers of the events
}

func (h *hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.mute {
		h.waits++
		h.mu.Unlock()
		<-r.Context().Done()
		h.mu.Lock()
		return
	}
	if h.deaf || err != nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	if number := r.Header.Get("Bima-Event"); !h.known[number] {
		h.known[number] = true
		h.told = append(h.told, fmt.Sprintf("%s %s %s %s", number, r.Method, r.Header.Get("Bima-Event-Kind"), body))
	}
}

// listen starts the hook; $HOOK is its URL.
func listen(ts *testscript.TestScript, _ bool, _ []string) {
	s := sceneOf(ts)
	s.hook = &hook{known: map[string]bool{}}
	server := httptest.NewServer(s.hook)
	ts.Defer(server.Close)
	ts.Setenv("HOOK", server.URL)
}

// deaf makes the hook fail from now on, ! deaf makes it hear again.
func deaf(ts *testscript.TestScript, negated bool, _ []string) {
	h := sceneOf(ts).hook
	h.mu.Lock()
	defer h.mu.Unlock()
	h.deaf = !negated
}

// mute makes the hook leave calls without an answer from now on, and waits for one
// that is under way where it is asked to; ! mute makes it answer again.
func mute(ts *testscript.TestScript, negated bool, args []string) {
	h := sceneOf(ts).hook
	for end := time.Now().Add(time.Minute); ; <-time.After(20 * time.Millisecond) {
		h.mu.Lock()
		h.mute = !negated
		done := len(args) == 0 || h.waits > 0
		h.mu.Unlock()
		if done {
			return
		}
		if time.Now().After(end) {
			ts.Fatalf("after a minute the subscriber was not called")
		}
	}
}

// heard waits until the hook was told of so many events, and writes all of them to
// stdout, one a line, in the order they first came.
func heard(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	h := sceneOf(ts).hook
	all := func() []string {
		h.mu.Lock()
		defer h.mu.Unlock()
		return append([]string(nil), h.told...)
	}
	for end := time.Now().Add(time.Minute); len(all()) < want; <-time.After(20 * time.Millisecond) {
		if time.Now().After(end) {
			ts.Fatalf("after a minute the subscriber was told of %d events, not %d: %q", len(all()), want, all())
		}
	}
	for _, line := range all() {
		_, err := fmt.Fprintln(ts.Stdout(), line)
		ts.Check(err)
	}
}
