package check

import (
	"strings"

	"bima/fhir/path/syntax"
	"bima/fhir/r4"
)

// Tree checks an expression on input of a type; nil is a type not known.
func Tree(e *syntax.Expr, typ *r4.Type) error {
	if typ == nil {
		return nil
	}
	root := shapeOf(typ)
	c := &checker{root: root}
	_, err := c.shape(e, root)
	return err
}

// A shape is what is known of a collection before there is one.
type shape struct {
	types     []*r4.Type // what its items may be; nil if that is not known
	unordered bool
}

// shapeOf gives the shape of elements of the types. Of abstract resources the
// true types are not known.
func shapeOf(types ...*r4.Type) shape {
	for _, t := range types {
		if t.Abstract {
			return shape{}
		}
	}
	return shape{types: types}
}

func (s shape) or(t shape) shape {
	if s.types == nil || t.types == nil {
		return shape{unordered: s.unordered || t.unordered}
	}
	both := append(s.types[:len(s.types):len(s.types)], t.types...)
	return shape{types: both, unordered: s.unordered || t.unordered}
}

// A checker walks over one expression; root is %context.
type checker struct{ root shape }

// shape gives the shape of e where $this has the shape this.
func (c *checker) shape(e *syntax.Expr, this shape) (shape, error) {
	switch e.Kind {
	case syntax.Member:
		return c.member(e, this)
	case syntax.Call:
		return c.call(e, this)
	case syntax.This:
		return this, nil
	case syntax.Variable:
		if e.Text == "context" {
			return c.root, nil
		}
	case syntax.At:
		on, err := c.shape(e.On, this)
		if err != nil {
			return shape{}, err
		}
		_, err = c.shape(e.Args[0], this)
		return on, c.ordered(e, on, err)
	case syntax.Is, syntax.As:
		if _, err := c.shape(e.On, this); err != nil {
			return shape{}, err
		}
		return typeShape(e.Text), nil
	case syntax.Unary, syntax.Sorted:
		_, err := c.shape(e.On, this)
		return shape{}, err
	case syntax.Binary:
		return c.binary(e, this)
	}
	return shape{}, nil
}

func (c *checker) binary(e *syntax.Expr, this shape) (shape, error) {
	left, err := c.shape(e.On, this)
	if err != nil {
		return shape{}, err
	}
	right, err := c.shape(e.Args[0], this)
	if err != nil || e.Text != "|" {
		return shape{}, err
	}
	return left.or(right), nil
}

// typeShape gives the shape of a cast. A name that may also mean a system type
// says nothing.
func typeShape(specifier string) shape {
	namespace, name := syntax.SplitType(specifier)
	t := r4.Lookup(name)
	if t == nil || namespace == "System" || namespace == "" && name == "Quantity" {
		return shape{}
	}
	return shapeOf(t)
}

func (c *checker) member(e *syntax.Expr, this shape) (shape, error) {
	on := this
	if e.On != nil {
		var err error
		if on, err = c.shape(e.On, this); err != nil {
			return shape{}, err
		}
	}
	if on.types == nil {
		return shape{unordered: on.unordered}, nil
	}
	if e.On == nil && e.Text[0] >= 'A' && e.Text[0] <= 'Z' {
		for _, t := range on.types {
			if t.Is(e.Text) {
				return on, nil
			}
		}
	}
	var out []*r4.Type
	found, open := false, false
	for _, t := range on.types {
		types, ok := elementTypes(t, e.Text)
		found = found || ok
		open = open || ok && types == nil
		out = append(out, types...)
	}
	if !found {
		return shape{}, e.Errorf("%s has no element %s", on.types[0].Name, e.Text)
	}
	if open {
		return shape{unordered: on.unordered}, nil
	}
	return shape{types: out, unordered: on.unordered}, nil
}

// elementTypes gives what the element of a type may be; nil where that is open.
func elementTypes(t *r4.Type, name string) ([]*r4.Type, bool) {
	if t.Kind == r4.KindPrimitive {
		if name == "value" {
			return nil, true
		}
		t = r4.Lookup("Element")
	}
	e := t.Element(name)
	if e == nil {
		return nil, false
	}
	var types []*r4.Type
	for _, et := range e.Types {
		if et.Type.Abstract {
			return nil, true
		}
		types = append(types, et.Type)
	}
	return types, true
}

// What calls do to the shape of their input.
var (
	perItem = words("where select repeat all exists aggregate trace sort defineVariable")
	keeping = words("where single first last tail skip take distinct exclude intersect trace sort defineVariable")
	inOrder = words("first last tail skip take")
	onText  = words(`indexOf lastIndexOf substring startsWith endsWith upper lower replace matches matchesFull
		replaceMatches length toChars trim split encode decode escape unescape`)
)

func (c *checker) call(e *syntax.Expr, this shape) (shape, error) {
	on := this
	if e.On != nil {
		var err error
		if on, err = c.shape(e.On, this); err != nil {
			return shape{}, err
		}
	}
	switch e.Text {
	case "is":
		return shape{}, nil
	case "as", "ofType":
		name, _ := e.Args[0].TypeSpecifier()
		return typeShape(name), nil
	}
	inside := this
	if perItem[e.Text] || e.Text == "iif" {
		inside = shape{types: on.types}
	}
	var args []shape
	for _, a := range e.Args {
		s, err := c.shape(a, inside)
		if err != nil {
			return shape{}, err
		}
		args = append(args, s)
	}
	if err := c.takesText(e, on); err != nil {
		return shape{}, err
	}
	return c.result(e, on, args)
}

func (c *checker) result(e *syntax.Expr, on shape, args []shape) (shape, error) {
	switch e.Text {
	case "children", "descendants":
		return shape{unordered: true}, nil
	case "select", "repeat":
		return args[0], nil
	case "union", "combine":
		return on.or(args[0]), nil
	case "extension":
		return shapeOf(r4.Lookup("Extension")), nil
	case "sort":
		return shape{types: on.types}, nil
	case "iif":
		if len(args) == 3 {
			return args[1].or(args[2]), nil
		}
		return args[1], nil
	}
	if inOrder[e.Text] {
		if err := c.ordered(e, on, nil); err != nil {
			return shape{}, err
		}
	}
	if keeping[e.Text] {
		return on, nil
	}
	return shape{}, nil
}

// ordered fails where a position is asked for in a collection without order.
func (c *checker) ordered(e *syntax.Expr, on shape, err error) error {
	if err == nil && on.unordered {
		return e.Errorf("the collection has no order, so no item can be picked by its place")
	}
	return err
}

// takesText fails where a function on strings is applied to elements that never
// are strings.
func (c *checker) takesText(e *syntax.Expr, on shape) error {
	if !onText[e.Text] || on.types == nil {
		return nil
	}
	for _, t := range on.types {
		if t.Kind == r4.KindPrimitive {
			return nil
		}
	}
	return e.Errorf("%s() needs a string, not %s", e.Text, on.types[0].Name)
}

func words(list string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(list) {
		set[w] = true
	}
	return set
}
