package storagetest

import (
	"context"
	"crypto/rand"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"bima/storage"
)

// postgresVariable names the environment variable with the DSN of a PostgreSQL
// where tests may make and drop databases.
const postgresVariable = "BIMA_TEST_POSTGRES"

// SQLite gives the DSN of a new SQLite database with our schema in the test's folder.
func SQLite(tb testing.TB) string {
	tb.Helper()
	empty, err := migratedFile()
	if err != nil {
		tb.Fatalf("making the SQLite file that others are copies of: %v", err)
	}
	file := filepath.Join(tb.TempDir(), "bima.db")
	if err := os.WriteFile(file, empty, 0o600); err != nil {
		tb.Fatal(err)
	}
	return "sqlite:" + file
}

// migratedFile makes, once a process, what is in the file of an empty database.
var migratedFile = sync.OnceValues(func() (empty []byte, err error) {
	folder, err := os.MkdirTemp("", "bima-template-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	file := filepath.Join(folder, "bima.db")
	s, err := storage.Open(context.Background(), "sqlite:"+file, storage.Options{})
	if err != nil {
		return nil, err
	}
	if err := s.Close(); err != nil {
		return nil, err
	}
	if log, err := os.Stat(file + "-wal"); err == nil && log.Size() > 0 {
		return nil, errors.New("its write-ahead log was not emptied by closing it")
	}
	return os.ReadFile(file)
})

// Postgres gives the DSN of a new PostgreSQL database with our schema, which is
// dropped when the test ends. Without BIMA_TEST_POSTGRES the test fails.
func Postgres(tb testing.TB) string {
	tb.Helper()
	admin := os.Getenv(postgresVariable)
	if admin == "" {
		tb.Fatalf("%s is not set: run make test, which starts PostgreSQL", postgresVariable)
	}
	template, err := migrated(admin)
	if err != nil {
		tb.Fatalf("making the template of test databases: %v", err)
	}
	name := "bima_test_" + strings.ToLower(rand.Text())
	// Copied as files it takes half the work that it takes through the log.
	if err := execute(admin, "CREATE DATABASE "+name+" TEMPLATE "+template+" STRATEGY FILE_COPY"); err != nil {
		tb.Fatalf("making a test database: %v", err)
	}
	tb.Cleanup(func() {
		if err := execute(admin, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)"); err != nil {
			tb.Errorf("dropping a test database: %v", err)
		}
	})
	return within(admin, name)
}

// within gives the DSN of another database of the same server.
func within(admin, name string) string {
	u, err := url.Parse(admin)
	if err != nil || u.Scheme == "" {
		return admin + " dbname=" + name
	}
	u.Path = "/" + name
	return u.String()
}

// migrated makes, once a process, the database that the others are copies of. It
// is kept under a name that tells its schema; one process makes it for all.
var migrated = func() func(admin string) (string, error) {
	var once sync.Once
	var failed error
	name := "bima_template_" + storage.Schema()
	return func(admin string) (string, error) {
		once.Do(func() { failed = makeTemplate(admin, name) })
		return name, failed
	}
}()

func makeTemplate(admin, name string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	c, err := pgx.Connect(ctx, admin)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close(ctx) }()
	if _, err := c.Exec(ctx, "SELECT pg_advisory_lock(hashtext($1))", name); err != nil {
		return err
	}
	var ready bool
	if err := c.QueryRow(ctx, "SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1 AND datistemplate)", name).Scan(&ready); err != nil || ready {
		return err
	}
	for _, statement := range []string{"DROP DATABASE IF EXISTS " + name + " WITH (FORCE)", "CREATE DATABASE " + name} {
		if _, err := c.Exec(ctx, statement); err != nil {
			return err
		}
	}
	s, err := storage.Open(ctx, within(admin, name), storage.Options{})
	if err != nil {
		return err
	}
	if err := s.Close(); err != nil {
		return err
	}
	_, err = c.Exec(ctx, "ALTER DATABASE "+name+" IS_TEMPLATE true")
	return err
}

func execute(admin, statement string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	c, err := pgx.Connect(ctx, admin)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close(ctx) }()
	_, err = c.Exec(ctx, statement)
	return err
}
