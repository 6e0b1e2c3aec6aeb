package group

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
)

// A member is one person in a family now, or from a day to come.
type member struct {
	at         int // its place in Group.member
	person     fhir.Key
	head       bool
	start, end string // his first and last day; "" is open
	node       fhir.Node
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

// members gives who is in the family on a day or later: not those who have left.
func members(group fhir.Node, today string) []member {
	var list []member
	at := -1
	for m := range group.Get("member").Each() {
		at++
		end := day(m.At("period", "end"))
		if m.Get("inactive").Text() == "true" || end != "" && end < today {
			continue
		}
		list = append(list, member{
			at: at, person: r4.Target(m.Get("entity")), node: m,
			head:  m.Extension(profiles.ExtensionGroupHead).Get("valueBoolean").Text() == "true",
			start: day(m.At("period", "start")), end: end,
		})
	}
	return list
}

// overlaps reports whether two memberships share a day.
func (m member) overlaps(other member) bool {
	return (m.end == "" || other.start == "" || m.end >= other.start) && (other.end == "" || m.start == "" || other.end >= m.start)
}

// find gives the place in a list of a person's membership, -1 where there is none.
func find(list []member, person fhir.Key) int {
	return slices.IndexFunc(list, func(m member) bool { return m.person == person })
}

// headOf gives the head of a family; zero where none is marked.
func headOf(list []member) member {
	if i := slices.IndexFunc(list, func(m member) bool { return m.head }); i >= 0 {
		return list[i]
	}
	return member{at: -1}
}

// day gives the day of a date or dateTime as it was written; "" where it names no
// whole day.
func day(n fhir.Node) string {
	text := n.Text()
	if len(text) < len(time.DateOnly) {
		return ""
	}
	return strings.Clone(text[:len(time.DateOnly)])
}

// before gives the day before a day.
func before(day string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	return t.AddDate(0, 0, -1).Format(time.DateOnly)
}

func entity(at int) string { return row(at) + ".entity" }

func row(at int) string { return fmt.Sprintf("Group.member[%d]", at) }

// codeOf names a family for a person: by its number, which tells nothing private.
func codeOf(group fhir.Node) string {
	if number := group.Identifier(profiles.IdentifierFamily); number != "" {
		return number
	}
	return group.Get("id").Text()
}

// quote writes a text as JSON.
func quote(s string) []byte {
	text, err := json.Marshal(s)
	if err != nil {
		panic("a string is always JSON: " + err.Error())
	}
	return text
}
