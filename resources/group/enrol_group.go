package group

import (
	"fmt"

	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
)

// storeGroup makes a family, or adds to the one that is there who is not in it.
func (e *enrolment) storeGroup(tx fhir.Tx, g *enrolled) error {
	var persons []fhir.Key
	at := -1
	for m := range g.node.Get("member").Each() {
		at++
		k, err := e.personOf(tx, m.Get("entity"))
		if err != nil {
			return within(entity(at), "Group.member.entity", err)
		}
		persons = append(persons, k)
	}
	there, err := e.findGroup(tx, g, persons)
	if err != nil {
		return err
	}
	if !there.IsZero() {
		g.key = there
		return e.extend(tx, g, persons)
	}
	body, err := e.familyBody(tx, g.node, persons)
	if err != nil {
		return err
	}
	made, err := tx.Create(&fhir.Resource{Key: fhir.Key{Type: "Group", ID: g.id}, Body: body})
	if err != nil {
		return err
	}
	g.key, g.new = made.Key, true
	return nil
}

// findGroup gives the family that is there already: by its id or its number, or
// as that which has the same head; zero where there is none.
func (e *enrolment) findGroup(tx fhir.Tx, g *enrolled, persons []fhir.Key) (fhir.Key, error) {
	if g.id != "" {
		found, err := tx.ReadMany([]fhir.Key{{Type: "Group", ID: g.id}})
		if err != nil || len(found) > 0 {
			return fhir.Key{Type: "Group", ID: g.id}, err
		}
	}
	if number := g.node.Identifier(profiles.IdentifierFamily); number != "" {
		k, ok, err := tx.Owner(fhir.UniqueKey{Type: "Group", Name: profiles.IdentifierFamily, Value: number})
		if !ok || err != nil {
			return fhir.Key{}, err
		}
		if g.id != "" && g.id != k.ID {
			return fhir.Key{}, fhir.Detailf(fhir.IssueDuplicate, fhir.DetailUnique, "Group.identifier",
				"the family number %s belongs to another family; correct it, or enrol without an id to add to that family", number)
		}
		return k, nil
	}
	if g.id != "" {
		return fhir.Key{}, nil
	}
	return e.ledBy(tx, g, persons)
}

// ledBy finds the family by its head, where he was there before.
func (e *enrolment) ledBy(tx fhir.Tx, g *enrolled, persons []fhir.Key) (fhir.Key, error) {
	at := -1
	var head fhir.Key
	for m := range g.node.Get("member").Each() {
		at++
		if m.Extension(profiles.ExtensionGroupHead).Get("valueBoolean").Text() == "true" {
			head = persons[at]
		}
	}
	if head.IsZero() || e.isNew(head) {
		return fhir.Key{}, nil
	}
	page, err := tx.Search(&fhir.Query{Types: []string{"Group"}, Where: memberOf([]fhir.Key{head}), Limit: familiesMax})
	if err != nil {
		return fhir.Key{}, err
	}
	for _, found := range page.Resources {
		doc, err := fhir.Parse(found.Body)
		if err != nil {
			return fhir.Key{}, err
		}
		if root := doc.Root(); isFamily(root) && active(root) && headOf(members(root, e.today)).person == head {
			return found.Key, nil
		}
	}
	return fhir.Key{}, nil
}

func (e *enrolment) isNew(k fhir.Key) bool {
	for _, p := range e.persons {
		if p.key == k {
			return p.new
		}
	}
	return false
}

// extend adds members to a family that is there. Who was in it and has left does
// not come back by an enrolment that is sent again.
func (e *enrolment) extend(tx fhir.Tx, g *enrolled, persons []fhir.Key) error {
	f, err := e.open(tx, g.key, "Group")
	if err != nil {
		return err
	}
	ever := map[fhir.Key]bool{}
	for m := range f.root.Get("member").Each() {
		ever[r4.Target(m.Get("entity"))] = true
	}
	at := -1
	for m := range g.node.Get("member").Each() {
		at++
		if ever[persons[at]] || m.Get("inactive").Text() == "true" {
			continue
		}
		if m.Extension(profiles.ExtensionGroupHead).Get("valueBoolean").Text() == "true" {
			return refuse(row(at), "the family %s is there already and has another head; change it by $change-head", codeOf(f.root))
		}
		start := day(m.At("period", "start"))
		if start == "" {
			start = e.today
		}
		f.join(persons[at], start, m.Extension(profiles.ExtensionGroupRelationship).Get("valueCodeableConcept").Raw())
	}
	if len(f.added) == 0 {
		return nil
	}
	return f.save(tx)
}

// familyBody gives the body of a new family: its references led to the persons,
// its members with a first day, and a number where it has none: its head's.
func (e *enrolment) familyBody(tx fhir.Tx, n fhir.Node, persons []fhir.Key) ([]byte, error) {
	edit := fhir.NewEdit(n.Document())
	at, head := -1, -1
	for m := range n.Get("member").Each() {
		at++
		edit.Set(m, "entity", fmt.Appendf(nil, `{"reference":%q}`, persons[at].String()))
		if !m.Get("period").Exists() && m.Get("inactive").Text() != "true" {
			edit.Set(m, "period", fmt.Appendf(nil, `{"start":%q}`, e.today))
		}
		if m.Extension(profiles.ExtensionGroupHead).Get("valueBoolean").Text() == "true" {
			head = at
		}
	}
	if head < 0 {
		return nil, refuse("Group.member", "a family has a head: set the extension %s to true on one member", profiles.ExtensionGroupHead)
	}
	if n.Identifier(profiles.IdentifierFamily) != "" {
		return edit.Bytes(), nil
	}
	number, err := e.numberFor(tx, persons[head])
	if err != nil || number == "" {
		return edit.Bytes(), err
	}
	identifier := fmt.Appendf(nil, `{"system":%q,"value":%s}`, profiles.IdentifierFamily, quote(number))
	if list := n.Get("identifier"); list.Exists() {
		edit.Append(list, identifier)
	} else {
		edit.Set(n, "identifier", array([][]byte{identifier}))
	}
	return edit.Bytes(), nil
}

// numberFor gives the number of a new family by its head's insurance number. One
// that the server is about to make for him is not known yet: then it has none.
func (e *enrolment) numberFor(tx fhir.Tx, head fhir.Key) (string, error) {
	for _, p := range e.persons {
		if p.key == head && p.new {
			return freeNumber(tx, numberOf(p.node))
		}
	}
	patient, err := fhir.Tree(tx, head)
	if err != nil {
		return "", err
	}
	return freeNumber(tx, numberOf(patient))
}
