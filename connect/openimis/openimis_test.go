package openimis_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"bima/connect/connecttest"
	"bima/fhir"
)

func TestClientsOfOpenIMIS(t *testing.T) {
	connecttest.Each(t, options, func(t *testing.T, w *connecttest.World) {
		c := login(t, w)
		for _, part := range []struct {
			name string
			test func(client)
		}{
			{"whoever logs in wrongly is told so", loginFails},
			{"the registers are read page by page", registers},
			{"places, facilities, officers and administrators", places},
			{"the app for claims sends a claim", claimOfTheApp},
			{"a claim by uuids, of an emergency", claimByUUID},
			{"a rejected claim has no total", rejected},
			{"a claim that waits is told as it was asked, then as a reviewer said", reviewed},
			{"a claim of more services than one search may ask about", manyServices},
			{"the register of services is not written here", registerIsRead},
			{"what is read and sent back is as it was", roundTrip},
			{"a claim is found by its code, and by its patient", claimsFound},
			{"cover is asked about", eligibility},
			{"a person founds a family, another joins it", enrol},
			{"a patient is found by his number, in a Bundle", patients},
			{"feedback of CHT and of the app for policies", feedback},
			{"CHT subscribes to Claim and is told of decisions", subscription},
			{"OpenFn reads with format=json", openFn},
			{"a policy is sold with its premium, once", policySold},
			{"a policy is sold idle, paid by a PaymentNotice, and that taken back", policyPaid},
			{"what can't be sold or paid is refused in words", policyRefused},
			{"pages follow one another at the cost of one each", pagesFollow},
			{"each type of openIMIS's base is served or refused in words", eachType},
			{"errors are told where these clients look", errorsAreTold},
			{"the token is good at the FHIR API, too", tokenAtBase},
		} {
			t.Run(part.name, func(t *testing.T) { part.test(client{t, w, c.token}) })
		}
	})
}

func loginFails(c client) {
	for body, status := range map[string]int{
		`{"username":"cht","password":"wrong"}`:       401,
		`{"username":"nobody","password":"whatever"}`: 401,
		`{"username":"cht"}`:                          400,
		`no JSON`:                                     400,
	} {
		a := c.w.Do(http.MethodPost, base+"login/", http.Header{"Content-Type": {"application/json"}}, []byte(body))
		if a.Status != status || c.w.Node(a).Get("token").Exists() {
			c.Errorf("%s: HTTP %d %s, want %d", body, a.Status, a.Body, status)
		}
	}
}

func registers(c client) {
	for typ, want := range map[string]int{"Medication": 20, "ActivityDefinition": 40} {
		codes := map[string]bool{}
		for page := 1; ; page++ {
			b := c.get(typ + "/?_count=7&page-offset=" + string(rune('0'+page)))
			for e := range b.Get("entry").Each() {
				r := e.Get("resource")
				code := coded(r, "Code")
				codes[code] = true
				price := false
				for x := range r.Get("extension").Each() {
					price = price || strings.Contains(x.Get("url").Text(), "unit-price") && x.At("valueMoney", "value").Exists()
				}
				if r.Get("resourceType").Text() != typ || coded(r, "UUID") == "" || !price {
					c.Errorf("%s: %s", typ, r.Raw())
				}
				if date := r.Get("date").Text(); typ == "ActivityDefinition" && !strings.HasPrefix(date, "2025-01-01T00:00:00") {
					c.Errorf("the app can't read the date %q", date)
				}
				if named := r.At("code", "text").Text() + r.Get("title").Text(); named == "" {
					c.Errorf("no name: %s", r.Raw())
				}
			}
			if b.Get("total").Text() == "" || !strings.Contains(string(b.Get("link").Raw()), `"next"`) {
				break
			}
		}
		if len(codes) != want {
			c.Errorf("%d of %s, want %d", len(codes), typ, want)
		}
	}
	if d := c.get("CodeSystem/diagnosis"); d.Get("concept").Len() != 32 {
		c.Errorf("%d diagnoses", d.Get("concept").Len())
	}
	if r := c.get("Medication/D-101/"); coded(r, "Code") != "D-101" {
		c.Errorf("by id: %s", r.Raw())
	}
	if a := c.do(http.MethodGet, base+"Medication/S-101/", nil); a.Status != http.StatusNotFound {
		c.Errorf("a service is no Medication: HTTP %d", a.Status)
	}
}

