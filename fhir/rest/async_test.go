package rest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"bima/fhir"
	"bima/fhir/interaction"
	"bima/fhir/rest"
	"bima/storage"
	"bima/storage/storagetest"
)

// A later is a server whose accepted requests are done when the test says so.
type later struct {
	store   *storage.Store
	handler http.Handler
}

// newLater gives one on a fresh database. Callers are who Authorization names;
// "root" is an administrator.
func newLater(t *testing.T, o rest.Options, limits ...interaction.Limits) later {
	t.Helper()
	store, e := open(t, storagetest.SQLite(t), "http://example.org/fhir", limits...)
	o.Engine, o.Log, o.Async, o.Base = e, quiet(), store, "http://example.org/fhir"
	o.Authenticate = func(r *http.Request) (fhir.Caller, error) {
		name := r.Header.Get("Authorization")
		role := fhir.RoleFacility
		if name == "root" {
			role = fhir.RoleAdministrator
		}
		return fhir.Caller{Name: name, Identity: name, Roles: []fhir.Role{role}}, nil
	}
	return later{store, rest.Handler(o)}
}

// accept has a request accepted for asha and gives its path and id.
func (l later) accept(t *testing.T, method, path, body string) (place, id string) {
	t.Helper()
	r := ask(l.handler, method, path, body, "Prefer", "respond-async", "Authorization", "asha", "Content-Type", "application/fhir+json")
	if r.StatusCode != http.StatusAccepted {
		t.Fatalf("got %d %s", r.StatusCode, text(t, r))
	}
	place = strings.TrimPrefix(r.Header.Get("Content-Location"), "http://example.org")
	return place, place[strings.LastIndexByte(place, '/')+1:]
}

// work does the job of a request.
func (l later) work(t *testing.T, ctx context.Context, id string) error {
	t.Helper()
	args, err := json.Marshal(map[string]string{"id": id})
	if err != nil {
		t.Fatal(err)
	}
	return rest.Worker(l.handler).Work(ctx, nil, args)
}

func (l later) get(path, name string) *http.Response {
	return ask(l.handler, "GET", path, "", "Authorization", name)
}

const makeBasic = `{"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Basic","id":"made","code":{"text":"x"}},"request":{"method":"PUT","url":"Basic/made"}}]}`

func TestARequestIsSeenByItsOwnerAndAdministratorsOnly(t *testing.T) {
	l := newLater(t, rest.Options{})
	place, id := l.accept(t, "GET", "/fhir/Basic?_format=json", "")
	for name, want := range map[string]int{"asha": 202, "root": 202, "juma": 404} {
		if r := l.get(place, name); r.StatusCode != want {
			t.Errorf("%s gets %d, want %d", name, r.StatusCode, want)
		}
	}
	if r := ask(l.handler, "DELETE", place, "", "Authorization", "juma"); r.StatusCode != 404 {
		t.Errorf("juma cancels: got %d", r.StatusCode)
	}
	if r := l.get(place, "asha"); r.Header.Get("X-Progress") == "" || r.Header.Get("Retry-After") == "" {
		t.Errorf("the owner does not learn how far it is: %v", r.Header)
	}
	if err := l.work(t, t.Context(), id); err != nil {
		t.Fatal(err)
	}
	r := l.get(place, "asha")
	if body := text(t, r); r.StatusCode != 200 || !strings.Contains(body, `"type":"searchset"`) || r.Header.Get("Expires") == "" {
		t.Errorf("got %d %s", r.StatusCode, body)
	}
}

