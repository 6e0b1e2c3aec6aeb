package resttest

import "fmt"

// policyStories tell the life of policies: offered, paid, in force, claimed on,
// renewed and cancelled. All days are of the past, so that they go the same way on
// any day.
func policyStories() []Story {
	return []Story{policyLife(), policyByHand(), policyRenewed(), policyNepali(), policyRefusals()}
}

const (
	policyExt   = "https://bima.example/fhir/StructureDefinition/"
	openimisExt = "https://openimis.github.io/openimis_fhir_r4_ig/StructureDefinition/"
)

// policyEntry is an entry of a transaction that puts a resource of the run.
func policyEntry(typ, id, rest string) string {
	return fmt.Sprintf(`{"resource":{"resourceType":%q,"id":"{run}-%s",%s},"request":{"method":"PUT","url":"%s/{run}-%s"}}`, typ, id, rest, typ, id)
}

// insured sets the scene: a couple, a clinic, and the plans that are given.
func insured(plans ...string) Scenario {
	entries := policyEntry("Organization", "s", `"name":"Scheme"`) + "," +
		policyEntry("Organization", "c", `"active":true,"extension":[{"url":"`+policyExt+`price-list","valueCoding":{"system":"https://bima.example/fhir/CodeSystem/price-list","code":"{run}"}}],"identifier":[{"system":"https://bima.example/fhir/id/facility","value":"{run}"}],"type":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/organization-type","code":"prov"}]}],"name":"Clinic"`) + "," +
		policyEntry("ChargeItemDefinition", "v", `"url":"https://bima.example/fhir/ChargeItemDefinition/{run}-v","identifier":[{"system":"https://bima.example/fhir/CodeSystem/service","value":"{run}-v"}],"status":"active","code":{"coding":[{"system":"https://bima.example/fhir/CodeSystem/service","code":"{run}-v"}]},"propertyGroup":[{"extension":[{"url":"`+policyExt+`price-list","valueCoding":{"system":"https://bima.example/fhir/CodeSystem/price-list","code":"{run}"}}],"priceComponent":[{"type":"base","factor":1,"amount":{"value":10000,"currency":"TZS"}}]}]`) + "," +
		policyEntry("Patient", "a", `"active":true,"gender":"female","birthDate":"1990-03-01"`) + "," + policyEntry("Patient", "b", `"active":true,"gender":"male","birthDate":"1988-03-01"`) + "," +
		policyEntry("Patient", "k", `"active":true,"gender":"male","birthDate":"2015-03-01"`) + "," +
		policyEntry("Group", "f", `"identifier":[{"system":"https://bima.example/fhir/id/family","value":"{run}"}],"active":true,"type":"person","actual":true,"member":[{`+headOfFamily+`"entity":{"reference":"Patient/{run}-a"}},{"entity":{"reference":"Patient/{run}-b"}}]`)
	for _, p := range plans {
		entries += "," + p
	}
	return Scenario{Name: "there is a family, a clinic and a plan", Method: "POST", Path: "/", Body: `{"resourceType":"Bundle","type":"transaction","entry":[` + entries + `]}`, WantStatus: 200}
}

