package connect_test

import (
	"bytes"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"bima/connect/connecttest"
	"bima/fhir"
)

// tokenFor gets a token for scopes; "" is for all that the roles allow.
func tokenFor(t *testing.T, w *connecttest.World, scopes string) string {
	t.Helper()
	form := url.Values{"grant_type": {"client_credentials"}}
	if scopes != "" {
		form.Set("scope", scopes)
	}
	a := w.Do(http.MethodPost, "/oauth2/token", http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, []byte(form.Encode()))
	token := w.Node(a).Get("access_token").Text()
	if a.Status != http.StatusOK || token == "" {
		t.Fatalf("a token for %q: HTTP %d %s", scopes, a.Status, a.Body)
	}
	return token
}

// A try is what the bearer of a token asks.
type try struct {
	scopes string
	method string
	path   string
	body   string
	want   int
	names  string // the scope that a refusal names, or what an answer has in it
	hides  string // what an answer has not in it
}

const (
	tryPatient  = `{"resourceType":"Patient","id":"scoped","name":[{"family":"Scoped"}]}`
	tryTransact = `{"resourceType":"Bundle","type":"%","entry":[` +
		`{"resource":{"resourceType":"Location","name":"a"},"request":{"method":"POST","url":"Location"}},{"request":{"method":"GET","url":"Patient/patient-02-1"}}]}`
	tryThere   = `{"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Patient"},"request":{"method":"POST","url":"Patient","ifNoneExist":"_id=scoped"}}]}`
	tryNothing = `{"resourceType":"Bundle","type":"batch","entry":[{"resource":{"resourceType":"Parameters"},"request":{"method":"PATCH","url":"Patient/scoped"}}]}`
	trySocket  = `{"resourceType":"Subscription","id":"scoped-ws","status":"requested","reason":"x","criteria":"Claim?","channel":{"type":"websocket"}}`
	tryHook    = `{"resourceType":"Subscription","status":"requested","reason":"x","criteria":"Claim?","channel":{"type":"rest-hook","endpoint":"http://127.0.0.1:1/x"}}`
)

