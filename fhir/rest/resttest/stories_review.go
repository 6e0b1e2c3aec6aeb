package resttest

import (
	"fmt"
	"strings"
)

// reviewStories tell a medical reviewer's day.
func reviewStories() []Story { return []Story{reviewersDay(), reviewByHand(), pickedClaims()} }

const reviewState = `businessStatus.coding[0].code`

// reviewedHere gives the world of coveredHere with people who review, the hospital
// in a ward, and a plan under which claims of more than 1,500 are seen, and more
// than 1,900 approved need a second opinion. rules are more extensions of the plan.
func reviewedHere(rules ...string) []Scenario {
	steps := coveredHere()
	put := func(typ, id, body string) Scenario {
		return Scenario{Name: "there is a " + typ + " " + id, Method: "PUT", Path: "/" + typ + "/{run}-" + id, WantStatus: 201, Body: `{"resourceType":"` + typ + `","id":"{run}-` + id + `",` + body + `}`}
	}
	for i, s := range steps {
		if strings.HasPrefix(s.Path, "/InsurancePlan/") {
			rules = append(rules, reviewRule("amount", `{"url":"amount","valueMoney":{"value":1500,"currency":"TZS"}}`),
				`{"url":"`+ourExtension+`review-terms","extension":[{"url":"deadlineDays","valuePositiveInt":5},{"url":"secondOpinion","valueMoney":{"value":1900,"currency":"TZS"}}]}`)
			steps[i].Body = strings.Replace(s.Body, `"status"`, `"extension":[`+strings.Join(rules, ",")+`],"status"`, 1)
		}
	}
	role := func(id, code, more string) []Scenario {
		return []Scenario{
			put("Practitioner", id, `"active":true`),
			put("PractitionerRole", id, `"active":true,"practitioner":{"reference":"Practitioner/{run}-`+id+`"},"code":[{"coding":[{"system":"https://bima.example/fhir/CodeSystem/scheme-role","code":"`+code+`"}]}]`+more),
		}
	}
	steps = append(steps, put("Location", "ward", `"name":"Ward"`), put("Location", "site", `"name":"Hospital","partOf":{"reference":"Location/{run}-ward"},"managingOrganization":{"reference":"Organization/{run}-h"}`))
	steps = append(steps, role("amina", "medical-reviewer", "")...)
	steps = append(steps, role("bakari", "medical-reviewer", "")...)
	steps = append(steps, role("chiku", "medical-reviewer", "")...)
	steps = append(steps, role("dalili", "review-supervisor", "")...)
	return append(steps, put("PractitionerRole", "clerk", `"active":true,"practitioner":{"reference":"Practitioner/{run}-chiku"},"organization":{"reference":"Organization/{run}-h"}`))
}

func reviewRule(kind string, parts ...string) string {
	return `{"url":"` + ourExtension + `review-rule","extension":[` + strings.Join(append([]string{`{"url":"kind","valueCode":"` + kind + `"}`}, parts...), ",") + `]}`
}

