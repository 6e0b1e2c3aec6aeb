package resttest

import "strings"

// put gives a step that stores resources in one transaction. Each body has an
// id; its meta.tag is that of the run.
func put(bodies ...string) Scenario {
	var entries []string
	for _, body := range bodies {
		body = strings.Replace(body, `"meta":{}`, `"meta":{"tag":[{"system":"urn:run","code":"{run}"}]}`, 1)
		typ, _, _ := strings.Cut(strings.TrimPrefix(body, `{"resourceType":"`), `"`)
		_, id, _ := strings.Cut(body, `"id":"`)
		id, _, _ = strings.Cut(id, `"`)
		entries = append(entries, `{"resource":`+body+`,"request":{"method":"PUT","url":"`+typ+`/`+id+`"}}`)
	}
	return Scenario{
		Name: "the data is stored", Method: "POST", Path: "/", WantStatus: 200,
		Body: `{"resourceType":"Bundle","type":"transaction","entry":[` + strings.Join(entries, ",") + `]}`,
	}
}

// finds gives a step that searches among the run's resources of a type and
// wants those whose ids end in the given letters, in any order.
func finds(name, typ, query, letters string) Scenario {
	return Scenario{
		Name: name + ": " + query, Path: "/" + typ + "?_tag=urn:run|{run}&" + query, WantStatus: 200,
		WantBody: Values{"resourceType": "Bundle", "type": "searchset", "entry[*].resource.id": idsOf(letters)},
	}
}

// idsOf gives the run's ids that end in the letters, as WantBody has them; of
// "*" any, but some.
func idsOf(letters string) string {
	switch letters {
	case "":
		return Absent
	case "*":
		return "*"
	}
	var ids []string
	for _, letter := range letters {
		ids = append(ids, "{run}-"+string(letter))
	}
	return strings.Join(ids, " ")
}

// people are the Patients of the search stories.
var people = put(
	`{"resourceType":"Patient","id":"{run}-a","meta":{},"active":true,"identifier":[{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v2-0203","code":"MR"}]},"system":"urn:a","value":"{run}1"},{"system":"urn:b","value":"{run}x"}],"name":[{"family":"Müller","given":["Änne","Rosa"]}],"gender":"female","birthDate":"1990-04-01","telecom":[{"system":"phone","value":"+255 700 1"}],"address":[{"city":"Dodoma","country":"TZ"}],"maritalStatus":{"text":"married long ago"}}`,
	`{"resourceType":"Patient","id":"{run}-b","meta":{},"active":false,"identifier":[{"system":"urn:a","value":"{run}2"}],"name":[{"family":"Mulla","given":["Peter"]}],"gender":"male","birthDate":"1990-05","address":[{"city":"Dar es Salaam"}],"generalPractitioner":[{"reference":"Organization/{run}-o"}]}`,
	`{"resourceType":"Patient","id":"{run}-c","meta":{},"identifier":[{"value":"{run}1"}],"name":[{"text":"O'Brien-Smith, Jack"}],"birthDate":"1991","deceasedDateTime":"2020-02-03T10:00:00Z"}`,
	`{"resourceType":"Organization","id":"{run}-o","meta":{},"name":"Clinic, the old one","identifier":[{"system":"urn:a","value":"{run}o"}]}`,
)

