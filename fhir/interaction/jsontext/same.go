package jsontext

import "bima/fhir"

// SameMembers compares two objects, in any order of members, without those
// named. An absent object is one without members.
func SameMembers(a, b fhir.Node, without ...string) bool {
	skip := func(n fhir.Node) bool {
		for _, name := range without {
			if n.Name() == name {
				return true
			}
		}
		return false
	}
	count := 0
	for m := range b.All() {
		if !skip(m) {
			count++
		}
	}
	for m := range a.All() {
		if skip(m) {
			continue
		}
		count--
		if !Same(m, b.Get(m.Name())) {
			return false
		}
	}
	return count == 0
}

// Same compares two values. Numbers are the same when they are written the
// same, for precision carries meaning in FHIR.
func Same(a, b fhir.Node) bool {
	if a.Kind() != b.Kind() {
		return false
	}
	switch a.Kind() {
	case fhir.KindObject:
		return SameMembers(a, b)
	case fhir.KindArray:
		if a.Len() != b.Len() {
			return false
		}
		other := b.First()
		for element := range a.All() {
			if !Same(element, other) {
				return false
			}
			other = other.Next()
		}
		return true
	}
	return a.Text() == b.Text()
}
