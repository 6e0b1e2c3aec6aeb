package xml

import "slices"

// A place is what a selector finds: a node, or one of its attributes.
type place struct {
	node      *node
	attribute string // "" for the node itself
}

// visitsMax is how many nodes one patch may look at: a // inside of a condition
// looks at all again and again.
const visitsMax = 2_000_000

// A finder finds places, and counts what it looks at.
type finder struct {
	visits int
	costly bool
}

// from gives all places that a selector finds from one, in document order.
func (f *finder) from(s selector, at place) []place {
	found := []place{at}
	for i := range s {
		var next []place
		for _, p := range found {
			next = f.step(&s[i], p, next)
		}
		if s[i].descend || s[i].kind == stepParent {
			next = unique(next)
		}
		found = next
	}
	return found
}

// unique leaves each place where it comes first: several ways lead to it.
func unique(places []place) []place {
	seen := make(map[place]bool, len(places))
	return slices.DeleteFunc(places, func(p place) bool {
		again := seen[p]
		seen[p] = true
		return again
	})
}

// step adds what one step finds from a place.
func (f *finder) step(s *step, at place, found []place) []place {
	if at.attribute != "" {
		if s.kind == stepParent {
			return append(found, place{node: at.node})
		}
		if s.kind == stepSelf {
			return append(found, at)
		}
		return found
	}
	if !s.descend {
		return append(found, f.filtered(s, f.candidates(s, at.node))...)
	}
	found = append(found, f.filtered(s, f.candidates(s, at.node))...)
	for _, child := range at.node.kids() {
		if child.name != "" && f.look() {
			found = f.step(s, place{node: child}, found)
		}
	}
	return found
}

// look counts a look at a node, and reports false once there were too many.
func (f *finder) look() bool {
	f.visits++
	f.costly = f.costly || f.visits > visitsMax
	return !f.costly
}

// candidates gives what a step means from a node, before its conditions.
func (f *finder) candidates(s *step, n *node) []place {
	var found []place
	switch s.kind {
	case stepSelf:
		return []place{{node: n}}
	case stepParent:
		if n.parent != nil {
			return []place{{node: n.parent}}
		}
	case stepAttribute:
		for _, a := range n.attributes {
			if s.name == "" || s.name == a.name {
				found = append(found, place{n, a.name})
			}
		}
	default:
		for _, child := range n.kids() {
			if f.look() && s.means(child) {
				found = append(found, place{node: child})
			}
		}
	}
	return found
}

// means reports whether a step means a child.
func (s *step) means(n *node) bool {
	switch s.kind {
	case stepText:
		return n.name == ""
	case stepNode:
		return true
	}
	return n.name != "" && (s.anySpace || s.space == n.space) && (s.name == "" || s.name == n.name)
}

// filtered keeps the places that all conditions of a step let through.
func (f *finder) filtered(s *step, found []place) []place {
	for _, filter := range s.filters {
		size, position := len(found), 0
		found = slices.DeleteFunc(found, func(p place) bool {
			position++
			return !filter(f, p, position, size)
		})
	}
	return found
}

// any reports whether the text of one of the places that a path finds is as
// wanted.
func (f *finder) any(path selector, at place, wanted func(string) bool) bool {
	return slices.ContainsFunc(f.from(path, at), func(p place) bool { return wanted(p.text()) })
}

// text gives what XPath compares of a place.
func (p place) text() string {
	if p.attribute == "" {
		return p.node.content()
	}
	return p.node.attribute(p.attribute).value
}
