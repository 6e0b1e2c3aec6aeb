package resttest

// transaction gives a step that posts a transaction of the entries.
func transaction(name string, status int, want Values, entries string) Scenario {
	return Scenario{
		Name: name, Method: "POST", Path: "", WantStatus: status, WantBody: want,
		Body: `{"resourceType":"Bundle","type":"transaction","entry":[` + entries + `]}`,
	}
}

// batch gives a step that posts a batch of the entries.
func batch(name string, want Values, entries string) Scenario {
	return Scenario{
		Name: name, Method: "POST", Path: "", WantStatus: 200, WantBody: want,
		Body: `{"resourceType":"Bundle","type":"batch","entry":[` + entries + `]}`,
	}
}

// transactionStories cover order, all or nothing, and entries' conditions.
// Source: R4 http#transaction, #trules.
func transactionStories() []Story {
	return []Story{
		{"a transaction answers in the order of the request", []Scenario{
			putPatient,
			transaction(
				"deletes come first, reads last, whatever the order", 200, Values{
					"resourceType": "Bundle", "type": "transaction-response", "entry#": "4",
					"entry[0].response.status": "200*", "entry[0].resource.resourceType": "Bundle", "entry[0].resource.total": "2",
					"entry[1].response.status": "201*", "entry[1].response.etag": `W/"1"`, "entry[1].response.location": "*Observation/{run}-put/_history/1", "entry[1].response.lastModified": "*T*",
					"entry[2].response.status": "201*", "entry[2].response.location": "*Observation/*/_history/1",
					"entry[3].response.status": "204*",
				},
				`{"request":{"method":"GET","url":"Observation?_tag=urn:run|{run}&_total=accurate"}},`+
					`{"resource":{"resourceType":"Observation","id":"{run}-put","meta":{"tag":[{"system":"urn:run","code":"{run}"}]},"status":"final","code":{"text":"put"}},"request":{"method":"PUT","url":"Observation/{run}-put"}},`+
					`{"resource":{"resourceType":"Observation","meta":{"tag":[{"system":"urn:run","code":"{run}"}]},"status":"final","code":{"text":"post"}},"request":{"method":"POST","url":"Observation"}},`+
					`{"request":{"method":"DELETE","url":"Patient/{run}"}}`,
			),
			{Name: "what was deleted is gone", Path: "/Patient/{run}", WantStatus: 410},
		}},
		{"a transaction is all or nothing", []Scenario{
			transaction(
				"one entry is not valid", 400, Values{"resourceType": "OperationOutcome", "issue[0].severity": "error", "issue[0].expression[0]": "Bundle.entry[1].resource.gender"},
				`{"resource":{"resourceType":"Patient","id":"{run}-good"},"request":{"method":"PUT","url":"Patient/{run}-good"}},`+
					`{"resource":{"resourceType":"Patient","id":"{run}-bad","gender":"lady"},"request":{"method":"PUT","url":"Patient/{run}-bad"}}`,
			),
			{Name: "the good one is not there", Path: "/Patient/{run}-good", WantStatus: 404},
			putPatient,
			transaction(
				"one entry's version is old", 412, Values{"resourceType": "OperationOutcome"},
				`{"resource":{"resourceType":"Patient","id":"{run}-good"},"request":{"method":"PUT","url":"Patient/{run}-good"}},`+
					`{"resource":`+changedAt+`,"request":{"method":"PUT","url":"Patient/{run}","ifMatch":"W/\"9\""}}`,
			),
			{Name: "the good one is not there", Path: "/Patient/{run}-good", WantStatus: 404},
			transaction(
				"one read finds nothing", 404, Values{"resourceType": "OperationOutcome"},
				`{"resource":{"resourceType":"Patient","id":"{run}-good"},"request":{"method":"PUT","url":"Patient/{run}-good"}},`+
					`{"request":{"method":"GET","url":"Patient/{run}-none"}}`,
			),
			{Name: "the good one is not there", Path: "/Patient/{run}-good", WantStatus: 404},
			transaction(
				"the same resource twice", 400, Values{"resourceType": "OperationOutcome"},
				`{"resource":{"resourceType":"Patient","id":"{run}-good"},"request":{"method":"PUT","url":"Patient/{run}-good"}},`+
					`{"request":{"method":"DELETE","url":"Patient/{run}-good"}}`,
			),
			transaction(
				"the same resource twice, once by criteria", 400, Values{"resourceType": "OperationOutcome"},
				`{"resource":`+changedAt+`,"request":{"method":"PUT","url":"Patient/{run}"}},`+
					`{"request":{"method":"DELETE","url":"Patient?identifier=urn:run:number|{run}"}}`,
			),
			{Name: "all is as it was", Path: "/Patient/{run}", WantStatus: 200, WantBody: Values{"meta.versionId": "1"}},
		}},
	}
}

