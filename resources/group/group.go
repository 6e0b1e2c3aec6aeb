// Package group says what a family is: openIMIS's family, a Group of persons who
// are insured together, one of them its head.
//
// Its door is Module. Groups that are no families (herds, study cohorts) are
// none of its business.
package group

import (
	"context"
	"time"

	"bima/fhir"
	"bima/profiles"
)

// detailFamily tells what is wrong with a family from other refusals.
const detailFamily fhir.Detail = "family"

// Settings are what a scheme may choose. The zero value is a scheme in UTC whose
// families may be of any size.
type Settings struct {
	Zone *time.Location // decides every day; nil is UTC
	// MembersMax is how many members a family may have at a time; 0 is no limit but
	// that of what is read at once.
	MembersMax int
}

func (s Settings) zone() *time.Location {
	if s.Zone == nil {
		return time.UTC
	}
	return s.Zone
}

// today gives the day of a moment, "2026-01-31".
func (s Settings) today(now time.Time) string { return now.In(s.zone()).Format(time.DateOnly) }

// Module gives the module of families by default settings.
func Module() fhir.Module { return Settings{}.Module() }

// Module gives the rules of families: a family is of actual persons, has exactly
// one head and nobody twice; its members are there and alive; and nobody is in
// two families at a time. Who dies leaves his family. Operations enrol families,
// move members, split families and change their heads.
func (s Settings) Module() fhir.Module {
	define := func(code string, o fhir.Operation) fhir.Operation {
		o.Code, o.Types, o.Affects, o.Definition = code, []string{"Group"}, true, profiles.Canonical+"/OperationDefinition/Group-"+code
		return o
	}
	return fhir.Module{
		Name:  "group",
		Rules: []fhir.Rule{{Types: []string{"Group"}, Check: s.check}},
		Reactions: []fhir.Reaction{
			{Name: "group-death", Types: []string{"Patient"}, React: s.bury},
			{Name: "group", Types: []string{"Group", "Patient"}, React: s.react},
		},
		Operations: []fhir.Operation{
			define("enrol", fhir.Operation{Type: true, Handle: s.enrol}),
			define("move", fhir.Operation{Instance: true, Handle: s.move}),
			define("split", fhir.Operation{Instance: true, Handle: s.split}),
			define("change-head", fhir.Operation{Instance: true, Handle: s.changeHead}),
		},
		Unique: []fhir.Identifier{{Type: "Group", System: profiles.IdentifierFamily}},
		Daily:  []fhir.Daily{{Name: "family-members", Work: s.end}},
	}
}

// check asks what the family itself can answer.
func (s Settings) check(_ context.Context, _ fhir.Reader, c fhir.Change) error {
	if c.After == nil || !isFamily(c.Node) && !was(c) {
		return nil
	}
	if c.Node.Get("type").Text() != "person" || c.Node.Get("actual").Text() != "true" {
		return refuse("Group.type", "a family is a Group of type person, and actual")
	}
	if err := checkRows(c.Node); err != nil {
		return err
	}
	if !active(c.Node) {
		return nil
	}
	return s.checkMembers(members(c.Node, s.today(c.After.Updated)))
}

// was reports whether a Group was a family before: it stays one, also without the
// mark of its head.
func was(c fhir.Change) bool {
	if c.Before == nil {
		return false
	}
	doc, err := fhir.Parse(c.Before.Body)
	if err != nil {
		return false
	}
	defer doc.Release()
	return isFamily(doc.Root())
}

func (s Settings) checkMembers(list []member) error {
	head := -1
	seen := make(map[fhir.Key]int, len(list))
	for _, m := range list {
		if !m.person.IsZero() {
			if first, twice := seen[m.person]; twice {
				return refuse(entity(m.at), "%s is already member %d of the family; where he has left and come back, set inactive on the earlier", m.person, first)
			}
			seen[m.person] = m.at
		}
		if m.head {
			if head >= 0 {
				return refuse(row(m.at), "a family has one head; member %d is it already", head)
			}
			head = m.at
		}
	}
	if head < 0 {
		return refuse("Group.member", "a family has a head: set the extension %s to true on one member", profiles.ExtensionGroupHead)
	}
	if s.MembersMax > 0 && len(list) > s.MembersMax {
		return refuse("Group.member", "a family has at most %d members, this one %d; split it ($split)", s.MembersMax, len(list))
	}
	return nil
}

// checkRows holds each membership against itself, also those that are over.
func checkRows(group fhir.Node) error {
	at := -1
	for m := range group.Get("member").Each() {
		at++
		relationship := m.Extension(profiles.ExtensionGroupRelationship).Get("valueCodeableConcept")
		if code := relationship.Code(profiles.SystemOpenIMISRelationship); code != "" && !relationships[code] {
			return refuse(row(at)+".extension('"+profiles.ExtensionGroupRelationship+"')", "there is no relationship %.20q; there are 1 to 8", code)
		}
	}
	return nil
}

func refuse(expression, format string, args ...any) error {
	return fhir.Detailf(fhir.IssueBusinessRule, detailFamily, expression, format, args...)
}
