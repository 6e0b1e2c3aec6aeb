package subscription

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"bima/fhir"
	"bima/fhir/parameters"
	"bima/fhir/xml"
)

// A notification is what a Bundle of the guide tells. Source: R5 backport,
// notifications in R4.
type notification struct {
	kind     string // handshake, heartbeat, event-notification, query-status or query-event
	status   string // of the Subscription
	last     int64  // the number of its last event
	problem  string
	events   []fhir.Event
	versions []*fhir.Resource // of the events; nil where nothing is sent
	content  string           // "" is the topic's
}

// An entry is one of a Bundle.
type entry struct {
	FullURL  string            `json:"fullUrl"`
	Resource json.RawMessage   `json:"resource,omitempty"`
	Request  map[string]string `json:"request,omitempty"`
	Response map[string]string `json:"response,omitempty"`
	Search   map[string]string `json:"search,omitempty"`
}

// bundle writes a notification.
func (h *Hub) bundle(ctx context.Context, s *subscription, typ string, n notification) ([]byte, error) {
	urn := newURN()
	status, err := json.Marshal(h.told(s, n, strings.TrimPrefix(urn, "urn:uuid:")))
	if err != nil {
		return nil, err
	}
	first := entry{FullURL: urn, Resource: status}
	if typ == "searchset" {
		first.Search = map[string]string{"mode": "match"}
	} else {
		first.Request = map[string]string{"method": "GET", "url": "Subscription/" + s.id + "/$status"}
		first.Response = map[string]string{"status": "200"}
	}
	entries := []entry{first}
	if n.content == "" {
		n.content = s.topic.content
	}
	for i, e := range n.events {
		if n.content == contentEmpty {
			break
		}
		entries = append(entries, h.entry(e, n.versions[i]))
	}
	beside, err := h.beside(ctx, s, n.versions)
	if err != nil {
		return nil, err
	}
	for _, r := range beside {
		entries = append(entries, entry{
			FullURL: h.base + "/" + r.Key.String(), Resource: r.Body,
			Request: map[string]string{"method": "GET", "url": r.Key.String()}, Response: map[string]string{"status": "200"},
		})
	}
	body := map[string]any{
		"resourceType": "Bundle", "type": typ, "timestamp": instant(h.now()), "entry": entries,
		"meta": map[string]any{"profile": []string{backport + "backport-subscription-notification-r4"}},
	}
	if typ == "searchset" {
		delete(body, "meta")
		body["total"] = 1
	}
	return json.Marshal(body)
}

// told writes the status with which every Bundle begins. It has an id: R4 wants one
// of each resource in a searchset.
func (h *Hub) told(s *subscription, n notification, id string) any {
	type p = map[string]any
	list := []p{
		{"name": "subscription", "valueReference": p{"reference": h.base + "/Subscription/" + s.id}},
		{"name": "topic", "valueCanonical": s.topic.canonical},
		{"name": "status", "valueCode": n.status},
		{"name": "type", "valueCode": n.kind},
		{"name": "events-since-subscription-start", "valueString": strconv.FormatInt(n.last, 10)},
	}
	content := n.content
	if content == "" {
		content = s.topic.content
	}
	for _, e := range n.events {
		parts := []p{{"name": "event-number", "valueString": strconv.FormatInt(e.Number, 10)}, {"name": "timestamp", "valueInstant": instant(e.At)}}
		if content != contentEmpty {
			parts = append(parts, p{"name": "focus", "valueReference": p{"reference": h.focus(e, n.events, content)}})
		}
		list = append(list, p{"name": "notification-event", "part": parts})
	}
	if n.problem != "" {
		list = append(list, p{"name": "error", "valueCodeableConcept": p{"text": n.problem}})
	}
	return p{
		"resourceType": "Parameters", "id": id, "parameter": list,
		"meta": p{"profile": []string{backport + "backport-subscription-status-r4"}},
	}
}

// focus refers to the resource of an event: to its version where the Bundle holds
// several of it, since which one is meant could not be told otherwise. Source: R4
// bundle#references.
func (h *Hub) focus(e fhir.Event, among []fhir.Event, content string) string {
	url := h.base + "/" + e.Key.String()
	several := slices.ContainsFunc(among, func(o fhir.Event) bool { return o.Key == e.Key && o.Version != e.Version })
	if several && content == contentFull {
		url += "/_history/" + strconv.FormatInt(e.Version, 10)
	}
	return url
}

