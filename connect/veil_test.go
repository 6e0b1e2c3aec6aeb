package connect_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"bima/connect/connecttest"
	"bima/fhir"
)

// Two claims and what leads to them: "hid" of facility-1, where the reviewer Inside
// works as well, and "vis" of facility-2. What is hidden says so.
const (
	veilPeople = `{"resource":{"resourceType":"Practitioner","id":"inside","active":true},"request":{"method":"PUT","url":"Practitioner/inside"}},
{"resource":{"resourceType":"PractitionerRole","id":"inside-reviews","active":true,"practitioner":{"reference":"Practitioner/inside"},"code":[{"coding":[{"system":"https://bima.example/fhir/CodeSystem/scheme-role","code":"medical-reviewer"}]}]},"request":{"method":"PUT","url":"PractitionerRole/inside-reviews"}},
{"resource":{"resourceType":"PractitionerRole","id":"inside-works","active":true,"practitioner":{"reference":"Practitioner/inside"},"organization":{"reference":"Organization/facility-1"}},"request":{"method":"PUT","url":"PractitionerRole/inside-works"}}`

	veilClaim = `"identifier":[{"system":"urn:veil","value":"NUMBER-{x}"}],"status":"active","type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/claim-type","code":"professional"}]},"subType":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB"}]},"use":"claim","patient":{"reference":"Patient/patient-02-1"},"billablePeriod":{"start":"2026-02-2{n}","end":"2026-02-2{n}"},"created":"2026-02-26","provider":{"reference":"Organization/facility-{n}"},"facility":{"reference":"Location/site-facility-{n}"},"priority":{"coding":[{"code":"normal"}]},"diagnosis":[{"sequence":1,"diagnosisCodeableConcept":{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10","code":"B50.9"}],"text":"SECRET {x}"}}],"insurance":[{"sequence":1,"focal":true,"coverage":{"reference":"Coverage/coverage-02-1"}}],"supportingInfo":[{"sequence":1,"category":{"text":"letter"},"valueReference":{"reference":"DocumentReference/doc-{x}"}}],"item":[{"sequence":1,"diagnosisSequence":[1],"productOrService":{"coding":[{"system":"https://bima.example/fhir/CodeSystem/service","code":"S-101"}]},"servicedDate":"2026-02-2{n}","quantity":{"value":1},"unitPrice":{"value":2000,"currency":"TZS"}}]`
)

// veilLeads are what leads to a claim, by the type and its members.
var veilLeads = [][2]string{
	{"Binary", `"contentType":"text/plain","data":"U0VDUkVU"`},
	{"DocumentReference", `"status":"current","content":[{"attachment":{"contentType":"text/plain","url":"Binary/binary-{x}"}}],"description":"SECRET {x}"`},
	{"Claim", veilClaim},
	{"Communication", `"status":"completed","about":[{"reference":"Claim/claim-{x}"}],"subject":{"reference":"Patient/patient-02-1"},"payload":[{"contentString":"SECRET {x}"}]`},
	{"CommunicationRequest", `"status":"active","about":[{"reference":"Claim/claim-{x}"}],"payload":[{"contentString":"SECRET {x}"}]`},
	{"Task", `"status":"requested","intent":"order","description":"SECRET {x}","focus":{"reference":"Claim/claim-{x}"}`},
	{"Provenance", `"target":[{"reference":"ClaimResponse/claim-{x}/_history/1"}],"recorded":"2026-03-01T00:00:00Z","agent":[{"who":{"display":"SECRET {x}"}}]`},
	{"AuditEvent", `"type":{"code":"rest"},"recorded":"2026-03-01T00:00:00Z","agent":[{"requestor":true,"name":"SECRET {x}"}],"source":{"observer":{"display":"us"}},"entity":[{"what":{"reference":"Claim/claim-{x}"}}]`},
	{"List", `"status":"current","mode":"working","title":"SECRET {x}","entry":[{"item":{"reference":"Claim/claim-{x}"}}]`},
	{"Basic", `"code":{"text":"SECRET {x}"},"subject":{"reference":"Claim/claim-{x}"}`},
	{"Composition", `"status":"final","type":{"text":"x"},"date":"2026-03-01","author":[{"display":"x"}],"title":"SECRET {x}","section":[{"entry":[{"reference":"Claim/claim-{x}"}]}]`},
	{"DetectedIssue", `"status":"final","implicated":[{"reference":"Claim/claim-{x}"}],"detail":"SECRET {x}"`},
	{"Observation", `"status":"final","code":{"text":"SECRET {x}"},"focus":[{"reference":"Claim/claim-{x}"}]`},
}

