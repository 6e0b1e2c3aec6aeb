package storage

import (
	"context"
	"time"

	"bima/fhir"
	"bima/storage/index"
)

// Accept implements fhir.AsyncStore.
func (s *Store) Accept(ctx context.Context, a fhir.AsyncRequest, j fhir.Job) error {
	err := s.dialect.update(ctx, func(w *writer) error {
		if _, err := w.conn.exec("INSERT INTO async_request (id, owner, request, state, progress, answer, created, expires) "+
			"VALUES ($1, $2, $3, $4, $5, $6, $7, $8)", index.Stored(a.ID), index.Stored(a.Owner), blob(a.Request), string(a.State),
			index.Stored(a.Progress), blob(a.Answer), a.Created.UnixMicro(), a.Expires.UnixMicro()); err != nil {
			return err
		}
		return w.Enqueue(j)
	})
	return outcome(err)
}

// blob gives a value for a column that is never null.
func blob(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// Async implements fhir.AsyncStore.
func (s *Store) Async(ctx context.Context, id string) (a *fhir.AsyncRequest, err error) {
	err = s.dialect.glance(ctx, func(r *reader) error {
		rs, err := r.conn.query("SELECT owner, request, state, progress, answer, created, expires FROM async_request "+
			"WHERE id = $1 AND expires > $2", index.Stored(id), s.clock().UnixMicro())
		return each(rs, err, func(rs rows) error {
			one := fhir.AsyncRequest{ID: id}
			var state string
			var created, expires int64
			err := rs.Scan(&one.Owner, &one.Request, &state, &one.Progress, &one.Answer, &created, &expires)
			one.State = fhir.AsyncState(state)
			one.Created, one.Expires = time.UnixMicro(created).UTC(), time.UnixMicro(expires).UTC()
			a = &one
			return err
		})
	})
	if err == nil && a == nil {
		err = fhir.Errorf(fhir.IssueNotFound, "", "There is no such request, or it has expired.")
	}
	return a, outcome(err)
}

// clock gives the time by the clock of the Options, or this machine's.
func (s *Store) clock() time.Time {
	if s.now != nil {
		return s.now()
	}
	return time.Now()
}

// Advance implements fhir.AsyncStore.
func (s *Store) Advance(ctx context.Context, id string, to fhir.AsyncState, progress string, answer []byte) (done bool, err error) {
	err = s.dialect.update(ctx, func(w *writer) error {
		n, err := w.conn.exec("UPDATE async_request SET state = $2, progress = $3, answer = $4 WHERE id = $1 AND state <> $5 AND expires > $6",
			index.Stored(id), string(to), index.Stored(progress), blob(answer), string(fhir.AsyncCancelled), s.clock().UnixMicro())
		done = n == 1
		return err
	})
	return done, outcome(err)
}

// Pending implements fhir.AsyncStore.
func (s *Store) Pending(ctx context.Context, owner string) (count int, err error) {
	err = s.dialect.glance(ctx, func(r *reader) error {
		rs, err := r.conn.query("SELECT count(*) FROM async_request WHERE owner = $1 AND state IN ($2, $3) AND expires > $4",
			index.Stored(owner), string(fhir.AsyncAccepted), string(fhir.AsyncRunning), s.clock().UnixMicro())
		return each(rs, err, func(rs rows) error {
			var n int64
			err := rs.Scan(&n)
			count = int(n)
			return err
		})
	})
	return count, outcome(err)
}

// Forget implements fhir.AsyncStore.
func (s *Store) Forget(ctx context.Context, now time.Time) (count int, err error) {
	err = s.dialect.update(ctx, func(w *writer) error {
		n, err := w.conn.exec("DELETE FROM async_request WHERE expires <= $1", now.UnixMicro())
		count = int(n)
		return err
	})
	return count, outcome(err)
}

var _ fhir.AsyncStore = (*Store)(nil)
