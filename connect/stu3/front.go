package stu3

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"bima/connect"
	"bima/fhir"
)

// Path is where the façade is, below the root of the server.
const Path = "/api/api_fhir"

// Settings say what a scheme has chosen.
type Settings struct {
	Now      func() time.Time // the scheme's clock, for the days that clients leave out; nil is the real one
	Currency string           // of amounts where neither client nor tariffs name one; "" is none
}

// New makes the façade. It asks through the gate, in its callers' names.
func New(gate *connect.Gate, settings Settings) http.Handler {
	if settings.Now == nil {
		settings.Now = time.Now
	}
	return &front{gate: gate, settings: settings}
}

// A front is the façade.
type front struct {
	gate     *connect.Gate
	settings Settings
}

// A call is one request to the façade.
type call struct {
	*front
	r   *http.Request
	typ string // what the path names first: "Claim"
	id  string // what it names then, or ""
}

// A reply is what a call is answered.
type reply struct {
	status   int
	location string // below the façade: "Claim/1"
	body     any
}

// A handler answers a call.
type handler func(*call) (*reply, error)

// routes tell what answers which path: without an id, and with one.
var routes = map[string][2]map[string]handler{
	"Claim":              {{http.MethodGet: listClaims, http.MethodPost: postClaim}, {http.MethodGet: getClaim}},
	"ClaimResponse":      {{http.MethodGet: listClaims}, {http.MethodGet: getClaimResponse}},
	"EligibilityRequest": {{http.MethodPost: postEligibility}},
	"Elig":               {{http.MethodPost: postEligibility}},
	"Patient":            {{http.MethodGet: listRegistered}, {http.MethodGet: getRegistered}},
	"Practitioner":       {{http.MethodGet: listRegistered}, {http.MethodGet: getRegistered}},
	"Location":           {{http.MethodGet: listRegistered}, {http.MethodGet: getRegistered}},
	"metadata":           {{http.MethodGet: getMetadata}},
}

// ServeHTTP implements http.Handler.
func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := strings.FieldsFunc(strings.TrimPrefix(r.URL.Path, Path), func(c rune) bool { return c == '/' })
	c := &call{front: f, r: r}
	var methods map[string]handler
	switch len(path) {
	case 1:
		c.typ, methods = path[0], routes[path[0]][0]
	case 2:
		c.typ, c.id, methods = path[0], path[1], routes[path[0]][1]
	}
	if methods == nil {
		write(w, refuse(http.StatusNotFound, fhir.IssueNotFound,
			"There is nothing here: "+Path+" has Claim, ClaimResponse, EligibilityRequest, Patient, Practitioner and Location"))
		return
	}
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	handle := methods[method]
	if handle == nil {
		allowed := strings.Join(slices.Sorted(maps.Keys(methods)), ", ")
		w.Header().Set("Allow", allowed)
		write(w, refuse(http.StatusMethodNotAllowed, fhir.IssueNotSupported, "This address takes "+allowed+" only"))
		return
	}
	answer, err := handle(c)
	if err != nil {
		write(w, err)
		return
	}
	if answer.location != "" {
		w.Header().Set("Location", f.url(answer.location))
	}
	send(w, answer.status, answer.body)
}

// url gives the absolute URL of a path below the façade.
func (f *front) url(path string) string { return f.gate.Root() + Path + "/" + path }
