package rest

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"bima/fhir"
	"bima/fhir/interaction"
)

// asyncPath is where accepted requests are asked after, below [base].
const asyncPath = "/_async"

// asyncKeepDefault is how long an accepted request and its answer are kept.
const asyncKeepDefault = 24 * time.Hour

// A deferred is a request that was accepted to be done later, as it is stored.
type deferred struct {
	Method  string      `json:"method"`
	Scheme  string      `json:"scheme"`
	Host    string      `json:"host"`
	URI     string      `json:"uri"` // path and query
	Header  http.Header `json:"header"`
	Body    []byte      `json:"body,omitempty"`
	Caller  fhir.Caller `json:"caller"`
	Request string      `json:"request"` // its id, for the log
	// Once says that it must not be done again where it is not known whether it
	// was done: a bundle, which changes what is stored.
	Once bool `json:"once,omitempty"`
}

// later reports whether the client wants an interaction done later that may be.
// Source: R4 async (Prefer: respond-async).
func (x *exchange) later(interaction string) bool {
	if x.options.Async == nil || x.stored != nil || len(x.r.Header["Prefer"]) == 0 || x.r.Method == http.MethodHead {
		return false
	}
	switch interaction {
	case "search-type", "search-system", "search-compartment", "history-instance", "history-type", "history-system", "bundle":
	case "operation":
		if !slices.Contains([]string{"everything", "simulate"}, x.param("operation")) {
			return false
		}
	default:
		return false
	}
	for _, line := range x.r.Header["Prefer"] {
		for part := range strings.FieldsFuncSeq(line, func(r rune) bool { return r == ',' || r == ';' }) {
			if strings.EqualFold(strings.TrimSpace(part), "respond-async") {
				return true
			}
		}
	}
	return false
}

// accept keeps the request for the Worker and says where its answer will be.
func (x *exchange) accept(interaction string) error {
	f, err := x.format()
	if err != nil {
		return err
	}
	body, err := x.bytes()
	if err != nil {
		return err
	}
	caller, _ := fhir.CallerOf(x.ctx)
	request, err := json.Marshal(deferred{
		Method: x.r.Method, Scheme: x.scheme(), Host: x.r.Host, URI: laterURI(x.r.URL), Header: x.laterHeader(), Body: body,
		Caller: caller, Request: x.requestID, Once: interaction == "bundle",
	})
	if err != nil {
		return err
	}
	id := strings.ToLower(rand.Text())
	args, err := json.Marshal(asyncArgs{ID: id})
	if err != nil {
		return err
	}
	now := x.now()
	err = x.keep(x.ctx, fhir.AsyncRequest{
		ID: id, Owner: caller.Identity, Request: request, State: fhir.AsyncAccepted, Progress: string(fhir.AsyncAccepted),
		Created: now, Expires: now.Add(x.options.AsyncKeep),
	}, fhir.Job{Kind: asyncKind, Args: args})
	if err != nil {
		return err
	}
	x.set("Content-Location", x.base()+asyncPath+"/"+id)
	x.answerJSON(http.StatusAccepted, f, news("accepted: ask at the Content-Location how far it is"))
	return nil
}

// keep stores a request with its job, where its owner has not too many under way.
// One at a time, so that no caller gets more by asking all at once.
func (s *server) keep(ctx context.Context, a fhir.AsyncRequest, j fhir.Job) error {
	select {
	case s.accepting <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-s.accepting }()
	pending, err := s.options.Async.Pending(ctx, a.Owner)
	if err != nil {
		return err
	}
	if pending >= s.limits.AsyncPending {
		return fhir.Errorf(fhir.IssueThrottled, "",
			"%d requests of yours wait or are being done, the most this server takes; wait for one to be done, or cancel it", pending)
	}
	return s.options.Async.Accept(ctx, a, j)
}

