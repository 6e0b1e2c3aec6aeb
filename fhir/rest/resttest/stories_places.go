package resttest

import "strings"

// placeStories tell of the tree of places, of facilities, and of the people who
// work for the scheme.
func placeStories() []Story { return []Story{treeOfPlaces(), facilities(), workers()} }

// place gives the body of a place of the tree.
func place(id, kind, partOf string) string { return placeAt(id, kind, partOf).Body }

func treeOfPlaces() Story {
	refused := func(name, id, body, at string) Scenario {
		return Scenario{Name: name, Method: "PUT", Path: "/Location/{run}-" + id, Body: body, WantStatus: 422, WantBody: Values{"issue[0].details.coding[0].code": "place", "issue[0].expression[0]": at}}
	}
	const other = `{"resourceType":"Bundle","type":"transaction","entry":[`
	put := func(id, kind, partOf string) string {
		return `{"resource":` + place(id, kind, partOf) + `,"request":{"method":"PUT","url":"Location/{run}-` + id + `"}}`
	}
	return Story{"a country is a tree of regions, districts, wards and villages", []Scenario{
		{
			Name: "a branch comes whole, the leaves first", Method: "POST", WantStatus: 200,
			Body: other + put("v", "V", "w") + `,` + put("w", "W", "d") + `,` + put("d", "D", "r") + `,` + put("r", "R", "") + `]}`,
		},
		placeAt("w2", "W", "d"),
		refused("a village is no part of a district", "x", place("x", "V", "d"), "Location.partOf"),
		refused("a region is part of nothing", "x", place("x", "R", "r"), "Location.partOf"),
		refused("a ward is part of something", "x", place("x", "W", ""), "Location.partOf"),
		refused("a level that nobody knows", "x", place("x", "X", "r"), "Location.type"),
		refused("a region is not made a part of its own district", "r", place("r", "D", "d"), "Location.partOf"),
		refused("a place is no part of itself", "d", place("d", "D", "d"), "Location.partOf"),
		{
			Name: "two places are no part of each other", Method: "POST", WantStatus: 422,
			Body: other + put("w", "W", "v") + `,` + put("v", "V", "w") + `]}`, WantBody: Values{"issue[0].details.coding[0].code": "place"},
		},
		refused("a ward with villages stays a ward", "w", place("w", "D", "r"), "Location.type"),
		{Name: "a code is that of one place", Method: "PUT", Path: "/Location/{run}-x", Body: strings.Replace(place("x", "W", "d"), `"value":"{run}-x"`, `"value":"{run}-w"`, 1), WantStatus: 409, WantBody: Values{"issue[0].code": "duplicate"}},
		{Name: "a place with others in it stays", Method: "DELETE", Path: "/Location/{run}-w", WantStatus: 422},
		{Name: "a village moves to another ward", Method: "PUT", Path: "/Location/{run}-v", Body: place("v", "V", "w2"), WantStatus: 200},
		{Name: "then the ward may go", Method: "DELETE", Path: "/Location/{run}-w", WantStatus: 204},
		{Name: "what is in the district", Path: "/Location?partof=Location/{run}-d", WantStatus: 200, WantBody: Values{"entry[*].resource.id": "{run}-w2"}},
		{Name: "and below", Path: "/Location?partof.partof=Location/{run}-d", WantStatus: 200, WantBody: Values{"entry[*].resource.id": "{run}-v"}},
		{Name: "a room of others is no place of the tree", Method: "PUT", Path: "/Location/{run}-room", Body: `{"resourceType":"Location","id":"{run}-room","name":"Room","partOf":{"reference":"Location/{run}-v"}}`, WantStatus: 201},
	}}
}

