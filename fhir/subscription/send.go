package subscription

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"runtime/debug"
	"slices"
	"strings"

	"bima/fhir"
	"bima/fhir/subscription/parts"
)

// sendPatience is how many times the patience with one call a Sender may take for
// one event, in all calls that it makes for it.
const sendPatience = 2

// senderOf gives who speaks with the endpoints of a scheme.
func (h *Hub) senderOf(s *subscription) (Sender, error) {
	if sender := h.senders[s.scheme]; sender != nil {
		return sender, nil
	}
	known := "of no other system"
	if len(h.senders) > 0 {
		known = strings.Join(slices.Sorted(maps.Keys(h.senders)), ":, ") + ":"
	}
	return nil, fhir.Errorf(fhir.IssueNotSupported, "Subscription.channel.endpoint",
		"%.200q is no absolute http or https URL, nor of a system that this server speaks with: %s", s.endpoint, known)
}

// checkSender asks the Sender of an endpoint whether it could ever be told. Its
// Endpoint may be older than what is asked of one.
func (h *Hub) checkSender(r fhir.Reader, s *subscription, n fhir.Node) error {
	sender, err := h.senderOf(s)
	if err != nil {
		return err
	}
	if err := sender.Check(r, n); err != nil {
		return err
	}
	_, name, _ := strings.Cut(s.endpoint, ":")
	id, _ := strings.CutPrefix(name, "Endpoint/")
	e, err := fhir.Tree(r, fhir.Key{Type: "Endpoint", ID: id})
	if err != nil || !e.Exists() {
		return err
	}
	if err := parts.Check("Endpoint", e); err != nil {
		issue := fhir.OutcomeOf(err).Issues[0]
		return fhir.Errorf(issue.Code, "Subscription.channel.endpoint", "%s, %s: %s", name, issue.Expression, issue.Diagnostics)
	}
	return nil
}

// greetSender asks an endpoint whether it can be told.
func (h *Hub) greetSender(ctx context.Context, s *subscription, state *fhir.Subscriber) error {
	kept, err := s2secret(state.Secret)
	if err != nil {
		return err
	}
	_, err = h.sending(ctx, s, kept, func(ctx context.Context, sender Sender, c Call) (Verdict, error) {
		return Verdict{}, sender.Ready(ctx, c)
	})
	return err
}

// sendTo has a Sender tell of one event.
func (h *Hub) sendTo(ctx context.Context, s *subscription, kept secret, e fhir.Event, version *fhir.Resource) (trouble string, err error) {
	v, err := h.sending(ctx, s, kept, func(ctx context.Context, sender Sender, c Call) (Verdict, error) {
		return sender.Send(ctx, c, e, version)
	})
	return v.Trouble, err
}

// sending asks a Sender for something within its time. What goes wrong, and be it
// a panic, is an error that is safe to be read.
func (h *Hub) sending(ctx context.Context, s *subscription, kept secret, ask func(context.Context, Sender, Call) (Verdict, error)) (v Verdict, err error) {
	sender, err := h.senderOf(s)
	if err != nil {
		return v, Refused(errors.New(fhir.OutcomeOf(err).Issues[0].Diagnostics))
	}
	// What a Sender writes is asked about as what others write is.
	ctx, cancel := context.WithTimeout(context.WithValue(ctx, ownKey{}, nil), sendPatience*h.settings.Timeout)
	defer cancel()
	if err := h.unmoved(ctx, s, kept); err != nil {
		return v, err
	}
	c := Call{Subscription: s.node, Headers: http.Header{}, Client: tied(h.client, kept), Server: h.server, Base: h.base, Now: h.now}
	for _, one := range kept.Headers {
		c.Headers.Add(one.Name, one.Value)
	}
	defer func() {
		if cause := recover(); cause != nil {
			h.log.Error("panic", "sender", s.scheme, "id", s.id, "cause", cause, "stack", string(debug.Stack()))
			err = fmt.Errorf("telling %s ended by a defect of this server", s.scheme)
		}
	}()
	if v, err = ask(ctx, sender, c); err != nil {
		err = discreet(err)
	}
	return v, err
}

