package resttest

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// testTruth holds the CapabilityStatement against the server: what it names is
// there. What the server can do beyond it is in the stories.
func testTruth(t *testing.T, base string) {
	l := newTeller(base)
	response, body := l.send(t, Scenario{Path: "/metadata", WantStatus: http.StatusOK})
	var statement struct {
		Format, PatchFormat []string
		Rest                []struct {
			Operation []named
			Resource  []struct {
				Type        string
				Operation   []named
				SearchParam []named
			}
		}
	}
	if err := json.Unmarshal(body, &statement); err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("got %d, %v", response.StatusCode, err)
	}
	for _, format := range statement.Format {
		t.Run("it answers "+format, func(t *testing.T) {
			l.step(t, Scenario{Name: "by _format", Path: "/Patient?_count=0&_format=" + url.QueryEscape(format), Header: Values{"Accept": "image/png"}, WantStatus: 200})
		})
	}
	for _, format := range statement.PatchFormat {
		t.Run("it reads "+format, func(t *testing.T) {
			answer, text := l.send(t, Scenario{Method: "PATCH", Path: "/Patient/{run}", Header: Values{"Content-Type": format}, Body: "nonsense"})
			if answer.StatusCode == http.StatusUnsupportedMediaType || answer.StatusCode >= 500 {
				t.Errorf("got %d %s", answer.StatusCode, shortened(text))
			}
		})
	}
	operations := statement.Rest[0].Operation
	for _, r := range statement.Rest[0].Resource {
		operations = append(operations, r.Operation...)
	}
	testOperations(t, l, operations)
	terminology := Scenario{Name: "the terminology", Path: "/metadata?mode=terminology", WantStatus: 400, WantBody: Values{"resourceType": "OperationOutcome"}}
	if slices.ContainsFunc(operations, func(o named) bool { return o.Name == "expand" }) {
		terminology.WantStatus = 200
		terminology.WantBody = Values{"resourceType": "TerminologyCapabilities", "expansion.paging": "true", "codeSystem[*].uri": "*http://hl7.org/fhir/administrative-gender*"}
	}
	l.step(t, terminology)
	for _, r := range statement.Rest[0].Resource {
		if !slices.Contains([]string{"Claim", "Coverage", "Location", "Observation", "Patient"}, r.Type) {
			continue
		}
		for _, p := range r.SearchParam {
			if strings.HasPrefix(p.Name, "_") || p.Name == "near" {
				continue // their values have forms of their own; the stories have them
			}
			l.step(t, Scenario{Name: "search by " + p.Name, Path: "/" + r.Type + "?_count=0&" + p.Name + ":missing=true", WantStatus: 200})
		}
	}
}

// A named is something the statement names, with its definition.
type named struct{ Name, Definition string }

// testOperations looks whether each operation has a definition here, and is there
// to be called.
func testOperations(t *testing.T, l *teller, operations []named) {
	seen := map[string]bool{}
	for _, o := range operations {
		if seen[o.Definition] {
			continue
		}
		seen[o.Definition] = true
		t.Run("it defines $"+o.Name, func(t *testing.T) {
			l.step(t, Scenario{
				Name: o.Definition, Path: "/OperationDefinition?url=" + url.QueryEscape(o.Definition), WantStatus: 200,
				WantBody: Values{"entry#": "1", "entry[0].resource.code": o.Name},
			})
		})
	}
	if len(seen) < 2 {
		t.Errorf("the statement names %d operations", len(seen))
	}
}
