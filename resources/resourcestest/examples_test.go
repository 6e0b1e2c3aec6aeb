package resourcestest_test

import (
	"os"
	"path/filepath"
	"testing"

	"bima/cmd/bima/house"
	"bima/fhir"
	"bima/fhir/interaction"
	"bima/resources/resourcestest"
)

// The rules of the scheme bind the scheme's own resources: what others keep on
// the same server, such as HL7's examples, is stored as it came.
func TestExamplesOfOthersAreNotRefused(t *testing.T) {
	w := resourcestest.New(t, house.Modules(resourcestest.Base)...)
	files, err := filepath.Glob("../../testdata/examples/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := fhir.Parse(body)
		if err != nil {
			t.Fatal(err)
		}
		k := fhir.Key{Type: doc.Root().Get("resourceType").Text(), ID: doc.Root().Get("id").Text()}
		result, err := w.Engine.Update(w.Context(), k, interaction.Write{Body: body})
		if err != nil {
			if fhir.HasIssue(err, fhir.IssueBusinessRule) || fhir.HasIssue(err, fhir.IssueException) {
				t.Errorf("%s: %v", filepath.Base(file), err)
			}
			continue
		}
		if result.Resource.Version != 1 {
			t.Errorf("%s was changed: it has version %d", filepath.Base(file), result.Resource.Version)
		}
	}
}
