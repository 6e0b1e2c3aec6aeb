//go:build !race

package profile_test

import "testing"

// The race detector makes sync.Pool forget on purpose, so allocations are
// counted without it.

func TestCheckingWhatIsValidCostsFewAllocations(t *testing.T) {
	set := newSet(t, definition("p", "Patient", `{"path":"Patient.birthDate","min":1}`, sliced("Patient.telecom", "value", "system", "closed", ""), phoneSlice, mailSlice))
	n := parse(t, []byte(`{"resourceType":"Patient","birthDate":"1990","telecom":[{"system":"phone","value":"1"},{"system":"email"}]}`))
	set.Check(n, base+"p")
	if got := testing.AllocsPerRun(100, func() { set.Check(n, base+"p") }); got > 0 {
		t.Errorf("%v allocations, want none", got)
	}
}
