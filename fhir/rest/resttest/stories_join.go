package resttest

// joinStories cover chains, _has, includes and compartments. Source: R4
// search#chaining, #has, #include, compartmentdefinition.
func joinStories() []Story {
	data := put(
		`{"resourceType":"Patient","id":"{run}-p","meta":{},"name":[{"family":"Chain{run}"}],"managingOrganization":{"reference":"Organization/{run}-o"}}`,
		`{"resourceType":"Patient","id":"{run}-q","meta":{},"name":[{"family":"Other"}]}`,
		`{"resourceType":"Organization","id":"{run}-o","meta":{},"name":"Org{run}"}`,
		`{"resourceType":"Observation","id":"{run}-a","meta":{},"status":"final","code":{"coding":[{"code":"c1"}]},"subject":{"reference":"Patient/{run}-p"},"encounter":{"reference":"Encounter/{run}-e"}}`,
		`{"resourceType":"Observation","id":"{run}-b","meta":{},"status":"final","code":{"coding":[{"code":"c2"}]},"subject":{"reference":"Patient/{run}-q"}}`,
		`{"resourceType":"Encounter","id":"{run}-e","meta":{},"status":"finished","class":{"code":"AMB"},"subject":{"reference":"Patient/{run}-p"}}`,
	)
	modes := func(name, query, matches, includes string) Scenario {
		s := finds(name, "Observation", query, "")
		s.WantBody = Values{"entry[*].resource.id": idsOf(matches + includes)}
		return s
	}
	return []Story{
		{"searches follow references", []Scenario{
			data,
			finds("a chain", "Observation", "subject:Patient.name=chain{run}", "a"),
			finds("a chain of one type", "Observation", "patient.name=chain{run}", "a"),
			finds("a chain of two", "Observation", "patient.organization.name=org{run}", "a"),
			finds("a chain that ends nowhere", "Observation", "patient.name=nobody{run}", ""),
			finds("a chain to an id", "Observation", "patient._id={run}-q", "b"),
			finds("_has", "Patient", "_has:Observation:patient:code=c1", "p"),
			finds("_has none", "Patient", "_has:Observation:patient:code=c3", ""),
			finds("_has beyond a chain", "Organization", "_has:Patient:organization:name=chain{run}", "o"),
			finds("_has of what _has", "Organization", "_has:Patient:organization:_has:Observation:patient:code=c1", "o"),
			finds("_has of what has none", "Organization", "_has:Patient:organization:_has:Observation:patient:code=c2", ""),
			put(`{"resourceType":"List","id":"{run}-l","meta":{},"status":"current","mode":"working","entry":[{"item":{"reference":"Observation/{run}-b"}}]}`),
			finds("_list", "Observation", "_list={run}-l", "b"),
			put(
				`{"resourceType":"Basic","id":"{run}-x","meta":{},"code":{"text":"heron"},"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">A pelican</div>"}}`,
				`{"resourceType":"Basic","id":"{run}-y","meta":{},"code":{"text":"pelican"}}`,
			),
			finds("_text", "Basic", "_text=pelican", "x"),
			finds("_content", "Basic", "_content=pelican", "xy"),
			finds("_content of another", "Basic", "_content=heron", "x"),
			{Name: "a chain on what is no reference", Path: "/Observation?code.name=x", WantStatus: 400},
		}},
		{"searches bring what belongs to it", []Scenario{
			data,
			modes("_include", "code=c1&_include=Observation:patient", "a", "p"),
			modes("_include of a type", "code=c1&_include=Observation:subject:Patient", "a", "p"),
			modes("_include of another type", "code=c1&_include=Observation:subject:Group", "a", ""),
			modes("two includes", "code=c1&_include=Observation:patient&_include=Observation:encounter", "a", "ep"),
			modes("_include:iterate", "code=c1&_include=Observation:patient&_include:iterate=Patient:organization", "a", "op"),
			modes("_include of what was included, without :iterate", "code=c1&_include=Observation:patient&_include=Patient:organization", "a", "p"),
			modes("all of them", "code=c1&_include=*", "a", "ep"),
			{
				Name: "the mode tells them apart", Path: "/Observation?_tag=urn:run|{run}&code=c1&_include=Observation:patient", WantStatus: 200,
				WantBody: Values{"entry[0].search.mode": "match", "entry[1].search.mode": "include", "entry[1].fullUrl": "{base}/Patient/{run}-p"},
			},
			{Name: "_revinclude", Path: "/Patient?_id={run}-p&_revinclude=Observation:patient&_revinclude=Encounter:patient", WantStatus: 200, WantBody: Values{"entry[*].resource.id": idsOf("aep")}},
			{Name: "_revinclude by one alone", Path: "/Patient?_id={run}-p&_revinclude=Observation:patient", WantStatus: 200, WantBody: Values{"entry[*].resource.id": idsOf("ap")}},
			{Name: "_revinclude of a type", Path: "/Patient?_id={run}-p&_revinclude=Observation:subject:Patient", WantStatus: 200, WantBody: Values{"entry[*].resource.id": idsOf("ap")}},
			{Name: "_revinclude of another type", Path: "/Patient?_id={run}-p&_revinclude=Observation:patient:Group", WantStatus: 200, WantBody: Values{"entry[*].resource.id": idsOf("p")}},
			{Name: "_revinclude:iterate", Path: "/Organization?_id={run}-o&_revinclude=Patient:organization&_revinclude:iterate=Observation:patient", WantStatus: 200, WantBody: Values{"entry[*].resource.id": idsOf("aop")}},
			{Name: "_revinclude of what was included, without :iterate", Path: "/Organization?_id={run}-o&_revinclude=Patient:organization&_revinclude=Observation:patient", WantStatus: 200, WantBody: Values{"entry[*].resource.id": idsOf("op")}},
			{Name: "whatever refers to it", Path: "/Organization?_id={run}-o&_revinclude=*", WantStatus: 200, WantBody: Values{"entry[*].resource.id": idsOf("op")}},
			{Name: "once each", Path: "/Observation?_tag=urn:run|{run}&_include=Observation:patient&_include=Observation:subject", WantStatus: 200, WantBody: Values{"entry[*].resource.id": idsOf("abpq")}},
			{Name: "not counted", Path: "/Observation?_tag=urn:run|{run}&code=c1&_include=Observation:patient&_total=accurate", WantStatus: 200, WantBody: Values{"total": "1"}},
		}},
		{"a compartment holds what is about its owner", []Scenario{
			data,
			{Name: "of a type", Path: "/Patient/{run}-p/Observation", WantStatus: 200, WantBody: Values{"entry[*].resource.id": idsOf("a"), "link[0].url": "{base}/Patient/{run}-p/Observation*"}},
			{Name: "with parameters", Path: "/Patient/{run}-p/Observation?code=c2", WantStatus: 200, WantBody: Values{"entry#": "0"}},
			{Name: "by POST", Method: "POST", Path: "/Patient/{run}-p/Observation/_search", Header: Values{"Content-Type": "application/x-www-form-urlencoded"}, Body: "code=c1", WantStatus: 200, WantBody: Values{"entry[*].resource.id": idsOf("a")}},
			put(`{"resourceType":"Basic","id":"{run}-p","meta":{},"code":{"text":"of the same id"}}`),
			{Name: "of all types", Path: "/Patient/{run}-p/*", WantStatus: 200, WantBody: Values{"entry[*].fullUrl": "{base}/Encounter/{run}-e {base}/Observation/{run}-a {base}/Patient/{run}-p", "total": "3", "link[0].url": "{base}/Patient/{run}-p*"}},
			{Name: "of some types", Path: "/Patient/{run}-p/*?_type=Observation,Basic", WantStatus: 200, WantBody: Values{"entry[*].resource.id": idsOf("a")}},
			{Name: "of a type that is not in it", Path: "/Patient/{run}-p/ValueSet", WantStatus: 400, WantBody: Values{"resourceType": "OperationOutcome"}},
		}},
	}
}

