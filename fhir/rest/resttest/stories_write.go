package resttest

// writeStories cover create, update, delete and Prefer. Source: R4 http#create,
// #update, #delete, #ops.
func writeStories() []Story {
	return []Story{
		{"a resource is created under an id of the server's", []Scenario{
			{
				Name: "create", Method: "POST", Path: "/Patient", Body: patient, WantStatus: 201,
				WantHeader: Values{"Location": "{base}/Patient/*/_history/1", "ETag": `W/"1"`, "Last-Modified": imfDate, "Content-Type": fhirType},
				WantBody:   Values{"resourceType": "Patient", "meta.versionId": "1", "meta.lastUpdated": "*T*Z", "birthDate": "1990-04-01"},
				Keep:       Values{"id": "id", "where": "Location"},
			},
			{Name: "it is at its Location", Path: "{where}", WantStatus: 200, WantBody: Values{"id": "{id}", "meta.versionId": "1"}},
			{Name: "it is at its id", Path: "/Patient/{id}", WantStatus: 200, WantBody: Values{"id": "{id}"}},
			{
				Name: "an id in the body is not taken by a create", Method: "POST", Path: "/Patient", Body: patientAt, WantStatus: 201,
				Keep: Values{"second": "id"},
			},
			{Name: "so nothing is under that id", Path: "/Patient/{run}", WantStatus: 404},
			{Name: "but under the new one", Path: "/Patient/{second}", WantStatus: 200},
		}},
		{"a resource is created under an id of the client's", []Scenario{
			{
				Name: "update as create", Method: "PUT", Path: "/Patient/{run}", Body: patientAt, WantStatus: 201,
				WantHeader: Values{"Location": "{base}/Patient/{run}/_history/1", "ETag": `W/"1"`, "Last-Modified": imfDate},
			},
			{
				Name: "update", Method: "PUT", Path: "/Patient/{run}", Body: changedAt, WantStatus: 200,
				WantHeader: Values{"ETag": `W/"2"`, "Last-Modified": imfDate}, WantBody: Values{"meta.versionId": "2", "birthDate": "1991-05-02"},
			},
			{
				Name: "an update that changes nothing makes no version", Method: "PUT", Path: "/Patient/{run}", Body: changedAt, WantStatus: 200,
				WantHeader: Values{"ETag": `W/"2"`}, WantBody: Values{"meta.versionId": "2"},
			},
			{
				Name: "versionId and lastUpdated of the client's don't count", Method: "PUT", Path: "/Patient/{run}", WantStatus: 200,
				Body:     `{"resourceType":"Patient","id":"{run}","meta":{"versionId":"77","lastUpdated":"1999-01-01T00:00:00Z"},"birthDate":"1992-06-03"}`,
				WantBody: Values{"meta.versionId": "3", "meta.lastUpdated": "2*"},
			},
		}},
		{"a body must fit its URL", []Scenario{
			{
				Name: "another id", Method: "PUT", Path: "/Patient/{run}-other", Body: patientAt, WantStatus: 400,
				WantBody: Values{"resourceType": "OperationOutcome", "issue[0].expression[0]": "Patient.id"},
			},
			{
				Name: "no id", Method: "PUT", Path: "/Patient/{run}", Body: patient, WantStatus: 400,
				WantBody: Values{"issue[0].expression[0]": "Patient.id"},
			},
			{
				Name: "another type by POST", Method: "POST", Path: "/Observation", Body: patient, WantStatus: 400,
				WantBody: Values{"resourceType": "OperationOutcome", "issue[0].severity": "error", "issue[0].diagnostics": "*"},
			},
			{Name: "another type by PUT", Method: "PUT", Path: "/Observation/{run}", Body: patientAt, WantStatus: 400, WantBody: Values{"resourceType": "OperationOutcome"}},
			{Name: "an id that can't be", Method: "PUT", Path: "/Patient/not_an_id", Body: patientAt, WantStatus: 400, WantBody: Values{"issue[0].expression[0]": "Patient.id"}},
			{Name: "an id that is too long", Method: "PUT", Path: "/Patient/{run}-0123456789012345678901234567890123456789012345678901234567890123", Body: patientAt, WantStatus: 400},
		}},
	}
}

