package resttest

// conformanceStories cover how the server tells what it can do.
// Source: R4 http#capabilities, capabilitystatement-operation-versions.
func conformanceStories() []Story {
	return []Story{
		{"the capabilities are told whole or in part", []Scenario{
			{
				Name: "whole", Path: "/metadata?mode=full", WantStatus: 200,
				WantBody: Values{
					"resourceType": "CapabilityStatement", "rest[0].security.cors": "true", "rest[0].compartment#": "5", "rest[0].resource#": "146",
					"rest[0].operation[*].name": "*versions*", "rest[0].resource[0].conditionalRead": "full-support", "rest[0].resource[0].searchParam[0].documentation": "*",
					"implementation.url": "{base}",
				},
			},
			{Name: "what is normative", Path: "/metadata?mode=normative", WantStatus: 200, WantBody: Values{"rest[0].resource#": "11", "rest[0].resource[*].type": "*Patient*"}},
			{Name: "in a mode nobody knows", Path: "/metadata?mode=nonsense", WantStatus: 400, WantBody: Values{"resourceType": "OperationOutcome"}},
			{Name: "its summary", Path: "/metadata?_summary=true", WantStatus: 200, WantBody: Values{"meta.tag[0].code": "SUBSETTED", "fhirVersion": "4.0.1"}},
			{Name: "some elements", Path: "/metadata?_elements=software", WantStatus: 200, WantBody: Values{"software.name": "*", "rest": Absent}},
			{Name: "to who has it", Path: "/metadata", Header: Values{"If-None-Match": "*"}, WantStatus: 304, WantEmpty: true},
			{Name: "uncompressed", Path: "/metadata", Header: Values{"Accept-Encoding": "identity"}, WantStatus: 200, WantHeader: Values{"Content-Encoding": Absent}},
		}},
		{"the versions of FHIR are told", []Scenario{
			{Name: "as FHIR", Path: "/$versions", WantStatus: 200, WantHeader: Values{"Content-Type": fhirType}, WantBody: Values{"resourceType": "Parameters", "parameter[0].name": "version", "parameter[0].valueCode": "4.0", "parameter[1].name": "default"}},
			{Name: "as plain JSON", Path: "/$versions", Header: Values{"Accept": "application/json"}, WantStatus: 200, WantHeader: Values{"Content-Type": jsonType}, WantBody: Values{"versions[0]": "4.0", "default": "4.0"}},
			{Name: "by POST", Method: "POST", Path: "/$versions", Body: `{"resourceType":"Parameters"}`, WantStatus: 200},
			{Name: "another operation is not taken for it", Path: "/$version", WantStatus: 404},
		}},
		{"OpenAPI describes the API", []Scenario{
			{
				Name: "as a document", Path: "{root}/openapi.json", WantStatus: 200, WantHeader: Values{"Content-Type": jsonType, "ETag": "*"},
				WantBody: Values{"openapi": "3.1.0", "servers[0].url": "{base}", "components.schemas.Claim.properties.patient.$ref": "*Reference", "paths./Claim.get.operationId": "searchClaim"},
			},
			{Name: "to who has it", Path: "{root}/openapi.json", Header: Values{"If-None-Match": "*"}, WantStatus: 304, WantEmpty: true},
		}},
	}
}

// definitionStories cover what the server serves of its own.
func definitionStories() []Story {
	const issueDetail = "https://bima.example/fhir/CodeSystem/issue-detail"
	return []Story{
		{"the server's own definitions are there", []Scenario{
			{Name: "an operation of R4", Path: "/OperationDefinition/Resource-validate", WantStatus: 200, WantBody: Values{"code": "validate", "parameter[0].name": "*"}},
			{Name: "found by its code", Path: "/OperationDefinition?code=validate", WantStatus: 200, WantBody: Values{"entry#": "1", "entry[0].resource.id": "Resource-validate"}},
			{Name: "found by its URL", Path: "/OperationDefinition?url=http://hl7.org/fhir/OperationDefinition/CapabilityStatement-versions", WantStatus: 200, WantBody: Values{"entry#": "1", "entry[0].resource.code": "versions"}},
			{Name: "what is not offered is not found", Path: "/OperationDefinition?code=apply", WantStatus: 200, WantBody: Values{"entry#": "0"}},
			{Name: "a code system", Path: "/CodeSystem?url=" + issueDetail, WantStatus: 200, WantBody: Values{"entry#": "1", "entry[0].resource.id": "issue-detail"}},
			{Name: "a search parameter", Path: "/SearchParameter?base=Coverage&code=plan", WantStatus: 200, WantBody: Values{"entry#": "1", "entry[0].resource.id": "Coverage-plan"}},
			{Name: "an extension", Path: "/StructureDefinition/coverage-state", WantStatus: 200, WantBody: Values{"type": "Extension"}},
		}},
		{"the server's own definitions stay as they are", []Scenario{
			{
				Name: "one is overwritten", Method: "PUT", Path: "/OperationDefinition/Resource-validate", WantStatus: 403, WantBody: Values{"issue[0].code": "forbidden"},
				Body: `{"resourceType":"OperationDefinition","id":"Resource-validate","name":"Mine","status":"draft","kind":"operation","code":"mine","system":true,"type":false,"instance":false}`,
			},
			{Name: "one is deleted", Method: "DELETE", Path: "/CodeSystem/issue-detail", WantStatus: 403},
			{
				Name: "another is anybody's", Method: "PUT", Path: "/OperationDefinition/{run}", WantStatus: 201,
				Body: `{"resourceType":"OperationDefinition","id":"{run}","name":"Mine","status":"draft","kind":"operation","code":"mine","system":true,"type":false,"instance":false}`,
			},
			{Name: "and may go", Method: "DELETE", Path: "/OperationDefinition/{run}", WantStatus: 204},
			{Name: "it is as it was", Path: "/OperationDefinition/Resource-validate", WantStatus: 200, WantBody: Values{"meta.versionId": "1", "code": "validate"}},
		}},
	}
}
