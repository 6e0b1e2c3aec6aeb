package resttest

// patchType is the media type of JSON Patch. Source: RFC 6902.
const patchType = "application/json-patch+json"

// patchStories cover JSON Patch. Source: R4 http#patch.
func patchStories() []Story {
	as := func(media string) Values { return Values{"Content-Type": media} }
	return []Story{
		{"a resource is patched", []Scenario{
			putPatient,
			{
				Name: "replace and add", Method: "PATCH", Path: "/Patient/{run}", Header: as(patchType), WantStatus: 200,
				Body:       `[{"op":"test","path":"/birthDate","value":"1990-04-01"},{"op":"replace","path":"/birthDate","value":"1991-05-02"},{"op":"add","path":"/gender","value":"female"}]`,
				WantHeader: Values{"ETag": `W/"2"`}, WantBody: Values{"birthDate": "1991-05-02", "gender": "female", "meta.versionId": "2", "name[0].family": "Mushi"},
			},
			{Name: "the type with its charset", Method: "PATCH", Path: "/Patient/{run}", Header: as(patchType + "; charset=UTF-8"), Body: `[{"op":"remove","path":"/gender"}]`, WantStatus: 200, WantBody: Values{"gender": Absent}},
			{
				Name: "a test that fails", Method: "PATCH", Path: "/Patient/{run}", Header: as(patchType), WantStatus: 422,
				Body:     `[{"op":"test","path":"/birthDate","value":"2000-01-01"},{"op":"remove","path":"/birthDate"}]`,
				WantBody: Values{"resourceType": "OperationOutcome"},
			},
			{Name: "a path that is not there", Method: "PATCH", Path: "/Patient/{run}", Header: as(patchType), Body: `[{"op":"remove","path":"/nothing"}]`, WantStatus: 422},
			{Name: "what is no patch", Method: "PATCH", Path: "/Patient/{run}", Header: as(patchType), Body: `{"op":"remove"}`, WantStatus: 400},
			{Name: "what is not JSON", Method: "PATCH", Path: "/Patient/{run}", Header: as(patchType), Body: `[{`, WantStatus: 400},
			{Name: "a result that is not valid", Method: "PATCH", Path: "/Patient/{run}", Header: as(patchType), Body: `[{"op":"add","path":"/gender","value":"x-ray"}]`, WantStatus: 400, WantBody: Values{"issue[0].expression[0]": "Patient.gender"}},
			{Name: "the id can't be patched", Method: "PATCH", Path: "/Patient/{run}", Header: as(patchType), Body: `[{"op":"replace","path":"/id","value":"other"}]`, WantStatus: 400},
			{Name: "another media type", Method: "PATCH", Path: "/Patient/{run}", Header: as("text/plain"), Body: `x`, WantStatus: 415, WantBody: Values{"resourceType": "OperationOutcome"}, WantHeader: Values{"Accept-Patch": "*json-patch*"}},
			{Name: "an old version", Method: "PATCH", Path: "/Patient/{run}", Header: Values{"Content-Type": patchType, "If-Match": `W/"1"`}, Body: `[{"op":"remove","path":"/birthDate"}]`, WantStatus: 412},
			{Name: "it is as the last good patch left it", Path: "/Patient/{run}", WantStatus: 200, WantBody: Values{"meta.versionId": "3", "birthDate": "1991-05-02"}},
			{Name: "what was never there", Method: "PATCH", Path: "/Patient/{run}-none", Header: as(patchType), Body: `[]`, WantStatus: 404},
			deletePatient,
			{Name: "what is gone", Method: "PATCH", Path: "/Patient/{run}", Header: as(patchType), Body: `[{"op":"remove","path":"/birthDate"}]`, WantStatus: 410},
		}},
		{"a patch finds its resource by criteria", []Scenario{
			{Name: "none matches", Method: "PATCH", Path: "/Patient?identifier=urn:run:number|{run}", Header: as(patchType), Body: `[{"op":"remove","path":"/birthDate"}]`, WantStatus: 404},
			putPatient,
			{Name: "one matches", Method: "PATCH", Path: "/Patient?identifier=urn:run:number|{run}", Header: as(patchType), Body: `[{"op":"remove","path":"/birthDate"}]`, WantStatus: 200, WantBody: Values{"id": "{run}", "birthDate": Absent}},
			{Name: "a twin", Method: "POST", Path: "/Patient", Body: patient, WantStatus: 201},
			{Name: "several match", Method: "PATCH", Path: "/Patient?identifier=urn:run:number|{run}", Header: as(patchType), Body: `[{"op":"add","path":"/gender","value":"female"}]`, WantStatus: 412},
		}},
	}
}

