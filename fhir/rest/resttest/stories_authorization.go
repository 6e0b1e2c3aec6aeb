package resttest

import "strings"

// authorizationStories tell what is agreed to beforehand, and who pays what is left.
func authorizationStories() []Story {
	return []Story{whatIsKeptFree(), whoPaysTheRest()}
}

// agreeing turns the claim of a Scenario into another use of it, one that names a
// preauthorization, or one of another price.
func agreeing(s Scenario, changes ...string) Scenario {
	s.Body = strings.NewReplacer(changes...).Replace(s.Body)
	return s
}

// keptWorld gives a patient of a product with 2,000 a year, which agrees beforehand
// to {run}-S at 1,000 and waits 24 hours in an emergency.
func keptWorld() []Scenario {
	const kind = "http://terminology.hl7.org/CodeSystem/benefit-type"
	medical := concept("http://terminology.hl7.org/CodeSystem/insurance-plan-type", "medical")
	all := concept("https://bima.example/fhir/CodeSystem/benefit", "all")
	ceiling := `{"type":` + concept(kind, "benefit") + `,"qualifiers":[` + concept("http://terminology.hl7.org/CodeSystem/benefit-unit", "individual") + `,` + concept("http://terminology.hl7.org/CodeSystem/benefit-term", "annual") + `],"value":{"value":2000,"system":"urn:iso:std:iso:4217","code":"TZS"}}`
	tariff := func(service, price, more string) Scenario {
		return resource("ChargeItemDefinition", service, `"url":"urn:{run}:`+service+`","status":"active",`+more+`"identifier":[{"system":"urn:{run}","value":"`+service+`"}],"code":`+concept("urn:{run}", service)+
			`,"propertyGroup":[{"extension":[`+ruled("price-list", `"valueCoding":{"system":"urn:{run}","code":"LIST"}`)+`],"priceComponent":[{"type":"base","factor":1,"amount":{"value":`+price+`,"currency":"TZS"}}]}]`)
	}
	return []Scenario{
		resource("Organization", "scheme", `"name":"Scheme"`),
		resource("Organization", "h", `"active":true,"name":"Hospital","extension":[`+ruled("price-list", `"valueCoding":{"system":"urn:{run}","code":"LIST"}`)+`]`),
		tariff("S", "1000", ""), tariff("T", "1000", ""),
		resource("InsurancePlan", "asks", `"status":"active","name":"Asks","extension":[`+ruled("preauthorization-terms", `"extension":[{"url":"length","valueDuration":{"value":60,"system":"http://unitsofmeasure.org","code":"d"}},{"url":"emergency","valueDuration":{"value":24,"system":"http://unitsofmeasure.org","code":"h"}}]`)+`],
			"coverage":[{"type":`+medical+`,"benefit":[{"type":`+all+`},{"extension":[`+ruled("authorization-required", `"valueBoolean":true`)+`],"type":`+concept("urn:{run}", "S")+`}]}],
			"plan":[{"specificCost":[{"category":`+medical+`,"benefit":[{"type":`+all+`,"cost":[`+ceiling+`]}]}]}]`),
		resource("Patient", "a", `"active":true,"gender":"female","birthDate":"1990-05-17"`),
		resource("Coverage", "ca", `"status":"active","extension":[`+strings.Replace(planOfCover, "{run}-plan", "{run}-asks", 1)+`],"beneficiary":{"reference":"Patient/{run}-a"},"period":{"start":"2026-01-01","end":"2026-12-31"},"payor":[{"reference":"Organization/{run}-scheme"}]`),
	}
}

