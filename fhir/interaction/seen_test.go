package interaction_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"bima/fhir"
	"bima/fhir/interaction"
	"bima/storage/storagetest"
)

var counter = fhir.Key{Type: "Basic", ID: "counter"}

// A counting module counts in a Basic: $count reads it in one of the ways there are,
// lets meanwhile run, and writes what follows from what it read.
func counting(meanwhile func()) fhir.Module {
	reads := map[string]func(tx fhir.Tx) ([]*fhir.Resource, error){
		"Read": func(tx fhir.Tx) ([]*fhir.Resource, error) {
			r, err := tx.Read(counter)
			return []*fhir.Resource{r}, err
		},
		"ReadMany": func(tx fhir.Tx) ([]*fhir.Resource, error) { return tx.ReadMany([]fhir.Key{counter}) },
		"Search": func(tx fhir.Tx) ([]*fhir.Resource, error) {
			page, err := tx.Search(&fhir.Query{Types: []string{"Basic"}, Limit: 1, Where: fhir.IDs{counter.ID}})
			if err != nil {
				return nil, err
			}
			return page.Resources, nil
		},
	}
	return fhir.Module{Name: "counting", Operations: []fhir.Operation{{
		Code: "count", Types: []string{"Basic"}, Type: true, Affects: true, Definition: "https://example.org/count",
		Handle: func(ctx context.Context, s fhir.Server, _ fhir.Key, in *fhir.Resource) (*fhir.Response, error) {
			return nil, s.Commit(ctx, func(tx fhir.Tx) error {
				for name, read := range reads {
					if !strings.Contains(string(in.Body), `"`+name+`"`) {
						continue
					}
					found, err := read(tx)
					if err != nil {
						return err
					}
					if meanwhile != nil {
						meanwhile()
					}
					_, err = tx.Update(&fhir.Resource{Key: counter, Body: count(countOf(found[0]) + 1)}, 0)
					return err
				}
				return nil
			})
		},
	}}}
}

func count(n int) []byte {
	return fmt.Appendf(nil, `{"resourceType":"Basic","id":"counter","code":{"text":"%d"}}`, n)
}

func countOf(r *fhir.Resource) int {
	doc, err := fhir.Parse(r.Body)
	if err != nil {
		return 0
	}
	n, _ := strconv.Atoi(doc.Root().At("code", "text").Text())
	return n
}

func (b *bench) counts(way string) error {
	_, err := b.Call(b.ctx, "count", fhir.Key{Type: "Basic"}, "", []byte(`{"resourceType":"Parameters","parameter":[{"name":"way","valueString":"`+way+`"}]}`), false)
	return err
}

func (b *bench) count() int {
	b.Helper()
	r, err := b.Read(b.ctx, counter)
	if err != nil {
		b.Fatal(err)
	}
	return countOf(r)
}

var ways = []string{"Read", "ReadMany", "Search"}

// Whoever is told that he counted has counted, however many count at once.
func TestNobodysCountIsLost(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		b.update(string(count(0)))
		var counted atomic.Int32
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() {
				for range 5 {
					switch err := b.counts(ways[i%len(ways)]); {
					case err == nil:
						counted.Add(1)
					case !fhir.HasIssue(err, fhir.IssueConflict):
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		if got := b.count(); got != int(counted.Load()) || got == 0 {
			t.Errorf("%d have counted, and the count is %d", counted.Load(), got)
		}
	}, counting(nil))
}

// On PostgreSQL somebody may write between what a module reads and what it writes:
// it then reads again. What a client puts whole is written over what there is.
func TestAModuleReadsAgain(t *testing.T) {
	for _, way := range ways {
		t.Run(way, func(t *testing.T) {
			var b *bench
			var attempts int
			var meanwhile func()
			b = newBench(t, storagetest.Postgres(t), counting(func() { meanwhile() }))
			b.update(string(count(0)))
			meanwhile = func() {
				if attempts++; attempts == 1 {
					b.update(string(count(10)))
				}
			}
			if err := b.counts(way); err != nil {
				t.Fatal(err)
			}
			if got := b.count(); got != 11 || attempts != 2 {
				t.Errorf("the count is %d after %d attempts, want 11 after 2", got, attempts)
			}
			// Where somebody always is faster it is told so, and nothing is lost.
			meanwhile = func() { attempts++; b.update(string(count(100 + attempts))) }
			if err := b.counts(way); interaction.Status(err) != 409 || attempts != 7 {
				t.Errorf("after %d attempts got %v, want 409 after 7", attempts, err)
			}
			if got := b.count(); got != 107 {
				t.Errorf("the count is %d, want 107", got)
			}
		})
	}
}
