package stu3

import "net/http"

// getMetadata is GET metadata: clients that ask before they speak are told that this
// is STU3.
func getMetadata(c *call) (*reply, error) {
	type interaction struct {
		Code string `json:"code"`
	}
	type resource struct {
		Type        string        `json:"type"`
		Interaction []interaction `json:"interaction"`
	}
	read, list, create := interaction{"read"}, interaction{"search-type"}, interaction{"create"}
	return &reply{status: http.StatusOK, body: struct {
		ResourceType  string           `json:"resourceType"`
		Status        string           `json:"status"`
		Date          string           `json:"date"`
		Kind          string           `json:"kind"`
		FHIRVersion   string           `json:"fhirVersion"`
		AcceptUnknown string           `json:"acceptUnknown"`
		Format        []string         `json:"format"`
		Rest          []map[string]any `json:"rest"`
	}{
		"CapabilityStatement", "active", published, "instance", "3.0.1", "both", []string{mediaType}, []map[string]any{{
			"mode": "server",
			"resource": []resource{
				{"Claim", []interaction{read, list, create}},
				{"ClaimResponse", []interaction{read, list}},
				{"EligibilityRequest", []interaction{create}},
				{"Patient", []interaction{read, list}},
				{"Practitioner", []interaction{read, list}},
				{"Location", []interaction{read, list}},
			},
		}},
	}}, nil
}

// published is when the façade was last changed in what it takes or gives.
const published = "2026-11-22"
