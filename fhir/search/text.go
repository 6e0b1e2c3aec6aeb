package search

import (
	"strings"

	"bima/fhir"
	"bima/fhir/search/words"
)

// Normalise gives the form in which texts are compared; see words.Normal.
func Normalise(s string) string { return words.Normal(s) }

// stringEmitters take texts out of the data types that have them. A search
// matches any part of a name or an address. Source: R4 search#string.
var stringEmitters = map[string]func(*extraction, *emitter, fhir.Node){
	"string":          emitText,
	"markdown":        emitText,
	"code":            emitText,
	"id":              emitText,
	"uri":             emitText,
	"url":             emitText,
	"canonical":       emitText,
	"HumanName":       emitName,
	"Address":         emitAddress,
	"ContactPoint":    emitContactText,
	"Annotation":      emitAnnotation,
	"Coding":          emitCodingText,
	"CodeableConcept": emitConceptText,
}

// text adds a text with its normal form.
func (x *extraction) text(param, text string) {
	if text != "" {
		x.Strings = append(x.Strings, fhir.StringRow{Param: param, Normal: Normalise(text), Exact: text})
	}
}

// texts adds a text for each occurrence of a member.
func (x *extraction) texts(param string, n fhir.Node) {
	for each := range n.Each() {
		x.text(param, textOf(each))
	}
}

func emitText(x *extraction, e *emitter, n fhir.Node) { x.text(e.code, textOf(n)) }

func emitName(x *extraction, e *emitter, n fhir.Node) {
	for _, part := range [...]string{"text", "family", "given", "prefix", "suffix"} {
		x.texts(e.code, n.Get(part))
	}
	x.fullName(e.code, n)
}

// fullName adds given names and family name in one, as people type them, where
// more than one is there. It is no text of the resource, so no :exact finds it.
func (x *extraction) fullName(param string, n fhir.Node) {
	var parts []string
	for given := range n.Get("given").Each() {
		if text := textOf(given); text != "" {
			parts = append(parts, text)
		}
	}
	if family := textOf(n.Get("family")); family != "" {
		parts = append(parts, family)
	}
	if len(parts) > 1 {
		x.Strings = append(x.Strings, fhir.StringRow{Param: param, Normal: Normalise(strings.Join(parts, " "))})
	}
}

func emitAddress(x *extraction, e *emitter, n fhir.Node) {
	for _, part := range [...]string{"text", "line", "city", "district", "state", "postalCode", "country"} {
		x.texts(e.code, n.Get(part))
	}
}

func emitContactText(x *extraction, e *emitter, n fhir.Node) { x.text(e.code, textOf(n.Get("value"))) }

func emitAnnotation(x *extraction, e *emitter, n fhir.Node) { x.text(e.code, textOf(n.Get("text"))) }

func emitCodingText(x *extraction, e *emitter, n fhir.Node) {
	x.text(e.code, textOf(n.Get("display")))
}

func emitConceptText(x *extraction, e *emitter, n fhir.Node) {
	x.text(e.code, textOf(n.Get("text")))
	for c := range n.Get("coding").Each() {
		emitCodingText(x, e, c)
	}
}

// stringCriterion reads a text.
func stringCriterion(c clause, value string) (fhir.Criterion, error) {
	modes := map[string]fhir.StringMode{"": fhir.StringStarts, "contains": fhir.StringContains, "exact": fhir.StringExact}
	mode, ok := modes[c.modifier]
	if !ok {
		return nil, c.wrongModifier("exact", "contains", "missing")
	}
	v := stringValue(unescape(value), mode)
	if v.Text == "" {
		return nil, c.invalid("%q holds nothing to search for", value)
	}
	return fhir.Match{Param: c.as(c.param.Code, fhir.ParamString), Value: v}, nil
}

func stringValue(text string, mode fhir.StringMode) fhir.StringValue {
	if mode != fhir.StringExact {
		text = Normalise(text)
	}
	return fhir.StringValue{Text: text, Mode: mode}
}

// compositeTextMax is how much of a text of a composite is compared: databases keep
// the beginning of such texts only, a little more than this.
const compositeTextMax = 390

// shortened cuts long texts of a composite, and gives what else holds where they
// match: the parameter of the part, by itself, has the whole.
func (c clause) shortened(values []fhir.Value) (beside fhir.All, err error) {
	for i, v := range values {
		text, ok := v.(fhir.StringValue)
		if !ok || len(text.Text) <= compositeTextMax {
			continue
		}
		p := c.query.registry.component(c.param, i)
		if p.Code == "" {
			return nil, c.invalid("a text within this composite can have at most %d bytes", compositeTextMax)
		}
		beside = append(beside, fhir.Match{Param: c.as(p.Code, fhir.ParamString), Value: text})
		text.Text = strings.ToValidUTF8(text.Text[:compositeTextMax], "")
		values[i] = text
	}
	return beside, nil
}
