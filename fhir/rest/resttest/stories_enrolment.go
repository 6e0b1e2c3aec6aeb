package resttest

// enrolmentStories tell how persons and families come into the register, change,
// and are found again.
func enrolmentStories() []Story {
	return []Story{placesOfFamilies(), familyLife(), photoStory(), sameStory(), offlineStory()}
}

const (
	headOfFamily = `"extension":[{"url":"https://bima.example/fhir/StructureDefinition/group-head","valueBoolean":true}],`
	childOfHead  = `"extension":[{"url":"https://bima.example/fhir/StructureDefinition/group-relationship","valueCodeableConcept":{"coding":[{"system":"https://openimis.github.io/openimis_fhir_r4_ig/CodeSystem/patient-contact-relationship","code":"4"}]}}],`
)

// enrolled gives a family of two under ids of the run: a the head, b his child.
func enrolled(name string) string {
	person := func(id, born string) string {
		return `{"fullUrl":"urn:uuid:` + id + `","resource":{"resourceType":"Patient","id":"{run}-` + name + id[len(id)-1:] + `","active":true,"name":[{"family":"Mushi","given":["Asha"]}],"gender":"female","birthDate":"` + born + `"}}`
	}
	return `{"resourceType":"Bundle","type":"collection","entry":[` + person("00000000-0000-4000-8000-00000000000a", "1980-05-17") + `,` + person("00000000-0000-4000-8000-00000000000b", "2015-02-03") +
		`,{"resource":{"resourceType":"Group","id":"{run}-` + name + `","identifier":[{"system":"https://bima.example/fhir/id/family","value":"{run}-` + name + `"}],"type":"person","actual":true,"member":[` +
		`{` + headOfFamily + `"entity":{"reference":"urn:uuid:00000000-0000-4000-8000-00000000000a"}},{` + childOfHead + `"entity":{"reference":"urn:uuid:00000000-0000-4000-8000-00000000000b"}}]}}]}`
}

// placeAt gives a place of the tree.
func placeAt(id, kind, partOf string) Scenario {
	if partOf != "" {
		partOf = `,"partOf":{"reference":"Location/{run}-` + partOf + `"}`
	}
	return Scenario{
		Name: "there is a place " + id, Method: "PUT", Path: "/Location/{run}-" + id, WantStatus: 201,
		Body: `{"resourceType":"Location","id":"{run}-` + id + `","status":"active","identifier":[{"system":"https://bima.example/fhir/id/location","value":"{run}-` + id + `"}],"name":"{run}-` + id + `","type":[{"coding":[{"system":"https://openimis.github.io/openimis_fhir_r4_ig/CodeSystem/location-type","code":"` + kind + `"}]}]` + partOf + `}`,
	}
}

func livesIn(id, place string) string {
	return `{"resourceType":"Patient","id":"{run}-` + id + `","name":[{"family":"Mushi"}],"address":[{"extension":[{"url":"https://openimis.github.io/openimis_fhir_r4_ig/StructureDefinition/address-location-reference","valueReference":{"reference":"Location/{run}-` + place + `"}}]}]}`
}

func placesOfFamilies() Story {
	return Story{"persons live in villages, and are found by them", []Scenario{
		placeAt("r", "R", ""), placeAt("d", "D", "r"), placeAt("e", "D", "r"), placeAt("w", "W", "d"), placeAt("x", "W", "e"), placeAt("v", "V", "w"), placeAt("u", "V", "x"),
		{Name: "one lives in a village", Method: "PUT", Path: "/Patient/{run}-p", Body: livesIn("p", "v"), WantStatus: 201},
		{Name: "another in a village of another district", Method: "PUT", Path: "/Patient/{run}-q", Body: livesIn("q", "u"), WantStatus: 201},
		{Name: "nobody lives in a ward", Method: "PUT", Path: "/Patient/{run}-n", Body: livesIn("n", "w"), WantStatus: 422, WantBody: Values{"issue[0].details.coding[0].code": "place", "issue[0].expression[0]": "Patient.address[0].extension*"}},
		{Name: "nor where there is nothing", Method: "PUT", Path: "/Patient/{run}-n", Body: livesIn("n", "none"), WantStatus: 422},
		{Name: "by village", Path: "/Patient?village=Location/{run}-v", WantStatus: 200, WantBody: Values{"entry[*].resource.id": "{run}-p"}},
		{Name: "by district", Path: "/Patient?village.partof.partof=Location/{run}-d", WantStatus: 200, WantBody: Values{"entry[*].resource.id": "{run}-p"}},
		{Name: "by region", Path: "/Patient?village.partof.partof.partof=Location/{run}-r", WantStatus: 200, WantBody: Values{"entry[*].resource.id": "{run}-p {run}-q"}},
		{
			Name: "a table is tried", Method: "POST", Path: "/Group/$enrol-table", WantStatus: 200,
			Body:     `{"resourceType":"Parameters","parameter":[{"name":"dry-run","valueBoolean":true},{"name":"table","valueBase64Binary":"ZmFtaWx5X25hbWUsZ2l2ZW5fbmFtZXMsYmlydGhfZGF0ZSxzZXgKTXVzaGksQXNoYSwxOTgwLTA1LTE3LEYKS29tYmEsLDE5ODAsTQo="}]}`,
			WantBody: Values{"parameter[0].valueInteger": "2", "parameter[1].valueInteger": "1", "parameter[3].valueInteger": "1"},
		},
		{Name: "a table that is none", Method: "POST", Path: "/Group/$enrol-table", Body: `{"resourceType":"Parameters","parameter":[{"name":"table","valueBase64Binary":"YSxiCg=="}]}`, WantStatus: 400},
	}}
}

