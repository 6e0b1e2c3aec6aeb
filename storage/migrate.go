package storage

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"log/slog"

	"github.com/pressly/goose/v3"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
)

//go:embed migrations
var migrations embed.FS

// migrate brings the schema up to date: our steps by goose, then River's own.
// Steps only ever expand, so an older binary runs on the newer schema.
func (s *Store) migrate(ctx context.Context, name string) error {
	steps, err := fs.Sub(migrations, "migrations/"+name)
	if err != nil {
		return err
	}
	dialect := goose.DialectSQLite3
	if name == "postgres" {
		dialect = goose.DialectPostgres
	}
	provider, err := goose.NewProvider(dialect, s.cold, steps)
	if err != nil {
		return err
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrating: %w", err)
	}
	if name == "postgres" {
		return migrateJobs(ctx, riverdatabasesql.New(s.cold))
	}
	return migrateJobs(ctx, riversqlite.New(s.cold))
}

func migrateJobs(ctx context.Context, driver riverdriver.Driver[*sql.Tx]) error {
	m, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	if _, err := m.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("migrating the jobs: %w", err)
	}
	return nil
}

// Schema gives a fingerprint of the schema that this binary makes.
func Schema() string {
	h := sha256.New()
	_ = fs.WalkDir(migrations, ".", func(path string, _ fs.DirEntry, err error) error {
		if b, unread := migrations.ReadFile(path); err == nil && unread == nil {
			h.Write(b)
		}
		return err
	})
	return hex.EncodeToString(h.Sum(nil)[:6])
}
