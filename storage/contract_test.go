package storage_test

import (
	"context"
	"testing"

	"bima/fhir"
	"bima/storage"
	"bima/storage/storagetest"
)

// open opens a store that the test closes.
func open(t testing.TB, dsn string) *storage.Store {
	t.Helper()
	s, err := storage.Open(context.Background(), dsn, storage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}

// databases are where every test runs.
var databases = map[string]func(testing.TB) string{
	"sqlite":   storagetest.SQLite,
	"postgres": storagetest.Postgres,
}

func TestContract(t *testing.T) {
	for name, dsn := range databases {
		t.Run(name, func(t *testing.T) {
			storagetest.Run(t, func(t *testing.T) fhir.Store { return open(t, dsn(t)) })
		})
	}
}
