package stored

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"bima/fhir"
	"bima/fhir/profile"
)

// A Store is what Profiles need of the database.
type Store interface {
	fhir.Store
	Census(ctx context.Context, typ string) (string, error) // see fhir.EventStore
}

// Options set Profiles up.
type Options struct {
	Store Store
	Known *profile.Set // what is built in and comes with packages
	// Alone says that no other process uses the database, so that there is none to
	// follow.
	Alone bool
	Log   *slog.Logger // nil logs nothing
}

// Profiles are those known and those stored. They are safe for concurrent use.
type Profiles struct {
	store Store
	known *profile.Set
	alone bool
	log   *slog.Logger

	inForce atomic.Pointer[force]
	behind  atomic.Bool // whether a change of this process could not be read

	mu   sync.Mutex        // of one refresh at a time
	mark string            // of what is in force, as the census tells it
	kept map[fhir.Key]held // what was read of each StructureDefinition
}

// A force is what is in force at one time. It is never changed.
type force struct {
	set     *profile.Set
	sources []*profile.Source
	edition uint64
	bytes   int
}

// A held is what was read of one version.
type held struct {
	stamp  int64
	source *profile.Source // nil where there is no profile in it
}

var (
	_ fhir.Profiles        = (*Profiles)(nil)
	_ fhir.ClaimProfiles   = (*Profiles)(nil)
	_ fhir.ProfileExaminer = (*Profiles)(nil)
)

// New makes Profiles that know nothing stored before Start.
func New(o Options) *Profiles {
	p := &Profiles{store: o.Store, known: o.Known, alone: o.Alone, log: o.Log, kept: map[fhir.Key]held{}}
	if p.log == nil {
		p.log = slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	p.inForce.Store(&force{set: o.Known})
	return p
}

// Check implements fhir.Profiles.
func (p *Profiles) Check(n fhir.Node, canonical string) (issues []fhir.Issue, known bool) {
	return p.inForce.Load().set.Check(n, canonical)
}

// CheckClaim implements fhir.ClaimProfiles.
func (p *Profiles) CheckClaim(n fhir.Node, canonical string) (issues []fhir.Issue, known bool) {
	return p.inForce.Load().set.Claim(n, canonical)
}

// Versions implements fhir.ProfileExaminer.
func (p *Profiles) Versions(canonical string) []string {
	return p.inForce.Load().set.Versions(canonical)
}

// Profiles gives the canonical URLs of the profiles on a resource type that are in
// force, drafts left out.
func (p *Profiles) Profiles(typ string) []string { return p.inForce.Load().set.Profiles(typ) }

// Edition is another number whenever other profiles are in force.
func (p *Profiles) Edition() uint64 { return p.inForce.Load().edition }

// Examine implements fhir.ProfileExaminer: it tells what would come of storing a
// StructureDefinition, by those in force.
func (p *Profiles) Examine(n fhir.Node) []fhir.Issue {
	now := p.inForce.Load()
	id := n.Get("id").Text()
	source, why := profile.ReadSource(n, id)
	if source == nil {
		return why
	}
	with := make([]*profile.Source, 0, len(now.sources)+1)
	bytes := source.Bytes()
	for _, other := range now.sources {
		if id == "" || other.ID() != id {
			with = append(with, other)
			bytes += other.Bytes()
		}
	}
	if len(with) >= storedMax || bytes > bytesMax {
		return []fhir.Issue{tooMany()}
	}
	return append(why, p.known.Over(append(with, source)).Examine(source)...)
}

// What stored profiles may be at most. Large guides have some 500 profiles and
// extensions, of 10 KiB each without what profiles are not compiled from.
const (
	storedMax = 10_000
	bytesMax  = 64 << 20
)

func tooMany() fhir.Issue {
	return fhir.Errorf(fhir.IssueTooCostly, "StructureDefinition", "%d stored profiles, or %d MiB of their rules, are in force already: delete those that nobody uses, or load them as a package when the server starts", storedMax, bytesMax>>20).Issues[0]
}

// Module gives the part of the Profiles in the server: what a transaction of this
// process stores is in force before it is answered.
func (p *Profiles) Module() fhir.Module {
	return fhir.Module{
		Name:    "profiles",
		Rules:   []fhir.Rule{{Types: []string{definitionType}, Check: allowed}},
		Notices: []fhir.Notice{{Types: []string{definitionType}, Tell: p.hear}},
	}
}

// allowed refuses who may not say what resources of others must be like.
func allowed(ctx context.Context, _ fhir.Reader, _ fhir.Change) error {
	caller, _ := fhir.CallerOf(ctx)
	if caller.IsSystem() || caller.Has(fhir.RoleIntegration) {
		return nil
	}
	return fhir.Errorf(fhir.IssueForbidden, definitionType, "only who has the role integration or administrator may write StructureDefinitions: others' resources are refused by them")
}

const definitionType = "StructureDefinition"

// hear puts in force what was committed. Where that fails, Watch does it.
func (p *Profiles) hear(ctx context.Context, _ []fhir.Key) {
	// The write is done: that its caller went away changes nothing.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), hearTime)
	defer cancel()
	if err := p.refresh(ctx); err != nil {
		p.behind.Store(true)
		p.log.Warn("a stored profile takes effect late", "error", err, "cause", errors.Unwrap(err))
	}
}

// followPause is how soon a process notices what another has stored, and hearTime
// how long an answer waits at most for what was stored to be in force.
const (
	followPause = time.Second
	hearTime    = 10 * time.Second
)

// Start puts in force what is stored.
func (p *Profiles) Start(ctx context.Context) error { return p.refresh(ctx) }

// Watch follows what other processes store, until ctx ends.
func (p *Profiles) Watch(ctx context.Context) error {
	return watch(ctx, p.log, "the stored profiles of the database", p.follow)
}

// watch follows again and again, until ctx ends.
func watch(ctx context.Context, log *slog.Logger, what string, follow func(context.Context) error) error {
	tick := time.NewTicker(followPause)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if err := follow(ctx); err != nil && ctx.Err() == nil {
			log.Warn(what+" can't be followed", "error", err, "cause", errors.Unwrap(err))
		}
	}
}

// follow does what Watch does, once.
func (p *Profiles) follow(ctx context.Context) error {
	late := p.behind.Swap(false)
	if p.alone && !late {
		return nil
	}
	mark, err := p.census(ctx)
	p.mu.Lock()
	same := mark == p.mark
	p.mu.Unlock()
	if err == nil && (late || !same) {
		err = p.refresh(ctx)
	}
	if err != nil && late {
		p.behind.Store(true)
	}
	return err
}

// census gives a text that another commit of another process makes another.
func (p *Profiles) census(ctx context.Context) (string, error) {
	if p.alone {
		return "", nil
	}
	return p.store.Census(ctx, definitionType)
}
