package kenyaemr_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"bima/connect/connecttest"
	"bima/connect/dialect"
	"bima/fhir"
)

const password = "correct horse battery"

// A hospital and a dispensary have KenyaEMR, each with an account.
var options = connecttest.Options{Accounts: []connecttest.Account{
	{Name: "admin", Password: password, Roles: []fhir.Role{fhir.RoleAdministrator}},
	{Name: "hospital", Password: password, Roles: []fhir.Role{fhir.RoleIntegration}},
	{Name: "dispensary", Password: password, Roles: []fhir.Role{fhir.RoleIntegration}},
}}

// An emr is one KenyaEMR.
type emr struct {
	t     *testing.T
	w     *connecttest.World
	token string
}

// login asks for a token as the client does of the staging server: a POST of
// nothing with HTTP Basic.
func login(t *testing.T, w *connecttest.World, name string) emr {
	t.Helper()
	pair := base64.StdEncoding.EncodeToString([]byte(name + ":" + password))
	a := w.Do(http.MethodPost, "/oauth2/token", http.Header{"Authorization": {"Basic " + pair}, "Content-Type": {"text/plain"}}, []byte{})
	token := w.Node(a).Get("access_token").Text()
	if a.Status != http.StatusOK || token == "" {
		t.Fatalf("no token: HTTP %d %s", a.Status, a.Body)
	}
	return emr{t, w, token}
}

func (e emr) do(method, path string, body []byte, prefer ...string) *connecttest.Answer {
	e.t.Helper()
	header := http.Header{
		"Authorization": {"Bearer " + e.token}, "Content-Type": {"application/json"}, "Referer": {""},
		"User-Agent": {"ClientHelperUserAgent"}, "Accept": {"application/json, application/fhir+json"},
	}
	if len(prefer) > 0 {
		header["Prefer"] = prefer
	}
	return e.w.Do(method, path, header, body)
}

// externalID is what the client does with an answer to a claim: it takes the id of
// the OperationOutcome for that of the claim, whatever its issues say.
func (e emr) externalID(a *connecttest.Answer) string {
	e.t.Helper()
	media := strings.Split(a.Header.Get("Content-Type"), ";")[0]
	if media != "application/json" && media != "application/fhir+json" {
		e.t.Errorf("the client has no converter for %q", media)
	}
	n := e.w.Node(a)
	if n.Get("resourceType").Text() != "OperationOutcome" {
		e.t.Errorf("the client reads an OperationOutcome, not %.200s", a.Body)
	}
	return strings.TrimPrefix(n.Get("id").Text(), "OperationOutcome/")
}

