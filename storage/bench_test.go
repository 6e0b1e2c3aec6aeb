package storage_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"bima/fhir"
	"bima/storage"
)

// benchBody is a Claim's size: the median of HL7's financial examples.
var benchBody = []byte(`{"resourceType":"Claim","text":"` + strings.Repeat("a claim is some two kilobytes, ", 64) + `"}`)

// benchIndex gives about twenty rows, as a Claim has.
func benchIndex(n int) *fhir.Index {
	x := &fhir.Index{
		Tokens: []fhir.TokenRow{
			{Param: "status", System: "http://hl7.org/fhir/fm-status", Code: "active"},
			{Param: "use", System: "http://hl7.org/fhir/claim-use", Code: "claim"},
			{Param: "identifier", System: "urn:claim", Code: fmt.Sprint("C-", n)},
			{Param: "priority", System: "urn:priority", Code: "normal"},
			{Param: "_tag", System: "urn:tag", Code: fmt.Sprint("t", n%100)},
			{Param: "type", System: "urn:type", Code: fmt.Sprint("y", n%5)},
		},
		Strings: []fhir.StringRow{
			{Param: "note", Normal: fmt.Sprint("note ", n%5000), Exact: fmt.Sprint("Note ", n%5000)},
			{Param: "use:text", Normal: "claim", Exact: "Claim"},
		},
		Dates: []fhir.DateRow{
			{Param: "created", From: int64(n) * 1e6, To: int64(n)*1e6 + 1e6},
			{Param: "period", From: int64(n) * 1e6, To: int64(n)*1e6 + 86400e6},
		},
		Quantities: []fhir.QuantityRow{{Param: "total", Low: float64(n % 1000), High: float64(n % 1000), System: "urn:iso:std:iso:4217", Code: "TZS"}},
		URIs:       []fhir.URIRow{{Param: "_profile", URI: "https://bima.example/fhir/StructureDefinition/claim"}},
		Unique:     []fhir.UniqueKey{{Type: "Claim", Name: "urn:claim", Value: fmt.Sprint("C-", n)}},
	}
	for i, p := range []string{"patient", "provider", "insurer", "enterer", "facility", "item-udi", "care-team"} {
		x.References = append(x.References, fhir.ReferenceRow{Param: p, Key: fhir.Key{Type: "Patient", ID: fmt.Sprint(p, n%(1000*(i+1)))}})
	}
	return x
}

func benchClaim(w fhir.Writer, n int) error {
	return w.Put(fhir.Version{
		Resource: &fhir.Resource{
			Key: fhir.Key{Type: "Claim", ID: fmt.Sprint("claim-", n)}, Version: 1, Updated: w.Now(),
			Method: fhir.MethodCreate, Body: benchBody,
		},
		Index: benchIndex(n),
	})
}

func benchStores(b *testing.B, run func(b *testing.B, s *storage.Store, dsn string)) {
	for name, dsn := range databases {
		b.Run(name, func(b *testing.B) {
			at := dsn(b)
			run(b, open(b, at), at)
		})
	}
}

// atOnce is the concurrency of the benchmarks that write.
const atOnce = 8

func BenchmarkCreate(b *testing.B) {
	benchStores(b, func(b *testing.B, s *storage.Store, _ string) {
		var n atomic.Int64
		if err := s.Update(context.Background(), func(w fhir.Writer) error { return benchClaim(w, 0) }); err != nil {
			b.Fatal(err)
		}
		b.ReportAllocs()
		b.SetParallelism(atOnce / 2)
		b.ResetTimer()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				i := int(n.Add(1))
				if err := s.Update(context.Background(), func(w fhir.Writer) error { return benchClaim(w, i) }); err != nil {
					b.Error(err)
					return
				}
			}
		})
	})
}

