package storage

import (
	"slices"
	"strconv"

	"bima/fhir"
)

// sortKeysMax bounds the keys of one _sort.
const sortKeysMax = 16

func keyName(i int) string { return "k" + strconv.Itoa(i+1) }

// sorted writes a selection by sort keys. Resources without a value come last in
// either direction; among equals the newest comes first.
func (p *planner) sorted(q *query) error {
	if len(q.Sort) > sortKeysMax {
		return fhir.Errorf(fhir.IssueTooCostly, "", "A search sorts by at most %d parameters.", sortKeysMax)
	}
	from, err := p.walk(q)
	if err != nil {
		return err
	}
	p.write("SELECT y.* FROM (SELECT ", from.distinct, from.rid(), " AS rid")
	for i, k := range q.Sort {
		p.write(", ")
		if err := p.key(q, k, from.rid()); err != nil {
			return err
		}
		p.write(" AS ", keyName(i))
	}
	p.write(" FROM ")
	if err := from.write(); err != nil {
		return err
	}
	if err := p.filter(q, from); err != nil {
		return err
	}
	p.write(") y")
	if q.cursor.rid != 0 {
		p.write(" WHERE ")
		p.beyond(q)
	}
	p.write(" ORDER BY ")
	p.order(q, "y")
	p.write(" LIMIT ", p.arg(int64(q.limit+1)))
	return nil
}

