package storage

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"bima/fhir"
	"bima/storage/index"
	"bima/storage/rowid"
)

// reindexLimit is how many resources one Reindex rewrites where nobody says.
const reindexLimit = 200

// Reindex implements fhir.Reindexer. Resources written meanwhile are indexed by
// whoever writes them.
func (s *Store) Reindex(ctx context.Context, p fhir.ReindexPage, extract func(*fhir.Resource) (*fhir.Index, error)) (*fhir.Reindexed, error) {
	var done *fhir.Reindexed
	err := s.dialect.update(ctx, func(w *writer) error {
		done = &fhir.Reindexed{}
		page, err := w.reindexPage(p)
		if err != nil || len(page) == 0 {
			return err
		}
		anew, err := w.extract(page, p, extract, done)
		if err == nil && p.Codes != nil {
			err = w.forget(anew, p)
		}
		for i := 0; i < len(anew) && err == nil; i++ {
			if err = w.index(anew[i].putting, fhir.Version{Index: anew[i].from}); err == nil {
				err = w.store.dialect.put(w, anew[i].putting)
			}
		}
		return err
	})
	return done, outcome(err)
}

// Reindex implements fhir.Writer.
func (w *writer) Reindex(k fhir.Key, x *fhir.Index) error {
	put, ok := w.seen[k]
	if !ok || put.deleted || put.rid == 0 {
		return fmt.Errorf("%s was not put by this transaction", k)
	}
	typ, err := w.names.number(k.Type, "")
	if err != nil {
		return err
	}
	p := &putting{key: k, typ: typ, rid: put.rid, fh: index.Hash(k.ID), wipe: true, only: true}
	if err := w.index(p, fhir.Version{Index: x}); err != nil {
		return err
	}
	return w.store.dialect.put(w, p)
}

// reindexPage reads and locks the resources of one page.
func (w *writer) reindexPage(p fhir.ReindexPage) ([]stub, error) {
	number, ok, err := w.names.known(p.Type, "")
	if err != nil || !ok {
		return nil, err
	}
	limit, since := p.Limit, int64(math.MinInt64)
	if limit <= 0 {
		limit = reindexLimit
	}
	if !p.Since.IsZero() {
		since = rowid.At(p.Since)
	}
	return stubs(w.conn.search(selectVersion+"ON h.part = 0 AND h.vid = r.vid WHERE r.part = 0 AND r.deleted = 0 AND r.typ = $1 AND r.rid > $2 AND r.vid >= $3 "+
		"ORDER BY r.rid LIMIT $4"+w.store.dialect.forUpdate(), number, p.From, since, int64(limit)))
}

// An indexing is the index of one resource on its way into the tables.
type indexing struct {
	*putting
	from *fhir.Index
}

// reindexTime is how long a page may hold up those who write.
const reindexTime = time.Second

// extract reads the index of each resource, of the first ones where that takes
// long. One that can't be read is told as failed.
func (w *writer) extract(page []stub, p fhir.ReindexPage, extract func(*fhir.Resource) (*fhir.Index, error), done *fhir.Reindexed) ([]indexing, error) {
	anew := make([]indexing, 0, len(page))
	began := time.Now()
	for i, v := range page {
		if i > 0 && time.Since(began) > reindexTime {
			break
		}
		done.Found, done.Next = i+1, v.rid
		r, err := w.resource(v)
		if err != nil {
			return nil, err
		}
		x, err := extract(r)
		if err != nil {
			w.store.log.Warn("a resource can't be indexed", "resource", r.Key.String(), "cause", err)
			done.Failed = append(done.Failed, r.Key)
			continue
		}
		if p.Codes != nil {
			texts := x.Texts
			if x = x.Of(p.Codes); indexesTexts(p) {
				x.Texts = texts // both are one row on SQLite
			}
		}
		if x.Rows() > 0 {
			done.Changed++
		}
		anew = append(anew, indexing{from: x, putting: &putting{
			key: r.Key, typ: v.typ, rid: v.rid, fh: index.Hash(r.ID), wipe: p.Codes == nil, only: true,
		}})
	}
	return anew, nil
}

// forget deletes the rows that resources have of the parameters of a page.
func (w *writer) forget(anew []indexing, p fhir.ReindexPage) error {
	all, err := params(w.conn.query("SELECT id, type, code, building FROM registry WHERE type = $1", p.Type))
	if err != nil {
		return err
	}
	var parameters, resources []string
	for _, known := range all {
		if code, _, _ := strings.Cut(known.code, ":"); code != "" && slices.Contains(p.Codes, code) {
			parameters = append(parameters, strconv.Itoa(int(known.number)))
		}
	}
	if len(parameters) == 0 || len(anew) == 0 {
		return nil
	}
	for _, v := range anew {
		resources = append(resources, strconv.FormatInt(v.rid, 10))
	}
	if indexesTexts(p) {
		for _, v := range anew {
			if _, err := w.conn.exec(w.store.dialect.wipe()[0], v.rid); err != nil {
				return err
			}
		}
	}
	for _, table := range index.Tables {
		if table == uniqueTable {
			continue
		}
		if _, err := w.conn.exec("DELETE FROM " + table + " WHERE part = 0 AND rid IN (" + strings.Join(resources, ", ") +
			") AND sp IN (" + strings.Join(parameters, ", ") + ")"); err != nil {
			return err
		}
	}
	return nil
}

// indexesTexts reports whether a page is to be searched by its texts.
func indexesTexts(p fhir.ReindexPage) bool {
	return slices.Contains(p.Codes, index.Narrative) || slices.Contains(p.Codes, index.Content)
}

// uniqueTable is the one index table that is not of search parameters.
const uniqueTable = "uniq_key"

