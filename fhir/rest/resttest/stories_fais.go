package resttest

import (
	"strings"

	"bima/fhir/xml"
)

// faisStories go through IHE's Finance and Insurance Service, ITI-121 to ITI-129,
// in JSON and in XML. Source: IHE ITI FAIS.
func faisStories() []Story {
	stories := []Story{faisPlans(), faisConformance()}
	for _, story := range []Story{faisEnrolment(), faisEnrolmentRefused(), faisEligibility(), faisClaim()} {
		stories = append(stories, story, spokenInXML(story))
	}
	return stories
}

// spokenInXML tells a story in XML.
func spokenInXML(s Story) Story {
	told := Story{Name: s.Name + ", in XML"}
	for _, step := range s.Steps {
		step.Header = Values{"Accept": inXML["Accept"]}
		if step.Body != "" {
			body, err := xml.FromJSON(nil, []byte(step.Body))
			if err != nil {
				panic(step.Name + " is no FHIR: " + err.Error())
			}
			step.Body, step.Header = string(body), inXML
		}
		told.Steps = append(told.Steps, step)
	}
	return told
}

// orAbsent gives what is wanted of a list that may be empty.
func orAbsent(want string) string {
	if want == "" {
		return Absent
	}
	return want
}

// free is a plan that costs nothing.
func free(id string) string {
	return strings.NewReplacer(`"value":12000`, `"value":0`, `"value":6000`, `"value":0`, `"name":"Plan"`, `"name":"Free plan"`).Replace(plan(id, ""))
}

// faisPlans is ITI-121.
func faisPlans() Story {
	find := func(what, query, want string) Scenario {
		return Scenario{Name: "plans are found by " + what, Path: "/InsurancePlan?_id={run}-p,{run}-q&" + query, WantStatus: 200, WantBody: Values{"resourceType": "Bundle", "type": "searchset", "entry[*].resource.id": orAbsent(want)}}
	}
	other := strings.NewReplacer(`"status":"active","name":"Plan"`, `"status":"draft","type":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/insurance-plan-type","code":"dental"}]}],"alias":["Teeth"],"name":"Dental","network":[{"reference":"Organization/{run}-c"}],"coverageArea":[{"reference":"Location/{run}-l"}]`,
		`"administeredBy":{"reference":"Organization/{run}-s"}`, `"administeredBy":{"reference":"Organization/{run}-c"}`, `"ownedBy":{"reference":"Organization/{run}-s"}`, `"ownedBy":{"reference":"Organization/{run}-c"}`, `{run}-v"`, `{run}-w"`).Replace(plan("q", ""))
	const p, q, both = "{run}-p", "{run}-q", "{run}-p {run}-q"
	return Story{"ITI-121: plans are searched", []Scenario{
		insured(policyEntry("Location", "l", `"name":"Here"`), plan("p", ""), other),
		find("status", "status=draft", q), find("type", "type=dental", q), find("name", "name=Dent", q), find("another of its names", "name=teeth", q),
		find("identifier", "identifier=https://bima.example/fhir/id/product|{run}-p", p), find("who administers them", "administered-by=Organization/{run}-c", q), find("who owns them", "owned-by=Organization/{run}-s", p),
		find("network", "network=Organization/{run}-c", q), find("area", "coverage-area=Location/{run}-l", q), find("what they pay for", "benefit-type={run}-v", p),
		find("when they changed", "_lastUpdated=gt2020-01-01&_lastUpdated=lt2999-01-01", both), find("when they did not change", "_lastUpdated=sa2999-01-01", ""),
		{Name: "a body of a GET is left unread", Path: "/InsurancePlan?_id={run}-p", Header: Values{"Content-Type": "application/json"}, Body: `{"type":"medical"}`, WantStatus: 200, WantBody: Values{"entry[*].resource.id": p}},
		{Name: "in XML", Path: "/InsurancePlan?_id={run}-p", Header: Values{"Accept": inXML["Accept"]}, WantStatus: 200, WantHeader: Values{"Content-Type": xmlType}, WantBody: Values{"entry[0].resource.name": "Plan"}},
		{Name: "one is read", Path: "/InsurancePlan/{run}-p", WantStatus: 200, WantBody: Values{"status": "active", "name": "Plan", "ownedBy.reference": "Organization/{run}-s", "administeredBy.reference": "Organization/{run}-s", "coverage#": "1", "plan#": "1"}},
	}}
}

