package openmrstest_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"bima/connect/openmrs/openmrstest"
)

const (
	merge  = "application/merge-patch+json"
	fhir   = "application/fhir+json"
	number = "http://emr.example.org/id/insurance"
)

// emr is an OpenMRS with one patient.
func emr(t *testing.T, change func(*openmrstest.Options)) (*openmrstest.Server, string) {
	t.Helper()
	o := openmrstest.Options{
		Users: map[string]string{"bima": "secret", "colon": "a:b"}, Clients: map[string]string{"bima": "s3cret"},
		AttributeTypes: []string{"Insurance status"}, IdentifierTypes: []string{"Insurance number", "OpenMRS ID"},
		IdentifierSystems: map[string]string{number: "Insurance number"}, Concepts: []string{"urn:concepts|decision"},
	}
	if change != nil {
		change(&o)
	}
	s := openmrstest.New(o)
	return s, s.Admit("Asha", "Juma", map[string]string{"Insurance number": "070100001018", "OpenMRS ID": "100GEJ"})
}

// ask sends a request as the user bima; it gives the status and the answer.
func ask(t *testing.T, s http.Handler, method, path, media, body string, change ...func(*http.Request)) (int, map[string]any) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, openmrstest.Path+path, strings.NewReader(body))
	r.SetBasicAuth("bima", "secret")
	if media != "" {
		r.Header.Set("Content-Type", media)
	}
	for _, c := range change {
		c(r)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	var answer map[string]any
	if w.Body.Len() > 0 {
		if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
			t.Fatalf("%s %s: %v in %s", method, path, err, w.Body)
		}
	}
	return w.Code, answer
}

func attribute(name, value string) string {
	return `{"url":"http://fhir.openmrs.org/ext/person-attribute","extension":[{"url":"http://fhir.openmrs.org/ext/person-attribute-type","valueString":"` + name + `"},{"url":"http://fhir.openmrs.org/ext/person-attribute-value","valueString":"` + value + `"}]}`
}

func TestWhoIsLetIn(t *testing.T) {
	s, uuid := emr(t, nil)
	as := func(user, password string) func(*http.Request) {
		return func(r *http.Request) { r.SetBasicAuth(user, password) }
	}
	for _, c := range []struct {
		name, path string
		who        func(*http.Request)
		want       int
	}{
		{"a user", "/Patient/" + uuid, as("bima", "secret"), 200},
		{"a wrong password", "/Patient/" + uuid, as("bima", "other"), 401},
		{"nobody", "/Patient/" + uuid, func(r *http.Request) { r.Header.Del("Authorization") }, 401},
		{"nobody reads what the server can do", "/metadata", func(r *http.Request) { r.Header.Del("Authorization") }, 200},
		{"a password with a colon is cut short, and wrong", "/Patient/" + uuid, as("colon", "a:b"), 401},
		{"a token that nobody gave", "/Patient/" + uuid, func(r *http.Request) { r.Header.Set("Authorization", "Bearer x") }, 401},
	} {
		if got, _ := ask(t, s, "GET", c.path, "", "", c.who); got != c.want {
			t.Errorf("%s: HTTP %d, want %d", c.name, got, c.want)
		}
	}
}

func TestTokens(t *testing.T) {
	s, uuid := emr(t, nil)
	token := func(id, secret, form string) (int, map[string]any) {
		r := httptest.NewRequestWithContext(t.Context(), "POST", openmrstest.TokenPath, strings.NewReader(form))
		r.SetBasicAuth(id, secret)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		var answer map[string]any
		_ = json.Unmarshal(w.Body.Bytes(), &answer)
		return w.Code, answer
	}
	if got, _ := token("bima", "wrong", "grant_type=client_credentials"); got != 401 {
		t.Errorf("a wrong secret: HTTP %d", got)
	}
	if got, _ := token("bima", "s3cret", "grant_type=password"); got != 400 {
		t.Errorf("another grant: HTTP %d", got)
	}
	got, answer := token("bima", "s3cret", "grant_type=client_credentials")
	value, _ := answer["access_token"].(string)
	bearer := func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+value) }
	if read, _ := ask(t, s, "GET", "/Patient/"+uuid, "", "", bearer); got != 200 || read != 200 {
		t.Errorf("a token: HTTP %d, by it %d", got, read)
	}
	s.Revoke()
	if read, _ := ask(t, s, "GET", "/Patient/"+uuid, "", "", bearer); read != 401 {
		t.Errorf("a token that was revoked: HTTP %d", read)
	}
}