// The tries stand in their order: what one makes the next ones find.
var tries = []try{
	{"system/Patient.r", "GET", "/fhir/Patient/patient-02-1", "", 200, "", ""},
	{"system/Patient.s", "GET", "/fhir/Patient/patient-02-1", "", 403, "system/Patient.r", ""},
	{"user/Group.read", "GET", "/fhir/Patient/patient-02-1", "", 403, "user/Patient.r", ""},
	{"system/Patient.r", "GET", "/fhir/Patient/patient-02-1/_history/1", "", 200, "", ""},
	{"system/Patient.s", "GET", "/fhir/Patient/patient-02-1/_history/1", "", 403, "system/Patient.r", ""},
	{"system/Patient.r", "GET", "/fhir/Patient/patient-02-1/_history", "", 200, "", ""},
	{"system/Patient.r", "GET", "/fhir/Patient/_history", "", 403, "system/Patient.s", ""},
	{"system/Patient.rs", "GET", "/fhir/_history", "", 403, "system/*.s", ""},
	{"system/*.rs", "GET", "/fhir/_history?_count=1", "", 200, "", ""},

	{"system/Patient.s", "GET", "/fhir/Patient?_count=1", "", 200, "", ""},
	{"system/Patient.r", "GET", "/fhir/Patient?_count=1", "", 403, "system/Patient.s", ""},
	{"system/Patient.rs", "GET", "/fhir?_type=Patient,Group", "", 403, "system/Group.s", ""},
	{"system/Patient.rs", "GET", "/fhir?_lastUpdated=ge2020-01-01", "", 403, "system/*.s", ""},
	{"system/Patient.rs", "GET", "/fhir/Patient?general-practitioner:Organization.name=a", "", 403, "system/Organization.s", ""},
	{"system/Patient.rs system/Organization.s", "GET", "/fhir/Patient?general-practitioner:Organization.name=a", "", 200, "", ""},
	{"system/Patient.rs", "GET", "/fhir/Patient?_has:Group:member:_id=x", "", 403, "system/Group.s", ""},
	{"system/Patient.rs", "GET", "/fhir/Patient?_list=x", "", 403, "system/List.s", ""},
	{"system/Patient.rs", "GET", "/fhir/Patient?_filter=" + "general-practitioner.name%20eq%20%22a%22", "", 403, "", ""},
	{"system/Patient.rs", "GET", "/fhir/Group/family-02/Patient", "", 0, "", `"resourceType":"Group"`},
	{"system/Patient.rs", "GET", "/fhir/Patient/patient-02-1/Claim", "", 403, "system/Claim.s", ""},
	{"system/Patient.rs", "GET", "/fhir/Patient/patient-02-1/*", "", 403, "system/*.s", ""},
	{"system/Group.rs", "GET", "/fhir/Group?_id=family-02&_include=Group:member", "", 200, "no scope to read: Patient", `"resourceType":"Patient"`},
	{"system/Group.rs system/Patient.r", "GET", "/fhir/Group?_id=family-02&_include=Group:member", "", 200, `"resourceType":"Patient"`, "no scope"},
	{"system/Patient.rs", "GET", "/fhir/Patient?_id=patient-02-1&_revinclude=Group:member", "", 403, "system/Group.s", ""},
	{"system/Patient.rs", "GET", "/fhir/Patient?_id=patient-02-1&_revinclude=*", "", 200, "no scope to read: ", `"resourceType":"Group"`},
	{"system/Patient.rs", "GET", "/fhir/Patient?_contained=true&_id=x", "", 403, "system/*.s", ""},
	{"system/Patient.rs", "GET", "/fhir/Patient/patient-02-1/$everything", "", 200, "no scope to read: ", `"resourceType":"Coverage"`},
	{"system/Patient.s", "GET", "/fhir/Patient/patient-02-1/$everything", "", 403, "system/Patient.r", ""},
	{"system/*.rs", "GET", "/fhir/Patient/patient-02-1/$everything", "", 200, `"resourceType":"Coverage"`, "no scope"},

	{"system/Patient.ruds", "POST", "/fhir/Patient", tryPatient, 403, "system/Patient.c", ""},
	{"system/Patient.c", "POST", "/fhir/Patient", tryPatient, 201, "", ""},
	{"system/Patient.c", "PUT", "/fhir/Patient/scoped", tryPatient, 403, "system/Patient.u", ""},
	{"system/Patient.u", "PUT", "/fhir/Patient/scoped", tryPatient, 201, "", ""},
	{"system/Patient.c", "PUT", "/fhir/Patient?_id=scoped", tryPatient, 403, "system/Patient.s", ""},
	{"system/Patient.us", "PUT", "/fhir/Patient?_id=scoped", tryPatient, 200, "", ""},
	{"system/Patient.rs", "PATCH", "/fhir/Patient/scoped", `[{"op":"add","path":"/active","value":true}]`, 403, "system/Patient.u", ""},
	{"user/Patient.write", "PATCH", "/fhir/Patient/scoped", `[{"op":"add","path":"/active","value":true}]`, 200, "", ""},
	{"system/Patient.us", "PATCH", "/fhir/Patient/scoped", `[{"op":"test","path":"/active","value":true}]`, 200, "", "Scoped"},
	{"system/Patient.rus", "PATCH", "/fhir/Patient/scoped", `[{"op":"test","path":"/active","value":true}]`, 200, "Scoped", ""},
	{"system/Claim.cruds", "PATCH", "/fhir/Patient/scoped", `[{"op":"test","path":"/active","value":false}]`, 403, "system/Patient.u", ""},
	{"system/Claim.cruds", "PATCH", "/fhir/Patient/nobody", `[{"op":"test","path":"/active","value":false}]`, 403, "system/Patient.u", ""},
	{"system/Claim.cruds", "DELETE", "/fhir/Patient/nobody", "", 403, "system/Patient.d", ""},
	{"system/Patient.cs", "POST", "/fhir", tryThere, 200, `"status":"200 OK"`, "Scoped"},
	{"system/Patient.crs", "POST", "/fhir", tryThere, 200, "Scoped", ""},
	{"system/Patient.us", "POST", "/fhir", tryNothing, 200, `"status":"200 OK"`, "Scoped"},
	{"system/Patient.cru", "DELETE", "/fhir/Patient/scoped", "", 403, "system/Patient.d", ""},
	{"system/Patient.d", "DELETE", "/fhir/Patient?_id=scoped", "", 403, "system/Patient.s", ""},
	{"system/Patient.d", "DELETE", "/fhir/Patient/scoped", "", 204, "", ""},
	{"system/Observation.c", "POST", "/fhir/Observation", `{"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"Patient?_id=patient-02-1"}}`, 403, "system/Patient.s", ""},

	{"system/Location.c", "POST", "/fhir", strings.Replace(tryTransact, "%", "transaction", 1), 403, "system/Patient.r", ""},
	{"system/Patient.r", "POST", "/fhir", strings.Replace(tryTransact, "%", "transaction", 1), 403, "system/Location.c", ""},
	{"system/Location.c system/Patient.r", "POST", "/fhir", strings.Replace(tryTransact, "%", "transaction", 1), 200, "patient-02-1", ""},
	{"system/Location.c", "POST", "/fhir", strings.Replace(tryTransact, "%", "batch", 1), 200, "system/Patient.r", `"family"`},

	{"system/Claim.rs", "POST", "/fhir/Claim/$submit", `{"resourceType":"Claim"}`, 403, "system/Claim.c", ""},
	{"system/Claim.c", "POST", "/fhir/Claim/$submit", `{"resourceType":"Claim"}`, 400, "", "scope"},
	{"system/Claim.cr", "POST", "/fhir/Claim/x/$cancel", "", 403, "system/Claim.u", ""},
	{"system/Patient.cud", "POST", "/fhir/Patient/$merge", `{"resourceType":"Parameters"}`, 403, "system/Patient.ru", ""},
	{"system/Patient.ru", "POST", "/fhir/Patient/$merge", `{"resourceType":"Parameters"}`, 400, "", "scope"},
	{"system/Patient.cru", "POST", "/fhir/Patient/patient-02-1/$purge", "", 403, "system/Patient.d", ""},
	{"system/Claim.cruds", "POST", "/fhir/$reindex", `{"resourceType":"Parameters"}`, 403, "system/*.cud", ""},
	{"system/Patient.cs", "GET", "/fhir/Patient/patient-02-1/$meta", "", 403, "system/Patient.r", ""},
	{"system/Subscription.cruds", "POST", "/fhir/Subscription", tryHook, 403, "system/Claim.r", ""},
	{"system/Subscription.cruds system/Claim.read", "POST", "/fhir/Subscription", tryHook, 201, "", ""},
	{"system/*.cruds", "PUT", "/fhir/Subscription/scoped-ws", trySocket, 201, "", ""},
	{"system/Subscription.rs", "POST", "/fhir/Subscription/scoped-ws/$get-ws-binding-token", "", 403, "system/Claim.r", ""},
	{"system/Claim.rs", "POST", "/fhir/Subscription/scoped-ws/$get-ws-binding-token", "", 403, "system/Subscription.r", ""},
	{"system/Subscription.rs system/Claim.read", "POST", "/fhir/Subscription/scoped-ws/$get-ws-binding-token", "", 200, "token", ""},

	{"system/Claim.read", "GET", "/api/api_fhir_r4/Patient/", "", 403, "system/Patient.s", ""},
	{"system/Claim.read", "GET", "/api/api_fhir/Patient/?identifier=x", "", 403, "system/Patient.s", ""},
	{"", "GET", "/fhir/Patient/patient-02-1", "", 200, "", ""},
	{"", "PUT", "/fhir/Patient/unscoped", strings.Replace(tryPatient, `"scoped"`, `"unscoped"`, 1), 201, "", ""},
}

