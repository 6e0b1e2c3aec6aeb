package subscription

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"bima/fhir"
	"bima/fhir/parameters"
	"bima/profiles"
)

// operations are what subscribers and operators ask of a Subscription.
func (h *Hub) operations() []fhir.Operation {
	of := func(code string, affects bool, handle func(context.Context, fhir.Server, fhir.Key, *fhir.Resource) (*fhir.Response, error)) fhir.Operation {
		return fhir.Operation{
			Code: code, Types: []string{"Subscription"}, Instance: true, Affects: affects,
			Definition: profiles.Canonical + "/OperationDefinition/subscription-" + code, Handle: handle,
		}
	}
	all := []fhir.Operation{of("status", false, h.status), of("events", false, h.events), of("replay", true, h.replay), of("get-ws-binding-token", false, h.bindingToken)}
	all[0].Type, all[3].Type = true, true
	return all
}

// A parameter is one of a Parameters that is answered.
type parameter struct {
	Name      string            `json:"name"`
	Reference map[string]string `json:"valueReference,omitempty"`
	Code      string            `json:"valueCode,omitempty"`
	String    string            `json:"valueString,omitempty"`
	Instant   string            `json:"valueInstant,omitempty"`
	DateTime  string            `json:"valueDateTime,omitempty"`
	URL       string            `json:"valueUrl,omitempty"`
	Integer   *int64            `json:"valueDecimal,omitempty"`
	Part      []parameter       `json:"part,omitempty"`
}

func answer(list []parameter) (*fhir.Response, error) {
	all := map[string]any{"resourceType": "Parameters"}
	if len(list) > 0 {
		all["parameter"] = list
	}
	body, err := json.Marshal(all)
	if err != nil {
		return nil, err
	}
	return &fhir.Response{Resource: &fhir.Resource{Key: fhir.Key{Type: "Parameters"}, Body: body}}, nil
}

// subscriber reads a Subscription and how far it has been told.
func (h *Hub) subscriber(ctx context.Context, s fhir.Server, on fhir.Key) (fhir.Node, *fhir.Subscriber, error) {
	caller, _ := fhir.CallerOf(ctx)
	if !caller.Has(fhir.RoleIntegration) {
		return fhir.Node{}, nil, fhir.Errorf(fhir.IssueForbidden, "", "only who has the role integration or administrator may ask what others were told")
	}
	var n fhir.Node
	err := s.View(ctx, func(r fhir.Reader) error {
		resource, err := r.Read(on)
		if err != nil {
			return err
		}
		if resource.Deleted {
			return fhir.Errorf(fhir.IssueDeleted, "", "%s was deleted", on)
		}
		doc, err := fhir.Parse(resource.Body)
		if err == nil {
			n = doc.Root()
		}
		return err
	})
	if err != nil {
		return n, nil, err
	}
	state, err := h.store.Subscriber(ctx, on.ID)
	if state == nil {
		state = &fhir.Subscriber{ID: on.ID}
	}
	return n, state, err
}

// mayTell asks whether the scopes of a caller grant what a Subscription tells, whose
// events he asks for or would have told again.
func (h *Hub) mayTell(ctx context.Context, n fhir.Node) error {
	caller, _ := fhir.CallerOf(ctx)
	g := caller.Scopes()
	if g == nil {
		return nil
	}
	s, err := h.read(n)
	if err != nil {
		return err
	}
	return s.within(g)
}

// status is Subscription/[id]/$status: how far it has been told; on the type that of
// many.
func (h *Hub) status(ctx context.Context, s fhir.Server, on fhir.Key, in *fhir.Resource) (*fhir.Response, error) {
	if on.ID == "" {
		return h.statuses(ctx, s, in)
	}
	n, state, err := h.subscriber(ctx, s, on)
	if err != nil {
		return nil, err
	}
	if sub, err := h.read(n); err == nil && sub.topic != nil {
		return h.answerBundle(ctx, sub, "searchset", notification{kind: "query-status", status: sub.status, last: state.Last, problem: state.Problem})
	}
	waiting, failures := state.Waiting(), int64(state.Failures)
	list := []parameter{
		{Name: "subscription", Reference: map[string]string{"reference": on.String()}},
		{Name: "status", Code: n.Get("status").Text()},
		{Name: "events-since-subscription-start", Integer: &state.Last},
		{Name: "delivered", Integer: &state.Done},
		{Name: "waiting", Integer: &waiting},
		{Name: "failures", Integer: &failures},
	}
	if state.Problem != "" {
		list = append(list, parameter{Name: "error", String: state.Problem},
			parameter{Name: "failing-since", Instant: instant(state.Since)})
	}
	if state.Due.Before(never) && !state.Due.IsZero() {
		list = append(list, parameter{Name: "next-attempt", Instant: instant(state.Due)})
	}
	return answer(list)
}

