package resttest

import "net/http"

// terminologyStories cover the operations on code systems, value sets and concept
// maps, and searches and validation by them. Source: R4 terminology-service.
func terminologyStories() []Story {
	return []Story{
		{"R4's own value sets can be listed and asked", []Scenario{
			{Name: "listed", Path: "/ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/administrative-gender", WantStatus: 200, WantBody: Values{
				"resourceType": "ValueSet", "expansion.total": "4", "expansion.contains[*].code": "female male other unknown", "expansion.contains[0].display": "Male", "expansion.timestamp": "*", "compose": Absent,
			}},
			{Name: "by POST, a part of it", Method: http.MethodPost, Path: "/ValueSet/$expand", Body: `{"resourceType":"Parameters","parameter":[{"name":"url","valueUri":"http://hl7.org/fhir/ValueSet/claim-use"},{"name":"count","valueInteger":1},{"name":"offset","valueInteger":1}]}`, WantStatus: 200, WantBody: Values{
				"expansion.total": "3", "expansion.offset": "1", "expansion.contains#": "1", "expansion.contains[0].code": "preauthorization",
			}},
			{Name: "a code of it", Path: "/ValueSet/$validate-code?url=http://hl7.org/fhir/ValueSet/claim-use&code=claim&system=http://hl7.org/fhir/claim-use", WantStatus: 200, WantBody: Values{
				"resourceType": "Parameters", "parameter[0].name": "result", "parameter[0].valueBoolean": "true", "parameter[1].valueString": "Claim",
			}},
			{Name: "no code of it", Path: "/ValueSet/$validate-code?url=http://hl7.org/fhir/ValueSet/claim-use&code=bill&system=http://hl7.org/fhir/claim-use", WantStatus: 200, WantBody: Values{
				"parameter[0].valueBoolean": "false", "parameter[1].name": "message",
			}},
			{Name: "no such value set", Path: "/ValueSet/$expand?url=urn:{run}:none", WantStatus: 404, WantBody: Values{"issue[0].code": "not-found", "issue[0].diagnostics": "*urn:{run}:none*"}},
			{Name: "more than one answer holds", Path: "/ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/currencies&count=5", WantStatus: 200, WantBody: Values{"expansion.contains#": "5"}},
			{Name: "a parameter that is not there", Path: "/ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/currencies&colour=red", WantStatus: 400, WantBody: Values{"issue[0].diagnostics": "*colour*"}},
		}},
		{"a stored code system is looked up, compared and searched by", codedSearch()},
		{"a stored concept map translates", translated()},
	}
}

