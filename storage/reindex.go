package storage

import (
	"context"

	"bima/fhir"
)

// reindexPage is how many resources one transaction of a Reindex rewrites.
const reindexPage = 200

// Reindex rewrites the index rows of all resources of a type from their bodies;
// no version is made. It goes from the oldest to the newest, a page a
// transaction, and calls progress after each with the position reached, so that
// one that was broken off may go on from there; from 0 is the beginning.
// Resources written meanwhile are indexed by whoever writes them.
func (s *Store) Reindex(ctx context.Context, typ string, from int64, extract func(*fhir.Resource) (*fhir.Index, error), progress func(position int64)) error {
	for {
		last := from
		err := s.dialect.update(ctx, func(w *writer) error {
			all, err := w.reindexPage(typ, from)
			if err != nil {
				return err
			}
			last = from
			for _, v := range all {
				if err := w.reindex(v, extract); err != nil {
					return err
				}
				last = v.rid
			}
			return nil
		})
		if err != nil {
			return outcome(err)
		}
		if last == from {
			return nil
		}
		from = last
		progress(from)
	}
}

// reindexPage reads and locks the resources of one page.
func (w *writer) reindexPage(typ string, from int64) ([]stub, error) {
	number, ok, err := w.names.known(typ, "")
	if err != nil || !ok {
		return nil, err
	}
	return stubs(w.conn.search(selectVersion+"ON h.part = 0 AND h.vid = r.vid WHERE r.part = 0 AND r.deleted = 0 AND r.typ = $1 AND r.rid > $2 "+
		"ORDER BY r.rid LIMIT $3"+w.store.dialect.forUpdate(), number, from, int64(reindexPage)))
}

func (w *writer) reindex(v stub, extract func(*fhir.Resource) (*fhir.Index, error)) error {
	r, err := w.resource(v)
	if err != nil {
		return err
	}
	index, err := extract(r)
	if err != nil {
		return err
	}
	p := &putting{key: r.Key, typ: v.typ, rid: v.rid, fh: hash64(r.ID), wipe: true, only: true}
	if err := w.index(p, fhir.Version{Resource: r, Expect: r.Version, Index: index}); err != nil {
		return err
	}
	return w.store.dialect.put(w, p)
}
