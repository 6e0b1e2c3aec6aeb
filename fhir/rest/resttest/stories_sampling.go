package resttest

// samplingStories tell how a sample of a facility's claims is reviewed, and its
// deduction taken off the others. Of two claims of 1,000 one is drawn and lowered to
// 500, that is by 50 %: of the other 500 are eligible too, of which she pays 20 %.
func samplingStories() []Story {
	put := func(typ, id, body string) Scenario {
		return Scenario{Name: "there is a " + typ + " " + id, Method: "PUT", Path: "/" + typ + "/{run}-" + id, WantStatus: 201, Body: `{"resourceType":"` + typ + `","id":"{run}-` + id + `",` + body + `}`}
	}
	role := func(id string) Scenario {
		return put("PractitionerRole", id, `"practitioner":{"reference":"Practitioner/{run}-`+id+`"},"code":[{"coding":[{"system":"https://bima.example/fhir/CodeSystem/scheme-role","code":"medical-reviewer"}]}]`)
	}
	ask := func(name, path, parameters string, status int, want, keep Values) Scenario {
		return Scenario{Name: name, Method: "POST", Path: path, Body: `{"resourceType":"Parameters","parameter":[` + parameters + `]}`, WantStatus: status, WantBody: want, Keep: keep}
	}
	by := func(id string) string {
		return `{"name":"by","valueReference":{"reference":"PractitionerRole/{run}-` + id + `"}}`
	}
	decide := func(name, approve, who string, status int, want Values) Scenario {
		return ask(name, "/List/{list}/$decide-sampling", `{"name":"approve","valueBoolean":`+approve+`},`+by(who), status, want, nil)
	}
	// Whether a claim is to wait for its sample, one search tells.
	state := func(name, claim, want string) Scenario {
		return Scenario{Name: name, Path: "/List?code=https://bima.example/fhir/CodeSystem/claim-sampling|claim-sampling&item=" + claim, WantStatus: 200, WantBody: Values{
			"total": "1", "entry[0].resource.id": "{list}", "entry[0].resource.extension[0].extension[*].valueCode": want,
		}}
	}
	const drawn = `{"name":"facility","valueReference":{"reference":"Organization/{run}-h"}},{"name":"percentage","valueDecimal":50},`
	const april = `{"name":"period","valuePeriod":{"start":"2026-04-01","end":"2026-04-02"}},`
	steps := append(
		coveredHere(), claimOf("1"), claimOf("2"),
		put("Practitioner", "rev", `"active":true`), put("Practitioner", "boss", `"active":true`), role("rev"), role("boss"),
		ask("days without a claim", "/Claim/$sample", drawn+`{"name":"period","valuePeriod":{"start":"2026-03-01","end":"2026-03-31"}},`+by("rev"), 422, Values{"issue[0].details.coding[0].code": "sampling"}, nil),
		ask("a sample is drawn", "/Claim/$sample", drawn+april+by("rev"), 201, Values{
			"resourceType": "List", "entry#": "2", "entry[0].flag.coding[0].code": "rest", "entry[1].flag.coding[0].code": "sampled", "entry[0].extension[0].valueMoney.value": "1000",
		}, Values{"list": "id", "rest": "entry[0].item.reference", "sampled": "entry[1].item.reference"}),
		Scenario{Name: "the sampled claim waits for a reviewer", Path: "/Task?based-on=List/{list}", WantStatus: 200, WantBody: Values{"total": "1", "entry[0].resource.status": "requested", "entry[0].resource.focus.reference": "{sampled}"}, Keep: Values{"task": "entry[0].resource.id"}},
		state("it is told of each claim that its sample is not decided", "{rest}", "reviewing"),
		decide("it is not decided before it is reviewed", "true", "boss", 422, nil),
		ask("the sampled claim is lowered", "/Task/{task}/$review", `{"name":"reviewer","valueReference":{"reference":"PractitionerRole/{run}-rev"}},{"name":"line","part":[{"name":"sequence","valuePositiveInt":1},{"name":"price","valueDecimal":500}]}`, 200, Values{"status": "completed"}, nil),
		Scenario{Name: "the rate is told", Path: "/List/{list}/$extrapolation", WantStatus: 200, WantBody: Values{
			"resourceType": "MeasureReport", "group[1].measureScore.value": "1000", "group[2].measureScore.value": "500", "group[3].measureScore.value": "50", "group[3].measureScore.code": "%", "group[5].measureScore.value": "500",
		}},
		Scenario{Name: "somebody is asked to approve", Path: "/Task?code=approval&focus=List/{list}", WantStatus: 200, WantBody: Values{"total": "1", "entry[0].resource.status": "requested"}},
		decide("not by who drew it", "true", "rev", 403, nil),
		decide("not refused without a reason", "false", "boss", 400, Values{"issue[0].code": "required"}),
		decide("it is approved", "true", "boss", 200, Values{"resourceType": "List"}),
		Scenario{Name: "the deduction is taken off the other claim", Path: "/ClaimResponse?request={rest}", WantStatus: 200, WantBody: Values{
			"entry[0].resource.item[0].adjudication[*].amount.value": "100 100 1000 400 500 500 500", "entry[0].resource.item[0].adjudication[3].reason.coding[0].code": "extrapolated",
		}},
		state("and that it is, then", "{rest}", "approved"), state("also of the claim that was drawn", "{sampled}", "approved"),
		decide("and not a second time", "true", "boss", 422, nil),
		Scenario{Name: "a sample is not written by hand", Method: "DELETE", Path: "/List/{list}", WantStatus: 422, WantBody: Values{"issue[0].details.coding[0].code": "sampling"}},
	)
	return []Story{{"a sample of claims is reviewed", steps}}
}
