package storage

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"bima/fhir"
	"bima/storage/index"
)

const (
	// numberEvents counts events of a subscriber. Its row stays locked to the
	// commit, so that the numbers are in the order of the commits.
	numberEvents = "INSERT INTO subscriber (part, id, last) VALUES (0, $1, $2) " +
		"ON CONFLICT (part, id) DO UPDATE SET last = subscriber.last + excluded.last RETURNING last"
	insertEvent = "INSERT INTO event (part, subscriber, number, kind, type, id, version, at) VALUES (0, $1, $2, $3, $4, $5, $6, $7)"
	confide     = "INSERT INTO subscriber (part, id, secret) VALUES (0, $1, $2) ON CONFLICT (part, id) DO UPDATE SET secret = excluded.secret, failures = 0, since = 0, due = 0, problem = ''"

	subscriberColumns = "id, last, done, failures, since, due, spoken, problem, secret"
)

// Record implements fhir.Writer. What is recorded is written when the transaction
// ends.
func (w *writer) Record(events []fhir.Event) error {
	if w.failed == nil {
		w.events = append(w.events, events...)
	}
	return w.failed
}

// tell writes what the transaction has recorded, in all its calls. Subscribers are
// counted in the order of their ids, so that two transactions never wait for each
// other, and last, so that others wait shortly.
func (w *writer) tell() error {
	events := w.events
	if len(events) == 0 {
		return nil
	}
	counts := map[string]int64{}
	for _, e := range events {
		counts[e.Subscription]++
	}
	ids := make([]string, 0, len(counts))
	for id := range counts {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	next := make(map[string]int64, len(ids))
	for _, id := range ids {
		var last int64
		rs, err := w.conn.query(numberEvents, index.Stored(id), counts[id])
		if err := each(rs, err, func(rs rows) error { return rs.Scan(&last) }); err != nil {
			return w.fail(err)
		}
		next[id] = last - counts[id] + 1
	}
	for _, e := range events {
		number := next[e.Subscription]
		next[e.Subscription]++
		if _, err := w.conn.exec(insertEvent, index.Stored(e.Subscription), number, string(e.Kind), e.Key.Type, index.Stored(e.Key.ID),
			e.Version, e.At.UnixMicro()); err != nil {
			return w.fail(err)
		}
	}
	return nil
}

// Confide implements fhir.Writer.
func (w *writer) Confide(subscription string, secret []byte) error {
	if w.failed != nil {
		return w.failed
	}
	_, err := w.conn.exec(confide, index.Stored(subscription), blob(secret))
	return w.fail(err)
}

// Dismiss implements fhir.Writer.
func (w *writer) Dismiss(subscription string) error {
	if w.failed != nil {
		return w.failed
	}
	w.events = slices.DeleteFunc(w.events, func(e fhir.Event) bool { return e.Subscription == subscription })
	for _, statement := range []string{"DELETE FROM event WHERE part = 0 AND subscriber = $1", "DELETE FROM subscriber WHERE part = 0 AND id = $1"} {
		if _, err := w.conn.exec(statement, index.Stored(subscription)); err != nil {
			return w.fail(err)
		}
	}
	return nil
}

// Awaiting implements fhir.EventStore.
func (s *Store) Awaiting(ctx context.Context, now time.Time, limit int) (ids []string, err error) {
	err = s.dialect.glance(ctx, func(r *reader) error {
		rs, err := r.conn.query("SELECT id FROM subscriber WHERE part = 0 AND last > done AND due <= $1 AND until <= $1 ORDER BY due LIMIT $2",
			now.UnixMicro(), limit)
		return each(rs, err, func(rs rows) error {
			var id string
			err := rs.Scan(&id)
			ids = append(ids, id)
			return err
		})
	})
	return ids, outcome(err)
}

// Take implements fhir.EventStore.
func (s *Store) Take(ctx context.Context, id, holder string, now, until time.Time) (one *fhir.Subscriber, err error) {
	err = s.dialect.update(ctx, func(w *writer) error {
		rs, err := w.conn.query("UPDATE subscriber SET holder = $2, until = $4 WHERE part = 0 AND id = $1 AND (until <= $3 OR holder = $2) RETURNING "+subscriberColumns,
			index.Stored(id), holder, now.UnixMicro(), until.UnixMicro())
		one = nil
		return each(rs, err, func(rs rows) (err error) {
			one, err = scanSubscriber(rs)
			return err
		})
	})
	return one, outcome(err)
}

// FreeAll implements fhir.EventStore.
func (s *Store) FreeAll(ctx context.Context) error {
	return outcome(s.dialect.update(ctx, func(w *writer) error {
		_, err := w.conn.exec("UPDATE subscriber SET holder = '', until = 0 WHERE part = 0 AND until > 0")
		return err
	}))
}

// Subscriber implements fhir.EventStore.
func (s *Store) Subscriber(ctx context.Context, id string) (one *fhir.Subscriber, err error) {
	err = s.dialect.glance(ctx, func(r *reader) error {
		rs, err := r.conn.query("SELECT "+subscriberColumns+" FROM subscriber WHERE part = 0 AND id = $1", index.Stored(id))
		return each(rs, err, func(rs rows) (err error) {
			one, err = scanSubscriber(rs)
			return err
		})
	})
	return one, outcome(err)
}

func scanSubscriber(rs rows) (*fhir.Subscriber, error) {
	var s fhir.Subscriber
	var failures, since, due, spoken int64
	err := rs.Scan(&s.ID, &s.Last, &s.Done, &failures, &since, &due, &spoken, &s.Problem, &s.Secret)
	s.Failures, s.Since, s.Due, s.Spoken = int(failures), momentOf(since), momentOf(due), momentOf(spoken)
	return &s, err
}

// momentOf and microsOf keep a time as microseconds, 0 being none.
func momentOf(micros int64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return time.UnixMicro(micros).UTC()
}

func microsOf(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// Told implements fhir.EventStore.
func (s *Store) Told(ctx context.Context, one fhir.Subscriber, holder string, free bool) (held bool, err error) {
	statement := "UPDATE subscriber SET done = $3, failures = $4, since = $5, due = $6, problem = $7, spoken = $8"
	if free {
		statement += ", holder = '', until = 0"
	}
	err = s.dialect.update(ctx, func(w *writer) error {
		n, err := w.conn.exec(statement+" WHERE part = 0 AND id = $1 AND holder = $2", index.Stored(one.ID), holder,
			one.Done, one.Failures, microsOf(one.Since), microsOf(one.Due), index.Stored(one.Problem), microsOf(one.Spoken))
		held = n == 1
		return err
	})
	return held, outcome(err)
}

// Events implements fhir.EventStore.
func (s *Store) Events(ctx context.Context, id string, from, to int64, limit int) (events []fhir.Event, err error) {
	err = s.dialect.glance(ctx, func(r *reader) error {
		rs, err := r.conn.query("SELECT number, kind, type, id, version, at FROM event WHERE part = 0 AND subscriber = $1 AND number >= $2 AND number <= $3 ORDER BY number LIMIT $4",
			index.Stored(id), from, to, limit)
		return each(rs, err, func(rs rows) error {
			e := fhir.Event{Subscription: id}
			var kind string
			var at int64
			err := rs.Scan(&e.Number, &kind, &e.Key.Type, &e.Key.ID, &e.Version, &at)
			e.Kind, e.At = fhir.EventKind(kind), time.UnixMicro(at).UTC()
			events = append(events, e)
			return err
		})
	})
	return events, outcome(err)
}

// ForgetEvents implements fhir.EventStore.
func (s *Store) ForgetEvents(ctx context.Context, before time.Time) (count int, err error) {
	err = s.dialect.update(ctx, func(w *writer) error {
		n, err := w.conn.exec("DELETE FROM event WHERE part = 0 AND at < $1 AND EXISTS "+
			"(SELECT 1 FROM subscriber s WHERE s.part = 0 AND s.id = event.subscriber AND s.done >= event.number)", before.UnixMicro())
		count = int(n)
		return err
	})
	return count, outcome(err)
}

var _ fhir.EventStore = (*Store)(nil)

// subscribersMost bounds the ids of one question to the database.
const subscribersMost = 500

// Subscribers implements fhir.EventStore.
func (s *Store) Subscribers(ctx context.Context, ids []string) (all []fhir.Subscriber, err error) {
	err = s.dialect.glance(ctx, func(r *reader) error {
		all = nil
		for some := range slices.Chunk(ids, subscribersMost) {
			places, args := make([]string, len(some)), make([]any, len(some))
			for i, id := range some {
				places[i], args[i] = fmt.Sprintf("$%d", i+1), index.Stored(id)
			}
			rs, err := r.conn.query("SELECT "+subscriberColumns+" FROM subscriber WHERE part = 0 AND id IN ("+strings.Join(places, ", ")+")", args...)
			if err := each(rs, err, func(rs rows) error {
				one, err := scanSubscriber(rs)
				if err == nil {
					one.Secret = nil
					all = append(all, *one)
				}
				return err
			}); err != nil {
				return err
			}
		}
		return nil
	})
	return all, outcome(err)
}

// Census implements fhir.EventStore. Each write gives a resource a version id of
// its own, which is its time: their number, their greatest and the sum of their
// last digits tell one state of a type from another, also where a transaction that
// took its time early commits late.
func (s *Store) Census(ctx context.Context, typ string) (text string, err error) {
	err = s.dialect.glance(ctx, func(r *reader) error {
		number, ok, err := r.names.known(typ, "")
		if err != nil || !ok {
			return err
		}
		rs, err := r.conn.query("SELECT count(*), COALESCE(max(vid), 0), COALESCE(sum(vid % 1048573), 0) FROM resource WHERE part = 0 AND typ = $1 AND deleted = 0", number)
		return each(rs, err, func(rs rows) error {
			var count, last, sum int64
			err := rs.Scan(&count, &last, &sum)
			text = fmt.Sprintf("%d %d %d", count, last, sum)
			return err
		})
	})
	return text, outcome(err)
}
