package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"bima/fhir"
	"bima/storage/index"
	"bima/storage/query"
)

// post is the PostgreSQL dialect: READ COMMITTED with compare-and-set on the
// version for what writes, REPEATABLE READ for what reads.
type post struct {
	store      *Store
	hot        *sql.DB
	analyzer   analyzer
	trips      atomic.Int64 // there and back
	background sync.WaitGroup
	life       context.Context // of what runs in the background
	stop       context.CancelFunc
}

// coldConnections bounds the connections of gorm and River, and the two that say that
// the process lives.
const coldConnections = 9

// migrateLock is the advisory lock under which one process migrates.
const migrateLock = 0x62696d61

func (s *Store) openPostgres(ctx context.Context, dsn string, o Options) error {
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		return fhir.Errorf(fhir.IssueValue, "", "The address of the PostgreSQL database can't be read.").Because(err)
	}
	settings(config, s.timeout)
	d := &post{store: s, hot: sql.OpenDB(postConnector{stdlib.GetConnector(*config)})}
	d.life, d.stop = context.WithCancel(context.WithoutCancel(ctx))
	s.dialect, s.cold = d, stdlib.OpenDB(*config)
	n := o.Connections
	if n == 0 {
		n = max(8, 4*runtime.NumCPU())
	}
	d.hot.SetMaxOpenConns(n)
	d.hot.SetMaxIdleConns(n)
	d.hot.SetConnMaxIdleTime(5 * time.Minute)
	s.cold.SetMaxOpenConns(coldConnections)
	s.cold.SetMaxIdleConns(2)
	if err := d.open(ctx); err != nil {
		_ = d.close()
		return outcome(err)
	}
	return nil
}

// settings gives every connection what the statements count on.
func settings(config *pgx.ConnConfig, timeout time.Duration) {
	defaults := map[string]string{
		"application_name":                    "bima",
		"timezone":                            "UTC",
		"statement_timeout":                   strconv.FormatInt(timeout.Milliseconds(), 10),
		"idle_in_transaction_session_timeout": "600000",
		"jit":                                 "off",   // compiling costs more than our statements take
		"random_page_cost":                    "1.1",   // of solid-state disks; 4 makes it read whole tables
		"parallel_setup_cost":                 "20000", // workers take ten milliseconds to begin
	}
	for name, value := range defaults {
		if _, given := config.RuntimeParams[name]; !given {
			config.RuntimeParams[name] = value
		}
	}
	config.StatementCacheCapacity = 512
	config.DescriptionCacheCapacity = 512
}

func (d *post) open(ctx context.Context) error {
	s := d.store
	var err error
	if s.gorm, err = gorm.Open(postgres.New(postgres.Config{Conn: s.cold}), &gorm.Config{
		SkipDefaultTransaction: true, Logger: logger.Discard,
	}); err != nil {
		return err
	}
	if err := d.migrate(ctx); err != nil {
		return err
	}
	if s.jobs, err = river.NewClient(riverdatabasesql.New(s.cold), &river.Config{}); err != nil {
		return err
	}
	return d.view(ctx, func(r *reader) error { return s.registry.load(r.conn) })
}

// migrate lets one process migrate and the others wait for it.
func (d *post) migrate(ctx context.Context) (err error) {
	lock, err := d.store.cold.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	if _, err := lock.ExecContext(ctx, "SET statement_timeout = 0"); err != nil {
		return err
	}
	if _, err := lock.ExecContext(ctx, "SELECT pg_advisory_lock($1)", migrateLock); err != nil {
		return err
	}
	defer func() {
		_, unlock := lock.ExecContext(ctx, "SELECT pg_advisory_unlock($1)", migrateLock)
		_, reset := lock.ExecContext(ctx, "RESET statement_timeout")
		err = errors.Join(err, unlock, reset)
	}()
	return migrate(ctx, d.store.cold, "postgres")
}

