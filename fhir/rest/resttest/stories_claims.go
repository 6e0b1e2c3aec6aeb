package resttest

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// claimStories tell what becomes of claims after they are sent: corrected,
// cancelled, decided anew, appealed against, asked for by the many.
func claimStories() []Story {
	return []Story{claimGoesOn(), claimCorrected(), claimAppealed(), claimsInBulk(), claimPaths()}
}

// claimWorld is a couple under one policy for 2025 whose plan pays visits at 10,000
// in full, up to 15,000 a year for both.
func claimWorld() Scenario {
	medical := `{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/insurance-plan-type","code":"medical"}]}`
	of := func(system, code string) string {
		return `{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/` + system + `","code":"` + code + `"}]}`
	}
	return insured(
		policyEntry("InsurancePlan", "p", `"status":"active","name":"Plan","coverage":[{"type":`+medical+`,"benefit":[{"type":{"coding":[{"system":"https://bima.example/fhir/CodeSystem/service","code":"{run}-v"}]}}]}],
			"plan":[{"specificCost":[{"category":`+medical+`,"benefit":[{"type":{"coding":[{"system":"https://bima.example/fhir/CodeSystem/benefit","code":"all"}]},"cost":[
			{"type":`+of("benefit-type", "benefit")+`,"qualifiers":[`+of("benefit-unit", "family")+`,`+of("benefit-term", "annual")+`],"value":{"value":15000,"system":"urn:iso:std:iso:4217","code":"TZS"}}]}]}]}]`),
		policyEntry("Contract", "k", `"status":"executed","applies":{"start":"2025-01-01","end":"2025-12-31"},"term":[{"offer":{"topic":{"reference":"InsurancePlan/{run}-p"}},"asset":[{"typeReference":[{"reference":"Patient/{run}-a"},{"reference":"Patient/{run}-b"}]}]}]`),
		claimCover("ca", "a"), claimCover("cb", "b"),
	)
}

// claimCover is a membership of a person in the policy of the world.
func claimCover(id, person string) string {
	return policyEntry("Coverage", id, `"status":"active","extension":[{"url":"http://hl7.org/fhir/5.0/StructureDefinition/extension-Coverage.insurancePlan","valueReference":{"reference":"InsurancePlan/{run}-p"}}],
		"beneficiary":{"reference":"Patient/{run}-`+person+`"},"period":{"start":"2025-01-01","end":"2025-12-31"},"payor":[{"reference":"Organization/{run}-s"}],"contract":[{"reference":"Contract/{run}-k"}]`)
}

// claimFor is a claim of a person's visits, each at 10,000; more are elements
// besides, each with a comma after it.
func claimFor(number, person string, visits int, more ...string) string {
	return fmt.Sprintf(`{"resourceType":"Claim","identifier":[{"system":"https://bima.example/fhir/id/claim","value":"{run}-%s"}],%s"status":"active","type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/claim-type","code":"institutional"}]},"use":"claim",
		"patient":{"reference":"Patient/{run}-%s"},"billablePeriod":{"start":"2025-03-10","end":"2025-03-10"},"created":"2025-03-11","insurer":{"reference":"Organization/{run}-s"},"provider":{"reference":"Organization/{run}-c"},"priority":{"coding":[{"code":"normal"}]},
		"insurance":[{"sequence":1,"focal":true,"coverage":{"reference":"Coverage/{run}-c%s"}}],"item":[{"sequence":1,"productOrService":{"coding":[{"system":"https://bima.example/fhir/CodeSystem/service","code":"{run}-v"}]},"quantity":{"value":%d},"unitPrice":{"value":10000,"currency":"TZS"}}],
		"total":{"value":%d,"currency":"TZS"}}`, number, strings.Join(more, ""), person, person, visits, 10000*visits)
}

func submits(name, body string, status int, want Values, keep Values) Scenario {
	return Scenario{Name: name, Method: "POST", Path: "/Claim/$submit", Body: body, WantStatus: status, WantBody: want, Keep: keep}
}

const claimReason = `{"resourceType":"Parameters","parameter":[{"name":"reason","valueString":"the other child was seen"}]}`

