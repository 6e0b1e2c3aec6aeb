package house_test

import (
	"net/http"
	"testing"

	"bima/cmd/bima/house"
	"bima/connect/connecttest"
	"bima/storage/storagetest"
)

func TestSubmitAnswers201WhereTheSchemeWantsIt(t *testing.T) {
	const question = `{"resourceType":"CoverageEligibilityRequest","status":"active","purpose":["validation"],"patient":{"reference":"Patient/nobody"},"servicedDate":"2026-04-01","created":"2026-04-01","insurer":{"reference":"Organization/scheme"}}`
	for want, chosen := range map[int]house.Scheme{http.StatusOK: {}, http.StatusCreated: {SubmitCreates: true}} {
		w := connecttest.Open(t, storagetest.SQLite(t), connecttest.Options{Empty: true, Plan: house.Plan{Scheme: chosen}})
		if a := w.Do(http.MethodPost, "/fhir/CoverageEligibilityRequest/$submit", nil, []byte(question)); a.Status != want {
			t.Errorf("HTTP %d, want %d: %.300s", a.Status, want, a.Body)
		}
		if a := w.Do(http.MethodPost, "/fhir/CoverageEligibilityRequest/$submit", nil, []byte(`{"resourceType":"Bundle","type":"collection"}`)); a.Status != http.StatusBadRequest {
			t.Errorf("what is refused: HTTP %d", a.Status)
		}
	}
}
