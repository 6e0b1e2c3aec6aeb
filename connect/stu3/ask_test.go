package stu3

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"bima/connect"
)

// A register that can't be asked now, or not by this caller, knows the patient of a claim all the same: the
// claim is not decided as that of nobody.
func TestWhatCantBeAskedNowIsNotUnknown(t *testing.T) {
	for status, want := range map[string]int{"200 OK": 0, "404 Not Found": 0, "403 Forbidden": 403, "503 Service Unavailable": 503, "500": 503, "429": 503} {
		gate := connect.NewGate(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(`{"resourceType":"Bundle","entry":[{"response":{"status":"` + status + `"}}]}`))
		}), "https://bima.test/fhir")
		c := &call{front: &front{gate: gate}, r: httptest.NewRequestWithContext(t.Context(), http.MethodPost, Path, nil)}
		_, err := c.get([]string{"Patient?_id=x"})
		var r *refusal
		if got := errors.As(err, &r); got != (want != 0) || got && r.status != want {
			t.Errorf("%s: %v, want %d", status, err, want)
		}
	}
}