// Of 15,000 the first claim takes 10,000 and leaves 5,000 to the second, which is
// paid in full once the first is cancelled.
func claimGoesOn() Story {
	return Story{"a cancelled claim frees what it used", []Scenario{
		claimWorld(),
		submits("the first is paid in full", claimFor("1", "a", 1), 200, Values{"disposition": "All of 10,000 TZS will be paid."}, Values{"first": "id"}),
		submits("the second has what is left", claimFor("2", "b", 1), 200, Values{"disposition": "5,000 of 10,000 TZS will be paid; the member owes 5,000."}, Values{"second": "id"}),
		{Name: "the first is cancelled", Method: "POST", Path: "/Claim/{first}/$cancel", Body: claimReason, WantStatus: 200, WantBody: Values{
			"status": "cancelled", "disposition": "The claim was withdrawn: the other child was seen. Nothing is paid for it.",
			"extension[0].url": "https://bima.example/fhir/StructureDefinition/may-gain", "extension[0].valueReference.reference": "Claim/{second}",
		}},
		{Name: "its claim says why", Path: "/Claim/{first}", WantStatus: 200, WantBody: Values{"status": "cancelled", "extension[0].valueCodeableConcept.text": "the other child was seen"}},
		{Name: "the second is decided anew", Method: "POST", Path: "/Claim/{second}/$reprocess", WantStatus: 200, WantBody: Values{"disposition": "All of 10,000 TZS will be paid.", "meta.versionId": "2"}},
		{Name: "and once more, with the same answer", Method: "POST", Path: "/Claim/{second}/$reprocess", WantStatus: 200, WantBody: Values{"meta.versionId": "2"}},
		{Name: "each version says what made it", Path: "/Provenance?target=ClaimResponse/{second}", WantStatus: 200, WantBody: Values{"entry#": "1", "entry[0].resource.target[0].reference": "ClaimResponse/{second}/_history/2", "entry[0].resource.agent[0].onBehalfOf.display": "developer"}},
		{Name: "who was it", Path: "/Task?code=reprocess&focus=Claim/{second}", WantStatus: 200, WantBody: Values{"entry#": "2"}},
		{Name: "the cancelled one is not decided anew", Method: "POST", Path: "/Claim/{first}/$reprocess", WantStatus: 422, WantBody: Values{"issue[0].expression[0]": "Claim.status"}},
		{Name: "what is not there is not cancelled", Method: "POST", Path: "/Claim/{run}-none/$cancel", WantStatus: 404},
	}}
}

func claimCorrected() Story {
	corrects := func(name string) string {
		return `"related":[{"claim":{"reference":"Claim/{` + name + `}"},"relationship":{"coding":[{"system":"https://bima.example/fhir/CodeSystem/claim-relationship","code":"corrects"}]}}],`
	}
	return Story{"a rejected claim is corrected", []Scenario{
		claimWorld(),
		submits("for an unknown person", claimFor("1", "nobody", 1), 200, Values{"outcome": "error", "error[0].code.coding[0].code": "not-found", "meta.tag[0].code": "unknown-patient"}, Values{"wrong": "id"}),
		{Name: "it is found by who keeps the register", Path: "/ClaimResponse?_tag=https://bima.example/fhir/CodeSystem/data-quality|unknown-patient&request=Claim/{wrong}", WantStatus: 200, WantBody: Values{"entry#": "1"}},
		submits("under its number, for the right one", claimFor("1", "a", 1, corrects("wrong")), 200, Values{"outcome": "complete", "disposition": "All of 10,000 TZS will be paid."}, Values{"right": "id"}),
		submits("and once more", claimFor("1", "a", 1, corrects("wrong")), 200, Values{"id": "{right}"}, nil),
		{Name: "the first is replaced", Path: "/Claim/{wrong}", WantStatus: 200, WantBody: Values{"status": "cancelled", "extension[0].valueReference.reference": "Claim/{right}"}},
		submits("what was paid is not corrected so", claimFor("2", "a", 1, corrects("right")), 422, Values{"issue[0].details.coding[0].code": "claim", "issue[0].expression[0]": "Claim.related[0].claim"}, nil),
		submits("another claim under the number", claimFor("1", "b", 1), 409, Values{"issue[0].code": "conflict"}, nil),
		{Name: "a claim is corrected under its id", Method: "POST", Path: "/Claim/{right}/$reprocess", Body: strings.Replace(claimFor("1", "a", 2), `{`, `{"id":"{right}",`, 1), WantStatus: 200, WantBody: Values{"disposition": "15,000 of 20,000 TZS will be paid; the member owes 5,000."}},
		{Name: "not under another", Method: "POST", Path: "/Claim/{right}/$reprocess", Body: strings.Replace(claimFor("1", "a", 2), `{`, `{"id":"{wrong}",`, 1), WantStatus: 400, WantBody: Values{"issue[0].expression[0]": "Claim.id"}},
	}}
}

