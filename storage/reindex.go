package storage

import (
	"context"
	"sync"
	"time"

	"bima/fhir"
	"bima/storage/index"
	"bima/storage/query"
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
	rows, err := extract(r)
	if err != nil {
		return err
	}
	p := &putting{key: r.Key, typ: v.typ, rid: v.rid, fh: index.Hash(r.ID), wipe: true, only: true}
	if err := w.index(p, fhir.Version{Resource: r, Expect: r.Version, Index: rows}); err != nil {
		return err
	}
	return w.store.dialect.put(w, p)
}

// buildingAge is how long a process goes by what it knows of parameters whose
// index is being built.
const buildingAge = time.Second

// building is what a process knows of parameters whose index is not complete.
type building struct {
	mu    sync.Mutex
	asked time.Time
	names map[query.Name]bool
}

// Building says that the index of a search parameter is not complete, or is
// again. While it is not, a search by it is an Outcome of IssueIncomplete, in
// every process within a second.
func (s *Store) Building(ctx context.Context, typ, code string, incomplete bool) error {
	err := s.dialect.update(ctx, func(w *writer) error {
		n, err := w.names.number(typ, code)
		if err != nil {
			return err
		}
		_, err = w.conn.exec("UPDATE registry SET building = $1 WHERE id = $2", incomplete, n)
		return err
	})
	s.building.mu.Lock()
	s.building.asked = time.Time{}
	s.building.mu.Unlock()
	return outcome(err)
}

func (b *building) current(c conn) (map[query.Name]bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if time.Since(b.asked) < buildingAge {
		return b.names, nil
	}
	all, err := params(c.query("SELECT id, type, code, building FROM registry WHERE building = $1", true))
	if err != nil {
		return nil, err
	}
	b.names, b.asked = map[query.Name]bool{}, time.Now()
	for _, p := range all {
		b.names[query.Name{Type: p.typ, Code: p.code}] = true
	}
	return b.names, nil
}

// complete refuses a search by a parameter whose index is being built: an answer
// would be short and not say so.
func (r *reader) complete(q *fhir.Query) error {
	names, err := r.store.building.current(r.conn)
	if err != nil || len(names) == 0 {
		return err
	}
	used, ok := query.Using(q, names)
	if !ok {
		return nil
	}
	return fhir.Errorf(fhir.IssueIncomplete, "", "The index of %s.%s is being built; search by it when it is done.", used.Type, used.Code)
}
