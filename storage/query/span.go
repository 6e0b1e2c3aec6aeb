package query

import (
	"slices"

	"bima/fhir"
	"bima/storage/index"
)

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

// selects reports whether an index finds the resources of the span.
func (s span) selects() bool { return !s.missing && s.column.table != "sp_token" }

// Tied gives the search within those resources whose first sort key has the
// value, nil where they lack it, by the keys that are left. With after it goes on
// behind the search's own cursor.
func (q *Search) Tied(c SortColumn, value any, after bool) *Search {
	sub := q.within(span{column: c, down: q.Sort[0].Descending, is: value, missing: value == nil})
	if code, ok := value.(string); ok && c.table == "sp_token" {
		sub.Query.Where = fhir.All{sub.Query.Where, fhir.Match{Param: q.Sort[0].Param, Value: fhir.TokenValue{Code: code, AnySystem: true}}}
	}
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

// Within reports whether the search is part of one, within a span.
func (q *Search) Within() bool { return q.known }

// within gives the search with one criterion more, from its beginning.
func (q *Search) within(s span) *Search {
	narrowed := *q.Query
	narrowed.Where = fhir.All{s}
	if q.Where != nil {
		narrowed.Where = fhir.All{q.Where, s}
	}
	sub := *q
	sub.Query, sub.known = &narrowed, true
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
	apart := p.apart
	defer func() { p.apart = apart }()
	p.apart = p.dialect.plans() // what few are within is begun with
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
	if !p.about { // that would look each up
		p.Add(" AND ")
		p.first(s.column, s.down, t)
	}
	return nil
}

// codesMax is how many different codes of a token a search may be sorted by along
// them; beyond it all that is found is read and ordered.
const codesMax = 100

// Codes writes the texts of all different codes of a parameter, one more than
// codesMax at most. It goes from code to code along the index.
func (p *Planner) Codes(c SortColumn) {
	sp := p.Arg(c.numbers[0])
	next := func(more string) string {
		return "(SELECT min(code) FROM sp_token WHERE part = 0 AND sp = " + sp + more + ")"
	}
	p.Add("WITH RECURSIVE c(code) AS (SELECT ", next(""), " UNION ALL SELECT ", next(" AND code > c.code"),
		" FROM c WHERE c.code IS NOT NULL) SELECT (SELECT txt FROM sp_token WHERE part = 0 AND sp = ", sp, " AND code = c.code LIMIT 1) ",
		"FROM c WHERE c.code IS NOT NULL LIMIT ", p.Rows(int64(codesMax+1)))
}

// Listed gives the codes in the order of the search, each once; ok tells whether
// the search can be sorted along them.
func (q *Search) Listed(texts []string) (codes []string, ok bool) {
	if len(texts) > codesMax {
		return nil, false
	}
	for _, t := range texts {
		if len(t) >= index.TokenTextBytes {
			return nil, false // may be cut
		}
	}
	codes = slices.Clone(texts)
	slices.Sort(codes)
	codes = slices.Compact(codes)
	if q.Sort[0].Descending != q.Cursor.Back {
		slices.Reverse(codes)
	}
	return codes, true
}

// A Tie is a value of the first sort key, nil for none. After says that the
// search's cursor lies among those that have it.
type Tie struct {
	Value any
	After bool
}

// Beyond gives the codes, in the order of the search, that do not lie before its
// cursor, and none in its place.
func (q *Search) Beyond(codes []string) []Tie {
	all := make([]Tie, 0, len(codes)+2)
	for _, c := range codes {
		all = append(all, Tie{Value: c})
	}
	if q.Cursor.Back {
		all = slices.Insert(all, 0, Tie{})
	} else {
		all = append(all, Tie{})
	}
	if q.Cursor.RID == 0 {
		return all
	}
	at := Tie{Value: q.Cursor.Values[0], After: true}
	down := q.Sort[0].Descending != q.Cursor.Back
	behind := func(t Tie) bool {
		switch {
		case at.Value == nil:
			return q.Cursor.Back && t.Value != nil
		case t.Value == nil:
			return !q.Cursor.Back
		}
		a, _ := t.Value.(string)
		b, _ := at.Value.(string)
		return a > b && !down || a < b && down
	}
	out := []Tie{at}
	for _, t := range all {
		if behind(t) {
			out = append(out, t)
		}
	}
	return out
}

// Boundary writes how many rows there are beyond a value of the first sort key, so
// many at most, and the first and the last value that these have.
func (p *Planner) Boundary(q *Search, c SortColumn, from any, rows int) error {
	down := q.Sort[0].Descending
	first, last := "min(x.k1)", "max(x.k1)"
	if down != q.Cursor.Back {
		first, last = last, first
	}
	p.Add("SELECT count(*), ", first, ", ", last, " FROM (SELECT ")
	if err := p.inOrderOf(q, c, "", func(column string) {
		if from != nil {
			p.Add(" AND ", column, compare(down != q.Cursor.Back), p.Arg(from))
		}
	}); err != nil {
		return err
	}
	p.Add(" ORDER BY d.", c.column, direction(down != q.Cursor.Back), " LIMIT ", p.Rows(int64(rows)), ") x")
	return nil
}
