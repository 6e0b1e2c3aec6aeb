package storage

import (
	"context"
	"database/sql"

	"github.com/jackc/pgx/v5"

	"bima/fhir"
)

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
