package resttest

import (
	"encoding/base64"
	"strings"
)

// employerStories tell how an employer's contract is agreed on, how its months are
// declared and paid, and what that means for who works there.
func employerStories() []Story { return []Story{employersContract()} }

// employee is the id of a person who is named in tables, which are in base64 and
// so can't hold a word of the run.
const employee = "employee-of-a-story"

func employersContract() Story {
	put := func(typ, id, body string) Scenario {
		return Scenario{Name: "there is a " + typ + " " + id, Method: "PUT", Path: "/" + typ + "/{run}-" + id, WantStatus: 201, Body: `{"resourceType":"` + typ + `","id":"{run}-` + id + `",` + body + `}`}
	}
	do := func(name, op, body string, status int, want Values) Scenario {
		if body != "" {
			body = `{"resourceType":"Parameters","parameter":[` + body + `]}`
		}
		return Scenario{Name: name, Method: "POST", Path: "/Contract/{run}-ec/$" + op, Body: body, WantStatus: status, WantBody: want}
	}
	contract := func(state, status string) string {
		return `"extension":[{"url":"` + ourExtension + `policy-state","valueCode":"` + state + `"}],"identifier":[{"system":"https://bima.example/fhir/id/policy","value":"{run}-EC"}],"status":"` + status + `","applies":{"start":"2025-01-01","end":"2025-12-31"},
			"subject":[{"reference":"Organization/{run}-mill"}],"authority":[{"reference":"Organization/{run}-scheme"}],"type":{"coding":[{"system":"https://bima.example/fhir/CodeSystem/contract-kind","code":"employer"}]},
			"term":[{"identifier":{"value":"A"},"offer":{"topic":{"reference":"InsurancePlan/{run}-plan"}}}]`
	}
	state := func(want string) Values {
		return Values{"parameter[0].resource.extension[0].valueCode": want}
	}
	declared := func(table, more string) string {
		return `{"name":"period","valueDate":"2025-01"},{"name":"table","valueBase64Binary":"` + base64.StdEncoding.EncodeToString([]byte(table)) + `"}` + more
	}
	january := declared("national_id,plan,income\n"+employee+",A,300000\n", "")
	return Story{"an employer covers those who work for him", []Scenario{
		put("Organization", "scheme", `"name":"Scheme"`),
		put("Organization", "mill", `"name":"Mill","identifier":[{"system":"https://bima.example/fhir/id/employer","value":"{run}-E"}],"type":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/organization-type","code":"bus"}]}]`),
		{
			Name: "there is an employee", Method: "PUT", Path: "/Patient/" + employee, WantStatus: 201,
			Body: `{"resourceType":"Patient","id":"` + employee + `","active":true,"identifier":[{"system":"https://bima.example/fhir/id/national-id","value":"` + employee + `"}],"gender":"female","birthDate":"1990-05-17"}`,
		},
		put("InsurancePlan", "plan", `"status":"active","name":"Plan","plan":[{"extension":[{"url":"`+ourExtension+`employment-contribution","extension":[{"url":"employee","valueDecimal":3},{"url":"employer","valueDecimal":5},{"url":"floor","valueMoney":{"value":0,"currency":"KES"}}]}],"identifier":[{"value":"A"}]},{"extension":[{"url":"`+ourExtension+`employment-contribution","extension":[{"url":"employee","valueMoney":{"value":2000,"currency":"KES"}}]}],"identifier":[{"value":"B"}]}]`),
		put("Contract", "of-two-plans", strings.NewReplacer("{run}-EC", "{run}-EC-OF-TWO", `"term":[`, `"term":[{"identifier":{"value":"B"},"offer":{"topic":{"reference":"InsurancePlan/{run}-plan"}}},`).Replace(contract("draft", "negotiable"))),
		{Name: "no contract begins in force", Method: "PUT", Path: "/Contract/{run}-ec", Body: `{"resourceType":"Contract","id":"{run}-ec",` + contract("active", "executed") + `}`, WantStatus: 422, WantBody: Values{"issue[0].details.coding[0].code": "employer"}},
		put("Contract", "ec", contract("draft", "negotiable")),
		do("without employees it is not submitted", "submit", "", 422, Values{"issue[0].expression[0]": "Contract.subject"}),
		put("Group", "staff", `"type":"person","actual":true,"code":{"coding":[{"system":"https://bima.example/fhir/CodeSystem/group-kind","code":"employees"}]},"managingEntity":{"reference":"Organization/{run}-mill"},"member":[{"extension":[{"url":"`+ourExtension+`employment","extension":[{"url":"income","valueMoney":{"value":250000,"currency":"KES"}}]}],"entity":{"reference":"Patient/`+employee+`"}}]`),
		do("it can't be approved before it is submitted", "approve", "", 422, Values{"issue[0].expression[0]": "Contract.extension*"}),
		do("it is submitted, and valued: 8 % of 250,000", "submit", "", 200, Values{"parameter[0].resource.status": "offered", "parameter[0].resource.term[0].asset[0].valuedItem[0].net.value": "20000", "parameter[0].resource.term[0].asset[0].valuedItem[0].entityReference.reference": "InsurancePlan/{run}-plan/_history/1"}),
		do("the scheme asks for changes", "counter", `{"name":"reason","valueString":"Add the night shift"}`, 200, Values{"parameter[0].resource.status": "rejected"}),
		do("it is submitted again", "submit", "", 200, state("offered")),
		do("the scheme agrees", "approve", "", 200, Values{"parameter[0].resource.status": "executable"}),
		{Name: "what is agreed stands", Method: "PUT", Path: "/Contract/{run}-ec", Body: `{"resourceType":"Contract","id":"{run}-ec",` + contract("ready", "executable") + `}`, WantStatus: 422},
		do("a table with errors is tried", "declare", declared("national_id,income\nnobody,1\n,2\n", `,{"name":"dry-run","valueBoolean":true}`), 200, Values{"parameter[4].name": "errors", "parameter[4].valueUnsignedInt": "2"}),
		do("and refused, each error with its row", "declare", declared("national_id,income\nnobody,1\n,2\n", ""), 422, Values{"issue#": "2", "issue[0].diagnostics": "row 2, national_id*", "issue[1].diagnostics": "row 3, *"}),
		do("nothing came of it", "declare", declared("national_id,income\nnobody,1\n", ""), 422, Values{"issue#": "1"}),
		{Name: "no invoice", Path: "/Invoice?contract=Contract/{run}-ec", WantStatus: 200, WantBody: Values{"entry": Absent}},
		{
			Name: "January is declared", Method: "POST", Path: "/Contract/{run}-ec/$declare", Body: `{"resourceType":"Parameters","parameter":[` + january + `]}`, WantStatus: 200,
			WantBody: Values{"parameter[1].valueUnsignedInt": "1", "parameter[5].valueMoney.value": "24000", "parameter[6].valueMoney.value": "24000", "parameter[7].resource.resourceType": "Invoice"},
			Keep:     Values{"invoice": "parameter[7].resource.id"},
		},
		do("again it changes nothing", "declare", january, 200, Values{"parameter[6].valueMoney.value": "0", "parameter[7].name": "report"}),
		{Name: "nobody is covered yet", Path: "/Coverage?contract=Contract/{run}-ec", WantStatus: 200, WantBody: Values{"entry": Absent}},
		{
			Name: "January is paid", Method: "POST", Path: "/PaymentNotice", WantStatus: 201,
			Body: `{"resourceType":"PaymentNotice","status":"active","request":{"reference":"Invoice/{invoice}"},"created":"2025-02-01T12:00:00Z","payment":{"type":"PaymentReconciliation","identifier":{"system":"https://bima.example/fhir/id/receipt","value":"{run}-R"}},"paymentDate":"2025-02-01","recipient":{"reference":"Organization/{run}-scheme"},"amount":{"value":24000,"currency":"KES"}}`,
		},
		{Name: "the contract is in force", Path: "/Contract/{run}-ec", WantStatus: 200, WantBody: Values{"status": "executed"}},
		{Name: "its employees are covered", Path: "/Coverage?contract=Contract/{run}-ec", WantStatus: 200, WantBody: Values{"entry#": "1", "entry[0].resource.beneficiary.reference": "Patient/" + employee, "entry[0].resource.policyHolder.reference": "Organization/{run}-mill", "entry[0].resource.period.start": "2025-01-01"}},
		askEligibility("and are told so", asking(employee, "2025-06-01", "validation"), Values{"insurance[0].inforce": "true", "insurance[0].benefitPeriod.end": "2025-12-31"}),
		do("an amendment is drawn up", "amend", `{"name":"from","valueDate":"2025-07-01"}`, 200, Values{"parameter[0].resource.status": "negotiable", "parameter[0].resource.applies.start": "2025-07-01", "parameter[0].resource.extension[1].valueReference.reference": "Contract/{run}-ec"}),
		do("it ends before it began", "terminate", `{"name":"date","valueDate":"2024-06-30"}`, 422, Values{"issue[0].expression[0]": "Parameters*"}),
		do("it ends with June", "terminate", `{"name":"date","valueDate":"2025-06-30"}`, 200, Values{"parameter[0].resource.status": "terminated", "parameter[0].resource.applies.end": "2025-06-30"}),
		askEligibility("and with it the cover", asking(employee, "2025-07-01", "validation"), Values{"insurance[0].inforce": "false", "insurance[0].benefitPeriod.end": "2025-06-30"}),
		{Name: "an employer by his number", Path: "/Organization?identifier=https://bima.example/fhir/id/employer%7C{run}-E", WantStatus: 200, WantBody: Values{"entry[0].resource.id": "{run}-mill"}},
		{Name: "two employers have two numbers", Method: "POST", Path: "/Organization", Body: `{"resourceType":"Organization","name":"Other","identifier":[{"system":"https://bima.example/fhir/id/employer","value":"{run}-E"}]}`, WantStatus: 409},
	}}
}
