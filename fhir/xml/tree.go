package xml

import (
	"slices"
	"strings"

	"bima/fhir/r4"
)

// A node is an element or a text of an XML tree, as a patch changes it.
type node struct {
	parent     *node
	space      namespace
	name       string // local; "" of a text
	text       string // of a text, as it is meant
	attributes []pair
	children   []*node
	source     string // of a narrative that is unchanged: its XML
	read       bool   // whether children holds what source has
}

// A pair is an attribute: its name as written, its value as it is meant.
type pair struct{ name, value string }

// treeOf gives the tree of a resource, below a node that stands for the document.
func treeOf(text string) (*node, error) {
	var s scanner
	s.reset(text)
	document := &node{}
	s.build(document, s.lazyNarratives)
	if s.problem != "" {
		return nil, s.outcome()
	}
	return document, nil
}

// build reads what is inside of an element into a node, up to its end. Narrow, if
// there is one, may take an element that has begun in another way.
func (s *scanner) build(into *node, narrow func(*node) bool) {
	for depth := len(s.open); ; {
		switch s.next() {
		case tokenStart:
			child := s.node(into)
			if narrow == nil || !narrow(child) {
				s.build(child, narrow)
			}
		case tokenText:
			text := s.text
			if !s.cdata {
				text = string(appendCharacters(nil, text))
			}
			into.insert(len(into.children), &node{text: text})
		case tokenEnd:
			if len(s.open) < depth {
				return
			}
		case tokenNone:
			return
		}
	}
}

// node adds the element whose start tag has been read.
func (s *scanner) node(parent *node) *node {
	n := &node{space: s.tag.space, name: s.tag.local}
	for _, a := range s.attributes {
		n.attributes = append(n.attributes, pair{a.name, a.plain()})
	}
	parent.insert(len(parent.children), n)
	return n
}

// lazyNarratives keeps the text of a narrative instead of its tree: so one that no
// patch is about stays as it is to the byte.
func (s *scanner) lazyNarratives(n *node) bool {
	if n.space != spaceXHTML {
		return false
	}
	start, depth := s.tag.at, len(s.open)
	for len(s.open) >= depth && s.next() != tokenNone {
		continue
	}
	n.source = s.src[start:s.pos]
	return true
}

// kids gives the children of a node; those of a narrative it reads first.
func (n *node) kids() []*node {
	if n.source == "" || n.read {
		return n.children
	}
	n.read = true
	var s scanner
	s.reset(n.source)
	if s.next() == tokenStart {
		s.build(n, nil)
	}
	return n.children
}

// change notes that a node is about to change, and with it the narrative it is of.
func (n *node) change() *node {
	for at := n; at != nil; at = at.parent {
		at.kids()
		at.source = ""
	}
	return n
}

// insert puts a child at a place.
func (n *node) insert(at int, child *node) {
	child.parent = n
	n.children = slices.Insert(n.children, at, child)
}

// index gives which child of its parent a node is.
func (n *node) index() int { return slices.Index(n.parent.children, n) }

// attribute finds an attribute; nil where there is none.
func (n *node) attribute(name string) *pair {
	for i := range n.attributes {
		if n.attributes[i].name == name {
			return &n.attributes[i]
		}
	}
	return nil
}

// content gives all text in a node, which is what XPath compares.
func (n *node) content() string {
	if n.name == "" && len(n.kids()) == 0 {
		return n.text
	}
	var b strings.Builder
	for _, child := range n.kids() {
		b.WriteString(child.content())
	}
	return b.String()
}

// append writes a node as XML. What has no namespace is taken for FHIR's.
func (n *node) append(b []byte, outer namespace) []byte {
	switch {
	case n.name == "":
		return appendText(b, n.text)
	case n.source != "":
		return append(b, n.source...)
	}
	space := n.space
	if space == spaceNone {
		space = spaceFHIR
	}
	b = append(b, '<')
	b = append(b, n.name...)
	if space != outer {
		b = append(b, ` xmlns="`+space.uri()+`"`...)
	}
	for _, a := range n.attributes {
		b = append(b, ' ')
		b = append(b, a.name...)
		b = append(b, '=', '"')
		b = appendValue(b, a.value)
		b = append(b, '"')
	}
	if len(n.children) == 0 {
		return append(b, '/', '>')
	}
	b = append(b, '>')
	for _, child := range n.children {
		b = child.append(b, space)
	}
	b = append(b, '<', '/')
	b = append(b, n.name...)
	return append(b, '>')
}

// order puts the elements of a resource into the order of the definition, without
// changing that of repetitions: a patch may add an element at the end.
func (n *node) order(typ *r4.Type) {
	if typ == nil || n.source != "" {
		return
	}
	rank := func(child *node) int {
		if e, _ := typ.Member(child.name); e != nil {
			return e.Index
		}
		return len(typ.Elements)
	}
	slices.SortStableFunc(n.children, func(a, b *node) int { return rank(a) - rank(b) })
	for _, child := range n.children {
		_, et := typ.Member(child.name)
		switch {
		case et == nil || et.Type.Name == "xhtml":
		case et.Type.Kind != r4.KindResource:
			child.order(et.Type)
		default:
			for _, resource := range child.children {
				resource.order(r4.Lookup(resource.name))
			}
		}
	}
}