// vector reads a golden vector, changed by replacing texts.
func vector(t *testing.T, name string, replace ...string) []byte {
	t.Helper()
	text, err := os.ReadFile("../../testdata/peers/kenyaemr/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return []byte(strings.NewReplacer(replace...).Replace(string(text)))
}

// state is what the client shows of a claim. It follows the client's parser: that
// fails without entries, without a Claim, and with a created that has no time.
func (e emr) state(a *connecttest.Answer) (state, approved string, err error) {
	entries := e.w.Node(a).Get("entry")
	if entries.Kind() != fhir.KindArray {
		return "", "", fmt.Errorf("no entries found")
	}
	byType := map[string]fhir.Node{}
	for entry := range entries.Each() {
		r := entry.Get("resource")
		if r.Get("id").Text() == "" {
			return "", "", fmt.Errorf("a resource without an id")
		}
		byType[r.Get("resourceType").Text()] = r
	}
	claim := byType["Claim"]
	if !claim.Exists() {
		return "", "", fmt.Errorf("required Claim resource not found")
	}
	if _, err := time.Parse(time.RFC3339, claim.Get("created").Text()); err != nil {
		return "", "", err
	}
	for output := range byType["Task"].Get("output").Each() {
		for coding := range output.At("valueCodeableConcept", "coding").Each() {
			if strings.Contains(coding.Get("system").Text(), "claim-state") {
				state = coding.Get("display").Text()
			}
		}
	}
	if state == "" {
		state = byType["ClaimResponse"].Get("outcome").Text()
	}
	return state, claim.At("total", "value").Text(), nil
}

func TestKenyaEMR(t *testing.T) {
	connecttest.Each(t, options, func(t *testing.T, w *connecttest.World) {
		e := login(t, w, "hospital")
		for _, part := range []struct {
			name string
			test func(*testing.T, emr)
		}{
			{"a claim is stored clean, decided, and receipted by its id", claimIsStored},
			{"intervention codes are what the scheme's ConceptMap says", codesAreMapped},
			{"TRAP: a claim sent again with other random numbers is the same claim", sentAgain},
			{"TRAP: a claim sent again is the same one, however it would be read now", sentAgainOtherwiseRead},
			{"TRAP: the question of cover calls itself text/plain, in Latin-1", plainText},
			{"TRAP: C-017 of another facility, or another client, is another claim", numbersRepeat},
			{"TRAP: an error has no id", errorsHaveNoID},
			{"TRAP: the state is in the Task, created has a time, the total is what is approved", statusPoll},
			{"the façade's own path does the same", ownPath},
			{"TRAP: claims and questions may be sent to any URL", anyURL},
			{"cover is asked about by a Bundle and answered with 200", eligibility},
			{"who speaks R4 is answered as R4 has it", strict},
			{"what is handed on keeps its conditions", conditions},
			{"TRAP: prices of nothing are not decided as nothing", unpriced},
		} {
			t.Run(part.name, func(t *testing.T) {
				e.t = t
				part.test(t, e)
			})
		}
	})
}

func claimIsStored(t *testing.T, e emr) {
	a := e.do(http.MethodPost, "/fhir/Claim", vector(t, "claim.json"))
	id := e.externalID(a)
	if a.Status != http.StatusCreated || !strings.Contains(a.Header.Get("Location"), "/Claim/"+id) {
		t.Fatalf("HTTP %d, Location %q: %s", a.Status, a.Header.Get("Location"), a.Body)
	}
	if got := e.w.Node(a).Get("issue").First().Get("severity").Text(); got != "information" {
		t.Errorf("the receipt is of severity %s", got)
	}
	claim := e.w.Node(e.do(http.MethodGet, "/fhir/Claim/"+id, nil))
	for _, c := range []struct{ what, got, want string }{
		{"the patient", claim.At("patient", "reference").Text(), "Patient/patient-01-1"},
		{"the facility", claim.At("provider", "reference").Text(), "Organization/facility-3"},
		{"the first number", claim.Get("identifier").First().Get("value").Text(), "3f0a7c1e-90d2-4c57-8a5e-2b1f6f0d7a11"},
		{"its system", claim.Get("identifier").First().Get("system").Text(), "https://bima.example/fhir/id/peer-claim"},
		{"the number C-017", claim.Get("identifier").First().Next().Get("value").Text(), "C-017"},
		{"the kind of visit", claim.Get("subType").Code("http://terminology.hl7.org/CodeSystem/v3-ActCode"), "AMB"},
		{"the diagnosis", claim.Get("diagnosis").First().Get("sequence").Text(), "1"},
		{"the item's diagnosis", claim.Get("item").First().Get("diagnosisSequence").First().Text(), "1"},
		{"the currency of the total", claim.At("total", "currency").Text(), "TZS"},
		{"the attachment", claim.Get("supportingInfo").First().At("valueAttachment", "url").Text(), "https://files.payer.example/3f0a/invoice.pdf"},
		{"the doctor", claim.Get("careTeam").First().At("provider", "identifier", "value").Text(), "A12345"},
		{"the moment of sending", claim.Get("item").First().At("servicedPeriod", "start").Text(), ""},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %q, want %q", c.what, c.got, c.want)
		}
	}
	// 5,000 for the consultation and 9,000 for the blood count, less the patient's share.
	response := e.w.Node(e.do(http.MethodGet, "/fhir/ClaimResponse/"+id, nil))
	if got := response.Get("outcome").Text(); got != "complete" {
		t.Errorf("the outcome is %s: %s", got, response.Raw())
	}
	if got := response.At("requestor", "reference").Text(); got != "Organization/facility-3" {
		t.Errorf("the requestor is %q", got)
	}
}

// again gives the claim as the client sends it an hour later.
func again(t *testing.T) []byte {
	return vector(t, "claim.json", "4821907", "1177340", "2026-03-12T09:15:0", "2026-03-12T10:15:0", "5a2b6d5e", "77aa0e00")
}