// enrolling is a Bundle by which a person is enrolled in the plan of a product.
func enrolling(number, product, person, birth string) string {
	class := `"class":[{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/coverage-class","code":"plan"}]},"value":"` + product + `"}],`
	return `{"resourceType":"Bundle","type":"collection","entry":[
		{"fullUrl":"https://emr.example.org/EnrollmentRequest/r","resource":{"resourceType":"EnrollmentRequest","id":"r","identifier":[{"system":"urn:emr","value":"{run}-` + number + `"}],"status":"active","created":"2026-01-10","insurer":{"reference":"Organization/i"},"candidate":{"reference":"Patient/p"},"coverage":{"reference":"Coverage/c"}}},
		{"fullUrl":"https://emr.example.org/Organization/i","resource":{"resourceType":"Organization","id":"i","name":"Scheme"}},
		{"fullUrl":"https://emr.example.org/Patient/p","resource":{"resourceType":"Patient","id":"p","identifier":[{"system":"https://bima.example/fhir/id/national-id","value":"{run}-` + person + `"}],"name":[{"family":"Atieno","given":["Purity"]}],"gender":"female","birthDate":"` + birth + `"}},
		{"fullUrl":"https://emr.example.org/Coverage/c","resource":{"resourceType":"Coverage","id":"c","status":"active","beneficiary":{"reference":"Patient/p"},` + class + `"period":{"start":"2026-02-01","end":"2026-12-31"},"payor":[{"reference":"Organization/i"}]}}]}`
}

func submitEnrolment(name, body string, want Values) Scenario {
	return Scenario{Name: name, Method: "POST", Path: "/EnrollmentRequest/$submit", Body: body, WantStatus: 200, WantBody: want}
}

// faisEnrolment is ITI-122 and ITI-123: a stranger is enrolled in a plan that is to
// be paid, and then in one that is free.
func faisEnrolment() Story {
	first := submitEnrolment("a stranger is enrolled by a Bundle", enrolling("1", "{run}-p", "n1", "2000-05-04"), Values{
		"resourceType": "Bundle", "type": "collection", "entry[0].resource.resourceType": "EnrollmentResponse", "entry[0].resource.status": "active", "entry[0].resource.outcome": "complete",
		"entry[0].resource.disposition": "Enrolled: covered by Plan when 12000 TZS are paid.", "entry[0].resource.organization.reference": "Organization/{run}-s",
		"entry[1].resource.resourceType": "EnrollmentRequest", "entry[1].resource.identifier[0].value": "{run}-1", "entry[2].resource.name[0].family": "Atieno", "entry[3].resource.status": "offered",
		"entry[4].resource.status": "draft", "entry[4].resource.period.start": "2026-02-01", "entry[5].resource.totalGross.value": "12000", "entry#": "6",
	})
	first.Keep = Values{"response": "entry[0].resource.id", "request": "entry[0].resource.request.reference", "person": "entry[2].resource.id", "policy": "entry[3].resource.id", "cover": "entry[4].resource.id", "invoice": "entry[5].resource.id"}
	same := Values{"entry[0].resource.id": "{response}", "entry[0].resource.meta.versionId": "1", "entry[2].resource.id": "{person}", "entry[3].resource.id": "{policy}", "entry#": "6"}
	alone := func(number, product string) string {
		return `{"resourceType":"EnrollmentRequest","identifier":[{"system":"urn:emr","value":"{run}-` + number + `"}],"status":"active","contained":[{"resourceType":"Coverage","id":"c","status":"active","beneficiary":{"reference":"Patient/{person}"},"class":[{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/coverage-class","code":"plan"}]},"value":"` + product + `"}],"payor":[{"reference":"Organization/{run}-s"}]}],"created":"2026-02-01","insurer":{"reference":"Organization/{run}-s"},"candidate":{"reference":"Patient/{person}"},"coverage":{"reference":"#c"}}`
	}
	found := func(what, query, want string) Scenario {
		return Scenario{Name: "the response is found by " + what, Path: "/EnrollmentResponse?" + query, WantStatus: 200, WantBody: Values{"type": "searchset", "entry[*].resource.id": orAbsent(want)}}
	}
	return Story{"ITI-122, ITI-123: a person is enrolled", []Scenario{
		insured(plan("p", ""), free("z")),
		first,
		submitEnrolment("the same again is the same", enrolling("1", "{run}-p", "n1", "2000-05-04"), same),
		submitEnrolment("and within Parameters", `{"resourceType":"Parameters","parameter":[{"name":"resource","resource":`+enrolling("1", "{run}-p", "n1", "2000-05-04")+`}]}`, same),
		submitEnrolment("by a request with another number, too", enrolling("2", "{run}-p", "n1", "2000-05-04"), Values{"entry[0].resource.outcome": "complete", "entry[2].resource.id": "{person}", "entry[3].resource.id": "{policy}", "entry#": "6"}),
		submitEnrolment("by the resource alone, in a free plan", alone("3", "{run}-z"), Values{"resourceType": "EnrollmentResponse", "status": "active", "outcome": "complete", "request.reference": "EnrollmentRequest/*", "disposition": "Enrolled: covered by Free plan from 20*"}),
		{Name: "who is there is not made again", Path: "/Patient?identifier=https://bima.example/fhir/id/national-id|{run}-n1", WantStatus: 200, WantBody: Values{"entry#": "1"}},
		cash("n", "invoice", "2026-02-01", "12000", 201, nil),
		{Name: "paid, it covers", Path: "/Coverage/{cover}", WantStatus: 200, WantBody: Values{"status": "active", "beneficiary.reference": "Patient/{person}"}},
		{Name: "the request is kept, and refers to what is here", Path: "/{request}", WantStatus: 200, WantBody: Values{"candidate.reference": "Patient/{person}", "coverage.reference": "Coverage/{cover}", "insurer.reference": "Organization/{run}-s", "contained": Absent}},
		{Name: "the response is read", Path: "/EnrollmentResponse/{response}", WantStatus: 200, WantBody: Values{"outcome": "complete", "request.reference": "{request}"}},
		found("request", "request={request}", "{response}"), found("id", "_id={response}&status=active", "{response}"), found("id and another status", "_id={response}&status=cancelled", ""),
		found("when it changed", "_id={response}&_lastUpdated=gt2020-01-01", "{response}"), found("when it did not", "_id={response}&_lastUpdated=lt2020-01-01", ""),
	}}
}