func instant(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z07:00") }

// eventsMost bounds the events of one answer.
const eventsMost = 1000

// events is Subscription/[id]/$events: what was and is to be told, by number.
func (h *Hub) events(ctx context.Context, s fhir.Server, on fhir.Key, in *fhir.Resource) (*fhir.Response, error) {
	form, err := parameters.Of(in)
	if err != nil {
		return nil, err
	}
	n, state, err := h.subscriber(ctx, s, on)
	if err == nil {
		err = h.mayTell(ctx, n)
	}
	if err != nil {
		return nil, err
	}
	if sub, err := h.read(n); err == nil && sub.topic != nil {
		return h.topicEvents(ctx, sub, state, form)
	}
	if err := form.Only("since", "until"); err != nil {
		return nil, err
	}
	since, until, err := span(form, "since", "until", state.Last, state.Done+1-eventsMost/2)
	if err != nil {
		return nil, err
	}
	list, err := h.store.Events(ctx, on.ID, since, until, eventsMost)
	if err != nil {
		return nil, err
	}
	var shown []parameter
	for _, e := range list {
		number := e.Number
		told := "waiting"
		if e.Number <= state.Done {
			told = "delivered"
		}
		shown = append(shown, parameter{Name: "event", Part: []parameter{
			{Name: "number", Integer: &number},
			{Name: "kind", Code: string(e.Kind)},
			{Name: "focus", Reference: map[string]string{"reference": fmt.Sprintf("%s/_history/%d", e.Key, e.Version)}},
			{Name: "timestamp", Instant: instant(e.At)},
			{Name: "state", Code: told},
		}})
	}
	return answer(shown)
}

// span reads from and to which number events are asked for: both included, and without
// a lower bound the last so many. 0, which is before the first, asks for all, as what a
// client knows who was told nothing. Source: R5 backport, operation
// backport-subscription-events.
func span(form parameters.Form, lower, upper string, last, otherwise int64) (since, until int64, err error) {
	if until, err = number(form, upper, last); err != nil {
		return 0, 0, err
	}
	since, err = number(form, lower, max(1, min(otherwise, until-batch+1)))
	return since, until, err
}

// number reads the number of an event.
func number(form parameters.Form, name string, otherwise int64) (int64, error) {
	n := form.Value(name)
	if !n.Exists() {
		return otherwise, nil
	}
	text := n.Text()
	if whole, zeros, ok := strings.Cut(text, "."); ok && strings.Trim(zeros, "0") == "" {
		text = whole
	}
	value, err := strconv.ParseInt(text, 10, 64)
	if err != nil || value < 0 {
		return 0, fhir.Errorf(fhir.IssueValue, "Parameters.parameter", "%s is the number of an event, the first of which is 1; not %.40q", name, n.Text())
	}
	return value, nil
}

// replay is Subscription/[id]/$replay: what waits is delivered after all, and with
// from also what was delivered from that number on, as far as it is kept.
func (h *Hub) replay(ctx context.Context, s fhir.Server, on fhir.Key, in *fhir.Resource) (*fhir.Response, error) {
	form, err := parameters.Of(in)
	if err != nil {
		return nil, err
	}
	if err := form.Only("from"); err != nil {
		return nil, err
	}
	n, state, err := h.subscriber(ctx, s, on)
	if err == nil {
		err = h.mayTell(ctx, n)
	}
	if err != nil {
		return nil, err
	}
	from, err := number(form, "from", state.Done+1)
	if err != nil {
		return nil, err
	}
	if from > state.Last+1 {
		return nil, fhir.Errorf(fhir.IssueValue, "Parameters.parameter", "the last event has the number %d", state.Last)
	}
	if err := h.rewind(ctx, on.ID, max(from, 1)-1); err != nil {
		return nil, err
	}
	if status := n.Get("status").Text(); status == "off" || status == "error" {
		if err := s.Commit(own(ctx), func(tx fhir.Tx) error { return request(tx, on) }); err != nil {
			return nil, err
		}
	}
	h.rouse()
	return h.status(ctx, s, on, nil)
}

// request asks for a Subscription anew, as it is by now.
func request(tx fhir.Tx, on fhir.Key) error {
	r, err := tx.Read(on)
	if err != nil || r.Deleted {
		return err
	}
	doc, err := unparked(r.Body)
	if err != nil {
		return err
	}
	edit := fhir.NewEdit(doc)
	edit.Set(doc.Root(), "status", quoted("requested"))
	_, err = tx.Update(&fhir.Resource{Key: on, Body: edit.Bytes()}, r.Version)
	return err
}

// rewindPatience is how long $replay waits for a delivery that is under way, and
// rewindPause how often it looks.
const (
	rewindPatience = 5 * time.Second
	rewindPause    = 20 * time.Millisecond
)

// rewind sets from where a Subscription is told.
func (h *Hub) rewind(ctx context.Context, id string, done int64) error {
	h.sleep(id, 0, time.Time{})
	holder := newHolder() // so that it waits for a delivery of this process too
	for end := time.Now().Add(rewindPatience); ; {
		now := h.now()
		state, err := h.store.Take(ctx, id, holder, now, now.Add(h.lease))
		if err != nil {
			return err
		}
		if state != nil {
			state.Done, state.Failures, state.Since, state.Due, state.Problem = done, 0, time.Time{}, time.Time{}, ""
			if held, err := h.store.Told(ctx, *state, holder, true); err != nil || held {
				return err
			}
		}
		if time.Now().After(end) {
			return fhir.Errorf(fhir.IssueConflict, "", "the Subscription is being told at this moment; try again")
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(rewindPause):
		}
	}
}
