package storage

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bima/fhir"
)

func TestIDs(t *testing.T) {
	t.Run("an id tells its millisecond", func(t *testing.T) {
		s := newIDSource()
		for _, at := range []time.Time{
			time.Date(2026, 11, 22, 2, 41, 41, 123e6, time.UTC),
			time.Date(1999, 1, 1, 0, 0, 0, 1e6, time.UTC),
			time.Date(2080, 1, 1, 0, 0, 0, 0, time.UTC),
		} {
			if got := idTime(s.next(at)); !got.Equal(at) {
				t.Errorf("got %s, want %s", got, at)
			}
		}
	})
	t.Run("ids differ within a millisecond", func(t *testing.T) {
		s, at := newIDSource(), time.Now()
		seen := map[int64]bool{}
		for range 100_000 {
			seen[s.next(at)] = true
		}
		if len(seen) != 100_000 {
			t.Errorf("%d of 100,000", len(seen))
		}
	})
	t.Run("a time is turned into the first id at or after it", func(t *testing.T) {
		at := time.Date(2026, 1, 1, 0, 0, 0, 5e6, time.UTC)
		for micros, want := range map[int64]int64{
			at.UnixMicro():      idAt(at),
			at.UnixMicro() - 1:  idAt(at),
			at.UnixMicro() + 1:  idAt(at.Add(time.Millisecond)),
			math.MinInt64:       -(1<<41 - 1) << idCounterBits,
			math.MaxInt64 - 999: (1<<41 - 1) << idCounterBits,
		} {
			if got := idFrom(micros); got != want {
				t.Errorf("%d: got %d, want %d", micros, got, want)
			}
		}
	})
}

func TestPaths(t *testing.T) {
	for uri, want := range map[string][]string{
		"http://a/b/c": {"http://a/b/c", "http://a/b/", "http://a/b", "http://a/", "http://a"},
		"http://a/":    {"http://a/", "http://a"},
		"urn:oid:1":    {"urn:oid:1"},
		"":             {""},
	} {
		if got := paths(uri); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", uri, got, want)
		}
	}
}

func TestDifference(t *testing.T) {
	for _, size := range []int{3, 100} {
		var before, after []int
		for i := range size {
			before = append(before, i, i)
			after = append(after, i+1, i+1)
		}
		added, gone := difference(before, after)
		if !cmp.Equal(added, []int{size}) || !cmp.Equal(gone, []int{0}) {
			t.Errorf("of %d: added %v, gone %v", size, added, gone)
		}
	}
}

func FuzzCursor(f *testing.F) {
	f.Add(cursor{hash: 1, bound: 2, rid: 3, back: true, values: []any{nil, int64(-4), 5.5, "sechs"}}.String())
	f.Add("")
	f.Add("AQEqy6fVaG9uKgyot15MYZMnDKi3XkvhkyUDAm430pboMc7D-GI")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := parseCursor(text, 1)
		if err != nil {
			if !fhir.HasIssue(err, fhir.IssueValue) {
				t.Errorf("got %v", err)
			}
			return
		}
		if again, err := parseCursor(c.String(), 1); err != nil || !cmp.Equal(again.values, c.values) && len(c.values) > 0 {
			t.Errorf("%v came back as %v, %v", c, again, err)
		}
	})
}
