//go:build !race

package path_test

import (
	"testing"

	"bima/fhir/path"
	"bima/fhir/r4"
)

// TestPlainPathsAllocateNothing holds with Append into a collection that has room.
func TestPlainPathsAllocateNothing(t *testing.T) {
	root := parse(t, claimFile)
	claim := r4.Lookup("Claim")
	for _, text := range []string{
		"Claim.item.adjudication.value",
		"Claim.patient",
		"Claim.item.encounter | Claim.patient",
		"Claim.item.where(sequence = 1).net.value",
		"Claim.identifier.where(use = 'official')",
		"Claim.patient.where(resolve() is Patient)",
		"Claim.diagnosis.diagnosis as CodeableConcept",
		"Claim.diagnosis.diagnosis.ofType(CodeableConcept)",
		"Claim.diagnosis.exists()",
	} {
		e := path.MustCompile(text)
		dst := make(path.Collection, 0, 64)
		run := func() {
			if _, err := e.Append(dst[:0], root, claim, nil); err != nil {
				t.Fatal(err)
			}
		}
		run()
		if got := testing.AllocsPerRun(100, run); got > 0 {
			t.Errorf("%s: got %.0f allocations, want none", text, got)
		}
	}
}
