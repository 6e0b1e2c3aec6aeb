package resttest

import (
	"fmt"
	"strings"
)

// woundStories are what users of other servers complain of, each by the name of
// the complaint; docs/field.md says where the others are told.
func woundStories() []Story {
	return []Story{
		manyTokens(), includeAll(), includeSorted(), revincludeAll(), urlBelow(), endsOfPeriods(),
		negation(), silentParameters(), sortByToken(), hasWithOthers(), chainedJoin(), totals(), reusedLinks(), brokenTransaction(),
	}
}

// family gives a Bundle that puts three persons of this run with what belongs to
// each: {run}-a is born in 1980 and has a Coverage that ends in 2025 and a Claim,
// {run}-b in 1990 with a Coverage without an end, {run}-c has nothing.
func familyBundle() Scenario {
	tag := `"meta":{"tag":[{"system":"urn:run","code":"{run}"}]}`
	entry := func(typ, id, members string) string {
		return fmt.Sprintf(`{"resource":{"resourceType":"%s","id":"%s",%s,%s},"request":{"method":"PUT","url":"%[1]s/%[2]s"}}`, typ, id, tag, members)
	}
	coverage := func(id, patient, period string) string {
		return entry("Coverage", id, `"status":"active","beneficiary":{"reference":"Patient/`+patient+`"},"payor":[{"reference":"Organization/{run}-o"}],"period":`+period)
	}
	entries := []string{
		entry("Organization", "{run}-o", `"name":"Fund {run}"`),
		entry("Patient", "{run}-a", `"name":[{"family":"Zeta"}],"gender":"female","birthDate":"1980-01-01","identifier":[{"system":"urn:n","value":"{run}-1"}]`),
		entry("Patient", "{run}-b", `"name":[{"family":"Alpha"}],"gender":"male","birthDate":"1990-01-01","identifier":[{"system":"urn:n","value":"{run}-2"}]`),
		entry("Patient", "{run}-c", `"name":[{"family":"Midway"}]`),
		coverage("{run}-ca", "{run}-a", `{"start":"2024-01-01","end":"2025-06-30"}`),
		coverage("{run}-cb", "{run}-b", `{"start":"2026-01-01"}`),
		entry("Observation", "{run}-ob", `"status":"final","code":{"coding":[{"system":"urn:c","code":"{run}"}]},"subject":{"reference":"Patient/{run}-b"},"performer":[{"reference":"Organization/{run}-o"}]`),
		entry("ValueSet", "{run}-v", `"url":"http://example.org/{run}/sets/one","status":"draft"`),
	}
	return Scenario{
		Name: "a family is there", Method: "POST", WantStatus: 200,
		Body: `{"resourceType":"Bundle","type":"transaction","entry":[` + strings.Join(entries, ",") + `]}`,
	}
}

// ids is what the entries of a search are to be, sorted.
func ids(names ...string) Values {
	for i, name := range names {
		names[i] = "{run}-" + name
	}
	if len(names) == 0 {
		return Values{"entry[*].resource.id": Absent}
	}
	return Values{"entry[*].resource.id": strings.Join(names, " ")}
}

func asked(name, path string, want Values) Scenario {
	return Scenario{Name: name, Path: path, WantStatus: 200, WantBody: want}
}

// manyTokens: a list of a hundred codes hung another server's database.
func manyTokens() Story {
	var codes []string
	for i := range 113 {
		codes = append(codes, fmt.Sprintf("urn:n|{run}-%d", i+2))
	}
	return Story{"113 tokens joined by commas are answered (HAPI 8247)", []Scenario{
		familyBundle(),
		asked("the one among them is found", "/Patient?identifier="+strings.Join(codes, ","), ids("b")),
	}}
}

// includeAll: the wildcard on a type with many references timed out, or was too
// much for the memory.
func includeAll() Story {
	return Story{"_include=* brings all that is referred to, once (LinuxForHealth 1929, HAPI 569)", []Scenario{
		familyBundle(),
		asked("the wildcard of a type", "/Observation?_id={run}-ob&_include=Observation:*", ids("b", "o", "ob")),
		asked("the wildcard alone", "/Coverage?_id={run}-ca,{run}-cb&_include=*", ids("a", "b", "ca", "cb", "o")),
	}}
}