// veilID gives the id of one of them.
func veilID(typ, x string) string {
	if typ == "DocumentReference" {
		typ = "doc"
	}
	return strings.ToLower(typ) + "-" + x
}

// A veilAsk is a question: what becomes of it for Inside, and of how many matches
// there are for him and for an administrator; -1 is no total.
type veilAsk struct {
	method, path, body string
	status             int
	total, all         int
	sees               string // what is in the answer to Inside
	free               bool   // whether the administrator's answer needs no sign of what is hidden
}

func get(path string, total, all int, sees string) veilAsk {
	return veilAsk{"GET", path, "", 200, total, all, sees, false}
}

func gone(method, path, body string, status int) veilAsk {
	return veilAsk{method, path, body, status, -1, -1, "", true}
}

func bundleOf(kind, method, url string) string {
	return fmt.Sprintf(`{"resourceType":"Bundle","type":%q,"entry":[{"request":{"method":%q,"url":%q}}]}`, kind, method, url)
}

// veilAsks are the questions.
func veilAsks() []veilAsk {
	list := []veilAsk{
		get("Claim?identifier=urn:veil|", 1, 2, "claim-vis"),
		get("Claim?identifier=NUMBER-hid", 0, 1, ""),
		get("Claim?_id=claim-hid,claim-vis", 1, 2, "claim-vis"),
		get("Claim?patient=Patient/patient-02-1&_total=accurate", 1, 2, "claim-vis"),
		get("Claim?patient=Patient/patient-02-1&_total=estimate", 1, 2, "claim-vis"),
		get("Claim?patient=Patient/patient-02-1&_count=1", -1, -1, "claim-vis"),
		get("Claim?patient=Patient/patient-02-1&_sort=-created", 1, 2, "claim-vis"),
		get("Claim?patient=Patient/patient-02-1&_elements=diagnosis", 1, 2, "claim-vis"),
		get("Claim?provider=Organization/facility-1", 0, 1, ""),
		get("Claim?provider.name:missing=false&_total=accurate", 1, 2, "claim-vis"),
		get("Claim?provider:Organization.identifier:missing=true&_id=claim-hid", 0, 0, ""),
		get("Claim?_text=SECRET&_total=accurate", 0, 0, ""),
		get("Claim?_content=SECRET&_total=accurate", 1, 2, "claim-vis"),
		get("Claim?_list=list-hid", 0, 1, ""),
		get("Claim?_list=list-vis", 1, 1, "claim-vis"),
		get("Claim?_filter=identifier%20eq%20NUMBER-hid%20or%20identifier%20eq%20NUMBER-vis", 1, 2, "claim-vis"),
		get("Claim?_has:ClaimResponse:request:_id=claim-hid,claim-vis", 1, 2, "claim-vis"),
		get("Claim?attachment=DocumentReference/doc-hid", 0, 1, ""),
		get("ClaimResponse?request=Claim/claim-hid,Claim/claim-vis", 1, 2, "claim-vis"),
		get("ClaimResponse?request.identifier=NUMBER-hid,NUMBER-vis", 1, 2, "claim-vis"),
		get("ClaimResponse?requestor=Organization/facility-1", 0, 1, ""),
		get("Task?focus=Claim/claim-hid,Claim/claim-vis&status=requested", -1, -1, "claim-vis"),
		get("Task?focus:Claim.identifier=NUMBER-hid,NUMBER-vis&code:missing=true", 1, 2, "task-vis"),
		get("Task?_filter=focus%20re%20Claim/claim-hid", 0, 2, ""),
		get("Patient?_has:Claim:patient:identifier=NUMBER-hid", 0, 1, ""),
		get("Patient?_has:Claim:patient:identifier=NUMBER-vis", 1, 1, "patient-02-1"),
		get("Organization?_has:Claim:provider:identifier=urn:veil|", 1, 2, "facility-2"),
		get("Organization?_has:ClaimResponse:requestor:request.identifier=NUMBER-hid,NUMBER-vis", 1, 2, "facility-2"),
		get("Location?_has:Claim:facility:_has:Task:focus:status=requested", 1, 2, "facility-2"),
		get("Binary?_id=binary-hid,binary-vis", 1, 2, "binary-vis"),
		get("Patient?_id=patient-02-1&_revinclude=Claim:patient", 1, 1, "claim-vis"),
		get("Patient?_id=patient-02-1&_revinclude=Claim:patient&_revinclude:iterate=ClaimResponse:request&_revinclude:iterate=Task:focus&_revinclude:iterate=Provenance:target", 1, 1, "claim-vis"),
		get("Patient?_id=patient-02-1&_revinclude=*", 1, 1, "claim-vis"),
		get("Organization?_id=facility-1,facility-2&_revinclude=*", 2, 2, "claim-vis"),
		get("List?_id=list-hid,list-vis&_include=List:item&_include:iterate=*", 1, 2, "claim-vis"),
		get("Patient/patient-02-1/Claim", 1, 2, "claim-vis"),
		get("Patient/patient-02-1/Communication", 1, 2, "communication-vis"),
		get("Patient/patient-02-1/*?_count=200", -1, -1, "claim-vis"),
		get("?_type=Claim,ClaimResponse,Task,List&_id=claim-hid,claim-vis,task-hid,task-vis,list-hid,list-vis&_total=accurate", 4, 8, "claim-vis"),
		get("?_id=claim-hid,claim-vis,basic-hid,basic-vis&_total=accurate", -1, -1, "claim-vis"),
		get("?_content=SECRET&_count=100&_total=accurate", 13, 26, "claim-vis"),
		get("Claim/_history?_count=100&_total=accurate", 1, 2, "claim-vis"),
		get("ClaimResponse/_history?_count=100&_total=accurate", -1, -1, "claim-vis"),
		get("Claim/_history?_list=list-vis&_total=accurate", 1, 1, "claim-vis"),
		get("_history?_count=500", -1, -1, "claim-vis"),
		get("Claim/_history?_count=0", 1, 2, ""),
		get("Claim/claim-vis/_history", 1, 1, "claim-vis"),
		get("Patient/patient-02-1/$everything", -1, -1, "claim-vis"),
		get("Patient/patient-02-1/$everything?_type=Claim,ClaimResponse,Communication", -1, -1, "claim-vis"),
		get("Task/$review-queue?count=50", -1, -1, ""),
		get("Claim?_contained=both&identifier=urn:veil|", -1, -1, "claim-vis"),
		get("Task?_contained=true&_containedType=container", -1, -1, ""),
		get("Patient?_has:Claim:patient:provider=Organization/facility-1", 0, 1, ""),
		get("Claim?patient.identifier:missing=false&identifier:not=NUMBER-vis&_total=accurate", 0, 1, ""),
		get("DocumentReference?_has:Claim:attachment:identifier=NUMBER-hid,NUMBER-vis", 1, 2, "doc-vis"),
		get("Claim?_id=claim-hid,claim-vis&_summary=text", 1, 2, "claim-vis"),
		get("CommunicationRequest?about=Claim/claim-hid,Claim/claim-vis", 1, 2, "communicationrequest-vis"),
		get("Task?_has:Provenance:target:_id=provenance-hid", 0, 0, ""),
		get("ClaimResponse?_has:Provenance:target:_id=provenance-hid,provenance-vis", 1, 2, "claim-vis"),
		{"POST", "Claim/_search", "identifier=urn:veil|", 200, 1, 2, "claim-vis", false},
		{"POST", "Patient/_search", "_has:Claim:patient:identifier=NUMBER-hid", 200, 0, 1, "", false},
		{"POST", "", bundleOf("batch", "GET", "Claim/claim-hid"), 200, -1, -1, "404", false},
		{"POST", "", bundleOf("batch", "GET", "Claim?identifier=urn:veil|"), 200, -1, -1, "claim-vis", false},
		{"POST", "", bundleOf("batch", "GET", "Claim/claim-hid/_history/1"), 200, -1, -1, "404", false},
		{"POST", "", bundleOf("batch", "GET", "Patient/patient-02-1/$everything"), 200, -1, -1, "claim-vis", false},
		{"POST", "", bundleOf("transaction", "GET", "Claim?identifier=urn:veil|"), 200, -1, -1, "claim-vis", false},
		{"POST", "", bundleOf("transaction", "GET", "Patient/patient-02-1/$everything"), 200, -1, -1, "claim-vis", false},
		gone("POST", "", bundleOf("transaction", "GET", "Claim/claim-hid"), 404),
		gone("POST", "", bundleOf("transaction", "GET", "Claim/claim-hid/$signals"), 404),
		gone("GET", "Claim/claim-hid/_history/1", "", 404),
		gone("GET", "Claim/claim-hid/_history", "", 404),
		gone("HEAD", "Claim/claim-hid", "", 404),
		gone("GET", "Claim/claim-hid/$signals", "", 404),
		gone("GET", "Claim/claim-hid/$meta", "", 404),
		gone("GET", "Claim/claim-hid/$validate", "", 404),
		gone("POST", "Claim/claim-hid/$validate", `{"resourceType":"Parameters","parameter":[{"name":"mode","valueCode":"delete"}]}`, 404),
		gone("POST", "Claim/claim-hid/$request-review", `{"resourceType":"Parameters","parameter":[{"name":"reason","valueString":"x"}]}`, 404),
		gone("POST", "Claim/claim-hid/$request-feedback", "", 404),
		gone("POST", "Claim/claim-hid/$cancel", "", 404),
		gone("PATCH", "Task/task-hid", `[{"op":"test","path":"/description","value":"no"}]`, 404),
		gone("PATCH", "Task?focus=Claim/claim-hid&status=requested", `[{"op":"test","path":"/description","value":"no"}]`, 404),
		gone("PUT", "Basic/basic-hid", `{"resourceType":"Basic","id":"basic-hid","code":{"text":"mine"}}`, 403),
		gone("DELETE", "Basic/basic-hid", "", 204),
		gone("DELETE", "Basic?code:text=SECRET%20hid", "", 204),
		gone("POST", "Basic", `{"resourceType":"Basic","code":{"text":"x"},"subject":{"reference":"Claim?identifier=NUMBER-hid"}}`, 0),
		gone("POST", "Subscription", `{"resourceType":"Subscription","status":"requested","reason":"x","criteria":"Claim?","channel":{"type":"websocket"}}`, 403),
	}
	for _, lead := range veilLeads {
		typ := lead[0]
		list = append(list, gone("GET", typ+"/"+veilID(typ, "hid"), "", 404), gone("GET", typ+"/"+veilID(typ, "hid")+"/_history/1", "", 404),
			get(typ+"?_id="+veilID(typ, "hid")+","+veilID(typ, "vis")+"&_summary=count", 1, 2, ""), get(typ+"/"+veilID(typ, "vis"), -1, -1, ""))
		list[len(list)-1].free, list[len(list)-2].free = true, true
	}
	for _, typ := range []string{"ClaimResponse", "ExplanationOfBenefit"} {
		list = append(list, gone("GET", typ+"/claim-hid", "", 404), get(typ+"/claim-vis", -1, -1, "claim-vis"))
		list[len(list)-1].free = true
	}
	return list
}

