package subscription_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bima/fhir"
	"bima/fhir/subscription"
)

const guide = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/"

// topical is a Subscription of HL7's guide for R5's subscriptions in R4.
func topical(id, endpoint, content, filter, more string) string {
	if filter != "" {
		filter = fmt.Sprintf(`"_criteria":{"extension":[{"url":%q,"valueString":%q}]},`, guide+"backport-filter-criteria", filter)
	}
	if more != "" {
		more = `,"extension":[` + more + `]`
	}
	return fmt.Sprintf(`{"resourceType":"Subscription","id":%q,"meta":{"profile":[%q]},"status":"requested","reason":"test",
		"criteria":"https://bima.example/fhir/SubscriptionTopic/Patient",%s
		"channel":{"type":"rest-hook","endpoint":%q,"payload":"application/fhir+json","_payload":{"extension":[{"url":%q,"valueCode":%q}]}%s}}`,
		id, guide+"backport-subscription", filter, endpoint, guide+"backport-payload-content", content, more)
}

// notified says in short what a Bundle tells: "event-notification 2: 1 Patient/a".
func notified(t *testing.T, body string) string {
	t.Helper()
	doc, err := fhir.Parse([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	value := map[string]string{}
	text := ""
	// Source: R4 bundle.html: search results have ids.
	status := doc.Root().Get("entry").First()
	if id := status.At("resource", "id").Text(); id == "" || status.Get("fullUrl").Text() != "urn:uuid:"+id {
		t.Errorf("the status has the id %q under %s", id, status.Get("fullUrl").Text())
	}
	for p := range status.Get("resource").Get("parameter").Each() {
		name := p.Get("name").Text()
		for m := range p.All() {
			value[name] = m.Text()
		}
		if name != "notification-event" {
			continue
		}
		for part := range p.Get("part").Each() {
			switch part.Get("name").Text() {
			case "event-number":
				text += " #" + part.Get("valueString").Text()
			case "focus":
				text += " " + strings.TrimPrefix(part.At("valueReference", "reference").Text(), base+"/")
			}
		}
	}
	text = value["type"] + " of " + value["events-since-subscription-start"] + ":" + text
	i := 0
	for e := range doc.Root().Get("entry").Each() {
		if i++; i > 1 {
			text += " [" + e.At("request", "method").Text() + " " + e.At("resource", "id").Text() + "]"
		}
	}
	return text
}

func TestTopicsAreToldByBundles(t *testing.T) {
	onEach(t, func(t *testing.T, dsn string) {
		var deaf atomic.Bool
		deaf.Store(true)
		answer := func(*http.Request) int {
			if deaf.Load() {
				return http.StatusNotFound
			}
			return http.StatusOK
		}
		var watch clock
		p := begin(t, dsn, subscription.Options{Alone: true, Settings: quick(), Now: watch.now})
		ids, full, empty := newSink(t, answer), newSink(t, nil), newSink(t, nil)
		p.put(topical("ids", ids.URL, "id-only", "Patient?gender=female", fmt.Sprintf(`{"url":%q,"valuePositiveInt":10}`, guide+"backport-max-count")))
		until(t, "a handshake that fails is told of", func() bool {
			n := p.read("Subscription", "ids")
			return n.Get("status").Text() == "requested" && n.Get("error").Text() == "the endpoint answered HTTP 404"
		})
		p.put(patient("a", "female", 1)) // waits until the endpoint is there
		p.put(patient("b", "male", 1))
		p.put(patient("a", "female", 2))
		deaf.Store(false)
		p.awaitStatus("ids", "active")
		got := ids.await(t, 2)
		want := []string{"handshake", "event-notification of 2: #1 Patient/a #2 Patient/a [POST ] [PUT ]"}
		shake, _, _ := strings.Cut(notified(t, got[0].Body), " ") // some may have been recorded already
		if diff := cmp.Diff(want, []string{shake, notified(t, got[1].Body)}); diff != "" {
			t.Errorf("told (-want +got):\n%s", diff)
		}

		p.put(topical("full", full.URL, "full-resource", "", ""))
		p.put(topical("empty", empty.URL, "empty", "", fmt.Sprintf(`{"url":%q,"valueUnsignedInt":3600}`, guide+"backport-heartbeat-period")))
		p.awaitStatus("full", "active")
		p.awaitStatus("empty", "active")
		p.put(patient("c", "male", 1))
		if diff := cmp.Diff("event-notification of 1: #1 Patient/c [POST c]", notified(t, full.await(t, 2)[1].Body)); diff != "" {
			t.Errorf("with the resource (-want +got):\n%s", diff)
		}
		until(t, "it is noted when the endpoint was told", func() bool { return p.state("empty").Done == 1 })
		watch.turn(61 * time.Minute)
		var kinds []string
		for _, c := range empty.await(t, 3)[:3] {
			kinds = append(kinds, notified(t, c.Body))
		}
		if diff := cmp.Diff([]string{"handshake of 0:", "event-notification of 1: #1", "heartbeat of 1:"}, kinds); diff != "" {
			t.Errorf("with a heartbeat (-want +got):\n%s", diff)
		}
		ask := func(code, query, want string) {
			t.Helper()
			r, err := p.engine.Call(p.ctx, code, fhir.Key{Type: "Subscription", ID: "ids"}, query, nil, true)
			if err != nil {
				t.Fatal(err)
			}
			if got := notified(t, string(r.Resource.Body)); got != want {
				t.Errorf("$%s?%s: %q, want %q", code, query, got, want)
			}
		}
		ask("status", "", "query-status of 2:")
		ask("events", "eventsSinceNumber=2&content=full-resource", "query-event of 2: #2 Patient/a [PUT a]")
		// Of two versions in one Bundle each event names its own.
		ask("events", "content=full-resource", "query-event of 2: #1 Patient/a/_history/1 #2 Patient/a/_history/2 [POST a] [PUT a]")
		_, err := p.engine.Call(p.ctx, "events", fhir.Key{Type: "Subscription", ID: "ids"}, "content=all", nil, true)
		if !fhir.HasIssue(err, fhir.IssueCodeInvalid) {
			t.Errorf("content of no kind: %v", err)
		}
		ask("events", "eventsUntilNumber=1", "query-event of 2: #1 Patient/a [POST ]")
		// Who was told nothing yet knows the number 0, and both bounds are included.
		ask("events", "eventsSinceNumber=0", "query-event of 2: #1 Patient/a #2 Patient/a [POST ] [PUT ]")
		ask("events", "eventsSinceNumber=0&eventsUntilNumber=0", "query-event of 2:")
		ask("events", "eventsSinceNumber=9223372036854775807", "query-event of 2:")
		for _, wrong := range []string{"-1", "1.5", "x", "9223372036854775808", "0x1"} {
			if _, err := p.engine.Call(p.ctx, "events", fhir.Key{Type: "Subscription", ID: "ids"}, "eventsSinceNumber="+wrong, nil, true); !fhir.HasIssue(err, fhir.IssueValue) {
				t.Errorf("eventsSinceNumber=%s: %v", wrong, err)
			}
		}
	})
}

func TestTopicsThatAreRefused(t *testing.T) {
	cases := []struct{ name, body, at string }{
		{"a topic we do not have", strings.Replace(topical("x", "https://a.example/", "empty", "", ""), "https://bima.example/fhir/SubscriptionTopic/Patient", "http://example.org/topic", 1), "Subscription.criteria"},
		{"a filter on another type", topical("x", "https://a.example/", "empty", "Claim?status=active", ""), "Subscription.criteria.extension"},
		{"a filter that can't be read", topical("x", "https://a.example/", "empty", "Patient?colour=red", ""), "Subscription.criteria"},
		{"content of no kind", topical("x", "https://a.example/", "everything", "", ""), "Subscription.channel.payload.extension"},
	}
	onEach(t, func(t *testing.T, dsn string) {
		p := start(t, dsn, quick(), true)
		for _, c := range cases {
			_, err := p.try(c.body)
			if err == nil {
				t.Errorf("%s was taken", c.name)
				continue
			}
			if issue := fhir.OutcomeOf(err).Issues[0]; issue.Expression != c.at {
				t.Errorf("%s: %s", c.name, issue)
			}
		}
	})
}

// However many processes serve the database, a subscriber that is left alone hears one
// heartbeat a period.
func TestOneHeartbeatAmongTwoProcesses(t *testing.T) {
	onEach(t, func(t *testing.T, dsn string) {
		if strings.HasPrefix(dsn, "sqlite:") {
			return // one process serves a SQLite database
		}
		var watch clock
		var looks [2]atomic.Int64 // how often each asked what time it is
		options := func(i int) subscription.Options {
			return subscription.Options{Settings: quick(), Now: func() time.Time { looks[i].Add(1); return watch.now() }}
		}
		one, two, s := begin(t, dsn, options(0)), begin(t, dsn, options(1)), newSink(t, nil)
		one.put(topical("x", s.URL, "empty", "Patient?gender=male", fmt.Sprintf(`{"url":%q,"valueUnsignedInt":3600}`, guide+"backport-heartbeat-period")))
		one.awaitStatus("x", "active")
		two.awaitStatus("x", "active")
		const hours, enough = 3, 12 // asks it three times a look
		for hour := range hours {
			watch.turn(61 * time.Minute)
			before := [2]int64{looks[0].Load(), looks[1].Load()}
			s.await(t, 2+hour)
			until(t, "both have looked whether it is quiet", func() bool {
				return looks[0].Load() >= before[0]+enough && looks[1].Load() >= before[1]+enough
			})
		}
		one.kill()
		two.kill()
		want := []string{"handshake of 0:"}
		for range hours {
			want = append(want, "heartbeat of 0:")
		}
		var got []string
		for _, c := range s.all() {
			got = append(got, notified(t, c.Body))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("told (-want +got):\n%s", diff)
		}
	})
}
