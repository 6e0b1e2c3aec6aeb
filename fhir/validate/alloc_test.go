//go:build !race

package validate_test

import (
	"testing"

	"bima/fhir"
	"bima/fhir/validate"
)

// A valid resource costs no memory beyond its tree: what is counted here is one
// walk over each financial example. FHIRPath may allocate where it compares.
func TestNode_AllocatesNothingForAValidResource(t *testing.T) {
	texts, _ := financialExamples(t)
	for _, text := range texts {
		doc, err := fhir.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		root := doc.Root()
		for _, o := range []validate.Options{{}, {SkipInvariants: true}} {
			allocs := testing.AllocsPerRun(20, func() {
				if issues := validate.Node(root, nil, o); len(issues) > 0 {
					t.Error(issues)
				}
			})
			if allocs > 0 {
				t.Errorf("%s, invariants skipped %t: %v allocations", root.Get("resourceType").Text(), o.SkipInvariants, allocs)
			}
		}
	}
}
