package storage

import (
	"context"
	"reflect"
	"strings"

	sqlite3 "modernc.org/sqlite/lib"

	"bima/fhir"
)

// Rows runs a statement as searches are run, and gives how many rows it had.
func (s *Store) Rows(ctx context.Context, statement string) (n int, err error) {
	err = s.dialect.view(ctx, func(r *reader) error {
		rs, err := r.conn.search(statement)
		return each(rs, err, func(rows) error {
			n++
			return nil
		})
	})
	return n, outcome(err)
}

// Abandon makes the jobs that wait look as though another process were at them,
// one of this name.
func (s *Store) Abandon(ctx context.Context, name string) error {
	by := `["` + name + `"]`
	if _, ok := s.dialect.(*lite); !ok {
		by = "{" + name + "}"
	}
	_, err := s.cold.ExecContext(ctx, "UPDATE river_job SET state = 'running', attempt = 1, attempted_at = CURRENT_TIMESTAMP, attempted_by = $1 WHERE state = 'available'", by)
	return err
}

// Alive holds the lock of a process of this name until over is called.
func (s *Store) Alive(ctx context.Context, name string) (over func(), err error) {
	r := s.rescuer()
	r.name = name
	return r.leave, r.look(ctx)
}

// Cut ends the connection that says that a process of this name lives.
func (s *Store) Cut(ctx context.Context, name string) error {
	_, err := s.cold.ExecContext(ctx, "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND (classid::bigint << 32) | objid::bigint = hashtextextended($1, 0)", name)
	return err
}

// LookedUp gives how SQLite looks up some keys of a type.
func (s *Store) LookedUp(ctx context.Context, hashes ...int64) (plan string, err error) {
	err = s.dialect.view(ctx, func(r *reader) error {
		b := r.lookUp([]some{{typ: 1, hashes: hashes}})
		rs, err := r.conn.query("EXPLAIN QUERY PLAN "+b.String(), b.Args...)
		return each(rs, err, func(r rows) error {
			var id, parent, unused int64
			var line string
			err := r.Scan(&id, &parent, &unused, &line)
			plan = strings.Join([]string{plan, line}, "\n")
			return err
		})
	})
	return plan, err
}

// Steps gives how many steps SQLite's machine takes for some work.
func (s *Store) Steps(ctx context.Context, work func(fhir.Reader) error) (steps int64, err error) {
	err = s.dialect.view(ctx, func(r *reader) error {
		c := r.conn.(*liteConn)
		c.steps()
		if err := work(r); err != nil {
			return err
		}
		steps = c.steps()
		return nil
	})
	return steps, err
}

// steps sums what the statements of the connection took since it was last asked. The
// driver's thread is of a type that is not ours to name.
func (c *liteConn) steps() (sum int64) {
	of := reflect.ValueOf(c.driver).Elem().FieldByName("tls")
	thread := reflect.NewAt(of.Type(), of.Addr().UnsafePointer()).Elem()
	call := func(f any, args ...any) reflect.Value {
		values := []reflect.Value{thread}
		for _, a := range args {
			values = append(values, reflect.ValueOf(a))
		}
		return reflect.ValueOf(f).Call(values)[0]
	}
	for at := uintptr(0); ; {
		at = uintptr(call(sqlite3.Xsqlite3_next_stmt, c.handle, at).Uint())
		if at == 0 {
			return sum
		}
		sum += call(sqlite3.Xsqlite3_stmt_status, at, int32(sqlite3.SQLITE_STMTSTATUS_VM_STEP), int32(1)).Int()
	}
}
