package interaction

import (
	"context"
	"io"
	"log/slog"
	"time"

	"bima/fhir"
	"bima/fhir/conformance"
	"bima/fhir/search"
)

// A Config is what an Engine is made of.
type Config struct {
	Store    fhir.Store
	Modules  []fhir.Module
	Search   *search.Registry
	Base     string         // the absolute URL of [base], such as "https://example.org/fhir"
	Zone     *time.Location // of dates without a zone; nil is UTC
	Log      *slog.Logger   // nil logs nothing
	Limits   Limits
	CheckOwn bool             // validate what Reactions write too; on in tests
	Now      func() time.Time // for the ids made; nil is the real clock
	Security []string         // codes of R4's restful-security-service that callers may use, such as "Basic"
	Software string           // the name in the CapabilityStatement; "" is "Bima"
	Version  string           // of the software

	// Conformance is what the server says of itself that the Engine can't know;
	// the Engine fills in the rest.
	Conformance conformance.Facts
}

// Limits bound what one request may ask for. A zero limit takes its default.
type Limits struct {
	BundleEntries   int           // entries of a Bundle; default 5,000
	BundleBytes     int           // bytes of a Bundle; default 64 MiB
	PageDefault     int           // resources a page where _count is absent; default 20
	PageMax         int           // resources a page; a larger _count is lowered to it; default 1,000
	Includes        int           // resources _include and _revinclude may add to a page; default 1,000
	IncludeRounds   int           // rounds of :iterate; default 5
	PatchOperations int           // operations of a JSON Patch; default 1,000
	DeleteMatches   int           // resources one conditional delete may delete; default 1
	SearchTime      time.Duration // of one search; default 30 s
}

func (l Limits) orDefault() Limits {
	or := func(n *int, value int) {
		if *n <= 0 {
			*n = value
		}
	}
	or(&l.BundleEntries, 5_000)
	or(&l.BundleBytes, 64<<20)
	or(&l.PageDefault, 20)
	or(&l.PageMax, 1_000)
	or(&l.Includes, 1_000)
	or(&l.IncludeRounds, 5)
	or(&l.PatchOperations, 1_000)
	or(&l.DeleteMatches, 1)
	if l.SearchTime <= 0 {
		l.SearchTime = 30 * time.Second
	}
	return l
}

// An Engine performs interactions for the caller in the context. It implements
// fhir.Server and is safe for concurrent use. Every error it gives is a
// *fhir.Outcome.
type Engine struct {
	store      fhir.Store
	single     singleReader // the store, where it is one
	search     *search.Registry
	base       string
	zone       *time.Location
	log        *slog.Logger
	limits     Limits
	checkOwn   bool
	now        func() time.Time
	rules      map[string][]fhir.Rule
	reactions  []fhir.Reaction
	notices    []fhir.Notice
	operations map[string][]fhir.Operation
	unique     map[string][]string // the systems of unique identifiers, by type
	heard      map[string]bool     // the types that Rules or Reactions want the tree of

	documents *conformance.Documents
}

// New makes an Engine. It fails when two modules offer the same operation.
func New(c Config) (*Engine, error) {
	e := &Engine{
		store: c.Store, search: c.Search, base: c.Base, zone: c.Zone, log: c.Log,
		limits: c.Limits.orDefault(), checkOwn: c.CheckOwn, now: c.Now,
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
	e.documents = conformance.NewDocuments(func() conformance.Facts { return e.facts(c) })
	return e, nil
}

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
// before and after it at hand: by role today; scopes and compartments belong
// here as well. An auditor reads and never writes, and who has no role at all
// has no business here. It refuses with an Outcome of IssueForbidden.
func allow(caller fhir.Caller, c fhir.Change) error {
	for _, role := range caller.Roles {
		if role != fhir.RoleAuditor {
			return nil
		}
	}
	return fhir.Errorf(fhir.IssueForbidden, "", "%s has no role that may change %s", caller.Name, c.Type)
}
