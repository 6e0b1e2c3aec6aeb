package resttest

// filterStories cover _filter, distances, words, lists and hierarchies, each with
// what is nearly found. Source: R4 search_filter, search#special.
func filterStories() []Story {
	return []Story{
		{"filters join comparisons", []Scenario{
			put(
				`{"resourceType":"Patient","id":"{run}-a","meta":{},"name":[{"family":"Mushi","given":["Peter"]}],"gender":"male","birthDate":"2014-10-10"}`,
				`{"resourceType":"Patient","id":"{run}-b","meta":{},"name":[{"family":"Petersen","given":["Peterson"]}],"gender":"female","birthDate":"2015-01-01"}`,
				`{"resourceType":"Patient","id":"{run}-c","meta":{},"name":[{"family":"Juma","given":["peter"]}],"birthDate":"2014-10-09"}`,
				`{"resourceType":"Observation","id":"{run}-d","meta":{},"status":"final","code":{"text":"x"},"subject":{"reference":"Patient/{run}-a"}}`,
				`{"resourceType":"Observation","id":"{run}-e","meta":{},"status":"final","code":{"text":"x"},"subject":{"reference":"Patient/{run}-b"}}`,
			),
			finds("whole words, in any letters", "Patient", "_filter=given+eq+%22peter%22", "ac"),
			finds("and", "Patient", "_filter=given+eq+%22peter%22+and+birthdate+ge+2014-10-10", "a"),
			finds("parts", "Patient", "_filter=name+co+%22eters%22", "b"),
			finds("the end", "Patient", "_filter=given+ew+son", "b"),
			finds("or from left to right", "Patient", "_filter=gender+eq+male+or+gender+eq+female+and+birthdate+ge+2015", "b"),
			finds("brackets", "Patient", "_filter=gender+eq+male+or+(gender+eq+female+and+birthdate+ge+2015)", "ab"),
			finds("not", "Patient", "_filter=not+(gender+eq+male)", "bc"),
			finds("none", "Patient", "_filter=gender+pr+false", "c"),
			finds("a chain", "Observation", "_filter=subject:Patient.family+sw+mush", "d"),
			finds("a filter on the way", "Observation", "_filter=subject:Patient[gender+eq+female+and+birthdate+lt+2016].given+sw+peter", "e"),
			{Name: "bad grammar names the place", Path: "/Patient?_filter=gender+eq+male+and", WantStatus: 400, WantBody: Values{"issue[0].code": "invalid", "issue[0].diagnostics": "*_filter*at character 19*"}},
			{Name: "an operator the kind lacks is named", Path: "/Patient?_filter=gender+co+male", WantStatus: 400, WantBody: Values{"issue[0].code": "not-supported", "issue[0].diagnostics": "*at character 8: co*"}},
		}},
		{"places are found by their distance", []Scenario{
			put(
				`{"resourceType":"Location","id":"{run}-a","meta":{},"position":{"latitude":-6.8,"longitude":39.28}}`,
				`{"resourceType":"Location","id":"{run}-b","meta":{},"position":{"latitude":-6.44,"longitude":38.9}}`,
				`{"resourceType":"Location","id":"{run}-c","meta":{}}`,
			),
			finds("near", "Location", "near=-6.8|39.28|10|km", "a"),
			finds("in metres", "Location", "near=-6.8|39.28|60000|m", "ab"),
			finds("nowhere near", "Location", "near=6.8|39.28|10|km", ""),
			finds("no place", "Location", "near:missing=true", "c"),
			{Name: "no latitude", Path: "/Location?near=100|0", WantStatus: 400, WantBody: Values{"issue[0].diagnostics": "*near*latitude*"}},
		}},
		{"hierarchies and units are followed", []Scenario{
			put(
				`{"resourceType":"Location","id":"{run}-a","meta":{}}`,
				`{"resourceType":"Location","id":"{run}-b","meta":{},"partOf":{"reference":"Location/{run}-a"}}`,
				`{"resourceType":"Location","id":"{run}-c","meta":{},"partOf":{"reference":"Location/{run}-b"}}`,
				`{"resourceType":"Observation","id":"{run}-d","meta":{},"status":"final","code":{"text":"x"},"valueQuantity":{"value":5.4,"system":"http://unitsofmeasure.org","code":"mg"}}`,
				`{"resourceType":"Observation","id":"{run}-e","meta":{},"status":"final","code":{"text":"x"},"valueQuantity":{"value":0.0054,"system":"http://unitsofmeasure.org","code":"g"}}`,
				`{"resourceType":"Observation","id":"{run}-f","meta":{},"status":"final","code":{"text":"x"},"valueQuantity":{"value":5.4,"system":"http://unitsofmeasure.org","code":"g"}}`,
			),
			finds("within", "Location", "partof:below=Location/{run}-a", "bc"),
			finds("within a part", "Location", "partof:below=Location/{run}-b", "c"),
			finds("what it is within", "Location", "partof:above=Location/{run}-b", "bc"),
			finds("as much in another unit", "Observation", "value-quantity=5.4|http://unitsofmeasure.org|mg", "de"),
			finds("more in another unit", "Observation", "value-quantity=gt6|http://unitsofmeasure.org|mg", "f"),
		}},
	}
}