// A reviewer is told nothing of the claims of a facility he works for, in whatever way
// he asks, and all of those of others; nor is he who has another job there, told less.
func TestAReviewerSeesNoClaimOfHisFacility(t *testing.T) {
	root := connecttest.Account{Name: "root", Password: "correct horse", Roles: []fhir.Role{fhir.RoleAdministrator}}
	inside := connecttest.Account{Name: "inside", Password: "battery staple", Roles: []fhir.Role{fhir.RoleReviewer, fhir.RoleIntegration}, Entity: "Practitioner/inside"}
	both := connecttest.Account{Name: "both", Password: "battery staple", Roles: []fhir.Role{fhir.RoleReviewer, fhir.RoleAdministrator}, Entity: "Practitioner/inside"}
	clerk := connecttest.Account{Name: "clerk", Password: "battery staple", Roles: []fhir.Role{fhir.RoleFacility}, Entity: "Practitioner/inside"}
	adds := connecttest.Account{Name: "adds", Password: "battery staple", Roles: []fhir.Role{fhir.RoleReviewer, fhir.RoleAccountant}, Entity: "Practitioner/inside"}
	o := connecttest.Options{Accounts: []connecttest.Account{root, inside, both, clerk, adds}}
	connecttest.Each(t, o, func(t *testing.T, w *connecttest.World) {
		veilWorld(t, w)
		for _, q := range veilAsks() {
			mine, theirs := q.as(w, inside), q.as(w, root)
			q.check(t, w, mine, theirs)
		}
		veilLater(t, w, inside)
		veilCopies(t, w, root, inside)
		veilAlike(t, w, inside)
		const simulate = `{"resourceType":"Parameters","parameter":[{"name":"period","valuePeriod":{"start":"2026-02-01","end":"2026-02-28"}}]}`
		all := veilAsk{method: "POST", path: "InsurancePlan/$simulate", body: simulate}
		if a := all.as(w, adds); a.Status != http.StatusForbidden || !strings.Contains(string(a.Body), "hidden from you") {
			t.Errorf("a reviewer of a facility goes through all claims: HTTP %d %.300s", a.Status, a.Body)
		}
		if a := all.as(w, both); a.Status == http.StatusForbidden {
			t.Errorf("an administrator does not: HTTP %d %.300s", a.Status, a.Body)
		}
		for _, other := range []connecttest.Account{both, clerk} {
			if a := get("Claim?identifier=urn:veil|", 2, 2, "").as(w, other); !strings.Contains(string(a.Body), `"total":2`) {
				t.Errorf("%s is not shown all: %.300s", other.Name, a.Body)
			}
		}
		veilCorrects(t, w, inside)
		veilDeleted(t, w, root, inside)
	})
}

