package parts_test

import (
	"strings"
	"testing"

	"bima/fhir"
	"bima/fhir/subscription/parts"
)

const own = "https://bima.example/fhir/StructureDefinition/"

func TestCheck(t *testing.T) {
	for name, c := range map[string]struct {
		at, extensions string
		where, says    string // "" is taken
	}{
		"nothing is set":            {at: "Endpoint"},
		"another's is let be":       {at: "Endpoint", extensions: `{"url":"https://other.example/asnyc","valueBoolean":true}`},
		"settings of an OpenMRS":    {at: "Endpoint", extensions: `{"url":"` + own + `openmrs","extension":[{"url":"show","valueCode":"status"},{"url":"show","valueCode":"expiry"},{"url":"token-url","valueUrl":"https://a.example"}]}`},
		"settings of a DHIS2":       {at: "Endpoint", extensions: `{"url":"` + own + `dhis2","extension":[{"url":"data-set","extension":[{"url":"ours","valueCode":"HF"},{"url":"theirs","valueString":"X"}]},{"url":"async","valueBoolean":true}]}`},
		"a part is misspelt":        {"Endpoint", `{"url":"urn:x"},{"url":"` + own + `dhis2","extension":[{"url":"prefix","valueString":"A"},{"url":"asnyc","valueBoolean":true}]}`, "Endpoint.extension[1].extension[1]", `"asnyc" is no part of Endpoint.extension[1]; there are async, attribute-option-combo, complete, data-set, org-unit-map, org-unit-scheme, org-unit-system, prefix`},
		"a part within a part":      {"Endpoint", `{"url":"` + own + `dhis2","extension":[{"url":"data-set","extension":[{"url":"our","valueCode":"HF"}]}]}`, "Endpoint.extension[0].extension[0].extension[0]", "there are ours, theirs"},
		"a part lacks one":          {"Endpoint", `{"url":"` + own + `dhis2","extension":[{"url":"data-set","extension":[{"url":"ours","valueCode":"HF"}]}]}`, "Endpoint.extension[0].extension[0]", "theirs is missing"},
		"a value of another type":   {"Endpoint", `{"url":"` + own + `dhis2","extension":[{"url":"complete","valueCode":"true"}]}`, "Endpoint.extension[0].extension[0]", "complete is given as valueBoolean, not as valueCode"},
		"no value":                  {"Endpoint", `{"url":"` + own + `dhis2","extension":[{"url":"complete"}]}`, "Endpoint.extension[0].extension[0]", "valueBoolean, which is missing"},
		"an unknown code":           {"Endpoint", `{"url":"` + own + `dhis2","extension":[{"url":"org-unit-scheme","valueCode":"CODE"}]}`, "Endpoint.extension[0].extension[0].valueCode", "none of code, uid"},
		"twice":                     {"Endpoint", `{"url":"` + own + `openmrs","extension":[{"url":"scope","valueString":"a"},{"url":"scope","valueString":"b"}]}`, "Endpoint.extension[0].extension[1]", "1 times at most"},
		"five of four":              {"Endpoint", `{"url":"` + own + `openmrs","extension":[` + strings.Repeat(`{"url":"show","valueCode":"status"},`, 4) + `{"url":"show","valueCode":"status"}]}`, "Endpoint.extension[0].extension[4]", "4 times at most"},
		"one that is not there":     {"Endpoint", `{"url":"` + own + `openMRS"}`, "Endpoint.extension[0]", `"openMRS" is no setting of Endpoint; there are dhis2, openmrs`},
		"one of another element":    {"Subscription", `{"url":"` + own + `subscription-leaves","valueBoolean":true}`, "Subscription.extension[0]", "there are subscription-parked"},
		"a boolean as text":         {"Subscription.channel", `{"url":"` + own + `subscription-leaves","valueString":"true"}`, "Subscription.channel.extension[0]", "as valueBoolean, not as valueString"},
		"what a server has written": {at: "Subscription", extensions: `{"url":"` + own + `subscription-parked","valueInstant":"2026-01-01T00:00:00Z"}`},
	} {
		doc, err := fhir.Parse([]byte(`{"extension":[` + c.extensions + `]}`))
		if c.extensions == "" {
			doc, err = fhir.Parse([]byte(`{}`))
		}
		if err != nil {
			t.Fatal(name, err)
		}
		err = parts.Check(c.at, doc.Root())
		if c.where == "" {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if !fhir.HasIssue(err, fhir.IssueBusinessRule) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if issue := fhir.OutcomeOf(err).Issues[0]; issue.Expression != c.where || !strings.Contains(issue.Diagnostics, c.says) {
			t.Errorf("%s: %s: %s", name, issue.Expression, issue.Diagnostics)
		}
	}
}
