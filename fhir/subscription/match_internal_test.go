package subscription

import (
	"context"
	"testing"

	"bima/fhir"
)

// A commit that nobody subscribes to asks the database for nothing (there is no
// transaction to ask) and makes no garbage.
func TestNobodySubscribedCostsNothing(t *testing.T) {
	h := New(Options{})
	changes := []fhir.Change{{Key: fhir.Key{Type: "Claim", ID: "a"}, After: &fhir.Resource{}}, {Key: fhir.Key{Type: "Patient", ID: "b"}, Before: &fhir.Resource{}}}
	keys := []fhir.Key{changes[0].Key, changes[1].Key}
	made := testing.AllocsPerRun(100, func() {
		if err := h.react(context.Background(), nil, changes); err != nil {
			t.Fatal(err)
		}
		h.committed(context.Background(), keys)
	})
	if made != 0 {
		t.Errorf("%v allocations", made)
	}
	if len(h.wake) != 0 {
		t.Error("those who deliver were woken")
	}
}
