package storage

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"bima/fhir"
	"bima/storage/index"
)

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