func familyLife() Story {
	reference := func(name, to string) string {
		return `{"name":"` + name + `","valueReference":{"reference":"` + to + `"}}`
	}
	parameters := func(list string) string { return `{"resourceType":"Parameters","parameter":[` + list + `]}` }
	return Story{"a family is enrolled, and lives", []Scenario{
		{
			Name: "it is enrolled", Method: "POST", Path: "/Group/$enrol", Body: enrolled("f"), WantStatus: 200,
			WantBody: Values{"entry#": "3", "entry[0].resource.id": "{run}-f", "entry[0].resource.member[0].entity.reference": "Patient/{run}-fa", "entry[2].resource.id": "{run}-fb"},
		},
		{Name: "again it is the same", Method: "POST", Path: "/Group/$enrol", Body: enrolled("f"), WantStatus: 200, WantBody: Values{"entry#": "3", "entry[0].resource.meta.versionId": "1", "entry[1].resource.meta.versionId": "1"}},
		{Name: "another is enrolled", Method: "POST", Path: "/Group/$enrol", Body: enrolled("g"), WantStatus: 200},
		{
			Name: "a child moves", Method: "POST", Path: "/Group/{run}-f/$move", Body: parameters(reference("person", "Patient/{run}-fb") + `,` + reference("to", "Group/{run}-g")), WantStatus: 200,
			WantBody: Values{"entry[0].resource.id": "{run}-g", "entry[0].resource.member#": "3", "entry[0].resource.member[2].entity.reference": "Patient/{run}-fb"},
		},
		{Name: "its history stays", Path: "/Group/{run}-f", WantStatus: 200, WantBody: Values{"member[1].inactive": "true", "member[1].period.end": "*", "meta.versionId": "2"}},
		{
			Name: "nobody is in two families", Method: "PUT", Path: "/Group/{run}-h", WantStatus: 422,
			Body:     `{"resourceType":"Group","id":"{run}-h","type":"person","actual":true,"member":[{` + headOfFamily + `"entity":{"reference":"Patient/{run}-fb"}}]}`,
			WantBody: Values{"issue[0].details.coding[0].code": "family", "issue[0].diagnostics": "*{run}-g*", "issue[0].expression[0]": "Group.member[0].entity"},
		},
		{Name: "the head can't leave the others without one", Method: "POST", Path: "/Group/{run}-g/$move", Body: parameters(reference("person", "Patient/{run}-ga") + `,` + reference("to", "Group/{run}-f")), WantStatus: 422, WantBody: Values{"issue[0].expression[0]": "*head*"}},
		{Name: "another is the head", Method: "POST", Path: "/Group/{run}-g/$change-head", Body: parameters(reference("head", "Patient/{run}-gb")), WantStatus: 200, WantBody: Values{"member[1].extension[0].valueBoolean": "true"}},
		{
			Name: "the family splits", Method: "POST", Path: "/Group/{run}-g/$split", Body: parameters(reference("new-head", "Patient/{run}-ga") + `,{"name":"identifier","valueString":"{run}-s"}`), WantStatus: 200,
			WantBody: Values{"entry[0].resource.identifier[0].value": "{run}-s", "entry[0].resource.member#": "1"},
		},
		{Name: "the head dies", Method: "PATCH", Path: "/Patient/{run}-gb", Header: Values{"Content-Type": "application/json-patch+json"}, Body: `[{"op":"add","path":"/deceasedBoolean","value":true}]`, WantStatus: 200},
		{Name: "who is left is the head", Path: "/Group?head=Patient/{run}-fb", WantStatus: 200, WantBody: Values{"entry[0].resource.id": "{run}-g"}},
		{Name: "a parameter that is none", Method: "POST", Path: "/Group/{run}-f/$move", Body: parameters(reference("who", "Patient/x")), WantStatus: 400},
		{Name: "a family that is not there", Method: "POST", Path: "/Group/{run}-none/$move", Body: parameters(reference("person", "Patient/{run}-fa") + `,` + reference("to", "Group/{run}-f")), WantStatus: 404},
		{Name: "an enrolment of nothing", Method: "POST", Path: "/Group/$enrol", Body: `{"resourceType":"Bundle","type":"collection"}`, WantStatus: 400, WantBody: Values{"issue[0].code": "required", "issue[0].expression[0]": "Bundle"}},
	}}
}

