package search

import (
	"maps"
	"slices"
	"strings"

	"bima/fhir"
	"bima/fhir/r4"
)

// Compartment gives the criterion of a compartment search, Patient/1/Claim: the
// resources of a type that a parameter of the compartment ties to the owner, and
// the owner itself. Where typ is "", as in Patient/1/*, it is that of all types
// in the compartment. It fails with an Outcome of IssueNotSupported when R4 has
// no compartment of the owner's type, or the type is in none of its members.
// Source: R4 compartmentdefinition.
func (r *Registry) Compartment(owner fhir.Key, typ string) (fhir.Criterion, error) {
	at := slices.IndexFunc(r4.Compartments(), func(c *r4.Compartment) bool { return c.Type == owner.Type })
	if at < 0 {
		return nil, fhir.Errorf(fhir.IssueNotSupported, "", "R4 has no compartment of type %.40s", owner.Type)
	}
	members := r4.Compartments()[at].Members
	if typ == "" {
		return wholeCompartment(owner, members), nil
	}
	codes, member := members[typ]
	if !member && typ != owner.Type {
		return nil, fhir.Errorf(fhir.IssueNotSupported, "", "%.40s is not in the compartment of a %s", typ, owner.Type)
	}
	tied := ties(owner, codes)
	if typ == owner.Type {
		tied = append(tied, fhir.IDs{owner.ID})
	}
	return tied, nil
}

// wholeCompartment gives the criterion of all types: those that the same
// parameters tie to the owner are asked together.
func wholeCompartment(owner fhir.Key, members map[string][]string) fhir.Criterion {
	whole := fhir.Any{fhir.Of{Types: []string{owner.Type}, Where: fhir.IDs{owner.ID}}}
	alike := make(map[string]int)
	for _, typ := range slices.Sorted(maps.Keys(members)) {
		tied := ties(owner, members[typ])
		if len(tied) == 0 {
			continue
		}
		by := strings.Join(members[typ], " ")
		if at, again := alike[by]; again {
			group := whole[at].(fhir.Of)
			group.Types = append(group.Types, typ)
			whole[at] = group
			continue
		}
		alike[by] = len(whole)
		whole = append(whole, fhir.Of{Types: []string{typ}, Where: tied})
	}
	return whole
}

// ties gives that one of the parameters refers to the owner.
func ties(owner fhir.Key, codes []string) fhir.Any {
	var tied fhir.Any
	for _, code := range codes {
		if code != "{def}" {
			param := fhir.Param{Code: code, Kind: fhir.ParamReference}
			tied = append(tied, fhir.Match{Param: param, Value: fhir.ReferenceValue{Key: owner}})
		}
	}
	return tied
}