func claimAppealed() Story {
	answered := func(owner, outcome string) string {
		return `[{"op":"add","path":"/status","value":"completed"},{"op":"add","path":"/owner","value":{"reference":"Practitioner/{run}-` + owner + `"}},{"op":"add","path":"/businessStatus","value":{"coding":[{"system":"https://bima.example/fhir/CodeSystem/appeal-outcome","code":"` + outcome + `"}]}}]`
	}
	patch := Values{"Content-Type": "application/json-patch+json"}
	return Story{"a decision is appealed against", []Scenario{
		claimWorld(),
		{Name: "there is an officer", Method: "PUT", Path: "/Practitioner/{run}-o", Body: `{"resourceType":"Practitioner","id":"{run}-o"}`, WantStatus: 201},
		{Name: "there is another", Method: "PUT", Path: "/Practitioner/{run}-p", Body: `{"resourceType":"Practitioner","id":"{run}-p"}`, WantStatus: 201},
		submits("it is paid in part", claimFor("1", "a", 2), 200, Values{"outcome": "complete"}, Values{"claim": "id"}),
		{Name: "somebody is not content", Method: "POST", Path: "/Claim/{claim}/$appeal", Body: claimReason, WantStatus: 201, WantBody: Values{"code.coding[0].code": "appeal", "extension[0].valuePositiveInt": "1", "restriction.period.end": "*"}, Keep: Values{"appeal": "id"}},
		{Name: "and says so twice", Method: "POST", Path: "/Claim/{claim}/$appeal", Body: claimReason, WantStatus: 422, WantText: "under way"},
		{Name: "an officer answers", Method: "PATCH", Path: "/Task/{appeal}", Header: patch, Body: answered("o", "upheld"), WantStatus: 200},
		{Name: "the decision stands", Path: "/ClaimResponse/{claim}", WantStatus: 200, WantBody: Values{"meta.versionId": "1"}},
		{Name: "there is a second level", Method: "POST", Path: "/Claim/{claim}/$appeal", Body: claimReason, WantStatus: 201, WantBody: Values{"extension[0].valuePositiveInt": "2"}, Keep: Values{"appeal": "id"}},
		{Name: "the same officer may not answer", Method: "PATCH", Path: "/Task/{appeal}", Header: patch, Body: answered("o", "granted"), WantStatus: 422, WantBody: Values{"issue[0].expression[0]": "Task.owner"}},
		{Name: "another does", Method: "PATCH", Path: "/Task/{appeal}", Header: patch, Body: answered("p", "granted"), WantStatus: 200},
		{Name: "there is no third", Method: "POST", Path: "/Claim/{claim}/$appeal", Body: claimReason, WantStatus: 422, WantText: "final"},
	}}
}

func claimsInBulk() Story {
	entry := func(claim string) string {
		return `{"resource":` + claim + `,"request":{"method":"POST","url":"Claim"}}`
	}
	return Story{"many claims are sent and asked for at once", []Scenario{
		claimWorld(),
		submits("a batch", `{"resourceType":"Bundle","type":"batch","entry":[`+entry(claimFor("1", "a", 1))+`,`+entry(claimFor("2", "b", 1))+`,`+entry(claimFor("3", "nobody", 1))+`,`+entry(claimFor("1", "a", 1))+`,`+entry(claimFor("1", "b", 1))+`]}`, 200, Values{
			"type": "batch-response", "entry#": "5", "entry[0].response.status": "201 Created", "entry[0].resource.disposition": "All of 10,000 TZS will be paid.",
			"entry[1].resource.disposition": "5,000 of 10,000 TZS will be paid; the member owes 5,000.", "entry[2].resource.outcome": "error",
			"entry[3].response.status": "200 OK", "entry[4].response.status": "409 Conflict", "entry[4].response.outcome.issue[0].code": "conflict",
		}, nil),
		{Name: "how far are they", Path: "/Claim/$inquire?identifier=https://bima.example/fhir/id/claim|{run}-1&identifier={run}-2&identifier={run}-3&identifier={run}-4", WantStatus: 200, WantBody: Values{
			"parameter#": "4", "parameter[0].part[2].valueCode": "valuated", "parameter[0].part[7].valueMoney.value": "10000",
			"parameter[2].part[2].valueCode": "rejected", "parameter[3].part#": "1", "parameter[3].part[0].valueString": "{run}-4",
		}},
		{Name: "by POST too", Method: "POST", Path: "/Claim/$inquire", Body: `{"resourceType":"Parameters","parameter":[{"name":"identifier","valueIdentifier":{"system":"https://bima.example/fhir/id/claim","value":"{run}-1"}}]}`, WantStatus: 200, WantBody: Values{"parameter#": "1", "parameter[0].part[4].valueCode": "complete"}},
	}}
}

