// Package query writes searches as SQL for both databases: criteria as conditions
// on a resource, the walk a search goes by, its order, and the cursor that says
// where a page begins. It runs nothing but the counts by which it chooses a walk.
package query

import (
	"slices"

	"bima/fhir"
)

// A Search is a fhir.Query on its way to SQL.
type Search struct {
	*fhir.Query
	Cursor Cursor // zero on the first page
	Max    int    // resources of the page
	Fetch  int    // rows asked of a walk that may repeat resources
	Hash   uint64 // of the query
	// Windowed has a walk along a sort key end after windowSize rows, or window.
	Windowed bool
	window   int64
	// Walked has the index of the sort key bound what is walked, so that no window
	// is tried first.
	Walked bool

	numbers []int64
	known   bool           // that no criterion but a span selects few
	begin   *beginning     // with the criterion that selects least, where that is few
	along   fhir.Criterion // whose index is to be walked, where there is a choice

	beside []fhir.Criterion // whose indexes are to be walked along with it

	runs   *runs            // in which it finds its page
	words  *fhir.FullText   // that the newest texts are asked for
	others []fhir.Criterion // that are looked up then
}

// A beginning is the criterion that a search begins with, by its place.
type beginning struct {
	at  int
	set *set
}

// Prepare gives the search the numbers of its types, and takes together what it
// asks of the time of a resource.
func (p *Planner) Prepare(q *Search) (err error) {
	if together, ok := during(q.Where); ok {
		asked := *q.Query
		asked.Where, q.Query = together, &asked
	}
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
	if all, rest := q.together(from); len(all) > 0 {
		return p.merge(q, all, rest)
	}
	rid := from.rid()
	p.Add("SELECT ", from.distinct, rid, " AS rid FROM ")
	if err := from.write(); err != nil {
		return err
	}
	if err := p.filter(q, from); err != nil {
		return err
	}
	p.behind(q, rid)
	p.Add(" ORDER BY ", rid, direction(!q.Cursor.Back), " LIMIT ", p.Rows(int64(q.Max+1)))
	return nil
}

// windowSize is how many resources a search goes through, looking each up, before
// it tries another way; glanceSize how many before it looks which texts have a
// part.
const (
	windowSize = 5000
	glanceSize = 500
)

// Windows gives the sizes of the windows that a crowded search tries.
func (q *Search) Windows() []int64 {
	if slices.ContainsFunc(conjuncts(q.Where, nil), withinTexts) {
		return []int64{glanceSize, windowSize}
	}
	return []int64{windowSize}
}

// WalksWindows reports whether a walk along a sort key is to be tried in a window
// first: where the database may choose not to walk at all.
func (p *Planner) WalksWindows() bool { return p.dialect.plans() }

// Crowded reports whether a search is to be tried in a window first: where nobody
// can tell how far a walk goes until its page is full. PostgreSQL guesses from its
// statistics, and is wrong where there are several criteria; where it expects few
// it finds all of them though a page would do.
func (p *Planner) Crowded(q *Search) (bool, error) {
	all := conjuncts(q.Where, nil)
	if !p.uncertain(all) {
		return false, nil
	}
	p.parting = leaveTexts
	if len(all) == 1 && spread(all[0]) && !p.dear(all[0]) {
		p.reach = readMax
	}
	at, few, err := p.fewest(q, all)
	if err != nil {
		return false, err
	}
	if few != nil {
		q.begin = &beginning{at, few}
		return false, nil
	}
	q.known, q.along, q.beside = true, p.rarest, p.beside()
	return p.dialect.plans() || slices.ContainsFunc(all, elsewhere), p.listed(q)
}

// withinTexts reports whether a criterion looks into texts.
func withinTexts(c fhir.Criterion) bool {
	if either, ok := c.(fhir.Any); ok {
		return alike(either) && !slices.ContainsFunc(either, func(one fhir.Criterion) bool { return !withinTexts(one) })
	}
	m, ok := c.(fhir.Match)
	if !ok {
		return false
	}
	v, ok := m.Value.(fhir.StringValue)
	return ok && (v.Mode == fhir.StringContains || v.Mode == fhir.StringEnds)
}

// Window writes a selection of those that the query finds among so many of the
// next resources, or rows of the criterion whose index is in their order. Each is
// looked up by itself.
func (p *Planner) Window(q *Search, size int64) error {
	p.apart = p.dialect.plans()
	w := &walk{p: p, q: q, rest: conjuncts(q.Where, nil)}
	if err := p.inOrder(w); err != nil {
		return err
	}
	from, alias, columns := "resource r"+w.by(), "r", "r.*"
	if w.match != nil {
		from, alias = w.table+" d", "d"
	}
	if w.match != nil || !anyNeedsRow(w.rest) {
		columns = alias + ".rid" // that the index has
	}
	rid := alias + ".rid"
	p.Add("SELECT ", w.distinct, rid, " FROM (SELECT ", columns, " FROM ", from, " WHERE ")
	if err := w.where(); err != nil {
		return err
	}
	p.behind(q, rid)
	order := " ORDER BY " + rid + direction(!q.Cursor.Back) + " LIMIT "
	p.Add(order, p.Rows(size), ") ", alias)
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
	p.Add(order, p.Rows(int64(q.Max+1)))
	return nil
}

// filter writes the conditions that the walk leaves.
func (p *Planner) filter(q *Search, from *walk) error {
	p.Add(" WHERE ")
	if err := from.where(); err != nil {
		return err
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
	p.bounded(q, from.rid())
	p.Add(") x")
	return nil
}

// Heads writes a search for the newest resources by their keys and version ids
// alone: their bodies are not read.
func (p *Planner) Heads(q *Search) error {
	p.Add("SELECT r.typ, r.fid, r.vid FROM (")
	if err := p.NewestFirst(q); err != nil {
		return err
	}
	p.Add(") x ", p.dialect.joinInOrder(), " resource r ON r.part = 0 AND r.rid = x.rid ORDER BY r.rid DESC")
	return nil
}
