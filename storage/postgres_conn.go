package storage

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
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
