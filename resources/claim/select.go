package claim

import (
	"bima/adjudication"
	"bima/fhir"
)

// selected says what a claim waits for that a person is to see before its decision
// counts; "" lets the decision stand.
func (d *decider) selected(_ fhir.Tx, _ *pending, _ *adjudication.Decision) (string, error) {
	return "", nil
}
