package resttest

// clientStories replay real clients: the headers, bodies and order of calls
// that they were seen to send.
func clientStories() []Story {
	form := Values{"Content-Type": "application/x-www-form-urlencoded"}
	smart := func(more Values) Values {
		h := Values{"Accept": "application/json", "Content-Type": "application/json"}
		for name, value := range more {
			h[name] = value
		}
		return h
	}
	kit := Values{"Accept": "application/fhir+json", "Content-Type": "application/fhir+json"}
	medplum := func(more Values) Values {
		h := Values{"Accept": "application/fhir+json, */*; q=0.1", "X-Medplum": "extended", "Content-Type": "application/fhir+json"}
		for name, value := range more {
			h[name] = value
		}
		return h
	}
	hapi := Values{
		"Accept":          "application/fhir+xml;q=1.0, application/fhir+json;q=1.0, application/xml+fhir;q=0.9, application/json+fhir;q=0.9",
		"Accept-Charset":  "utf-8",
		"Content-Type":    "application/fhir+json; charset=UTF-8",
		"User-Agent":      "HAPI-FHIR/7.0.0 (FHIR Client; FHIR 4.0.1/R4; apache)",
		"Accept-Encoding": "gzip",
	}
	return []Story{
		{"SMART's fhirclient for JavaScript", []Scenario{
			{Name: "discovery", Path: "/.well-known/smart-configuration", Header: Values{"Accept": "application/json"}, WantStatus: 200, WantHeader: Values{"Content-Type": "application/json*"}},
			{Name: "the version of FHIR", Path: "/metadata", Header: Values{"Accept": "application/json"}, WantStatus: 200, WantBody: Values{"fhirVersion": "4.0.1"}},
			{Name: "create", Method: "POST", Path: "/Patient", Header: smart(nil), Body: patient, WantStatus: 201, WantHeader: Values{"Content-Type": jsonType}, Keep: Values{"id": "id"}},
			{
				Name: "patch with a Prefer nobody knows", Method: "PATCH", Path: "/Patient/{id}", WantStatus: 200,
				Header: Values{"Accept": "application/json", "Content-Type": "application/json-patch+json; charset=UTF-8", "Prefer": "return=presentation"},
				Body:   `[{"op":"replace","path":"/birthDate","value":"1991-05-02"}]`, WantBody: Values{"birthDate": "1991-05-02"},
			},
			{Name: "search", Path: "/Patient?identifier=urn%3Arun%3Anumber%7C{run}", Header: Values{"Accept": "application/json"}, WantStatus: 200, WantHeader: Values{"Content-Type": jsonType}, WantBody: Values{"entry#": "1"}},
			{Name: "delete", Method: "DELETE", Path: "/Patient/{id}", Header: smart(nil), WantStatus: 204},
		}},
		{"fhir-kit-client", []Scenario{
			{Name: "discovery by SMART", Path: "/.well-known/smart-configuration", Header: kit, WantStatus: 200},
			{Name: "discovery by OpenID", Path: "/.well-known/openid-configuration", Header: kit, WantStatus: 404},
			{Name: "discovery by metadata", Path: "/metadata", Header: kit, WantStatus: 200},
			{Name: "a transaction to the base with a slash", Method: "POST", Path: "/", Header: kit, Body: `{"resourceType":"Bundle","type":"transaction","entry":[{"resource":` + patientAt + `,"request":{"method":"PUT","url":"/Patient/{run}"}}]}`, WantStatus: 200, WantBody: Values{"type": "transaction-response"}},
			{Name: "a search by POST", Method: "POST", Path: "/Patient/_search", Header: form, Body: "identifier=urn%3Arun%3Anumber%7C{run}", WantStatus: 200, WantBody: Values{"entry#": "1"}},
			{Name: "a compartment", Path: "/Patient/{run}/Observation", Header: kit, WantStatus: 200, WantBody: Values{"type": "searchset"}},
			{Name: "history", Path: "/Patient/{run}/_history", Header: kit, WantStatus: 200, WantBody: Values{"type": "history"}},
			{Name: "vread", Path: "/Patient/{run}/_history/1", Header: kit, WantStatus: 200},
		}},
		{"Medplum", []Scenario{
			{Name: "create if none exists", Method: "POST", Path: "/Patient", Header: medplum(Values{"If-None-Exist": "identifier=urn:run:number|{run}"}), Body: patient, WantStatus: 201, Keep: Values{"id": "id"}},
			{Name: "once more", Method: "POST", Path: "/Patient", Header: medplum(Values{"If-None-Exist": "identifier=urn:run:number|{run}"}), Body: patient, WantStatus: 200, WantBody: Values{"id": "{id}"}},
			{Name: "a batch to the base without a slash", Method: "POST", Path: "", Header: medplum(nil), Body: `{"resourceType":"Bundle","type":"batch","entry":[{"request":{"method":"GET","url":"Patient/{id}"}}]}`, WantStatus: 200, WantBody: Values{"entry[0].resource.id": "{id}"}},
			{Name: "a first page", Path: "/Patient?_tag=urn:run|{run}&_count=1&_total=accurate", Header: medplum(nil), WantStatus: 200, WantBody: Values{"total": "1"}},
		}},
		{"HAPI's generic client", []Scenario{
			{Name: "it looks at the server first", Path: "/metadata", Header: Values{"Accept": hapi["Accept"], "User-Agent": hapi["User-Agent"]}, WantStatus: 200, WantHeader: Values{"Content-Type": fhirType}, WantBody: Values{"fhirVersion": "4.0.1"}},
			{Name: "create", Method: "POST", Path: "/Patient?_format=json", Header: Values{"Accept": hapi["Accept"], "Content-Type": hapi["Content-Type"]}, Body: patient, WantStatus: 201, WantHeader: Values{"Location": "{base}/Patient/*/_history/1", "ETag": `W/"1"`}, Keep: Values{"id": "id"}},
			{Name: "read", Path: "/Patient/{id}?_format=json", Header: Values{"Accept": hapi["Accept"]}, WantStatus: 200, WantHeader: Values{"Content-Type": fhirType}},
			{Name: "update with a version", Method: "PUT", Path: "/Patient/{id}", Header: Values{"Accept": hapi["Accept"], "Content-Type": hapi["Content-Type"], "If-Match": `W/"1"`}, Body: `{"resourceType":"Patient","id":"{id}","active":true}`, WantStatus: 200, WantHeader: Values{"ETag": `W/"2"`}},
			{Name: "search", Path: "/Patient?_id={id}&_format=json", Header: Values{"Accept": hapi["Accept"]}, WantStatus: 200, WantBody: Values{"entry#": "1"}},
			{Name: "what is not there", Path: "/Patient/{run}-none", Header: Values{"Accept": hapi["Accept"]}, WantStatus: 404, WantBody: Values{"resourceType": "OperationOutcome"}},
		}},
	}
}
