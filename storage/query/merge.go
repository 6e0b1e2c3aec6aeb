package query

import (
	"slices"
	"strconv"

	"bima/fhir"
)

// besideMax is how many rows of another criterion may lie among those of the rarest
// for both to be read along: a look-up costs as much as reading that many.
const besideMax = 6

// A glanced is a criterion whose index is in the order of the resources, with the
// row ids between which its newest lie, of every one so many.
type glanced struct {
	criterion       fhir.Criterion
	newest, reaches int64
}

// beside gives the criteria that are not much more frequent than the rarest, as a
// look at the newest of each tells. Of a composite the index holds but a part, so
// that nobody knows past how many rows it leads.
func (p *Planner) beside() (out []fhir.Criterion) {
	var top int64
	for _, one := range p.glanced {
		top = max(top, one.newest)
	}
	for _, one := range p.glanced {
		m, _ := one.criterion.(fhir.Match)
		if _, part := m.Value.(fhir.CompositeValue); part || one.criterion == p.rarest || (top-p.reaches)/besideMax > top-one.reaches {
			continue
		}
		out = append(out, one.criterion)
	}
	return out
}

// Merges reports whether a search reads several criteria along one another, in which
// it needs no window: each row is read once at the most.
func (p *Planner) Merges(q *Search) bool { return p.dialect.plans() && len(q.beside) > 0 }

// together gives the criteria that are read along the walk's own, and those that are
// left; none where the walk is to look all others up.
func (q *Search) together(w *walk) (all []fhir.Match, rest []fhir.Criterion) {
	if w.match == nil || len(q.beside) == 0 {
		return nil, nil
	}
	for _, c := range w.rest {
		if m, ok := c.(fhir.Match); ok && orderedBy(m) && slices.Contains(q.beside, c) {
			all = append(all, m)
		} else {
			rest = append(rest, c)
		}
	}
	if len(all) != len(q.beside) || len(rest) > 0 && !w.p.dialect.plans() {
		return nil, nil
	}
	return append(all, w.match...), rest
}

// A side is the rows of an index table, in the order of the resources, that are read
// along others.
type side struct {
	table string
	under func(t string) error // writes which rows
}

// merge writes a selection of the newest resources that are in the index under all
// of some values, read in the order of the resources one beside the other, and for
// which the other criteria hold. Nothing is looked up but by these, and nothing
// read beyond the page's last: however many resources there are.
func (p *Planner) merge(q *Search, all []fhir.Match, rest []fhir.Criterion) error {
	p.apart = p.dialect.plans()
	order := direction(!q.Cursor.Back)
	page := " LIMIT " + p.Rows(int64(q.Max+1))
	sides := make([]side, 0, len(all))
	for _, m := range all {
		sides = append(sides, side{tableOf(m.Value), func(t string) error { return p.under(q, m, t) }})
	}
	if len(rest) == 0 {
		return p.dialect.inAll(p, sides, order, page)
	}
	q.others = rest
	p.Add("SELECT d.rid AS rid FROM (")
	if err := p.dialect.inAll(p, sides, order, " OFFSET 0"); err != nil {
		return err
	}
	p.Add(") d")
	return p.lookedUp(q, "1 = 1")
}

// under writes that a row of an index table is under a value, and within the page.
func (p *Planner) under(q *Search, m fhir.Match, t string) error {
	numbers, err := p.numbers(q.Types, m.Param.Code)
	if err != nil {
		return err
	}
	p.In(t+".sp", numbers)
	p.Add(" AND ")
	if err := p.values(t, []fhir.Match{m}); err != nil {
		return err
	}
	p.behind(q, t+".rid")
	return nil
}

// inAll implements Dialect. SQLite merges what has the order of the whole.
func (SQLite) inAll(p *Planner, all []side, order, end string) error {
	for i, one := range all {
		if i > 0 {
			p.Add(" INTERSECT ")
		}
		t := p.Alias("t")
		p.Add("SELECT ", t, ".rid AS rid FROM ", one.table, " ", t, " WHERE ", t, ".part = 0 AND ")
		if err := one.under(t); err != nil {
			return err
		}
	}
	p.Add(" ORDER BY rid", order, end)
	return nil
}

// inAll implements Dialect. PostgreSQL merges what it knows to be in order already,
// unless it takes one of the sets for so short that it would rather go through all
// of another for each of its rows: a series whose end it can't see has it believe
// in a thousand times as many.
func (Postgres) inAll(p *Planner, all []side, order, end string) error {
	p.Add("SELECT DISTINCT m1.rid FROM ")
	for i, one := range all {
		name, t := "m"+strconv.Itoa(i+1), p.Alias("t")
		if i > 0 {
			p.Add(" JOIN ")
		}
		p.Add("(SELECT ", t, ".rid FROM ", one.table, " ", t)
		if i > 0 {
			p.Add(" CROSS JOIN generate_series(1, (SELECT 1)) ", p.Alias("g"))
		}
		p.Add(" WHERE ", t, ".part = 0 AND ")
		if err := one.under(t); err != nil {
			return err
		}
		p.Add(" ORDER BY ", t, ".rid", order, " OFFSET 0) ", name)
		if i > 0 {
			p.Add(" ON ", name, ".rid = m1.rid")
		}
	}
	p.Add(" ORDER BY m1.rid", order, end)
	return nil
}
