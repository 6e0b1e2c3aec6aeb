package simulation

import (
	"context"
	"strings"
	"time"

	"bima/fhir"
	"bima/profiles"
)

// Settings are what a scheme may choose. The zero value is a scheme in UTC.
type Settings struct {
	Zone *time.Location // decides every day; nil is UTC
	// Base is the absolute URL of [base], so that references by it are understood.
	Base string
	Now  func() time.Time // the clock of the scheme; nil is the machine's
}

func (s Settings) now() time.Time {
	if s.Now == nil {
		return time.Now()
	}
	return s.Now()
}

func (s Settings) zone() *time.Location {
	if s.Zone == nil {
		return time.UTC
	}
	return s.Zone
}

// Module gives InsurancePlan/$simulate.
func (s Settings) Module() fhir.Module {
	s.Base = strings.TrimSuffix(s.Base, "/")
	return fhir.Module{Name: "simulation", Operations: []fhir.Operation{{
		Code: "simulate", Types: []string{"InsurancePlan"}, Type: true, Instance: true,
		Definition: profiles.Canonical + "/OperationDefinition/InsurancePlan-simulate",
		Handle:     s.simulate, Whole: []string{"Claim"},
	}}}
}

// simulate is InsurancePlan/$simulate and InsurancePlan/[id]/$simulate.
func (s Settings) simulate(ctx context.Context, server fhir.Server, on fhir.Key, in *fhir.Resource) (*fhir.Response, error) {
	caller, _ := fhir.CallerOf(ctx)
	if !caller.Has(fhir.RoleAccountant) && !caller.Has(fhir.RoleAuditor) {
		return nil, fhir.Errorf(fhir.IssueForbidden, "", "a simulation looks at the claims of all facilities; ask an accountant, an auditor or an administrator of the scheme for it")
	}
	var answer *fhir.Response
	err := server.View(ctx, func(r fhir.Reader) error {
		q, a, err := s.read(r, on, in)
		if err != nil {
			return err
		}
		result, err := q.Run(ctx, r, a.sink())
		if err != nil {
			return err
		}
		answer, err = a.answer(q, result, s.now())
		return err
	})
	return answer, err
}
