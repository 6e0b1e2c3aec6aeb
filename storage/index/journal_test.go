package index_test

import (
	"database/sql"
	"regexp"
	"strings"
	"testing"

	"bima/storage"
	"bima/storage/index"
	"bima/storage/storagetest"
)

var parameter = regexp.MustCompile(`\$\d+`)

// abort is how SQLite's virtual machine writes that a statement undoes itself.
const abort = 2

// A statement of several rows that may undo itself makes SQLite keep a journal of
// it. Within a savepoint, to drop that journal takes time in proportion to what
// the savepoint has written, so that a resource of many rows took the square of
// its size: minutes for a code system of 60,000 codes.
func TestInsertsNeedNoJournalOfTheirOwn(t *testing.T) {
	dsn := storagetest.SQLite(t)
	s, err := storage.Open(t.Context(), dsn, storage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", strings.TrimPrefix(dsn, "sqlite:"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, statement := range index.Inserts() {
		if codes := aborting(t, db, statement); len(codes) > 0 {
			t.Errorf("%s may abort by %s", statement, strings.Join(codes, " and "))
		}
	}
	if codes := aborting(t, db, "INSERT INTO sp_token (part, rid, sp, code, sys, txt) VALUES (0, 1, 1, 1, 1, ''), (0, 2, 1, 1, 1, '')"); len(codes) == 0 {
		t.Error("what may abort can't be told any more")
	}
}

// aborting gives the steps of a statement by which it may undo itself.
func aborting(t *testing.T, db *sql.DB, statement string) (codes []string) {
	t.Helper()
	rows, err := db.Query("EXPLAIN " + parameter.ReplaceAllString(statement, "1"))
	if err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	defer rows.Close()
	for rows.Next() {
		var addr, p1, p2, p3 int64
		var opcode string
		var p4, p5, comment any
		if err := rows.Scan(&addr, &opcode, &p1, &p2, &p3, &p4, &p5, &comment); err != nil {
			t.Fatal(err)
		}
		if (opcode == "HaltIfNull" || opcode == "Halt") && p1 != 0 && p2 == abort {
			codes = append(codes, opcode)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return codes
}
