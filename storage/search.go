package storage

import (
	"slices"

	"bima/fhir"
	"bima/storage/query"
)

// pageMax bounds the resources of one page whatever the query says.
const pageMax = 10000

// Search implements fhir.Reader.
func (r *reader) Search(asked *fhir.Query) (page *fhir.Page, err error) {
	if r.store.slow == 0 {
		return r.search(asked)
	}
	all, err := r.watched(func() error {
		page, err = r.search(asked)
		return err
	})
	r.warn(all, err)
	return page, err
}

func (r *reader) search(asked *fhir.Query) (*fhir.Page, error) {
	q := query.Search{Query: asked, Max: min(asked.Limit, pageMax)}
	if asked.After != "" || asked.Limit > 0 {
		q.Hash = query.Hash(asked)
	}
	ordered, err := r.turn(&q)
	if err != nil {
		return nil, err
	}
	if q.Query, err = r.complete(ordered); err != nil {
		return nil, err
	}
	if err := r.planner().Prepare(&q); err != nil {
		return nil, err
	}
	page := &fhir.Page{}
	if q.Max > 0 && !q.Nothing() {
		if page, err = r.page(&q); err != nil {
			return nil, err
		}
	}
	return page, r.total(&q, page)
}

// turn reads the cursor of a search, and gives the query in the order that its pages
// come in: one of the past is in that of time, from its first page on.
func (r *reader) turn(q *query.Search) (*fhir.Query, error) {
	asked := q.Query
	oldest := query.OldestFirst(asked)
	if asked.After == "" {
		q.Cursor.Firm = query.Keeps(asked)
		if q.Cursor.Back = oldest; oldest {
			return asked, nil
		}
		if query.OfThePast(asked, r.store.clock()) {
			q.Walked = true
			return query.ByTime(asked), nil
		}
		return asked, nil
	}
	var err error
	if q.Cursor, err = query.ParseCursor(asked.After, q.Hash); err != nil {
		return nil, err
	}
	if values := len(q.Cursor.Values); values == 1 && len(asked.Sort) == 0 {
		q.Walked = true
		return query.ByTime(asked), nil
	} else if values != len(asked.Sort) {
		return nil, query.BadCursor()
	}
	q.Cursor.Back = q.Cursor.Back != oldest
	return asked, nil
}

// page finds the resources of one page, and whether there are more.
func (r *reader) page(q *query.Search) (*fhir.Page, error) {
	find := r.find
	if q.Cursor.Firm && q.Cursor.RID != 0 && query.Keeps(q.Query) {
		find = r.findFirm
	}
	found, keys, err := find(q)
	if err != nil {
		return nil, err
	}
	more := len(found) > q.Max
	if more {
		found, keys = found[:q.Max], keys[:q.Max]
	}
	resources, err := r.fitting(found, q.Bytes)
	if err != nil {
		return nil, err
	}
	if n := len(resources); n < len(found) {
		found, keys, more = found[:n], keys[:n], true
	}
	back := q.Cursor.Back != query.OldestFirst(q.Query)
	if back {
		slices.Reverse(found)
		slices.Reverse(keys)
		slices.Reverse(resources)
	}
	if len(found) == 0 {
		return beyond(q), nil
	}
	page := &fhir.Page{Resources: resources}
	c := q.Cursor
	if c.Bound == 0 && more {
		if err := r.mark(&c); err != nil {
			return nil, err
		}
	}
	at := func(i int, back bool) string {
		c.Hash, c.RID, c.Values, c.Back = q.Hash, found[i].rid, keys[i], back
		return c.String()
	}
	if more || back {
		page.Next = at(len(found)-1, false)
	}
	if q.Cursor.RID != 0 && (!back || more) {
		page.Previous = at(0, true)
	}
	return page, nil
}