// laterURI gives the path and query without what is about the form of the
// answer, which is asked again when it is read.
func laterURI(u *url.URL) string {
	kept := url.URL{Path: u.Path, RawPath: u.RawPath, RawQuery: withoutForm(u.RawQuery)}
	return kept.RequestURI()
}

// laterHeader gives the headers that matter to what is done. The answer is kept
// as JSON, whatever the client wants to read it in.
func (x *exchange) laterHeader() http.Header {
	kept := http.Header{"Accept": {fhirJSON.media}}
	for _, name := range []string{"Content-Type", "Prefer"} {
		if values := x.r.Header[name]; len(values) > 0 {
			kept[name] = values
		}
	}
	if parent := x.span.Parent(); parent != "" {
		kept["Traceparent"] = []string{parent}
	}
	return kept
}

// news gives an outcome that only tells something.
func news(text string) []byte {
	return interaction.OutcomeJSON([]fhir.Issue{{Severity: fhir.SeverityInformation, Code: fhir.IssueInformational, Diagnostics: text}})
}

// asked gives the request that the path names, where it is the caller's or he is
// an administrator; to others it does not exist.
func (x *exchange) asked() (*fhir.AsyncRequest, error) {
	id := x.param("request")
	unknown := fhir.Errorf(fhir.IssueNotFound, "", "no request of yours is under way or done by this name; answers are kept for %s", x.options.AsyncKeep)
	if x.options.Async == nil || !fhir.ValidID(id) {
		return nil, unknown
	}
	a, err := x.options.Async.Async(x.ctx, id)
	if err != nil {
		if fhir.HasIssue(err, fhir.IssueNotFound) {
			return nil, unknown
		}
		return nil, err
	}
	caller, _ := fhir.CallerOf(x.ctx)
	if !within(caller.Grant, a) || a.State == fhir.AsyncCancelled || a.Owner != caller.Identity && !caller.Has(fhir.RoleAdministrator) || !x.now().Before(a.Expires) {
		return nil, unknown
	}
	return a, nil
}

// within reports whether the scopes of a token are those that a request was made
// with: its answer holds what they let be read.
func within(g *fhir.Grant, a *fhir.AsyncRequest) bool {
	if g == nil {
		return true
	}
	var d deferred
	return json.Unmarshal(a.Request, &d) == nil && d.Caller.Grant.String() == g.String()
}

// pollSeconds is after how many seconds a client should ask again: sooner in the
// first ten.
func pollSeconds(running time.Duration) string {
	if running < 10*time.Second {
		return "1"
	}
	return "5"
}

// asyncStatus is GET [base]/_async/id: 202 while it is being done, then the
// answer in a Bundle.
func asyncStatus(x *exchange) error {
	f, err := x.format()
	if err != nil {
		return err
	}
	a, err := x.asked()
	if err != nil {
		return err
	}
	if a.State == fhir.AsyncCompleted {
		x.set("Expires", a.Expires.UTC().Format(http.TimeFormat))
		x.answerJSON(http.StatusOK, f, a.Answer)
		return nil
	}
	running := x.now().Sub(a.Created)
	progress := a.Progress + " for " + strconv.FormatInt(int64(running.Seconds()), 10) + " s"
	x.set("X-Progress", progress)
	x.set("Retry-After", pollSeconds(running))
	x.answerJSON(http.StatusAccepted, f, news(progress))
	return nil
}

// asyncCancel is DELETE [base]/_async/id: what is under way is stopped, and the
// request and its answer are forgotten.
func asyncCancel(x *exchange) error {
	f, err := x.format()
	if err != nil {
		return err
	}
	a, err := x.asked()
	if err != nil {
		return err
	}
	if _, err := x.options.Async.Advance(x.ctx, a.ID, fhir.AsyncCancelled, string(fhir.AsyncCancelled), nil); err != nil {
		return err
	}
	x.answerJSON(http.StatusAccepted, f, news("cancelled; what a bundle had committed by then stays"))
	return nil
}