func sentAgain(t *testing.T, e emr) {
	first := e.externalID(e.do(http.MethodPost, "/fhir/Claim", vector(t, "claim.json")))
	a := e.do(http.MethodPost, "/fhir/Claim", again(t))
	if got := e.externalID(a); got != first || a.Status != http.StatusOK {
		t.Errorf("HTTP %d, claim %s, want 200 and %s: %s", a.Status, got, first, a.Body)
	}
	changed := e.do(http.MethodPost, "/fhir/Claim", vector(t, "claim.json", `"value": 14000`, `"value": 15000`))
	if id := e.externalID(changed); changed.Status != http.StatusConflict || id != "" || !strings.Contains(string(changed.Body), "total") {
		t.Errorf("other content under the same uuid: HTTP %d, id %q, %s", changed.Status, id, changed.Body)
	}
}

func numbersRepeat(t *testing.T, e emr) {
	first := e.externalID(e.do(http.MethodPost, "/fhir/Claim", vector(t, "claim.json")))
	for name, body := range map[string][]byte{
		"another claim C-017 of another facility": vector(t, "claim.json", "3f0a7c1e-90d2", "aaaa7c1e-90d2", "SGR-H01", "SGR-C01"),
		"another claim C-017 of this facility":    vector(t, "claim.json", "3f0a7c1e-90d2", "bbbb7c1e-90d2"),
	} {
		a := e.do(http.MethodPost, "/fhir/Claim", body)
		if id := e.externalID(a); a.Status != http.StatusCreated || id == first || id == "" {
			t.Errorf("%s: HTTP %d, claim %q: %s", name, a.Status, id, a.Body)
		}
	}
	other := login(t, e.w, "dispensary")
	if a := other.do(http.MethodPost, "/fhir/Claim", vector(t, "claim.json")); other.externalID(a) == first {
		t.Errorf("another client's claim is taken for this one's: %s", a.Body)
	}
}

func errorsHaveNoID(t *testing.T, e emr) {
	for name, c := range map[string]struct {
		body   []byte
		status int
	}{
		"no claim":             {[]byte(`{"resourceType":"Bundle","type":"message","entry":[]}`), 400},
		"a claim without uuid": {vector(t, "claim.json", `"id": "3f0a7c1e-90d2-4c57-8a5e-2b1f6f0d7a11",`, "", `"code": "ACSN"`, `"code": "X"`), 400},
		"a claim that R4 can't say": {vector(t, "claim.json", "3f0a7c1e-90d2", "cccc7c1e-90d2",
			`"use": "claim"`, `"use": "gift"`), 400},
		"no JSON": {[]byte(`{"resourceType":"Bundle",`), 400},
	} {
		for _, path := range []string{"/fhir/Claim", "/api/kenyaemr/Claim"} {
			a := e.do(http.MethodPost, path, c.body)
			if id := e.externalID(a); id != "" || a.Status != c.status || e.w.Node(a).Get("issue").First().Get("diagnostics").Text() == "" {
				t.Errorf("%s at %s: HTTP %d, id %q: %s", name, path, a.Status, id, a.Body)
			}
		}
	}
	stranger := emr{t, e.w, "nobody"}
	if a := stranger.do(http.MethodPost, "/fhir/Claim", vector(t, "claim.json")); a.Status != http.StatusUnauthorized || stranger.externalID(a) != "" {
		t.Errorf("a stranger: HTTP %d: %s", a.Status, a.Body)
	}
}

