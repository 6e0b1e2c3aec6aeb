// Package query writes searches as SQL for both databases: criteria as conditions
// on a resource, the walk a search goes by, its order, and the cursor that says
// where a page begins. It runs nothing but the counts by which it chooses a walk.
package query

import "bima/fhir"

// A Search is a fhir.Query on its way to SQL.
type Search struct {
	*fhir.Query
	Cursor Cursor // zero on the first page
	Max    int    // resources of the page
	Fetch  int    // rows asked of a walk that may repeat resources
	Hash   uint64 // of the query
	// Windowed has a walk along a sort key end after windowSize rows.
	Windowed bool

	numbers []int64
	known   bool       // that no criterion but a span selects few
	begin   *beginning // with the criterion that selects least, where that is few
}

// A beginning is the criterion that a search begins with, by its place.
type beginning struct {
	at  int
	set *set
}

// Prepare gives the search the numbers of its types.
func (p *Planner) Prepare(q *Search) (err error) {
	q.numbers, err = p.Types(q.Types)
	return err
}

// Nothing reports that no resource of the types was ever stored.
func (q *Search) Nothing() bool { return len(q.Types) > 0 && len(q.numbers) == 0 }

// Page writes the whole search: the page's row ids in order, then their
// versions.
func (p *Planner) Page(q *Search, selection func(*Planner, *Search) error) error {
	p.Add("SELECT r.rid, h.vid, h.ver, r.typ, r.fid, h.op, h.zip, h.body")
	for i := range q.Sort {
		p.Add(", x.", keyName(i))
	}
	p.Add(" FROM (")
	if err := selection(p, q); err != nil {
		return err
	}
	p.Add(") x ", p.dialect.joinInOrder(), " resource r ON r.part = 0 AND r.rid = x.rid ",
		p.dialect.joinInOrder(), " history h ON h.part = 0 AND h.vid = r.vid ORDER BY ")
	p.order(q, "x")
	return nil
}

// NewestFirst writes a selection in the default order.
func (p *Planner) NewestFirst(q *Search) error {
	from, err := p.walk(q)
	if err != nil {
		return err
	}
	rid := from.rid()
	p.Add("SELECT ", from.distinct, rid, " AS rid FROM ")
	if err := from.write(); err != nil {
		return err
	}
	if err := p.filter(q, from); err != nil {
		return err
	}
	if q.Cursor.RID != 0 {
		p.Add(" AND ", rid, compare(!q.Cursor.Back), p.Arg(q.Cursor.RID))
	}
	p.Add(" ORDER BY ", rid, direction(!q.Cursor.Back), " LIMIT ", p.Arg(int64(q.Max+1)))
	return nil
}

// windowSize is how many resources a search with several criteria goes through,
// looking each up, before it is left to PostgreSQL.
const windowSize = 5000

// Windows reports whether a walk along a sort key is to be tried in a window
// first: where the database may choose not to walk at all.
func (p *Planner) Windows() bool { return p.dialect.plans() }

// Crowded reports whether a search is to be tried in a window first. Where it has
// several criteria none of which selects few, PostgreSQL is wrong about how many
// resources they leave, and finds all of them where a page would do. For parts of
// texts SQLite would first see whether they are few, by reading all texts.
func (p *Planner) Crowded(q *Search) (bool, error) {
	all := conjuncts(q.Where, nil)
	if !p.dialect.plans() {
		return len(all) == 1 && withinTexts(all[0]), nil
	}
	if !entangled(all) {
		return false, nil
	}
	at, few, err := p.fewest(q, all)
	if err != nil {
		return false, err
	}
	if few != nil {
		q.begin = &beginning{at, few}
		return false, nil
	}
	q.known = true
	return true, nil
}

// withinTexts reports whether a criterion looks into texts.
func withinTexts(c fhir.Criterion) bool {
	m, ok := c.(fhir.Match)
	if !ok {
		return false
	}
	v, ok := m.Value.(fhir.StringValue)
	return ok && (v.Mode == fhir.StringContains || v.Mode == fhir.StringEnds)
}

// Window writes a selection of those that the query finds among the next
// windowSize resources, or rows of the criterion whose index is in their order.
// Each is looked up by itself.
func (p *Planner) Window(q *Search) error {
	p.apart = p.dialect.plans()
	w := &walk{p: p, q: q, rest: conjuncts(q.Where, nil)}
	if err := p.inOrder(w); err != nil {
		return err
	}
	from, alias := "resource r", "r"
	if w.match != nil {
		from, alias = w.table+" d", "d"
	}
	rid := alias + ".rid"
	p.Add("SELECT ", w.distinct, rid, " FROM (SELECT ", alias, ".* FROM ", from, " WHERE ")
	if err := w.where(); err != nil {
		return err
	}
	if q.Cursor.Bound != 0 {
		p.Add(" AND ", rid, " <= ", p.Arg(q.Cursor.Bound))
	}
	if q.Cursor.RID != 0 {
		p.Add(" AND ", rid, compare(!q.Cursor.Back), p.Arg(q.Cursor.RID))
	}
	order := " ORDER BY " + rid + direction(!q.Cursor.Back) + " LIMIT "
	p.Add(order, p.Arg(int64(windowSize)), ") ", alias)
	if w.joined {
		p.Add(" JOIN resource r ON r.part = 0 AND r.rid = d.rid")
	}
	p.Add(" WHERE 1 = 1")
	for _, c := range w.rest {
		p.Add(" AND ")
		if err := p.where(c, row{rid: rid, alias: w.alias(), types: q.Types}); err != nil {
			return err
		}
	}
	p.Add(order, p.Arg(int64(q.Max+1)))
	return nil
}

// filter writes the conditions that the walk leaves.
func (p *Planner) filter(q *Search, from *walk) error {
	p.Add(" WHERE ")
	if err := from.where(); err != nil {
		return err
	}
	if q.Cursor.Bound != 0 {
		p.Add(" AND ", from.rid(), " <= ", p.Arg(q.Cursor.Bound))
	}
	for _, c := range from.rest {
		p.Add(" AND ")
		if err := p.where(c, row{rid: from.rid(), alias: from.alias(), types: q.Types}); err != nil {
			return err
		}
	}
	return nil
}

func compare(descending bool) string {
	if descending {
		return " < "
	}
	return " > "
}

func direction(descending bool) string {
	if descending {
		return " DESC"
	}
	return " ASC"
}

// Count writes the count of all resources that the query finds.
func (p *Planner) Count(q *Search) error {
	from, err := p.walk(q)
	if err != nil {
		return err
	}
	p.Add("SELECT count(*) FROM (SELECT ", from.distinct, from.rid(), " FROM ")
	if err := from.write(); err != nil {
		return err
	}
	if err := p.filter(q, from); err != nil {
		return err
	}
	p.Add(") x")
	return nil
}
