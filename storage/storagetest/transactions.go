package storagetest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bima/fhir"
)

func ledgers(t *testing.T, open func(t *testing.T) fhir.Store) {
	f := fixture{t, open(t)}
	c1, c2 := key("Claim/c1"), key("Claim/c2")
	f.update(func(w fhir.Writer) error {
		return errors.Join(
			w.Post(c1, []fhir.Entry{
				{Account: "Contract/a", Bucket: "ceiling", Day: 10, Value: 100},
				{Account: "Contract/a", Bucket: "ceiling", Day: 12, Value: 20},
				{Account: "Contract/a", Bucket: "deductible", Day: 10, Value: -5},
				{Account: "Contract/b", Bucket: "ceiling", Day: 10, Value: 7},
			}),
			w.Post(c2, []fhir.Entry{{Account: "Contract/a", Bucket: "ceiling", Day: 20, Value: 1}}),
		)
	})
	f.update(func(w fhir.Writer) error {
		c3, entry := key("Claim/c3"), fhir.Entry{Account: "Contract/c", Bucket: "ceiling", Day: 1, Value: 3}
		created := fhir.Version{Resource: &fhir.Resource{Key: c3, Version: 1, Updated: w.Now(), Method: fhir.MethodCreate, Body: []byte(`{"resourceType":"Claim"}`)}}
		other := entry
		other.Value = 8
		return errors.Join(w.Post(c3, []fhir.Entry{entry}), w.Put(created), w.Post(c3, []fhir.Entry{entry, entry}), w.Post(c3, []fhir.Entry{other}))
	})
	tally := func(name string, question fhir.Tally, want ...fhir.Balance) {
		t.Run(name, func(t *testing.T) {
			fixture{t, f.store}.view(func(r fhir.Reader) error {
				got, err := r.Tally(question)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("-want +got\n%s", diff)
				}
				return err
			})
		})
	}
	a := []string{"Contract/a"}
	deductible := fhir.Balance{Account: "Contract/a", Bucket: "deductible", Value: -5, LastDay: 10}
	tally("buckets are summed over all time", fhir.Tally{Accounts: a},
		fhir.Balance{Account: "Contract/a", Bucket: "ceiling", Value: 121, LastDay: 20}, deductible)
	tally("the first day counts and the last does not", fhir.Tally{Accounts: a, From: 12, To: 20},
		fhir.Balance{Account: "Contract/a", Bucket: "ceiling", Value: 20, LastDay: 12})
	tally("a source may be left out", fhir.Tally{Accounts: a, Except: c2},
		fhir.Balance{Account: "Contract/a", Bucket: "ceiling", Value: 120, LastDay: 12}, deductible)
	apart := func(bucket string, source fhir.Key, day int32, value int64) fhir.Balance {
		return fhir.Balance{Account: "Contract/a", Bucket: bucket, Source: source, LastDay: day, Value: value}
	}
	tally("sources and days may be told apart", fhir.Tally{Accounts: a, Apart: true, From: 10, To: 20},
		apart("ceiling", c1, 10, 100), apart("ceiling", c1, 12, 20), apart("deductible", c1, 10, -5))
	tally("also those of all time but one source", fhir.Tally{Accounts: a, Apart: true, Except: c1}, apart("ceiling", c2, 20, 1))
	tally("accounts asked twice count once", fhir.Tally{Accounts: []string{"Contract/b", "Contract/b", "Contract/none"}},
		fhir.Balance{Account: "Contract/b", Bucket: "ceiling", Value: 7, LastDay: 10})
	tally("what a transaction posts last counts, also of what it created", fhir.Tally{Accounts: []string{"Contract/c"}},
		fhir.Balance{Account: "Contract/c", Bucket: "ceiling", Value: 8, LastDay: 1})
	tally("no accounts have nothing", fhir.Tally{})
	f.update(func(w fhir.Writer) error {
		return w.Post(c1, []fhir.Entry{{Account: "Contract/a", Bucket: "ceiling", Day: 11, Value: 50}})
	})
	tally("posting again replaces the source's entries", fhir.Tally{Accounts: []string{"Contract/a", "Contract/b"}},
		fhir.Balance{Account: "Contract/a", Bucket: "ceiling", Value: 51, LastDay: 20})
}