// veilCopies asks for a stored Bundle, which may hold copies of claims.
func veilCopies(t *testing.T, w *connecttest.World, root, inside connecttest.Account) {
	t.Helper()
	const path = "Bundle/copies"
	const body = `{"resourceType":"Bundle","id":"copies","type":"collection","entry":[{"fullUrl":"urn:uuid:5b1d4c0e-3c0f-4d6a-9b1e-0a4c2f7d8e11","resource":{"resourceType":"Basic","code":{"text":"SECRET hid"}}}]}`
	if a := (veilAsk{method: "PUT", path: path, body: body}).as(w, root); a.Status != http.StatusCreated {
		t.Fatalf("HTTP %d %s", a.Status, a.Body)
	}
	for _, c := range []struct {
		who    connecttest.Account
		status int
		total  string
	}{{root, http.StatusOK, `"total":1`}, {inside, http.StatusNotFound, `"total":0`}} {
		if a := (veilAsk{method: "GET", path: path}).as(w, c.who); a.Status != c.status {
			t.Errorf("%s reads a stored Bundle: HTTP %d %s", c.who.Name, a.Status, a.Body)
		}
		if a := (veilAsk{method: "GET", path: "Bundle?_id=copies"}).as(w, c.who); !strings.Contains(string(a.Body), c.total) {
			t.Errorf("%s looks for stored Bundles: %s", c.who.Name, a.Body)
		}
	}
}

