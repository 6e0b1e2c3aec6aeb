package check_test

import (
	"testing"

	"bima/fhir/path/check"
	"bima/fhir/path/syntax"
	"bima/fhir/r4"
)

func TestTreeKnowsNothingOfUnknownTypes(t *testing.T) {
	e, err := syntax.Parse("anything.at.all")
	if err != nil {
		t.Fatal(err)
	}
	if err := check.Tree(e, nil); err != nil {
		t.Error(err)
	}
	if err := check.Tree(e, r4.Lookup("Resource")); err != nil {
		t.Error(err)
	}
	if err := check.Tree(e, r4.Lookup("Claim")); err == nil {
		t.Error("Claim.anything passed")
	}
}