// plan is an InsurancePlan of the run: 12,000 an adult, 6,000 a child, visits of
// which the patient bears 20 %.
func plan(id, extensions string) string {
	medical := `{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/insurance-plan-type","code":"medical"}]}`
	visit := `"type":{"coding":[{"system":"https://bima.example/fhir/CodeSystem/service","code":"{run}-v"}]}`
	cost := func(kind string, value int) string {
		return fmt.Sprintf(`{"type":{"coding":[{"system":"https://openimis.github.io/openimis_fhir_r4_ig/CodeSystem/insurance-plan-general-cost-type","code":%q}]},"cost":{"value":%d,"currency":"TZS"}}`, kind, value)
	}
	return policyEntry("InsurancePlan", id, `"extension":[{"url":"`+policyExt+`age-of-majority","valueUnsignedInt":18}`+extensions+`],"identifier":[{"system":"https://bima.example/fhir/id/product","value":"{run}-`+id+`"}],"status":"active","name":"Plan","period":{"start":"2020-01-01"},"ownedBy":{"reference":"Organization/{run}-s"},"administeredBy":{"reference":"Organization/{run}-s"},`+
		`"coverage":[{"type":`+medical+`,"benefit":[{`+visit+`}]}],"plan":[{"extension":[{"url":"`+policyExt+`contribution-period","extension":[{"url":"kind","valueCode":"grace-payment"},{"url":"duration","valueDuration":{"value":1,"unit":"mo","system":"http://unitsofmeasure.org","code":"mo"}}]}],"generalCost":[`+cost("premiumAdult", 12000)+`,`+cost("premiumChild", 6000)+`],`+
		`"specificCost":[{"category":`+medical+`,"benefit":[{"extension":[{"url":"`+policyExt+`price-origin","valueCode":"list"}],`+visit+`,"cost":[{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/benefit-type","code":"copay-percent"}]},"value":{"value":20,"unit":"%","system":"http://unitsofmeasure.org","code":"%"}}]}]}]}]`)
}

// on runs an operation on a policy; params are name and value[x] by turns.
func on(name, path string, status int, want Values, params ...string) Scenario {
	body := `{"resourceType":"Parameters"}`
	for i := 0; i+1 < len(params); i += 2 {
		lead := `,`
		if i == 0 {
			body, lead = `{"resourceType":"Parameters","parameter":[`, ``
		}
		body += lead + `{"name":"` + params[i] + `",` + params[i+1] + `}`
	}
	if len(params) > 0 {
		body += `]}`
	}
	return Scenario{Name: name, Method: "POST", Path: path, Body: body, WantStatus: status, WantBody: want}
}

func dated(day string) string { return `"valueDate":"` + day + `"` }

func referring(to string) string { return `"valueReference":{"reference":"` + to + `"}` }

// offered offers the family a policy of a plan and keeps its ids.
func offered(id, day string, want Values) Scenario {
	s := on("a policy is offered", "/Contract/$offer", 201, want, "subject", referring("Group/{run}-f"), "plan", referring("InsurancePlan/{run}-"+id), "date", dated(day))
	s.Keep = Values{"policy": "parameter[0].resource.id", "invoice": "parameter[3].resource.id", "first": "parameter[1].resource.id"}
	return s
}

// cash pays an amount in cash on an Invoice that was kept.
func cash(id, invoice, day, amount string, status int, want Values) Scenario {
	return Scenario{
		Name: amount + " are paid", Method: "PUT", Path: "/PaymentNotice/{run}-" + id, WantStatus: status, WantBody: want,
		Body: `{"resourceType":"PaymentNotice","id":"{run}-` + id + `","status":"active","request":{"reference":"Invoice/{` + invoice + `}"},"created":"` + day + `T12:00:00Z","payment":{"type":"PaymentReconciliation","identifier":{"system":"https://bima.example/fhir/id/receipt","value":"{run}-` + id + `"}},"paymentDate":"` + day + `","recipient":{"reference":"Organization/{run}-s"},"amount":{"value":` + amount + `,"currency":"TZS"}}`,
	}
}

// visit claims a visit of a person on a day.
func visit(id, who, day string, want Values) Scenario {
	return Scenario{
		Name: "a visit is claimed", Method: "POST", Path: "/Claim/$submit", WantStatus: 200, WantBody: want,
		Body: `{"resourceType":"Claim","identifier":[{"system":"https://bima.example/fhir/id/claim","value":"{run}-` + id + `"}],"status":"active","type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/claim-type","code":"professional"}]},"use":"claim","patient":{"reference":"Patient/{run}-` + who + `"},"billablePeriod":{"start":"` + day + `","end":"` + day + `"},"created":"` + day + `",` +
			`"insurer":{"reference":"Organization/{run}-s"},"provider":{"reference":"Organization/{run}-c"},"priority":{"coding":[{"code":"normal"}]},"insurance":[{"sequence":1,"focal":true,"coverage":{"display":"card"}}],"item":[{"sequence":1,"productOrService":{"coding":[{"system":"https://bima.example/fhir/CodeSystem/service","code":"{run}-v"}]},"quantity":{"value":1},"unitPrice":{"value":10000,"currency":"TZS"},"net":{"value":10000,"currency":"TZS"}}]}`,
		Keep: Values{id: "id"},
	}
}

