package interaction

import (
	"context"
	"io"
	"log/slog"
	"sync/atomic"
	"time"

	"bima/fhir"
	"bima/fhir/conformance"
	"bima/fhir/interaction/integrity"
	"bima/fhir/search"
)

// An Engine performs interactions for the caller in the context. It implements
// fhir.Server and is safe for concurrent use. Every error it gives is a
// *fhir.Outcome.
type Engine struct {
	current *atomic.Pointer[Engine] // the Engine of the search parameters in force, shared by all of one house
	search  *search.Registry

	store      fhir.Store
	single     singleReader // the store, where it is one
	base       string
	zone       *time.Location
	log        *slog.Logger
	limits     Limits
	checkOwn   bool
	now        func() time.Time
	screens    map[string][]fhir.Screen
	rules      map[string][]fhir.Rule
	reactions  []fhir.Reaction
	notices    []fhir.Notice
	holders    []fhir.Holder
	keepers    map[string][]fhir.Keeper
	veils      []fhir.Veil
	operations map[string][]fhir.Operation
	unique     map[string][]string // the systems of unique identifiers, by type
	heard      map[string]bool     // the types that Reactions want the tree of

	terminology fhir.Terminology
	profiles    fhir.Profiles
	claimed     Claimed
	integrity   *integrity.Guard // nil where references are not looked at

	documents *conformance.Documents
}

// New makes an Engine. It fails when two modules offer the same operation.
func New(c Config) (*Engine, error) {
	e := &Engine{
		store: c.Store, search: c.Search, base: c.Base, zone: c.Zone, log: c.Log,
		limits: c.Limits.orDefault(), checkOwn: c.CheckOwn, now: c.Now,
		current: new(atomic.Pointer[Engine]), terminology: c.Terminology, profiles: c.Profiles, claimed: c.Claimed,
		integrity: c.Integrity.guard(c.Base),
	}
	e.single, _ = c.Store.(singleReader)
	if e.zone == nil {
		e.zone = time.UTC
	}
	if e.log == nil {
		e.log = slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	if e.now == nil {
		e.now = time.Now
	}
	if err := e.mount(c.Modules); err != nil {
		return nil, err
	}
	e.documents = conformance.NewDocuments(func() conformance.Facts { return e.pinned().facts(c) })
	e.current.Store(e)
	return e, nil
}

// SetSearch puts other search parameters in force. Interactions under way end
// with those they began with.
func (e *Engine) SetSearch(r *search.Registry) {
	for {
		old := e.current.Load()
		next := *old
		next.search = r
		if e.current.CompareAndSwap(old, &next) {
			return
		}
	}
}

// SearchParameters gives the search parameters that are in force.
func (e *Engine) SearchParameters() *search.Registry { return e.pinned().search }

// pinned gives the Engine with the search parameters that are in force now. Each
// interaction goes on with that one, so that it knows one set of parameters from
// its beginning to its end.
func (e *Engine) pinned() *Engine { return e.current.Load() }

// A Write is the body of a writing interaction and the headers that make it
// conditional, as they were sent; "" is an absent one.
type Write struct {
	Body        []byte
	IfMatch     string // W/"3": the version the caller has seen
	IfNoneMatch string // *: only where there is none yet
	IfNoneExist string // criteria: only where none matches
}

// A Result is what a writing interaction did.
type Result struct {
	Resource *fhir.Resource // the current version; of a deletion the deletion, nil where there was nothing
	Created  bool           // whether it is the first version, or the first after a deletion
	Issues   []fhir.Issue   // warnings
	Private  bool           // whether the scopes of the caller's token don't let him read what is in it
}

// SearchOptions complete the text of a search.
type SearchOptions struct {
	Lenient     bool     // ignore unknown parameters, saying so in an outcome entry
	Compartment fhir.Key // only resources in the compartment of this one; zero for all
}

// BundleOptions are what the Prefer header asks of a Bundle.
type BundleOptions struct {
	Return  string // minimal, representation or OperationOutcome; "" is minimal
	Lenient bool   // of the searches in it; see SearchOptions
}

// callerOf gives who asks. Nobody does anything unnamed: without a caller in the
// context it fails with an Outcome of IssueLogin.
func callerOf(ctx context.Context) (fhir.Caller, error) {
	caller, ok := fhir.CallerOf(ctx)
	if !ok {
		return caller, fhir.Errorf(fhir.IssueLogin, "", "this server wants to know who asks; send credentials")
	}
	return caller, nil
}

// allow is where a caller's right to make a change is asked, with the version
// before and after it at hand: by role, and by the scopes of his token. An auditor
// reads and never writes, and who has no role at all
// has no business here. It refuses with an Outcome of IssueForbidden. What he may
// read is asked by scoped.Reader, which Engine.View gives.
func allow(caller fhir.Caller, c fhir.Change) error {
	for _, role := range caller.Roles {
		if role != fhir.RoleAuditor {
			return caller.Grant.Need(accessOf(c), c.Type)
		}
	}
	return fhir.Errorf(fhir.IssueForbidden, "", "%s has no role that may change %s", caller.Name, c.Type)
}

// accessOf gives the scope that a change needs. Source: SMART App Launch 2.2 (an
// update that creates is allowed by the scope to update).
func accessOf(c fhir.Change) fhir.Access {
	switch {
	case c.Method == fhir.MethodCreate:
		return fhir.AccessCreate
	case c.Method == fhir.MethodDelete:
		return fhir.AccessDelete
	}
	return fhir.AccessUpdate
}
