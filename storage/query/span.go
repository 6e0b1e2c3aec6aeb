package query

import "bima/fhir"

// A span is a Criterion that no client writes: that the value a resource sorts by
// is a certain one, lies between two, or is missing. By spans a search with
// several sort keys goes from value to value of the first.
type span struct {
	fhir.Present // makes it a Criterion
	column       SortColumn
	down         bool
	is           any // the value, or
	from, to     any // the values it lies between, in the order of the sort; nil is open
	missing      bool
}

// Tied gives the search within those resources whose first sort key has the
// value, nil where they lack it, by the keys that are left. With after it goes on
// behind the search's own cursor.
func (q *Search) Tied(c SortColumn, value any, after bool) *Search {
	sub := q.within(span{column: c, down: q.Sort[0].Descending, is: value, missing: value == nil})
	sub.Query.Sort = q.Sort[1:]
	if after {
		sub.Cursor.RID, sub.Cursor.Values = q.Cursor.RID, q.Cursor.Values[1:]
	}
	return sub
}

// Between gives the search within those resources whose first sort key lies
// between two values; nil is open.
func (q *Search) Between(c SortColumn, from, to any) *Search {
	if q.Cursor.Back {
		from, to = to, from
	}
	return q.within(span{column: c, down: q.Sort[0].Descending, from: from, to: to})
}

// within gives the search with one criterion more, from its beginning.
func (q *Search) within(s span) *Search {
	narrowed := *q.Query
	narrowed.Where = fhir.All{s}
	if q.Where != nil {
		narrowed.Where = fhir.All{q.Where, s}
	}
	sub := *q
	sub.Query = &narrowed
	sub.Cursor = Cursor{Bound: q.Cursor.Bound, Back: q.Cursor.Back}
	return &sub
}

// compares writes that a value is in the span.
func (p *Planner) compares(s span, column string) {
	if s.is != nil {
		p.Add(column, " = ", p.Arg(s.is))
		return
	}
	p.Add("1 = 1")
	if s.from != nil {
		p.Add(" AND ", column, compare(s.down), p.Arg(s.from))
	}
	if s.to != nil {
		p.Add(" AND ", column, compare(!s.down), p.Arg(s.to))
	}
}

// first writes that no value of the resource comes before that of the row.
func (p *Planner) first(c SortColumn, down bool, alias string) {
	o := p.Alias("o")
	p.Add("NOT EXISTS (SELECT 1 FROM ", c.table, " ", o, p.dialect.byRow(c.table), " WHERE ", o, ".part = 0 AND ", o, ".rid = ", alias, ".rid AND ")
	p.In(o+".sp", c.numbers)
	p.Add(" AND ", o, ".", c.column, compare(!down), alias, ".", c.column, ")")
}

// spanned writes that the row is in the span.
func (p *Planner) spanned(s span, r row) error {
	if s.column.Everywhere() {
		if s.missing {
			p.Add("1 = 0")
			return nil
		}
		p.compares(s, r.alias+"."+s.column.column)
		return nil
	}
	if s.missing {
		p.Add("NOT ")
	}
	return p.exists(r, s.column.table, true, func(t string) error {
		p.In(t+".sp", s.column.numbers)
		if !s.missing {
			p.Add(" AND ")
			p.compares(s, t+"."+s.column.column)
			p.Add(" AND ")
			p.first(s.column, s.down, t)
		}
		return nil
	})
}

// spanSet writes the select of the row ids of a span.
func (p *Planner) spanSet(s span, types []string) error {
	t := p.Alias("t")
	p.Add("SELECT ", t, ".rid AS rid FROM ", s.column.table, " ", t, " WHERE ", t, ".part = 0 AND ")
	if s.column.Everywhere() {
		numbers, err := p.Types(types)
		if err != nil {
			return err
		}
		p.Add(t, ".deleted = 0 AND ")
		p.In(t+".typ", numbers)
		p.Add(" AND ")
		p.compares(s, t+"."+s.column.column)
		return nil
	}
	p.In(t+".sp", s.column.numbers)
	p.Add(" AND ")
	p.compares(s, t+"."+s.column.column)
	p.Add(" AND ")
	p.first(s.column, s.down, t)
	return nil
}

// Boundary writes the value of the first sort key that so many rows beyond a
// value have, or less; no row where there are not so many.
func (p *Planner) Boundary(q *Search, c SortColumn, from any, rows int) error {
	down := q.Sort[0].Descending
	p.Add("SELECT ")
	if err := p.inOrderOf(q, c, func(column string) {
		if from != nil {
			p.Add(" AND ", column, compare(down != q.Cursor.Back), p.Arg(from))
		}
	}); err != nil {
		return err
	}
	p.Add(" ORDER BY d.", c.column, direction(down != q.Cursor.Back), " LIMIT 1 OFFSET ", p.Arg(int64(rows-1)))
	return nil
}
