// Package place says where a scheme is and whom it pays: the tree of regions,
// districts, wards and villages (Location), facilities (Organization) and their
// sites (Location).
//
// Its door is Module. Places and organizations of others, which bear none of the
// scheme's identifiers or types, are none of its business.
package place

import (
	"context"
	"fmt"
	"slices"

	"bima/fhir"
	"bima/profiles"
)

// detailPlace tells what is wrong with a place or facility from other refusals.
const detailPlace fhir.Detail = "place"

// A Level is one level of the tree of places: its code in openIMIS's
// location-type and what the country calls it.
type Level struct{ Code, Name string }

// Settings are what a scheme may choose. The zero value is a good default.
type Settings struct {
	// Levels are those of the tree, the topmost first; none is Region, District,
	// Ward and Village.
	Levels []Level
}

// levels are those of openIMIS.
var levels = []Level{{"R", "Region"}, {"D", "District"}, {"W", "Ward"}, {"V", "Village"}}

// A module is the rules of places with a scheme's choices.
type module struct{ levels []Level }

// Module gives the rules of places: each is part of one of the level above, a
// facility's site is in one of them, codes are unique; and those of facilities:
// what they are, their contract, catchment and price lists.
func Module(chosen ...Settings) fhir.Module {
	m := module{levels: levels}
	if len(chosen) > 0 && len(chosen[0].Levels) > 0 {
		m.levels = chosen[0].Levels
	}
	return fhir.Module{
		Name: "place",
		Rules: []fhir.Rule{
			{Types: []string{"Location"}, Check: m.checkPlace},
			{Types: []string{"Organization"}, Check: checkFacility},
		},
		Reactions: []fhir.Reaction{{Name: "place", Types: []string{"Location", "Organization"}, React: m.react}},
		Unique: []fhir.Identifier{
			{Type: "Location", System: profiles.IdentifierLocation},
			{Type: "Location", System: profiles.IdentifierFacility},
			{Type: "Organization", System: profiles.IdentifierFacility},
		},
	}
}

// level gives the place of a Location's level in the tree; ok is false where it
// is no place of the tree.
func (m module) level(location fhir.Node) (at int, ok bool) {
	for t := range location.Get("type").Each() {
		if code := t.Code(profiles.SystemOpenIMISLocation); code != "" {
			at = slices.IndexFunc(m.levels, func(l Level) bool { return l.Code == code })
			return at, true
		}
	}
	return 0, false
}

// isSite reports whether a Location is the site of a facility of the scheme.
func isSite(location fhir.Node) bool { return location.Identifier(profiles.IdentifierFacility) != "" }

// checkPlace asks what a Location itself can answer.
func (m module) checkPlace(_ context.Context, _ fhir.Reader, c fhir.Change) error {
	if c.After == nil {
		return nil
	}
	at, area := m.level(c.Node)
	switch {
	case !area:
		return nil
	case at < 0:
		return refuse("Location.type", "the tree of places has no such level; its levels are %s", m.names())
	case isSite(c.Node):
		return refuse("Location.identifier", "a place is a part of the country or the site of a facility, not both; make two Locations")
	case c.Node.Identifier(profiles.IdentifierLocation) == "":
		return refuse("Location.identifier", "a place of the tree has a code: an identifier with the system %s", profiles.IdentifierLocation)
	case c.Node.Get("name").Text() == "":
		return refuse("Location.name", "a place of the tree has a name")
	case at == 0 && c.Node.Get("partOf").Exists():
		return refuse("Location.partOf", "a %s is the topmost level and part of no other place", m.levels[0].Name)
	case at > 0 && !c.Node.Get("partOf").Exists():
		return refuse("Location.partOf", "a %s is part of a %s; name it", m.levels[at].Name, m.levels[at-1].Name)
	}
	return nil
}

// names gives "Region (R), District (D)".
func (m module) names() string {
	text := ""
	for i, l := range m.levels {
		if i > 0 {
			text += ", "
		}
		text += fmt.Sprintf("%s (%s)", l.Name, l.Code)
	}
	return text
}

// current gives the tree of what a Reference names; absent where it is not there.
func current(r fhir.Reader, k fhir.Key) (fhir.Node, error) {
	if k.IsZero() {
		return fhir.Node{}, nil
	}
	found, err := r.ReadMany([]fhir.Key{k})
	if err != nil || len(found) == 0 {
		return fhir.Node{}, err
	}
	doc, err := fhir.Parse(found[0].Body)
	if err != nil {
		return fhir.Node{}, err
	}
	return doc.Root(), nil
}

func refuse(expression, format string, args ...any) error {
	return fhir.Detailf(fhir.IssueBusinessRule, detailPlace, expression, format, args...)
}
