package patch

import (
	"slices"
	"strings"

	"bima/fhir"
	"bima/fhir/path"
	"bima/fhir/r4"
)

// add appends a value to an element: to a list that may be there already, or as
// an element that is not there yet.
func (t *tree) add(found []place) ([]byte, error) {
	p, err := t.single(found)
	if err != nil {
		return nil, err
	}
	if p.typ != nil && p.typ.Kind == r4.KindPrimitive {
		return t.addToPrimitive(p)
	}
	return t.addMember(p)
}

// addMember adds to an object.
func (t *tree) addMember(p place) ([]byte, error) {
	typ := p.typ
	if len(p.steps) == 0 {
		typ = t.typ
	}
	e, name, value, err := t.named(typ)
	if err != nil {
		return nil, err
	}
	for _, other := range e.names() {
		if e.Max == 1 && len(entriesOf(p.node, other)) > 0 {
			return nil, t.misfit("%s is there already, and it can't repeat; use replace", e.Name)
		}
	}
	steps := append(slices.Clone(p.steps), step{object: p.node, typ: typ, name: name})
	return t.set(steps, name, append(entriesOf(p.node, name), value)), nil
}

// named reads the value that the operation gives to the element of its name.
func (t *tree) named(typ *r4.Type) (e elementName, name string, value entry, err error) {
	if typ == nil {
		return e, "", value, t.misfit("the type of the element is not known")
	}
	e, ok := elementOf(typ, t.name)
	if !ok {
		return e, "", value, t.misfit("%s has no element named %.60q", typ.Name, t.name)
	}
	name, value, err = t.valueOf(t.value, e)
	return e, name, value, err
}

// addToPrimitive adds id or extension to a primitive, which has them in its
// companion.
func (t *tree) addToPrimitive(p place) ([]byte, error) {
	s := p.last()
	typ := r4.Lookup("Element")
	e, name, value, err := t.named(typ)
	if err != nil {
		return nil, err
	}
	entries := entriesOf(s.object, s.name)
	side := step{typ: typ, name: name}
	if raw := entries[s.index].side; raw != nil {
		doc, err := fhir.Parse(raw)
		if err != nil {
			return nil, err
		}
		side.object = doc.Root()
	}
	values := entriesOf(side.object, name)
	if e.Max == 1 && len(values) > 0 {
		return nil, t.misfit("%s is there already, and it can't repeat; use replace", e.Name)
	}
	entries[s.index].side = side.rewritten(name, append(values, value))
	return t.set(p.steps, s.name, entries), nil
}

// remove removes one element; where there is none there is nothing to do.
func (t *tree) remove(found []place) ([]byte, error) {
	if len(found) == 0 {
		return t.src, nil
	}
	p, err := t.element(found)
	if err != nil {
		return nil, err
	}
	s := p.last()
	entries := entriesOf(s.object, s.name)
	return t.set(p.steps, s.name, slices.Delete(entries, s.index, s.index+1)), nil
}

// replace puts another value in the place of an element.
func (t *tree) replace(found []place) ([]byte, error) {
	p, err := t.element(found)
	if err != nil {
		return nil, err
	}
	s := p.last()
	e, as := s.typ.Member(s.name)
	if e == nil {
		return nil, t.misfit("the type of the element is not known")
	}
	target := elementName{Element: e}
	if !e.Choice {
		target.as = as
	}
	name, value, err := t.valueOf(t.value, target)
	if err != nil {
		return nil, err
	}
	entries := entriesOf(s.object, s.name)
	entries[s.index] = value
	return t.set(p.steps, name, entries), nil
}

// insert puts a value into a list. A list that is not there yet takes index 0.
func (t *tree) insert(found []place) ([]byte, error) {
	var steps []step
	var err error
	if len(found) == 0 {
		steps, err = t.newList()
	} else {
		steps, err = t.list(found)
	}
	if err != nil {
		return nil, err
	}
	s := steps[len(steps)-1]
	e, as := s.typ.Member(s.name)
	entries := entriesOf(s.object, s.name)
	switch {
	case e == nil || e.Max == 1:
		return nil, t.misfit("%s is no list; use add or replace", s.name)
	case t.at > len(entries):
		return nil, t.misfit("the index %d lies beyond the list, which has %d elements", t.at, len(entries))
	}
	name, value, err := t.valueOf(t.value, elementName{e, as})
	if err != nil {
		return nil, err
	}
	return t.set(steps, name, slices.Insert(entries, t.at, value)), nil
}

// move takes an element of a list to another place in it.
func (t *tree) move(found []place) ([]byte, error) {
	steps, err := t.list(found)
	if err != nil {
		return nil, err
	}
	s := steps[len(steps)-1]
	entries := entriesOf(s.object, s.name)
	for _, i := range [...]int{t.at, t.to} {
		if i >= len(entries) {
			return nil, t.misfit("the index %d lies beyond the list, which has %d elements", i, len(entries))
		}
	}
	moved := entries[t.at]
	entries = slices.Insert(slices.Delete(entries, t.at, t.at+1), t.to, moved)
	return t.set(steps, s.name, entries), nil
}

// single refuses a path that leads to none or to several.
func (t *tree) single(found []place) (place, error) {
	switch len(found) {
	case 0:
		return place{}, t.misfit("the resource has no such element")
	case 1:
		return found[0], nil
	}
	return place{}, t.misfit("the path leads to %d elements, and must lead to one", len(found))
}

// element is single that refuses the resource itself, too.
func (t *tree) element(found []place) (place, error) {
	p, err := t.single(found)
	if err == nil && len(p.steps) == 0 {
		err = t.misfit("the path leads to the resource itself, not to an element of it")
	}
	return p, err
}

// list gives the steps to the list that a path means: all its elements, of one
// object.
func (t *tree) list(found []place) ([]step, error) {
	if len(found) == 0 {
		return nil, t.misfit("the resource has no such list")
	}
	for _, p := range found {
		if len(p.steps) == 0 || p.last().object != found[0].last().object || p.last().name != found[0].last().name {
			return nil, t.misfit("the path must lead to one list")
		}
	}
	s := found[0].last()
	if n := len(entriesOf(s.object, s.name)); n != len(found) {
		return nil, t.misfit("the path leads to %d of the %d elements of a list, and must lead to all", len(found), n)
	}
	return found[0].steps, nil
}

// newList gives the steps to a list that is not there yet, whose name is the
// last of the path.
func (t *tree) newList() ([]step, error) {
	parent, name, ok := cutLast(t.text)
	if !ok {
		return nil, t.misfit("the resource has no such list")
	}
	e, err := path.Compile(parent)
	if err != nil {
		return nil, t.misfit("the resource has no such list")
	}
	found, err := t.find(e)
	if err != nil {
		return nil, err
	}
	p, err := t.single(found)
	if err != nil {
		return nil, err
	}
	typ := p.typ
	if len(p.steps) == 0 {
		typ = t.typ
	}
	if p.node.Kind() != fhir.KindObject || typ == nil || typ.Element(name) == nil {
		return nil, t.misfit("the resource has no such list")
	}
	return append(slices.Clone(p.steps), step{object: p.node, typ: typ, name: name}), nil
}

// cutLast parts a path before its last name.
func cutLast(text string) (parent, name string, ok bool) {
	i := strings.LastIndexByte(text, '.')
	if i < 1 || strings.ContainsAny(text[i:], "()[]'\" ") {
		return "", "", false
	}
	return text[:i], text[i+1:], true
}
