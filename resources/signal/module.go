// Package signal keeps the figures that claims are compared with, and shows what
// is unusual in a claim. It is the module of adjudication/signal: its daily work
// counts the claims, its operation Claim/[id]/$signals gives the report of one.
package signal

import (
	"time"

	"bima/adjudication/facts"
	"bima/adjudication/learned"
	"bima/fhir"
	"bima/profiles"
)

// Settings are what a scheme may choose. The zero value is a scheme in UTC.
type Settings struct {
	Zone *time.Location // decides every day; nil is UTC
	// Base is the absolute URL of [base], so that references by it are understood;
	// with "" only relative references and business identifiers are.
	Base string
}

// Module makes the module.
func (s Settings) Module() fhir.Module {
	if s.Zone == nil {
		s.Zone = time.UTC
	}
	f := facts.New(s.Base, s.Zone)
	k := &keeper{facts: f, zone: s.Zone}
	d := &desk{facts: f, models: &learned.Models{}}
	return fhir.Module{
		Name: "signal",
		Operations: []fhir.Operation{{
			Code: "signals", Types: []string{"Claim"}, Instance: true,
			Definition: profiles.Canonical + "/OperationDefinition/claim-signals",
			Handle:     d.signals,
		}},
		Daily: []fhir.Daily{{Name: "signal-figures", Work: k.daily}},
	}
}
