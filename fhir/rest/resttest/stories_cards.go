package resttest

// cardStories tell of membership cards: how they are asked for, and what anybody
// may read about them.
func cardStories() []Story {
	const (
		plan = `"class":[{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/coverage-class","code":"plan"}]},"value":"P{run}"}]`
	)
	enrol := func(id, number, more string) string {
		return `{"resource":{"resourceType":"Patient","id":"` + id + `","identifier":[{"system":"https://bima.example/fhir/id/insurance-number","value":"` + number + `"}],
			"name":[{"text":"Asha {run}"},{"text":"عائشة"}],"gender":"female","birthDate":"1990-05-17"` + more + `},"request":{"method":"PUT","url":"Patient/` + id + `"}},
			{"resource":{"resourceType":"Coverage","id":"c` + id + `","status":"active","beneficiary":{"reference":"Patient/` + id + `"},
			"period":{"start":"2020-01-01","end":"2099-12-31"},"payor":[{"display":"Scheme"}],` + plan + `},"request":{"method":"PUT","url":"Coverage/c` + id + `"}}`
	}
	village := `,"address":[{"city":"V{run}"}]`
	first := Scenario{
		Name: "two persons of a family and village, and one who is not covered", Method: "POST", WantStatus: 200,
		Header: Values{"Content-Type": "application/fhir+json"},
		Body: `{"resourceType":"Bundle","type":"transaction","entry":[` + enrol("a{run}", "990100001017", village) + `,` + enrol("b{run}", "990100001025", "") + `,
			{"resource":{"resourceType":"Patient","id":"n{run}","identifier":[{"system":"https://bima.example/fhir/id/insurance-number","value":"990100001033"}],"gender":"male","birthDate":"1990-01-01"` + village + `},"request":{"method":"PUT","url":"Patient/n{run}"}},
			{"resource":{"resourceType":"Group","id":"g{run}","type":"person","actual":true,"member":[{"entity":{"reference":"Patient/a{run}"}},{"entity":{"reference":"Patient/b{run}"}},{"entity":{"reference":"Patient/n{run}"}}]},"request":{"method":"PUT","url":"Group/g{run}"}},
			{"resource":{"resourceType":"Location","id":"v{run}","name":"V{run}"},"request":{"method":"PUT","url":"Location/v{run}"}}]}`,
	}
	json := Values{"Accept": "application/fhir+json"}
	return []Story{{"a card from its issue to its loss", []Scenario{
		first,
		{Name: "nothing is asked for but the card: it is a PDF", Path: "/Patient/a{run}/$card", WantStatus: 200, WantHeader: Values{"Content-Type": "application/pdf"}, WantText: "%PDF-"},
		{Name: "as a picture", Path: "/Patient/a{run}/$card", Header: Values{"Accept": "image/png"}, WantStatus: 200, WantHeader: Values{"Content-Type": "image/png"}},
		{Name: "as a drawing, by _format", Path: "/Patient/a{run}/$card?_format=image/svg%2Bxml", WantStatus: 200, WantHeader: Values{"Content-Type": "image/svg+xml"}, WantText: "<svg "},
		{Name: "by its parameter", Path: "/Patient/a{run}/$card?format=svg", Header: json, WantStatus: 200, WantText: "<svg "},
		{Name: "its record", Path: "/Patient/a{run}/$card", Header: json, WantStatus: 200, WantBody: Values{"resourceType": "DocumentReference", "status": "current", "subject.reference": "Patient/a{run}", "context.period.end": "2099-12-31"}, Keep: Values{"record": "id", "card": "identifier[0].value"}},
		{Name: "its record in XML", Path: "/Patient/a{run}/$card", Header: Values{"Accept": "application/fhir+xml"}, WantStatus: 200, WantText: "<DocumentReference "},
		{Name: "is found among the records of the person", Path: "/DocumentReference?subject=Patient/a{run}&type=card", WantStatus: 200, WantBody: Values{"entry[*].resource.id": "{record}"}},
		{Name: "the keys are open, and of the kind that tokens name", Path: "{root}/.well-known/jwks.json", WantStatus: 200, WantHeader: Values{"Content-Type": "application/json", "Access-Control-Allow-Origin": "*"}, WantBody: Values{"keys[0].kty": "EC", "keys[0].crv": "P-256", "keys[0].alg": "ES256", "keys[0].d": Absent, "keys[0].private": Absent}},
		{Name: "the page that verifies is open", Path: "{root}/card", WantStatus: 200, WantHeader: Values{"Content-Type": "text/html; charset=utf-8"}, WantText: "Is this card good?"},
		{Name: "renewing takes POST", Path: "/Patient/a{run}/$card?renew=true", WantStatus: 405},
		{Name: "a form that cards don't have", Path: "/Patient/a{run}/$card", Header: Values{"Accept": "image/gif"}, WantStatus: 406},
		{Name: "it is lost", Method: "POST", Path: "/Patient/a{run}/$card-revoke", Header: Values{"Content-Type": "application/fhir+json"}, Body: `{"resourceType":"Parameters","parameter":[{"name":"reason","valueString":"lost"}]}`, WantStatus: 200, WantBody: Values{"status": "superseded", "description": "revoked: lost"}},
		{Name: "it is on the list at once", Path: "{root}/.well-known/card-revocations.json", WantStatus: 200, WantText: `"{card}"`},
		{Name: "revoking takes POST", Path: "/Patient/a{run}/$card-revoke", WantStatus: 405},
		{Name: "a new card has another id", Path: "/Patient/a{run}/$card", Header: json, WantStatus: 200, WantBody: Values{"status": "current"}, Keep: Values{"next": "identifier[0].value"}},
		{Name: "and is not on the list", Path: "/DocumentReference?identifier=https://bima.example/fhir/id/card|{next}&status=current&_summary=count", WantStatus: 200, WantBody: Values{"total": "1"}},
		{Name: "who is not covered has none", Path: "/Patient/n{run}/$card", WantStatus: 422, WantBody: Values{"issue[0].code": "business-rule"}},
		{Name: "the cards of the family", Path: "/Group/g{run}/$card", WantStatus: 200, WantHeader: Values{"Content-Type": "application/pdf"}},
		{Name: "their records, and why one has none", Path: "/Group/g{run}/$card", Header: json, WantStatus: 200, WantBody: Values{"resourceType": "Bundle", "entry#": "3", "entry[2].resource.resourceType": "OperationOutcome", "entry[2].resource.issue[0].code": "business-rule"}},
		{Name: "more than a page", Path: "/Group/g{run}/$card?_count=2", WantStatus: 413, WantBody: Values{"issue[0].code": "too-costly"}},
		{Name: "the first of two pages", Path: "/Group/g{run}/$card?_count=2&page=1", Header: json, WantStatus: 200, WantBody: Values{"entry#": "2"}},
		{Name: "those of the village", Path: "/Location/v{run}/$card", Header: json, WantStatus: 200, WantBody: Values{"entry#": "2", "entry[0].resource.subject.reference": "Patient/a{run}", "entry[1].resource.resourceType": "OperationOutcome"}},
	}}}
}