// policyLife: 2 × 12,000 = 24,000, paid in two parts. Of a visit at 10,000 the
// patient bears 20 %. Cancelled with 30 June, of 365 days 184 are left:
// 24,000 × 184 ÷ 365 = 12,098.630…
func policyLife() Story {
	state := policyExt + "policy-state"
	return Story{"a policy is offered, paid, claimed on, suspended and cancelled", []Scenario{
		insured(plan("p", "")),
		offered("p", "2026-01-01", Values{"parameter[0].resource.status": "offered", "parameter[0].resource.extension[0].url": state, "parameter[0].resource.applies.end": "2026-12-31", "parameter[3].resource.totalGross.value": "24000", "parameter#": "4"}),
		visit("early", "a", "2026-01-01", Values{"outcome": "complete", "disposition": "Nothing of 10,000 TZS*no cover*"}),
		cash("n1", "invoice", "2026-01-01", "10000", 201, nil),
		{Name: "a part is not enough", Path: "/Contract/{policy}", WantStatus: 200, WantBody: Values{"status": "offered"}},
		cash("n2", "invoice", "2026-01-01", "14000", 201, nil),
		{Name: "it is in force", Path: "/Contract/{policy}", WantStatus: 200, WantBody: Values{"status": "executed", "extension[0].valueCode": "active", "applies.start": "2026-01-01"}},
		{Name: "and covers", Path: "/Coverage/{first}", WantStatus: 200, WantBody: Values{"status": "active", "period.start": "2026-01-01", "period.end": "2026-12-31"}},
		{Name: "the claim is decided anew", Path: "/ClaimResponse/{early}", WantStatus: 200, WantBody: Values{"disposition": "8,000 of 10,000 TZS*", "meta.versionId": "2", "extension[0].valueReference.reference": "Coverage/*"}},
		visit("c1", "b", "2026-02-01", Values{"outcome": "complete", "disposition": "8,000 of 10,000 TZS*"}),
		on("it is suspended", "/Contract/{policy}/$suspend", 200, Values{"parameter[0].resource.status": "disputed"}),
		on("twice it can't be", "/Contract/{policy}/$suspend", 422, Values{"issue[0].details.coding[0].code": "policy", "issue[0].expression[0]": "Contract.extension*"}),
		visit("c2", "b", "2026-02-02", Values{"outcome": "complete", "disposition": "Nothing of*"}),
		on("it goes on", "/Contract/{policy}/$activate", 200, Values{"parameter[0].resource.status": "resolved"}),
		{Name: "what was refused meanwhile is paid", Path: "/ClaimResponse/{c2}", WantStatus: 200, WantBody: Values{"disposition": "8,000 of 10,000 TZS*"}},
		visit("c3", "b", "2026-07-01", Values{"outcome": "complete", "disposition": "*"}),
		on("it is cancelled", "/Contract/{policy}/$cancel", 200, Values{"parameter[0].resource.status": "terminated", "parameter[0].resource.applies.end": "2026-06-30", "parameter[1].resource.paymentAmount.value": "12098.63"}, "date", dated("2026-06-30")),
		on("twice it can't be", "/Contract/{policy}/$cancel", 422, nil, "date", dated("2026-06-30")),
		{Name: "what was granted for July is to be recovered", Path: "/Task?focus=Contract/{policy}&code=redecision", WantStatus: 200, WantBody: Values{"entry#": "1", "entry[0].resource.status": "requested", "entry[0].resource.input[0].valueReference.reference": "Claim/{c3}", "entry[0].resource.input[0].extension[0].extension[0].valueMoney.value": "8000", "entry[0].resource.input[0].extension[0].extension[1].valueMoney.value": "0"}},
		{Name: "and no more", Path: "/Task?focus=Contract/{policy}&code=redecision", WantStatus: 200, WantBody: Values{"entry[0].resource.input#": "1"}},
	}}
}

