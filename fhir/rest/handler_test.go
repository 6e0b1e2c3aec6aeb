package rest_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"bima/fhir"
	"bima/fhir/rest"
	"bima/storage/storagetest"
)

// handler gives a handler on a fresh database.
func handler(t *testing.T, o rest.Options) http.Handler {
	t.Helper()
	o.Engine = engine(t, storagetest.SQLite(t), "http://example.org/fhir")
	if o.Log == nil {
		o.Log = quiet()
	}
	return rest.Handler(o)
}

// ask sends one request; header holds names and values in turn.
func ask(h http.Handler, method, path, body string, header ...string) *http.Response {
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	r := httptest.NewRequest(method, path, reader)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func text(t *testing.T, r *http.Response) string {
	t.Helper()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestWhoIsNotKnownIsTurnedAway(t *testing.T) {
	h := handler(t, rest.Options{Authenticate: func(r *http.Request) (fhir.Caller, error) {
		if name, _, ok := r.BasicAuth(); ok && name == "asha" {
			return fhir.Caller{Name: "asha", Identity: "asha", Roles: []fhir.Role{fhir.RoleAdministrator}}, nil
		}
		return fhir.Caller{}, fhir.Errorf(fhir.IssueLogin, "", "this needs credentials")
	}})
	for _, c := range []struct {
		name, method, path, authorization string
		want                              int
	}{
		{"a read without credentials", "GET", "/fhir/Patient/1", "", 401},
		{"a create without credentials", "POST", "/fhir/Patient", "", 401},
		{"a bundle without credentials", "POST", "/fhir", "", 401},
		{"an operation without credentials", "POST", "/fhir/$validate", "", 401},
		{"a read with credentials", "GET", "/fhir/Patient/1", "Basic YXNoYTp4", 404},
		{"the capabilities are open", "GET", "/fhir/metadata", "", 200},
		{"so is discovery", "GET", "/fhir/.well-known/smart-configuration", "", 200},
		{"so is health", "GET", "/healthz", "", 200},
		{"and a browser's question", "OPTIONS", "/fhir/Patient", "", 204},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := ask(h, c.method, c.path, "", "Authorization", c.authorization, "Origin", "https://a.example", "Access-Control-Request-Method", "POST")
			if r.StatusCode != c.want {
				t.Fatalf("got %d, want %d: %s", r.StatusCode, c.want, text(t, r))
			}
			if challenge := r.Header.Get("WWW-Authenticate"); (c.want == 401) != strings.HasPrefix(challenge, "Basic ") {
				t.Errorf("got WWW-Authenticate %q", challenge)
			}
			if c.want == 401 && !strings.Contains(text(t, r), `"code":"login"`) {
				t.Error("the answer is no OperationOutcome of login")
			}
		})
	}
}

func TestLimitsHold(t *testing.T) {
	h := handler(t, rest.Options{Limits: rest.Limits{BodyBytes: 200, URLBytes: 100}})
	big := `{"resourceType":"Patient","name":[{"family":"` + strings.Repeat("x", 300) + `"}]}`
	for _, c := range []struct {
		name, method, path, body string
		want                     int
	}{
		{"a small body", "POST", "/fhir/Patient", `{"resourceType":"Patient","active":true}`, 201},
		{"a large body", "POST", "/fhir/Patient", big, 413},
		{"a large patch", "PATCH", "/fhir/Patient/1", big, 413},
		{"a large bundle", "POST", "/fhir", big, 413},
		{"a long URL", "GET", "/fhir/Patient?name=" + strings.Repeat("x", 100), "", 414},
	} {
		t.Run(c.name, func(t *testing.T) {
			media := "application/fhir+json"
			if c.method == "PATCH" {
				media = "application/json-patch+json"
			}
			r := ask(h, c.method, c.path, c.body, "Content-Type", media)
			body := text(t, r)
			if r.StatusCode != c.want {
				t.Fatalf("got %d, want %d: %s", r.StatusCode, c.want, body)
			}
			if c.want > 400 && !strings.Contains(body, "OperationOutcome") {
				t.Errorf("no OperationOutcome: %s", body)
			}
		})
	}
	t.Run("a large body of unknown length", func(t *testing.T) {
		r := httptest.NewRequest("POST", "/fhir/Patient", io.MultiReader(strings.NewReader(big)))
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != 413 {
			t.Errorf("got %d, want 413", w.Code)
		}
	})
}

func TestTimeIsLimited(t *testing.T) {
	h := handler(t, rest.Options{Limits: rest.Limits{Request: time.Nanosecond}})
	r := ask(h, "GET", "/fhir/Patient?name=x", "")
	body := text(t, r)
	if r.StatusCode != 503 || !strings.Contains(body, `"code":"timeout"`) || r.Header.Get("Retry-After") == "" {
		t.Errorf("got %d %s", r.StatusCode, body)
	}
}

