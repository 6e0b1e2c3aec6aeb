package kenyaemr

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"bima/connect"
	"bima/connect/dialect"
	"bima/fhir"
	"bima/fhir/interaction"
	"bima/fhir/rest"
)

// Path is where the façade is.
const Path = "/api/kenyaemr"

// A front answers KenyaEMR.
type front struct {
	gate *connect.Gate
	now  func() time.Time
}

// New gives the façade below Path: POST of a message Bundle to Claim, Bundle or the
// path itself, GET of ClaimResponse?claim=, and all else as [base] answers it. now
// is the scheme's clock; nil is the real one.
func New(gate *connect.Gate, now func() time.Time) http.Handler {
	f := open(gate, now)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		below := strings.Trim(strings.TrimPrefix(r.URL.Path, Path), "/")
		claim := r.URL.Query().Get("claim")
		switch {
		case r.Method == http.MethodPost && (below == "" || below == "Claim" || below == "Bundle"):
			f.message(w, r)
		case (r.Method == http.MethodGet || r.Method == http.MethodHead) && below == "ClaimResponse" && claim != "":
			f.status(w, r)
		default:
			f.pass(w, r, below)
		}
	})
}

// Accents gives what KenyaEMR asks of [base] itself.
func Accents(gate *connect.Gate, now func() time.Time) []rest.Accent {
	f := open(gate, now)
	message := http.HandlerFunc(f.message)
	list := []rest.Accent{
		{Method: http.MethodPost, Type: "Claim", Means: func(_ string, body []byte) bool { return bundleOf(body) != "" }, Answer: message},
		{Method: http.MethodGet, Type: "ClaimResponse", Means: asksByClaim, Answer: http.HandlerFunc(f.status)},
	}
	// Its administrator may set any URL for claims, and another one for questions.
	for _, typ := range []string{"", "Bundle", "Claim", "CoverageEligibilityRequest"} {
		for _, operation := range []string{"", "submit", "process-message"} {
			list = append(list, rest.Accent{
				Method: http.MethodPost, Type: typ, Operation: operation, Plain: true, Answer: message,
				Means: func(_ string, body []byte) bool { return bundleOf(body) == "message" },
			})
		}
	}
	return list
}

func open(gate *connect.Gate, now func() time.Time) *front {
	if now == nil {
		now = time.Now
	}
	return &front{gate: gate, now: now}
}

// bundleOf gives the type of a Bundle; "" of all else.
func bundleOf(body []byte) string {
	doc, err := fhir.Parse(body)
	if err != nil {
		return ""
	}
	defer doc.Release()
	if doc.Root().Get("resourceType").Text() != "Bundle" {
		return ""
	}
	return strings.Clone(doc.Root().Get("type").Text())
}

// asksByClaim reports whether a search is by the parameter claim, alone.
func asksByClaim(query string, _ []byte) bool {
	q, err := url.ParseQuery(query)
	if err != nil || len(q["claim"]) != 1 || q.Get("claim") == "" {
		return false
	}
	for name := range q {
		if name != "claim" && name != "_format" && name != "_pretty" && name != "_count" {
			return false
		}
	}
	return true
}

// message takes a Bundle with a claim or a question about cover.
func (f *front) message(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		refuse(w, r, err)
		return
	}
	sent, err := dialect.Parse(body)
	if err != nil {
		refuse(w, r, err)
		return
	}
	if dialect.Text(sent, "resourceType") == "Claim" {
		sent = dialect.Object{"resourceType": "Bundle", "type": "message", "entry": []any{dialect.Object{"resource": sent}}}
	}
	m, err := f.read(r, sent)
	if err != nil {
		refuse(w, r, err)
		return
	}
	if m.claim != nil {
		f.submit(w, r, m)
		return
	}
	f.eligible(w, r, m)
}

// pass hands a request on to [base].
func (f *front) pass(w http.ResponseWriter, r *http.Request, below string) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		refuse(w, r, err)
		return
	}
	path := (&url.URL{Path: below}).EscapedPath()
	if r.URL.RawQuery != "" {
		path += "?" + r.URL.RawQuery
	}
	q := connect.Question{Method: r.Method, Path: path, Header: http.Header{}}
	for _, name := range conditions {
		if values := r.Header.Values(name); len(values) > 0 {
			q.Header[name] = values
		}
	}
	if len(body) > 0 {
		q.Body = body
	}
	hand(w, r, f.gate.Ask(r, q))
}

// conditions are the headers without which a request that is handed on would be
// another one: a change that must not overwrite another's, a kind of patch.
var conditions = []string{"Content-Type", "If-Match", "If-None-Match", "If-None-Exist", "If-Modified-Since", "Prefer"}

// hand gives an answer of [base] to the client.
func hand(w http.ResponseWriter, r *http.Request, a *connect.Answer) {
	for _, name := range []string{"Location", "Content-Location", "Etag", "Last-Modified", "Www-Authenticate", "Retry-After", "Allow"} {
		if value := a.Header.Get(name); value != "" {
			w.Header().Set(name, value)
		}
	}
	answer(w, r, a.Status, a.Body)
}

// answer writes JSON under the name that the client accepts.
func answer(w http.ResponseWriter, r *http.Request, status int, body []byte) {
	media := "application/fhir+json; charset=utf-8"
	if r.Header.Get("Accept") == "application/json" {
		media = "application/json; charset=utf-8"
	}
	w.Header().Set("Content-Type", media)
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// refuse answers an error: by an OperationOutcome without an id, which the client
// would take for that of a claim that arrived.
func refuse(w http.ResponseWriter, r *http.Request, err error) {
	answer(w, r, interaction.Status(err), interaction.OutcomeJSON(fhir.OutcomeOf(err).Issues))
}

// wants reports what the client wants to be answered with.
func wants(r *http.Request, what string) bool {
	for _, line := range r.Header["Prefer"] {
		for part := range strings.FieldsFuncSeq(line, func(c rune) bool { return c == ',' || c == ';' }) {
			name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
			if strings.EqualFold(name, "return") {
				return strings.EqualFold(strings.Trim(value, `" `), what)
			}
		}
	}
	return false
}

// number gives a number of JSON.
func number(n int) json.Number {
	text, _ := json.Marshal(n)
	return json.Number(text)
}
