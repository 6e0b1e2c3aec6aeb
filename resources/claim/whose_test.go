package claim_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"bima/connect/connecttest"
	"bima/fhir"
)

// accounts are those of two facilities, of a clerk and a doctor of the first, and of
// who is free.
var accounts = []connecttest.Account{
	{Name: "admin", Password: "pass-word-admin-1", Roles: []fhir.Role{fhir.RoleAdministrator}},
	{Name: "hospital", Password: "pass-word-hospital-1", Roles: []fhir.Role{fhir.RoleFacility}, Entity: "Organization/facility-2"},
	{Name: "clerk", Password: "pass-word-clerk-1", Roles: []fhir.Role{fhir.RoleFacility}, Entity: "Practitioner/clerk"},
	{Name: "desk", Password: "pass-word-desk-1", Roles: []fhir.Role{fhir.RoleFacility}, Entity: "PractitionerRole/clerk"},
	{Name: "neighbour", Password: "pass-word-neighbour-1", Roles: []fhir.Role{fhir.RoleFacility}, Entity: "Organization/facility-1"},
	{Name: "stranger", Password: "pass-word-stranger-1", Roles: []fhir.Role{fhir.RoleFacility}, Entity: "Practitioner/stranger"},
	{Name: "house", Password: "pass-word-house-1", Roles: []fhir.Role{fhir.RoleIntegration}, Entity: "Organization/facility-1"},
	{Name: "reviewer", Password: "pass-word-reviewer-1", Roles: []fhir.Role{fhir.RoleReviewer, fhir.RoleEnrolmentOfficer, fhir.RoleAccountant}},
	{Name: "anybody", Password: "pass-word-anybody-1", Roles: []fhir.Role{fhir.RoleFacility}},
}

// A callers world is asked by accounts.
type callers struct {
	*connecttest.World
	t *testing.T
}

// by sends a request as an account.
func (w callers) by(name, method, path, body string) *connecttest.Answer {
	header := http.Header{"Content-Type": {"application/fhir+json"}}
	if method == http.MethodPatch {
		header.Set("Content-Type", "application/json-patch+json")
	}
	for _, a := range accounts {
		if a.Name == name {
			header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(a.Name+":"+a.Password)))
		}
	}
	return w.Do(method, "/fhir/"+path, header, []byte(body))
}

// is checks an answer's status, and of 403 that it says where and why.
func (w callers) is(what string, a *connecttest.Answer, status int) fhir.Node {
	w.t.Helper()
	n := w.Node(a)
	if a.Status != status {
		w.t.Errorf("%s: HTTP %d, want %d: %.300s", what, a.Status, status, a.Body)
	}
	if issue := n.Get("issue").First(); status == 403 && (issue.Get("code").Text() != "forbidden" || issue.Get("expression").First().Text() != "Claim.provider") {
		w.t.Errorf("%s: refused by %s", what, a.Body)
	}
	return n
}

// A facility sends, changes and asks about its own claims, and those of no other.
func TestAFacilityClaimsForItself(t *testing.T) {
	connecttest.Each(t, connecttest.Options{Accounts: accounts, Empty: true}, func(t *testing.T, world *connecttest.World) {
		w := callers{world, t}
		const provider = `"type":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/organization-type","code":"prov"}]}],`
		scheme := strings.NewReplacer(`"id": "facility-2",`, `"id": "facility-2",`+provider, "https://bima.example/fhir/id/insurance-number", "urn:number").Replace(string(file(t, "scheme.json")))
		w.is("the scheme", w.by("admin", "POST", "", scheme), 200)
		for _, r := range []string{
			`{"resourceType":"Organization","id":"facility-1","active":true,"identifier":[{"system":"urn:f","value":"F-1"}]}`,
			`{"resourceType":"Practitioner","id":"clerk"}`, `{"resourceType":"Practitioner","id":"doctor"}`, `{"resourceType":"Practitioner","id":"stranger"}`,
			`{"resourceType":"PractitionerRole","id":"clerk","practitioner":{"reference":"Practitioner/clerk"},"organization":{"reference":"Organization/facility-2"}}`,
			`{"resourceType":"PractitionerRole","id":"doctor","practitioner":{"reference":"Practitioner/doctor"},"organization":{"reference":"Organization/facility-2"}}`,
			`{"resourceType":"PractitionerRole","id":"guest","practitioner":{"reference":"Practitioner/doctor"},"organization":{"reference":"Organization/facility-1"}}`,
			`{"resourceType":"Location","id":"ward","managingOrganization":{"reference":"Organization/facility-2"}}`,
			`{"resourceType":"Location","id":"theirs","managingOrganization":{"reference":"Organization/house-3"}}`,
		} {
			n := (&bench{TB: t}).tree(r)
			w.is(r, w.by("admin", "PUT", n.Get("resourceType").Text()+"/"+n.Get("id").Text(), r), 201)
		}
		number := 0
		claim := func(changes ...string) string {
			number++
			return string((&bench{TB: t}).claim(append([]string{"C-2026-001001", fmt.Sprintf("W-%d", number)}, changes...)...))
		}
		w.submits(claim)
		w.changes(claim)
		w.asks(claim)
		w.works(claim)
	})
}

