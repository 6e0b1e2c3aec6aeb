package house

import (
	"time"

	"bima/fhir"
	"bima/fhir/r4"
	"bima/fhir/search"
	"bima/profiles"
)

// Search gives the search parameters of R4 and those among definitions. base and
// zone are as in search.New.
func Search(base string, zone *time.Location, definitions []profiles.Definition) (*search.Registry, error) {
	registry, err := search.New(base, zone)
	if err != nil {
		return nil, err
	}
	var own []*r4.SearchParam
	for _, d := range definitions {
		if d.Type != "SearchParameter" {
			continue
		}
		doc, err := fhir.Parse(d.Body)
		if err != nil {
			return nil, err
		}
		params, err := search.Define(doc.Root())
		if err != nil {
			return nil, err
		}
		own = append(own, params...)
	}
	return registry.With(own...)
}
