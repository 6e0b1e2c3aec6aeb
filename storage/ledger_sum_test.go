package storage

import (
	"context"
	"io/fs"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pressly/goose/v3"

	"bima/fhir"
)

// A database that was written before sums were kept is summed when it is opened.
func TestSumsOfAnOlderDatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bima.db")
	ctx := context.Background()
	open := func() *Store {
		s, err := Open(ctx, "sqlite:"+path, Options{})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := open()
	err := s.Update(ctx, func(w fhir.Writer) error {
		return w.Post(fhir.Key{Type: "Claim", ID: "a"}, []fhir.Entry{{Account: "x", Bucket: "b", Day: 3, Value: 5}, {Account: "x", Bucket: "b", Day: 9, Value: 2}, {Account: "y", Bucket: "b", Day: 1, Value: 1}})
	})
	if err != nil {
		t.Fatal(err)
	}
	db, err := s.gorm.DB()
	if err != nil {
		t.Fatal(err)
	}
	steps, err := fs.Sub(migrations, "migrations/sqlite")
	if err != nil {
		t.Fatal(err)
	}
	older, err := goose.NewProvider(goose.DialectSQLite3, db, steps)
	if err == nil {
		_, err = older.DownTo(ctx, 40)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open()
	defer s.Close()
	err = s.View(ctx, func(r fhir.Reader) error {
		got, err := r.Tally(fhir.Tally{Accounts: []string{"x", "y"}})
		want := []fhir.Balance{{Account: "x", Bucket: "b", Value: 7, LastDay: 9}, {Account: "y", Bucket: "b", Value: 1, LastDay: 1}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
