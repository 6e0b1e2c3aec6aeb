package search

import (
	"slices"

	"bima/fhir"
	"bima/fhir/r4"
)

// Compartment gives the criterion of a compartment search, Patient/1/Claim: the
// resources of a type that a parameter of the compartment ties to the owner, and
// the owner itself. It fails with an Outcome of IssueNotSupported when R4 has no
// compartment of the owner's type, or the type is in none of its members.
// Source: R4 compartmentdefinition.
func (r *Registry) Compartment(owner fhir.Key, typ string) (fhir.Criterion, error) {
	at := slices.IndexFunc(r4.Compartments(), func(c *r4.Compartment) bool { return c.Type == owner.Type })
	if at < 0 {
		return nil, fhir.Errorf(fhir.IssueNotSupported, "", "R4 has no compartment of type %.40s", owner.Type)
	}
	codes, member := r4.Compartments()[at].Members[typ]
	if !member && typ != owner.Type {
		return nil, fhir.Errorf(fhir.IssueNotSupported, "", "%.40s is not in the compartment of a %s", typ, owner.Type)
	}
	var any fhir.Any
	for _, code := range codes {
		if code != "{def}" {
			param := fhir.Param{Code: code, Kind: fhir.ParamReference}
			any = append(any, fhir.Match{Param: param, Value: fhir.ReferenceValue{Key: owner}})
		}
	}
	if typ == owner.Type {
		any = append(any, fhir.IDs{owner.ID})
	}
	return any, nil
}
