package xml

import (
	"slices"
	"strings"
	"sync"

	"bima/fhir"
	"bima/fhir/r4"
)

// FromJSON adds a resource in FHIR's JSON to dst as FHIR's XML, on one line. It
// fails with an Outcome of IssueStructure where the text is no JSON or holds what
// R4 does not define, named by its path: XML has no place for that.
// Source: R4 xml.
func FromJSON(dst, src []byte) ([]byte, error) { return fromJSON(dst, src, false) }

// FromJSONIndent is FromJSON for people: each element on a line of its own,
// indented by two blanks for each level. Narratives stay as they are.
func FromJSONIndent(dst, src []byte) ([]byte, error) { return fromJSON(dst, src, true) }

// declaration is what the XML we write begins with.
const declaration = `<?xml version="1.0" encoding="UTF-8"?>`

func fromJSON(dst, src []byte, indent bool) ([]byte, error) {
	doc, err := fhir.Parse(src)
	if err != nil {
		return dst, err
	}
	defer doc.Release()
	if bad := doc.IllFormed(); len(bad) > 0 {
		return dst, fhir.Errorf(fhir.IssueStructure, "", "the text %q is no UTF-8", excerpt(bad[0].Name()))
	}
	w := writers.Get().(*writer)
	defer w.giveBack()
	w.out, w.indent = slices.Grow(dst, len(src)+len(src)/2), indent
	w.out = append(w.out, declaration...)
	w.resource(doc.Root())
	if w.err != nil {
		return dst, w.err
	}
	return w.out, nil
}

var writers = sync.Pool{New: func() any { return new(writer) }}

// giveBack keeps the memory of a writer for the next resource, and nothing of this.
func (w *writer) giveBack() {
	clear(w.members[:cap(w.members)])
	*w = writer{members: w.members[:0], path: w.path[:0]}
	writers.Put(w)
}

// A writer is one run over a JSON tree.
type writer struct {
	out     []byte
	members []member // of the objects that are being written, the innermost last
	path    path
	depth   int // elements that are open
	indent  bool
	err     error
}

// A member is one member of an object.
type member struct {
	element *r4.Element
	typ     *r4.ElementType
	node    fhir.Node
	half    bool // whether its name has the underscore
}

// compare orders members as their elements come in XML; of one primitive the
// half comes after the value.
func (m member) compare(other member) int {
	switch {
	case m.element != other.element:
		return m.element.Index - other.element.Index
	case m.typ != other.typ:
		return strings.Compare(m.typ.JSON, other.typ.JSON)
	case m.half == other.half:
		return 0
	case m.half:
		return 1
	}
	return -1
}

func (w *writer) fail(format string, args ...any) {
	if w.err == nil {
		w.err = fhir.Errorf(fhir.IssueStructure, w.path.String(), format, args...)
	}
}

// resource writes a resource.
func (w *writer) resource(n fhir.Node) {
	name := n.Get("resourceType").Text()
	typ := r4.Lookup(name)
	if typ == nil || typ.Kind != r4.KindResource || typ.Abstract {
		w.fail("%q is no resource type of FHIR R4", excerpt(name))
		return
	}
	root := len(w.path) == 0
	if root {
		w.path.push(typ.Name, single)
		defer w.path.pop()
	}
	w.openTag(typ.Name)
	if root {
		w.out = append(w.out, ` xmlns="`+fhirURI+`"`...)
	}
	w.content(n, typ, typ.Name)
}

// openTag begins a start tag.
func (w *writer) openTag(name string) {
	w.line()
	w.out = append(w.out, '<')
	w.out = append(w.out, name...)
}

// line begins a line, for people.
func (w *writer) line() {
	if !w.indent {
		return
	}
	w.out = append(w.out, '\n')
	for range w.depth {
		w.out = append(w.out, ' ', ' ')
	}
}

// content writes the rest of an element whose tag has been begun, from the
// members of an object.
func (w *writer) content(n fhir.Node, typ *r4.Type, name string) {
	base := len(w.members)
	w.collect(n, typ, base)
	w.finish(base, name)
}

// finish writes the members from base on as elements, after the rest of the start
// tag and before the end tag.
func (w *writer) finish(base int, name string) {
	if w.err != nil {
		return
	}
	if len(w.members) == base {
		w.out = append(w.out, '/', '>')
		return
	}
	w.out = append(w.out, '>')
	w.depth++
	for i := base; i < len(w.members) && w.err == nil; {
		i += w.element(i)
	}
	w.depth--
	w.members = w.members[:base]
	w.line()
	w.closeTag(name)
}

func (w *writer) closeTag(name string) {
	w.out = append(w.out, '<', '/')
	w.out = append(w.out, name...)
	w.out = append(w.out, '>')
}

// collect finds the members of an object that are elements, in the order of the
// definition, and writes those that are attributes.
func (w *writer) collect(n fhir.Node, typ *r4.Type, base int) {
	sorted := true
	for c := n.First(); c.Exists(); c = c.Next() {
		name := c.Name()
		half := len(name) > 1 && name[0] == '_'
		if half {
			name = name[1:]
		}
		e, et := typ.Member(name)
		switch {
		case e == nil && typ.Kind == r4.KindResource && c.Name() == "resourceType":
			continue
		case e == nil || half && et.Type.Kind != r4.KindPrimitive:
			w.fail("%s has no element %s", typ.Name, excerpt(c.Name()))
			return
		case isAttribute(typ, e):
			w.attribute(e.Name, c, half)
			continue
		}
		m := member{e, et, c, half}
		sorted = sorted && (len(w.members) == base || w.members[len(w.members)-1].compare(m) <= 0)
		w.members = append(w.members, m)
	}
	if !sorted {
		slices.SortStableFunc(w.members[base:], member.compare)
	}
}

// attribute writes an element that is an attribute. What extends it has no place
// in XML.
func (w *writer) attribute(name string, n fhir.Node, half bool) {
	if half || n.Kind() != fhir.KindString {
		w.path.push(name, single)
		w.fail("%s is an attribute in XML: it must be a string without extensions", name)
		w.path.pop()
		return
	}
	w.value(name, n.Text())
}

// value writes an attribute.
func (w *writer) value(name, text string) {
	w.out = append(w.out, ' ')
	w.out = append(w.out, name...)
	w.out = append(w.out, '=', '"')
	w.out = appendValue(w.out, text)
	w.out = append(w.out, '"')
}