// BenchmarkCreateBare inserts the same rows by bare pgx, in one batch a
// transaction: what BenchmarkCreate on PostgreSQL is held against.
func BenchmarkCreateBare(b *testing.B) {
	dsn := databases["postgres"](b)
	s := open(b, dsn)
	if err := s.Update(context.Background(), func(w fhir.Writer) error { return benchClaim(w, 0) }); err != nil {
		b.Fatal(err)
	}
	config, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		b.Fatal(err)
	}
	config.MaxConns = atOnce
	pool, err := pgxpool.NewWithConfig(context.Background(), config)
	if err != nil {
		b.Fatal(err)
	}
	defer pool.Close()
	var n atomic.Int64
	b.ReportAllocs()
	b.SetParallelism(atOnce / 2)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := bareClaim(pool, n.Add(1)<<20); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

func bareClaim(pool *pgxpool.Pool, rid int64) error {
	ctx := context.Background()
	return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		t := &pgx.Batch{}
		t.Queue("INSERT INTO resource (part, rid, typ, fh, fid, ver, vid, updated, deleted) VALUES (0, $1, 1, $1, $2, 1, $1, $1, 0)", rid, fmt.Sprint("claim-", rid))
		t.Queue("INSERT INTO history (part, vid, rid, typ, ver, op, zip, body) VALUES (0, $1, $1, 1, 1, 1, 0, $2)", rid, benchBody)
		numbers := func(n int, width int64) []int64 {
			out := make([]int64, n)
			for i := range out {
				out[i] = rand.Int64N(width)
			}
			return out
		}
		t.Queue("INSERT INTO sp_token (part, rid, sp, code, sys, txt) SELECT 0, $1::int8, sp, code, 1, 'some' FROM unnest($2::int8[], $3::int8[]) u(sp, code)", rid, numbers(6, 50), numbers(6, 1<<20))
		t.Queue("INSERT INTO sp_string (part, rid, sp, norm, exact, more) SELECT 0, $1::int8, sp, norm, 1, '' FROM unnest($2::int8[], $3::text[]) u(sp, norm)", rid, numbers(2, 50), []string{"note", "claim"})
		t.Queue("INSERT INTO sp_date (part, rid, sp, lo, hi) SELECT 0, $1::int8, sp, lo, lo FROM unnest($2::int8[], $3::int8[]) u(sp, lo)", rid, numbers(2, 50), numbers(2, 1<<40))
		t.Queue("INSERT INTO sp_quantity (part, rid, sp, lo, hi, sys, code, unit) SELECT 0, $1::int8, sp, lo, lo, 1, 1, 1 FROM unnest($2::int8[], $3::int8[]) u(sp, lo)", rid, numbers(1, 50), numbers(1, 1000))
		t.Queue("INSERT INTO sp_uri (part, rid, sp, uri, more) SELECT 0, $1::int8, 1, uri, '' FROM unnest($2::text[]) u(uri)", rid, []string{"https://bima.example/fhir/StructureDefinition/claim"})
		t.Queue("INSERT INTO sp_reference (part, rid, sp, h, ttyp) SELECT 0, $1::int8, sp, h, 2 FROM unnest($2::int8[], $3::int8[]) u(sp, h)", rid, numbers(7, 50), numbers(7, 1<<13))
		t.Queue("INSERT INTO uniq_key (part, rid, typ, h, name, value) VALUES (0, $1, 1, $1, 'urn:claim', $2)", rid, fmt.Sprint(rid))
		return tx.SendBatch(ctx, t).Close()
	})
}

func BenchmarkUpdateChangingOneRow(b *testing.B) {
	benchStores(b, func(b *testing.B, s *storage.Store, _ string) {
		for i := range atOnce {
			if err := s.Update(context.Background(), func(w fhir.Writer) error { return benchClaim(w, i) }); err != nil {
				b.Fatal(err)
			}
		}
		var writer atomic.Int64
		b.SetParallelism(atOnce / 2)
		b.ResetTimer()
		b.RunParallel(func(pb *testing.PB) {
			id := int(writer.Add(1)-1) % atOnce
			k := fhir.Key{Type: "Claim", ID: fmt.Sprint("claim-", id)}
			before := benchIndex(id)
			for version := int64(1); pb.Next(); version++ {
				after := benchIndex(id)
				after.Tokens[0].Code = fmt.Sprint("v", version)
				err := s.Update(context.Background(), func(w fhir.Writer) error {
					old, err := w.Read(k)
					if err != nil {
						return err
					}
					return w.Put(fhir.Version{Expect: old.Version, Index: after, Before: before, Resource: &fhir.Resource{
						Key: k, Version: old.Version + 1, Updated: w.Now(), Method: fhir.MethodUpdate, Body: benchBody,
					}})
				})
				if err != nil {
					b.Error(err)
					return
				}
				before = after
			}
		})
	})
}

