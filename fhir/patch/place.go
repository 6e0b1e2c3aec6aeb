package patch

import (
	"strings"

	"bima/fhir"
	"bima/fhir/path"
	"bima/fhir/r4"
)

// A tree is a resource while one operation is done on it.
type tree struct {
	*operation
	src  []byte
	root fhir.Node
	typ  *r4.Type // of root
}

// A step leads from an object to one value of a member. Values and the
// companions of primitives ("_name") are counted together.
type step struct {
	object    fhir.Node
	typ       *r4.Type // of object
	name      string   // of the member, without underscore
	index     int      // among the values of the member
	companion bool     // whether it leads to the companion of the value
}

// A place is an element of a tree: the steps to it from the root, none for the
// root itself.
type place struct {
	steps []step
	node  fhir.Node // its value; absent where a primitive has only a companion
	typ   *r4.Type
}

// last gives the step that leads to the element itself.
func (p *place) last() step { return p.steps[len(p.steps)-1] }

// find gives the elements that an expression means.
func (t *tree) find(e *path.Expression) ([]place, error) {
	if err := e.Check(t.typ); err != nil {
		return nil, t.misfit("%s", fhir.OutcomeOf(err).Issues[0].Diagnostics)
	}
	items, err := e.Evaluate(t.root, t.typ, &path.Context{Resource: t.root})
	if err != nil {
		return nil, t.misfit("%s", fhir.OutcomeOf(err).Issues[0].Diagnostics)
	}
	places := make([]place, 0, len(items))
	for _, item := range items {
		p, ok := t.locate(item)
		if !ok {
			return nil, t.misfit("the path leads to something that is no element of the resource")
		}
		places = append(places, p)
	}
	return places, nil
}

// locate finds the place of an item by where it stands in the text.
func (t *tree) locate(item path.Item) (place, bool) {
	node, ok := item.Node()
	target := node
	if !ok {
		target = item.Extensions()
	}
	if item.System() || !target.Exists() || target.Document() != t.root.Document() {
		return place{}, false
	}
	p := place{node: node, typ: item.Type()}
	for at, typ := t.root, t.typ; at != target; {
		s, next, nextType, ok := descend(at, typ, target)
		if !ok {
			return place{}, false
		}
		p.steps = append(p.steps, s)
		at, typ = next, nextType
		if at == target && p.typ == nil {
			p.typ = typ
		}
	}
	if !ok && len(p.steps) > 0 {
		p.steps[len(p.steps)-1].companion = false
	}
	return p, true
}

// descend makes one step from an object towards a value inside it.
func descend(object fhir.Node, typ *r4.Type, target fhir.Node) (s step, next fhir.Node, nextType *r4.Type, ok bool) {
	member := around(object, target)
	if !member.Exists() || object.Kind() != fhir.KindObject || typ == nil {
		return s, next, nil, false
	}
	s = step{object: object, typ: typ}
	s.name, s.companion = strings.CutPrefix(member.Name(), "_")
	nextType = r4.Lookup("Element")
	if !s.companion {
		_, et := typ.Member(s.name)
		if et == nil {
			return s, next, nil, false
		}
		nextType = et.Type
	}
	next = member
	if member.Kind() == fhir.KindArray && member != target {
		next = around(member, target)
		for n := member.First(); n != next && n.Exists(); n = n.Next() {
			s.index++
		}
	}
	if nextType.Is("Resource") {
		nextType = r4.Lookup(next.Get("resourceType").Text())
	}
	return s, next, nextType, next.Exists()
}

// around gives the child of a container inside which the target stands.
func around(container, target fhir.Node) fhir.Node {
	for c := range container.All() {
		if c.Offset() <= target.Offset() && target.Offset() < c.Offset()+len(c.Raw()) {
			return c
		}
	}
	return fhir.Node{}
}
