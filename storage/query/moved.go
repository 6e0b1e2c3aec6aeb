package query

import (
	"cmp"
	"errors"
	"slices"
	"time"

	"bima/fhir"
	"bima/storage/index"
	"bima/storage/rowid"
)

// What was changed since the first page of a sorted search may have other sort keys
// now. It is left out where these would put it, and shown where those of the version
// that the first page saw put it.

// underWayMax is how long a transaction may have been under way when the first page
// was made for what it writes to be looked for.
const underWayMax = time.Minute

// Keeps reports whether later pages of a query can keep what was changed in its
// place: where there are sort keys that change, and it tells those of a version.
func Keeps(q *fhir.Query) bool {
	changes, told := false, true
	for _, k := range q.Sort {
		changes = changes || k.Param.Code != "_id"
		told = told && !indexed(k)
	}
	return changes && (told || q.Index != nil)
}

// indexed reports whether the index has the values of a sort key, and not the
// resource's own row.
func indexed(k fhir.SortKey) bool { return k.Param.Code != "_id" && k.Param.Code != "_lastUpdated" }

// Indexed reports whether a search sorts by what only the body of a version tells.
func (q *Search) Indexed() bool { return slices.ContainsFunc(q.Sort, indexed) }

// AnyMoved writes a count that is 0 where no resource of the types was changed since
// the first page: a look at the end of the index of times, and one at versions of the
// millisecond of the newest that the page saw, in which many may have been written.
func (p *Planner) AnyMoved(q *Search) error {
	over := rowid.Time(q.Cursor.Bound).Add(time.Millisecond)
	p.Add("SELECT (SELECT count(*) FROM (SELECT r.rid FROM resource r", p.dialect.byTime(), " WHERE r.part = 0 AND r.deleted = 0")
	err := p.ofTypes(q, "r.typ")
	p.Add(" AND r.updated >= ", p.Arg(over.UnixMicro()))
	p.bounded(q, "r.rid")
	p.Add(" ORDER BY r.updated LIMIT 1) x) + (SELECT count(*) FROM (SELECT h.vid FROM history h WHERE h.part = 0")
	if len(q.Types) > 0 {
		err = errors.Join(err, p.ofTypes(q, "h.typ"))
	}
	p.Add(" AND h.vid > ", p.Arg(q.Cursor.Bound), " AND h.vid < ", p.Arg(rowid.At(over)), " LIMIT 1) y)")
	if p.snapshots(q) {
		p.Add(" + (SELECT count(*) FROM (SELECT r.rid")
		err = errors.Join(err, p.fromMoved(q))
		p.Add(" ORDER BY r.updated LIMIT 1) z)")
	}
	return err
}

// ofTypes writes that a row is of the types searched, as an index needs it.
func (p *Planner) ofTypes(q *Search, column string) error {
	p.Add(" AND ")
	if len(q.Types) > 0 {
		p.In(column, q.numbers)
		return nil
	}
	return p.dialect.ofFew(p, column, func() error {
		p.Add("SELECT id FROM registry WHERE code = ''")
		return nil
	})
}

// Moved writes a selection of the row ids of those that were changed since the first
// page, and that the query finds, each with the version that the first page saw; this
// is 0 where that was purged, or there was none.
func (p *Planner) Moved(q *Search) error {
	p.apart = p.dialect.plans()
	p.Add("SELECT r.rid, coalesce((SELECT h.vid FROM history h WHERE h.part = 0 AND h.rid = r.rid AND h.vid <= ", p.Arg(q.Cursor.Bound))
	if p.snapshots(q) {
		p.Add(" AND NOT (")
		p.underWay(q, "h")
		p.Add(")")
	}
	p.Add(" ORDER BY h.ver DESC LIMIT 1), 0)")
	if err := p.fromMoved(q); err != nil || q.Where == nil {
		return err
	}
	p.Add(" AND ")
	return p.where(q.Where, row{rid: "r.rid", alias: "r", types: q.Types})
}

// Versions writes a selection of versions, with their bodies where these tell what a
// search sorts by.
func (p *Planner) Versions(q *Search, vids []int64) {
	body := "0, CASE WHEN 1 = 0 THEN h.body END"
	if slices.ContainsFunc(q.Sort, indexed) {
		body = "h.zip, h.body"
	}
	p.Add("SELECT r.rid, h.vid, h.ver, r.typ, r.fid, h.op, ", body, " FROM history h ", p.dialect.joinInOrder(),
		" resource r ON r.part = 0 AND r.rid = h.rid WHERE ", p.dialect.unindexed("h.part"), " = 0 AND ")
	p.In("h.vid", vids)
}

// fromMoved writes where the resources are that were changed since the first page. Of
// versions that are written with a time of long ago, as histories are loaded, it does
// not tell.
func (p *Planner) fromMoved(q *Search) error {
	since := rowid.Time(q.Cursor.Bound)
	if p.snapshots(q) {
		since = since.Add(-underWayMax)
	}
	p.Add(" FROM resource r", p.dialect.byTime(), " WHERE r.part = 0 AND r.deleted = 0")
	if err := p.ofTypes(q, "r.typ"); err != nil {
		return err
	}
	p.Add(" AND r.updated >= ", p.Arg(since.UnixMicro()))
	p.bounded(q, "r.rid")
	p.Add(" AND (r.vid > ", p.Arg(q.Cursor.Bound))
	if p.snapshots(q) {
		p.Add(" OR ")
		p.underWay(q, "r")
	}
	p.Add(")")
	return nil
}

