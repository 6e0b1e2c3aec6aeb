// Package storage keeps every version of every resource, the index that search
// finds them by, the ledger of use, accounts and jobs, in SQLite or PostgreSQL.
// Its door is Open; a *Store is a fhir.Store.
//
// One logical schema serves both databases:
//
//	registry     small numbers for resource types and search parameters
//	resource     one row a resource: identity and current version
//	history      every version with its body, deletions included; only added to
//	sp_*         the index, one narrow table a kind of parameter
//	uniq_key     business identifiers that only one resource may bear
//	ledger       how much of a bucket each source took; SQLite keeps their sums in ledger_sum
//	account      users of HTTP Basic and API clients
//	job_wait     unique jobs that wait; the jobs themselves are River's
//
// A rid is the row id of a resource, a vid that of a version: both are
// milliseconds since 2020 shifted by 22 bits, plus a counter. A resource's rid is
// the vid of its first version and never changes, so "newest first" is rid
// descending, history is vid descending, and an update writes only the index rows
// that changed. Every key begins with part, the scheme, which is 0 today.
//
// Codes, systems, ids and identifiers are indexed by 64 bits of SHA-256: nobody
// can make two values collide that search would then confuse, and where a chance
// collision would matter the text is kept and compared.
//
// The package never looks into a body and knows nothing of FHIR's types but their
// names.
package storage

import (
	"context"
	"database/sql"
	"log/slog"
	"strings"
	"time"

	"gorm.io/gorm"

	"bima/fhir"
	"bima/storage/query"
	"bima/storage/rowid"
)

// Options are what Open takes beyond the database; the zero value is good.
type Options struct {
	Log *slog.Logger // nil discards
	// Now is the clock of the versions; nil is the database's own on PostgreSQL,
	// so that several processes agree, and this machine's on SQLite.
	Now func() time.Time
	// StatementTimeout ends a statement that takes longer; 0 is 30 s.
	StatementTimeout time.Duration
	// Connections bounds the connections that read (SQLite) or that work at all
	// (PostgreSQL); 0 is four a processor, at least eight.
	Connections int
	// SlowSearch is how long the statements of a search may take before the log
	// tells of them; 0 never tells.
	SlowSearch time.Duration
}

// A Store keeps every version of every resource in one database. It implements
// fhir.Store and is safe for concurrent use.
type Store struct {
	log      *slog.Logger
	now      func() time.Time // nil: the database's clock
	timeout  time.Duration
	slow     time.Duration // from which on a search is logged; 0 is never
	ids      *rowid.Source
	registry *registry
	cold     *sql.DB // for what gorm, goose and River do
	gorm     *gorm.DB
	dialect  dialect
	jobs     inserter
	building building
}

// A dialect is what differs between the two databases.
type dialect interface {
	view(ctx context.Context, read func(*reader) error) error
	// glance is view for one statement.
	glance(ctx context.Context, read func(*reader) error) error
	update(ctx context.Context, write func(*writer) error) error
	// put writes the rows of one version.
	put(w *writer, p *putting) error
	// lock takes locks to the end of the transaction, in the order given.
	lock(w *writer, names []string) error
	// share takes locks that others may share, in the order given.
	share(w *writer, names []string) error
	// sql gives what differs in the SQL of searches.
	sql() query.Dialect
	// explain gives the database's plan of a statement; with run as it went.
	explain(c conn, one *ran, run bool) ([]string, error)
	// wipe gives statements that delete all index rows of a resource, its texts
	// first.
	wipe() []string
	// forUpdate ends a select whose resources no other may change meanwhile.
	forUpdate() string
	// await adds the name of a unique job, or tells that it waits already.
	await(w *writer, kind, name string) (waits bool, err error)
	// sqlTx gives the transaction as River wants it.
	sqlTx(w *writer) (*sql.Tx, error)
	// newest is the statement for the newest version, and what PostgreSQL sees.
	newest() string
	// settle waits until no version can appear behind those that are visible.
	settle(r *reader) error
	// writing gives the transactions that write now, or those of some that still
	// do. On SQLite what writes comes one after the other, so that there is none.
	writing(ctx context.Context, among []string) ([]string, error)
	// post adds entries of a source to the ledger, in place of those it has where
	// it may have some.
	post(w *writer, source string, entries []fhir.Entry, replace bool) error
	// entries writes where the entries of accounts are, under further conditions.
	entries(b *query.Builder, accounts []string, conditions func())
	// tally sums the ledger of some accounts.
	tally(r *reader, t fhir.Tally, accounts []string) ([]fhir.Balance, error)
	// pools and sizes tell figures of the connections and of the files.
	pools(stats map[string]float64)
	sizes(c conn, stats map[string]float64) error
	ready(ctx context.Context) error
	close() error
}

// Open opens the database of the DSN, "sqlite:<path>", "sqlite::memory:" or
// "postgres://…", makes or migrates its tables, and gives the Store. The memory
// of "sqlite::memory:" is a temporary file that Close removes.
func Open(ctx context.Context, dsn string, o Options) (*Store, error) {
	s := &Store{
		log: o.Log, now: o.Now, timeout: o.StatementTimeout, slow: o.SlowSearch,
		ids: rowid.NewSource(), registry: newRegistry(),
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.timeout == 0 {
		s.timeout = 30 * time.Second
	}
	var err error
	switch {
	case strings.HasPrefix(dsn, "sqlite:"):
		err = s.openSQLite(ctx, strings.TrimPrefix(dsn, "sqlite:"), o)
	case strings.HasPrefix(dsn, "postgres://"), strings.HasPrefix(dsn, "postgresql://"):
		err = s.openPostgres(ctx, dsn, o)
	default:
		return nil, fhir.Errorf(fhir.IssueNotSupported, "", "The database must be given as sqlite:<path> or postgres://…")
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

// View runs read against one consistent snapshot.
func (s *Store) View(ctx context.Context, read func(fhir.Reader) error) error {
	ctx, end := fhir.Trace(ctx, "view")
	err := s.dialect.view(ctx, func(r *reader) error {
		return contained(func() error { return read(r) })
	})
	err = outcome(err)
	end(err)
	return err
}

// Update runs write in one transaction. After a Put that failed the transaction
// can only end: Update then gives that error, also where write gave none. An
// Update must not call Update: on SQLite it would wait for itself.
func (s *Store) Update(ctx context.Context, write func(fhir.Writer) error) error {
	ctx, end := fhir.Trace(ctx, "update")
	err := s.dialect.update(ctx, func(w *writer) error {
		err := contained(func() error { return write(w) })
		if err == nil {
			err = w.failed
		}
		if err == nil {
			err = w.tell()
		}
		return err
	})
	err = outcome(err)
	end(err)
	return err
}

// Read gives the current version of one resource, as a Reader's Read does, but
// without the cost of a snapshot: one statement is one already.
func (s *Store) Read(ctx context.Context, k fhir.Key) (resource *fhir.Resource, err error) {
	ctx, end := fhir.Trace(ctx, "read")
	err = s.dialect.glance(ctx, func(r *reader) error {
		resource, err = r.Read(k)
		return err
	})
	err = outcome(err)
	end(err)
	return resource, err
}

// Ready reports whether the database answers; IssueNoStore if not.
func (s *Store) Ready(ctx context.Context) error {
	if err := s.dialect.ready(ctx); err != nil {
		return fhir.Errorf(fhir.IssueNoStore, "", "The database does not answer.").Because(err)
	}
	return nil
}

// Close waits for what runs and closes the database.
func (s *Store) Close() error { return s.dialect.close() }
