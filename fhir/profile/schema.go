package profile

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"bima/fhir"
	"bima/fhir/r4"
)

// An object is a JSON Schema, or a part of one, being written.
type object = map[string]any

// JSONSchema writes a profile on a resource as a JSON Schema (2020-12) that stands
// alone: the structure R4 gives the resource, and of the profile all that a schema
// can say. It refuses nothing that Check and fhir/validate accept; rules in
// FHIRPath, terminology beyond short lists, and what references lead to are
// beyond it. It fails with an Outcome of IssueNotFound for a profile that is not
// here, and of IssueNotSupported for one that is not on a resource.
func (s *Set) JSONSchema(profile string) ([]byte, error) {
	e := s.find(profile)
	if e == nil {
		return nil, fhir.Errorf(fhir.IssueNotFound, "", "there is no profile %s here", profile)
	}
	p, err := s.plan(e)
	if err != nil {
		return nil, err
	}
	if !r4.IsResource(p.typ.Name) {
		return nil, fhir.Errorf(fhir.IssueNotSupported, "", "%s is on %s, which is no resource: only a profile on a resource has a schema of its own", profile, p.typ.Name)
	}
	b := &schemaWriter{set: s, defs: object{}}
	all := []any{b.ref(p.typ)}
	if own := b.value(p.root, p.typ, 0); own != nil {
		all = append(all, own)
	}
	schema := object{
		"$schema": "https://json-schema.org/draft/2020-12/schema",
		"title":   p.name,
		"$comment": "Generated from " + p.url + ". Rules in FHIRPath, value sets that are long, and what references lead to are not in it: " +
			"a resource that is valid here can still be refused.",
		"allOf": all,
		"$defs": b.defs,
	}
	text, failure := json.MarshalIndent(schema, "", " ")
	if failure != nil {
		return nil, fhir.Errorf(fhir.IssueException, "", "the schema can't be written: %w", failure)
	}
	return append(text, '\n'), nil
}

// A schemaWriter collects the definitions of the types a schema needs.
type schemaWriter struct {
	set     *Set
	defs    object
	written int
}

// ref refers to the definition of a type, and writes it where it is new.
func (b *schemaWriter) ref(t *r4.Type) object {
	if t.Kind == r4.KindResource && len(b.defs) > 0 {
		return object{"type": "object", "required": []string{"resourceType"}}
	}
	if _, there := b.defs[t.Name]; !there {
		b.defs[t.Name] = true // before its own elements lead back to it
		b.defs[t.Name] = b.typeOf(t)
	}
	return object{"$ref": "#/$defs/" + t.Name}
}

func (b *schemaWriter) typeOf(t *r4.Type) any {
	switch {
	case t.Kind == r4.KindPrimitive:
		return primitiveSchema(t.Name)
	case t.Name == "Extension":
		return b.extension()
	}
	properties, needed := object{}, []any{}
	if t.Kind == r4.KindResource {
		properties["resourceType"] = object{"const": t.Name}
		needed = append(needed, object{"required": []string{"resourceType"}})
	}
	for _, e := range t.Elements {
		for i := range e.Types {
			b.property(properties, e, &e.Types[i])
		}
		if e.Min > 0 {
			needed = append(needed, oneOfMembers(e, e.Types))
		}
	}
	schema := object{"type": "object", "properties": properties, "additionalProperties": false, "minProperties": 1}
	if len(needed) > 0 {
		schema["allOf"] = needed
	}
	return schema
}

// extension writes Extension without the many types of its value, which would
// bring every type of R4 into every schema.
func (b *schemaWriter) extension() any {
	return object{
		"type": "object",
		"properties": object{
			"id":        object{"type": "string"},
			"url":       object{"type": "string", "minLength": 1},
			"extension": object{"type": "array", "minItems": 1, "items": object{"$ref": "#/$defs/Extension"}},
		},
		"patternProperties":    object{"^_?value[A-Z]": true},
		"additionalProperties": false,
		"allOf":                []any{object{"required": []string{"url"}}},
	}
}

