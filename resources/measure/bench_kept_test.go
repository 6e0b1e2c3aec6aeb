package measure_test

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/jackc/pgx/v5"

	"bima/storage/storagetest"
)

// A keeping is a file that says how many claims a kept database holds; "" is of one
// that is not kept.
type keeping string

// benchDatabase gives a database for a nation of so many persons: a new one, or the
// one that an earlier run has kept, empty where none has.
func benchDatabase(b *testing.B, database string, persons int) (dsn string, kept keeping) {
	b.Helper()
	folder := os.Getenv("BIMA_BENCH_KEEP")
	if folder == "" {
		if database == "sqlite" {
			return storagetest.SQLite(b), ""
		}
		return storagetest.Postgres(b), ""
	}
	name := fmt.Sprint("bima_month_", persons)
	kept = keeping(filepath.Join(folder, name+"-"+database+".txt"))
	fresh := kept.claims(b) == 0
	if database == "sqlite" {
		path := filepath.Join(folder, name+".db")
		if _, err := os.Stat(path); err == nil && fresh {
			b.Fatalf("%s was not loaded to its end: remove it", path)
		}
		return "sqlite:" + path, kept
	}
	u, err := url.Parse(os.Getenv("BIMA_TEST_POSTGRES"))
	if err != nil || u.Scheme == "" {
		b.Fatal("BIMA_TEST_POSTGRES is no URL of a server")
	}
	if fresh {
		run(b, u.String(), "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")
		run(b, u.String(), "CREATE DATABASE "+name)
	}
	u.Path = "/" + name
	return u.String(), kept
}

// claims gives how many claims are kept, 0 where nothing is.
func (k keeping) claims(b *testing.B) int {
	b.Helper()
	text, err := os.ReadFile(string(k))
	if err != nil {
		return 0
	}
	n, err := strconv.Atoi(string(text))
	if err != nil {
		b.Fatalf("%s: %v", k, err)
	}
	return n
}

// note says that a database holds so many claims now.
func (k keeping) note(b *testing.B, claims int) {
	b.Helper()
	if k == "" {
		return
	}
	if err := os.WriteFile(string(k), []byte(strconv.Itoa(claims)), 0o600); err != nil {
		b.Fatal(err)
	}
}

// tidy leaves a database as its own upkeep would, some time after the load.
func tidy(b *testing.B, database, dsn string) {
	b.Helper()
	if database == "postgres" {
		run(b, dsn, "VACUUM (ANALYZE)")
	}
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
		b.Fatalf("%s: %v", statement, err)
	}
}
