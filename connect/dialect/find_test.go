package dialect_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"bima/connect"
	"bima/connect/dialect"
	"bima/profiles"
)

// finder asks a server that knows one person, by a national number alone, and fails
// to say who bears the number "busy".
func finder(t *testing.T) *dialect.Finder {
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/api/x", nil)
	return &dialect.Finder{Request: r, Gate: connect.NewGate(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("identifier") == "busy" {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		_, _ = w.Write([]byte(`{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Patient","id":"p","identifier":[{"system":"` + profiles.IdentifierNational + `","value":"1"}]}}]}`))
	}), "https://bima.test/fhir")}
}

func TestANumberOfTheSchemesIsOfItsSystem(t *testing.T) {
	for system, want := range map[string]bool{
		"": true, "https://payer.example/identifier/number": true, profiles.IdentifierNational: true, profiles.IdentifierInsuranceNumber: false,
	} {
		prefer := []string{profiles.IdentifierInsuranceNumber, profiles.IdentifierNational}
		if _, got := finder(t).Find("Patient", prefer, dialect.Name{System: system, Value: "1"}); got != want {
			t.Errorf("a number of the system %q: found %v, want %v", system, got, want)
		}
	}
}

func TestWhoCantBeAskedForIsNotUnknown(t *testing.T) {
	f := finder(t)
	if _, found := f.Find("Patient", nil, dialect.Name{Value: "1"}); !found || f.Failed() != nil {
		t.Errorf("found %v, failed %v", found, f.Failed())
	}
	if _, found := f.Find("Patient", nil, dialect.Name{Value: "busy"}); found || f.Failed() == nil {
		t.Errorf("found %v, failed %v", found, f.Failed())
	}
}
