package rest_test

import (
	"net/http"
	"testing"

	"bima/fhir"
	"bima/fhir/rest"
)

// A Socket learns who asks; what a browser adds by itself counts from pages of ours
// only.
func TestASocketIsGivenWhoAsks(t *testing.T) {
	heard := ""
	options := rest.Options{
		Origins: []string{"https://clinic.example"},
		Authenticate: func(r *http.Request) (fhir.Caller, error) {
			if name, _, ok := r.BasicAuth(); ok && name == "asha" {
				return fhir.Caller{Name: name}, nil
			}
			return fhir.Caller{}, fhir.Errorf(fhir.IssueLogin, "", "log in")
		},
		Sockets: map[string]rest.Socket{"/ws": func(_ http.ResponseWriter, r *http.Request) error {
			caller, _ := fhir.CallerOf(r.Context())
			heard = caller.Name
			return fhir.Errorf(fhir.IssueThrottled, "", "full")
		}},
	}
	strict := handler(t, options)
	options.Origins = nil
	open := handler(t, options)
	const asha, thief = "Basic YXNoYTpi", "Basic dGhpZWY6Yg=="
	for _, c := range []struct {
		name    string
		handler http.Handler
		header  []string
		want    int
		heard   string
	}{
		{"a caller", strict, []string{"Upgrade", "websocket", "Authorization", asha}, http.StatusTooManyRequests, "asha"},
		{"nobody", strict, []string{"Upgrade", "websocket"}, http.StatusTooManyRequests, ""},
		{"a wrong password", strict, []string{"Upgrade", "websocket", "Authorization", thief}, http.StatusUnauthorized, "not asked"},
		{"no upgrade", strict, []string{"Authorization", asha}, http.StatusUpgradeRequired, "not asked"},
		{"a page of ours", strict, []string{"Upgrade", "websocket", "Authorization", asha, "Origin", "https://clinic.example"}, http.StatusTooManyRequests, "asha"},
		{"a page of this server", strict, []string{"Upgrade", "websocket", "Authorization", asha, "Origin", "http://example.com"}, http.StatusTooManyRequests, "asha"},
		{"a page that is not named", strict, []string{"Upgrade", "websocket", "Authorization", asha, "Origin", "https://evil.example"}, http.StatusForbidden, "not asked"},
		{"a page where none is named", open, []string{"Upgrade", "websocket", "Authorization", asha, "Origin", "https://evil.example"}, http.StatusTooManyRequests, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			heard = "not asked"
			answer := ask(c.handler, http.MethodGet, "/ws", "", c.header...)
			if answer.StatusCode != c.want || heard != c.heard {
				t.Errorf("HTTP %d and %q, want %d and %q", answer.StatusCode, heard, c.want, c.heard)
			}
		})
	}
}
