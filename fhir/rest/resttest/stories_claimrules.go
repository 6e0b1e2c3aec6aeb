package resttest

import (
	"fmt"
	"strings"
)

// claimRuleStories tell how claims are decided by the rules that a product asks for.
func claimRuleStories() []Story { return []Story{whatAProductAsks(), whoWasThere()} }

const (
	facilityLevel = `{"url":"https://openimis.github.io/openimis_fhir_r4_ig/StructureDefinition/organization-hf-level","valueCodeableConcept":{"coding":[{"system":"https://openimis.github.io/openimis_fhir_r4_ig/CodeSystem/organization-hf-level","code":"%s"}]}}`
	patientGroups = `https://bima.example/fhir/CodeSystem/patient-group`
)

// ruled writes an extension of Bima's.
func ruled(url, value string) string { return `{"url":"` + ourExtension + url + `",` + value + `}` }

func concept(system, code string) string {
	return `{"coding":[{"system":"` + system + `","code":"` + code + `"}]}`
}

func resource(typ, id, body string) Scenario {
	return Scenario{Name: "there is a " + typ + " " + id, Method: "PUT", Path: "/" + typ + "/{run}-" + id, WantStatus: 201, Body: `{"resourceType":"` + typ + `","id":"{run}-` + id + `",` + body + `}`}
}

