package xml

import (
	"strings"
	"sync"
	"unsafe"

	"bima/fhir"
	"bima/fhir/r4"
)

// ToJSON reads a resource from FHIR's XML and gives it as FHIR's JSON: compact,
// elements in the order of their definition. It fails with an Outcome of
// IssueStructure where the text is no well-formed XML, naming line and column, or
// where it is no FHIR: an unknown element or attribute, a wrong namespace, one
// element before another that the definition has first, text between elements;
// each is named by its path, and all are told at once. Document types are refused.
// Source: R4 xml.
func ToJSON(src []byte) ([]byte, error) {
	r := readers.Get().(*reader)
	defer r.giveBack()
	r.out = make([]byte, 0, len(src))
	r.scanner.reset(view(src))
	for t := r.next(); t != tokenNone; t = r.next() {
		if t == tokenStart { // and not the white space around the root
			r.resource()
		}
	}
	switch {
	case r.problem != "":
		return nil, r.outcome()
	case len(r.issues) > 0:
		return nil, &fhir.Outcome{Issues: r.issues}
	}
	return r.out, nil
}

// view gives bytes as a string without copying them. Nothing made of it outlives
// the call that was given the bytes.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

var readers = sync.Pool{New: func() any { return new(reader) }}

// giveBack keeps the memory of a reader for the next text, and nothing of this.
func (r *reader) giveBack() {
	r.forget()
	clear(r.path[:cap(r.path)])
	*r = reader{scanner: r.scanner, side: r.side[:0], path: r.path[:0]}
	readers.Put(r)
}

// A reader is one run over an XML text.
type reader struct {
	scanner
	out    []byte
	side   []byte // what goes into members such as "_given" once their elements are read
	path   path
	issues []fhir.Issue
}

// resource reads a resource, whose start tag has been read.
func (r *reader) resource() {
	typ := r4.Lookup(r.tag.local)
	switch {
	case r.tag.space != spaceFHIR:
		r.report(fhir.IssueStructure, "<%s> is not in the namespace of FHIR: declare it by xmlns=%q", excerpt(r.tag.name), fhirURI)
		r.skip()
		return
	case typ == nil || typ.Kind != r4.KindResource || typ.Abstract:
		r.report(fhir.IssueStructure, "<%s> is no resource type of FHIR R4", excerpt(r.tag.name))
		r.skip()
		return
	}
	if len(r.path) == 0 {
		r.path.push(typ.Name, single)
		defer r.path.pop()
	}
	r.out = append(r.out, `{"resourceType":"`...)
	r.out = append(r.out, typ.Name...)
	r.out = append(r.out, '"')
	for i := range r.attributes {
		r.otherAttribute(&r.attributes[i])
	}
	r.children(typ)
	r.out = append(r.out, '}')
}

// A group is the elements of one name that follow each other: one member in JSON.
type group struct {
	element *r4.Element
	typ     *r4.ElementType
	count   int // elements read
	values  int // of primitives: those with a value
	halves  int // of primitives: places written to the side
	start   int // where in out the member begins
	side    int // where in side its halves begin
}

func (g *group) many() bool { return g.element.Max != 1 }

// children reads the elements inside of one of the type, up to its end.
func (r *reader) children(typ *r4.Type) {
	var g group
	last := 0
	for {
		switch r.next() {
		case tokenStart:
			e, et := r.child(typ)
			if e == nil {
				r.skip()
				continue
			}
			if et != g.typ {
				r.close(&g)
				if e.Index < last {
					r.reportChild(e.Name, "the element %s must stand before %s: in XML elements have the order of their definition", et.JSON, typ.Elements[last].Name)
				}
				last = e.Index
				g = r.begin(e, et)
			}
			r.member(&g)
		case tokenText:
			r.characters()
		case tokenEnd:
			r.close(&g)
			return
		case tokenNone:
			return
		}
	}
}

// child finds the element that a start tag within one of the type is; nil, and a
// finding, where it is none.
func (r *reader) child(typ *r4.Type) (*r4.Element, *r4.ElementType) {
	e, et := typ.Member(r.tag.local)
	want := spaceFHIR
	if e != nil && et.Type.Name == "xhtml" {
		want = spaceXHTML
	}
	switch {
	case r.tag.space != want:
		r.reportChild(excerpt(r.tag.local), "<%s> is not in the namespace %s", excerpt(r.tag.name), want.uri())
	case e == nil:
		r.reportChild(excerpt(r.tag.local), "%s has no element %s", typ.Name, excerpt(r.tag.local))
	case isAttribute(typ, e):
		r.reportChild(e.Name, "%s is written as an attribute in XML, not as an element", e.Name)
	default:
		return e, et
	}
	return nil, nil
}

