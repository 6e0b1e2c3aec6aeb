// Package closest finds the names most like a misspelt one, for messages.
//
// Its door: To.
package closest

import (
	"cmp"
	"slices"
	"strings"
)

// closestMax is how many alternatives a message names.
const closestMax = 3

// To gives the names most like a misspelt one, best first and three at most; none
// where nothing is like it.
func To(name string, names []string) []string {
	type candidate struct {
		name     string
		distance int
	}
	name = strings.ToLower(name[:min(len(name), 40)])
	far := 1
	if len(name) > 3 {
		far = max(2, len(name)/3) // two letters that changed places are two changes
	}
	var near []candidate
	for _, n := range names {
		d := distance(name, strings.ToLower(n))
		if len(name) > 2 && (strings.Contains(n, name) || strings.Contains(name, n) && len(n) > 2) {
			d = min(d, 1)
		}
		if d <= far {
			near = append(near, candidate{n, d})
		}
	}
	slices.SortStableFunc(near, func(a, b candidate) int { return cmp.Compare(a.distance, b.distance) })
	var out []string
	for _, c := range near[:min(len(near), closestMax)] {
		out = append(out, c.name)
	}
	return out
}

// distance counts the letters to change, add or take away between two names.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