// policyByHand: the Contract names family and plan, the server works out the rest.
func policyByHand() Story {
	byHand := `{"resourceType":"Contract","id":"{run}-h","extension":[{"url":"` + policyExt + `policy-state","valueCode":"draft"}],"status":"negotiable","title":"Written at the market","subject":[{"reference":"Group/{run}-f"}],"term":[{"offer":{"topic":{"reference":"InsurancePlan/{run}-p"}},"asset":[{"typeReference":[{"reference":"Patient/{run}-a"}]}]}]}`
	return Story{"a policy written by hand is completed, and paid in two parts", []Scenario{
		insured(plan("p", `,{"url":"`+openimisExt+`insurance-plan-max-installments","valueUnsignedInt":2}`)),
		{Name: "it is written", Method: "PUT", Path: "/Contract/{run}-h", Body: byHand, WantStatus: 201},
		{
			Name: "and completed", Method: "POST", Path: "/Contract/{run}-h/$offer", WantStatus: 200, Body: `{"resourceType":"Parameters","parameter":[{"name":"date","valueDate":"2026-01-01"}]}`,
			WantBody: Values{"parameter[0].resource.id": "{run}-h", "parameter[0].resource.title": "Written at the market", "parameter[0].resource.status": "offered", "parameter[0].resource.applies.start": "2026-01-01", "parameter[0].resource.identifier[0].value": "*", "parameter[1].resource.beneficiary.reference": "Patient/{run}-a", "parameter[2].resource.totalGross.value": "12000", "parameter#": "3"},
			Keep:     Values{"invoice": "parameter[2].resource.id"},
		},
		on("once only", "/Contract/{run}-h/$offer", 422, Values{"issue[0].details.coding[0].code": "policy"}),
		cash("n1", "invoice", "2026-01-01", "5000", 201, nil),
		cash("n2", "invoice", "2026-01-02", "5000", 422, Values{"issue[0].diagnostics": "*the last*7000 TZS", "issue[0].expression[0]": "PaymentNotice.amount"}),
		cash("n3", "invoice", "2026-01-02", "7000", 201, nil),
		{Name: "it is in force", Path: "/Contract/{run}-h", WantStatus: 200, WantBody: Values{"status": "executed", "applies.start": "2026-01-02"}},
	}}
}

// policyRenewed: the plan of 2025 converts to another, under which the policy is
// renewed; a child joins, for 6,000.
func policyRenewed() Story {
	return Story{"a policy is renewed under the plan it converts to, and joined", []Scenario{
		insured(plan("q", ""), plan("p", `,{"url":"`+openimisExt+`insurance-plan-conversion","valueReference":{"reference":"InsurancePlan/{run}-q"}}`)),
		offered("p", "2025-01-01", Values{"parameter[3].resource.totalGross.value": "24000"}),
		cash("n1", "invoice", "2025-01-01", "24000", 201, nil),
		{
			Name: "it is renewed", Method: "POST", Path: "/Contract/{policy}/$renew", WantStatus: 200, Body: `{"resourceType":"Parameters","parameter":[{"name":"date","valueDate":"2025-12-20"}]}`,
			WantBody: Values{"parameter[0].resource.term[0].offer.topic.reference": "InsurancePlan/{run}-q", "parameter[0].resource.applies.start": "2026-01-01", "parameter[3].resource.totalGross.value": "24000"},
			Keep:     Values{"next": "parameter[0].resource.id", "again": "parameter[3].resource.id", "a": "parameter[1].resource.id"},
		},
		on("twice it can't be", "/Contract/{policy}/$renew", 409, Values{"issue[0].code": "duplicate"}, "date", dated("2025-12-20")),
		cash("n2", "again", "2026-01-31", "24000", 201, nil),
		{Name: "paid on the last day of grace it has no gap", Path: "/Coverage/{a}", WantStatus: 200, WantBody: Values{"status": "active", "period.start": "2026-01-01", "extension[2].valueDate": "2025-01-01"}},
		{Name: "the first is followed", Path: "/Contract/{policy}", WantStatus: 200, WantBody: Values{"status": "renewed"}},
		on("nobody joins who is not of the family", "/Contract/{next}/$add-member", 422, Values{"issue[0].expression[0]": "*'member')"}, "member", referring("Patient/{run}-k"), "date", dated("2026-04-01")),
		{Name: "a child comes into the family", Method: "PATCH", Path: "/Group/{run}-f", Header: Values{"Content-Type": "application/json-patch+json"}, Body: `[{"op":"add","path":"/member/-","value":{` + childOfHead + `"entity":{"reference":"Patient/{run}-k"}}}]`, WantStatus: 200},
		{
			Name: "it joins", Method: "POST", Path: "/Contract/{next}/$add-member", WantStatus: 200, Body: `{"resourceType":"Parameters","parameter":[{"name":"member",` + referring("Patient/{run}-k") + `},{"name":"date","valueDate":"2026-04-01"}]}`,
			WantBody: Values{"parameter[1].resource.period.start": "2026-04-01", "parameter[1].resource.status": "draft", "parameter[2].resource.totalGross.value": "6000"}, Keep: Values{"kid": "parameter[1].resource.id", "theirs": "parameter[2].resource.id"},
		},
		cash("n3", "theirs", "2026-04-10", "6000", 201, nil),
		{Name: "it is covered from its payment", Path: "/Coverage/{kid}", WantStatus: 200, WantBody: Values{"status": "active", "period.start": "2026-04-10", "period.end": "2026-12-31"}},
	}}
}

