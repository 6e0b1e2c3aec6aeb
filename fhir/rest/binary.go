package rest

import (
	"encoding/base64"
	"net/http"
	"strings"

	"bima/fhir"
)

// binary is the type whose content is sent and answered as it is.
// Source: R4 binary#rest.
const binary = "Binary"

// readsBinary reports whether a Binary is read, which may be answered as what it
// holds.
func (x *exchange) readsBinary() bool {
	return x.typ == binary && (x.action == "read" || x.action == "vread")
}

// writesBinary reports whether a Binary is written, which may be sent as what it
// is to hold.
func (x *exchange) writesBinary() bool {
	if x.typ != binary {
		return false
	}
	switch x.action {
	case "create", "update", "update-conditional":
		return true
	}
	return false
}

// binaryBody reads a Binary, as a resource or as its bare content: that is all
// that is no Binary resource, and so JSON and XML too. What calls itself FHIR's
// and can't be read is refused. Source: R4 binary#rest.
func (x *exchange) binaryBody(media, params string) ([]byte, error) {
	content, err := x.bytes()
	if err != nil {
		return nil, err
	}
	if isJSON(media) || isXML(media) {
		fhirs := media == "" || strings.Contains(media, "fhir")
		resource, typ, err := asResource(content, media, params)
		switch {
		case err != nil && fhirs:
			return nil, err
		case err == nil && (typ == binary || typ == "" && fhirs):
			return resource, nil
		}
	}
	return x.binaryOf(content), nil
}

// asResource reads a content as a resource, and gives its type.
func asResource(content []byte, media, params string) (resource []byte, typ string, err error) {
	if resource, err = resourceIn(content, media, params); err != nil {
		return nil, "", err
	}
	doc, err := fhir.Parse(resource)
	if err != nil {
		return nil, "", err
	}
	defer doc.Release()
	return resource, strings.Clone(doc.Root().Get("resourceType").Text()), nil
}

// binaryOf gives a Binary with a content, of the type the client declares.
func (x *exchange) binaryOf(content []byte) []byte {
	b := []byte(`{"resourceType":"Binary"`)
	if id := x.param("id"); id != "" {
		b = append(b, `,"id":`+quoted(id)...)
	}
	declared := strings.TrimSpace(x.r.Header.Get("Content-Type"))
	if declared == "" {
		declared = fhirJSON.media
	}
	b = append(b, `,"contentType":`+quoted(declared)...)
	if context := x.r.Header.Get("X-Security-Context"); context != "" {
		b = append(b, `,"securityContext":{"reference":`+quoted(context)+`}`...)
	}
	if len(content) > 0 {
		b = append(b, `,"data":"`...)
		b = base64.StdEncoding.AppendEncode(b, content)
		b = append(b, '"')
	}
	return append(b, '}')
}

// answerContent answers with what a Binary holds, unless the client asks for the
// resource: by _format, or by naming one of FHIR's types in its Accept header.
// Plain JSON and XML mean the resource too, but where they are its content.
func (x *exchange) answerContent(r *fhir.Resource) bool {
	if formatNamed(queryParam(x.queryText(), "_format")) != nil {
		return false
	}
	doc, err := fhir.Parse(r.Body)
	if err != nil {
		return false
	}
	defer doc.Release()
	n := doc.Root()
	media := strings.Clone(n.Get("contentType").Text())
	data, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(n.Get("data").Text(), " ", ""))
	if err != nil || !wantsContent(strings.Join(x.r.Header["Accept"], ","), media) {
		return false
	}
	if context := n.At("securityContext", "reference").Text(); context != "" {
		x.set("X-Security-Context", strings.Clone(context))
	}
	// Anybody may have stored a page with scripts in it.
	x.set("Content-Security-Policy", "default-src 'none'; sandbox")
	x.answerAs(http.StatusOK, media, data)
	return true
}

// wantsContent reports whether an Accept header asks for a content of a type
// rather than for the Binary that holds it.
func wantsContent(accept, contentType string) bool {
	own, _, _ := strings.Cut(strings.ToLower(contentType), ";")
	own = strings.TrimSpace(own)
	group, _, _ := strings.Cut(own, "/")
	var content, resource float64
	named, exact := false, false
	for n := 0; accept != "" && n < acceptRangesMax; n++ {
		var part string
		part, accept, _ = strings.Cut(accept, ",")
		media, params, _ := strings.Cut(strings.ToLower(part), ";")
		media = strings.TrimSpace(media)
		switch q := quality(params); {
		case media == own && !strings.Contains(own, "fhir"):
			content, exact = q, true
		case media == group+"/*" && !exact:
			content = max(content, q)
		case media != "" && (isJSON(media) || isXML(media)) && q > 0:
			resource, named = max(resource, q), true
		}
	}
	return !named || content > 0 && content >= resource
}
