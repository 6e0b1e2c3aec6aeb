package nation_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"slices"
	"testing"
	"time"

	"bima/fhir"
	"bima/fhir/interaction"
	"bima/storage/storagetest"
)

// A question is one kind of search; ask gives its type and query, another each
// time.
type question struct {
	kind string
	ask  func(f *filled, r *rand.Rand) (typ, query string)
}

func (f *filled) patient(r *rand.Rand) asked { return f.patients[r.IntN(len(f.patients))] }

// fixed is a question that is always the same.
func fixed(typ, query string) func(*filled, *rand.Rand) (string, string) {
	return func(*filled, *rand.Rand) (string, string) { return typ, query }
}

// of is a question about one patient.
func of(typ string, query func(p asked) string) func(*filled, *rand.Rand) (string, string) {
	return func(f *filled, r *rand.Rand) (string, string) { return typ, query(f.patient(r)) }
}

func day(r *rand.Rand) string { return fmt.Sprintf("2026-%02d-%02d", 1+r.IntN(12), 1+r.IntN(28)) }

var questions = []question{
	{"token, one resource", of("Patient", func(p asked) string { return "identifier=" + p.number })},
	{"token, half of all", fixed("Patient", "gender=female")},
	{"token and reference", of("Claim", func(p asked) string { return "status=active&patient=Patient/" + p.id })},
	{"token and token, both common", fixed("Claim", "use=claim&status=active")},
	{"token, negated", fixed("Coverage", "status:not=active")},
	{"string, prefix", of("Patient", func(p asked) string { return "family=" + url.QueryEscape(p.family[:3]) })},
	{"string, exact, two", of("Patient", func(p asked) string {
		return "family:exact=" + url.QueryEscape(p.family) + "&given:exact=" + url.QueryEscape(p.given)
	})},
	{"string, contains", of("Patient", func(p asked) string { return "family:contains=" + url.QueryEscape(p.family[1:4]) })},
	{"reference", of("Coverage", func(p asked) string { return "beneficiary=Patient/" + p.id })},
	{"reference, much referred to", fixed("Claim", "provider=Organization/hf1")},
	{"date, one day", of("Patient", func(p asked) string { return "birthdate=" + p.born })},
	{"date, a range", func(_ *filled, r *rand.Rand) (string, string) {
		d := day(r)
		return "Claim", "created=ge" + d + "&created=lt2027"
	}},
	{"period", func(_ *filled, r *rand.Rand) (string, string) { return "Contract", "period=" + day(r) }},
	{"number", fixed("RiskAssessment", "probability=gt0.95")},
	{"quantity", fixed("Invoice", "totalgross=gt60000|urn:iso:std:iso:4217|TZS")},
	{"composite", fixed("Observation", "code-value-quantity=http://loinc.org|8310-5$gt39")},
	{"uri", fixed("CodeSystem", "url=https://bima.example/fhir/CodeSystem/service")},
	{"near", fixed("Location", "near=-2.1|30.1|20|km")},
	{"missing", fixed("Patient", "telecom:missing=false")},
	{"chain", of("Claim", func(p asked) string { return "patient.identifier=" + p.number })},
	{"chain through many", fixed("Claim", "patient.family=Swai")},
	{"_has", fixed("Patient", "_has:Observation:patient:code=8310-5")},
	{"_include", of("Claim", func(p asked) string { return "patient=Patient/" + p.id + "&_include=Claim:patient" })},
	{"_revinclude", of("Patient", func(p asked) string { return "_id=" + p.id + "&_revinclude=Coverage:beneficiary" })},
	{"compartment", func(f *filled, r *rand.Rand) (string, string) { return "Patient/" + f.patient(r).id, "" }},
	{"sorted by date", fixed("Claim", "status=active&_sort=-created")},
	{"sorted by string", fixed("Patient", "gender=female&_sort=family,given")},
	{"the newest", fixed("Claim", "_sort=-_lastUpdated")},
	{"_text of all", fixed("Claim", "_content=nebulisation")},
}

// BenchmarkSearch asks for the first page of 20, in schemes of as many persons as
// BIMA_BENCH_PERSONS names (about four resources each). It gives the median and
// the 99th percentile of the time in microseconds, and the entries found.
func BenchmarkSearch(b *testing.B) {
	setting := os.Getenv("BIMA_BENCH_PERSONS")
	if setting == "" {
		setting = "2500"
	}
	databases := []struct {
		name string
		open func(testing.TB) string
	}{{"sqlite", storagetest.SQLite}, {"postgres", storagetest.Postgres}}
	for _, database := range databases {
		for _, persons := range sizes(b, setting) {
			dsn := database.open(b)
			f := fill(b, dsn, persons)
			for _, q := range questions {
				b.Run(database.name+"/"+named(f.resources)+"/"+q.kind, func(b *testing.B) {
					measure(b, f, q)
					if database.name == "postgres" && q.kind != "compartment" {
						b.ReportMetric(ofBare(b, f, dsn, q), "of-bare")
					}
				})
			}
		}
	}
}

func measure(b *testing.B, f *filled, q question) {
	ctx := fhir.WithCaller(context.Background(), fhir.Developer())
	r := rand.New(rand.NewPCG(1, 2))
	var took []time.Duration
	entries := 0
	for b.Loop() {
		typ, query := q.ask(f, r)
		o := interaction.SearchOptions{}
		if owner, id, ok := bytes.Cut([]byte(typ), []byte("/")); ok {
			o.Compartment, typ = fhir.Key{Type: string(owner), ID: string(id)}, "Claim"
		}
		began := time.Now()
		body, err := f.engine.Search(ctx, typ, query, o)
		took = append(took, time.Since(began))
		if err != nil {
			b.Fatalf("%s?%s: %v", typ, query, err)
		}
		entries += bytes.Count(body, []byte(`"fullUrl"`))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
	b.ReportMetric(float64(entries)/float64(len(took)), "entries")
}