// veilAlike compares what is said of what is hidden with what is said of what is not
// there.
func veilAlike(t *testing.T, w *connecttest.World, who connecttest.Account) {
	t.Helper()
	const tag = `{"resourceType":"Parameters","parameter":[{"name":"meta","valueMeta":{"tag":[{"code":"x"}]}}]}`
	for _, q := range []veilAsk{
		gone("GET", "Claim/{id}", "", 0), gone("GET", "Claim/{id}/_history", "", 0), gone("GET", "Claim/{id}/_history/1", "", 0),
		gone("GET", "Claim/{id}/$signals", "", 0), gone("GET", "Claim/{id}/$meta", "", 0), gone("POST", "Claim/{id}/$meta-add", tag, 0),
		gone("POST", "Claim/{id}/$cancel", "", 0), gone("POST", "Claim/{id}/$reprocess", "", 0), gone("POST", "Claim/{id}/$purge", "", 0),
		gone("PATCH", "Claim/{id}", `[]`, 0), gone("DELETE", "Claim/{id}", "", 0), gone("GET", "ClaimResponse/{id}/$meta", "", 0),
	} {
		said := map[string]string{}
		for _, id := range []string{"claim-hid", "claim-none"} {
			ask := q
			ask.path = strings.Replace(q.path, "{id}", id, 1)
			a := ask.as(w, who)
			said[id] = strings.ReplaceAll(fmt.Sprint(a.Status, " ", string(a.Body)), id, "ID")
		}
		if said["claim-hid"] != said["claim-none"] {
			t.Errorf("%s %s tells %s from %s", q.method, q.path, said["claim-hid"], said["claim-none"])
		}
	}
	for _, code := range []string{"medical-review", "appeal"} {
		said := map[string]string{}
		for _, id := range []string{"claim-hid", "claim-none"} {
			a := veilAsk{method: "POST", path: "Task", body: `{"resourceType":"Task","status":"requested","intent":"order","code":{"coding":[{"system":"https://bima.example/fhir/CodeSystem/task","code":"` + code + `"}]},"focus":{"reference":"Claim/` + id + `"},"requester":{"reference":"Organization/facility-1"}}`}.as(w, who)
			if said[id] = strings.ReplaceAll(fmt.Sprint(a.Status, " ", string(a.Body)), id, "ID"); a.Status != http.StatusUnprocessableEntity {
				t.Errorf("a Task of the code %s by hand: HTTP %d %s", code, a.Status, a.Body)
			}
		}
		if said["claim-hid"] != said["claim-none"] {
			t.Errorf("a Task of the code %s by hand tells %s from %s", code, said["claim-hid"], said["claim-none"])
		}
	}
}

