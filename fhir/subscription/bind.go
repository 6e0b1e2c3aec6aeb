package subscription

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"bima/fhir"
	"bima/fhir/parameters"
	"bima/fhir/subscription/websocket"
)

// listen does what the other side of a WebSocket says, until it ends. Source: R4
// subscription#channels ("bind", "bound", "ping") and the R5 backport
// ("bind-with-token").
func (h *Hub) listen(ctx context.Context, s *socket) {
	unbound := time.AfterFunc(bindPatience, func() { s.end(websocket.StatusPolicy, "no Subscription was bound") })
	defer unbound.Stop()
	for {
		text, err := s.conn.Read()
		if err != nil {
			return
		}
		word, rest, _ := strings.Cut(strings.TrimSpace(text), " ")
		var ids []string
		switch word {
		case "bind":
			ids, err = []string{strings.TrimPrefix(strings.TrimSpace(rest), "Subscription/")}, s.mayBind()
			if err == nil {
				err = h.mayHear(ctx, s.caller, ids[0])
			}
		case "bind-with-token":
			ids, err = h.idsOf(ctx, strings.TrimSpace(rest))
		default:
			err = fhir.Errorf(fhir.IssueNotSupported, "", "say bind and the id of a Subscription, or bind-with-token and a token")
		}
		for _, id := range ids {
			if err == nil {
				err = h.bind(ctx, s, id)
			}
		}
		if err != nil {
			s.say("error " + fhir.OutcomeOf(err).Issues[0].Diagnostics)
			continue
		}
		unbound.Stop()
	}
}

// mayBind asks whether a caller may be told without a token.
func (s *socket) mayBind() error {
	if !s.known || !s.caller.Has(fhir.RoleIntegration) {
		return fhir.Errorf(fhir.IssueForbidden, "", "only who has the role integration or administrator, or a token of $get-ws-binding-token, may bind a Subscription")
	}
	return nil
}

// mayHear asks whether a caller may see a Subscription, and his scopes grant what it
// tells.
func (h *Hub) mayHear(ctx context.Context, caller fhir.Caller, id string) error {
	g := caller.Scopes()
	if err := g.Need(fhir.AccessRead, "Subscription"); err != nil {
		return err
	}
	sub, err := h.socketed(fhir.WithCaller(ctx, caller), id)
	if err != nil {
		return err
	}
	return sub.within(g)
}

// bind has a Subscription told by a WebSocket. Who comes after events that nobody
// was there to hear of is told at once.
func (h *Hub) bind(ctx context.Context, s *socket, id string) error {
	sub, err := h.socketed(fhir.WithCaller(ctx, fhir.System()), id)
	if err != nil {
		return err
	}
	if len(s.bound) >= boundMost {
		return fhir.Errorf(fhir.IssueTooCostly, "", "a WebSocket is told of %d Subscriptions at most", boundMost)
	}
	state, err := h.store.Subscriber(ctx, id)
	if err != nil {
		return err
	}
	if state == nil {
		state = &fhir.Subscriber{ID: id}
	}
	first := []string{"bound " + id}
	if sub.topic != nil {
		body, err := h.bundle(ctx, sub, "history", notification{kind: "handshake", status: sub.status, last: state.Last})
		if err != nil {
			return err
		}
		first = append(first, string(body))
	}
	if missed := h.sockets.bind(s, id, state.Done, first...); missed && sub.topic == nil {
		s.say("ping " + id)
	}
	h.rouse()
	return nil
}