// What other servers can do and fhir2 can't.
func TestWhatIsNotThere(t *testing.T) {
	s, uuid := emr(t, nil)
	for _, c := range []struct {
		name, method, path, body string
		want                     int
	}{
		{"no Coverage", "POST", "/Coverage", `{"resourceType":"Coverage"}`, 404},
		{"no ClaimResponse", "PUT", "/ClaimResponse/1", `{"resourceType":"ClaimResponse","id":"1"}`, 404},
		{"no Communication", "POST", "/Communication", `{"resourceType":"Communication"}`, 404},
		{"no transaction at the base", "POST", "/", `{"resourceType":"Bundle","type":"transaction"}`, 400},
		{"a PUT makes nothing", "PUT", "/Task/mine", `{"resourceType":"Task","id":"mine","status":"requested","intent":"order"}`, 404},
		{"no conditional update", "PUT", "/Patient?identifier=1", `{"resourceType":"Patient"}`, 400},
		{"a Practitioner is not written", "POST", "/Practitioner", `{"resourceType":"Practitioner"}`, 405},
		{"another resource than the path says", "PUT", "/Patient/" + uuid, `{"resourceType":"Task"}`, 400},
	} {
		if got, _ := ask(t, s, c.method, c.path, fhir, c.body); got != c.want {
			t.Errorf("%s: HTTP %d, want %d", c.name, got, c.want)
		}
	}
	// A conditional create is a create.
	body := `{"resourceType":"Task","status":"requested","intent":"order"}`
	for range 2 {
		if got, _ := ask(t, s, "POST", "/Task", fhir, body, func(r *http.Request) { r.Header.Set("If-None-Exist", "status=requested") }); got != 201 {
			t.Errorf("If-None-Exist: HTTP %d", got)
		}
	}
	if got := len(s.Tasks()); got != 2 {
		t.Errorf("If-None-Exist made %d Tasks, want 2", got)
	}
}

func TestAPatchHasExactlyItsMediaType(t *testing.T) {
	s, uuid := emr(t, nil)
	body := `{"extension":[` + attribute("Insurance status", "active") + `]}`
	for media, want := range map[string]int{
		merge: 200, merge + "; charset=utf-8": 400, merge + ";charset=UTF-8": 400, fhir: 400, "application/json": 400, "": 400,
	} {
		if got, _ := ask(t, s, "PATCH", "/Patient/"+uuid, media, body); got != want {
			t.Errorf("%q: HTTP %d, want %d", media, got, want)
		}
	}
	if got, _ := ask(t, s, "PATCH", "/Patient/"+uuid, "application/json-patch+json", `[{"op":"add","path":"/extension/-","value":`+attribute("Insurance status", "expired")+`}]`); got != 200 {
		t.Errorf("a JSON Patch: HTTP %d", got)
	}
}

func TestPersonAttributes(t *testing.T) {
	s, uuid := emr(t, nil)
	patch := func(parts ...string) int {
		status, _ := ask(t, s, "PATCH", "/Patient/"+uuid, merge, `{"extension":[`+strings.Join(parts, ",")+`]}`)
		return status
	}
	for _, value := range []string{"active", "active", "expired"} {
		if got := patch(attribute("Insurance status", value)); got != 200 {
			t.Fatalf("%s: HTTP %d", value, got)
		}
	}
	if got := strings.Join(s.History(uuid, "Insurance status"), " "); got != "active expired" {
		t.Errorf("the same value again changes nothing, another voids it: %s", got)
	}
	if got := patch(attribute("Insurance colour", "red")); got != 200 || s.Attributes(uuid)["Insurance colour"] != "" {
		t.Errorf("an unknown type: HTTP %d, %v; it is dropped without a word", got, s.Attributes(uuid))
	}
	if got := patch(); got != 200 || s.Attributes(uuid)["Insurance status"] != "expired" {
		t.Errorf("nothing is taken away: HTTP %d, %v", got, s.Attributes(uuid))
	}
	if at, over := patch(attribute("Insurance status", strings.Repeat("é", 50))), patch(attribute("Insurance status", strings.Repeat("é", 51))); at != 200 || over != 500 {
		t.Errorf("50 and 51 characters: HTTP %d and %d", at, over)
	}
	old, uuid := emr(t, func(o *openmrstest.Options) { o.Deaf = true })
	if got, _ := ask(t, old, "PATCH", "/Patient/"+uuid, merge, `{"extension":[`+attribute("Insurance status", "active")+`]}`); got != 200 || len(old.Attributes(uuid)) != 0 {
		t.Errorf("fhir2 before 2.6: HTTP %d, %v", got, old.Attributes(uuid))
	}
}

