package stu3_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"bima/connect/connecttest"
	"bima/fhir"
)

// claimOf writes a claim of one line for a person at a facility.
func claimOf(acsn, patient, facility, service, price string) []byte {
	identifiers := fmt.Sprintf(`{"type":{"coding":[{"code":"ACSN"}]},"value":%q},`, acsn)
	if acsn == "" {
		identifiers = ""
	}
	return fmt.Appendf(nil, `{"resourceType":"Claim","identifier":[%s{"type":{"coding":[{"code":"MR"}]},"value":"M-1"}],
		"patient":{"reference":"Patient/%s"},"billablePeriod":{"start":"2026-03-14","end":"2026-03-14"},"created":"2026-03-14",
		"enterer":{"reference":"Practitioner/CA-001"},"facility":{"reference":"Location/%s"},"type":{"text":"Visit"},"total":{"value":%s},
		"item":[{"category":{"text":"service"},"service":{"coding":[{"code":%q}],"text":%q},"quantity":{"value":1},"unitPrice":{"value":%s}}]}`,
		identifiers, patient, facility, price, service, service, price)
}

// What is wrong with a claim is decided, not refused: in the state, and by the number
// of the reason, where these clients look.
func decidedOtherwise(t *testing.T, w *connecttest.World) {
	c := as(t, w, "nepal")
	for _, one := range []struct {
		name               string
		claim              []byte
		word, reason, note string
	}{
		{"a person nobody knows", claimOf("a-1", "999", "SGR-H01", "S-101", "5000"), "rejected", "7", "-"},
		{"a facility nobody knows", claimOf("a-2", "070100004012", "XX-1", "S-101", "5000"), "rejected", "not-found", "-"},
		{"a family that has not paid", claimOf("a-3", "070100020018", "SGR-H01", "S-101", "5000"), "rejected", "7", "No cover on the day"},
		{"a service nobody has", claimOf("a-4", "070100004012", "SGR-H01", "S-999", "5000"), "rejected", "1", "Not a service of the register on that day"},
		{"a claim that is looked at first", claimOf("a-5", "070100006017", "SGR-H01", "S-310", "600000"), "checked", "", "-"},
	} {
		n := c.call(http.MethodPost, "Claim/", one.claim, http.StatusCreated)
		if err := readClaimResponse(n, 1); err != nil {
			t.Errorf("%s: %v", one.name, err)
		}
		reason := n.Get("error").First().At("code", "coding").First().Get("code").Text()
		note := n.Get("processNote").First().Get("text").Text()
		if word := n.At("outcome", "text").Text(); word != one.word || reason != one.reason || note != one.note {
			t.Errorf("%s: %s by %q, %q; want %s by %q, %q: %s", one.name, word, reason, note, one.word, one.reason, one.note, n.Raw())
		}
		general := n.Get("item").First().Get("adjudication").First()
		want := map[string]string{"rejected": "rejected 0", "checked": "passed 1"}[one.word]
		if got := general.At("reason", "text").Text() + " " + general.Get("value").Text(); got != want {
			t.Errorf("%s: the line is %s, want %s", one.name, got, want)
		}
		if one.word == "checked" && n.At("payment", "date").Exists() {
			t.Errorf("%s: nothing was decided on any day: %s", one.name, n.Raw())
		}
		inquiry := c.w.Do(http.MethodGet, "/fhir/Claim/$inquire?claim=Claim/"+n.Get("id").Text(), nil, nil)
		if !bytes.Contains(inquiry.Body, []byte(`"`+one.word+`"`)) {
			t.Errorf("%s: $inquire does not say %s: %s", one.name, one.word, inquiry.Body)
		}
	}
	// An account of a facility claims for no other, and for none that nobody knows.
	as(t, w, "openmrs").call(http.MethodPost, "Claim/", claimOf("a-6", "070100004012", "SGR-C01", "S-101", "5000"), http.StatusForbidden)
}

