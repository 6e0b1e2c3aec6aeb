package conformance

import (
	"strings"

	"bima/fhir/r4"
)

// primitiveSchemas are those of the primitive types that are no plain strings.
// Source: R4 datatypes#primitive.
var primitiveSchemas = map[string]object{
	"boolean":      {"type": "boolean"},
	"integer":      {"type": "integer"},
	"positiveInt":  {"type": "integer", "minimum": 1},
	"unsignedInt":  {"type": "integer", "minimum": 0},
	"decimal":      {"type": "number"},
	"id":           {"type": "string", "pattern": `^[A-Za-z0-9\-.]{1,64}$`},
	"instant":      {"type": "string", "format": "date-time"},
	"date":         {"type": "string", "pattern": `^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$`},
	"dateTime":     {"type": "string", "pattern": `^[0-9]{4}(-[0-9]{2}(-[0-9]{2}(T.+)?)?)?$`},
	"time":         {"type": "string", "pattern": `^[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?$`},
	"base64Binary": {"type": "string", "contentEncoding": "base64"},
}

// enumCodesMax is how many codes of a value set are listed; longer ones, such as
// languages, would be most of the document.
const enumCodesMax = 60

// schemas gives the JSON Schemas of all types of R4, by name. They are as strict
// as JSON Schema can be without refusing what R4 allows: $validate is the judge.
func schemas() object {
	w := schemaWriter{}
	for _, typ := range r4.Resources() {
		w.add(r4.Lookup(typ))
	}
	w["Resource"] = object{
		"type": "object", "required": []string{"resourceType"},
		"properties": object{"resourceType": object{"type": "string"}, "id": ref("schemas", "id"), "meta": ref("schemas", "Meta")},
	}
	for kind := range kindTexts {
		w["search."+kind] = object{"type": "array", "items": object{"type": "string"}, "description": kindTexts[kind]}
	}
	return object(w)
}

// A schemaWriter holds the schemas written so far.
type schemaWriter object

// add writes the schema of a type and of all it consists of, once.
func (w schemaWriter) add(t *r4.Type) {
	if w[t.Name] != nil {
		return
	}
	if t.Kind == r4.KindPrimitive {
		w[t.Name] = primitiveSchemas[t.Name]
		if primitiveSchemas[t.Name] == nil {
			w[t.Name] = object{"type": "string"}
		}
		return
	}
	properties := object{}
	schema := object{"type": "object", "properties": properties}
	w[t.Name] = schema // before its parts, which may lead back to it
	required := []string{}
	if t.Kind == r4.KindResource {
		properties["resourceType"] = object{"const": t.Name}
		required = append(required, "resourceType")
	}
	for _, e := range t.Elements {
		for _, et := range e.Types {
			w.add(et.Type)
			properties[et.JSON] = w.property(e, et)
		}
		// A primitive value may be absent, with an extension that says why.
		if e.Min > 0 && !e.Choice && e.Types[0].Type.Kind != r4.KindPrimitive {
			required = append(required, e.Name)
		}
	}
	if len(required) > 0 {
		schema["required"] = required
	}
}

// property gives the schema of one member of a type.
func (w schemaWriter) property(e *r4.Element, et r4.ElementType) object {
	schema := ref("schemas", et.Type.Name)
	if et.Type.Name == "code" && e.Binding != nil && e.Binding.Strength == "required" {
		if name := w.codes(e.Binding.ValueSet); name != "" {
			schema = ref("schemas", name)
		}
	}
	if e.Max == r4.Unbounded {
		return object{"type": "array", "items": schema}
	}
	return schema
}

// codes writes the codes of a value set, and gives the name of their schema; ""
// where they are not known or too many.
func (w schemaWriter) codes(valueSet string) string {
	codes := r4.ValueSetCodes(valueSet)
	if len(codes) == 0 || len(codes) > enumCodesMax {
		return ""
	}
	name := "code." + valueSet[strings.LastIndexByte(valueSet, '/')+1:]
	if w[name] == nil {
		var list []string
		for _, c := range codes {
			list = append(list, c.Code)
		}
		w[name] = object{"enum": list}
	}
	return name
}
