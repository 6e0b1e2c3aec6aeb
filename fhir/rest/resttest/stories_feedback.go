package resttest

import "strings"

// feedbackStories tell how patients are asked about care, and what they answer.
func feedbackStories() []Story {
	const (
		payloadType = "https://openimis.github.io/openimis_fhir_r4_ig/StructureDefinition/communication-payload-type"
		questions   = "https://openimis.github.io/openimis_fhir_r4_ig/CodeSystem/feedback-payload"
	)
	put := func(typ, id, body string) Scenario {
		return Scenario{Name: "there is a " + typ + " " + id, Method: "PUT", Path: "/" + typ + "/{run}-" + id, WantStatus: 201, Body: `{"resourceType":"` + typ + `","id":"{run}-` + id + `",` + body + `}`}
	}
	says := func(answers string) string {
		var payload []string
		for i, code := range []string{"CareRendered", "PaymentAsked", "DrugPrescribed", "DrugReceived", "Asessment"} {
			payload = append(payload, `{"extension":[{"url":"`+payloadType+`","valueCodeableConcept":{"coding":[{"system":"`+questions+`","code":"`+code+`"}]}}],"contentString":"`+strings.Fields(answers)[i]+`"}`)
		}
		return `{"resourceType":"Communication","status":"completed","subject":{"reference":"Patient/{run}-a"},"about":[{"reference":"Claim/{claim}"}],"payload":[` + strings.Join(payload, ",") + `]}`
	}
	answer := func(name, body string, status int, want Values) Scenario {
		return Scenario{Name: name, Method: "POST", Path: "/Communication", Body: body, WantStatus: status, WantBody: want}
	}
	steps := append(
		coveredHere(),
		claimOf("1"),
		put("Practitioner", "chw", `"name":[{"family":"Neema"}],"telecom":[{"system":"phone","value":"+255 700 000 001"}]`),
		Scenario{Name: "an answer that nobody asked for", Method: "POST", Path: "/Communication", Body: says("yes no yes yes 5"), WantStatus: 422, WantBody: Values{"issue[0].details.coding[0].code": "feedback", "issue[0].expression[0]": "Communication.about"}},
		Scenario{
			Name: "a community health worker is to ask", Method: "POST", Path: "/Claim/{claim}/$request-feedback", WantStatus: 201,
			Body:     `{"resourceType":"Parameters","parameter":[{"name":"recipient","valueReference":{"reference":"Practitioner/{run}-chw"}}]}`,
			WantBody: Values{"status": "active", "payload#": "5", "payload[4].contentString": "*assessment*", "payload[0].extension[0].valueCodeableConcept.coding[0].code": "CareRendered"},
			Keep:     Values{"request": "id"},
		},
		Scenario{Name: "it is found by whom it asks", Path: "/CommunicationRequest?status=active&recipient=Practitioner/{run}-chw", WantStatus: 200, WantBody: Values{"entry[*].resource.id": "{request}"}},
		Scenario{Name: "asked for again, it is the same", Method: "POST", Path: "/Claim/{claim}/$request-feedback", WantStatus: 201, WantBody: Values{"id": "{request}", "meta.versionId": "1"}},
		answer("all five are answered, in the words of the questions", says("yes perhaps yes no 9"), 422, Values{"issue[0].expression[0]": "Communication.payload[1].contentString", "issue[1].expression[0]": "Communication.payload[4].contentString"}),
		answer("the patient answers", says("yes yes yes no 3"), 201, Values{"resourceType": "Communication"}),
		Scenario{Name: "the request is closed", Path: "/CommunicationRequest/{request}", WantStatus: 200, WantBody: Values{"status": "completed", "statusReason.coding[0].code": "delivered", "statusReason.coding[1].code": "8"}},
		answer("once", says("yes no yes yes 5"), 409, Values{"issue[0].expression[0]": "Communication.about"}),
		// Asked for money, and a drug not received: one answer, and it is negative.
		Scenario{Name: "it counts", Path: "/Organization/{run}-h/$feedback", WantStatus: 200, WantBody: Values{"parameter[0].valueUnsignedInt": "1", "parameter[1].valueUnsignedInt": "1", "parameter[2].valueUnsignedInt": "0", "parameter[3].valueUnsignedInt": "1", "parameter[4].valueUnsignedInt": "1", "parameter[6].valueDecimal": "100"}},
		Scenario{Name: "on its day only", Path: "/Organization/{run}-h/$feedback", Method: "POST", Body: `{"resourceType":"Parameters","parameter":[{"name":"period","valuePeriod":{"end":"2020-12-31"}}]}`, WantStatus: 200, WantBody: Values{"parameter[0].valueUnsignedInt": "0", "parameter[6]": Absent}},
		Scenario{Name: "what is answered is not let go", Method: "POST", Path: "/CommunicationRequest/{request}/$bypass", Body: `{"resourceType":"Parameters","parameter":[{"name":"reason","valueString":"late"}]}`, WantStatus: 422},
		claimOf("2"),
		Scenario{Name: "nobody serves where she lives", Method: "POST", Path: "/Claim/{claim}/$request-feedback", WantStatus: 201, WantBody: Values{"status": "on-hold", "statusReason.coding[0].code": "no-officer", "recipient": Absent}, Keep: Values{"request": "id"}},
		Scenario{Name: "a reason is needed to let it go", Method: "POST", Path: "/CommunicationRequest/{request}/$bypass", WantStatus: 400, WantBody: Values{"issue[0].code": "required"}},
		Scenario{Name: "it is let go", Method: "POST", Path: "/CommunicationRequest/{request}/$bypass", Body: `{"resourceType":"Parameters","parameter":[{"name":"reason","valueString":"She has no phone."}]}`, WantStatus: 200, WantBody: Values{"status": "revoked", "statusReason.coding[0].code": "bypassed", "statusReason.coding[1].code": "16", "statusReason.text": "She has no phone."}},
	)
	return []Story{{"patients are asked about care", steps}}
}

// claimOf submits a claim of {run}-S for {run}-a at {run}-h, and keeps its id as
// {claim}.
func claimOf(number string) Scenario {
	return Scenario{
		Name: "it is claimed: " + number, Method: "POST", Path: "/Claim", WantStatus: 201, Keep: Values{"claim": "id"},
		Body: `{"resourceType":"Claim","identifier":[{"system":"https://bima.example/fhir/id/claim","value":"{run}-` + number + `"}],"status":"active","type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/claim-type","code":"professional"}]},"use":"claim","patient":{"reference":"Patient/{run}-a"},"billablePeriod":{"start":"2026-04-0` + number + `","end":"2026-04-0` + number + `"},"created":"2026-04-0` + number + `","provider":{"reference":"Organization/{run}-h"},"priority":{"coding":[{"code":"normal"}]},"insurance":[{"sequence":1,"focal":true,"coverage":{"reference":"Coverage/{run}-ca"}}],"item":[{"sequence":1,"productOrService":{"coding":[{"system":"urn:{run}","code":"S"}]},"quantity":{"value":1},"unitPrice":{"value":1000,"currency":"TZS"}}]}`,
	}
}
