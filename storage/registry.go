package storage

import (
	"fmt"
	"sync"
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
