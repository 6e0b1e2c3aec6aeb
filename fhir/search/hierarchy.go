package search

import (
	"slices"

	"bima/fhir"
)

// levelsMax is how many steps up or down a hierarchy :above and :below go: enough
// for a ward of a hospital in a district of a nation.
const levelsMax = 6

// hierarchical reads :above and :below on a reference to a type whose resources
// are parts of each other: "location:below=Location/1" is at the place or at any
// within it. Source: R4 search#recursive.
func (c clause) hierarchical(value string) (fhir.Criterion, error) {
	down := c
	down.modifier = ""
	read, err := referenceCriterion(down, value)
	if err != nil {
		return nil, err
	}
	match, ok := read.(fhir.Match)
	ref, _ := match.Value.(fhir.ReferenceValue)
	if !ok || ref.Key.ID == "" {
		return nil, c.unsupported(":%s goes by references to resources of this server, not %.80q", c.modifier, value)
	}
	typ := ref.Key.Type
	if typ == "" {
		return nil, c.invalid("%.80q names no type; write it as Type/id", value)
	}
	part := c.query.registry.partOf(typ)
	if part == nil {
		return nil, c.unsupported("a %s is no part of another, so it has none :%s", typ, c.modifier)
	}
	up := fhir.Param{Code: part.Code, Kind: fhir.ParamReference}
	any := fhir.Any{match}
	var where fhir.Criterion = fhir.IDs{ref.Key.ID}
	if c.modifier == "below" {
		where = fhir.Match{Param: up, Value: ref}
	}
	for range levelsMax {
		if c.modifier == "above" {
			where = fhir.Has{Type: typ, Param: up, Where: where}
			any = append(any, fhir.Chain{Param: match.Param, Type: typ, Where: where})
			continue
		}
		any = append(any, fhir.Chain{Param: match.Param, Type: typ, Where: where})
		where = fhir.Chain{Param: up, Type: typ, Where: where}
	}
	return any, nil
}

// partOf gives the parameter by which resources of a type are parts of others of
// the type, or nil.
func (r *Registry) partOf(typ string) *param {
	for _, code := range []string{"partof", "part-of"} {
		if p := r.params[typ][code]; p != nil && p.kind == fhir.ParamReference && slices.Contains(p.Targets, typ) {
			return p
		}
	}
	return nil
}
