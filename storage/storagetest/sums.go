package storagetest

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	compare "github.com/google/go-cmp/cmp"

	"bima/fhir"
)

// book is what a ledger should hold: the entries of each source.
type book map[fhir.Key][]fhir.Entry

const (
	bookAccounts, bookBuckets, bookSources = 3, 4, 12
	bookDays                               = 40
	bookRounds                             = 60
)

// tally answers a Tally by reading all entries.
func (b book) tally(t fhir.Tally) []fhir.Balance {
	sums := map[[2]string]fhir.Balance{}
	for source, entries := range b {
		for _, e := range entries {
			if source == t.Except || !slices.Contains(t.Accounts, e.Account) || (t.From != 0 || t.To != 0) && (e.Day < t.From || e.Day >= t.To) {
				continue
			}
			k := [2]string{e.Account, e.Bucket}
			s, known := sums[k]
			if !known || e.Day > s.LastDay {
				s.LastDay = e.Day
			}
			s.Account, s.Bucket, s.Value = e.Account, e.Bucket, s.Value+e.Value
			sums[k] = s
		}
	}
	var out []fhir.Balance
	for _, s := range sums {
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b fhir.Balance) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Bucket, b.Bucket))
	})
	return out
}

// drawn gives entries at random, of days before and after the first one.
func drawn(r *rand.Rand, most int) []fhir.Entry {
	entries := make([]fhir.Entry, r.IntN(most))
	for i := range entries {
		entries[i] = fhir.Entry{
			Account: fmt.Sprintf("sums/%d", r.IntN(bookAccounts)), Bucket: fmt.Sprintf("b%d", r.IntN(bookBuckets)),
			Day: r.Int32N(bookDays) - bookDays/4, Value: r.Int64N(200) - 100,
		}
	}
	return entries
}

func source(n int) fhir.Key { return fhir.Key{Type: "Claim", ID: fmt.Sprintf("sum-%d", n)} }

// ledgerSums holds the sums against the entries, whatever is posted, posted again or
// taken back.
func ledgerSums(t *testing.T, open func(t *testing.T) fhir.Store) {
	f := fixture{t, open(t)}
	r := rand.New(rand.NewPCG(2026, 10))
	held := book{}
	for round := range bookRounds {
		f.update(func(w fhir.Writer) error {
			for range 1 + r.IntN(3) {
				k, entries := source(r.IntN(bookSources)), drawn(r, 30)
				if r.IntN(4) == 0 {
					entries = nil
				}
				if err := w.Post(k, entries); err != nil {
					return err
				}
				held[k] = entries
			}
			f.asks(r, w, held, round) // what a transaction posted counts in it
			return nil
		})
		f.view(func(reader fhir.Reader) error {
			f.asks(r, reader, held, round)
			return nil
		})
	}
	t.Run("posted at once", func(t *testing.T) { postedAtOnce(t, open(t)) })
	t.Run("more buckets than are looked up one by one", func(t *testing.T) { manyBuckets(t, open(t)) })
}

// asks compares answers to Tallies drawn at random.
func (f fixture) asks(r *rand.Rand, reader fhir.Reader, held book, round int) {
	f.Helper()
	for _, t := range []fhir.Tally{
		{}, {From: r.Int32N(bookDays) - bookDays/4, To: r.Int32N(2 * bookDays)}, {From: -bookDays, To: bookDays}, {From: 1, To: 2},
	} {
		t.Accounts = []string{"sums/0", "sums/1", "sums/2", "sums/none"}[r.IntN(3):]
		if r.IntN(2) == 0 {
			t.Except = source(r.IntN(bookSources))
		}
		got, err := reader.Tally(t)
		if diff := compare.Diff(held.tally(t), got); diff != "" || err != nil {
			f.Fatalf("round %d, %+v: %v (-want +got)\n%s", round, t, err, diff)
		}
	}
}

// postedAtOnce has many post to the same buckets, each to his own sources.
func postedAtOnce(t *testing.T, store fhir.Store) {
	const writers = 6
	f := fixture{t, store}
	books := make([]book, writers)
	var all sync.WaitGroup
	for i := range writers {
		all.Go(func() {
			r := rand.New(rand.NewPCG(uint64(i), 1))
			books[i] = book{}
			for range 15 {
				k, entries := source(100*i+r.IntN(4)), drawn(r, 12)
				if err := store.Update(context.Background(), func(w fhir.Writer) error { return w.Post(k, entries) }); err != nil {
					t.Error(err)
					return
				}
				books[i][k] = entries
			}
		})
	}
	all.Wait()
	held := book{}
	for _, b := range books {
		for k, entries := range b {
			held[k] = entries
		}
	}
	f.view(func(r fhir.Reader) error {
		f.asks(rand.New(rand.NewPCG(3, 3)), r, held, 0)
		return nil
	})
}

// manyBuckets asks for some days of an account with hundreds of buckets.
func manyBuckets(t *testing.T, store fhir.Store) {
	f := fixture{t, store}
	held := book{}
	f.update(func(w fhir.Writer) error {
		var entries []fhir.Entry
		for i := range 200 {
			for _, day := range []int32{1, 20} {
				entries = append(entries, fhir.Entry{Account: "sums/0", Bucket: fmt.Sprintf("many-%03d", i), Day: day, Value: int64(i)})
			}
		}
		held[source(0)] = entries
		return w.Post(source(0), entries)
	})
	f.view(func(r fhir.Reader) error {
		for _, t := range []fhir.Tally{{}, {From: 1, To: 20}, {From: 1, To: 21}, {From: 2, To: 20}} {
			t.Accounts = []string{"sums/0"}
			got, err := r.Tally(t)
			if diff := compare.Diff(held.tally(t), got); diff != "" || err != nil {
				f.Errorf("%+v: %v (-want +got)\n%s", t, err, diff)
			}
		}
		return nil
	})
}