// claimPaths sends one claim by every way there is: it is one claim.
func claimPaths() Story {
	one := claimFor("1", "a", 1)
	wrapped := func(kind, request string) string {
		return `{"resourceType":"Bundle","type":"` + kind + `","entry":[{"resource":` + one + request + `}]}`
	}
	const post = `,"request":{"method":"POST","url":"Claim"}`
	letter := claimFor("5", "a", 1, `"supportingInfo":[{"sequence":1,"category":{"text":"attachment"},"valueReference":{"reference":"urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6f2"}}],`)
	along := func(claim, contentType string) string {
		return `{"resourceType":"Bundle","type":"collection","entry":[{"fullUrl":"urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6f1","resource":` + claim + `},
			{"fullUrl":"urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6f2","resource":{"resourceType":"Binary","contentType":"` + contentType + `","data":"JVBERi0xLjcK"}}]}`
	}
	return Story{"a claim is the same claim by every way", []Scenario{
		claimWorld(),
		submits("by $submit", one, 200, Values{"outcome": "complete"}, Values{"id": "id"}),
		submits("as Parameters", `{"resourceType":"Parameters","parameter":[{"name":"resource","resource":`+one+`}]}`, 200, Values{"id": "{id}"}, nil),
		submits("in a collection", wrapped("collection", ""), 200, Values{"entry[0].resource.id": "{id}"}, nil),
		submits("in a batch of claims", wrapped("batch", post), 200, Values{"entry[0].resource.id": "{id}", "entry[0].response.status": "200 OK"}, nil),
		{Name: "by POST", Method: "POST", Path: "/Claim", Body: one, WantStatus: 200, WantBody: Values{"id": "{id}"}},
		{Name: "in a batch", Method: "POST", Path: "/", Body: wrapped("batch", post), WantStatus: 200, WantBody: Values{"entry[0].response.status": "200*"}},
		{Name: "in a transaction", Method: "POST", Path: "/", Body: wrapped("transaction", post), WantStatus: 200, WantBody: Values{"entry[0].response.status": "200 OK", "entry[0].response.location": "Claim/{id}/*"}},
		{Name: "under an id of one's own it is denied", Method: "PUT", Path: "/Claim/{run}-own", Body: strings.Replace(one, `{`, `{"id":"{run}-own",`, 1), WantStatus: 201},
		{Name: "as a duplicate", Path: "/ClaimResponse/{run}-own", WantStatus: 200, WantBody: Values{"outcome": "complete", "item[0].adjudication[1].reason.coding[0].code": "duplicate"}},
		{Name: "there is one beside it", Path: "/Claim?patient=Patient/{run}-a", WantStatus: 200, WantBody: Values{"entry#": "2"}},
		submits("what is malformed says where", strings.Replace(one, `"quantity":{"value":1}`, `"quantity":{"value":"one"}`, 1), 400, Values{"issue[0].expression[0]": "Claim.item[0].quantity.value"}, nil),
		submits("a program is no paper", claimFor("4", "a", 1, `"supportingInfo":[{"sequence":1,"category":{"text":"attachment"},"valueAttachment":{"contentType":"application/x-sh","data":"ZWNobw=="}}],`), 422, Values{"issue[0].details.coding[0].code": "attachment", "issue[0].expression[0]": "Claim.supportingInfo[0].value.contentType"}, nil),
		submits("an estimate uses up nothing", strings.Replace(claimFor("2", "a", 1), `"use":"claim"`, `"use":"predetermination"`, 1), 200, Values{"use": "predetermination", "outcome": "complete"}, nil),
		submits("a request beforehand is answered with its number", strings.Replace(claimFor("3", "a", 1), `"use":"claim"`, `"use":"preauthorization"`, 1), 200, Values{"use": "preauthorization", "preAuthRef": "*"}, nil),
		submits("a paper beside it is kept with it", along(letter, "application/pdf"), 200, Values{"entry[0].resource.outcome": "complete"}, Values{"kept": "entry[0].resource.id"}),
		submits("once", along(letter, "application/pdf"), 200, Values{"entry[0].resource.id": "{kept}"}, nil),
		{Name: "and read with it", Path: "/Claim/{kept}", WantStatus: 200, WantBody: Values{"contained#": "1", "contained[0].data": "JVBERi0xLjcK", "contained[0].id": "enclosed-1", "supportingInfo[0].valueReference.reference": "#enclosed-1"}},
		submits("a program beside it is none", along(strings.Replace(letter, "{run}-5", "{run}-6", 1), "application/x-sh"), 422, Values{"issue[0].expression[0]": "Bundle.entry[1].resource.contentType"}, nil),
		submits("a paper to which it does not refer is not lost", along(one, "application/pdf"), 400, Values{"issue[0].expression[0]": "Bundle.entry[1]"}, nil),
		submits("a paper is", claimFor("4", "a", 1, `"supportingInfo":[{"sequence":1,"category":{"text":"attachment"},"valueAttachment":{"contentType":"application/pdf","data":"JVBERi0xLjcK"}}],`), 200, Values{"outcome": "complete"}, nil),
	}}
}