func statusPoll(t *testing.T, e emr) {
	id := e.externalID(e.do(http.MethodPost, "/fhir/Claim", vector(t, "claim.json")))
	benefit := ""
	for total := range e.w.Node(e.do(http.MethodGet, "/fhir/ClaimResponse/"+id, nil)).Get("total").Each() {
		if total.Get("category").Code("http://terminology.hl7.org/CodeSystem/adjudication") == "benefit" {
			benefit = total.At("amount", "value").Text()
		}
	}
	for _, path := range []string{"/fhir/ClaimResponse?claim=", "/api/kenyaemr/ClaimResponse?claim="} {
		a := e.do(http.MethodGet, path+id, nil)
		state, approved, err := e.state(a)
		if err != nil || state != "approved" || approved != benefit || benefit == "" {
			t.Errorf("%s: got %q %q %v, want approved %q in %s", path, state, approved, err, benefit, a.Body)
		}
		extension := ""
		for entry := range e.w.Node(a).Get("entry").Each() {
			for x := range entry.At("resource").Get("extension").Each() {
				if strings.HasSuffix(x.Get("url").Text(), "/StructureDefinition/claim-state-extension") {
					extension = x.At("valueCodeableConcept").Get("coding").First().Get("code").Text()
				}
			}
		}
		if extension != "approved" {
			t.Errorf("%s: the extension says %q", path, extension)
		}
	}
	rejected := e.externalID(e.do(http.MethodPost, "/fhir/Claim", vector(t, "claim.json", "3f0a7c1e-90d2", "dddd7c1e-90d2", `"S-101"`, `"NONE-1"`, `"S-201"`, `"NONE-2"`)))
	if state, approved, err := e.state(e.do(http.MethodGet, "/fhir/ClaimResponse?claim="+rejected, nil)); err != nil || state != "rejected" || approved != "0" {
		t.Errorf("of unknown services: got %q %q %v", state, approved, err)
	}
	for e := range e.w.Node(e.do(http.MethodGet, "/fhir/ClaimResponse?claim="+rejected, nil)).Get("entry").Each() {
		if r := e.Get("resource"); r.Get("resourceType").Text() == "ClaimResponse" && r.Get("processNote").First().Get("text").Text() == "" {
			t.Errorf("the clerk is not told why: %s", r.Raw())
		}
	}
	if a := e.do(http.MethodGet, "/fhir/ClaimResponse?claim=none", nil); a.Status != http.StatusOK || e.w.Node(a).Get("entry").Exists() {
		t.Errorf("a claim that is not there: HTTP %d %s", a.Status, a.Body)
	}
}

func ownPath(t *testing.T, e emr) {
	first := e.externalID(e.do(http.MethodPost, "/fhir/Claim", vector(t, "claim.json")))
	for _, path := range []string{"/api/kenyaemr/Claim", "/api/kenyaemr/Claim/", "/api/kenyaemr/Bundle", "/api/kenyaemr", "/api/kenyaemr/$submit", "/api/kenyaemr/Claim/$submit"} {
		if a := e.do(http.MethodPost, path, vector(t, "claim.json")); e.externalID(a) != first {
			t.Errorf("%s: HTTP %d %s", path, a.Status, a.Body)
		}
	}
	if a := e.do(http.MethodGet, "/api/kenyaemr/Claim/"+first, nil); e.w.Node(a).Get("id").Text() != first {
		t.Errorf("reading the claim: HTTP %d %s", a.Status, a.Body)
	}
	a := e.do(http.MethodPost, "/fhir/Claim", vector(t, "claim.json"), "return=representation")
	if n := e.w.Node(a); n.Get("resourceType").Text() != "ClaimResponse" || n.Get("id").Text() != first {
		t.Errorf("with Prefer: return=representation: %s", a.Body)
	}
}

// Whatever URL an administrator sets for claims, and for questions, it works.
func anyURL(t *testing.T, e emr) {
	first := e.externalID(e.do(http.MethodPost, "/fhir/Claim", vector(t, "claim.json")))
	for _, path := range []string{
		"/fhir", "/fhir/", "/fhir//Claim", "/fhir/Claim/$submit", "/fhir/Bundle", "/fhir/Bundle/", "/fhir/Bundle/$submit",
		"/fhir/$submit", "/fhir/$process-message", "/fhir/Bundle/$process-message", "/fhir/CoverageEligibilityRequest",
	} {
		a := e.do(http.MethodPost, path, vector(t, "claim.json"))
		if id := e.externalID(a); a.Status != http.StatusOK || id != first || !strings.HasSuffix(strings.Split(a.Header.Get("Location"), "/_history/")[0], "/Claim/"+first) {
			t.Errorf("a claim to %s: HTTP %d %.300s", path, a.Status, a.Body)
		}
		a = e.w.Do(http.MethodPost, path, http.Header{"Authorization": {"Bearer " + e.token}, "Content-Type": {"text/plain; charset=ISO-8859-1"}}, vector(t, "eligibility.json"))
		if a.Status != http.StatusOK || e.w.Node(a).Get("resourceType").Text() != "CoverageEligibilityResponse" {
			t.Errorf("a question to %s: HTTP %d %.300s", path, a.Status, a.Body)
		}
	}
}

