package resttest

// patient is a small Patient that only this run has.
const patient = `{"resourceType":"Patient","meta":{"tag":[{"system":"urn:run","code":"{run}"}]},` +
	`"identifier":[{"system":"urn:run:number","value":"{run}"}],"name":[{"family":"Mushi","given":["Asha"]}],"birthDate":"1990-04-01"}`

// patientAt is the same with an id.
const patientAt = `{"resourceType":"Patient","id":"{run}","meta":{"tag":[{"system":"urn:run","code":"{run}"}]},` +
	`"identifier":[{"system":"urn:run:number","value":"{run}"}],"name":[{"family":"Mushi","given":["Asha"]}],"birthDate":"1990-04-01"}`

// changedAt is patientAt with another birth date.
const changedAt = `{"resourceType":"Patient","id":"{run}","meta":{"tag":[{"system":"urn:run","code":"{run}"}]},` +
	`"identifier":[{"system":"urn:run:number","value":"{run}"}],"name":[{"family":"Mushi","given":["Asha"]}],"birthDate":"1991-05-02"}`

// putPatient stores patientAt.
var putPatient = Scenario{Name: "a patient is put", Method: "PUT", Path: "/Patient/{run}", Body: patientAt, WantStatus: 201}

// changePatient stores a second version.
var changePatient = Scenario{Name: "the patient is changed", Method: "PUT", Path: "/Patient/{run}", Body: changedAt, WantStatus: 200}

// deletePatient deletes it.
var deletePatient = Scenario{Name: "the patient is deleted", Method: "DELETE", Path: "/Patient/{run}", WantStatus: 204}

const (
	imfDate  = "*, * * * GMT"
	fhirType = "application/fhir+json; charset=utf-8"
	jsonType = "application/json; charset=utf-8"
)

// instanceStories cover read, vread and HEAD. Source: R4 http#read, #vread.
func instanceStories() []Story {
	return []Story{
		{"a resource is read as it was stored", []Scenario{
			putPatient,
			{
				Name: "read", Path: "/Patient/{run}", WantStatus: 200,
				WantHeader: Values{"Content-Type": fhirType, "ETag": `W/"1"`, "Last-Modified": imfDate, "X-Request-Id": "*", "Content-Length": "*"},
				WantBody: Values{
					"resourceType": "Patient", "id": "{run}", "meta.versionId": "1", "meta.lastUpdated": "*T*Z",
					"meta.tag[0].code": "{run}", "name[0].family": "Mushi", "birthDate": "1990-04-01",
				},
			},
			{
				Name: "vread of the only version", Path: "/Patient/{run}/_history/1", WantStatus: 200,
				WantHeader: Values{"ETag": `W/"1"`, "Last-Modified": imfDate}, WantBody: Values{"id": "{run}", "meta.versionId": "1"},
			},
			changePatient,
			{Name: "read gives the new version", Path: "/Patient/{run}", WantStatus: 200, WantHeader: Values{"ETag": `W/"2"`}, WantBody: Values{"birthDate": "1991-05-02"}},
			{Name: "vread still gives the old one", Path: "/Patient/{run}/_history/1", WantStatus: 200, WantBody: Values{"birthDate": "1990-04-01"}},
			{
				Name: "HEAD gives the headers alone", Method: "HEAD", Path: "/Patient/{run}", WantStatus: 200, WantEmpty: true,
				WantHeader: Values{"Content-Type": fhirType, "ETag": `W/"2"`, "Last-Modified": imfDate, "Content-Length": "*"},
			},
			{Name: "HEAD of a version", Method: "HEAD", Path: "/Patient/{run}/_history/1", WantStatus: 200, WantEmpty: true, WantHeader: Values{"ETag": `W/"1"`}},
		}},
		{"what is not there is told apart from what is gone", []Scenario{
			{Name: "never there", Path: "/Patient/{run}", WantStatus: 404, WantBody: Values{"resourceType": "OperationOutcome", "issue[0].code": "not-found"}},
			{Name: "HEAD of what was never there", Method: "HEAD", Path: "/Patient/{run}", WantStatus: 404, WantEmpty: true},
			putPatient,
			deletePatient,
			{Name: "read", Path: "/Patient/{run}", WantStatus: 410, WantHeader: Values{"ETag": `W/"2"`}, WantBody: Values{"resourceType": "OperationOutcome", "issue[0].code": "deleted"}},
			{Name: "vread of the deletion", Path: "/Patient/{run}/_history/2", WantStatus: 410, WantBody: Values{"resourceType": "OperationOutcome"}},
			{Name: "vread of the version before", Path: "/Patient/{run}/_history/1", WantStatus: 200, WantBody: Values{"meta.versionId": "1"}},
			{Name: "vread of a version that never was", Path: "/Patient/{run}/_history/9", WantStatus: 404, WantBody: Values{"issue[0].code": "not-found"}},
			{Name: "vread of what is no version", Path: "/Patient/{run}/_history/x", WantStatus: 404, WantBody: Values{"resourceType": "OperationOutcome"}},
			{Name: "deleting again is no error", Method: "DELETE", Path: "/Patient/{run}", WantStatus: 204},
			{Name: "deleting what never was is no error", Method: "DELETE", Path: "/Patient/{run}-never", WantStatus: 204},
			{Name: "PUT brings it back", Method: "PUT", Path: "/Patient/{run}", Body: patientAt, WantStatus: 201, WantHeader: Values{"ETag": `W/"3"`}},
		}},
	}
}

