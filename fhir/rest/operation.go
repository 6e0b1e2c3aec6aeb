package rest

import (
	"net/http"
	"strings"
	"time"

	"bima/fhir"
)

// operation is GET or POST [base]/$code, also on a type, a resource and a version
// of one. It
// may answer anything, so only what it answers decides whether the client can
// take it; one that has changed something is answered in JSON at any rate.
func operation(x *exchange) error {
	query := x.queryText()
	var body []byte
	if !x.safe() {
		var err error
		if query, body, err = x.operationInput(query); err != nil {
			return x.inPlain(err)
		}
	}
	answer, err := x.engine.CallVersion(fhir.WithAccept(x.ctx, x.accepts(query)), x.param("operation"), x.key(), x.param("version"), query, body, x.safe())
	if err != nil && body != nil {
		return x.inAccent(query, body, err)
	}
	if err != nil {
		return err
	}
	return x.answerOperation(answer)
}

// accepts gives what the client takes: its _format, or else its Accept header.
func (x *exchange) accepts(query string) string {
	if format := queryParam(query, "_format"); format != "" {
		return format
	}
	return strings.Join(x.r.Header["Accept"], ",")
}

// operationInput reads what was posted: a resource, or a form of parameters.
func (x *exchange) operationInput(query string) (string, []byte, error) {
	if media, params := mediaType(x.r.Header.Get("Content-Type")); media == formMedia {
		form, err := x.body(params)
		return joinQueries(query, string(form)), nil, err
	}
	body, err := x.jsonBody()
	return query, body, err
}

func (x *exchange) answerOperation(answer *fhir.Response) error {
	status := http.StatusOK
	if answer != nil && answer.Status != 0 {
		status = answer.Status
	}
	if answer != nil && !answer.Location.IsZero() {
		x.set("Location", x.base()+"/"+answer.Location.String())
	}
	if answer == nil || answer.Resource == nil && answer.Media == nil {
		if status == http.StatusOK {
			status = http.StatusNoContent
		}
		x.answer(status, nil)
		return nil
	}
	if answer.Resource == nil {
		x.answerMedia(status, answer)
		return nil
	}
	f, err := x.format()
	if err != nil && x.safe() {
		return err
	}
	if f == nil {
		f = fhirJSON
	}
	x.noteVersion(answer.Resource)
	x.answerJSON(status, f, answer.Resource.Body)
	return nil
}

// answerMedia answers what is no resource: not modified where the client has it.
func (x *exchange) answerMedia(status int, answer *fhir.Response) {
	if answer.Tag != "" {
		etag := `"` + answer.Tag + `"`
		x.set("Etag", etag)
		if x.safe() && unchanged(x.r.Header, etag, time.Time{}) {
			x.answer(http.StatusNotModified, nil)
			return
		}
	}
	x.answerAs(status, answer.MediaType, answer.Media)
}
