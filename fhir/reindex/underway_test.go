package reindex_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"bima/fhir"
	"bima/fhir/reindex"
	"bima/storage"
	"bima/storage/storagetest"
)

// A gate holds up what comes to it for the first time.
type gate struct{ reached, open chan struct{} }

func newGate() *gate { return &gate{make(chan struct{}), make(chan struct{})} }

func (g *gate) pass() {
	select {
	case <-g.open:
	case g.reached <- struct{}{}:
		<-g.open
	}
}

// slow is a module by which a Patient of the family "slow" waits at one gate before
// its transaction and at another in it.
func slow(before, in *gate) fhir.Module {
	isSlow := func(body []byte) bool { return strings.Contains(string(body), `"family":"slow"`) }
	return fhir.Module{
		Name: "slow",
		Screens: []fhir.Screen{{Types: []string{"Patient"}, Look: func(_ context.Context, n fhir.Node) error {
			if before != nil && isSlow(n.Raw()) {
				before.pass()
			}
			return nil
		}}},
		Reactions: []fhir.Reaction{{Name: "slow", Types: []string{"Patient"}, React: func(_ context.Context, _ fhir.Tx, changes []fhir.Change) error {
			if in != nil && isSlow(changes[0].After.Body) {
				in.pass()
			}
			return nil
		}}},
	}
}

// itself makes the index through the store as it is.
func itself(s *storage.Store) reindex.Store { return s }

const slowPatient = `{"resourceType":"Patient","id":"slow","name":[{"family":"slow"}],"extension":[{"url":"urn:eyes","valueCode":"brown"}]}`

// TestWhatIsUnderWayIsIndexed: what began before a SearchParameter was in force, and
// is committed after all there was is indexed by it, is found by it, too.
func TestWhatIsUnderWayIsIndexed(t *testing.T) {
	onEach(t, func(t *testing.T, dsn string) {
		wait := newGate()
		p := startBeside(t, dsn, reindex.Options{Alone: true}, itself, []fhir.Module{slow(wait, nil)})
		p.mustPut(patient("a", "brown", "grey"))
		p.mustPut(`{"resourceType":"Patient","id":"slow","extension":[{"url":"urn:eyes","valueCode":"green"}]}`)
		ended := make(chan error, 1)
		go func() { ended <- p.put(slowPatient) }()
		<-wait.reached
		p.mustPut(parameter("eyes", "active", "eyes", "urn:eyes"))
		p.work()
		p.finds("eyes=brown", "a")
		p.finds("eyes=green", "slow")
		close(wait.open)
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		p.finds("eyes=brown", "a slow")
		p.finds("eyes=green", "")
	})
}

// TestWhoWritesIsWaitedFor: while a transaction writes that may have indexed by the
// parameters there were, nobody says that the index is complete. On SQLite nobody
// else writes then, and the SearchParameter waits, too.
func TestWhoWritesIsWaitedFor(t *testing.T) {
	dsn := storagetest.Postgres(t)
	wait := newGate()
	p := startBeside(t, dsn, reindex.Options{Alone: true}, itself, []fhir.Module{slow(nil, wait)})
	p.mustPut(patient("a", "brown", "grey"))
	ended := make(chan error, 1)
	go func() { ended <- p.put(slowPatient) }()
	<-wait.reached
	p.mustPut(parameter("eyes", "active", "eyes", "urn:eyes"))
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); { // two jobs, each of its whole time
		if err := p.worker.Work(p.ctx, p.engine, nil); err != nil {
			t.Fatal(err)
		}
		p.refused("eyes=brown", fhir.IssueIncomplete)
	}
	close(wait.open)
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	p.work()
	p.finds("eyes=brown", "a slow")
}

// A heldStore holds up the last page of the first task, when it is indexed for the
// first time, and those of hair.
type heldStore struct {
	*storage.Store
	pages      *atomic.Int32
	last, hair *gate
}

