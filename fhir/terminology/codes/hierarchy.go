package codes

import (
	"cmp"
	"slices"
)

// edges are the ways from each concept to others: of concept i they are
// to[start[i]:start[i+1]].
type edges struct {
	start []uint32
	to    []int32
}

// gather sorts edges by where they begin and drops those that repeat.
func gather(list []edge, concepts int) edges {
	slices.SortFunc(list, func(a, b edge) int {
		return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to))
	})
	list = slices.Compact(list)
	e := edges{start: make([]uint32, concepts+1), to: make([]int32, len(list))}
	for i, x := range list {
		e.start[x.from+1]++
		e.to[i] = x.to
	}
	for i := range concepts {
		e.start[i+1] += e.start[i]
	}
	return e
}

func (e edges) of(i int32) []int32 { return e.to[e.start[i]:e.start[i+1]] }

// Parents gives the concepts right above.
func (c Concept) Parents() []Concept { return c.s.concepts(c.s.parents.of(c.i)) }

// Children gives the concepts right below, in the order of the document.
func (c Concept) Children() []Concept { return c.s.concepts(c.s.children.of(c.i)) }

// Ancestors gives the concepts above at any distance, in the order of the
// document. What is above itself, in a circle, is not among its own.
func (c Concept) Ancestors() []Concept {
	return c.s.concepts(reach(c.s.parents, c.i, len(c.s.records)))
}

// Descendants gives the concepts below at any distance, in the order of the
// document.
func (c Concept) Descendants() []Concept {
	return c.s.concepts(reach(c.s.children, c.i, len(c.s.records)))
}

func (s *System) concepts(places []int32) []Concept {
	out := make([]Concept, len(places))
	for i, place := range places {
		out[i] = Concept{s, place}
	}
	return out
}

// reach gives all that can be reached from a concept, sorted, without itself.
// It visits each concept once, so circles end it.
func reach(e edges, from int32, concepts int) []int32 {
	seen := make([]uint64, concepts/64+1)
	visit := func(i int32) bool {
		word, bit := &seen[i/64], uint64(1)<<(i%64)
		fresh := *word&bit == 0
		*word |= bit
		return fresh
	}
	visit(from)
	var out []int32
	waiting := []int32{from}
	for len(waiting) > 0 {
		i := waiting[len(waiting)-1]
		waiting = waiting[:len(waiting)-1]
		for _, next := range e.of(i) {
			if visit(next) {
				out = append(out, next)
				waiting = append(waiting, next)
			}
		}
	}
	slices.Sort(out)
	return out
}

// Under reports whether the concept is below another at any distance. Where each
// has one parent it walks up without memory of its own.
func (c Concept) Under(above Concept) bool {
	if c.s != above.s || c.i == above.i {
		return false
	}
	i := c.i
	for range len(c.s.records) {
		parents := c.s.parents.of(i)
		if len(parents) > 1 {
			_, found := slices.BinarySearch(reach(c.s.parents, i, len(c.s.records)), above.i)
			return found
		}
		if len(parents) == 0 {
			return false
		}
		if i = parents[0]; i == above.i {
			return true
		}
	}
	return false
}
