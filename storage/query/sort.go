package query

import (
	"cmp"
	"slices"
	"strconv"

	"bima/fhir"
)

// tiedMax is how many resources that share a value are read and sorted by the next
// key; of more a walk along that key finds those that come first.
const tiedMax = 200

// sortKeysMax bounds the keys of one _sort.
const sortKeysMax = 16

func keyName(i int) string { return "k" + strconv.Itoa(i+1) }

// Sorted writes a selection by sort keys. Resources without a value come last in
// either direction; among equals the newest comes first.
func (p *Planner) Sorted(q *Search) error {
	if len(q.Sort) > sortKeysMax {
		return fhir.Errorf(fhir.IssueTooCostly, "", "A search sorts by at most %d parameters.", sortKeysMax)
	}
	from, err := p.walk(q)
	if err != nil {
		return err
	}
	p.Add("SELECT y.* FROM (SELECT ", from.distinct, from.rid(), " AS rid")
	for i, k := range q.Sort {
		p.Add(", ")
		if err := p.key(q, k, from.rid()); err != nil {
			return err
		}
		p.Add(" AS ", keyName(i))
	}
	p.Add(" FROM ")
	if err := from.write(); err != nil {
		return err
	}
	if err := p.filter(q, from); err != nil {
		return err
	}
	p.bounded(q, p.dialect.unindexed(from.rid())) // SQLite would go from it through all of an index
	p.Add(") y")
	if q.Cursor.RID != 0 {
		p.Add(" WHERE ")
		p.beyond(q)
	}
	p.Add(" ORDER BY ")
	p.order(q, "y")
	p.Add(" LIMIT ", p.Rows(int64(q.Max+1)))
	return nil
}

// byRow reports whether a search sorts by what the resource's own row tells.
func (q *Search) byRow() bool {
	return slices.ContainsFunc(q.Sort, func(k fhir.SortKey) bool { return k.Param.Code == "_id" || k.Param.Code == "_lastUpdated" })
}

// key writes the value a resource sorts by: the one that comes first in the
// direction asked for. Source: R4 search#sort.
func (p *Planner) key(q *Search, k fhir.SortKey, rid string) error {
	switch k.Param.Code {
	case "_id":
		p.Add("r.fid")
		return nil
	case "_lastUpdated":
		p.Add("r.updated")
		return nil
	}
	table := tableOfKind(k.Param.Kind)
	column, ok := sortColumns[table]
	if !ok {
		return fhir.Errorf(fhir.IssueNotSupported, "", "A search can't sort by %s, a %s parameter.", k.Param.Code, k.Param.Kind)
	}
	numbers, err := p.numbers(q.Types, k.Param.Code)
	if err != nil {
		return err
	}
	aggregate := "min("
	if k.Descending {
		aggregate = "max("
	}
	t := p.Alias("s")
	p.Add("(SELECT ", aggregate)
	if table == "sp_reference" {
		target := p.Alias("r")
		p.Add(target, ".fid) FROM sp_reference ", t, " JOIN resource ", target, " ON ", target, ".part = 0 AND ",
			target, ".typ = ", t, ".ttyp AND ", target, ".fh = ", t, ".h")
		p.bounded(q, p.dialect.unindexed(target+".rid")) // one that was made since gives no other place
	} else {
		p.Add(t, ".", column, ") FROM ", table, " ", t, p.dialect.byRow(table))
	}
	p.Add(" WHERE ", t, ".part = 0 AND ", t, ".rid = ", rid, " AND ")
	p.In(t+".sp", numbers)
	p.Add(")")
	return nil
}

// sortColumns gives the value of each table that resources sort by. Dates and
// numbers sort by where they begin, references by the id of the target. What is
// added to them keeps PostgreSQL from looking for the least value of all
// resources in the order of an index, until it meets one of this resource.
var sortColumns = map[string]string{
	"sp_token": "txt || ''", "sp_string": "norm || ''", "sp_date": "lo + 0", "sp_number": "lo + 0",
	"sp_quantity": "lo + 0", "sp_uri": "uri || ''", "sp_reference": "fid",
}

// order writes the order of a page; going back, everything is turned round.
func (p *Planner) order(q *Search, table string) {
	back := q.Cursor.Back
	for i, k := range q.Sort {
		name := table + "." + keyName(i)
		p.Add("(", name, " IS NULL)", direction(back), ", ", name, direction(k.Descending != back), ", ")
	}
	p.Add(table, ".rid", direction(!back))
}

