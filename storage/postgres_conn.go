package storage

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// postConnector makes connections whose database/sql transactions do nothing:
// we begin and end them ourselves, together with other statements, and River
// still gets the *sql.Tx it asks for.
type postConnector struct{ driver.Connector }

// Connect implements driver.Connector.
func (c postConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &postDriverConn{conn.(*stdlib.Conn)}, nil
}

type postDriverConn struct{ *stdlib.Conn }

// BeginTx implements driver.ConnBeginTx.
func (*postDriverConn) BeginTx(context.Context, driver.TxOptions) (driver.Tx, error) {
	return noTx{}, nil
}

// Begin implements driver.Conn.
func (*postDriverConn) Begin() (driver.Tx, error) { return noTx{}, nil }

type noTx struct{}

// Commit implements driver.Tx.
func (noTx) Commit() error { return nil }

// Rollback implements driver.Tx.
func (noTx) Rollback() error { return nil }

// postConn is one transaction on one PostgreSQL connection. It begins with its
// first statement, in the same round trip.
type postConn struct {
	ctx    context.Context
	held   *sql.Conn
	pgx    *pgx.Conn
	begin  string    // the statement that begins the transaction
	limit  int64     // how long its statements may take, in milliseconds, where not as all do; 0 is as long as they want
	own    bool      // whether the limit is its own
	clock  bool      // ask the database's clock when it begins
	begun  bool      // whether what begins it waits or was sent
	open   bool      // whether it was sent
	at     time.Time // the database's clock, where it was asked: as it began, or as it had its last lock
	trips  *atomic.Int64
	locked bool    // it had a lock since time was called
	tx     *sql.Tx // for River, made when it is needed

	together bool       // whether versions wait for the next statement that answers
	waiting  *pgx.Batch // what waits
	weight   int        // the bytes of bodies that wait
	broken   error      // of what had waited
}

// askClock takes the transaction's number before the time: whoever sees a version
// of a later time can wait for all transactions that began before; see settle.
const askClock = "SELECT pg_current_xact_id()::text::int8, (extract(epoch FROM clock_timestamp()) * 1000)::int8"

// start lets what begins the transaction wait for its first statement.
func (c *postConn) start() {
	if c.begun {
		return
	}
	c.begun, c.waiting, c.weight = true, &pgx.Batch{}, 0
	b := c.waiting
	b.Queue(c.begin)
	if c.own {
		b.Queue("SELECT set_config('statement_timeout', $1, true)", strconv.FormatInt(c.limit, 10))
	}
	if c.clock {
		b.Queue(askClock).QueryRow(func(row pgx.Row) error {
			var number, millis int64
			err := row.Scan(&number, &millis)
			c.at = time.UnixMilli(millis).UTC()
			return err
		})
	}
}

// time gives the database's clock as the transaction began, or as it had its last lock.
func (c *postConn) time() (time.Time, error) {
	c.start()
	if c.at.IsZero() {
		return c.at, c.flush()
	}
	return c.at, nil
}

func (c *postConn) exec(query string, args ...any) (int64, error) {
	results, err := c.follow(query, args)
	if err != nil {
		return 0, err
	}
	if results == nil {
		c.trips.Add(1)
		tag, err := c.pgx.Exec(c.ctx, query, args...)
		return tag.RowsAffected(), err
	}
	tag, err := results.Exec()
	if end := results.Close(); err == nil {
		err = end
	}
	return tag.RowsAffected(), err
}

func (c *postConn) query(query string, args ...any) (rows, error) {
	results, err := c.follow(query, args)
	if err != nil {
		return nil, err
	}
	if results == nil {
		c.trips.Add(1)
		return c.pgx.Query(c.ctx, query, args...)
	}
	r, err := results.Query()
	if err != nil {
		_ = results.Close()
		return nil, err
	}
	return &batchRows{r, results}, nil
}

