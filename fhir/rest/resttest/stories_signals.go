package resttest

import "encoding/base64"

// signalStories tell what a reviewer is shown of a claim that is unusual, and how
// an operator has a learned model say its opinion.
func signalStories() []Story { return []Story{signalsOfAClaim()} }

func signalsOfAClaim() Story {
	put := func(typ, id, body string, status int, want Values) Scenario {
		return Scenario{Name: typ + " " + id + " is put", Method: "PUT", Path: "/" + typ + "/{run}-" + id, WantStatus: status, WantBody: want, Body: `{"resourceType":"` + typ + `","id":"{run}-` + id + `",` + body + `}`}
	}
	claim := func(facility, day string) string {
		return `"status":"active","use":"claim","type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/claim-type","code":"institutional"}]},"patient":{"reference":"Patient/{run}-asha"},"provider":{"reference":"Organization/{run}-` + facility + `"},
			"created":"` + day + `","billablePeriod":{"start":"` + day + `","end":"` + day + `"},"priority":{"coding":[{"code":"normal"}]},"insurance":[{"sequence":1,"focal":true,"coverage":{"display":"card"}}],
			"item":[{"sequence":1,"productOrService":{"coding":[{"system":"https://bima.example/fhir/CodeSystem/service","code":"SIG-1"}]},"quantity":{"value":1},"net":{"value":9000,"currency":"TZS"}}]`
	}
	model := func(status, weights string) string {
		return `"status":"` + status + `","type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/library-type","code":"model-definition"}]},"content":[{"contentType":"application/vnd.bima.claim-model+json","data":"` + base64.StdEncoding.EncodeToString([]byte(weights)) + `"}]`
	}
	// Of an average claim the likelihood is 1 / (1 + e^1.0986) = 25 %; with the
	// service 1 / (1 + e^-1.0986) = 75 %, 50 more.
	const weights = `{"format":1,"intercept":-1.0986,"features":[{"name":"service|https://bima.example/fhir/CodeSystem/service|SIG-1","mean":0,"scale":1,"weight":2.1972}]}`
	ask := func(name, id string, want Values) Scenario {
		return Scenario{Name: name, Path: "/Claim/{run}-" + id + "/$signals", WantStatus: 200, WantBody: want}
	}
	return Story{"a reviewer is shown what is unusual in a claim", []Scenario{
		put("Patient", "asha", `"gender":"female","birthDate":"1990-05-17"`, 201, nil),
		put("Organization", "here", `"name":"Here"`, 201, nil),
		put("Organization", "there", `"name":"There"`, 201, nil),
		put("Claim", "first", claim("here", "2026-02-02"), 201, nil),
		ask("the first visit is not unusual", "first", Values{"parameter[0].name": "score", "parameter[0].valueInteger": "0", "parameter#": "1"}),
		put("Claim", "near", claim("there", "2026-02-05"), 201, nil),
		ask("the same service elsewhere three days later is", "near", Values{
			"parameter[0].valueInteger": "40", "parameter#": "2", "parameter[1].name": "signal",
			"parameter[1].part[0].valueCoding.code": "duplicate-elsewhere", "parameter[1].part[1].valueInteger": "40", "parameter[1].part[2].valueString": "Claim.item[0]",
			"parameter[1].part[3].valueString": "The person had the same service at another facility on 2026-02-02, 3 days from this one*",
		}),
		ask("by then the first one is unusual too", "first", Values{"parameter[0].valueInteger": "40"}),
		put("Claim", "far", claim("here", "2026-02-09"), 201, nil),
		ask("four days after that it is the facility's own repetition, seven days on", "far", Values{"parameter[0].valueInteger": "30", "parameter[1].part[0].valueCoding.code": "repeated-claim"}),
		{Name: "a claim that is not there has no signals", Path: "/Claim/{run}-none/$signals", WantStatus: 404},
		put("Library", "model", model("draft", weights), 201, nil),
		ask("a draft gives no opinion; the first claim is repeated by now, too: 40 and 30", "first", Values{"parameter[0].valueInteger": "70", "parameter#": "3"}),
		put("Library", "model", model("active", weights), 200, nil),
		ask("switched on, it does, and says what the score is made of", "first", Values{
			"parameter[3].name": "opinion", "parameter[3].part[0].valueInteger": "75", "parameter[3].part[1].valueReference.reference": "Library/{run}-model",
			"parameter[3].part[2].part[1].valueDecimal": "50.0", "parameter[3].part[2].part[2].valueString": "It claims service SIG-1, which raises the score by 50.",
		}),
		put("Library", "other", model("active", weights), 422, Values{"issue[0].expression[0]": "Library.status"}),
		put("Library", "model", model("active", `{"format":1,"features":[]}`), 422, Values{"issue[0].expression[0]": "Library.content[0].data"}),
		put("Library", "model", model("retired", weights), 200, nil),
		ask("retired, it is silent", "first", Values{"parameter#": "3"}),
	}}
}