// socketed reads a Subscription that is told by WebSocket, as the caller sees it.
func (h *Hub) socketed(ctx context.Context, id string) (sub *subscription, err error) {
	missing := fhir.Errorf(fhir.IssueNotFound, "", "there is no Subscription %.80q that is told by WebSocket", id)
	err = h.server.View(ctx, func(r fhir.Reader) error {
		if !fhir.ValidID(id) {
			return missing
		}
		resource, err := r.Read(fhir.Key{Type: "Subscription", ID: id})
		if fhir.HasIssue(err, fhir.IssueNotFound) || err == nil && resource.Deleted {
			return missing
		}
		if err != nil {
			return err
		}
		doc, err := fhir.Parse(resource.Body)
		if err != nil {
			return err
		}
		sub, err = h.read(doc.Root())
		if err == nil && sub.channel != kindSocket {
			return missing
		}
		if err == nil && sub.status == "off" {
			return fhir.Errorf(fhir.IssueBusinessRule, "", "the Subscription %s is off", id)
		}
		return err
	})
	return sub, err
}

// signal tells the WebSockets of this process, and notes that they were told. Where
// there are none the events wait until somebody binds.
func (h *Hub) signal(ctx context.Context, s *subscription, state *fhir.Subscriber) error {
	before := state.Done
	_, some := h.sockets.seen(s.id)
	if some {
		if err := h.tellSockets(ctx, s, state.Last); err != nil {
			return err
		}
		state.Done, state.Due = state.Last, time.Time{}
	} else {
		state.Due = never
	}
	ctx = context.WithoutCancel(ctx)
	if held, err := h.store.Told(ctx, *state, h.holder, true); err != nil || !held || state.Done == before {
		return err
	}
	events, err := h.store.Events(ctx, s.id, before+1, state.Done, batch)
	if err != nil || len(events) == 0 {
		return err
	}
	return h.record(ctx, s, state, events, report{troubles: make([]string, len(events))})
}

// tellSockets tells the WebSockets of this process of the events up to one: each by
// a ping, those of a topic by Bundles. Of more than a batch they are told the last.
func (h *Hub) tellSockets(ctx context.Context, s *subscription, last int64) error {
	seen, some := h.sockets.seen(s.id)
	if !some || seen >= last {
		return nil
	}
	var texts []string
	first := max(seen+1, last-batch+1)
	if s.topic == nil {
		for range last - first + 1 {
			texts = append(texts, "ping "+s.id)
		}
		h.sockets.tell(s.id, seen, last, texts)
		return nil
	}
	events, err := h.store.Events(ctx, s.id, first, last, batch)
	if err != nil {
		return err
	}
	for len(events) > 0 {
		versions, err := h.versions(ctx, s, events[:min(s.together(), len(events))])
		if err != nil {
			return err
		}
		n := len(versions)
		body, err := h.bundle(ctx, s, "history", notification{kind: "event-notification", status: s.status, last: last, events: events[:n], versions: versions})
		if err != nil {
			return err
		}
		texts = append(texts, string(body))
		events = events[n:]
	}
	h.sockets.tell(s.id, seen, last, texts)
	return nil
}

// bindings gives the Subscriptions whose WebSockets in this process have something
// to hear, and tells those of them that another process has noted as told.
func (h *Hub) bindings(ctx context.Context) (ids []string, err error) {
	bound := h.sockets.bindings()
	if len(bound) == 0 {
		return nil, nil
	}
	states, err := h.store.Subscribers(ctx, bound)
	if err != nil {
		return nil, err
	}
	byID := h.roll.Load().byID
	for _, state := range states {
		switch seen, some := h.sockets.seen(state.ID); {
		case !some || seen >= state.Last && state.Done >= state.Last:
		case state.Done < state.Last:
			ids = append(ids, state.ID)
		case byID[state.ID] != nil:
			err = errors.Join(err, h.tellSockets(ctx, byID[state.ID], state.Last)) // the others are told all the same
		}
	}
	return ids, err
}

// A ticket is what a token says.
type ticket struct {
	IDs []string  `json:"ids"`
	End time.Time `json:"end"`
}

// ticketTime is how long a token is good.
const ticketTime = 10 * time.Minute

// socketKeys is who keeps the key that tokens are signed with: no Subscription has
// an id with a space in it.
const socketKeys = " websocket"

