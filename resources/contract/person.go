package contract

import (
	"slices"

	"bima/adjudication"
	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
)

// A member is a person whom a policy covers.
type member struct {
	key      fhir.Key
	node     fhir.Node // the Patient
	head     bool
	other    bool      // a relative who is never part of the lump sum
	relation fhir.Node // to the head, a CodeableConcept
}

// relationOther is openIMIS's relationship of relatives beyond the family.
const relationOther = "7"

// adult reports whether the person has come of age by a day.
func (m member) adult(on day, majority int) bool {
	born, known := adjudication.ReadDay(m.node.Get("birthDate").Text())
	if !known {
		return true
	}
	b, d := adjudication.Date(born), adjudication.Date(on)
	years := d.Year() - b.Year()
	if d.Month() < b.Month() || d.Month() == b.Month() && d.Day() < b.Day() {
		years--
	}
	return years >= majority
}

// A holder is whom a policy is for: a family, or a person alone.
type holder struct {
	key     fhir.Key
	node    fhir.Node
	members []member // the head first
}

// head gives the head of the family, or the person alone.
func (h *holder) head() member { return h.members[0] }

// number gives what the holder is known by in the scheme.
func (h *holder) number() string {
	for _, system := range []string{profiles.IdentifierFamily, profiles.IdentifierInsuranceNumber} {
		if value := h.node.Identifier(system); value != "" {
			return value
		}
	}
	return h.key.ID
}

// holderOf reads whom a policy is for, and who is in the family now. Who has
// died or left the register is not.
func holderOf(r fhir.Reader, k fhir.Key, at string) (*holder, error) {
	n, err := read(r, k)
	if err != nil {
		return nil, err
	}
	if !n.Exists() {
		return nil, refuse(at, "there is no %s", k)
	}
	h := &holder{key: k, node: n}
	if k.Type == "Patient" {
		h.members = []member{{key: k, node: n, head: true}}
	} else if err := h.family(r, at); err != nil {
		return nil, err
	}
	h.members = slices.DeleteFunc(h.members, func(m member) bool { return gone(m.node) })
	if len(h.members) == 0 {
		return nil, refuse(at, "nobody of %s is in the register any more", k)
	}
	slices.SortStableFunc(h.members, func(a, b member) int {
		switch {
		case a.head && !b.head:
			return -1
		case b.head && !a.head:
			return 1
		}
		return 0
	})
	return h, nil
}

// family reads the members of a Group.
func (h *holder) family(r fhir.Reader, at string) error {
	if h.node.Get("active").Text() == "false" {
		return refuse(at, "the family %s is closed", h.key)
	}
	var keys []fhir.Key
	for m := range h.node.Get("member").Each() {
		k := target(m.Get("entity"))
		if m.Get("inactive").Text() == "true" || k.Type != "Patient" {
			continue
		}
		relation := m.Extension(profiles.ExtensionGroupRelationship).Get("valueCodeableConcept")
		h.members = append(h.members, member{
			key: k, relation: relation, other: relation.Code(profiles.SystemOpenIMISRelationship) == relationOther,
			head: m.Extension(profiles.ExtensionGroupHead).Get("valueBoolean").Text() == "true",
		})
		keys = append(keys, k)
	}
	if len(keys) > membersMax {
		return refuse(at, "a policy covers %d members at most, %s has %d", membersMax, h.key, len(keys))
	}
	persons, err := r.ReadMany(keys)
	if err != nil {
		return err
	}
	trees := make(map[fhir.Key]fhir.Node, len(persons))
	for _, p := range persons {
		doc, err := fhir.Parse(p.Body)
		if err != nil {
			return err
		}
		trees[p.Key] = doc.Root()
	}
	for i := range h.members {
		h.members[i].node = trees[h.members[i].key]
	}
	return nil
}

// only leaves the members of the keys; it refuses who is not of the family.
func (h *holder) only(keys []fhir.Key, at string) error {
	if len(keys) == 0 {
		return nil
	}
	for _, k := range keys {
		if !slices.ContainsFunc(h.members, func(m member) bool { return m.key == k }) {
			return refuse(at, "%s is not of %s now", k, h.key)
		}
	}
	h.members = slices.DeleteFunc(h.members, func(m member) bool { return !slices.Contains(keys, m.key) })
	return nil
}

// gone reports whether a person can't be a member any more.
func gone(patient fhir.Node) bool {
	return !patient.Exists() || patient.Get("deceasedDateTime").Exists() ||
		patient.Get("deceasedBoolean").Text() == "true" || patient.Get("active").Text() == "false"
}

// target gives the resource of this server that a Reference names, without its
// version; zero where it names none.
func target(reference fhir.Node) fhir.Key { return r4.Local(reference.Get("reference").Text()) }

// read gives the tree of a resource that is there; absent where it is not.
func read(r fhir.Reader, k fhir.Key) (fhir.Node, error) {
	resource, err := current(r, k)
	if err != nil || resource == nil {
		return fhir.Node{}, err
	}
	doc, err := fhir.Parse(resource.Body)
	if err != nil {
		return fhir.Node{}, err
	}
	return doc.Root(), nil
}

// current gives a resource that is there; nil where it is not.
func current(r fhir.Reader, k fhir.Key) (*fhir.Resource, error) {
	resource, err := r.Read(k)
	if fhir.HasIssue(err, fhir.IssueNotFound) || err == nil && resource.Deleted {
		return nil, nil
	}
	return resource, err
}

// coveragesMax bounds how many Coverages of one person are looked at.
const coveragesMax = 200

// A coverage is a person's membership as it is stored.
type coverage struct {
	key      fhir.Key
	node     fhir.Node
	contract fhir.Key
	plan     fhir.Key
	state    string
	inForce  bool // its status is active
	from, to day  // both days in it; an open end is the last day there is
}

// lastDay stands for an open end.
const lastDay = day(1<<31 - 1)

// coverages gives all Coverages of a person.
func coverages(r fhir.Reader, person fhir.Key) ([]coverage, error) {
	page, err := r.Search(&fhir.Query{Types: []string{"Coverage"}, Limit: coveragesMax, Where: fhir.Match{
		Param: fhir.Param{Code: "beneficiary", Kind: fhir.ParamReference}, Value: fhir.ReferenceValue{Key: person},
	}})
	if err != nil {
		return nil, err
	}
	var list []coverage
	for _, resource := range page.Resources {
		doc, err := fhir.Parse(resource.Body)
		if err != nil {
			return nil, err
		}
		n := doc.Root()
		c := coverage{
			key: resource.Key, node: n, contract: target(n.Get("contract").First()), state: state(n, profiles.ExtensionCoverageState),
			plan:    target(n.Extension(profiles.ExtensionCoverageInsurancePlan).Get("valueReference")),
			inForce: n.Get("status").Text() == "active", to: lastDay,
		}
		c.from, _ = adjudication.ReadDay(n.At("period", "start").Text())
		if end, ok := adjudication.ReadLastDay(n.At("period", "end").Text()); ok {
			c.to = end
		}
		list = append(list, c)
	}
	return list, nil
}
