package index

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDifference(t *testing.T) {
	for _, size := range []int{3, 100} {
		var before, after []int
		for i := range size {
			before = append(before, i, i)
			after = append(after, i+1, i+1)
		}
		c := changed(before, after)
		if !cmp.Equal(c.added, []int{size}) || !cmp.Equal(c.gone, []int{0}) {
			t.Errorf("of %d: added %v, gone %v", size, c.added, c.gone)
		}
	}
}