// includeSorted: _include together with _sort was slow, or lost the order.
func includeSorted() Story {
	return Story{"_include leaves the matches in the order of _sort (Microsoft 1369)", []Scenario{
		familyBundle(),
		asked("the matches come first, sorted", "/Coverage?_tag=urn:run|{run}&_sort=-beneficiary&_include=Coverage:beneficiary",
			Values{"entry[0].search.mode": "match", "entry[1].search.mode": "match", "entry[2].search.mode": "include", "entry#": "4"}),
		asked("by what is referred to, forth", "/Patient?_tag=urn:run|{run}&_sort=family&_revinclude=Coverage:beneficiary",
			Values{"entry[0].resource.id": "{run}-b", "entry[1].resource.id": "{run}-c", "entry[2].resource.id": "{run}-a", "entry#": "5"}),
		asked("and back", "/Patient?_tag=urn:run|{run}&_sort=-family&_revinclude=Coverage:beneficiary",
			Values{"entry[0].resource.id": "{run}-a", "entry[1].resource.id": "{run}-c", "entry[2].resource.id": "{run}-b", "entry#": "5"}),
	}}
}

// revincludeAll: refused by one server, an internal error in two others.
func revincludeAll() Story {
	return Story{"_revinclude=* is answered (Medplum: 400; Aidbox, Spark: 5xx)", []Scenario{
		familyBundle(),
		asked("all that refers to one person", "/Patient?_id={run}-b&_revinclude=*", ids("b", "cb", "ob")),
		asked("nothing refers to another", "/Patient?_id={run}-c&_revinclude=*", ids("c")),
	}}
}

// urlBelow: an internal error elsewhere.
func urlBelow() Story {
	return Story{"url:below finds what is below a path (Aidbox: 500)", []Scenario{
		familyBundle(),
		asked("below", "/ValueSet?url:below=http://example.org/{run}/sets", ids("v")),
		asked("not beside", "/ValueSet?url:below=http://example.org/{run}/set", ids()),
	}}
}

// endsOfPeriods: gt must look at the end of a period and lt at its start.
func endsOfPeriods() Story {
	return Story{"gt looks at the end of a period, lt at its start (wso2)", []Scenario{
		familyBundle(),
		asked("gt within the first", "/Coverage?_tag=urn:run|{run}&period=gt2025-01-01", ids("ca", "cb")),
		asked("gt after the first", "/Coverage?_tag=urn:run|{run}&period=gt2025-07-01", ids("cb")),
		asked("lt within the second", "/Coverage?_tag=urn:run|{run}&period=lt2026-02-01", ids("ca", "cb")),
		asked("lt before the second", "/Coverage?_tag=urn:run|{run}&period=lt2026-01-01", ids("ca")),
		asked("what holds on its last day", "/Coverage?_tag=urn:run|{run}&period=gt2025-06-29&period=lt2025-07-01", ids("ca")),
		asked("what holds on the day after", "/Coverage?_tag=urn:run|{run}&period=gt2025-06-30&period=lt2025-07-02", ids()),
		asked("what ends in a week", "/Coverage?_tag=urn:run|{run}&period=gt2025-06-23&period=eb2025-07-01", ids("ca")),
		asked("what ended before it", "/Coverage?_tag=urn:run|{run}&period=gt2025-06-30&period=eb2025-07-08", ids()),
	}}
}

// negation: :not must include what lacks the element.
func negation() Story {
	return Story{":not finds also what has no value", []Scenario{
		familyBundle(),
		asked("not male", "/Patient?_tag=urn:run|{run}&gender:not=male", ids("a", "c")),
		asked("neither male nor female", "/Patient?_tag=urn:run|{run}&gender:not=male,female", ids("c")),
	}}
}

// silentParameters: ignored, they return the whole table.
func silentParameters() Story {
	return Story{"an unknown parameter is refused, not ignored (Microsoft, Blaze, Spark)", []Scenario{
		familyBundle(),
		{Name: "strict", Path: "/Patient?_tag=urn:run|{run}&gendre=male", WantStatus: 400, WantText: "gendre"},
		{
			Name: "lenient, and told", Path: "/Patient?_tag=urn:run|{run}&gendre=male", Header: Values{"Prefer": "handling=lenient"},
			WantStatus: 200, WantBody: Values{"entry#": "4", "entry[3].search.mode": "outcome"}, WantText: "gendre",
		},
	}}
}

