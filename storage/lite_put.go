package storage

import (
	"errors"

	"bima/fhir"
)

// put implements dialect. Statements are prepared once and run one by one: there
// is no round trip to save.
func (d *lite) put(w *writer, p *putting) error {
	if p.only {
		if err := d.clear(w.conn, p); err != nil {
			return err
		}
		return d.fill(w, p)
	}
	p.zip, p.body = pack(p.body)
	affected, err := d.point(w.conn, p)
	if err != nil {
		return err
	}
	if affected == 0 {
		return versionConflict(p.key, p.expect)
	}
	var body any
	if p.body != nil {
		body = p.body
	}
	if _, err := w.conn.exec("INSERT INTO history (vid, part, rid, typ, ver, op, zip, body) VALUES ($1, 0, $2, $3, $4, $5, $6, $7)",
		p.vid, p.rid, p.typ, p.expect+1, p.op, p.zip, body); err != nil {
		return err
	}
	if err := d.clear(w.conn, p); err != nil {
		return err
	}
	return d.fill(w, p)
}

// point makes the resource's row point at the version.
func (d *lite) point(c conn, p *putting) (int64, error) {
	if p.expect == 0 {
		return c.exec("INSERT INTO resource (part, rid, typ, fh, fid, ver, vid, updated, deleted) "+
			"VALUES (0, $1, $2, $3, $4, 1, $5, $6, $7) ON CONFLICT (part, typ, fh) DO NOTHING",
			p.rid, p.typ, p.fh, p.key.ID, p.vid, p.updatedMicros, p.deleted)
	}
	return c.exec("UPDATE resource SET ver = $3, vid = $4, updated = $5, deleted = $6 WHERE part = 0 AND rid = $1 AND ver = $2",
		p.rid, p.expect, p.expect+1, p.vid, p.updatedMicros, p.deleted)
}

// clear deletes the rows that the version before had and this one lacks.
func (d *lite) clear(c conn, p *putting) error {
	if p.wipe {
		for _, t := range indexTables {
			if _, err := c.exec("DELETE FROM "+t+" WHERE part = 0 AND rid = $1", p.rid); err != nil {
				return err
			}
		}
		return nil
	}
	return errors.Join(
		tokenTable.deleteLite(c, p.rid, p.tokens.gone),
		stringTable.deleteLite(c, p.rid, p.strings.gone),
		dateTable.deleteLite(c, p.rid, p.dates.gone),
		numberTable.deleteLite(c, p.rid, p.numbers.gone),
		quantityTable.deleteLite(c, p.rid, p.quantities.gone),
		referenceTable.deleteLite(c, p.rid, p.references.gone),
		uriTable.deleteLite(c, p.rid, p.uris.gone),
		compositeTable.deleteLite(c, p.rid, p.composites.gone),
		uniqueTable.deleteLite(c, p.rid, p.uniques.gone),
	)
}

// fill inserts the rows that the version before lacked.
func (d *lite) fill(w *writer, p *putting) error {
	c := w.conn
	counted, err := uniqueTable.insertLite(c, p.rid, p.uniques.added)
	if err == nil && counted < int64(len(p.uniques.added)) {
		err = w.taken(p)
	}
	if err != nil {
		return err
	}
	return errors.Join(
		inserted(tokenTable.insertLite(c, p.rid, p.tokens.added)),
		inserted(stringTable.insertLite(c, p.rid, p.strings.added)),
		inserted(dateTable.insertLite(c, p.rid, p.dates.added)),
		inserted(numberTable.insertLite(c, p.rid, p.numbers.added)),
		inserted(quantityTable.insertLite(c, p.rid, p.quantities.added)),
		inserted(referenceTable.insertLite(c, p.rid, p.references.added)),
		inserted(uriTable.insertLite(c, p.rid, p.uris.added)),
		inserted(compositeTable.insertLite(c, p.rid, p.composites.added)),
	)
}

func inserted(_ int64, err error) error { return err }

// inMany implements dialect.
func (d *lite) inMany(b *builder, column string, values []int64) {
	b.write(column, " IN (SELECT value FROM json_each(", b.arg(intList(values)), "))")
}

// lock implements dialect. One transaction writes at a time, so every lock is
// had already.
func (d *lite) lock(*writer, []string) error { return nil }

var _ fhir.Store = (*Store)(nil)

// joinInOrder implements dialect. SQLite never reorders a CROSS JOIN.
func (d *lite) joinInOrder() string { return "CROSS JOIN" }

// plans implements dialect.
func (d *lite) plans() bool { return false }

// byRow implements dialect.
func (d *lite) byRow(table string) string { return " INDEXED BY " + table + "_rid" }

// forUpdate implements dialect. Nobody else writes meanwhile.
func (d *lite) forUpdate() string { return "" }
