package resttest

// metaOf gives the input of $meta-add and $meta-delete.
func metaOf(meta string) string {
	return `{"resourceType":"Parameters","parameter":[{"name":"meta","valueMeta":` + meta + `}]}`
}

// metaStories cover $meta and its changes. Source: R4 resource-operation-meta,
// -meta-add, -meta-delete.
func metaStories() []Story {
	const label = `{"tag":[{"system":"urn:run","code":"{run}","display":"again"},{"system":"urn:run","code":"{run}-n"}],"security":[{"system":"urn:run","code":"{run}-s"}],"profile":["http://x.example/{run}"]}`
	return []Story{
		{"labels are added and taken away without a version", []Scenario{
			putPatient,
			{Name: "as they are", Path: "/Patient/{run}/$meta", WantStatus: 200, WantBody: Values{"resourceType": "Parameters", "parameter#": "1", "parameter[0].name": "return", "parameter[0].valueMeta.versionId": "1", "parameter[0].valueMeta.tag[*].code": "{run}"}},
			{Name: "add some", Method: "POST", Path: "/Patient/{run}/$meta-add", Body: metaOf(label), WantStatus: 200, WantBody: Values{"parameter[0].valueMeta.versionId": "1", "parameter[0].valueMeta.tag#": "2", "parameter[0].valueMeta.tag[0].display": Absent, "parameter[0].valueMeta.security#": "1", "parameter[0].valueMeta.profile[0]": "http://x.example/{run}"}},
			{Name: "the resource has them, in its old version", Path: "/Patient/{run}", WantStatus: 200, WantHeader: Values{"ETag": `W/"1"`}, WantBody: Values{"meta.tag[*].code": "{run} {run}-n", "meta.security[0].code": "{run}-s", "birthDate": "1990-04-01"}},
			{Name: "it is found by the new one", Path: "/Patient?_tag=urn:run|{run}-n", WantStatus: 200, WantBody: Values{"entry#": "1"}},
			{Name: "and by the old one", Path: "/Patient?_tag=urn:run|{run}", WantStatus: 200, WantBody: Values{"entry#": "1"}},
			{Name: "and by its security label", Path: "/Patient?_security=urn:run|{run}-s", WantStatus: 200, WantBody: Values{"entry#": "1"}},
			{Name: "there is one version", Path: "/Patient/{run}/_history", WantStatus: 200, WantBody: Values{"entry#": "1"}},
			{Name: "take two away", Method: "POST", Path: "/Patient/{run}/$meta-delete", Body: metaOf(`{"tag":[{"system":"urn:run","code":"{run}-n"},{"system":"urn:other","code":"{run}"}],"security":[{"system":"urn:run","code":"{run}-s"}]}`), WantStatus: 200, WantBody: Values{"parameter[0].valueMeta.tag[*].code": "{run}", "parameter[0].valueMeta.security": Absent, "parameter[0].valueMeta.profile#": "1"}},
			{Name: "it is found by it no more", Path: "/Patient?_tag=urn:run|{run}-n", WantStatus: 200, WantBody: Values{"entry#": "0"}},
			{Name: "a change of the resource keeps them", Method: "PATCH", Path: "/Patient/{run}", Header: Values{"Content-Type": patchType}, Body: `[{"op":"add","path":"/gender","value":"female"}]`, WantStatus: 200, WantBody: Values{"meta.versionId": "2", "meta.profile[0]": "http://x.example/{run}"}},
			{Name: "an old version may be labelled too", Method: "POST", Path: "/Patient/{run}/$meta-add", Body: `{"resourceType":"Parameters","parameter":[{"name":"versionId","valueString":"1"},{"name":"meta","valueMeta":{"tag":[{"code":"old"}]}}]}`, WantStatus: 200, WantBody: Values{"parameter[0].valueMeta.versionId": "1"}},
			{Name: "it has the label", Path: "/Patient/{run}/_history/1", WantStatus: 200, WantBody: Values{"meta.tag[*].code": "old {run}"}},
			{Name: "by its own URL", Method: "POST", Path: "/Patient/{run}/_history/1/$meta-add", Body: metaOf(`{"tag":[{"code":"older"}]}`), WantStatus: 200, WantBody: Values{"parameter[0].valueMeta.tag#": "3"}},
			{Name: "where it is read too", Path: "/Patient/{run}/_history/1/$meta", WantStatus: 200, WantBody: Values{"parameter[0].valueMeta.tag[*].code": "old older {run}", "parameter[0].valueMeta.versionId": "1"}},
			{Name: "and labels are taken away", Method: "POST", Path: "/Patient/{run}/_history/1/$meta-delete", Body: metaOf(`{"tag":[{"code":"older"}]}`), WantStatus: 200},
			{Name: "no other operation", Path: "/Patient/{run}/_history/1/$validate", WantStatus: 404},
			{Name: "no version that is not there", Path: "/Patient/{run}/_history/9/$meta", WantStatus: 404},
			{Name: "the current one has not", Path: "/Patient/{run}", WantStatus: 200, WantBody: Values{"meta.tag[*].code": "{run}"}},
			{Name: "of a type", Path: "/Patient/$meta", WantStatus: 200, WantBody: Values{"parameter[0].valueMeta.tag[*].code": "*{run}*", "parameter[0].valueMeta.profile[*]": "*http://x.example/{run}*", "parameter[0].valueMeta.versionId": Absent}},
			{Name: "of another type", Path: "/Basic/$meta", WantStatus: 200, WantBody: Values{"parameter[0].valueMeta.profile": Absent}},
			{Name: "of a type nobody has labelled, which is no empty element", Path: "/VerificationResult/$meta", WantStatus: 200, WantBody: Values{"parameter[0].valueMeta.extension[0].valueCode": "not-applicable"}},
			{Name: "by GET nothing is changed", Path: "/Patient/{run}/$meta-add", WantStatus: 405},
			{Name: "without a meta", Method: "POST", Path: "/Patient/{run}/$meta-add", Body: `{"resourceType":"Parameters"}`, WantStatus: 400},
			{Name: "a label that is none", Method: "POST", Path: "/Patient/{run}/$meta-add", Body: metaOf(`{"tag":[{"code":7}]}`), WantStatus: 400},
			{Name: "what is not there", Method: "POST", Path: "/Patient/{run}-none/$meta-add", Body: metaOf(`{"tag":[{"code":"x"}]}`), WantStatus: 404},
			deletePatient,
			{Name: "what is gone", Path: "/Patient/{run}/$meta", WantStatus: 410},
		}},
	}
}

