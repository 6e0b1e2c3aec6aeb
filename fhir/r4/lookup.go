package r4

import (
	"maps"
	"slices"
	"sync"

	facts "bima/profiles/r4"
)

// The tables are read when they are first asked for.
var (
	types        = sync.OnceValue(func() map[string]*Type { return loadTypes(facts.Types) })
	resources    = sync.OnceValue(listResources)
	searchParams = sync.OnceValue(func() []*SearchParam { return loadSearchParams(facts.Search) })
	compartments = sync.OnceValue(func() []*Compartment { return loadCompartments(facts.Compartments) })
	valueSets    = sync.OnceValue(func() map[string]*valueSet { return loadValueSets(facts.ValueSets) })
)

// Lookup finds a type by name: "Claim", "CodeableConcept", "dateTime" or, for an
// element defined inside another type, its path "Claim.item". It gives nil for a
// name R4 does not know.
func Lookup(name string) *Type { return types()[name] }

// Resources gives the names of the concrete resource types, sorted. The slice is
// the caller's.
func Resources() []string { return slices.Clone(resources()) }

// IsResource reports whether the name is that of a concrete resource type.
func IsResource(name string) bool {
	t := types()[name]
	return t != nil && t.Kind == KindResource && !t.Abstract
}

// SearchParams gives all search parameters of R4, one for each base and code,
// sorted by both. Nobody writes to the slice.
func SearchParams() []*SearchParam { return searchParams() }

// Compartments gives the compartments of R4: Device, Encounter, Patient,
// Practitioner and RelatedPerson. Nobody writes to the slice.
func Compartments() []*Compartment { return compartments() }

func listResources() []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(types())) {
		if IsResource(name) {
			names = append(names, name)
		}
	}
	return names
}
