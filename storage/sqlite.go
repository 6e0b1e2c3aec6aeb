package storage

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
	litedriver "modernc.org/sqlite"

	"bima/fhir"
	"bima/storage/index"
	"bima/storage/query"
)

// lite is the SQLite dialect: WAL, one connection that writes, several that read.
type lite struct {
	store   *Store
	write   *sql.DB // one connection, shared with River and gorm in turn
	read    *sql.DB
	readers chan *liteReader
	all     []*liteReader
	group   *groupWriter
	folder  string // of a temporary database, or ""
	once    sync.Once
}

// liteReader is one connection that reads.
type liteReader struct {
	held *sql.Conn
	conn *liteConn
}

func (s *Store) openSQLite(ctx context.Context, path string, o Options) error {
	d := &lite{store: s}
	if path == ":memory:" || path == "" {
		folder, err := os.MkdirTemp("", "bima-memory-")
		if err != nil {
			return err
		}
		d.folder, path = folder, filepath.Join(folder, "bima.db")
	}
	err := d.open(ctx, path, o)
	if err != nil {
		_ = d.close()
		return outcome(fmt.Errorf("opening %s: %w", path, err))
	}
	s.dialect = d
	return nil
}

func (d *lite) open(ctx context.Context, path string, o Options) (err error) {
	// A power cut must not lose an answered write, but for one that was to be
	// forgotten anyway.
	synchronous := "FULL"
	if d.folder != "" {
		synchronous = "OFF"
	}
	writing := liteDSN(path, "journal_mode(WAL)", "synchronous("+synchronous+")",
		"cache_size(-65536)", "wal_autocheckpoint(4000)") + "&_txlock=immediate"
	connector, err := litedriver.NewConnector(writing)
	if err != nil {
		return err
	}
	d.write = sql.OpenDB(writeConnector{connector})
	d.write.SetMaxOpenConns(1)
	if err = patiently(ctx, func() error { return d.write.PingContext(ctx) }); err != nil {
		return err
	}
	if err = migrateLite(ctx, writing); err != nil {
		return err
	}
	s := d.store
	s.cold = d.write
	if s.gorm, err = gorm.Open(sqlite.Dialector{Conn: d.write}, &gorm.Config{
		SkipDefaultTransaction: true, Logger: logger.Discard,
	}); err != nil {
		return err
	}
	if d.read, err = sql.Open("sqlite", liteDSN(path, "query_only(1)", "cache_size(-16384)", "mmap_size(268435456)")); err != nil {
		return err
	}
	if s.jobs, err = newLiteInserter(d.write); err != nil {
		return err
	}
	if err = d.openReaders(ctx, o.Connections); err != nil {
		return err
	}
	d.group = startGroupWriter(d)
	return nil
}

// liteDSN gives the driver's form. Only a path with a question mark or percent
// sign needs escaping.
func liteDSN(path string, pragmas ...string) string {
	var b strings.Builder
	b.WriteString("file:" + (&url.URL{Path: path}).EscapedPath())
	b.WriteString("?_pragma=busy_timeout(10000)&_pragma=temp_store(memory)")
	for _, p := range pragmas {
		b.WriteString("&_pragma=" + url.QueryEscape(p))
	}
	return b.String()
}

func (d *lite) openReaders(ctx context.Context, n int) error {
	if n == 0 {
		n = max(8, 4*runtime.NumCPU())
	}
	d.read.SetMaxOpenConns(n)
	d.readers = make(chan *liteReader, n)
	for i := range n {
		held, err := d.read.Conn(ctx)
		if err != nil {
			return fmt.Errorf("connection %s: %w", strconv.Itoa(i), err)
		}
		r := &liteReader{held: held}
		if err := held.Raw(func(c any) error {
			r.conn, err = newLiteConn(c.(driver.Conn))
			return err
		}); err != nil {
			return err
		}
		d.all = append(d.all, r)
		d.readers <- r
	}
	return d.store.registry.load(d.all[0].conn)
}

// view reads within a deferred transaction, which is a snapshot from its first
// statement on.
func (d *lite) view(ctx context.Context, read func(*reader) error) error {
	return d.glance(ctx, func(r *reader) (err error) {
		c := r.conn.(*liteConn)
		if _, err := c.exec("BEGIN"); err != nil {
			return err
		}
		defer func() {
			if _, end := c.on(context.Background()).exec("ROLLBACK"); err == nil {
				err = end
			}
		}()
		return read(r)
	})
}

// glance takes a connection that reads.
func (d *lite) glance(ctx context.Context, read func(*reader) error) error {
	var r *liteReader
	select {
	case r = <-d.readers:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() {
		r.conn.on(context.Background())
		d.readers <- r
	}()
	if r.held == nil {
		return errClosed
	}
	if !fhir.IsUnhurried(ctx) {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, d.store.timeout)
		defer cancel()
	}
	c := r.conn.on(ctx)
	return read(&reader{session{began: time.Now(), ctx: ctx, store: d.store, conn: c, names: readNumbers{d.store.registry, c}}})
}