// policyNepali: agreed on 27 Jestha 2082, 10 June 2025, the policy begins on
// 1 Shrawan, 17 July 2025, and ends with 32 Ashadh 2083, 16 July 2026.
func policyNepali() Story {
	return Story{"a policy goes by the Nepali year", []Scenario{
		insured(plan("p", `,{"url":"`+openimisExt+`insurance-plan-start_cycle","valueString":"01-04"},{"url":"`+policyExt+`cycle-calendar","valueCode":"bikram-sambat"}`)),
		offered("p", "2025-06-10", Values{"parameter[0].resource.applies.start": "2025-07-17", "parameter[0].resource.applies.end": "2026-07-16"}),
	}}
}

func policyRefusals() Story {
	return Story{"what can't be offered is refused, and nothing is stored", []Scenario{
		insured(plan("p", "")),
		on("of no plan", "/Contract/$offer", 404, nil, "subject", referring("Group/{run}-f"), "plan", referring("InsurancePlan/{run}-none")),
		on("to nobody", "/Contract/$offer", 400, nil, "plan", referring("InsurancePlan/{run}-p")),
		on("on a day to come", "/Contract/$offer", 422, Values{"issue[0].expression[0]": "*'date')"}, "subject", referring("Group/{run}-f"), "plan", referring("InsurancePlan/{run}-p"), "date", dated("2999-01-01")),
		on("to one who is not of the family", "/Contract/$offer", 422, Values{"issue[0].expression[0]": "*'member')"}, "subject", referring("Group/{run}-f"), "plan", referring("InsurancePlan/{run}-p"), "member", referring("Patient/{run}-k")),
		on("shared with one whose time is over", "/Contract/$offer", 422, Values{"issue[0].expression[0]": "*'payer')[0]"}, "subject", referring("Group/{run}-f"), "plan", referring("InsurancePlan/{run}-p"), "date", dated("2026-01-01"), "payer", `"part":[{"name":"party",`+referring("Organization/{run}-s")+`},{"name":"percentage","valueDecimal":50},{"name":"until","valueDate":"2025-12-31"}]`),
		{Name: "there is no policy", Path: "/Contract?subject=Group/{run}-f&_summary=count", WantStatus: 200, WantBody: Values{"total": "0"}},
		{Name: "a policy that never was", Method: "POST", Path: "/Contract/{run}-none/$cancel", Body: `{"resourceType":"Parameters"}`, WantStatus: 404},
		{Name: "an operation is not asked by GET", Path: "/Contract/{run}-none/$cancel", WantStatus: 405},
	}}
}