func BenchmarkRead(b *testing.B) {
	benchStores(b, func(b *testing.B, s *storage.Store, dsn string) {
		k := fhir.Key{Type: "Claim", ID: "claim-7"}
		if err := s.Update(context.Background(), func(w fhir.Writer) error { return benchClaim(w, 7) }); err != nil {
			b.Fatal(err)
		}
		b.Run("store", func(b *testing.B) {
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if err := s.View(context.Background(), func(r fhir.Reader) error { _, err := r.Read(k); return err }); err != nil {
						b.Error(err)
					}
				}
			})
		})
		b.Run("alone", func(b *testing.B) {
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if _, err := s.Read(context.Background(), k); err != nil {
						b.Error(err)
					}
				}
			})
		})
		if strings.HasPrefix(dsn, "sqlite") {
			return
		}
		pool, err := pgxpool.New(context.Background(), dsn)
		if err != nil {
			b.Fatal(err)
		}
		defer pool.Close()
		var rid int64
		if err := pool.QueryRow(context.Background(), "SELECT rid FROM resource").Scan(&rid); err != nil {
			b.Fatal(err)
		}
		b.Run("bare", func(b *testing.B) {
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					var body []byte
					if err := pool.QueryRow(context.Background(), "SELECT h.body FROM resource r JOIN history h ON h.part = r.part AND h.vid = r.vid "+
						"WHERE r.part = 0 AND r.rid = $1", rid).Scan(&body); err != nil {
						b.Error(err)
					}
				}
			})
		})
	})
}

// benchSearches are the kinds of searches by which pages of 20 are found.
func benchSearches(size int) map[string]fhir.Query {
	match := func(code string, kind fhir.ParamKind, v fhir.Value) fhir.Match {
		return fhir.Match{Param: fhir.Param{Code: code, Kind: kind}, Value: v}
	}
	status := match("status", fhir.ParamToken, fhir.TokenValue{Code: "active", AnySystem: true})
	tag := match("_tag", fhir.ParamToken, fhir.TokenValue{System: "urn:tag", Code: "t42"})
	mid := int64(size/2) * 1e6
	return map[string]fhir.Query{
		"all":                 {},
		"dense token":         {Where: status},
		"identifier":          {Where: match("identifier", fhir.ParamToken, fhir.TokenValue{System: "urn:claim", Code: "C-77"})},
		"sparse and dense":    {Where: fhir.All{status, tag}},
		"reference":           {Where: match("patient", fhir.ParamReference, fhir.ReferenceValue{Key: fhir.Key{Type: "Patient", ID: "patient7"}})},
		"string prefix":       {Where: match("note", fhir.ParamString, fhir.StringValue{Text: "note 499"})},
		"narrow dates":        {Where: match("created", fhir.ParamDate, fhir.DateValue{Prefix: fhir.PrefixEqual, From: mid, To: mid + 50e6})},
		"wide dates":          {Where: match("created", fhir.ParamDate, fhir.DateValue{Prefix: fhir.PrefixGreaterEqual, From: mid, To: mid + 1e6})},
		"amount":              {Where: match("total", fhir.ParamQuantity, fhir.QuantityValue{NumberValue: fhir.NumberValue{Prefix: fhir.PrefixGreater, Value: 990}, AnyUnit: true})},
		"dense, sorted":       {Where: status, Sort: []fhir.SortKey{{Param: fhir.Param{Code: "created", Kind: fhir.ParamDate}, Descending: true}}},
		"sorted by update":    {Sort: []fhir.SortKey{{Param: fhir.Param{Code: "_lastUpdated", Kind: fhir.ParamDate}, Descending: true}}},
		"not":                 {Where: fhir.Not{Criterion: tag}},
		"dense, dates, total": {Where: fhir.All{status, match("created", fhir.ParamDate, fhir.DateValue{Prefix: fhir.PrefixLess, From: 1000e6})}, Total: fhir.TotalAccurate},
	}
}

