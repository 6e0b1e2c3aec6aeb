package storage

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"bima/fhir"
	"bima/storage/index"
)

// writer implements fhir.Writer in one transaction.
type writer struct {
	reader
	tx     *sql.Tx // of the same transaction, for River
	clock  func() (time.Time, error)
	moved  func() bool // whether the clock tells a later time than it told; nil is never
	now    time.Time
	first  time.Time // what Now gave first
	floor  time.Time // Now is later than it
	failed error     // of the first Put that failed
	puts   int
	seen   map[fhir.Key]seen
	posted map[fhir.Key]bool // sources it posted for
	events []fhir.Event      // what subscribers are to be told, before it is numbered
}

// seen is what a transaction knows of a resource's current version.
type seen struct {
	rid, vid, version int64 // all 0 where there is none
	updated           time.Time
	deleted           bool
	created           bool // by this transaction, under an id made for it
}

// again asks for the transaction to run once more with a later clock.
type again struct{ floor time.Time }

func (a again) Error() string { return "the transaction must run again after " + a.floor.String() }

func (a again) Is(target error) bool { return target == errAgain }

func newWriter(s session) *writer {
	return &writer{reader: reader{s}, seen: map[fhir.Key]seen{}, posted: map[fhir.Key]bool{}}
}

// Now implements fhir.Writer. The clock is asked once, and once more after a lock that
// others may have held.
func (w *writer) Now() time.Time {
	if !w.now.IsZero() && (w.moved == nil || !w.moved()) {
		return w.now
	}
	at, err := w.clock()
	if err != nil {
		w.fail(err)
		at = time.Now()
	}
	at = at.UTC().Truncate(time.Millisecond)
	if !at.After(w.floor) {
		at = w.floor.Add(time.Millisecond)
	}
	if w.now.IsZero() {
		w.first, w.now = at, at
	}
	if at.After(w.now) {
		w.now = at
	}
	return w.now
}

func (w *writer) fail(err error) error {
	if err != nil && w.failed == nil {
		w.failed = err
	}
	return err
}

// Read implements fhir.Reader, and remembers what Put will need.
func (w *writer) Read(k fhir.Key) (*fhir.Resource, error) {
	rid, vid, resource, err := w.current(k)
	if err != nil {
		return nil, w.fail(err)
	}
	if resource == nil {
		w.seen[k] = seen{}
		return nil, missing(k)
	}
	w.remember(k, rid, vid, resource)
	return resource, nil
}

// ReadAhead implements fhir.Ahead: on PostgreSQL the statement waits for the next
// one that answers, and shares its round trip.
func (w *writer) ReadAhead(keys []fhir.Key) func() ([]*fhir.Resource, error) {
	later := func() ([]*fhir.Resource, error) { return w.ReadMany(keys) }
	c, far := w.conn.(*postConn)
	if !far || !c.together {
		return later
	}
	wanted, parts, err := w.parts(keys)
	if err != nil || len(parts) == 0 || len(parts) > readTypesMax {
		return later
	}
	var found []stub
	arrived := false
	b := w.lookUp(parts)
	err = c.wait(0, func(batch *pgx.Batch) {
		batch.Queue(b.String(), b.Args...).Query(func(rs pgx.Rows) (err error) {
			arrived = true
			found, err = stubs(rs, nil)
			return err
		})
	})
	return func() ([]*fhir.Resource, error) {
		if err == nil && !arrived {
			err = c.flush()
		}
		if err != nil {
			return nil, w.fail(err)
		}
		return w.among(wanted, found, nil)
	}
}

func (w *writer) remember(k fhir.Key, rid, vid int64, r *fhir.Resource) {
	w.seen[k] = seen{rid: rid, vid: vid, version: r.Version, updated: r.Updated, deleted: r.Deleted}
	if r.Updated.After(w.floor) {
		w.floor = r.Updated
	}
}

// Lock implements fhir.Writer.
func (w *writer) Lock(names ...string) error {
	return w.fail(w.store.dialect.lock(w, inOrder(names)))
}

// Share implements fhir.Sharer.
func (w *writer) Share(names ...string) error {
	return w.fail(w.store.dialect.share(w, inOrder(names)))
}

// inOrder gives the names in the order in which everybody takes them, each once.
func inOrder(names []string) []string {
	sorted := slices.Clone(names)
	slices.Sort(sorted)
	return slices.Compact(sorted)
}