// searchStories cover what a search gives back. Source: R4 search.
func searchStories() []Story {
	return []Story{
		{"a search gives a searchset", []Scenario{
			people,
			{
				Name: "its shape", Path: "/Patient?_tag=urn:run|{run}&gender=female", WantStatus: 200,
				WantHeader: Values{"Content-Type": fhirType},
				WantBody: Values{
					"resourceType": "Bundle", "type": "searchset", "entry#": "1", "entry[0].fullUrl": "{base}/Patient/{run}-a",
					"entry[0].search.mode": "match", "entry[0].resource.birthDate": "1990-04-01", "link[0].relation": "self", "link[0].url": "{base}/Patient?*gender=female*",
				},
			},
			{Name: "nothing found is no error", Path: "/Patient?_tag=urn:run|{run}&gender=other", WantStatus: 200, WantBody: Values{"type": "searchset", "entry": Absent, "link[0].relation": "self"}},
			{
				Name: "POST _search takes its form", Method: "POST", Path: "/Patient/_search", Header: Values{"Content-Type": "application/x-www-form-urlencoded"},
				Body: "_tag=urn%3Arun%7C{run}&gender=female", WantStatus: 200, WantBody: Values{"entry[*].resource.id": "{run}-a"},
			},
			{
				Name: "POST _search takes form and query together", Method: "POST", Path: "/Patient/_search?_tag=urn:run|{run}", Header: Values{"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"},
				Body: "gender=male", WantStatus: 200, WantBody: Values{"entry[*].resource.id": "{run}-b"},
			},
			{Name: "POST _search with its parameters in the query", Method: "POST", Path: "/Patient/_search?_tag=urn:run|{run}&gender=male", WantStatus: 200, WantBody: Values{"entry[*].resource.id": "{run}-b"}},
			{Name: "GET _search", Path: "/Patient/_search?_tag=urn:run|{run}&gender=male", WantStatus: 200, WantBody: Values{"entry[*].resource.id": "{run}-b"}},
			{Name: "HEAD", Method: "HEAD", Path: "/Patient?_tag=urn:run|{run}", WantStatus: 200, WantEmpty: true, WantHeader: Values{"Content-Length": "*"}},
			{Name: "over all types", Path: "?_tag=urn:run|{run}&_type=Patient,Organization", WantStatus: 200, WantBody: Values{"entry[*].resource.id": idsOf("abco"), "link[0].url": "{base}?*"}},
			{Name: "over one of them", Path: "/?_tag=urn:run|{run}&_type=Organization", WantStatus: 200, WantBody: Values{"entry[*].resource.id": "{run}-o"}},
			{Name: "over all that there are", Path: "?_tag=urn:run|{run}", WantStatus: 200, WantBody: Values{"entry[*].resource.id": idsOf("abco")}},
			{Name: "over all by POST", Method: "POST", Path: "/_search", Header: Values{"Content-Type": "application/x-www-form-urlencoded"}, Body: "_type=Organization&_tag=urn:run|{run}", WantStatus: 200, WantBody: Values{"entry[*].resource.id": "{run}-o"}},
			{Name: "over a type that is none", Path: "?_type=Nonsense", WantStatus: 400},
		}},
		{"what is written is found, what is deleted is not", []Scenario{
			putPatient,
			{Name: "found", Path: "/Patient?identifier=urn:run:number|{run}", WantStatus: 200, WantBody: Values{"entry#": "1"}},
			changePatient,
			{Name: "found by its new value", Path: "/Patient?identifier=urn:run:number|{run}&birthdate=1991-05-02", WantStatus: 200, WantBody: Values{"entry#": "1", "entry[0].resource.meta.versionId": "2"}},
			{Name: "not by its old one", Path: "/Patient?identifier=urn:run:number|{run}&birthdate=1990-04-01", WantStatus: 200, WantBody: Values{"entry#": "0"}},
			deletePatient,
			{Name: "gone", Path: "/Patient?identifier=urn:run:number|{run}", WantStatus: 200, WantBody: Values{"entry#": "0"}},
		}},
		{"the parameters of every type", []Scenario{
			people,
			finds("_id", "Patient", "_id={run}-a", "a"),
			finds("_id of several", "Patient", "_id={run}-a,{run}-c", "ac"),
			finds("_id of none", "Patient", "_id={run}-z", ""),
			finds("_lastUpdated", "Patient", "_lastUpdated=gt2000-01-01", "abc"),
			finds("_lastUpdated", "Patient", "_lastUpdated=lt2000-01-01", ""),
			finds("_tag, the code alone", "Patient", "_tag={run}", "abc"),
			finds("_tag, another", "Patient", "_tag={run}-none", ""),
			finds("_tag not", "Patient", "_tag:not=urn:run|{run}", ""),
			put(`{"resourceType":"Patient","id":"{run}-p","meta":{"profile":["http://p.example/{run}"],"security":[{"system":"urn:s","code":"{run}"}],"source":"http://s.example/{run}","tag":[{"system":"urn:run","code":"{run}"}]}}`),
			finds("_profile", "Patient", "_profile=http://p.example/{run}", "p"),
			finds("_security", "Patient", "_security=urn:s|{run}", "p"),
			finds("_source", "Patient", "_source=http://s.example/{run}", "p"),
			finds("_source, another", "Patient", "_source=http://s.example/", ""),
		}},
	}
}

// valueStories cover how parameters join, tokens and strings. Source: R4
// search#combining, #token, #string.
func valueStories() []Story {
	return []Story{
		{"parameters join by and, values by or", []Scenario{
			people,
			finds("and", "Patient", "gender=female&birthdate=1990", "a"),
			finds("and of one parameter", "Patient", "given=rosa&given=%C3%A4nne", "a"),
			finds("and that no one meets", "Patient", "gender=female&gender=male", ""),
			finds("or", "Patient", "gender=female,male", "ab"),
			finds("an escaped comma", "Organization", `name=Clinic%5C,%20the`, "o"),
			finds("a comma that parts", "Organization", `name=Nothing,Clinic`, "o"),
		}},
		{"tokens", []Scenario{
			people,
			finds("system and code", "Patient", "identifier=urn:a|{run}1", "a"),
			finds("any system", "Patient", "identifier={run}1", "ac"),
			finds("no system", "Patient", "identifier=|{run}1", "c"),
			finds("any code", "Patient", "identifier=urn:a|", "ab"),
			finds("another system", "Patient", "identifier=urn:b|{run}1", ""),
			finds("a code", "Patient", "gender=female", "a"),
			finds("a code with its system", "Patient", "gender=http://hl7.org/fhir/administrative-gender|male", "b"),
			finds("a boolean", "Patient", "active=true", "a"),
			finds("a boolean with no value", "Patient", "active=false", "b"),
			finds("a telecom", "Patient", "phone=%2B255%20700%201", "a"),
			finds("whether dead", "Patient", "deceased=true", "c"),
			finds("a code in another case", "Patient", "identifier=urn:a|{run}O", ""),
		}},
		{"strings", []Scenario{
			people,
			finds("the start", "Patient", "family=mul", "ab"),
			finds("accents and case don't count", "Patient", "family=MULLER", "a"),
			finds("nor do those of the search", "Patient", "given=%C3%84nn", "a"),
			finds("the middle is no start", "Patient", "family=ller", ""),
			finds("punctuation does not count", "Patient", "name=o%27brien", "c"),
			finds("any part of a name", "Patient", "name=peter", "b"),
			finds("part of an address", "Patient", "address=dod", "a"),
			finds("a city of three words", "Patient", "address-city=dar%20es", "b"),
		}},
	}
}