// A PUT of a whole Patient adds: its names are there twice.
func TestAPutAdds(t *testing.T) {
	s, uuid := emr(t, nil)
	status, answer := ask(t, s, "PUT", "/Patient/"+uuid, fhir, `{"resourceType":"Patient","id":"`+uuid+`","name":[{"family":"Juma","given":["Asha"]}]}`)
	names, _ := answer["name"].([]any)
	identifiers, _ := answer["identifier"].([]any)
	if status != 200 || len(names) != 2 || len(identifiers) != 2 {
		t.Errorf("HTTP %d, %d names, %d identifiers; want the name twice and what was left out kept", status, len(names), len(identifiers))
	}
}

func TestIdentifiers(t *testing.T) {
	s, uuid := emr(t, func(o *openmrstest.Options) { o.IdentifierTypes = append(o.IdentifierTypes, "Old number") })
	for _, c := range []struct {
		name, identifier string
		want             int
	}{
		{"of an unmapped system is gone", `{"system":"urn:other","value":"1"}`, 2},
		{"of an unmapped system is gone, with a type too", `{"system":"urn:other","type":{"text":"Old number"},"value":"2"}`, 2},
		{"of an unknown type is gone", `{"type":{"text":"Passport"},"value":"3"}`, 2},
		{"of a type is kept", `{"type":{"text":"Old number"},"value":"4"}`, 3},
		{"of a mapped system is kept", `{"system":"` + number + `","value":"5"}`, 4},
	} {
		_, answer := ask(t, s, "PATCH", "/Patient/"+uuid, merge, `{"identifier":[`+c.identifier+`]}`)
		if got, _ := answer["identifier"].([]any); len(got) != c.want {
			t.Errorf("%s: %d identifiers, want %d", c.name, len(got), c.want)
		}
	}
}

func TestPatientsAreFoundByIdentifier(t *testing.T) {
	s, uuid := emr(t, nil)
	s.Admit("Asha", "Juma", map[string]string{"OpenMRS ID": "070100001018"})
	for query, want := range map[string]int{
		"identifier=070100001018": 2, "identifier=" + url.QueryEscape(number+"|070100001018"): 1,
		"identifier=" + url.QueryEscape("urn:other|070100001018"): 0, "identifier=1": 0,
		"identifier=" + url.QueryEscape("1,"+number+"|070100001018"): 1, "_id=" + uuid: 1,
	} {
		_, answer := ask(t, s, "GET", "/Patient?"+query, "", "")
		if got, _ := answer["entry"].([]any); len(got) != want {
			t.Errorf("%s: %d, want %d", query, len(got), want)
		}
	}
}

func TestTasksMindTheTables(t *testing.T) {
	s, _ := emr(t, nil)
	task := func(more string) string {
		return `{"resourceType":"Task","status":"requested","intent":"order"` + more + `}`
	}
	long := func(n int) string { return strings.Repeat("é", n) }
	for _, c := range []struct {
		name, body string
		want       int
	}{
		{"status and intent", task(""), 201},
		{"no status", `{"resourceType":"Task","intent":"order"}`, 422},
		{"no intent", `{"resourceType":"Task","status":"requested"}`, 422},
		{"a reference with its type", task(`,"for":{"type":"Patient","reference":"Patient/1"}`), 201},
		{"a patient without", task(`,"for":{"reference":"Patient/1"}`), 500},
		{"an owner without", task(`,"owner":{"reference":"Practitioner/1"}`), 500},
		{"what it is based on, without", task(`,"basedOn":[{"type":"Claim","reference":"Claim/1"},{"reference":"Claim/2"}]`), 500},
		{"a reference of 255 characters", task(`,"basedOn":[{"type":"Claim","reference":"` + long(255) + `"}]`), 201},
		{"a reference of 256", task(`,"basedOn":[{"type":"Claim","reference":"` + long(256) + `"}]`), 500},
		{"a note of 255 characters", task(`,"note":[{"text":"` + long(255) + `"}]`), 201},
		{"a note of 256", task(`,"note":[{"text":"` + long(256) + `"}]`), 500},
		{"an output without a type", task(`,"output":[{"valueString":"x"}]`), 500},
	} {
		if got, _ := ask(t, s, "POST", "/Task", fhir, c.body); got != c.want {
			t.Errorf("%s: HTTP %d, want %d", c.name, got, c.want)
		}
	}
}

