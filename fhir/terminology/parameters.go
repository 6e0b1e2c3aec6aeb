package terminology

import (
	"bytes"
	"encoding/json"

	"bima/fhir"
)

// A parameter is one of those an operation answers with.
type parameter struct {
	name  string
	kind  string // the JSON member of its value, "valueString"; "" of one that has parts
	value any
	parts []parameter
}

// MarshalJSON implements json.Marshaler.
func (p parameter) MarshalJSON() ([]byte, error) {
	name, err := written(p.name)
	if err != nil {
		return nil, err
	}
	out := append([]byte(`{"name":`), name...)
	if p.kind != "" {
		value, err := written(p.value)
		if err != nil {
			return nil, err
		}
		out = append(append(append(out, `,"`...), p.kind...), `":`...)
		out = append(out, value...)
	}
	if len(p.parts) > 0 {
		parts, err := written(p.parts)
		if err != nil {
			return nil, err
		}
		out = append(append(out, `,"part":`...), parts...)
	}
	return append(out, '}'), nil
}

func stringOf(name, value string) parameter {
	return parameter{name: name, kind: "valueString", value: value}
}

func codeOf(name, value string) parameter {
	return parameter{name: name, kind: "valueCode", value: value}
}

func uriOf(name, value string) parameter {
	return parameter{name: name, kind: "valueUri", value: value}
}

func booleanOf(name string, value bool) parameter {
	return parameter{name: name, kind: "valueBoolean", value: value}
}

// answer makes a Parameters resource.
func answer(list []parameter) (*fhir.Response, error) {
	body, err := written(struct {
		ResourceType string      `json:"resourceType"`
		Parameter    []parameter `json:"parameter,omitempty"`
	}{"Parameters", list})
	if err != nil {
		return nil, err
	}
	return &fhir.Response{Resource: &fhir.Resource{Key: fhir.Key{Type: "Parameters"}, Body: body}}, nil
}

// A coding is a Coding as it is written. Source: R4 datatypes#Coding.
type coding struct {
	System  string `json:"system,omitempty"`
	Version string `json:"version,omitempty"`
	Code    string `json:"code,omitempty"`
	Display string `json:"display,omitempty"`
}

// written gives a value as JSON, with <, > and & as they are.
func written(value any) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(value)
	return bytes.TrimSuffix(out.Bytes(), []byte{'\n'}), err
}
