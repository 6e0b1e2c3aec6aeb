package storage

import (
	"bima/fhir"
	"bima/storage/index"
	"bima/storage/rowid"
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
