package measure_test

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"bima/cmd/bima/house"
	"bima/fhir"
	"bima/fhir/search"
	"bima/profiles"
	"bima/resources/measure"
	"bima/resources/resourcestest"
	"bima/storage"
	"bima/testdata/nation"
)

// BenchmarkMonth counts a month's claims of a drawn nation: all of them from the
// beginning, and after a few have changed. BIMA_BENCH_PERSONS says how large the
// nation is; each person has about one claim, all in one month. BIMA_BENCH_KEEP
// names a folder to keep the nation in from one run to the next; of PostgreSQL the
// server of BIMA_TEST_POSTGRES must stay, too.
func BenchmarkMonth(b *testing.B) {
	for _, database := range []string{"sqlite", "postgres"} {
		if database == "postgres" && os.Getenv("BIMA_TEST_POSTGRES") == "" {
			continue
		}
		b.Run(database, func(b *testing.B) { benchMonth(b, database) })
	}
}

func benchMonth(b *testing.B, database string) {
	persons, err := strconv.Atoi(os.Getenv("BIMA_BENCH_PERSONS"))
	if err != nil {
		persons = 4_000
	}
	clock := &resourcestest.Clock{}
	clock.Set(b, "2026-06-30T12:00:00Z")
	settings := measure.Settings{Now: clock.Now, Months: -1}
	ctx := fhir.WithCaller(context.Background(), fhir.Developer())
	dsn, kept := benchDatabase(b, database, persons)
	store, err := storage.Open(ctx, dsn, storage.Options{Now: clock.Now, StatementTimeout: 10 * time.Minute})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { store.Close() })
	engine, err := house.Engine(ctx, store, house.Plan{Base: resourcestest.Base, Now: clock.Now}, settings.Module())
	if err != nil {
		b.Fatal(err)
	}
	registry, err := house.Search(resourcestest.Base, time.UTC, profiles.Definitions())
	if err != nil {
		b.Fatal(err)
	}
	d := &drawing{ctx: ctx, store: store, registry: registry}
	if d.claims = kept.claims(b); d.claims == 0 {
		if err := d.load(nation.Options{Persons: persons, Seed: 1}); err != nil {
			b.Fatal(err)
		}
		tidy(b, database, dsn)
		kept.note(b, d.claims)
	}
	clock.Set(b, "2026-06-30T12:30:00Z")
	module := settings.Module()
	recount := module.Operations[1].Handle
	month := []byte(`{"resourceType":"Parameters","parameter":[{"name":"periodStart","valueDate":"2026-06-01"},{"name":"measure","valueString":"hf-claim"}]}`)
	call := func(b *testing.B, body []byte) {
		var in *fhir.Resource
		if body != nil {
			in = &fhir.Resource{Body: body}
		}
		if _, err := recount(ctx, engine, fhir.Key{Type: "Measure"}, in); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("scratch", func(b *testing.B) {
		for b.Loop() {
			call(b, month)
		}
		b.ReportMetric(float64(d.claims)*float64(b.N)/b.Elapsed().Seconds(), "claims/s")
		b.ReportMetric(float64(d.claims), "claims")
	})
	b.Run("changed", func(b *testing.B) {
		call(b, nil) // all that is not counted yet
		n := 0
		for b.Loop() {
			b.StopTimer()
			clock.Set(b, fmt.Sprintf("2026-06-30T13:%02d:%02dZ", n/60%60, n%60))
			for range 5 {
				n++
				if err := d.again(n); err != nil {
					b.Fatal(err)
				}
			}
			b.StartTimer()
			call(b, nil)
		}
	})
}

// A drawing is what of a nation is stored: claims with answers, all of one month.
type drawing struct {
	ctx      context.Context
	store    *storage.Store
	registry *search.Registry
	batch    []*fhir.Resource
	full     chan []*fhir.Resource
	claims   int
}

// load draws a nation and stores it, in two transactions at a time where the
// database has so many writers.
func (d *drawing) load(o nation.Options) error {
	d.full = make(chan []*fhir.Resource, 2)
	group, ctx := errgroup.WithContext(d.ctx)
	d.ctx = ctx
	group.Go(func() error {
		defer close(d.full)
		if err := nation.Generate(o, d.take); err != nil {
			return err
		}
		return d.flush()
	})
	for range 2 {
		group.Go(func() error {
			for batch := range d.full {
				if err := d.put(batch); err != nil {
					return err
				}
			}
			return nil
		})
	}
	err := group.Wait()
	d.ctx = context.WithoutCancel(ctx)
	return err
}

var (
	benefitOf = regexp.MustCompile(`"amount":\{"value":\d+,"currency":"TZS"\}\}\]\}$`)
	createdOn = regexp.MustCompile(`"created":"2026-\d\d-(\d\d)`)
	itemOf    = regexp.MustCompile(`"sequence":(\d+),"diagnosisSequence".*?"net":{"value":([0-9.]+)`)
)

func (d *drawing) take(typ string, line []byte) error {
	text := string(line)
	switch typ {
	case "Location", "Organization", "InsurancePlan", "ChargeItemDefinition", "Patient", "Group":
		return d.add(typ, text)
	case "Claim":
		text = createdOn.ReplaceAllString(text, `"created":"2026-06-$1`)
		text = strings.Replace(text, `"created":"2026-06-31`, `"created":"2026-06-30`, 1)
		d.claims++
		if err := d.add(typ, text); err != nil {
			return err
		}
		return d.add("ClaimResponse", d.answer(text))
	}
	return nil
}

