package storage

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"database/sql/driver"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

//go:embed migrations
var migrations embed.FS

// migrate brings the schema up to date: our steps by goose, then River's own.
// Steps only ever expand, so an older binary runs on the newer schema.
func migrate(ctx context.Context, db *sql.DB, name string) error {
	steps, err := fs.Sub(migrations, "migrations/"+name)
	if err != nil {
		return err
	}
	dialect := goose.DialectSQLite3
	if name == "postgres" {
		dialect = goose.DialectPostgres
	}
	provider, err := goose.NewProvider(dialect, db, steps)
	if err != nil {
		return err
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrating: %w", err)
	}
	if name == "postgres" {
		return migrateJobs(ctx, riverdatabasesql.New(db))
	}
	return migrateJobs(ctx, riversqlite.New(db))
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

// migrateLite lets one process migrate and the others wait for it: all steps run
// in one transaction that begins with the lock of whoever writes.
func migrateLite(ctx context.Context, dsn string) (err error) {
	connector, err := sqlite.NewConnector(dsn)
	if err != nil {
		return err
	}
	db := sql.OpenDB(liteConnector{connector})
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1)
	if err := patiently(ctx, func() error {
		_, err := db.ExecContext(ctx, "BEGIN IMMEDIATE")
		return err
	}); err != nil {
		return err
	}
	end := "COMMIT"
	if err = migrate(ctx, db, "sqlite"); err != nil {
		end = "ROLLBACK"
	}
	_, ended := db.ExecContext(context.WithoutCancel(ctx), end)
	return errors.Join(err, ended)
}

// openPatience is how long Open waits for other processes that begin on the same
// SQLite file, and openPause the time between two attempts.
const (
	openPatience = 30 * time.Second
	openPause    = 5 * time.Millisecond
)

// patiently repeats what SQLite refuses at once, without its own waiting, while
// another process turns the file into one with a write-ahead log.
func patiently(ctx context.Context, run func() error) error {
	for deadline := time.Now().Add(openPatience); ; {
		err := run()
		var lite *sqlite.Error
		if !errors.As(err, &lite) || lite.Code()&0xff != sqlite3.SQLITE_BUSY || time.Now().After(deadline) {
			return err
		}
		select {
		case <-time.After(openPause):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// liteConnector makes connections whose database/sql transactions do nothing:
// the steps of a migration run within one that we began ourselves.
type liteConnector struct{ driver.Connector }

// Connect implements driver.Connector.
func (c liteConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	able, ok := conn.(ableConn)
	if !ok {
		return nil, errors.Join(fmt.Errorf("the SQLite driver gives a %T", conn), conn.Close())
	}
	return liteDriverConn{able}, nil
}

// ableConn is what the SQLite driver's connections can do.
type ableConn interface {
	driver.Conn
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
}

type liteDriverConn struct{ ableConn }

// BeginTx implements driver.ConnBeginTx.
func (liteDriverConn) BeginTx(context.Context, driver.TxOptions) (driver.Tx, error) {
	return noTx{}, nil
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
