package resttest

// negotiationStories cover media types of answers and bodies. Source: R4
// http#mime-type; what real clients send.
func negotiationStories() []Story {
	ask := func(name, accept, wanted string) Scenario {
		return Scenario{Name: name, Path: "/Patient/{run}", Header: Values{"Accept": accept}, WantStatus: 200, WantHeader: Values{"Content-Type": wanted}}
	}
	refused := func(name, accept string) Scenario {
		return Scenario{
			Name: name, Path: "/Patient/{run}", Header: Values{"Accept": accept}, WantStatus: 406,
			WantHeader: Values{"Content-Type": fhirType}, WantBody: Values{"resourceType": "OperationOutcome", "issue[0].diagnostics": "*json*"},
		}
	}
	asFormat := func(name, format, wanted string) Scenario {
		return Scenario{Name: name, Path: "/Patient/{run}?_format=" + format, WantStatus: 200, WantHeader: Values{"Content-Type": wanted}}
	}
	return []Story{
		{"the answer is of the type the client asks for", []Scenario{
			putPatient,
			ask("FHIR's JSON", "application/fhir+json", fhirType),
			ask("plain JSON", "application/json", jsonType),
			ask("text", "text/json", "text/json; charset=utf-8"),
			ask("anything", "*/*", fhirType),
			ask("any application", "application/*", fhirType),
			ask("with the version", "application/fhir+json; fhirVersion=4.0", fhirType),
			ask("by weight", "application/fhir+json;q=0.3, application/json;q=0.9", jsonType),
			ask("one excluded", "application/fhir+json;q=0, */*", jsonType),
			ask("XML or JSON alike", "application/fhir+xml;q=1.0, application/fhir+json;q=1.0, application/xml+fhir;q=0.9, application/json+fhir;q=0.9", fhirType),
			ask("XML rather than JSON", "application/fhir+xml, application/json;q=0.1", "application/fhir+xml; charset=utf-8"),
			ask("as JavaScript's Medplum asks", "application/fhir+json, */*; q=0.1", fhirType),
			ask("as a browser asks", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", jsonType),
			refused("a picture", "image/png"),
			refused("another version of FHIR", "application/fhir+json; fhirVersion=3.0"),
		}},
		{"_format goes before Accept", []Scenario{
			putPatient,
			asFormat("short", "json", fhirType),
			asFormat("FHIR's JSON, escaped", "application%2Ffhir%2Bjson", fhirType),
			asFormat("FHIR's JSON, the plus not escaped", "application/fhir+json", fhirType),
			asFormat("plain JSON", "application/json", jsonType),
			asFormat("text", "text/json", "text/json; charset=utf-8"),
			{Name: "it wins", Path: "/Patient/{run}?_format=json", Header: Values{"Accept": "application/fhir+xml"}, WantStatus: 200, WantHeader: Values{"Content-Type": fhirType}},
			{Name: "Turtle is not spoken", Path: "/Patient/{run}?_format=ttl", WantStatus: 406, WantBody: Values{"resourceType": "OperationOutcome"}},
			{Name: "Turtle is wished but JSON accepted", Path: "/Patient/{run}?_format=ttl", Header: Values{"Accept": "application/fhir+json"}, WantStatus: 200, WantHeader: Values{"Content-Type": fhirType}},
			{Name: "on a search", Path: "/Patient?_tag=urn:run|{run}&_format=json", Header: Values{"Accept": "application/fhir+xml"}, WantStatus: 200, WantBody: Values{"entry#": "1"}},
			{Name: "nothing is stored for who can't read the answer", Method: "PUT", Path: "/Patient/{run}-x", Header: Values{"Accept": "image/png"}, Body: `{"resourceType":"Patient","id":"{run}-x"}`, WantStatus: 406},
			{Name: "it is not there", Path: "/Patient/{run}-x", WantStatus: 404},
		}},
	}
}

// bodyStories cover the media types of bodies. Source: R4 http#mime-type.
func bodyStories() []Story {
	send := func(name, contentType string, status int) Scenario {
		return Scenario{
			Name: name, Method: "POST", Path: "/Patient", Header: Values{"Content-Type": contentType}, WantStatus: status,
			Body: `{"resourceType":"Patient","active":true}`, WantBody: Values{"resourceType": "*"},
		}
	}
	return []Story{
		{"bodies come in the types of JSON", []Scenario{
			send("FHIR's JSON", "application/fhir+json", 201),
			send("with charset", "application/fhir+json; charset=UTF-8", 201),
			send("with quotes", `application/fhir+json; charset="utf-8"; fhirVersion=4.0`, 201),
			send("plain JSON", "application/json", 201),
			send("old FHIR JSON", "application/json+fhir", 201),
			send("text", "text/json", 201),
			send("no type", Absent, 201),
			send("Turtle", "text/turtle", 415),
			send("a form", "application/x-www-form-urlencoded", 415),
			send("a charset nobody uses", "application/json; charset=utf-16", 415),
			send("another version of FHIR", "application/fhir+json; fhirVersion=5.0", 415),
			{
				Name: "the refusal names what is read", Method: "POST", Path: "/Patient", Header: Values{"Content-Type": "text/plain"}, Body: "x",
				WantStatus: 415, WantBody: Values{"issue[0].diagnostics": "*application/fhir+json*"},
			},
			{
				Name: "Latin-1 is recoded where it is declared", Method: "PUT", Path: "/Patient/{run}", Header: Values{"Content-Type": "application/json;charset=ISO-8859-1"},
				Body: "{\"resourceType\":\"Patient\",\"id\":\"{run}\",\"name\":[{\"family\":\"Andr\xe9\"}]}", WantStatus: 201, WantBody: Values{"name[0].family": "André"},
			},
		}},
	}
}

// pathStories cover what clients do to URLs, browsers, and what is open to all.
func pathStories() []Story {
	return []Story{
		{"paths are read with forgiveness", []Scenario{
			putPatient,
			{Name: "a slash at the end of a read", Path: "/Patient/{run}/", WantStatus: 200},
			{Name: "two slashes", Path: "//Patient//{run}", WantStatus: 200},
			{Name: "a slash before the query", Path: "/Patient/?_tag=urn:run|{run}", WantStatus: 200, WantBody: Values{"entry#": "1"}},
			{Name: "a create with a slash at the end is no redirect", Method: "POST", Path: "/Patient/", Body: patient, WantStatus: 201},
			{Name: "a bundle to the base", Method: "POST", Path: "", Body: `{"resourceType":"Bundle","type":"batch"}`, WantStatus: 200, WantBody: Values{"type": "batch-response"}},
			{Name: "a bundle to the base with a slash", Method: "POST", Path: "/", Body: `{"resourceType":"Bundle","type":"transaction"}`, WantStatus: 200, WantBody: Values{"type": "transaction-response"}},
			{Name: "an escaped slash in an id", Path: "/Patient/12%2F3", WantStatus: 400, WantBody: Values{"resourceType": "OperationOutcome"}},
			{Name: "an escaped dollar reaches the operation", Path: "/Patient/{run}/%24nothing", WantStatus: 404, WantBody: Values{"issue[0].diagnostics": "*nothing*"}},
		}},
		{"paths that mean nothing are told so", []Scenario{
			{Name: "an unknown type", Path: "/Pateint/1", WantStatus: 404, WantBody: Values{"resourceType": "OperationOutcome", "issue[0].diagnostics": "*Pateint*"}},
			{Name: "a type in lower case", Path: "/patient/1", WantStatus: 404, WantBody: Values{"resourceType": "OperationOutcome"}},
			{Name: "a data type", Method: "POST", Path: "/HumanName", Body: `{}`, WantStatus: 404},
			{Name: "an abstract type", Path: "/DomainResource/1", WantStatus: 404},
			{Name: "a search of an unknown type", Path: "/Nonsense?x=1", WantStatus: 404, WantBody: Values{"resourceType": "OperationOutcome"}},
			{Name: "an id that can't be", Path: "/Patient/a_b", WantStatus: 404, WantBody: Values{"resourceType": "OperationOutcome"}},
			{Name: "what is no sub-resource", Path: "/Patient/1/nonsense", WantStatus: 404, WantBody: Values{"resourceType": "OperationOutcome"}},
			{Name: "too deep", Path: "/Patient/1/Observation/2/3", WantStatus: 404, WantBody: Values{"resourceType": "OperationOutcome"}},
			{Name: "outside of the base", Path: "{root}/nowhere", WantStatus: 404, WantBody: Values{"resourceType": "OperationOutcome"}},
			{Name: "an unknown operation", Method: "POST", Path: "/$nonsense", Body: `{"resourceType":"Parameters"}`, WantStatus: 404, WantBody: Values{"resourceType": "OperationOutcome"}},
			{Name: "an operation on an unknown type", Path: "/Nonsense/$validate", WantStatus: 404},
			{Name: "a method a resource does not have", Method: "POST", Path: "/Patient/1", Body: patient, WantStatus: 405, WantHeader: Values{"Allow": "*GET*"}, WantBody: Values{"resourceType": "OperationOutcome"}},
			{Name: "a method a type does not have", Method: "PUT", Path: "/Patient/1/_history", Body: patient, WantStatus: 405, WantBody: Values{"resourceType": "OperationOutcome"}},
			{Name: "a method nobody has", Method: "PROPFIND", Path: "/Patient/1", WantStatus: 405, WantBody: Values{"resourceType": "OperationOutcome"}},
			{Name: "OPTIONS names the methods", Method: "OPTIONS", Path: "/Patient/1", WantStatus: 204, WantHeader: Values{"Allow": "*GET*"}},
		}},
	}
}

// openStories cover what needs no credentials, and what browsers ask.
func openStories() []Story {
	return []Story{
		{"what tells a client about the server is open", []Scenario{
			{
				Name: "the capabilities", Path: "/metadata", WantStatus: 200,
				WantHeader: Values{"Content-Type": fhirType, "ETag": "*"},
				WantBody: Values{
					"resourceType": "CapabilityStatement", "fhirVersion": "4.0.1", "status": "active", "kind": "instance", "format[0]": "*json*",
					"rest[0].mode": "server", "rest[0].resource[0].type": "*", "rest[0].interaction[0].code": "*", "date": "*",
				},
				Keep: Values{},
			},
			{Name: "as plain JSON", Path: "/metadata", Header: Values{"Accept": "application/json"}, WantStatus: 200, WantHeader: Values{"Content-Type": jsonType}},
			{Name: "by _format", Path: "/metadata?_format=json", WantStatus: 200},
			{Name: "with a token nobody knows", Path: "/metadata", Header: Values{"Authorization": "Bearer nonsense"}, WantStatus: 200},
			{Name: "SMART's configuration", Path: "/.well-known/smart-configuration", WantStatus: 200, WantHeader: Values{"Content-Type": "application/json*"}},
			{Name: "OpenID's is not there", Path: "/.well-known/openid-configuration", WantStatus: 404, WantHeader: Values{"Content-Type": "application/json*"}, WantBody: Values{"resourceType": "OperationOutcome"}},
			{Name: "health", Path: "{root}/healthz", WantStatus: 200},
			{Name: "readiness", Path: "{root}/readyz", WantStatus: 200},
			{Name: "the root", Path: "{root}/", WantStatus: 200},
			{Name: "a read to be counted", Path: "/Basic/{run}", WantStatus: 404},
			{Name: "metrics", Path: "{root}/metrics", WantStatus: 200, WantHeader: Values{"Content-Type": "text/plain*"}, WantText: `bima_http_requests_total{interaction="read",type="Basic",status="4xx"}`},
		}},
		{"a page in a browser may call", []Scenario{
			putPatient,
			{
				Name: "it asks first", Method: "OPTIONS", Path: "/Patient", WantStatus: 204, WantEmpty: true,
				Header:     Values{"Origin": "http://localhost:3000", "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type,prefer,x-medplum"},
				WantHeader: Values{"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Methods": "*PATCH*", "Access-Control-Allow-Headers": "*authorization*x-medplum*", "Access-Control-Allow-Credentials": Absent},
			},
			{
				Name: "it reads", Path: "/Patient/{run}", Header: Values{"Origin": "http://localhost:3000"}, WantStatus: 200,
				WantHeader: Values{"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "*Location*ETag*Last-Modified*X-Request-Id*"},
			},
			{Name: "it sees errors too", Path: "/Patient/{run}-none", Header: Values{"Origin": "http://localhost:3000"}, WantStatus: 404, WantHeader: Values{"Access-Control-Allow-Origin": "*"}},
			{Name: "nobody else is told", Path: "/Patient/{run}", WantStatus: 200, WantHeader: Values{"Access-Control-Allow-Origin": Absent}},
		}},
		{"a request has an id", []Scenario{
			{Name: "the client's is echoed", Path: "/Patient/{run}", Header: Values{"X-Request-Id": "abc-123"}, WantStatus: 404, WantHeader: Values{"X-Request-Id": "abc-123"}},
			{Name: "what can't stand in a log is replaced", Path: "/Patient/{run}", Header: Values{"X-Request-Id": "a b<c>"}, WantStatus: 404, WantHeader: Values{"X-Request-Id": "*"}},
		}},
	}
}
