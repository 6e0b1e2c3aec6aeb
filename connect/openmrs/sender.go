package openmrs

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"bima/fhir"
	"bima/fhir/subscription"
)

// Scheme is what endpoints of an OpenMRS begin with.
const Scheme = "openmrs"

// Options are what the Sender is made of.
type Options struct {
	Zone *time.Location // decides on which day cover is in force; nil is UTC
}

// New makes the Sender.
func New(o Options) subscription.Sender {
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	return &sender{zone: o.Zone, tokens: newTokens()}
}

type sender struct {
	zone   *time.Location
	tokens *tokens
}

// told are the types of resources that an OpenMRS is told of: of a decision by a
// Task, of all others by the attributes of the persons they are about.
var told = []string{"ClaimResponse", "Contract", "Coverage", "Patient"}

// Scheme implements subscription.Sender.
func (s *sender) Scheme() string { return Scheme }

// Check implements subscription.Sender.
func (s *sender) Check(r fhir.Reader, n fhir.Node) error {
	typ, _, _ := strings.Cut(n.Get("criteria").Text(), "?")
	if !slices.Contains(told, typ) {
		return fhir.Errorf(fhir.IssueNotSupported, "Subscription.criteria", "an OpenMRS is told of %s, not of %.60q", strings.Join(told, ", "), typ)
	}
	set, err := settingsOf(r, n)
	if err != nil {
		return err
	}
	needed, other, why := "Authorization", headerSecret, "the user by which OpenMRS knows us: Authorization: Basic …"
	if set.tokenURL != "" {
		needed, other, why = headerSecret, "Authorization", "the secret of the client that "+set.endpoint+" names: Client-Secret: …"
	}
	given, unused, i := false, -1, 0
	for line := range n.At("channel", "header").Each() {
		name, _, _ := strings.Cut(line.Text(), ":")
		switch name = strings.TrimSpace(name); {
		case strings.EqualFold(name, needed):
			given = true
		case strings.EqualFold(name, other):
			unused = i
		}
		i++
	}
	switch {
	case !given:
		return fhir.Errorf(fhir.IssueRequired, "Subscription.channel.header", "give %s", why)
	case unused >= 0:
		return fhir.Errorf(fhir.IssueBusinessRule, fmt.Sprintf("Subscription.channel.header[%d]", unused),
			"%s would not be used beside %s; leave it out, or correct the token-url of %s", other, needed, set.endpoint)
	}
	return nil
}

// Ready implements subscription.Sender: it reads what the server can do, and asks
// for what needs a user.
func (s *sender) Ready(ctx context.Context, call subscription.Call) error {
	c, err := s.open(ctx, call)
	if err != nil {
		return err
	}
	about, err := c.metadata(ctx)
	if err != nil {
		return err
	}
	if version := about.Get("fhirVersion").Text(); !strings.HasPrefix(version, "4.") {
		return subscription.Refused(fmt.Errorf("%s speaks FHIR %.20q, not R4; correct Endpoint.address", c.set.endpoint, version))
	}
	typ := "Patient"
	if strings.HasPrefix(call.Subscription.Get("criteria").Text(), "ClaimResponse") {
		typ = "Task"
	}
	if !offers(about, typ) {
		return subscription.Refused(fmt.Errorf("%s has no resource %s: is it the R4 base of fhir2?", c.set.endpoint, typ))
	}
	_, err = c.get(ctx, typ+"?_count=1&_elements=id")
	if rejected := rejectionOf(err); rejected != nil {
		err = subscription.Refused(rejected)
	}
	return err
}

// offers reports whether a CapabilityStatement names a type of resource.
func offers(about fhir.Node, typ string) bool {
	for r := range about.Get("rest").First().Get("resource").Each() {
		if r.Get("type").Text() == typ {
			return true
		}
	}
	return false
}

// Send implements subscription.Sender.
func (s *sender) Send(ctx context.Context, call subscription.Call, e fhir.Event, version *fhir.Resource) (subscription.Verdict, error) {
	c, err := s.open(ctx, call)
	if err != nil {
		return subscription.Verdict{}, err
	}
	n, err := c.meant(ctx, e, version)
	if err != nil || !n.Exists() {
		return subscription.Verdict{}, err
	}
	if e.Key.Type == "ClaimResponse" {
		return c.decision(ctx, e, n, version != nil && e.Kind != fhir.EventLeave)
	}
	persons, err := c.persons(ctx, e.Key, n)
	if err != nil {
		return subscription.Verdict{}, err
	}
	var troubles []string
	for _, k := range persons {
		trouble, err := c.cover(ctx, k)
		if err != nil {
			return subscription.Verdict{}, err
		}
		if trouble != "" {
			troubles = append(troubles, trouble)
		}
	}
	return subscription.Verdict{Trouble: strings.Join(troubles, "; ")}, nil
}

// open reads the settings as they are now. What is wrong with them must be put
// right before anything can be told.
func (s *sender) open(ctx context.Context, call subscription.Call) (*client, error) {
	c := &client{call: call, tokens: s.tokens, zone: s.zone}
	err := call.Server.View(ctx, func(r fhir.Reader) (err error) {
		c.set, err = settingsOf(r, call.Subscription)
		return err
	})
	if fhir.HasIssue(err, fhir.IssueValue) || fhir.HasIssue(err, fhir.IssueNotFound) {
		return nil, subscription.Refused(err)
	}
	if err == nil {
		err = c.credentials()
	}
	return c, err
}

// meant gives the resource an event is of: of a deletion what was deleted; absent
// where nothing is left of it.
func (c *client) meant(ctx context.Context, e fhir.Event, version *fhir.Resource) (n fhir.Node, err error) {
	if version == nil && e.Version > 1 {
		err = c.call.Server.View(ctx, func(r fhir.Reader) error {
			before, err := r.ReadVersion(e.Key, e.Version-1)
			if fhir.HasIssue(err, fhir.IssueNotFound) {
				return nil
			}
			if err == nil && !before.Deleted {
				version = before
			}
			return err
		})
	}
	if err != nil || version == nil {
		return n, err
	}
	doc, err := fhir.Parse(version.Body)
	if err != nil {
		return n, err
	}
	return doc.Root(), nil
}