// A token does what its scopes grant, and nothing else.
func TestScopes(t *testing.T) {
	o := connecttest.Options{Accounts: []connecttest.Account{{Name: "root", Password: "correct horse", Roles: []fhir.Role{fhir.RoleAdministrator}}}}
	connecttest.Each(t, o, func(t *testing.T, w *connecttest.World) {
		tokens := map[string]string{}
		for _, c := range tries {
			if tokens[c.scopes] == "" {
				tokens[c.scopes] = tokenFor(t, w, c.scopes)
			}
			header := http.Header{"Authorization": {"Bearer " + tokens[c.scopes]}}
			if c.method == http.MethodPatch {
				header.Set("Content-Type", "application/json-patch+json")
			}
			if c.path == "/fhir" {
				header.Set("Prefer", "return=representation")
			}
			a := w.Do(c.method, c.path, header, []byte(c.body))
			text := string(a.Body)
			if c.want != 0 && a.Status != c.want || !strings.Contains(text, c.names) || c.hides != "" && strings.Contains(text, c.hides) {
				t.Errorf("%s: %s %s: HTTP %d, want %d with %q and without %q: %.600s", c.scopes, c.method, c.path, a.Status, c.want, c.names, c.hides, text)
			}
			if a.Status == http.StatusForbidden && !bytes.Contains(a.Body, []byte("OperationOutcome")) {
				t.Errorf("%s: %s %s: refused without an outcome: %.300s", c.scopes, c.method, c.path, text)
			}
		}
		scopedLater(t, w)
		scopedSale(t, w)
		scopedTold(t, w)
		scopedPeers(t, w)
	})
}

