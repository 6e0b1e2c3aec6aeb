package terminology

import (
	"slices"
	"strings"

	"bima/fhir/conformance"
)

// Capabilities tells what the Service can do, for the TerminologyCapabilities of
// the server. It reads the definitions that are built in.
func (s *Service) Capabilities() *conformance.Terminology {
	t := &conformance.Terminology{
		Hierarchical: true, Paging: true, Parameters: expandTakes,
		TextFilter:   "Each word of the filter begins a word of the code or of one of its names, in any case and with any accents.",
		ValidateCode: true, Translate: true,
	}
	for at, list := range s.builtIn() {
		if at.typ == "CodeSystem" {
			t.CodeSystems = append(t.CodeSystems, conformance.CodeSystem{URL: at.url, Version: list[0].version, Subsume: true})
		}
	}
	slices.SortFunc(t.CodeSystems, func(a, b conformance.CodeSystem) int { return strings.Compare(a.URL, b.URL) })
	return t
}