func eligibility(t *testing.T, e emr) {
	a := e.do(http.MethodPost, "/fhir/Bundle", vector(t, "eligibility.json"))
	n := e.w.Node(a)
	if a.Status != http.StatusOK || n.Get("resourceType").Text() != "CoverageEligibilityResponse" {
		t.Fatalf("HTTP %d: %s", a.Status, a.Body)
	}
	inforce, money := false, false
	for insurance := range n.Get("insurance").Each() {
		inforce = inforce || insurance.Get("inforce").Text() == "true"
		for item := range insurance.Get("item").Each() {
			if !item.Get("authorizationRequired").Exists() {
				t.Errorf("the client reads of every item whether it must be agreed to: %s", item.Raw())
			}
			for benefit := range item.Get("benefit").Each() {
				money = true
				// The client subtracts the one from the other.
				if !benefit.At("allowedMoney", "value").Exists() || !benefit.At("usedMoney", "value").Exists() {
					t.Errorf("a benefit that is not in money: %s", benefit.Raw())
				}
			}
		}
	}
	if !inforce || !money {
		t.Errorf("in force %v, with what is allowed %v: %s", inforce, money, a.Body)
	}
	nobody := e.do(http.MethodPost, "/fhir/Bundle", vector(t, "eligibility.json", "070100001018", "999999999999", "1982-10701-11", "x"))
	if n := e.w.Node(nobody); nobody.Status != http.StatusOK || n.Get("outcome").Text() != "error" {
		t.Errorf("nobody is known: HTTP %d %s", nobody.Status, nobody.Body)
	}
}

func conditions(t *testing.T, e emr) {
	header := func(name, value string) http.Header {
		return http.Header{"Authorization": {"Bearer " + e.token}, "Content-Type": {"application/fhir+json"}, name: {value}}
	}
	body := []byte(`{"resourceType":"Organization","id":"condition","name":"A","identifier":[{"system":"https://x.example","value":"condition"}]}`)
	for _, c := range []struct {
		method, path string
		header       http.Header
		want         int
	}{
		{http.MethodPut, "Organization/condition", header("If-None-Match", "*"), http.StatusCreated},
		{http.MethodPut, "Organization/condition", header("If-None-Match", "*"), http.StatusPreconditionFailed},
		{http.MethodPut, "Organization/condition", header("If-Match", `W/"7"`), http.StatusPreconditionFailed},
		{http.MethodPost, "Organization", header("If-None-Exist", "identifier=https://x.example|condition"), http.StatusOK},
	} {
		if a := e.w.Do(c.method, "/api/kenyaemr/"+c.path, c.header, body); a.Status != c.want {
			t.Errorf("%s %s %v: HTTP %d, want %d: %s", c.method, c.path, c.header, a.Status, c.want, a.Body)
		}
	}
}

func strict(t *testing.T, e emr) {
	for name, c := range map[string]struct {
		path, body string
		status     int
	}{
		"a Claim that lacks what R4 wants":  {"/fhir/Claim", `{"resourceType":"Claim","status":"active"}`, 400},
		"a Patient sent to Claim":           {"/fhir/Claim", `{"resourceType":"Patient"}`, 400},
		"a document without a Composition":  {"/fhir/Bundle", `{"resourceType":"Bundle","type":"document"}`, 400},
		"a collection is kept":              {"/fhir/Bundle", `{"resourceType":"Bundle","type":"collection"}`, 201},
		"a transaction is R4's":             {"/fhir", `{"resourceType":"Bundle","type":"transaction"}`, 200},
		"a history to [base]":               {"/fhir", `{"resourceType":"Bundle","type":"history"}`, 400},
		"an operation that is not there":    {"/fhir/$process-message", `{"resourceType":"Bundle","type":"collection"}`, 404},
		"a message Bundle for one resource": {"/fhir/Claim/x/$submit", `{"resourceType":"Bundle","type":"message"}`, 404},
		"a message Bundle sent elsewhere":   {"/fhir/Coverage", `{"resourceType":"Bundle","type":"message"}`, 400},
	} {
		if a := e.do(http.MethodPost, c.path, []byte(c.body)); a.Status != c.status || strings.Contains(string(a.Body), "received as") {
			t.Errorf("%s: HTTP %d %s", name, a.Status, a.Body)
		}
	}
	for _, path := range []string{"/fhir/ClaimResponse?claim=x&outcome=complete", "/fhir/Claim?claim=x", "/fhir/ClaimResponse?claims=x"} {
		if a := e.do(http.MethodGet, path, nil); a.Status != http.StatusBadRequest {
			t.Errorf("%s: HTTP %d", path, a.Status)
		}
	}
}

