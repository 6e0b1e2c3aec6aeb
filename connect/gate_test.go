package connect_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"bima/connect"
	"bima/connect/connecttest"
	"bima/fhir"
	"bima/fhir/rest"
)

func TestAGateAsksInTheCallersName(t *testing.T) {
	connecttest.Each(t, connecttest.Options{Accounts: []connecttest.Account{
		{Name: "root", Password: "correct horse", Roles: []fhir.Role{fhir.RoleAdministrator}},
		{Name: "desk", Password: "battery staple", Roles: []fhir.Role{fhir.RoleEnrolmentOfficer}},
	}}, func(t *testing.T, w *connecttest.World) {
		gate := connect.NewGate(w.House.Handler, w.Base)
		for _, c := range []struct {
			name, user, password string
			question             connect.Question
			want                 int
		}{
			{"a known caller reads", "desk", "battery staple", connect.Question{Path: "Patient/patient-02-1"}, http.StatusOK},
			{"a search with its query", "desk", "battery staple", connect.Question{Path: "Patient?_id=patient-02-1&_count=1"}, http.StatusOK},
			{"[base] itself", "root", "correct horse", connect.Question{Method: http.MethodPost, Body: []byte(`{"resourceType":"Bundle","type":"batch"}`)}, http.StatusOK},
			{"a wrong password", "desk", "wrong", connect.Question{Path: "Patient/patient-02-1"}, http.StatusUnauthorized},
			{"nobody", "", "", connect.Question{Path: "Patient/patient-02-1"}, http.StatusUnauthorized},
			{"what the role may not", "desk", "battery staple", connect.Question{Method: http.MethodPost, Path: "Patient/patient-02-1/$purge"}, http.StatusForbidden},
			{"what is not there", "desk", "battery staple", connect.Question{Path: "Patient/nobody"}, http.StatusNotFound},
			{"what is no path", "desk", "battery staple", connect.Question{Path: "Patient/%zz"}, http.StatusBadRequest},
		} {
			t.Run(c.name, func(t *testing.T) {
				r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/api/x", nil)
				if c.user != "" {
					r.SetBasicAuth(c.user, c.password)
				}
				if got := gate.Ask(r, c.question); got.Status != c.want {
					t.Errorf("HTTP %d, want %d: %.300s", got.Status, c.want, got.Body)
				}
				if pair, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Basic "); ok {
					r.Header = http.Header{"Apikey": {pair}}
					if got := gate.Ask(r, c.question); got.Status != c.want {
						t.Errorf("as an API key: HTTP %d, want %d: %.300s", got.Status, c.want, got.Body)
					}
				}
			})
		}
	})
}

// A façade hears every method and path below its own, with the body read.
func TestAFrontIsReachedByItsPath(t *testing.T) {
	connecttest.Each(t, connecttest.Options{Empty: true}, func(t *testing.T, w *connecttest.World) {
		front := func(http.Handler) http.Handler {
			return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
				body := make([]byte, r.ContentLength)
				_, _ = r.Body.Read(body)
				rw.WriteHeader(http.StatusAccepted)
				_, _ = rw.Write([]byte(r.Method + " " + r.URL.Path + " " + string(body)))
			})
		}
		handler := rest.Handler(rest.Options{Engine: w.House.Engine, Log: slog.New(slog.DiscardHandler), Fronts: map[string]func(http.Handler) http.Handler{"/api/other": front}})
		for path, want := range map[string]string{
			"/api/other":          "PUT /api/other hello",
			"/api/other/":         "PUT /api/other hello",
			"/api/other//a//b/":   "PUT /api/other/a/b hello",
			"/api/other/a%20b?c=": "PUT /api/other/a b hello",
		} {
			rec := httptest.NewRecorder()
			handler.ServeHTTP(rec, httptest.NewRequestWithContext(t.Context(), http.MethodPut, path, strings.NewReader("hello")))
			if rec.Code != http.StatusAccepted || rec.Body.String() != want {
				t.Errorf("%s: HTTP %d %q, want %q", path, rec.Code, rec.Body.String(), want)
			}
		}
	})
}