// works has accounts say who works where, and claims for a facility that one has left.
func (w callers) works(claim func(...string) string) {
	role := func(more, person, facility string) string {
		return `{"resourceType":"PractitionerRole","id":"made",` + more + `"practitioner":{"reference":"Practitioner/` + person + `"},"organization":{"reference":"Organization/` + facility + `"}}`
	}
	const ward = `{"resourceType":"Location","id":"ward","managingOrganization":{"reference":"Organization/facility-2"}}`
	device := func(owner string) string {
		return `{"resourceType":"Device","id":"made","owner":{"reference":"Organization/` + owner + `"}}`
	}
	for _, c := range []struct {
		who, path, body string
		status          int
	}{
		{"stranger", "PractitionerRole/made", role("", "stranger", "facility-2"), 403},
		{"neighbour", "PractitionerRole/made", role("", "stranger", "facility-2"), 403},
		{"neighbour", "PractitionerRole/clerk", role("", "clerk", "facility-1"), 403},
		{"desk", "PractitionerRole/clerk", role("", "clerk", "facility-1"), 403},
		{"neighbour", "Device/made", device("facility-2"), 403},
		{"hospital", "Device/made", device("facility-2"), 201},
		{"neighbour", "Device/made", device("facility-1"), 403},
		{"neighbour", "Location/ward", strings.Replace(ward, "facility-2", "facility-1", 1), 403},
		{"neighbour", "Location/ward", `{"resourceType":"Location","id":"ward"}`, 403},
		{"hospital", "Location/ward", strings.Replace(ward, `"managing`, `"name":"Ward","managing`, 1), 200},
		{"clerk", "PractitionerRole/made", role("", "stranger", "facility-2"), 201},
	} {
		body := strings.Replace(c.body, `"made"`, `"`+c.path[strings.Index(c.path, "/")+1:]+`"`, 1)
		if a := w.by(c.who, "PUT", c.path, body); a.Status != c.status {
			w.t.Errorf("%s puts %s: HTTP %d, want %d: %.300s", c.who, body, a.Status, c.status, a.Body)
		}
	}
	if a := w.by("reviewer", "POST", "Claim", claim()); a.Status != 403 || !strings.Contains(string(a.Body), "sends none") {
		w.t.Errorf("who decides on claims sends one: HTTP %d: %.300s", a.Status, a.Body)
	}
	w.is("a new colleague", w.by("stranger", "POST", "Claim", claim()), 201)
	for _, ended := range []string{`"active":false,`, `"period":{"end":"2020-12-31"},`, `"period":{"start":"2999-01-01"},`} {
		if a := w.by("admin", "PUT", "PractitionerRole/made", role(ended, "stranger", "facility-2")); a.Status != 200 {
			w.t.Errorf("HTTP %d: %s", a.Status, a.Body)
		}
		w.is("who has left: "+ended, w.by("stranger", "POST", "Claim", claim()), 403)
	}
}

