package fhir

import (
	"context"
	"time"
)

// An Event is a change that a Subscription is to be told of. It is recorded in
// the transaction of the change, so that it is told if and only if that is
// committed.
type Event struct {
	Subscription string // the logical id of the Subscription
	// Number counts the events of the Subscription from 1, without gaps, in the
	// order of the commits; Record gives it.
	Number  int64
	Kind    EventKind
	Key     Key // the resource that changed
	Version int64
	At      time.Time
}

// An EventKind says what became of a resource in the eyes of a Subscription.
type EventKind string

// The kinds of events.
const (
	EventCreate EventKind = "create" // it is new
	EventUpdate EventKind = "update" // it has changed
	EventDelete EventKind = "delete" // it was deleted
	EventLeave  EventKind = "leave"  // it has changed and meets the criteria no longer
)

// A Subscriber is how far a Subscription has been told of its events.
type Subscriber struct {
	ID       string    // of the Subscription
	Last     int64     // the number of the last event recorded
	Done     int64     // the last one that was delivered; those after it wait
	Failures int       // attempts in a row that failed
	Since    time.Time // of the first of them; zero where none failed
	Due      time.Time // before then nothing is tried
	Spoken   time.Time // when it was last called; zero where that is not kept
	Problem  string    // why the last attempt failed, "" where it did not
	Secret   []byte    // what Confide was given
}

// Waiting gives how many events wait to be delivered.
func (s *Subscriber) Waiting() int64 { return s.Last - s.Done }

// An EventStore keeps events and how far each Subscriber has been told.
type EventStore interface {
	// Awaiting gives Subscribers that have something to be told at a time and that
	// nobody is at, those that wait longest first.
	Awaiting(ctx context.Context, now time.Time, limit int) ([]string, error)
	// Take makes holder the only one who may move a Subscriber until a time;
	// nil where another is at it or it is unknown. Whoever holds it may take it
	// again to go on.
	Take(ctx context.Context, id, holder string, now, until time.Time) (*Subscriber, error)
	// Told writes Done, Failures, Since, Due, Spoken and Problem, and gives the
	// Subscriber free where free is set. It reports whether holder still held it:
	// where not, nothing is written.
	Told(ctx context.Context, s Subscriber, holder string, free bool) (bool, error)
	// Attend has work tell subscribers, under a name by which the other processes
	// that serve the database know that it lives. What holders of such names held
	// that have ended is given free. Where they may soon think so of this one the
	// context of work ends, and Attend gives an error when work has returned.
	Attend(ctx context.Context, work func(ctx context.Context, holder string)) error
	// FreeAll gives all Subscribers free that somebody holds: where no other
	// process can be at them.
	FreeAll(ctx context.Context) error
	// Subscriber gives one; nil where it is unknown.
	Subscriber(ctx context.Context, id string) (*Subscriber, error)
	// Subscribers gives those of some ids that are known, without their secrets.
	Subscribers(ctx context.Context, ids []string) ([]Subscriber, error)
	// Census gives a text that is another one after each commit that writes a
	// resource of a type, however late a transaction commits that began early.
	Census(ctx context.Context, typ string) (string, error)
	// Events gives the first events of a Subscription with from <= Number <= to,
	// in their order; some may have been forgotten.
	Events(ctx context.Context, id string, from, to int64, limit int) ([]Event, error)
	// ForgetEvents removes those that were delivered and are older, and reports
	// how many.
	ForgetEvents(ctx context.Context, before time.Time) (int, error)
}
