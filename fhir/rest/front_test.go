package rest_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"bima/fhir"
	"bima/fhir/rest"
)

// Of strangers a façade reads what is short, such as a login: the memory is for
// callers that are known.
func TestAFrontReadsLittleOfStrangers(t *testing.T) {
	h := handler(t, rest.Options{
		Authenticate: func(r *http.Request) (fhir.Caller, error) {
			if r.Header.Get("Authorization") == "" {
				return fhir.Caller{}, fhir.Errorf(fhir.IssueLogin, "", "who are you?")
			}
			return fhir.Caller{Name: "asha"}, nil
		},
		Fronts: map[string]func(http.Handler) http.Handler{"/api/x": func(http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				n, _ := io.Copy(io.Discard, r.Body)
				_, _ = fmt.Fprint(w, n)
			})
		}},
	})
	short, long := strings.Repeat("a", 64<<10), strings.Repeat("a", 64<<10+1)
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	_, _ = io.WriteString(z, long)
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, body string
		encoding   string
		chunked    bool
		known      bool
		status     int
	}{
		{name: "a short body of a stranger", body: short, status: 200},
		{name: "a long one", body: long, status: 401},
		{name: "a long one of who is known", body: long, known: true, status: 200},
		{name: "in chunks, short", body: short, chunked: true, status: 200},
		{name: "in chunks, long", body: long, chunked: true, status: 401},
		{name: "in chunks, long, of who is known", body: long, chunked: true, known: true, status: 200},
		{name: "short, but long when it is unpacked", body: bomb.String(), encoding: "gzip", status: 401},
		{name: "unpacked of who is known", body: bomb.String(), encoding: "gzip", known: true, status: 200},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/api/x/login", strings.NewReader(c.body))
		r.Header.Set("Content-Encoding", c.encoding)
		if c.chunked {
			r.ContentLength = -1
		}
		if c.known {
			r.Header.Set("Authorization", "Basic x")
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != c.status {
			t.Errorf("%s: HTTP %d, want %d: %.200s", c.name, w.Code, c.status, w.Body)
		}
	}
}

// A page of another site can have a browser send forms with the credentials that
// the browser has; it is not let through to where they would be read as claims.
func TestAFrontIsNotUsedByPagesOfOthers(t *testing.T) {
	h := handler(t, rest.Options{
		TokenPath: "/oauth2/token",
		Fronts: map[string]func(http.Handler) http.Handler{
			"/api/x":        func(http.Handler) http.Handler { return http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}) },
			"/oauth2/token": func(http.Handler) http.Handler { return http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}) },
		},
	})
	for _, c := range []struct {
		method, path, origin, media string
		status                      int
	}{
		{"POST", "/api/x/Claim", "https://evil.example", "text/plain;charset=UTF-8", 415},
		{"POST", "/api/x/Claim", "https://evil.example", "multipart/form-data; boundary=x", 415},
		{"POST", "/api/x/Claim", "https://evil.example", "application/x-www-form-urlencoded", 415},
		{"POST", "/api/x/Claim", "null", "", 415},
		{"POST", "/api/x/Claim", "https://app.example", "application/json", 200},
		{"POST", "/api/x/Claim", "http://example.com", "text/plain", 200}, // httptest's own host
		{"POST", "/api/x/Claim", "", "text/plain", 200},
		{"GET", "/api/x/Claim", "https://evil.example", "", 200},
		{"POST", "/oauth2/token", "https://app.example", "application/x-www-form-urlencoded", 200},
	} {
		header := []string{"Content-Type", c.media}
		if c.origin != "" {
			header = append(header, "Origin", c.origin)
		}
		if got := ask(h, c.method, c.path, "{}", header...); got.StatusCode != c.status {
			t.Errorf("%+v: HTTP %d", c, got.StatusCode)
		}
	}
}

// What net/url leaves out of a query would find more than was asked for.
func TestAFrontIsAskedAllOfAQuery(t *testing.T) {
	h := handler(t, rest.Options{Fronts: map[string]func(http.Handler) http.Handler{"/api/x": func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.URL.Query().Get("patient")) })
	}}})
	for query, want := range map[string]string{"patient=a;b": "a;b", "patient=a%3Bb&x": "a;b", "patient=%zz": "OperationOutcome"} {
		answer := ask(h, http.MethodGet, "/api/x/Claim?"+query, "")
		if got := text(t, answer); !strings.Contains(got, want) || (answer.StatusCode == http.StatusOK) != (want == "a;b") {
			t.Errorf("%s: HTTP %d %s", query, answer.StatusCode, got)
		}
	}
}
