package rowid

import (
	"math"
	"testing"
	"time"
)

func TestIDs(t *testing.T) {
	t.Run("an id tells its millisecond", func(t *testing.T) {
		s := NewSource()
		for _, at := range []time.Time{
			time.Date(2026, 11, 22, 2, 41, 41, 123e6, time.UTC),
			time.Date(1999, 1, 1, 0, 0, 0, 1e6, time.UTC),
			time.Date(2080, 1, 1, 0, 0, 0, 0, time.UTC),
		} {
			if got := Time(s.Next(at)); !got.Equal(at) {
				t.Errorf("got %s, want %s", got, at)
			}
		}
	})
	t.Run("ids differ within a millisecond", func(t *testing.T) {
		s, at := NewSource(), time.Now()
		seen := map[int64]bool{}
		for range 100_000 {
			seen[s.Next(at)] = true
		}
		if len(seen) != 100_000 {
			t.Errorf("%d of 100,000", len(seen))
		}
	})
	t.Run("a time is turned into the first id at or after it", func(t *testing.T) {
		at := time.Date(2026, 1, 1, 0, 0, 0, 5e6, time.UTC)
		for micros, want := range map[int64]int64{
			at.UnixMicro():     At(at),
			at.UnixMicro() - 1: At(at),
			at.UnixMicro() + 1: At(at.Add(time.Millisecond)),
			math.MinInt64:      -(1<<41 - 1) << counterBits,
			math.MaxInt64:      (1<<41 - 1) << counterBits,
		} {
			if got := From(micros); got != want {
				t.Errorf("%d: got %d, want %d", micros, got, want)
			}
		}
		for micros, want := range map[int64]int64{
			at.UnixMicro():     At(at.Add(time.Millisecond)),
			at.UnixMicro() - 1: At(at),
			at.UnixMicro() + 1: At(at.Add(time.Millisecond)),
			math.MinInt64:      -(1<<41 - 1) << counterBits,
			math.MaxInt64:      (1<<41 - 1) << counterBits,
		} {
			if got := After(micros); got != want {
				t.Errorf("after %d: got %d, want %d", micros, got, want)
			}
		}
	})
}
