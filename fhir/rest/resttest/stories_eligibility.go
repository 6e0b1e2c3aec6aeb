package resttest

import (
	"fmt"
	"strings"
)

// eligibilityStories tell what people are told of their cover before care.
func eligibilityStories() []Story { return []Story{whoIsCovered(), whatItWouldCost()} }

const (
	ourExtension = `https://bima.example/fhir/StructureDefinition/`
	planOfCover  = `{"url":"http://hl7.org/fhir/5.0/StructureDefinition/extension-Coverage.insurancePlan","valueReference":{"reference":"InsurancePlan/{run}-plan"}}`
)

// coveredHere gives a world in which {run}-a is covered in 2026 by a plan that pays
// 80 % of {run}-S, 1,000 on the facility's list, up to 2,000 a year; {run}-T asks to
// be asked beforehand. The facility is suspended in May.
func coveredHere() []Scenario {
	put := func(typ, id, body string) Scenario {
		return Scenario{Name: "there is a " + typ + " " + id, Method: "PUT", Path: "/" + typ + "/{run}-" + id, WantStatus: 201, Body: `{"resourceType":"` + typ + `","id":"{run}-` + id + `",` + body + `}`}
	}
	code := func(system, code string) string {
		return `{"coding":[{"system":"` + system + `","code":"` + code + `"}]}`
	}
	const kind = "http://terminology.hl7.org/CodeSystem/benefit-type"
	tariff := func(service string) string {
		return `"url":"urn:{run}:` + service + `","status":"active","identifier":[{"system":"urn:{run}","value":"` + service + `"}],"code":` + code("urn:{run}", service) +
			`,"propertyGroup":[{"extension":[{"url":"` + ourExtension + `price-list","valueCoding":{"system":"urn:{run}","code":"LIST"}}],"priceComponent":[{"type":"base","factor":1,"amount":{"value":1000,"currency":"TZS"}}]}]`
	}
	medical := code("http://terminology.hl7.org/CodeSystem/insurance-plan-type", "medical")
	return []Scenario{
		put("Patient", "a", `"active":true,"gender":"female","birthDate":"1990-05-17"`),
		put("Patient", "b", `"active":true,"gender":"male","birthDate":"1980-05-17"`),
		put("Organization", "scheme", `"name":"Scheme"`),
		put("Organization", "h", `"active":true,"name":"Hospital","extension":[{"url":"`+ourExtension+`price-list","valueCoding":{"system":"urn:{run}","code":"LIST"}},{"url":"`+ourExtension+`facility-contract","extension":[{"url":"period","valuePeriod":{"start":"2026-01-01"}},{"url":"suspension","valuePeriod":{"start":"2026-05-01","end":"2026-05-31"}}]}]`),
		put("ChargeItemDefinition", "S", tariff("S")), put("ChargeItemDefinition", "T", tariff("T")), put("ChargeItemDefinition", "U", tariff("U")),
		put("InsurancePlan", "plan", `"status":"active","name":"Plan","coverage":[{"type":`+medical+`,"benefit":[{"type":`+code("urn:{run}", "S")+`},{"extension":[{"url":"`+ourExtension+`authorization-required","valueBoolean":true}],"type":`+code("urn:{run}", "T")+`}]}],
			"plan":[{"specificCost":[{"category":`+medical+`,"benefit":[{"type":`+code("https://bima.example/fhir/CodeSystem/benefit", "all")+`,"cost":[
			{"type":`+code(kind, "copay-percent")+`,"value":{"value":20,"system":"http://unitsofmeasure.org","code":"%"}},
			{"type":`+code(kind, "benefit")+`,"qualifiers":[`+code("http://terminology.hl7.org/CodeSystem/benefit-unit", "individual")+`,`+code("http://terminology.hl7.org/CodeSystem/benefit-term", "annual")+`],"value":{"value":2000,"system":"urn:iso:std:iso:4217","code":"TZS"}}]}]}]}]`),
		put("Coverage", "ca", `"status":"active","extension":[`+planOfCover+`],"beneficiary":{"reference":"Patient/{run}-a"},"period":{"start":"2026-01-01","end":"2026-12-31"},"payor":[{"reference":"Organization/{run}-scheme"}]`),
		put("Coverage", "cb", `"status":"cancelled","extension":[`+planOfCover+`,{"url":"`+ourExtension+`coverage-state","valueCode":"suspended"}],"beneficiary":{"reference":"Patient/{run}-b"},"period":{"start":"2026-01-01","end":"2026-12-31"},"payor":[{"reference":"Organization/{run}-scheme"}]`),
	}
}