// codedSearch stores a code system with a hierarchy, and conditions coded by it.
func codedSearch() []Scenario {
	condition := func(id, code string) string {
		return `{"resourceType":"Condition","id":"{run}-` + id + `","meta":{},"subject":{"display":"x"},"code":{"coding":[{"system":"urn:{run}:codes","code":"` + code + `"}]}}`
	}
	return []Scenario{
		put(
			`{"resourceType":"CodeSystem","id":"{run}-s","meta":{},"url":"urn:{run}:codes","version":"1","name":"Codes","status":"active","content":"complete","hierarchyMeaning":"is-a","concept":[
			 {"code":"A","display":"Infections","concept":[{"code":"A1","display":"Malaria","concept":[{"code":"A1.1","display":"Severe malaria"}]},{"code":"A2","display":"Cholera"}]},{"code":"B","display":"Injuries"}]}`,
			`{"resourceType":"ValueSet","id":"{run}-v","meta":{},"url":"urn:{run}:malaria","status":"active","compose":{"include":[{"system":"urn:{run}:codes","filter":[{"property":"concept","op":"is-a","value":"A1"}]}]}}`,
			condition("a", "A1"), condition("b", "A1.1"), condition("c", "A2"), condition("d", "B"),
		),
		{Name: "what is known of a code", Path: "/CodeSystem/$lookup?system=urn:{run}:codes&code=A1&property=parent&property=child", WantStatus: 200, WantBody: Values{
			"parameter[0].valueString": "Codes", "parameter[2].name": "display", "parameter[2].valueString": "Malaria", "parameter[3].part[1].valueCode": "A", "parameter[4].part[1].valueCode": "A1.1", "parameter#": "5",
		}},
		{Name: "a code that is not there", Path: "/CodeSystem/$lookup?system=urn:{run}:codes&code=Z", WantStatus: 404},
		{Name: "above", Path: "/CodeSystem/$subsumes?system=urn:{run}:codes&codeA=A&codeB=A1.1", WantStatus: 200, WantBody: Values{"parameter[0].valueCode": "subsumes"}},
		{Name: "side by side", Path: "/CodeSystem/{run}-s/$subsumes?codeA=A2&codeB=A1.1", WantStatus: 200, WantBody: Values{"parameter[0].valueCode": "not-subsumed"}},
		{Name: "listed by filter", Path: "/ValueSet/{run}-v/$expand", WantStatus: 200, WantBody: Values{"expansion.contains[*].code": "A1 A1.1"}},
		{Name: "checked on the resource", Path: "/CodeSystem/{run}-s/$validate-code?code=A2&display=cholera", WantStatus: 200, WantBody: Values{"parameter[0].valueBoolean": "true"}},
		finds("below", "Condition", "code:below=urn:{run}:codes|A1", "ab"),
		finds("below the top", "Condition", "code:below=urn:{run}:codes|A", "abc"),
		{Name: "below a code that is not there", Path: "/Condition?code:below=urn:{run}:codes|Z", WantStatus: 400, WantBody: Values{"issue[0].diagnostics": "*urn:{run}:codes has no code*Z*"}},
		{Name: "below a code of a system that is not there", Path: "/Condition?code:below=urn:{run}:none|Z", WantStatus: 400, WantBody: Values{"issue[0].diagnostics": "*urn:{run}:none*not known here*"}},
		finds("above", "Condition", "code:above=urn:{run}:codes|A1.1", "ab"),
		finds("in a value set", "Condition", "code:in=urn:{run}:malaria", "ab"),
		finds("in a value set by its address", "Condition", "code:in=ValueSet/{run}-v", "ab"),
		finds("not in a value set by its address", "Condition", "code:not-in=ValueSet/{run}-v", "cd"),
		{Name: "in a value set by an address of none", Path: "/Condition?code:in=ValueSet/{run}-none", WantStatus: 400, WantBody: Values{"issue[0].diagnostics": "*ValueSet/{run}-none*"}},
		finds("not in a value set", "Condition", "code:not-in=urn:{run}:malaria", "cd"),
		{Name: "in a value set that is not there", Path: "/Condition?code:in=urn:{run}:none", WantStatus: 400, WantBody: Values{"issue[0].diagnostics": "*urn:{run}:none*"}},
		put(`{"resourceType":"ValueSet","id":"{run}-v","meta":{},"url":"urn:{run}:malaria","status":"active","compose":{"include":[{"system":"urn:{run}:codes","concept":[{"code":"B"},{"code":"A1"}]}]}}`),
		finds("in the value set as it is now", "Condition", "code:in=urn:{run}:malaria", "ad"),
	}
}

func translated() []Scenario {
	return []Scenario{
		put(`{"resourceType":"ConceptMap","id":"{run}-m","meta":{},"url":"urn:{run}:map","status":"active","group":[{"source":"urn:{run}:from","target":"urn:{run}:to","element":[{"code":"a","target":[{"code":"x","display":"X","equivalence":"equivalent"}]}]}]}`),
		{Name: "there", Path: "/ConceptMap/$translate?url=urn:{run}:map&system=urn:{run}:from&code=a", WantStatus: 200, WantBody: Values{
			"parameter[0].valueBoolean": "true", "parameter[1].name": "match", "parameter[1].part[0].valueCode": "equivalent", "parameter[1].part[1].valueCoding.code": "x", "parameter[1].part[1].valueCoding.system": "urn:{run}:to",
		}},
		{Name: "and back", Path: "/ConceptMap/{run}-m/$translate?system=urn:{run}:to&code=x&reverse=true", WantStatus: 200, WantBody: Values{"parameter[1].part[1].valueCoding.code": "a"}},
		{Name: "by any map", Path: "/ConceptMap/$translate?system=urn:{run}:from&code=a&targetsystem=urn:{run}:to", WantStatus: 200, WantBody: Values{"parameter[1].part[1].valueCoding.code": "x"}},
		{Name: "nowhere", Path: "/ConceptMap/$translate?url=urn:{run}:map&system=urn:{run}:from&code=b", WantStatus: 200, WantBody: Values{"parameter[0].valueBoolean": "false", "parameter[1].name": "message"}},
	}
}
