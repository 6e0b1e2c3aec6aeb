package xml

import (
	"bima/fhir"
	"bima/fhir/r4"
)

// element writes the elements of the member at i, and of the one with the
// underscore that belongs to it; it gives how many members these are.
func (w *writer) element(i int) (taken int) {
	m, half := w.members[i], fhir.Node{}
	taken = 1
	value := m.node
	if m.half {
		value, half = fhir.Node{}, m.node
	} else if i+1 < len(w.members) && w.members[i+1].typ == m.typ && w.members[i+1].half {
		half = w.members[i+1].node
		taken = 2
	}
	switch {
	case m.typ.Type.Name == "xhtml":
		w.narrative(value, half)
	case m.typ.Type.Kind == r4.KindPrimitive:
		w.primitives(m, value, half)
	default:
		w.complexes(m, value)
	}
	return taken
}

// complexes writes the elements of a member that have elements, or a resource.
func (w *writer) complexes(m member, value fhir.Node) {
	index := single
	if value.Kind() == fhir.KindArray {
		value, index = value.First(), 0
	}
	for ; value.Exists() && w.err == nil; value = value.Next() {
		w.path.push(m.element.Name, index)
		switch {
		case value.Kind() != fhir.KindObject:
			w.fail("%s is %s, but must be an object", m.typ.JSON, value.Kind())
		case m.typ.Type.Kind == r4.KindResource:
			w.wrapped(m.typ.JSON, value)
		default:
			w.openTag(m.typ.JSON)
			w.content(value, m.typ.Type, m.typ.JSON)
		}
		w.path.pop()
		if index == single {
			return
		}
		index++
	}
}

// wrapped writes an element that holds a resource.
func (w *writer) wrapped(name string, n fhir.Node) {
	w.openTag(name)
	w.out = append(w.out, '>')
	w.depth++
	w.resource(n)
	w.depth--
	w.line()
	w.closeTag(name)
}

// primitives writes the elements of a primitive: its values, with the ids and
// extensions at the same places. Source: R4 json#primitive.
func (w *writer) primitives(m member, value, half fhir.Node) {
	if value.Kind() != fhir.KindArray && half.Kind() != fhir.KindArray {
		w.path.push(m.element.Name, single)
		w.primitive(m, value, half)
		w.path.pop()
		return
	}
	value, half = value.First(), half.First()
	for i := 0; (value.Exists() || half.Exists()) && w.err == nil; i++ {
		w.path.push(m.element.Name, i)
		w.primitive(m, value, half)
		w.path.pop()
		value, half = value.Next(), half.Next()
	}
}

func (w *writer) primitive(m member, value, half fhir.Node) {
	w.openTag(m.typ.JSON)
	id := half.Get("id")
	if id.Exists() {
		w.value("id", id.Text())
	}
	switch value.Kind() {
	case fhir.KindAbsent, fhir.KindNull:
	case fhir.KindArray, fhir.KindObject:
		w.fail("%s is %s, but must be one value", m.typ.JSON, value.Kind())
	default:
		w.value("value", value.Text())
	}
	switch {
	case half.Kind() == fhir.KindObject:
		w.extensions(m, half)
	case half.Exists() && half.Kind() != fhir.KindNull:
		w.fail("_%s holds %s, but must hold an object", m.typ.JSON, half.Kind())
	default:
		w.out = append(w.out, '/', '>')
	}
}

// extensions writes the rest of a primitive element, whose tag has its
// attributes already.
func (w *writer) extensions(m member, half fhir.Node) {
	base := len(w.members)
	for c := half.First(); c.Exists(); c = c.Next() {
		if c.Name() == "id" {
			continue
		}
		e, et := m.typ.Type.Member(c.Name())
		if e == nil {
			w.fail("_%s has no element %s", m.typ.JSON, excerpt(c.Name()))
			return
		}
		w.members = append(w.members, member{element: e, typ: et, node: c})
	}
	w.finish(base, m.typ.JSON)
}