func TestAPanicIsAnOutcomeAndInTheLogOnly(t *testing.T) {
	var log bytes.Buffer
	h := handler(t, rest.Options{
		Log:          slog.New(slog.NewTextHandler(&log, nil)),
		Authenticate: func(*http.Request) (fhir.Caller, error) { panic("a broken promise") },
	})
	r := ask(h, "GET", "/fhir/Patient/1", "", "X-Request-Id", "the-request")
	body := text(t, r)
	if r.StatusCode != 500 || !strings.Contains(body, `"code":"exception"`) || strings.Contains(body, "promise") {
		t.Errorf("got %d %s", r.StatusCode, body)
	}
	if !strings.Contains(log.String(), "a broken promise") || !strings.Contains(log.String(), "the-request") {
		t.Errorf("the log does not tell the cause and the request: %s", &log)
	}
}

func TestACauseIsInTheLogOnly(t *testing.T) {
	var log bytes.Buffer
	h := handler(t, rest.Options{
		Log:          slog.New(slog.NewTextHandler(&log, nil)),
		Authenticate: func(*http.Request) (fhir.Caller, error) { return fhir.Caller{}, errors.New("the disk is full") },
	})
	r := ask(h, "GET", "/fhir/Patient/1", "")
	body := text(t, r)
	if r.StatusCode != 500 || strings.Contains(body, "disk") {
		t.Errorf("got %d %s", r.StatusCode, body)
	}
	if !strings.Contains(log.String(), "the disk is full") {
		t.Errorf("the log does not tell the cause: %s", &log)
	}
}