// purgeStories cover $purge.
func purgeStories() []Story {
	return []Story{
		{"what is purged is forgotten", []Scenario{
			putPatient,
			changePatient,
			{Name: "by GET nothing is", Path: "/Patient/{run}/$purge", WantStatus: 405},
			{Name: "the versions before", Method: "POST", Path: "/Patient/{run}/$purge", Body: `{"resourceType":"Parameters","parameter":[{"name":"history-only","valueBoolean":true}]}`, WantStatus: 200, WantBody: Values{"resourceType": "OperationOutcome"}},
			{Name: "the current one stays", Path: "/Patient/{run}", WantStatus: 200, WantBody: Values{"meta.versionId": "2"}},
			{Name: "the one before is gone", Path: "/Patient/{run}/_history/1", WantStatus: 404},
			{Name: "wholly", Method: "POST", Path: "/Patient/{run}/$purge", WantStatus: 200},
			{Name: "it never was", Path: "/Patient/{run}", WantStatus: 404},
			{Name: "nor was any version", Path: "/Patient/{run}/_history", WantStatus: 404},
			{Name: "nobody finds it", Path: "/Patient?identifier=urn:run:number|{run}", WantStatus: 200, WantBody: Values{"entry#": "0"}},
			{Name: "its id may be used again", Method: "PUT", Path: "/Patient/{run}", Body: patientAt, WantStatus: 201, WantBody: Values{"meta.versionId": "1"}},
			{Name: "a group of him", Method: "PUT", Path: "/Group/{run}", Body: groupOf("{run}", "Patient/{run}"), WantStatus: 201},
			{Name: "keeps him", Method: "POST", Path: "/Patient/{run}/$purge", WantStatus: 409},
			{Name: "a parameter it has not", Method: "POST", Path: "/Patient/{run}/$purge", Body: `{"resourceType":"Parameters","parameter":[{"name":"all","valueBoolean":true}]}`, WantStatus: 400},
			{Name: "what never was", Method: "POST", Path: "/Patient/{run}-none/$purge", WantStatus: 404},
		}},
	}
}
