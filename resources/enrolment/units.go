package enrolment

import (
	"hash/maphash"
	"slices"

	"bima/fhir"
)

// Units finds out which resources of a register belong together: a family and the
// persons in it. It keeps a few bytes of each, so a nation's register fits.
type Units struct {
	seed   maphash.Seed
	owner  map[uint64]int // of each name, the first resource that bears it
	within []int          // of each resource, one that it belongs with
	meant  []meaning
}

// A meaning is a name by which a family means a person.
type meaning struct {
	by   int
	name uint64
}

// NewUnits begins a register.
func NewUnits() *Units { return &Units{seed: maphash.MakeSeed(), owner: map[uint64]int{}} }

// Add takes the next resource; one that is none of a register belongs with none.
func (u *Units) Add(n fhir.Node) {
	at := len(u.within)
	u.within = append(u.within, at)
	switch n.Get("resourceType").Text() {
	case "Patient":
		for _, name := range namesOf(n) {
			hash := maphash.String(u.seed, name)
			if _, taken := u.owner[hash]; !taken {
				u.owner[hash] = at
			}
		}
	case "Group":
		for m := range n.Get("member").Each() {
			name := m.At("entity", "reference").Text()
			if identifier := m.At("entity", "identifier"); name == "" && identifier.Exists() {
				name = nameOf(identifier)
			}
			if name != "" {
				u.meant = append(u.meant, meaning{at, maphash.String(u.seed, name)})
			}
		}
	}
}

// namesOf gives the texts by which a reference may mean a person.
func namesOf(n fhir.Node) []string {
	var names []string
	if id := n.Get("id").Text(); id != "" {
		names = append(names, "Patient/"+id)
	}
	for identifier := range n.Get("identifier").Each() {
		names = append(names, nameOf(identifier))
	}
	return names
}

func nameOf(identifier fhir.Node) string {
	return identifier.Get("system").Text() + "|" + identifier.Get("value").Text()
}

// All gives the places of the resources that belong together, in the order in
// which the units begin.
func (u *Units) All() [][]int {
	for _, m := range u.meant {
		if person, known := u.owner[m.name]; known {
			a, b := u.root(m.by), u.root(person)
			u.within[max(a, b)] = min(a, b)
		}
	}
	place := map[int]int{}
	var units [][]int
	for i := range u.within {
		root := u.root(i)
		at, begun := place[root]
		if !begun {
			at = len(units)
			place[root] = at
			units = append(units, nil)
		}
		units[at] = append(units[at], i)
	}
	return slices.Clip(units)
}

// root gives the resource that stands for a unit.
func (u *Units) root(i int) int {
	for u.within[i] != i {
		u.within[i] = u.within[u.within[i]]
		i = u.within[i]
	}
	return i
}
