package dialect

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"bima/fhir"
)

// An Object is one of JSON, to be changed. Its values are Objects, []any, string,
// json.Number, bool and nil.
type Object = map[string]any

// Of gives a node as a tree of its own; nil of an absent one.
func Of(n fhir.Node) any {
	switch n.Kind() {
	case fhir.KindObject:
		o := make(Object, n.Len())
		for m := range n.All() {
			if _, twice := o[m.Name()]; !twice {
				o[m.Name()] = Of(m)
			}
		}
		return o
	case fhir.KindArray:
		list := make([]any, 0, n.Len())
		for e := range n.All() {
			list = append(list, Of(e))
		}
		return list
	case fhir.KindString:
		return n.Text()
	case fhir.KindNumber:
		return json.Number(n.Text())
	case fhir.KindBool:
		return n.Text() == "true"
	}
	return nil
}

// ObjectOf gives a node as an Object; an empty one where it is none.
func ObjectOf(n fhir.Node) Object {
	if o, ok := Of(n).(Object); ok {
		return o
	}
	return Object{}
}

// Parse reads a resource. It fails with an Outcome where the text is none.
func Parse(body []byte) (Object, error) {
	doc, err := fhir.Parse(body)
	if err != nil {
		return nil, err
	}
	o := ObjectOf(doc.Root())
	doc.Release()
	if Text(o, "resourceType") == "" {
		return nil, fhir.Errorf(fhir.IssueStructure, "", "the body is no FHIR resource: it has no resourceType")
	}
	return o, nil
}

// Write gives a tree as JSON, resourceType and id before the rest, which is in the
// order of the names.
func Write(v any) []byte { return write(nil, v) }

func write(b []byte, v any) []byte {
	switch v := v.(type) {
	case Object:
		b = append(b, '{')
		for i, name := range names(v) {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(append(write(b, name), ':'), write(nil, v[name])...)
		}
		return append(b, '}')
	case []any:
		b = append(b, '[')
		for i, e := range v {
			if i > 0 {
				b = append(b, ',')
			}
			b = write(b, e)
		}
		return append(b, ']')
	case []Object:
		return write(b, list(v))
	case []string:
		return write(b, list(v))
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		panic("dialect: a tree holds what JSON has not: " + err.Error())
	}
	return append(b, bytes.TrimSuffix(text.Bytes(), []byte{'\n'})...)
}

func list[T any](of []T) []any {
	out := make([]any, len(of))
	for i, e := range of {
		out[i] = e
	}
	return out
}

// names gives the names of an Object's members in the order they are written.
func names(o Object) []string {
	all := make([]string, 0, len(o))
	for name := range o {
		all = append(all, name)
	}
	slices.SortFunc(all, func(a, b string) int { return strings.Compare(place(a), place(b)) })
	return all
}

// place gives what a name is ordered by.
func place(name string) string {
	switch name {
	case "resourceType":
		return "\x00"
	case "id":
		return "\x01"
	case "url", "system":
		return "\x02" + name
	}
	return name
}

// At walks down by names; nil where the way ends.
func At(o Object, path ...string) any {
	var v any = o
	for _, name := range path {
		inner, ok := v.(Object)
		if !ok {
			return nil
		}
		v = inner[name]
	}
	return v
}

// Text gives a string, or a number as it is written; "" for all else.
func Text(o Object, path ...string) string {
	switch v := At(o, path...).(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}

// Child gives an Object; nil, which may be read, where there is none.
func Child(o Object, path ...string) Object {
	child, _ := At(o, path...).(Object)
	return child
}

// Each gives the Objects of a list, or the one that stands there alone.
func Each(o Object, path ...string) []Object {
	switch v := At(o, path...).(type) {
	case Object:
		return []Object{v}
	case []any:
		out := make([]Object, 0, len(v))
		for _, e := range v {
			if one, ok := e.(Object); ok {
				out = append(out, one)
			}
		}
		return out
	case []Object:
		return v
	}
	return nil
}

// Extension gives an extension of an element by its URL; nil where it has none.
func Extension(o Object, url string) Object {
	for _, e := range Each(o, "extension") {
		if Text(e, "url") == url {
			return e
		}
	}
	return nil
}

// Extend adds an extension.
func Extend(o Object, url, valueName string, value any) {
	have, _ := o["extension"].([]any)
	o["extension"] = append(have, Object{"url": url, valueName: value})
}

// Code gives the code that a CodeableConcept has of a system, or its first code
// where the system is "".
func Code(concept Object, system string) string {
	for _, c := range Each(concept, "coding") {
		if system == "" || Text(c, "system") == system {
			return Text(c, "code")
		}
	}
	return ""
}

// Identifier gives the value of an identifier of a system.
func Identifier(o Object, system string) string {
	for _, i := range Each(o, "identifier") {
		if Text(i, "system") == system {
			return Text(i, "value")
		}
	}
	return ""
}

// Concept gives a CodeableConcept of one coding.
func Concept(system, code, display string) Object {
	coding := Object{"system": system, "code": code}
	if display != "" {
		coding["display"] = display
	}
	return Object{"coding": []any{coding}}
}

// Clean takes out of a tree what JSON has and R4 forbids: null, and texts, lists
// and objects of nothing; and extensions that say nothing. Source: R4 json.
func Clean(v any) any {
	switch v := v.(type) {
	case Object:
		for name, member := range v {
			if member = Clean(member); name == "extension" || name == "modifierExtension" {
				member = saying(member)
			}
			if member == nil {
				delete(v, name)
				continue
			}
			v[name] = member
		}
		if len(v) == 0 {
			return nil
		}
		return v
	case []any:
		kept := v[:0]
		for _, e := range v {
			if e = Clean(e); e != nil {
				kept = append(kept, e)
			}
		}
		if len(kept) == 0 {
			return nil
		}
		return kept
	case string:
		if strings.TrimSpace(v) == "" {
			return nil
		}
	}
	return v
}

// saying leaves of extensions those that have a value or extensions of their own.
func saying(extensions any) any {
	all, _ := extensions.([]any)
	kept := all[:0]
	for _, e := range all {
		if o, ok := e.(Object); ok && len(o) > 1 {
			kept = append(kept, e)
		}
	}
	if len(kept) == 0 {
		return nil
	}
	return kept
}

// Decimal gives an amount as a number of JSON.
func Decimal(a fhir.Amount) json.Number { return json.Number(a.String()) }
