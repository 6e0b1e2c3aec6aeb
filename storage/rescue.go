package storage

import (
	"context"
	"crypto/rand"
	"database/sql"
	"strings"
	"time"
)

// River gives back the jobs of a process that ended in the midst of them once they
// could no longer be under way, after JobTimeout and an hour. Who waits for them
// need not: a process that works jobs bears a name, and on PostgreSQL a lock for
// as long as it lives, by which the others see that it has gone. On SQLite one
// process works at a time, so what is under way when it begins is nobody's.

// workerPrefix begins the names of processes that hold such a lock.
const workerPrefix = "bima-"

// rescuePause is how soon jobs are given back.
const rescuePause = 10 * time.Second

// A rescuer gives back the jobs of processes that have ended.
type rescuer struct {
	store *Store
	name  string
	conn  *sql.Conn // holds the lock of this process; nil while it has none
}

func (s *Store) rescuer() *rescuer { return &rescuer{store: s, name: workerPrefix + rand.Text()} }

// begin makes the process known, before it takes jobs, and gives back what others
// left until then.
func (r *rescuer) begin(ctx context.Context) error {
	if _, ok := r.store.dialect.(*lite); ok {
		_, err := r.store.cold.ExecContext(ctx, "UPDATE river_job SET state = 'available' WHERE state = 'running'")
		return err
	}
	return r.look(ctx)
}

// watch goes on giving back until ctx ends, and then lets the process be unknown.
func (r *rescuer) watch(ctx context.Context) {
	if _, ok := r.store.dialect.(*lite); ok {
		return
	}
	tick := time.NewTicker(rescuePause)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			r.leave()
			return
		case <-tick.C:
		}
		if err := r.look(ctx); err != nil && ctx.Err() == nil {
			r.store.log.Warn("jobs of processes that have ended can't be given back", "error", err)
			r.leave()
		}
	}
}

// leave gives the connection up, and with it the lock.
func (r *rescuer) leave() {
	if r.conn == nil {
		return
	}
	_, _ = r.conn.ExecContext(context.Background(), "SELECT pg_advisory_unlock_all()")
	_ = r.conn.Close()
	r.conn = nil
}

// The lock of a process is by its name.
const workerLock = "(hashtextextended($1, 0))"

// look gives back the jobs of those whose locks are free.
func (r *rescuer) look(ctx context.Context) error {
	if r.conn == nil {
		conn, err := r.store.cold.Conn(ctx)
		if err != nil {
			return err
		}
		r.conn = conn
		if _, err := conn.ExecContext(ctx, "SELECT pg_advisory_lock"+workerLock, r.name); err != nil {
			return err
		}
	}
	names, err := r.atWork(ctx)
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := r.giveBack(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

// lastWorker is who took a job last.
const lastWorker = "attempted_by[array_length(attempted_by, 1)]"

// atWork gives the names of others whose jobs are under way.
func (r *rescuer) atWork(ctx context.Context) (names []string, err error) {
	found, err := r.conn.QueryContext(ctx, "SELECT DISTINCT "+lastWorker+" FROM river_job WHERE state = 'running' AND attempted_by IS NOT NULL")
	if err != nil {
		return nil, err
	}
	defer func() { _ = found.Close() }()
	for found.Next() {
		var name string
		if err := found.Scan(&name); err != nil {
			return nil, err
		}
		if name != r.name && strings.HasPrefix(name, workerPrefix) {
			names = append(names, name)
		}
	}
	return names, found.Err()
}

// giveBack lets the jobs of a process be taken again, if it has gone.
func (r *rescuer) giveBack(ctx context.Context, name string) error {
	var gone bool
	if err := r.conn.QueryRowContext(ctx, "SELECT pg_try_advisory_lock"+workerLock, name).Scan(&gone); err != nil || !gone {
		return err
	}
	_, err := r.conn.ExecContext(ctx, "UPDATE river_job SET state = 'available', scheduled_at = now() WHERE state = 'running' AND "+lastWorker+" = $1", name)
	if _, unlock := r.conn.ExecContext(ctx, "SELECT pg_advisory_unlock"+workerLock, name); err == nil {
		err = unlock
	}
	return err
}