// facilityOf gives a facility with a contract, on a list in both halves of a year.
const facilityOf = `{"resourceType":"Organization","id":"{run}-f","extension":[
 {"url":"https://openimis.github.io/openimis_fhir_r4_ig/StructureDefinition/organization-hf-level","valueCodeableConcept":{"coding":[{"system":"https://openimis.github.io/openimis_fhir_r4_ig/CodeSystem/organization-hf-level","code":"H"}]}},
 {"url":"https://openimis.github.io/openimis_fhir_r4_ig/StructureDefinition/organization-hf-care-type","valueCodeableConcept":{"coding":[{"system":"https://openimis.github.io/openimis_fhir_r4_ig/CodeSystem/organization-hf-care-type","code":"B"}]}},
 {"url":"https://openimis.github.io/openimis_fhir_r4_ig/StructureDefinition/organization-hf-legal-form","valueCodeableConcept":{"coding":[{"system":"https://openimis.github.io/openimis_fhir_r4_ig/CodeSystem/organization-hf-legal-form","code":"G"}]}},
 {"url":"https://bima.example/fhir/StructureDefinition/facility-contract","extension":[{"url":"period","valuePeriod":{"start":"2026-01-01","end":"2026-12-31"}},{"url":"suspension","valuePeriod":{"start":"2026-05-01","end":"2026-05-31"}}]},
 {"url":"https://bima.example/fhir/StructureDefinition/price-list","valueCoding":{"extension":[{"url":"https://bima.example/fhir/StructureDefinition/price-period","valuePeriod":{"start":"2026-01-01","end":"2026-06-30"}}],"system":"urn:{run}","code":"A"}},
 {"url":"https://bima.example/fhir/StructureDefinition/price-list","valueCoding":{"extension":[{"url":"https://bima.example/fhir/StructureDefinition/price-period","valuePeriod":{"start":"2026-07-01"}}],"system":"urn:{run}","code":"A"}},
 {"url":"https://bima.example/fhir/StructureDefinition/catchment","extension":[{"url":"place","valueReference":{"reference":"Location/{run}-v"}},{"url":"percentage","valueDecimal":60}]}],
 "identifier":[{"system":"https://bima.example/fhir/id/facility","value":"{run}-H"}],"type":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/organization-type","code":"prov"}]}],"name":"Hospital"}`

func facilities() Story {
	refused := func(name, old, new, at string) Scenario {
		body := strings.Replace(facilityOf, old, new, 1)
		return Scenario{Name: name, Method: "PUT", Path: "/Organization/{run}-f", Body: body, WantStatus: 422, WantBody: Values{"issue[0].details.coding[0].code": "place", "issue[0].expression[0]": at}}
	}
	found := func(query, ids string) Scenario {
		want := Values{"entry[*].resource.id": ids}
		if ids == "" {
			want = Values{"total": "0"}
		}
		return Scenario{Name: "by " + query, Path: "/Organization?identifier=https://bima.example/fhir/id/facility|{run}-H&" + query, WantStatus: 200, WantBody: want}
	}
	return Story{"a facility has a level, a contract, people it serves and price lists", []Scenario{
		placeAt("r", "R", ""), placeAt("d", "D", "r"), placeAt("w", "W", "d"), placeAt("v", "V", "w"),
		{Name: "it is stored", Method: "PUT", Path: "/Organization/{run}-f", Body: facilityOf, WantStatus: 201},
		refused("a level nobody knows", `organization-hf-level","code":"H"`, `organization-hf-level","code":"X"`, "*organization-hf-level*"),
		refused("a legal form nobody knows", `organization-hf-legal-form","code":"G"`, `organization-hf-legal-form","code":"X"`, "*organization-hf-legal-form*"),
		refused("a care type nobody knows", `organization-hf-care-type","code":"B"`, `organization-hf-care-type","code":"X"`, "*organization-hf-care-type*"),
		refused("a suspension beyond the contract", `"end":"2026-05-31"`, `"end":"2027-01-01"`, "*facility-contract*"),
		refused("a price list twice on a day", `{"start":"2026-07-01"}`, `{"start":"2026-06-30"}`, "*price-list*"),
		refused("a catchment that is not there", `Location/{run}-v`, `Location/{run}-none`, "*catchment*"),
		found("level=H", "{run}-f"), found("level=D", ""), found("care-type=B", "{run}-f"), found("care-type=O", ""),
		found("legal-form=G", "{run}-f"), found("legal-form=P", ""), found("price-list=urn:{run}|A", "{run}-f"), found("price-list=urn:{run}|B", ""),
		found("catchment=Location/{run}-v", "{run}-f"), found("catchment=Location/{run}-w", ""), found("catchment.partof=Location/{run}-w", "{run}-f"),
		found("contract=ge2026-03-01&contract=le2026-03-01", "{run}-f"), found("contract=ge2027-01-01", ""),
		{
			Name: "it has a site in a village", Method: "PUT", Path: "/Location/{run}-s", WantStatus: 201,
			Body: `{"resourceType":"Location","id":"{run}-s","identifier":[{"system":"https://bima.example/fhir/id/facility","value":"{run}-H"}],"name":"Hospital","managingOrganization":{"reference":"Organization/{run}-f"},"partOf":{"reference":"Location/{run}-v"}}`,
		},
		{
			Name: "a site of another's number", Method: "PUT", Path: "/Location/{run}-t", WantStatus: 422,
			Body: `{"resourceType":"Location","id":"{run}-t","identifier":[{"system":"https://bima.example/fhir/id/facility","value":"{run}-I"}],"name":"Hospital","managingOrganization":{"reference":"Organization/{run}-f"},"partOf":{"reference":"Location/{run}-v"}}`,
		},
	}}
}

