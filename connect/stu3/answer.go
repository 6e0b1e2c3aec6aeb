package stu3

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"unicode/utf16"
	"unicode/utf8"

	"bima/connect"
	"bima/fhir"
)

// mediaType is the one media type that the clients read. It has no charset, which
// they compare too; so answers are of ASCII, which is the same in all of theirs.
const mediaType = "application/json"

// A refusal is an error that the client is told.
type refusal struct {
	status int
	header http.Header // of the answer it came from; may be nil
	issues []issue
}

// Error implements error.
func (r *refusal) Error() string { return r.issues[0].Diagnostics }

// An issue is one of an OperationOutcome of STU3.
type issue struct {
	Severity    string   `json:"severity"`
	Code        string   `json:"code"`
	Details     *concept `json:"details,omitempty"`
	Diagnostics string   `json:"diagnostics,omitempty"`
	Expression  []string `json:"expression,omitempty"`
}

// An outcome is an OperationOutcome.
type outcome struct {
	ResourceType string  `json:"resourceType"`
	Issue        []issue `json:"issue"`
}

// refuse makes a refusal of one sentence.
func refuse(status int, code fhir.IssueType, text string) *refusal {
	return &refusal{status: status, issues: []issue{newIssue("error", string(code), text, nil)}}
}

// invalid refuses what is not a request of STU3.
func invalid(element, format string, args ...any) *refusal {
	text := fmt.Sprintf(format, args...)
	return &refusal{status: http.StatusBadRequest, issues: []issue{newIssue("error", string(fhir.IssueInvalid), text, []string{element})}}
}

const (
	// toldMax bounds the text of an issue in characters: clients show it on one line.
	toldMax = 200
	// issuesMax bounds how many issues are told.
	issuesMax = 10
)

// newIssue makes an issue; the text stands where either kind of client looks.
func newIssue(severity, code, text string, expression []string) issue {
	text = shortened(text, toldMax)
	return issue{Severity: severity, Code: issueCode(code), Details: &concept{Text: text}, Diagnostics: text, Expression: expression}
}

// issueCode gives the code of STU3: R4 has two more.
func issueCode(code string) string {
	switch code {
	case "deleted":
		return "not-found"
	case "multiple-matches":
		return "duplicate"
	case "":
		return "processing"
	}
	return code
}

// shortened cuts a text to a number of characters.
func shortened(text string, most int) string {
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most-1]) + "…"
}

// relayed are the headers of a refusal of [base] that its client needs.
var relayed = []string{"WWW-Authenticate", "Retry-After"}

// relay makes a refusal of what [base] refused.
func relay(a *connect.Answer) *refusal {
	r := &refusal{status: a.Status, header: http.Header{}}
	for _, name := range relayed {
		if value := a.Header.Get(name); value != "" {
			r.header.Set(name, value)
		}
	}
	for n := range a.Node().Get("issue").Each() {
		text := n.Get("diagnostics").Text()
		if text == "" {
			text = n.At("details", "text").Text()
		}
		if len(r.issues) < issuesMax {
			r.issues = append(r.issues, newIssue(n.Get("severity").Text(), n.Get("code").Text(), text, texts(n.Get("expression"))))
		}
	}
	if len(r.issues) == 0 {
		r.issues = []issue{newIssue("error", string(fhir.IssueException), http.StatusText(a.Status), nil)}
	}
	return r
}

// write answers an error.
func write(w http.ResponseWriter, err error) {
	var r *refusal
	if !errors.As(err, &r) {
		r = refuse(http.StatusInternalServerError, fhir.IssueException, "The server failed to do this")
	}
	for name, values := range r.header {
		w.Header()[name] = values
	}
	send(w, r.status, outcome{"OperationOutcome", r.issues})
}

// send answers JSON.
func send(w http.ResponseWriter, status int, body any) {
	text, err := json.Marshal(body)
	if err != nil {
		status, text = http.StatusInternalServerError, []byte(`{"resourceType":"OperationOutcome","issue":[{"severity":"fatal","code":"exception"}]}`)
	}
	w.Header().Set("Content-Type", mediaType)
	w.WriteHeader(status)
	_, _ = w.Write(ascii(text)) // a client that has gone needs no answer
}

// ascii escapes what is not ASCII in a text of JSON: OpenMRS takes an answer that
// names no charset for Latin-1.
func ascii(text []byte) []byte {
	var b bytes.Buffer
	b.Grow(len(text))
	for _, r := range string(text) {
		switch {
		case r < utf8.RuneSelf:
			b.WriteByte(byte(r))
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.Bytes()
}
