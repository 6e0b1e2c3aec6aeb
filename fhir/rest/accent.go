package rest

import (
	"bytes"
	"io"
	"net/http"
	"slices"
	"unicode/utf8"

	"bima/fhir"
	"bima/fhir/interaction"
)

// An Accent is how some clients ask for what R4 has another way for, at a path of
// [base]. It is listened to only where R4 would refuse the request: who speaks R4
// never meets it.
type Accent struct {
	// Method and Type are those of the request: POST and "Claim" is POST
	// [base]/Claim, GET and "Claim" a search, POST and "" [base] itself. With an
	// Operation it is a call of that, which may be one this server does not have.
	Method, Type, Operation string
	// Plain is whether a body that calls itself text/plain is read, too: programs that
	// name no media type to their HTTP library are given that one.
	Plain bool
	// Means reports whether a request is one, by its query and its body as FHIR's
	// JSON, which is nil of a search.
	Means func(query string, body []byte) bool
	// Answer answers it. The caller has been let in; whether he may is asked by
	// whatever [base] is then asked in his name. Its answer is held in memory.
	Answer http.Handler
}

// inAccent answers a request that R4 refuses where it is one in an accent;
// otherwise it gives the refusal back.
func (x *exchange) inAccent(query string, body []byte, refusal error) error {
	status := interaction.Status(refusal)
	unknown := x.param("operation") != "" && status == http.StatusNotFound
	if x.stored != nil || status != http.StatusBadRequest && status != http.StatusUnprocessableEntity && !unknown {
		return refusal
	}
	if !utf8.Valid(body) {
		body = fromLatin1(body)
	}
	for _, a := range x.accents {
		if !x.listensTo(a) || !a.Means(query, body) {
			continue
		}
		r := *x.r
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		r.Header = r.Header.Clone()
		r.Header.Del("Content-Encoding")
		r.Header.Set("X-Request-Id", x.requestID)
		if body != nil {
			r.Header.Set("Content-Type", fhirJSON.media)
		}
		x.r = &r
		return handOver(a.Answer)(x)
	}
	return refusal
}

// listensTo reports whether an Accent is of a request's method and path.
func (x *exchange) listensTo(a Accent) bool {
	read := a.Method == http.MethodGet && x.safe()
	return a.Type == x.param("type") && a.Operation == x.param("operation") && x.param("id") == "" && (a.Method == x.r.Method || read)
}

// errPlain is that a body of text/plain is in no Accent.
var errPlain = fhir.Errorf(fhir.IssueStructure, "", "the body of text/plain is no message")

// inPlain answers a request whose body calls itself text/plain where that is one in
// an Accent; otherwise it gives back why the body was not read.
func (x *exchange) inPlain(refusal error) error {
	media, params := mediaType(x.r.Header.Get("Content-Type"))
	if media != "text/plain" || !slices.ContainsFunc(x.accents, func(a Accent) bool { return a.Plain && x.listensTo(a) }) {
		return refusal
	}
	if err := x.notForged(); err != nil {
		return err
	}
	sent, err := x.body(params)
	if err != nil {
		return err
	}
	if err := x.inAccent(x.queryText(), sent, errPlain); err != error(errPlain) {
		return err
	}
	return refusal
}