// Note implements fhir.Notebook.
func (s *Store) Note(ctx context.Context, name string) (value []byte, version int64, err error) {
	err = s.dialect.view(ctx, func(r *reader) error {
		value, version = nil, 0
		found, err := r.conn.query("SELECT version, value FROM note WHERE name = $1", name)
		return each(found, err, func(r rows) error { return r.Scan(&version, &value) })
	})
	return value, version, outcome(err)
}

// SetNote implements fhir.Notebook.
func (s *Store) SetNote(ctx context.Context, name string, value []byte, version int64) (bool, error) {
	var touched int64
	err := s.dialect.update(ctx, func(w *writer) (err error) {
		if version == 0 {
			touched, err = w.conn.exec("INSERT INTO note (name, version, value) VALUES ($1, 1, $2) ON CONFLICT DO NOTHING", name, value)
			return err
		}
		touched, err = w.conn.exec("UPDATE note SET version = version + 1, value = $2 WHERE name = $1 AND version = $3", name, value, version)
		return err
	})
	return touched == 1, outcome(err)
}

var (
	_ fhir.Notebook  = (*Store)(nil)
	_ fhir.Reindexer = (*Store)(nil)
)

// Purge implements fhir.Purger. An update of the resource that another
// transaction is about to make finds that it came too late; see post.queue.
func (w *writer) Purge(k fhir.Key, wholly bool) error {
	if w.failed != nil {
		return w.failed
	}
	rid, _, version, err := w.hold(k)
	if err != nil {
		return w.fail(err)
	}
	if rid == 0 {
		return missing(k)
	}
	if !wholly {
		_, err := w.conn.exec("DELETE FROM history WHERE part = 0 AND rid = $1 AND ver < $2", rid, version)
		return w.fail(err)
	}
	statements := []string{"DELETE FROM history WHERE part = 0 AND rid = $1", "DELETE FROM resource WHERE part = 0 AND rid = $1"}
	for _, statement := range append(w.store.dialect.wipe(), statements...) {
		if _, err := w.conn.exec(statement, rid); err != nil {
			return w.fail(err)
		}
	}
	w.seen[k] = seen{}
	if _, err := w.conn.exec(deleteEntries, k.String()); err != nil {
		return w.fail(err)
	}
	if k.Type == "Subscription" {
		return w.Dismiss(k.ID)
	}
	return nil
}

// hold finds a resource, keeps others from writing it, and gives its current
// version; 0 where there is none.
func (w *writer) hold(k fhir.Key) (rid, vid, version int64, _ error) {
	typ, ok, err := w.names.known(k.Type, "")
	if err != nil || !ok {
		return 0, 0, 0, err
	}
	rs, err := w.conn.query("SELECT r.rid, r.vid, r.ver, r.fid FROM resource r WHERE r.part = 0 AND r.typ = $1 AND r.fh = $2"+
		w.store.dialect.forUpdate(), typ, index.Hash(k.ID))
	err = each(rs, err, func(rs rows) error {
		var id string
		err := rs.Scan(&rid, &vid, &version, &id)
		if id != k.ID {
			rid = 0
		}
		return err
	})
	return rid, vid, version, err
}

// Revise implements fhir.Reviser. The body is stored as it is: few versions are
// ever revised, so that packing it would save nothing that shows. The current
// version gets another row id of the same millisecond, by which an update that
// was made from what the version was before finds that it came too late.
func (w *writer) Revise(r *fhir.Resource, after, before *fhir.Index) error {
	if w.failed != nil {
		return w.failed
	}
	rid, vid, version, err := w.hold(r.Key)
	if err != nil {
		return w.fail(err)
	}
	if rid == 0 || r.Version > version {
		return missing(r.Key)
	}
	if after != nil && r.Version != version {
		return w.fail(versionConflict(r.Key, r.Version))
	}
	if before, known := w.seen[r.Key]; known && after != nil && before.vid != vid {
		return w.fail(versionConflict(r.Key, r.Version))
	}
	if _, err := w.conn.exec("UPDATE history SET zip = $1, body = $2 WHERE part = 0 AND rid = $3 AND ver = $4 AND body IS NOT NULL",
		zipNone, r.Body, rid, r.Version); err != nil || after == nil {
		return w.fail(err)
	}
	if err := w.renumber(r, rid, vid); err != nil {
		return w.fail(err)
	}
	return w.fail(w.reindexed(r.Key, rid, after, before))
}

// renumber gives the row of a current version another id.
func (w *writer) renumber(r *fhir.Resource, rid, vid int64) error {
	next := w.store.ids.Next(rowid.Time(vid))
	if _, err := w.conn.exec("UPDATE history SET vid = $1 WHERE part = 0 AND vid = $2", next, vid); err != nil {
		return err
	}
	_, err := w.conn.exec("UPDATE resource SET vid = $1 WHERE part = 0 AND rid = $2", next, rid)
	w.seen[r.Key] = seen{rid: rid, vid: next, version: r.Version, updated: rowid.Time(next)}
	return err
}

// reindexed writes the index rows that change and no version.
func (w *writer) reindexed(k fhir.Key, rid int64, after, before *fhir.Index) error {
	p := &putting{key: k, rid: rid, fh: index.Hash(k.ID), only: true}
	var err error
	if p.typ, err = w.names.number(k.Type, ""); err != nil {
		return err
	}
	rows, err := index.Of(k.Type, after, w.names.number)
	if err != nil {
		return err
	}
	old, err := index.Of(k.Type, before, w.names.number)
	if err != nil {
		return err
	}
	p.rows = index.Between(old, rows)
	return w.store.dialect.put(w, p)
}