// unmoved asks whether the Endpoint of a Subscription still leads where it led when
// the secrets were sent: who may change an Endpoint is not told them.
func (h *Hub) unmoved(ctx context.Context, s *subscription, kept secret) error {
	if kept.Address == "" || len(kept.Headers) == 0 {
		return nil
	}
	var now string
	err := h.server.View(ctx, func(r fhir.Reader) (err error) {
		now, err = addressOf(r, s.endpoint)
		return err
	})
	if err == nil && now != kept.Address {
		_, name, _ := strings.Cut(s.endpoint, ":")
		err = Refused(fmt.Errorf("%s leads elsewhere since the values of channel.header were sent; send the Subscription again with them", name))
	}
	return err
}

// A tie calls the servers of some URLs and no others.
type tie struct {
	urls []string
	next http.RoundTripper
}

// tied gives the client that calls where an Endpoint led when the secrets were sent: one
// that is changed after unmoved has asked is not told them either.
func tied(client *http.Client, kept secret) *http.Client {
	if kept.Address == "" || len(kept.Headers) == 0 {
		return client
	}
	bound := *client
	bound.Transport = tie{strings.Split(kept.Address, "\n"), client.Transport}
	return &bound
}

// RoundTrip implements http.RoundTripper.
func (t tie) RoundTrip(r *http.Request) (*http.Response, error) {
	for _, text := range t.urls {
		if u, err := url.Parse(text); err == nil && u.Scheme == r.URL.Scheme && u.Host == r.URL.Host {
			return t.next.RoundTrip(r)
		}
	}
	return nil, errors.New("the Endpoint leads elsewhere since the values of channel.header were sent")
}

// addressOf gives where the Endpoint of "openmrs:Endpoint/hospital-1" leads: its
// address, and below it the URLs in its extensions, such as that of a token endpoint,
// which is sent a secret too. "" where there is none.
func addressOf(r fhir.Reader, endpoint string) (string, error) {
	_, name, _ := strings.Cut(endpoint, ":")
	id, ok := strings.CutPrefix(name, "Endpoint/")
	if !ok {
		return "", nil
	}
	e, err := r.Read(fhir.Key{Type: "Endpoint", ID: id})
	if fhir.HasIssue(err, fhir.IssueNotFound) || err == nil && e.Deleted {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	doc, err := fhir.Parse(e.Body)
	if err != nil {
		return "", err
	}
	return strings.Join(urls(doc.Root(), []string{doc.Root().Get("address").Text()}), "\n"), nil
}

// urls adds the URLs in the extensions of an element.
func urls(n fhir.Node, list []string) []string {
	for e := range n.Get("extension").Each() {
		if at := e.Get("valueUrl").Text(); at != "" {
			list = append(list, at)
		}
		list = urls(e, list)
	}
	return list
}

// problemMax bounds what is kept of an error, in bytes.
const problemMax = 1000

// discreet gives an error without the URL that was called, which may tell of whom
// it was about, and keeps the mark of Refused.
func discreet(err error) error {
	text := err.Error()
	var at *url.Error
	if errors.As(err, &at) {
		text = strings.ReplaceAll(text, at.Error(), reason(at))
		text = strings.ReplaceAll(text, at.URL, site(at.URL))
	}
	if o := (*fhir.Outcome)(nil); errors.As(err, &o) && len(o.Issues) > 0 {
		text = o.Issues[0].Diagnostics
	}
	clean := errors.New(strings.ToValidUTF8(text[:min(len(text), problemMax)], ""))
	if IsRefused(err) {
		return Refused(clean)
	}
	return clean
}

// A guard calls what the operator allows and nothing else, and bounds what is read
// of an answer.
type guard struct {
	settings Settings
	next     http.RoundTripper
}

// guardedMax bounds the answer of an endpoint, in bytes.
const guardedMax = 16 << 20

// RoundTrip implements http.RoundTripper.
func (g guard) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := g.settings.mayCall(r.URL.String()); err != nil {
		return nil, err
	}
	answer, err := g.next.RoundTrip(r)
	if err == nil {
		answer.Body = &bounded{ReadCloser: answer.Body, left: guardedMax}
	}
	return answer, err
}

// A bounded body fails where it is longer than is read of one.
type bounded struct {
	io.ReadCloser
	left int64
}

// errLong is why an answer is read no further.
var errLong = errors.New("the endpoint's answer is too long")

// Read implements io.Reader.
func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errLong
	}
	n, err := b.ReadCloser.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}
