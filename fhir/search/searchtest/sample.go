package searchtest

import (
	"maps"
	"strings"

	"bima/fhir/r4"
	"bima/fhir/search/route"
)

// A sample is an object with a value of a type somewhere in it.
type sample struct {
	typ    string
	object map[string]any
}

// with joins the members of two samples.
func (s sample) with(o sample) sample {
	joined := maps.Clone(s.object)
	maps.Copy(joined, o.object)
	return sample{typ: strings.TrimSpace(s.typ + " " + o.typ), object: joined}
}

// along makes an object of a type for each type the route may end at.
func along(typ *r4.Type, rt route.Route) []sample {
	e := typ.Element(rt[0].Name)
	if e == nil {
		return nil
	}
	var out []sample
	for i := range e.Types {
		et := &e.Types[i]
		if as := rt[0].As; as != "" && !strings.EqualFold(as, et.Type.Name) && et.Type.Name != "Resource" {
			continue
		}
		for _, v := range values(e, et, rt) {
			object := map[string]any{et.JSON: repeated(e, v.value)}
			out = append(out, sample{typ: v.typ, object: object})
		}
	}
	return out
}

type value struct {
	typ   string
	value any
}

// values makes what stands at the first step of a route.
func values(e *r4.Element, et *r4.ElementType, rt route.Route) []value {
	if len(rt) > 1 || et.Type.Name == "Extension" {
		rest := rt[1:]
		if len(rest) == 0 {
			rest = route.Route{{Name: "value"}}
		}
		var out []value
		for _, s := range along(et.Type, rest) {
			meet(s.object, rt[0].Where)
			out = append(out, value{s.typ, s.object})
		}
		return out
	}
	v := leaf(e, et, rt[0])
	if object, ok := v.(map[string]any); ok {
		meet(object, rt[0].Where)
	}
	return []value{{et.Type.Name, v}}
}

// meet makes an object meet conditions.
func meet(object map[string]any, where []route.Condition) {
	for _, c := range where {
		switch c.Kind {
		case route.Equals:
			object[c.Name] = c.Text
		case route.RefersTo:
			object["reference"] = c.Name + "/alpha"
		case route.Extended:
			object["extension"] = []any{map[string]any{"url": c.Text, "valueBoolean": true}}
		}
	}
}

func repeated(e *r4.Element, v any) any {
	if e.Max == r4.Unbounded {
		return []any{v}
	}
	return v
}

// leaf gives a value of a data type.
func leaf(e *r4.Element, et *r4.ElementType, s route.Step) any {
	switch name := et.Type.Name; name {
	case "code":
		if e.Binding != nil {
			if codes := r4.ValueSetCodes(e.Binding.ValueSet); len(codes) > 0 {
				return codes[0].Code
			}
		}
		return "alpha"
	case "Reference":
		target := "Patient"
		if len(et.Targets) > 0 {
			target = et.Targets[0]
		}
		return map[string]any{"reference": target + "/alpha"}
	case "Resource":
		return map[string]any{"resourceType": s.As, "id": "alpha"}
	default:
		return leaves(name)
	}
}

// leaves gives a value of a data type that is the same wherever it stands; a
// text where it is of no type the index looks into.
func leaves(typ string) any {
	quantity := map[string]any{"value": 5.4, "unit": "alpha", "system": "http://example.org/u", "code": "a"}
	coding := map[string]any{"system": "http://example.org/s", "code": "alpha", "display": "Alpha"}
	switch typ {
	case "boolean":
		return true
	case "integer", "positiveInt", "unsignedInt":
		return 7
	case "decimal":
		return 5.4
	case "date":
		return "2026-09-14"
	case "dateTime", "instant":
		return "2026-09-14T10:00:00.000Z"
	case "uri", "url", "canonical":
		return "http://example.org/alpha"
	case "Coding":
		return coding
	case "CodeableConcept":
		return map[string]any{"coding": []any{coding}}
	case "Identifier", "ContactPoint":
		return map[string]any{"system": "urn:alpha", "value": "alpha"}
	case "HumanName":
		return map[string]any{"family": "Alpha"}
	case "Address":
		return map[string]any{"city": "Alpha"}
	case "Annotation":
		return map[string]any{"text": "Alpha"}
	case "Period":
		return map[string]any{"start": "2026-09-14", "end": "2026-09-15"}
	case "Timing":
		return map[string]any{"event": []any{"2026-09-14T10:00:00Z"}}
	case "Quantity", "Age", "Duration", "Count", "Distance":
		return quantity
	case "Money":
		return map[string]any{"value": 5.4, "currency": "TZS"}
	case "Range":
		return map[string]any{"low": quantity, "high": map[string]any{"value": 6.4, "unit": "alpha"}}
	case "Location.position":
		return map[string]any{"latitude": -6.8, "longitude": 39.28}
	case "SampledData":
		return map[string]any{"origin": quantity, "lowerLimit": 5.4, "upperLimit": 6.4}
	}
	return "alpha"
}
