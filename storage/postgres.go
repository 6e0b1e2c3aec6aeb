package storage

import (
	"context"
	"errors"
)

const attemptsMax = 5

func (s *Store) openPostgres(ctx context.Context, dsn string, o Options) error {
	return errors.New("not yet")
}
