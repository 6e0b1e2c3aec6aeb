package stu3_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bima/cmd/bima/house"
	"bima/connect/connecttest"
	"bima/fhir"
)

// golden reads a vector of a peer.
func golden(t *testing.T, file string) []byte {
	t.Helper()
	text, err := os.ReadFile("../../testdata/peers/" + file)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func parsed(t *testing.T, text []byte) fhir.Node {
	t.Helper()
	doc, err := fhir.Parse(text)
	if err != nil {
		t.Fatalf("%v in %.300s", err, text)
	}
	return doc.Root()
}

// differ compares two texts of JSON; numbers as they are written.
func differ(t *testing.T, got, want []byte) string {
	t.Helper()
	var a, b any
	for text, into := range map[*[]byte]*any{&got: &a, &want: &b} {
		d := json.NewDecoder(bytes.NewReader(*text))
		d.UseNumber()
		if err := d.Decode(into); err != nil {
			t.Fatalf("%v in %.300s", err, *text)
		}
	}
	return cmp.Diff(b, a)
}

// latin1 writes a text as OpenMRS does.
func latin1(t *testing.T, text []byte) []byte {
	t.Helper()
	var out []byte
	for _, r := range strings.ReplaceAll(string(text), "–", "-") {
		if r > 0xff {
			t.Fatalf("%q is not of Latin-1", r)
		}
		out = append(out, byte(r))
	}
	return out
}

// noon is the day on which the replays are.
var noon = time.Date(2026, 3, 15, 6, 0, 0, 0, time.UTC)

// accounts are an administrator, two facilities' and one that brings many's claims.
var accounts = []connecttest.Account{
	{Name: "root", Password: "correct horse", Roles: []fhir.Role{fhir.RoleAdministrator}},
	{Name: "openmrs", Password: "battery horse", Roles: []fhir.Role{fhir.RoleFacility}, Entity: "Organization/facility-3"},
	{Name: "bahmni", Password: "staple horses", Roles: []fhir.Role{fhir.RoleFacility}, Entity: "Organization/facility-2"},
	{Name: "nepal", Password: "staple horses", Roles: []fhir.Role{fhir.RoleIntegration}},
}

// A caller calls as one of the clients does.
type caller struct {
	t      *testing.T
	w      *connecttest.World
	header http.Header
}

// as gives a caller who sends the headers of the clients: of a browser that he is
// not, of charsets without end, and some that mean nothing here.
func as(t *testing.T, w *connecttest.World, name string) caller {
	header := http.Header{
		"Accept": {"application/json"}, "Content-Type": {"application/json"}, "Referer": {""},
		"User-Agent":     {"Mozilla/5.0 (Windows NT 6.1; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/54.0.2840.99 Safari/537.36"},
		"Accept-Charset": {strings.Repeat("big5, windows-1252, ", 60) + "utf-8"},
	}
	if name == "nepal" {
		header.Set("Remote-User", name)
	}
	for _, a := range accounts {
		if a.Name == name {
			header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(a.Name+":"+a.Password)))
		}
	}
	return caller{t, w, header}
}

// call sends a request below the façade and gives what is answered, whose media
// type is the one that clients read.
func (c caller) call(method, path string, body []byte, want int) fhir.Node {
	c.t.Helper()
	return parsed(c.t, c.text(method, path, body, want))
}

func (c caller) text(method, path string, body []byte, want int) []byte {
	c.t.Helper()
	a := c.w.Do(method, "/api/api_fhir/"+path, c.header, body)
	if a.Status != want {
		c.t.Fatalf("%s %s: HTTP %d, want %d: %.600s", method, path, a.Status, want, a.Body)
	}
	if media := a.Header.Get("Content-Type"); media != "application/json" {
		c.t.Errorf("%s %s: %s, which the clients do not read", method, path, media)
	}
	for _, b := range a.Body {
		if b >= 0x80 {
			c.t.Fatalf("%s %s: not of ASCII, which is read as Latin-1: %.600s", method, path, a.Body)
		}
	}
	return a.Body
}

// stored gives what [base] holds, without what the server says of it.
func (c caller) stored(key string) []byte {
	c.t.Helper()
	a := c.w.Do(http.MethodGet, "/fhir/"+key, nil, nil)
	if a.Status != http.StatusOK {
		c.t.Fatalf("%s: HTTP %d: %.300s", key, a.Status, a.Body)
	}
	return regexp.MustCompile(`"meta":\{[^}]*\},?`).ReplaceAll(a.Body, nil)
}

// told puts what differs from run to run out of a text.
func told(text []byte, id string) []byte {
	text = bytes.ReplaceAll(text, []byte(id), []byte("CLAIM-ID"))
	return regexp.MustCompile(`"said","valueString":"[0-9a-f]{64}"`).ReplaceAll(text, []byte(`"said","valueString":"DIGEST"`))
}

