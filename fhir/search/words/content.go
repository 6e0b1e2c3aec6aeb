package words

import (
	"strings"
	"sync"
	"unicode/utf8"

	"bima/fhir"
	"bima/fhir/r4"
)

// contentMax is how much text of one resource is searched, in bytes: 256 KiB,
// more than a long letter. What stands behind it is not found.
const contentMax = 256 << 10

// nestingMax is how deep elements are looked into.
const nestingMax = 64

// Content gives all that a resource has for people to read, each text on a line
// of its own: its narrative, as Narrative gives it, then strings and markdown in
// the order they stand. Ids, codes, URIs, references and encoded data are left
// out. At most 256 KiB are given. Source: R4 search#content.
func Content(n fhir.Node, narrative string) string {
	p := plans().of[n.Get("resourceType").Text()]
	if p == nil {
		return ""
	}
	scratch := buffers.Get().(*[]byte)
	defer buffers.Put(scratch)
	c := content{text: (*scratch)[:0]}
	defer func() { *scratch = c.text }()
	c.add(narrative)
	c.object(n, p, 0)
	end := len(c.text)
	if end > contentMax {
		for end = contentMax; end > 0 && !utf8.RuneStart(c.text[end]); end-- {
		}
	}
	return string(c.text[:end])
}

// buffers are for texts as they grow; what is given is copied out of them.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

// A plan says which members of a type are texts, or lead to some.
type plan struct {
	few  []member          // up to fewMax, to look through
	many map[string]member // of more than that
	any  bool              // a resource of whatever type
}

// A member is a text, or an element that may have texts.
type member struct {
	name  string
	xhtml bool
	next  *plan // nil for a text
}

// fewMax is up to how many names are compared one by one: faster than a map.
const fewMax = 12

func (p *plan) member(name string) (member, bool) {
	for i := range p.few {
		if p.few[i].name == name {
			return p.few[i], true
		}
	}
	m, ok := p.many[name]
	return m, ok
}

// planned are the plans of all types, by name.
type planned struct{ of map[string]*plan }

var plans = sync.OnceValue(func() *planned {
	all := &planned{of: map[string]*plan{}}
	for _, name := range r4.Resources() {
		all.make(r4.Lookup(name))
	}
	return all
})

// make gives the plan of a type, and makes it and those it leads to where they are
// not there yet.
func (all *planned) make(typ *r4.Type) *plan {
	if p := all.of[typ.Name]; p != nil {
		return p
	}
	p := &plan{any: typ.Abstract}
	all.of[typ.Name] = p
	var members []member
	for _, e := range typ.Elements {
		for i := range e.Types {
			if m, ok := all.member(typ, &e.Types[i]); ok {
				members = append(members, m)
			}
		}
	}
	if len(members) <= fewMax {
		p.few = members
		return p
	}
	p.many = make(map[string]member, len(members))
	for _, m := range members {
		p.many[m.name] = m
	}
	return p
}

func (all *planned) member(of *r4.Type, et *r4.ElementType) (member, bool) {
	m := member{name: et.JSON, xhtml: et.Type.Name == "xhtml"}
	switch {
	case et.Type.Kind != r4.KindPrimitive:
		m.next = all.make(et.Type)
	case et.Type.Name == "string":
		return m, m.name != "id" && (m.name != "reference" || of.Name != "Reference")
	default:
		return m, m.xhtml || et.Type.Name == "markdown"
	}
	return m, true
}

// content is one walk over a resource.
type content struct{ text []byte }

func (c *content) object(n fhir.Node, p *plan, depth int) {
	if p.any { // a contained resource, or an entry's
		p = plans().of[n.Get("resourceType").Text()]
	}
	if p == nil || depth > nestingMax {
		return
	}
	for v := n.First(); v.Exists() && len(c.text) < contentMax; v = v.Next() {
		switch v.Kind() {
		case fhir.KindString, fhir.KindArray, fhir.KindObject:
			if m, ok := p.member(v.Name()); ok {
				c.value(v, m, depth)
			}
		}
	}
}

// value adds the texts of a member, which may repeat.
func (c *content) value(v fhir.Node, m member, depth int) {
	switch v.Kind() {
	case fhir.KindArray:
		for each := v.First(); each.Exists(); each = each.Next() {
			if each.Kind() != fhir.KindArray {
				c.value(each, m, depth)
			}
		}
	case fhir.KindObject:
		if m.next != nil && (depth > 0 || m.name != "text" || m.next != plans().of["Narrative"]) {
			c.object(v, m.next, depth+1)
		}
	case fhir.KindString:
		switch {
		case m.next != nil:
		case m.xhtml:
			c.text = append(appendNarrative(c.text, v.Text()), '\n')
		default:
			c.add(strings.TrimSpace(v.Text()))
		}
	}
}

func (c *content) add(text string) {
	if text != "" {
		c.text = append(append(c.text, text...), '\n')
	}
}