// follow sends a statement in one round trip with what waits, and gives the
// results from its own on; nil where nothing waits, and it is not sent.
func (c *postConn) follow(query string, args []any) (pgx.BatchResults, error) {
	c.start()
	b := c.waiting
	if c.broken != nil || b == nil {
		return nil, c.broken
	}
	c.waiting = nil
	first := b.QueuedQueries
	b.Queue(query, args...)
	results := c.dispatch(b)
	if _, c.broken = read(results, first); c.broken == nil {
		return results, nil
	}
	_ = results.Close()
	return nil, c.broken
}

// dispatch sends statements without waiting for their answers.
func (c *postConn) dispatch(b *pgx.Batch) pgx.BatchResults {
	c.open = true
	c.trips.Add(1)
	return c.pgx.SendBatch(c.ctx, b)
}

// search has every statement planned for its values: one code may be that of
// half the resources and the next of one.
func (c *postConn) search(query string, args ...any) (rows, error) {
	c.start()
	if err := c.flush(); err != nil {
		return nil, err
	}
	c.trips.Add(1)
	return c.pgx.Query(c.ctx, query, append([]any{pgx.QueryExecModeCacheDescribe}, args...)...)
}

// batchRows ends the batch that its rows are the last part of.
type batchRows struct {
	pgx.Rows
	results pgx.BatchResults
}

// Close implements rows.
func (r *batchRows) Close() {
	r.Rows.Close()
	_ = r.results.Close()
}

// rollback takes everything back. Nothing is to be ended where nothing began.
func (c *postConn) rollback(ctx context.Context) error {
	c.release()
	if !c.open {
		return nil
	}
	c.trips.Add(1)
	_, err := c.pgx.Exec(ctx, "ROLLBACK")
	return err
}

// commit commits, in one round trip with what waits: when any of that fails, the
// database skips the COMMIT.
func (c *postConn) commit() error {
	c.release()
	if c.broken != nil || !c.open && c.waiting == nil {
		return c.broken
	}
	b := c.waiting
	if b == nil {
		b = &pgx.Batch{}
	}
	c.waiting = nil
	b.Queue("COMMIT").Exec(func(tag pgconn.CommandTag) error {
		if tag.String() != "COMMIT" {
			return fmt.Errorf("the database answered COMMIT with %s", tag)
		}
		return nil
	})
	_, err := c.send(b)
	return err
}

// release ends what River was given.
func (c *postConn) release() {
	if c.tx != nil {
		_ = c.tx.Rollback()
	}
}

// What waits is sent when it reaches either bound, in statements and in bytes.
const (
	waitingMax      = 512
	waitingBytesMax = 4 << 20
)

// wait adds statements that nobody asks the answer of to those that wait for the
// next one that somebody does, or for the end: they share its round trip. Where
// a transaction runs apart they are sent at once.
func (c *postConn) wait(weight int, add func(b *pgx.Batch)) error {
	if c.broken != nil {
		return c.broken
	}
	c.start()
	if c.waiting == nil {
		c.waiting, c.weight = &pgx.Batch{}, 0
	}
	add(c.waiting)
	c.weight += weight
	if c.together && c.waiting.Len() < waitingMax && c.weight < waitingBytesMax {
		return nil
	}
	return c.flush()
}

// flush sends what waits. What follows could only fail after it failed.
func (c *postConn) flush() error {
	b := c.waiting
	if c.broken != nil || b == nil {
		return c.broken
	}
	c.waiting = nil
	_, c.broken = c.send(b)
	return c.broken
}

// errApart asks for the transaction to run again, each version sent at once: one
// that waited met the version or the identifier of another.
var errApart = errors.Join(errAgain, errors.New("each version apart"))

// apart makes of an error of versions that waited errApart where only the version
// sent by itself can tell what it means.
func apart(err error) error {
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == "23505" {
		switch pg.ConstraintName {
		case "resource_id", "history_version", "uniq_key_pkey":
			return errApart
		}
	}
	if pg != nil && pg.Code == "23502" && pg.TableName == "history" {
		return errApart // the resource is no longer at the version expected
	}
	return err
}

