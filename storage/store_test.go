package storage_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"bima/fhir"
	"bima/storage"
	"bima/storage/storagetest"
)

func TestTwoStoresShareOneDatabase(t *testing.T) {
	for name, dsn := range databases {
		t.Run(name, func(t *testing.T) {
			at := dsn(t)
			stores := []*storage.Store{open(t, at), open(t, at)}
			var all sync.WaitGroup
			for i := range 24 {
				all.Go(func() {
					if err := stores[i%2].Update(context.Background(), func(w fhir.Writer) error {
						return w.Put(fhir.Version{
							Resource: &fhir.Resource{
								Key: fhir.Key{Type: fmt.Sprint("Type", i%3), ID: fmt.Sprint("x", i)}, Version: 1,
								Updated: w.Now(), Method: fhir.MethodCreate, Body: []byte("{}"),
							},
							Index: &fhir.Index{Tokens: []fhir.TokenRow{{Param: fmt.Sprint("p", i%4), Code: "x"}}},
						})
					}); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
			for _, s := range stores {
				count := 0
				for i := range 4 {
					count += total(t, s, fhir.Query{Where: fhir.Match{
						Param: fhir.Param{Code: fmt.Sprint("p", i), Kind: fhir.ParamToken}, Value: fhir.TokenValue{Code: "x", AnySystem: true},
					}})
				}
				if count != 24 {
					t.Errorf("one store finds %d of 24", count)
				}
			}
		})
	}
}

// writeOnce opens a database, writes a pair and closes it.
func writeOnce(dsn, name string) error {
	s, err := storage.Open(context.Background(), dsn, storage.Options{})
	if err != nil {
		return fmt.Errorf("Open: %w", err)
	}
	err = s.Update(context.Background(), func(w fhir.Writer) error { return writePair(w, name) })
	return errors.Join(err, s.Close())
}

func TestManyBeginAtOnce(t *testing.T) {
	const many = 6
	for name, dsn := range databases {
		t.Run("in one process on "+name, func(t *testing.T) {
			at := dsn(t)
			var all sync.WaitGroup
			for i := range many {
				all.Go(func() {
					if err := writeOnce(at, fmt.Sprint("g", i)); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
			if n := total(t, open(t, at), fhir.Query{Types: []string{"Claim"}}); n != many {
				t.Errorf("%d of %d writes are there", n, many)
			}
		})
		t.Run("in processes of their own on "+name, func(t *testing.T) {
			at := dsn(t)
			var all sync.WaitGroup
			for range many {
				all.Go(func() {
					child := exec.Command(os.Args[0])
					child.Env = append(os.Environ(), openVariable+"="+at)
					if said, err := child.CombinedOutput(); err != nil {
						t.Errorf("%v: %s", err, said)
					}
				})
			}
			all.Wait()
			if n := total(t, open(t, at), fhir.Query{Types: []string{"Claim"}}); n != many {
				t.Errorf("%d of %d writes are there", n, many)
			}
		})
	}
}

func total(t *testing.T, s *storage.Store, q fhir.Query) int {
	t.Helper()
	var n int64
	if err := s.View(context.Background(), func(r fhir.Reader) error {
		page, err := r.Search(&q)
		if err == nil {
			n = *page.Total
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return int(n)
}

func TestAccounts(t *testing.T) {
	for name, dsn := range databases {
		t.Run(name, func(t *testing.T) {
			s, ctx := open(t, dsn(t)), context.Background()
			clerk := fhir.Account{
				Name: "clerk", Roles: []fhir.Role{fhir.RoleReviewer, fhir.RoleAuditor},
				Entity: fhir.Key{Type: "Practitioner", ID: "p"}, Secret: "$argon2id$x", Keys: `{"keys":[]}`, Disabled: true,
			}
			admin := fhir.Account{Name: "admin"}
			for _, a := range []fhir.Account{{Name: "clerk"}, admin, clerk} {
				if err := s.PutAccount(ctx, a); err != nil {
					t.Fatal(err)
				}
			}
			all, err := s.Accounts(ctx)
			if diff := cmp.Diff([]fhir.Account{admin, clerk}, all); diff != "" || err != nil {
				t.Errorf("-want +got\n%s%v", diff, err)
			}
			if got, ok, err := s.Account(ctx, "clerk"); !ok || err != nil || !cmp.Equal(got, clerk) {
				t.Errorf("Account: %v, %v, %v", got, ok, err)
			}
			if _, ok, err := s.Account(ctx, "nobody"); ok || err != nil {
				t.Errorf("Account of nobody: %v, %v", ok, err)
			}
			if err := s.DeleteAccount(ctx, "clerk"); err != nil {
				t.Error(err)
			}
			if err := s.DeleteAccount(ctx, "clerk"); !fhir.HasIssue(err, fhir.IssueNotFound) {
				t.Errorf("deleting again: %v", err)
			}
			if err := s.PutAccount(ctx, fhir.Account{}); !fhir.HasIssue(err, fhir.IssueRequired) {
				t.Errorf("no name: %v", err)
			}
		})
	}
}

func TestOpen(t *testing.T) {
	ctx := context.Background()
	t.Run("what is no database is refused", func(t *testing.T) {
		for dsn, code := range map[string]fhir.IssueType{
			"mysql://x": fhir.IssueNotSupported,
			"sqlite:" + filepath.Join(t.TempDir(), "no", "such", "folder", "x.db"): fhir.IssueNoStore,
			"postgres://127.0.0.1:1/none?connect_timeout=2":                        fhir.IssueNoStore,
			"postgres://%zz/": fhir.IssueValue,
		} {
			if _, err := storage.Open(ctx, dsn, storage.Options{}); !fhir.HasIssue(err, code) {
				t.Errorf("%s: got %v, want %s", dsn, err, code)
			}
		}
	})
	t.Run("a store in memory forgets", func(t *testing.T) {
		for range 2 {
			s, err := storage.Open(ctx, "sqlite::memory:", storage.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Update(ctx, func(w fhir.Writer) error { return writePair(w, "a") }); err != nil {
				t.Error(err)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}
	})
	t.Run("a store is ready until it is closed", func(t *testing.T) {
		for name, dsn := range databases {
			s, err := storage.Open(ctx, dsn(t), storage.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Ready(ctx); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if err := errors.Join(s.Close(), s.Close()); err != nil {
				t.Errorf("%s: Close: %v", name, err)
			}
			if err := s.Ready(ctx); !fhir.HasIssue(err, fhir.IssueNoStore) {
				t.Errorf("%s: Ready after Close: %v", name, err)
			}
			if err := s.Update(ctx, func(fhir.Writer) error { return nil }); !fhir.HasIssue(err, fhir.IssueNoStore) {
				t.Errorf("%s: Update after Close: %v", name, err)
			}
		}
	})
	t.Run("one read needs no snapshot", func(t *testing.T) {
		for name, dsn := range databases {
			s := open(t, dsn(t))
			if err := s.Update(ctx, func(w fhir.Writer) error { return writePair(w, "a") }); err != nil {
				t.Fatal(err)
			}
			if got, err := s.Read(ctx, fhir.Key{Type: "Claim", ID: "a"}); err != nil || got.Version != 1 {
				t.Errorf("%s: %v, %v", name, got, err)
			}
			if _, err := s.Read(ctx, fhir.Key{Type: "Claim", ID: "b"}); !fhir.HasIssue(err, fhir.IssueNotFound) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestHistorySinceWaitsForWritesUnderWay(t *testing.T) {
	for name, dsn := range databases {
		t.Run(name, func(t *testing.T) {
			s := open(t, dsn(t))
			if err := s.Update(context.Background(), func(w fhir.Writer) error { return writePair(w, "old") }); err != nil {
				t.Fatal(err)
			}
			written, asked, done := make(chan struct{}), make(chan struct{}), make(chan error, 1)
			go func() {
				var once sync.Once
				done <- s.Update(context.Background(), func(w fhir.Writer) error {
					err := writePair(w, "late")
					once.Do(func() { close(written) })
					<-asked
					for range 100 {
						_, missing := w.Read(fhir.Key{Type: "Claim", ID: "nobody"})
						if !fhir.HasIssue(missing, fhir.IssueNotFound) {
							err = errors.Join(err, missing)
						}
					}
					return err
				})
			}()
			<-written
			var found []*fhir.Resource
			err := s.View(context.Background(), func(r fhir.Reader) error {
				close(asked)
				page, err := r.History(&fhir.HistoryQuery{Since: 1, Limit: 100})
				if err == nil {
					found = page.Resources
				}
				return err
			})
			if err := errors.Join(err, <-done); err != nil {
				t.Fatal(err)
			}
			if name == "postgres" && len(found) != 4 {
				t.Errorf("the history has %d versions of 4", len(found))
			}
		})
	}
}

func TestHistorySinceMindsItsOwnDatabase(t *testing.T) {
	ctx := context.Background()
	at := storagetest.Postgres(t)
	s := open(t, at)
	if err := s.Update(ctx, func(w fhir.Writer) error { return writePair(w, "a") }); err != nil {
		t.Fatal(err)
	}
	// history asks while a transaction writes to the database.
	history := func(dsn string) error {
		c, err := pgx.Connect(ctx, dsn)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = c.Close(ctx) }()
		for _, statement := range []string{"BEGIN", "SELECT pg_current_xact_id()"} {
			if _, err := c.Exec(ctx, statement); err != nil {
				t.Fatal(err)
			}
		}
		return s.View(ctx, func(r fhir.Reader) error {
			_, err := r.History(&fhir.HistoryQuery{Since: 1, Limit: 100})
			return err
		})
	}
	if err := history(storagetest.Postgres(t)); err != nil {
		t.Errorf("a writer of another database holds it up: %v", err)
	}
	if err := history(at); !fhir.HasIssue(err, fhir.IssueTransient) {
		t.Errorf("a writer that does not end: %v", err)
	}
}

func TestReindex(t *testing.T) {
	for name, dsn := range databases {
		t.Run(name, func(t *testing.T) {
			s, ctx := open(t, dsn(t)), context.Background()
			const count = 250
			err := s.Update(ctx, func(w fhir.Writer) error {
				for i := range count {
					if err := writePair(w, fmt.Sprint("n", i)); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			by := func(code string) fhir.Query {
				return fhir.Query{Types: []string{"Claim"}, Where: fhir.Match{
					Param: fhir.Param{Code: "status", Kind: fhir.ParamToken}, Value: fhir.TokenValue{Code: code, AnySystem: true},
				}}
			}
			if err := s.Building(ctx, "Claim", []string{"status"}, true); err != nil {
				t.Fatal(err)
			}
			err = s.View(ctx, func(r fhir.Reader) error {
				q := by("active")
				_, err := r.Search(&q)
				return err
			})
			if !fhir.HasIssue(err, fhir.IssueIncomplete) {
				t.Errorf("a search meanwhile: %v", err)
			}
			pages, position := 0, int64(0)
			for {
				done, err := s.Reindex(ctx, fhir.ReindexPage{Type: "Claim", From: position}, func(*fhir.Resource) (*fhir.Index, error) {
					return &fhir.Index{Tokens: []fhir.TokenRow{{Param: "status", Code: "draft"}}}, nil
				})
				if err != nil {
					t.Fatal(err)
				}
				if position = done.Next; position == 0 {
					break
				}
				pages++
			}
			if pages != 2 {
				t.Errorf("%d pages", pages)
			}
			if err := s.Building(ctx, "Claim", []string{"status"}, false); err != nil {
				t.Fatal(err)
			}
			if active, draft := total(t, s, by("active")), total(t, s, by("draft")); active != 0 || draft != count {
				t.Errorf("%d active, %d draft", active, draft)
			}
		})
	}
}