// submits sends claims in each account's name, by each way.
func (w callers) submits(claim func(...string) string) {
	const own = `"reference": "Organization/facility-2"`
	at := func(place string) []string {
		return []string{own, `"reference": "Practitioner/doctor"`, `"created"`, `"facility":{"reference":"Location/` + place + `"},"created"`}
	}
	for _, c := range []struct {
		who, what string
		status    int
		changes   []string
	}{
		{"hospital", "its own", 201, nil},
		{"hospital", "its own by its number", 201, []string{own, `"identifier":{"system":"https://bima.example/fhir/id/facility","value":"F-2"}`}},
		{"hospital", "its doctor's role", 201, []string{own, `"reference": "PractitionerRole/doctor"`}},
		{"hospital", "its doctor, at its ward", 201, at("ward")},
		{"hospital", "its doctor, at another's", 403, at("theirs")},
		{"hospital", "the doctor's role elsewhere", 403, []string{own, `"reference": "PractitionerRole/guest"`}},
		{"hospital", "another's", 403, []string{own, `"reference": "Organization/facility-1"`}},
		{"hospital", "another's by its number", 403, []string{own, `"identifier":{"system":"urn:f","value":"F-1"}`}},
		{"hospital", "nobody's", 403, []string{own, `"reference": "Organization/nowhere"`}},
		{"hospital", "a draft of another's", 403, []string{own, `"reference": "Organization/facility-1"`, `"status": "active"`, `"status": "draft"`}},
		{"clerk", "the facility he works for", 201, nil},
		{"desk", "the facility the role is at", 201, nil},
		{"neighbour", "another's", 403, nil},
		{"stranger", "a facility he does not work for", 403, nil},
		{"house", "one of many", 201, nil},
		{"anybody", "no account's", 201, nil},
		{"admin", "any", 201, nil},
	} {
		w.is(c.who+" posts for "+c.what, w.by(c.who, "POST", "Claim", claim(c.changes...)), c.status)
	}
	w.is("a neighbour submits", w.by("neighbour", "POST", "Claim/$submit", claim()), 403)
	batch := `{"resourceType":"Bundle","type":"batch","entry":[{"resource":` + claim() + `,"request":{"method":"POST","url":"Claim"}},{"resource":` + claim(own, `"reference": "Organization/facility-1"`) + `,"request":{"method":"POST","url":"Claim"}}]}`
	var got []string
	for e := range w.is("both", w.by("neighbour", "POST", "Claim/$submit", batch), 200).Get("entry").Each() {
		got = append(got, e.At("response", "status").Text())
	}
	if want := "403 Forbidden 201 Created"; strings.Join(got, " ") != want {
		w.t.Errorf("a batch of both is answered by %s, want %s", got, want)
	}
}

// changes has a claim changed, withdrawn, decided anew and appealed about by others.
func (w callers) changes(claim func(...string) string) {
	n := w.is("a claim", w.by("hospital", "POST", "Claim", claim()), 201)
	id := n.Get("id").Text()
	own := string(n.Raw())
	theirs := strings.Replace(own, "Organization/facility-2", "Organization/facility-1", 1)
	reprocess := `{"resourceType":"Task","status":"completed","intent":"order","code":{"coding":[{"system":"https://bima.example/fhir/CodeSystem/task","code":"reprocess"}]},"focus":{"reference":"Claim/` + id + `"}}`
	patch := `[{"op":"replace","path":"/status","value":"cancelled"}]`
	for _, c := range []struct{ what, method, path, body string }{
		{"change", "PUT", "Claim/" + id, strings.Replace(own, "100000", "90000", -1)},
		{"take", "PUT", "Claim/" + id, theirs},
		{"patch", "PATCH", "Claim/" + id, patch},
		{"delete", "DELETE", "Claim/" + id, ""},
		{"cancel", "POST", "Claim/" + id + "/$cancel", because("mine")},
		{"reprocess", "POST", "Claim/" + id + "/$reprocess", because("mine")},
		{"correct", "POST", "Claim/" + id + "/$reprocess", theirs},
		{"appeal about", "POST", "Claim/" + id + "/$appeal", because("mine")},
		{"have decided anew", "POST", "Task", reprocess},
	} {
		w.is("a neighbour may not "+c.what, w.by("neighbour", c.method, c.path, c.body), 403)
	}
	w.is("nor is it given away", w.by("hospital", "PUT", "Claim/"+id, theirs), 403)
	w.is("the hospital has it decided anew", w.by("hospital", "POST", "Claim/"+id+"/$reprocess", own), 200)
	w.is("by a Task, too", w.by("clerk", "POST", "Task", reprocess), 201)
	w.is("appeals", w.by("clerk", "POST", "Claim/"+id+"/$appeal", because("too little")), 201)
	w.is("and withdraws it", w.by("desk", "POST", "Claim/"+id+"/$cancel", because("wrong")), 200)
}

// asks for a claim in several names.
func (w callers) asks(claim func(...string) string) {
	n := w.is("a claim", w.by("hospital", "POST", "Claim", claim()), 201)
	value := n.Get("identifier").First().Get("value").Text()
	for who, parts := range map[string]int{"hospital": 8, "clerk": 8, "house": 8, "admin": 8, "neighbour": 1, "stranger": 1} {
		for _, query := range []string{"identifier=" + value, "claim=" + n.Get("id").Text()} {
			a := w.is(who, w.by(who, "GET", "Claim/$inquire?"+query, ""), 200)
			if got := a.Get("parameter").First().Get("part").Len(); got != parts {
				w.t.Errorf("%s is told %d things by %s, want %d", who, got, query, parts)
			}
		}
	}
}

// tree parses a resource.
func (b *bench) tree(body string) fhir.Node {
	b.Helper()
	doc, err := fhir.Parse([]byte(body))
	if err != nil {
		b.Fatal(err)
	}
	return doc.Root()
}