// property writes one member of a type, and "_member" of a primitive.
func (b *schemaWriter) property(properties object, e *r4.Element, et *r4.ElementType) {
	value := any(b.ref(et.Type))
	if codes := codesFor(e); codes != nil {
		value = object{"enum": codes}
	}
	if et.Type.Name == "Reference" && len(et.Targets) > 0 && !slices.Contains(et.Targets, "Resource") {
		value = object{"allOf": []any{value, leadsTo(et.Targets)}}
	}
	if et.Type.Kind != r4.KindPrimitive {
		properties[et.JSON] = repeated(e, value)
		return
	}
	half := any(b.ref(r4.Lookup("Element")))
	if e.Max == r4.Unbounded {
		value, half = orNull(value), orNull(half)
	}
	properties[et.JSON] = repeated(e, value)
	if et.JSON != "div" {
		properties["_"+et.JSON] = repeated(e, half)
	}
}

func repeated(e *r4.Element, value any) any {
	if e.Max == r4.Unbounded {
		return object{"type": "array", "minItems": 1, "items": value}
	}
	return value
}

func orNull(schema any) any { return object{"anyOf": []any{object{"type": "null"}, schema}} }

// codesMost is the longest list of codes that a schema holds.
const codesMost = 100

// codesFor gives the codes R4 itself lists for an element of type code.
func codesFor(e *r4.Element) []string {
	if e.Binding == nil || e.Binding.Strength != "required" || e.Types[0].Type.Name != "code" {
		return nil
	}
	return distinct(r4.ValueSetCodes(e.Binding.ValueSet))
}

func distinct(list []r4.Coding) []string {
	codes := map[string]bool{}
	for _, c := range list {
		codes[c.Code] = true
	}
	if len(codes) == 0 || len(codes) > codesMost {
		return nil
	}
	return slices.Sorted(maps.Keys(codes))
}

// oneOfMembers asks for an element: one of its members, or the other half of one.
func oneOfMembers(e *r4.Element, types []r4.ElementType) any {
	var list []any
	for i := range types {
		list = append(list, object{"required": []string{types[i].JSON}})
		if types[i].Type.Kind == r4.KindPrimitive {
			list = append(list, object{"required": []string{"_" + types[i].JSON}})
		}
	}
	if len(list) == 1 {
		return list[0]
	}
	return object{"anyOf": list}
}

// primitiveSchema writes a primitive type, never narrower than fhir/validate has
// it. Source: R4 datatypes#primitive.
func primitiveSchema(name string) any {
	pattern := func(p string) any { return object{"type": "string", "pattern": p} }
	const year, zone = `^[0-9]{4}`, `(Z|[+-][0-9]{2}:[0-9]{2})`
	switch name {
	case "boolean":
		return object{"type": "boolean"}
	case "integer":
		return object{"type": "integer", "minimum": -2147483648, "maximum": 2147483647}
	case "unsignedInt":
		return object{"type": "integer", "minimum": 0, "maximum": 2147483647}
	case "positiveInt":
		return object{"type": "integer", "minimum": 1, "maximum": 2147483647}
	case "decimal":
		return object{"type": "number"}
	case "date":
		return pattern(year + `(-[0-9]{2}(-[0-9]{2})?)?$`)
	case "dateTime":
		return pattern(year + `(-[0-9]{2}(-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?` + zone + `)?)?)?$`)
	case "instant":
		return pattern(year + `-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?` + zone + `$`)
	case "time":
		return pattern(`^[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?$`)
	case "id":
		return pattern(`^[A-Za-z0-9.-]{1,64}$`)
	case "oid":
		return pattern(`^urn:oid:`)
	case "uuid":
		return pattern(`^urn:uuid:`)
	case "uri", "url", "canonical":
		return pattern(`^\S+$`)
	}
	return object{"type": "string", "minLength": 1}
}

// leadsTo writes that a reference of the form Type/id is to one of some types.
func leadsTo(types []string) any {
	return object{"properties": object{"reference": object{"anyOf": []any{
		object{"pattern": relativeTo(types)},
		object{"not": object{"pattern": relativeTo([]string{"[A-Z][A-Za-z]+"})}},
	}}}}
}

// relativeTo matches a reference of the form Type/id to one of some types.
func relativeTo(types []string) string {
	return `^(` + strings.Join(types, "|") + `)/[A-Za-z0-9.-]{1,64}(/_history/[A-Za-z0-9.-]{1,64})?$`
}