func (s heldStore) Reindex(ctx context.Context, p fhir.ReindexPage, extract func(*fhir.Resource) (*fhir.Index, error)) (*fhir.Reindexed, error) {
	if s.pages.Add(1) == 4 { // twice all there is, and each time that there is no more
		s.last.pass()
	}
	if slices.Contains(p.Codes, "hair") {
		s.hair.pass()
	}
	return s.Store.Reindex(ctx, p, extract)
}

// TestTwoJobsAreNoTwoWorkers: of two jobs of one process, none takes for its own the
// task that the other has come to, which would be given up unfinished.
func TestTwoJobsAreNoTwoWorkers(t *testing.T) {
	onEach(t, func(t *testing.T, dsn string) {
		last, hair := newGate(), newGate()
		p := start(t, dsn, reindex.Options{Alone: true}, func(s *storage.Store) reindex.Store {
			return heldStore{s, new(atomic.Int32), last, hair}
		})
		p.mustPut(patient("a", "brown", "grey"), patient("b", "brown", "red"))
		p.mustPut(parameter("eyes", "active", "eyes", "urn:eyes"))
		one, two := make(chan error, 1), make(chan error, 1)
		go func() { one <- p.worker.Work(p.ctx, p.engine, nil) }()
		<-last.reached
		p.mustPut(parameter("hair", "active", "hair", "urn:hair"))
		go func() { two <- p.worker.Work(p.ctx, p.engine, nil) }()
		select {
		case err := <-two:
			if err != nil {
				t.Error(err)
			}
			close(hair.open)
			close(last.open)
		case <-hair.reached: // the second job has ended the task that the first is at
			close(last.open)
			if err := <-one; err != nil {
				t.Error(err)
			}
			close(hair.open)
			one = two
		}
		if err := <-one; err != nil {
			t.Fatal(err)
		}
		p.work()
		p.finds("eyes=brown", "a b")
		p.finds("hair=red", "b")
	})
}

// TestASearchGoesByWhatItSees: what one transaction has read of the parameters that
// are being built holds for none that sees the index at another time.
func TestASearchGoesByWhatItSees(t *testing.T) {
	onEach(t, func(t *testing.T, dsn string) {
		p := begin(t, dsn)
		p.mustPut(patient("a", "brown", "grey"))
		search := func(r fhir.Reader) error {
			_, err := r.Search(&fhir.Query{Types: []string{"Patient"}, Limit: 10, Where: fhir.Match{
				Param: fhir.Param{Code: "eyes", Kind: fhir.ParamToken}, Value: fhir.TokenValue{Code: "brown", AnySystem: true},
			}})
			return err
		}
		other := func(r fhir.Reader) error {
			_, err := r.Search(&fhir.Query{Types: []string{"Patient"}, Limit: 1})
			return err
		}
		err := p.store.View(p.ctx, func(early fhir.Reader) error {
			if err := other(early); err != nil { // its snapshot is of now
				return err
			}
			p.mustPut(parameter("eyes", "active", "eyes", "urn:eyes"))
			if err := search(early); !fhir.HasIssue(err, fhir.IssueIncomplete) {
				t.Errorf("of a snapshot before the parameter: %v", err)
			}
			p.refused("eyes=brown", fhir.IssueIncomplete)
			return p.store.View(p.ctx, func(building fhir.Reader) error {
				if err := other(building); err != nil {
					return err
				}
				p.work()
				p.finds("eyes=brown", "a")
				if err := search(early); !fhir.HasIssue(err, fhir.IssueIncomplete) {
					t.Errorf("of a snapshot before the parameter, when it is built: %v", err)
				}
				if err := search(building); !fhir.HasIssue(err, fhir.IssueIncomplete) {
					t.Errorf("of a snapshot before it was built: %v", err)
				}
				return nil
			})
		})
		if err != nil {
			t.Fatal(err, errors.Unwrap(err))
		}
	})
}
