package fhir

import "slices"

// Same reports whether two values say the same, in whatever order the members of
// their objects stand and however their numbers are written: 8000 is 8000.00. Two
// absent values are the same.
func Same(a, b Node) bool {
	if a.Kind() != b.Kind() || a.Len() != b.Len() {
		return false
	}
	switch a.Kind() {
	case KindObject:
		for m := range a.All() {
			if !Same(m, b.Get(m.Name())) {
				return false
			}
		}
		return true
	case KindArray:
		other := b.First()
		for e := range a.All() {
			if !Same(e, other) {
				return false
			}
			other = other.Next()
		}
		return true
	}
	return a.Text() == b.Text() || a.Kind() == KindNumber && sameNumber(a.Text(), b.Text())
}

func sameNumber(a, b string) bool {
	x, errX := ParseDecimal(a)
	y, errY := ParseDecimal(b)
	return errX == nil && errY == nil && x.Cmp(y) == 0
}

// notCompared are the elements in which one thing that is sent twice may differ.
var notCompared = []string{"id", "meta", "text", "created", "implicitRules"}

// Differences names the elements in which two resources differ, but for those that
// each sending makes anew: id, meta, text, created and implicitRules. None means
// that the one was sent twice.
func Differences(a, b Node) []string {
	var names []string
	for _, pair := range [][2]Node{{a, b}, {b, a}} {
		for m := range pair[0].All() {
			name := m.Name()
			if !slices.Contains(notCompared, name) && !slices.Contains(names, name) && !Same(m, pair[1].Get(name)) {
				names = append(names, name)
			}
		}
	}
	return names
}