// entry is the entry of one event, with its resource where there is one to send.
func (h *Hub) entry(e fhir.Event, r *fhir.Resource) entry {
	one := entry{FullURL: h.base + "/" + e.Key.String()}
	switch e.Kind {
	case fhir.EventCreate:
		one.Request, one.Response = map[string]string{"method": "POST", "url": e.Key.Type}, map[string]string{"status": "201"}
	case fhir.EventDelete:
		one.Request, one.Response = map[string]string{"method": "DELETE", "url": e.Key.String()}, map[string]string{"status": "204"}
	default:
		one.Request, one.Response = map[string]string{"method": "PUT", "url": e.Key.String()}, map[string]string{"status": "200"}
	}
	if r != nil {
		one.Resource = r.Body
	}
	return one
}

// newURN makes a URL for what has none.
func newURN() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // it never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	text := hex.EncodeToString(b[:])
	return fmt.Sprintf("urn:uuid:%s-%s-%s-%s-%s", text[:8], text[8:12], text[12:16], text[16:20], text[20:])
}

// notify sends a Bundle.
func (h *Hub) notify(ctx context.Context, s *subscription, kept secret, first fhir.Event, n notification) error {
	h.speak(s)
	if s.topic.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, s.topic.timeout)
		defer cancel()
	}
	body, err := h.bundle(ctx, s, "history", n)
	if err != nil {
		return err
	}
	media := s.payload
	switch media {
	case "":
		media = mediaJSON
	case mediaXML:
		if body, err = xml.FromJSON(nil, body); err != nil {
			return err
		}
	}
	request, err := h.prepare(ctx, s, kept, first, http.MethodPost, s.endpoint, media, body)
	if err != nil {
		return err
	}
	return h.send(request)
}

// shake tells an endpoint that it will be told: a Subscription of the guide is
// active once that was understood.
func (h *Hub) shake(ctx context.Context, s *subscription, state *fhir.Subscriber) error {
	kept, err := s2secret(state.Secret)
	if err != nil {
		return err
	}
	return h.notify(ctx, s, kept, fhir.Event{}, notification{kind: "handshake", status: "requested", last: state.Last})
}

// beat tells a subscriber that there was nothing to tell. One that does not hear it
// is told again after as long.
func (h *Hub) beat(ctx context.Context, s *subscription, state *fhir.Subscriber) {
	kept, err := s2secret(state.Secret)
	if err == nil {
		err = h.notify(ctx, s, kept, fhir.Event{}, notification{kind: "heartbeat", status: s.status, last: state.Last})
	}
	if err != nil && ctx.Err() == nil {
		h.log.Info("a heartbeat was not heard", "id", s.id, "error", err)
	}
}

// answerBundle answers an operation by a Bundle of the guide.
func (h *Hub) answerBundle(ctx context.Context, s *subscription, typ string, n notification) (*fhir.Response, error) {
	body, err := h.bundle(ctx, s, typ, n)
	if err != nil {
		return nil, err
	}
	return &fhir.Response{Resource: &fhir.Resource{Key: fhir.Key{Type: "Bundle"}, Body: body}}, nil
}

// topicEvents is $events of the guide: the events from one number to another, as
// they were and will be notified.
func (h *Hub) topicEvents(ctx context.Context, s *subscription, state *fhir.Subscriber, form parameters.Form) (*fhir.Response, error) {
	if err := form.Only("eventsSinceNumber", "eventsUntilNumber", "content"); err != nil {
		return nil, err
	}
	since, until, err := span(form, "eventsSinceNumber", "eventsUntilNumber", state.Last, state.Last-batch+1)
	if err != nil {
		return nil, err
	}
	asked := *s.topic
	if c := form.Value("content").Text(); c != "" {
		if !slices.Contains(contents, c) {
			return nil, fhir.Errorf(fhir.IssueCodeInvalid, "Parameters.parameter", "content is empty, id-only or full-resource, not %.40q", c)
		}
		asked.content = c
	}
	list, err := h.store.Events(ctx, s.id, since, until, batch)
	if err != nil {
		return nil, err
	}
	of := *s
	of.topic = &asked
	versions, err := h.versions(ctx, &of, list)
	if err != nil {
		return nil, err
	}
	list = list[:len(versions)] // the rest is asked for by its numbers
	return h.answerBundle(ctx, &of, "history", notification{kind: "query-event", status: s.status, last: state.Last, events: list, versions: versions})
}
