package claim

import (
	"context"
	"strings"
	"time"

	"bima/adjudication/facts"
	"bima/fhir"
	"bima/profiles"
)

// Settings are what a scheme may choose. The zero value is a scheme in UTC.
type Settings struct {
	Zone *time.Location // decides every day; nil is UTC
	// Base is the absolute URL of [base], so that references by it are understood;
	// with "" only relative references and business identifiers are.
	Base string
	// ReviewDays is how long a review may take under products that don't say; 0 is 14.
	ReviewDays int
}

// Module makes the module of claims with the default Settings; base is theirs.
func Module(base string) fhir.Module { return Settings{Base: base}.Module() }

// Module makes the module of claims.
func (s Settings) Module() fhir.Module {
	d := &decider{facts: facts.New(s.Base), zone: s.Zone, reviewDays: s.ReviewDays}
	front := &desk{base: strings.TrimSuffix(s.Base, "/")}
	return fhir.Module{
		Name: "claim",
		Reactions: []fhir.Reaction{
			{Name: "stamp tariffs", Types: []string{"ChargeItemDefinition"}, React: stamp},
			{Name: "decide claims", Types: []string{"Claim"}, React: d.react},
			{Name: "decide claims anew", Types: []string{"Coverage", "Contract", "Invoice"}, React: d.covered},
			{Name: "decide reviewed claims", Types: []string{"Task"}, React: d.reviewed},
		},
		Operations: []fhir.Operation{{
			Code: "submit", Types: []string{"Claim"}, Type: true, Affects: true,
			Definition: profiles.Canonical + "/OperationDefinition/claim-submit",
			Handle:     front.submit,
		}},
		Workers: []fhir.Worker{{Kind: jobDecide, Work: d.retry}, {Kind: jobRedecide, Work: d.goOn}},
		Daily:   []fhir.Daily{{Name: "claim-waiting", Work: d.daily}, {Name: "preauthorization-expiry", Work: d.expire}},
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
