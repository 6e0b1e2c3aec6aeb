package fhir

import (
	"context"
	"time"
)

// An AsyncRequest is an interaction that is done after it was accepted, and its
// answer once it is there. Source: R4 async.
type AsyncRequest struct {
	ID       string
	Owner    string // Caller.Identity of who asked: nobody else may see it
	Request  []byte // the interaction, in a form of the transport's own
	State    AsyncState
	Progress string // for a person: "searching"
	Answer   []byte // the answer, in a form of the transport's own
	Created  time.Time
	Expires  time.Time // from then on it is forgotten
}

// An AsyncState is where an AsyncRequest stands.
type AsyncState string

// The states of an AsyncRequest.
const (
	AsyncAccepted  AsyncState = "accepted"
	AsyncRunning   AsyncState = "running"
	AsyncCompleted AsyncState = "completed"
	AsyncCancelled AsyncState = "cancelled"
)

// An AsyncStore keeps AsyncRequests.
type AsyncStore interface {
	// Accept keeps a request and adds the job that will do it, in one transaction.
	Accept(ctx context.Context, a AsyncRequest, j Job) error
	// Async gives a request; IssueNotFound where there is none, or it has expired.
	Async(ctx context.Context, id string) (*AsyncRequest, error)
	// Advance sets state, progress and answer, unless it was cancelled: it
	// reports whether it did.
	Advance(ctx context.Context, id string, to AsyncState, progress string, answer []byte) (bool, error)
	// Pending counts the requests of an owner that are accepted or running.
	Pending(ctx context.Context, owner string) (int, error)
	// Forget removes those that have expired.
	Forget(ctx context.Context, now time.Time) (int, error)
}