// answer decides a claim: every line is paid but the first of each seventh claim.
func (d *drawing) answer(claim string) string {
	between := func(from string) string {
		_, rest, _ := strings.Cut(claim, from)
		value, _, _ := strings.Cut(rest, `"`)
		return value
	}
	var items []string
	for i, m := range itemOf.FindAllStringSubmatch(claim, -1) {
		got := `{"category":{"coding":[{"system":"` + profiles.SystemAdjudication + `","code":"approved-quantity"}]},"value":1},` +
			`{"category":{"coding":[{"system":"` + hl7Adjudication + `","code":"eligible"}]},"amount":{"value":` + m[2] + `,"currency":"TZS"}},` +
			`{"category":{"coding":[{"system":"` + hl7Adjudication + `","code":"benefit"}]},"amount":{"value":` + m[2] + `,"currency":"TZS"}}`
		if i == 0 && d.claims%7 == 0 {
			got = `{"category":{"coding":[{"system":"` + profiles.SystemAdjudication + `","code":"denied"}]},"reason":{"coding":[{"system":"` +
				profiles.SystemAdjustmentReason + `","code":"frequency"}]},"amount":{"value":` + m[2] + `,"currency":"TZS"}}`
		}
		items = append(items, `{"itemSequence":`+m[1]+`,"adjudication":[{"category":{"coding":[{"system":"`+hl7Adjudication+`","code":"submitted"}]},"amount":{"value":`+m[2]+`,"currency":"TZS"}},`+got+`]}`)
	}
	return `{"resourceType":"ClaimResponse","id":"` + between(`"id":"`) + `","status":"active","use":"claim","patient":{"reference":"` + between(`"patient":{"reference":"`) +
		`"},"created":"` + between(`"created":"`) + `","insurer":{"reference":"Organization/scheme"},"requestor":{"reference":"` + between(`"provider":{"reference":"`) +
		`"},"request":{"reference":"Claim/` + between(`"id":"`) + `"},"outcome":"complete","disposition":"Decided","item":[` + strings.Join(items, ",") +
		`],"total":[{"category":{"coding":[{"system":"` + hl7Adjudication + `","code":"benefit"}]},"amount":{"value":1000,"currency":"TZS"}}]}`
}

func (d *drawing) add(typ, text string) error {
	between := func(from string) string {
		_, rest, _ := strings.Cut(text, from)
		value, _, _ := strings.Cut(rest, `"`)
		return value
	}
	d.batch = append(d.batch, &fhir.Resource{Key: fhir.Key{Type: typ, ID: between(`"id":"`)}, Version: 1, Method: fhir.MethodUpdate, Body: []byte(text)})
	if len(d.batch) < 1000 {
		return nil
	}
	return d.flush()
}

// asked leaves of an index what indicators are found by: the rest would take most of
// the time of storing a nation.
func asked(x *fhir.Index) *fhir.Index {
	of := func(codes ...string) func(string) bool {
		return func(param string) bool { return !slices.Contains(codes, param) }
	}
	token, reference := of("identifier", "type", "outcome", "direction"), of("requestor", "provider", "request", "patient", "member", "payee", "village")
	date, text := of("created"), of("address-city")
	return &fhir.Index{
		Tokens:     slices.DeleteFunc(x.Tokens, func(r fhir.TokenRow) bool { return token(r.Param) }),
		References: slices.DeleteFunc(x.References, func(r fhir.ReferenceRow) bool { return reference(r.Param) }),
		Dates:      slices.DeleteFunc(x.Dates, func(r fhir.DateRow) bool { return date(r.Param) }),
		Strings:    slices.DeleteFunc(x.Strings, func(r fhir.StringRow) bool { return text(r.Param) }),
	}
}

func (d *drawing) flush() error {
	select {
	case d.full <- d.batch:
		d.batch = nil
		return nil
	case <-d.ctx.Done():
		return d.ctx.Err()
	}
}

// put stores resources with their index.
func (d *drawing) put(batch []*fhir.Resource) error {
	versions := make([]fhir.Version, len(batch))
	for i, r := range batch {
		doc, err := fhir.Parse(r.Body)
		if err != nil {
			return err
		}
		versions[i] = fhir.Version{Resource: r, Index: asked(d.registry.Extract(doc.Root()))}
	}
	return d.store.Update(d.ctx, func(w fhir.Writer) error {
		for _, v := range versions {
			v.Resource.Updated = w.Now()
			if err := w.Put(v); err != nil {
				return err
			}
		}
		return nil
	})
}

// again stores another version of an answer, with another benefit.
func (d *drawing) again(n int) error {
	k := fhir.Key{Type: "ClaimResponse", ID: fmt.Sprint("cl", 1+n*37%1000)}
	return d.store.Update(d.ctx, func(w fhir.Writer) error {
		was, err := w.Read(k)
		if err != nil {
			return err
		}
		doc, err := fhir.Parse(was.Body)
		if err != nil {
			return err
		}
		index := asked(d.registry.Extract(doc.Root()))
		body := benefitOf.ReplaceAll(was.Body, fmt.Appendf(nil, `"amount":{"value":%d,"currency":"TZS"}}]}`, 1000+n))
		next := &fhir.Resource{Key: k, Version: was.Version + 1, Method: fhir.MethodUpdate, Updated: w.Now(), Body: body}
		return w.Put(fhir.Version{Resource: next, Expect: was.Version, Index: index, Before: index})
	})
}
