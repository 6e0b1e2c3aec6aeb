package resttest

// listedHistoryStories cover what a history may be asked for. Source: R4
// http#history.
func listedHistoryStories() []Story {
	return []Story{
		{"a history may be of what a List names", []Scenario{
			putPatient,
			changePatient,
			{Name: "another patient", Method: "PUT", Path: "/Patient/{run}-b", Body: `{"resourceType":"Patient","id":"{run}-b"}`, WantStatus: 201},
			{Name: "an observation", Method: "PUT", Path: "/Observation/{run}", Body: `{"resourceType":"Observation","id":"{run}","status":"final","code":{"text":"x"}}`, WantStatus: 201},
			{Name: "a list of two", Method: "PUT", Path: "/List/{run}", Body: `{"resourceType":"List","id":"{run}","status":"current","mode":"working","entry":[{"item":{"reference":"Patient/{run}"}},{"item":{"reference":"Observation/{run}"}}]}`, WantStatus: 201},
			{Name: "of all types", Path: "/_history?_list={run}", WantStatus: 200, WantBody: Values{"type": "history", "entry#": "3", "entry[*].fullUrl": "{base}/Observation/{run} {base}/Patient/{run} {base}/Patient/{run}"}},
			{Name: "of one type", Path: "/Patient/_history?_list=List/{run}", WantStatus: 200, WantBody: Values{"entry#": "2", "entry[0].resource.meta.versionId": "2", "entry[1].resource.meta.versionId": "1"}},
			{Name: "page by page", Path: "/_history?_list={run}&_count=2", WantStatus: 200, WantBody: Values{"entry#": "2", "link[1].relation": "next"}, Keep: Values{"next": "link[1].url"}},
			{Name: "the rest", Path: "{next}", WantStatus: 200, WantBody: Values{"entry#": "1", "entry[0].resource.meta.versionId": "1", "entry[0].fullUrl": "{base}/Patient/{run}"}},
			{Name: "an empty list", Method: "PUT", Path: "/List/{run}-e", Body: `{"resourceType":"List","id":"{run}-e","status":"current","mode":"working"}`, WantStatus: 201},
			{Name: "of nothing", Path: "/_history?_list={run}-e", WantStatus: 200, WantBody: Values{"entry#": "0"}},
			{Name: "a list that is not there", Path: "/_history?_list={run}-none", WantStatus: 400, WantBody: Values{"issue[0].diagnostics": "*_list*"}},
		}},
		{"a history has one order", []Scenario{
			putPatient,
			changePatient,
			{Name: "which may be asked for", Path: "/Patient/{run}/_history?_sort=-_lastUpdated", WantStatus: 200, WantBody: Values{"entry[0].resource.meta.versionId": "2"}},
			{Name: "no other", Path: "/Patient/{run}/_history?_sort=_lastUpdated", WantStatus: 400, WantBody: Values{"issue[0].diagnostics": "*_sort*"}},
		}},
		{"versions of what is gone stay", []Scenario{
			putPatient,
			deletePatient,
			{Name: "the first", Path: "/Patient/{run}/_history/1", WantStatus: 200, WantBody: Values{"birthDate": "1990-04-01"}},
			{Name: "the deletion", Path: "/Patient/{run}/_history/2", WantStatus: 410},
			{Name: "none after it", Path: "/Patient/{run}/_history/3", WantStatus: 404},
			{Name: "of what never was", Path: "/Patient/{run}-none/_history", WantStatus: 404},
		}},
	}
}
