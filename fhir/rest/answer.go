package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"bima/fhir"
	"bima/fhir/interaction"
	"bima/fhir/xml"
)

// answerBytesSmall is up to how many bytes an answer fits the socket's buffer:
// writing it can't wait for the client, so it needs no time limit.
const answerBytesSmall = 16 << 10

// answer writes the answer; its Content-Type is set. Nothing can be answered
// after it.
func (x *exchange) answer(status int, body []byte) {
	x.status = status
	if len(body) > answerBytesSmall {
		// A server without connections to limit, as in tests, can't and need not.
		_ = x.control.SetWriteDeadline(time.Now().Add(x.limits.Answer))
	}
	if len(body) >= compressBytesMin && acceptsGzip(x.r.Header) {
		x.answerCompressed(status, body)
		return
	}
	if status != http.StatusNoContent && status != http.StatusNotModified {
		x.set("Content-Length", strconv.Itoa(len(body)))
	}
	x.w.WriteHeader(status)
	if x.r.Method == http.MethodHead || len(body) == 0 {
		return
	}
	// A client that has gone needs no answer.
	x.written, _ = x.w.Write(body)
}

// answerAs writes an answer of a media type.
func (x *exchange) answerAs(status int, media string, body []byte) {
	x.set("Content-Type", media)
	x.answer(status, body)
}

// format gives the format the client wants, or the outcome of having none. Who
// reads a Binary may want none of ours.
func (x *exchange) format() (*format, error) {
	f := negotiate(x.r.Header, queryParam(x.queryText(), "_format"))
	if f == nil && x.readsBinary() {
		return fhirJSON, nil
	}
	if f == nil {
		return nil, notAcceptable()
	}
	return f, nil
}

// answerJSON writes FHIR JSON in the client's format.
func (x *exchange) answerJSON(status int, f *format, body []byte) {
	pretty := x.queryText() != "" && queryParam(x.queryText(), "_pretty") == "true"
	switch {
	case f.xml:
		body, f = x.inXML(f, body, pretty)
	case pretty:
		var indented bytes.Buffer
		if json.Indent(&indented, body, "", "  ") == nil {
			body = indented.Bytes()
		}
	}
	x.header["Content-Type"] = f.header
	x.answer(status, body)
}

// inXML gives FHIR JSON as XML. What can't be said in XML, such as a resource that
// was stored before it was validated, is answered in JSON, and says so.
func (x *exchange) inXML(f *format, body []byte, pretty bool) ([]byte, *format) {
	if len(body) == 0 {
		return body, f
	}
	write := xml.FromJSON
	if pretty {
		write = xml.FromJSONIndent
	}
	text, err := write(nil, body)
	if err != nil {
		x.logFailure(fhir.OutcomeOf(err))
		return body, fhirJSON
	}
	return text, f
}

// answerResource answers a read: with the version's headers, not modified where
// the client has it, in the part the client asks for.
func (x *exchange) answerResource(f *format, r *fhir.Resource) error {
	x.noteVersion(r)
	if unchanged(x.r.Header, etagOf(r.Version), r.Updated) {
		x.answer(http.StatusNotModified, nil)
		return nil
	}
	if x.readsBinary() && x.answerContent(r) {
		return nil
	}
	body, err := x.part(r.Body)
	if err == nil {
		x.answerJSON(http.StatusOK, f, body)
	}
	return err
}

// part gives what _summary and _elements leave of a resource.
func (x *exchange) part(body []byte) ([]byte, error) {
	query := x.queryText()
	if query == "" {
		return body, nil
	}
	summary, elements := queryParam(query, "_summary"), queryParam(query, "_elements")
	switch summary {
	case "", "false", "true", "text", "data":
	default:
		return nil, fhir.OfParameter("_summary", fhir.Errorf(fhir.IssueInvalid, "", "the parameter \"_summary\" must be true, text, data or false here, not %.40q", summary))
	}
	if (summary == "" || summary == "false") && elements == "" {
		return body, nil
	}
	var names []string
	if elements != "" {
		names = strings.Split(elements, ",")
	}
	return x.engine.Elements(body, summary, names), nil
}

// answerResult answers a write as Prefer asks. Source: R4 http#ops.
func (x *exchange) answerResult(f *format, status int, result *interaction.Result) {
	r := result.Resource
	x.noteVersion(r)
	if r != nil && !r.Deleted {
		place := "Content-Location"
		if status == http.StatusCreated || x.r.Method == http.MethodPost {
			place = "Location"
		}
		x.set(place, x.versionURL(r))
	}
	switch {
	case x.prefer.answer == "minimal":
		x.answer(status, nil)
	case x.prefer.answer == "OperationOutcome":
		x.answerJSON(status, f, interaction.OutcomeJSON(told(status, result.Issues)))
	case result.Private:
		x.answer(status, nil)
	case r == nil || r.Deleted:
		x.answer(http.StatusNoContent, nil)
	default:
		x.answerJSON(status, f, r.Body)
	}
}

// told gives the issues of a success; one that only says so where there is none.
func told(status int, issues []fhir.Issue) []fhir.Issue {
	if len(issues) > 0 {
		return issues
	}
	return []fhir.Issue{{
		Severity: fhir.SeverityInformation, Code: fhir.IssueInformational,
		Diagnostics: "done: " + strconv.Itoa(status) + " " + http.StatusText(status),
	}}
}

// fail answers an error with its outcome.
func (x *exchange) fail(err error) {
	if errors.Is(err, context.DeadlineExceeded) && !fhir.HasIssue(err, fhir.IssueTimeout) {
		err = fhir.Errorf(fhir.IssueTimeout, "", "this took longer than %s, the limit of this server, and was undone; ask for less at once", x.limit).Because(err)
	}
	x.failAs(interaction.Status(err), fhir.OutcomeOf(err))
}

// failAs answers an outcome with a status.
func (x *exchange) failAs(status int, o *fhir.Outcome) {
	if status >= http.StatusInternalServerError {
		x.logFailure(o)
	}
	switch status {
	case http.StatusUnauthorized:
		x.set("Www-Authenticate", `Basic realm="Bima", charset="UTF-8"`)
	case http.StatusServiceUnavailable, http.StatusTooManyRequests:
		x.set("Retry-After", retryAfterSeconds)
	case http.StatusUnsupportedMediaType:
		x.set("Accept-Post", acceptedBodies)
		x.set("Accept-Patch", acceptedPatches)
	}
	f := negotiate(x.r.Header, queryParam(x.queryText(), "_format"))
	if f == nil {
		f = fhirJSON
	}
	x.answerJSON(status, f, interaction.OutcomeJSON(o.Issues))
}

// retryAfterSeconds is when a client may try again what failed for a while.
const retryAfterSeconds = "5"