// resultStories cover sorting, counting and parts. Source: R4 search#sort,
// #count, #total, #summary, #elements.
func resultStories() []Story {
	sorted := func(name, sort, first, second, third string) Scenario {
		return Scenario{
			Name: name, Path: "/Patient?_tag=urn:run|{run}&_sort=" + sort, WantStatus: 200,
			WantBody: Values{"entry[0].resource.id": "{run}-" + first, "entry[1].resource.id": "{run}-" + second, "entry[2].resource.id": "{run}-" + third},
		}
	}
	return []Story{
		{"results are sorted", []Scenario{
			people,
			sorted("by date", "birthdate", "a", "b", "c"),
			sorted("by date, backwards", "-birthdate", "c", "b", "a"),
			sorted("by string", "family", "b", "a", "c"),
			sorted("by token, without a value last", "gender", "a", "b", "c"),
			sorted("backwards, without a value last too", "-gender", "b", "a", "c"),
			sorted("by id", "_id", "a", "b", "c"),
			sorted("by two", "-active,birthdate", "a", "b", "c"),
		}},
		{"results are counted and cut", []Scenario{
			people,
			{Name: "_summary=count", Path: "/Patient?_tag=urn:run|{run}&_summary=count", WantStatus: 200, WantBody: Values{"total": "3", "entry": Absent}},
			{Name: "_count=0", Path: "/Patient?_tag=urn:run|{run}&_count=0", WantStatus: 200, WantBody: Values{"total": "3", "entry": Absent}},
			{Name: "_total=accurate", Path: "/Patient?_tag=urn:run|{run}&_total=accurate&_count=1", WantStatus: 200, WantBody: Values{"total": "3", "entry#": "1"}},
			{Name: "_total=none", Path: "/Patient?_tag=urn:run|{run}&_total=none&_count=1", WantStatus: 200, WantBody: Values{"total": Absent}},
			{Name: "the first _count counts", Path: "/Patient?_tag=urn:run|{run}&_count=2&_count=1", WantStatus: 200, WantBody: Values{"entry#": "2", "total": Absent}},
			{Name: "a whole page has its total for nothing", Path: "/Patient?_tag=urn:run|{run}", WantStatus: 200, WantBody: Values{"entry#": "3", "total": "3"}},
			{Name: "parameters without a value are as if they were not there", Path: "/Patient?_tag=urn:run|{run}&gender=&birthdate&_sort=", WantStatus: 200, WantBody: Values{"entry#": "3", "link[0].url": "{base}/Patient?_tag=urn:run%7C{run}"}},
			{Name: "but not in criteria", Method: "DELETE", Path: "/Patient?_tag=urn:run|{run}&gender=", WantStatus: 400, WantBody: Values{"issue[0].diagnostics": "*gender*"}},
			{Name: "_elements", Path: "/Patient?_tag=urn:run|{run}&_id={run}-a&_elements=birthDate,gender", WantStatus: 200, WantBody: Values{"entry[0].resource.birthDate": "1990-04-01", "entry[0].resource.name": Absent, "entry[0].resource.id": "{run}-a", "entry[0].resource.meta.tag[*].code": "*SUBSETTED*"}},
			{Name: "_summary=true", Path: "/Patient?_tag=urn:run|{run}&_id={run}-a&_summary=true", WantStatus: 200, WantBody: Values{"entry[0].resource.birthDate": "1990-04-01", "entry[0].resource.maritalStatus": Absent}},
			{Name: "_summary=false", Path: "/Patient?_tag=urn:run|{run}&_id={run}-a&_summary=false", WantStatus: 200, WantBody: Values{"entry[0].resource.maritalStatus.text": "*"}},
			{Name: "a page", Path: "/Patient?_tag=urn:run|{run}&_sort=birthdate&_count=2", WantStatus: 200, WantBody: Values{"entry#": "2", "link[1].relation": "next", "link[1].url": "{base}/Patient?*"}, Keep: Values{"next": "link[1].url"}},
			{Name: "the next one", Path: "{next}", WantStatus: 200, WantBody: Values{"entry[*].resource.id": idsOf("c"), "link[*].relation": "*previous*"}},
			{Name: "with a parameter more, as some clients add", Path: "{next}&_count=1000", WantStatus: 200, WantBody: Values{"entry[*].resource.id": idsOf("c")}},
			{Name: "with a format more", Path: "{next}&_format=json", WantStatus: 200, WantBody: Values{"entry[*].resource.id": idsOf("c")}},
		}},
	}
}
