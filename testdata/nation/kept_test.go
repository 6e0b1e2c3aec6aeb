package nation_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"bima/storage/storagetest"
)

// What names a folder to keep schemes in from one run to the next, and a server
// that keeps databases.
const (
	keepVariable     = "BIMA_BENCH_KEEP"
	postgresVariable = "BIMA_TEST_POSTGRES"
)

// A database is one that searches are measured on.
type database struct {
	name string
	make func(testing.TB) string                                    // a new one, gone at the end
	keep func(b *testing.B, folder, name string, fresh bool) string // one that stays, empty where it is fresh
	tidy func(b *testing.B, dsn string)                             // after loading
}

var databases = []database{
	{"sqlite", storagetest.SQLite, keptSQLite, func(*testing.B, string) {}},
	{"postgres", storagetest.Postgres, keptPostgres, vacuum},
}

// scheme gives a scheme of so many persons in the database: drawn and loaded, or
// kept from an earlier run.
func scheme(b *testing.B, d database, persons int) *filled {
	b.Helper()
	folder := os.Getenv(keepVariable)
	if folder == "" {
		f := open(b, d.make(b))
		f.fill(b, d, persons)
		return f
	}
	name := fmt.Sprintf("bima_nation_%d", persons)
	note := filepath.Join(folder, name+"-"+d.name+".json")
	text, err := os.ReadFile(note)
	fresh := errors.Is(err, fs.ErrNotExist)
	if err != nil && !fresh {
		b.Fatal(err)
	}
	f := open(b, d.keep(b, folder, name, fresh))
	if !fresh {
		if err := json.Unmarshal(text, f); err != nil {
			b.Fatalf("%s: %v", note, err)
		}
		return f
	}
	f.fill(b, d, persons)
	if text, err = json.Marshal(f); err == nil {
		err = os.WriteFile(note, text, 0o600)
	}
	if err != nil {
		b.Fatal(err)
	}
	return f
}

func keptSQLite(b *testing.B, folder, name string, fresh bool) string {
	b.Helper()
	path := filepath.Join(folder, name+".db")
	for _, end := range []string{"", "-wal", "-shm"} {
		if !fresh {
			break
		}
		if err := os.Remove(path + end); err != nil && !errors.Is(err, fs.ErrNotExist) {
			b.Fatal(err)
		}
	}
	return "sqlite:" + path
}

// keptPostgres needs a server that stays: not the one that .ci/with-postgres
// starts for a run.
func keptPostgres(b *testing.B, _, name string, fresh bool) string {
	b.Helper()
	server := os.Getenv(postgresVariable)
	u, err := url.Parse(server)
	if err != nil || u.Scheme == "" {
		b.Fatalf("%s is no URL of a server", postgresVariable)
	}
	if fresh {
		run(b, server, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")
		run(b, server, "CREATE DATABASE "+name)
	}
	u.Path = "/" + name
	return u.String()
}

// vacuum leaves the database as its own upkeep would, some time after the load.
func vacuum(b *testing.B, dsn string) {
	b.Helper()
	run(b, dsn, "VACUUM (ANALYZE)")
}

func run(b *testing.B, dsn, statement string) {
	b.Helper()
	ctx := context.Background()
	c, err := pgx.Connect(ctx, dsn)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = c.Close(ctx) }()
	if _, err := c.Exec(ctx, statement); err != nil {
		b.Fatalf("%s: %v", strings.TrimSpace(statement), err)
	}
}