// asking gives a question about {run}-who on days, for services at {run}-h.
func asking(who, days, purpose string, services ...string) string {
	serviced := `"servicedDate":"` + days + `"`
	if from, until, period := strings.Cut(days, ".."); period {
		serviced = `"servicedPeriod":{"start":"` + from + `","end":"` + until + `"}`
	}
	items := ""
	for i, s := range services {
		items += fmt.Sprintf(`%s{"productOrService":{"coding":[{"system":"urn:{run}","code":%q}]},"quantity":{"value":1},"diagnosis":[{"diagnosisCodeableConcept":{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10","code":"A09"}]}}]}`, []string{`,"provider":{"reference":"Organization/{run}-h"},"item":[`, `,`}[min(i, 1)], s)
	}
	if services != nil {
		items += `]`
	}
	return `{"resourceType":"CoverageEligibilityRequest","status":"active","purpose":["` + strings.ReplaceAll(purpose, " ", `","`) + `"],"patient":{"reference":"Patient/` + who + `"},` + serviced + `,"created":"2026-04-01","insurer":{"reference":"Organization/{run}-scheme"}` + items + `}`
}

func askEligibility(name, body string, want Values) Scenario {
	want["resourceType"] = "CoverageEligibilityResponse"
	return Scenario{Name: name, Method: "POST", Path: "/CoverageEligibilityRequest/$submit", Body: body, WantStatus: 200, WantBody: want}
}

func whoIsCovered() Story {
	return Story{"people are told whether they are covered", append(
		coveredHere(),
		askEligibility("on a day", asking("{run}-a", "2026-04-01", "validation"), Values{"outcome": "complete", "insurance#": "1", "insurance[0].inforce": "true", "insurance[0].benefitPeriod.end": "2026-12-31", "insurance[0].item": Absent, "disposition": "Covered on 2026-04-01."}),
		askEligibility("with what is left", asking("{run}-a", "2026-04-01", "validation benefits"), Values{"insurance[0].item[0].benefit[0].allowedMoney.value": "2000", "insurance[0].item[0].benefit[0].extension[0].valueMoney.value": "2000"}),
		askEligibility("on a day to come", asking("{run}-a", "2026-12-31", "validation"), Values{"insurance[0].inforce": "true"}),
		askEligibility("on a day after the last", asking("{run}-a", "2027-01-01", "validation"), Values{"outcome": "complete", "insurance[0].inforce": "false", "error[0].code.coding[0].code": "no-coverage", "disposition": "Not covered on 2027-01-01."}),
		askEligibility("for days of which the last is not covered", asking("{run}-a", "2026-12-30..2027-01-01", "validation"), Values{"insurance[0].inforce": "false", "disposition": "Not covered on 2026-12-30 to 2027-01-01."}),
		askEligibility("whose membership is suspended", asking("{run}-b", "2026-04-01", "validation"), Values{"outcome": "complete", "insurance": Absent, "error[1].code.coding[1].code": "suspended", "error[1].code.text": "Coverage/{run}-cb is suspended"}),
		askEligibility("whom nobody knows", asking("{run}-z", "2026-04-01", "validation"), Values{"outcome": "error", "error[0].code.coding[0].code": "not-found", "insurance": Absent}),
		Scenario{Name: "a draft is not asked", Method: "POST", Path: "/CoverageEligibilityRequest/$submit", Body: strings.Replace(asking("{run}-a", "2026-04-01", "validation"), `"active"`, `"draft"`, 1), WantStatus: 422},
		Scenario{Name: "a question is answered when it is stored", Method: "PUT", Path: "/CoverageEligibilityRequest/{run}-q", Body: strings.Replace(asking("{run}-a", "2026-04-01", "validation"), `"status"`, `"id":"{run}-q","status"`, 1), WantStatus: 201},
		Scenario{Name: "under its id", Path: "/CoverageEligibilityResponse/{run}-q", WantStatus: 200, WantBody: Values{"request.reference": "CoverageEligibilityRequest/{run}-q", "outcome": "complete"}},
	)}
}

