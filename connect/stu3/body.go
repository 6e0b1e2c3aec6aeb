package stu3

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"unicode/utf8"

	"bima/fhir"
)

// read gives the resource in the body of a request, which must be of a type.
func (c *call) read(typ string) (fhir.Node, error) {
	body, err := io.ReadAll(c.r.Body)
	if err != nil {
		return fhir.Node{}, refuse(http.StatusBadRequest, fhir.IssueIncomplete, "The body of the request did not arrive")
	}
	return parse(body, typ)
}

// parse reads a text of JSON.
func parse(body []byte, typ string) (fhir.Node, error) {
	doc, err := fhir.Parse(utf8Of(body))
	if err != nil {
		var o *fhir.Outcome
		if errors.As(err, &o) && len(o.Issues) > 0 {
			return fhir.Node{}, invalid(typ, "The body is no JSON: %s", o.Issues[0].Diagnostics)
		}
		return fhir.Node{}, invalid(typ, "The body is no JSON")
	}
	n := doc.Root()
	if said := n.Get("resourceType").Text(); said != typ || n.Kind() != fhir.KindObject {
		return fhir.Node{}, invalid(typ, "The body must be a resource of the type %s, not %.40q", typ, said)
	}
	return n, nil
}

// byteOrderMark is what some clients put before UTF-8.
var byteOrderMark = []byte("\xef\xbb\xbf")

// utf8Of gives a body in UTF-8. OpenMRS hands its JSON to a writer whose charset is
// Latin-1 where none is named, so what is no UTF-8 is that.
func utf8Of(body []byte) []byte {
	if utf8.Valid(body) {
		return bytes.TrimPrefix(body, byteOrderMark)
	}
	decoded := make([]rune, len(body))
	for i, b := range body {
		decoded[i] = rune(b)
	}
	return []byte(string(decoded))
}