// modifierStories cover the modifiers. Source: R4 search#modifiers.
func modifierStories() []Story {
	return []Story{
		{"modifiers", []Scenario{
			people,
			finds(":exact", "Patient", "family:exact=Mulla", "b"),
			finds(":exact minds case", "Patient", "family:exact=mulla", ""),
			finds(":exact minds accents", "Patient", "family:exact=M%C3%BCller", "a"),
			finds(":exact is all of it", "Patient", "family:exact=Mull", ""),
			finds(":contains", "Patient", "family:contains=ULL", "ab"),
			finds(":contains of a text", "Patient", "name:contains=smith", "c"),
			finds(":missing=true", "Patient", "gender:missing=true", "c"),
			finds(":missing=false", "Patient", "gender:missing=false", "ab"),
			finds(":missing of a reference", "Patient", "general-practitioner:missing=true", "ac"),
			finds(":missing of a string", "Patient", "address:missing=true", "c"),
			finds(":missing of a date", "Patient", "birthdate:missing=true", ""),
			finds(":not has those without a value", "Patient", "gender:not=male", "ac"),
			finds(":not of several", "Patient", "gender:not=male,female", "c"),
			finds(":of-type", "Patient", "identifier:of-type=http://terminology.hl7.org/CodeSystem/v2-0203|MR|{run}1", "a"),
			finds(":of-type of another type", "Patient", "identifier:of-type=http://terminology.hl7.org/CodeSystem/v2-0203|SS|{run}1", ""),
			{Name: ":missing wants a boolean", Path: "/Patient?gender:missing=maybe", WantStatus: 400},
			{Name: ":contains is for strings", Path: "/Patient?birthdate:contains=1", WantStatus: 400},
			{Name: ":exact is for strings", Path: "/Patient?gender:exact=male", WantStatus: 400},
		}},
		{"modifiers of codes and references", []Scenario{
			put(
				`{"resourceType":"Observation","id":"{run}-a","meta":{},"status":"final","code":{"coding":[{"system":"http://loinc.org","code":"8480-6","display":"Systolic blood pressure"}],"text":"Upper pressure"},"subject":{"reference":"Patient/{run}-p"}}`,
				`{"resourceType":"Observation","id":"{run}-b","meta":{},"status":"final","code":{"text":"Temperature"},"subject":{"reference":"Group/{run}-p"}}`,
				`{"resourceType":"Observation","id":"{run}-c","meta":{},"status":"final","code":{"text":"x"},"subject":{"identifier":{"system":"urn:i","value":"{run}"}}}`,
				`{"resourceType":"ValueSet","id":"{run}-v","meta":{},"status":"active","url":"http://v.example/{run}/a/b"}`,
			),
			finds(":text", "Observation", "code:text=upper", "a"),
			finds(":text of a display", "Observation", "code:text=systolic", "a"),
			finds(":text of none", "Observation", "code:text=pressing", ""),
			finds("any type of reference", "Observation", "subject={run}-p", "ab"),
			finds(":[type]", "Observation", "subject:Patient={run}-p", "a"),
			finds("type in the value", "Observation", "subject=Group/{run}-p", "b"),
			finds("an absolute URL of ours", "Observation", "subject={base}/Patient/{run}-p", "a"),
			finds("an absolute URL of others", "Observation", "subject=http://other.example/fhir/Patient/{run}-p", ""),
			finds("a parameter of one type", "Observation", "patient={run}-p", "a"),
			finds(":identifier", "Observation", "subject:identifier=urn:i|{run}", "c"),
			finds("a uri", "ValueSet", "url=http://v.example/{run}/a/b", "v"),
			finds("a part of a uri", "ValueSet", "url=http://v.example/{run}/a", ""),
			finds(":below", "ValueSet", "url:below=http://v.example/{run}/a", "v"),
			finds(":above", "ValueSet", "url:above=http://v.example/{run}/a/b/c", "v"),
		}},
	}
}
