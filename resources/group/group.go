// Package group says what a family is: openIMIS's family, a Group of persons who
// are insured together, one of them its head.
//
// Its door is Module. Groups that are no families (herds, study cohorts) are
// none of its business.
package group

import (
	"context"
	"fmt"

	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
)

// detailFamily tells what is wrong with a family from other refusals.
const detailFamily fhir.Detail = "family"

// Module gives the rules of families: a family is of actual persons, has exactly
// one head and nobody twice; its members are there; and nobody is in two
// families at a time.
func Module() fhir.Module {
	return fhir.Module{
		Name:      "group",
		Rules:     []fhir.Rule{{Types: []string{"Group"}, Check: check}},
		Reactions: []fhir.Reaction{{Name: "group", Types: []string{"Group"}, React: react}},
		Unique:    []fhir.Identifier{{Type: "Group", System: profiles.IdentifierFamily}},
	}
}

// A member is one person in a family now.
type member struct {
	at     int // its place in Group.member
	person fhir.Key
	head   bool
}

// isFamily reports whether a Group is a family of the scheme: it has a family
// number, openIMIS's kind of group, or a head.
func isFamily(group fhir.Node) bool {
	if group.Identifier(profiles.IdentifierFamily) != "" || group.Extension(profiles.ExtensionOpenIMISGroupType).Exists() {
		return true
	}
	for m := range group.Get("member").Each() {
		if m.Extension(profiles.ExtensionGroupHead).Exists() {
			return true
		}
	}
	return false
}

// active reports whether the family is not closed.
func active(group fhir.Node) bool { return group.Get("active").Text() != "false" }

// members gives who is in the family now: not those who have left.
func members(group fhir.Node) []member {
	var list []member
	at := -1
	for m := range group.Get("member").Each() {
		at++
		if m.Get("inactive").Text() == "true" {
			continue
		}
		list = append(list, member{
			at: at, person: target(m.Get("entity")),
			head: m.Extension(profiles.ExtensionGroupHead).Get("valueBoolean").Text() == "true",
		})
	}
	return list
}

// target gives the resource of this server that a Reference names; zero where it
// names none.
func target(reference fhir.Node) fhir.Key {
	r := fhir.ParseReference(reference.Get("reference").Text(), r4.IsResource)
	if !r.Relative() {
		return fhir.Key{}
	}
	return r.Key
}

// check asks what the family itself can answer.
func check(_ context.Context, _ fhir.Reader, c fhir.Change) error {
	if c.After == nil || !isFamily(c.Node) {
		return nil
	}
	if c.Node.Get("type").Text() != "person" || c.Node.Get("actual").Text() != "true" {
		return refuse("Group.type", "a family is a Group of type person, and actual")
	}
	if !active(c.Node) {
		return nil
	}
	return checkMembers(members(c.Node))
}

func checkMembers(list []member) error {
	head := -1
	seen := make(map[fhir.Key]int, len(list))
	for _, m := range list {
		if !m.person.IsZero() {
			if first, twice := seen[m.person]; twice {
				return refuse(entity(m.at), "%s is already member %d of the family", m.person, first)
			}
			seen[m.person] = m.at
		}
		if m.head {
			if head >= 0 {
				return refuse(fmt.Sprintf("Group.member[%d]", m.at), "a family has one head; member %d is it already", head)
			}
			head = m.at
		}
	}
	if head < 0 {
		return refuse("Group.member", "a family has a head: set the extension %s to true on one member", profiles.ExtensionGroupHead)
	}
	return nil
}

func entity(at int) string { return fmt.Sprintf("Group.member[%d].entity", at) }

func refuse(expression, format string, args ...any) error {
	return fhir.Detailf(fhir.IssueBusinessRule, detailFamily, expression, format, args...)
}