// ruledWorld gives a hospital {run}-h and a dispensary {run}-d, whose list has 1,000
// for each service, and a product {run}-ruled, of which {run}-a is a member for the
// first half of 2026 and {run}-b, who died in March, for all of it.
func ruledWorld() []Scenario {
	const kind = "http://terminology.hl7.org/CodeSystem/benefit-type"
	tariff := func(service, rules string) Scenario {
		return resource("ChargeItemDefinition", service, `"url":"urn:{run}:`+service+`","status":"active","identifier":[{"system":"urn:{run}","value":"`+service+`"}],"code":`+concept("urn:{run}", service)+rules+
			`,"propertyGroup":[{"extension":[`+ruled("price-list", `"valueCoding":{"system":"urn:{run}","code":"LIST"}`)+`],"priceComponent":[{"type":"base","factor":1,"amount":{"value":1000,"currency":"TZS"}}]}]`)
	}
	facility := func(id, level string) Scenario {
		return resource("Organization", id, `"active":true,"name":"Facility","extension":[`+ruled("price-list", `"valueCoding":{"system":"urn:{run}","code":"LIST"}`)+`,`+fmt.Sprintf(facilityLevel, level)+`]`)
	}
	member := func(id, patient, plan, until string) Scenario {
		return resource("Coverage", id, `"status":"active","extension":[`+strings.Replace(planOfCover, "{run}-plan", "{run}-"+plan, 1)+`],"beneficiary":{"reference":"Patient/{run}-`+patient+`"},"period":{"start":"2026-01-01","end":"`+until+`"},"payor":[{"reference":"Organization/{run}-scheme"}]`)
	}
	exclusive := `,"extension":[` + ruled("exclusive-services", `"extension":[{"url":"group","valueCode":"{run}"},{"url":"within","valueCode":"day"}]`) + `]`
	antenatal := `,"useContext":[{"code":{"system":"http://terminology.hl7.org/CodeSystem/usage-context-type","code":"workflow"},"valueCodeableConcept":` + concept("https://openimis.github.io/openimis_fhir_r4_ig/CodeSystem/activity-definition-usage-context-workflow-type", "A") + `}]`
	medical := concept("http://terminology.hl7.org/CodeSystem/insurance-plan-type", "medical")
	all := concept("https://bima.example/fhir/CodeSystem/benefit", "all")
	copay := func(value, qualifiers string) string {
		return `{"type":` + concept(kind, "copay") + `,"qualifiers":[` + concept("https://bima.example/fhir/CodeSystem/limit-term", "claim") + qualifiers + `],"value":{"value":` + value + `,"system":"urn:iso:std:iso:4217","code":"TZS"}}`
	}
	return []Scenario{
		resource("Organization", "scheme", `"name":"Scheme"`), facility("h", "H"), facility("d", "D"),
		resource("Patient", "a", `"active":true,"gender":"female","birthDate":"1990-05-17","generalPractitioner":[{"reference":"Organization/{run}-d"}]`),
		resource("Patient", "b", `"active":true,"gender":"male","birthDate":"1940-05-17","deceasedDateTime":"2026-03-15","extension":[`+ruled("patient-group", `"extension":[{"url":"group","valueCoding":{"system":"`+patientGroups+`","code":"indigent"}}]`)+`]`),
		tariff("S", ""), tariff("T", exclusive), tariff("U", exclusive), tariff("V", ""), tariff("W", antenatal),
		resource("InsurancePlan", "ruled", `"status":"active","name":"Ruled","extension":[`+strings.Join([]string{
			ruled("filing-deadline", `"valueDuration":{"value":60,"system":"http://unitsofmeasure.org","code":"d"}`), ruled("deciding-day", `"valueCode":"admission"`), ruled("overlapping-stays", `"valueCode":"refused"`),
		}, ",")+`],"coverage":[{"type":`+medical+`,"benefit":[
			{"extension":[`+ruled("once-a-day", `"valueBoolean":true`)+`,`+ruled("diagnosis-excluded", `"valueCoding":{"system":"http://hl7.org/fhir/sid/icd-10","code":"Z41"}`)+`],"type":`+all+`},
			{"extension":[`+ruled("referral-required", `"valueCode":"hospital"`)+`],"type":`+concept("https://bima.example/fhir/CodeSystem/benefit", "inpatient")+`},
			{"type":`+concept("https://openimis.github.io/openimis_fhir_r4_ig/CodeSystem/activity-definition-usage-context-workflow-type", "A")+`,"limit":[{"code":`+concept(kind, "visit")+`,"value":{"value":1},"extension":[`+ruled("benefit-qualifier", `"valueCodeableConcept":`+concept("https://bima.example/fhir/CodeSystem/limit-term", "pregnancy"))+`]}]},
			{"extension":[`+ruled("capitated", `"valueBoolean":true`)+`],"type":`+concept("urn:{run}", "V")+`}]}],
			"plan":[{"extension":[`+ruled("capitation", `"extension":[{"url":"level","valueCodeableConcept":`+concept("https://openimis.github.io/openimis_fhir_r4_ig/CodeSystem/organization-hf-level", "D")+`},{"url":"share","valueDecimal":40},{"url":"population","valueDecimal":100}]`)+`],
			"specificCost":[{"category":`+medical+`,"benefit":[{"type":`+all+`,"cost":[`+copay("100", "")+`,`+copay("0", `,`+concept(patientGroups, "indigent"))+`]}]}]}]`),
		resource("InsurancePlan", "present", `"status":"active","name":"Present","extension":[`+ruled("proof-of-presence", `"valueDuration":{"value":0,"system":"http://unitsofmeasure.org","code":"d"}`)+`],"coverage":[{"type":`+medical+`,"benefit":[{"type":`+all+`}]}],"plan":[{"type":`+medical+`}]`),
		member("ca", "a", "ruled", "2026-06-30"), member("cb", "b", "ruled", "2026-12-31"),
		resource("Patient", "c", `"active":true,"gender":"female","birthDate":"1990-05-17"`), member("cc", "c", "present", "2199-12-31"),
	}
}

// bill gives the claim of a facility for a patient's service, with a disposition of
// the answer that is wanted. days are one day or from..until; more is further elements.
func bill(name, facility, patient, service, days, made, more, want string) Scenario {
	from, until, stay := strings.Cut(days, "..")
	if !stay {
		until = from
	}
	return Scenario{
		Name: name, Method: "POST", Path: "/Claim/$submit", WantStatus: 200, WantBody: Values{"disposition": want},
		Body: `{"resourceType":"Claim","identifier":[{"system":"https://bima.example/fhir/id/claim","value":"{run}-` + strings.ReplaceAll(name, " ", "-") + `"}],"status":"active","type":` + concept("http://terminology.hl7.org/CodeSystem/claim-type", "professional") + `,"use":"claim","patient":{"reference":"Patient/{run}-` + patient + `"},"billablePeriod":{"start":"` + from + `","end":"` + until + `"},"created":"` + made + `","provider":{"reference":"Organization/{run}-` + facility + `"},"priority":{"coding":[{"code":"normal"}]},"insurance":[{"sequence":1,"focal":true,"coverage":{"reference":"Coverage/{run}-c` + patient + `"}}]` + more + `,"item":[{"sequence":1,"productOrService":` + concept("urn:{run}", service) + `,"quantity":{"value":1},"unitPrice":{"value":1000,"currency":"TZS"}}]}`,
	}
}

