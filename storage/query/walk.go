package query

import (
	"slices"

	"bima/fhir"
)

// A walk is what a search goes through to find its resources: the few that one
// criterion selects, the rows of an index table in the order of their resources,
// the rows of one in the order asked for, or the resource table. Whatever it
// goes through, the other criteria are looked up row by row.
type walk struct {
	p        *Planner
	q        *Search
	distinct string         // "DISTINCT " where a resource may have several rows
	few      *set           // begin with these
	text     *fhir.FullText // or with the rows whose text has words
	match    []fhir.Match   // or with the rows of an index table that these select
	numbers  []int64        // of their parameter
	table    string         // of match
	joined   bool           // the resource's row is joined
	rest     []fhir.Criterion
}

// rid gives the SQL of the row id.
func (w *walk) rid() string {
	if w.text != nil {
		return "d.rowid"
	}
	if w.few == nil && w.match == nil {
		return "r.rid"
	}
	return "d.rid"
}

// alias gives the alias of the resource's row, "" where it is not joined.
func (w *walk) alias() string {
	if w.few == nil && w.match == nil && w.text == nil || w.joined {
		return "r"
	}
	return ""
}

// write writes what follows FROM.
func (w *walk) write() error {
	switch {
	case w.few != nil:
		before, after := "(", ") d"
		if _, has := w.few.criterion.(fhir.Has); has && len(w.rest) > 0 {
			// Many may refer to one resource, which is looked up once.
			e := w.p.Alias("e")
			before, after = "(SELECT DISTINCT "+e+".rid AS rid FROM (", ") "+e+") d"
		}
		w.p.Add(before)
		if err := w.p.set(w.few); err != nil {
			return err
		}
		w.p.Add(after)
	case w.text != nil:
		w.p.Add("sp_text d")
	case w.match != nil:
		w.p.Add(w.table, " d")
	default:
		w.p.Add("resource r")
		w.p.Add(w.by())
	}
	if w.joined {
		w.p.Add(" ", w.p.dialect.joinInOrder(), " resource r ON r.part = 0 AND r.rid = ", w.rid())
	}
	return nil
}

// by names the index that a walk of resources goes along, where the database would
// choose another. What looks at their time may have a better one.
func (w *walk) by() string {
	timed := func(c fhir.Criterion) bool {
		switch c := c.(type) {
		case fhir.Updated, period:
			return true
		case span:
			return c.column.Everywhere()
		}
		return false
	}
	switch {
	case len(w.q.numbers) > 0 && slices.ContainsFunc(w.rest, named):
		return w.p.dialect.byID()
	case len(w.q.numbers) == 1 && len(w.q.Sort) == 0 && !slices.ContainsFunc(w.rest, timed):
		return w.p.dialect.byType()
	}
	return ""
}

// where writes the own condition of the walk.
func (w *walk) where() error {
	switch {
	case w.few != nil:
		w.p.Add("1 = 1")
		return nil
	case w.text != nil:
		w.p.Add("d.sp_text MATCH ", w.p.Arg(ftsMatch(w.text.Param, ftsWords.words(*w.text).found)))
		if len(w.q.numbers) > 0 {
			w.p.Add(" AND ")
			w.p.In("r.typ", w.q.numbers)
		}
		return nil
	case w.match != nil:
		w.p.Add("d.part = 0 AND ")
		w.p.In("d.sp", w.numbers)
		w.p.Add(" AND ")
		return w.p.values("d", w.match)
	}
	w.p.Add("r.part = 0 AND r.deleted = 0")
	if len(w.q.numbers) > 0 {
		w.p.Add(" AND ")
		w.p.In("r.typ", w.q.numbers)
	}
	return nil
}

