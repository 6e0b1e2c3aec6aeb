package claim

import (
	"context"
	"strings"

	"bima/adjudication/facts"
	"bima/fhir"
	"bima/profiles"
)

// Module makes the module of claims. base is the absolute URL of [base], so that
// references by it are understood; with "" only relative references and business
// identifiers are.
func Module(base string) fhir.Module {
	d := &decider{facts: facts.New(base)}
	front := &desk{base: strings.TrimSuffix(base, "/")}
	return fhir.Module{
		Name: "claim",
		Reactions: []fhir.Reaction{
			{Name: "stamp tariffs", Types: []string{"ChargeItemDefinition"}, React: stamp},
			{Name: "decide claims", Types: []string{"Claim"}, React: d.react},
		},
		Operations: []fhir.Operation{{
			Code: "submit", Types: []string{"Claim"}, Type: true, Affects: true,
			Definition: profiles.Canonical + "/OperationDefinition/claim-submit",
			Handle:     front.submit,
		}},
		Workers: []fhir.Worker{{Kind: jobDecide, Work: d.retry}},
	}
}

// stamp notes changes of tariffs, so that the compiled ones are known to be old.
func stamp(_ context.Context, tx fhir.Tx, changes []fhir.Change) error {
	for _, c := range changes {
		if err := facts.Stamp(tx, c); err != nil {
			return err
		}
	}
	return nil
}
