// Package openmrstest is an OpenMRS for tests: the part of its module fhir2 that
// other systems can write to, with what it minds and what it drops without a word.
// It is written from what is known of fhir2's code, so that a client that gets on
// with it gets on with an OpenMRS.
//
// Its door is New: an http.Handler with fhir2's R4 base at Path and a token endpoint
// at TokenPath.
package openmrstest

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Where things are.
const (
	Path      = "/openmrs/ws/fhir2/R4"
	TokenPath = "/oauth/token"
)

// Options are what an OpenMRS is set up with. The zero value has no users.
type Options struct {
	Users   map[string]string // passwords by user names, for HTTP Basic
	Clients map[string]string // secrets by ids, for OAuth2 client credentials

	AttributeTypes    []string          // the person attribute types, by their names
	IdentifierTypes   []string          // the patient identifier types, by their names
	IdentifierSystems map[string]string // the identifier types that systems are mapped to
	Concepts          []string          // what codes are mapped to concepts: "system|code"

	// Deaf is a fhir2 before 2.6: no person attributes, no Task.note.
	Deaf bool
	// Literal finds Tasks by based-on as fhir2 did before references had targets:
	// by the bare id, so that nothing is found that was given by an absolute URL.
	Literal bool
	// Now is its clock; nil is the real one.
	Now func() time.Time
}

// A Call is a request that it was sent.
type Call struct {
	Method, Path, Query string
	ContentType         string
	Body                string
	Status              int // of the answer
}

// A Server is an OpenMRS. It is safe for concurrent use.
type Server struct {
	mu       sync.Mutex
	options  Options
	patients []*patient
	tasks    []*task
	pages    map[string]page
	calls    []Call
	tokens   map[string]bool
	faults   []fault
	last     int // number of the last uuid, page or token
}

// A fault is what goes wrong with requests to come.
type fault struct {
	method, path string // "" is any
	status, left int
	after        bool // the work is done, and only the answer is lost
}

// New makes an OpenMRS without patients.
func New(o Options) *Server {
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Server{options: o, pages: map[string]page{}, tokens: map[string]bool{}}
}

// Fail answers the next n requests of a method ("" is any) whose path holds a text
// with a status, and does nothing.
func (s *Server) Fail(method, path string, status, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, fault{method: method, path: path, status: status, left: n})
}

// Lose does what the next n such requests ask for, and answers with a status as if
// it had not.
func (s *Server) Lose(method, path string, status, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, fault{method: method, path: path, status: status, left: n, after: true})
}

// Revoke ends all tokens.
func (s *Server) Revoke() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.tokens)
}

// Set changes how it is set up.
func (s *Server) Set(change func(*Options)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.options)
}

// Calls gives what it was sent, in the order of arrival.
func (s *Server) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

// uuid makes one.
func (s *Server) uuid() string {
	s.last++
	return fmt.Sprintf("%08x-4c0d-4a8e-9f3b-%012x", s.last, s.last)
}

// An answer is what is sent back.
type answer struct {
	status   int
	body     map[string]any
	location string
}

// refuse makes an answer of an OperationOutcome.
func refuse(status int, format string, args ...any) answer {
	return answer{status: status, body: map[string]any{"resourceType": "OperationOutcome", "issue": []any{
		map[string]any{"severity": "error", "code": "processing", "diagnostics": fmt.Sprintf(format, args...)},
	}}}
}

// bodyMax bounds what is read of a request.
const bodyMax = 1 << 20

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, bodyMax))
	if err != nil {
		http.Error(w, "too long", http.StatusRequestEntityTooLarge)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.answer(r, body)
	s.calls = append(s.calls, Call{Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery, ContentType: r.Header.Get("Content-Type"), Body: string(body), Status: a.status})
	if a.location != "" {
		w.Header().Set("Location", a.location)
	}
	w.Header().Set("Content-Type", "application/fhir+json;charset=UTF-8")
	w.WriteHeader(a.status)
	if a.body != nil {
		_ = json.NewEncoder(w).Encode(a.body)
	}
}

// answer does what is asked for, unless something goes wrong.
func (s *Server) answer(r *http.Request, body []byte) answer {
	if r.URL.Path == TokenPath {
		if f := s.faulty(r); f != nil {
			return answer{status: f.status}
		}
		return s.token(r, body)
	}
	path, ok := strings.CutPrefix(r.URL.Path, Path)
	if !ok {
		return answer{status: http.StatusNotFound}
	}
	path = strings.Trim(path, "/")
	if path == "metadata" {
		return answer{status: http.StatusOK, body: metadata()}
	}
	f := s.faulty(r)
	if f != nil && !f.after {
		return refuse(f.status, "something went wrong")
	}
	if !s.knows(r.Header.Get("Authorization")) {
		return refuse(http.StatusUnauthorized, "Not authenticated")
	}
	a := s.route(r, path, body)
	if f != nil {
		return refuse(f.status, "something went wrong")
	}
	return a
}

// faulty gives what goes wrong with a request; nil where nothing does.
func (s *Server) faulty(r *http.Request) *fault {
	for i := range s.faults {
		f := &s.faults[i]
		if f.left > 0 && (f.method == "" || f.method == r.Method) && strings.Contains(r.URL.Path, f.path) {
			f.left--
			return f
		}
	}
	return nil
}

// knows reports whether a header is of a user. A password ends at a colon: that is
// how OpenMRS reads it.
func (s *Server) knows(authorization string) bool {
	kind, value, _ := strings.Cut(authorization, " ")
	switch kind {
	case "Bearer":
		return s.tokens[value]
	case "Basic":
		pair, err := base64.StdEncoding.DecodeString(value)
		parts := strings.Split(string(pair), ":")
		if err != nil || len(parts) < 2 {
			return false
		}
		password, known := s.options.Users[parts[0]]
		return known && password == parts[1]
	}
	return false
}

// metadata gives the CapabilityStatement.
func metadata() map[string]any {
	var resources []any
	for _, typ := range known {
		resources = append(resources, map[string]any{"type": typ})
	}
	return map[string]any{
		"resourceType": "CapabilityStatement", "status": "active", "kind": "instance", "fhirVersion": "4.0.1",
		"format": []any{"application/fhir+xml", "application/fhir+json"},
		"rest":   []any{map[string]any{"mode": "server", "resource": resources}},
	}
}

// known are the types of resources that fhir2 has and this one knows of.
var known = []string{"Location", "Patient", "Practitioner", "Task"}

// Demo is the OpenMRS of the guide: the user bima with the password secret, and
// Asha of the demo scheme as its only patient.
func Demo() *Server {
	s := New(Options{
		Users:             map[string]string{"bima": "secret"},
		AttributeTypes:    []string{"Insurance status", "Insurance policy number", "Insurance expiry date", "Insurance product"},
		IdentifierTypes:   []string{"Insurance number"},
		IdentifierSystems: map[string]string{"http://emr.example.org/id/insurance": "Insurance number"},
	})
	s.Admit("Asha", "Mushi", map[string]string{"Insurance number": "070100001018"})
	return s
}
