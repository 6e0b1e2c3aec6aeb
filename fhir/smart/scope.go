package smart

import (
	"strings"

	"bima/fhir"
	"bima/fhir/r4"
)

// Scopes are the kinds of scopes that tokens of ours have. Each type may stand
// where the star does.
func Scopes() []string {
	return []string{
		"system/*.cruds", "system/*.rs", "system/*.c", "system/*.r", "system/*.u", "system/*.d", "system/*.s",
		"system/*.read", "system/*.write", "system/*.*", "user/*.cruds", "user/*.rs", "user/*.read", "user/*.write", "user/*.*",
	}
}

// scopeAll and scopeRead tell what the roles of an account come to.
const (
	scopeAll  = "system/*.cruds"
	scopeRead = "system/*.rs"
)

// granted gives what a client that asks for scopes is granted; nil where it asks
// for none and so gets all that its roles allow. It fails with an Outcome of
// IssueForbidden where nothing of it can be granted, or not as it is meant.
func granted(scopes string, roles []fhir.Role) (*fhir.Grant, error) {
	grant, err := fhir.ParseGrant(scopes)
	if err != nil || strings.TrimSpace(scopes) == "" {
		return nil, err
	}
	if grant == nil {
		return nil, fhir.Errorf(fhir.IssueForbidden, "", "none of the scopes is one of this server, such as system/Claim.rs or system/*.cruds; ask for no scope to get what the roles allow")
	}
	if err := typesKnown(grant); err != nil {
		return nil, err
	}
	if readsOnly(roles) {
		grant = grant.Without(fhir.AccessCreate | fhir.AccessUpdate | fhir.AccessDelete)
	}
	if grant == nil {
		return nil, fhir.Errorf(fhir.IssueForbidden, "", "the roles of the account allow nothing of these scopes: it reads only")
	}
	return grant, nil
}

// typesKnown refuses scopes on types that R4 does not have.
func typesKnown(grant *fhir.Grant) error {
	for _, typ := range grant.Types() {
		if !r4.IsResource(typ) {
			return fhir.Errorf(fhir.IssueForbidden, "", "%.40q, of which a scope is, is no resource type of FHIR R4", typ)
		}
	}
	return nil
}

// scopeOf says in SMART's words what the roles of an account come to: whoever has
// none but the auditor's reads only. What exactly is allowed is decided by the
// roles at each request.
func scopeOf(roles []fhir.Role) string {
	if readsOnly(roles) {
		return scopeRead
	}
	return scopeAll
}

func readsOnly(roles []fhir.Role) bool {
	for _, r := range roles {
		if r != fhir.RoleAuditor {
			return false
		}
	}
	return len(roles) > 0
}
