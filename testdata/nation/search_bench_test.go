package nation_test

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"net/url"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"bima/fhir"
	"bima/fhir/interaction"
)

// A question is one kind of search; ask gives its type and query, another each
// time.
type question struct {
	kind string
	ask  func(f *filled, r *rand.Rand) (typ, query string)
}

func (f *filled) patient(r *rand.Rand) asked { return f.Patients[r.IntN(len(f.Patients))] }

// fixed is a question that is always the same.
func fixed(typ, query string) func(*filled, *rand.Rand) (string, string) {
	return func(*filled, *rand.Rand) (string, string) { return typ, query }
}

// of is a question about one patient.
func of(typ string, query func(p asked) string) func(*filled, *rand.Rand) (string, string) {
	return func(f *filled, r *rand.Rand) (string, string) { return typ, query(f.patient(r)) }
}

func day(r *rand.Rand) string { return fmt.Sprintf("2026-%02d-%02d", 1+r.IntN(12), 1+r.IntN(28)) }

func instant(t time.Time) string { return t.Format("2006-01-02T15:04:05.000Z") }

var questions = []question{
	{"token, one resource", of("Patient", func(p asked) string { return "identifier=" + p.Number })},
	{"token, half of all", fixed("Patient", "gender=female")},
	{"token and reference", of("Claim", func(p asked) string { return "status=active&patient=Patient/" + p.ID })},
	{"token and token, both common", fixed("Claim", "use=claim&status=active")},
	{"token, negated", fixed("Coverage", "status:not=active")},
	{"string, prefix", of("Patient", func(p asked) string { return "family=" + url.QueryEscape(p.Family[:3]) })},
	{"string, exact, two", of("Patient", func(p asked) string {
		return "family:exact=" + url.QueryEscape(p.Family) + "&given:exact=" + url.QueryEscape(p.Given)
	})},
	{"string, contains", of("Patient", func(p asked) string { return "family:contains=" + url.QueryEscape(p.Family[1:4]) })},
	{"string, contains, rare", fixed("Patient", "address-city:contains=waji")},
	{"string, contains, nowhere", fixed("Patient", "family:contains=qx")},
	{"reference", of("Coverage", func(p asked) string { return "beneficiary=Patient/" + p.ID })},
	{"reference, much referred to", fixed("Claim", "provider=Organization/hf1")},
	{"date, one day", of("Patient", func(p asked) string { return "birthdate=" + p.Born })},
	{"date, a range", func(_ *filled, r *rand.Rand) (string, string) {
		d := day(r)
		return "Claim", "created=ge" + d + "&created=lt2027"
	}},
	{"date, few and all over", fixed("Claim", "created=lt2026-01-03")},
	{"updated, long ago", func(f *filled, r *rand.Rand) (string, string) {
		at := f.Begun.Add(f.Took / 100 * time.Duration(20+r.IntN(50)))
		return "Claim", "_lastUpdated=ge" + instant(at) + "&_lastUpdated=lt" + instant(at.Add(f.Took/20))
	}},
	{"period, in force on a day", func(_ *filled, r *rand.Rand) (string, string) {
		d := day(r)
		return "Contract", "period=le" + d + "&period=ge" + d
	}},
	{"number", fixed("RiskAssessment", "probability=gt0.95")},
	{"quantity", fixed("Invoice", "totalgross=gt60000|urn:iso:std:iso:4217|TZS")},
	{"composite", fixed("Observation", "code-value-quantity=http://loinc.org|8310-5$gt39")},
	{"uri", fixed("CodeSystem", "url=https://bima.example/fhir/CodeSystem/service")},
	{"near", fixed("Location", "near=-2.1|30.1|20|km")},
	{"missing", fixed("Patient", "telecom:missing=false")},
	{"missing, nowhere", fixed("Patient", "gender:missing=true")},
	{"chain", of("Claim", func(p asked) string { return "patient.identifier=" + p.Number })},
	{"chain through many", fixed("Claim", "patient.family=Swai")},
	{"_has", fixed("Patient", "_has:Observation:patient:code=8310-5")},
	{"_has, much referred to", fixed("Patient", "_has:Claim:patient:provider=Organization/hf1")},
	{"_has, rare", fixed("Patient", "_has:Observation:patient:value-quantity=gt41.5")},
	{"_include", of("Claim", func(p asked) string { return "patient=Patient/" + p.ID + "&_include=Claim:patient" })},
	{"_revinclude", of("Patient", func(p asked) string { return "_id=" + p.ID + "&_revinclude=Coverage:beneficiary" })},
	{"compartment", func(f *filled, r *rand.Rand) (string, string) { return "Patient/" + f.patient(r).ID, "" }},
	{"sorted by date", fixed("Claim", "status=active&_sort=-created")},
	{"sorted by string", fixed("Patient", "gender=female&_sort=family,given")},
	{"the newest", fixed("Claim", "_sort=-_lastUpdated")},
	{"_text of all", fixed("Claim", "_content=nebulisation")},
}

// BenchmarkSearch asks for the first page of 20, in schemes of as many persons as
// BIMA_BENCH_PERSONS names (about four resources each). It gives the median and
// the 99th percentile of the time in microseconds, and the entries found. Where
// BIMA_BENCH_TRIES is more than 1 each search is asked so often in a row and its
// least time counts: on a machine that does other work too that leaves what differs
// between one question and the next.
func BenchmarkSearch(b *testing.B) {
	setting := os.Getenv("BIMA_BENCH_PERSONS")
	if setting == "" {
		setting = "2500"
	}
	for _, d := range databases {
		b.Run(d.name, func(b *testing.B) {
			for _, persons := range sizes(b, setting) {
				f := scheme(b, d, persons)
				b.Run(named(f.Resources), func(b *testing.B) {
					for _, q := range questions {
						b.Run(q.kind, func(b *testing.B) { measure(b, d, f, q) })
					}
				})
			}
		})
	}
}

func measure(b *testing.B, d database, f *filled, q question) {
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
		var body []byte
		took = append(took, least(func() {
			var err error
			if body, err = f.engine.Search(ctx, typ, query, o); err != nil {
				b.Fatalf("%s?%s: %v", typ, query, err)
			}
		}))
		entries += bytes.Count(body, []byte(`"fullUrl"`))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
	b.ReportMetric(float64(entries)/float64(len(took)), "entries")
	if d.name == "postgres" && q.kind != "compartment" {
		ofBare(b, f, q)
	}
}

// least runs something as often as BIMA_BENCH_TRIES says and gives the least time
// it took.
func least(run func()) time.Duration {
	tries, err := strconv.Atoi(os.Getenv("BIMA_BENCH_TRIES"))
	if err != nil {
		tries = 1
	}
	took := time.Duration(math.MaxInt64)
	for range tries {
		began := time.Now()
		run()
		took = min(took, time.Since(began))
	}
	return took
}
