package stored_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"bima/fhir"
	"bima/fhir/interaction"
	"bima/fhir/profile/stored"
	"bima/fhir/search"
	"bima/fhir/terminology"
	"bima/storage"
	"bima/storage/storagetest"
)

// A coder is a process that asks Codes.
type coder struct {
	*process
	codes *stored.Codes
}

// coding starts a process that answers by the stored value sets.
func coding(t *testing.T, store *storage.Store) *coder {
	t.Helper()
	registry, err := search.New(base, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	c := &coder{&process{t: t, ctx: fhir.WithCaller(t.Context(), fhir.Developer()), store: store}, stored.NewCodes(store, terminology.New(terminology.Options{}), false, nil)}
	c.engine, err = interaction.New(interaction.Config{Store: store, Search: registry, Base: base, Modules: []fhir.Module{c.codes.Module()}})
	if err != nil {
		t.Fatal(err)
	}
	watching, stop := context.WithCancel(c.ctx)
	var group sync.WaitGroup
	group.Go(func() { _ = c.codes.Watch(watching) })
	c.end = sync.OnceFunc(func() { stop(); group.Wait() })
	t.Cleanup(c.end)
	return c
}

func (c *coder) has(valueSet, code string) string {
	has, known := c.codes.Has(valueSet, "urn:s", code)
	return map[[2]bool]string{{true, true}: "in", {false, true}: "out", {false, false}: "untold"}[[2]bool{has, known}]
}

func listing(code string) string {
	return `{"resourceType":"ValueSet","id":"v","url":"urn:v","status":"active","compose":{"include":[{"system":"urn:s","concept":[{"code":"` + code + `"}]}]}}`
}

func TestCodesFollowWhatIsStored(t *testing.T) {
	onEach(t, func(t *testing.T, dsn string) {
		store := open(t, dsn)
		other := store
		if !strings.HasPrefix(dsn, "sqlite:") {
			other = open(t, dsn)
		}
		here, there := coding(t, store), coding(t, other)
		at := func(what, a, b string) {
			t.Helper()
			if got := here.has("urn:v", "a") + " " + here.has("urn:v", "b"); got != a+" "+b {
				t.Errorf("%s: who stored it says %s, want %s %s", what, got, a, b)
			}
			const most = 10 * time.Second
			got := ""
			for end := time.Now().Add(most); time.Now().Before(end); <-time.After(50 * time.Millisecond) {
				if got = there.has("urn:v", "a") + " " + there.has("urn:v", "b"); got == a+" "+b {
					return
				}
			}
			t.Errorf("%s: after %s another process says %s, want %s %s", what, most, got, a, b)
		}
		at("nothing is stored", "untold", "untold")
		here.mustPut(listing("a"))
		at("a value set", "in", "out")
		here.mustPut(listing("b"))
		at("it is changed", "out", "in")
		here.mustPut(`{"resourceType":"ValueSet","id":"v","url":"urn:v","status":"active","compose":{"include":[{"system":"urn:s","filter":[{"property":"concept","op":"is-a","value":"b"}]}]}}`)
		at("it needs the code system", "untold", "untold")
		here.mustPut(`{"resourceType":"CodeSystem","id":"s","url":"urn:s","status":"active","content":"complete","concept":[{"code":"a"},{"code":"b"}]}`)
		at("which comes", "out", "in")
		if _, err := here.engine.Delete(here.ctx, fhir.Key{Type: "ValueSet", ID: "v"}, ""); err != nil {
			t.Fatal(err)
		}
		at("it is deleted", "untold", "untold")
	})
}

// A question is asked of the database once, and again where something changed.
func TestCodesAskOnce(t *testing.T) {
	c := coding(t, open(t, storagetest.Postgres(t)))
	c.end() // who watches asks, too
	c.mustPut(listing("a"))
	trips := func() int { return int(c.store.Stats(c.ctx)["bima_database_round_trips_total"]) }
	before := trips()
	own := trips() - before // of asking for the figure
	asks := func(code, want string) bool {
		t.Helper()
		before := trips()
		if got := c.has("urn:v", code); got != want {
			t.Errorf("%.20s is %s, want %s", code, got, want)
		}
		return trips()-before > own
	}
	long := strings.Repeat("x", 2000)
	for _, step := range []struct {
		what, code, want string
		asks             bool
	}{
		{"the first time", "a", "in", true},
		{"the second", "a", "in", false},
		{"another code", "b", "out", true},
		{"which is known, too", "b", "out", false},
		{"what is too long to be kept", long, "out", true},
		{"is asked again", long, "out", true},
	} {
		if got := asks(step.code, step.want); got != step.asks {
			t.Errorf("%s: the database is asked: %v, want %v", step.what, got, step.asks)
		}
	}
	c.mustPut(listing("b"))
	if !asks("a", "out") || !asks("b", "in") {
		t.Error("after a change nobody is asked")
	}
	for i := range 10_001 { // the room for answers
		c.codes.Has("urn:nobody", "", fmt.Sprint(i))
	}
	if !asks("a", "out") {
		t.Error("answers are kept without bound")
	}
}

// Where all connections are taken it can't be told, and nobody waits for ever.
func TestCodesDoNotWaitForEver(t *testing.T) {
	store, err := storage.Open(t.Context(), storagetest.Postgres(t), storage.Options{Connections: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	c := coding(t, store)
	c.end()
	c.mustPut(listing("a"))
	var inside, done sync.WaitGroup
	release := make(chan struct{})
	for range 2 {
		inside.Add(1)
		done.Go(func() {
			_ = store.View(c.ctx, func(r fhir.Reader) error {
				_, err := r.Search(&fhir.Query{Types: []string{"Patient"}, Limit: 1})
				inside.Done()
				<-release
				return err
			})
		})
	}
	inside.Wait()
	start := time.Now()
	if got := c.has("urn:v", "a"); got != "untold" || time.Since(start) > time.Minute {
		t.Errorf("it is %s after %s", got, time.Since(start))
	}
	close(release)
	done.Wait()
	if got := c.has("urn:v", "a"); got != "in" {
		t.Errorf("with connections it is %s", got)
	}
}