// benchClaims stores so many claims.
func benchClaims(b *testing.B, s *storage.Store, size int) {
	for from := 0; from < size; from += 500 {
		err := s.Update(context.Background(), func(w fhir.Writer) error {
			for n := from; n < from+500; n++ {
				if err := benchClaim(w, n); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSearch finds pages of 20 among 20,000 resources.
func BenchmarkSearch(b *testing.B) {
	const size = 20_000
	benchStores(b, func(b *testing.B, s *storage.Store, _ string) {
		benchClaims(b, s, size)
		for name, q := range benchSearches(size) {
			q.Types, q.Limit = []string{"Claim"}, 20
			b.Run(name, func(b *testing.B) {
				b.ReportAllocs()
				start := time.Now()
				for b.Loop() {
					if err := s.View(context.Background(), func(r fhir.Reader) error { _, err := r.Search(&q); return err }); err != nil {
						b.Fatal(err)
					}
					if time.Since(start) > time.Minute {
						b.Fatal("too slow to measure")
					}
				}
			})
		}
	})
}

// BenchmarkTransaction100 creates a hundred resources in one transaction.
func BenchmarkTransaction100(b *testing.B) {
	benchStores(b, func(b *testing.B, s *storage.Store, _ string) {
		n := 0
		b.ReportAllocs()
		for b.Loop() {
			err := s.Update(context.Background(), func(w fhir.Writer) error {
				for range 100 {
					n++
					if err := benchClaim(w, n); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkSortedPage finds the second page of 20 among 20,000 resources, of which some
// were changed since the first.
func BenchmarkSortedPage(b *testing.B) {
	const size = 20_000
	benchStores(b, func(b *testing.B, s *storage.Store, _ string) {
		benchClaims(b, s, size)
		all := benchSearches(size)
		queries := map[string]fhir.Query{"by date": all["dense, sorted"], "by update": all["sorted by update"], "by text": {
			Sort: []fhir.SortKey{{Param: fhir.Param{Code: "note", Kind: fhir.ParamString}}},
		}}
		search := func(b *testing.B, q fhir.Query) (page *fhir.Page) {
			if err := s.View(context.Background(), func(r fhir.Reader) (err error) {
				page, err = r.Search(&q)
				return err
			}); err != nil {
				b.Fatal(err)
			}
			return page
		}
		for name, q := range queries {
			q.Types, q.Limit = []string{"Claim"}, 20
			q.Index = func(r *fhir.Resource) (*fhir.Index, error) {
				var n int
				_, err := fmt.Sscanf(r.ID, "claim-%d", &n)
				return benchIndex(n), err
			}
			b.Run(name+", the first page", func(b *testing.B) {
				for b.Loop() {
					search(b, q)
				}
			})
			q.After = search(b, q).Next
			queries[name] = q
		}
		done := 0
		for _, changed := range []int{0, 20, 2000} {
			for ; done < changed; done++ {
				benchChange(b, s, done*7)
			}
			for name, q := range queries {
				b.Run(fmt.Sprint(name, ", ", changed, " changed"), func(b *testing.B) {
					for b.Loop() {
						search(b, q)
					}
				})
			}
		}
	})
}

// benchChange makes another version of a claim, with the note of another.
func benchChange(b *testing.B, s *storage.Store, n int) {
	after := benchIndex(n)
	after.Strings[0] = benchIndex(n + 1).Strings[0]
	if err := s.Update(context.Background(), func(w fhir.Writer) error {
		return w.Put(fhir.Version{Expect: 1, Index: after, Before: benchIndex(n), Resource: &fhir.Resource{
			Key: fhir.Key{Type: "Claim", ID: fmt.Sprint("claim-", n)}, Version: 2, Updated: w.Now(), Method: fhir.MethodUpdate, Body: benchBody,
		}})
	}); err != nil {
		b.Fatal(err)
	}
}
