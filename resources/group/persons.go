package group

import (
	"context"
	"slices"
	"strings"

	"bima/fhir"
)

const (
	// familiesMax bounds how many families of some persons are looked at. Nobody is
	// in two at a time, and few were ever in many.
	familiesMax = 1000
	// personsAtOnce is how many persons' families one search asks for.
	personsAtOnce = 100
)

// react holds families against the persons and the other families there are, at
// the end of the transaction: its order must not matter.
func (s Settings) react(_ context.Context, tx fhir.Tx, changes []fhir.Change) error {
	a := &asked{Settings: s, tx: tx, today: s.today(tx.Now()), fresh: map[fhir.Key]fhir.Node{}, persons: map[fhir.Key][]place{}}
	for _, c := range changes {
		switch {
		case c.Type == "Patient" && c.After == nil && c.Before != nil:
			a.gone = append(a.gone, c.Key)
		case c.Type == "Patient" && c.After != nil && c.Before == nil && c.After.Version == 1:
			a.fresh[c.Key] = c.Node
		}
	}
	for _, c := range changes {
		if c.Type != "Group" || c.After == nil || !isFamily(c.Node) {
			continue
		}
		if err := a.add(c); err != nil {
			return err
		}
	}
	return a.answer()
}

// asked is what the families of a transaction ask for. Persons that it has made
// itself are fresh: nobody else knows of them, so they are in no other family and
// need no lock.
type asked struct {
	Settings
	tx      fhir.Tx
	today   string
	fresh   map[fhir.Key]fhir.Node
	gone    []fhir.Key
	persons map[fhir.Key][]place // where each person is a member
	known   []fhir.Key           // those of them that are not fresh, in order
}

// A place is a membership in a family.
type place struct {
	family fhir.Key
	code   string
	member
}

// add takes in the members of a family.
func (a *asked) add(c fhir.Change) error {
	if !active(c.Node) {
		return nil
	}
	for _, m := range members(c.Node, a.today) {
		if m.person.Type != "Patient" {
			return refuse(entity(m.at), "a member of a family is a Patient of this server, by reference")
		}
		if _, fresh := a.fresh[m.person]; !fresh && a.persons[m.person] == nil {
			a.known = append(a.known, m.person)
		}
		a.persons[m.person] = append(a.persons[m.person], place{c.Key, codeOf(c.Node), m})
	}
	return nil
}

// answer asks about all persons at once.
func (a *asked) answer() error {
	all := slices.Concat(a.known, a.gone)
	if len(all) > 0 {
		locks := make([]string, len(all))
		for i, k := range all {
			locks[i] = k.String()
		}
		if err := a.tx.Lock(locks...); err != nil {
			return err
		}
	}
	for person, places := range a.persons {
		if n, fresh := a.fresh[person]; fresh {
			if err := alive(n, places[0]); err != nil {
				return err
			}
		}
		for i, p := range places[1:] {
			if err := alone(p, places[:i+1]); err != nil {
				return err
			}
		}
	}
	if err := a.there(); err != nil {
		return err
	}
	for chunk := range slices.Chunk(all, personsAtOnce) {
		if err := a.elsewhere(chunk); err != nil {
			return err
		}
	}
	return nil
}

// there asks whether the persons that were known before are there, and alive.
func (a *asked) there() error {
	if len(a.known) == 0 {
		return nil
	}
	found, err := a.tx.ReadMany(a.known)
	if err != nil {
		return err
	}
	there := make(map[fhir.Key]bool, len(found))
	for _, r := range found {
		there[r.Key] = true
		doc, err := fhir.Parse(r.Body)
		if err != nil {
			return err
		}
		if err := alive(doc.Root(), a.persons[r.Key][0]); err != nil {
			return err
		}
	}
	for _, k := range a.known {
		if !there[k] {
			return refuse(entity(a.persons[k][0].at), "there is no %s; create the person first, or in the same transaction", k)
		}
	}
	return nil
}

// alive refuses a member who has died, and a record that another has replaced.
func alive(patient fhir.Node, p place) error {
	for link := range patient.Get("link").Each() {
		if link.Get("type").Text() == "replaced-by" && patient.Get("active").Text() == "false" {
			return refuse(entity(p.at), "%s was merged into another record; name %s instead", p.person, link.At("other", "reference").Text())
		}
	}
	if died := deceased(patient); died != "" {
		return refuse(entity(p.at), "%s has died; set inactive on the membership, with the day of death as its end", p.person)
	}
	return nil
}

// alone refuses a membership at the same time as one in another family.
func alone(p place, others []place) error {
	for _, o := range others {
		if o.family != p.family && o.overlaps(p.member) {
			return refuse(entity(p.at), "%s is in the family %s; move him by Group/%s/$move, or end that membership first (member.inactive)", p.person, o.code, o.family.ID)
		}
	}
	return nil
}

// elsewhere asks whether some persons are in another family that is active.
func (a *asked) elsewhere(persons []fhir.Key) error {
	page, err := a.tx.Search(&fhir.Query{Types: []string{"Group"}, Where: memberOf(persons), Limit: familiesMax})
	if err != nil {
		return err
	}
	for _, other := range page.Resources {
		doc, err := fhir.Parse(other.Body)
		if err != nil {
			return err
		}
		group := doc.Root()
		if !isFamily(group) || !active(group) {
			continue
		}
		for _, m := range members(group, a.today) {
			if slices.Contains(a.gone, m.person) {
				return refuse("Patient", "%s is a member of the family %s and can't be deleted; let him leave it first", m.person, codeOf(group))
			}
			for _, p := range a.persons[m.person] {
				if err := alone(p, []place{{other.Key, codeOf(group), m}}); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// memberOf is the criterion of groups that one of the persons is, or was, in.
func memberOf(persons []fhir.Key) fhir.Criterion {
	alike := make(fhir.Any, len(persons))
	for i, k := range persons {
		alike[i] = fhir.Match{Param: fhir.Param{Code: "member", Kind: fhir.ParamReference}, Value: fhir.ReferenceValue{Key: k}}
	}
	return alike
}

// deceased says when a person died, as far as it is known: a date, or "true"; ""
// where he has not.
func deceased(patient fhir.Node) string {
	if at := patient.Get("deceasedDateTime"); at.Exists() {
		return strings.Clone(at.Text())
	}
	if patient.Get("deceasedBoolean").Text() == "true" {
		return "true"
	}
	return ""
}