func TestARequestIsDoneAsWhoAskedIt(t *testing.T) {
	l := newLater(t, rest.Options{})
	place, id := l.accept(t, "POST", "/fhir", strings.ReplaceAll(makeBasic, `"PUT","url":"Basic/made"`, `"DELETE","url":"OperationDefinition/Resource-validate"`))
	if err := l.work(t, t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if body := text(t, l.get(place, "asha")); !strings.Contains(body, `"status":"403 Forbidden"`) && !strings.Contains(body, `"status":"400`) {
		t.Errorf("got %s", body)
	}
}

func TestARequestThatWasCancelledIsNotDone(t *testing.T) {
	l := newLater(t, rest.Options{})
	place, id := l.accept(t, "POST", "/fhir", makeBasic)
	if r := ask(l.handler, "DELETE", place, "", "Authorization", "asha"); r.StatusCode != 202 {
		t.Fatalf("got %d", r.StatusCode)
	}
	if err := l.work(t, t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if r := l.get("/fhir/Basic/made", "asha"); r.StatusCode != 404 {
		t.Errorf("it was done: got %d", r.StatusCode)
	}
}

func TestABundleIsNotDoneTwice(t *testing.T) {
	l := newLater(t, rest.Options{})
	place, id := l.accept(t, "POST", "/fhir", makeBasic)
	if _, err := l.store.Advance(t.Context(), id, fhir.AsyncRunning, "running", nil); err != nil {
		t.Fatal(err) // as if a server had begun it and stopped
	}
	if err := l.work(t, t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if body := text(t, l.get(place, "asha")); !strings.Contains(body, `"code":"transient"`) {
		t.Errorf("got %s", body)
	}
	if r := l.get("/fhir/Basic/made", "asha"); r.StatusCode != 404 {
		t.Errorf("it was done again: got %d", r.StatusCode)
	}
}

func TestASearchIsDoneAgainWhereTheServerStopped(t *testing.T) {
	l := newLater(t, rest.Options{})
	place, id := l.accept(t, "GET", "/fhir/Basic", "")
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if err := l.work(t, stopped, id); err == nil {
		t.Error("a job that was stopped is taken as done")
	}
	if err := l.work(t, t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if body := text(t, l.get(place, "asha")); !strings.Contains(body, `"status":"200 OK"`) {
		t.Errorf("got %s", body)
	}
}

func TestAnAnswerThatIsTooLargeIsNotKept(t *testing.T) {
	l := newLater(t, rest.Options{Limits: rest.Limits{AsyncBytes: 100}})
	place, id := l.accept(t, "GET", "/fhir/OperationDefinition", "")
	if err := l.work(t, t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if body := text(t, l.get(place, "asha")); !strings.Contains(body, `"code":"too-costly"`) || strings.Contains(body, "searchset") {
		t.Errorf("got %s", body)
	}
}

func TestTimeOfARequestDoneLaterIsLimited(t *testing.T) {
	l := newLater(t, rest.Options{Limits: rest.Limits{Async: time.Nanosecond}})
	place, id := l.accept(t, "GET", "/fhir/Basic", "")
	if err := l.work(t, t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if body := text(t, l.get(place, "asha")); !strings.Contains(body, `"status":"503`) || !strings.Contains(body, `"code":"timeout"`) || strings.Contains(body, "1m0s") {
		t.Errorf("got %s", body)
	}
}

func TestARequestIsForgottenInTime(t *testing.T) {
	l := newLater(t, rest.Options{AsyncKeep: time.Nanosecond})
	place, id := l.accept(t, "GET", "/fhir/Basic", "")
	if err := l.work(t, t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if r := l.get(place, "asha"); r.StatusCode != 404 {
		t.Errorf("got %d", r.StatusCode)
	}
}

func TestTheLimitOfSearchesDoesNotHoldForWhatIsDoneLater(t *testing.T) {
	l := newLater(t, rest.Options{}, interaction.Limits{SearchTime: time.Nanosecond})
	for _, path := range []string{"/fhir/OperationDefinition?code=validate", "/fhir/OperationDefinition/_history?_count=1000"} {
		now := l.get(path, "asha")
		if body := text(t, now); now.StatusCode != 503 || now.Header.Get("Retry-After") == "" || !strings.Contains(body, "respond-async") {
			t.Errorf("%s at once: got %d %s", path, now.StatusCode, body)
		}
		place, id := l.accept(t, "GET", path, "")
		if err := l.work(t, t.Context(), id); err != nil {
			t.Fatal(err)
		}
		if body := text(t, l.get(place, "asha")); !strings.Contains(body, `"status":"200 OK"`) || !strings.Contains(body, "Resource-validate") {
			t.Errorf("%s later: got %s", path, body)
		}
	}
}

func TestASlowRequestIsLoggedAsSlow(t *testing.T) {
	for limit, want := range map[time.Duration]bool{time.Nanosecond: true, time.Hour: false} {
		var log bytes.Buffer
		h := handler(t, rest.Options{Slow: limit, Log: slog.New(slog.NewTextHandler(&log, nil))})
		ask(h, "GET", "/fhir/Patient?name=Mushi", "", "X-Request-Id", "the-request")
		slow := strings.Contains(log.String(), "slow request") && strings.Contains(log.String(), "level=WARN")
		if slow != want || !strings.Contains(log.String(), "request=the-request") || strings.Contains(log.String(), "Mushi") {
			t.Errorf("with a limit of %s: %s", limit, &log)
		}
	}
}

func TestOneCallerMayNotHaveTooManyUnderWay(t *testing.T) {
	l := newLater(t, rest.Options{Limits: rest.Limits{AsyncPending: 2}})
	send := func(name string) int {
		return ask(l.handler, "GET", "/fhir/Basic", "", "Prefer", "respond-async", "Authorization", name).StatusCode
	}
	place, _ := l.accept(t, "GET", "/fhir/Basic", "")
	_, id := l.accept(t, "GET", "/fhir/Basic", "")
	r := ask(l.handler, "GET", "/fhir/Basic", "", "Prefer", "respond-async", "Authorization", "asha")
	if body := text(t, r); r.StatusCode != 429 || r.Header.Get("Retry-After") == "" || !strings.Contains(body, `"code":"throttled"`) {
		t.Errorf("the third is answered %d %s", r.StatusCode, body)
	}
	if got := send("juma"); got != 202 {
		t.Errorf("another caller gets %d", got)
	}
	if err := l.work(t, t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if got := send("asha"); got != 202 {
		t.Errorf("after one is done: got %d", got)
	}
	if got := send("asha"); got != 429 {
		t.Errorf("one more: got %d", got)
	}
	if r := ask(l.handler, "DELETE", place, "", "Authorization", "asha"); r.StatusCode != 202 {
		t.Fatalf("cancelling: got %d", r.StatusCode)
	}
	if got := send("asha"); got != 202 {
		t.Errorf("after one was cancelled: got %d", got)
	}
}

func TestOnlyFaultsAreLoggedAsErrors(t *testing.T) {
	for _, c := range []struct {
		name   string
		cause  error
		status int
		level  string
	}{
		{"an index that is being built", fhir.Errorf(fhir.IssueIncomplete, "", "the index is being built"), 503, "INFO"},
		{"too many requests", fhir.Errorf(fhir.IssueThrottled, "", "too many"), 429, ""},
		{"a search that takes too long", fhir.Errorf(fhir.IssueTimeout, "", "too long"), 503, "WARN"},
		{"others who keep changing", fhir.Errorf(fhir.IssueTransient, "", "try again"), 503, "WARN"},
		{"no database", fhir.Errorf(fhir.IssueNoStore, "", "no database"), 503, "ERROR"},
		{"an error nobody expected", context.Canceled, 500, "ERROR"},
		{"a fault after a remark", &fhir.Outcome{Issues: []fhir.Issue{
			{Severity: fhir.SeverityWarning, Code: fhir.IssueIncomplete}, {Severity: fhir.SeverityError, Code: fhir.IssueException},
		}}, 500, "ERROR"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var log bytes.Buffer
			h := handler(t, rest.Options{
				Log:          slog.New(slog.NewTextHandler(&log, nil)),
				Authenticate: func(*http.Request) (fhir.Caller, error) { return fhir.Caller{}, c.cause },
			})
			if r := ask(h, "GET", "/fhir/Patient/1", ""); r.StatusCode != c.status {
				t.Errorf("got %d, want %d", r.StatusCode, c.status)
			}
			var level string
			for line := range strings.Lines(log.String()) {
				if strings.Contains(line, "outcome=") {
					_, after, _ := strings.Cut(line, "level=")
					level, _, _ = strings.Cut(after, " ")
				}
			}
			if level != c.level {
				t.Errorf("logged as %q, want %q: %s", level, c.level, &log)
			}
		})
	}
}

func TestAClientThatHasGoneIsNoFault(t *testing.T) {
	var log bytes.Buffer
	h := handler(t, rest.Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
	gone, leave := context.WithCancel(t.Context())
	leave()
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(gone, "GET", "/fhir/Patient?name=x", nil))
	if strings.Contains(log.String(), "level=ERROR") || !strings.Contains(log.String(), "client gone") {
		t.Errorf("the log says %s", &log)
	}
}