func races(t *testing.T, open func(t *testing.T) fhir.Store) {
	t.Run("many racing the same conditional create make one resource", func(t *testing.T) {
		f := fixture{t, open(t)}
		const racers = 16
		var made atomic.Int32
		race(racers, func(i int) {
			created := false
			err := f.store.Update(context.Background(), func(w fhir.Writer) error {
				created = false
				if err := w.Lock("Patient?identifier=7", "Patient"); err != nil {
					return err
				}
				page, err := w.Search(&fhir.Query{Types: []string{"Patient"}, Where: token("identifier", "7"), Limit: 2})
				if err != nil || len(page.Resources) > 0 {
					return err
				}
				created = true
				return put(w, fmt.Sprintf("Patient/p%d", i), 0, &fhir.Index{Tokens: []fhir.TokenRow{{Param: "identifier", Code: "7"}}}, nil)
			})
			if err != nil {
				t.Errorf("racer %d: %v", i, err)
			} else if created {
				made.Add(1)
			}
		})
		if n := made.Load(); n != 1 {
			t.Errorf("%d were created", n)
		}
		if got := f.found(fhir.Query{Types: []string{"Patient"}}); len(got) != 1 {
			t.Errorf("found %v", got)
		}
	})
	t.Run("of writers racing one version one wins", func(t *testing.T) {
		f := fixture{t, open(t)}
		f.create("Patient/asha", nil)
		one(t, func(int) error {
			return f.store.Update(context.Background(), func(w fhir.Writer) error { return put(w, "Patient/asha", 1, nil, nil) })
		}, fhir.IssueConflict)
	})
	t.Run("of writers racing to create one id one wins", func(t *testing.T) {
		f := fixture{t, open(t)}
		one(t, func(int) error {
			return f.store.Update(context.Background(), func(w fhir.Writer) error { return put(w, "Patient/asha", 0, nil, nil) })
		}, fhir.IssueConflict)
	})
	t.Run("of writers racing for one identifier one wins", func(t *testing.T) {
		f := fixture{t, open(t)}
		index := &fhir.Index{Unique: []fhir.UniqueKey{{Type: "Patient", Name: "urn:card", Value: "7"}}}
		one(t, func(i int) error {
			return f.store.Update(context.Background(), func(w fhir.Writer) error {
				return put(w, fmt.Sprintf("Patient/p%d", i), 0, index, nil)
			})
		}, fhir.IssueDuplicate)
	})
	t.Run("writers that lock in any order all finish", func(t *testing.T) {
		f := fixture{t, open(t)}
		race(8, func(i int) {
			locks := []string{"a", "b", "c"}
			err := f.store.Update(context.Background(), func(w fhir.Writer) error {
				if err := w.Lock(locks[i%3], locks[(i+1)%3]); err != nil {
					return err
				}
				return put(w, fmt.Sprintf("Basic/b%d", i), 0, nil, nil)
			})
			if err != nil {
				t.Error(err)
			}
		})
	})
	t.Run("new types and parameters appear at once in many transactions", func(t *testing.T) {
		f := fixture{t, open(t)}
		race(12, func(i int) {
			f.create(fmt.Sprintf("Type%d/x%d", i%3, i), &fhir.Index{Tokens: []fhir.TokenRow{{Param: fmt.Sprint("p", i%4), Code: "x"}}})
		})
		if got := f.found(fhir.Query{}); len(got) != 12 {
			t.Errorf("found %v", got)
		}
	})
}

// race runs the same at once in many goroutines.
func race(n int, run func(i int)) {
	start := make(chan struct{})
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			<-start
			run(i)
		})
	}
	close(start)
	all.Wait()
}

// one checks that one of many succeeds and the others are refused.
func one(t *testing.T, run func(i int) error, code fhir.IssueType) {
	t.Helper()
	var won atomic.Int32
	race(8, func(i int) {
		err := run(i)
		if err == nil {
			won.Add(1)
			return
		}
		refused(t, "the loser", err, code)
	})
	if n := won.Load(); n != 1 {
		t.Errorf("%d won", n)
	}
}