const (
	paidLessCopay = "900 of 1,000 TZS will be paid; the member owes 100."
	nothingPaid   = "Nothing of 1,000 TZS will be paid"
	unreferred    = nothingPaid + ": the patient was not referred to this facility; the member owes 1,000."
)

func whatAProductAsks() Story {
	const referred = `,"referral":{"display":"sent by the dispensary"}`
	diagnosed := func(code string) string {
		return `,"diagnosis":[{"sequence":1,"diagnosisCodeableConcept":` + concept("http://hl7.org/fhir/sid/icd-10", code) + `}]`
	}
	referral := func(id, patient, by, status string) Scenario {
		return resource("ServiceRequest", id, `"status":"`+status+`","intent":"order","subject":{"reference":"Patient/{run}-`+patient+`"},"requester":{"reference":"Organization/{run}-`+by+`"}`)
	}
	sent := func(id string) string { return `,"referral":{"reference":"ServiceRequest/{run}-` + id + `"}` }
	pregnant := func(since string) string {
		return `,"supportingInfo":[{"sequence":1,"category":` + concept("https://bima.example/fhir/CodeSystem/claim-information", "pregnancy") + `,"timingDate":"` + since + `"}]`
	}
	return Story{"claims are decided by the rules their product asks for", append(
		ruledWorld(),
		bill("a service with its co-payment", "h", "a", "S", "2026-02-01", "2026-02-01", "", paidLessCopay),
		bill("the same one at another facility on that day", "d", "a", "S", "2026-02-01", "2026-02-01", "", nothingPaid+": the patient had this service on that day already."),
		bill("made on the last day for claims", "h", "a", "S", "2026-02-02", "2026-04-03", "", paidLessCopay),
		bill("made a day later", "h", "a", "S", "2026-02-03", "2026-04-05", "", nothingPaid+": claimed after the time for claims was over."),
		bill("one of a group of services", "h", "a", "T", "2026-02-10", "2026-02-10", "", paidLessCopay),
		bill("another of the group at another facility on that day", "d", "a", "U", "2026-02-10", "2026-02-10", "", nothingPaid+": not paid together with another service that was had."),
		bill("the other one on the next day", "d", "a", "U", "2026-02-11", "2026-02-11", "", paidLessCopay),
		bill("of a diagnosis that is excluded", "h", "a", "S", "2026-02-12", "2026-02-12", diagnosed("Z41.1"), nothingPaid+": not covered for this diagnosis; the member owes 1,000."),
		bill("of another diagnosis", "h", "a", "S", "2026-02-12", "2026-02-13", diagnosed("L02.2"), paidLessCopay),
		bill("paid by heads to a dispensary", "d", "a", "V", "2026-02-14", "2026-02-14", "", nothingPaid+"."),
		bill("paid by claim to a hospital", "h", "a", "V", "2026-02-15", "2026-02-15", "", paidLessCopay),
		bill("an antenatal visit", "d", "a", "W", "2026-02-16", "2026-02-16", pregnant("2025-12-01"), paidLessCopay),
		bill("a second one in that pregnancy", "d", "a", "W", "2026-02-20", "2026-02-20", pregnant("2025-12-01"), nothingPaid+": no antenatal visit left; the member owes 1,000."),
		bill("a first one in the next", "d", "a", "W", "2026-06-20", "2026-06-20", pregnant("2026-05-01"), paidLessCopay),
		bill("a stay without a referral", "h", "a", "S", "2026-05-01..2026-05-03", "2026-05-03", "", unreferred),
		referral("s1", "b", "d", "active"), referral("s2", "a", "d", "revoked"), referral("s3", "a", "h", "active"), referral("s4", "a", "d", "completed"),
		bill("a stay with the referral of another patient", "h", "a", "S", "2026-05-01..2026-05-03", "2026-05-04", sent("s1"), unreferred),
		bill("a stay with a referral taken back", "h", "a", "S", "2026-05-01..2026-05-03", "2026-05-05", sent("s2"), unreferred),
		bill("a stay with a referral of its own", "h", "a", "S", "2026-05-01..2026-05-03", "2026-05-06", sent("s3"), unreferred),
		bill("a stay with a referral of the dispensary", "h", "a", "S", "2026-05-01..2026-05-03", "2026-05-07", sent("s4"), paidLessCopay),
		bill("a stay beyond the membership", "h", "a", "S", "2026-06-28..2026-07-02", "2026-07-02", referred, paidLessCopay),
		bill("a stay elsewhere in a night of it", "d", "a", "V", "2026-06-29..2026-06-30", "2026-06-30", "", nothingPaid+": the patient was in another hospital in these nights."),
		bill("the indigent on the day he died", "h", "b", "S", "2026-03-15", "2026-03-15", "", "All of 1,000 TZS will be paid."),
		bill("after he died", "h", "b", "S", "2026-03-16", "2026-03-16", "", nothingPaid+": the patient had died before that day."),
	)}
}

