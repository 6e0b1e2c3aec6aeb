package storage

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"time"

	"bima/fhir"
	"bima/storage/query"
)

// A param is a row of the registry: a resource type where code is "", or else a
// search parameter of the type.
type param struct {
	number    int32
	typ, code string
	building  bool
}

type paramName struct{ typ, code string }

// A registry caches the table of that name. Rows are only ever added, by any
// process, so what it holds is right and what it lacks is looked up.
type registry struct {
	mu       sync.RWMutex
	byName   map[paramName]param
	byNumber map[int32]param
}

func newRegistry() *registry {
	return &registry{
		byName:   map[paramName]param{},
		byNumber: map[int32]param{},
	}
}

func (g *registry) add(p param) {
	g.mu.Lock()
	defer g.mu.Unlock()
	name := paramName{p.typ, p.code}
	if _, ok := g.byName[name]; ok {
		return
	}
	g.byName[name], g.byNumber[p.number] = p, p
}

func (g *registry) find(typ, code string) (param, bool) {
	g.mu.RLock()
	defer g.mu.RUnlock()
	p, ok := g.byName[paramName{typ, code}]
	return p, ok
}

func (g *registry) typeName(n int32) (string, bool) {
	g.mu.RLock()
	defer g.mu.RUnlock()
	p, ok := g.byNumber[n]
	return p.typ, ok
}

// load fills the cache.
func (g *registry) load(c conn) error {
	all, err := params(c.query("SELECT id, type, code, building FROM registry"))
	for _, p := range all {
		g.add(p)
	}
	return err
}

func params(r rows, err error) (all []param, _ error) {
	err = each(r, err, func(r rows) error {
		var p param
		if err := r.Scan(&p.number, &p.typ, &p.code, &p.building); err != nil {
			return err
		}
		all = append(all, p)
		return nil
	})
	return all, err
}

// lookup finds one row by its name.
func lookup(c conn, typ, code string) (param, bool, error) {
	all, err := params(c.query("SELECT id, type, code, building FROM registry WHERE type = $1 AND code = $2", typ, code))
	if err != nil || len(all) == 0 {
		return param{}, false, err
	}
	return all[0], true, nil
}

// lookupNumber finds one row by its number.
func lookupNumber(c conn, number int32) (param, error) {
	all, err := params(c.query("SELECT id, type, code, building FROM registry WHERE id = $1", number))
	if err == nil && len(all) == 0 {
		err = fmt.Errorf("the registry lacks number %d", number)
	}
	if err != nil {
		return param{}, err
	}
	return all[0], nil
}

// bearing finds the rows of a code, of every type.
func bearing(c conn, code string) ([]param, error) {
	return params(c.query("SELECT id, type, code, building FROM registry WHERE code = $1 ORDER BY id", code))
}

// readNumbers is the numbering of a transaction that only reads: it knows what
// is committed.
type readNumbers struct {
	registry *registry
	conn     conn
}

func (n readNumbers) number(typ, code string) (int32, error) {
	return 0, fmt.Errorf("a reader makes no number for %s %s", typ, code)
}

func (n readNumbers) known(typ, code string) (int32, bool, error) {
	if p, ok := n.registry.find(typ, code); ok {
		return p.number, true, nil
	}
	p, ok, err := lookup(n.conn, typ, code)
	if ok && err == nil {
		n.registry.add(p)
	}
	return p.number, ok, err
}

func (n readNumbers) bearing(code string) ([]param, error) { return bearing(n.conn, code) }

func (n readNumbers) typeName(number int32) (string, error) {
	if name, ok := n.registry.typeName(number); ok {
		return name, nil
	}
	p, err := lookupNumber(n.conn, number)
	if err == nil {
		n.registry.add(p)
	}
	return p.typ, err
}

// buildingAge is how long a process goes by what it knows of parameters whose
// index is being built.
const buildingAge = time.Second