func (c caller) same(what string, got, want []byte) {
	c.t.Helper()
	if diff := differ(c.t, got, want); diff != "" {
		c.t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func TestClients(t *testing.T) {
	plan := house.Plan{Now: func() time.Time { return noon }}
	connecttest.Each(t, connecttest.Options{Accounts: accounts, Plan: plan}, func(t *testing.T, w *connecttest.World) {
		for _, story := range []struct {
			name string
			tell func(t *testing.T, w *connecttest.World)
		}{
			{"OpenMRS asks whether a person is insured", openmrsEligibility},
			{"OpenMRS claims and looks again", openmrsClaims},
			{"OpenMRS imports a patient", openmrsImports},
			{"OpenMRS imports who is written in few words", openmrsImportsFew},
			{"OpenMRS claims at prices that are floats, unexplained", openmrsFloats},
			{"Bahmni claims by codes", bahmniClaims},
			{"Nepal claims and lists", nepalClaims},
			{"claims that are decided otherwise", decidedOtherwise},
			{"claims that are sent again", sentAgain},
			{"claims of other ways", otherWays},
			{"lists are turned over page by page", pages},
			{"refusals are told in STU3", refusals},
			{"nothing that is sent breaks it", hostile},
			{"workers and places are read", registers},
		} {
			t.Run(story.name, func(t *testing.T) { story.tell(t, w) })
		}
	})
}

func openmrsEligibility(t *testing.T, w *connecttest.World) {
	c := as(t, w, "openmrs")
	text := c.text(http.MethodPost, "EligibilityRequest/", golden(t, "openmrs/eligibility.json"), http.StatusCreated)
	n := parsed(t, text)
	if err := readEligibility(n); err != nil {
		t.Error(err)
	}
	c.same("EligibilityResponse", bytes.ReplaceAll(text, []byte(n.Get("id").Text()), []byte("RESPONSE-ID")), golden(t, "openmrs/eligibility-response.json"))
	outcome := c.call(http.MethodPost, "EligibilityRequest/", []byte(`{"resourceType":"EligibilityRequest","patient":{"reference":"Patient/999"}}`), http.StatusNotFound)
	told := outcome.Get("issue").First()
	if text := told.At("details", "text").Text(); text != "No insuree has the number 999" || told.Get("diagnostics").Text() != text || outcome.Get("resourceType").Text() != "OperationOutcome" {
		t.Errorf("told %s", outcome.Raw())
	}
	// Family 40 never had a policy; that of family 33 ran out.
	c.call(http.MethodPost, "EligibilityRequest/", []byte(`{"resourceType":"EligibilityRequest","patient":{"reference":"Patient/070100040016"}}`), http.StatusNotFound)
	n = c.call(http.MethodPost, "EligibilityRequest/", []byte(`{"resourceType":"EligibilityRequest","patient":{"reference":"Patient/070100033011"}}`), http.StatusCreated)
	if err := readEligibility(n); err != nil || n.Get("inforce").Text() != "false" || !strings.HasSuffix(n.Get("insurance").First().At("contract", "reference").Text(), "/2025-12-31") {
		t.Errorf("a policy that ran out: %v %s", err, n.Raw())
	}
}

func openmrsClaims(t *testing.T, w *connecttest.World) {
	c := as(t, w, "openmrs")
	sent := latin1(t, golden(t, "openmrs/claim.json"))
	text := c.text(http.MethodPost, "Claim/", sent, http.StatusCreated)
	id := parsed(t, text).Get("id").Text()
	dash := func(text []byte) []byte { return bytes.ReplaceAll(text, []byte("–"), []byte("-")) }
	if err := readClaimResponse(parsed(t, text), 4); err != nil {
		t.Error(err)
	}
	c.same("the answer at once", told(text, id), golden(t, "openmrs/claim-response.json"))
	c.same("what is stored", told(c.stored("Claim/"+id), id), dash(golden(t, "openmrs/claim-stored.json")))

	text = c.text(http.MethodGet, "Claim/"+id, nil, http.StatusOK)
	if err := readClaim(parsed(t, text)); err != nil {
		t.Error(err)
	}
	c.same("the echo", told(text, id), dash(golden(t, "openmrs/claim-echo.json")))
	text = c.text(http.MethodGet, "ClaimResponse/"+id, nil, http.StatusOK)
	c.same("the answer later", told(text, id), golden(t, "openmrs/claim-response.json"))
	for _, path := range []string{"Claim/6f1f0c52-3a0e-4b53-9d1c-7f2a51b7c901", "//Claim//" + id + "/"} {
		if got := c.call(http.MethodGet, path, nil, http.StatusOK).Get("id").Text(); got != id {
			t.Errorf("%s is %s, want %s", path, got, id)
		}
	}
}

func openmrsImports(t *testing.T, w *connecttest.World) {
	c := as(t, w, "openmrs")
	bundle := c.call(http.MethodGet, "Patient/?identifier=070100001018", nil, http.StatusOK)
	entry := bundle.Get("entry").First()
	path, ok := strings.CutPrefix(entry.Get("fullUrl").Text(), w.URL+"/api/api_fhir/")
	if !ok || bundle.Get("total").Text() != "1" {
		t.Fatalf("found %s", bundle.Raw())
	}
	text := c.text(http.MethodGet, path, nil, http.StatusOK)
	if err := readPatient(parsed(t, text)); err != nil {
		t.Error(err)
	}
	c.same("the patient", text, golden(t, "openmrs/patient.json"))
	c.same("the patient by two slashes", c.text(http.MethodGet, "Patient//patient-01-1", nil, http.StatusOK), golden(t, "openmrs/patient.json"))
	if none := c.call(http.MethodGet, "Patient/?identifier=999", nil, http.StatusOK); none.Get("total").Text() != "0" || none.Get("entry").Exists() {
		t.Errorf("nobody is %s", none.Raw())
	}
}

func bahmniClaims(t *testing.T, w *connecttest.World) {
	c := as(t, w, "bahmni")
	text := c.text(http.MethodPost, "Claim/", golden(t, "bahmni/claim.json"), http.StatusCreated)
	n := parsed(t, text)
	if err := readClaimResponse(n, 4); err != nil {
		t.Error(err)
	}
	made, err := typed(n, "ACSN")
	if err != nil || len(made) != len("6f1f0c52-3a0e-4b53-9d1c-7f2a51b7c901") {
		t.Errorf("ACSN %q, %v", made, err)
	}
	id := n.Get("id").Text()
	c.same("the answer", bytes.ReplaceAll(told(text, id), []byte(made), []byte("ACSN-MADE")), golden(t, "bahmni/claim-response.json"))
	echo := c.call(http.MethodGet, "Claim/"+id, nil, http.StatusOK)
	if err := readClaim(echo); err != nil {
		t.Error(err)
	}
	if got := echo.At("facility", "reference").Text() + " " + echo.At("enterer", "reference").Text(); got != "Location/SGR-C01 Practitioner/CA-002" {
		t.Errorf("echoed %s", got)
	}
	stored := parsed(t, c.stored("Claim/"+id))
	if visit := stored.At("subType", "coding").First().Get("code").Text(); visit != "O" || stored.At("provider", "reference").Text() != "Organization/facility-2" {
		t.Errorf("stored %s", stored.Raw())
	}
	if err := readEligibility(c.call(http.MethodPost, "Elig/", golden(t, "bahmni/eligibility.json"), http.StatusCreated)); err != nil {
		t.Error(err)
	}
}

func nepalClaims(t *testing.T, w *connecttest.World) {
	c := as(t, w, "nepal")
	n := c.call(http.MethodPost, "Claim/", golden(t, "nepal/claim.json"), http.StatusCreated)
	if err := readClaimResponse(n, 1); err != nil {
		t.Error(err)
	}
	cover := c.call(http.MethodPost, "EligibilityRequest/", []byte(`{"resourceType":"EligibilityRequest","patient":{"reference":"Patient/070100003014"}}`), http.StatusCreated)
	if until := cover.Get("insurance").First().At("contract", "reference").Text(); readEligibility(cover) != nil || !strings.HasSuffix(until, " 23:59:59") {
		t.Errorf("the expiry has no time: %s", until)
	}
	// The deductible takes all of it: nothing is paid, and yet nothing rejected.
	if word := n.At("outcome", "text").Text(); word != "valuated" || n.At("totalBenefit", "value").Text() != "0" {
		t.Errorf("%s", n.Raw())
	}
	id := n.Get("id").Text()
	for path, want := range map[string]int{
		"Claim/?_count=10&_page=1&status=valuated&patient.identifier=070100003014":  1,
		"Claim/?_count=10&_page=1&status=16&patient.identifier=070100003014":        1,
		"Claim/?_count=10&_page=1&status=active&patient.identifier=070100003014":    1,
		"Claim/?_count=10&_page=1&status=rejected&patient.identifier=070100003014":  0,
		"Claim/?_count=10&_page=1&status=cancelled&patient.identifier=070100003014": 0,
		"Claim/?_count=10&page-offset=2&patient.identifier=070100003014":            0,
		"Claim/?patient=Patient/patient-03-1":                                       1,
		"Claim/?patient.identifier=999":                                             0,
		"ClaimResponse/?status=valuated&patient.identifier=070100003014":            1,
	} {
		found := c.call(http.MethodGet, path, nil, http.StatusOK)
		if got := found.Get("entry").Len(); got != want {
			t.Errorf("%s: %d found, want %d", path, got, want)
		}
		if entry := found.Get("entry").First(); want > 0 && entry.At("resource", "id").Text() != id {
			t.Errorf("%s found %s", path, entry.Raw())
		}
	}
	if stored := parsed(t, c.stored("Claim/"+id)); stored.Get("created").Text() != "2026-03-13" {
		t.Errorf("a time without a zone is stored as %s", stored.Get("created").Text())
	}
}