// entryStories cover the conditions of entries, and which bundles are refused.
// Source: R4 http#transaction, bundle.
func entryStories() []Story {
	return []Story{
		{"the entries of a transaction have conditions", []Scenario{
			putPatient,
			transaction("ifMatch of the current version", 200, Values{"entry[0].response.status": "200*", "entry[0].response.etag": `W/"2"`},
				`{"resource":`+changedAt+`,"request":{"method":"PUT","url":"Patient/{run}","ifMatch":"W/\"1\""}}`),
			transaction("ifNoneExist that finds one makes none", 200, Values{"entry[0].response.status": "200*", "entry[0].response.location": "*Patient/{run}/_history/2", "entry[0].response.etag": `W/"2"`},
				`{"resource":`+patient+`,"request":{"method":"POST","url":"Patient","ifNoneExist":"identifier=urn:run:number|{run}"}}`),
			transaction("a conditional update", 200, Values{"entry[0].response.status": "200*", "entry[0].response.etag": `W/"3"`},
				`{"resource":{"resourceType":"Patient","meta":{"tag":[{"system":"urn:run","code":"{run}"}]},"identifier":[{"system":"urn:run:number","value":"{run}"}]},"request":{"method":"PUT","url":"Patient?identifier=urn:run:number|{run}"}}`),
			transaction("ifNoneMatch of a read", 200, Values{"entry[0].response.status": "304*", "entry[0].resource": Absent},
				`{"request":{"method":"GET","url":"Patient/{run}","ifNoneMatch":"W/\"3\""}}`),
			transaction("ifModifiedSince of a read", 200, Values{"entry[0].response.status": "304*"},
				`{"request":{"method":"GET","url":"Patient/{run}","ifModifiedSince":"2999-01-01T00:00:00Z"}}`),
			transaction("a read", 200, Values{"entry[0].response.status": "200*", "entry[0].resource.id": "{run}", "entry[0].response.etag": `W/"3"`},
				`{"request":{"method":"GET","url":"Patient/{run}"}}`),
			transaction("HEAD", 200, Values{"entry[0].response.status": "200*", "entry[0].resource": Absent},
				`{"request":{"method":"HEAD","url":"Patient/{run}"}}`),
			transaction("a history", 200, Values{"entry[0].resource.type": "history", "entry[0].resource.entry#": "3"},
				`{"request":{"method":"GET","url":"Patient/{run}/_history"}}`),
			transaction("a JSON Patch is a Binary", 200, Values{"entry[0].response.status": "200*", "entry[0].response.etag": `W/"4"`},
				`{"resource":{"resourceType":"Binary","contentType":"application/json-patch+json","data":"W3sib3AiOiJhZGQiLCJwYXRoIjoiL2JpcnRoRGF0ZSIsInZhbHVlIjoiMTk3MC0wMS0wMSJ9XQ=="},"request":{"method":"PATCH","url":"Patient/{run}"}}`),
			{Name: "patched", Path: "/Patient/{run}", WantStatus: 200, WantBody: Values{"birthDate": "1970-01-01"}},
			transaction("a conditional delete", 200, Values{"entry[0].response.status": "204*"},
				`{"request":{"method":"DELETE","url":"Patient?identifier=urn:run:number|{run}"}}`),
			{Name: "gone", Path: "/Patient/{run}", WantStatus: 410},
		}},
		{"bundles that can't be are refused", []Scenario{
			{Name: "no bundle", Method: "POST", Path: "", Body: patient, WantStatus: 400, WantBody: Values{"resourceType": "OperationOutcome"}},
			{Name: "a collection", Method: "POST", Path: "", Body: `{"resourceType":"Bundle","type":"collection"}`, WantStatus: 400, WantBody: Values{"resourceType": "OperationOutcome", "issue[0].expression[0]": "Bundle.type"}},
			{Name: "no type", Method: "POST", Path: "", Body: `{"resourceType":"Bundle"}`, WantStatus: 400, WantBody: Values{"resourceType": "OperationOutcome"}},
			transaction("an entry without a request", 400, Values{"issue[0].expression[0]": "Bundle.entry[0]*"}, `{"resource":`+patient+`}`),
			transaction("a method that is none", 400, Values{"issue[0].expression[0]": "Bundle.entry[0].request.method"}, `{"request":{"method":"MOVE","url":"Patient/1"}}`),
			transaction("a URL that is none", 400, Values{"issue[0].expression[0]": "Bundle.entry[0].request.url"}, `{"request":{"method":"PUT","url":"nonsense/1/2/3"},"resource":`+patient+`}`),
			transaction("no resource to create", 400, Values{"issue[0].expression[0]": "Bundle.entry[0]*"}, `{"request":{"method":"POST","url":"Patient"}}`),
		}},
		{"a bundle may be stored as itself", []Scenario{
			{Name: "by POST to its type", Method: "POST", Path: "/Bundle", Body: `{"resourceType":"Bundle","type":"collection","entry":[{"fullUrl":"urn:uuid:0c3201bd-1cbf-4d64-b04d-cd9187a4c6e0","resource":` + patient + `}]}`, WantStatus: 201, Keep: Values{"id": "id"}},
			{Name: "and read", Path: "/Bundle/{id}", WantStatus: 200, WantBody: Values{"type": "collection", "entry[0].resource.birthDate": "1990-04-01"}},
			{Name: "what is in it is not stored for itself", Path: "/Patient?identifier=urn:run:number|{run}", WantStatus: 200, WantBody: Values{"entry#": "0"}},
		}},
	}
}

