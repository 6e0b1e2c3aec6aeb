package resttest

// operabilityStories cover what browsers, their users and operators ask.
func operabilityStories() []Story {
	preflight := func(method string) Scenario {
		return Scenario{
			Name: "before " + method, Method: "OPTIONS", Path: "/Patient/1", WantStatus: 204, WantEmpty: true,
			Header:     Values{"Origin": "http://localhost:3000", "Access-Control-Request-Method": method, "Access-Control-Request-Headers": "authorization, if-match, prefer"},
			WantHeader: Values{"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Methods": "*" + method + "*", "Access-Control-Max-Age": "*", "Access-Control-Allow-Credentials": Absent},
		}
	}
	options := func(name, path, allow string) Scenario {
		return Scenario{Name: name, Method: "OPTIONS", Path: path, WantStatus: 204, WantEmpty: true, WantHeader: Values{"Allow": allow}}
	}
	page := func(name, path, media string) Scenario {
		return Scenario{
			Name: name, Path: path, Header: Values{"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}, WantStatus: 200,
			WantHeader: Values{"Content-Type": media + "*", "Content-Security-Policy": "default-src 'none'*", "X-Content-Type-Options": "nosniff", "ETag": "*"},
		}
	}
	return []Story{
		{"every path names its methods", []Scenario{
			options("a resource", "/Patient/1", "GET, HEAD, PUT, PATCH, DELETE, OPTIONS"),
			options("a type", "/Patient", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"),
			options("a history", "/Patient/1/_history", "GET, HEAD, OPTIONS"),
			options("the history of a type", "/Patient/_history", "GET, HEAD, OPTIONS"),
			options("the history of all", "/_history", "GET, HEAD, OPTIONS"),
			options("a version", "/Patient/1/_history/1", "GET, HEAD, OPTIONS"),
			options("a search by POST", "/Patient/_search", "GET, HEAD, POST, OPTIONS"),
			options("one of all types", "/_search", "POST, OPTIONS"),
			options("a compartment", "/Patient/1/Claim", "GET, HEAD, OPTIONS"),
			options("the base", "", "GET, HEAD, POST, OPTIONS"),
			options("the capabilities", "/metadata", "GET, HEAD, OPTIONS"),
			options("an operation", "/Patient/$validate", "GET, HEAD, POST, OPTIONS"),
			options("an operation of a resource", "/Patient/1/$everything", "GET, HEAD, POST, OPTIONS"),
			options("what is done later", "/_async/1", "GET, HEAD, DELETE, OPTIONS"),
			{Name: "no type", Method: "OPTIONS", Path: "/Nonsense", WantStatus: 404},
			{Name: "no type either", Method: "OPTIONS", Path: "/Nonsense/1", WantStatus: 404},
			{Name: "nothing", Method: "OPTIONS", Path: "/Patient/1/2/3/4", WantStatus: 404},
		}},
		{"a page asks before each method", []Scenario{
			preflight("GET"), preflight("PUT"), preflight("PATCH"), preflight("DELETE"), preflight("POST"),
			{
				Name: "it may read what it needs", Path: "/Patient/{run}", Header: Values{"Origin": "http://localhost:3000"}, WantStatus: 404,
				WantHeader: Values{"Access-Control-Expose-Headers": "*Content-Location*ETag*Last-Modified*X-Request-Id*X-Progress*"},
			},
		}},
		{"people get a page", []Scenario{
			page("the page", "{root}/", "text/html"),
			page("its style", "{root}/page.css", "text/css"),
			page("its script", "{root}/page.js", "text/javascript"),
			{Name: "nothing else", Path: "{root}/page.html", WantStatus: 404},
			{Name: "programs get JSON", Path: "{root}/", Header: Values{"Accept": "application/json"}, WantStatus: 200, WantBody: Values{"fhirVersion": "4.0.1", "metadata": "{base}/metadata"}},
		}},
		{"operators get figures", []Scenario{
			{Name: "a search to be counted", Path: "/Flag?_count=0", WantStatus: 200},
			{Name: "how long it took", Path: "{root}/metrics", WantStatus: 200, WantText: `bima_http_request_duration_seconds_count{interaction="search-type",type="Flag",status="2xx"}`},
			{Name: "the process", Path: "{root}/metrics", WantStatus: 200, WantText: "\ngo_goroutines "},
		}},
	}
}

// houseStories cover what the server tells of the profiles, the terminology and the
// database it is built with.
func houseStories() []Story {
	const claim = "https://bima.example/fhir/StructureDefinition/claim"
	return []Story{
		{"the profiles of the scheme are told, and served as schemas", []Scenario{
			{Name: "in the statement", Path: "/metadata", WantStatus: 200, WantText: claim},
			{Name: "listed", Path: "{root}/fhir-schemas/", WantStatus: 200, WantHeader: Values{"Content-Type": jsonType}, WantBody: Values{"schemas[*].profile": "*" + claim + " *", "schemas[0].schema": "/fhir-schemas/*.json"}},
			{
				Name: "one", Path: "{root}/fhir-schemas/claim.json", WantStatus: 200, WantHeader: Values{"Content-Type": "application/schema+json*", "ETag": "*"},
				WantBody: Values{"$schema": "https://json-schema.org/draft/2020-12/schema", "$defs.Claim.properties.resourceType.const": "Claim"},
			},
			{Name: "to who has it", Path: "{root}/fhir-schemas/claim.json", Header: Values{"If-None-Match": "*"}, WantStatus: 304, WantEmpty: true},
			{Name: "no extension has one", Path: "{root}/fhir-schemas/policy-state.json", WantStatus: 404},
		}},
		{"what can be done with codes is told", []Scenario{
			{Name: "terminology", Path: "/metadata?mode=terminology", WantStatus: 200, WantBody: Values{"resourceType": "TerminologyCapabilities", "kind": "instance", "codeSystem[*].uri": "*http://hl7.org/fhir/claim-use*"}},
		}},
		{"the database tells its figures", []Scenario{
			{Name: "its size", Path: "{root}/metrics", WantStatus: 200, WantText: "\nbima_database_bytes "},
			{Name: "its connections", Path: "{root}/metrics", WantStatus: 200, WantText: "\nbima_database_connections{pool="},
		}},
	}
}