// sentAgain proves that a claim is known by client, facility and ACSN, and never by
// its MR alone.
func sentAgain(t *testing.T, w *connecttest.World) {
	openmrs, nepal := as(t, w, "openmrs"), as(t, w, "nepal")
	post := func(c caller, claim []byte) string {
		return c.call(http.MethodPost, "Claim/", claim, http.StatusCreated).Get("id").Text()
	}
	claim := claimOf("b-1", "070100004012", "SGR-H01", "S-202", "2000")
	first := post(openmrs, claim)
	for name, again := range map[string]string{
		"the same once more":             post(openmrs, claim),
		"the same written on a new day":  post(openmrs, bytes.Replace(claim, []byte(`"created":"2026-03-14"`), []byte(`"created":"2026-03-15","id":"M-1"`), 1)),
		"the same with other base data":  post(openmrs, bytes.Replace(claim, []byte(`"resourceType":"Claim"`), []byte(`"resourceType":"Claim","extension":[{"url":"urn:x","valueString":"y"}]`), 1)),
		"the same with blanks elsewhere": post(openmrs, bytes.ReplaceAll(claim, []byte(`","`), []byte(`" , "`))),
	} {
		if again != first {
			t.Errorf("%s is another claim", name)
		}
	}
	for name, other := range map[string]string{
		"another client's":           post(nepal, claim),
		"another ACSN, the same MR":  post(openmrs, claimOf("b-2", "070100004012", "SGR-H01", "S-206", "2500")),
		"no ACSN, the same MR":       post(openmrs, claimOf("", "070100004012", "SGR-H01", "S-202", "2000")),
		"the same ACSN, other place": post(nepal, claimOf("b-1", "070100004012", "SGR-C01", "S-202", "2000")),
	} {
		if other == first {
			t.Errorf("%s is the same claim", name)
		}
	}
	bare := claimOf("", "070100004012", "SGR-H01", "S-105", "2000")
	made := post(openmrs, bare)
	if post(openmrs, bare) != made {
		t.Error("a claim without ACSN that is sent again is another one")
	}
	if made == post(openmrs, claimOf("", "070100004012", "SGR-H01", "S-104", "2000")) {
		t.Error("two claims of one MR are one")
	}
	// Other content under the number is refused, and the first stays.
	refused := openmrs.call(http.MethodPost, "Claim/", claimOf("b-1", "070100004012", "SGR-H01", "S-202", "1900"), http.StatusConflict)
	if refused.Get("issue").First().At("details", "text").Text() == "" {
		t.Errorf("refused by %s", refused.Raw())
	}
	// What it was translated to then is not what it would be today.
	late := claimOf("b-9", "late-1", "SGR-H01", "S-101", "5000")
	before := post(nepal, late)
	if a := w.Do(http.MethodPut, "/fhir/Patient/late", nil, []byte(`{"resourceType":"Patient","id":"late","identifier":[{"system":"urn:clinic","value":"late-1"}]}`)); a.Status != http.StatusCreated {
		t.Fatalf("HTTP %d: %.300s", a.Status, a.Body)
	}
	if post(nepal, late) != before {
		t.Error("a claim whose patient was registered since is another one")
	}
}

// otherWays proves that claims that were sent in R4 are read as well as those that
// came through here.
func otherWays(t *testing.T, w *connecttest.World) {
	c := as(t, w, "openmrs")
	body := []byte(`{"resourceType":"Claim","id":"by-r4","identifier":[{"system":"https://bima.example/fhir/id/claim","value":"C-R4"}],"status":"active","use":"claim",
		"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/claim-type","code":"professional"}]},"patient":{"reference":"` + w.Base + `/Patient/patient-06-1"},
		"billablePeriod":{"start":"2026-03-14","end":"2026-03-14"},"created":"2026-03-14","enterer":{"reference":"PractitionerRole/claims-3"},"provider":{"reference":"Organization/facility-3"},
		"priority":{"coding":[{"code":"normal"}]},"diagnosis":[{"sequence":1,"diagnosisCodeableConcept":{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10","code":"B54"}]}}],"insurance":[{"sequence":1,"focal":true,"coverage":{"display":"?"}}],
		"item":[{"sequence":7,"productOrService":{"coding":[{"system":"https://bima.example/fhir/CodeSystem/service","code":"S-101"}],"text":"A visit"}}]}`)
	for _, status := range []string{"draft", "active"} {
		a := w.Do(http.MethodPut, "/fhir/Claim/by-r4", nil, bytes.Replace(body, []byte(`"active"`), []byte(`"`+status+`"`), 1))
		if a.Status != http.StatusCreated && a.Status != http.StatusOK {
			t.Fatalf("HTTP %d: %.300s", a.Status, a.Body)
		}
		echo := c.call(http.MethodGet, "Claim/by-r4", nil, http.StatusOK)
		if err := readClaim(echo); err != nil {
			t.Errorf("%s: %v", status, err)
		}
		if text := echo.Get("diagnosis").First().Get("type").First().Get("text").Text(); text != "icd_0" {
			t.Errorf("%s: the diagnosis is of %q", status, text)
		}
		if text := echo.Get("item").First().At("service", "text").Text(); text != "S-101" || echo.At("patient", "reference").Text() != "Patient/patient-06-1" {
			t.Errorf("%s: %s", status, echo.Raw())
		}
		n := c.call(http.MethodGet, "ClaimResponse/by-r4", nil, http.StatusOK)
		if err := readClaimResponse(n, 1); err != nil {
			t.Errorf("%s: %v", status, err)
		}
		want := map[string]string{"draft": "entered 2", "active": "valuated 16"}[status]
		if got := n.At("outcome", "text").Text() + " " + n.At("outcome", "coding").First().Get("code").Text(); got != want || n.Get("item").First().Get("sequenceLinkId").Text() != "7" {
			t.Errorf("%s: %s", status, n.Raw())
		}
	}
}

