package openimis

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"bima/connect/dialect"
	"bima/fhir"
	"bima/fhir/subscription"
)

// Scheme is what the endpoints begin with of those that are told of changes in
// openIMIS's words: openimis:Endpoint/cht.
const Scheme = "openimis"

// atEndpoint is where a Subscription says whom it tells.
const atEndpoint = "Subscription.channel.endpoint"

// answerMax is how much is read of what a subscriber answers.
const answerMax = 64 << 10

// A Sender tells subscribers that know openIMIS, such as CHT's mediator: by a POST
// of the resource in the words of the façade, a ClaimResponse with its day alone as
// created. It is safe for concurrent use.
type Sender struct{ zone *time.Location }

// NewSender makes a Sender; the scheme's zone decides days, nil is UTC.
func NewSender(zone *time.Location) *Sender {
	if zone == nil {
		zone = time.UTC
	}
	return &Sender{zone: zone}
}

// Scheme implements subscription.Sender.
func (s *Sender) Scheme() string { return Scheme }

// Check implements subscription.Sender: the Endpoint must be there, with an address
// that can be called.
func (s *Sender) Check(r fhir.Reader, n fhir.Node) error {
	_, err := address(r, n)
	return err
}

// address gives the address of a Subscription's Endpoint.
func address(r fhir.Reader, n fhir.Node) (string, error) {
	name := n.At("channel", "endpoint").Text()
	key := dialect.Target(strings.TrimPrefix(name, Scheme+":"))
	if key.Type != "Endpoint" {
		return "", fhir.Errorf(fhir.IssueValue, atEndpoint, "write openimis:Endpoint/[id], not %.80q", name)
	}
	endpoint, err := fhir.Tree(r, key)
	if err != nil {
		return "", err
	}
	text := endpoint.Get("address").Text()
	if of := endpointID(text); strings.HasPrefix(key.ID, Scheme+"-") && len(key.ID) == len(of) && key.ID != of {
		return "", fhir.Errorf(fhir.IssueBusinessRule, atEndpoint, "%s leads elsewhere than the Subscription was made for; make the Subscription again", key)
	}
	target, err := url.Parse(text)
	if err != nil || target.Scheme != "http" && target.Scheme != "https" || target.Host == "" || target.User != nil {
		return "", fhir.Errorf(fhir.IssueBusinessRule, atEndpoint, "%s has no address of the form https://host/path; a password belongs into channel.header", key)
	}
	return text, nil
}

// Ready implements subscription.Sender. openIMIS asks nobody beforehand.
func (s *Sender) Ready(context.Context, subscription.Call) error { return nil }

// Send implements subscription.Sender. What was deleted is not told: these clients
// have no word for it.
func (s *Sender) Send(ctx context.Context, call subscription.Call, _ fhir.Event, version *fhir.Resource) (subscription.Verdict, error) {
	none := subscription.Verdict{}
	if version == nil {
		return none, nil
	}
	var to string
	var body []byte
	err := call.Server.View(ctx, func(r fhir.Reader) (err error) {
		to, err = address(r, call.Subscription)
		if fhir.HasIssue(err, fhir.IssueBusinessRule) || fhir.HasIssue(err, fhir.IssueValue) {
			return subscription.Refused(errors.New(fhir.OutcomeOf(err).Issues[0].Diagnostics))
		}
		if err != nil {
			return err
		}
		body, err = s.said(r, version)
		return err
	})
	if err != nil {
		return none, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		return none, subscription.Refused(err)
	}
	for name, values := range call.Headers {
		request.Header[name] = values
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/json")
	answer, err := call.Client.Do(request)
	if err != nil {
		return none, err
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, io.LimitReader(answer.Body, answerMax)); err != nil {
		return none, err
	}
	if answer.StatusCode < 200 || answer.StatusCode > 299 {
		return none, fmt.Errorf("the subscriber answered HTTP %d", answer.StatusCode)
	}
	return none, nil
}

// said gives a version in openIMIS's words.
func (s *Sender) said(r fhir.Reader, version *fhir.Resource) ([]byte, error) {
	o, err := dialect.Parse(version.Body)
	if err != nil {
		return nil, err
	}
	p := page{call: &call{front: &front{Options: Options{Zone: s.zone}}}, along: map[string]dialect.Object{}}
	if version.Type == "ClaimResponse" {
		key := fhir.Key{Type: "Claim", ID: version.ID}
		claim, err := fhir.Tree(r, key)
		if err != nil {
			return nil, err
		}
		p.along[key.String()] = dialect.ObjectOf(claim)
	}
	p.spell(version.Type, o)
	return dialect.Write(o), nil
}