// claimed submits a claim for units of {run}-S at 1,000 on a day, and keeps it and
// its Task under names with its number.
func claimedForReview(number, day string, units int) []Scenario {
	return []Scenario{
		{
			Name: "claim " + number + " waits", Method: "POST", Path: "/Claim/$submit", WantStatus: 200,
			Body:     `{"resourceType":"Claim","identifier":[{"system":"https://bima.example/fhir/id/claim","value":"{run}-` + number + `"}],"status":"active","type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/claim-type","code":"professional"}]},"use":"claim","patient":{"reference":"Patient/{run}-a"},"billablePeriod":{"start":"` + day + `","end":"` + day + `"},"created":"` + day + `","provider":{"reference":"Organization/{run}-h"},"priority":{"coding":[{"code":"normal"}]},"insurance":[{"sequence":1,"focal":true,"coverage":{"reference":"Coverage/{run}-ca"}}],"item":[{"sequence":1,"productOrService":{"coding":[{"system":"urn:{run}","code":"S"}]},"quantity":{"value":` + fmt.Sprint(units) + `},"unitPrice":{"value":1000,"currency":"TZS"}}]}`,
			WantBody: Values{"outcome": "queued", "item": Absent, "disposition": "The claim waits for the scheme's medical officer; Task/* says how far the review is."},
			Keep:     Values{"claim" + number: "request.reference", "response" + number: "id"},
		},
		{
			Name: "and is in the queue", Path: "/Task?code=medical-review&status=requested&focus={claim" + number + "}", WantStatus: 200,
			WantBody: Values{"entry#": "1", "entry[0].resource.reasonCode.coding[0].code": "*", "entry[0].resource.requester.reference": "Organization/{run}-h", "entry[0].resource.location.reference": "Location/{run}-ward"},
			Keep:     Values{"task" + number: "entry[0].resource.id"},
		},
	}
}

// reviewing calls an operation on a Task as somebody.
func reviewing(name, task, operation, who string, status int, want Values, parts ...string) Scenario {
	parts = append(parts, `{"name":"reviewer","valueReference":{"reference":"PractitionerRole/{run}-`+who+`"}}`)
	return Scenario{
		Name: name, Method: "POST", Path: "/Task/{" + task + "}/$" + operation, WantStatus: status, WantBody: want,
		Body: `{"resourceType":"Parameters","parameter":[` + strings.Join(parts, ",") + `]}`,
	}
}

func text(name, value string) string {
	return `{"name":"` + name + `","valueString":"` + value + `"}`
}

func reviewLine(parts string) string {
	return `{"name":"line","part":[{"name":"sequence","valuePositiveInt":1},` + parts + `]}`
}

func decidedNow(number, disposition string) Scenario {
	return Scenario{Name: "claim " + number + " is decided", Path: "/ClaimResponse/{response" + number + "}", WantStatus: 200, WantBody: Values{"outcome": "complete", "disposition": disposition}}
}

