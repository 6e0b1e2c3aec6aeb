package measure_test

import (
	"context"
	"math/rand/v2"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bima/fhir"
	"bima/resources/measure"
	"bima/storage/storagetest"
)

// A meddled server lets others do something before the third commit, by which the
// first reports are stored; those before are of the time and the Measures.
type meddled struct {
	fhir.Server
	commits atomic.Int32
	others  func()
}

func (m *meddled) Commit(ctx context.Context, write func(fhir.Tx) error) error {
	if m.commits.Add(1) == 3 {
		m.others()
	}
	return m.Server.Commit(ctx, write)
}

func TestWhoCountsLastCountsAll(t *testing.T) {
	for _, c := range []struct {
		name  string
		count func(w *world, s fhir.Server) error
	}{
		{"daily", func(w *world, s fhir.Server) error { return w.module.Daily[0].Work(w.ctx, s, w.clock.Now()) }},
		{"recount", func(w *world, s fhir.Server) error {
			body := `{"resourceType":"Parameters","parameter":[{"name":"periodStart","valueDate":"2026-01-01"},{"name":"periodEnd","valueDate":"2026-04-30"},` +
				`{"name":"subject","valueString":"Organization/facility-3"}]}`
			_, err := w.module.Operations[1].Handle(fhir.WithCaller(w.ctx, fhir.Developer()), s, fhir.Key{Type: "Measure"}, &fhir.Resource{Body: []byte(body)})
			return err
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			onEach(t, measure.Settings{}, func(t *testing.T, w *world) {
				w.daily()
				var claims []string
				for _, one := range w.Search("Claim", "provider=Organization/facility-3&status=active&use=claim&_count=1000") {
					if strings.HasPrefix(one.Get("created").Text(), "2026-03") {
						claims = append(claims, "Claim/"+one.Get("id").Text())
					}
				}
				withdraw := func(name, at string) {
					w.clock.Set(t, at)
					w.change(name, `"status":"active"`, `"status":"cancelled"`)
				}
				withdraw(claims[0], "2026-04-10T07:00:00Z")
				var told figures
				s := &meddled{Server: w.Engine, others: func() {
					withdraw(claims[1], "2026-04-10T08:00:00Z")
					w.daily()
					told = w.told()
				}}
				if err := c.count(w, s); err != nil {
					t.Fatal(err)
				}
				if told == nil {
					t.Fatal("nobody else counted meanwhile")
				}
				if diff := cmp.Diff(told, w.told()); diff != "" {
					t.Errorf("what others told is told otherwise (-others +then)\n%s", diff)
				}
				w.clock.Set(t, "2026-04-10T09:00:00Z")
				w.daily()
				w.same(t, "two counts at the same time")
			})
		})
	}
}

// What was begun before a count and ends during it has an earlier time than what the
// count sees; it must be counted, then or the next time.
func TestWhatWasBegunBeforeACountIsCounted(t *testing.T) {
	if os.Getenv("BIMA_TEST_POSTGRES") == "" {
		return // SQLite has one writer at a time
	}
	w := newWorld(t, storagetest.Postgres(t), measure.Settings{})
	c := &chance{world: w, random: rand.New(rand.NewPCG(9, 9))}
	w.daily()
	w.clock.Set(t, "2026-04-11T06:00:00Z")
	begun, goOn, ended := make(chan struct{}), make(chan struct{}), make(chan error)
	go func() {
		first := true
		ended <- w.Engine.Commit(w.ctx, func(tx fhir.Tx) error {
			if tx.Now(); first {
				first = false
				close(begun)
				<-goOn
			}
			return tx.Delete(fhir.Key{Type: "Claim", ID: "claim-005"}, 0)
		})
	}()
	<-begun
	w.clock.Set(t, "2026-04-11T07:00:00Z")
	c.edit(func(f fields) { f["status"] = "cancelled" }, "Claim/claim-006")
	s := &rough{Server: w.Engine, writeAt: 1, write: func() { close(goOn) }}
	if err := w.module.Daily[0].Work(w.ctx, s, w.clock.Now()); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	w.clock.Set(t, "2026-04-12T06:00:00Z")
	w.daily()
	w.same(t, "a write that took long")
}
