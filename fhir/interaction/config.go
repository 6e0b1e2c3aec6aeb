package interaction

import (
	"log/slog"
	"time"

	"bima/fhir"
	"bima/fhir/conformance"
	"bima/fhir/interaction/integrity"
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

	Terminology fhir.Terminology // knows value sets; nil refuses the searches that need one
	Profiles    fhir.Profiles    // holds resources against profiles; nil knows none
	Claimed     Claimed          // what is done about profiles that a resource claims
	Integrity   Integrity        // which references must lead to something

	// Conformance is what the server says of itself that the Engine can't know;
	// the Engine fills in the rest.
	Conformance conformance.Facts
}

// A Claimed says what is done on a write about the profiles that a resource
// claims in meta.profile and that Config.Profiles knows; others claim nothing
// that this server could tell. Source: R4 profiling#using.
type Claimed string

// The ways to treat claimed profiles.
const (
	ClaimedEnforce Claimed = ""     // what does not meet them is refused; the default
	ClaimedWarn    Claimed = "warn" // what does not meet them is stored, with warnings
	ClaimedIgnore  Claimed = "off"  // they are not looked at
)

// Limits bound what one request may ask for. A zero limit takes its default.
type Limits struct {
	BundleEntries   int           // entries of a Bundle; default 5,000
	BundleBytes     int           // bytes of a Bundle, and of the answers to what it asks; default 64 MiB
	PageDefault     int           // resources a page where _count is absent; default 20
	PageMax         int           // resources a page; a larger _count is lowered to it; default 1,000
	PageBytes       int           // bytes of matches after which a page of a search ends; default 16 MiB
	Includes        int           // resources _include and _revinclude may add to a page; default 1,000
	IncludeRounds   int           // rounds of :iterate; default 5
	PatchOperations int           // operations of a patch; default 1,000
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
	or(&l.PageBytes, 16<<20)
	or(&l.Includes, 1_000)
	or(&l.IncludeRounds, 5)
	or(&l.PatchOperations, 1_000)
	or(&l.DeleteMatches, 1)
	if l.SearchTime <= 0 {
		l.SearchTime = 30 * time.Second
	}
	return l
}

// An Integrity says which references must lead to something: local ones, relative or
// below Config.Base, in resources of the Types. Such a resource is refused while
// it refers to what is not there, and what it refers to can't be deleted. It
// binds callers; what the server writes of its own right is for its modules.
type Integrity struct {
	Mode  IntegrityMode
	Types []string // nil stands for OwnedTypes
}

// An IntegrityMode says whether references are looked at.
type IntegrityMode string

// The modes of Integrity.
const (
	IntegrityNone  IntegrityMode = "none" // "" is this as well
	IntegrityLocal IntegrityMode = "local"
)

// OwnedTypes gives the types of resources that a scheme makes itself, so that it
// can know all they refer to. Persons, claims and requests come from other
// systems, which may not send all that they know.
func OwnedTypes() []string {
	return []string{
		"ChargeItemDefinition", "ClaimResponse", "Contract", "Coverage", "CoverageEligibilityResponse",
		"Group", "InsurancePlan", "Invoice", "PaymentNotice",
	}
}

// guard gives what looks at references; nil where nothing does.
func (i Integrity) guard(base string) *integrity.Guard {
	if i.Mode != IntegrityLocal {
		return nil
	}
	types := i.Types
	if types == nil {
		types = OwnedTypes()
	}
	return integrity.New(base, types)
}

// Capabilities gives the CapabilityStatement, computed from what is loaded, and
// its entity tag, which stays the same as long as the abilities do.
// Source: R4 capabilitystatement.
func (e *Engine) Capabilities() (body []byte, etag string) {
	// There always is a statement of everything.
	d, _ := e.documents.Capabilities(conformance.ModeFull)
	return d.Body, d.ETag
}

// Conformance gives the documents that tell what the server can do.
func (e *Engine) Conformance() *conformance.Documents { return e.documents }

// facts gives all that the server says of itself.
func (e *Engine) facts(c Config) conformance.Facts {
	f := c.Conformance
	f.Base, f.Software, f.Version, f.Security = e.base, c.Software, c.Version, c.Security
	f.Parameters, f.DeleteMultiple, f.Date = e.search, e.limits.DeleteMatches > 1, e.now()
	var offered []fhir.Operation
	for _, operations := range e.operations {
		offered = append(offered, operations...)
	}
	f.Operations, f.Guarded = offered, e.integrity.Guards
	if f.PatchFormats == nil {
		f.PatchFormats = PatchTypes()
	}
	return f
}
