package storage

import (
	"slices"

	"bima/storage/query"
)

// dense reports whether the next rows of a sort key fill the page of a search, so
// that it may walk along them.
func (r *reader) dense(q *query.Search, c query.SortColumn) (bool, error) {
	if c.ByCodes() || q.Cursor.RID != 0 && q.Cursor.Values[0] == nil {
		return false, nil
	}
	p := r.planner()
	if err := p.Dense(q, c); err != nil {
		return false, err
	}
	count, err := r.counted(p, "see whether a walk along the sort key fills the page")
	return count > int64(q.Max), err
}

// findInOrder finds a page in two parts: resources with a value, in the order of
// the index, and then those without one. Going back it is the other way round.
func (r *reader) findInOrder(q *query.Search, c query.SortColumn) (found []stub, keys [][]any, err error) {
	parts := []func(*query.Search, query.SortColumn) ([]stub, [][]any, error){r.withValue}
	if !c.Everywhere() {
		parts = append(parts, r.withoutValue)
	}
	atMissing := q.Cursor.RID != 0 && q.Cursor.Values[0] == nil
	if q.Cursor.Back {
		slices.Reverse(parts)
		atMissing = !atMissing && q.Cursor.RID != 0
	}
	if atMissing && len(parts) > 1 {
		parts = parts[1:]
	}
	for _, part := range parts {
		if len(found) > q.Max {
			break
		}
		some, values, err := part(q, c)
		if err != nil {
			return nil, nil, err
		}
		found, keys = append(found, some...), append(keys, values...)
	}
	if len(found) > q.Max+1 {
		found, keys = found[:q.Max+1], keys[:q.Max+1]
	}
	return found, keys, nil
}

// withValue finds those of a page that have the sort key. Within one value of another
// key it reads the two along one another, as far as that may be of use.
func (r *reader) withValue(q *query.Search, c query.SortColumn) (found []stub, keys [][]any, _ error) {
	rest := *q
	if q.Alongside(c) {
		full := false
		var err error
		if found, keys, full, err = r.findAlong(&rest, c); err != nil || full {
			return found, keys, err
		}
		rest.Max = q.Max - len(found)
		if err := r.planner().Tie(&rest); err != nil {
			return nil, nil, err
		}
	}
	rest.Windowed = !q.Walked && r.planner().WalksWindows()
	some, values, err := r.once(&rest, func(p *query.Planner, q *query.Search) error { return p.WithValue(q, c) })
	return append(found, some...), append(keys, values...), err
}

// alongMax is how often the next values of a sort key are read along another: each
// time that other is gone through again.
const alongMax = 2

// findAlong reads the next values of the sort key along the one that the search is
// within, and leaves the search behind these; done tells whether the page is full, or
// there are no more values.
func (r *reader) findAlong(q *query.Search, c query.SortColumn) (found []stub, keys [][]any, done bool, _ error) {
	rest := *q
	for range alongMax {
		groups, more, err := r.planner().Groups(&rest, c)
		if err != nil || len(groups) == 0 {
			return found, keys, !more, err
		}
		rest.Max = q.Max - len(found)
		some, values, err := r.selected(&rest, func(p *query.Planner, q *query.Search) error { return p.AlongGroups(q, c, groups) })
		if err != nil {
			return nil, nil, false, err
		}
		found, keys = append(found, some...), append(keys, values...)
		if !more || len(found) > q.Max {
			return found, keys, true, nil
		}
		q.Behind(groups[len(groups)-1])
		rest.Cursor = q.Cursor
	}
	return found, keys, false, nil
}

// withoutValue finds those of a page that lack the sort key.
func (r *reader) withoutValue(q *query.Search, c query.SortColumn) ([]stub, [][]any, error) {
	selection := (*query.Planner).WithoutValue
	if q.Alongside(c) {
		selection = (*query.Planner).AlongWithout
	}
	return r.selected(q, func(p *query.Planner, q *query.Search) error { return selection(p, q, c) })
}

// findAmongWords looks for words in the newest texts, where these fill the page or
// are all there are.
func (r *reader) findAmongWords(q *query.Search) (found []stub, keys [][]any, full bool, _ error) {
	ok, err := r.planner().InWords(q)
	if err != nil || !ok {
		return nil, nil, false, err
	}
	found, keys, err = r.selected(q, (*query.Planner).AmongWords)
	if err != nil || len(found) > q.Max {
		return found, keys, true, err
	}
	p := r.planner()
	p.Type(q, query.WordsWindow)
	count, err := r.counted(p, "see whether those are all of the type")
	return found, keys, count < query.WordsWindow, err
}