// linkStories cover how the entries of a transaction refer to each other.
// Source: R4 http#trules, bundle#references.
func linkStories() []Story {
	const a, b = "urn:uuid:11111111-1111-4111-8111-111111111111", "urn:uuid:22222222-2222-4222-8222-222222222222"
	return []Story{
		{"what refers to a new entry gets its id", []Scenario{
			transaction("two that refer to each other", 200, Values{"entry[0].response.status": "201*", "entry[1].response.status": "201*"},
				`{"fullUrl":"`+a+`","resource":{"resourceType":"Patient","identifier":[{"system":"urn:run:number","value":"{run}"}],"link":[{"other":{"reference":"`+b+`"},"type":"seealso"}]},"request":{"method":"POST","url":"Patient"}},`+
					`{"fullUrl":"`+b+`","resource":{"resourceType":"Patient","identifier":[{"system":"urn:run:number","value":"{run}-2"}],"link":[{"other":{"reference":"`+a+`"},"type":"seealso"}]},"request":{"method":"POST","url":"Patient"}}`),
			{Name: "the first", Path: "/Patient?identifier=urn:run:number|{run}", WantStatus: 200, WantBody: Values{"entry[0].resource.link[0].other.reference": "Patient/*"}, Keep: Values{"first": "entry[0].resource.id"}},
			{Name: "the second refers to it", Path: "/Patient?identifier=urn:run:number|{run}-2", WantStatus: 200, WantBody: Values{"entry[0].resource.link[0].other.reference": "Patient/{first}"}},
		}},
		{"it gets it in every place", []Scenario{
			transaction("a document of references", 200, Values{"entry[1].response.status": "201*"},
				`{"fullUrl":"`+a+`","resource":{"resourceType":"Binary","contentType":"text/plain","data":"aGVsbG8="},"request":{"method":"POST","url":"Binary"}},`+
					`{"fullUrl":"`+b+`","resource":{"resourceType":"DocumentReference","id":"{run}-d","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><a href=\"`+a+`\">it</a></div>"},"status":"current","content":[{"attachment":{"url":"`+a+`"}}],"context":{"related":[{"reference":"`+a+`"}]},"extension":[{"url":"http://x.example","valueUri":"`+a+`"}],"description":"`+a+` as text stays"},"request":{"method":"PUT","url":"DocumentReference/{run}-d"}}`),
			{
				Name: "the document", Path: "/DocumentReference/{run}-d", WantStatus: 200,
				WantBody: Values{
					"content[0].attachment.url": "Binary/*", "context.related[0].reference": "Binary/*", "extension[0].valueUri": "Binary/*",
					"text.div": `*href="Binary/*`, "description": a + " as text stays",
				},
			},
		}},
		{"a conditional create that finds one gives its id", []Scenario{
			putPatient,
			transaction("the reference goes to what was there", 200, Values{"entry[0].response.status": "200*", "entry[1].response.status": "201*"},
				`{"fullUrl":"`+a+`","resource":`+patient+`,"request":{"method":"POST","url":"Patient","ifNoneExist":"identifier=urn:run:number|{run}"}},`+
					`{"resource":{"resourceType":"Observation","id":"{run}-o","status":"final","code":{"text":"x"},"subject":{"reference":"`+a+`"}},"request":{"method":"PUT","url":"Observation/{run}-o"}}`),
			{Name: "it does", Path: "/Observation/{run}-o", WantStatus: 200, WantBody: Values{"subject.reference": "Patient/{run}"}},
		}},
		{"a reference may be a search", []Scenario{
			putPatient,
			transaction("for one", 200, Values{"entry[0].response.status": "201*"},
				`{"resource":{"resourceType":"Observation","id":"{run}-o","status":"final","code":{"text":"x"},"subject":{"reference":"Patient?identifier=urn:run:number|{run}"}},"request":{"method":"PUT","url":"Observation/{run}-o"}}`),
			{Name: "it was found", Path: "/Observation/{run}-o", WantStatus: 200, WantBody: Values{"subject.reference": "Patient/{run}"}},
			transaction("for what the same transaction makes", 200, Values{"entry[1].response.status": "201*"},
				`{"resource":{"resourceType":"Observation","id":"{run}-q","status":"final","code":{"text":"x"},"subject":{"reference":"Patient?identifier=urn:run:number|{run}-new"}},"request":{"method":"PUT","url":"Observation/{run}-q"}},`+
					`{"resource":{"resourceType":"Patient","id":"{run}-new","identifier":[{"system":"urn:run:number","value":"{run}-new"}]},"request":{"method":"PUT","url":"Patient/{run}-new"}}`),
			{Name: "it was found", Path: "/Observation/{run}-q", WantStatus: 200, WantBody: Values{"subject.reference": "Patient/{run}-new"}},
			transaction("for none", 412, Values{"resourceType": "OperationOutcome", "issue[0].expression[0]": "Bundle.entry[0]*"},
				`{"resource":{"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"Patient?identifier=urn:run:number|{run}-none"}},"request":{"method":"POST","url":"Observation"}}`),
			{Name: "a twin", Method: "POST", Path: "/Patient", Body: patient, WantStatus: 201},
			transaction("for several", 412, Values{"resourceType": "OperationOutcome"},
				`{"resource":{"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"Patient?identifier=urn:run:number|{run}"}},"request":{"method":"POST","url":"Observation"}}`),
		}},
	}
}