// conn takes a connection for one transaction.
func (d *post) conn(ctx context.Context, begin string) (*postConn, error) {
	held, err := d.hot.Conn(ctx)
	if err != nil {
		return nil, errors.Join(errUnreachable, err)
	}
	c := &postConn{ctx: ctx, held: held, begin: begin, trips: &d.trips}
	c.limit, c.own = patience(ctx)
	err = held.Raw(func(raw any) error {
		pg, ok := raw.(*postDriverConn)
		if !ok {
			return fmt.Errorf("the PostgreSQL driver gives a %T", raw)
		}
		c.pgx = pg.Conn.Conn()
		return nil
	})
	if err != nil {
		_ = held.Close()
		return nil, err
	}
	return c, nil
}

// patience gives how long a statement of work that nobody waits for may take, in
// milliseconds: to its deadline, or with 0 as long as it wants. own is false where
// the limit of all statements holds.
func patience(ctx context.Context) (limit int64, own bool) {
	if !fhir.IsUnhurried(ctx) {
		return 0, false
	}
	end, limited := ctx.Deadline()
	if !limited {
		return 0, true
	}
	return max(time.Until(end).Milliseconds(), 1), true
}

func (d *post) view(ctx context.Context, read func(*reader) error) error {
	return d.reading(ctx, false, read)
}

func (d *post) glance(ctx context.Context, read func(*reader) error) error {
	return d.reading(ctx, true, read)
}

