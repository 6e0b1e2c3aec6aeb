package figures

import (
	"cmp"
	"math"
	"slices"
)

// A Spread is where the values of many lie. Half of them lie within MAD of the
// Median: the median absolute deviation.
type Spread struct {
	N           int64 // how many
	Median, MAD int64
}

// spreadOf gives the spread of values, which it sorts.
func spreadOf(values []int64) Spread {
	median := middle(values)
	away := make([]int64, len(values))
	for i, v := range values {
		away[i] = max(v-median, median-v)
	}
	return Spread{N: int64(len(values)), Median: median, MAD: middle(away)}
}

// middle gives the median of values, which it sorts; of an even number the lower
// of the two in the middle, so that it is one of them.
func middle(values []int64) int64 {
	if len(values) == 0 {
		return 0
	}
	slices.Sort(values)
	return values[(len(values)-1)/2]
}

const (
	// normalMAD is how many median absolute deviations a standard deviation is,
	// where values are spread normally.
	normalMAD = 1.4826
	// leastSpread is the least standard deviation that is believed in, as a share
	// of the median: peers that are almost equal make nobody conspicuous.
	leastSpread = 0.1
)

// Beyond gives how many standard deviations above the median a value is, with the
// median absolute deviation as their measure; 0 for one that is not above.
func (s Spread) Beyond(value int64) float64 {
	if value <= s.Median {
		return 0
	}
	deviation := math.Max(normalMAD*float64(s.MAD), leastSpread*float64(s.Median))
	return float64(value-s.Median) / math.Max(1, deviation)
}

const (
	// beyondPeers is how many standard deviations above the median of its peers a
	// facility is conspicuous: of a thousand honest ones that are spread normally
	// less than one is.
	beyondPeers = 3.5
	// peersMin is how many peers it takes: the only facility of its level is unlike
	// nobody.
	peersMin = 8
	// countedMin is of how many claims or lines a facility's figure must be: a new
	// one has none that says anything.
	countedMin = 30
)

// Conspicuous reports whether a facility's figure, which is of so many claims or
// lines, is far above that of its peers.
func (s Spread) Conspicuous(value, of int64) bool {
	return of >= countedMin && s.N >= peersMin && s.Beyond(value) >= beyondPeers
}

// A histogram counts values by their Size.
type histogram map[int]int64

func (h histogram) total() (n int64) {
	for _, count := range h {
		n += count
	}
	return n
}

// quantile gives the first size that has at least a share of the values, in
// percent, in it or below.
func (h histogram) quantile(percent int64) int {
	sizes := make([]int, 0, len(h))
	for size := range h {
		sizes = append(sizes, size)
	}
	slices.SortFunc(sizes, cmp.Compare[int])
	n, seen := h.total(), int64(0)
	for _, size := range sizes {
		if seen += h[size]; 100*seen >= percent*n {
			return size
		}
	}
	return 0
}

// above counts the values of greater sizes.
func (h histogram) above(size int) (n int64) {
	for s, count := range h {
		if s > size {
			n += count
		}
	}
	return n
}
