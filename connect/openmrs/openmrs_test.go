package openmrs_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bima/connect/openmrs/openmrstest"
)

// asha is a person who is not in the register yet.
const (
	ashaNumber = "070199000012"
	asha       = `{"resourceType":"Patient","id":"asha","identifier":[{"system":"https://bima.example/fhir/id/insurance-number","value":"` + ashaNumber + `"}],"active":true,"name":[{"family":"Juma","given":["Asha"]}],"gender":"female","birthDate":"1990-05-17"}`
)

// Enrolled, paid, claimed: the clerk in OpenMRS sees it all. She is enrolled and
// claimed for before she has paid; when she has, the claim is decided anew, and the
// Task that told of its refusal tells of that.
func TestWhatTheClerkSees(t *testing.T) {
	onEach(t, func(t *testing.T, h *hospital) {
		uuid := h.emr.Admit("Asha", "Juma", map[string]string{"Insurance number": ashaNumber})
		h.endpoint("hospital", append(h.oauth(), `{"url":"task-code","valueCoding":{"system":"urn:concepts","code":"decision"}}`, `{"url":"task-owner","valueString":"Practitioner/clerk"}`)...)
		h.subscribe("cover", "Coverage?", "hospital", secret)
		h.subscribe("decisions", "ClaimResponse?", "hospital", secret)

		h.put(asha, http.StatusOK)
		offer := h.call(http.MethodPost, "/fhir/Contract/$offer", `{"resourceType":"Parameters","parameter":[{"name":"subject","valueReference":{"reference":"Patient/asha"}},{"name":"plan","valueReference":{"reference":"InsurancePlan/district-health-plan"}},{"name":"date","valueDate":"2026-04-01"}]}`, http.StatusCreated)
		h.told("cover")
		want := map[string]string{"Insurance status": "pending", "Insurance policy number": ashaNumber, "Insurance expiry date": "2027-03-31", "Insurance product": "District Health Plan"}
		if diff := cmp.Diff(want, h.emr.Attributes(uuid)); diff != "" {
			t.Errorf("enrolled, she is shown (-want +got):\n%s", diff)
		}

		decision := h.claim("C-17", "asha", "S-201", 9000)
		h.told("decisions")
		first := h.emr.Tasks()
		if len(first) != 1 || first[0].Status != "requested" || !strings.HasPrefix(first[0].Note, "Claim C-17 rejected: Nothing of 9,000 TZS") {
			t.Fatalf("before she paid: %+v", first)
		}
		if diff := cmp.Diff(openmrstest.Told{UUID: first[0].UUID, Status: "requested", Patient: "Patient/" + uuid, BasedOn: h.Base + "/ClaimResponse/" + decision, Owner: "Practitioner/clerk", Code: "decision", Note: first[0].Note}, first[0]); diff != "" {
			t.Errorf("the Task (-want +got):\n%s", diff)
		}

		invoice := offer.Get("parameter").First().Next().Next().Get("resource").Get("id").Text()
		h.put(`{"resourceType":"PaymentNotice","id":"paid","status":"active","request":{"reference":"Invoice/`+invoice+`"},"created":"2026-04-01T12:00:00Z","payment":{"type":"PaymentReconciliation","identifier":{"system":"https://bima.example/fhir/id/receipt","value":"R-1"}},"paymentDate":"2026-04-01","recipient":{"reference":"Organization/scheme"},"amount":{"value":60000,"currency":"TZS"}}`, http.StatusOK)
		h.told("cover")
		want["Insurance status"] = "active"
		if diff := cmp.Diff(want, h.emr.Attributes(uuid)); diff != "" {
			t.Errorf("paid, she is shown (-want +got):\n%s", diff)
		}
		h.Until("the decision is another", func() bool {
			return h.call(http.MethodGet, "/fhir/ClaimResponse/"+decision, "", http.StatusOK).At("meta", "versionId").Text() == "2"
		})
		h.told("decisions")
		// The list's price of 8,000, less her deductible of 5,000, less 10 %: 2,700.
		if got := h.emr.Tasks(); len(got) != 1 || got[0].UUID != first[0].UUID || got[0].Status != "completed" || !strings.HasPrefix(got[0].Note, "Claim C-17 accepted: 2,700 of 9,000 TZS") {
			t.Errorf("decided anew, the same Task says %+v", got)
		}
		for _, c := range h.requests(http.MethodPatch, "/") {
			if c.ContentType != "application/merge-patch+json" {
				t.Errorf("a PATCH has the media type %q", c.ContentType)
			}
		}
		if got := len(h.requests(http.MethodPost, "/Task")); got != 1 {
			t.Errorf("%d Tasks were posted, want 1", got)
		}
	})
}
