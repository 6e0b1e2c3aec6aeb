package fhir

import (
	"iter"
	"sync"
	"unsafe"
)

// A NodeKind is what a JSON value is.
type NodeKind uint8

// The kinds of JSON values. KindAbsent is the kind of the zero Node.
const (
	KindAbsent NodeKind = iota
	KindNull
	KindBool
	KindNumber
	KindString
	KindArray
	KindObject
)

// String gives the kind in words for a message.
func (k NodeKind) String() string {
	return [...]string{"nothing", "null", "a boolean", "a number", "a string", "an array", "an object"}[k]
}

// A Document is a parsed JSON text. Its Nodes point into the text, so nobody
// may write to it. A Document is immutable and safe for concurrent use.
type Document struct {
	src        []byte
	side       []byte // strings that had escapes, unescaped
	records    []record
	duplicates []Node
	illFormed  []Node // strings that are not valid UTF-8
}

// A record is one value. It holds no pointers, so the collector skips the arena.
type record struct {
	at, end         uint32 // the value's bytes in src
	nameAt, nameEnd uint32 // the member's name, in src or side
	first, next     uint32 // index of the first child and of the next sibling; 0 is none
	count           uint32 // of an array or object: its children
	textAt, textEnd uint32 // of a string: its text, in src or side
	kind            NodeKind
	nameInSide      bool
	textInSide      bool
}

// A Node is one value in a Document, with the name it has in its object. The
// zero Node is absent; all methods work on it, so paths need no checks between.
type Node struct {
	doc *Document
	i   uint32
}

// Root gives the whole value.
func (d *Document) Root() Node { return Node{d, 0} }

// Bytes gives the text the document was parsed from; nobody writes to it.
func (d *Document) Bytes() []byte { return d.src }

// Duplicates gives the members whose name occurred before in the same object.
func (d *Document) Duplicates() []Node { return d.duplicates }

// IllFormed gives the strings and members that are not valid UTF-8 or hold
// half a surrogate pair.
func (d *Document) IllFormed() []Node { return d.illFormed }

// Exists reports whether the node is there.
func (n Node) Exists() bool { return n.doc != nil }

// Document gives the document of the node; nil for the absent one.
func (n Node) Document() *Document { return n.doc }

// Kind gives the node's kind, KindAbsent for the zero Node.
func (n Node) Kind() NodeKind {
	if n.doc == nil {
		return KindAbsent
	}
	return n.doc.records[n.i].kind
}

// Name gives the member name of the node, "" for the root and array elements.
func (n Node) Name() string {
	if n.doc == nil {
		return ""
	}
	r := &n.doc.records[n.i]
	if r.nameInSide {
		return view(n.doc.side[r.nameAt:r.nameEnd])
	}
	return view(n.doc.src[r.nameAt:r.nameEnd])
}

// Text gives a string without its quotes and escapes, and numbers, booleans and
// null as they stand in the source; "" for arrays, objects and the absent node.
func (n Node) Text() string {
	if n.doc == nil {
		return ""
	}
	r := &n.doc.records[n.i]
	switch r.kind {
	case KindString:
		if r.textInSide {
			return view(n.doc.side[r.textAt:r.textEnd])
		}
		return view(n.doc.src[r.textAt:r.textEnd])
	case KindArray, KindObject:
		return ""
	}
	return view(n.doc.src[r.at:r.end])
}

// Raw gives the node's bytes as they stand in the source; nobody writes to them.
func (n Node) Raw() []byte {
	if n.doc == nil {
		return nil
	}
	r := &n.doc.records[n.i]
	return n.doc.src[r.at:r.end:r.end]
}

// Offset gives where in the source the node's value begins, in bytes.
func (n Node) Offset() int {
	if n.doc == nil {
		return 0
	}
	return int(n.doc.records[n.i].at)
}

// Len gives the number of elements of an array or members of an object.
func (n Node) Len() int {
	if n.doc == nil {
		return 0
	}
	return int(n.doc.records[n.i].count)
}

// First gives the first element or member, absent if there is none.
func (n Node) First() Node {
	if n.doc == nil {
		return Node{}
	}
	return n.at(n.doc.records[n.i].first)
}

// Next gives the sibling that follows, absent after the last.
func (n Node) Next() Node {
	if n.doc == nil {
		return Node{}
	}
	return n.at(n.doc.records[n.i].next)
}

func (n Node) at(i uint32) Node {
	if i == 0 {
		return Node{}
	}
	return Node{n.doc, i}
}

// Get finds a member of an object by name; of duplicates the first.
func (n Node) Get(name string) Node {
	if n.Kind() != KindObject {
		return Node{}
	}
	for c := n.First(); c.doc != nil; c = c.Next() {
		if c.Name() == name {
			return c
		}
	}
	return Node{}
}

// At walks down by member names: At("subject", "reference").
func (n Node) At(names ...string) Node {
	for _, name := range names {
		n = n.Get(name)
	}
	return n
}

// All ranges over the elements of an array or the members of an object.
func (n Node) All() iter.Seq[Node] {
	return func(yield func(Node) bool) {
		for c := n.First(); c.doc != nil; c = c.Next() {
			if !yield(c) {
				return
			}
		}
	}
}

// Each ranges over an element that may repeat: the elements of an array, the
// node itself where it is a single value, nothing where it is absent.
func (n Node) Each() iter.Seq[Node] {
	return func(yield func(Node) bool) {
		switch n.Kind() {
		case KindAbsent:
		case KindArray:
			n.All()(yield)
		default:
			yield(n)
		}
	}
}

// view gives bytes as a string without copying; the bytes are never written to.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

var arenas = sync.Pool{New: func() any { return new(Document) }}

// Release gives the document's memory back for the next Parse. After it no Node
// of the document may be used; texts taken from it stay good.
func (d *Document) Release() {
	*d = Document{records: d.records[:0]}
	arenas.Put(d)
}

// Extension finds an extension of the element by its URL; of several the first,
// and absent where there is none.
func (n Node) Extension(url string) Node {
	for e := range n.Get("extension").Each() {
		if e.Get("url").Text() == url {
			return e
		}
	}
	return Node{}
}

// Identifier gives the value of the resource's identifier of a system; of several
// the first, and "" where there is none.
func (n Node) Identifier(system string) string {
	for i := range n.Get("identifier").Each() {
		if i.Get("system").Text() == system {
			return i.Get("value").Text()
		}
	}
	return ""
}

// Code gives the code that a CodeableConcept has of a system; of several the
// first, and "" where there is none.
func (n Node) Code(system string) string {
	for c := range n.Get("coding").Each() {
		if c.Get("system").Text() == system {
			return c.Get("code").Text()
		}
	}
	return ""
}

// pairwiseMax is up to how many members every pair of names is compared; a map
// is faster beyond.
const pairwiseMax = 24

func (p *parser) findDuplicates(object uint32) {
	o := Node{p.doc, object}
	if o.Len() > pairwiseMax {
		seen := make(map[string]bool, o.Len())
		for c := range o.All() {
			if seen[c.Name()] {
				p.doc.duplicates = append(p.doc.duplicates, c)
			}
			seen[c.Name()] = true
		}
		return
	}
	for a := o.First(); a.doc != nil; a = a.Next() {
		name := a.Name()
		for b := o.First(); b.i != a.i; b = b.Next() {
			if b.Name() == name {
				p.doc.duplicates = append(p.doc.duplicates, a)
				break
			}
		}
	}
}