// sortByToken: slow where it is the least of all values.
func sortByToken() Story {
	return Story{"_sort by a token has an order, what lacks it comes last both ways (Medplum 3823)", []Scenario{
		familyBundle(),
		asked("forth", "/Patient?_tag=urn:run|{run}&_sort=gender", Values{"entry[0].resource.id": "{run}-a", "entry[1].resource.id": "{run}-b", "entry[2].resource.id": "{run}-c"}),
		asked("back", "/Patient?_tag=urn:run|{run}&_sort=-gender", Values{"entry[0].resource.id": "{run}-b", "entry[1].resource.id": "{run}-a", "entry[2].resource.id": "{run}-c"}),
	}}
}

// hasWithOthers: _has beside other criteria became slow or wrong.
func hasWithOthers() Story {
	return Story{"_has keeps its meaning beside other criteria (HAPI 7245)", []Scenario{
		familyBundle(),
		asked("both hold", "/Patient?_has:Coverage:beneficiary:status=active&gender=male&_tag=urn:run|{run}", ids("b")),
		asked("one does not", "/Patient?_has:Observation:patient:code=urn:c|{run}&gender=female&_tag=urn:run|{run}", ids()),
		asked("a person is found once", "/Patient?_has:Coverage:beneficiary:status=active&_tag=urn:run|{run}&_total=accurate", Values{"total": "2", "entry#": "2"}),
	}}
}

// chainedJoin: chains were slow where many resources are referred to.
func chainedJoin() Story {
	return Story{"a chain finds through the reference (Medplum 4923)", []Scenario{
		familyBundle(),
		asked("a hit", "/Coverage?beneficiary.identifier=urn:n|{run}-2", ids("cb")),
		asked("a miss", "/Coverage?beneficiary.identifier=urn:n|{run}-9", ids()),
		asked("two links", "/Observation?patient:Patient.family=Alpha&_tag=urn:run|{run}", ids("ob")),
	}}
}

// totals: absent where they were asked for, or a second search where not.
func totals() Story {
	return Story{"a total is told when it is asked for (HAPI, Medplum, Microsoft)", []Scenario{
		familyBundle(),
		asked("accurate", "/Patient?_tag=urn:run|{run}&_count=1&_total=accurate", Values{"total": "3", "entry#": "1"}),
		asked("none", "/Patient?_tag=urn:run|{run}&_count=1&_total=none", Values{"total": Absent, "entry#": "1"}),
		asked("only the total", "/Patient?_tag=urn:run|{run}&_summary=count", Values{"total": "3", "entry#": "0"}),
	}}
}

// reusedLinks: a stored search expired, and its links with it.
func reusedLinks() Story {
	return Story{"a link to a page does not expire (HAPI 3780, 6549)", []Scenario{
		familyBundle(),
		{
			Name: "the first page", Path: "/Patient?_tag=urn:run|{run}&_count=2&_sort=_id", WantStatus: 200,
			WantBody: Values{"link[1].relation": "next"}, Keep: Values{"next": "link[1].url"},
		},
		asked("the second", "{next}", ids("c")),
		asked("the second again", "{next}", ids("c")),
	}}
}

// brokenTransaction: half of a transaction was stored.
func brokenTransaction() Story {
	return Story{"of a transaction that fails nothing is stored", []Scenario{
		{
			Name: "the last entry is at fault", Method: "POST", WantStatus: 400, WantText: "Bundle.entry[1]",
			Body: `{"resourceType":"Bundle","type":"transaction","entry":[` +
				`{"resource":{"resourceType":"Patient","id":"{run}-x"},"request":{"method":"PUT","url":"Patient/{run}-x"}},` +
				`{"resource":{"resourceType":"Patient","gender":"both"},"request":{"method":"POST","url":"Patient"}}]}`,
		},
		{Name: "the first is not there", Path: "/Patient/{run}-x", WantStatus: 404},
	}}
}
