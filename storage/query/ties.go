package query

import (
	"math"

	"bima/fhir"
)

// Of a second sort key so many values at a time are read along the first, each by
// so many resources at least: fewer are found sooner by going through them.
const (
	groupsMax = 4
	groupSize = 100
)

// A Group is a value of a sort key that many resources have, and the row id behind
// which those of it begin.
type Group struct {
	value  any
	behind int64
}

// Alongside reports whether a search within one value of a sort key, by one more,
// reads the two along one another: where an index holds the resources of each value
// in their order.
func (q *Search) Alongside(c SortColumn) bool {
	return q.known && len(q.Sort) == 1 && c.Grouped() && len(q.ofOne()) > 0
}

// ofOne gives the values that a search is within.
func (q *Search) ofOne() (all []span) {
	for _, c := range conjuncts(q.Where, nil) {
		if s, ok := c.(span); ok && s.runs() != nil {
			all = append(all, s)
		}
	}
	return all
}

// Groups gives the next values of the sort key, in its order from the cursor on, as
// far as many resources have each; more tells whether others follow.
func (p *Planner) Groups(q *Search, c SortColumn) (groups []Group, more bool, _ error) {
	down := q.Sort[0].Descending != q.Cursor.Back
	least := "min("
	if down {
		least = "max("
	}
	sp := p.Arg(c.numbers[0])
	of := " FROM " + c.table + " WHERE part = 0 AND sp = " + sp
	next := func(beyond string) string { return "(SELECT " + least + c.column + ")" + of + beyond + ")" }
	from := ""
	if q.Cursor.RID != 0 && q.Cursor.Values[0] != nil {
		onward := compare(down)
		if q.Cursor.RID != last(q.Cursor.Back) {
			onward = onward[:2] + "= "
		}
		from = " AND " + c.column + onward + p.Arg(q.Cursor.Values[0])
	}
	p.Add("WITH RECURSIVE v(k, n) AS (SELECT ", next(from), ", 1 UNION ALL SELECT ", next(" AND "+c.column+compare(down)+"v.k"),
		", v.n + 1 FROM v WHERE v.k IS NOT NULL AND v.n <= ", p.Rows(groupsMax), ") SELECT v.k, CASE WHEN v.n > ", p.Rows(groupsMax),
		" THEN 0 ELSE (SELECT count(*) FROM (SELECT 1", of, " AND ", c.column, " = v.k LIMIT ", p.Rows(groupSize),
		") x) END FROM v WHERE v.k IS NOT NULL ORDER BY v.n")
	found, err := p.source.Values(p.String(), p.Args, 2)
	if err != nil {
		return nil, false, err
	}
	for _, row := range found {
		if n, ok := row[1].(int64); !ok || n < groupSize {
			return groups, true, nil
		}
		g := Group{value: row[0], behind: last(!q.Cursor.Back)}
		if q.Cursor.RID != 0 && row[0] == q.Cursor.Values[0] {
			g.behind = q.Cursor.RID
		}
		groups = append(groups, g)
	}
	return groups, false, nil
}

// Behind has the search go on behind a group.
func (q *Search) Behind(g Group) {
	q.Cursor.RID, q.Cursor.Values = last(q.Cursor.Back), []any{g.value}
}

// last gives a row id behind all there are in the order of a page.
func last(back bool) int64 {
	if back {
		return math.MaxInt64
	}
	return -1
}

// AlongGroups writes a selection of those that the query finds in the groups, each
// read along the values that the search is within: all are in the order of the
// resources, so nothing is read beyond the page's last.
func (p *Planner) AlongGroups(q *Search, c SortColumn, groups []Group) error {
	p.apart = p.dialect.plans()
	return p.dialect.inGroups(p, q, c, groups)
}

// inGroup writes the row ids d of a group, whose value and beginning are given in
// SQL, for which all else holds that is asked.
func (p *Planner) inGroup(q *Search, c SortColumn, value, behind, end string) error {
	type first struct {
		span
		value string
	}
	var all []side
	var firsts []first
	within := func(s span, value string) {
		firsts = append(firsts, first{s, value})
		all = append(all, side{s.column.table, func(t string) error {
			p.In(t+".sp", s.column.numbers)
			p.Add(" AND ", t, ".", s.column.column, " = ", value)
			p.after(q, t, behind)
			return nil
		}})
	}
	within(span{column: c, down: q.Sort[0].Descending}, value)
	for _, s := range q.ofOne() {
		within(s, p.Arg(s.is))
	}
	p.Add("(")
	if err := p.dialect.inAll(p, all, direction(!q.Cursor.Back), end); err != nil {
		return err
	}
	p.Add(") d")
	rest := q.rest()
	r := row{rid: "d.rid", types: q.Types}
	if anyNeedsRow(rest) {
		r.alias = "r"
		p.Add(" ", p.dialect.joinInOrder(), " resource r ON r.part = 0 AND r.rid = d.rid")
	}
	p.Add(" WHERE 1 = 1")
	for _, one := range rest {
		p.Add(" AND ")
		if err := p.where(one, r); err != nil {
			return err
		}
	}
	for _, one := range firsts {
		p.Add(" AND ")
		if err := p.none(one.column, one.down, r, one.value); err != nil {
			return err
		}
	}
	return nil
}