// beyond gives the empty page where all that lay behind the cursor was deleted.
// From it the way leads back to the row that the cursor came from: that cursor
// begins next to it, so that it is on the page.
func beyond(q *query.Search) *fhir.Page {
	page := &fhir.Page{}
	if q.Cursor.RID == 0 {
		return page
	}
	c := q.Cursor
	if c.Back { // now down, to and with the row
		c.RID++
	} else {
		c.RID--
	}
	c.Hash, c.Back = q.Hash, c.Back == query.OldestFirst(q.Query)
	if c.Back {
		page.Previous = c.String()
	} else {
		page.Next = c.String()
	}
	return page
}

// newest gives the newest row id there is: the bound of what a search shows on
// its later pages.
func (r *reader) newest() (int64, error) {
	var rid int64
	r.purpose = "find the newest"
	defer func() { r.purpose = "" }()
	rs, err := r.conn.search("SELECT rid FROM resource WHERE part = 0 ORDER BY rid DESC LIMIT 1")
	err = each(rs, err, func(rs rows) error { return rs.Scan(&rid) })
	return rid, err
}

// find runs the search: one resource more than the page takes, with the values
// of the sort keys.
func (r *reader) find(q *query.Search) ([]stub, [][]any, error) {
	if len(q.Sort) == 0 {
		if found, keys, ok, err := r.findInRuns(q, false); ok || err != nil {
			return found, keys, err
		}
		crowded, err := r.planner().Crowded(q)
		if err != nil {
			return nil, nil, err
		}
		if crowded || q.BeginsWithMany() {
			if found, keys, ok, err := r.findInRuns(q, true); ok || err != nil {
				return found, keys, err
			}
		}
		if crowded && !r.planner().Merges(q) {
			found, keys, err := r.findInWindows(q)
			if err != nil || len(found) > q.Max {
				return found, keys, err
			}
		}
		return r.selected(q, (*query.Planner).NewestFirst)
	}
	column, ok, err := r.planner().Walkable(q)
	if ok && err == nil && q.Referred() && !q.Within() {
		ok, err = r.dense(q, column)
	}
	switch {
	case err != nil:
		return nil, nil, err
	case !ok:
		return r.selected(q, (*query.Planner).Sorted)
	case column.ByCodes():
		return r.findByCodes(q, column)
	case len(q.Sort) > 1 || column.Grouped() && !q.Within():
		return r.findByTies(q, column)
	}
	return r.findInOrder(q, column)
}

// findInWindows looks among the newest resources. Where these do not fill the page
// the search is to begin elsewhere.
func (r *reader) findInWindows(q *query.Search) ([]stub, [][]any, error) {
	sizes := q.Windows()
	for i, size := range sizes {
		found, keys, err := r.selected(q, func(p *query.Planner, q *query.Search) error { return p.Window(q, size) })
		if err != nil || len(found) > q.Max {
			return found, keys, err
		}
		if gathers, err := r.planner().Gather(q, i == len(sizes)-1); err != nil || gathers {
			return nil, nil, err
		}
	}
	return nil, nil, nil
}

// refersToOne reports whether a search asks for nothing but what refers to one
// resource by one parameter, the newest first. One index gives that in its order,
// so there is one best plan whatever the resource, and it need not be made anew.
func refersToOne(q *query.Search) bool {
	m, ok := q.Where.(fhir.Match)
	if !ok || len(q.Types) != 1 || len(q.Sort) > 0 || q.After != "" {
		return false
	}
	v, ok := m.Value.(fhir.ReferenceValue)
	return ok && v == fhir.ReferenceValue{Key: v.Key} && !v.Key.IsZero() && v.Key.Type != ""
}

