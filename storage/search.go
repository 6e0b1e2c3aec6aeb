package storage

import (
	"slices"

	"bima/fhir"
)

// pageMax bounds the resources of one page whatever the query says.
const pageMax = 10000

// query is a fhir.Query on its way to SQL.
type query struct {
	*fhir.Query
	cursor  cursor // zero on the first page
	types   []int64
	nothing bool // no resource of the types was ever stored
	limit   int
	fetch   int // rows asked of a walk that may repeat resources
	hash    uint64
}

// Search implements fhir.Reader.
func (r *reader) Search(asked *fhir.Query) (*fhir.Page, error) {
	q := query{Query: asked, limit: min(asked.Limit, pageMax)}
	if asked.After != "" || asked.Limit > 0 {
		q.hash = queryHash(asked)
	}
	if asked.After != "" {
		c, err := parseCursor(asked.After, q.hash)
		if err != nil {
			return nil, err
		}
		if len(c.values) != len(asked.Sort) {
			return nil, badCursor()
		}
		q.cursor = c
	}
	types, err := r.planner().typeNumbers(asked.Types)
	if err != nil {
		return nil, err
	}
	q.types, q.nothing = types, len(asked.Types) > 0 && len(types) == 0
	if err := r.complete(asked); err != nil {
		return nil, err
	}
	page := &fhir.Page{}
	if q.limit > 0 && !q.nothing {
		if page, err = r.page(&q); err != nil {
			return nil, err
		}
	}
	return page, r.total(&q, page)
}

// page finds the resources of one page, and whether there are more.
func (r *reader) page(q *query) (*fhir.Page, error) {
	found, keys, err := r.find(q)
	if err != nil {
		return nil, err
	}
	more := len(found) > q.limit
	if more {
		found, keys = found[:q.limit], keys[:q.limit]
	}
	back := q.cursor.back
	if back {
		slices.Reverse(found)
		slices.Reverse(keys)
	}
	resources, err := r.resources(found)
	if err != nil || len(found) == 0 {
		return &fhir.Page{Resources: resources}, err
	}
	page := &fhir.Page{Resources: resources}
	bound := q.cursor.bound
	if bound == 0 && more {
		if bound, err = r.newest(); err != nil {
			return nil, err
		}
	}
	first, last := 0, len(found)-1
	if more || back {
		page.Next = cursor{hash: q.hash, bound: bound, rid: found[last].rid, values: keys[last]}.String()
	}
	if q.cursor.rid != 0 && (!back || more) {
		page.Previous = cursor{hash: q.hash, bound: bound, rid: found[first].rid, values: keys[first], back: true}.String()
	}
	return page, nil
}

// newest gives the newest row id there is: the bound of what a search shows on
// its later pages.
func (r *reader) newest() (int64, error) {
	var rid int64
	rs, err := r.conn.query("SELECT rid FROM resource WHERE part = 0 ORDER BY rid DESC LIMIT 1")
	err = each(rs, err, func(rs rows) error { return rs.Scan(&rid) })
	return rid, err
}

// find runs the search: one resource more than the page takes, with the values
// of the sort keys.
func (r *reader) find(q *query) ([]stub, [][]any, error) {
	if len(q.Sort) == 0 {
		return r.selected(q, (*planner).newestFirst)
	}
	if len(q.Sort) == 1 {
		column, ok, err := r.walkable(q)
		if err != nil {
			return nil, nil, err
		}
		if ok {
			return r.findInOrder(q, column)
		}
	}
	return r.selected(q, (*planner).sorted)
}

// selected runs one selection and reads the versions it names.
func (r *reader) selected(q *query, selection func(*planner, *query) error) (found []stub, keys [][]any, _ error) {
	p := r.planner()
	if err := p.statement(q, selection); err != nil {
		return nil, nil, err
	}
	rs, err := r.conn.search(p.String(), p.args...)
	err = each(rs, err, func(rs rows) error {
		var v stub
		values := make([]any, len(q.Sort))
		dest := []any{&v.rid, &v.vid, &v.version, &v.typ, &v.id, &v.op, &v.zip, &v.body}
		for i := range values {
			dest = append(dest, &values[i])
		}
		err := rs.Scan(dest...)
		found, keys = append(found, v), append(keys, values)
		return err
	})
	return found, keys, err
}

// statement writes the whole search: the page's row ids in order, then their
// versions.
func (p *planner) statement(q *query, selection func(*planner, *query) error) error {
	p.write("SELECT r.rid, h.vid, h.ver, r.typ, r.fid, h.op, h.zip, h.body")
	for i := range q.Sort {
		p.write(", x.", keyName(i))
	}
	p.write(" FROM (")
	if err := selection(p, q); err != nil {
		return err
	}
	p.write(") x ", p.dialect.joinInOrder(), " resource r ON r.part = 0 AND r.rid = x.rid ",
		p.dialect.joinInOrder(), " history h ON h.part = 0 AND h.vid = r.vid ORDER BY ")
	p.order(q, "x")
	return nil
}

// newestFirst writes a selection in the default order.
func (p *planner) newestFirst(q *query) error {
	from, err := p.walk(q)
	if err != nil {
		return err
	}
	rid := from.rid()
	p.write("SELECT ", from.distinct, rid, " AS rid FROM ")
	if err := from.write(); err != nil {
		return err
	}
	if err := p.filter(q, from); err != nil {
		return err
	}
	if q.cursor.rid != 0 {
		p.write(" AND ", rid, compare(!q.cursor.back), p.arg(q.cursor.rid))
	}
	p.write(" ORDER BY ", rid, direction(!q.cursor.back), " LIMIT ", p.arg(int64(q.limit+1)))
	return nil
}

// filter writes the conditions that the walk leaves.
func (p *planner) filter(q *query, from *walk) error {
	p.write(" WHERE ")
	if err := from.where(); err != nil {
		return err
	}
	if q.cursor.bound != 0 {
		p.write(" AND ", from.rid(), " <= ", p.arg(q.cursor.bound))
	}
	for _, c := range from.rest {
		p.write(" AND ")
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

// total counts where the query asks for it. A page that holds everything has
// been counted already.
func (r *reader) total(q *query, page *fhir.Page) error {
	if q.Total == fhir.TotalNone && q.Limit > 0 {
		return nil
	}
	count := int64(len(page.Resources))
	whole := q.limit > 0 && q.cursor.rid == 0 && page.Next == ""
	if !whole && !q.nothing {
		var err error
		if count, err = r.count(q); err != nil {
			return err
		}
	}
	page.Total = &count
	return nil
}

func (r *reader) count(q *query) (count int64, err error) {
	p := r.planner()
	from, err := p.walk(q)
	if err != nil {
		return 0, err
	}
	p.write("SELECT count(*) FROM (SELECT ", from.distinct, from.rid(), " FROM ")
	if err := from.write(); err != nil {
		return 0, err
	}
	if err := p.filter(q, from); err != nil {
		return 0, err
	}
	p.write(") x")
	rs, err := r.conn.search(p.String(), p.args...)
	err = each(rs, err, func(rs rows) error { return rs.Scan(&count) })
	return count, err
}
