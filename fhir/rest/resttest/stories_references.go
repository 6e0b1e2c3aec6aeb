package resttest

// observationOf is an Observation whose subject is a search.
func observationOf(id, subject string) string {
	return `{"resourceType":"Observation","id":"` + id + `","status":"final","code":{"text":"x"},"subject":{"reference":"` + subject + `"}}`
}

// conditionalReferenceStories cover references that are searches, outside of
// bundles. Source: R4 http#trules, which this server goes by on every write.
func conditionalReferenceStories() []Story {
	const search = "Patient?identifier=urn:run:number|{run}"
	return []Story{
		{"a reference may be a search on any write", []Scenario{
			{Name: "none matches", Method: "PUT", Path: "/Observation/{run}", Body: observationOf("{run}", search), WantStatus: 412, WantBody: Values{"issue[0].expression[0]": "Observation.subject"}},
			putPatient,
			{Name: "by PUT", Method: "PUT", Path: "/Observation/{run}", Body: observationOf("{run}", search), WantStatus: 201, WantBody: Values{"subject.reference": "Patient/{run}"}},
			{Name: "the same again makes no version", Method: "PUT", Path: "/Observation/{run}", Body: observationOf("{run}", search), WantStatus: 200, WantHeader: Values{"ETag": `W/"1"`}},
			{Name: "it is found by what it refers to", Path: "/Observation?subject=Patient/{run}", WantStatus: 200, WantBody: Values{"entry#": "1", "entry[0].resource.id": "{run}"}},
			{Name: "by POST", Method: "POST", Path: "/Observation", Body: `{"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"` + search + `"}}`, WantStatus: 201, WantBody: Values{"subject.reference": "Patient/{run}"}},
			{Name: "by PATCH", Method: "PATCH", Path: "/Observation/{run}", Header: Values{"Content-Type": patchType}, Body: `[{"op":"add","path":"/performer","value":[{"reference":"` + search + `"}]}]`, WantStatus: 200, WantBody: Values{"performer[0].reference": "Patient/{run}"}},
			{Name: "a search nobody knows", Method: "PUT", Path: "/Observation/{run}", Body: observationOf("{run}", "Patient?colour=red"), WantStatus: 400, WantBody: Values{"issue[0].expression[0]": "Observation.subject"}},
			{Name: "a type the element does not refer to", Method: "PUT", Path: "/Observation/{run}", Body: observationOf("{run}", "Observation?_id={run}"), WantStatus: 400},
			{Name: "a twin", Method: "POST", Path: "/Patient", Body: patient, WantStatus: 201},
			{Name: "several match", Method: "PUT", Path: "/Observation/{run}", Body: observationOf("{run}", search), WantStatus: 412, WantBody: Values{"issue[0].expression[0]": "Observation.subject"}},
		}},
	}
}
