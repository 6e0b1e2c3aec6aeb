//go:build !race

package fhir_test

import (
	"testing"

	"bima/fhir"
)

// The race detector makes sync.Pool forget on purpose, so allocations are
// counted without it.

func TestParse_AllocatesNothingWhenReleased(t *testing.T) {
	text := []byte(`{"resourceType":"Claim","item":[{"sequence":1,"net":{"value":1.50,"currency":"TZS"}}]}`)
	allocations := testing.AllocsPerRun(100, func() {
		doc, err := fhir.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		doc.Release()
	})
	if allocations > 0 {
		t.Errorf("Parse and Release took %.0f allocations, want none", allocations)
	}
}
