package connect

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"strings"

	"bima/fhir"
)

// A Gate asks [base] in the name of whoever called a façade. It is safe for
// concurrent use.
type Gate struct {
	handler http.Handler
	base    string
}

// NewGate makes a Gate to the handler of a whole server, whose [base] is at this
// absolute URL.
func NewGate(handler http.Handler, base string) *Gate {
	return &Gate{handler: handler, base: strings.TrimSuffix(base, "/")}
}

// Base gives the absolute URL of [base].
func (g *Gate) Base() string { return g.base }

// Root gives the absolute URL of the server, without a slash at its end: façades
// are below it, beside [base].
func (g *Gate) Root() string { return strings.TrimSuffix(g.base, "/fhir") }

// A Question is a request to [base].
type Question struct {
	Method string      // "" is GET
	Path   string      // below [base], with its query, escaped: "Patient?identifier=123"; "" is [base]
	Body   []byte      // JSON of FHIR, or nil
	Header http.Header // beside those that every question has; may be nil
}

// An Answer is what [base] answered.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// OK reports whether the answer is a success.
func (a *Answer) OK() bool { return a.Status >= 200 && a.Status < 300 }

// Node gives the tree of the body; absent where it is none.
func (a *Answer) Node() fhir.Node {
	doc, err := fhir.Parse(a.Body)
	if err != nil {
		return fhir.Node{}
	}
	return doc.Root()
}

// passed are the headers of the caller's request that his questions have, too:
// who he is, and by which id the log knows what he asked.
var passed = []string{"Authorization", "Apikey", "X-Request-Id"}

// Ask asks a question in the name of who sent r, and within its time. What goes
// wrong is in the Answer, as a status and an OperationOutcome.
func (g *Gate) Ask(r *http.Request, q Question) *Answer {
	held := &Answer{Header: http.Header{}}
	method := q.Method
	if method == "" {
		method = http.MethodGet
	}
	inner, err := g.request(r.Context(), method, q)
	if err != nil {
		held.Status = http.StatusBadRequest
		return held
	}
	for _, name := range passed {
		if value := r.Header.Get(name); value != "" {
			inner.Header.Set(name, value)
		}
	}
	for name, values := range q.Header {
		inner.Header[name] = values
	}
	g.handler.ServeHTTP(recorder{held}, inner)
	held.Status = max(held.Status, http.StatusOK)
	if held.OK() && held.withheld() {
		held.Status = http.StatusForbidden
	}
	return held
}

// withheld reports whether something was done whose answer the caller may not read,
// so that there is nothing to put into other words.
func (a *Answer) withheld() bool {
	if !bytes.Contains(a.Body, []byte(`"suppressed"`)) {
		return false
	}
	n := a.Node()
	return n.Get("resourceType").Text() == "OperationOutcome" && n.Get("issue").First().Get("code").Text() == string(fhir.IssueSuppressed)
}

// request writes a question as the handler reads it.
func (g *Gate) request(ctx context.Context, method string, q Question) (*http.Request, error) {
	target, err := url.Parse(g.base)
	if err != nil {
		return nil, err
	}
	uri := "/fhir"
	if q.Path != "" {
		uri += "/" + q.Path
	}
	inner, err := http.NewRequestWithContext(ctx, method, "http://"+target.Host+uri, bytes.NewReader(q.Body))
	if err != nil {
		return nil, err
	}
	inner.RequestURI, inner.Host = uri, target.Host
	inner.Header.Set("Accept", "application/fhir+json")
	if q.Body != nil {
		inner.Header.Set("Content-Type", "application/fhir+json")
	}
	return inner, nil
}

// A recorder takes down what a handler answers.
type recorder struct{ answer *Answer }

// Header implements http.ResponseWriter.
func (w recorder) Header() http.Header { return w.answer.Header }

// WriteHeader implements http.ResponseWriter.
func (w recorder) WriteHeader(status int) {
	if w.answer.Status == 0 {
		w.answer.Status = status
	}
}

// Write implements http.ResponseWriter.
func (w recorder) Write(text []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	w.answer.Body = append(w.answer.Body, text...)
	return len(text), nil
}
