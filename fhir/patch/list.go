package patch

import (
	"encoding/json"
	"slices"
	"strings"

	"bima/fhir"
	"bima/fhir/r4"
)

// An entry is one value of an element as JSON, with its companion where it is a
// primitive that has id or extensions. Either may be nil, not both.
type entry struct{ value, side []byte }

// entriesOf gives the values of a member and its companion, joined.
func entriesOf(object fhir.Node, name string) []entry {
	var entries []entry
	at := func(i int) *entry {
		for len(entries) <= i {
			entries = append(entries, entry{})
		}
		return &entries[i]
	}
	i := 0
	for v := range object.Get(name).Each() {
		if e := at(i); v.Kind() != fhir.KindNull {
			e.value = v.Raw()
		}
		i++
	}
	i = 0
	for v := range object.Get("_" + name).Each() {
		if e := at(i); v.Kind() != fhir.KindNull {
			e.side = v.Raw()
		}
		i++
	}
	return entries
}

// set gives the resource with other values under the last of the steps. They
// take the name given, which differs from the step's where a choice changes its
// type. An object left without members is removed, and so on upwards.
func (t *tree) set(steps []step, name string, entries []entry) []byte {
	s := steps[len(steps)-1]
	object := s.rewritten(name, entries)
	if object != nil {
		from, end := s.object.Offset(), s.object.Offset()+len(s.object.Raw())
		return slices.Concat(t.src[:from], object, t.src[end:])
	}
	steps = steps[:len(steps)-1]
	above := steps[len(steps)-1]
	siblings := entriesOf(above.object, above.name)
	if above.companion {
		siblings[above.index].side = nil
	} else {
		siblings[above.index].value = nil
	}
	if e := siblings[above.index]; e.value == nil && e.side == nil {
		siblings = slices.Delete(siblings, above.index, above.index+1)
	}
	return t.set(steps, above.name, siblings)
}

// A member is one member of an object that is written anew.
type member struct {
	name string
	raw  []byte
}

// rewritten gives the object of the step with other values under a name; nil
// where no member is left.
func (s step) rewritten(name string, entries []entry) []byte {
	changed := changedMembers(s.typ, name, entries)
	var members []member
	place, index := -1, indexOf(s.typ, name)
	for m := range s.object.All() {
		plain := strings.TrimPrefix(m.Name(), "_")
		if plain == s.name || plain == name {
			if place < 0 {
				place = len(members)
			}
			continue
		}
		members = append(members, member{m.Name(), m.Raw()})
	}
	if place < 0 {
		place = slices.IndexFunc(members, func(m member) bool { return indexOf(s.typ, strings.TrimPrefix(m.name, "_")) > index })
	}
	if place < 0 {
		place = len(members)
	}
	return written(slices.Insert(members, place, changed...))
}

// written writes an object; nil where it has no members.
func written(members []member) []byte {
	if len(members) == 0 {
		return nil
	}
	b := []byte{'{'}
	for i, m := range members {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(quoted(b, m.name), ':')
		b = append(b, m.raw...)
	}
	return append(b, '}')
}

// indexOf gives the place of a member in the definition of its type; -1 for
// resourceType.
func indexOf(typ *r4.Type, name string) int {
	if e, _ := typ.Member(name); e != nil {
		return e.Index
	}
	return -1
}

// changedMembers writes the member and the companion that hold the entries.
func changedMembers(typ *r4.Type, name string, entries []entry) []member {
	var members []member
	add := func(name string, raw func(entry) []byte) {
		if !slices.ContainsFunc(entries, func(e entry) bool { return raw(e) != nil }) {
			return
		}
		if e, _ := typ.Member(strings.TrimPrefix(name, "_")); e != nil && e.Max == 1 {
			members = append(members, member{name, raw(entries[0])})
			return
		}
		members = append(members, member{name, array(entries, raw)})
	}
	add(name, func(e entry) []byte { return e.value })
	add("_"+name, func(e entry) []byte { return e.side })
	return members
}

// array writes one side of the entries, null where there is nothing.
func array(entries []entry, raw func(entry) []byte) []byte {
	b := []byte{'['}
	for i, e := range entries {
		if i > 0 {
			b = append(b, ',')
		}
		if r := raw(e); r != nil {
			b = append(b, r...)
		} else {
			b = append(b, "null"...)
		}
	}
	return append(b, ']')
}

// quoted writes a member name.
func quoted(b []byte, name string) []byte {
	text, err := json.Marshal(name)
	if err != nil {
		return append(b, `""`...) // no string fails to be written
	}
	return append(b, text...)
}