func whatIsKeptFree() Story {
	const (
		day  = "2026-04-02"
		made = "2026-04-02"
	)
	asks := func(s Scenario) Scenario { return agreeing(s, `"use":"claim"`, `"use":"preauthorization"`) }
	naming := func(s Scenario) Scenario {
		return agreeing(s, `"focal":true,`, `"focal":true,"preAuthRef":["{ref}"],`)
	}
	request := asks(bill("asked beforehand", "h", "a", "S", day, made, "", "All of 1,000 TZS will be paid."))
	request.Keep = Values{"ref": "preAuthRef", "id": "id"}
	refused := asks(bill("asked for what is not covered then", "h", "a", "S", "2027-04-02", made, "", nothingPaid+": no cover on the day; the member owes 1,000."))
	refused.WantBody["preAuthRef"] = Absent
	cancel := func(name, id string) Scenario {
		return Scenario{
			Name: name, Method: "PATCH", Path: "/Claim/" + id, Header: Values{"Content-Type": "application/json-patch+json"}, WantStatus: 200,
			Body: `[{"op":"replace","path":"/status","value":"cancelled"}]`,
		}
	}
	rest := agreeing(bill("of two the 1,000 that are left", "h", "a", "T", day, made, "", "1,000 of 2,000 TZS will be paid; the member owes 1,000."), `"quantity":{"value":1}`, `"quantity":{"value":2}`)
	first := naming(bill("what was agreed to", "h", "a", "S", day, made, "", "All of 1,000 TZS will be paid."))
	first.Keep = Values{"first": "id"}
	return Story{Name: "what the scheme agrees to is kept free", Steps: append(
		keptWorld(),
		bill("not asked for", "h", "a", "S", day, made, "", nothingPaid+": the scheme was to be asked beforehand (preauthorization)."),
		request, refused,
		rest,
		first,
		naming(bill("agreed to once only", "h", "a", "S", day, made, "", nothingPaid+": the scheme was to be asked beforehand (preauthorization).")),
		cancel("the claim is cancelled", "{first}"),
		bill("to others nothing comes back", "h", "a", "T", day, made, "", nothingPaid+"; the member owes 1,000."),
		naming(bill("to the request it does", "h", "a", "S", day, made, "", "All of 1,000 TZS will be paid.")),
	)}
}

func whoPaysTheRest() Story {
	const day = "2026-04-02"
	medical := concept("http://terminology.hl7.org/CodeSystem/insurance-plan-type", "medical")
	all := concept("https://bima.example/fhir/CodeSystem/benefit", "all")
	share := `{"type":` + concept("http://terminology.hl7.org/CodeSystem/benefit-type", "copay-percent") + `,"value":{"value":40,"system":"http://unitsofmeasure.org","code":"%"}}`
	product := func(id, extension string) Scenario {
		return resource("InsurancePlan", id, `"status":"active","name":"`+id+`"`+extension+`,"coverage":[{"type":`+medical+`,"benefit":[{"type":`+all+`}]}],"plan":[{"specificCost":[{"category":`+medical+`,"benefit":[{"type":`+all+`,"cost":[`+share+`]}]}]}]`)
	}
	cover := func(id, patient, plan, order string) Scenario {
		return resource("Coverage", id, `"status":"active","order":`+order+`,"extension":[`+strings.Replace(planOfCover, "{run}-plan", "{run}-"+plan, 1)+`],"beneficiary":{"reference":"Patient/{run}-`+patient+`"},"period":{"start":"2026-01-01","end":"2026-12-31"},"payor":[{"reference":"Organization/{run}-scheme"}]`)
	}
	atWork := `,"accident":{"date":"` + day + `","type":` + concept("http://terminology.hl7.org/CodeSystem/v3-ActCode", "WPA") + `}`
	steps := keptWorld()[:4]
	steps = append(
		steps,
		product("first", ""), product("second", `,"extension":[`+ruled("coordination-of-benefits", `"valueBoolean":true`)+`]`),
		product("injury", `,"extension":[`+ruled("accident-cover", `"valueCode":"work"`)+`]`),
		resource("Patient", "a", `"active":true`), cover("ca", "a", "first", "1"), cover("ca2", "a", "second", "2"),
		resource("Patient", "b", `"active":true`), cover("cb", "b", "injury", "1"),
		// 600 by the first, and 60 % of the 400 it leaves, 240, by the second.
		bill("two policies share a line", "h", "a", "S", day, day, "", "840 of 1,000 TZS will be paid; the member owes 160."),
		bill("an illness is not insured against injury", "h", "b", "S", day, day, "", nothingPaid+": the plan pays for accidents at the work of its employer only; the member owes 1,000."),
		bill("an accident at work is", "h", "b", "S", day, day, atWork, "600 of 1,000 TZS will be paid; the member owes 400."),
	)
	return Story{Name: "who pays the rest of a line", Steps: steps}
}