// beyond writes that a row lies behind the cursor in the order of the page.
func (p *Planner) beyond(q *Search) {
	back := q.Cursor.Back
	p.Add("(")
	for i, k := range q.Sort {
		name, value := "y."+keyName(i), q.Cursor.Values[i]
		p.Add("(")
		for j := range q.Sort[:i] {
			p.equals("y."+keyName(j), q.Cursor.Values[j])
			p.Add(" AND ")
		}
		switch {
		case value == nil && back:
			p.Add(name, " IS NOT NULL")
		case value == nil:
			p.Add("1 = 0")
		case back:
			p.Add(name, compare(!k.Descending), p.Arg(value))
		default:
			p.Add("(", name, " IS NULL OR ", name, compare(k.Descending), p.Arg(value), ")")
		}
		p.Add(") OR ")
	}
	p.Add("(")
	for i := range q.Sort {
		p.equals("y."+keyName(i), q.Cursor.Values[i])
		p.Add(" AND ")
	}
	p.Add("y.rid", compare(!back), p.Arg(q.Cursor.RID), "))")
}

func (p *Planner) equals(name string, value any) {
	if value == nil {
		p.Add(name, " IS NULL")
		return
	}
	p.Add(name, " = ", p.Arg(value))
}

// A SortColumn is where an index holds the values of a sort key in their order.
type SortColumn struct {
	table   string // "resource" for _lastUpdated and _id
	column  string
	numbers []int64 // of the parameter
}

// Walkable reports whether a search by one sort key can walk the index of that
// key, and end with the page: where no criterion selects few, and all of them
// are such that a look-up tells.
func (p *Planner) Walkable(q *Search) (c SortColumn, ok bool, _ error) {
	key := q.Sort[0]
	if key.Param.Code == "_lastUpdated" && len(q.numbers) == 1 {
		c.table, c.column = "resource", "updated"
	} else if key.Param.Code == "_id" && len(q.numbers) == 1 {
		c.table, c.column = "resource", "fid"
	} else if column, has := walkColumns[tableOfKind(key.Param.Kind)]; has && key.Param.Code != "_id" && key.Param.Code != "_lastUpdated" {
		c.table, c.column = tableOfKind(key.Param.Kind), column
		numbers, err := p.numbers(q.Types, key.Param.Code)
		if err != nil || len(numbers) != 1 || len(q.numbers) == 0 {
			return c, false, err
		}
		c.numbers = numbers
	} else {
		return c, false, nil
	}
	along := q.Alongside(c)
	if q.known {
		p.reach = listMax
		if along {
			p.reach = tiedMax // of more nobody need know how many
		}
	}
	at, few, err := p.fewest(q, conjuncts(q.Where, nil))
	if err != nil {
		return c, false, err
	}
	var tied *set
	if q.known && few != nil && few.size > tiedMax {
		tied, few = few, nil
	}
	if few != nil {
		q.begin = &beginning{at, few}
		return c, false, nil
	}
	if err := p.listed(q); err != nil {
		return c, false, err
	}
	for _, one := range conjuncts(q.Where, nil) {
		switch one.(type) {
		case fhir.Chain, fhir.IDs:
			return c, false, nil
		}
	}
	if tied != nil {
		q.amongTied(tied)
	}
	return c, true, nil
}

// amongTied has a search look along the sort key for those of a set.
func (q *Search) amongTied(tied *set) {
	asked := *q.Query
	asked.Where, q.Query = append(fhir.All{among{set: tied}}, conjuncts(q.Where, nil)...), &asked
}

// Tie has a search that is read along one value no further look along its sort key
// for those that have the value, where these are not too many to be read first.
func (p *Planner) Tie(q *Search) error {
	p.reach = listMax
	_, tied, err := p.fewest(q, conjuncts(q.Where, nil))
	if err == nil && tied != nil {
		q.amongTied(tied)
	}
	return err
}

// ByCodes reports whether the index holds no order of values, but few of them.
func (c SortColumn) ByCodes() bool { return c.table == "sp_token" }

// Grouped reports whether many resources may share a value, and an index holds those
// of each in their order.
func (c SortColumn) Grouped() bool { return c.table == "sp_string" || c.table == "sp_uri" }

// walkColumns names the column that an index of the table orders by; those of
// tokens are in no order, but often few.
var walkColumns = map[string]string{
	"sp_string": "norm", "sp_date": "lo", "sp_number": "lo", "sp_quantity": "lo", "sp_uri": "uri", "sp_token": "txt",
}

// Referred reports whether a search asks for what others refer to. Nothing tells how
// many that are but a look at the first along the sort key; see Dense.
func (q *Search) Referred() bool {
	return slices.ContainsFunc(conjuncts(q.Where, nil), func(c fhir.Criterion) bool {
		_, has := c.(fhir.Has)
		return has
	})
}

// denseSize is among how many rows a page is to be found for a walk along them.
const denseSize = 400