// put implements dialect: all statements of a version in one round trip, which
// it shares with others where it may wait.
func (d *post) put(w *writer, p *putting) error {
	c := w.conn.(*postConn)
	if c.together {
		return c.wait(len(p.body), func(b *pgx.Batch) { d.queue(b, p, true) })
	}
	c.start()
	if err := c.flush(); err != nil {
		return err
	}
	b := &pgx.Batch{}
	uniques := d.queue(b, p, false)
	counts, err := c.send(b)
	if !p.only && len(counts) > 0 && counts[0] == 0 {
		return versionConflict(p.key, p.expect)
	}
	if err != nil {
		return err
	}
	if n := p.rows.Uniques(); n > 0 && counts[uniques] < int64(n) {
		return w.taken(p)
	}
	return nil
}

// queue adds the statements of a version, and gives the place of the one that
// adds its business identifiers. Strict ones fail where another was first, the
// others then touch no row, which leaves the transaction usable.
func (d *post) queue(b *pgx.Batch, p *putting, strict bool) (uniques int) {
	if !p.only {
		d.point(b, p, strict)
		rid := "$2"
		if p.expect > 0 {
			rid = "(SELECT rid FROM resource WHERE part = 0 AND rid = $2 AND vid = $1)"
		}
		b.Queue("INSERT INTO history (vid, part, rid, typ, ver, op, zip, body) VALUES ($1, 0, "+rid+", $3, $4, $5, $6, $7)",
			p.vid, p.rid, p.typ, p.expect+1, p.op, p.zip, p.body)
	}
	if p.wipe {
		for _, statement := range d.wipe() {
			b.Queue(statement, p.rid)
		}
	}
	add := func(statement string, args ...any) { b.Queue(statement, args...) }
	p.rows.QueueUniques(add, p.rid, strict)
	uniques = b.Len() - 1
	p.rows.Queue(add, p.rid)
	return uniques
}

// send runs a batch and gives how many rows each statement touched, up to the
// one that failed.
func (c *postConn) send(b *pgx.Batch) (counts []int64, err error) {
	results := c.dispatch(b)
	counts, err = read(results, b.QueuedQueries)
	if end := results.Close(); err == nil {
		err = end
	}
	return counts, err
}

// read reads the answers to statements, up to the one that failed.
func read(results pgx.BatchResults, queries []*pgx.QueuedQuery) (counts []int64, err error) {
	for _, q := range queries {
		var count int64
		if q.Fn != nil {
			err = q.Fn(results)
		} else {
			tag, failed := results.Exec()
			count, err = tag.RowsAffected(), failed
		}
		if err != nil {
			break
		}
		counts = append(counts, count)
	}
	return counts, err
}

// point makes the resource's row point at the version. An update that comes too
// late touches no row; the history then refuses the version for want of a rid.
func (d *post) point(b *pgx.Batch, p *putting, strict bool) {
	if p.expect == 0 {
		insert := "INSERT INTO resource (part, rid, typ, fh, fid, ver, vid, updated, deleted) VALUES (0, $1, $2, $3, $4, 1, $5, $6, $7)"
		if !strict {
			insert += " ON CONFLICT (part, typ, fh) DO NOTHING"
		}
		b.Queue(insert, p.rid, p.typ, p.fh, p.key.ID, p.vid, p.updatedMicros, flag(p.deleted))
		return
	}
	b.Queue("UPDATE resource SET ver = $3, vid = $4, updated = $5, deleted = $6 WHERE part = 0 AND rid = $1 AND ver = $2 AND vid = $7",
		p.rid, p.expect, p.expect+1, p.vid, p.updatedMicros, flag(p.deleted), p.from)
}

func flag(b bool) int16 {
	if b {
		return 1
	}
	return 0
}
