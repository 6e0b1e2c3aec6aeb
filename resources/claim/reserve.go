package claim

import (
	"bima/adjudication"
	"bima/fhir"
)

// uses gives what the ledger notes of a decision.
func (d *decider) uses(_ fhir.Tx, _ *pending, decision *adjudication.Decision) ([]fhir.Entry, error) {
	return decision.Entries, nil
}

// restore gives back what a claim that is withdrawn had consumed of a reservation.
func (d *decider) restore(_ fhir.Tx, _ fhir.Change) error { return nil }