// selected runs one selection and reads the versions it names.
func (r *reader) selected(q *query.Search, selection func(*query.Planner, *query.Search) error) (found []stub, keys [][]any, _ error) {
	p := r.planner()
	if err := p.Page(q, selection); err != nil {
		return nil, nil, err
	}
	r.purpose = "find the page"
	defer func() { r.purpose = "" }()
	run := r.conn.search
	if refersToOne(q) {
		run = r.conn.query
	}
	rs, err := run(p.String(), p.Args...)
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

// total counts where the query asks for it. A page that holds everything has
// been counted already.
func (r *reader) total(q *query.Search, page *fhir.Page) error {
	if q.Total == fhir.TotalNone && q.Limit > 0 {
		return nil
	}
	count := int64(len(page.Resources))
	whole := q.Max > 0 && q.Cursor.RID == 0 && page.Next == ""
	if !whole && !q.Nothing() {
		counting := r.count
		if q.Total == fhir.TotalEstimate {
			counting = r.estimate
		}
		known := count
		if page.Next != "" {
			known++
		}
		var err error
		if count, err = counting(q); err != nil {
			return err
		}
		count = max(count, known)
	}
	page.Total = &count
	return nil
}

func (r *reader) count(q *query.Search) (int64, error) {
	p := r.planner()
	if err := p.Count(q); err != nil {
		return 0, err
	}
	return r.counted(p, "count the total")
}

func (r *reader) counted(p *query.Planner, purpose string) (int64, error) {
	r.purpose = purpose
	defer func() { r.purpose = "" }()
	return source{&r.session}.Count(p.String(), p.Args)
}

// The samples by which a total is estimated: of so many resources, or of more
// where it finds too few to tell.
const (
	sampleSize = 2000
	sampleHits = 30
	sampleMore = 20
)

// estimate gives the total exactly where it is small, and else about: to a few
// hundredths where a tenth of all are found, to a tenth where one in five hundred
// is.
func (r *reader) estimate(q *query.Search) (int64, error) {
	few, err := r.planner().Few(q)
	if err != nil {
		return 0, err
	}
	if few {
		return r.count(q)
	}
	total, hits, err := r.sampled(q, sampleSize)
	if err == nil && hits < sampleHits {
		total, _, err = r.sampled(q, sampleSize*sampleMore)
	}
	return total, err
}

// sampled estimates by samples of the size.
func (r *reader) sampled(q *query.Search, size int) (total, hits int64, _ error) {
	samples, err := r.planner().Samples(q, size)
	if err != nil {
		return 0, 0, err
	}
	for _, s := range samples {
		p := r.planner()
		p.Reach(s)
		var found, reach int64
		r.purpose = "see how far a sample reaches"
		rs, err := r.conn.search(p.String(), p.Args...)
		if err := each(rs, err, func(rs rows) error { return rs.Scan(&found, &reach) }); err != nil {
			return 0, 0, err
		}
		p = r.planner()
		if err := p.Hits(q, s); err != nil {
			return 0, 0, err
		}
		n, err := r.counted(p, "count in a sample")
		if err != nil {
			return 0, 0, err
		}
		total, hits = total+s.Estimate(n, found, reach), hits+n
	}
	return total, hits, nil
}

// Heads implements fhir.HeadReader. A version's row id is its stamp: it is made
// once, whatever becomes of the transaction.
func (r *reader) Heads(asked *fhir.Query) (heads []fhir.Head, _ error) {
	asked, err := r.complete(asked)
	if err != nil {
		return nil, err
	}
	q := query.Search{Query: &fhir.Query{Types: asked.Types, Where: asked.Where}, Max: min(asked.Limit, pageMax) - 1}
	if err := r.planner().Prepare(&q); err != nil || q.Nothing() || asked.Limit <= 0 {
		return nil, err
	}
	p := r.planner()
	if err := p.Heads(&q); err != nil {
		return nil, err
	}
	rs, err := r.conn.search(p.String(), p.Args...)
	var types []int32
	err = each(rs, err, func(rs rows) error {
		var h fhir.Head
		var typ int32
		err := rs.Scan(&typ, &h.ID, &h.Stamp)
		heads, types = append(heads, h), append(types, typ)
		return err
	})
	if err != nil {
		return nil, err
	}
	for i, typ := range types {
		if heads[i].Type, err = r.names.typeName(typ); err != nil {
			return nil, err
		}
	}
	return heads, nil
}
