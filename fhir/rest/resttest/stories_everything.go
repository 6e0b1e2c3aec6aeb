package resttest

// everythingStories cover $everything. Source: R4 patient-operation-everything,
// group-operation-everything.
func everythingStories() []Story {
	put := func(path, body string) Scenario {
		return Scenario{Name: "there is " + path, Method: "PUT", Path: "/" + path, Body: body, WantStatus: 201}
	}
	encounter := func(id, of, day string) Scenario {
		return put("Encounter/"+id, `{"resourceType":"Encounter","id":"`+id+`","status":"finished","class":{"code":"AMB"},"subject":{"reference":"Patient/`+of+`"},"period":{"start":"`+day+`","end":"`+day+`"},"participant":[{"individual":{"reference":"PractitionerRole/{run}"}}],"serviceProvider":{"reference":"Organization/{run}"}}`)
	}
	person := func(id string) Scenario { return put("Patient/"+id, `{"resourceType":"Patient","id":"`+id+`"}`) }
	family := []Scenario{
		put("Organization/{run}", `{"resourceType":"Organization","id":"{run}","name":"Amana","partOf":{"reference":"Organization/{run}-top"}}`),
		put("Organization/{run}-top", `{"resourceType":"Organization","id":"{run}-top","name":"Council"}`),
		put("Organization/{run}-far", `{"resourceType":"Organization","id":"{run}-far","name":"Nobody's"}`),
		put("Practitioner/{run}", `{"resourceType":"Practitioner","id":"{run}"}`),
		put("PractitionerRole/{run}", `{"resourceType":"PractitionerRole","id":"{run}","practitioner":{"reference":"Practitioner/{run}"}}`),
		person("{run}-a"), person("{run}-b"), person("{run}-c"),
		encounter("{run}-a1", "{run}-a", "2025-03-01"), encounter("{run}-a2", "{run}-a", "2026-03-01"),
		encounter("{run}-b1", "{run}-b", "2026-04-01"), encounter("{run}-c1", "{run}-c", "2026-05-01"),
		put("Observation/{run}-a", `{"resourceType":"Observation","id":"{run}-a","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/{run}-a"},"effectiveDateTime":"2026-03-01"}`),
		put("Appointment/{run}", `{"resourceType":"Appointment","id":"{run}","status":"booked","participant":[{"actor":{"reference":"Patient/{run}-a"},"status":"accepted"},{"actor":{"reference":"Patient/{run}-b"},"status":"accepted"}],"start":"2026-06-01T08:00:00Z","end":"2026-06-01T09:00:00Z"}`),
		put("Group/{run}", `{"resourceType":"Group","id":"{run}","type":"person","actual":true,"member":[{"entity":{"reference":"Patient/{run}-a"}},{"entity":{"reference":"Patient/{run}-b"}},{"entity":{"reference":"Patient/{run}-c"},"inactive":true}]}`),
	}
	support := "{base}/Organization/{run} {base}/Organization/{run}-top"
	staff := "{base}/Practitioner/{run} {base}/PractitionerRole/{run}"
	ofA := "{base}/Appointment/{run} {base}/Encounter/{run}-a1 {base}/Encounter/{run}-a2 {base}/Group/{run} {base}/Observation/{run}-a " + support + " {base}/Patient/{run}-a " + staff
	ofGroup := "{base}/Appointment/{run} {base}/Encounter/{run}-a1 {base}/Encounter/{run}-a2 {base}/Encounter/{run}-b1 {base}/Group/{run} {base}/Observation/{run}-a " + support + " {base}/Patient/{run}-a {base}/Patient/{run}-b " + staff
	return []Story{
		{"everything of a person is what is his, and what that refers to", append(
			family,
			Scenario{Name: "all", Path: "/Patient/{run}-a/$everything", WantStatus: 200, WantBody: Values{"resourceType": "Bundle", "type": "searchset", "total": "10", "entry[*].fullUrl": ofA, "link[0].relation": "self"}},
			Scenario{Name: "by POST", Method: "POST", Path: "/Patient/{run}-a/$everything", Body: `{"resourceType":"Parameters"}`, WantStatus: 200, WantBody: Values{"entry[*].fullUrl": ofA}},
			Scenario{Name: "some types", Path: "/Patient/{run}-a/$everything?_type=Observation,Practitioner", WantStatus: 200, WantBody: Values{"entry[*].fullUrl": "{base}/Observation/{run}-a {base}/Practitioner/{run}", "entry[0].search.mode": "match", "entry[1].search.mode": "include"}},
			Scenario{Name: "care from a day on", Path: "/Patient/{run}-a/$everything?start=2026-01-01&_type=Encounter,Patient", WantStatus: 200, WantBody: Values{"entry[*].fullUrl": "{base}/Encounter/{run}-a2 {base}/Patient/{run}-a"}},
			Scenario{Name: "care up to a day", Path: "/Patient/{run}-a/$everything?end=2025-12-31&_type=Encounter", WantStatus: 200, WantBody: Values{"entry[*].fullUrl": "{base}/Encounter/{run}-a1"}},
			Scenario{Name: "nothing is so new", Path: "/Patient/{run}-a/$everything?_since=2999-01-01T00:00:00Z", WantStatus: 200, WantBody: Values{"entry#": "0"}},
			Scenario{Name: "with the plus of its zone as it is", Path: "/Patient/{run}-a/$everything?_since=2999-01-01T00:00:00+03:00", WantStatus: 200, WantBody: Values{"entry#": "0"}},
			Scenario{Name: "all is newer", Path: "/Patient/{run}-a/$everything?_since=2001-01-01T00:00:00Z", WantStatus: 200, WantBody: Values{"entry[*].fullUrl": ofA}},
			Scenario{Name: "the first page", Path: "/Patient/{run}-a/$everything?_count=6", WantStatus: 200, WantBody: Values{"entry#": "6", "total": Absent, "link[1].relation": "next"}, Keep: Values{"next": "link[1].url"}},
			Scenario{Name: "the second is the rest", Path: "{next}", WantStatus: 200, WantBody: Values{"entry[*].fullUrl": "{base}/Organization/{run} {base}/Organization/{run}-top {base}/Practitioner/{run} {base}/PractitionerRole/{run}", "link[1]": Absent}},
			Scenario{Name: "page after page", Path: "/Patient/{run}-a/$everything?_count=9", WantStatus: 200, WantBody: Values{"entry#": "9"}, Keep: Values{"next": "link[1].url"}},
			Scenario{Name: "to the last", Path: "{next}", WantStatus: 200, WantBody: Values{"entry[*].fullUrl": "{base}/PractitionerRole/{run}"}},
			Scenario{Name: "somebody who is not there", Path: "/Patient/{run}-none/$everything", WantStatus: 404},
			Scenario{Name: "a type that is none", Path: "/Patient/{run}-a/$everything?_type=Cat", WantStatus: 400, WantBody: Values{"issue[0].diagnostics": "*_type*"}},
			Scenario{Name: "a parameter it has not", Path: "/Patient/{run}-a/$everything?colour=red", WantStatus: 400, WantBody: Values{"issue[0].diagnostics": "*colour*"}},
			Scenario{Name: "a cursor of nobody's", Path: "/Patient/{run}-a/$everything?_cursor=x", WantStatus: 400},
			Scenario{Name: "of all persons", Path: "/Patient/$everything?_type=Encounter&start=2025-02-28&end=2025-03-02", WantStatus: 200, WantBody: Values{"entry[*].fullUrl": "{base}/Encounter/{run}-a1"}},
			Scenario{Name: "of a group, each once, without who left", Path: "/Group/{run}/$everything", WantStatus: 200, WantBody: Values{"entry[*].fullUrl": ofGroup}},
			Scenario{Name: "page by page", Path: "/Group/{run}/$everything?_count=7", WantStatus: 200, WantBody: Values{"entry#": "7"}, Keep: Values{"next": "link[1].url"}},
			Scenario{Name: "to its end", Path: "{next}", WantStatus: 200, WantBody: Values{"entry#": "5", "link[1]": Absent}},
			Scenario{Name: "it is no operation of others", Path: "/Organization/{run}/$everything", WantStatus: 404},
		)},
	}
}
