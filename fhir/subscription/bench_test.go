package subscription_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"bima/fhir/interaction"
	"bima/storage/storagetest"
)

// BenchmarkCreate is a create with nobody subscribed, and with a thousand
// Subscriptions of distinct criteria of which one fits. Its other limit, a server
// without subscriptions, is the benchmark of fhir/interaction.
func BenchmarkCreate(b *testing.B) {
	databases := map[string]func(testing.TB) string{"sqlite": storagetest.SQLite, "postgres": storagetest.Postgres}
	for name, dsn := range databases {
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
				body := []byte(`{"resourceType":"Patient","identifier":[{"system":"urn:n","value":"none"}],"gender":"female","name":[{"family":"Mushi","given":["Asha"]}],"birthDate":"1990-01-01"}`)
				b.ReportAllocs()
				b.ResetTimer()
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() {
						if _, err := p.engine.Create(p.ctx, "Patient", interaction.Write{Body: body}); err != nil {
							b.Error(err)
						}
					}
				})
			})
		}
	}
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
