package fhir

import (
	"context"
	"time"
)

// A Server performs FHIR interactions for the caller in ctx. It is what a Module
// may do: nothing reaches the Store but through it.
type Server interface {
	// View runs read against one consistent snapshot of what the caller may see.
	View(ctx context.Context, read func(Reader) error) error
	// Commit runs write in one transaction, then the Reactions of the modules,
	// and commits all of it or nothing. It may run write again; see Store.Update.
	Commit(ctx context.Context, write func(Tx) error) error
	// Operation runs an operation of a module: on a resource, on a type (Key with
	// a Type only) or on the whole server (the zero Key).
	Operation(ctx context.Context, code string, on Key, in *Resource) (*Response, error)
}

// A Witness is a Server that tells what it stored, so that nobody needs to read it
// again.
type Witness interface {
	// Witnessed is Commit, and gives what it and the Reactions wrote last of a
	// resource: nil of what they did not write.
	Witnessed(ctx context.Context, write func(Tx) error) (last func(Key) *Resource, err error)
}

// A Tx performs interactions that commit together. Where a Writer stores bytes, a
// Tx first asks: may the caller, is it valid, do the Rules allow it.
type Tx interface {
	Reader
	// Create stores a new resource under r.ID, or under an id of the server's
	// where that is "", and gives the version stored.
	Create(r *Resource) (*Resource, error)
	// Update stores a new version, or the first one under that id. ifMatch is the
	// version the caller has seen; 0 does not ask. What changes nothing makes no
	// version and gives the current one.
	Update(r *Resource, ifMatch int64) (*Resource, error)
	// Delete deletes; what is deleted or never was is no error.
	Delete(k Key, ifMatch int64) error
	// Lock, Post, Enqueue, Record, Confide and Dismiss are the Writer's.
	Lock(names ...string) error
	Post(source Key, entries []Entry) error
	Enqueue(j Job) error
	Record(events []Event) error
	Confide(subscription string, secret []byte) error
	Dismiss(subscription string) error
	// Now is the time of the transaction, UTC, whole milliseconds.
	Now() time.Time
	// Caller is who asked.
	Caller() Caller
}

// A Response is what an Operation answers.
type Response struct {
	Status    int       // an HTTP status; 0 is 200
	Resource  *Resource // the answer, or nil
	Location  Key       // the resource that was made, for the Location header; may be zero
	MediaType string    // of Media
	Media     []byte    // an answer that is no resource
	Tag       string    // differs whenever Media does, for the ETag header; "" sends none
}