func failures(t *testing.T, open func(t *testing.T) fhir.Store) {
	f := fixture{t, open(t)}
	index := &fhir.Index{Tokens: []fhir.TokenRow{{Param: "status", Code: "active"}}}
	empty := func(t *testing.T) {
		t.Helper()
		g := fixture{t, f.store}
		same(t, "found", g.found(fhir.Query{}), nil)
		same(t, "found by status", g.found(fhir.Query{Where: token("status", "active")}), nil)
		g.view(func(r fhir.Reader) error {
			got, err := r.Tally(fhir.Tally{Accounts: []string{"a"}})
			if len(got) != 0 {
				t.Errorf("ledger: %v", got)
			}
			return err
		})
	}
	some := func(w fhir.Writer) error {
		return errors.Join(
			put(w, "Basic/b", 0, index, nil),
			w.Post(key("Basic/b"), []fhir.Entry{{Account: "a", Bucket: "b", Value: 1}}),
			w.Enqueue(fhir.Job{Kind: "never", Unique: "x"}),
		)
	}
	t.Run("what a closure refuses leaves nothing", func(t *testing.T) {
		want := fhir.Errorf(fhir.IssueBusinessRule, "", "no")
		err := f.store.Update(context.Background(), func(w fhir.Writer) error { return errors.Join(some(w), want) })
		if !errors.Is(err, error(want)) {
			t.Errorf("got %v", err)
		}
		empty(t)
	})
	t.Run("a panic leaves nothing and ends nothing else", func(t *testing.T) {
		err := f.store.Update(context.Background(), func(w fhir.Writer) error {
			_ = some(w)
			panic("of the test")
		})
		refused(t, "Update", err, fhir.IssueException)
		refused(t, "View", f.store.View(context.Background(), func(fhir.Reader) error { panic("of the test") }), fhir.IssueException)
		empty(t)
	})
	t.Run("a Put that failed can't be committed", func(t *testing.T) {
		err := f.store.Update(context.Background(), func(w fhir.Writer) error {
			_ = some(w)
			_ = put(w, "Basic/b", 7, nil, nil)
			return nil
		})
		refused(t, "Update", err, fhir.IssueConflict)
		empty(t)
	})
	t.Run("a goroutine that ends within leaves nothing", func(t *testing.T) {
		done := make(chan struct{})
		go func() {
			defer close(done)
			_ = f.store.Update(context.Background(), func(w fhir.Writer) error {
				_ = some(w)
				runtime.Goexit()
				return nil
			})
		}()
		<-done
		empty(t)
	})
	t.Run("a context that ends stops the transaction", func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		err := f.store.Update(ctx, func(w fhir.Writer) error {
			err := some(w)
			cancel()
			return errors.Join(err, put(w, "Basic/c", 0, nil, nil))
		})
		refused(t, "Update", err, fhir.IssueTimeout)
		empty(t)
	})
	t.Run("others in the same moment are not touched", func(t *testing.T) {
		g := fixture{t, open(t)}
		race(12, func(i int) {
			_ = g.store.Update(context.Background(), func(w fhir.Writer) error {
				err := put(w, fmt.Sprintf("Basic/b%d", i), 0, index, nil)
				switch i % 3 {
				case 0:
					return errors.Join(err, errors.New("no"))
				case 1:
					panic("of the test")
				}
				return err
			})
		})
		if got := g.found(fhir.Query{Where: token("status", "active")}); len(got) != 4 {
			t.Errorf("found %v", got)
		}
	})
}

// worker is a Store that also works jobs.
type worker interface {
	Work(ctx context.Context, server fhir.Server, workers []fhir.Worker) error
}

func jobs(t *testing.T, open func(t *testing.T) fhir.Store) {
	f := fixture{t, open(t)}
	w, ok := f.store.(worker)
	if !ok {
		t.Fatal("the store works no jobs")
	}
	f.update(func(w fhir.Writer) error {
		return errors.Join(
			w.Enqueue(fhir.Job{Kind: "note", Args: []byte(`"first"`)}),
			w.Enqueue(fhir.Job{Kind: "note", Args: []byte(`"second"`), Unique: "one"}),
			w.Enqueue(fhir.Job{Kind: "note", Args: []byte(`"twice"`), Unique: "one"}),
			w.Enqueue(fhir.Job{Kind: "panics"}),
		)
	})
	_ = f.store.Update(context.Background(), func(w fhir.Writer) error {
		return errors.Join(w.Enqueue(fhir.Job{Kind: "note", Args: []byte(`"never"`)}), errors.New("rolled back"))
	})
	f.update(func(w fhir.Writer) error {
		return w.Enqueue(fhir.Job{Kind: "note", Args: []byte(`"thrice"`), Unique: "one"})
	})
	noted := make(chan string, 100)
	panicked := make(chan struct{}, 100)
	again := atomic.Bool{}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- w.Work(ctx, nil, []fhir.Worker{
			{Kind: "note", Work: func(ctx context.Context, _ fhir.Server, args []byte) error {
				noted <- string(args)
				if string(args) == `"second"` && again.CompareAndSwap(false, true) {
					// The job runs, so it no longer waits: this one is new.
					return f.store.Update(ctx, func(w fhir.Writer) error {
						return w.Enqueue(fhir.Job{Kind: "note", Args: []byte(`"meanwhile"`), Unique: "one"})
					})
				}
				return nil
			}},
			{Kind: "panics", Work: func(context.Context, fhir.Server, []byte) error {
				panicked <- struct{}{}
				panic("of the test")
			}},
		})
	}()
	got := map[string]int{}
	for range 3 {
		select {
		case note := <-noted:
			got[note]++
		case <-time.After(20 * time.Second):
			t.Fatalf("only %v was worked", got)
		}
	}
	<-panicked
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("Work: %v", err)
	}
	close(noted)
	for note := range noted {
		got[note]++
	}
	if diff := cmp.Diff(map[string]int{`"first"`: 1, `"second"`: 1, `"meanwhile"`: 1}, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