// scopedLater asks for what is done later: it keeps to the scopes it was asked with,
// and shows its answer to no token of others.
func scopedLater(t *testing.T, w *connecttest.World) {
	t.Helper()
	bearer := func(scopes string) http.Header {
		return http.Header{"Authorization": {"Bearer " + tokenFor(t, w, scopes)}, "Prefer": {"respond-async"}}
	}
	asked := map[string]string{}
	for _, scopes := range []string{"system/Patient.rs", "system/Group.rs"} {
		a := w.Do(http.MethodGet, "/fhir/Patient?_id=patient-02-1", bearer(scopes), nil)
		if a.Status != http.StatusAccepted {
			t.Fatalf("HTTP %d %s", a.Status, a.Body)
		}
		asked[scopes] = strings.TrimPrefix(a.Header.Get("Content-Location"), w.URL)
	}
	for scopes, want := range map[string]string{"system/Patient.rs": "patient-02-1", "system/Group.rs": "system/Patient.s"} {
		var a *connecttest.Answer
		w.Until("the answer is there", func() bool {
			a = w.Do(http.MethodGet, asked[scopes], bearer(scopes), nil)
			return a.Status != http.StatusAccepted
		})
		if a.Status != http.StatusOK || !bytes.Contains(a.Body, []byte(want)) {
			t.Errorf("%s: HTTP %d %s", scopes, a.Status, a.Body)
		}
	}
	if a := w.Do(http.MethodGet, asked["system/Patient.rs"], bearer("system/Group.rs"), nil); a.Status != http.StatusNotFound {
		t.Errorf("another token of the account: HTTP %d %s", a.Status, a.Body)
	}
	if a := w.Do(http.MethodGet, asked["system/Patient.rs"], nil, nil); a.Status != http.StatusOK {
		t.Errorf("the account itself: HTTP %d %s", a.Status, a.Body)
	}
}

// scopedSale sells a policy by openIMIS's API to a client that may not look whether it
// was sold before: nothing is sold, however often he asks.
func scopedSale(t *testing.T, w *connecttest.World) {
	t.Helper()
	sale, err := os.ReadFile("../testdata/peers/openimis/contract.json")
	if err != nil {
		t.Fatal(err)
	}
	others := "system/Group.rs system/Patient.rs system/InsurancePlan.rs system/Practitioner.rs"
	header := http.Header{"Authorization": {"Bearer " + tokenFor(t, w, "system/Contract.cru "+others)}, "Content-Type": {"application/json"}}
	for range 2 {
		if a := w.Do(http.MethodPost, "/api/api_fhir_r4/Contract/", header, sale); a.Status != http.StatusForbidden || !bytes.Contains(a.Body, []byte("system/Contract.s")) {
			t.Errorf("HTTP %d %s", a.Status, a.Body)
		}
	}
	if got := w.Node(w.Do(http.MethodGet, "/fhir/Contract?subject=Group/family-40&_total=accurate", nil, nil)).Get("total").Text(); got != "0" {
		t.Errorf("%s policies were sold", got)
	}
	// Nor is a policy made for a person alone, where nobody can tell his family.
	header.Set("Authorization", "Bearer "+tokenFor(t, w, "system/Contract.crus system/PaymentReconciliation.c "+strings.TrimPrefix(others, "system/Group.rs ")))
	person := strings.NewReplacer("Group/family-40", "Patient/patient-34-1", `"Group"`, `"Patient"`, "patient-40-", "patient-34-", "RE-184", "RE-186").Replace(string(sale))
	if a := w.Do(http.MethodPost, "/api/api_fhir_r4/Contract/", header, []byte(person)); a.Status != http.StatusNotFound || !bytes.Contains(a.Body, []byte("subject")) {
		t.Errorf("HTTP %d %s", a.Status, a.Body)
	}
	// Nor is he told that it is done who may not see whether it is in force.
	header.Set("Authorization", "Bearer "+tokenFor(t, w, "system/Contract.cus system/PaymentReconciliation.c "+others))
	if a := w.Do(http.MethodPost, "/api/api_fhir_r4/Contract/", header, sale); a.Status != http.StatusForbidden || !bytes.Contains(a.Body, []byte("system/Contract.r")) {
		t.Errorf("HTTP %d %s", a.Status, a.Body)
	}
}

// scopedTold asks what the server says of scopes.
func scopedTold(t *testing.T, w *connecttest.World) {
	t.Helper()
	discovery := string(w.Do(http.MethodGet, "/fhir/.well-known/smart-configuration", nil, nil).Body)
	for _, want := range []string{`"private_key_jwt"`, `"ES384"`, `"permission-v1"`, `"permission-v2"`, `"system/*.cruds"`, `"client-confidential-asymmetric"`} {
		if !strings.Contains(discovery, want) {
			t.Errorf("the configuration has no %s: %s", want, discovery)
		}
	}
	said := w.Node(w.Do(http.MethodGet, "/fhir/metadata", nil, nil)).Get("rest").First().At("security", "description").Text()
	if !strings.Contains(said, "scopes") {
		t.Errorf("metadata says %q", said)
	}
}