// findInRuns finds a page in few runs of an index, where that fills it or tells all
// there is.
func (r *reader) findInRuns(q *query.Search, many bool) (found []stub, keys [][]any, ok bool, _ error) {
	ok, err := r.planner().InRuns(q, many)
	if err != nil || !ok {
		if !ok && err == nil && !many {
			return r.findAmongWords(q)
		}
		return nil, nil, false, err
	}
	if q.Nowhere() {
		return nil, nil, true, nil
	}
	if q.Alone() {
		found, keys, err = r.once(q, (*query.Planner).Runs)
		return found, keys, true, err
	}
	found, keys, err = r.selected(q, (*query.Planner).AmongRuns)
	return found, keys, len(found) > q.Max || q.Whole(), err
}

// once runs a selection that may give a resource several times, once for each of
// its values that are equally first. It asks for more until the page is full.
func (r *reader) once(q *query.Search, part func(*query.Planner, *query.Search) error) (found []stub, keys [][]any, _ error) {
	for q.Fetch = q.Max + 1; ; {
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
		switch {
		case len(found) > q.Max:
			return found, keys, nil
		case len(all) == q.Fetch:
			q.Fetch *= 4
		case q.Windowed:
			q.Windowed = false
		default:
			return found, keys, nil
		}
	}
}

// findByTies finds a page by several sort keys, or by one that many may share. It
// walks the index of the first to the value where the page may end, sorts the few
// that come before it, and then those that share it by the keys that are left. Those
// that lack it come last, and first on the way back.
func (r *reader) findByTies(q *query.Search, c query.SortColumn) ([]stub, [][]any, error) {
	f := ties{reader: r, q: q, column: c}
	var from any
	values := true // whether there may be more with a value
	if q.Cursor.RID != 0 {
		from = q.Cursor.Values[0]
		values = from != nil || q.Cursor.Back
		f.tied(from, true)
	} else if q.Cursor.Back && !c.Everywhere() {
		f.tied(nil, false)
	}
	for values && !f.full() {
		first, to, more := f.boundary(from)
		if !more || first != to {
			f.between(from, to)
		}
		if values = more; values {
			f.tied(to, false)
		}
		from = to
	}
	if !q.Cursor.Back && !c.Everywhere() && (q.Cursor.RID == 0 || q.Cursor.Values[0] != nil) && !f.full() {
		f.tied(nil, false)
	}
	return f.found, f.keys, f.err
}

// findByCodes finds a page whose first sort key is a token: where there are few
// codes, those of each in turn.
func (r *reader) findByCodes(q *query.Search, c query.SortColumn) ([]stub, [][]any, error) {
	p := r.planner()
	p.Codes(c)
	var texts []string
	r.purpose = "see which codes there are"
	rs, err := r.conn.search(p.String(), p.Args...)
	err = each(rs, err, func(rs rows) error {
		var text string
		err := rs.Scan(&text)
		texts = append(texts, text)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	codes, ok := q.Listed(texts)
	if !ok {
		return r.selected(q, (*query.Planner).Sorted)
	}
	f := ties{reader: r, q: q, column: c}
	for _, v := range q.Beyond(codes) {
		f.tied(v.Value, v.After)
	}
	return f.found, f.keys, f.err
}

// ties is a page on its way, in the order of its search.
type ties struct {
	*reader
	q      *query.Search
	column query.SortColumn
	found  []stub
	keys   [][]any
	err    error
}

func (f *ties) full() bool { return f.err != nil || len(f.found) > f.q.Max }

// tied adds those whose first key has the value, nil those that lack it.
func (f *ties) tied(value any, after bool) {
	if f.full() {
		return
	}
	sub := f.q.Tied(f.column, value, after)
	sub.Max = f.q.Max - len(f.found)
	found, keys, err := f.find(sub)
	for i := range keys {
		keys[i] = append([]any{value}, keys[i]...)
	}
	f.add(found, keys, err)
}

// between adds those whose first key lies between two values.
func (f *ties) between(from, to any) {
	if f.full() {
		return
	}
	sub := f.q.Between(f.column, from, to)
	sub.Max = f.q.Max - len(f.found)
	f.add(f.selected(sub, (*query.Planner).Sorted))
}

func (f *ties) add(found []stub, keys [][]any, err error) {
	f.found, f.keys, f.err = append(f.found, found...), append(f.keys, keys...), err
}

// boundary gives the value beyond from at which the page is full, and the first one
// beyond from.
func (f *ties) boundary(from any) (first, to any, more bool) {
	f.purpose = "see where the page ends"
	defer func() { f.purpose = "" }()
	most := int64(f.q.Max + 1 - len(f.found))
	for f.q.Windowed = f.planner().WalksWindows(); ; f.q.Windowed = false {
		p := f.planner()
		if f.err = p.Boundary(f.q, f.column, from, int(most)); f.err != nil {
			return nil, nil, false
		}
		rs, err := f.conn.search(p.String(), p.Args...)
		var count int64
		f.err = each(rs, err, func(rs rows) error { return rs.Scan(&count, &first, &to) })
		if more = count == most; more || f.err != nil || !f.q.Windowed {
			f.q.Windowed = false
			break
		}
	}
	if !more {
		to = nil
	}
	return first, to, more
}
