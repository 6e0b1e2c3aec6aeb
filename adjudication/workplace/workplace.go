// Package workplace tells who works where: by the PractitionerRoles of a person, in use on
// a day, and the Organizations that facilities are a part of.
package workplace

import (
	"slices"

	"bima/adjudication"
	"bima/fhir"
	"bima/fhir/r4"
)

const (
	// rolesMax bounds the roles of one person that are looked at.
	rolesMax = 50
	// PartsMax bounds the organizations that one is a part of, itself among them.
	PartsMax = 5
)

// InUse reports whether somebody has a role on a day.
func InUse(role fhir.Node, today adjudication.Day) bool {
	p := role.Get("period")
	from, begins := adjudication.ReadDay(p.Get("start").Text())
	until, ends := adjudication.ReadLastDay(p.Get("end").Text())
	return role.Get("active").Text() != "false" && (!begins || from <= today) && (!ends || until >= today)
}

// EachRole shows the roles of a person, in use or not; who is no Practitioner has none.
func EachRole(r fhir.Reader, person fhir.Key, see func(fhir.Key, fhir.Node)) error {
	if person.Type != "Practitioner" {
		return nil
	}
	page, err := r.Search(&fhir.Query{Types: []string{"PractitionerRole"}, Limit: rolesMax, Where: fhir.Match{
		Param: fhir.Param{Code: "practitioner", Kind: fhir.ParamReference}, Value: fhir.ReferenceValue{Key: person},
	}})
	if err != nil {
		return err
	}
	for _, resource := range page.Resources {
		doc, err := fhir.Parse(resource.Body)
		if err != nil {
			return err
		}
		see(resource.Key, doc.Root())
	}
	return nil
}

// Holder gives who acts in a role; of what is no role, itself.
func Holder(r fhir.Reader, entity fhir.Key) (fhir.Key, error) {
	if entity.Type != "PractitionerRole" {
		return entity, nil
	}
	role, err := fhir.Tree(r, entity)
	return r4.Target(role.Get("practitioner")), err
}

// Of gives the Organizations that somebody works for on a day: those of all
// roles in use of the same person, also of the one he acts in, or the one he is.
func Of(r fhir.Reader, who fhir.Key, today adjudication.Day) (list []fhir.Key, err error) {
	add := func(_ fhir.Key, role fhir.Node) {
		if !role.Exists() || !InUse(role, today) {
			return
		}
		if k := r4.Target(role.Get("organization")); k.Type == "Organization" && !slices.Contains(list, k) {
			list = append(list, k)
		}
	}
	switch who.Type {
	case "Organization":
		return []fhir.Key{who}, nil
	case "PractitionerRole":
		role, err := fhir.Tree(r, who)
		if err != nil {
			return nil, err
		}
		add(who, role)
		who = r4.Target(role.Get("practitioner"))
	}
	err = EachRole(r, who, add)
	return list, err
}

// Among reports whether a facility is one of somebody's workplaces, or a part of one.
func Among(r fhir.Reader, workplaces []fhir.Key, facility fhir.Key) (bool, error) {
	for range PartsMax {
		if facility.Type != "Organization" {
			return false, nil
		}
		if slices.Contains(workplaces, facility) {
			return true, nil
		}
		n, err := fhir.Tree(r, facility)
		if err != nil {
			return false, err
		}
		facility = r4.Target(n.Get("partOf"))
	}
	return false, nil
}