// veilCorrects sends claims of the other facility that take the place of what is hidden,
// and of what is not there.
func veilCorrects(t *testing.T, w *connecttest.World, who connecttest.Account) {
	t.Helper()
	for i, relationship := range []string{`"https://bima.example/fhir/CodeSystem/claim-relationship","code":"corrects"`, `"http://terminology.hl7.org/CodeSystem/ex-relatedclaimrelationship","code":"prior"`} {
		said := map[string]string{}
		for _, id := range []string{"claim-hid", "claim-none"} {
			number := fmt.Sprint("quotes-", i, "-", id)
			claim := strings.NewReplacer("{x}", number, "{n}", "2").Replace(veilClaim)
			body := `{"resourceType":"Claim","related":[{"claim":{"reference":"Claim/` + id + `"},"relationship":{"coding":[{"system":` + relationship + `}]}}],` + claim + `}`
			a := veilAsk{method: "POST", path: "Claim/$submit", body: body}.as(w, who)
			if said[id] = fmt.Sprint(a.Status); a.Status != http.StatusOK {
				said[id] += " " + strings.ReplaceAll(string(a.Body), id, "ID")
			}
		}
		if said["claim-hid"] != said["claim-none"] {
			t.Errorf("a claim that quotes one (%s) tells %s from %s", relationship, said["claim-hid"], said["claim-none"])
		}
	}
}

