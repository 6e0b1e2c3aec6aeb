package storage

import (
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
