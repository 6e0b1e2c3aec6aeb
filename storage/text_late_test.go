package storage_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"

	"bima/fhir"
	"bima/storage"
)

// putText stores a resource whose narrative is the text.
func putText(w fhir.Writer, id, text string) error {
	return w.Put(fhir.Version{Index: &fhir.Index{Texts: []fhir.TextRow{{Param: "_text", Text: text}}}, Resource: &fhir.Resource{
		Key: fhir.Key{Type: "Basic", ID: id}, Version: 1, Updated: w.Now(), Method: fhir.MethodUpdate, Body: []byte("{}"),
	}})
}

// saying asks for those whose narrative has the word.
func saying(word string) fhir.Query {
	return fhir.Query{Types: []string{"Basic"}, Total: fhir.TotalAccurate, Where: fhir.FullText{
		Param: "_text", Alternatives: [][]fhir.TextTerm{{{Words: []string{word}}}},
	}}
}

func TestTextsOfTransactionsThatShareOneCommit(t *testing.T) {
	s, ctx := open(t, databases["sqlite"](t)), context.Background()
	refused := errors.New("refused")
	second := make(chan error, 1)
	err := s.Update(ctx, func(w fhir.Writer) error {
		if err := putText(w, "first", "malaria"); err != nil {
			return err
		}
		go func() { second <- s.Update(ctx, func(w fhir.Writer) error { return searchAndFail(w, refused) }) }()
		waits(ctx, s)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := <-second; !errors.Is(err, refused) {
		t.Fatal(err)
	}
	if first, other := total(t, s, saying("malaria")), total(t, s, saying("fever")); first != 1 || other != 0 {
		t.Errorf("found %d of the first and %d of the refused, want 1 and 0", first, other)
	}
}

// searchAndFail sees its own text and that of the transaction before, and fails.
func searchAndFail(w fhir.Writer, refused error) error {
	if err := putText(w, "second", "fever"); err != nil {
		return err
	}
	for _, word := range []string{"malaria", "fever"} {
		q := saying(word)
		page, err := w.Search(&q)
		if err != nil {
			return err
		}
		if *page.Total != 1 {
			return errors.New("a text of " + word + " is not found before the commit")
		}
	}
	return refused
}

// waits returns when a transaction waits for the one that runs.
func waits(ctx context.Context, s *storage.Store) {
	for s.Stats(ctx)["bima_database_writes_waiting"] == 0 {
		runtime.Gosched()
	}
}

func TestTextWrittenTwiceInOneTransaction(t *testing.T) {
	for name, dsn := range databases {
		t.Run(name, func(t *testing.T) {
			s, ctx := open(t, dsn(t)), context.Background()
			if err := s.Update(ctx, func(w fhir.Writer) error { return putText(w, "a", "one") }); err != nil {
				t.Fatal(err)
			}
			key := fhir.Key{Type: "Basic", ID: "a"}
			version := func(w fhir.Writer, n int64, texts ...fhir.TextRow) error {
				return w.Put(fhir.Version{Expect: n - 1, Index: &fhir.Index{Texts: texts}, Resource: &fhir.Resource{
					Key: key, Version: n, Updated: w.Now().Add(time.Duration(n) * time.Millisecond), Method: fhir.MethodUpdate, Body: []byte("{}"),
				}})
			}
			if err := s.Update(ctx, func(w fhir.Writer) error {
				return errors.Join(version(w, 2), version(w, 3, fhir.TextRow{Param: "_text", Text: "two"}))
			}); err != nil {
				t.Fatal(err)
			}
			if one, two := total(t, s, saying("one")), total(t, s, saying("two")); one != 0 || two != 1 {
				t.Errorf("found %d of the old and %d of the new text, want 0 and 1", one, two)
			}
		})
	}
}