// batchStories cover batches and what is answered about each entry. Source: R4
// http#batch, #transaction-response.
func batchStories() []Story {
	return []Story{
		{"a batch answers each entry for itself", []Scenario{
			batch("good and bad", Values{
				"resourceType": "Bundle", "type": "batch-response", "entry#": "4",
				"entry[0].response.status": "201*", "entry[0].response.location": "*Patient/{run}/_history/1", "entry[0].response.etag": `W/"1"`, "entry[0].response.lastModified": "*T*",
				"entry[1].response.status": "400*", "entry[1].response.outcome.resourceType": "OperationOutcome", "entry[1].response.outcome.issue[0].expression[0]": "*gender",
				"entry[2].response.status": "404*", "entry[2].response.outcome.issue[0].code": "not-found",
				"entry[3].response.status": "400*",
			},
				`{"resource":`+patientAt+`,"request":{"method":"PUT","url":"Patient/{run}"}},`+
					`{"resource":{"resourceType":"Patient","gender":"lady"},"request":{"method":"POST","url":"Patient"}},`+
					`{"request":{"method":"GET","url":"Patient/{run}-none"}},`+
					`{"request":{"method":"GET","url":"Patient?colour=red"}}`),
			{Name: "the good one is there", Path: "/Patient/{run}", WantStatus: 200},
			batch("reads, also of a whole URL", Values{"entry[0].resource.id": "{run}", "entry[1].resource.type": "searchset", "entry[1].resource.entry#": "1", "entry[2].resource.id": "{run}"},
				`{"request":{"method":"GET","url":"/Patient/{run}"}},`+
					`{"request":{"method":"GET","url":"Patient?identifier=urn:run:number|{run}"}},`+
					`{"request":{"method":"GET","url":"{base}/Patient/{run}"}}`),
			batch("a deletion", Values{"entry[0].response.status": "204*"}, `{"request":{"method":"DELETE","url":"Patient/{run}"}}`),
			{Name: "it is gone", Path: "/Patient/{run}", WantStatus: 410},
		}},
		{"what is answered about entries is as preferred", []Scenario{
			{
				Name: "minimal", Method: "POST", Path: "", Header: Values{"Prefer": "return=minimal"}, WantStatus: 200,
				Body:     `{"resourceType":"Bundle","type":"transaction","entry":[{"resource":` + patient + `,"request":{"method":"POST","url":"Patient"}}]}`,
				WantBody: Values{"entry[0].resource": Absent, "entry[0].response.status": "201*"},
			},
			{
				Name: "representation", Method: "POST", Path: "", Header: Values{"Prefer": "return=representation"}, WantStatus: 200,
				Body:     `{"resourceType":"Bundle","type":"transaction","entry":[{"resource":` + patient + `,"request":{"method":"POST","url":"Patient"}}]}`,
				WantBody: Values{"entry[0].resource.birthDate": "1990-04-01", "entry[0].resource.meta.versionId": "1"},
			},
			{
				Name: "OperationOutcome", Method: "POST", Path: "", Header: Values{"Prefer": "return=OperationOutcome"}, WantStatus: 200,
				Body:     `{"resourceType":"Bundle","type":"transaction","entry":[{"resource":` + patient + `,"request":{"method":"POST","url":"Patient"}}]}`,
				WantBody: Values{"entry[0].resource": Absent, "entry[0].response.outcome.resourceType": "OperationOutcome"},
			},
		}},
	}
}
