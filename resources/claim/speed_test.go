package claim_test

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"bima/fhir"
	"bima/fhir/interaction"
	"bima/resources/claim"
	"bima/storage/storagetest"
)

// BenchmarkSubmit compares submitting a claim of ten lines, decided in its
// transaction, with storing the same Claim and the same ClaimResponse in one
// transaction undecided: the limit it is held against.
func BenchmarkSubmit(b *testing.B) {
	for name, dsn := range databases() {
		b.Run(name+"/decided", func(b *testing.B) { submits(b, dsn(b), claim.Module(base)) })
		b.Run(name+"/undecided", func(b *testing.B) { submits(b, dsn(b), undecided(b, dsn(b))) })
	}
}

// BenchmarkSubmitWithEarlier compares submitting the claims of one family that has
// claimed a thousand times with those of one that has not.
func BenchmarkSubmitWithEarlier(b *testing.B) {
	for name, dsn := range databases() {
		for _, earlier := range []int64{0, 1000} {
			b.Run(fmt.Sprintf("%s/%d", name, earlier), func(b *testing.B) {
				e := newBench(b, dsn(b), claim.Module(base))
				e.families(familiesBenched)
				e.wait(time.Hour)
				var n atomic.Int64
				submit := func(family int64) {
					if _, err := e.Create(e.ctx, "Claim", interaction.Write{Body: e.tenLines(n.Add(1)*familiesBenched + family)}); err != nil {
						b.Fatal(err)
					}
				}
				for range earlier {
					submit(7)
				}
				for i := range familiesBenched { // the plan and the tariffs are compiled
					submit(int64(i))
				}
				b.ReportAllocs()
				family := int64(7)
				for b.Loop() {
					if earlier == 0 {
						family = (family + 1) % familiesBenched // so that none has claimed often
					}
					submit(family)
				}
			})
		}
	}
}

// tripsMost is how often an ordinary claim goes to PostgreSQL and back: for the
// time; who is concerned, with his memberships and their policies; under the locks
// what was used and the stamps of the tariffs; and the end. One more costs every
// claim a twentieth of its time.
const tripsMost = 4

func TestAnOrdinaryClaimAsksLittle(t *testing.T) {
	b := newBench(t, storagetest.Postgres(t), claim.Module(base))
	b.families(2)
	b.wait(time.Hour)
	trips := func() int { return int(b.store.Stats(b.ctx)["bima_database_round_trips_total"]) }
	submit := func(n int64) {
		if _, err := b.Create(b.ctx, "Claim", interaction.Write{Body: b.tenLines(n)}); err != nil {
			t.Fatal(err)
		}
	}
	submit(0) // compiles what it is decided by
	submit(1)
	before := trips()
	own := trips() - before // of asking for the figure
	// Once a second a claim also looks whether a search parameter is being built, and
	// wakes who writes explanations: the least of several does neither.
	least := func(submit func(n int64)) int {
		fewest := math.MaxInt
		for i := range int64(10) {
			before := trips()
			submit(i * familiesBenched)
			fewest = min(fewest, trips()-before-own)
		}
		return fewest
	}
	if got := least(func(n int64) { submit(familiesBenched + n) }); got > tripsMost {
		t.Errorf("a claim of a family that has claimed before goes %d times to the database, want at most %d", got, tripsMost)
	}
	operate := func(n int64) {
		if _, err := b.operate(b.tenLines(20*familiesBenched + n)); err != nil {
			t.Fatal(err)
		}
	}
	if got := least(operate); got > tripsMost {
		t.Errorf("$submit of such a claim goes %d times to the database, want at most %d", got, tripsMost)
	}
}

// databases gives those to measure on.
func databases() map[string]func(testing.TB) string {
	all := map[string]func(testing.TB) string{"sqlite": storagetest.SQLite}
	if os.Getenv("BIMA_TEST_POSTGRES") != "" {
		all["postgres"] = storagetest.Postgres
	}
	return all
}

// familiesBenched is how many families claim, so that claims wait for each other
// no more than those of a real scheme do.
const familiesBenched = 200

func submits(b *testing.B, dsn string, m fhir.Module) {
	e := newBench(b, dsn, m)
	e.families(familiesBenched)
	e.wait(time.Hour)
	var n atomic.Int64
	if got := e.submit(e.tenLines(0)).total("benefit"); got != "995000" {
		b.Fatalf("the claim is paid with %s, want 995000", got)
	}
	submit := func() {
		if _, err := e.Create(e.ctx, "Claim", interaction.Write{Body: e.tenLines(n.Add(1))}); err != nil {
			b.Error(err)
		}
	}
	var connections sync.WaitGroup
	for range connectionsWarmed {
		connections.Go(func() {
			for range claimsWarming {
				submit()
			}
		})
	}
	connections.Wait()
	b.ReportAllocs()
	b.SetParallelism(4)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() && !b.Failed() {
			submit()
		}
	})
}

