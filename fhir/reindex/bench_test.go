package reindex_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"bima/fhir"
	"bima/fhir/search"
	"bima/storage"
	"bima/storage/storagetest"
)

// BenchmarkReindex makes the rows of one parameter of a thousand patients anew.
func BenchmarkReindex(b *testing.B) {
	const patients = 1000
	for name, dsn := range map[string]func(testing.TB) string{"sqlite": storagetest.SQLite, "postgres": storagetest.Postgres} {
		b.Run(name, func(b *testing.B) {
			store, err := storage.Open(b.Context(), dsn(b), storage.Options{})
			if err != nil {
				b.Fatal(err)
			}
			defer store.Close()
			registry, err := search.New(base, time.UTC)
			if err != nil {
				b.Fatal(err)
			}
			extract := func(r *fhir.Resource) (*fhir.Index, error) {
				doc, err := fhir.Parse(r.Body)
				if err != nil {
					return nil, err
				}
				defer doc.Release()
				return registry.Extract(doc.Root()), nil
			}
			if err := fill(b.Context(), store, patients, extract); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				for page := (fhir.ReindexPage{Type: "Patient", Codes: []string{"gender"}}); ; {
					done, err := store.Reindex(b.Context(), page, extract)
					if err != nil {
						b.Fatal(err)
					}
					if page.From = done.Next; page.From == 0 {
						break
					}
				}
			}
			b.ReportMetric(float64(patients*b.N)/b.Elapsed().Seconds(), "resources/s")
		})
	}
}

func fill(ctx context.Context, store *storage.Store, n int, extract func(*fhir.Resource) (*fhir.Index, error)) error {
	return store.Update(ctx, func(w fhir.Writer) error {
		for i := range n {
			id := fmt.Sprintf("p%d", i)
			r := &fhir.Resource{
				Key: fhir.Key{Type: "Patient", ID: id}, Version: 1, Updated: w.Now(), Method: fhir.MethodUpdate,
				Body: []byte(`{"resourceType":"Patient","id":"` + id + `","name":[{"family":"Mushi","given":["Asha"]}],"gender":"female","birthDate":"1990-01-02"}`),
			}
			x, err := extract(r)
			if err != nil {
				return err
			}
			if err := w.Put(fhir.Version{Resource: r, Index: x}); err != nil {
				return err
			}
		}
		return nil
	})
}
