package openimis

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"bima/connect"
	"bima/connect/dialect"
	"bima/fhir"
	"bima/fhir/interaction"
	"bima/fhir/r4"
)

// Path is where the façade is.
const Path = "/api/api_fhir_r4"

// Options are what a façade is made of.
type Options struct {
	// Login gives a token for a name and password, or an Outcome of IssueLogin.
	Login func(ctx context.Context, name, password string) (token string, expires time.Time, err error)
	// Zone is the scheme's, of times that name none; nil is UTC.
	Zone *time.Location
	// Now is the scheme's clock; nil is the real one.
	Now func() time.Time
}

// A front answers clients of openIMIS.
type front struct {
	Options
	gate  *connect.Gate
	marks *marks
}

// New gives the façade below Path.
func New(gate *connect.Gate, o Options) http.Handler {
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	f := &front{Options: o, gate: gate, marks: &marks{}}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := &call{front: f, w: w, r: r, finder: &dialect.Finder{Gate: gate, Request: r}}
		if err := c.answer(); err != nil {
			c.refuse(interaction.Status(err), interaction.OutcomeJSON(fhir.OutcomeOf(err).Issues))
		}
	})
}

// A call is one request.
type call struct {
	*front
	w      http.ResponseWriter
	r      *http.Request
	finder *dialect.Finder
}

// answer finds out what is asked for.
func (c *call) answer() error {
	parts := strings.Split(strings.Trim(strings.TrimPrefix(c.r.URL.Path, Path), "/"), "/")
	typ, id := parts[0], ""
	if len(parts) > 1 {
		id = parts[1]
	}
	reads := c.r.Method == http.MethodGet || c.r.Method == http.MethodHead
	switch {
	case typ == "login" && len(parts) == 1:
		return c.login()
	case !r4.IsResource(typ) || len(parts) > 2:
		return fhir.Errorf(fhir.IssueNotFound, "", "nothing is at this path; openIMIS's resources are at %s/Patient/ and the like", Path)
	case typ == "CodeSystem" && id == "diagnosis" && reads:
		return c.diagnoses()
	case reads && id == "":
		return c.search(typ)
	case reads:
		return c.read(typ, id)
	case c.r.Method == http.MethodPost && id == "":
		return c.create(typ)
	case c.r.Method == http.MethodPut && id != "":
		return c.update(typ, id)
	case c.r.Method == http.MethodDelete && id != "":
		return c.remove(typ, id)
	}
	c.w.Header().Set("Allow", "GET, POST, PUT, DELETE")
	return fhir.Detailf(fhir.IssueNotSupported, fhir.DetailMethod, "", "%s is not possible here", c.r.Method)
}

// login is POST login/: {"username", "password"} → {"token", "exp"}.
func (c *call) login() error {
	if c.r.Method != http.MethodPost {
		c.w.Header().Set("Allow", "POST")
		return fhir.Detailf(fhir.IssueNotSupported, fhir.DetailMethod, "", "log in by POST")
	}
	body, err := io.ReadAll(c.r.Body)
	if err != nil {
		return err
	}
	doc, err := fhir.Parse(body)
	if err != nil {
		return err
	}
	name, password := doc.Root().Get("username").Text(), doc.Root().Get("password").Text()
	if name == "" || password == "" {
		return fhir.Errorf(fhir.IssueRequired, "", "username and password are both needed, as JSON: {\"username\": …, \"password\": …}")
	}
	token, expires, err := c.Login(c.r.Context(), name, password)
	if err != nil {
		return err
	}
	c.w.Header().Set("Cache-Control", "no-store")
	c.write(http.StatusOK, dialect.Object{"token": token, "exp": expires.Unix()})
	return nil
}

// body reads the resource that was sent, without what R4's JSON forbids.
func (c *call) body(typ string) (dialect.Object, error) {
	text, err := io.ReadAll(c.r.Body)
	if err != nil {
		return nil, err
	}
	sent, err := dialect.Parse(text)
	if err != nil {
		return nil, err
	}
	if got := dialect.Text(sent, "resourceType"); got != typ {
		return nil, fhir.Errorf(fhir.IssueInvalid, "", "the body is a %.60s; %s is wanted here", got, typ)
	}
	clean, _ := dialect.Clean(sent).(dialect.Object)
	if len(clean) == 0 {
		return nil, errors.New("a resource with a resourceType is never empty")
	}
	return clean, nil
}

// ask asks [base], and gives its refusal as an error that was answered already.
func (c *call) ask(method, path string, resource dialect.Object) (*connect.Answer, bool) {
	q := connect.Question{Method: method, Path: path}
	if resource != nil {
		if failed := c.finder.Failed(); failed != nil {
			c.hand(failed)
			return failed, false
		}
		q.Body = dialect.Write(resource)
	}
	answer := c.gate.Ask(c.r, q)
	if !answer.OK() {
		c.hand(answer)
	}
	return answer, answer.OK()
}

// pass hands a question on, and its answer back.
func (c *call) pass(q connect.Question) error {
	c.hand(c.gate.Ask(c.r, q))
	return nil
}

// hand gives an answer of [base] to the client; a refusal in openIMIS's form.
func (c *call) hand(a *connect.Answer) {
	for _, name := range []string{"Www-Authenticate", "Retry-After", "Allow", "Etag"} {
		if value := a.Header.Get(name); value != "" {
			c.w.Header().Set(name, value)
		}
	}
	if !a.OK() {
		c.refuse(a.Status, a.Body)
		return
	}
	c.text(a.Status, a.Body)
}

// refuse answers an OperationOutcome with its texts where these clients look for
// them: in issue.details.text.
func (c *call) refuse(status int, outcome []byte) {
	o, err := dialect.Parse(outcome)
	if err != nil {
		o = dialect.Object{"resourceType": "OperationOutcome", "issue": []any{dialect.Object{
			"severity": "error", "code": "exception", "diagnostics": http.StatusText(status),
		}}}
	}
	for _, issue := range dialect.Each(o, "issue") {
		details := dialect.Child(issue, "details")
		if details == nil {
			details = dialect.Object{}
			issue["details"] = details
		}
		if said := dialect.Text(issue, "diagnostics"); dialect.Text(details, "text") == "" && said != "" {
			details["text"] = said
		}
	}
	c.write(status, o)
}

func (c *call) write(status int, v any) { c.text(status, dialect.Write(v)) }

func (c *call) text(status int, body []byte) {
	media := "application/json; charset=utf-8"
	if c.r.Header.Get("Accept") == "application/fhir+json" {
		media = "application/fhir+json; charset=utf-8"
	}
	c.w.Header().Set("Content-Type", media)
	c.w.WriteHeader(status)
	_, _ = c.w.Write(body)
}
