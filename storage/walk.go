package storage

import "bima/fhir"

// A walk is what a search goes through to find its resources: the few that one
// criterion selects, the rows of an index table in the order of their resources,
// the rows of one in the order asked for, or the resource table. Whatever it
// goes through, the other criteria are looked up row by row.
type walk struct {
	p        *planner
	q        *query
	distinct string       // "DISTINCT " where a resource may have several rows
	few      *set         // begin with these
	match    []fhir.Match // or with the rows of an index table that these select
	numbers  []int64      // of their parameter
	table    string       // of match
	joined   bool         // the resource's row is joined
	rest     []fhir.Criterion
}

// rid gives the SQL of the row id.
func (w *walk) rid() string {
	if w.few == nil && w.match == nil {
		return "r.rid"
	}
	return "d.rid"
}

// alias gives the alias of the resource's row, "" where it is not joined.
func (w *walk) alias() string {
	if w.few == nil && w.match == nil || w.joined {
		return "r"
	}
	return ""
}

// write writes what follows FROM.
func (w *walk) write() error {
	switch {
	case w.few != nil:
		w.p.write("(")
		if err := w.p.set(w.few); err != nil {
			return err
		}
		w.p.write(") d")
	case w.match != nil:
		w.p.write(w.table, " d")
	default:
		w.p.write("resource r")
	}
	if w.joined {
		w.p.write(" ", w.p.dialect.joinInOrder(), " resource r ON r.part = 0 AND r.rid = d.rid")
	}
	return nil
}

// where writes the own condition of the walk.
func (w *walk) where() error {
	switch {
	case w.few != nil:
		w.p.write("1 = 1")
		return nil
	case w.match != nil:
		w.p.write("d.part = 0 AND ")
		w.p.in("d.sp", w.numbers)
		w.p.write(" AND ")
		return w.p.values("d", w.match)
	}
	w.p.write("r.part = 0 AND r.deleted = 0")
	if len(w.q.types) > 0 {
		w.p.write(" AND ")
		w.p.in("r.typ", w.q.types)
	}
	return nil
}

// walk chooses what the search goes through.
func (p *planner) walk(q *query) (*walk, error) {
	w := &walk{p: p, q: q, rest: conjuncts(q.Where, nil), joined: false}
	if len(w.rest) == 0 {
		return w, nil
	}
	if len(w.rest) > 1 || len(q.Sort) > 0 || !orderedBy(w.rest[0]) {
		at, few, err := p.session.few(w.rest, q.Types, len(q.Sort) > 0)
		if err != nil {
			return nil, err
		}
		if few != nil {
			w.few, w.distinct, w.rest = few, "DISTINCT ", without(w.rest, at)
			w.joined = anyNeedsRow(w.rest) || len(q.Sort) > 0
			return w, nil
		}
	}
	return w, p.inOrder(w)
}

// few finds a criterion to begin with. PostgreSQL orders look-ups itself, by its
// statistics, but for a search that is sorted.
func (s *session) few(all []fhir.Criterion, types []string, sorted bool) (int, *set, error) {
	if !sorted && s.store.dialect.plans() {
		return 0, nil, nil
	}
	return s.smallest(all, types)
}

// inOrder walks the rows of a criterion whose index is in the order of the
// resources, if there is one.
func (p *planner) inOrder(w *walk) error {
	for i, c := range w.rest {
		if !orderedBy(c) {
			continue
		}
		m := matchesOf(c)
		numbers, err := p.numbers(w.q.Types, m[0].Param.Code)
		if err != nil {
			return err
		}
		if len(numbers) != 1 {
			continue
		}
		w.match, w.numbers, w.table = m, numbers, tableOf(m[0].Value)
		w.distinct, w.rest = "DISTINCT ", without(w.rest, i)
		w.joined = anyNeedsRow(w.rest) || len(w.q.Sort) > 0
		return nil
	}
	return nil
}

// orderedBy reports whether an index holds the rows of a criterion in the order
// of their resources, so that a walk may end with the page.
func orderedBy(c fhir.Criterion) bool {
	m, ok := c.(fhir.Match)
	if !ok {
		return false
	}
	switch v := m.Value.(type) {
	case fhir.TokenValue:
		return !v.AnyCode
	case fhir.ReferenceValue:
		return v.Key.ID == "" || v.Key.Type != ""
	case fhir.StringValue:
		return v.Mode == fhir.StringExact
	case fhir.URIValue:
		return v.Mode == fhir.URIExact
	}
	return false
}

// conjuncts takes nested Alls apart.
func conjuncts(c fhir.Criterion, out []fhir.Criterion) []fhir.Criterion {
	switch c := c.(type) {
	case nil:
		return out
	case fhir.All:
		for _, inner := range c {
			out = conjuncts(inner, out)
		}
		return out
	}
	return append(out, c)
}