// historyStories cover history on all levels. Source: R4 http#history.
func historyStories() []Story {
	return []Story{
		{"history tells all versions, the newest first", []Scenario{
			putPatient,
			changePatient,
			deletePatient,
			{
				Name: "of one resource", Path: "/Patient/{run}/_history", WantStatus: 200,
				WantBody: Values{
					"resourceType": "Bundle", "type": "history", "total": "3", "entry#": "3", "link[0].relation": "self", "link[0].url": "{base}/Patient/{run}/_history*",
					"entry[0].request.method": "DELETE", "entry[0].request.url": "Patient/{run}", "entry[0].resource": Absent, "entry[0].response.status": "204*",
					"entry[1].request.method": "PUT", "entry[1].resource.meta.versionId": "2", "entry[1].response.status": "200*", "entry[1].response.etag": `W/"2"`, "entry[1].response.lastModified": "*T*",
					"entry[2].request.method": "PUT", "entry[2].resource.meta.versionId": "1", "entry[2].response.status": "201*", "entry[2].fullUrl": "{base}/Patient/{run}",
				},
			},
			{Name: "a page of it", Path: "/Patient/{run}/_history?_count=2", WantStatus: 200, WantBody: Values{"entry#": "2", "link[*].relation": "*next*", "total": "3"}, Keep: Values{"next": "link[1].url"}},
			{Name: "the first _count counts", Path: "/Patient/{run}/_history?_count=2&_count=1", WantStatus: 200, WantBody: Values{"entry#": "2"}},
			{Name: "of the future", Path: "/Patient/{run}/_history?_since=2999-01-01T00:00:00Z", WantStatus: 200, WantBody: Values{"entry#": "0"}},
			{Name: "of the past on", Path: "/Patient/{run}/_history?_since=2000-01-01T00:00:00Z", WantStatus: 200, WantBody: Values{"entry#": "3"}},
			{Name: "with the plus of its zone as it is", Path: "/Patient/{run}/_history?_since=2000-01-01T00:00:00.000+03:00", WantStatus: 200, WantBody: Values{"entry#": "3"}},
			{Name: "so at a time", Path: "/Patient/{run}/_history?_at=2999-01-01T00:00:00+03:00", WantStatus: 200},
			{Name: "a time that is none", Path: "/Patient/{run}/_history?_since=yesterday", WantStatus: 400, WantBody: Values{"resourceType": "OperationOutcome"}},
			{Name: "of a type", Path: "/Patient/_history?_count=5", WantStatus: 200, WantBody: Values{"type": "history", "entry[*].fullUrl": "*/Patient/*", "link[0].relation": "self"}},
			{Name: "of all", Path: "/_history?_count=5", WantStatus: 200, WantBody: Values{"type": "history", "entry#": "*", "link[0].relation": "self"}},
			{Name: "of what never was", Path: "/Patient/{run}-none/_history", WantStatus: 404, WantBody: Values{"resourceType": "OperationOutcome"}},
			{Name: "HEAD", Method: "HEAD", Path: "/Patient/{run}/_history", WantStatus: 200, WantEmpty: true},
		}},
		{"history tells how a version came to be", []Scenario{
			{Name: "created", Method: "POST", Path: "/Patient", Body: patient, WantStatus: 201, Keep: Values{"id": "id"}},
			{Name: "its entry", Path: "/Patient/{id}/_history", WantStatus: 200, WantBody: Values{"entry[0].request.method": "POST", "entry[0].request.url": "Patient*", "entry[0].response.status": "201*"}},
		}},
	}
}