// Dense writes a count of those that a search finds among the next rows of the sort
// key's index, as far as they fill its page.
func (p *Planner) Dense(q *Search, c SortColumn) error {
	window := *q
	window.Windowed, window.window = true, denseSize
	p.Add("SELECT count(*) FROM (SELECT ")
	if err := p.inOrderOf(&window, c, "", func(column string) {
		if q.Cursor.RID != 0 && q.Cursor.Values[0] != nil {
			p.Add(" AND ", column, compare(q.Sort[0].Descending != q.Cursor.Back)[:2], "= ", p.Arg(q.Cursor.Values[0]))
		}
	}); err != nil {
		return err
	}
	p.Add(" LIMIT ", p.Rows(int64(q.Max+1)), ") x")
	return nil
}

// WithValue writes a selection that walks the index of the sort key. Of several
// values of a resource only the first one in the direction counts.
func (p *Planner) WithValue(q *Search, c SortColumn) error {
	down := q.Sort[0].Descending
	p.Add("SELECT d.rid AS rid, ")
	ties := ", d.rid" + direction(!q.Cursor.Back)
	if err := p.inOrderOf(q, c, ties, func(column string) {
		if q.Cursor.RID == 0 || q.Cursor.Values[0] == nil {
			return
		}
		value, rid := q.Cursor.Values[0], q.Cursor.RID
		onward := compare(down != q.Cursor.Back)
		if down && c.Everywhere() { // the index goes on with the row id, in the same direction
			p.Add(" AND (", column, ", d.rid)", onward, "(", p.Arg(value), ", ", p.Arg(rid), ")")
			return
		}
		p.Add(" AND ", column, onward[:2], "= ", p.Arg(value), " AND (", column, onward, p.Arg(value),
			" OR d.rid", compare(!q.Cursor.Back), p.Arg(rid), ")")
	}); err != nil {
		return err
	}
	p.Add(" ORDER BY d.", c.column, direction(down != q.Cursor.Back), ties, " LIMIT ", p.Rows(int64(q.Fetch)))
	return nil
}

// inOrderOf writes the value of the sort key, and the rows whose index is in its
// order, as far as they are first of their resource and the query finds them.
// Within a window it goes through that many rows only, looking up each; ties is the
// order of those that share a value, "" for any.
func (p *Planner) inOrderOf(q *Search, c SortColumn, ties string, beyond func(column string)) error {
	p.apart = q.Windowed && p.dialect.plans()
	r := row{rid: "d.rid", types: q.Types}
	join := ""
	if c.Everywhere() {
		r.alias = "d"
	} else if needsRow(fhir.All(conjuncts(q.Where, nil))) {
		r.alias, join = "r", " "+p.dialect.joinInOrder()+" resource r ON r.part = 0 AND r.rid = d.rid"
	}
	p.Add("d.", c.column, " AS k1 FROM ")
	if q.Windowed {
		p.Add("(SELECT d.* FROM ", c.table, " d")
	} else {
		p.Add(c.table, " d", join)
	}
	p.Add(" WHERE d.part = 0 AND ")
	if c.Everywhere() {
		p.Add("d.deleted = 0 AND ")
		p.In("d.typ", q.numbers)
	} else {
		p.In("d.sp", c.numbers)
	}
	beyond("d." + c.column)
	if q.Windowed {
		down := q.Sort[0].Descending != q.Cursor.Back
		p.Add(" ORDER BY d.", c.column, direction(down), ties, " LIMIT ", p.Rows(cmp.Or(q.window, windowSize)), ") d", join, " WHERE 1 = 1")
	}
	if err := p.others(q, r); err != nil || c.Everywhere() {
		return err
	}
	p.Add(" AND ")
	p.first(c, q.Sort[0].Descending, "d")
	return nil
}

// WithoutValue writes a selection of the resources that lack the sort key.
func (p *Planner) WithoutValue(q *Search, c SortColumn) error {
	p.Add("SELECT d.rid AS rid, NULL AS k1 FROM resource d WHERE d.part = 0 AND d.deleted = 0 AND ")
	p.In("d.typ", q.numbers)
	p.Add(" AND NOT EXISTS (SELECT 1 FROM ", c.table, " o", p.dialect.byRow(c.table), " WHERE o.part = 0 AND o.rid = d.rid AND ")
	p.In("o.sp", c.numbers)
	p.Add(")")
	if q.Cursor.RID != 0 && q.Cursor.Values[0] == nil {
		p.Add(" AND d.rid", compare(!q.Cursor.Back), p.Arg(q.Cursor.RID))
	}
	if err := p.others(q, row{rid: "d.rid", alias: "d", types: q.Types}); err != nil {
		return err
	}
	p.Add(" ORDER BY d.rid", direction(!q.Cursor.Back), " LIMIT ", p.Rows(int64(q.Max+1)))
	return nil
}

// others writes the query's own criteria and its bound.
func (p *Planner) others(q *Search, r row) error {
	p.bounded(q, "d.rid")
	if q.Where == nil {
		return nil
	}
	p.Add(" AND ")
	return p.where(q.Where, r)
}

// Everywhere reports whether every resource has a value.
func (c SortColumn) Everywhere() bool { return c.table == "resource" }
