package storage

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"time"

	sqlite3 "modernc.org/sqlite/lib"

	"bima/storage/index"
)

// liteStatementsMax bounds the prepared statements of one SQLite connection.
const liteStatementsMax = 256

// liteConn runs statements on one SQLite connection, below database/sql, whose
// checks cost as much as a small statement does. It prepares each text once.
type liteConn struct {
	ctx        context.Context
	driver     driver.Conn
	handle     uintptr // SQLite's, to interrupt it
	statements map[string]driver.Stmt
	args       []driver.NamedValue
}

func newLiteConn(c driver.Conn) (*liteConn, error) {
	handle, err := liteHandle(c)
	return &liteConn{ctx: context.Background(), driver: c, handle: handle, statements: map[string]driver.Stmt{}}, err
}

// writeConnector makes connections that end the statements prepared below
// database/sql before they are closed: while one is prepared SQLite keeps the file
// open, and afterwards none can be ended. The pool closes a connection by itself,
// too, when what ran on it was interrupted.
type writeConnector struct{ driver.Connector }

// Connect implements driver.Connector.
func (c writeConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	raw, err := newLiteConn(conn)
	whole, ok := conn.(wholeConn)
	if !ok {
		err = errors.Join(err, fmt.Errorf("the SQLite driver gives a %T", conn))
	}
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return &writeConn{whole, raw}, nil
}