// faisEnrolmentRefused: what the scheme's rules refuse is an answer; what is no
// request is an error.
func faisEnrolmentRefused() Story {
	says := func(disposition, rule string) Values {
		return Values{"entry[0].resource.resourceType": "EnrollmentResponse", "entry[0].resource.outcome": "error", "entry[0].resource.disposition": disposition, "entry[0].resource.extension[*].valueCodeableConcept.coding[0].code": rule}
	}
	bad := func(name, body, expression string, status int) Scenario {
		return Scenario{Name: name, Method: "POST", Path: "/EnrollmentRequest/$submit", Body: body, WantStatus: status, WantBody: Values{"resourceType": "OperationOutcome", "issue[0].expression[0]": expression}}
	}
	replaced := func(old, with string) string {
		return strings.ReplaceAll(enrolling("9", "{run}-p", "n9", "2000-05-04"), old, with)
	}
	refused := submitEnrolment("a product that nobody sells", enrolling("1", "{run}-x", "n1", "2000-05-04"), says("*no product*InsurancePlan?status=active", "enrolment"))
	refused.Keep = Values{"response": "entry[0].resource.id"}
	return Story{"ITI-122: what is refused", []Scenario{
		insured(plan("p", "")),
		refused,
		{Name: "then nobody is registered", Path: "/Patient?identifier={run}-n1", WantStatus: 200, WantBody: Values{"entry": Absent}},
		submitEnrolment("corrected under the same number, it is enrolled", enrolling("1", "{run}-p", "n1", "2000-05-04"), Values{"entry[0].resource.id": "{response}", "entry[0].resource.outcome": "complete", "entry[0].resource.meta.versionId": "2"}),
		submitEnrolment("somebody else's number", enrolling("2", "{run}-p", "n1", "1999-05-04"), says("*another birthDate*", "business-identifier")),
		submitEnrolment("an insurer whose plan it is not", strings.Replace(enrolling("3", "{run}-p", "n3", "2000-05-04"), `"insurer":{"reference":"Organization/i"}`, `"insurer":{"reference":"Organization/{run}-c"}`, 1), says("*is not of Organization/{run}-c*", "enrolment")),
		submitEnrolment("days before the agreement", strings.Replace(enrolling("4", "{run}-p", "n4", "2000-05-04"), `"start":"2026-02-01"`, `"start":"2025-02-01"`, 1), says("*begins on 2026-01-10 or later", "policy")),
		bad("another person under the number of an enrolment", enrolling("1", "{run}-p", "n8", "2000-05-04"), "EnrollmentRequest.identifier", 409),
		bad("a draft", replaced(`"id":"r","identifier":[{"system":"urn:emr","value":"{run}-9"}],"status":"active"`, `"id":"r","status":"draft"`), "EnrollmentRequest.status", 422),
		bad("nobody", replaced(`"candidate":{"reference":"Patient/p"},`, ``), "EnrollmentRequest.candidate", 400),
		bad("no request", `{"resourceType":"Bundle","type":"collection"}`, "Bundle.entry", 400),
	}}
}

