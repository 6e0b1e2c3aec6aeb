package fhir

import (
	"context"
	"time"
)

// A Module is one self-contained ability of the server. It meets the server in
// these places, and other modules only through stored resources.
type Module struct {
	Name       string
	Screens    []Screen    // asked about what a client sends, before a transaction begins
	Rules      []Rule      // asked inside the write transaction, before the version is stored
	Operations []Operation // [base]/<Type>/[<id>/]$<code>
	Reactions  []Reaction  // once, at the end of the transaction, over all its changes
	Notices    []Notice    // after the commit, in this process only
	Workers    []Worker    // do the jobs, at least once, after the commit
	Unique     []Identifier
	Daily      []Daily // work of every day of the scheme
	Holders    []Holder
	Keepers    []Keeper // asked before the Rules, what to store of what a caller sends
	Veils      []Veil   // over callers who must not see all
}

// A Change is one resource written by a transaction: Before is nil where there
// was none or it was deleted, After is nil where it is deleted now.
type Change struct {
	Key
	Method        Method
	Before, After *Resource
	Node          Node // the tree of After; absent for a deletion
	// Was and Index are what Before and After are found by. Reactions have them,
	// Rules do not; nil where there is no such version.
	Was, Index *Index
}

// A Screen refuses what a client sends by an Outcome, before the transaction that
// would store it begins. So it may take time, and ask other systems. What a patch
// makes of a resource it does not see.
type Screen struct {
	Types []string // the resource types it is shown
	Look  func(ctx context.Context, n Node) error
}

// A Rule refuses writes by an Outcome. It may read, but changes nothing.
type Rule struct {
	Types []string // the resource types it is asked about
	Check func(ctx context.Context, r Reader, c Change) error
}

// A Reaction does what follows from the changes of a transaction, inside it:
// more writes, or jobs; no I/O. It sees all changes at once, and those that
// Reactions make are shown to all Reactions again until none is new.
type Reaction struct {
	Name  string
	Types []string // the resource types it wants to hear of; nil is all, without the tree
	React func(ctx context.Context, tx Tx, changes []Change) error
}

// A Notice is told what a transaction of this process has changed, after its
// commit and before whoever asked for it is answered. It is for what a Module
// keeps in memory and for nothing else: other processes, and this one after a
// crash, are told nothing.
type Notice struct {
	Types []string // the resource types it wants to hear of; nil is all
	Tell  func(ctx context.Context, changed []Key)
}

// A Worker does the jobs of one kind. A job that fails is tried again later.
type Worker struct {
	Kind string
	Work func(ctx context.Context, s Server, args []byte) error
}

// An Operation is [base]/$code, [base]/Type/$code or [base]/Type/id/$code.
type Operation struct {
	Code       string   // without the dollar sign
	Types      []string // nil where it is not on a type
	System     bool     // may be called on [base]
	Type       bool     // may be called on [base]/Type
	Instance   bool     // may be called on [base]/Type/id
	Affects    bool     // changes state: no GET, unless there is a Look
	Sums       bool     // adds up what a caller may not see one by one, so that no Veil is over what it reads
	Whole      []string // the types of which it goes through all: refused to whom a Veil hides some of one
	Definition string   // canonical URL of its OperationDefinition
	Handle     func(ctx context.Context, s Server, on Key, in *Resource) (*Response, error)
	// Look answers a GET of an operation that Affects: how far it is. It changes
	// nothing; nil refuses GET.
	Look func(ctx context.Context, s Server, on Key, in *Resource) (*Response, error)
	// Apart tells that the entries of a batch Bundle are taken or refused each by
	// itself: what is invalid in one, or Screens refuse of it, is told to Handle by
	// Screened, and does not refuse the others.
	Apart bool
}

// An Identifier declares a system of business identifiers that are unique among
// the resources of a type: no two may bear the same value.
type Identifier struct{ Type, System string }

// A Daily is work that a module does once for every day of the scheme, soon after
// the day begins: what expires, what falls due. A day that was missed is worked
// when the server runs again, the earliest first; a day may be worked twice, so
// Work must change nothing the second time.
type Daily struct {
	Name string // "policy-expiry"
	// Work is given the first moment of the day in the scheme's time zone.
	Work func(ctx context.Context, s Server, day time.Time) error
}

// A Holder says more about a business identifier that belongs to another resource
// than that it does: whom to ask, in words that tell nothing private.
type Holder struct {
	Type string // of the resources that bear the identifiers
	// Tell gives a sentence for whoever was refused, or "". It reads what others
	// have committed.
	Tell func(r Reader, t Taken) (string, error)
}

// A Keeper keeps back what a caller sends and nobody may read again, such as the
// password of an endpoint.
type Keeper struct {
	Types []string
	// Keep gives the body to store in place of the one sent, nil to store that;
	// Before of the Change is what is there.
	Keep func(ctx context.Context, tx Tx, c Change) ([]byte, error)
}