// putting is one version on its way into the tables.
type putting struct {
	key           fhir.Key
	typ           int32
	rid, vid      int64
	fh            int64
	expect        int64
	from          int64 // the vid of the version expected: a revised one has another
	updatedMicros int64
	deleted       bool
	op, zip       int64
	body          []byte
	wipe          bool // all rows of the version before go
	only          bool // write index rows and no version
	rows          index.Change
}

// Put implements fhir.Writer.
func (w *writer) Put(v fhir.Version) error {
	if w.failed != nil {
		return w.failed
	}
	p, err := w.prepare(v)
	if err == nil {
		err = w.store.dialect.put(w, p)
	}
	if err != nil {
		return w.fail(err)
	}
	w.puts++
	w.seen[p.key] = seen{
		rid: p.rid, vid: p.vid, version: v.Resource.Version, updated: v.Resource.Updated, deleted: p.deleted,
		created: v.Expect == 0 && v.Resource.Method == fhir.MethodCreate,
	}
	return nil
}

// uses reports whether a source may have entries in the ledger already, and notes
// that it may from now on. One that was created in this transaction bears an id
// that was made for it.
func (w *writer) uses(k fhir.Key) bool {
	replace := !w.seen[k].created || w.posted[k]
	w.posted[k] = true
	return replace
}

func (w *writer) prepare(v fhir.Version) (*putting, error) {
	r := v.Resource
	if r.Version != v.Expect+1 {
		return nil, fmt.Errorf("%s: version %d does not follow %d", r.Key, r.Version, v.Expect)
	}
	before, err := w.before(r.Key, v.Expect)
	if err != nil {
		return nil, err
	}
	if v.Expect > 0 && !r.Updated.Before(w.first) && !r.Updated.After(w.now) && !r.Updated.After(before.updated) {
		return nil, again{before.updated}
	}
	p := &putting{
		key: r.Key, fh: index.Hash(r.ID), expect: v.Expect, updatedMicros: r.Updated.UnixMicro(),
		deleted: r.Deleted, op: opOf(r.Method, r.Deleted, r.Version),
		vid: w.store.ids.Next(r.Updated), rid: before.rid, from: before.vid,
		wipe: v.Expect > 0 && v.Before == nil && !before.deleted,
	}
	if v.Expect == 0 {
		p.rid = p.vid
	}
	if p.typ, err = w.names.number(r.Type, ""); err != nil {
		return nil, err
	}
	if !r.Deleted {
		p.body = r.Body
	}
	return p, w.index(p, v)
}

// before gives what is known of the current version, which must be the one
// expected. What it does not know yet it asks, but for a first version: there
// the insert itself tells.
func (w *writer) before(k fhir.Key, expect int64) (seen, error) {
	known, ok := w.seen[k]
	if !ok && expect > 0 {
		rid, vid, resource, err := w.current(k)
		if err != nil {
			return seen{}, err
		}
		if resource != nil {
			w.remember(k, rid, vid, resource)
			known = w.seen[k]
		}
	}
	if known.version != expect {
		return seen{}, versionConflict(k, expect)
	}
	return known, nil
}

func versionConflict(k fhir.Key, expect int64) error {
	if expect == 0 {
		return fhir.Detailf(fhir.IssueConflict, fhir.DetailVersionConflict, "", "%s is there already; read it and send the change again.", k)
	}
	return fhir.Detailf(fhir.IssueConflict, fhir.DetailVersionConflict, "",
		"%s is no longer at version %d; read it and send the change again.", k, expect)
}

// index gives p the rows that change.
func (w *writer) index(p *putting, v fhir.Version) error {
	var after, before *index.Rows
	var err error
	if after, err = index.Of(p.key.Type, v.Index, w.names.number); err != nil {
		return err
	}
	if p.wipe || v.Expect == 0 {
		before = &index.Rows{}
	} else if before, err = index.Of(p.key.Type, v.Before, w.names.number); err != nil {
		return err
	}
	p.rows = index.Between(before, after)
	return nil
}

// taken names the business identifier that another resource bears.
func (w *writer) taken(p *putting) error {
	for _, u := range p.rows.Taken(p.key.Type) {
		k, ok, err := w.Owner(u)
		if err != nil {
			return err
		}
		if ok && k != p.key {
			return fhir.Detailf(fhir.IssueDuplicate, fhir.DetailUnique, "",
				"The identifier %q of %s belongs to another %s.", u.Value, u.Name, p.key.Type).Because(fhir.Taken{Identifier: u, By: k})
		}
	}
	return errors.Join(errAgain, errors.New("an identifier was taken and given back meanwhile"))
}