func unpriced(t *testing.T, e emr) {
	none := []string{"3f0a7c1e-90d2", "eeee7c1e-90d2", `"value": 5000,`, `"value": 0,`, `"value": 9000,`, `"value": 0,`}
	if a := e.do(http.MethodPost, "/fhir/Claim", vector(t, "claim.json", none...)); a.Status != http.StatusUnprocessableEntity || e.externalID(a) != "" {
		t.Errorf("two lines without prices: HTTP %d %s", a.Status, a.Body)
	}
	one, err := dialect.Parse(vector(t, "claim.json", append([]string{"eeee", "ffff"}, none...)...))
	if err != nil {
		t.Fatal(err)
	}
	claim := dialect.Child(dialect.Each(one, "entry")[0], "resource")
	claim["id"] = "ffff7c1e"
	dialect.Each(claim, "identifier")[1]["value"] = "ffff7c1e"
	claim["item"] = claim["item"].([]any)[:1]
	claim["total"] = dialect.Object{"value": 5000}
	id := e.externalID(e.do(http.MethodPost, "/fhir/Claim", dialect.Write(one)))
	if got := e.w.Node(e.do(http.MethodGet, "/fhir/Claim/"+id, nil)).Get("item").First().At("net", "value").Text(); got != "5000" {
		t.Errorf("one line without a price costs %q, want the total", got)
	}
}

// codesAreMapped sends a code of the exchange that the scheme's register does not
// have: the ConceptMap says what it is. One that it leaves out stays itself.
func codesAreMapped(t *testing.T, e emr) {
	const map1 = `{"resourceType":"ConceptMap","id":"kenya","url":"urn:test:interventions","status":"active","name":"Interventions","group":[{` +
		`"source":"https://mis.apeiro-digital.com/fhir/CodeSystem/intervention-codes","target":"https://bima.example/fhir/CodeSystem/service",` +
		`"element":[{"code":"SHA-07-001","target":[{"code":"S-101","equivalence":"equivalent"}]},{"code":"SHA-07-002","target":[{"equivalence":"unmatched","comment":"not paid for"}]}]}]}`
	codes := func(uuid, first, second string) string {
		id := e.externalID(e.do(http.MethodPost, "/fhir/Claim", vector(t, "claim.json", "3f0a7c1e-90d2", uuid, `"S-101"`, `"`+first+`"`, `"S-201"`, `"`+second+`"`)))
		var got []string
		for item := range e.w.Node(e.w.Do(http.MethodGet, "/fhir/Claim/"+id, nil, nil)).Get("item").Each() {
			got = append(got, item.Get("productOrService").Code("https://bima.example/fhir/CodeSystem/service"))
		}
		return strings.Join(got, " ")
	}
	if got := codes("1ddd7c1e-90d2", "SHA-07-001", "S-201"); got != "SHA-07-001 S-201" {
		t.Errorf("without a ConceptMap: %s", got)
	}
	if a := e.w.Do(http.MethodPut, "/fhir/ConceptMap/kenya", nil, []byte(map1)); a.Status != http.StatusCreated {
		t.Fatalf("HTTP %d %s", a.Status, a.Body)
	}
	if got := codes("1eee7c1e-90d2", "SHA-07-001", "S-201"); got != "S-101 S-201" {
		t.Errorf("with one: %s", got)
	}
	if got := codes("1fff7c1e-90d2", "SHA-07-002", "SHA-07-009"); got != "SHA-07-002 SHA-07-009" {
		t.Errorf("codes it has no match for: %s", got)
	}
	if a := e.w.Do(http.MethodDelete, "/fhir/ConceptMap/kenya", nil, nil); a.Status != http.StatusNoContent {
		t.Errorf("HTTP %d %s", a.Status, a.Body)
	}
	if got := codes("1abc7c1e-90d2", "SHA-07-001", "S-201"); got != "SHA-07-001 S-201" {
		t.Errorf("when it is gone: %s", got)
	}
}
