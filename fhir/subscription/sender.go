package subscription

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"bima/fhir"
	"bima/fhir/subscription/parts"
)

// A Sender tells endpoints in another system's tongue. Its endpoints are URIs of
// a scheme of its own that name an Endpoint resource of this server, such as
// "openmrs:Endpoint/hospital-1": address and settings of the other system are
// there, and its secrets in Subscription.channel.header. It is safe for concurrent
// use; the events of one Subscription come to it one after the other.
type Sender interface {
	// Scheme is what its endpoints begin with, without the colon: "openmrs".
	Scheme() string
	// Check refuses a Subscription that could never be told, by an Outcome that
	// names the element. It is asked in the transaction that stores the
	// Subscription, and calls nobody.
	Check(r fhir.Reader, subscription fhir.Node) error
	// Ready asks the endpoint whether it can be told, before the Subscription
	// becomes active. It changes nothing there. An error leaves the Subscription
	// requested and is tried again; a Refused one turns it off.
	Ready(ctx context.Context, c Call) error
	// Send tells of one event: of the version it is of, nil where that was deleted
	// or purged. An error is tried again, later and before any event after it, so
	// that Send must be able to say the same thing twice; after a Refused one the
	// Subscription is turned off, its events wait, and a person is told by a Task.
	Send(ctx context.Context, c Call, e fhir.Event, version *fhir.Resource) (Verdict, error)
}

// A Leaver is a Sender that is told of what meets the criteria no longer, too, as
// EventLeave or EventDelete, as far as that can be known: its endpoints keep what they
// were told.
type Leaver interface {
	Sender
	Leaves() bool
}

// checkEndpoints refuses who may not say where others are told: an Endpoint holds the
// address and the settings by which a Sender tells, so it is for those who may
// subscribe. Settings that nobody reads are refused.
func checkEndpoints(ctx context.Context, _ fhir.Reader, c fhir.Change) error {
	if isOwn(ctx) {
		return nil
	}
	if caller, _ := fhir.CallerOf(ctx); caller.Has(fhir.RoleIntegration) {
		if c.After == nil {
			return nil
		}
		return parts.Check("Endpoint", c.Node)
	}
	return fhir.Errorf(fhir.IssueForbidden, "Endpoint", "only who has the role integration or administrator may write Endpoints: they say where others are told of changes")
}

// pursue has a Subscription told of what leaves its criteria where its Sender wants
// to know.
func (h *Hub) pursue(s *subscription) {
	if l, ok := h.senders[s.scheme].(Leaver); ok && l.Leaves() {
		s.leaves = s.leaves || !slices.ContainsFunc(s.triggers, func(t *trigger) bool { return !alone(t.where) })
	}
}

// A Call is what a Sender is given.
type Call struct {
	Subscription fhir.Node
	Headers      http.Header  // Subscription.channel.header with the values that nobody may read back
	Client       *http.Client // calls what the operator allows and nothing else, follows no redirects, and ends in time
	Server       fhir.Server  // ctx carries the server itself as the caller
	Base         string       // the absolute URL of [base]
	Now          func() time.Time
}

// A Verdict is what became of an event that was told.
type Verdict struct {
	// Trouble says what the other system did not take, for the delivery log: "2 of
	// 40 values were refused: unknown organisation unit OU_7 (E7612)". "" where it
	// took all. What must be put right by a person, a Sender raises as a Task.
	Trouble string
}

// errRefused is the mark of Refused.
type errRefused struct{ error }

// Unwrap gives the reason.
func (e errRefused) Unwrap() error { return e.error }

// Refused marks an error that trying again does not mend, because the settings of
// one of the two sides must change first.
func Refused(err error) error { return errRefused{err} }

// IsRefused reports whether an error, or one that it wraps, was marked by Refused.
func IsRefused(err error) bool {
	var mark errRefused
	return errors.As(err, &mark)
}
