package reindex

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"bima/fhir"
	"bima/fhir/search"
)

// A Store is what an Indexer needs of the database.
type Store interface {
	fhir.Store
	fhir.Reindexer
	fhir.Notebook
}

// An Engine is where the parameters in force are put, and what indexes by them.
type Engine interface {
	SetSearch(r *search.Registry)
	Index(r *fhir.Resource) (*fhir.Index, error)
}

// Options set an Indexer up.
type Options struct {
	Store Store
	// Search holds the parameters built in; those that are stored come beside them.
	Search *search.Registry
	// Alone says that no other process uses the database, so that none needs time
	// to follow.
	Alone bool
	Log   *slog.Logger // nil logs nothing
}

// An Indexer keeps the search parameters in force, and the index, as the stored
// SearchParameters say. It is safe for concurrent use.
type Indexer struct {
	store  Store
	alone  bool
	log    *slog.Logger
	holder string // names this process among those that may do the work
	engine Engine

	builtIn *definitions
	inForce atomic.Pointer[definitions]
	stirred atomic.Bool // whether a transaction of this process changed what is in force

	working    sync.Mutex // of the one job that does tasks
	mu         sync.Mutex // of one refresh at a time
	generation int64      // of the state when inForce was read
}

// New makes an Indexer. It does nothing before Start.
func New(o Options) *Indexer {
	x := &Indexer{store: o.Store, alone: o.Alone, log: o.Log, holder: rand.Text()}
	if x.log == nil {
		x.log = slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	x.builtIn = newDefinitions(o.Search)
	x.inForce.Store(x.builtIn)
	return x
}

// Start puts the stored parameters in force at the engine, and asks for whatever
// the index lacks of them or of those built in.
func (x *Indexer) Start(ctx context.Context, e Engine) error {
	x.engine = e
	if err := x.refresh(ctx, starting); err != nil || !x.alone {
		return err
	}
	if s, err := x.state(ctx); err != nil || len(s.Tasks) == 0 {
		return err
	}
	return x.wake(ctx) // the process before this one may have ended at its work
}

// pollPause is how soon a process notices what another has changed, and
// workLease how long whoever works may be silent before another goes on.
const (
	pollPause = time.Second
	workLease = 5 * time.Second
)

// Watch follows what other processes change, and sees to it that work that was
// begun goes on, until ctx ends.
func (x *Indexer) Watch(ctx context.Context) error {
	tick := time.NewTicker(pollPause)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if err := x.look(ctx); err != nil && ctx.Err() == nil {
			x.log.Warn("the search parameters of the database can't be followed", "error", err, "cause", errors.Unwrap(err))
		}
	}
}

// look does what Watch does, once.
func (x *Indexer) look(ctx context.Context) error {
	s, err := x.state(ctx)
	if err != nil {
		return err
	}
	if x.behind(s) {
		if err := x.refresh(ctx, following); err != nil {
			return err
		}
	}
	if len(s.Tasks) > 0 && !s.held(time.Now()) {
		return x.wake(ctx)
	}
	return nil
}

// behind reports whether others have changed what is in force.
func (x *Indexer) behind(s *state) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return s.Generation != x.generation
}