// pages turns over the patients by ten, and finds each once.
func pages(t *testing.T, w *connecttest.World) {
	c := as(t, w, "nepal")
	seen := map[string]int{}
	path := "Patient/?_count=40"
	for number := 1; path != ""; number++ {
		bundle := c.call(http.MethodGet, path, nil, http.StatusOK)
		for e := range bundle.Get("entry").Each() {
			seen[e.At("resource", "id").Text()]++
		}
		path = ""
		for link := range bundle.Get("link").Each() {
			if link.Get("relation").Text() == "next" {
				path, _ = strings.CutPrefix(link.Get("url").Text(), w.URL+"/api/api_fhir/")
			}
		}
		if path == "" && bundle.Get("total").Text() != fmt.Sprint(len(seen)) {
			t.Errorf("the last page counts %s, %d were seen", bundle.Get("total").Text(), len(seen))
		}
		if number > 20 {
			t.Fatal("there is no last page")
		}
	}
	if len(seen) < 100 {
		t.Errorf("%d patients", len(seen))
	}
	for id, times := range seen {
		if times != 1 {
			t.Errorf("%s is on %d pages", id, times)
		}
	}
	if n := c.call(http.MethodGet, "Patient/?_count=1000", nil, http.StatusOK).Get("entry").Len(); n != 100 {
		t.Errorf("%d at a time", n)
	}
}

func refusals(t *testing.T, w *connecttest.World) {
	c := as(t, w, "nepal")
	for _, one := range []struct {
		name, method, path, body string
		status                   int
	}{
		{"no JSON", http.MethodPost, "Claim", `{"resourceType":`, http.StatusBadRequest},
		{"nothing", http.MethodPost, "Claim", ``, http.StatusBadRequest},
		{"no object", http.MethodPost, "Claim", `[]`, http.StatusBadRequest},
		{"another type", http.MethodPost, "Claim", `{"resourceType":"Patient"}`, http.StatusBadRequest},
		{"a claim of nobody", http.MethodPost, "Claim", `{"resourceType":"Claim"}`, http.StatusBadRequest},
		{"a draft", http.MethodPost, "Claim", `{"resourceType":"Claim","status":"draft","patient":{"reference":"Patient/1"}}`, http.StatusUnprocessableEntity},
		{"no date", http.MethodPost, "Claim", `{"resourceType":"Claim","created":"yesterday","patient":{"reference":"Patient/1"}}`, http.StatusBadRequest},
		{"a question about nobody", http.MethodPost, "EligibilityRequest", `{"resourceType":"EligibilityRequest"}`, http.StatusBadRequest},
		{"no such claim", http.MethodGet, "Claim/nothing", "", http.StatusNotFound},
		{"no such claim of an odd name", http.MethodGet, "ClaimResponse/a%7Cb,$c", "", http.StatusNotFound},
		{"no such patient", http.MethodGet, "Patient/nobody", "", http.StatusNotFound},
		{"no such type", http.MethodGet, "Group/1", "", http.StatusNotFound},
		{"no such depth", http.MethodGet, "Claim/1/_history", "", http.StatusNotFound},
		{"no such page", http.MethodGet, "Claim?_page=0", "", http.StatusBadRequest},
		{"a page too far", http.MethodGet, "Claim?_page=999999", "", http.StatusBadRequest},
		{"no such state", http.MethodGet, "Claim?status=lost", "", http.StatusBadRequest},
		{"no such method", http.MethodDelete, "Claim/1", "", http.StatusMethodNotAllowed},
		{"no such method of a list", http.MethodPut, "Patient", "{}", http.StatusMethodNotAllowed},
	} {
		n := c.call(one.method, one.path, []byte(one.body), one.status)
		issue := n.Get("issue").First()
		text := issue.At("details", "text").Text()
		if n.Get("resourceType").Text() != "OperationOutcome" || text == "" || text != issue.Get("diagnostics").Text() || len(text) > 250 || issue.Get("code").Text() == "" {
			t.Errorf("%s: %s", one.name, n.Raw())
		}
	}
	nobody := caller{t, w, http.Header{"Authorization": {"Basic bm9ib2R5Om5vYm9keQ=="}}}
	for _, path := range []string{"Claim/1", "Patient/?identifier=1"} {
		a := w.Do(http.MethodGet, "/api/api_fhir/"+path, nobody.header, nil)
		if a.Status != http.StatusUnauthorized || !strings.HasPrefix(a.Header.Get("WWW-Authenticate"), "Basic") || w.Node(a).Get("resourceType").Text() != "OperationOutcome" {
			t.Errorf("%s of nobody: HTTP %d %v: %s", path, a.Status, a.Header, a.Body)
		}
	}
}