func reviewersDay() Story {
	queue := func(who, count string) Scenario {
		return Scenario{Name: who + " looks at the queue of the ward", Path: "/Task/$review-queue?reviewer=PractitionerRole/{run}-" + who + "&area=Location/{run}-ward", WantStatus: 200, WantBody: Values{"type": "searchset", "total": count}}
	}
	steps := append(reviewedHere(), claimedForReview("1", "2026-04-01", 2)...)
	steps = append(
		steps,
		Scenario{Name: "the queue is searched by place", Path: "/Task?area=Location/{run}-ward&status=requested&_sort=authored-on", WantStatus: 200, WantBody: Values{"entry#": "1"}},
		queue("amina", "1"), queue("chiku", "0"),
		reviewing("Chiku works for the hospital", "task1", "claim", "chiku", 403, Values{"issue[0].code": "forbidden"}),
		reviewing("Amina takes it", "task1", "claim", "amina", 200, Values{"status": "in-progress", "owner.reference": "PractitionerRole/{run}-amina"}),
		reviewing("Bakari can't", "task1", "claim", "bakari", 409, Values{"issue[0].code": "conflict", "issue[0].expression[0]": "Task.owner"}),
		queue("bakari", "0"), queue("amina", "1"),
		reviewing("Amina asks the hospital", "task1", "ask", "amina", 200, Values{"status": "on-hold", reviewState: "asked"}, text("question", "Were both done on one day?")),
		Scenario{
			Name: "the hospital finds the question", Path: "/CommunicationRequest?recipient=Organization/{run}-h&status=active", WantStatus: 200,
			WantBody: Values{"entry#": "1", "entry[0].resource.payload[0].contentString": "Were both done on one day?"}, Keep: Values{"question": "entry[0].resource.id"},
		},
		Scenario{Name: "and answers", Method: "POST", Path: "/Communication", WantStatus: 201, Body: `{"resourceType":"Communication","status":"completed","basedOn":[{"reference":"CommunicationRequest/{question}"}],"sender":{"reference":"Organization/{run}-h"},"payload":[{"contentString":"No, only one."}]}`},
		Scenario{Name: "the review is in the queue again", Path: "/Task/{task1}", WantStatus: 200, WantBody: Values{"status": "requested", reviewState: "answered"}},
		queue("bakari", "1"),
		reviewing("more than was claimed is refused", "task1", "review", "bakari", 422, Values{"issue[0].code": "business-rule", "issue[0].expression[0]": "Parameters.parameter[0]"}, reviewLine(`{"name":"quantity","valueDecimal":3}`)),
		reviewing("a rejection without a reason is refused", "task1", "review", "bakari", 422, nil, reviewLine(`{"name":"reject","valueBoolean":true}`)),
		// 1 × 1,000 less 20 % is 800.
		reviewing("Bakari approves one", "task1", "review", "bakari", 200, Values{"status": "completed", reviewState: "delivered"}, reviewLine(`{"name":"quantity","valueDecimal":1},{"name":"note","valueString":"One was done."}`)),
		decidedNow("1", "800 of 2,000 TZS will be paid; the member owes 200."),
		reviewing("what has ended stays", "task1", "claim", "amina", 422, nil),
		Scenario{Name: "the reviewer's note is told", Path: "/ClaimResponse/{response1}", WantStatus: 200, WantText: "One was done."},
		Scenario{Name: "the decision says what made it", Path: "/ClaimResponse/{response1}/_history", WantStatus: 200, WantText: `"Task/{task1}"`},
		Scenario{Name: "somebody doubts", Method: "POST", Path: "/{claim1}/$request-review", WantStatus: 201, Body: `{"resourceType":"Parameters","parameter":[` + text("reason", "The note looks copied.") + `]}`, WantBody: Values{"status": "requested", "reasonCode.coding[0].code": "manual"}, Keep: Values{"doubt": "id"}},
		Scenario{Name: "the claim waits again", Path: "/ClaimResponse/{response1}", WantStatus: 200, WantBody: Values{"outcome": "queued"}},
		reviewing("a reviewer does not let it go", "doubt", "bypass", "amina", 403, nil, text("reason", "It is fine.")),
		reviewing("the supervisor does", "doubt", "bypass", "dalili", 200, Values{"status": "completed", reviewState: "bypassed"}, text("reason", "It is fine.")),
		// Bypassed, it goes by the rules: 2 × 1,000 less 20 % is 1,600.
		decidedNow("1", "1,600 of 2,000 TZS will be paid; the member owes 400."),
	)
	return Story{"a reviewer's day", steps}
}

