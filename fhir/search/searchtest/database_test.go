package searchtest_test

import (
	"fmt"
	"testing"
	"time"

	"bima/fhir"
	"bima/fhir/search"
	"bima/fhir/search/searchtest"
	"bima/storage"
	"bima/storage/storagetest"
)

// zone is three hours ahead of UTC, so that a day of ours is not a day of UTC.
var zone = time.FixedZone("EAT", 3*60*60)

func registry(t testing.TB) *search.Registry {
	t.Helper()
	r, err := search.New("http://localhost/fhir", zone)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func options() search.ParseOptions {
	return search.ParseOptions{Now: time.Date(2026, 9, 14, 12, 0, 0, 0, time.UTC)}
}

// TestEveryParameterHitsAndMissesInADatabase stores the made resources in each
// database and searches each by its parameter.
func TestEveryParameterHitsAndMissesInADatabase(t *testing.T) {
	r := registry(t)
	cases, _, err := searchtest.Cases(r)
	if err != nil {
		t.Fatal(err)
	}
	for name, dsn := range map[string]func(testing.TB) string{"sqlite": storagetest.SQLite, "postgres": storagetest.Postgres} {
		t.Run(name, func(t *testing.T) { hitsAndMisses(t, dsn(t), r, cases) })
	}
}

func hitsAndMisses(t *testing.T, dsn string, r *search.Registry, cases []searchtest.Case) {
	store, err := storage.Open(t.Context(), dsn, storage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	}()
	if err := store.Update(t.Context(), func(w fhir.Writer) error { return putCases(w, r, cases) }); err != nil {
		t.Fatal(err)
	}
	for i, c := range cases {
		// A View of its own for each: all of them take longer than one View may.
		err := store.View(t.Context(), func(reader fhir.Reader) error {
			for query, want := range map[string]int{c.Hit: 1, c.Miss: 0} {
				if got := found(t, reader, r, c.Type, fmt.Sprintf("_id=%s&%s", caseID(i), query)); got != want {
					t.Errorf("%s: %s finds %d, want %d\n%s", c.Name, query, got, want, c.Body)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestQuestionsInADatabase asks each question of each database, and holds what a
// criterion finds there to what it finds in memory.
func TestQuestionsInADatabase(t *testing.T) {
	for name, dsn := range map[string]func(testing.TB) string{"sqlite": storagetest.SQLite, "postgres": storagetest.Postgres} {
		t.Run(name, func(t *testing.T) { ask(t, open(t, dsn(t))) })
	}
}

func open(t *testing.T, dsn string) *storage.Store {
	t.Helper()
	store, err := storage.Open(t.Context(), dsn, storage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return store
}

func ask(t *testing.T, store *storage.Store) {
	r := registry(t)
	world, err := searchtest.Resources()
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Update(t.Context(), func(w fhir.Writer) error { return putWorld(w, r, world) }); err != nil {
		t.Fatal(err)
	}
	for _, q := range searchtest.Questions() {
		request, err := r.Parse(q.Type, q.Escaped(), options())
		if err != nil {
			t.Errorf("%s: %v", q.Name, err)
			continue
		}
		if got := answer(t, store, request); got != q.Want {
			t.Errorf("%s: %s?%s finds %q, want %q", q.Name, q.Type, q.Query, got, q.Want)
		}
	}
}

func putWorld(w fhir.Writer, r *search.Registry, world []searchtest.Resource) error {
	for _, one := range world {
		resource := &fhir.Resource{Key: one.Key, Version: 1, Updated: w.Now(), Method: fhir.MethodCreate, Body: one.Body}
		if err := w.Put(fhir.Version{Resource: resource, Index: r.Extract(one.Node)}); err != nil {
			return err
		}
	}
	return nil
}

// answer gives the ids a request finds.
func answer(t *testing.T, store *storage.Store, request *search.Request) string {
	t.Helper()
	request.Limit = 100
	var ids []string
	err := store.View(t.Context(), func(reader fhir.Reader) error {
		page, err := reader.Search(&request.Query)
		if err != nil {
			return err
		}
		for _, one := range page.Resources {
			ids = append(ids, one.ID)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	return searchtest.Found(ids)
}

func caseID(i int) string { return fmt.Sprintf("case-%d", i) }

func putCases(w fhir.Writer, r *search.Registry, cases []searchtest.Case) error {
	for i, c := range cases {
		doc, err := fhir.Parse(c.Body)
		if err != nil {
			return err
		}
		resource := &fhir.Resource{
			Key: fhir.Key{Type: c.Type, ID: caseID(i)}, Version: 1, Updated: w.Now(),
			Method: fhir.MethodCreate, Body: c.Body,
		}
		if err := w.Put(fhir.Version{Resource: resource, Index: r.Extract(doc.Root())}); err != nil {
			return err
		}
	}
	return nil
}

func found(t *testing.T, reader fhir.Reader, r *search.Registry, typ, query string) int {
	t.Helper()
	request, err := r.Parse(typ, query, options())
	if err != nil {
		t.Error(err)
		return -1
	}
	page, err := reader.Search(&request.Query)
	if err != nil {
		t.Errorf("%s: %v", query, err)
		return -1
	}
	return len(page.Resources)
}
