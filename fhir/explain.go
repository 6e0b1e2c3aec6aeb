package fhir

import "time"

// A Plan is how a Store ran a query, for whoever has to make it faster.
type Plan struct {
	Statements []PlannedStatement
}

// A PlannedStatement is one statement of a Plan.
type PlannedStatement struct {
	Purpose string // "walk from the newest", "count"
	SQL     string // with its values as $1, $2
	Values  []string
	Plan    []string // the database's own account, a line each
	Rows    int64
	Took    time.Duration
}

// An Explainer is a Reader that can tell how it runs a query. It runs it.
type Explainer interface {
	Explain(q *Query) (*Page, *Plan, error)
}

// A Referrers is a Reader that finds the current resources that refer to one, by
// any element, at most limit of them, in no order.
type Referrers interface {
	Referrers(k Key, limit int) ([]Key, error)
}

// A Sharer is a Writer with locks that several may have at once: Share takes them to
// the end of the transaction beside others who share them, never beside who has one
// of them by Lock.
type Sharer interface {
	Share(names ...string) error
}

// A ManyReferrers is a Reader that does for many resources at once what a
// Referrers does for one; a resource that refers to several is given once.
type ManyReferrers interface {
	ReferrersOf(of []Key, limit int) ([]Key, error)
}

// An Ahead is a Reader that can read along with what it is asked next, which saves a
// database that is far away a way there and back. ReadAhead begins ReadMany; what it
// returns gives what that gives.
type Ahead interface {
	ReadAhead(keys []Key) func() ([]*Resource, error)
}

// A Purger is a Writer that can forget. Purge removes the versions of a resource
// before the current one, or with wholly every version, its index and its ledger
// entries, so that no trace of it is left but an id that may be used again.
type Purger interface {
	Purge(k Key, wholly bool) error
}

// PurgedAccount is the account of the ledger that says of each resource type, by its
// buckets, how many resources of it were purged wholly: no history tells of those.
const PurgedAccount = "purged"

// A Reviser is a Writer that can change a version without making another. Revise
// stores another body of the version r.Version, which must be there and no
// deletion. Of the current version index and before are what the body and the one
// before are found by; of an older one both are nil. Source: R4
// resource-operation-meta-add ("does not cause a new version").
type Reviser interface {
	Revise(r *Resource, index, before *Index) error
}

// A Head names the current version of a resource, without its body.
type Head struct {
	Key
	// Stamp differs between any two versions there ever were, also where one was
	// rolled back or its id was forgotten and used again.
	Stamp int64
}

// A HeadReader is a Reader that tells which versions a query finds without
// reading their bodies, so that what was made of a body may be kept for as long
// as the version is the current one.
type HeadReader interface {
	// Heads gives the first Limit resources of a query, the newest first; Sort,
	// After and Total are not looked at.
	Heads(q *Query) ([]Head, error)
}

// A Sampler is a Reader that can give, for each value that resources have of a
// parameter, one resource that has it, however many do.
type Sampler interface {
	// Samples gives such resources of the types, nil being all. The parameter is a
	// token or a URI; a value of several types gives a resource of each. At most
	// limit are given.
	Samples(types []string, p Param, limit int) ([]Key, error)
}
