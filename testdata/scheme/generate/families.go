package main

import (
	"fmt"
	"math/rand/v2"

	"bima/profiles"
)

// A standing is how a family stands with the scheme.
type standing int

const (
	paidUp    standing = iota // in force for 2026
	renewed                   // in force for 2026, after a policy in 2025
	late                      // joined and paid in May 2026
	partial                   // offered; paid in part
	unpaid                    // offered; nothing paid
	lapsed                    // had a policy in 2025, none now
	uninsured                 // never had one
)

// familyCount is how many families there are.
const familyCount = 40

// standings names the families that are not simply paid up.
var standings = map[int]standing{
	5: renewed, 12: renewed, 23: renewed,
	9: late, 27: late,
	16: partial, 31: partial,
	20: unpaid,
	33: lapsed, 34: lapsed, 35: lapsed,
	40: uninsured,
}

// A family is a Group of persons who are insured together; the first is the head.
type family struct {
	number   int
	standing standing
	village  village
	persons  []person
	poor     bool
}

func (f family) id() string       { return fmt.Sprintf("family-%02d", f.number) }
func (f family) code() string     { return fmt.Sprintf("FAM-%06d", f.number) }
func (f family) policy() string   { return fmt.Sprintf("policy-%02d", f.number) }
func (f family) previous() string { return f.policy() + "-2025" }

func (f family) address() object {
	return object{"use", "home", "type", "physical", "city", f.village.name, "district", "Sagara", "state", "Tambarare"}
}

// nearest gives the facility a family of its village goes to first.
func (f family) nearest() int {
	switch f.village.ward {
	case "ward-phulbari":
		return dispensary
	case "ward-kilimani":
		return healthCentre
	}
	return hospital
}

// enrol draws the families.
func enrol() []family {
	r := rand.New(rand.NewPCG(2026, 1))
	families := make([]family, familyCount)
	for i := range families {
		families[i] = family{
			number: i + 1, standing: standings[i+1],
			village: villages[r.IntN(len(villages))], poor: r.IntN(5) == 0,
		}
		families[i].persons = household(r, i+1)
	}
	return families
}

// household draws the persons of a family: two adults or one, and children, two
// to seven in all; now and then a parent of the head.
func household(r *rand.Rand, number int) []person {
	surname := surnames[r.IntN(len(surnames))]
	taken := map[string]bool{}
	var persons []person
	add := func(gender string, age int, relationship string) {
		persons = append(persons, person{
			family: number, number: len(persons) + 1, given: given(r, gender, taken), surname: surname,
			gender: gender, born: birth(r, age), relationship: relationship,
		})
	}
	size, headAge := 2+r.IntN(6), 26+r.IntN(20)
	headIsMan := r.IntN(3) > 0
	add(sex(headIsMan), headAge, "")
	if size > 2 || r.IntN(2) == 0 {
		add(sex(!headIsMan), headAge-4+r.IntN(8), "8")
	}
	if size > 5 && r.IntN(2) == 0 {
		add(sex(r.IntN(2) == 0), headAge+22+r.IntN(8), "2")
	}
	for len(persons) < size {
		add(sex(r.IntN(2) == 0), r.IntN(min(headAge-18, 20)), "4")
	}
	return persons
}

func sex(man bool) string {
	if man {
		return "male"
	}
	return "female"
}

// members gives all Patients and Groups, and the policies with their memberships,
// one list a family.
func members(families []family) [][]object {
	var groups [][]object
	for _, f := range families {
		var list []object
		for _, p := range f.persons {
			list = append(list, p.resource(f))
		}
		list = append(list, f.resource())
		groups = append(groups, append(list, f.policies()...))
	}
	return groups
}

// resource gives the Group.
func (f family) resource() object {
	var rows []object
	for _, p := range f.persons {
		row := object{"entity", ref("Patient/" + p.id())}
		if p.relationship == "" {
			row = append(object{"extension", []object{extension("group-head", "valueBoolean", true)}}, row...)
		} else {
			row = append(object{"extension", []object{
				extension("group-relationship", "valueCodeableConcept", concept(profiles.SystemOpenIMISRelationship, p.relationship, "")),
			}}, row...)
		}
		rows = append(rows, row)
	}
	return object{
		"resourceType", "Group", "id", f.id(),
		"extension",
		[]object{
			{"url", profiles.ExtensionOpenIMISGroupAddress, "valueAddress", f.address()},
			{"url", profiles.ExtensionOpenIMISGroupPoverty, "valueBoolean", f.poor},
			{"url", profiles.ExtensionOpenIMISGroupType, "valueCodeableConcept", concept(profiles.SystemOpenIMISGroupType, "H", "Household")},
		},
		"identifier",
		[]object{identifier(profiles.IdentifierFamily, f.code())},
		"active", true, "type", "person", "actual", true,
		"name", "Family of " + f.persons[0].fullName(), "quantity", len(rows), "member", rows,
	}
}
