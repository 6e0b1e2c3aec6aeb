package storage

import "context"

// Rows runs a statement as searches are run, and gives how many rows it had.
func (s *Store) Rows(ctx context.Context, statement string) (n int, err error) {
	err = s.dialect.view(ctx, func(r *reader) error {
		rs, err := r.conn.search(statement)
		return each(rs, err, func(rows) error {
			n++
			return nil
		})
	})
	return n, outcome(err)
}