// snapshots reports whether a row tells which transaction wrote it, and some were
// under way. On SQLite they come one after the other.
func (p *Planner) snapshots(q *Search) bool { return len(q.Cursor.Writers) > 0 && p.dialect.plans() }

// underWay writes that one of the transactions wrote a row that were under way when
// the first page was made.
func (p *Planner) underWay(q *Search, alias string) {
	p.dialect.inMany(p.Builder, alias+".xmin::text::int8", q.Cursor.Writers)
}

// A Place is where a resource stands in the order of a search.
type Place struct {
	RID    int64
	Values []any // of the sort keys
}

// Compare orders places as the page has them.
func (q *Search) Compare(a, b Place) int {
	order := 0
	for i := 0; i < len(q.Sort) && order == 0; i++ {
		order = compareKeys(a.Values[i], b.Values[i], q.Sort[i].Descending)
	}
	if order == 0 {
		order = cmp.Compare(b.RID, a.RID)
	}
	if q.Cursor.Back {
		return -order
	}
	return order
}

// Ahead reports whether a place lies behind the cursor, so that it is still to come.
func (q *Search) Ahead(at Place) bool {
	return q.Compare(at, Place{RID: q.Cursor.RID, Values: q.Cursor.Values}) > 0
}

// compareKeys orders two values of a sort key as both databases do: texts by their
// bytes, and none last in either direction.
func compareKeys(a, b any, down bool) int {
	if a == nil || b == nil {
		return cmp.Compare(rank(a), rank(b))
	}
	order := 0
	switch a := a.(type) {
	case int64:
		b, _ := b.(int64)
		order = cmp.Compare(a, b)
	case float64:
		b, _ := b.(float64)
		order = cmp.Compare(a, b)
	case string:
		b, _ := b.(string)
		order = cmp.Compare(a, b)
	}
	if down {
		return -order
	}
	return order
}

func rank(v any) int {
	if v == nil {
		return 1
	}
	return 0
}

// byTimeFirst reports whether the time of a version tells first where it stands.
func (q *Search) byTimeFirst() bool { return q.Sort[0].Param.Code == "_lastUpdated" }

// Soonest gives versions in the order in which they come, without those that came,
// where their times tell.
func (q *Search) Soonest(vids []int64) []int64 {
	if !q.byTimeFirst() {
		return vids
	}
	slices.Sort(vids)
	came, _ := q.Cursor.Values[0].(int64)
	if q.Sort[0].Descending == q.Cursor.Back {
		at, _ := slices.BinarySearch(vids, rowid.From(came))
		return vids[at:]
	}
	at, _ := slices.BinarySearch(vids, rowid.After(came))
	slices.Reverse(vids[:at])
	return vids[:at]
}

// Over reports whether a version, and what comes after it in the order of Soonest,
// comes after a place.
func (q *Search) Over(vid int64, at Place) bool {
	return q.byTimeFirst() && rowid.Time(vid).UnixMicro() != at.Values[0]
}

// Targets gives what a version refers to by parameters that the search sorts by.
func (q *Search) Targets(x *fhir.Index) (all []fhir.Key) {
	for _, k := range q.Sort {
		if k.Param.Kind != fhir.ParamReference {
			continue
		}
		for _, r := range x.References {
			if r.Param == k.Param.Code && r.Key.ID != "" {
				all = append(all, r.Key)
			}
		}
	}
	return all
}

// Values gives the values of the sort keys that a version had: the same that the index
// tables held of it. there tells of what Targets gave which resources there are.
func (q *Search) Values(r *fhir.Resource, x *fhir.Index, there map[fhir.Key]bool) []any {
	out := make([]any, len(q.Sort))
	for i, k := range q.Sort {
		switch k.Param.Code {
		case "_id":
			out[i] = r.ID
		case "_lastUpdated":
			out[i] = r.Updated.UnixMicro()
		default:
			out[i] = valueOf(k, x, there)
		}
	}
	return out
}

// valueOf gives the value that comes first in the direction of a sort key; see key and
// sortColumns.
func valueOf(k fhir.SortKey, x *fhir.Index, there map[fhir.Key]bool) (best any) {
	take := func(code string, v any) {
		if code == k.Param.Code && (best == nil || compareKeys(v, best, k.Descending) < 0) {
			best = v
		}
	}
	switch tableOfKind(k.Param.Kind) {
	case "sp_token":
		for _, r := range x.Tokens {
			take(r.Param, index.TokenText(r.Code))
		}
	case "sp_string":
		for _, r := range x.Strings {
			take(r.Param, index.Clip(r.Normal))
		}
	case "sp_date":
		for _, r := range x.Dates {
			take(r.Param, r.From)
		}
	case "sp_number":
		for _, r := range x.Numbers {
			take(r.Param, r.Low)
		}
	case "sp_quantity":
		for _, r := range x.Quantities {
			take(r.Param, r.Low)
		}
	case "sp_uri":
		for _, r := range x.URIs {
			take(r.Param, index.Clip(r.URI))
		}
	case "sp_reference":
		for _, r := range x.References {
			if there[r.Key] {
				take(r.Param, r.Key.ID)
			}
		}
	}
	return best
}
