package interaction_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"bima/fhir"
	"bima/fhir/interaction"
	"bima/fhir/search"
	"bima/storage"
	"bima/storage/storagetest"
)

const base = "https://example.org/fhir"

// A bench is an Engine over a fresh database, with a caller.
type bench struct {
	testing.TB
	*interaction.Engine
	ctx context.Context
}

// onEach runs a test on SQLite, and on PostgreSQL where one is at hand.
func onEach(t *testing.T, test func(t *testing.T, b *bench), modules ...fhir.Module) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, newBench(t, storagetest.SQLite(t), modules...)) })
	if os.Getenv("BIMA_TEST_POSTGRES") != "" {
		t.Run("postgres", func(t *testing.T) { test(t, newBench(t, storagetest.Postgres(t), modules...)) })
	}
}

func newBench(tb testing.TB, dsn string, modules ...fhir.Module) *bench {
	tb.Helper()
	store, err := storage.Open(context.Background(), dsn, storage.Options{})
	if err != nil {
		tb.Fatalf("open %s: %v", dsn, err)
	}
	tb.Cleanup(func() { store.Close() })
	return &bench{tb, newEngine(tb, interaction.Config{Store: store, Modules: modules}), asDeveloper()}
}

func newEngine(tb testing.TB, c interaction.Config) *interaction.Engine {
	tb.Helper()
	registry, err := search.New(base, time.UTC)
	if err != nil {
		tb.Fatalf("search parameters: %v", err)
	}
	c.Search, c.Base, c.CheckOwn = registry, base, true
	e, err := interaction.New(c)
	if err != nil {
		tb.Fatalf("engine: %v", err)
	}
	return e
}

func asDeveloper() context.Context {
	return fhir.WithCaller(context.Background(), fhir.Developer())
}

// in gives the bench to a subtest.
func (b *bench) in(tb testing.TB) *bench { return &bench{tb, b.Engine, b.ctx} }

// create creates a resource, whose type the body names.
func (b *bench) create(body string) *fhir.Resource {
	b.Helper()
	return b.must(b.Engine.Create(b.ctx, typeOf(b, body), interaction.Write{Body: []byte(body)})).Resource
}

// update updates a resource, whose type and id the body names.
func (b *bench) update(body string) *fhir.Resource {
	b.Helper()
	k := fhir.Key{Type: typeOf(b, body), ID: text(b, []byte(body), "id")}
	return b.must(b.Engine.Update(b.ctx, k, interaction.Write{Body: []byte(body)})).Resource
}

func (b *bench) must(r *interaction.Result, err error) *interaction.Result {
	b.Helper()
	if err != nil {
		b.Fatalf("%v\n%+v", err, errors.Unwrap(err))
	}
	return r
}

// total gives how many resources a search finds.
func (b *bench) total(typ, query string) int {
	b.Helper()
	body, err := b.Search(b.ctx, typ, query+"&_summary=count", interaction.SearchOptions{})
	if err != nil {
		b.Fatalf("search %s?%s: %v", typ, query, err)
	}
	var bundle struct{ Total int }
	decode(b, body, &bundle)
	return bundle.Total
}

// bundle performs a Bundle that must go well.
func (b *bench) bundle(body string, o interaction.BundleOptions) bundle {
	b.Helper()
	answer, err := b.Bundle(b.ctx, []byte(body), o)
	if err != nil {
		b.Fatalf("bundle: %v", err)
	}
	return bundleOf(b, answer)
}

// deleteOne deletes the first resource that a search finds.
func (b *bench) deleteOne(typ, query string) {
	b.Helper()
	body, err := b.Search(b.ctx, typ, query+"&_count=1", interaction.SearchOptions{})
	if err != nil {
		b.Fatal(err)
	}
	b.must(b.Delete(b.ctx, fhir.Key{Type: typ, ID: text(b, body, "entry", "0", "resource", "id")}, ""))
}

// A bundle is what tests look at in a Bundle.
type bundle struct {
	Type  string
	Total *int
	Link  []struct{ Relation, URL string }
	Entry []struct {
		FullURL  string
		Resource json.RawMessage
		Search   struct{ Mode string }
		Request  struct{ Method, URL string }
		Response struct {
			Status, Location, ETag, LastModified string
			Outcome                              json.RawMessage
		}
	}
}

func bundleOf(tb testing.TB, body []byte) (b bundle) {
	tb.Helper()
	decode(tb, body, &b)
	return b
}

// link gives the URL of a link, "" if there is none.
func (b bundle) link(relation string) string {
	for _, l := range b.Link {
		if l.Relation == relation {
			return l.URL
		}
	}
	return ""
}

// statuses gives the status of each entry.
func (b bundle) statuses() []string {
	var all []string
	for _, e := range b.Entry {
		all = append(all, e.Response.Status)
	}
	return all
}

// key gives the resource that an entry's location names.
func (b bundle) key(i int) fhir.Key {
	parts := strings.Split(b.Entry[i].Response.Location, "/")
	return fhir.Key{Type: parts[0], ID: parts[1]}
}

func decode(tb testing.TB, body []byte, into any) {
	tb.Helper()
	if err := json.Unmarshal(body, into); err != nil {
		tb.Fatalf("not JSON: %v\n%s", err, body)
	}
}

func typeOf(tb testing.TB, body string) string { return text(tb, []byte(body), "resourceType") }

// text gives the text at a path of member names; numbers index arrays.
func text(tb testing.TB, body []byte, path ...string) string {
	tb.Helper()
	doc, err := fhir.Parse(body)
	if err != nil {
		tb.Fatalf("%v\n%s", err, body)
	}
	n := doc.Root()
	for _, name := range path {
		if n.Kind() == fhir.KindArray {
			var i int
			fmt.Sscan(name, &i)
			for n = n.First(); i > 0; i-- {
				n = n.Next()
			}
			continue
		}
		n = n.Get(name)
	}
	return n.Text()
}

// said gives the first issue of an error: "412 conflict version-conflict Patient.id".
func said(err error) string {
	if err == nil {
		return "200"
	}
	var o *fhir.Outcome
	if !errors.As(err, &o) {
		return "no Outcome: " + err.Error()
	}
	i := o.Issues[0]
	return strings.Join(strings.Fields(fmt.Sprintf("%d %s %s %s", interaction.Status(err), i.Code, i.Detail, i.Expression)), " ")
}
