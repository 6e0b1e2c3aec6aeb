package resttest

// containedStories cover searches in contained resources, and how an
// administrator is told how a search runs. Source: R4 search#contained.
func containedStories() []Story {
	order := func(id, code string) Scenario {
		return Scenario{
			Name: "an order of " + code, Method: "PUT", Path: "/MedicationRequest/" + id, WantStatus: 201,
			Body: `{"resourceType":"MedicationRequest","id":"` + id + `","contained":[{"resourceType":"Medication","id":"m","code":{"coding":[{"system":"urn:run","code":"` + code + `"}]}},{"resourceType":"Organization","id":"o","name":"x"}],"status":"active","intent":"order","medicationReference":{"reference":"#m"},"requester":{"reference":"#o"},"subject":{"reference":"Patient/{run}"}}`,
		}
	}
	return []Story{
		{"contained resources are searched on request", []Scenario{
			order("{run}-a", "{run}"),
			order("{run}-b", "{run}"),
			order("{run}-c", "{run}-other"),
			{Name: "one by itself", Method: "PUT", Path: "/Medication/{run}", Body: `{"resourceType":"Medication","id":"{run}","code":{"coding":[{"system":"urn:run","code":"{run}"}]}}`, WantStatus: 201},
			{Name: "not unless asked for", Path: "/Medication?code=urn:run|{run}", WantStatus: 200, WantBody: Values{"entry#": "1", "entry[0].fullUrl": "{base}/Medication/{run}"}},
			{Name: "nor when told not to", Path: "/Medication?code=urn:run|{run}&_contained=false", WantStatus: 200, WantBody: Values{"entry#": "1"}},
			{Name: "their containers", Path: "/Medication?code=urn:run|{run}&_contained=true", WantStatus: 200, WantBody: Values{"entry#": "2", "entry[*].fullUrl": "{base}/MedicationRequest/{run}-a {base}/MedicationRequest/{run}-b", "entry[0].search.mode": "match", "link[0].url": "*_contained=true*"}},
			{Name: "themselves", Path: "/Medication?code=urn:run|{run}&_contained=true&_containedType=contained", WantStatus: 200, WantBody: Values{"entry[*].fullUrl": "{base}/MedicationRequest/{run}-a#m {base}/MedicationRequest/{run}-b#m", "entry[0].resource.resourceType": "Medication"}},
			{Name: "both, those by themselves first", Path: "/Medication?code=urn:run|{run}&_contained=both", WantStatus: 200, WantBody: Values{"entry#": "1", "entry[0].fullUrl": "{base}/Medication/{run}", "link[1].relation": "next"}, Keep: Values{"next": "link[1].url"}},
			{Name: "then the others", Path: "{next}", WantStatus: 200, WantBody: Values{"entry[*].fullUrl": "{base}/MedicationRequest/{run}-a {base}/MedicationRequest/{run}-b"}},
			{Name: "page by page", Path: "/Medication?code=urn:run|{run}&_contained=true&_count=1", WantStatus: 200, WantBody: Values{"entry[*].fullUrl": "{base}/MedicationRequest/{run}-b", "link[1].relation": "next"}, Keep: Values{"next": "link[1].url"}},
			{Name: "the next", Path: "{next}", WantStatus: 200, WantBody: Values{"entry[*].fullUrl": "{base}/MedicationRequest/{run}-a"}},
			{Name: "another type of the same", Path: "/Organization?name={run}&_contained=true", WantStatus: 200, WantBody: Values{"entry#": "0"}},
			{Name: "what needs other resources", Path: "/MedicationRequest?subject:Patient.name=x&_contained=true", WantStatus: 200, WantBody: Values{"entry#": "0"}},
			{Name: "what is none of the values", Path: "/Medication?_contained=maybe", WantStatus: 400, WantBody: Values{"issue[0].diagnostics": "*_contained*"}},
			{Name: "nor of the types", Path: "/Medication?_contained=true&_containedType=x", WantStatus: 400, WantBody: Values{"issue[0].diagnostics": "*_containedType*"}},
		}},
		{"an administrator is told how a search runs", []Scenario{
			putPatient,
			{
				Name: "each statement", Path: "/Patient?identifier=urn:run:number|{run}&_explain=true", WantStatus: 200,
				WantBody: Values{"resourceType": "Parameters", "parameter[0].name": "resources", "parameter[0].valueInteger": "1", "parameter[1].name": "statement", "parameter[1].part[0].name": "purpose", "parameter[1].part[1].name": "sql", "parameter[1].part[1].valueString": "*SELECT*"},
			},
			{Name: "or is not", Path: "/Patient?identifier=urn:run:number|{run}&_explain=false", WantStatus: 200, WantBody: Values{"resourceType": "Bundle", "entry#": "1"}},
			{Name: "nothing else", Path: "/Patient?_explain=perhaps", WantStatus: 400},
		}},
	}
}