// wholeConn is what database/sql uses of a connection of the SQLite driver.
type wholeConn interface {
	ableConn
	driver.ConnBeginTx
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

type writeConn struct {
	wholeConn
	raw *liteConn
}

// Close implements driver.Conn.
func (c *writeConn) Close() error {
	c.raw.close()
	return c.wholeConn.Close()
}

// on gives the same connection working for another context.
func (c *liteConn) on(ctx context.Context) *liteConn {
	c.ctx = ctx
	return c
}

// close ends the prepared statements; the connection is the pool's.
func (c *liteConn) close() {
	for text, s := range c.statements {
		_ = s.Close()
		delete(c.statements, text)
	}
}

func (c *liteConn) prepare(query string) (driver.Stmt, error) {
	if s, ok := c.statements[query]; ok {
		return s, nil
	}
	if len(c.statements) >= liteStatementsMax {
		c.close()
	}
	s, err := c.driver.Prepare(query)
	if err != nil {
		return nil, fmt.Errorf("%w in %s", err, query)
	}
	c.statements[query] = s
	return s, nil
}

func (c *liteConn) bind(args []any) ([]driver.NamedValue, error) {
	c.args = c.args[:0]
	for i, a := range args {
		v, err := liteValue(a)
		if err != nil {
			return nil, err
		}
		c.args = append(c.args, driver.NamedValue{Ordinal: i + 1, Value: v})
	}
	return c.args, nil
}

func liteValue(a any) (driver.Value, error) {
	switch v := a.(type) {
	case int64, float64, string, []byte, nil:
		return v, nil
	case int:
		return int64(v), nil
	case int32:
		return int64(v), nil
	case bool:
		if v {
			return int64(1), nil
		}
		return int64(0), nil
	}
	return nil, fmt.Errorf("no SQLite value of %T", a)
}

// exec never passes the context on: a write that SQLite interrupts would take
// the transactions of others in its group with it.
func (c *liteConn) exec(query string, args ...any) (int64, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	s, err := c.prepare(query)
	if err != nil {
		return 0, err
	}
	values, err := c.bind(args)
	if err != nil {
		return 0, err
	}
	result, err := s.(driver.StmtExecContext).ExecContext(context.Background(), values)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

func (c *liteConn) query(query string, args ...any) (rows, error) {
	return c.run(context.Background(), query, args)
}

func (c *liteConn) search(query string, args ...any) (rows, error) {
	return c.run(c.ctx, query, args)
}

func (c *liteConn) run(ctx context.Context, query string, args []any) (rows, error) {
	if err := c.ctx.Err(); err != nil {
		return nil, err
	}
	s, err := c.prepare(query)
	if err != nil {
		return nil, err
	}
	values, err := c.bind(args)
	if err != nil {
		return nil, err
	}
	over := c.until(ctx)
	r, err := s.(driver.StmtQueryContext).QueryContext(context.Background(), values)
	if err != nil {
		over()
		return nil, ended(ctx, err)
	}
	return &liteRows{ctx: c.ctx, over: over, rows: r, values: make([]driver.Value, len(r.Columns()))}, nil
}

// ended gives why a statement failed: because its time was over, if it was.
func ended(ctx context.Context, err error) error {
	if cause := ctx.Err(); cause != nil {
		return cause
	}
	return err
}

type liteRows struct {
	ctx    context.Context
	over   func() // from now on nothing is interrupted
	rows   driver.Rows
	values []driver.Value
	err    error
}

func (r *liteRows) Next() bool {
	if r.err == nil {
		r.err = r.ctx.Err()
	}
	if r.err == nil {
		if r.err = r.rows.Next(r.values); r.err != nil && !errors.Is(r.err, io.EOF) {
			r.err = ended(r.ctx, r.err)
		}
	}
	return r.err == nil
}

func (r *liteRows) Err() error {
	if errors.Is(r.err, io.EOF) {
		return nil
	}
	return r.err
}

func (r *liteRows) Close() {
	r.over()
	_ = r.rows.Close()
}

func (r *liteRows) Scan(dest ...any) error {
	for i, d := range dest {
		if err := liteScan(d, r.values[i]); err != nil {
			return fmt.Errorf("column %d: %w", i+1, err)
		}
	}
	return nil
}

func liteScan(dest any, v driver.Value) error {
	switch d := dest.(type) {
	case *any:
		*d = v
		return nil
	case *int64:
		n, ok := v.(int64)
		*d = n
		return scanned(ok, v)
	case *int32:
		n, ok := v.(int64)
		*d = int32(n)
		return scanned(ok, v)
	case *bool:
		n, ok := v.(int64)
		*d = n != 0
		return scanned(ok, v)
	case *string:
		s, ok := v.(string)
		*d = s
		return scanned(ok, v)
	case *[]byte:
		b, ok := v.([]byte)
		*d = b
		return scanned(ok || v == nil, v)
	}
	return fmt.Errorf("no scan into %T", dest)
}

func scanned(ok bool, v driver.Value) error {
	if !ok {
		return fmt.Errorf("unexpected %T", v)
	}
	return nil
}

// textsLateMax bounds the bytes of the texts that wait for the end of a
// transaction.
const textsLateMax = 4 << 20

// textsLate is a connection that puts off what is written to the table of texts:
// FTS5 writes a piece of its index to the file whenever a savepoint begins or
// ends, and to write those of many texts at once costs a third. Before texts are
// searched all that waits is written.
type textsLate struct {
	*liteConn
	waiting []textWrite
	bytes   int
}

// A textWrite is a statement with its row id and the texts, if any.
type textWrite struct {
	statement string
	args      []any
}

// exec implements conn.
func (c *textsLate) exec(query string, args ...any) (int64, error) {
	switch query {
	case index.LateInsert, index.LateReplace, index.LateDelete:
	default:
		return c.liteConn.exec(query, args...)
	}
	c.waiting = append(c.waiting, textWrite{query, args})
	for _, a := range args {
		if text, ok := a.(string); ok {
			c.bytes += len(text)
		}
	}
	if c.bytes > textsLateMax {
		return 1, c.flush()
	}
	return 1, nil
}

// search implements conn.
func (c *textsLate) search(query string, args ...any) (rows, error) {
	if len(c.waiting) > 0 && strings.Contains(query, "sp_text") {
		if err := c.flush(); err != nil {
			return nil, err
		}
	}
	return c.liteConn.search(query, args...)
}

// mark and undo let a savepoint take back what was written since, and have
// written again what waited then.
func (c *textsLate) mark() []textWrite { return c.waiting }

func (c *textsLate) undo(marked []textWrite) { c.waiting = marked[:len(marked):len(marked)] }

// flush writes all that waits, but of what is written to a row only the last.
func (c *textsLate) flush() error {
	all := c.waiting
	c.waiting, c.bytes = nil, 0
	last, times := make(map[any]int, len(all)), make(map[any]int, len(all))
	for i, w := range all {
		last[w.args[0]] = i
		times[w.args[0]]++
	}
	for i, w := range all {
		if last[w.args[0]] != i {
			continue
		}
		if w.statement == index.LateInsert && times[w.args[0]] > 1 {
			w.statement = index.LateReplace // what was left out deleted a row
		}
		if _, err := c.liteConn.exec(w.statement, w.args...); err != nil {
			return err
		}
	}
	return nil
}

// interruptPause is how long after an interrupt the next follows: SQLite forgets
// one that comes just before a statement begins.
const interruptPause = 20 * time.Millisecond

// liteHandle gives SQLite's handle of a connection. The driver interrupts a
// statement on its way to the first row only, and keeps the handle that others
// need to interrupt it on its way to the next.
func liteHandle(c driver.Conn) (uintptr, error) {
	if v := reflect.Indirect(reflect.ValueOf(c)); v.Kind() == reflect.Struct {
		if f := v.FieldByName("db"); f.Kind() == reflect.Uintptr && f.Uint() != 0 {
			return uintptr(f.Uint()), nil
		}
	}
	return 0, fmt.Errorf("the SQLite driver's %T has no handle", c)
}

// until interrupts what runs on the connection from the moment that the context
// ends, until over is called. After that nothing is interrupted any more.
func (c *liteConn) until(ctx context.Context) (over func()) {
	if ctx.Done() == nil {
		return func() {}
	}
	quit, ended := make(chan struct{}), make(chan struct{})
	forget := context.AfterFunc(ctx, func() {
		defer close(ended)
		for {
			// It is one atomic store, which needs none of the driver's threads.
			sqlite3.Xsqlite3_interrupt(nil, c.handle)
			select {
			case <-quit:
				return
			case <-time.After(interruptPause):
			}
		}
	})
	return func() {
		if !forget() {
			close(quit)
			<-ended
		}
	}
}
