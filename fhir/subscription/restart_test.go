package subscription_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bima/fhir/subscription"
)

// Topics of the scheme's own, how far each was told, why it fails, and when it was
// last called outlive the process: nobody is shaken hands with again, and whoever was
// quiet in the meantime hears one heartbeat.
func TestTopicsGoOnAfterARestart(t *testing.T) {
	onEach(t, func(t *testing.T, dsn string) {
		var down atomic.Bool
		answer := func(*http.Request) int {
			if down.Load() {
				return http.StatusServiceUnavailable
			}
			return http.StatusOK
		}
		var watch clock
		settings := quick()
		settings.Backoff = func(int) time.Duration { return 10 * time.Minute }
		options := subscription.Options{Alone: strings.HasPrefix(dsn, "sqlite:"), Settings: settings, Now: watch.now}
		p := begin(t, dsn, options)
		own, beats, late := newSink(t, answer), newSink(t, nil), newSink(t, answer)
		p.put(became())
		p.put(topicWish("own", own.URL, "id-only", married, ""))
		p.put(topical("beats", beats.URL, "empty", "Patient?gender=male", fmt.Sprintf(`{"url":%q,"valueUnsignedInt":3600}`, guide+"backport-heartbeat-period")))
		p.awaitStatus("own", "active")
		p.awaitStatus("beats", "active")
		p.put(patient("a", "female", 1))
		own.await(t, 2)
		until(t, "it is noted", func() bool { return p.state("own").Done == 1 })
		down.Store(true)
		p.put(patient("b", "female", 1))
		p.put(topical("late", late.URL, "empty", "", ""))
		p.awaitStatus("own", "error")
		until(t, "a handshake fails", func() bool { return p.state("late").Failures > 0 })
		before := p.state("own")
		p.kill()

		p = begin(t, dsn, options)
		if diff := cmp.Diff(before, p.state("own")); diff != "" {
			t.Errorf("after the restart (-before +now):\n%s", diff)
		}
		status := p.operate("status", "own", "", true)
		if got := notified(t, status); got != "query-status of 2:" || !strings.Contains(status, "HTTP 503") || !strings.Contains(status, `"valueCode":"error"`) {
			t.Errorf("$status says %s: %s", got, status)
		}
		down.Store(false)
		p.put(patient("c", "female", 1))
		watch.turn(61 * time.Minute)
		p.awaitStatus("own", "active")
		p.awaitStatus("late", "active")
		until(t, "all is told", func() bool { return p.state("own").Done == 3 })
		beats.await(t, 2)
		p.kill()
		p = begin(t, dsn, options)
		p.put(patient("d", "female", 1))
		until(t, "it goes on", func() bool { return p.state("own").Done == 4 })
		var got []string
		for _, sink := range []*sink{own, beats, late} {
			for _, c := range sink.all() {
				got = append(got, strings.Replace(notified(t, c.Body), "of 4", "of 3", 1)) // the next may be recorded already
			}
		}
		p.kill()
		want := []string{
			"handshake of 0:", "event-notification of 1: #1 Patient/a [POST ]", "event-notification of 3: #2 Patient/b [POST ]", "event-notification of 3: #3 Patient/c [POST ]",
			"event-notification of 3: #4 Patient/d [POST ]", "handshake of 0:", "heartbeat of 0:", "handshake of ",
		}
		if len(got) > len(want)-1 && strings.HasPrefix(got[len(want)-1], "handshake of ") {
			got[len(want)-1] = "handshake of " // what was recorded meanwhile is in its number
			got = got[:len(want)]
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("told (-want +got):\n%s", diff)
		}
	})
}
