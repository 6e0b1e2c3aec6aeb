package storage

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"bima/fhir"
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
	ctx   context.Context
	held  *sql.Conn
	pgx   *pgx.Conn
	begin string // the statement that begins the transaction
	clock bool   // ask the database's clock when it begins
	begun bool
	at    time.Time // the database's clock, where it was asked
	tx    *sql.Tx   // for River, made when it is needed
}

// askClock takes the transaction's number before the time: whoever sees a version
// of a later time can wait for all transactions that began before; see settle.
const askClock = "SELECT pg_current_xact_id()::text::int8, (extract(epoch FROM clock_timestamp()) * 1000)::int8"

// batch adds what begins the transaction before the caller's statements.
func (c *postConn) batch() *pgx.Batch {
	b := &pgx.Batch{}
	if c.begun {
		return b
	}
	c.begun = true
	b.Queue(c.begin)
	if c.clock {
		b.Queue(askClock).QueryRow(func(row pgx.Row) error {
			var number, millis int64
			err := row.Scan(&number, &millis)
			c.at = time.UnixMilli(millis).UTC()
			return err
		})
	}
	return b
}

// prologue reads the answers to what batch added.
func (c *postConn) prologue(results pgx.BatchResults, b *pgx.Batch, own int) error {
	for _, q := range b.QueuedQueries[:len(b.QueuedQueries)-own] {
		if q.Fn == nil {
			if _, err := results.Exec(); err != nil {
				return err
			}
		} else if err := q.Fn(results); err != nil {
			return err
		}
	}
	return nil
}

// start begins the transaction without a statement of the caller's.
func (c *postConn) start() error {
	if c.begun {
		return nil
	}
	b := c.batch()
	results := c.pgx.SendBatch(c.ctx, b)
	err := c.prologue(results, b, 0)
	if end := results.Close(); err == nil {
		err = end
	}
	return err
}

func (c *postConn) exec(query string, args ...any) (int64, error) {
	if c.begun {
		tag, err := c.pgx.Exec(c.ctx, query, args...)
		return tag.RowsAffected(), err
	}
	b := c.batch()
	b.Queue(query, args...)
	results := c.pgx.SendBatch(c.ctx, b)
	err := c.prologue(results, b, 1)
	var affected int64
	if err == nil {
		tag, failed := results.Exec()
		affected, err = tag.RowsAffected(), failed
	}
	if end := results.Close(); err == nil {
		err = end
	}
	return affected, err
}

func (c *postConn) query(query string, args ...any) (rows, error) {
	if c.begun {
		return c.pgx.Query(c.ctx, query, args...)
	}
	b := c.batch()
	b.Queue(query, args...)
	results := c.pgx.SendBatch(c.ctx, b)
	err := c.prologue(results, b, 1)
	if err == nil {
		var r pgx.Rows
		if r, err = results.Query(); err == nil {
			return &batchRows{r, results}, nil
		}
	}
	_ = results.Close()
	return nil, err
}