// preferStories cover what Prefer, If-Match and If-None-Match do to writes.
// Source: R4 http#ops, #concurrency.
func preferStories() []Story {
	return []Story{
		{"the client says what it wants back", []Scenario{
			{
				Name: "nothing", Method: "POST", Path: "/Patient", Body: patient, Header: Values{"Prefer": "return=minimal"},
				WantStatus: 201, WantEmpty: true, WantHeader: Values{"Location": "{base}/Patient/*/_history/1", "ETag": `W/"1"`},
			},
			{
				Name: "the resource", Method: "POST", Path: "/Patient", Body: patient, Header: Values{"Prefer": "return=representation"},
				WantStatus: 201, WantBody: Values{"resourceType": "Patient"},
			},
			{
				Name: "an outcome", Method: "POST", Path: "/Patient", Body: patient, Header: Values{"Prefer": "return=OperationOutcome"},
				WantStatus: 201, WantBody: Values{"resourceType": "OperationOutcome", "issue[0].severity": "*"}, WantHeader: Values{"Location": "*"},
			},
			{
				Name: "a wish nobody knows is ignored", Method: "POST", Path: "/Patient", Body: patient, Header: Values{"Prefer": "return=presentation"},
				WantStatus: 201, WantBody: Values{"resourceType": "Patient"},
			},
			{
				Name: "several wishes", Method: "POST", Path: "/Patient", Body: patient, Header: Values{"Prefer": "respond-async; handling=lenient, return=minimal"},
				WantStatus: 201, WantEmpty: true,
			},
			putPatient,
			{
				Name: "nothing of an update", Method: "PUT", Path: "/Patient/{run}", Body: changedAt, Header: Values{"Prefer": "return=minimal"},
				WantStatus: 200, WantEmpty: true, WantHeader: Values{"ETag": `W/"2"`},
			},
			{
				Name: "an outcome of a deletion", Method: "DELETE", Path: "/Patient/{run}", Header: Values{"Prefer": "return=OperationOutcome"},
				WantStatus: 200, WantBody: Values{"resourceType": "OperationOutcome"},
			},
		}},
		{"a version is guarded by If-Match", []Scenario{
			putPatient,
			changePatient,
			{
				Name: "an update of an old version", Method: "PUT", Path: "/Patient/{run}", Body: patientAt, Header: Values{"If-Match": `W/"1"`},
				WantStatus: 412, WantBody: Values{"resourceType": "OperationOutcome", "issue[0].code": "conflict"},
			},
			{Name: "a deletion of an old version", Method: "DELETE", Path: "/Patient/{run}", Header: Values{"If-Match": `W/"1"`}, WantStatus: 412},
			{Name: "an update of the current version", Method: "PUT", Path: "/Patient/{run}", Body: patientAt, Header: Values{"If-Match": `W/"2"`}, WantStatus: 200, WantHeader: Values{"ETag": `W/"3"`}},
			{Name: "a strong ETag is understood", Method: "PUT", Path: "/Patient/{run}", Body: changedAt, Header: Values{"If-Match": `"3"`}, WantStatus: 200},
			{Name: "what is no ETag", Method: "PUT", Path: "/Patient/{run}", Body: patientAt, Header: Values{"If-Match": `W/"x"`}, WantStatus: 412},
			{Name: "If-Match of what is not there", Method: "PUT", Path: "/Patient/{run}-none", Body: `{"resourceType":"Patient","id":"{run}-none"}`, Header: Values{"If-Match": `W/"1"`}, WantStatus: 412},
			{Name: "a deletion of the current version", Method: "DELETE", Path: "/Patient/{run}", Header: Values{"If-Match": `W/"4"`}, WantStatus: 204},
		}},
		{"If-None-Match: * only creates", []Scenario{
			{Name: "where there is none", Method: "PUT", Path: "/Patient/{run}", Body: patientAt, Header: Values{"If-None-Match": "*"}, WantStatus: 201},
			{Name: "where there is one", Method: "PUT", Path: "/Patient/{run}", Body: changedAt, Header: Values{"If-None-Match": "*"}, WantStatus: 412, WantBody: Values{"resourceType": "OperationOutcome"}},
			{Name: "and it is as it was", Path: "/Patient/{run}", WantStatus: 200, WantBody: Values{"meta.versionId": "1", "birthDate": "1990-04-01"}},
		}},
		{"text is kept letter for letter", []Scenario{
			{
				Name: "what is beyond ASCII, and numbers as they are written", Method: "PUT", Path: "/Observation/{run}", WantStatus: 201,
				Body: `{"resourceType":"Observation","id":"{run}","status":"final","code":{"text":"नेपाली Ñandú 😀 \u00e9 \"quoted\""},"valueQuantity":{"value":1.50}}`,
			},
			{Name: "read", Path: "/Observation/{run}", WantStatus: 200, WantText: `1.50`, WantBody: Values{"code.text": "नेपाली Ñandú 😀 é \"quoted\"", "valueQuantity.value": "1.50"}},
		}},
	}
}

