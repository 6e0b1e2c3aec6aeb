package storage

import (
	"slices"
	"strconv"
	"strings"

	"bima/fhir"
	"bima/storage/query"
)

// mark notes in the cursor of a first page what that page saw.
func (r *reader) mark(c *query.Cursor) (err error) {
	if !c.Firm {
		c.Bound, err = r.newest()
		return err
	}
	r.purpose = "note what the first page saw"
	defer func() { r.purpose = "" }()
	rs, err := r.conn.search(r.store.dialect.newest())
	var underWay string
	err = each(rs, err, func(rs rows) error { return rs.Scan(&c.Bound, &underWay) })
	if err != nil || underWay == "" {
		return err
	}
	c.Writers, err = writersOf(underWay)
	return err
}

// newest implements dialect. SQLite would go through an index that begins with part.
func (d *lite) newest() string {
	return "SELECT vid, '' FROM history NOT INDEXED WHERE part = 0 ORDER BY vid DESC LIMIT 1"
}

// newest implements dialect.
func (d *post) newest() string {
	return "SELECT vid, pg_current_snapshot()::text FROM history WHERE part = 0 ORDER BY vid DESC LIMIT 1"
}

// writersOf reads "xmin:xmax:xip,xip": the last are the transactions under way. Rows
// bear the lower half of a number. Source: PostgreSQL, pg_snapshot.
func writersOf(snapshot string) (all []int64, _ error) {
	list := snapshot[strings.LastIndexByte(snapshot, ':')+1:]
	for number := range strings.FieldsFuncSeq(list, func(c rune) bool { return c == ',' }) {
		n, err := strconv.ParseUint(number, 10, 64)
		if err != nil {
			return nil, err
		}
		all = append(all, int64(uint32(n)))
	}
	return all, nil
}

// findFirm finds a later page of a sorted search. What was changed since the first
// page is left out where its keys of now put it, and comes where those of then did.
func (r *reader) findFirm(q *query.Search) ([]stub, [][]any, error) {
	moved, err := r.moved(q)
	if err != nil {
		return nil, nil, err
	}
	if len(moved) == 0 {
		return r.find(q)
	}
	kept, err := r.kept(q, moved)
	if err != nil {
		return nil, nil, err
	}
	found, keys, err := r.unmoved(q, moved)
	if err != nil || len(kept) == 0 {
		return found, keys, err
	}
	stays := map[int64]stub{}
	for i, v := range found {
		kept = append(kept, query.Place{RID: v.rid, Values: keys[i]})
		stays[v.rid] = v
	}
	slices.SortFunc(kept, q.Compare)
	kept = kept[:min(len(kept), q.Max+1)]
	var rids []int64
	for _, at := range kept {
		if _, ok := stays[at.RID]; !ok {
			rids = append(rids, at.RID)
		}
	}
	if len(rids) > 0 {
		b := r.builder()
		b.Add(selectVersion, "ON h.part = 0 AND h.vid = r.vid WHERE r.part = 0 AND ")
		b.In("r.rid", rids)
		changed, err := stubs(r.conn.search(b.String(), b.Args...))
		if err != nil {
			return nil, nil, err
		}
		for _, v := range changed {
			stays[v.rid] = v
		}
	}
	found, keys = make([]stub, len(kept)), make([][]any, len(kept))
	for i, at := range kept {
		found[i], keys[i] = stays[at.RID], at.Values
	}
	return found, keys, nil
}

// unmoved finds those of a page that were not changed, one more than it takes.
func (r *reader) unmoved(q *query.Search, moved map[int64]int64) (found []stub, keys [][]any, _ error) {
	from, size := q.Cursor, q.Max+min(len(moved), q.Max)
	for {
		part := *q
		part.Cursor, part.Max = from, size
		some, values, err := r.find(&part)
		if err != nil {
			return nil, nil, err
		}
		for i, v := range some {
			if _, changed := moved[v.rid]; !changed {
				found, keys = append(found, v), append(keys, values[i])
			}
		}
		if len(found) > q.Max || len(some) <= size {
			return found, keys, nil
		}
		from.RID, from.Values = some[size].rid, values[size]
		size = min(2*size, pageMax)
	}
}

