package search

import (
	"strings"
	"unicode"

	"bima/fhir"
	"bima/fhir/r4"
)

// valueSet gives the canonical URL of a value set, or "ValueSet/id" where the text
// is the address of one of ours. Source: R4 search#token (:in).
func (c clause) valueSet(text string) string {
	key, _ := target(fhir.ParseReference(text, r4.IsResource), c.query.registry.base)
	if key.Type != "ValueSet" {
		return text
	}
	return key.String()
}

// booleans is the system of true and false. Source: R4 search#token.
const booleans = "http://terminology.hl7.org/CodeSystem/special-values"

// deceased is the one expression of R4 that is no route. It is always true or
// false: who is not known to have died is found by deceased=false.
const deceased = "Patient.deceased.exists() and Patient.deceased != false"

// tokenEmitters take tokens out of the data types that have them.
// Source: R4 search#token, the table of data types.
var tokenEmitters = map[string]func(*extraction, *emitter, fhir.Node){
	"code":            emitCode,
	"Coding":          emitCoding,
	"CodeableConcept": emitConcept,
	"Identifier":      emitIdentifier,
	"ContactPoint":    emitContact,
	"boolean":         emitBoolean,
	"string":          emitPlainToken,
	"markdown":        emitPlainToken,
	"uri":             emitPlainToken,
	"url":             emitPlainToken,
	"canonical":       emitPlainToken,
	"oid":             emitPlainToken,
	"uuid":            emitPlainToken,
	"id":              emitPlainToken,
	"integer":         emitIntegerToken,
	"positiveInt":     emitIntegerToken,
	"unsignedInt":     emitIntegerToken,
}

// token adds a row. A coding of a system only is found by "system|".
func (x *extraction) token(param, system, code string) {
	if code != "" || system != "" {
		x.Tokens = append(x.Tokens, fhir.TokenRow{Param: param, System: system, Code: code})
	}
}

// textOf gives the text of a string, "" of anything else.
func textOf(n fhir.Node) string {
	if n.Kind() != fhir.KindString {
		return ""
	}
	return n.Text()
}

// emitCode gives a code the system its required value set puts it in.
func emitCode(x *extraction, e *emitter, n fhir.Node) {
	if code := textOf(n); code != "" {
		system, _ := r4.CodeSystem(e.valueSet, code)
		x.token(e.code, system, code)
	}
}

func emitCoding(x *extraction, e *emitter, n fhir.Node) {
	x.token(e.code, textOf(n.Get("system")), textOf(n.Get("code")))
	x.text(e.text, textOf(n.Get("display")))
}

func emitConcept(x *extraction, e *emitter, n fhir.Node) {
	for c := range n.Get("coding").Each() {
		emitCoding(x, e, c)
	}
	x.text(e.text, textOf(n.Get("text")))
}

// emitIdentifier gives the identifier itself, the text of its type, and a row
// for each of the type's codings (:of-type).
func emitIdentifier(x *extraction, e *emitter, n fhir.Node) {
	value := textOf(n.Get("value"))
	x.token(e.code, textOf(n.Get("system")), value)
	kind := n.Get("type")
	x.text(e.text, textOf(kind.Get("text")))
	if value == "" {
		return
	}
	for c := range kind.Get("coding").Each() {
		x.token(e.ofType, textOf(c.Get("system"))+"|"+textOf(c.Get("code")), value)
	}
}

func emitContact(x *extraction, e *emitter, n fhir.Node) {
	x.token(e.code, "", contactCode(textOf(n.Get("value"))))
}

// contactCode gives the form in which addresses of e-mail and numbers of phones
// are compared: without regard to case and, in numbers, to punctuation.
// Source: R4 search#token ("special handling, such as ignoring punctuation").
func contactCode(value string) string {
	value = strings.ToLower(value)
	if strings.ContainsAny(value, "@:/") {
		return strings.TrimSpace(value)
	}
	kept := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsNumber(r) {
			return r
		}
		return -1
	}, value)
	if kept == "" {
		return value
	}
	return kept
}

func emitPlainToken(x *extraction, e *emitter, n fhir.Node) { x.token(e.code, "", textOf(n)) }

func emitBoolean(x *extraction, e *emitter, n fhir.Node) {
	if n.Kind() == fhir.KindBool {
		x.token(e.code, booleans, n.Text())
	}
}

func emitIntegerToken(x *extraction, e *emitter, n fhir.Node) {
	if n.Kind() == fhir.KindNumber {
		x.token(e.code, "", n.Text())
	}
}

func emitDeceased(x *extraction, e *emitter, n fhir.Node) {
	dead := "false"
	if n.Get("deceasedBoolean").Text() == "true" || n.Get("deceasedDateTime").Exists() {
		dead = "true"
	}
	x.token(e.code, booleans, dead)
}

// tokenCriterion reads "code", "system|code", "|code" or "system|".
func tokenCriterion(c clause, value string) (fhir.Criterion, error) {
	switch c.modifier {
	case "", "not":
		v := tokenValue(value)
		if c.param.contact {
			v.Code = contactCode(v.Code)
		}
		return fhir.Match{Param: c.as(c.param.Code, fhir.ParamToken), Value: v}, nil
	case "text":
		return fhir.Match{Param: c.as(c.param.Code+":text", fhir.ParamString), Value: stringValue(unescape(value), fhir.StringStarts)}, nil
	case "of-type":
		parts := splitEscaped(value, '|')
		if len(parts) != 3 || parts[1] == "" || parts[2] == "" {
			return nil, c.invalid("%q is not of the form type-system|type-code|value, which :of-type needs", value)
		}
		kind := unescape(parts[0]) + "|" + unescape(parts[1])
		return fhir.Match{Param: c.as(c.param.Code+":of-type", fhir.ParamToken), Value: fhir.TokenValue{System: kind, Code: unescape(parts[2])}}, nil
	case "in", "not-in":
		return fhir.Match{Param: c.as(c.param.Code, fhir.ParamToken), Value: fhir.ValueSetValue{URL: c.valueSet(unescape(value))}}, nil
	case "above", "below":
		return c.subsumed(value, c.modifier == "above")
	}
	return nil, c.wrongModifier("not", "text", "in", "not-in", "above", "below", "of-type", "missing")
}

// subsumed reads "system|code": it and what a terminology has above or below it.
func (c clause) subsumed(value string, above bool) (fhir.Criterion, error) {
	v := tokenValue(value)
	if v.System == "" || v.Code == "" {
		return nil, c.invalid("%.80q is not of the form system|code: only a code of a system has others above and below it", value)
	}
	return fhir.Match{
		Param: c.as(c.param.Code, fhir.ParamToken), Value: fhir.SubsumedValue{System: v.System, Code: v.Code, Above: above},
	}, nil
}

func tokenValue(value string) fhir.TokenValue {
	parts := splitEscaped(value, '|')
	if len(parts) == 1 {
		return fhir.TokenValue{Code: unescape(value), AnySystem: true}
	}
	system, code := unescape(parts[0]), unescape(strings.Join(parts[1:], "|"))
	return fhir.TokenValue{System: system, Code: code, AnyCode: code == ""}
}
