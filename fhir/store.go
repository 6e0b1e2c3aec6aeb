package fhir

import (
	"context"
	"time"
)

// A Store keeps every version of every resource. It is safe for concurrent use.
type Store interface {
	// View runs read against one consistent snapshot.
	View(ctx context.Context, read func(Reader) error) error
	// Update runs write in one transaction. Versions, index rows, ledger and jobs
	// commit together, or none does. After a serialisation conflict, or when its
	// group has to be taken apart, write runs again, so it must touch nothing
	// outside its Writer.
	Update(ctx context.Context, write func(Writer) error) error
}

// A Reader reads one consistent state. It belongs to one goroutine and ends with
// the function it was given to.
type Reader interface {
	// Read gives the current version; of a deleted resource the deletion, with
	// Deleted set. What never existed is an Outcome of IssueNotFound.
	Read(k Key) (*Resource, error)
	// ReadVersion gives a version, which may be a deletion. A version that never
	// existed is an Outcome of IssueNotFound.
	ReadVersion(k Key, version int64) (*Resource, error)
	// ReadMany gives the current versions of those keys that exist and are not
	// deleted, in no order.
	ReadMany(keys []Key) ([]*Resource, error)
	// Search runs a query. A parameter whose index is not complete yet is an
	// Outcome of IssueIncomplete; a cursor that is not ours, of IssueValue.
	Search(q *Query) (*Page, error)
	// History gives versions, newest first.
	History(q *HistoryQuery) (*Page, error)
	// Owner gives the resource that bears a business identifier.
	Owner(u UniqueKey) (k Key, ok bool, err error)
	// Tally sums the ledger: for each of the accounts the entries of each bucket
	// on days From <= day < To, leaving out those of the source.
	Tally(t Tally) ([]Balance, error)
}

// A Writer writes in one transaction. What it reads includes what it wrote.
type Writer interface {
	Reader
	// Lock takes locks that last to the end of the transaction, in an order of
	// its own, so that two callers never wait for each other.
	Lock(names ...string) error
	// Put stores a version; see Version. When the resource's version is not the
	// one expected it fails with an Outcome of IssueConflict and
	// DetailVersionConflict; when another resource bears one of its unique keys,
	// with IssueDuplicate and DetailUnique.
	Put(v Version) error
	// Reindex writes anew the whole index of a resource that this transaction has
	// put and not deleted. It makes no version.
	Reindex(k Key, x *Index) error
	// Post replaces all ledger entries of a source by the given ones.
	Post(source Key, entries []Entry) error
	// Enqueue adds a job, which is worked after the commit, at least once.
	Enqueue(j Job) error
	// Record adds events, in their order, and numbers them.
	Record(events []Event) error
	// Confide keeps what a Subscriber must be sent and nobody may read, in place
	// of what there was; it makes the Subscriber known, and due at once.
	Confide(subscription string, secret []byte) error
	// Dismiss forgets a Subscriber with its events and its secret.
	Dismiss(subscription string) error
	// Now is the time of the transaction: UTC, whole milliseconds, and later than
	// the last version of each resource it writes. It moves on where a Lock was had
	// that others held meanwhile, so that who comes later under a lock writes later.
	Now() time.Time
}

// A Version is what Writer.Put stores: Resource.Version must be Expect + 1.
type Version struct {
	Resource *Resource
	Expect   int64  // the current version, also if it is a deletion; 0 where there was none
	Index    *Index // of Resource; nil for a deletion
	Before   *Index // of the version before, so that only what changed is written; nil rewrites all
}

// An Entry is one line of the ledger of use: how much of a bucket a source took.
// Source: design, The decision (deductibles, ceilings, quantities, counts).
type Entry struct {
	Account string // who: "Contract/pol-77", or "Contract/pol-77|Patient/asha"
	Bucket  string // what: "ceiling", "deductible", "quantity|S-310"
	Day     int32  // when: days since 1970-01-01 of the service
	Value   int64  // ten-thousandths: an Amount, or a quantity
}

// A Tally asks for the sums of accounts.
type Tally struct {
	Accounts []string
	From, To int32 // days since 1970-01-01, From in it, To not; both 0 is all time
	Except   Key   // the source whose own entries don't count
	Apart    bool  // a Balance for each source and day, instead of their sum
}

// A Balance is the sum of one account and bucket.
type Balance struct {
	Account, Bucket string
	Value           int64
	LastDay         int32 // the latest day among its entries
	Source          Key   // of a Tally that tells them apart
}

// A Job is work to be done after the commit.
type Job struct {
	Kind   string // names the Worker
	Args   []byte // JSON
	Unique string // no second waiting job of the kind bears it; "" allows any number
	At     time.Time
}

// Tree gives the tree of a resource that is there; absent where it is not, was
// deleted, or the key is zero.
func Tree(r Reader, k Key) (Node, error) {
	if k.IsZero() {
		return Node{}, nil
	}
	resource, err := r.Read(k)
	if HasIssue(err, IssueNotFound) || err == nil && resource.Deleted {
		return Node{}, nil
	}
	if err != nil {
		return Node{}, err
	}
	doc, err := Parse(resource.Body)
	if err != nil {
		return Node{}, err
	}
	return doc.Root(), nil
}