func whoWasThere() Story {
	quoting := func(code string) string {
		return `,"supportingInfo":[{"sequence":1,"category":` + concept("https://bima.example/fhir/CodeSystem/claim-information", "visit-code") + `,"valueString":"` + code + `"}]`
	}
	unproven := nothingPaid + ": no visit code proves that the patient was there."
	question := func(id, days string) Scenario {
		return Scenario{
			Name: "the hospital asks about " + days, Method: "PUT", Path: "/CoverageEligibilityRequest/{run}-" + id, WantStatus: 201,
			Body: `{"resourceType":"CoverageEligibilityRequest","id":"{run}-` + id + `","status":"active","purpose":["validation"],"patient":{"reference":"Patient/{run}-c"},"servicedPeriod":{"start":"` + strings.Replace(days, "..", `","end":"`, 1) + `"},"created":"{yesterday}","provider":{"reference":"Organization/{run}-h"},"insurer":{"reference":"Organization/{run}-scheme"}}`,
		}
	}
	answer := func(id, want string) Scenario {
		return Scenario{Name: "the answer says so", Path: "/CoverageEligibilityResponse/{run}-" + id, WantStatus: 200, WantBody: Values{"disposition": want}, Keep: Values{id: "created"}}
	}
	const was, now = "{yesterday}..{yesterday}", "{yesterday}..{tomorrow}"
	return Story{"a product asks for proof that the patient was there", append(
		ruledWorld(),
		question("visit", now), answer("visit", "Covered on *. The visit code of * is {run}-visit."),
		question("late", was), answer("late", "Covered on {yesterday}. This is no visit code: it was asked on *, about another day."),
		bill("without a visit code", "h", "c", "S", "{visit}", "{visit}", "", unproven),
		bill("with the code of the answer", "h", "c", "S", "{visit}", "{visit}", quoting("{run}-visit"), "All of 1,000 TZS will be paid."),
		bill("a day before it", "h", "c", "S", "{yesterday}", "{yesterday}", quoting("{run}-visit"), unproven),
		bill("a stay that ends on that day", "h", "c", "S", "{yesterday}..{visit}", "{visit}", quoting("{run}-visit"), "All of 1,000 TZS will be paid."),
		bill("with the code of an answer about a day that is over", "h", "c", "S", "{yesterday}", "{yesterday}", quoting("{run}-late"), unproven),
		bill("by another facility", "d", "c", "S", "{visit}", "{visit}", quoting("{run}-visit"), unproven),
		bill("with a code that is none", "h", "c", "S", "{visit}", "{visit}", quoting("{run}-no"), unproven),
		bill("in an emergency", "h", "c", "S", "{visit}", "{visit}", `,"subType":`+concept("http://terminology.hl7.org/CodeSystem/v3-ActCode", "EMER"), "All of 1,000 TZS will be paid."),
	)}
}
