package storage

import (
	"context"
	"crypto/rand"
	"database/sql"
	"database/sql/driver"
	"errors"
	"time"
)

// River gives back the jobs of a process that ended in the midst of them once they
// could no longer be under way, after JobTimeout and an hour. Who waits for them
// need not: a process that works jobs bears a name, and on PostgreSQL a lock for
// as long as it lives, by which the others see that it has gone. On SQLite one
// process works at a time, so what is under way when it begins is nobody's.

// rescuePause is how soon jobs are given back.
const rescuePause = 10 * time.Second

// A rescuer gives back the jobs of processes that have ended.
type rescuer struct{ presence }

func (s *Store) rescuer() *rescuer { return &rescuer{s.presence()} }

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

// look gives back the jobs of those whose locks are free.
func (r *rescuer) look(ctx context.Context) error {
	if err := r.hold(ctx); err != nil {
		return err
	}
	names, err := r.names(ctx, atWork)
	if err != nil {
		return err
	}
	for _, name := range names {
		if _, err := r.unless(ctx, name, func() error {
			_, err := r.conn.ExecContext(ctx, giveBack, name)
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}

const (
	// lastWorker is who took a job last.
	lastWorker = "attempted_by[array_length(attempted_by, 1)]"
	atWork     = "SELECT DISTINCT " + lastWorker + " FROM river_job WHERE state = 'running' AND starts_with(" + lastWorker + ", '" + workerPrefix + "')"
	giveBack   = "UPDATE river_job SET state = 'available', scheduled_at = now() WHERE state = 'running' AND " + lastWorker + " = $1"
)

// workerPrefix begins the names of processes that hold the lock of a presence.
const workerPrefix = "bima-"

// A presence is a process under a name by which the others know that it lives: on
// PostgreSQL it holds a lock for as long as its connection lasts.
type presence struct {
	store *Store
	name  string
	conn  *sql.Conn // holds the lock; nil while it has none
}

// presence gives one that nobody has heard of yet.
func (s *Store) presence() presence { return presence{store: s, name: workerPrefix + rand.Text()} }

// The lock of a process is by its name.
const workerLock = "(hashtextextended($1, 0))"

// hold takes the lock, where it is not held.
func (p *presence) hold(ctx context.Context) error {
	if p.conn != nil {
		return nil
	}
	conn, err := p.store.cold.Conn(ctx)
	if err != nil {
		return err
	}
	p.conn = conn
	_, err = conn.ExecContext(ctx, "SELECT pg_advisory_lock"+workerLock, p.name)
	return err
}

// leave ends the connection, and with it the lock.
func (p *presence) leave() {
	if p.conn == nil {
		return
	}
	_ = p.conn.Raw(func(any) error { return driver.ErrBadConn }) // so that it is not used again
	_ = p.conn.Close()
	p.conn = nil
}

// unless does something if nobody holds the lock of a name, and reports that.
func (p *presence) unless(ctx context.Context, name string, do func() error) (gone bool, err error) {
	if err := p.conn.QueryRowContext(ctx, "SELECT pg_try_advisory_lock"+workerLock, name).Scan(&gone); err != nil || !gone {
		return gone, err
	}
	err = do()
	_, unlock := p.conn.ExecContext(ctx, "SELECT pg_advisory_unlock"+workerLock, name)
	return gone, errors.Join(err, unlock)
}

// names gives those of others that a question finds.
func (p *presence) names(ctx context.Context, question string) (names []string, err error) {
	found, err := p.conn.QueryContext(ctx, question)
	if err != nil {
		return nil, err
	}
	defer func() { _ = found.Close() }()
	for found.Next() {
		var name string
		if err := found.Scan(&name); err != nil {
			return nil, err
		}
		if name != p.name {
			names = append(names, name)
		}
	}
	return names, found.Err()
}

const (
	// attendPause is how often a holder of Subscribers asks whether the others still
	// know that it lives, and attendPatience how long it waits for the answer.
	attendPause    = time.Second
	attendPatience = 3 * time.Second
	// gonePause is how long a lock must have been free before its holder is taken to
	// have ended. It is more than the two before, so that one that lives and has lost
	// its connection has stopped its work by then.
	gonePause = 5 * time.Second
)

// Attend implements fhir.EventStore. A SQLite database is served by one process, which
// gives free at its start what another held.
func (s *Store) Attend(ctx context.Context, work func(ctx context.Context, holder string)) error {
	a := &attendance{presence: s.presence(), gone: map[string]time.Time{}}
	if _, ok := s.dialect.(*lite); ok {
		work(ctx, a.name)
		return nil
	}
	defer a.leave()
	if err := a.hold(ctx); err != nil {
		return outcome(err)
	}
	// What is noted when ctx ends is noted while the lock is held.
	watched, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		work(watched, a.name)
	}()
	err := a.keep(ended)
	stop()
	<-ended
	return outcome(err)
}

// An attendance is a presence that holds Subscribers. Each has a name of its own: a
// lock that is free once is never held again.
type attendance struct {
	presence
	gone map[string]time.Time // since when the locks of others were seen free
}

// keep gives Subscribers free until the work has ended, or the lock may be lost.
func (a *attendance) keep(ended <-chan struct{}) error {
	tick := time.NewTicker(attendPause)
	defer tick.Stop()
	for {
		if err := a.look(); err != nil {
			return err
		}
		select {
		case <-ended:
			return nil
		case <-tick.C:
		}
	}
}

// held are the holders whose locks tell whether they live: those of earlier releases
// have none, and their time must end.
const held = "SELECT DISTINCT holder FROM subscriber WHERE part = 0 AND until > 0 AND starts_with(holder, '" + workerPrefix + "')"

// look asks who holds Subscribers, and gives those free whose holders have ended. An
// error is that the connection may be lost, and the lock with it.
func (a *attendance) look() error {
	ctx, cancel := context.WithTimeout(context.Background(), attendPatience)
	defer cancel()
	names, err := a.names(ctx, held)
	if err != nil {
		return err
	}
	still := make(map[string]time.Time, len(names))
	for _, name := range names {
		since, known := a.gone[name]
		if !known {
			since = time.Now()
		}
		gone, err := a.unless(ctx, name, func() error {
			if time.Since(since) < gonePause {
				return nil
			}
			_, err := a.conn.ExecContext(ctx, "UPDATE subscriber SET holder = '', until = 0 WHERE part = 0 AND holder = $1", name)
			return err
		})
		if err != nil {
			return err
		}
		if gone {
			still[name] = since
		}
	}
	a.gone = still
	return nil
}