// hostile puts what no client sends in the place of each element in turn: all is
// answered or refused, and nothing fails.
func hostile(t *testing.T, w *connecttest.World) {
	c := as(t, w, "nepal")
	var claim map[string]any
	if err := json.Unmarshal(golden(t, "openmrs/claim.json"), &claim); err != nil {
		t.Fatal(err)
	}
	for name := range claim {
		for _, odd := range []string{`null`, `[]`, `{}`, `[[{}]]`, `-1`, `1e308`, `"\u0000\ud800"`, `{"reference":"//|,$\\"}`, `[{"sequence":-1,"value":{"value":"x"}},null]`} {
			body := map[string]any{}
			for other, value := range claim {
				body[other] = value
			}
			body[name] = json.RawMessage(odd)
			text, err := json.Marshal(body)
			if err != nil {
				t.Fatal(err)
			}
			for _, path := range []string{"Claim", "EligibilityRequest"} {
				if path != "Claim" && name != "patient" {
					continue
				}
				text := bytes.Replace(text, []byte(`"resourceType":"Claim"`), []byte(`"resourceType":"`+path+`"`), 1)
				a := w.Do(http.MethodPost, "/api/api_fhir/"+path, c.header, text)
				if a.Status >= http.StatusInternalServerError || a.Header.Get("Content-Type") != "application/json" {
					t.Errorf("%s of %s at %s: HTTP %d: %.300s", odd, name, path, a.Status, a.Body)
				}
			}
		}
	}
}

func registers(t *testing.T, w *connecttest.World) {
	c := as(t, w, "openmrs")
	for path, want := range map[string]string{
		"Practitioner/CA-003": "claims-3", "Practitioner/claims-3": "claims-3",
		"Location/SGR-H01": "site-facility-3", "Location/site-facility-3": "site-facility-3", "Location/facility-3": "facility-3",
	} {
		n := c.call(http.MethodGet, path, nil, http.StatusOK)
		typ, _, _ := strings.Cut(path, "/")
		if acsn, err := typed(n, "ACSN"); err != nil || acsn != want || n.Get("id").Text() != want || n.Get("resourceType").Text() != typ {
			t.Errorf("%s is %s (%v)", path, n.Raw(), err)
		}
	}
	found := c.call(http.MethodGet, "Location/?identifier=SGR-H01", nil, http.StatusOK)
	if found.Get("entry").Len() != 1 {
		t.Errorf("found %s", found.Raw())
	}
	if n := c.call(http.MethodGet, "metadata", nil, http.StatusOK); n.Get("fhirVersion").Text() != "3.0.1" || n.Get("rest").Kind() != fhir.KindArray {
		t.Errorf("metadata %s", n.Raw())
	}
}
