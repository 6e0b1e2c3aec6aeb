package measure

import (
	"bima/fhir"
	"bima/profiles/indicator"
)

// setClaims is the data set of facilities.
const setClaims = "HF_CLAIM"

// A unit is a place with one of the data sets that are counted of it.
type unit struct {
	set   string // the code of the data set
	place fhir.Key
}

// count counts a unit for some months.
func (s *scheme) count(r fhir.Reader, u unit, months []month) (book, error) {
	b := newBook(months)
	if len(months) == 0 {
		return b, nil
	}
	var err error
	switch u.set {
	case "HF_ENROL":
		err = s.membership(r, u.place, b)
	case "HF_FIN":
		err = s.contributions(r, u.place, b)
	case setClaims:
		err = s.facility(r, u.place, b)
	}
	return b, err
}

// units gives all units of a data set.
func (s *scheme) units(r fhir.Reader, d indicator.DataSet) ([]unit, error) {
	var list []unit
	if d.Unit == indicator.Facility {
		keys, err := facilities(r)
		for _, k := range keys {
			list = append(list, unit{d.Code, k})
		}
		return list, err
	}
	of := s.ward
	if d.Unit == indicator.District {
		of = s.district
	}
	seen := map[fhir.Key]bool{}
	for k := range s.tree.places {
		if u := of(k); !seen[u] {
			seen[u] = true
			list = append(list, unit{d.Code, u})
		}
	}
	return list, nil
}
