package resttest

// prefixStories cover comparisons of dates, numbers and quantities with their
// precision. Source: R4 search#prefix, #date, #number, #quantity.
func prefixStories() []Story {
	return []Story{
		{"dates compare as intervals", []Scenario{
			people, // a 1990-04-01, b 1990-05, c 1991
			finds("a day", "Patient", "birthdate=1990-04-01", "a"),
			finds("a month has its days", "Patient", "birthdate=1990-04", "a"),
			finds("a year has its months", "Patient", "birthdate=1990", "ab"),
			finds("a day does not have its month", "Patient", "birthdate=1990-05-01", ""),
			finds("eq", "Patient", "birthdate=eq1990-04-01", "a"),
			finds("ne", "Patient", "birthdate=ne1990-04-01", "bc"),
			finds("lt", "Patient", "birthdate=lt1990-05-01", "a"),
			finds("le", "Patient", "birthdate=le1990-05", "ab"),
			finds("gt", "Patient", "birthdate=gt1990-04-01", "bc"),
			finds("ge", "Patient", "birthdate=ge1990-05", "bc"),
			finds("sa", "Patient", "birthdate=sa1990-05", "c"),
			finds("eb", "Patient", "birthdate=eb1990-05", "a"),
			finds("between", "Patient", "birthdate=ge1990-04-15&birthdate=le1990-12-31", "b"),
			finds("or", "Patient", "birthdate=1991,1990-04-01", "ac"),
			finds("a time with its zone", "Patient", "death-date=2020-02-03T12:00:00%2B02:00", "c"),
			finds("a time in another zone", "Patient", "death-date=2020-02-03T10:00:00%2B02:00", ""),
			finds("ap", "Patient", "birthdate=ap1990-04-01", "*"),
		}},
		{"periods compare by their ends", []Scenario{
			put(
				`{"resourceType":"Encounter","id":"{run}-a","meta":{},"status":"finished","class":{"code":"AMB"},"period":{"start":"2020-01-10","end":"2020-01-20"}}`,
				`{"resourceType":"Encounter","id":"{run}-b","meta":{},"status":"in-progress","class":{"code":"AMB"},"period":{"start":"2020-01-15"}}`,
				`{"resourceType":"Encounter","id":"{run}-c","meta":{},"status":"finished","class":{"code":"AMB"},"period":{"end":"2020-01-12"}}`,
				`{"resourceType":"Encounter","id":"{run}-d","meta":{},"status":"planned","class":{"code":"AMB"}}`,
			),
			finds("gt looks at the end", "Encounter", "date=gt2020-01-12", "ab"),
			finds("ge: what ends on the day but began before is not in it", "Encounter", "date=ge2020-01-12", "ab"),
			finds("lt looks at the start", "Encounter", "date=lt2020-01-15", "ac"),
			finds("le: what begins on the day but ends after is not in it", "Encounter", "date=le2020-01-15", "ac"),
			finds("sa looks at the start", "Encounter", "date=sa2020-01-12", "b"),
			finds("eb looks at the end", "Encounter", "date=eb2020-01-15", "c"),
			finds("eq holds the whole", "Encounter", "date=2020", "a"),
			finds("eq of a part", "Encounter", "date=2020-01-15", ""),
			finds(":missing", "Encounter", "date:missing=true", "d"),
		}},
		{"numbers compare by their precision", []Scenario{
			put(
				`{"resourceType":"RiskAssessment","id":"{run}-a","meta":{},"status":"final","subject":{"reference":"Patient/x"},"prediction":[{"probabilityDecimal":0.50}]}`,
				`{"resourceType":"RiskAssessment","id":"{run}-b","meta":{},"status":"final","subject":{"reference":"Patient/x"},"prediction":[{"probabilityDecimal":0.54}]}`,
				`{"resourceType":"RiskAssessment","id":"{run}-c","meta":{},"status":"final","subject":{"reference":"Patient/x"},"prediction":[{"probabilityDecimal":0.9}]}`,
			),
			finds("as written", "RiskAssessment", "probability=0.50", "a"),
			finds("with less precision", "RiskAssessment", "probability=0.5", "ab"),
			finds("exponents", "RiskAssessment", "probability=9e-1", "c"),
			finds("gt", "RiskAssessment", "probability=gt0.54", "c"),
			finds("ge", "RiskAssessment", "probability=ge0.54", "bc"),
			finds("lt", "RiskAssessment", "probability=lt0.54", "a"),
			finds("le", "RiskAssessment", "probability=le0.54", "ab"),
			finds("ne", "RiskAssessment", "probability=ne0.5", "c"),
			finds("ap", "RiskAssessment", "probability=ap0.52", "ab"),
		}},
		{"quantities compare with their unit or without", []Scenario{
			put(
				`{"resourceType":"Observation","id":"{run}-a","meta":{},"status":"final","code":{"text":"w"},"valueQuantity":{"value":72.5,"unit":"kilos","system":"http://unitsofmeasure.org","code":"kg"}}`,
				`{"resourceType":"Observation","id":"{run}-b","meta":{},"status":"final","code":{"text":"w"},"valueQuantity":{"value":72.5,"unit":"lb"}}`,
				`{"resourceType":"Observation","id":"{run}-c","meta":{},"status":"final","code":{"text":"w"},"valueQuantity":{"value":80,"unit":"kg","system":"http://unitsofmeasure.org","code":"kg"}}`,
			),
			finds("without a unit", "Observation", "value-quantity=72.5", "ab"),
			finds("with system and code", "Observation", "value-quantity=72.5|http://unitsofmeasure.org|kg", "a"),
			finds("with a code or unit of any system", "Observation", "value-quantity=72.5||kg", "a"),
			finds("with a unit in words", "Observation", "value-quantity=72.5||lb", "b"),
			finds("another unit", "Observation", "value-quantity=72.5||g", ""),
			finds("gt", "Observation", "value-quantity=gt72.5", "c"),
			finds("ge with a unit", "Observation", "value-quantity=ge72.5|http://unitsofmeasure.org|kg", "ac"),
			finds("le", "Observation", "value-quantity=le73||kg", "a"),
			finds("ap", "Observation", "value-quantity=ap75", "*"),
		}},
	}
}

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
			{Name: "a chain on what is no reference", Path: "/Observation?code.name=x", WantStatus: 400},
		}},
		{"searches bring what belongs to it", []Scenario{
			data,
			modes("_include", "code=c1&_include=Observation:patient", "a", "p"),
			modes("_include of a type", "code=c1&_include=Observation:subject:Patient", "a", "p"),
			modes("_include of another type", "code=c1&_include=Observation:subject:Group", "a", ""),
			modes("two includes", "code=c1&_include=Observation:patient&_include=Observation:encounter", "a", "ep"),
			modes("_include:iterate", "code=c1&_include=Observation:patient&_include:iterate=Patient:organization", "a", "op"),
			modes("all of them", "code=c1&_include=*", "a", "ep"),
			{
				Name: "the mode tells them apart", Path: "/Observation?_tag=urn:run|{run}&code=c1&_include=Observation:patient", WantStatus: 200,
				WantBody: Values{"entry[0].search.mode": "match", "entry[1].search.mode": "include", "entry[1].fullUrl": "{base}/Patient/{run}-p"},
			},
			{Name: "_revinclude", Path: "/Patient?_id={run}-p&_revinclude=Observation:patient&_revinclude=Encounter:patient", WantStatus: 200, WantBody: Values{"entry[*].resource.id": idsOf("aep")}},
			{Name: "once each", Path: "/Observation?_tag=urn:run|{run}&_include=Observation:patient&_include=Observation:subject", WantStatus: 200, WantBody: Values{"entry[*].resource.id": idsOf("abpq")}},
			{Name: "not counted", Path: "/Observation?_tag=urn:run|{run}&code=c1&_include=Observation:patient&_total=accurate", WantStatus: 200, WantBody: Values{"total": "1"}},
		}},
		{"a compartment holds what is about its owner", []Scenario{
			data,
			{Name: "of a type", Path: "/Patient/{run}-p/Observation", WantStatus: 200, WantBody: Values{"entry[*].resource.id": idsOf("a"), "link[0].url": "{base}/Patient/{run}-p/Observation*"}},
			{Name: "with parameters", Path: "/Patient/{run}-p/Observation?code=c2", WantStatus: 200, WantBody: Values{"entry#": "0"}},
			{Name: "by POST", Method: "POST", Path: "/Patient/{run}-p/Observation/_search", Header: Values{"Content-Type": "application/x-www-form-urlencoded"}, Body: "code=c1", WantStatus: 200, WantBody: Values{"entry[*].resource.id": idsOf("a")}},
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