// faisEligibility is ITI-124 and ITI-125; the Bundle has a person by the sender's
// id.
func faisEligibility() Story {
	question := `{"resourceType":"CoverageEligibilityRequest","status":"active","purpose":["validation"],"patient":{"reference":"Patient/p"},"servicedDate":"2026-04-01","created":"2026-04-01","provider":{"reference":"Organization/{run}-h"},"insurer":{"reference":"Organization/{run}-scheme"}}`
	bundle := `{"resourceType":"Bundle","type":"collection","entry":[{"fullUrl":"https://emr.example.org/CoverageEligibilityRequest/q","resource":` + question + `},{"fullUrl":"https://emr.example.org/Patient/p","resource":{"resourceType":"Patient","id":"p","identifier":[{"system":"https://bima.example/fhir/id/national-id","value":"{run}-n"}]}}]}`
	ask := func(name, body string, want Values) Scenario {
		return Scenario{Name: name, Method: "POST", Path: "/CoverageEligibilityRequest/$submit", Body: body, WantStatus: 200, WantBody: want}
	}
	first := ask("by a Bundle", bundle, Values{"resourceType": "Bundle", "type": "collection", "entry[0].resource.resourceType": "CoverageEligibilityResponse", "entry[0].resource.status": "active", "entry[0].resource.outcome": "complete", "entry[0].resource.insurance[0].inforce": "true"})
	first.Keep = Values{"answer": "entry[0].resource.id", "question": "entry[0].resource.request.reference"}
	found := func(what, query, want string) Scenario {
		return Scenario{Name: "the answer is found by " + what, Path: "/CoverageEligibilityResponse?_id={answer}&" + query, WantStatus: 200, WantBody: Values{"type": "searchset", "entry[*].resource.id": orAbsent(want)}}
	}
	number := `"active":true,"gender":"female","birthDate":"1990-05-17","identifier":[{"system":"https://bima.example/fhir/id/national-id","value":"{run}-n"}]`
	steps := coveredHere()
	for i := range steps {
		steps[i].Body = strings.Replace(steps[i].Body, `"id":"{run}-a","active":true,"gender":"female","birthDate":"1990-05-17"`, `"id":"{run}-a",`+number, 1)
	}
	return Story{"ITI-124, ITI-125: eligibility is asked for", append(
		steps,
		first,
		ask("by the resource alone", strings.Replace(question, "Patient/p", "Patient/{run}-a", 1), Values{"resourceType": "CoverageEligibilityResponse", "status": "active", "outcome": "complete", "request.reference": "CoverageEligibilityRequest/*"}),
		Scenario{Name: "the answer is read", Path: "/CoverageEligibilityResponse/{answer}", WantStatus: 200, WantBody: Values{"outcome": "complete", "request.reference": "{question}"}},
		found("status", "status=active", "{answer}"), found("another status", "status=draft", ""), found("request", "request={question}", "{answer}"),
		found("patient", "patient=Patient/{run}-a", "{answer}"), found("another patient", "patient=Patient/{run}-b", ""),
		found("requestor", "requestor=Organization/{run}-h", "{answer}"), found("another requestor", "requestor=Organization/{run}-scheme", ""),
		found("when it changed", "_lastUpdated=gt2020-01-01", "{answer}"),
	)}
}

