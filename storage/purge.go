package storage

import (
	"bima/fhir"
	"bima/storage/index"
)

// Purge implements fhir.Purger. An update of the resource that another
// transaction is about to make finds that it came too late; see post.queue.
func (w *writer) Purge(k fhir.Key, wholly bool) error {
	if w.failed != nil {
		return w.failed
	}
	rid, version, err := w.hold(k)
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
	_, err = w.conn.exec(deleteEntries, k.String())
	return w.fail(err)
}

// hold finds a resource, keeps others from writing it, and gives its current
// version; 0 where there is none.
func (w *writer) hold(k fhir.Key) (rid, version int64, _ error) {
	typ, ok, err := w.names.known(k.Type, "")
	if err != nil || !ok {
		return 0, 0, err
	}
	rs, err := w.conn.query("SELECT r.rid, r.ver, r.fid FROM resource r WHERE r.part = 0 AND r.typ = $1 AND r.fh = $2"+
		w.store.dialect.forUpdate(), typ, index.Hash(k.ID))
	err = each(rs, err, func(rs rows) error {
		var id string
		err := rs.Scan(&rid, &version, &id)
		if id != k.ID {
			rid = 0
		}
		return err
	})
	return rid, version, err
}