// moved gives what was changed since the first page and is found by the search: the
// version that the first page saw of each, 0 where there is none.
func (r *reader) moved(q *query.Search) (map[int64]int64, error) {
	p := r.planner()
	if err := p.AnyMoved(q); err != nil {
		return nil, err
	}
	if n, err := r.counted(p, "see whether anything was changed since the first page"); err != nil || n == 0 {
		return nil, err
	}
	p = r.planner()
	if err := p.Moved(q); err != nil {
		return nil, err
	}
	r.purpose = "see what was changed since the first page"
	defer func() { r.purpose = "" }()
	out := map[int64]int64{}
	rs, err := r.conn.search(p.String(), p.Args...)
	err = each(rs, err, func(rs rows) error {
		var rid, vid int64
		err := rs.Scan(&rid, &vid)
		out[rid] = vid
		return err
	})
	return out, err
}

// kept gives where what was changed stood, as far as that is still to come: as much as
// a page may take.
func (r *reader) kept(q *query.Search, moved map[int64]int64) (out []query.Place, _ error) {
	vids, err := r.seenOf(moved)
	if err != nil {
		return nil, err
	}
	r.purpose = "see where it stood"
	defer func() { r.purpose = "" }()
	for some := range slices.Chunk(q.Soonest(vids), readManyMax) {
		p := r.planner()
		p.Versions(q, some)
		versions, err := stubs(r.conn.search(p.String(), p.Args...))
		if err != nil {
			return nil, err
		}
		versions = slices.DeleteFunc(versions, func(v stub) bool { return v.op == opDelete })
		places, err := r.places(q, versions)
		if err != nil {
			return nil, err
		}
		for _, at := range places {
			if q.Ahead(at) {
				out = append(out, at)
			}
		}
		slices.SortFunc(out, q.Compare)
		out = out[:min(len(out), q.Max+1)]
		if len(out) > q.Max && q.Over(some[len(some)-1], out[q.Max]) {
			break
		}
	}
	return out, nil
}

// seenOf gives the versions that the first page saw. Where that was purged, the one
// of now is as good as any; what was created by a transaction that the first page did
// not see has none.
func (r *reader) seenOf(moved map[int64]int64) (vids []int64, err error) {
	var unseen []int64
	for rid, vid := range moved {
		if vid == 0 {
			unseen = append(unseen, rid)
		} else {
			vids = append(vids, vid)
		}
	}
	if len(unseen) == 0 {
		return vids, nil
	}
	b := r.builder()
	b.Add("SELECT r.vid FROM resource r WHERE r.part = 0 AND ")
	b.In("r.rid", unseen)
	b.Add(" AND NOT EXISTS (SELECT 1 FROM history h WHERE h.part = 0 AND h.rid = r.rid AND h.ver = 1)")
	rs, err := r.conn.search(b.String(), b.Args...)
	err = each(rs, err, func(rs rows) error {
		var vid int64
		err := rs.Scan(&vid)
		vids = append(vids, vid)
		return err
	})
	return vids, err
}

// places gives where versions stand in the order of a search.
func (r *reader) places(q *query.Search, versions []stub) ([]query.Place, error) {
	resources, err := r.resources(versions)
	if err != nil {
		return nil, err
	}
	indexes := make([]*fhir.Index, len(resources))
	var targets []fhir.Key
	for i, one := range resources {
		indexes[i] = &fhir.Index{}
		if q.Indexed() {
			if indexes[i], err = q.Index(one); err != nil {
				return nil, err
			}
		}
		targets = append(targets, q.Targets(indexes[i])...)
	}
	there, err := r.there(targets, q.Cursor.Bound)
	if err != nil {
		return nil, err
	}
	out := make([]query.Place, len(versions))
	for i, v := range versions {
		out[i] = query.Place{RID: v.rid, Values: q.Values(resources[i], indexes[i], there)}
	}
	return out, nil
}

// there gives which resources there are or were, of those up to a row id.
func (r *reader) there(keys []fhir.Key, bound int64) (map[fhir.Key]bool, error) {
	_, parts, err := r.parts(keys)
	if err != nil {
		return nil, err
	}
	out := map[fhir.Key]bool{}
	for _, part := range parts {
		b := r.builder()
		b.Add("SELECT r.typ, r.fid FROM resource r", b.ByID(), " WHERE r.part = 0 AND r.typ = ", b.Arg(part.typ), " AND r.rid <= ", b.Arg(bound), " AND ")
		b.In("r.fh", part.hashes)
		found, err := r.keys(r.conn.search(b.String(), b.Args...))
		if err != nil {
			return nil, err
		}
		for _, k := range found {
			out[k] = true
		}
	}
	return out, nil
}