func places(c client) {
	admins := c.get("Practitioner/?resourceType=ca")
	if admins.Get("total").Text() != "3" {
		c.Errorf("claim administrators: %s", admins.Raw())
	}
	for e := range admins.Get("entry").Each() {
		facility := ""
		for x := range e.Get("resource").Get("extension").Each() {
			if strings.HasSuffix(x.Get("url").Text(), "StructureDefinition/reference") {
				facility = x.At("valueReference", "identifier", "value").Text()
			}
		}
		if !strings.HasPrefix(facility, "SGR-") {
			c.Errorf("the facility of %s is %q", coded(e.Get("resource"), "Code"), facility)
		}
	}
	for path, want := range map[string]string{
		"Practitioner/?resourceType=eo":                "2",
		"Organization/?resourceType=prov":              "3",
		"Organization/?resourceType=ins":               "1",
		"Location/?physicalType=R":                     "1",
		"Location/?physicalType=si":                    "3",
		"Organization/?code=SGR-H01":                   "1",
		"Location/?refDate=2001-01-01":                 "15",
		"Location/?refEndDate=2001-01-01":              "0",
		"Location/?_lastUpdated=ge2001-01-01T00:00:00": "15",
		"Patient/?claimDateFrom=2099-01-01":            "0",
	} {
		if got := c.get(path).Get("total").Text(); got != want {
			c.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}

// amounts gives the totals by openIMIS's states.
func amounts(response fhir.Node) map[string]string {
	found := map[string]string{}
	for t := range response.Get("total").Each() {
		found[t.At("category", "coding").First().Get("code").Text()] = t.At("amount", "value").Text()
	}
	return found
}

// The consultation costs 5,000 and is the deductible; of 20 tablets at 40 the
// scheme pays nine tenths.
func claimOfTheApp(c client) {
	response := c.post("Claim/", "openimis/claim-app.json")
	if response.Get("resourceType").Text() != "ClaimResponse" || coded(response, "Code") != "CLM-0001" || coded(response, "UUID") != response.Get("id").Text() {
		c.Fatalf("%s", response.Raw())
	}
	got := amounts(response)
	for state, want := range map[string]string{"2": "5800", "4": "5800", "16": got["16"]} {
		if got[state] != want || want == "" {
			c.Errorf("total %s: %q, want %q", state, got[state], want)
		}
	}
	stored := c.w.Node(c.do(http.MethodGet, "/fhir/Claim/"+response.Get("id").Text(), nil))
	for _, x := range []struct{ what, got, want string }{
		{"the patient", stored.At("patient", "reference").Text(), "Patient/patient-01-1"},
		{"the enterer", stored.At("enterer", "reference").Text(), "Practitioner/claims-3"},
		{"TRAP: the total is what the lines come to", stored.At("total", "value").Text(), "5800"},
		{"TRAP: the currency $ is none", stored.At("total", "currency").Text(), ""},
		{"TRAP: the letter of guarantee", stored.Get("supportingInfo").First().Get("valueString").Text(), "G-4711"},
		{"the visit", stored.Get("subType").Code("https://openimis.github.io/openimis_fhir_r4_ig/CodeSystem/claim-visit-type"), "O"},
		{"the drug", stored.Get("item").First().Next().Get("productOrService").Code("https://bima.example/fhir/CodeSystem/service"), "D-101"},
		{"the diagnosis", stored.Get("diagnosis").First().Get("diagnosisCodeableConcept").Code("http://hl7.org/fhir/sid/icd-10"), "L02.9"},
	} {
		if x.got != x.want {
			c.Errorf("%s: got %q, want %q", x.what, x.got, x.want)
		}
	}
	if created := response.Get("created").Text(); len(created) != len(time.DateOnly) {
		c.Errorf("TRAP: CHT reads created as a day, not %q", created)
	}
	if again := c.post("Claim/", "openimis/claim-app.json"); again.Get("id").Text() != response.Get("id").Text() {
		c.Errorf("sent again it is another claim")
	}
}

func claimByUUID(c client) {
	response := c.post("Claim/", "openimis/claim-uuid.json")
	if code := response.At("type", "coding").First().Get("code").Text(); code != "E" {
		c.Errorf("the visit is %q", code)
	}
	item := response.Get("item").First()
	if ref := item.Get("extension").First(); !strings.Contains(string(item.Get("extension").Raw()), "ActivityDefinition/S-201") {
		c.Errorf("the line's service: %s", ref.Raw())
	}
	// What a line says of an explanation leads to it, however the client numbers them.
	response = c.post("Claim/", "openimis/claim-uuid.json", `"sequence": 1,
   "category": {
    "coding"`, `"sequence": 7, "category": {"coding"`, `"sequence": 1,
   "category": {
    "text"`, `"sequence": 1, "informationSequence": [7], "category": {"text"`, "CLM", "CLN")
	stored := c.w.Node(c.w.Do(http.MethodGet, "/fhir/Claim/"+response.Get("id").Text(), nil, nil))
	if info := stored.Get("supportingInfo").First().Get("sequence").Text(); info == "" || stored.Get("item").First().Get("informationSequence").First().Text() != info {
		c.Errorf("the line leads nowhere: %s", stored.Raw())
	}
}

func rejected(c client) {
	response := c.post("Claim/", "openimis/claim-app.json", "CLM-0001", "CLM-R", "S-101", "X-1", "D-101", "X-2")
	if response.Get("total").Exists() || response.Get("outcome").Text() != "complete" {
		c.Errorf("TRAP: clients know a rejected claim by its lack of a total: %s", response.Raw())
	}
	line := response.Get("item").First().Get("adjudication")
	if line.Len() != 1 || line.First().At("category", "coding").First().Get("code").Text() != "1" {
		c.Errorf("the line: %s", line.Raw())
	}
}

// stagesOf gives what a line is told of, stage by stage: "2: 3×100".
func stagesOf(line fhir.Node) string {
	var told []string
	for a := range line.Get("adjudication").Each() {
		told = append(told, a.At("category", "coding").First().Get("code").Text()+": "+a.Get("value").Text()+"×"+a.At("amount", "value").Text())
	}
	return strings.Join(told, " ")
}

// A claim of 5,000 and 20 × 40 waits for a reviewer, who approves 1 × 4,900 and
// 10 × 37, or nothing of the second line. Source: openIMIS's ClaimResponse: a
// checked claim has the stages 2 and 4, as asked; 4 is what was approved; what was
// asked for a rejected line counts in 2 alone.
func reviewed(c client) {
	told := func(what, path, lines, two, four string) {
		c.Helper()
		r := c.get(path)
		var each []string
		for line := range r.Get("item").Each() {
			each = append(each, line.Get("itemSequence").Text()+" "+stagesOf(line))
		}
		if got := strings.Join(each, "; "); !strings.HasPrefix(got, lines) {
			c.Errorf("%s: the lines are %q, want %q", what, got, lines)
		}
		if got := amounts(r); got["2"] != two || got["4"] != four {
			c.Errorf("%s: the totals are %v, want %s and %s", what, got, two, four)
		}
	}
	call := func(path, parameters string) fhir.Node {
		c.Helper()
		a := c.w.Do(http.MethodPost, "/fhir/"+path, nil, []byte(`{"resourceType":"Parameters","parameter":[`+parameters+`]}`))
		if a.Status >= 300 {
			c.Fatalf("%s: HTTP %d %s", path, a.Status, a.Body)
		}
		return c.w.Node(a)
	}
	for code, second := range map[string]struct{ words, line, four string }{
		"CLM-W": {`{"name":"quantity","valueDecimal":10},{"name":"price","valueMoney":{"value":37,"currency":"TZS"}}`, "2: 20×40 4: 10×37 8: ", "5270"},
		"CLM-X": {`{"name":"reject","valueBoolean":true},{"name":"reason","valueCode":"medical-officer"}`, "1: 20×40", "4900"},
	} {
		id := c.post("Claim/", "openimis/claim-app.json", "CLM-0001", code, "2026-03-10", "2026-03-0"+second.four[:1]).Get("id").Text()
		call("Claim/"+id+"/$request-review", `{"name":"reason","valueString":"Doubts."}`)
		told(code+" waits", "ClaimResponse/"+id+"/", "1 2: 1×5000 4: 1×5000; 2 2: 20×40 4: 20×40", "5800", "5800")
		task := c.w.Node(c.w.Do(http.MethodGet, "/fhir/Task?code=medical-review&focus=Claim/"+id, nil, nil)).Get("entry").First()
		call("Task/"+task.At("resource", "id").Text()+"/$review", `{"name":"reviewer","valueReference":{"reference":"PractitionerRole/reviewer-1"}},
			{"name":"line","part":[{"name":"sequence","valuePositiveInt":1},{"name":"price","valueMoney":{"value":4900,"currency":"TZS"}}]},
			{"name":"line","part":[{"name":"sequence","valuePositiveInt":2},`+second.words+`]}`)
		r := c.get("ClaimResponse/" + id)
		if got := stagesOf(r.Get("item").First().Next()); !strings.HasPrefix(got, second.line) {
			c.Errorf("%s: the second line is %q, want %q", code, got, second.line)
		}
		told(code+" is reviewed", "ClaimResponse/"+id, "1 2: 1×5000 4: 1×4900 8: ", "5800", second.four)
	}
}

func claimsFound(c client) {
	id := c.post("Claim/", "openimis/claim-app.json").Get("id").Text()
	for _, path := range []string{"Claim/" + id, "Claim/CLM-0001/", "ClaimResponse/CLM-0001/", "ClaimResponse/" + id} {
		if r := c.get(path); r.Get("id").Text() != id {
			c.Errorf("%s: %s", path, r.Raw())
		}
	}
	if item := c.get("Claim/" + id).Get("item").First().Next(); item.At("category", "text").Text() != "item" || item.At("productOrService", "text").Text() != "D-101" {
		c.Errorf("the drug's line: %s", item.Raw())
	}
	for _, patient := range []string{"patient-01-1", "Patient/patient-01-1"} {
		b := c.get("Claim/?patient=" + patient + "&_sort=-created&_count=1")
		if b.Get("entry").Len() != 1 || b.Get("entry").First().At("resource", "patient", "reference").Text() != "Patient/patient-01-1" {
			c.Errorf("of %s: %s", patient, b.Raw())
		}
	}
	if b := c.get("Claim/?identifier=CLM-0001"); b.Get("total").Text() != "1" || b.Get("resourceType").Text() != "Bundle" {
		c.Errorf("by identifier: %s", b.Raw())
	}
	if a := c.do(http.MethodGet, base+"Claim/NO-SUCH/", nil); a.Status != http.StatusNotFound {
		c.Errorf("of no such code: HTTP %d", a.Status)
	}
}

func eligibility(c client) {
	n := c.post("CoverageEligibilityRequest/", "openimis/eligibility.json")
	first := n.Get("insurance").First().Get("item").First()
	if n.Get("resourceType").Text() != "CoverageEligibilityResponse" || first.Get("description").Text() != "DHP" {
		c.Errorf("%s", n.Raw())
	}
	if got := benefits(first); got["total_ceiling"] == "" {
		c.Errorf("what is left: %v", got)
	}
	second := first.Next()
	if second.At("productOrService", "text").Text() != "S-101" || second.Get("excluded").Text() != "false" || second.At("category", "coding").First().Get("code").Text() != "service" {
		c.Errorf("the service: %s", second.Raw())
	}
	if nobody := c.post("CoverageEligibilityRequest/", "openimis/eligibility.json", "070100001018", "999999999999"); nobody.Get("insurance").Exists() {
		c.Errorf("of nobody: %s", nobody.Raw())
	}
}

func enrol(c client) {
	head := c.post("Patient/", "openimis/patient-head.json")
	text := string(head.Raw())
	if coded(head, "Code") == "" || !strings.Contains(text, `patient-is-head","valueBoolean":true`) || !strings.Contains(text, "valueset-marital-status") {
		c.Fatalf("the head: %s", text)
	}
	family := ""
	for x := range head.Get("extension").Each() {
		if strings.HasSuffix(x.Get("url").Text(), "patient-group-reference") {
			family = x.At("valueReference", "reference").Text()
		}
	}
	child := c.post("Patient/", "openimis/patient-head.json", coded(head, "Code"), "079900002019", "Joan Mary", "Tim", "1990-03-24", "2015-01-01",
		`"url": "https://openimis.github.io/openimis_fhir_r4_ig/StructureDefinition/patient-is-head"`, `"url": "https://openimis.github.io/openimis_fhir_r4_ig/StructureDefinition/patient-group-reference"`,
		`"valueBoolean": true`, `"valueReference": {"reference": "`+family+`"}`)
	if !strings.Contains(string(child.Raw()), family) {
		c.Errorf("the child is not in %s: %s", family, child.Raw())
	}
	group := c.get(family)
	if group.Get("member").Len() != 2 || group.Get("type").Text() != "person" {
		c.Errorf("TRAP: R4's type is person: %s", group.Raw())
	}
	if a := c.do(http.MethodPost, base+"Patient/", c.vector("openimis/patient-head.json")); a.Status != http.StatusConflict {
		c.Errorf("the number once more: HTTP %d %s", a.Status, a.Body)
	}
}

func patients(c client) {
	b := c.get("Patient/?identifier=070100001018")
	r := b.Get("entry").First().Get("resource")
	if b.Get("resourceType").Text() != "Bundle" || b.Get("entry").Len() != 1 || coded(r, "Code") != "070100001018" || coded(r, "UUID") != "patient-01-1" {
		c.Errorf("%s", b.Raw())
	}
	if !strings.HasSuffix(b.Get("entry").First().Get("fullUrl").Text(), base+"Patient/patient-01-1") {
		c.Errorf("the fullUrl: %s", b.Raw())
	}
	if r := c.get("Patient/070100001018/"); r.Get("id").Text() != "patient-01-1" {
		c.Errorf("read by number: %s", r.Raw())
	}
	if b := c.get("Patient/?identifier=000000000000"); b.Get("entry").Exists() || b.Get("total").Text() != "0" {
		c.Errorf("of no such number: %s", b.Raw())
	}
	first, second := c.get("Patient/?_count=3"), c.get("Patient/?_count=3&page-offset=2")
	if first.Get("entry").Len() != 3 || first.Get("entry").First().Get("fullUrl").Text() == second.Get("entry").First().Get("fullUrl").Text() {
		c.Errorf("pages: %s %s", first.Raw(), second.Raw())
	}
}

func errorsAreTold(c client) {
	for _, x := range []struct {
		method, path, body string
		status             int
	}{
		{"GET", "Patient/nobody/", "", 404},
		{"GET", "Nothing/", "", 404},
		{"GET", "Patient/?page-offset=0", "", 400},
		{"GET", "Patient/?refDate=yesterday", "", 400},
		{"GET", "Patient/?no-such=1", "", 400},
		{"POST", "Claim/", `{"resourceType":"Patient"}`, 400},
		{"POST", "Claim/", `no JSON`, 400},
		{"POST", "Claim/", `{"resourceType":"Claim"}`, 400},
		{"PATCH", "Claim/any/", `{}`, 405},
	} {
		a := c.do(x.method, base+x.path, []byte(x.body))
		issue := c.w.Node(a).Get("issue").First()
		if a.Status != x.status || issue.At("details", "text").Text() == "" {
			c.Errorf("%s %s: HTTP %d %s, want %d with a text", x.method, x.path, a.Status, a.Body, x.status)
		}
	}
	c.token = "none"
	if a := c.do(http.MethodGet, base+"Patient/", nil); a.Status != http.StatusUnauthorized {
		c.Errorf("without a token: HTTP %d", a.Status)
	}
}

func tokenAtBase(c client) {
	if a := c.do(http.MethodGet, "/fhir/Patient?_count=1", nil); a.Status != http.StatusOK {
		c.Errorf("HTTP %d %s", a.Status, a.Body)
	}
}
