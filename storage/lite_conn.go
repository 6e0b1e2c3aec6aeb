package storage

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
)

// liteStatementsMax bounds the prepared statements of one SQLite connection.
const liteStatementsMax = 256

// liteConn runs statements on one SQLite connection, below database/sql, whose
// checks cost as much as a small statement does. It prepares each text once.
type liteConn struct {
	ctx        context.Context
	driver     driver.Conn
	statements map[string]driver.Stmt
	args       []driver.NamedValue
}

func newLiteConn(c driver.Conn) *liteConn {
	return &liteConn{ctx: context.Background(), driver: c, statements: map[string]driver.Stmt{}}
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
	r, err := s.(driver.StmtQueryContext).QueryContext(ctx, values)
	if err != nil {
		return nil, err
	}
	return &liteRows{ctx: c.ctx, rows: r, values: make([]driver.Value, len(r.Columns()))}, nil
}

type liteRows struct {
	ctx    context.Context
	rows   driver.Rows
	values []driver.Value
	err    error
}

func (r *liteRows) Next() bool {
	if r.err == nil {
		r.err = r.ctx.Err()
	}
	if r.err == nil {
		r.err = r.rows.Next(r.values)
	}
	return r.err == nil
}

func (r *liteRows) Err() error {
	if errors.Is(r.err, io.EOF) {
		return nil
	}
	return r.err
}

func (r *liteRows) Close() { _ = r.rows.Close() }

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