// Before time counts each connection has prepared its statements, which PostgreSQL
// plans anew for the first five times, and each family has claimed.
const (
	connectionsWarmed = 8
	claimsWarming     = 40
)

// undecided gives a module that stores, with each claim, the ClaimResponse that
// the module of claims gave to one like it.
func undecided(tb testing.TB, dsn string) fhir.Module {
	e := newBench(tb, dsn)
	e.families(1)
	e.wait(time.Hour)
	response := []byte(e.submit(e.tenLines(0)).Body)
	return fhir.Module{Name: "undecided", Reactions: []fhir.Reaction{{
		Name: "respond", Types: []string{"Claim"},
		React: func(_ context.Context, tx fhir.Tx, changes []fhir.Change) error {
			for _, c := range changes {
				doc, err := fhir.Parse(response)
				if err != nil {
					return err
				}
				edit := fhir.NewEdit(doc)
				edit.Set(doc.Root(), "id", []byte(`"`+c.ID+`"`))
				key := fhir.Key{Type: "ClaimResponse", ID: c.ID}
				if _, err := tx.Update(&fhir.Resource{Key: key, Body: edit.Bytes()}, 0); err != nil {
					return err
				}
			}
			return nil
		},
	}}}
}

// tenLines gives the n-th claim: ten lines of one of the families.
func (b *bench) tenLines(n int64) []byte {
	family := n % familiesBenched
	body := bytes.ReplaceAll(file(b, "claim.json"), []byte("C-2026-001001"), fmt.Appendf(nil, "C-%d", n))
	body = bytes.ReplaceAll(body, []byte("asha"), fmt.Appendf(nil, "asha-%d", family))
	doc, err := fhir.Parse(body)
	if err != nil {
		b.Fatal(err)
	}
	item := doc.Root().Get("item")
	var items bytes.Buffer
	items.WriteByte('[')
	for i := range 10 {
		if i > 0 {
			items.WriteByte(',')
		}
		one := bytes.Replace(item.First().Raw(), []byte(`"sequence": 1`), fmt.Appendf(nil, `"sequence":%d`, i+1), 1)
		items.Write(bytes.ReplaceAll(one, []byte("S-310"), fmt.Appendf(nil, "S-%d", 500+i)))
	}
	items.WriteByte(']')
	edit := fhir.NewEdit(doc)
	edit.Replace(item, items.Bytes())
	return edit.Bytes()
}

// families adds families like the one of testdata, and the ten services.
func (b *bench) families(n int) {
	b.Helper()
	var entries [][]byte
	entry := func(body []byte) {
		doc, err := fhir.Parse(body)
		if err != nil {
			b.Fatal(err)
		}
		typ, id := doc.Root().Get("resourceType").Text(), doc.Root().Get("id").Text()
		entries = append(entries, fmt.Appendf(nil, `{"resource":%s,"request":{"method":"PUT","url":"%s/%s"}}`, body, typ, id))
	}
	plan := b.plan("InsurancePlan/district-health-plan-2026")
	service := []byte(`"code": "S-900"`)
	for i := range 10 {
		code := fmt.Appendf(nil, "S-%d", 500+i)
		entry(bytes.ReplaceAll(b.plan("ChargeItemDefinition/S-900"), []byte("S-900"), code))
		covered := fmt.Appendf(nil, `"code": "S-900"}]}}, {"type": {"coding": [{"system": "https://bima.example/fhir/CodeSystem/service", "code": %q`, code)
		plan = bytes.Replace(plan, service, covered, 1)
	}
	plan = bytes.ReplaceAll(plan, []byte("600000"), []byte("9000000000"))
	entry(plan)
	for i := range n {
		for _, key := range []string{"Patient/asha", "Contract/pol-77", "Coverage/cov-asha"} {
			body := bytes.ReplaceAll(b.plan(key), []byte("asha"), fmt.Appendf(nil, "asha-%d", i))
			body = bytes.ReplaceAll(body, []byte("pol-77"), fmt.Appendf(nil, "pol-%d", 1000+i))
			body = bytes.ReplaceAll(body, []byte("/_history/1"), []byte("/_history/2"))
			entry(bytes.ReplaceAll(body, []byte("000077"), fmt.Appendf(nil, "%06d", 1000+i)))
		}
	}
	b.bundle(fmt.Appendf(nil, `{"resourceType":"Bundle","type":"transaction","entry":[%s]}`, bytes.Join(entries, []byte(","))))
}