// veilDeleted deletes the hidden claim: what leads to it stays hidden.
func veilDeleted(t *testing.T, w *connecttest.World, root, inside connecttest.Account) {
	t.Helper()
	if a := (veilAsk{method: "DELETE", path: "Claim/claim-hid"}).as(w, root); a.Status != http.StatusNoContent {
		t.Fatalf("HTTP %d %s", a.Status, a.Body)
	}
	for _, typ := range []string{"Communication", "CommunicationRequest", "Task", "Provenance", "AuditEvent", "List", "Composition", "DetectedIssue", "Observation", "ClaimResponse", "ExplanationOfBenefit"} {
		hid, vis := veilID(typ, "hid"), veilID(typ, "vis")
		if strings.HasPrefix(typ, "Claim") || typ == "ExplanationOfBenefit" {
			hid, vis = "claim-hid", "claim-vis"
		}
		a := get(typ+"?_id="+hid+","+vis, 1, -1, "").as(w, inside)
		if total := w.Node(a).Get("total").Text(); a.Status != http.StatusOK || total != "1" || shows(w, a) || !strings.Contains(string(a.Body), `"id":"`+vis+`"`) {
			t.Errorf("%s: once its claim is deleted, %s of what is about it are found: HTTP %d %.2000s", typ, total, a.Status, a.Body)
		}
	}
}

// veilLater asks for what is done later, in the name of who asked.
func veilLater(t *testing.T, w *connecttest.World, who connecttest.Account) {
	t.Helper()
	request := http.Request{Header: http.Header{}}
	request.SetBasicAuth(who.Name, who.Password)
	later := request.Header.Clone()
	later.Set("Prefer", "respond-async")
	for _, path := range []string{"/fhir/Claim?identifier=urn:veil|", "/fhir/Patient/patient-02-1/$everything"} {
		a := w.Do(http.MethodGet, path, later, nil)
		if a.Status != http.StatusAccepted {
			t.Fatalf("%s: HTTP %d %s", path, a.Status, a.Body)
		}
		at := strings.TrimPrefix(a.Header.Get("Content-Location"), w.URL)
		w.Until("the answer is there", func() bool {
			a = w.Do(http.MethodGet, at, request.Header, nil)
			return a.Status != http.StatusAccepted
		})
		if a.Status != http.StatusOK || !strings.Contains(string(a.Body), "claim-vis") || shows(w, a) || strings.Contains(string(a.Body), "SECRET hid") {
			t.Errorf("%s: HTTP %d %.2000s", path, a.Status, a.Body)
		}
	}
}

// veilWorld stores the two claims with what leads to them.
func veilWorld(t *testing.T, w *connecttest.World) {
	t.Helper()
	entries := []string{veilPeople}
	for x, n := range map[string]string{"hid": "1", "vis": "2"} {
		for _, lead := range veilLeads {
			typ, id := lead[0], veilID(lead[0], x)
			body := strings.NewReplacer("{x}", x, "{n}", n).Replace(lead[1])
			entries = append(entries, fmt.Sprintf(`{"resource":{"resourceType":%q,"id":%q,%s},"request":{"method":"PUT","url":"%s/%s"}}`, typ, id, body, typ, id))
		}
	}
	a := w.Do(http.MethodPost, "/fhir", nil, []byte(`{"resourceType":"Bundle","type":"transaction","entry":[`+strings.Join(entries, ",")+`]}`))
	if a.Status != http.StatusOK {
		t.Fatalf("HTTP %d %s", a.Status, a.Body)
	}
	for _, x := range []string{"hid", "vis"} {
		a := w.Do(http.MethodPost, "/fhir/Claim/claim-"+x+"/$request-review", nil, []byte(`{"resourceType":"Parameters","parameter":[{"name":"reason","valueString":"SECRET `+x+`"},{"name":"reviewer","valueReference":{"reference":"PractitionerRole/reviewer-1"}}]}`))
		if a.Status != http.StatusCreated {
			t.Fatalf("HTTP %d %s", a.Status, a.Body)
		}
		w.Until("the claim is explained", func() bool {
			return w.Do(http.MethodGet, "/fhir/ExplanationOfBenefit/claim-"+x, nil, nil).Status == http.StatusOK
		})
	}
}

