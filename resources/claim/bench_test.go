package claim_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
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

const base = "https://example.org/fhir"

// A bench is an Engine with the module of claims over a fresh database that
// holds the scheme of testdata.
type bench struct {
	testing.TB
	*interaction.Engine
	store *storage.Store
	ctx   context.Context
	wait  func(time.Duration) // lets time pass for the store

	numbers int // given to claims so far
}

// onEach runs a test on SQLite, and on PostgreSQL where one is at hand.
func onEach(t *testing.T, test func(t *testing.T, b *bench)) {
	t.Helper()
	onEachWith(t, nil, test)
}

// onEachWith is onEach with some modules; nil is those of claims and eligibility.
func onEachWith(t *testing.T, modules []fhir.Module, test func(t *testing.T, b *bench)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, newBench(t, storagetest.SQLite(t), modules...)) })
	if os.Getenv("BIMA_TEST_POSTGRES") != "" {
		t.Run("postgres", func(t *testing.T) { test(t, newBench(t, storagetest.Postgres(t), modules...)) })
	}
}

func newBench(tb testing.TB, dsn string, modules ...fhir.Module) *bench {
	tb.Helper()
	var later atomic.Int64
	store, err := storage.Open(context.Background(), dsn, storage.Options{Now: func() time.Time {
		return time.Now().Add(time.Duration(later.Load()))
	}})
	if err != nil {
		tb.Fatalf("open %s: %v", dsn, err)
	}
	tb.Cleanup(func() { store.Close() })
	if modules == nil {
		modules = []fhir.Module{claim.Module(base), eligibility.Module(base)}
	}
	engine, err := house.Engine(context.Background(), store, house.Plan{Base: base, CheckOwn: checked(tb)}, modules...)
	if err != nil {
		tb.Fatal(err)
	}
	b := &bench{TB: tb, Engine: engine, store: store, ctx: fhir.WithCaller(context.Background(), fhir.Developer())}
	b.bundle(file(tb, "scheme.json"))
	b.wait = func(d time.Duration) { later.Add(int64(d)) }
	return b
}

// checked reports whether what the module writes is validated: in tests, and not
// where its speed is measured.
func checked(tb testing.TB) bool {
	_, measured := tb.(*testing.B)
	return !measured
}

func file(tb testing.TB, name string) []byte {
	tb.Helper()
	body, err := os.ReadFile("testdata/" + name)
	if err != nil {
		tb.Fatal(err)
	}
	return body
}

func (b *bench) bundle(body []byte) {
	b.Helper()
	if _, err := b.Bundle(b.ctx, body, interaction.BundleOptions{}); err != nil {
		b.Fatal(err)
	}
}

// claim gives the claim of testdata with some values changed: each pair is a
// text and what stands in its place.
func (b *bench) claim(changes ...string) []byte {
	b.Helper()
	body := file(b, "claim.json")
	for i := 0; i+1 < len(changes); i += 2 {
		changed := bytes.ReplaceAll(body, []byte(changes[i]), []byte(changes[i+1]))
		if bytes.Equal(changed, body) {
			b.Fatalf("the claim has no %s", changes[i])
		}
		body = changed
	}
	return body
}

// submit posts a claim and gives its answer.
func (b *bench) submit(body []byte) response {
	b.Helper()
	result, err := b.Create(b.ctx, "Claim", interaction.Write{Body: body})
	if err != nil {
		b.Fatal(err)
	}
	return b.response(result.Resource.ID)
}

func (b *bench) response(id string) response {
	b.Helper()
	r, err := b.Read(b.ctx, fhir.Key{Type: "ClaimResponse", ID: id})
	if err != nil {
		b.Fatal(err)
	}
	return decode(b, r.Body)
}

// operate calls Claim/$submit.
func (b *bench) operate(body []byte) (response, error) {
	b.Helper()
	out, err := b.Call(b.ctx, "submit", fhir.Key{Type: "Claim"}, "", body, false)
	if err != nil {
		return response{}, err
	}
	return decode(b, out.Resource.Body), nil
}

// A response is what the tests look at of a ClaimResponse.
type response struct {
	ID          string
	Body        string `json:"-"`
	Status      string
	Outcome     string
	Disposition string
	Request     struct{ Reference string }
	Item        []struct {
		ItemSequence int
		Adjudication []struct {
			Category, Reason struct {
				Coding []struct{ System, Code string }
			}
			Amount struct{ Value json.Number }
			Value  json.Number
		}
	}
	Error []struct {
		Code struct {
			Coding []struct{ Code string }
			Text   string
		}
	}
	Total []struct {
		Category struct{ Coding []struct{ Code string } }
		Amount   struct{ Value json.Number }
	}
	ProcessNote []struct{ Text string }
	Insurance   []struct {
		Sequence int
		Focal    bool
		Coverage struct{ Reference string }
	}
}

func decode(tb testing.TB, body []byte) response {
	tb.Helper()
	r := response{Body: string(body)}
	if err := json.Unmarshal(body, &r); err != nil {
		tb.Fatal(err)
	}
	return r
}

// total gives one of the totals.
func (r response) total(code string) string {
	for _, t := range r.Total {
		if t.Category.Coding[0].Code == code {
			return t.Amount.Value.String()
		}
	}
	return ""
}

// reasons gives the reasons of a line's adjustments.
func (r response) reasons(line int) (codes []string) {
	for _, a := range r.Item[line].Adjudication {
		if len(a.Reason.Coding) > 0 {
			codes = append(codes, a.Reason.Coding[0].Code)
		}
	}
	return codes
}
