package group

import (
	"context"

	"bima/fhir"
)

// familiesMax bounds how many families of the members of one are looked at.
// Nobody is in two, so more than the members there can't be.
const familiesMax = 200

// react holds families against the persons and the other families there are, at
// the end of the transaction: its order must not matter.
func react(_ context.Context, tx fhir.Tx, changes []fhir.Change) error {
	for _, c := range changes {
		if c.After == nil || !isFamily(c.Node) || !active(c.Node) {
			continue
		}
		if err := checkPersons(tx, c.Key, members(c.Node)); err != nil {
			return err
		}
	}
	return nil
}

func checkPersons(tx fhir.Tx, family fhir.Key, list []member) error {
	var persons []fhir.Key
	var locks []string
	for _, m := range list {
		if m.person.Type != "Patient" {
			return refuse(entity(m.at), "a member of a family is a Patient of this server, by reference")
		}
		persons = append(persons, m.person)
		locks = append(locks, m.person.String())
	}
	if len(persons) == 0 {
		return nil
	}
	if err := tx.Lock(locks...); err != nil {
		return err
	}
	if err := checkExist(tx, persons, list); err != nil {
		return err
	}
	return checkAlone(tx, family, persons, list)
}

func checkExist(tx fhir.Tx, persons []fhir.Key, list []member) error {
	found, err := tx.ReadMany(persons)
	if err != nil {
		return err
	}
	there := make(map[fhir.Key]bool, len(found))
	for _, r := range found {
		there[r.Key] = true
	}
	for _, m := range list {
		if !there[m.person] {
			return refuse(entity(m.at), "there is no %s; create the person first, or in the same transaction", m.person)
		}
	}
	return nil
}

// checkAlone asks whether one of the members is in another family that is active.
func checkAlone(tx fhir.Tx, family fhir.Key, persons []fhir.Key, list []member) error {
	var alike fhir.Any
	places := make(map[fhir.Key]int, len(list))
	for i, p := range persons {
		alike = append(alike, fhir.Match{Param: fhir.Param{Code: "member", Kind: fhir.ParamReference}, Value: fhir.ReferenceValue{Key: p}})
		places[p] = list[i].at
	}
	page, err := tx.Search(&fhir.Query{Types: []string{"Group"}, Where: alike, Limit: familiesMax})
	if err != nil {
		return err
	}
	for _, other := range page.Resources {
		if other.Key == family {
			continue
		}
		doc, err := fhir.Parse(other.Body)
		if err != nil {
			return err
		}
		if !isFamily(doc.Root()) || !active(doc.Root()) {
			continue
		}
		for _, m := range members(doc.Root()) {
			if at, here := places[m.person]; here {
				return refuse(entity(at), "%s is in the family %s; end that membership first (member.inactive)", m.person, other.Key)
			}
		}
	}
	return nil
}
