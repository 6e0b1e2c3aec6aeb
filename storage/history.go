package storage

import (
	"context"
	"fmt"
	"strings"
	"time"

	"bima/fhir"
	"bima/storage/query"
	"bima/storage/rowid"
)

// historyScope is whose versions a history shows: of some resources, of one type,
// or of all.
type historyScope struct {
	rids []int64
	typ  int32
	none bool // nothing was ever stored there
}

// History implements fhir.Reader. Version ids grow with meta.lastUpdated, so
// newest first is vid descending, and the last vid of a page is all its cursor
// needs: what is written later has a greater one and stays out of later pages.
func (r *reader) History(q *fhir.HistoryQuery) (*fhir.Page, error) {
	shape := *q
	shape.After, shape.Limit, shape.Total = "", 0, 0
	at := fhir.DateValue{}
	if q.At != nil {
		at, shape.At = *q.At, nil
	}
	hash := query.TextHash(fmt.Sprintf("history %#v %#v", shape, at))
	var c query.Cursor
	var err error
	if q.After != "" {
		if c, err = query.ParseCursor(q.After, hash); err != nil {
			return nil, err
		}
	}
	if q.Since != 0 && q.ID == "" && q.After == "" {
		if err := r.store.dialect.settle(r); err != nil {
			return nil, err
		}
	}
	scope, err := r.historyScope(q)
	if err != nil {
		return nil, err
	}
	page := &fhir.Page{}
	limit := min(q.Limit, pageMax)
	if limit > 0 && !scope.none {
		if page, err = r.historyPage(q, scope, c, limit, hash); err != nil {
			return nil, err
		}
	}
	return page, r.historyTotal(q, scope, page)
}

func (r *reader) historyScope(q *fhir.HistoryQuery) (s historyScope, err error) {
	if q.Type != "" {
		typ, ok, err := r.names.known(q.Type, "")
		if err != nil || !ok {
			return historyScope{none: true}, err
		}
		s.typ = typ
	}
	keys := q.Keys
	if q.ID != "" {
		keys = []fhir.Key{{Type: q.Type, ID: q.ID}}
	} else if keys == nil {
		return s, nil
	}
	s.rids, err = r.rids(keys)
	s.none = len(s.rids) == 0
	return s, err
}