func whatItWouldCost() Story {
	claim := func(number, day string, services ...string) Scenario {
		items := ""
		for i, s := range services {
			items += fmt.Sprintf(`%s{"sequence":%d,"productOrService":{"coding":[{"system":"urn:{run}","code":%q}]},"quantity":{"value":1},"unitPrice":{"value":1000,"currency":"TZS"}}`, []string{``, `,`}[min(i, 1)], i+1, s)
		}
		return Scenario{
			Name: "it is claimed: " + number, Method: "POST", Path: "/Claim/$submit", WantStatus: 200,
			Body: `{"resourceType":"Claim","identifier":[{"system":"https://bima.example/fhir/id/claim","value":"{run}-` + number + `"}],"status":"active","type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/claim-type","code":"professional"}]},"use":"claim","patient":{"reference":"Patient/{run}-a"},"billablePeriod":{"start":"` + day + `","end":"` + day + `"},"created":"` + day + `","provider":{"reference":"Organization/{run}-h"},"priority":{"coding":[{"code":"normal"}]},"insurance":[{"sequence":1,"focal":true,"coverage":{"reference":"Coverage/{run}-ca"}}],"item":[` + items + `]}`,
		}
	}
	with := func(s Scenario, want Values) Scenario { s.WantBody = want; return s }
	return Story{"people are told what care would cost them, as it is decided then", append(
		coveredHere(),
		askEligibility("two services", asking("{run}-a", "2026-04-01", "benefits auth-requirements", "S", "U"), Values{
			"disposition":                                "1 of 2 services are covered. The member would pay 1,200 of 2,000 TZS.",
			"insurance[0].item[0].excluded":              "false",
			"insurance[0].item[0].authorizationRequired": "false",
			"insurance[0].item[1].excluded":              "true",
			"insurance[0].item[1].extension[0].valueCodeableConcept.coding[0].code": "not-in-plan",
			"insurance[0].item[0].benefit[4].type.coding[0].code":                   "memberliability",
			"insurance[0].item[0].benefit[4].allowedMoney.value":                    "200",
		}),
		with(claim("1", "2026-04-01", "S", "U"), Values{"item[0].adjudication[*].amount.value": "1000 1000 200 200 800"}),
		askEligibility("one that is to be asked beforehand", asking("{run}-a", "2026-04-02", "auth-requirements", "T"), Values{"insurance[0].item[0].authorizationRequired": "true", "insurance[0].item[0].excluded": "false", "disposition": "Covered. The member would pay 200 of 1,000 TZS."}),
		with(claim("2", "2026-04-02", "T"), Values{"item[0].adjudication[1].reason.coding[0].code": "preauthorization"}),
		askEligibility("where the facility is suspended", asking("{run}-a", "2026-05-15", "benefits", "S"), Values{"insurance[0].item[0].extension[0].valueCodeableConcept.coding[0].code": "no-contract", "insurance[0].inforce": "true"}),
		with(claim("3", "2026-05-15", "S"), Values{"item[0].adjudication[1].reason.coding[0].code": "no-contract"}),
		askEligibility("when most of the ceiling is used: 800 are left after two more", asking("{run}-a", "2026-06-01", "benefits", "S", "S"), Values{"disposition": "Covered. The member would pay 800 of 2,000 TZS.", "insurance[0].item[2].benefit[0].extension[0].valueMoney.value": "1200"}),
		with(claim("4", "2026-06-01", "S", "S"), Values{"disposition": "1,200 of 2,000 TZS will be paid; the member owes 800."}),
		askEligibility("when nothing is left", asking("{run}-a", "2026-06-02", "benefits", "S"), Values{"disposition": "Covered. The member would pay 1,000 of 1,000 TZS."}),
	)}
}
