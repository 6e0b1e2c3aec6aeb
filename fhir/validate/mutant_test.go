package validate_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"bima/fhir"
	"bima/fhir/r4"
)

// A site is one place of a resource with one way to break it. apply breaks it
// and gives what mends it again.
type site struct {
	kind  string
	path  string // the expression expected in a finding
	apply func() (undo func())
}

// A breaker walks a resource beside its types and collects sites.
type breaker struct{ sites []site }

func (b *breaker) add(kind, path string, apply func() func()) {
	b.sites = append(b.sites, site{kind, path, apply})
}

// set is a site that gives a member another value.
func (b *breaker) set(kind, path string, m map[string]any, key string, value any) {
	b.add(kind, path, func() func() {
		before, had := m[key]
		m[key] = value
		return func() {
			if m[key] = before; !had {
				delete(m, key)
			}
		}
	})
}

func (b *breaker) drop(kind, path string, m map[string]any, key string) {
	b.add(kind, path, func() func() {
		before := m[key]
		delete(m, key)
		return func() { m[key] = before }
	})
}

// object collects the sites of an object of a type.
func (b *breaker) object(m map[string]any, t *r4.Type, path string) {
	if name, ok := m["resourceType"].(string); ok {
		t = r4.Lookup(name)
	}
	if t == nil {
		return
	}
	b.set("an unknown element", path+".zzz", m, "zzz", "x")
	for _, e := range t.Elements {
		b.element(m, t, e, path+"."+e.Name)
	}
	if t.Name == "Extension" {
		b.extension(m, path)
	}
}

func (b *breaker) element(m map[string]any, t *r4.Type, e *r4.Element, path string) {
	for i := range e.Types {
		et := &e.Types[i]
		value, has := m[et.JSON]
		if !has {
			continue
		}
		if _, half := m["_"+et.JSON]; e.Min > 0 && !half {
			b.drop("a required element that is missing", path, m, et.JSON)
		}
		if e.Choice {
			other := e.Types[(i+1)%len(e.Types)].JSON
			b.set("two types of one choice", path, m, other, sampleOf(e.Types[(i+1)%len(e.Types)].Type))
		}
		b.shape(m, et, e, value, path)
		if e.Max == r4.Unbounded {
			list, _ := value.([]any)
			for n, v := range list {
				b.value(list, n, et, e, v, fmt.Sprintf("%s[%d]", path, n))
			}
			continue
		}
		holder := []any{value}
		before := len(b.sites)
		b.value(holder, 0, et, e, value, path)
		b.sink(before, holder, m, et.JSON)
	}
}

// sink makes the sites after from, which change holder[0], change m[key].
func (b *breaker) sink(from int, holder []any, m map[string]any, key string) {
	for i := from; i < len(b.sites); i++ {
		apply := b.sites[i].apply
		b.sites[i].apply = func() func() {
			undo := apply()
			m[key] = holder[0]
			return func() {
				undo()
				m[key] = holder[0]
			}
		}
	}
}

// sampleOf gives some value of a type for a mutant.
func sampleOf(t *r4.Type) any {
	switch t.Name {
	case "boolean":
		return true
	case "integer", "decimal", "positiveInt", "unsignedInt":
		return json.Number("1")
	case "date", "dateTime":
		return "2026"
	case "instant":
		return "2026-01-01T00:00:00Z"
	case "time":
		return "10:00:00"
	case "base64Binary":
		return "AAAA"
	case "Period":
		return map[string]any{"start": "2026"}
	case "Reference", "CodeableConcept", "Coding", "Annotation", "Attachment":
		return map[string]any{"id": "a"}
	}
	if t.Kind != r4.KindPrimitive {
		return map[string]any{"id": "a"}
	}
	return "x"
}

// shape collects the sites that give an element another JSON shape.
func (b *breaker) shape(m map[string]any, et *r4.ElementType, e *r4.Element, value any, path string) {
	if e.Max == r4.Unbounded {
		if list, ok := value.([]any); ok && len(list) == 1 {
			b.set("one value where an array belongs", path, m, et.JSON, list[0])
		}
		b.set("an empty array", path, m, et.JSON, []any{})
		if et.Type.Kind == r4.KindPrimitive {
			half := make([]any, 7)
			half[0] = map[string]any{"id": "a"}
			b.set("extensions not aligned", path, m, "_"+et.JSON, half)
			b.set("a gap without extensions", path, m, et.JSON, append([]any{nil}, value.([]any)...))
		}
		return
	}
	b.set("an array where one value belongs", path, m, et.JSON, []any{value})
	b.set("null", path, m, et.JSON, nil)
}

// malformed gives a value of the right JSON kind and the wrong format.
var malformed = map[string]any{
	"date": "2026-02-30", "dateTime": "2026-02-28T10:00", "instant": "2026-02-28", "time": "25:00:00",
	"id": "a_b", "uri": "a b", "url": "a b", "canonical": "a b", "code": " a", "oid": "urn:oid:3.1", "uuid": "urn:uuid:1",
	"positiveInt": json.Number("0"), "unsignedInt": json.Number("-1"), "integer": json.Number("1.5"),
	"base64Binary": "abc", "string": "a\u0001b", "markdown": "a\u0001b",
}

