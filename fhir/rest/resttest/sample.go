package resttest

import (
	"bytes"
	"encoding/json"
	"strings"

	"bima/fhir"
	"bima/fhir/r4"
	"bima/fhir/validate"
)

// sampleFor gives the example with the elements a search parameter looks at
// added to it, and what is not valid in it taken away, where that makes a valid
// resource.
func sampleFor(e example, param *r4.SearchParam) (body []byte, ok bool) {
	for _, without := range [][]string{{}, {"contained"}} {
		if body, ok = sampleWithout(e, param, without); ok {
			return body, true
		}
	}
	return nil, false
}

func sampleWithout(e example, param *r4.SearchParam, without []string) (body []byte, ok bool) {
	tree, _ := parsed(e.body).(map[string]any)
	if element, refused := refusedExamples[e.name]; refused {
		without = append(without, strings.FieldsFunc(element, func(r rune) bool { return r == '.' || r == '[' })[1])
	}
	for _, name := range without {
		delete(tree, name)
	}
	object, typ := locate(tree, r4.Lookup(e.typ), stepsOf(param.Base, param.Expression))
	for _, part := range param.Components {
		if object != nil {
			locate(object, typ, stepsOf("", part.Expression))
		}
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if encoder.Encode(tree) != nil {
		return nil, false
	}
	doc, issues := validate.Resource(out.Bytes(), validate.Options{Type: e.typ})
	return out.Bytes(), doc != nil && !fhir.Failed(issues)
}

// A pathStep is one element of a search parameter's expression, with what the
// expression says of it.
type pathStep struct {
	name          string
	as            string // the type, of a choice
	member, value string // .where(member='value')
	target        string // .where(resolve() is target)
}

// stepsOf reads the first alternative of an expression below a base type. It
// knows the forms that R4's parameters have.
func stepsOf(base, expression string) []pathStep {
	path, _, _ := strings.Cut(expression, " | ")
	path = strings.NewReplacer("(", "\x00(", ")", ")").Replace(path)
	path = strings.TrimPrefix(path, "\x00(")
	path, as, _ := strings.Cut(path, " as ")
	as, rest, _ := strings.Cut(as, ")")
	path = strings.TrimPrefix(strings.TrimPrefix(path, base), ".")
	var steps []pathStep
	for _, part := range splitOutside(path + rest) {
		name, argument, call := strings.Cut(strings.TrimSuffix(part, ")"), "\x00(")
		argument = strings.ReplaceAll(argument, "\x00", "")
		switch {
		case part == "" || part == "$this":
		case !call:
			steps = append(steps, pathStep{name: name})
		case len(steps) == 0:
			return nil
		case name == "as" || name == "ofType":
			steps[len(steps)-1].as = argument
		case strings.HasPrefix(argument, "resolve() is "):
			steps[len(steps)-1].target = strings.TrimPrefix(argument, "resolve() is ")
		default:
			member, value, _ := strings.Cut(argument, "=")
			steps[len(steps)-1].member, steps[len(steps)-1].value = member, strings.Trim(value, "'")
		}
	}
	if as != "" && len(steps) > 0 {
		steps[len(steps)-1].as = as
	}
	return steps
}

// splitOutside splits at the dots that are not within parentheses.
func splitOutside(path string) []string {
	var parts []string
	depth, from := 0, 0
	for i := range len(path) {
		switch path[i] {
		case '(':
			depth++
		case ')':
			depth--
		case '.':
			if depth == 0 {
				parts, from = append(parts, path[from:i]), i+1
			}
		}
	}
	return append(parts, path[from:])
}

// locate goes along the steps and makes what is not there; it gives the last
// object and its type, or nil where a step leads nowhere.
func locate(object map[string]any, typ *r4.Type, steps []pathStep) (map[string]any, *r4.Type) {
	for i, step := range steps {
		element := typ.Element(step.name)
		if element == nil {
			return nil, nil
		}
		of := chosen(element, step.as)
		if element.Choice {
			for _, other := range element.Types {
				if other.JSON != of.JSON {
					delete(object, other.JSON)
				}
			}
		}
		there := at(object[of.JSON])
		last := i == len(steps)-1 && of.Type.Kind != r4.KindBackbone
		if there == nil || last || step.target != "" || step.member != "" {
			added := sample(of, element.Binding, step.target)
			there, _ = added.(map[string]any)
			if step.member != "" && there != nil {
				there[step.member] = step.value
			}
			object[of.JSON] = with(object[of.JSON], added, element.Max == r4.Unbounded)
		}
		object, typ = there, of.Type
		if object == nil {
			return nil, nil
		}
	}
	return object, typ
}

// chosen gives the type of an element that is asked for, or its first.
func chosen(element *r4.Element, as string) r4.ElementType {
	for _, of := range element.Types {
		if strings.EqualFold(of.Type.Name, as) {
			return of
		}
	}
	return element.Types[0]
}

// at gives the object at a member, of a list the first; nil where there is none.
func at(value any) map[string]any {
	if list, ok := value.([]any); ok && len(list) > 0 {
		value = list[0]
	}
	object, _ := value.(map[string]any)
	return object
}

// with gives a member's value with one added.
func with(value, added any, repeats bool) any {
	if !repeats {
		return added
	}
	list, _ := value.([]any)
	return append(list, added)
}

// required gives an object of a type with what it can't be without.
func required(typ *r4.Type) map[string]any {
	object := map[string]any{}
	for _, element := range typ.Elements {
		if element.Min > 0 {
			of := element.Types[0]
			object[of.JSON] = with(nil, sample(of, element.Binding, ""), element.Max == r4.Unbounded)
		}
	}
	return object
}

// sample gives a value of a type.
func sample(of r4.ElementType, binding *r4.Binding, target string) any {
	system, code := "http://codes.example/system", "sample"
	if binding != nil && binding.Strength == "required" {
		if codes := r4.ValueSetCodes(binding.ValueSet); len(codes) > 0 {
			system, code = codes[0].System, codes[0].Code
		}
	}
	coding := map[string]any{"system": system, "code": code}
	switch of.Type.Name {
	case "code":
		return code
	case "Coding":
		return coding
	case "CodeableConcept":
		return map[string]any{"coding": []any{coding}, "text": "Sample"}
	case "Reference":
		if target == "" {
			target = "Patient"
			if len(of.Targets) > 0 && r4.IsResource(of.Targets[0]) {
				target = of.Targets[0]
			}
		}
		return map[string]any{"reference": target + "/sample"}
	}
	if of.Type.Kind == r4.KindPrimitive {
		return primitive(of.Type.Name)
	}
	if value := dataType(of.Type.Name); value != nil {
		return value
	}
	return required(of.Type)
}

func primitive(name string) any {
	switch name {
	case "boolean":
		return true
	case "integer", "positiveInt", "unsignedInt":
		return 7
	case "decimal":
		return json.Number("1.50")
	case "date", "dateTime":
		return "2020-02-03"
	case "instant":
		return "2020-02-03T04:05:06Z"
	case "time":
		return "04:05:06"
	case "uri", "url", "canonical":
		return "http://sample.example/it"
	case "oid":
		return "urn:oid:1.2.3"
	case "uuid":
		return "urn:uuid:c757873d-ec9a-4326-a141-556f43239520"
	case "base64Binary":
		return "c2FtcGxl"
	}
	return "Sample"
}

// dataType gives values of data types that are nothing without what is optional
// in them.
func dataType(name string) map[string]any {
	quantity := func(code string) map[string]any {
		return map[string]any{"value": json.Number("7.5"), "unit": code, "system": "http://unitsofmeasure.org", "code": code}
	}
	switch name {
	case "Identifier":
		return map[string]any{"system": "urn:sample", "value": "Sample"}
	case "Quantity", "SimpleQuantity", "MoneyQuantity":
		return quantity("mg")
	case "Age", "Duration", "Count", "Distance":
		return quantity("a")
	case "Money":
		return map[string]any{"value": json.Number("7.50"), "currency": "TZS"}
	case "Period":
		return map[string]any{"start": "2020-02-03", "end": "2020-03-04"}
	case "Range":
		return map[string]any{"low": quantity("mg"), "high": quantity("mg")}
	case "HumanName":
		return map[string]any{"family": "Sample", "given": []any{"Asha"}}
	case "Address":
		return map[string]any{"city": "Sample", "country": "TZ"}
	case "ContactPoint":
		return map[string]any{"system": "phone", "value": "Sample"}
	case "Timing":
		return map[string]any{"event": []any{"2020-02-03"}}
	case "Annotation":
		return map[string]any{"text": "Sample"}
	}
	return nil
}