// bindingToken is Subscription/[id]/$get-ws-binding-token: for who can't
// authenticate on a WebSocket, as scripts of a browser can't. Source: R5 backport.
func (h *Hub) bindingToken(ctx context.Context, s fhir.Server, on fhir.Key, in *fhir.Resource) (*fhir.Response, error) {
	ids, err := asked(on, in, "id")
	if err != nil {
		return nil, err
	}
	if len(ids) == 0 {
		return nil, fhir.Errorf(fhir.IssueRequired, "Parameters.parameter", "name the Subscriptions by their id")
	}
	list := []parameter{}
	for _, id := range ids {
		if _, _, err := h.subscriber(ctx, s, fhir.Key{Type: "Subscription", ID: id}); err != nil {
			return nil, err
		}
		caller, _ := fhir.CallerOf(ctx)
		if err := h.mayHear(ctx, caller, id); err != nil {
			return nil, err
		}
		list = append(list, parameter{Name: "subscription", String: id})
	}
	one := ticket{IDs: ids, End: h.now().Add(ticketTime).UTC().Truncate(time.Second)}
	text, err := h.sealed(ctx, s, one)
	if err != nil {
		return nil, err
	}
	return answer(append([]parameter{
		{Name: "token", String: text},
		{Name: "expiration", DateTime: one.End.Format(time.RFC3339)},
		{Name: "websocket-url", URL: SocketURL(h.base)},
	}, list...))
}

// asked gives the Subscriptions that an operation is about: the one it is called
// on, or those of a parameter.
func asked(on fhir.Key, in *fhir.Resource, name string) ([]string, error) {
	form, err := parameters.Of(in)
	if err != nil || on.ID != "" {
		return []string{on.ID}, err
	}
	var ids []string
	for _, n := range form.All(name) {
		for id := range strings.SplitSeq(parameters.Value(n).Text(), ",") {
			ids = append(ids, strings.TrimPrefix(strings.TrimSpace(id), "Subscription/"))
		}
	}
	if len(ids) > boundMost {
		return nil, fhir.Errorf(fhir.IssueTooCostly, "Parameters.parameter", "%d Subscriptions at most", boundMost)
	}
	return ids, nil
}

// sealed signs a ticket, with a key that all processes share.
func (h *Hub) sealed(ctx context.Context, s fhir.Server, one ticket) (string, error) {
	key, err := h.socketKey(ctx)
	if err == nil && key == nil {
		fresh := []byte(rand.Text())
		if err := s.Commit(own(ctx), func(tx fhir.Tx) error { return tx.Confide(socketKeys, fresh) }); err != nil {
			return "", err
		}
		key, err = h.socketKey(ctx) // another process may have made one, too
	}
	if err != nil {
		return "", err
	}
	body, err := json.Marshal(one)
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(body) + "." + base64.RawURLEncoding.EncodeToString(seal(key, body)), nil
}

func seal(key, body []byte) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write(body)
	return mac.Sum(nil)
}

// socketKey reads the key; nil where there is none yet.
func (h *Hub) socketKey(ctx context.Context) ([]byte, error) {
	state, err := h.store.Subscriber(ctx, socketKeys)
	if err != nil || state == nil {
		return nil, err
	}
	return state.Secret, nil
}

// idsOf reads the Subscriptions of a token.
func (h *Hub) idsOf(ctx context.Context, token string) ([]string, error) {
	key, err := h.socketKey(ctx)
	if err != nil {
		return nil, err
	}
	first, second, _ := strings.Cut(token, ".")
	body, err1 := base64.RawURLEncoding.DecodeString(first)
	mac, err2 := base64.RawURLEncoding.DecodeString(second)
	var one ticket
	if key == nil || err1 != nil || err2 != nil || !hmac.Equal(mac, seal(key, body)) || json.Unmarshal(body, &one) != nil {
		return nil, fhir.Errorf(fhir.IssueSecurity, "", "the token is none of this server's")
	}
	if !h.now().Before(one.End) {
		return nil, fhir.Errorf(fhir.IssueExpired, "", "the token was good until %s; ask for another", one.End.Format(time.RFC3339))
	}
	return one.IDs, nil
}
