package eligibility_test

import (
	"bytes"
	"context"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"bima/cmd/bima/house"
	"bima/fhir"
	"bima/fhir/interaction"
	"bima/resources/claim"
	"bima/resources/eligibility"
	"bima/storage"
	"bima/storage/storagetest"
)

// BenchmarkAnswer compares asking with storing the same request and the same
// answer in one transaction undecided, which is the limit it is held against: the
// metric decided/undecided is the one rate by the other, at least 0.6. The two
// take many short turns and the median counts, so that what else the machine does
// meets both.
func BenchmarkAnswer(b *testing.B) {
	databases := []struct {
		name string
		dsn  func(testing.TB) string
	}{{"sqlite", storagetest.SQLite}}
	if os.Getenv("BIMA_TEST_POSTGRES") != "" {
		databases = append(databases, struct {
			name string
			dsn  func(testing.TB) string
		}{"postgres", storagetest.Postgres})
	}
	for _, db := range databases {
		for _, asked := range []struct{ name, with string }{{"person", `[]`}, {"service", ""}} {
			b.Run(db.name+"/"+asked.name, func(b *testing.B) { compare(b, db.dsn, asked.with) })
		}
	}
}

// together is how many ask at a time, turn how many questions each puts.
const (
	together = 8
	turn     = 5
)

func compare(b *testing.B, dsn func(testing.TB) string, items string) {
	decided := measured(b, dsn(b), eligibility.Module(base))
	body := decided.file("request.json")
	if items != "" {
		doc, err := fhir.Parse(body)
		if err != nil {
			b.Fatal(err)
		}
		edit := fhir.NewEdit(doc)
		edit.Replace(doc.Root().Get("item"), []byte(`[{"category":{"text":"everything"}}]`))
		body = edit.Bytes()
	}
	out, err := decided.Call(decided.ctx, "submit", fhir.Key{Type: "CoverageEligibilityRequest"}, "", body, false)
	if err != nil {
		b.Fatal(err)
	}
	undecided := measured(b, dsn(b), answering(out.Resource.Body))
	decided.round(body)
	undecided.round(body)
	var with time.Duration
	var ratios []float64
	b.ReportAllocs()
	b.ResetTimer()
	for b.Loop() {
		took := decided.round(body)
		with += took
		ratios = append(ratios, undecided.round(body).Seconds()/took.Seconds())
	}
	slices.Sort(ratios)
	b.ReportMetric(ratios[len(ratios)/2], "decided/undecided")
	b.ReportMetric(with.Seconds()*1e6/float64(b.N*together*turn), "µs/answer")
}

// round puts questions by several at a time, and gives how long that took.
func (b *bench) round(body []byte) time.Duration {
	start := time.Now()
	var wg sync.WaitGroup
	for range together {
		wg.Go(func() {
			for range turn {
				if _, err := b.Create(b.ctx, "CoverageEligibilityRequest", interaction.Write{Body: body}); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	return time.Since(start)
}

// measured makes a bench whose own writes are not validated, as those of a server.
func measured(tb testing.TB, dsn string, m fhir.Module) *bench {
	var later atomic.Int64
	store, err := storage.Open(context.Background(), dsn, storage.Options{Now: func() time.Time { return time.Now().Add(time.Duration(later.Load())) }})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { store.Close() })
	engine, err := house.Engine(context.Background(), store, house.Plan{Base: base}, claim.Module(base), m)
	if err != nil {
		tb.Fatal(err)
	}
	b := &bench{tb, engine, fhir.WithCaller(context.Background(), fhir.Developer())}
	if _, err := b.Bundle(b.ctx, bytes.ReplaceAll(b.file("scheme.json"), []byte("600000"), []byte("600000000")), interaction.BundleOptions{}); err != nil {
		tb.Fatal(err)
	}
	later.Store(int64(time.Hour)) // what is older than a moment is compiled once
	return b
}

// answering gives a module that stores an answer with each request.
func answering(response []byte) fhir.Module {
	return fhir.Module{Name: "undecided", Reactions: []fhir.Reaction{{
		Name: "respond", Types: []string{"CoverageEligibilityRequest"},
		React: func(_ context.Context, tx fhir.Tx, changes []fhir.Change) error {
			for _, c := range changes {
				doc, err := fhir.Parse(response)
				if err != nil {
					return err
				}
				edit := fhir.NewEdit(doc)
				edit.Set(doc.Root(), "id", []byte(`"`+c.ID+`"`))
				if _, err := tx.Update(&fhir.Resource{Key: fhir.Key{Type: "CoverageEligibilityResponse", ID: c.ID}, Body: edit.Bytes()}, 0); err != nil {
					return err
				}
			}
			return nil
		},
	}}}
}
