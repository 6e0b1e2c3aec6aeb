// Package enrollmentrequest enrols a person under a plan as IHE FAIS asks for it:
// an EnrollmentRequest in, an EnrollmentResponse out. It has no rules of its own
// about persons and policies: who is new is enrolled by Group/$enrol, the policy is
// offered by Contract/$offer, and put in force by $activate where nothing is to be
// paid; what these refuse is the answer.
//
// Its door is Settings.Module.
package enrollmentrequest

import (
	"context"
	"time"

	"bima/fhir"
	"bima/profiles"
)

const (
	requestType  = "EnrollmentRequest"
	responseType = "EnrollmentResponse"
)

// Settings are what a scheme may choose. The zero value is a scheme in UTC.
type Settings struct {
	Zone *time.Location   // decides every day; nil is UTC
	Base string           // the absolute URL of [base], so that references by it are understood
	Now  func() time.Time // the scheme's clock; nil is the real one
}

// Module makes the module.
func (s Settings) Module() fhir.Module {
	if s.Zone == nil {
		s.Zone = time.UTC
	}
	if s.Now == nil {
		s.Now = time.Now
	}
	return fhir.Module{
		Name:  "enrollmentrequest",
		Rules: []fhir.Rule{{Types: []string{responseType}, Check: own}},
		Operations: []fhir.Operation{{
			Code: "submit", Types: []string{requestType}, Type: true, Affects: true,
			Definition: profiles.Canonical + "/OperationDefinition/enrollment-submit", Handle: s.submit,
		}},
	}
}

// today is the day of the scheme, "2026-01-31".
func (s Settings) today() string { return s.Now().In(s.Zone).Format(time.DateOnly) }

type ownKey struct{}

// own is the Rule on answers: the server writes them.
func own(ctx context.Context, _ fhir.Reader, c fhir.Change) error {
	who, _ := fhir.CallerOf(ctx)
	if ctx.Value(ownKey{}) != nil || who.Has(fhir.RoleAdministrator) {
		return nil
	}
	return fhir.Errorf(fhir.IssueForbidden, "", "%s may not write %s: the server writes it, in answer to %s/$submit", who.Name, c.Key, requestType)
}

// officer refuses callers who may not enrol.
func officer(ctx context.Context) error {
	who, _ := fhir.CallerOf(ctx)
	if who.Has(fhir.RoleEnrolmentOfficer) || who.Has(fhir.RoleIntegration) {
		return nil
	}
	return fhir.Errorf(fhir.IssueForbidden, "", "%s may not enrol persons; that is for the roles %s, %s and %s", who.Name, fhir.RoleEnrolmentOfficer, fhir.RoleIntegration, fhir.RoleAdministrator)
}
