package resttest

// asResource is the header of a FHIRPath Patch.
var asResource = Values{"Content-Type": "application/fhir+json"}

// pathPatch gives a FHIRPath Patch of operations, each the JSON of its parts.
func pathPatch(operations ...string) string {
	text := `{"resourceType":"Parameters","parameter":[`
	for i, parts := range operations {
		if i > 0 {
			text += ","
		}
		text += `{"name":"operation","part":[` + parts + `]}`
	}
	return text + `]}`
}

// kindAndPath gives the parts that each operation has.
func kindAndPath(kind, path string) string {
	return `{"name":"type","valueCode":"` + kind + `"},{"name":"path","valueString":"` + path + `"}`
}

// fhirPathPatchStories cover FHIRPath Patch and JSON Merge Patch. Source: R4
// http#patch, fhirpatch.
func fhirPathPatchStories() []Story {
	addGender := kindAndPath("add", "Patient") + `,{"name":"name","valueString":"gender"},{"name":"value","valueCode":"female"}`
	bornIn := func(year string) string {
		return kindAndPath("replace", "Patient.birthDate") + `,{"name":"value","valueDate":"` + year + `"}`
	}
	merge := Values{"Content-Type": "application/merge-patch+json"}
	return []Story{
		{"a resource is patched by paths", []Scenario{
			putPatient,
			{
				Name: "add and replace", Method: "PATCH", Path: "/Patient/{run}", Header: asResource, WantStatus: 200, Body: pathPatch(addGender, bornIn("1991-05-02")),
				WantHeader: Values{"ETag": `W/"2"`}, WantBody: Values{"gender": "female", "birthDate": "1991-05-02", "name[0].family": "Mushi", "name[0].given[0]": "Asha", "identifier#": "1"},
			},
			{
				Name: "a list", Method: "PATCH", Path: "/Patient/{run}", Header: asResource, WantStatus: 200,
				Body: pathPatch(
					kindAndPath("insert", "Patient.name[0].given")+`,{"name":"index","valueInteger":0},{"name":"value","valueString":"Neema"}`,
					kindAndPath("move", "Patient.name[0].given")+`,{"name":"source","valueInteger":1},{"name":"destination","valueInteger":0}`,
					kindAndPath("add", "Patient")+`,{"name":"name","valueString":"contact"},{"name":"value","part":[{"name":"name","valueHumanName":{"text":"Juma"}},{"name":"gender","valueCode":"male"}]}`,
				),
				WantBody: Values{"name[0].given[0]": "Asha", "name[0].given[1]": "Neema", "contact[0].name.text": "Juma", "contact[0].gender": "male"},
			},
			{Name: "delete what is there, and what is not", Method: "PATCH", Path: "/Patient/{run}", Header: asResource, WantStatus: 200, Body: pathPatch(kindAndPath("delete", "Patient.gender"), kindAndPath("delete", "Patient.maritalStatus")), WantBody: Values{"gender": Absent, "birthDate": "1991-05-02", "meta.versionId": "4"}},
			{Name: "what changes nothing makes no version", Method: "PATCH", Path: "/Patient/{run}", Header: asResource, WantStatus: 200, Body: pathPatch(kindAndPath("delete", "Patient.gender")), WantHeader: Values{"ETag": `W/"4"`}},
			{Name: "no operations at all", Method: "PATCH", Path: "/Patient/{run}", Header: asResource, WantStatus: 200, Body: `{"resourceType":"Parameters"}`, WantHeader: Values{"ETag": `W/"4"`}},
			{
				Name: "a path to several", Method: "PATCH", Path: "/Patient/{run}", Header: asResource, WantStatus: 422, Body: pathPatch(bornIn("1992"), kindAndPath("delete", "Patient.name.given")),
				WantBody: Values{"resourceType": "OperationOutcome", "issue[0].expression[0]": "Patient.name.given", "issue[0].diagnostics": "operation 1,*"},
			},
			{Name: "a path to nothing", Method: "PATCH", Path: "/Patient/{run}", Header: asResource, WantStatus: 422, Body: pathPatch(kindAndPath("replace", "Patient.gender") + `,{"name":"value","valueCode":"male"}`), WantBody: Values{"issue[0].expression[0]": "Patient.gender"}},
			{Name: "an index beyond the list", Method: "PATCH", Path: "/Patient/{run}", Header: asResource, WantStatus: 422, Body: pathPatch(kindAndPath("insert", "Patient.name[0].given") + `,{"name":"index","valueInteger":3},{"name":"value","valueString":"x"}`)},
			{Name: "a result that is not valid", Method: "PATCH", Path: "/Patient/{run}", Header: asResource, WantStatus: 400, Body: pathPatch(kindAndPath("add", "Patient") + `,{"name":"name","valueString":"gender"},{"name":"value","valueCode":"lady"}`), WantBody: Values{"issue[0].expression[0]": "Patient.gender"}},
			{Name: "the id can't be patched", Method: "PATCH", Path: "/Patient/{run}", Header: asResource, WantStatus: 400, Body: pathPatch(kindAndPath("replace", "Patient.id") + `,{"name":"value","valueId":"other"}`)},
			{Name: "what is no FHIRPath", Method: "PATCH", Path: "/Patient/{run}", Header: asResource, WantStatus: 400, Body: pathPatch(kindAndPath("delete", "Patient.name["))},
			{Name: "another resource is no patch", Method: "PATCH", Path: "/Patient/{run}", Header: asResource, WantStatus: 400, Body: patient},
			{Name: "an old version", Method: "PATCH", Path: "/Patient/{run}", Header: Values{"Content-Type": "application/fhir+json", "If-Match": `W/"1"`}, WantStatus: 412, Body: pathPatch(bornIn("1992"))},
			{Name: "it is as the last good patch left it", Path: "/Patient/{run}", WantStatus: 200, WantBody: Values{"meta.versionId": "4", "birthDate": "1991-05-02"}},
		}},
		{"a patch by paths finds its resource by criteria", []Scenario{
			{Name: "none matches", Method: "PATCH", Path: "/Patient?identifier=urn:run:number|{run}", Header: asResource, Body: pathPatch(addGender), WantStatus: 404},
			putPatient,
			{Name: "one matches", Method: "PATCH", Path: "/Patient?identifier=urn:run:number|{run}", Header: asResource, Body: pathPatch(addGender), WantStatus: 200, WantBody: Values{"id": "{run}", "gender": "female"}},
			{Name: "a twin", Method: "POST", Path: "/Patient", Body: patient, WantStatus: 201},
			{Name: "several match", Method: "PATCH", Path: "/Patient?identifier=urn:run:number|{run}", Header: asResource, Body: pathPatch(bornIn("1992")), WantStatus: 412},
		}},
		{"a patch by paths in a bundle is a Parameters", []Scenario{
			putPatient,
			transaction("in a transaction", 200, Values{"entry[0].response.status": "200*", "entry[0].response.etag": `W/"2"`},
				`{"resource":`+pathPatch(addGender)+`,"request":{"method":"PATCH","url":"Patient/{run}"}}`),
			transaction("by criteria", 200, Values{"entry[0].response.status": "200*", "entry[0].response.etag": `W/"3"`},
				`{"resource":`+pathPatch(bornIn("1993"))+`,"request":{"method":"PATCH","url":"Patient?identifier=urn:run:number|{run}"}}`),
			batch("in a batch", Values{"entry[0].response.status": "200*", "entry[1].response.status": "422*", "entry[1].response.outcome.issue[0].expression[0]": "Bundle.entry[1]*"},
				`{"resource":`+pathPatch(kindAndPath("delete", "Patient.gender"))+`,"request":{"method":"PATCH","url":"Patient/{run}"}},`+
					`{"resource":`+pathPatch(kindAndPath("replace", "Patient.active")+`,{"name":"value","valueBoolean":true}`)+`,"request":{"method":"PATCH","url":"Patient/{run}","ifMatch":"W/\"4\""}}`),
			{Name: "all that fitted was done", Path: "/Patient/{run}", WantStatus: 200, WantBody: Values{"meta.versionId": "4", "gender": Absent, "birthDate": "1993"}},
			transaction("one that does not fit takes the others with it", 422, Values{"issue[0].expression[0]": "Bundle.entry[1]*"},
				`{"resource":{"resourceType":"Patient","id":"{run}-new"},"request":{"method":"PUT","url":"Patient/{run}-new"}},`+
					`{"resource":`+pathPatch(kindAndPath("replace", "Patient.active")+`,{"name":"value","valueBoolean":true}`)+`,"request":{"method":"PATCH","url":"Patient/{run}"}}`),
			{Name: "nothing was done", Path: "/Patient/{run}-new", WantStatus: 404},
		}},
		{"a resource is patched by merging", []Scenario{
			putPatient,
			{Name: "members replace and null removes", Method: "PATCH", Path: "/Patient/{run}", Header: merge, Body: `{"gender":"female","birthDate":null}`, WantStatus: 200, WantBody: Values{"gender": "female", "birthDate": Absent, "name[0].family": "Mushi", "meta.versionId": "2"}},
			{Name: "a result that is not valid", Method: "PATCH", Path: "/Patient/{run}", Header: merge, Body: `{"gender":7}`, WantStatus: 400},
			{Name: "what is no object", Method: "PATCH", Path: "/Patient/{run}", Header: merge, Body: `[]`, WantStatus: 400},
			{Name: "what changes nothing makes no version", Method: "PATCH", Path: "/Patient/{run}", Header: merge, Body: `{"gender":"female"}`, WantStatus: 200, WantHeader: Values{"ETag": `W/"2"`}},
		}},
	}
}
