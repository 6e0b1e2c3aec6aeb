package interaction

import (
	"context"

	"bima/fhir"
)

// callerOf gives who asks. Nobody does anything unnamed: without a caller in the
// context it fails with an Outcome of IssueLogin.
func callerOf(ctx context.Context) (fhir.Caller, error) {
	caller, ok := fhir.CallerOf(ctx)
	if !ok {
		return caller, fhir.Errorf(fhir.IssueLogin, "", "this server wants to know who asks; send credentials")
	}
	return caller, nil
}

// allow is where a caller's right to make a change is asked, with the version
// before and after it at hand: by role today; scopes and compartments belong
// here as well. An auditor reads and never writes, and who has no role at all
// has no business here. It refuses with an Outcome of IssueForbidden.
func allow(caller fhir.Caller, c fhir.Change) error {
	for _, role := range caller.Roles {
		if role != fhir.RoleAuditor {
			return nil
		}
	}
	return fhir.Errorf(fhir.IssueForbidden, "", "%s has no role that may change %s", caller.Name, c.Type)
}
