package fhir

import (
	"bytes"
	"slices"
	"strconv"
)

// An Edit changes some members of a JSON text and leaves every other byte as it
// was, so that what a client sent keeps its order and its decimals. The nodes it
// is given must be of the document it began with, and no change may lie within
// another.
type Edit struct {
	src     []byte
	splices []splice
	lists   map[int]int  // of elements that get their first extension: the splice that has the list
	added   map[int]bool // where something is added, once there are many splices
}

// A splice puts text in the place of src[at:end]. One that adds stands where an
// object or array closes, at == end.
type splice struct {
	at, end int
	text    []byte
	first   bool // of those that add: whether nothing stands before it
}

// NewEdit begins an Edit of the document.
func NewEdit(d *Document) *Edit { return &Edit{src: d.Bytes()} }

// Replace puts a JSON value in the place of a node's.
func (e *Edit) Replace(n Node, value []byte) {
	e.splices = append(e.splices, splice{at: n.Offset(), end: n.Offset() + len(n.Raw()), text: value})
}

// Set gives a member of an object a JSON value; it adds the member at the end
// where there is none.
func (e *Edit) Set(object Node, name string, value []byte) {
	if old := object.Get(name); old.Exists() {
		e.Replace(old, value)
		return
	}
	e.add(object, slices.Concat([]byte(strconv.Quote(name)), []byte{':'}, value))
}

// Append adds a JSON value at the end of an array.
func (e *Edit) Append(array Node, value []byte) { e.add(array, value) }

// SetExtension gives the element's extension of a URL the JSON value under
// valueName ("valueCode"); it adds the extension where there is none.
func (e *Edit) SetExtension(element Node, url, valueName string, value []byte) {
	if old := element.Extension(url); old.Exists() {
		e.Set(old, valueName, value)
		return
	}
	added := slices.Concat([]byte(`{"url":`+strconv.Quote(url)+`,`+strconv.Quote(valueName)+`:`), value, []byte{'}'})
	if list := element.Get("extension"); list.Exists() {
		e.add(list, added)
		return
	}
	if i, ok := e.lists[element.Offset()]; ok {
		list := bytes.TrimSuffix(e.splices[i].text, []byte{']'})
		e.splices[i].text = slices.Concat(list, []byte{','}, added, []byte{']'})
		return
	}
	if e.lists == nil {
		e.lists = make(map[int]int)
	}
	e.lists[element.Offset()] = len(e.splices)
	e.Set(element, "extension", slices.Concat([]byte{'['}, added, []byte{']'}))
}

// add puts text before the bracket that closes a container.
func (e *Edit) add(container Node, text []byte) {
	at := container.Offset() + len(container.Raw()) - 1
	e.splices = append(e.splices, splice{at: at, end: at, text: text, first: container.Len() == 0 && !e.adds(at)})
	if e.added != nil {
		e.added[at] = true
	}
}

// fewSplices is how many are looked through one by one.
const fewSplices = 32

// adds reports whether something is added at a place already.
func (e *Edit) adds(at int) bool {
	if e.added == nil && len(e.splices) < fewSplices {
		return slices.ContainsFunc(e.splices, func(s splice) bool { return s.at == at && s.end == at })
	}
	if e.added == nil {
		e.added = make(map[int]bool)
		for _, s := range e.splices {
			if s.at == s.end {
				e.added[s.at] = true
			}
		}
	}
	return e.added[at]
}

// Bytes gives the text with all changes made.
func (e *Edit) Bytes() []byte {
	ordered := slices.Clone(e.splices)
	slices.SortStableFunc(ordered, func(a, b splice) int { return a.at - b.at })
	var out bytes.Buffer
	from := 0
	for _, s := range ordered {
		out.Write(e.src[from:s.at])
		if s.at == s.end && !s.first {
			out.WriteByte(',')
		}
		out.Write(s.text)
		from = s.end
	}
	out.Write(e.src[from:])
	return out.Bytes()
}
