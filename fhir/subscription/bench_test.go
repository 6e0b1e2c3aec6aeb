package subscription_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"bima/fhir"
	"bima/fhir/interaction"
	"bima/fhir/search"
	"bima/storage"
	"bima/storage/storagetest"
)

// BenchmarkCreate is a create on a server without subscriptions ("none"), with
// nobody subscribed, with one who is not told of it, and with a thousand
// Subscriptions of distinct criteria of which none fits.
func BenchmarkCreate(b *testing.B) {
	databases := map[string]func(testing.TB) string{"sqlite": storagetest.SQLite, "postgres": storagetest.Postgres}
	for name, dsn := range databases {
		b.Run(name+"/none", func(b *testing.B) { createPatients(b.Context(), b, bare(b, dsn(b))) })
		for _, subscriptions := range []int{0, 1, 1000} {
			b.Run(fmt.Sprintf("%s/%d", name, subscriptions), func(b *testing.B) {
				hook := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
				b.Cleanup(hook.Close)
				p := start(b, dsn(b), quick(), true)
				for i := range subscriptions {
					p.put(wish{id: fmt.Sprint("s", i), criteria: fmt.Sprintf("Patient?identifier=urn:n|%d&gender=female", i), endpoint: hook.URL}.body())
				}
				for i := range subscriptions {
					p.awaitStatus(fmt.Sprint("s", i), "active")
				}
				createPatients(p.ctx, b, p.engine)
			})
		}
	}
}

// bare gives an engine without subscriptions.
func bare(b *testing.B, dsn string) *interaction.Engine {
	b.Helper()
	store, err := storage.Open(b.Context(), dsn, storage.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := store.Close(); err != nil {
			b.Error(err)
		}
	})
	registry, err := search.New(base, time.UTC)
	if err != nil {
		b.Fatal(err)
	}
	engine, err := interaction.New(interaction.Config{Store: store, Search: registry, Base: base, CheckOwn: true})
	if err != nil {
		b.Fatal(err)
	}
	return engine
}

func createPatients(ctx context.Context, b *testing.B, engine *interaction.Engine) {
	b.Helper()
	ctx = fhir.WithCaller(ctx, fhir.Developer())
	body := []byte(`{"resourceType":"Patient","identifier":[{"system":"urn:n","value":"none"}],"gender":"female","name":[{"family":"Mushi","given":["Asha"]}],"birthDate":"1990-01-01"}`)
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := engine.Create(ctx, "Patient", interaction.Write{Body: body}); err != nil {
				b.Error(err)
			}
		}
	})
}

// BenchmarkDeliver tells one subscriber on this machine of as many events.
func BenchmarkDeliver(b *testing.B) {
	databases := map[string]func(testing.TB) string{"sqlite": storagetest.SQLite, "postgres": storagetest.Postgres}
	for name, dsn := range databases {
		b.Run(name, func(b *testing.B) {
			var deaf atomic.Bool
			deaf.Store(true)
			s := newSink(b, func(*http.Request) int {
				if deaf.Load() {
					return http.StatusServiceUnavailable
				}
				return http.StatusOK
			})
			p := start(b, dsn(b), quick(), true)
			p.put(wish{id: "x", criteria: "Patient?", endpoint: s.URL, payload: "application/fhir+json"}.body())
			p.awaitStatus("x", "active")
			for i := range b.N {
				p.put(patient("a", "female", i))
			}
			deaf.Store(false)
			b.ResetTimer()
			s.await(b, b.N)
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
		})
	}
}
