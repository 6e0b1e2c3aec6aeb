package rest_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"bima/fhir/rest"
	"bima/storage/storagetest"
)

// FuzzRequest sends whatever a client may send: the answer is never a failure of
// the server's, and an error is always an OperationOutcome.
func FuzzRequest(f *testing.F) {
	const base = "http://example.org/fhir"
	h := rest.Handler(rest.Options{Engine: engine(f, storagetest.SQLite(f), base), Base: base, Log: quiet()})
	for _, seed := range []struct{ method, path, query, accept, prefer, media, body string }{
		{"GET", "/fhir/Patient/1", "_format=application/fhir+json", "application/fhir+json;q=0.3, */*", "return=minimal", "", ""},
		{"POST", "/fhir/Patient/", "", "text/html", "handling=lenient", "application/json; charset=iso-8859-1", "{\"resourceType\":\"Patient\",\"name\":[{\"family\":\"\xe9\"}]}"},
		{"PUT", "/fhir//Patient//a", "_pretty=true", "", "", "application/fhir+json", `{"resourceType":"Patient","id":"a"}`},
		{"PATCH", "/fhir/Patient/a", "", "", "", "application/json-patch+json", `[{"op":"add","path":"/active","value":true}]`},
		{"POST", "/fhir/Patient/_search", "_count=1", "", "", "application/x-www-form-urlencoded", "name=x&_sort=birthdate"},
		{"POST", "/fhir", "", "", "return=representation", "", `{"resourceType":"Bundle","type":"batch","entry":[{"request":{"method":"GET","url":"Patient/1"}}]}`},
		{"GET", "/fhir/Patient/1/Observation", "date=ge2020&code=a|b", "", "", "", ""},
		{"GET", "/fhir/$nothing", "", "", "", "", ""},
		{"DELETE", "/fhir/Patient", "identifier=|x", "", "", "", ""},
		{"GET", "/fhir/_history", "_since=2020-01-01T00:00:00Z&_count=2", "", "", "", ""},
	} {
		f.Add(seed.method, seed.path, seed.query, seed.accept, seed.prefer, seed.media, seed.body)
	}
	f.Fuzz(func(t *testing.T, method, path, query, accept, prefer, media, body string) {
		r := httptest.NewRequest(http.MethodGet, "/", strings.NewReader(body))
		r.Method, r.URL = method, &url.URL{Path: "/" + strings.TrimPrefix(path, "/"), RawQuery: query}
		r.Header = http.Header{"Accept": {accept}, "Prefer": {prefer}, "Content-Type": {media}}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code >= http.StatusInternalServerError {
			t.Errorf("%s %s?%s: %d %s", method, path, query, w.Code, w.Body)
		}
		if w.Code >= http.StatusBadRequest && method != http.MethodHead && !strings.Contains(w.Body.String(), "OperationOutcome") {
			t.Errorf("%s %s: %d without an OperationOutcome: %s", method, path, w.Code, w.Body)
		}
	})
}