func reviewByHand() Story {
	draft := `{"resourceType":"ClaimResponse","id":"mine","status":"draft","type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/claim-type","code":"professional"}]},"use":"claim","patient":{"reference":"Patient/{run}-a"},"created":"2026-04-03","insurer":{"display":"Scheme"},"outcome":"partial","item":[{"itemSequence":LINE,"adjudication":[{"category":{"coding":[{"system":"https://bima.example/fhir/CodeSystem/adjudication","code":"approved-price"}]},"amount":{"value":500,"currency":"TZS"}}]}]}`
	byHand := func(name, task, line, status, owner string, wantStatus int) Scenario {
		return Scenario{
			Name: name, Method: "PUT", Path: "/Task/{" + task + "}", WantStatus: wantStatus,
			Body: `{"resourceType":"Task","id":"{` + task + `}","contained":[` + strings.Replace(draft, "LINE", line, 1) + `],"status":"` + status + `","intent":"order","code":{"coding":[{"system":"https://bima.example/fhir/CodeSystem/task","code":"medical-review"}]},"focus":{"reference":"{claim1}"},"for":{"reference":"Patient/{run}-a"},"requester":{"reference":"Organization/{run}-h"},"owner":{"reference":"PractitionerRole/{run}-` + owner + `"},"input":[{"type":{"text":"second-opinion-above"},"valueMoney":{"value":1900,"currency":"TZS"}}],"output":[{"type":{"text":"decision"},"valueReference":{"reference":"#mine"}}]}`,
		}
	}
	steps := append(reviewedHere(), claimedForReview("1", "2026-04-01", 2)...)
	steps = append(
		steps,
		byHand("by hand, not by who works there", "task1", "1", "completed", "chiku", 403),
		byHand("nor on a line that is not claimed", "task1", "2", "completed", "amina", 422),
		byHand("a completed Task decides", "task1", "1", "completed", "amina", 200),
		// 2 × 500 less 20 % is 800.
		decidedNow("1", "800 of 2,000 TZS will be paid; the member owes 200."),
		byHand("and stays as it is", "task1", "1", "requested", "amina", 422),
		Scenario{Name: "it is not deleted", Method: "DELETE", Path: "/Task/{task1}", WantStatus: 422},
	)
	steps = append(steps, claimedForReview("2", "2026-04-02", 2)...)
	return Story{"a review is a Task that others may complete too, and a second person agrees", append(
		steps,
		reviewing("Amina lets all through", "task2", "review", "amina", 200, Values{"status": "on-hold", reviewState: "second-opinion"}),
		Scenario{Name: "which is more than 1,900", Path: "/Task?code=second-opinion&focus={claim2}&status=requested", WantStatus: 200, WantBody: Values{"entry#": "1", "entry[0].resource.partOf[0].reference": "Task/{task2}"}, Keep: Values{"second": "entry[0].resource.id"}},
		reviewing("Amina can't agree with herself", "second", "second-opinion", "amina", 403, nil, `{"name":"agree","valueBoolean":true}`),
		Scenario{Name: "the claim still waits", Path: "/ClaimResponse/{response2}", WantStatus: 200, WantBody: Values{"outcome": "queued"}},
		reviewing("Bakari agrees", "second", "second-opinion", "bakari", 200, Values{"status": "completed"}, `{"name":"agree","valueBoolean":true}`),
		// 2,000 less 20 % is 1,600, of which 1,200 are left of 2,000 a year.
		decidedNow("2", "1,200 of 2,000 TZS will be paid; the member owes 800."),
	)}
}

func pickedClaims() Story {
	hundred := reviewRule("share", `{"url":"percentage","valueDecimal":100}`, `{"url":"seed","valueString":"2026"}`, `{"url":"name","valueCode":"everybody"}`)
	steps := append(reviewedHere(hundred), claimedForReview("1", "2026-04-01", 1)...)
	return Story{"claims are picked by what the product says", append(
		steps,
		Scenario{Name: "by lot", Path: "/Task/{task1}", WantStatus: 200, WantBody: Values{"reasonCode.coding[*].code": "everybody", "reasonCode.text": "Drawn by lot: 100 % of all claims are.", "restriction.period.end": "20*"}},
		Scenario{Name: "withdrawn, nobody looks at it", Method: "PATCH", Path: "/{claim1}", Header: Values{"Content-Type": "application/json-patch+json"}, WantStatus: 200, Body: `[{"op":"replace","path":"/status","value":"cancelled"}]`},
		Scenario{Name: "the review is called off", Path: "/Task/{task1}", WantStatus: 200, WantBody: Values{"status": "cancelled", reviewState: "superseded"}},
		Scenario{Name: "a condition that is none is refused", Method: "PUT", Path: "/InsurancePlan/{run}-wrong", WantStatus: 422, Body: `{"resourceType":"InsurancePlan","id":"{run}-wrong","identifier":[{"system":"https://bima.example/fhir/id/product","value":"{run}-W"}],"extension":[` + reviewRule("amount") + `],"status":"draft","name":"Wrong"}`},
	)}
}