// rest gives what a search asks but for the values that it is within.
func (q *Search) rest() (rest []fhir.Criterion) {
	for _, c := range conjuncts(q.Where, nil) {
		if s, ok := c.(span); !ok || s.runs() == nil {
			rest = append(rest, c)
		}
	}
	return rest
}

// after writes that a row is behind another in the order of the page, and within
// the search's bound.
func (p *Planner) after(q *Search, t, behind string) {
	p.Add(" AND ", t, ".rid", compare(!q.Cursor.Back), behind)
	if q.Cursor.Bound != 0 {
		p.Add(" AND ", t, ".rid <= ", p.Arg(q.Cursor.Bound))
	}
}

// none writes that a resource has no value that comes before one.
func (p *Planner) none(c SortColumn, down bool, r row, value string) error {
	p.Add("NOT ")
	return p.exists(r, c.table, true, func(t string) error {
		p.In(t+".sp", c.numbers)
		p.Add(" AND ", t, ".", c.column, compare(!down), value)
		return nil
	})
}

// inGroups implements Dialect: each group is one part of a union, whose parts run
// one after the other until the page is full, each in the order of what it merges.
func (SQLite) inGroups(p *Planner, q *Search, c SortColumn, groups []Group) error {
	page := " LIMIT " + p.Rows(int64(q.Max+1))
	for i, g := range groups {
		if i > 0 {
			p.Add(" UNION ALL ")
		}
		value := p.Arg(g.value)
		p.Add("SELECT rid, k1 FROM (SELECT d.rid AS rid, ", value, " AS k1 FROM ")
		// The limit keeps the order of what is merged.
		if err := p.inGroup(q, c, value, p.Arg(g.behind), " LIMIT -1"); err != nil {
			return err
		}
		p.Add(page, ")")
	}
	p.Add(page)
	return nil
}

// inGroups implements Dialect: the groups are a list that the database can but go
// through one by one, until the page is full.
func (Postgres) inGroups(p *Planner, q *Search, c SortColumn, groups []Group) error {
	page := " LIMIT " + p.Rows(int64(q.Max+1))
	p.Add("SELECT e.rid AS rid, v.k AS k1 FROM (VALUES ")
	for i, g := range groups {
		if i > 0 {
			p.Add(", ")
		}
		p.Add("(", p.Arg(g.value), typed(g.value), ", ", p.Arg(g.behind), "::int8)")
	}
	p.Add(") v(k, behind) CROSS JOIN LATERAL (SELECT d.rid FROM ")
	if err := p.inGroup(q, c, "v.k", "v.behind", " OFFSET 0"); err != nil {
		return err
	}
	p.Add(" ORDER BY d.rid", direction(!q.Cursor.Back), page, ") e", page)
	return nil
}

// AlongWithout writes a selection of those without the sort key among the resources
// of the value that the search is within.
func (p *Planner) AlongWithout(q *Search, c SortColumn) error {
	p.apart = p.dialect.plans()
	s := q.ofOne()[0]
	p.Add("SELECT DISTINCT d.rid AS rid, NULL AS k1 FROM ", s.column.table, " d")
	r := row{rid: "d.rid", types: q.Types}
	if needsRow(fhir.All(conjuncts(q.Where, nil))) {
		r.alias = "r"
		p.Add(" ", p.dialect.joinInOrder(), " resource r ON r.part = 0 AND r.rid = d.rid")
	}
	p.Add(" WHERE d.part = 0 AND ")
	p.In("d.sp", s.column.numbers)
	p.Add(" AND d.", s.column.column, " = ", p.Arg(s.is))
	p.Add(" AND NOT ")
	if err := p.exists(r, c.table, true, func(t string) error {
		p.In(t+".sp", c.numbers)
		return nil
	}); err != nil {
		return err
	}
	if q.Cursor.RID != 0 && q.Cursor.Values[0] == nil {
		p.Add(" AND d.rid", compare(!q.Cursor.Back), p.Arg(q.Cursor.RID))
	}
	if err := p.others(q, r); err != nil {
		return err
	}
	p.Add(" ORDER BY d.rid", direction(!q.Cursor.Back), " LIMIT ", p.Rows(int64(q.Max+1)))
	return nil
}
