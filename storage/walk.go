package storage

import "bima/fhir"

// A walk is what a search walks to find its resources: the resource table, or
// the rows of an index table that one criterion selects. Whatever it walks, the
// rest is looked up row by row.
type walk struct {
	p        *planner
	q        *query
	distinct string       // "DISTINCT " where a resource may have several rows
	match    []fhir.Match // alternatives for one parameter, whose rows are walked
	numbers  []int64      // of their parameter
	table    string
	joined   bool // the resource's row is joined to the index table
}

// rid gives the SQL of the row id.
func (d *walk) rid() string {
	if d.match == nil {
		return "r.rid"
	}
	return "d.rid"
}

// alias gives the alias of the resource's row.
func (d *walk) alias() string {
	if d.match == nil || d.joined {
		return "r"
	}
	return ""
}

// write writes what follows FROM.
func (d *walk) write() error {
	switch {
	case d.match == nil:
		d.p.write("resource r")
	case d.joined:
		d.p.write(d.table, " d ", d.p.dialect.joinInOrder(), " resource r ON r.part = 0 AND r.rid = d.rid")
	default:
		d.p.write(d.table, " d")
	}
	return nil
}

// where writes the own condition of the walk.
func (d *walk) where() error {
	if d.match != nil {
		d.p.write("d.part = 0 AND ")
		d.p.in("d.sp", d.numbers)
		d.p.write(" AND ")
		return d.p.values("d", d.match)
	}
	d.p.write("r.part = 0 AND r.deleted = 0")
	if len(d.q.types) > 0 {
		d.p.write(" AND ")
		d.p.in("r.typ", d.q.types)
	}
	return nil
}

// walk chooses what the search walks, and gives the criteria that are left.
func (p *planner) walk(q *query) (*walk, []fhir.Criterion, error) {
	all := conjuncts(q.Where, nil)
	d := &walk{p: p, q: q}
	best := -1
	for i, c := range all {
		m, ok := c.(fhir.Match)
		if !ok || !ordered(m.Value) {
			continue
		}
		numbers, err := p.numbers(q.Types, m.Param.Code)
		if err != nil {
			return nil, nil, err
		}
		if len(numbers) == 1 {
			best, d.match, d.numbers, d.table = i, []fhir.Match{m}, numbers, tableOf(m.Value)
			break
		}
	}
	if best < 0 {
		return d, all, nil
	}
	d.distinct = "DISTINCT "
	rest := append(append([]fhir.Criterion{}, all[:best]...), all[best+1:]...)
	d.joined = anyNeedsRow(rest)
	return d, rest, nil
}

// ordered reports whether the index holds the rows of a value in the order of
// their ids, so that a walk may end with the page.
func ordered(v fhir.Value) bool {
	switch v := v.(type) {
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