// value collects the sites of one value, which is list[n].
func (b *breaker) value(list []any, n int, et *r4.ElementType, e *r4.Element, value any, path string) {
	put := func(kind, path string, v any) {
		b.add(kind, path, func() func() {
			before := list[n]
			list[n] = v
			return func() { list[n] = before }
		})
	}
	if child, ok := value.(map[string]any); ok {
		put("a primitive where an object belongs", path, "x")
		put("an empty object", path, map[string]any{})
		if et.Type.Name == "Reference" {
			b.reference(child, et, path)
		}
		b.object(child, et.Type, path)
		return
	}
	if et.Type.Kind != r4.KindPrimitive || value == nil {
		return
	}
	put("an object where a primitive belongs", path, map[string]any{"value": "x"})
	switch value.(type) {
	case string:
		put("a number where a string belongs", path, json.Number("7"))
		put("an empty string", path, "")
	case bool:
		put("a string where a boolean belongs", path, "true")
	case json.Number:
		put("a string where a number belongs", path, "7")
	}
	if bad, ok := malformed[et.Type.Name]; ok {
		put("a malformed "+et.Type.Name, path, bad)
	}
	if e.Binding != nil && e.Binding.Strength == "required" && r4.ValueSetCodes(e.Binding.ValueSet) != nil && et.Type.Name == "code" {
		put("a code of no value set", path, "zzz")
		if code := value.(string); strings.ToUpper(code) != code {
			put("a code in the wrong case", path, strings.ToUpper(code))
		}
	}
}

// reference collects the sites of a Reference.
func (b *breaker) reference(m map[string]any, et *r4.ElementType, path string) {
	text, _ := m["reference"].(string)
	if text == "" {
		return
	}
	b.set("a reference into nothing", path+".reference", m, "reference", "#zzz")
	b.set("a reference to no resource type", path+".reference", m, "reference", "Zzz/1")
	wrong := ""
	for _, typ := range []string{"Linkage", "Basic"} {
		if len(et.Targets) > 0 && !slices.Contains(et.Targets, typ) && !slices.Contains(et.Targets, "Resource") {
			wrong = typ
		}
	}
	if wrong != "" && !strings.HasPrefix(text, "#") {
		b.set("a reference to a wrong type", path+".reference", m, "reference", wrong+"/1")
		b.set("an absolute reference to a wrong type", path+".reference", m, "reference", "http://example.org/fhir/"+wrong+"/1")
	}
}

// extension collects the sites of an Extension.
func (b *breaker) extension(m map[string]any, path string) {
	url := m["url"]
	b.add("an extension without content", path, func() func() {
		before := map[string]any{}
		for k, v := range m {
			if k != "url" {
				before[k] = v
				delete(m, k)
			}
		}
		return func() {
			for k, v := range before {
				m[k] = v
			}
			m["url"] = url
		}
	})
	if _, has := m["extension"]; !has {
		b.set("an extension with value and parts", path, m, "extension", []any{map[string]any{"url": "a", "valueString": "b"}})
	}
}

// mutants breaks a resource in every kind of way, at up to perKind places each,
// evenly spread, and gives each broken text to check.
func mutants(t testing.TB, text []byte, perKind int, check func(kind, path string, text []byte)) {
	t.Helper()
	v, err := decode(text)
	if err != nil {
		t.Fatal(err)
	}
	root := v.(map[string]any)
	var b breaker
	b.object(root, nil, root["resourceType"].(string))
	byKind := map[string][]site{}
	for _, s := range b.sites {
		byKind[s.kind] = append(byKind[s.kind], s)
	}
	for kind, sites := range byKind {
		count := min(perKind, len(sites))
		for i := range count {
			s := sites[i*len(sites)/count]
			undo := s.apply()
			broken, err := json.Marshal(root)
			undo()
			if err != nil {
				t.Fatal(err)
			}
			check(kind, s.path, broken)
		}
	}
	if mended, err := json.Marshal(root); err != nil || !sameJSON(t, mended, text) {
		t.Fatalf("the mutants did not mend their resource: %v", err)
	}
}

func decode(text []byte) (any, error) {
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.UseNumber()
	var v any
	err := d.Decode(&v)
	return v, err
}

func sameJSON(t testing.TB, a, b []byte) bool {
	t.Helper()
	v, err := decode(b)
	if err != nil {
		t.Fatal(err)
	}
	canonical, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(canonical) == string(a)
}

// finds reports whether an error is told about the path or something below it.
func finds(issues []fhir.Issue, path string) bool {
	for _, i := range issues {
		if i.Severity == fhir.SeverityError && strings.HasPrefix(i.Expression, path) {
			return true
		}
	}
	return false
}
