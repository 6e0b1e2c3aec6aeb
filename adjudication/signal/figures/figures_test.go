package figures_test

import (
	"testing"

	"bima/adjudication/signal/figures"
	"bima/fhir"
)

// Each doubling has eight sizes: from 16 on they are 2 wide, from 32 on 4.
func TestSizesAreAnEighthOfADoubling(t *testing.T) {
	for value, want := range map[fhir.Amount]int{-1: 0, 0: 0, 7: 0, 8: 1, 9: 2, 15: 8, 16: 9, 17: 9, 18: 10, 31: 16, 32: 17, 35: 17, 36: 18} {
		if got := figures.Size(value); got != want {
			t.Errorf("%d is of size %d, want %d", value, got, want)
		}
	}
	for size := 1; size < 460; size++ {
		from := figures.SizeFrom(size)
		if figures.Size(from) != size || figures.Size(from-1) != size-1 {
			t.Fatalf("size %d does not begin at %d", size, from)
		}
		if about := figures.About(size); figures.Size(about) != size {
			t.Fatalf("%d is not of size %d", about, size)
		}
	}
	for value, want := range map[string]string{"1": "1", "2": "2", "7": "7", "20000": "20000", "1300": "1300", "0.5": "0.5"} {
		a, err := fhir.ParseAmount(value)
		if err != nil {
			t.Fatal(err)
		}
		if got := figures.About(figures.Size(a)).String(); got != want {
			t.Errorf("about %s is %s, want %s", value, got, want)
		}
	}
}

// Of a median of 1,000 and a deviation of 200, a standard deviation is
// 1.4826 × 200 = 296.52: 2,037.82 is 3.5 of them above. A deviation of 10 would be
// 14.826; a tenth of the median, 100, is taken instead.
func TestBeyondIsMeasuredInRobustDeviations(t *testing.T) {
	wide, narrow := figures.Spread{Median: 1000, MAD: 200}, figures.Spread{Median: 1000, MAD: 10}
	for _, c := range []struct {
		spread figures.Spread
		value  int64
		above  bool
	}{{wide, 2037, false}, {wide, 2038, true}, {narrow, 1349, false}, {narrow, 1350, true}, {wide, 0, false}} {
		if got := c.spread.Beyond(c.value) >= 3.5; got != c.above {
			t.Errorf("%d of %+v: got %v (%g)", c.value, c.spread, got, c.spread.Beyond(c.value))
		}
	}
	if got := wide.Beyond(1000); got != 0 {
		t.Errorf("the median itself is %g above", got)
	}
}