// dot is a photo of one pixel, PNG.
const dot = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

func photoStory() Story {
	return Story{"a photo is taken, and served with caching", []Scenario{
		{Name: "there is a person", Method: "PUT", Path: "/Patient/{run}", Body: `{"resourceType":"Patient","id":"{run}"}`, WantStatus: 201},
		{Name: "without a photo", Path: "/Patient/{run}/$photo", WantStatus: 404},
		{Name: "it is taken", Method: "POST", Path: "/Patient/{run}/$photo", Body: `{"resourceType":"Parameters","parameter":[{"name":"photo","valueAttachment":{"contentType":"image/png","data":"` + dot + `"}}]}`, WantStatus: 200, WantBody: Values{"resourceType": "Patient", "photo#": "1"}},
		{Name: "it is served", Path: "/Patient/{run}/$photo", WantStatus: 200, WantHeader: Values{"Content-Type": "image/png", "Etag": "*"}, WantText: "PNG"},
		{Name: "the client has it", Path: "/Patient/{run}/$photo", Header: Values{"If-None-Match": "*"}, WantStatus: 304, WantEmpty: true},
		{Name: "the client has another", Path: "/Patient/{run}/$photo", Header: Values{"If-None-Match": `"x"`}, WantStatus: 200},
		{Name: "its thumbnail", Path: "/Patient/{run}/$photo?size=thumbnail", WantStatus: 200, WantHeader: Values{"Content-Type": "image/png"}},
		{Name: "a size that is none", Path: "/Patient/{run}/$photo?size=huge", WantStatus: 400},
		{Name: "text is no photo", Method: "POST", Path: "/Patient/{run}/$photo", Body: `{"resourceType":"Binary","contentType":"image/png","data":"aGVsbG8="}`, WantStatus: 422, WantBody: Values{"issue[0].details.coding[0].code": "photo"}},
	}}
}

