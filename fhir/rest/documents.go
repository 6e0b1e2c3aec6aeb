package rest

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"bima/fhir/conformance"
	"bima/fhir/rest/page"
)

// capabilities is GET [base]/metadata. Source: R4 http#capabilities.
func capabilities(x *exchange) error {
	f, err := x.format()
	if err != nil {
		return err
	}
	d, err := x.engine.Conformance().Capabilities(conformance.Mode(queryParam(x.queryText(), "mode")))
	if err != nil {
		return err
	}
	return x.answerDocument(f, d)
}

// answerDocument answers with a document, compressed when it was made where it
// is wanted as it is.
func (x *exchange) answerDocument(f *format, d *conformance.Document) error {
	x.set("Etag", d.ETag)
	if unchanged(x.r.Header, d.ETag, time.Time{}) {
		x.answer(http.StatusNotModified, nil)
		return nil
	}
	body, err := x.part(d.Body)
	if err != nil {
		return err
	}
	whole := len(body) == len(d.Body) && queryParam(x.queryText(), "_pretty") == ""
	if !whole || !strings.Contains(f.media, "json") || !acceptsGzip(x.r.Header) {
		x.answerJSON(http.StatusOK, f, body)
		return nil
	}
	x.header["Content-Type"] = f.header
	x.answerZipped(d.Zipped())
	return nil
}

// answerWhole answers with a document that is no resource, as it is.
func (x *exchange) answerWhole(mediaType string, d *conformance.Document) {
	x.set("Etag", d.ETag)
	switch {
	case unchanged(x.r.Header, d.ETag, time.Time{}):
		x.answer(http.StatusNotModified, nil)
	case len(d.Body) >= compressBytesMin && acceptsGzip(x.r.Header):
		x.set("Content-Type", mediaType)
		x.answerZipped(d.Zipped())
	default:
		x.answerAs(http.StatusOK, mediaType, d.Body)
	}
}

// answerZipped answers with what is gzip already; its Content-Type is set.
func (x *exchange) answerZipped(zipped []byte) {
	x.status = http.StatusOK
	// A server without connections to limit, as in tests, can't and need not.
	_ = x.control.SetWriteDeadline(time.Now().Add(x.limits.Answer))
	x.set("Content-Encoding", "gzip")
	x.set("Content-Length", strconv.Itoa(len(zipped)))
	x.w.WriteHeader(x.status)
	if x.r.Method != http.MethodHead {
		x.written, _ = x.w.Write(zipped)
	}
}

// openAPI is GET /openapi.json.
func openAPI(x *exchange) error {
	return x.answerDocument(plainJSON, x.engine.Conformance().OpenAPI())
}

// versions is [base]/$versions: R4 is the only one. Who accepts plain JSON or
// XML gets what the operation defines for them, who accepts FHIR a Parameters.
// Source: R4 capabilitystatement-operation-versions.
func versions(x *exchange) error {
	f, err := x.format()
	if err != nil {
		return err
	}
	switch f.media {
	case "application/json", "text/json":
		x.header["Content-Type"] = f.header
		x.answer(http.StatusOK, []byte(`{"versions":["4.0"],"default":"4.0"}`))
	case "application/xml", "text/xml":
		x.header["Content-Type"] = f.header
		x.answer(http.StatusOK, []byte(`<versions><version>4.0</version><default>4.0</default></versions>`))
	default:
		x.answerJSON(http.StatusOK, f, []byte(`{"resourceType":"Parameters","parameter":[{"name":"version","valueCode":"4.0"},{"name":"default","valueCode":"4.0"}]}`))
	}
	return nil
}

// welcome is GET /: a page for people, a pointer to the API for programs.
func welcome(x *exchange) error {
	if strings.Contains(x.r.Header.Get("Accept"), "text/html") {
		return pageFile(x)
	}
	x.answerAs(http.StatusOK, "application/json", []byte(
		`{"software":"Bima","fhirVersion":"4.0.1","base":`+quoted(x.base())+`,"metadata":`+quoted(x.base()+"/metadata")+`,"openapi":"/openapi.json"}`,
	))
	return nil
}

// pageFile gives the page for people, or a part of it.
func pageFile(x *exchange) error {
	file, ok := page.Open(x.r.URL.Path)
	if !ok {
		return noRoute(x)
	}
	x.set("Etag", file.ETag)
	x.set("Content-Security-Policy", page.Policy)
	x.set("Referrer-Policy", "no-referrer")
	if unchanged(x.r.Header, file.ETag, time.Time{}) {
		x.answer(http.StatusNotModified, nil)
		return nil
	}
	x.answerAs(http.StatusOK, file.MediaType, file.Body)
	return nil
}
