package payment

import (
	"bima/fhir"
	"bima/profiles"
)

// bounce does to a policy what its plan says of payments that are taken back: it
// is suspended at once, and the claims that were decided as if it were paid are
// decided anew (package claim); or it stays in force in arrears, as after any day
// to pay that was missed.
func (a *account) bounce(k fhir.Key, contract fhir.Node) error {
	if state := policyState(contract); state != "active" && state != "ready" {
		return nil
	}
	if joins(a.node) {
		return nil // those who joined are suspended, and nobody else (package coverage)
	}
	for term := range contract.Get("term").Each() {
		plan, err := fhir.Tree(a.tx, target(term.At("offer", "topic")))
		if err != nil {
			return err
		}
		if plan.Extension(profiles.ExtensionReversalRule).Get("valueCode").Text() == "arrears" {
			return nil
		}
	}
	return suspend(a.tx, k, contract)
}
