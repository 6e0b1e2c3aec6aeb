package place

import (
	"context"

	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
)

// react asks what places can't answer alone: of what they are part, and what is
// part of them. A level is one below another, so no place is part of itself.
func (m module) react(_ context.Context, tx fhir.Tx, changes []fhir.Change) error {
	locked := false
	for _, c := range changes {
		if !m.concerns(c) {
			continue
		}
		if !locked {
			if err := tx.Lock("places"); err != nil {
				return err
			}
			locked = true
		}
		var err error
		switch {
		case c.Type == "Organization":
			err = m.reactFacility(tx, c)
		case c.After == nil:
			err = m.removed(tx, c)
		default:
			err = m.reactPlace(tx, c)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// concerns reports whether a change is of the tree or of what refers to it. What
// others keep waits for nobody.
func (m module) concerns(c fhir.Change) bool {
	if c.Type == "Organization" {
		return c.After != nil && isFacility(c.Node) && c.Node.Extension(profiles.ExtensionCatchment).Exists()
	}
	if _, was := m.before(c); was {
		return true
	}
	if c.After == nil {
		return false
	}
	_, is := m.level(c.Node)
	return is || isSite(c.Node)
}

func (m module) reactPlace(tx fhir.Tx, c fhir.Change) error {
	at, area := m.level(c.Node)
	if !area {
		if isSite(c.Node) {
			return m.reactSite(tx, c)
		}
		return m.removed(tx, c)
	}
	if at > 0 {
		parent, err := current(tx, r4.Target(c.Node.Get("partOf")))
		if err != nil {
			return err
		}
		if above, known := m.level(parent); !known || above != at-1 {
			return refuse("Location.partOf", "a %s is part of a %s of this server, not of %.100s", m.levels[at].Name, m.levels[at-1].Name, named(m, parent, c.Node))
		}
	}
	if !m.releveled(c, at) {
		return nil
	}
	child, err := m.child(tx, c.Key)
	if err == nil && !child.IsZero() {
		err = refuse("Location.type", "%s is part of this place, so its level stays; move what is part of it first", child)
	}
	return err
}

// named says what a place is that another can't be part of.
func named(m module, parent, of fhir.Node) string {
	if !parent.Exists() {
		return "what is not there: " + of.At("partOf", "reference").Text()
	}
	if at, known := m.level(parent); known && at >= 0 {
		return "the " + m.levels[at].Name + " " + parent.Get("name").Text()
	}
	return parent.Get("name").Text() + ", which is no place of the tree"
}

// releveled reports whether a change gives a place another level than it had.
func (m module) releveled(c fhir.Change, at int) bool {
	before, was := m.before(c)
	return was && before != at
}

// before gives the level that a place had.
func (m module) before(c fhir.Change) (at int, ok bool) {
	if c.Before == nil {
		return 0, false
	}
	doc, err := fhir.Parse(c.Before.Body)
	if err != nil {
		return 0, false
	}
	defer doc.Release()
	return m.level(doc.Root())
}

// removed refuses to take a place out of the tree while others are part of it.
func (m module) removed(tx fhir.Tx, c fhir.Change) error {
	if _, was := m.before(c); !was {
		return nil
	}
	child, err := m.child(tx, c.Key)
	if err == nil && !child.IsZero() {
		err = refuse("Location", "%s is part of %s, so it stays in the tree; move or remove what is part of it first", child, c.Key)
	}
	return err
}

// child gives something that is part of a place; zero where there is nothing.
func (m module) child(r fhir.Reader, k fhir.Key) (fhir.Key, error) {
	page, err := r.Search(&fhir.Query{Types: []string{"Location"}, Limit: 1, Where: fhir.Match{
		Param: fhir.Param{Code: "partof", Kind: fhir.ParamReference}, Value: fhir.ReferenceValue{Key: k},
	}})
	if err != nil || len(page.Resources) == 0 {
		return fhir.Key{}, err
	}
	return page.Resources[0].Key, nil
}

// reactSite refuses a site that is nowhere, or of no facility.
func (m module) reactSite(tx fhir.Tx, c fhir.Change) error {
	number := c.Node.Identifier(profiles.IdentifierFacility)
	facility, err := current(tx, r4.Target(c.Node.Get("managingOrganization")))
	if err != nil {
		return err
	}
	if facility.Identifier(profiles.IdentifierFacility) != number {
		return refuse("Location.managingOrganization", "the site of the facility %.60s is managed by the Organization with that number", number)
	}
	where, err := current(tx, r4.Target(c.Node.Get("partOf")))
	if err != nil {
		return err
	}
	if at, known := m.level(where); !known || at < 0 {
		return refuse("Location.partOf", "the site of a facility is in a place of the tree: a %s, or one above", m.levels[len(m.levels)-1].Name)
	}
	return nil
}
