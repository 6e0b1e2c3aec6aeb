package resttest

// indicatorStories tell how the numbers of a facility are asked for.
func indicatorStories() []Story { return []Story{numbersOfAFacility()} }

func numbersOfAFacility() Story {
	put := func(typ, id, body string) Scenario {
		return Scenario{Name: typ + " " + id + " is put", Method: "PUT", Path: "/" + typ + "/{run}-" + id, WantStatus: 201, Body: `{"resourceType":"` + typ + `","id":"{run}-` + id + `",` + body + `}`}
	}
	claim := func(created, status string) string {
		return `"status":"` + status + `","use":"claim","type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/claim-type","code":"professional"}]},
			"subType":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB"}]},"patient":{"reference":"Patient/{run}-counted"},"provider":{"reference":"Organization/{run}-counted"},
			"created":"` + created + `","billablePeriod":{"start":"2026-03-01","end":"2026-03-01"},"priority":{"coding":[{"code":"normal"}]},"insurance":[{"sequence":1,"focal":true,"coverage":{"display":"card"}}],
			"diagnosis":[{"sequence":1,"diagnosisCodeableConcept":{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10","code":"B54"}]}}],
			"item":[{"sequence":1,"productOrService":{"coding":[{"system":"https://bima.example/fhir/CodeSystem/service","code":"IND-1"}]},"quantity":{"value":1},"net":{"value":9000,"currency":"TZS"}}],"total":{"value":9000,"currency":"TZS"}`
	}
	const march = "/Measure/hf-claim/$evaluate-measure?subject=Organization/{run}-counted&periodStart=2026-03-01&periodEnd=2026-03-31"
	none := Values{"resourceType": "MeasureReport", "status": "complete", "type": "summary", "measure": "https://bima.example/fhir/Measure/hf-claim", "group[0].population[0].count": "0"}
	return Story{"the numbers of a facility are asked for", []Scenario{
		put("Patient", "counted", `"gender":"female","birthDate":"1990-05-17"`),
		put("Organization", "counted", `"name":"Counted"`),
		{Name: "without claims all numbers are 0", Path: march, WantStatus: 200, WantBody: none},
		put("Claim", "counted", claim("2026-03-31", "active")),
		put("Claim", "later", claim("2026-04-01", "active")),
		{Name: "of two claims one is of March", Path: march, WantStatus: 200, WantBody: Values{
			"reporter.reference": "Organization/{run}-counted", "period.start": "2026-03-01", "period.end": "2026-03-31",
			"group[0].code.coding[0].code": "HF_CLM_SUB_CNT", "group[0].population[0].count": "1", "group[0].stratifier[0].stratum#": "1",
			"group[0].stratifier[0].stratum[0].component[0].value.coding[0].code": "HF_CARE_OPD",
			"group[0].stratifier[0].stratum[0].component[1].value.coding[0].code": "HF_SEX_F",
			"group[0].stratifier[0].stratum[0].component[2].value.coding[0].code": "HF_AGE_26_35",
			"group[1].measureScore.value":                                         "9000",
		}},
		{Name: "a quarter has both", Path: "/Measure/$evaluate-measure?measure=hf-claim&subject=Organization/{run}-counted&periodStart=2026-01-01&periodEnd=2026-12-31", WantStatus: 200, WantBody: Values{"group[0].population[0].count": "2"}},
		{Name: "the claim of March is withdrawn", Method: "PUT", Path: "/Claim/{run}-counted", WantStatus: 200, Body: `{"resourceType":"Claim","id":"{run}-counted",` + claim("2026-03-31", "cancelled") + `}`},
		{Name: "and counts no more", Path: march, WantStatus: 200, WantBody: none},
		{Name: "ten days are no period", Path: "/Measure/hf-claim/$evaluate-measure?subject=Organization/{run}-counted&periodStart=2026-03-01&periodEnd=2026-03-10", WantStatus: 400, WantBody: Values{"issue[0].expression[0]": "Parameters.parameter.where(name = 'periodEnd')"}},
		{Name: "counting anew is a change", Path: "/Measure/$recount", WantStatus: 405},
		{Name: "what has changed is counted and stored", Method: "POST", Path: "/Measure/$recount", WantStatus: 200, WantBody: Values{"issue[0].code": "informational"}},
		{Name: "with the measures", Path: "/Measure/hf-claim", WantStatus: 200, WantBody: Values{"url": "https://bima.example/fhir/Measure/hf-claim", "group#": "17"}},
	}}
}