func sameStory() Story {
	person := func(id, number, family, given string) Scenario {
		return Scenario{
			Name: "there is " + id, Method: "PUT", Path: "/Patient/{run}-" + id, WantStatus: 201,
			Body: `{"resourceType":"Patient","id":"{run}-` + id + `","active":true,"identifier":[{"system":"urn:{run}","value":"` + number + `"}],"name":[{"family":"` + family + `","given":["` + given + `"]}],"gender":"female","birthDate":"1985-03-02"}`,
		}
	}
	match := func(more string) string {
		return `{"resourceType":"Parameters","parameter":[{"name":"resource","resource":{"resourceType":"Patient","identifier":[{"system":"urn:{run}","value":"1"}],"name":[{"family":"Shrestha","given":["Laxmi"]}],"gender":"female","birthDate":"1985-03-02"}}` + more + `]}`
	}
	merge := `{"resourceType":"Parameters","parameter":[{"name":"source-patient","valueReference":{"reference":"Patient/{run}-b"}},{"name":"target-patient","valueReference":{"reference":"Patient/{run}-a"}}]}`
	return Story{"a person who was enrolled twice is found, and is one again", []Scenario{
		person("a", "1", "Shrestha", "Laxmi"), person("b", "2", "श्रेष्ठ", "लक्ष्मी"),
		{Name: "both are found", Method: "POST", Path: "/Patient/$match", Body: match(`,{"name":"count","valueInteger":2}`), WantStatus: 200, WantBody: Values{"type": "searchset", "entry[0].resource.id": "{run}-a", "entry[0].search.score": "1*", "entry[0].search.extension[0].valueCode": "certain", "entry[0].search.mode": "match"}},
		{Name: "one is certain", Method: "POST", Path: "/Patient/$match", Body: match(`,{"name":"onlyCertainMatches","valueBoolean":true}`), WantStatus: 200, WantBody: Values{"entry[*].resource.id": "{run}-a"}},
		{Name: "nobody to look for", Method: "POST", Path: "/Patient/$match", Body: `{"resourceType":"Parameters"}`, WantStatus: 400},
		{Name: "one record is given up", Method: "POST", Path: "/Patient/$merge", Body: merge, WantStatus: 200, WantBody: Values{"parameter[1].resource.resourceType": "OperationOutcome", "parameter[2].resource.id": "{run}-a"}},
		{Name: "it leads to the other", Path: "/Patient/{run}-b", WantStatus: 200, WantBody: Values{"active": "false", "link[0].other.reference": "Patient/{run}-a", "link[0].type": "replaced-by"}},
		{Name: "which keeps its number", Path: "/Patient/{run}-a", WantStatus: 200, WantBody: Values{"identifier[1].value": "2", "link[0].type": "replaces"}},
		{Name: "who did it is known", Path: "/Provenance?target=Patient/{run}-b", WantStatus: 200, WantBody: Values{"entry#": "1"}},
		{Name: "it is not done twice", Method: "POST", Path: "/Patient/$merge", Body: merge, WantStatus: 422, WantBody: Values{"issue[0].details.coding[0].code": "merge"}},
	}}
}

func offlineStory() Story {
	return Story{"a device in the field sends what it has done, and is told what stands against it", []Scenario{
		{Name: "the office enrols", Method: "POST", Path: "/Group/$enrol", Body: enrolled("o"), WantStatus: 200},
		{Name: "the device has read the family", Path: "/Group/{run}-o", WantStatus: 200, WantBody: Values{"meta.versionId": "1"}},
		{Name: "the office changes it meanwhile", Method: "PATCH", Path: "/Group/{run}-o", Header: Values{"Content-Type": "application/json-patch+json"}, Body: `[{"op":"add","path":"/name","value":"Mushi"}]`, WantStatus: 200},
		{
			Name: "the device's change of what it has read is refused", Method: "POST", Path: "", WantStatus: 412,
			Body:     `{"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Group","id":"{run}-o","type":"person","actual":true,"member":[{` + headOfFamily + `"entity":{"reference":"Patient/{run}-oa"}}]},"request":{"method":"PUT","url":"Group/{run}-o","ifMatch":"W/\"1\""}}]}`,
			WantBody: Values{"issue[0].details.coding[0].code": "version-conflict", "issue[0].expression[0]": "Bundle.entry[0]*"},
		},
		{Name: "its changes since", Path: "/Group/{run}-o/_history?_since=2001-01-01T00:00:00Z", WantStatus: 200, WantBody: Values{"entry#": "2"}},
		{
			Name: "a number that is taken names the family", Method: "POST", Path: "/Patient", WantStatus: 201,
			Body: `{"resourceType":"Patient","identifier":[{"system":"https://bima.example/fhir/id/national-id","value":"{run}"}]}`, Keep: Values{"taken": "id"},
		},
		{Name: "he is of a family", Method: "PUT", Path: "/Group/{run}-t", Body: `{"resourceType":"Group","id":"{run}-t","identifier":[{"system":"https://bima.example/fhir/id/family","value":"{run}-t"}],"type":"person","actual":true,"member":[{` + headOfFamily + `"entity":{"reference":"Patient/{taken}"}}]}`, WantStatus: 201},
		{
			Name: "who takes it again is told which", Method: "POST", Path: "", WantStatus: 409,
			Body:     `{"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Patient","id":"{run}-again","identifier":[{"system":"https://bima.example/fhir/id/national-id","value":"{run}"}]},"request":{"method":"PUT","url":"Patient/{run}-again"}}]}`,
			WantBody: Values{"issue[0].details.coding[0].code": "business-identifier", "issue[0].diagnostics": "*family {run}-t*"},
		},
	}}
}
