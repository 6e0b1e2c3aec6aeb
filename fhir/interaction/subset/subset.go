// Package subset shows resources in part, as _summary and _elements ask for.
package subset

import (
	"slices"
	"strings"

	"bima/fhir"
	"bima/fhir/interaction/jsontext"
	"bima/fhir/r4"
)

// subsetted is the tag of a resource that is not shown whole.
// Source: R4 search#summary.
const subsetted = `{"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationValue","code":"SUBSETTED"}`

// A filter says which elements of a resource are shown.
type filter struct {
	summary  string // true, text or data
	elements []string
}

// Elements gives the part of a resource that _summary (true, text, data, false)
// or _elements asks for, tagged SUBSETTED; without either, the resource as it
// is. Mandatory elements are always shown, so that the part stays valid where it
// can. Source: R4 search#summary, search#elements.
func Elements(body []byte, summary string, elements []string) []byte {
	f := filter{summary: summary, elements: elements}
	if !f.asked() || body == nil {
		return body
	}
	doc, err := fhir.Parse(body)
	if err != nil {
		return body
	}
	defer doc.Release()
	n := doc.Root()
	typ := r4.Lookup(n.Get("resourceType").Text())
	if typ == nil {
		return body
	}
	return f.resource(make([]byte, 0, len(body)+len(subsetted)+32), n, typ)
}

// Names reads _elements of a search or history of a type, in which "Patient.name" is
// the name of patients.
func Names(text, typ string) (names []string) {
	for name := range strings.SplitSeq(text, ",") {
		if name = strings.TrimSpace(name); name != "" {
			names = append(names, strings.TrimPrefix(name, typ+"."))
		}
	}
	return names
}

// OfTypes gives those of the elements that name the type they are of,
// "Patient.name". They hold for included resources too; the others are of the
// resources searched for.
func OfTypes(elements []string) []string {
	var typed []string
	for _, e := range elements {
		if typ, _, ok := strings.Cut(e, "."); ok && r4.IsResource(typ) {
			typed = append(typed, e)
		}
	}
	return typed
}

func (f filter) asked() bool {
	return f.summary == "true" || f.summary == "text" || f.summary == "data" || len(f.elements) > 0
}

// resource writes the part of a resource that is asked for.
func (f filter) resource(b []byte, n fhir.Node, typ *r4.Type) []byte {
	b = append(b, `{"resourceType":`...)
	b = jsontext.AppendString(b, typ.Name)
	tagged := false
	for m := range n.All() {
		switch name := m.Name(); {
		case name == "resourceType":
		case name == "meta":
			b = appendTagged(b, m)
			tagged = true
		case name == "id" || f.shows(typ, name):
			b = f.member(b, m, typ)
		}
	}
	if !tagged {
		b = append(b, `,"meta":{"tag":[`+subsetted+`]}`...)
	}
	return append(b, '}')
}

// shows reports whether a member at the top of a resource is asked for.
func (f filter) shows(typ *r4.Type, name string) bool {
	plain := withoutUnderscore(name)
	element, _ := typ.Member(plain)
	if element == nil {
		return false
	}
	if element.Min > 0 || plain == "implicitRules" {
		return true
	}
	if len(f.elements) > 0 {
		return f.lists(typ, element.Name) || f.lists(typ, plain)
	}
	switch f.summary {
	case "text":
		return plain == "text"
	case "data":
		return plain != "text"
	}
	return element.Summary
}

// lists reports whether an element is one of those asked for, by its name or with
// its type before it. Of "name.family" all of name is shown.
func (f filter) lists(typ *r4.Type, name string) bool {
	return slices.ContainsFunc(f.elements, func(e string) bool {
		e = strings.TrimPrefix(e, typ.Name+".")
		return e == name || strings.HasPrefix(e, name+".")
	})
}

// member writes a member; of a summary only those of its parts that are in the
// summary too.
func (f filter) member(b []byte, m fhir.Node, typ *r4.Type) []byte {
	b = append(b, ',')
	b = jsontext.AppendString(b, m.Name())
	b = append(b, ':')
	_, et := typ.Member(m.Name())
	if f.summary != "true" || len(f.elements) > 0 || et == nil {
		return append(b, m.Raw()...)
	}
	return summaryValue(b, m, et.Type)
}

// summaryValue writes a value with those of its members that are in the summary.
// A value without any, such as a data type no part of which is marked, is shown
// whole, for an empty object is no FHIR.
func summaryValue(b []byte, n fhir.Node, typ *r4.Type) []byte {
	switch {
	case n.Kind() == fhir.KindArray:
		b = append(b, '[')
		for element := n.First(); element.Exists(); element = element.Next() {
			b = summaryValue(b, element, typ)
			if element.Next().Exists() {
				b = append(b, ',')
			}
		}
		return append(b, ']')
	case n.Kind() != fhir.KindObject || typ == nil || len(typ.Elements) == 0 || typ.Is("Resource"):
		return append(b, n.Raw()...)
	}
	start := len(b)
	b = append(b, '{')
	for m := range n.All() {
		element, et := typ.Member(withoutUnderscore(m.Name()))
		if element == nil || !element.Summary && element.Min == 0 {
			continue
		}
		if len(b) > start+1 {
			b = append(b, ',')
		}
		b = jsontext.AppendString(b, m.Name())
		b = append(b, ':')
		if m.Name()[0] == '_' {
			b = append(b, m.Raw()...)
		} else {
			b = summaryValue(b, m, et.Type)
		}
	}
	if len(b) == start+1 {
		return append(b[:start], n.Raw()...)
	}
	return append(b, '}')
}

// appendTagged writes meta with the tag SUBSETTED.
func appendTagged(b []byte, meta fhir.Node) []byte {
	b = append(b, `,"meta":{`...)
	for m := range meta.All() {
		if m.Name() != "tag" {
			b = jsontext.AppendString(b, m.Name())
			b = append(b, ':')
			b = append(b, m.Raw()...)
			b = append(b, ',')
		}
	}
	b = append(b, `"tag":[`...)
	for tag := range meta.Get("tag").Each() {
		b = append(b, tag.Raw()...)
		b = append(b, ',')
	}
	return append(b, subsetted+`]}`...)
}

func withoutUnderscore(name string) string {
	if len(name) > 1 && name[0] == '_' {
		return name[1:]
	}
	return name
}