// building is what a process knows of parameters whose index is not complete. A
// transaction sees an index as old as its snapshot, so it goes only by what was
// read neither before nor after that: by others' reading where it began later, or
// else by its own. Times are of this process, and monotonic.
type building struct {
	mu        sync.Mutex
	names     map[query.Name]bool
	from, to  time.Time                // the snapshot that names were read in was taken between them
	changed   time.Time                // when this process last changed them
	redefined map[query.Name]time.Time // when parameters came to mean something else
	latest    time.Time                // of those
}

// Building implements fhir.Reindexer.
func (s *Store) Building(ctx context.Context, typ string, codes []string, incomplete bool) error {
	err := s.dialect.update(ctx, func(w *writer) error {
		for _, code := range codes {
			n, err := w.names.number(typ, code)
			if err != nil {
				return err
			}
			if _, err := w.conn.exec("UPDATE registry SET building = $1 WHERE id = $2", incomplete, n); err != nil {
				return err
			}
		}
		return nil
	})
	s.building.mu.Lock()
	s.building.forget()
	s.building.mu.Unlock()
	return outcome(err)
}

// Redefine implements fhir.Reindexer.
func (s *Store) Redefine(typ string, codes []string) {
	b := &s.building
	b.mu.Lock()
	defer b.mu.Unlock()
	b.forget()
	if b.redefined == nil {
		b.redefined = map[query.Name]time.Time{}
	}
	b.latest = b.changed
	for _, code := range codes {
		b.redefined[query.Name{Type: typ, Code: code}] = b.latest
	}
}

// forget has the next transaction read anew, and keeps what was read before from
// being taken for it.
func (b *building) forget() {
	b.names, b.changed = nil, time.Now()
}

// known gives what others have read, where it holds for a transaction that began
// at a time.
func (b *building) known(began time.Time) (map[query.Name]bool, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.names, b.names != nil && !began.Before(b.to) && time.Since(b.from) < buildingAge
}

// keep takes what a transaction has read, for those that begin from now on.
func (b *building) keep(names map[query.Name]bool, began time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if began.After(b.changed) && (b.names == nil || began.After(b.from)) {
		b.names, b.from, b.to = names, began, time.Now()
	}
}

// since adds the parameters that have come to mean something else since a time.
func (b *building) since(began time.Time, names map[query.Name]bool) map[query.Name]bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.latest.Before(began) {
		return names
	}
	names = maps.Clone(names)
	for name, at := range b.redefined {
		if !at.Before(began) {
			names[name] = true
		}
	}
	return names
}

// incomplete gives the parameters whose index is not complete in what this
// transaction sees.
func (s *session) incomplete() (map[query.Name]bool, error) {
	b := &s.store.building
	names, ok := b.known(s.began)
	if !ok && s.building == nil {
		all, err := params(s.conn.query("SELECT id, type, code, building FROM registry WHERE building = $1", true))
		if err != nil {
			return nil, err
		}
		s.building = map[query.Name]bool{}
		for _, p := range all {
			s.building[query.Name{Type: p.typ, Code: p.code}] = true
		}
		b.keep(s.building, s.began)
	}
	if !ok {
		names = s.building
	}
	return b.since(s.began, names), nil
}

// complete refuses a search by a parameter whose index is being built: an answer
// would be short and not say so. It gives the query without what only makes it
// faster and is being built.
func (r *reader) complete(q *fhir.Query) (*fhir.Query, error) {
	names, err := r.incomplete()
	if err != nil || len(names) == 0 {
		return q, err
	}
	q = query.Built(q, names)
	used, ok := query.Using(q, names)
	if !ok {
		return q, nil
	}
	return nil, fhir.Errorf(fhir.IssueIncomplete, "", "The index of the search parameter %[2]s of %[1]s is being built; search by it when it is done. GET [base]/$reindex says how far it is.", used.Type, used.Code)
}