const (
	// racers claim at once, each for another member of one family.
	racers = 50
	// raceCeiling is what the family has for the year. Of claims of 10,000 each it
	// pays three and a half.
	raceCeiling = 35_000
)

// testClaimRace sends claims of all members of a large family at once: together
// they are paid what the family has, to the last shilling and not one more.
func testClaimRace(t *testing.T, base string) {
	t.Helper()
	l := newTeller(base)
	world := strings.Replace(claimWorld().Body, `"value":15000,`, fmt.Sprintf(`"value":%d,`, raceCeiling), 1)
	var more strings.Builder
	for i := range racers {
		member := fmt.Sprintf("m%d", i)
		more.WriteString("," + policyEntry("Patient", member, `"active":true,"gender":"female","birthDate":"1990-03-01"`) + "," + claimCover("c"+member, member))
	}
	world = strings.TrimSuffix(world, "]}") + more.String() + "]}"
	l.step(t, Scenario{Name: "there is a large family", Method: "POST", Path: "/", Body: world, WantStatus: 200})
	answers := make([]string, racers)
	var all sync.WaitGroup
	for i := range racers {
		all.Go(func() {
			body := []byte(l.fill(claimFor(fmt.Sprint(i), fmt.Sprintf("m%d", i), 1)))
			response, answer := l.exchange(t, http.MethodPost, "/Claim/$submit", body, nil)
			if response.StatusCode != http.StatusOK {
				t.Errorf("claim %d: got %d %s", i, response.StatusCode, shortened(answer))
			}
			answers[i] = benefitOf(answer)
		})
	}
	all.Wait()
	paid := map[string]int{}
	for _, benefit := range answers {
		paid[benefit]++
	}
	if paid["10000"] != 3 || paid["5000"] != 1 || paid["0"] != racers-4 {
		t.Errorf("of %d claims at once so many are paid with: %v; want three with 10000, one with 5000, and nothing for the others", racers, paid)
	}
}

// benefitOf gives what a ClaimResponse pays.
func benefitOf(answer []byte) string {
	tree := parsed(answer)
	for i := range 10 {
		if code := find(tree, fmt.Sprintf("total[%d].category.coding", i)); len(code) > 0 && strings.Contains(code[0], `"benefit"`) {
			return find(tree, fmt.Sprintf("total[%d].amount.value", i))[0]
		}
	}
	return ""
}

// toldWithin is how long a member waits to be told at most, on a slow machine.
const toldWithin = 2 * time.Minute

// testMemberIsTold waits for the ExplanationOfBenefit of a decision, and for that
// of its cancellation.
func testMemberIsTold(t *testing.T, base string) {
	t.Helper()
	l := newTeller(base)
	l.step(t, claimWorld())
	l.step(t, submits("she is seen", claimFor("1", "a", 1), http.StatusOK, nil, Values{"claim": "id"}))
	told := func(status, disposition string) {
		t.Helper()
		for end := time.Now().Add(toldWithin); ; time.Sleep(100 * time.Millisecond) {
			_, answer := l.exchange(t, http.MethodGet, l.fill("/ExplanationOfBenefit?patient=Patient/{run}-a"), nil, nil)
			tree := parsed(answer)
			if strings.Join(find(tree, "entry[0].resource.status"), "") == status && strings.Join(find(tree, "entry[0].resource.disposition"), "") == disposition &&
				strings.Join(find(tree, "entry#"), "") == "1" && strings.Join(find(tree, "entry[0].resource.item#"), "") == "1" {
				return
			}
			if time.Now().After(end) {
				t.Fatalf("she is not told %q: %s", disposition, shortened(answer))
			}
		}
	}
	told("active", "All of 10,000 TZS will be paid.")
	l.step(t, Scenario{Name: "it is cancelled", Method: "POST", Path: "/Claim/{claim}/$cancel", WantStatus: 200})
	told("cancelled", "The claim was withdrawn. Nothing is paid for it.")
}
