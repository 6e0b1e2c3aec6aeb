package enrolment

import (
	"fmt"
	"strings"

	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
)

const (
	// namesakesMax bounds how many places of one name are looked at.
	namesakesMax = 200
	// levelsMax is how many levels a tree of places has at most.
	levelsMax = 8
)

// A home is where a person lives: a village with the names of what it is part of.
type home struct {
	village                        fhir.Key
	name, ward, district, region   string
	problem, problemColumn, wayOut string
}

// homes finds villages by the cells of rows, each once.
type homes struct {
	reader  fhir.Reader
	village string // the code of the lowest level
	known   map[string]home
}

// of gives the home of a row; one without a village has none.
func (h *homes) of(row Row) (home, error) {
	name := row.get(columnVillage)
	if name == "" {
		return home{}, nil
	}
	above := []string{row.get(columnWard), row.get(columnDistrict), row.get(columnRegion)}
	key := strings.Join(append(above, name), "\x00")
	if found, ok := h.known[key]; ok {
		return found, nil
	}
	found, err := h.find(name, above)
	if err != nil {
		return home{}, err
	}
	h.known[key] = found
	return found, nil
}

// find looks a village up by its code, or by its name and what it is in.
func (h *homes) find(name string, above []string) (home, error) {
	coded, err := h.reader.Search(&fhir.Query{Types: []string{"Location"}, Limit: 1, Where: fhir.Match{
		Param: fhir.Param{Code: "identifier", Kind: fhir.ParamToken}, Value: fhir.TokenValue{System: profiles.IdentifierLocation, Code: name},
	}})
	if err != nil {
		return home{}, err
	}
	if len(coded.Resources) > 0 {
		return h.describe(coded.Resources[0].Key, above)
	}
	page, err := h.reader.Search(&fhir.Query{Types: []string{"Location"}, Limit: namesakesMax, Where: fhir.All{
		fhir.Match{Param: fhir.Param{Code: "name", Kind: fhir.ParamString}, Value: fhir.StringValue{Text: name, Mode: fhir.StringExact}},
		fhir.Match{Param: fhir.Param{Code: "type", Kind: fhir.ParamToken}, Value: fhir.TokenValue{System: profiles.SystemOpenIMISLocation, Code: h.village}},
	}})
	if err != nil {
		return home{}, err
	}
	var fitting []home
	for _, found := range page.Resources {
		one, err := h.describe(found.Key, above)
		if err != nil {
			return home{}, err
		}
		if one.problem == "" {
			fitting = append(fitting, one)
		}
	}
	switch {
	case len(fitting) == 1:
		return fitting[0], nil
	case len(fitting) > 1:
		return home{problemColumn: columnVillage, problem: fmt.Sprintf("there are %d villages %q there", len(fitting), name), wayOut: "write the code of the village instead of its name, or name its ward and district"}, nil
	case len(page.Resources) > 0:
		return home{problemColumn: columnVillage, problem: fmt.Sprintf("there is a village %q, but not in that ward, district or region", name), wayOut: "correct what it is in, or write its code"}, nil
	}
	return home{problemColumn: columnVillage, problem: fmt.Sprintf("there is no village %q", name), wayOut: "look it up in the tree of places (Location), or add it there first"}, nil
}

// describe reads a village with what it is part of, and holds that against the
// cells: each a code or a name, or nothing.
func (h *homes) describe(k fhir.Key, above []string) (home, error) {
	var one home
	for level := 0; level < levelsMax && !k.IsZero(); level++ {
		r, err := h.reader.Read(k)
		if err != nil {
			return home{}, err
		}
		if r.Deleted {
			break
		}
		doc, err := fhir.Parse(r.Body)
		if err != nil {
			return home{}, err
		}
		n := doc.Root()
		name, code := strings.Clone(n.Get("name").Text()), n.Identifier(profiles.IdentifierLocation)
		switch level {
		case 0:
			one.village, one.name = r.Key, name
			if got := levelOf(n); got != h.village {
				return home{problemColumn: columnVillage, problem: fmt.Sprintf("%s is no village", code), wayOut: "name the village in it"}, nil
			}
		case 1:
			one.ward = name
		case 2:
			one.district = name
		case 3:
			one.region = name
		}
		if i := level - 1; i >= 0 && i < len(above) && above[i] != "" && above[i] != code && !strings.EqualFold(above[i], name) {
			return home{
				problemColumn: []string{columnWard, columnDistrict, columnRegion}[i],
				problem:       fmt.Sprintf("the village %s is in %s, not in %s", one.name, name, above[i]), wayOut: "correct the one or the other",
			}, nil
		}
		k = r4.Target(n.Get("partOf"))
	}
	return one, nil
}