func TestTasksDropWhatHasNoPlace(t *testing.T) {
	s, _ := emr(t, nil)
	_, made := ask(t, s, "POST", "/Task", fhir, `{"resourceType":"Task","id":"mine","status":"requested","intent":"order","identifier":[{"system":"urn:us","value":"1"}],"description":"x","priority":"urgent","statusReason":{"text":"x"},
		"code":{"coding":[{"system":"urn:concepts","code":"other"}]},"note":[{"text":"first"},{"text":"second"}]}`)
	for _, gone := range []string{"description", "priority", "statusReason", "code"} {
		if made[gone] != nil {
			t.Errorf("%s is kept: %v", gone, made[gone])
		}
	}
	identifiers, _ := json.Marshal(made["identifier"])
	if id, _ := made["id"].(string); id == "mine" || !strings.Contains(string(identifiers), id) || strings.Contains(string(identifiers), "urn:us") {
		t.Errorf("id %v, identifier %s; want its uuid and nothing else", made["id"], identifiers)
	}
	if notes, _ := made["note"].([]any); len(notes) != 1 {
		t.Errorf("notes %v, want the first", notes)
	}
	if _, made := ask(t, s, "POST", "/Task", fhir, `{"resourceType":"Task","status":"requested","intent":"order","code":{"coding":[{"system":"urn:concepts","code":"decision"}]}}`); made["code"] == nil {
		t.Error("a code with a concept is not kept")
	}
}

func TestPages(t *testing.T) {
	s, _ := emr(t, nil)
	for range 25 {
		ask(t, s, "POST", "/Task", fhir, `{"resourceType":"Task","status":"requested","intent":"order"}`)
	}
	entries := func(answer map[string]any) int { all, _ := answer["entry"].([]any); return len(all) }
	_, answer := ask(t, s, "GET", "/Task?status=requested", "", "")
	if got := entries(answer); got != 10 {
		t.Errorf("a page has %d Tasks by default, want 10", got)
	}
	links, _ := answer["link"].([]any)
	next, _ := links[0].(map[string]any)["url"].(string)
	if _, second := ask(t, s, "GET", "?"+next[strings.Index(next, "?")+1:], "", ""); entries(second) != 10 {
		t.Errorf("the next page has %d Tasks, want 10", entries(second))
	}
	for range 30 {
		ask(t, s, "GET", "/Task?status=requested", "", "")
	}
	if got, _ := ask(t, s, "GET", "?"+next[strings.Index(next, "?")+1:], "", ""); got != 410 {
		t.Errorf("a link that is too old: HTTP %d, want 410", got)
	}
	if _, all := ask(t, s, "GET", "/Task?_count=1000", "", ""); entries(all) != 25 {
		t.Errorf("%d Tasks on a page of a hundred, want 25", entries(all))
	}
}

// Earlier versions of fhir2 look for the bare id in what holds the whole URL.
func TestBasedOn(t *testing.T) {
	const on = "https://insurer.example.org/fhir/ClaimResponse/1"
	body := `{"resourceType":"Task","status":"requested","intent":"order","basedOn":[{"type":"ClaimResponse","reference":"` + on + `"}]}`
	for literal, want := range map[bool]int{false: 1, true: 0} {
		s, _ := emr(t, func(o *openmrstest.Options) { o.Literal = literal })
		ask(t, s, "POST", "/Task", fhir, body)
		_, answer := ask(t, s, "GET", "/Task?based-on="+url.QueryEscape(on), "", "")
		if got, _ := answer["entry"].([]any); len(got) != want {
			t.Errorf("literal %v: %d found, want %d", literal, len(got), want)
		}
	}
}
