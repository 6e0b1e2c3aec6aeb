package nation_test

import (
	"bytes"
	"context"
	"fmt"
	"runtime"
	"strconv"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"bima/cmd/bima/house"
	"bima/fhir"
	"bima/fhir/interaction"
	"bima/fhir/search"
	"bima/profiles"
	"bima/storage"
	"bima/testdata/nation"
)

const base = "http://localhost/fhir"

// A filled is a server over a database that holds a drawn scheme, and some of
// what is in it to ask for.
type filled struct {
	Resources int
	Patients  []asked // some of the patients
	Begun     time.Time
	Took      time.Duration // to load

	dsn      string
	store    *storage.Store
	engine   *interaction.Engine
	registry *search.Registry
}

// asked is what one patient can be found by.
type asked struct{ ID, Number, Family, Given, Born string }

// together is how many resources one transaction stores.
const together = 1000

// open opens a database as the server would.
func open(b *testing.B, dsn string) *filled {
	b.Helper()
	ctx := context.Background()
	store, err := storage.Open(ctx, dsn, storage.Options{StatementTimeout: 10 * time.Minute})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := store.Close(); err != nil {
			b.Error(err)
		}
	})
	f := &filled{dsn: dsn, store: store}
	if f.registry, err = house.Search(base, time.UTC, profiles.Definitions()); err != nil {
		b.Fatal(err)
	}
	if f.engine, err = house.Engine(ctx, store, house.Plan{Base: base}, house.Modules(base)...); err != nil {
		b.Fatal(err)
	}
	return f
}

// fill draws a scheme straight into the database: each version with its index, as
// the server would write it, but nothing decided.
func (f *filled) fill(b *testing.B, d database, persons int) {
	b.Helper()
	f.Begun = time.Now().UTC()
	if err := f.load(context.Background(), persons); err != nil {
		b.Fatal(err)
	}
	f.Took = time.Since(f.Begun)
	d.tidy(b, f.dsn)
}

func (f *filled) load(ctx context.Context, persons int) error {
	lines, ready := make(chan []*fhir.Resource, 2), make(chan []fhir.Version, 2)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		defer close(lines)
		return f.draw(ctx, persons, lines)
	})
	var extracting errgroup.Group
	for range runtime.GOMAXPROCS(0) {
		extracting.Go(func() error {
			for batch := range lines {
				versions := make([]fhir.Version, len(batch))
				for i, r := range batch {
					doc, err := fhir.Parse(r.Body)
					if err != nil {
						return err
					}
					versions[i] = fhir.Version{Resource: r, Index: f.registry.Extract(doc.Root())}
					doc.Release()
				}
				ready <- versions
			}
			return nil
		})
	}
	group.Go(func() error {
		defer close(ready)
		return extracting.Wait()
	})
	group.Go(func() error {
		for versions := range ready {
			if err := f.store.Update(ctx, func(w fhir.Writer) error { return put(w, versions) }); err != nil {
				return err
			}
			f.Resources += len(versions)
		}
		return nil
	})
	return group.Wait()
}

func put(w fhir.Writer, versions []fhir.Version) error {
	for _, v := range versions {
		v.Resource.Updated = w.Now()
		if err := w.Put(v); err != nil {
			return err
		}
	}
	return nil
}

// draw gives the drawn resources in batches, and keeps what to ask for.
func (f *filled) draw(ctx context.Context, persons int, lines chan<- []*fhir.Resource) error {
	var batch []*fhir.Resource
	send := func() error {
		select {
		case lines <- batch:
			batch = nil
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	drawn := 0
	err := nation.Generate(nation.Options{Persons: persons, Seed: 1}, func(typ string, line []byte) error {
		if typ == "Patient" {
			if drawn++; drawn%(persons/1000+1) == 0 {
				f.Patients = append(f.Patients, asked{
					ID: between(line, `"id":"`), Number: between(line, `/insurance-number","value":"`),
					Family: between(line, `"family":"`), Given: between(line, `"given":["`), Born: between(line, `"birthDate":"`),
				})
			}
		}
		id := between(line, `"id":"`)
		meta := `{"meta":{"versionId":"1","lastUpdated":"2026-11-22T08:00:00.000Z"},`
		batch = append(batch, &fhir.Resource{
			Key: fhir.Key{Type: typ, ID: id}, Version: 1, Method: fhir.MethodUpdate,
			Body: append([]byte(meta), bytes.TrimPrefix(line, []byte("{"))...),
		})
		if len(batch) < together {
			return nil
		}
		return send()
	})
	if err != nil || len(batch) == 0 {
		return err
	}
	return send()
}

// sizes reads how many persons the schemes have that are searched.
func sizes(b *testing.B, setting string) (persons []int) {
	b.Helper()
	for text := range bytes.SplitSeq([]byte(setting), []byte(",")) {
		n, err := strconv.Atoi(string(text))
		if err != nil {
			b.Fatalf("BIMA_BENCH_PERSONS: %v", err)
		}
		persons = append(persons, n)
	}
	return persons
}

// named writes a number of resources as people say it: "100k", "1M".
func named(resources int) string {
	if resources >= 950_000 {
		return fmt.Sprintf("%.1fM", float64(resources)/1e6)
	}
	return fmt.Sprintf("%dk", (resources+500)/1000)
}
