package path

import (
	"strings"
	"sync/atomic"

	"bima/fhir"
	"bima/fhir/r4"
)

// A member is one name of a path. It remembers the element it last stood for.
type member struct {
	name  string
	known atomic.Pointer[elementOf]
}

// An elementOf is the element that a name means in a type; nil if none.
type elementOf struct {
	typ     *r4.Type
	element *r4.Element
}

func (m *member) element(t *r4.Type) *r4.Element {
	if k := m.known.Load(); k != nil && k.typ == t {
		return k.element
	}
	e := t.Element(m.name)
	m.known.Store(&elementOf{t, e})
	return e
}

// A cursor walks over the values of one element of one parent.
type cursor struct {
	node, side fhir.Node // the next value and its companion
	typ        *r4.Type
	array      bool // whether more values follow
	done       bool
}

// cursorOf starts at an element's value and its companion "_name".
func cursorOf(node, side fhir.Node, typ *r4.Type) cursor {
	c := cursor{node: node, side: side, typ: typ}
	if node.Kind() == fhir.KindArray || side.Kind() == fhir.KindArray {
		c.array = true
		if node.Kind() == fhir.KindArray {
			c.node = node.First()
		}
		if side.Kind() == fhir.KindArray {
			c.side = side.First()
		}
	}
	return c
}

// next gives the next value; nulls without a companion are passed over.
func (c *cursor) next(item *Item) bool {
	for !c.done {
		node, side := c.node, c.side
		if c.array {
			c.node, c.side = node.Next(), side.Next()
			c.done = !c.node.Exists() && !c.side.Exists()
		} else {
			c.done = true
		}
		if node.Kind() == fhir.KindNull {
			node = fhir.Node{}
		}
		if side.Kind() != fhir.KindObject {
			side = fhir.Node{}
		}
		if node.Exists() || side.Exists() {
			*item = itemOf(node, side, c.typ)
			return true
		}
	}
	return false
}

// itemOf makes an item of a value; a resource within is of its own type.
func itemOf(node, side fhir.Node, typ *r4.Type) Item {
	i := Item{kind: kindNode, node: node, side: side, typ: typ}
	if typ == nil {
		i.typ = guess(node)
	}
	if i.typ == nil || typ != nil && typ.Abstract && typ.Kind == r4.KindResource {
		if t := r4.Lookup(node.Get("resourceType").Text()); t != nil {
			i.typ = t
		}
	}
	return i
}

// find gives the values of the member in an item.
func (m *member) find(i *Item) (c cursor, ok bool) {
	if i.kind != kindNode {
		return cursor{}, false
	}
	if i.typ == nil {
		return untyped(i.node, m.name)
	}
	if i.typ.Kind == r4.KindPrimitive {
		return ofPrimitive(i, m.name)
	}
	e := m.element(i.typ)
	if e == nil {
		return cursor{}, false
	}
	if e.Choice {
		return choice(i, e)
	}
	t := e.Types[0].Type
	if t.Kind != r4.KindPrimitive {
		n := i.node.Get(m.name)
		return cursorOf(n, fhir.Node{}, t), n.Exists()
	}
	node, side := pair(i.node, m.name)
	return cursorOf(node, side, t), node.Exists() || side.Exists()
}

// pair finds a member and its companion with the underscore.
func pair(object fhir.Node, name string) (node, side fhir.Node) {
	if object.Kind() != fhir.KindObject {
		return node, side
	}
	for c := object.First(); c.Exists(); c = c.Next() {
		switch n := c.Name(); {
		case n == name:
			node = c
		case len(n) == len(name)+1 && n[0] == '_' && n[1:] == name:
			side = c
		}
	}
	return node, side
}

// choice finds the one value that a choice element has, such as valueQuantity.
func choice(i *Item, e *r4.Element) (cursor, bool) {
	if i.node.Kind() != fhir.KindObject {
		return cursor{}, false
	}
	for c := i.node.First(); c.Exists(); c = c.Next() {
		name := strings.TrimPrefix(c.Name(), "_")
		if !strings.HasPrefix(name, e.Name) {
			continue
		}
		found, t := i.typ.Member(name)
		if found != e {
			continue
		}
		if t.Type.Kind != r4.KindPrimitive {
			return cursorOf(c, fhir.Node{}, t.Type), true
		}
		node, side := pair(i.node, name)
		return cursorOf(node, side, t.Type), true
	}
	return cursor{}, false
}

// ofPrimitive finds the id and extensions of a primitive in its companion.
func ofPrimitive(i *Item, name string) (cursor, bool) {
	base := r4.Lookup("Element")
	if !i.side.Exists() || base == nil {
		return cursor{}, false
	}
	e := base.Element(name)
	n := i.side.Get(name)
	if e == nil || !n.Exists() {
		return cursor{}, false
	}
	return cursorOf(n, fhir.Node{}, e.Types[0].Type), true
}

// untyped finds a member in an object of which no type is known: by its name, or
// by the name with a type's name behind it, as choices have it.
func untyped(object fhir.Node, name string) (cursor, bool) {
	node, side := pair(object, name)
	if node.Exists() || side.Exists() {
		return cursorOf(node, side, nil), true
	}
	if object.Kind() != fhir.KindObject {
		return cursor{}, false
	}
	for c := object.First(); c.Exists(); c = c.Next() {
		suffix, ok := strings.CutPrefix(c.Name(), name)
		if !ok || suffix == "" {
			continue
		}
		t := r4.Lookup(suffix)
		if t == nil || t.Kind == r4.KindResource {
			t = r4.Lookup(strings.ToLower(suffix[:1]) + suffix[1:])
		}
		if t != nil && t.Kind != r4.KindBackbone {
			node, side := pair(object, c.Name())
			return cursorOf(node, side, t), true
		}
	}
	return cursor{}, false
}

// guess gives the primitive type a JSON value may be of, nil for objects.
func guess(n fhir.Node) *r4.Type {
	switch n.Kind() {
	case fhir.KindString:
		return r4.Lookup("string")
	case fhir.KindBool:
		return r4.Lookup("boolean")
	case fhir.KindNumber:
		if strings.ContainsAny(n.Text(), ".eE") {
			return r4.Lookup("decimal")
		}
		return r4.Lookup("integer")
	}
	return nil
}

// appendChildren adds all children of an item, in the order of the document.
func appendChildren(dst []Item, i *Item) []Item {
	object := i.node
	t := i.typ
	if i.kind != kindNode {
		return dst
	}
	if i.primitive() {
		object, t = i.side, r4.Lookup("Element")
	}
	if object.Kind() != fhir.KindObject {
		return dst
	}
	for c := object.First(); c.Exists(); c = c.Next() {
		dst = appendChild(dst, object, c, t)
	}
	return dst
}

func appendChild(dst []Item, object, c fhir.Node, t *r4.Type) []Item {
	name, companion := strings.CutPrefix(c.Name(), "_")
	if name == "resourceType" || companion && object.Get(name).Exists() {
		return dst
	}
	var cur cursor
	if t == nil {
		cur, _ = untyped(object, name)
	} else {
		_, et := t.Member(name)
		if et == nil {
			return dst
		}
		node, side := pair(object, name)
		cur = cursorOf(node, side, et.Type)
	}
	var child Item
	for cur.next(&child) {
		dst = append(dst, child)
	}
	return dst
}