// as asks as an account.
func (q veilAsk) as(w *connecttest.World, a connecttest.Account) *connecttest.Answer {
	request := http.Request{Header: http.Header{}}
	request.SetBasicAuth(a.Name, a.Password)
	header := request.Header
	header.Set("Accept", "application/fhir+json")
	switch {
	case strings.HasSuffix(q.path, "_search"):
		header.Set("Content-Type", "application/x-www-form-urlencoded")
	case q.method == http.MethodPatch:
		header.Set("Content-Type", "application/json-patch+json")
	}
	if q.free && a.Name == "root" && q.method != http.MethodGet {
		return nil // it would change what is asked about
	}
	var body []byte
	if q.body != "" {
		body = []byte(q.body)
	}
	path := "/fhir/" + q.path
	if q.path == "" || strings.HasPrefix(q.path, "?") {
		path = "/fhir" + q.path
	}
	return w.Do(q.method, path, header, body)
}

// check compares the answers with what is right.
func (q veilAsk) check(t *testing.T, w *connecttest.World, mine, theirs *connecttest.Answer) {
	t.Helper()
	what, text := q.method+" "+q.path+" "+q.body, string(mine.Body)
	if q.status != 0 && mine.Status != q.status {
		t.Errorf("%.200s: HTTP %d, want %d: %.400s", what, mine.Status, q.status, text)
	}
	if strings.Contains(text, "SECRET hid") || strings.Contains(text, "-hid") && shows(w, mine) || !strings.Contains(text, q.sees) {
		t.Errorf("%.200s: shows what is hidden, or not %q: HTTP %d %.3000s", what, q.sees, mine.Status, text)
	}
	if theirs == nil || q.method == http.MethodHead {
		return
	}
	if !q.free && (theirs.Status != http.StatusOK || q.all != 0 && q.total != q.all && !strings.Contains(string(theirs.Body), "hid") && !strings.Contains(q.path, "count") && !strings.Contains(q.path, "_has")) {
		t.Errorf("%.200s: an administrator is not shown all: HTTP %d %.600s", what, theirs.Status, theirs.Body)
	}
	for a, want := range map[*connecttest.Answer]int{mine: q.total, theirs: q.all} {
		if got := w.Node(a).Get("total").Text(); want >= 0 && got != fmt.Sprint(want) {
			t.Errorf("%.200s: the total is %s, want %d: %.600s", what, got, want, a.Body)
		}
	}
}

// shows reports whether an answer tells of what is hidden in what it found: its links
// and outcomes say what was asked.
func shows(w *connecttest.World, a *connecttest.Answer) bool {
	if a.Status >= http.StatusBadRequest {
		return false
	}
	for entry := range w.Node(a).Get("entry").Each() {
		r := entry.Get("resource")
		if r.Get("resourceType").Text() == "Bundle" {
			for within := range r.Get("entry").Each() {
				if strings.Contains(string(within.Raw()), "-hid") {
					return true
				}
			}
		} else if strings.Contains(string(r.Raw()), "-hid") || strings.Contains(entry.Get("fullUrl").Text(), "-hid") {
			return true
		}
	}
	return false
}