// readStories cover conditional reads and parts of resources. Source: R4
// http#cread, #summary.
func readStories() []Story {
	return []Story{
		{"a client is spared what it has", []Scenario{
			putPatient,
			{Name: "its ETag", Path: "/Patient/{run}", Header: Values{"If-None-Match": `W/"1"`}, WantStatus: 304, WantEmpty: true, WantHeader: Values{"ETag": `W/"1"`}},
			{Name: "its ETag as a strong one", Path: "/Patient/{run}", Header: Values{"If-None-Match": `"1"`}, WantStatus: 304, WantEmpty: true},
			{Name: "its ETag among others", Path: "/Patient/{run}", Header: Values{"If-None-Match": `W/"7", W/"1"`}, WantStatus: 304, WantEmpty: true},
			{Name: "any", Path: "/Patient/{run}", Header: Values{"If-None-Match": `*`}, WantStatus: 304, WantEmpty: true},
			{Name: "another ETag", Path: "/Patient/{run}", Header: Values{"If-None-Match": `W/"7"`}, WantStatus: 200},
			{Name: "not modified since the future", Path: "/Patient/{run}", Header: Values{"If-Modified-Since": "Tue, 01 Jan 2999 00:00:00 GMT"}, WantStatus: 304, WantEmpty: true},
			{Name: "modified since the past", Path: "/Patient/{run}", Header: Values{"If-Modified-Since": "Sat, 01 Jan 2000 00:00:00 GMT"}, WantStatus: 200},
			{Name: "a time that is none", Path: "/Patient/{run}", Header: Values{"If-Modified-Since": "yesterday"}, WantStatus: 200},
			{
				Name: "the ETag counts before the time", Path: "/Patient/{run}",
				Header: Values{"If-None-Match": `W/"7"`, "If-Modified-Since": "Tue, 01 Jan 2999 00:00:00 GMT"}, WantStatus: 200,
			},
			changePatient,
			{Name: "the old ETag after a change", Path: "/Patient/{run}", Header: Values{"If-None-Match": `W/"1"`}, WantStatus: 200, WantBody: Values{"meta.versionId": "2"}},
			{Name: "HEAD", Method: "HEAD", Path: "/Patient/{run}", Header: Values{"If-None-Match": `W/"2"`}, WantStatus: 304, WantEmpty: true},
			{Name: "a version", Path: "/Patient/{run}/_history/1", Header: Values{"If-None-Match": `W/"1"`}, WantStatus: 304, WantEmpty: true},
		}},
		{"a read gives a part", []Scenario{
			putPatient,
			{
				Name: "_elements", Path: "/Patient/{run}?_elements=birthDate", WantStatus: 200,
				WantBody: Values{"birthDate": "1990-04-01", "name": Absent, "id": "{run}", "meta.tag[*].code": "*SUBSETTED*"},
			},
			{Name: "_summary=true leaves the summary", Path: "/Patient/{run}?_summary=true", WantStatus: 200, WantBody: Values{"birthDate": "1990-04-01", "meta.tag[*].code": "*SUBSETTED*"}},
			{Name: "_summary=text leaves the narrative", Path: "/Patient/{run}?_summary=text", WantStatus: 200, WantBody: Values{"birthDate": Absent, "meta.tag[*].code": "*SUBSETTED*"}},
			{Name: "_summary=data leaves all but the narrative", Path: "/Patient/{run}?_summary=data", WantStatus: 200, WantBody: Values{"birthDate": "1990-04-01", "text": Absent}},
			{Name: "a _summary that is none", Path: "/Patient/{run}?_summary=all", WantStatus: 400, WantBody: Values{"resourceType": "OperationOutcome", "issue[0].diagnostics": "*_summary*"}},
			{Name: "a _summary of searches only", Path: "/Patient/{run}/_history/1?_summary=count", WantStatus: 400},
			{Name: "_summary=false leaves all", Path: "/Patient/{run}?_summary=false", WantStatus: 200, WantBody: Values{"birthDate": "1990-04-01", "meta.tag#": "1"}},
			{Name: "_pretty", Path: "/Patient/{run}?_pretty=true", WantStatus: 200, WantText: "\n  \"birthDate\": \"1990-04-01\""},
		}},
	}
}