// key writes the value a resource sorts by: the one that comes first in the
// direction asked for. Source: R4 search#sort.
func (p *planner) key(q *query, k fhir.SortKey, rid string) error {
	switch k.Param.Code {
	case "_id":
		p.write("r.fid")
		return nil
	case "_lastUpdated":
		p.write("r.updated")
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
	t := p.alias("s")
	p.write("(SELECT ", aggregate)
	if table == "sp_reference" {
		target := p.alias("r")
		p.write(target, ".fid) FROM sp_reference ", t, " JOIN resource ", target, " ON ", target, ".part = 0 AND ",
			target, ".typ = ", t, ".ttyp AND ", target, ".fh = ", t, ".h")
	} else {
		p.write(t, ".", column, ") FROM ", table, " ", t, p.dialect.byRow(table))
	}
	p.write(" WHERE ", t, ".part = 0 AND ", t, ".rid = ", rid, " AND ")
	p.in(t+".sp", numbers)
	p.write(")")
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
func (p *planner) order(q *query, table string) {
	back := q.cursor.back
	for i, k := range q.Sort {
		name := table + "." + keyName(i)
		p.write("(", name, " IS NULL)", direction(back), ", ", name, direction(k.Descending != back), ", ")
	}
	p.write(table, ".rid", direction(!back))
}

// beyond writes that a row lies behind the cursor in the order of the page.
func (p *planner) beyond(q *query) {
	back := q.cursor.back
	p.write("(")
	for i, k := range q.Sort {
		name, value := "y."+keyName(i), q.cursor.values[i]
		p.write("(")
		for j := range q.Sort[:i] {
			p.equals("y."+keyName(j), q.cursor.values[j])
			p.write(" AND ")
		}
		switch {
		case value == nil && back:
			p.write(name, " IS NOT NULL")
		case value == nil:
			p.write("1 = 0")
		case back:
			p.write(name, compare(!k.Descending), p.arg(value))
		default:
			p.write("(", name, " IS NULL OR ", name, compare(k.Descending), p.arg(value), ")")
		}
		p.write(") OR ")
	}
	p.write("(")
	for i := range q.Sort {
		p.equals("y."+keyName(i), q.cursor.values[i])
		p.write(" AND ")
	}
	p.write("y.rid", compare(!back), p.arg(q.cursor.rid), "))")
}

func (p *planner) equals(name string, value any) {
	if value == nil {
		p.write(name, " IS NULL")
		return
	}
	p.write(name, " = ", p.arg(value))
}

// A sortColumn is where an index holds the values of a sort key in their order.
type sortColumn struct {
	table   string // "resource" for _lastUpdated and _id
	column  string
	numbers []int64 // of the parameter
}

// walkable reports whether a search by one sort key can walk the index of that
// key, and end with the page: where no criterion selects few, and all of them
// are such that a look-up tells.
func (r *reader) walkable(q *query) (c sortColumn, ok bool, _ error) {
	key := q.Sort[0]
	if key.Param.Code == "_lastUpdated" && len(q.types) == 1 {
		c.table, c.column = "resource", "updated"
	} else if column, has := walkColumns[tableOfKind(key.Param.Kind)]; has && key.Param.Code != "_id" && key.Param.Code != "_lastUpdated" {
		c.table, c.column = tableOfKind(key.Param.Kind), column
		numbers, err := r.planner().numbers(q.Types, key.Param.Code)
		if err != nil || len(numbers) != 1 || len(q.types) == 0 {
			return c, false, err
		}
		c.numbers = numbers
	} else {
		return c, false, nil
	}
	all := conjuncts(q.Where, nil)
	for _, one := range all {
		switch one.(type) {
		case fhir.Chain, fhir.Has, fhir.IDs:
			return c, false, nil
		}
	}
	_, few, err := r.smallest(all, q.Types)
	return c, few == nil, err
}

// walkColumns names the column that an index of the table orders by.
var walkColumns = map[string]string{
	"sp_string": "norm", "sp_date": "lo", "sp_number": "lo", "sp_quantity": "lo", "sp_uri": "uri",
}

// findInOrder finds a page in two parts: resources with a value, in the order of
// the index, and then those without one. Going back it is the other way round.
func (r *reader) findInOrder(q *query, c sortColumn) (found []stub, keys [][]any, err error) {
	parts := []func(*planner, *query) error{
		func(p *planner, q *query) error { return p.withValue(q, c) },
		func(p *planner, q *query) error { return p.withoutValue(q, c) },
	}
	atMissing := q.cursor.rid != 0 && q.cursor.values[0] == nil
	if q.cursor.back {
		slices.Reverse(parts)
		atMissing = !atMissing && q.cursor.rid != 0
	}
	if atMissing {
		parts = parts[1:]
	}
	for i, part := range parts {
		if i == 1 && c.table == "resource" || len(found) > q.limit {
			break
		}
		some, values, err := r.once(q, part)
		if err != nil {
			return nil, nil, err
		}
		found, keys = append(found, some...), append(keys, values...)
	}
	if len(found) > q.limit+1 {
		found, keys = found[:q.limit+1], keys[:q.limit+1]
	}
	return found, keys, nil
}

// once runs a selection that may give a resource several times, once for each of
// its values that are equally first. It asks for more until the page is full.
func (r *reader) once(q *query, part func(*planner, *query) error) (found []stub, keys [][]any, _ error) {
	for q.fetch = q.limit + 1; ; q.fetch *= 4 {
		all, values, err := r.selected(q, part)
		if err != nil {
			return nil, nil, err
		}
		found, keys = found[:0], keys[:0]
		for i, v := range all {
			if i == 0 || v.rid != all[i-1].rid {
				found, keys = append(found, v), append(keys, values[i])
			}
		}
		if len(all) < q.fetch || len(found) > q.limit {
			return found, keys, nil
		}
	}
}

// withValue writes a selection that walks the index of the sort key. Of several
// values of a resource only the first one in the direction counts.
func (p *planner) withValue(q *query, c sortColumn) error {
	down := q.Sort[0].Descending
	column := "d." + c.column
	r := row{rid: "d.rid", types: q.Types}
	p.write("SELECT ")
	if c.table == "resource" {
		r.alias = "d"
		p.write("d.rid AS rid, ", column, " AS k1 FROM resource d WHERE d.part = 0 AND d.deleted = 0 AND ")
		p.in("d.typ", q.types)
	} else {
		p.write("d.rid AS rid, ", column, " AS k1 FROM ", c.table, " d")
		if needsRow(fhir.All(conjuncts(q.Where, nil))) {
			r.alias = "r"
			p.write(" ", p.dialect.joinInOrder(), " resource r ON r.part = 0 AND r.rid = d.rid")
		}
		p.write(" WHERE d.part = 0 AND ")
		p.in("d.sp", c.numbers)
		p.write(" AND NOT EXISTS (SELECT 1 FROM ", c.table, " o", p.dialect.byRow(c.table), " WHERE o.part = 0 AND o.rid = d.rid AND ")
		p.in("o.sp", c.numbers)
		p.write(" AND o.", c.column, compare(!down), column, ")")
	}
	if q.cursor.rid != 0 && q.cursor.values[0] != nil {
		value, rid := q.cursor.values[0], q.cursor.rid
		onward := compare(down != q.cursor.back)
		p.write(" AND ", column, onward[:2], "= ", p.arg(value), " AND (", column, onward, p.arg(value),
			" OR d.rid", compare(!q.cursor.back), p.arg(rid), ")")
	}
	if err := p.others(q, r); err != nil {
		return err
	}
	p.write(" ORDER BY ", column, direction(down != q.cursor.back), ", d.rid", direction(!q.cursor.back), " LIMIT ", p.arg(int64(q.fetch)))
	return nil
}

// withoutValue writes a selection of the resources that lack the sort key.
func (p *planner) withoutValue(q *query, c sortColumn) error {
	p.write("SELECT d.rid AS rid, NULL AS k1 FROM resource d WHERE d.part = 0 AND d.deleted = 0 AND ")
	p.in("d.typ", q.types)
	p.write(" AND NOT EXISTS (SELECT 1 FROM ", c.table, " o", p.dialect.byRow(c.table), " WHERE o.part = 0 AND o.rid = d.rid AND ")
	p.in("o.sp", c.numbers)
	p.write(")")
	if q.cursor.rid != 0 && q.cursor.values[0] == nil {
		p.write(" AND d.rid", compare(!q.cursor.back), p.arg(q.cursor.rid))
	}
	if err := p.others(q, row{rid: "d.rid", alias: "d", types: q.Types}); err != nil {
		return err
	}
	p.write(" ORDER BY d.rid", direction(!q.cursor.back), " LIMIT ", p.arg(int64(q.limit+1)))
	return nil
}

// others writes the query's own criteria and its bound.
func (p *planner) others(q *query, r row) error {
	if q.cursor.bound != 0 {
		p.write(" AND d.rid <= ", p.arg(q.cursor.bound))
	}
	if q.Where == nil {
		return nil
	}
	p.write(" AND ")
	return p.where(q.Where, r)
}
