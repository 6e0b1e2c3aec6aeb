package storage

import (
	"context"
	"database/sql"
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

	"bima/fhir"
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
	if d.write, err = sql.Open("sqlite", liteDSN(path, "page_size(8192)", "journal_mode(WAL)", "synchronous("+synchronous+")",
		"cache_size(-65536)", "wal_autocheckpoint(4000)")+"&_txlock=immediate"); err != nil {
		return err
	}
	d.write.SetMaxOpenConns(1)
	s := d.store
	s.cold = d.write
	if s.gorm, err = gorm.Open(sqlite.Dialector{Conn: d.write}, &gorm.Config{
		SkipDefaultTransaction: true, Logger: logger.Discard,
	}); err != nil {
		return err
	}
	if err = s.migrate(ctx, "sqlite"); err != nil {
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
			r.conn, err = rawLite(c)
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
	ctx, cancel := context.WithTimeout(ctx, d.store.timeout)
	defer cancel()
	c := r.conn.on(ctx)
	return read(&reader{session{ctx: ctx, store: d.store, conn: c, names: readNumbers{d.store.registry, c}}})
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
		for _, db := range []*sql.DB{d.read, d.write} {
			if db != nil {
				err = errors.Join(err, db.Close())
			}
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
