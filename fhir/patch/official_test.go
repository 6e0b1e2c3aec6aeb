package patch_test

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bima/fhir"
	"bima/fhir/patch"
)

// An officialCase is one case of HL7's FHIRPath Patch suite, in JSON.
type officialCase struct {
	Name   string          `json:"name"`
	Input  json.RawMessage `json:"input"`
	Diff   json.RawMessage `json:"diff"`
	Output json.RawMessage `json:"output"`
	Error  string          `json:"error"`
}

func officialCases(t testing.TB) []officialCase {
	t.Helper()
	text, err := os.ReadFile("testdata/fhirpath-patch-tests.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []officialCase
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	return cases
}

func TestFHIRPath_PassesTheOfficialCases(t *testing.T) {
	for _, c := range officialCases(t) {
		t.Run(c.Name, func(t *testing.T) {
			got, err := applyFHIRPath(t, string(c.Diff), string(c.Input))
			if c.Error != "" {
				if !fhir.HasIssue(err, fhir.IssueProcessing) {
					t.Fatalf("got %s and the error %v, want one of processing", got, err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tree(t, string(c.Output)), tree(t, got)); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
		})
	}
}

func applyFHIRPath(t testing.TB, diff, input string) (string, error) {
	t.Helper()
	doc, err := fhir.Parse([]byte(diff))
	if err != nil {
		t.Fatal(err)
	}
	p, err := patch.FHIRPath(doc.Root(), limits)
	if err != nil {
		return "", err
	}
	out, err := p([]byte(input))
	return string(out), err
}

var limits = patch.Limits{Operations: 100, CopyBytes: 1 << 20}

func tree(t testing.TB, text string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return v
}