// reading gives read a connection: alone, where every statement is a transaction
// of its own, or else within one snapshot.
func (d *post) reading(ctx context.Context, alone bool, read func(*reader) error) (err error) {
	c, err := d.conn(ctx, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
	if err != nil {
		return err
	}
	c.begun = alone
	defer func() {
		var end error
		if !alone {
			end = c.rollback(context.WithoutCancel(ctx))
		}
		release := c.held.Close()
		if err == nil {
			err = errors.Join(end, release)
		}
	}()
	return read(&reader{session{began: time.Now(), ctx: ctx, store: d.store, conn: c, names: readNumbers{d.store.registry, c}}})
}

// update lets the versions of a transaction wait for each other, to share round
// trips. Where one of them meets another's, the transaction runs again with each
// version sent at once, so that its Put tells what is the matter.
func (d *post) update(ctx context.Context, write func(*writer) error) error {
	together := true
	return repeatedly(ctx, func(floor time.Time) error {
		err := d.attempt(ctx, floor, together, write)
		if together {
			err = apart(err)
		}
		together = together && !errors.Is(err, errApart)
		return err
	})
}

func (d *post) attempt(ctx context.Context, floor time.Time, together bool, write func(*writer) error) (err error) {
	c, err := d.conn(ctx, "BEGIN ISOLATION LEVEL READ COMMITTED")
	if err != nil {
		return err
	}
	c.clock, c.together = true, together
	done := false
	defer func() {
		if !done {
			_ = c.rollback(context.WithoutCancel(ctx))
		}
		if release := c.held.Close(); err == nil {
			err = release
		}
	}()
	w := newWriter(session{began: time.Now(), ctx: ctx, store: d.store, conn: c, names: postNumbers{readNumbers{d.store.registry, c}, ctx, d}})
	w.floor = floor
	w.moved = func() bool { return c.locked }
	w.clock = func() (time.Time, error) {
		at, err := c.time()
		c.locked = false
		if d.store.now != nil {
			at = d.store.now()
		}
		return at, err
	}
	err = write(w)
	if c.broken != nil {
		err = c.broken // what write made of it may not tell that it should run again
	}
	if err == nil {
		err = c.commit()
	}
	if err != nil {
		return err
	}
	done = true
	d.wrote(w.puts)
	return nil
}

// postNumbers is the numbering of an Update. A new number is committed at once
// by another connection, for whoever needs it next.
type postNumbers struct {
	readNumbers
	ctx  context.Context
	post *post
}

func (n postNumbers) number(typ, code string) (int32, error) {
	if p, ok := n.registry.find(typ, code); ok {
		return p.number, nil
	}
	const insert = "INSERT INTO registry (type, code) VALUES ($1, $2) ON CONFLICT DO NOTHING"
	const find = "SELECT id, building FROM registry WHERE type = $1 AND code = $2"
	p := param{typ: typ, code: code}
	for range 2 {
		err := n.post.store.cold.QueryRowContext(n.ctx, find, typ, code).Scan(&p.number, &p.building)
		if err == nil {
			n.registry.add(p)
			return p.number, nil
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return 0, err
		}
		if _, err := n.post.store.cold.ExecContext(n.ctx, insert, typ, code); err != nil {
			return 0, err
		}
	}
	return 0, fmt.Errorf("the registry takes no number for %s %s", typ, code)
}

func (d *post) ready(ctx context.Context) error {
	return d.view(ctx, func(r *reader) error {
		rs, err := r.conn.query("SELECT 1")
		return each(rs, err, func(rows) error { return nil })
	})
}

func (d *post) close() error {
	d.stop()
	d.background.Wait()
	return errors.Join(d.hot.Close(), d.store.cold.Close())
}

// lockAll takes locks one after the other, and tells by the database's clock when each
// was had: who waits for one writes at a later time than who had it before, so that
// versions are of the order in which they followed from each other.
const lockAll = "SELECT pg_advisory_xact_lock(h)::text, (extract(epoch FROM clock_timestamp()) * 1000)::int8 FROM unnest($1::int8[]) h"

// lock implements dialect. What is asked next is sent along with it, and sees
// what was committed until the locks were had: under READ COMMITTED each
// statement looks anew. One statement takes all locks in the order given; an
// order of locks that two calls of one transaction make wrong ends in a deadlock
// that PostgreSQL finds, and the transaction runs again.
func (d *post) lock(w *writer, names []string) error {
	if len(names) == 0 {
		return nil
	}
	c := w.conn.(*postConn)
	return c.wait(0, func(b *pgx.Batch) {
		b.Queue(lockAll, hashesOf(names)).Query(func(rs pgx.Rows) error {
			for rs.Next() {
				var millis int64
				if err := rs.Scan(nil, &millis); err != nil {
					return err
				}
				c.at, c.locked = time.UnixMilli(millis).UTC(), true
			}
			return rs.Err()
		})
	})
}

// shareAll takes locks that others may share, one after the other.
const shareAll = "SELECT pg_advisory_xact_lock_shared(h)::text FROM unnest($1::int8[]) h"

// share implements dialect. As with lock, what is asked next sees what was
// committed until the locks were had.
func (d *post) share(w *writer, names []string) error {
	if len(names) == 0 {
		return nil
	}
	return w.conn.(*postConn).wait(0, func(b *pgx.Batch) {
		b.Queue(shareAll, hashesOf(names)).Exec(func(pgconn.CommandTag) error { return nil })
	})
}

func hashesOf(names []string) []int64 {
	hashes := make([]int64, len(names))
	for i, name := range names {
		hashes[i] = index.Hash(name)
	}
	return hashes
}

// wipe implements dialect.
func (d *post) wipe() []string { return index.WipePostgres }

// sql implements dialect.
func (d *post) sql() query.Dialect { return query.Postgres{} }

// forUpdate implements dialect.
func (d *post) forUpdate() string { return " FOR UPDATE OF r" }

// PostgreSQL looks a minute after a bulk load what the tables hold, and until
// then plans as if they were empty. So a process that has written much asks for
// it: first after analyzeFirst versions, then each time they have grown by
// analyzeGrowth.
const (
	analyzeFirst   = 500
	analyzeGrowth  = 4
	analyzeTimeout = 5 * time.Minute
)

// analyzer counts versions and renews the statistics, one run at a time.
type analyzer struct {
	written, next atomic.Int64
	running       atomic.Bool
}

// wrote counts the versions of a transaction that committed.
func (d *post) wrote(versions int) {
	a := &d.analyzer
	if a.written.Add(int64(versions)) < max(a.next.Load(), analyzeFirst) || !a.running.CompareAndSwap(false, true) {
		return
	}
	a.next.Store(a.written.Load() * analyzeGrowth)
	d.background.Go(func() {
		defer a.running.Store(false)
		ctx, cancel := context.WithTimeout(d.life, analyzeTimeout)
		defer cancel()
		tables := "resource, history, ledger, sp_text, " + strings.Join(index.Tables, ", ")
		if _, err := d.store.cold.ExecContext(ctx, "ANALYZE "+tables); err != nil && d.life.Err() == nil {
			d.store.log.Warn("renewing the statistics", "error", err)
		}
	})
}
