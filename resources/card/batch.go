package card

import (
	"slices"
	"strings"

	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
)

const (
	// membersMax bounds the members of one group that are looked at.
	membersMax = 100_000
	// villagersMax bounds the persons of one place.
	villagersMax = 100_000
	// searchPage is how many persons are read at a time.
	searchPage = 500
	// depthMax is how deep the tree of places is.
	depthMax = 6
)

// membersOf gives the persons of a family that are members now.
func (d *Desk) membersOf(r fhir.Reader, k fhir.Key) ([]fhir.Key, error) {
	n, found, err := read(r, k)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, fhir.Errorf(fhir.IssueNotFound, "", "%s is not there", k)
	}
	var persons []fhir.Key
	count := 0
	for member := range n.Get("member").Each() {
		if count++; count > membersMax {
			return nil, fhir.Errorf(fhir.IssueTooCostly, "Group.member", "%s has more than %d members", k, membersMax)
		}
		person := r4.Target(member.Get("entity"))
		if person.Type == "Patient" && member.Get("inactive").Text() != "true" && !slices.Contains(persons, person) {
			persons = append(persons, person)
		}
	}
	return persons, nil
}

// A place is a Location with the names of those it is part of.
type place struct {
	key    fhir.Key
	name   string
	within []string
}

// placeOf reads a place.
func placeOf(r fhir.Reader, k fhir.Key) (place, error) {
	p := place{key: k}
	for at, depth := k, 0; !at.IsZero() && depth < depthMax; depth++ {
		n, found, err := read(r, at)
		if err != nil {
			return p, err
		}
		if !found {
			if at == k {
				return p, fhir.Errorf(fhir.IssueNotFound, "", "%s is not there", k)
			}
			return p, nil
		}
		if name := strings.Clone(n.Get("name").Text()); at == k {
			p.name = name
		} else {
			p.within = append(p.within, name)
		}
		at = r4.Target(n.Get("partOf"))
	}
	return p, nil
}

// peopleOf gives the persons who live in a village: those whose address refers to
// it, and those whose address names it and no other place.
func (d *Desk) peopleOf(r fhir.Reader, k fhir.Key) ([]fhir.Key, error) {
	p, err := placeOf(r, k)
	if err != nil {
		return nil, err
	}
	query := &fhir.Query{Types: []string{"Patient"}, Limit: searchPage, Where: p.criterion()}
	var persons []fhir.Key
	for {
		page, err := r.Search(query)
		if err != nil {
			return nil, err
		}
		for _, resource := range page.Resources {
			doc, err := fhir.Parse(resource.Body)
			if err != nil {
				return nil, err
			}
			if p.home(doc.Root()) && !isDead(doc.Root()) {
				persons = append(persons, resource.Key)
			}
			doc.Release()
		}
		if len(persons) > villagersMax {
			return nil, fhir.Errorf(fhir.IssueTooCostly, "", "more than %d persons live in %s; ask for each village", villagersMax, k)
		}
		if query.After = page.Next; page.Next == "" {
			break
		}
	}
	slices.SortFunc(persons, func(a, b fhir.Key) int { return strings.Compare(a.ID, b.ID) })
	return persons, nil
}

// criterion finds at least those who live there.
func (p place) criterion() fhir.Criterion {
	byReference := fhir.Match{Param: fhir.Param{Code: "village", Kind: fhir.ParamReference}, Value: fhir.ReferenceValue{Key: p.key}}
	if p.name == "" {
		return byReference
	}
	return fhir.Any{byReference, fhir.Match{Param: fhir.Param{Code: "address-city", Kind: fhir.ParamString}, Value: fhir.StringValue{Text: p.name, Mode: fhir.StringExact}}}
}

// home reports whether a person lives there by one of his addresses.
func (p place) home(patient fhir.Node) bool {
	for address := range patient.Get("address").Each() {
		if address.Get("use").Text() == "old" {
			continue
		}
		ref := fhir.ParseReference(address.Extension(profiles.ExtensionOpenIMISAddressLocation).At("valueReference", "reference").Text(), r4.IsResource)
		switch {
		case ref.Key == p.key:
			return true
		case ref.URL == "" && p.name != "" && address.Get("city").Text() == p.name && p.agrees(address.Get("district").Text()):
			return true
		}
	}
	return false
}

// agrees reports whether the place is in a district, which the address may leave
// out.
func (p place) agrees(district string) bool {
	return district == "" || slices.Contains(p.within, district)
}
