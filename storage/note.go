package storage

import (
	"context"

	"bima/fhir"
)

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
