package kenyaemr_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"bima/connect/dialect"
)

// sentAgainOtherwiseRead sends a claim again when this server would read it another
// way: what the client says is the same, and so is the claim.
func sentAgainOtherwiseRead(t *testing.T, e emr) {
	replaced := func(more ...string) []byte {
		return vector(t, "claim.json", append(more, "3f0a7c1e-90d2", "2ddd7c1e-90d2", `"S-101"`, `"SHA-07-001"`)...)
	}
	first := e.externalID(e.do(http.MethodPost, "/fhir/Claim", replaced()))
	same := func(what string, body []byte) {
		t.Helper()
		a := e.do(http.MethodPost, "/fhir/Claim", body)
		if got := e.externalID(a); a.Status != http.StatusOK || got != first || !strings.Contains(a.Header.Get("Location"), "/Claim/"+first+"/_history/") {
			t.Errorf("%s: HTTP %d, claim %q at %q, want 200 and %s: %s", what, a.Status, got, a.Header.Get("Location"), first, a.Body)
		}
	}
	same("the patient sent with another number beside his own", replaced("1982-10701-11", "1982-10701-12"))
	same("a price written otherwise", replaced(`"value": 14000`, `"value": 14000.00`))

	const map1 = `{"resourceType":"ConceptMap","id":"later","url":"urn:test:later","status":"active","name":"Later","group":[{` +
		`"source":"https://mis.apeiro-digital.com/fhir/CodeSystem/intervention-codes","target":"https://bima.example/fhir/CodeSystem/service",` +
		`"element":[{"code":"SHA-07-001","target":[{"code":"S-101","equivalence":"equivalent"}]}]}]}`
	if a := e.w.Do(http.MethodPut, "/fhir/ConceptMap/later", nil, []byte(map1)); a.Status != http.StatusCreated {
		t.Fatalf("HTTP %d %s", a.Status, a.Body)
	}
	same("with a ConceptMap of its code now", replaced())
	same("opened in OpenMRS meanwhile", replaced(`"extension": [`, `"extension": [{"url": "dateChanged", "valueDateTime": "2026-03-12T09:20:00+03:00"}, {"url": "changedBy", "valueString": "clerk"},`))
	for what, body := range map[string][]byte{
		"another total":  replaced(`"value": 14000`, `"value": 15000`),
		"another number": replaced("070100001018", "070100002016"),
	} {
		a := e.do(http.MethodPost, "/fhir/Claim", body)
		if id := e.externalID(a); a.Status != http.StatusConflict || id != "" {
			t.Errorf("%s under the same uuid: HTTP %d, id %q: %s", what, a.Status, id, a.Body)
		}
	}
	if a := e.w.Do(http.MethodDelete, "/fhir/ConceptMap/later", nil, nil); a.Status != http.StatusNoContent {
		t.Errorf("HTTP %d %s", a.Status, a.Body)
	}

	// As a version of this server stored it that kept nothing of what was sent.
	stored := dialect.ObjectOf(e.w.Node(e.w.Do(http.MethodGet, "/fhir/Claim/"+first, nil, nil)))
	for _, one := range dialect.Each(stored, "extension") {
		kept := []any{}
		for _, part := range dialect.Each(one, "extension") {
			if part["url"] != "said" {
				kept = append(kept, part)
			}
		}
		if len(kept) > 0 {
			one["extension"] = kept
		}
	}
	if a := e.w.Do(http.MethodPut, "/fhir/Claim/"+first, nil, dialect.Write(stored)); a.Status != http.StatusOK {
		t.Fatalf("HTTP %d %s", a.Status, a.Body)
	}
	same("stored by an earlier version", replaced())
}

// plainText asks about cover as the client's HTTP library sends a text that nobody
// gave a media type.
func plainText(t *testing.T, e emr) {
	const media = "text/plain; charset=ISO-8859-1"
	post := func(path, origin string, body []byte) (int, string) {
		header := http.Header{"Authorization": {"Bearer " + e.token}, "Content-Type": {media}}
		if origin != "" {
			header.Set("Origin", origin)
		}
		a := e.w.Do(http.MethodPost, path, header, body)
		return a.Status, fmt.Sprint(e.w.Node(a).Get("resourceType").Text(), e.w.Node(a).Get("insurance").First().Get("inforce").Text())
	}
	question := vector(t, "eligibility.json", `"family": "`, `"family": "`+"\xc9")
	for _, c := range []struct {
		what, path, origin string
		body               []byte
		status             int
		answer             string
	}{
		{"a message", "/fhir/Bundle", "", question, http.StatusOK, "CoverageEligibilityResponsetrue"},
		{"a message at the façade's path", "/api/kenyaemr/Bundle", "", question, http.StatusOK, "CoverageEligibilityResponsetrue"},
		{"a message that another site's page sends", "/fhir/Bundle", "https://evil.example", question, http.StatusUnsupportedMediaType, "OperationOutcome"},
		{"what is no message", "/fhir/Bundle", "", []byte(`{"resourceType":"Bundle","type":"collection"}`), http.StatusUnsupportedMediaType, "OperationOutcome"},
		{"what is no JSON", "/fhir/Bundle", "", []byte(`hello`), http.StatusUnsupportedMediaType, "OperationOutcome"},
		{"a resource", "/fhir/Patient", "", []byte(`{"resourceType":"Patient"}`), http.StatusUnsupportedMediaType, "OperationOutcome"},
	} {
		if status, answer := post(c.path, c.origin, c.body); status != c.status || answer != c.answer {
			t.Errorf("%s: HTTP %d %s, want %d %s", c.what, status, answer, c.status, c.answer)
		}
	}
}