// rids gives the row ids of those resources that there are or were.
func (r *reader) rids(keys []fhir.Key) (out []int64, _ error) {
	_, parts, err := r.parts(keys)
	if err != nil {
		return nil, err
	}
	for _, part := range parts {
		b := r.builder()
		b.Add("SELECT rid FROM resource WHERE part = 0 AND typ = ", b.Arg(part.typ), " AND ")
		b.In("fh", part.hashes)
		rs, err := r.conn.search(b.String(), b.Args...)
		err = each(rs, err, func(rs rows) error {
			var rid int64
			err := rs.Scan(&rid)
			out = append(out, rid)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (r *reader) historyPage(q *fhir.HistoryQuery, s historyScope, c query.Cursor, limit int, hash uint64) (*fhir.Page, error) {
	p := r.planner()
	p.Add(selectVersion, "ON h.part = 0 AND h.rid = r.rid WHERE r.part = 0 AND ")
	historyWhere(p, q, s, c)
	p.Add(" ORDER BY h.vid DESC LIMIT ", p.Rows(int64(limit+1)))
	found, err := stubs(r.conn.search(p.String(), p.Args...))
	if err != nil {
		return nil, err
	}
	page := &fhir.Page{}
	if len(found) > limit {
		found = found[:limit]
		page.Next = query.Cursor{Hash: hash, RID: found[limit-1].vid}.String()
	}
	page.Resources, err = r.resources(found)
	return page, err
}

// historyWhere writes which versions are asked for.
func historyWhere(p *query.Planner, q *fhir.HistoryQuery, s historyScope, c query.Cursor) {
	p.Add("h.part = 0")
	if s.rids != nil {
		p.Add(" AND ")
		p.In("h.rid", s.rids)
	}
	if s.typ != 0 && q.ID == "" {
		p.Add(" AND h.typ = ", p.Arg(s.typ))
	}
	if q.Since != 0 {
		p.Add(" AND h.vid >= ", p.Arg(rowid.From(q.Since)))
	}
	if c.RID != 0 {
		p.Add(" AND h.vid < ", p.Arg(c.RID))
	}
	if q.At != nil {
		currentAt(p, *q.At)
	}
}

// currentAt writes that a version was the current one at some time of the
// interval: made before its end, and the next one made after its begin. A version
// ends in the millisecond in which the next one begins.
// Source: R4 http#history (_at).
func currentAt(p *query.Planner, at fhir.DateValue) {
	p.Add(" AND h.vid < ", p.Arg(rowid.From(at.To)),
		" AND NOT EXISTS (SELECT 1 FROM history n WHERE n.part = 0 AND n.rid = h.rid AND n.ver = h.ver + 1 AND n.vid < ",
		p.Arg(rowid.After(at.From)), ")")
}

// historyTotal counts where the query asks for it.
func (r *reader) historyTotal(q *fhir.HistoryQuery, s historyScope, page *fhir.Page) error {
	if q.Total == fhir.TotalNone && q.Limit > 0 {
		return nil
	}
	count := int64(len(page.Resources))
	if q.Limit == 0 || q.After != "" || page.Next != "" {
		p := r.planner()
		p.Add("SELECT count(*) FROM history h WHERE ")
		historyWhere(p, q, s, query.Cursor{})
		if s.none {
			p.Add(" AND 1 = 0")
		}
		rs, err := r.conn.search(p.String(), p.Args...)
		if err := each(rs, err, func(rs rows) error { return rs.Scan(&count) }); err != nil {
			return err
		}
	}
	page.Total = &count
	return nil
}

// settleMax bounds how long a history waits for transactions under way, and
// settlePause is the time between two looks.
const (
	settleMax   = 2 * time.Second
	settlePause = 2 * time.Millisecond
)

// settle implements dialect. One transaction writes at a time, so versions
// become visible in the order of their times.
func (d *lite) settle(*reader) error { return nil }

// writersOfThisDatabase finds the transactions under way that write to this
// database: each holds a lock of its own number, which it takes before its time;
// see askClock.
const writersOfThisDatabase = " FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid " +
	"WHERE l.locktype = 'transactionid' AND l.mode = 'ExclusiveLock' AND l.granted " +
	"AND a.datname = current_database() AND a.backend_type = 'client backend'"

// settle implements dialect. A transaction takes its time when it begins and
// shows its versions when it commits, so versions may appear behind others that
// are younger: whoever asks "what changed since the last time I asked" would
// miss them. So such a history first waits until all transactions that write to
// this database have ended, and takes its snapshot then. One that takes longer
// than settleMax is not waited for: that history ends as a transient error.
func (d *post) settle(r *reader) error {
	if c, ok := r.conn.(*postConn); !ok || c.begun {
		return nil // the snapshot is taken already
	}
	ctx, cancel := context.WithTimeout(r.ctx, settleMax)
	defer cancel()
	err := d.ended(ctx)
	if err != nil && ctx.Err() != nil && r.ctx.Err() == nil {
		return fhir.Errorf(fhir.IssueTransient, "", "A large write is under way, and what it changes belongs into this history; ask again.")
	}
	return err
}

// ended waits for the transactions that write now; later ones have later times.
func (d *post) ended(ctx context.Context) error {
	writers, err := d.writing(ctx, nil)
	for err == nil && len(writers) > 0 {
		select {
		case <-time.After(settlePause):
		case <-ctx.Done():
			return ctx.Err()
		}
		writers, err = d.writing(ctx, writers)
	}
	return err
}

// Writing implements fhir.Reindexer.
func (s *Store) Writing(ctx context.Context, among []string) ([]string, error) {
	writers, err := s.dialect.writing(ctx, among)
	return writers, outcome(err)
}

// writing implements dialect.
func (d *lite) writing(context.Context, []string) ([]string, error) { return nil, nil }

// writing implements dialect.
func (d *post) writing(ctx context.Context, among []string) ([]string, error) {
	var writers string
	err := d.store.cold.QueryRowContext(ctx, "SELECT coalesce(string_agg(l.transactionid::text, ','), '')"+writersOfThisDatabase+
		" AND ($1 = '' OR l.transactionid::text = ANY(string_to_array($1, ',')))", strings.Join(among, ",")).Scan(&writers)
	if err != nil || writers == "" {
		return nil, err
	}
	return strings.Split(writers, ","), nil
}