// walk chooses what the search goes through.
func (p *Planner) walk(q *Search) (*walk, error) {
	w := &walk{p: p, q: q, rest: conjuncts(q.Where, nil), joined: false}
	if len(w.rest) == 0 {
		return w, nil
	}
	if len(w.rest) > 1 || len(q.Sort) > 0 || !orderedBy(w.rest[0]) && !p.wordsInOrder(w.rest[0]) {
		at, few, err := p.beginning(q, w.rest)
		if err != nil {
			return nil, err
		}
		if few != nil {
			w.few, w.distinct, w.rest = few, "DISTINCT ", without(w.rest, at)
			w.joined = anyNeedsRow(w.rest) || q.byRow()
			if few.size > 0 && few.size <= sparseMax {
				p.apart = p.dialect.plans() // its statistics may take them for many
			}
			return w, nil
		}
		if q.along == nil {
			q.along, q.beside = p.rarest, p.beside()
		}
	}
	return w, p.inOrder(w)
}

// spans gives a span among criteria to begin with, however much it selects.
func spans(all []fhir.Criterion, types []string) (int, *set) {
	for i, c := range all {
		if s, ok := c.(span); ok && s.selects() {
			return i, &set{criterion: s, types: types}
		}
	}
	return 0, nil
}

// beginning finds a criterion to begin with. What is sorted within a span begins
// with that, however much it selects.
func (p *Planner) beginning(q *Search, all []fhir.Criterion) (int, *set, error) {
	if q.begin != nil {
		return q.begin.at, q.begin.set, nil
	}
	if at, one := spans(all, q.Types); one != nil && len(q.Sort) > 0 && q.known {
		return at, one, nil
	}
	return p.few(q, all)
}

// few finds a criterion to begin with. PostgreSQL orders look-ups itself, by its
// statistics, where that goes well: for one criterion and the default order.
func (p *Planner) few(q *Search, all []fhir.Criterion) (int, *set, error) {
	if len(q.Sort) == 0 && p.dialect.plans() && !entangled(all) {
		return 0, nil, nil
	}
	return p.fewest(q, all)
}

// fewest finds the criterion that selects least, if any selects few.
func (p *Planner) fewest(q *Search, all []fhir.Criterion) (int, *set, error) {
	if !q.known {
		p.rare = len(q.Sort) == 0 && !slices.ContainsFunc(all, func(c fhir.Criterion) bool { return !orderedBy(c) })
		return p.smallest(all, q.Types)
	}
	at, one := spans(all, q.Types)
	if one == nil {
		return 0, nil, nil
	}
	counted, err := p.asSet(one.criterion, q.Types)
	return at, counted, err
}

// entangled reports whether criteria are such that statistics tell little of how
// many resources they leave: several, of other resources, or of many codes.
func entangled(all []fhir.Criterion) bool {
	if len(all) > 1 {
		return true
	}
	for _, c := range all {
		switch c := c.(type) {
		case fhir.Chain, fhir.Has:
			return true
		case fhir.Any:
			return !alike(c)
		case fhir.Match:
			_, many := c.Value.(fhir.TokenSetValue)
			return many
		}
	}
	return false
}

// inOrder walks the rows of a criterion whose index is in the order of the
// resources, if there is one.
func (p *Planner) inOrder(w *walk) error {
	for i, c := range w.rest {
		if text, ok := c.(fhir.FullText); ok && p.dialect.byWords() {
			found, err := p.finds(text, w.q.Types)
			if err != nil {
				return err
			}
			if found {
				w.text, w.joined, w.rest = &text, true, without(w.rest, i)
				return nil
			}
		}
	}
	for i, c := range w.rest {
		if !orderedBy(c) || w.q.along != nil && c != w.q.along {
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
		w.joined = anyNeedsRow(w.rest) || w.q.byRow()
		return nil
	}
	return nil
}

// wordsInOrder reports whether a criterion asks for words, and texts that have them
// come in the order of their rows.
func (p *Planner) wordsInOrder(c fhir.Criterion) bool {
	_, words := c.(fhir.FullText)
	return words && p.dialect.byWords()
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
	case fhir.CompositeValue:
		return !v.First.AnyCode
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