// faisClaim is ITI-126 to ITI-129.
func faisClaim() Story {
	claim := func(number string) string {
		return `{"resourceType":"Claim","id":"c","identifier":[{"system":"https://bima.example/fhir/id/claim","value":"{run}-` + number + `"}],"status":"active","type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/claim-type","code":"professional"}]},"use":"claim","patient":{"reference":"Patient/p"},"billablePeriod":{"start":"2026-04-01","end":"2026-04-01"},"created":"2026-04-01","insurer":{"reference":"Organization/{run}-scheme"},"provider":{"reference":"Organization/{run}-h"},"priority":{"coding":[{"code":"normal"}]},"insurance":[{"sequence":1,"focal":true,"coverage":{"display":"card"}}],"diagnosis":[{"sequence":1,"diagnosisCodeableConcept":{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10","code":"A09"}]}}],"item":[{"sequence":1,"productOrService":{"coding":[{"system":"urn:{run}","code":"S"}]},"servicedDate":"2026-04-01","quantity":{"value":1},"unitPrice":{"value":1000,"currency":"TZS"}}]}`
	}
	bundle := `{"resourceType":"Bundle","type":"collection","entry":[{"fullUrl":"https://emr.example.org/Claim/c","resource":` + claim("1") + `},{"fullUrl":"https://emr.example.org/Patient/p","resource":{"resourceType":"Patient","id":"p","identifier":[{"system":"https://bima.example/fhir/id/national-id","value":"{run}-n"}]}}]}`
	answered := Values{"entry[0].resource.resourceType": "ClaimResponse", "resourceType": "Bundle", "type": "collection", "entry[0].resource.status": "active", "entry[0].resource.outcome": "complete", "entry[0].resource.request.reference": "Claim/*", "entry[0].resource.disposition": "800 of 1,000 TZS*"}
	first := Scenario{Name: "a claim is submitted by a Bundle", Method: "POST", Path: "/Claim/$submit", Body: bundle, WantStatus: 200, WantBody: answered, Keep: Values{"decision": "entry[0].resource.id", "claim": "entry[0].resource.request.reference"}}
	found := func(what, query, want string) Scenario {
		return Scenario{Name: "the decision is found by " + what, Path: "/ClaimResponse?_id={decision}&" + query, WantStatus: 200, WantBody: Values{"type": "searchset", "entry[*].resource.id": orAbsent(want)}}
	}
	steps := coveredHere()
	for i := range steps {
		steps[i].Body = strings.Replace(steps[i].Body, `"id":"{run}-a","active":true`, `"id":"{run}-a","identifier":[{"system":"https://bima.example/fhir/id/national-id","value":"{run}-n"}],"active":true`, 1)
	}
	reason := `{"resourceType":"Parameters","parameter":[{"name":"reason","valueCodeableConcept":{"text":"Service not completed."}}]}`
	return Story{"ITI-126 to ITI-129: a claim is submitted, followed, processed again and cancelled", append(
		steps,
		first,
		Scenario{Name: "and by itself", Method: "POST", Path: "/Claim/$submit", Body: strings.Replace(claim("2"), "Patient/p", "Patient/{run}-a", 1), WantStatus: 200, WantBody: Values{"resourceType": "ClaimResponse", "status": "active", "outcome": "complete", "request.reference": "Claim/*"}},
		Scenario{Name: "the decision is read", Path: "/ClaimResponse/{decision}", WantStatus: 200, WantBody: Values{"outcome": "complete", "request.reference": "{claim}"}},
		found("status", "status=active", "{decision}"), found("another status", "status=draft", ""), found("request", "request={claim}", "{decision}"), found("patient", "patient=Patient/{run}-a", "{decision}"),
		found("another patient", "patient=Patient/{run}-b", ""), found("requestor", "requestor=Organization/{run}-h", "{decision}"), found("another requestor", "requestor=Organization/{run}-scheme", ""), found("when it changed", "_lastUpdated=gt2020-01-01", "{decision}"),
		Scenario{Name: "it is processed again", Method: "POST", Path: "/{claim}/$reprocess", Body: reason, WantStatus: 200, WantBody: Values{"resourceType": "ClaimResponse", "status": "active", "outcome": "complete", "request.reference": "{claim}"}},
		Scenario{Name: "it is cancelled", Method: "POST", Path: "/{claim}/$cancel", Body: reason, WantStatus: 200, WantBody: Values{"resourceType": "ClaimResponse", "request.reference": "{claim}"}},
		Scenario{Name: "then the claim is", Path: "/{claim}", WantStatus: 200, WantBody: Values{"status": "cancelled"}},
	)}
}

// faisConformance: the CapabilityStatement says what there is.
func faisConformance() Story {
	return Story{"FAIS in the CapabilityStatement", []Scenario{{
		Name: "it is told", Path: "/metadata", WantStatus: 200,
		WantText: `https://bima.example/fhir/OperationDefinition/enrollment-submit`,
		WantBody: Values{"fhirVersion": "4.0.1", "rest[0].resource[*].operation[*].definition": "*claim-cancel*claim-reprocess*claim-submit*eligibility-submit*enrollment-submit*", "rest[0].resource[*].searchParam[*].name": "*benefit-type*coverage-area*network*"},
	}}}
}