// isAttribute reports whether an element of a type is an attribute in XML: the id
// of what is no resource, and the url of an extension. Source: R4 xml.
func isAttribute(typ *r4.Type, e *r4.Element) bool {
	return e.Index == 0 && e.Name == "id" && typ.Kind != r4.KindResource || e.Name == "url" && typ.Name == "Extension"
}

// begin begins a member.
func (r *reader) begin(e *r4.Element, et *r4.ElementType) group {
	g := group{element: e, typ: et, start: len(r.out), side: len(r.side)}
	r.comma()
	r.out = append(r.out, '"')
	r.out = append(r.out, et.JSON...)
	r.out = append(r.out, '"', ':')
	if g.many() {
		r.out = append(r.out, '[')
	}
	return g
}

// comma parts a member from the one before it in the object.
func (r *reader) comma() {
	if r.out[len(r.out)-1] != '{' {
		r.out = append(r.out, ',')
	}
}

// member reads one element of a group.
func (r *reader) member(g *group) {
	index := single
	if g.many() {
		index = g.count
	}
	r.path.push(g.element.Name, index)
	if g.count > 0 {
		if !g.many() {
			r.report(fhir.IssueStructure, "the element %s is there again, but does not repeat", g.typ.JSON)
		}
		r.out = append(r.out, ',')
	}
	switch t := g.typ.Type; {
	case t.Name == "xhtml":
		r.narrative(g)
	case t.Kind == r4.KindPrimitive:
		r.primitive(g)
	case t.Kind == r4.KindResource:
		r.wrapped()
	default:
		r.complex(t)
	}
	g.count++
	r.path.pop()
}

// close ends a member.
func (r *reader) close(g *group) {
	switch {
	case g.typ == nil:
		return
	case g.typ.Type.Kind != r4.KindPrimitive:
		if g.many() {
			r.out = append(r.out, ']')
		}
		return
	case g.values == 0:
		r.out = r.out[:g.start]
	case g.many():
		r.out = append(r.out, ']')
	}
	if g.halves > 0 {
		r.closeHalves(g)
	}
}

// wrapped reads an element that holds a resource: contained, or the resource of
// an entry or a parameter.
func (r *reader) wrapped() {
	for i := range r.attributes {
		r.otherAttribute(&r.attributes[i])
	}
	for count := 0; ; {
		switch r.next() {
		case tokenStart:
			if count++; count > 1 {
				r.report(fhir.IssueStructure, "an element of this kind holds one resource, not several: repeat the element itself")
				r.skip()
				continue
			}
			r.resource()
		case tokenText:
			r.characters()
		case tokenEnd:
			if count == 0 {
				r.report(fhir.IssueStructure, "there is no resource in it")
			}
			return
		case tokenNone:
			return
		}
	}
}

// complex reads an element that has elements.
func (r *reader) complex(typ *r4.Type) {
	r.out = append(r.out, '{')
	for i := range r.attributes {
		a := &r.attributes[i]
		if a.space == spaceNone && (a.name == "id" || a.name == "url" && typ.Name == "Extension") {
			r.attribute(a)
			continue
		}
		r.otherAttribute(a)
	}
	r.children(typ)
	r.out = append(r.out, '}')
}

// attribute writes the member that an attribute is.
func (r *reader) attribute(a *attribute) {
	r.comma()
	r.out = append(r.out, '"')
	r.out = append(r.out, a.name...)
	r.out = append(r.out, '"', ':')
	r.out = a.appendString(r.out)
}

// otherAttribute passes over an attribute that says nothing about the resource,
// and reports any other. Source: R4 xml (xsi:schemaLocation).
func (r *reader) otherAttribute(a *attribute) {
	if a.space != spaceXSI {
		r.report(fhir.IssueStructure, "the attribute %s is not known here", excerpt(a.name))
	}
}

// characters reports text between elements that is more than white space.
func (r *reader) characters() {
	if strings.Trim(r.text, " \t\r\n") != "" {
		r.report(fhir.IssueStructure, "the text %q stands between elements: values are written as value=\"…\"", excerpt(r.text))
	}
}

// skip passes over the element whose start tag has been read.
func (r *reader) skip() {
	for depth := len(r.open); r.problem == ""; {
		if r.next() == tokenEnd && len(r.open) < depth {
			return
		}
	}
}