func workers() Story {
	const (
		qualification = "https://openimis.github.io/openimis_fhir_r4_ig/CodeSystem/practitioner-qualification-type"
		schemeRole    = "https://bima.example/fhir/CodeSystem/scheme-role"
		inWards       = `,"location":[{"reference":"Location/{run}-w"},{"reference":"Location/{run}-x"}]`
	)
	role := func(id, system, code, more string) string {
		return `{"resourceType":"PractitionerRole","id":"{run}-` + id + `","practitioner":{"reference":"Practitioner/{run}"},"code":[{"coding":[{"system":"` + system + `","code":"` + code + `"}]}]` + more + `}`
	}
	stored := func(name, id, body string) Scenario {
		return Scenario{Name: name, Method: "PUT", Path: "/PractitionerRole/{run}-" + id, Body: body, WantStatus: 201}
	}
	refused := func(name, body, at string) Scenario {
		return Scenario{Name: name, Method: "PUT", Path: "/PractitionerRole/{run}-n", Body: body, WantStatus: 422, WantBody: Values{"issue[0].details.coding[0].code": "worker", "issue[0].expression[0]": "PractitionerRole." + at}}
	}
	return Story{"people work for the scheme, in places and for facilities", []Scenario{
		placeAt("r", "R", ""), placeAt("d", "D", "r"), placeAt("w", "W", "d"), placeAt("x", "W", "d"), placeAt("y", "W", "d"), placeAt("v", "V", "w"),
		{Name: "there is a facility", Method: "PUT", Path: "/Organization/{run}-f", Body: facilityOf, WantStatus: 201},
		{Name: "there is a person", Method: "PUT", Path: "/Practitioner/{run}", Body: `{"resourceType":"Practitioner","id":"{run}","identifier":[{"system":"https://bima.example/fhir/id/practitioner","value":"{run}"}],"name":[{"family":"Juma"}]}`, WantStatus: 201},
		{Name: "a number is that of one person", Method: "POST", Path: "/Practitioner", Body: `{"resourceType":"Practitioner","identifier":[{"system":"https://bima.example/fhir/id/practitioner","value":"{run}"}]}`, WantStatus: 409},
		stored("an enrolment officer of two wards", "eo", role("eo", qualification, "EO", inWards)),
		stored("a claim administrator of a facility", "ca", role("ca", qualification, "CA", `,"organization":{"reference":"Organization/{run}-f"}`)),
		stored("a medical reviewer of a district", "mr", role("mr", schemeRole, "medical-reviewer", `,"location":[{"reference":"Location/{run}-d"}]`)),
		refused("an officer of nowhere", role("n", qualification, "EO", ""), "location"),
		refused("an officer twice of a ward", role("n", qualification, "EO", strings.Replace(inWards, "{run}-x", "{run}-w", 1)), "location[1]"),
		refused("an officer of what is not there", role("n", qualification, "EO", strings.Replace(inWards, "{run}-x", "{run}-none", 1)), "location[1]"),
		refused("a claim administrator of no facility", role("n", qualification, "CA", ""), "organization"),
		refused("a reviewer of what is no place", role("n", schemeRole, "medical-reviewer", `,"location":[{"reference":"Location/{run}-none"}]`), "location[0]"),
		refused("a role the scheme has not", role("n", schemeRole, "king", ""), "code"),
		{Name: "the officers of a ward", Path: "/PractitionerRole?role=EO&location=Location/{run}-x", WantStatus: 200, WantBody: Values{"entry[*].resource.id": "{run}-eo"}},
		{Name: "of another there are none", Path: "/PractitionerRole?role=EO&location=Location/{run}-y", WantStatus: 200, WantBody: Values{"total": "0"}},
		{Name: "whoever works in the district", Path: "/PractitionerRole?practitioner=Practitioner/{run}&location.partof=Location/{run}-d", WantStatus: 200, WantBody: Values{"entry[*].resource.id": "{run}-eo"}},
		{Name: "the people of a facility", Path: "/PractitionerRole?organization=Organization/{run}-f&_include=PractitionerRole:practitioner", WantStatus: 200, WantBody: Values{"entry[*].resource.id": "{run} {run}-ca"}},
	}}
}