func TestTheLogHoldsNoPersonalData(t *testing.T) {
	var log bytes.Buffer
	h := handler(t, rest.Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
	ask(h, "PUT", "/fhir/Patient/id-of-asha", `{"resourceType":"Patient","id":"id-of-asha","name":[{"family":"Mushi"}]}`)
	ask(h, "GET", "/fhir/Patient?name=Mushi", "")
	ask(h, "GET", "/fhir/Patient/id-of-asha", "")
	ask(h, "GET", "/fhir/Mushi/id-of-asha", "")
	for _, personal := range []string{"id-of-asha", "Mushi", "name="} {
		if strings.Contains(log.String(), personal) {
			t.Errorf("the log holds %q:\n%s", personal, &log)
		}
	}
	for _, wanted := range []string{"method=PUT", "route=/fhir/:type/:id", "status=201", "took=", "bytes=", "request=", "caller=developer", "type=Patient"} {
		if !strings.Contains(log.String(), wanted) {
			t.Errorf("the log lacks %q:\n%s", wanted, &log)
		}
	}
}

func TestReadinessIsAsked(t *testing.T) {
	var cause error
	h := handler(t, rest.Options{Ready: func(context.Context) error { return cause }})
	if r := ask(h, "GET", "/readyz", ""); r.StatusCode != 200 {
		t.Errorf("got %d, want 200", r.StatusCode)
	}
	cause = errors.New("no database at 10.0.0.7")
	r := ask(h, "GET", "/readyz", "")
	if body := text(t, r); r.StatusCode != 503 || strings.Contains(body, "10.0.0.7") {
		t.Errorf("got %d %s, want 503 without the cause", r.StatusCode, body)
	}
	if r := ask(h, "GET", "/healthz", ""); r.StatusCode != 200 {
		t.Errorf("a server that is not ready lives: got %d", r.StatusCode)
	}
}

func TestOriginsMayBeNamed(t *testing.T) {
	named := handler(t, rest.Options{Origins: []string{"https://console.example", "http://localhost:*", "http://127.0.0.1:*"}})
	for _, origin := range []string{"https://console.example", "http://localhost", "http://localhost:3000", "http://127.0.0.1:65535"} {
		r := ask(named, "GET", "/fhir/metadata", "", "Origin", origin)
		if got := r.Header.Get("Access-Control-Allow-Origin"); got != origin {
			t.Errorf("%s: got %q", origin, got)
		}
	}
	for _, origin := range []string{
		"https://evil.example", "https://console.example:1", "https://localhost:3000", "http://localhost.evil.example",
		"http://localhost:80.evil.example", "http://localhost:", "http://localhost:*", "http://localhost:65536", "http://127.0.0.10:80", "null", "*",
	} {
		r := ask(named, "GET", "/fhir/metadata", "", "Origin", origin)
		if got := r.Header.Get("Access-Control-Allow-Origin"); got != "" {
			t.Errorf("%s is told %q", origin, got)
		}
	}
	any := handler(t, rest.Options{Origins: []string{"http://localhost:*", "*"}})
	if got := ask(any, "GET", "/fhir/metadata", "", "Origin", "https://a.example").Header.Get("Access-Control-Allow-Origin"); got != "*" {
		t.Errorf("with * allowed, another origin is told %q", got)
	}
}

func TestTheBaseIsTheClientsWhereNoneIsSet(t *testing.T) {
	h := handler(t, rest.Options{})
	r := ask(h, "PUT", "http://clinic.example:81/fhir/Patient/a", `{"resourceType":"Patient","id":"a"}`)
	if got, want := r.Header.Get("Location"), "http://clinic.example:81/fhir/Patient/a/_history/1"; got != want {
		t.Errorf("got Location %q, want %q", got, want)
	}
}

func TestMetricsAreOfPrometheus(t *testing.T) {
	h := handler(t, rest.Options{Stats: func(context.Context) map[string]float64 {
		return map[string]float64{`bima_jobs{state="waiting"}`: 3, `bima_jobs{state="running"}`: 1, "bima_commits_total": 7, "no name": 1}
	}})
	ask(h, "GET", "/fhir/Patient/1", "")
	ask(h, "GET", "/fhir/Patient/2", "")
	ask(h, "GET", "/fhir/Nonsense/2", "")
	body := text(t, ask(h, "GET", "/metrics", ""))
	for _, want := range []string{
		`bima_http_requests_total{interaction="read",type="Patient",status="4xx"} 2`,
		`bima_http_requests_total{interaction="read",type="",status="4xx"} 1`,
		`bima_http_request_duration_seconds_bucket{interaction="read",type="Patient",status="4xx",le="+Inf"} 2`,
		`bima_http_request_duration_seconds_count{interaction="read",type="Patient",status="4xx"} 2`,
		"# TYPE bima_http_request_duration_seconds histogram",
		"bima_http_requests_in_flight 1",
		`bima_jobs{state="waiting"} 3`,
		"# TYPE bima_jobs gauge",
		"# TYPE bima_commits_total counter",
		"bima_commits_total 7",
	} {
		if !strings.Contains(body, want+"\n") {
			t.Errorf("want %q in:\n%s", want, body)
		}
	}
	line := regexp.MustCompile(`^(# (HELP|TYPE) .+|[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? [0-9.e+-]+)$`)
	for each := range strings.Lines(body) {
		if !line.MatchString(strings.TrimSuffix(each, "\n")) {
			t.Errorf("not a line of the text format: %q", each)
		}
	}
}

func TestProfilesAreServedAsSchemas(t *testing.T) {
	written := 0
	h := handler(t, rest.Options{
		Schemas: map[string]rest.Schema{
			"claim": {Profile: "http://x.example/claim", Write: func() ([]byte, error) { written++; return []byte(`{"title":"Claim"}`), nil }},
			"wrong": {Profile: "http://x.example/wrong", Write: func() ([]byte, error) { return nil, errors.New("it can't be written") }},
		},
		Authenticate: func(*http.Request) (fhir.Caller, error) {
			return fhir.Caller{}, fhir.Errorf(fhir.IssueLogin, "", "who are you")
		},
	})
	var tag string
	for range 2 {
		r := ask(h, "GET", "/fhir-schemas/claim.json", "")
		tag = r.Header.Get("ETag")
		if body := text(t, r); r.StatusCode != 200 || body != `{"title":"Claim"}` || tag == "" || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/schema+json") {
			t.Errorf("got %d %v %s", r.StatusCode, r.Header, body)
		}
	}
	if written != 1 {
		t.Errorf("it was written %d times, want once", written)
	}
	if r := ask(h, "GET", "/fhir-schemas/claim.json", "", "If-None-Match", tag); r.StatusCode != 304 {
		t.Errorf("to who has it: got %d", r.StatusCode)
	}
	for _, index := range []string{"/fhir-schemas/", "/fhir-schemas"} {
		r := ask(h, "GET", index, "")
		want := `{"schemas":[{"id":"claim","profile":"http://x.example/claim","schema":"/fhir-schemas/claim.json"},{"id":"wrong","profile":"http://x.example/wrong","schema":"/fhir-schemas/wrong.json"}]}`
		if body := text(t, r); r.StatusCode != 200 || body != want {
			t.Errorf("%s: got %d %s", index, r.StatusCode, body)
		}
	}
	for path, want := range map[string]int{"/fhir-schemas/claim": 404, "/fhir-schemas/none.json": 404, "/fhir-schemas/wrong.json": 500, "/fhir-schemas/.json": 404} {
		if r := ask(h, "GET", path, ""); r.StatusCode != want {
			t.Errorf("%s: got %d, want %d", path, r.StatusCode, want)
		}
	}
}
