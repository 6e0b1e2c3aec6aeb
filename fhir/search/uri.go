package search

import (
	"strings"

	"bima/fhir"
)

// uriEmitters take URIs out of the data types that have them.
// Source: R4 search#uri.
var uriEmitters = map[string]func(*extraction, *emitter, fhir.Node){
	"uri":       emitURI,
	"url":       emitURI,
	"oid":       emitURI,
	"uuid":      emitURI,
	"canonical": emitVersionedURI,
}

func emitURI(x *extraction, e *emitter, n fhir.Node) { x.uri(e.code, textOf(n)) }

// emitVersionedURI gives a canonical with and without its version.
func emitVersionedURI(x *extraction, e *emitter, n fhir.Node) {
	text := textOf(n)
	x.uri(e.code, text)
	if url, _, versioned := strings.Cut(text, "|"); versioned {
		x.uri(e.code, url)
	}
}

func (x *extraction) uri(param, text string) {
	if text != "" {
		x.URIs = append(x.URIs, fhir.URIRow{Param: param, URI: text})
	}
}

// uriCriterion reads a URI, compared letter for letter.
func uriCriterion(c clause, value string) (fhir.Criterion, error) {
	modes := map[string]fhir.URIMode{"": fhir.URIExact, "above": fhir.URIAbove, "below": fhir.URIBelow}
	mode, ok := modes[c.modifier]
	if !ok {
		return nil, c.wrongModifier("above", "below", "missing")
	}
	return fhir.Match{Param: c.as(c.param.Code, fhir.ParamURI), Value: fhir.URIValue{URI: unescape(value), Mode: mode}}, nil
}