// search has every statement planned for its values: one code may be that of
// half the resources and the next of one.
func (c *postConn) search(query string, args ...any) (rows, error) {
	if err := c.start(); err != nil {
		return nil, err
	}
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

// end commits or rolls back. Nothing is to be ended where nothing began.
func (c *postConn) end(ctx context.Context, how string) error {
	if c.tx != nil {
		_ = c.tx.Rollback()
	}
	if !c.begun {
		return nil
	}
	tag, err := c.pgx.Exec(ctx, how)
	if err == nil && how == "COMMIT" && tag.String() != "COMMIT" {
		err = fmt.Errorf("the database answered COMMIT with %s", tag)
	}
	return err
}

// put implements dialect: all statements of a version in one round trip.
func (d *post) put(w *writer, p *putting) error {
	c := w.conn.(*postConn)
	b := c.batch()
	begun := b.Len()
	if !p.only {
		d.point(b, p)
		b.Queue("INSERT INTO history (vid, part, rid, typ, ver, op, zip, body) VALUES ($1, 0, $2, $3, $4, $5, $6, $7)",
			p.vid, p.rid, p.typ, p.expect+1, p.op, p.zip, p.body)
	}
	if p.wipe {
		for _, t := range indexTables {
			b.Queue("DELETE FROM "+t+" WHERE part = 0 AND rid = $1", p.rid)
		}
	}
	queue(b, uniqueTable, p.rid, p.uniques)
	uniques := b.Len() - 1
	queue(b, tokenTable, p.rid, p.tokens)
	queue(b, stringTable, p.rid, p.strings)
	queue(b, dateTable, p.rid, p.dates)
	queue(b, numberTable, p.rid, p.numbers)
	queue(b, quantityTable, p.rid, p.quantities)
	queue(b, referenceTable, p.rid, p.references)
	queue(b, uriTable, p.rid, p.uris)
	queue(b, compositeTable, p.rid, p.composites)
	counts, err := c.send(b)
	if !p.only && len(counts) > begun && counts[begun] == 0 {
		return versionConflict(p.key, p.expect)
	}
	if err != nil {
		return err
	}
	if n := len(p.uniques.added); n > 0 && counts[uniques] < int64(n) {
		return w.taken(p)
	}
	return nil
}

// send runs a batch and gives how many rows each statement touched, up to the
// one that failed.
func (c *postConn) send(b *pgx.Batch) (counts []int64, err error) {
	results := c.pgx.SendBatch(c.ctx, b)
	for _, q := range b.QueuedQueries {
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
	if end := results.Close(); err == nil {
		err = end
	}
	return counts, err
}

func (d *post) point(b *pgx.Batch, p *putting) {
	if p.expect == 0 {
		b.Queue("INSERT INTO resource (part, rid, typ, fh, fid, ver, vid, updated, deleted) "+
			"VALUES (0, $1, $2, $3, $4, 1, $5, $6, $7) ON CONFLICT (part, typ, fh) DO NOTHING",
			p.rid, p.typ, p.fh, p.key.ID, p.vid, p.updatedMicros, flag(p.deleted))
		return
	}
	b.Queue("UPDATE resource SET ver = $3, vid = $4, updated = $5, deleted = $6 WHERE part = 0 AND rid = $1 AND ver = $2",
		p.rid, p.expect, p.expect+1, p.vid, p.updatedMicros, flag(p.deleted))
}

func flag(b bool) int16 {
	if b {
		return 1
	}
	return 0
}

// queue adds the statements of one table: what goes, then what comes.
func queue[T comparable](b *pgx.Batch, t *table[T], rid int64, c change[T]) {
	if len(c.gone) > 0 {
		b.Queue(t.postDelete, t.arrays(rid, c.gone)...)
	}
	if len(c.added) > 0 {
		b.Queue(t.postInsert, t.arrays(rid, c.added)...)
	}
}

// post implements dialect.
func (d *post) post(w *writer, source string, entries []fhir.Entry) error {
	if len(entries) == 0 {
		return nil
	}
	n := len(entries)
	accounts, buckets, days, values := make([]string, n), make([]string, n), make([]int32, n), make([]int64, n)
	for i, e := range entries {
		accounts[i], buckets[i], days[i], values[i] = stored(e.Account), stored(e.Bucket), e.Day, e.Value
	}
	_, err := w.conn.exec("INSERT INTO ledger (part, source, account, bucket, day, value) "+
		"SELECT 0, $1, u.* FROM unnest($2::text[], $3::text[], $4::int4[], $5::int8[]) u",
		source, accounts, buckets, days, values)
	return err
}

// lock implements dialect. One statement takes all locks in the order given; an
// order of locks that two calls of one transaction make wrong ends in a deadlock
// that PostgreSQL finds, and the transaction runs again.
func (d *post) lock(w *writer, names []string) error {
	if len(names) == 0 {
		return nil
	}
	hashes := make([]int64, len(names))
	for i, name := range names {
		hashes[i] = hash64(name)
	}
	_, err := w.conn.exec("SELECT pg_advisory_xact_lock(h) FROM unnest($1::int8[]) h", hashes)
	return err
}

// await implements dialect; see Enqueue.
func (d *post) await(w *writer, kind, name string) (waits bool, err error) {
	for {
		r, err := w.conn.query("SELECT 1 FROM job_wait WHERE kind = $1 AND name = $2 FOR KEY SHARE", kind, name)
		if err := each(r, err, func(rows) error { waits = true; return nil }); err != nil || waits {
			return waits, err
		}
		if n, err := w.conn.exec(insertWait, kind, name); err != nil || n == 1 {
			return false, err
		}
	}
}

// sqlTx implements dialect: a *sql.Tx of the connection whose transaction we
// began ourselves.
func (d *post) sqlTx(w *writer) (_ *sql.Tx, err error) {
	c := w.conn.(*postConn)
	if err := c.start(); err != nil {
		return nil, err
	}
	if c.tx == nil {
		c.tx, err = c.held.BeginTx(context.WithoutCancel(w.ctx), nil)
	}
	return c.tx, err
}

// inMany implements dialect.
func (d *post) inMany(b *builder, column string, values []int64) {
	b.write(column, " = ANY(", b.arg(values), "::int8[])")
}

// joinInOrder implements dialect. PostgreSQL knows better from its statistics.
func (d *post) joinInOrder() string { return "JOIN" }

// plans implements dialect.
func (d *post) plans() bool { return true }

// byRow implements dialect.
func (d *post) byRow(string) string { return "" }

// forUpdate implements dialect.
func (d *post) forUpdate() string { return " FOR UPDATE OF r" }