// conditionalStories cover create, update, patch and delete by criteria. Source:
// R4 http#ccreate, #cond-update, #3.1.0.7.1.
func conditionalStories() []Story {
	twin := Scenario{Name: "a twin is created", Method: "POST", Path: "/Patient", Body: patient, WantStatus: 201}
	return []Story{
		{"a conditional create makes one resource", []Scenario{
			{
				Name: "none matches", Method: "POST", Path: "/Patient", Body: patient, Header: Values{"If-None-Exist": "identifier=urn:run:number|{run}"},
				WantStatus: 201, Keep: Values{"id": "id"},
			},
			{
				Name: "one matches", Method: "POST", Path: "/Patient", Body: patient, Header: Values{"If-None-Exist": "identifier=urn:run:number|{run}"},
				WantStatus: 200, WantBody: Values{"id": "{id}"}, WantHeader: Values{"Location": "{base}/Patient/{id}/_history/1", "ETag": `W/"1"`},
			},
			{Name: "escaped criteria", Method: "POST", Path: "/Patient", Body: patient, Header: Values{"If-None-Exist": "identifier=urn%3Arun%3Anumber%7C{run}"}, WantStatus: 200, WantBody: Values{"id": "{id}"}},
			twin,
			{
				Name: "several match", Method: "POST", Path: "/Patient", Body: patient, Header: Values{"If-None-Exist": "identifier=urn:run:number|{run}"},
				WantStatus: 412, WantBody: Values{"resourceType": "OperationOutcome"},
			},
			{Name: "an unknown criterion", Method: "POST", Path: "/Patient", Body: patient, Header: Values{"If-None-Exist": "nonsense=1"}, WantStatus: 400},
		}},
		{"a conditional update finds its resource", []Scenario{
			{
				Name: "none matches, no id", Method: "PUT", Path: "/Patient?identifier=urn:run:number|{run}", Body: patient, WantStatus: 201,
				WantHeader: Values{"Location": "{base}/Patient/*/_history/1"}, Keep: Values{"id": "id"},
			},
			{
				Name: "one matches", Method: "PUT", Path: "/Patient?identifier=urn:run:number|{run}", WantStatus: 200,
				Body:     `{"resourceType":"Patient","identifier":[{"system":"urn:run:number","value":"{run}"}],"birthDate":"1991-05-02"}`,
				WantBody: Values{"id": "{id}", "meta.versionId": "2", "birthDate": "1991-05-02"},
			},
			{
				Name: "one matches, but the body names another", Method: "PUT", Path: "/Patient?identifier=urn:run:number|{run}", Body: patientAt, WantStatus: 400,
				WantBody: Values{"resourceType": "OperationOutcome"},
			},
			{
				Name: "a version is guarded here too", Method: "PUT", Path: "/Patient?identifier=urn:run:number|{run}", Body: patient,
				Header: Values{"If-Match": `W/"1"`}, WantStatus: 412,
			},
			twin,
			{Name: "several match", Method: "PUT", Path: "/Patient?identifier=urn:run:number|{run}", Body: patient, WantStatus: 412},
			{Name: "no criteria", Method: "PUT", Path: "/Patient", Body: patient, WantStatus: 412, WantBody: Values{"resourceType": "OperationOutcome"}},
			{Name: "an unknown criterion", Method: "PUT", Path: "/Patient?nonsense=1", Body: patient, WantStatus: 400},
		}},
		{"a conditional update creates under the id in the body", []Scenario{
			{Name: "none matches, an id", Method: "PUT", Path: "/Patient?identifier=urn:run:number|{run}", Body: patientAt, WantStatus: 201, WantBody: Values{"id": "{run}"}},
			{Name: "now it matches", Method: "PUT", Path: "/Patient?identifier=urn:run:number|{run}&_format=json", Body: changedAt, WantStatus: 200, WantBody: Values{"id": "{run}", "meta.versionId": "2"}},
		}},
		{"a conditional delete finds its resource", []Scenario{
			{Name: "none matches", Method: "DELETE", Path: "/Patient?identifier=urn:run:number|{run}", WantStatus: 204},
			putPatient,
			{Name: "one matches", Method: "DELETE", Path: "/Patient?identifier=urn:run:number|{run}", WantStatus: 204},
			{Name: "it is gone", Path: "/Patient/{run}", WantStatus: 410},
			twin, twin,
			{Name: "several match", Method: "DELETE", Path: "/Patient?identifier=urn:run:number|{run}", WantStatus: 412, WantBody: Values{"resourceType": "OperationOutcome"}},
			{Name: "and both are still there", Path: "/Patient?identifier=urn:run:number|{run}&_summary=count", WantStatus: 200, WantBody: Values{"total": "2"}},
			{Name: "no criteria delete nothing", Method: "DELETE", Path: "/Patient", WantStatus: 412, WantBody: Values{"resourceType": "OperationOutcome"}},
			{Name: "an unknown criterion deletes nothing", Method: "DELETE", Path: "/Patient?nonsense=1", WantStatus: 400},
		}},
	}
}
