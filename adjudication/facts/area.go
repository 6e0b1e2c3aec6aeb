package facts

import (
	"slices"

	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
)

// sitesMax bounds the sites of a facility that are looked at, levelsMax the places
// above one another.
const (
	sitesMax  = 10
	levelsMax = 10
)

// Areas gives the places that a facility is in, from the nearest to the widest:
// where its site is, or else what it serves. There are none where neither is known.
func Areas(r fhir.Reader, facility fhir.Key) ([]fhir.Key, error) {
	if facility.IsZero() {
		return nil, nil
	}
	place, err := placeOf(r, facility)
	var areas []fhir.Key
	for err == nil && place.Type == "Location" && len(areas) < levelsMax && !slices.Contains(areas, place) {
		areas = append(areas, place)
		var n fhir.Node
		if n, err = fhir.Tree(r, place); err == nil {
			place = r4.Target(n.Get("partOf"))
		}
	}
	return areas, err
}

// placeOf gives the place of a facility's site, or else the first it serves.
func placeOf(r fhir.Reader, facility fhir.Key) (fhir.Key, error) {
	page, err := r.Search(&fhir.Query{Types: []string{"Location"}, Limit: sitesMax, Where: fhir.Match{
		Param: fhir.Param{Code: "organization", Kind: fhir.ParamReference}, Value: fhir.ReferenceValue{Key: facility},
	}})
	if err != nil {
		return fhir.Key{}, err
	}
	for _, resource := range page.Resources {
		n, err := parse(resource)
		if err != nil {
			return fhir.Key{}, err
		}
		if place := r4.Target(n.Get("partOf")); place.Type == "Location" {
			return place, nil
		}
	}
	n, err := fhir.Tree(r, facility)
	return r4.Target(n.Extension(profiles.ExtensionCatchment).Extension("place").Get("valueReference")), err
}