var errClosed = errors.New("the store is closed")

func (d *lite) update(ctx context.Context, write func(*writer) error) error {
	return repeatedly(ctx, func(floor time.Time) error { return d.group.update(ctx, floor, write) })
}

func (d *lite) ready(ctx context.Context) error {
	return d.view(ctx, func(r *reader) error {
		rs, err := r.conn.query("SELECT 1")
		return each(rs, err, func(rows) error { return nil })
	})
}

func (d *lite) close() (err error) {
	d.once.Do(func() {
		if d.group != nil {
			d.group.stop()
		}
		for range d.all {
			r := <-d.readers
			r.conn.close()
			err = errors.Join(err, r.held.Close())
		}
		for _, r := range d.all {
			r.held = nil
			d.readers <- r
		}
		if d.read != nil {
			err = errors.Join(err, d.read.Close())
		}
		if d.group != nil {
			err = errors.Join(err, d.checkpoint("TRUNCATE"))
		}
		if d.write != nil {
			err = errors.Join(err, d.write.Close())
		}
		if d.folder != "" {
			err = errors.Join(err, os.RemoveAll(d.folder))
		}
	})
	if err != nil {
		return fhir.Errorf(fhir.IssueNoStore, "", "The database did not close cleanly.").Because(err)
	}
	return nil
}

// checkpoint moves what the write-ahead log holds into the main file: "PASSIVE"
// as far as nobody reads it, "TRUNCATE" all, emptying the log.
func (d *lite) checkpoint(mode string) error {
	_, err := d.write.Exec("PRAGMA wal_checkpoint(" + mode + ")")
	return err
}

// put implements dialect. Statements are prepared once and run one by one: there
// is no round trip to save.
func (d *lite) put(w *writer, p *putting) error {
	if p.only {
		if err := d.clear(w.conn, p); err != nil {
			return err
		}
		return d.fill(w, p)
	}
	p.zip, p.body = pack(p.body)
	affected, err := d.point(w.conn, p)
	if err != nil {
		return err
	}
	if affected == 0 {
		return versionConflict(p.key, p.expect)
	}
	var body any
	if p.body != nil {
		body = p.body
	}
	if _, err := w.conn.exec("INSERT INTO history (vid, part, rid, typ, ver, op, zip, body) VALUES ($1, 0, $2, $3, $4, $5, $6, $7)",
		p.vid, p.rid, p.typ, p.expect+1, p.op, p.zip, body); err != nil {
		return err
	}
	if err := d.clear(w.conn, p); err != nil {
		return err
	}
	return d.fill(w, p)
}

// point makes the resource's row point at the version.
func (d *lite) point(c conn, p *putting) (int64, error) {
	if p.expect == 0 {
		return c.exec("INSERT INTO resource (part, rid, typ, fh, fid, ver, vid, updated, deleted) "+
			"VALUES (0, $1, $2, $3, $4, 1, $5, $6, $7) ON CONFLICT (part, typ, fh) DO NOTHING",
			p.rid, p.typ, p.fh, p.key.ID, p.vid, p.updatedMicros, p.deleted)
	}
	return c.exec("UPDATE resource SET ver = $3, vid = $4, updated = $5, deleted = $6 WHERE part = 0 AND rid = $1 AND ver = $2",
		p.rid, p.expect, p.expect+1, p.vid, p.updatedMicros, p.deleted)
}

// clear deletes the rows that the version before had and this one lacks.
func (d *lite) clear(c conn, p *putting) error {
	if p.wipe {
		for _, statement := range d.wipe() {
			if _, err := c.exec(statement, p.rid); err != nil {
				return err
			}
		}
		return nil
	}
	return p.rows.Delete(c.exec, p.rid)
}

// fill inserts the rows that the version before lacked.
func (d *lite) fill(w *writer, p *putting) error {
	free, err := p.rows.Insert(w.conn.exec, p.rid)
	if err == nil && !free {
		err = w.taken(p)
	}
	return err
}

// lock implements dialect. One transaction writes at a time, so every lock is
// had already.
func (d *lite) lock(*writer, []string) error { return nil }

// share implements dialect: there is one writer.
func (d *lite) share(*writer, []string) error { return nil }

var _ fhir.Store = (*Store)(nil)

// wipe implements dialect.
func (d *lite) wipe() []string { return index.WipeSQLite }

// sql implements dialect.
func (d *lite) sql() query.Dialect { return query.SQLite{} }

// forUpdate implements dialect. Nobody else writes meanwhile.
func (d *lite) forUpdate() string { return "" }
