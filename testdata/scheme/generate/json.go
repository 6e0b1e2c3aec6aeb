package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log"
	"strings"

	"bima/profiles"
)

// An object is a JSON object as alternating names and values, written in that
// order. A member whose value is nil is left out.
type object []any

// MarshalJSON writes the members in order.
func (o object) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	out.WriteByte('{')
	for i := 0; i < len(o); i += 2 {
		if o[i+1] == nil {
			continue
		}
		if out.Len() > 1 {
			out.WriteByte(',')
		}
		fmt.Fprintf(&out, "%q:", o[i])
		value, err := encode(o[i+1])
		if err != nil {
			return nil, err
		}
		out.Write(value)
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}

// encode writes a value without escaping what HTML would want escaped.
func encode(v any) ([]byte, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(out.Bytes(), []byte{'\n'}), nil
}

// text finds a member of the object that is a string.
func (o object) text(name string) string {
	for i := 0; i < len(o); i += 2 {
		if o[i] == name {
			return o[i+1].(string)
		}
	}
	return ""
}

// bundle writes a transaction Bundle that puts each resource under its own id,
// one entry a line.
func bundle(resources []object) []byte {
	var out bytes.Buffer
	out.WriteString(`{"resourceType":"Bundle","type":"transaction","entry":[`)
	for i, r := range resources {
		if i > 0 {
			out.WriteByte(',')
		}
		entry, err := encode(object{
			"resource", r,
			"request",
			object{"method", "PUT", "url", r.text("resourceType") + "/" + r.text("id")},
		})
		if err != nil {
			log.Fatal(err)
		}
		out.WriteByte('\n')
		out.Write(entry)
	}
	out.WriteString("\n]}\n")
	return out.Bytes()
}

// An amount is money in hundredths of a shilling.
type amount int64

// shillings gives whole shillings.
func shillings(n int64) amount { return amount(n * 100) }

// MarshalJSON writes shillings, with decimals where there are any.
func (a amount) MarshalJSON() ([]byte, error) {
	if a%100 == 0 {
		return fmt.Appendf(nil, "%d", a/100), nil
	}
	return []byte(strings.TrimRight(fmt.Sprintf("%d.%02d", a/100, a%100), "0")), nil
}

func money(a amount) object { return object{"value", a, "currency", "TZS"} }

func ref(to string) object { return object{"reference", to} }

func refs(to ...string) []object {
	list := make([]object, len(to))
	for i, r := range to {
		list[i] = ref(r)
	}
	return list
}

func coding(system, code, display string) object {
	c := object{"system", system, "code", code}
	if display != "" {
		c = append(c, "display", display)
	}
	return c
}

func concept(system, code, display string) object {
	return object{"coding", []object{coding(system, code, display)}}
}

func identifier(system, value string) object { return object{"system", system, "value", value} }

func period(start, end string) object {
	p := object{"start", start}
	if end != "" {
		p = append(p, "end", end)
	}
	return p
}

// extension is one of Bima's, by its id.
func extension(id, valueName string, value any) object {
	return object{"url", profiles.Canonical + "/StructureDefinition/" + id, valueName, value}
}

func ucum(value int, unit, code string) object {
	return object{"value", value, "unit", unit, "system", "http://unitsofmeasure.org", "code", code}
}

// The terminology of HL7 that several files name.
const (
	hl7      = "http://terminology.hl7.org/CodeSystem/"
	actCode  = hl7 + "v3-ActCode"
	icd10    = "http://hl7.org/fhir/sid/icd-10"
	currency = "urn:iso:std:iso:4217"
)
