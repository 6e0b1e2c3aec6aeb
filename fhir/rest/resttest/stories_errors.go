package resttest

// errorStories cover bodies that are not good: all that is wrong is named, with
// the element, and nothing is stored. Source: R4 http#create, operationoutcome.
func errorStories() []Story {
	bad := func(name, body, expression string) Scenario {
		return Scenario{
			Name: name, Method: "POST", Path: "/Patient", Body: body, WantStatus: 400,
			WantHeader: Values{"Content-Type": fhirType, "Location": Absent},
			WantBody: Values{
				"resourceType": "OperationOutcome", "issue[0].severity": "error", "issue[0].code": "*",
				"issue[0].diagnostics": "*", "issue[*].expression[0]": expression,
			},
		}
	}
	outcome := func(name, body string) Scenario {
		return Scenario{
			Name: name, Method: "POST", Path: "/Patient", Body: body, WantStatus: 400,
			WantBody: Values{"resourceType": "OperationOutcome", "issue[0].severity": "error", "issue[0].diagnostics": "*", "id": Absent},
		}
	}
	return []Story{
		{"a body that is no resource is refused", []Scenario{
			outcome("nothing", ""),
			outcome("no JSON", "hello"),
			outcome("half of it", `{"resourceType":"Patient"`),
			outcome("more than one", `{"resourceType":"Patient"}{"resourceType":"Patient"}`),
			outcome("an array", `[{"resourceType":"Patient"}]`),
			outcome("no type", `{"active":true}`),
			outcome("an unknown type", `{"resourceType":"Pateint"}`),
			outcome("XML", `<Patient xmlns="http://hl7.org/fhir"/>`),
			outcome("ill-formed UTF-8", "{\"resourceType\":\"Patient\",\"name\":[{\"family\":\"Andr\xe9\"}]}"),
			outcome("a name twice", `{"resourceType":"Patient","active":true,"active":false}`),
		}},
		{"each element that is wrong is named", []Scenario{
			bad("an unknown element", `{"resourceType":"Patient","colour":"red"}`, "Patient*"),
			bad("a wrong kind of JSON", `{"resourceType":"Patient","active":"yes"}`, "Patient.active"),
			bad("an object where a list belongs", `{"resourceType":"Patient","name":{"family":"A"}}`, "Patient.name"),
			bad("a list where one value belongs", `{"resourceType":"Patient","birthDate":["1990-01-01"]}`, "Patient.birthDate"),
			bad("a date that is none", `{"resourceType":"Patient","birthDate":"1990-13-01"}`, "Patient.birthDate"),
			bad("a code that is not in its value set", `{"resourceType":"Patient","gender":"lady"}`, "Patient.gender"),
			bad("an empty string", `{"resourceType":"Patient","name":[{"family":""}]}`, "Patient.name[0].family"),
			bad("an empty list", `{"resourceType":"Patient","name":[]}`, "Patient.name"),
			bad("an empty object", `{"resourceType":"Patient","name":[{}]}`, "Patient.name[0]"),
			bad("null", `{"resourceType":"Patient","name":null}`, "Patient.name"),
			bad("two of a choice", `{"resourceType":"Patient","deceasedBoolean":true,"deceasedDateTime":"2020"}`, "Patient.deceased*"),
			bad("a reference to what it can't be", `{"resourceType":"Patient","managingOrganization":{"reference":"Patient/1"}}`, "Patient.managingOrganization*"),
			bad("all of them at once", `{"resourceType":"Patient","active":"yes","gender":"lady","birthDate":"soon"}`, "Patient.active Patient.birthDate Patient.gender"),
			bad("an invariant", `{"resourceType":"Patient","contact":[{"gender":"male"}]}`, "Patient.contact[0]"),
			{
				Name: "a required element that is missing", Method: "POST", Path: "/Observation", Body: `{"resourceType":"Observation","status":"final"}`,
				WantStatus: 400, WantBody: Values{"issue[*].expression[0]": "Observation*", "issue[0].code": "required", "issue[0].diagnostics": "*code*"},
			},
			{Name: "nothing of it is stored", Path: "/Patient/{run}", WantStatus: 404},
		}},
		{"searches that can't be are refused", []Scenario{
			{Name: "an unknown parameter", Path: "/Patient?colour=red", WantStatus: 400, WantBody: Values{"resourceType": "OperationOutcome", "issue[0].diagnostics": "*colour*", "issue[0].expression[0]": "http.colour"}},
			{
				Name: "unless the client is lenient", Path: "/Patient?colour=red&_tag=urn:run|{run}", Header: Values{"Prefer": "handling=lenient"}, WantStatus: 200,
				WantBody: Values{"entry#": "1", "entry[0].search.mode": "outcome", "entry[0].resource.resourceType": "OperationOutcome", "entry[0].resource.issue[0].diagnostics": "*colour*", "entry[0].resource.issue[0].expression[0]": "http.colour", "link[0].url": "*_tag*"},
			},
			{Name: "and strict on purpose", Path: "/Patient?colour=red", Header: Values{"Prefer": "handling=strict"}, WantStatus: 400},
			{Name: "an unknown modifier", Path: "/Patient?name:loud=x", WantStatus: 400, WantBody: Values{"issue[0].diagnostics": "*loud*", "issue[0].expression[0]": "http.name:loud"}},
			{Name: "a date that is none", Path: "/Patient?birthdate=soon", WantStatus: 400, WantBody: Values{"issue[0].diagnostics": "*soon*", "issue[0].expression[0]": "http.birthdate"}},
			{Name: "a link of a chain that is none", Path: "/Patient?organization.colour=red", WantStatus: 400, WantBody: Values{"issue[0].expression[0]": "http.organization.colour"}},
			{Name: "within what is sent it is the entry that is wrong", Method: "POST", Path: "/", Body: `{"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"GET","url":"Patient?colour=red"}}]}`, WantStatus: 400, WantBody: Values{"issue[0].expression[0]": "Bundle.entry[0]"}},
			{Name: "a number that is none", Path: "/RiskAssessment?probability=big", WantStatus: 400, WantBody: Values{"issue[0].expression[0]": "http.probability"}},
			{Name: "a cursor that is not ours", Path: "/Patient?_cursor=abc", WantStatus: 400, WantBody: Values{"resourceType": "OperationOutcome", "issue[0].expression[0]": "http._cursor"}},
			{Name: "a count that is none", Path: "/Patient?_count=many", WantStatus: 400, WantBody: Values{"issue[0].expression[0]": "http._count"}},
			{Name: "a sort by what is not there", Path: "/Patient?_sort=colour", WantStatus: 400, WantBody: Values{"issue[0].expression[0]": "http._sort"}},
			{Name: "an include of what is not there", Path: "/Patient?_include=Patient:colour", WantStatus: 400, WantBody: Values{"issue[0].expression[0]": "http._include"}},
			{Name: "a summary that is none", Path: "/Patient?_summary=short", WantStatus: 400, WantBody: Values{"issue[0].expression[0]": "http._summary"}},
			{Name: "POST _search with JSON", Method: "POST", Path: "/Patient/_search", Body: `{"name":"x"}`, WantStatus: 415, WantBody: Values{"resourceType": "OperationOutcome", "issue[0].diagnostics": "*x-www-form-urlencoded*"}},
		}},
	}
}
