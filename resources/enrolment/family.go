package enrolment

import (
	"strings"

	"bima/profiles"
)

// A household is a family as it was understood.
type household struct {
	family   Family
	persons  []person
	problems map[int][]problem // by row
}

// entries gives the Bundle entries of a family: its persons, and the Group.
func (h *household) entries() []any {
	var list []any
	for _, p := range h.persons {
		list = append(list, map[string]any{"fullUrl": p.url(), "resource": p.patient()})
	}
	return append(list, map[string]any{"resource": h.group()})
}

// group gives the Group. Where the head is not in the table he is meant by his
// number, and the persons are added to his family.
func (h *household) group() map[string]any {
	head := h.persons[0]
	body := map[string]any{"resourceType": "Group", "active": true, "type": "person", "actual": true}
	var members []any
	if !head.head {
		members = append(members, map[string]any{
			"extension": []any{headMark}, "entity": map[string]any{"identifier": map[string]any{"system": profiles.IdentifierInsuranceNumber, "value": head.row.get(columnHead)}},
		})
	} else {
		body["name"] = head.row.get(columnFamilyName)
		body["extension"] = h.about(head)
	}
	for i, p := range h.persons {
		members = append(members, p.member(i == 0 && head.head))
	}
	body["member"], body["quantity"] = members, len(members)
	if code := head.row.get(columnFamily); code != "" {
		body["identifier"] = []any{map[string]any{"system": profiles.IdentifierFamily, "value": code}}
	}
	return body
}

var headMark = map[string]any{"url": profiles.ExtensionGroupHead, "valueBoolean": true}

// about gives what a family says of itself.
func (h *household) about(head person) []any {
	kind := strings.ToUpper(head.row.get(columnFamilyType))
	if kind == "" {
		kind = "H"
	}
	list := []any{
		map[string]any{"url": profiles.ExtensionOpenIMISGroupType, "valueCodeableConcept": map[string]any{"coding": []any{map[string]any{"system": profiles.SystemOpenIMISGroupType, "code": kind}}}},
		map[string]any{"url": profiles.ExtensionOpenIMISGroupPoverty, "valueBoolean": yes[strings.ToLower(head.row.get(columnPoor))]},
	}
	if a := head.address(); a != nil {
		list = append(list, map[string]any{"url": profiles.ExtensionOpenIMISGroupAddress, "valueAddress": a})
	}
	return list
}

// member gives a person's row of the Group.
func (p person) member(head bool) map[string]any {
	m := map[string]any{"entity": map[string]any{"reference": p.url()}}
	switch {
	case head:
		m["extension"] = []any{headMark}
	case p.relationship != "":
		m["extension"] = []any{map[string]any{"url": profiles.ExtensionGroupRelationship, "valueCodeableConcept": map[string]any{
			"coding": []any{map[string]any{"system": profiles.SystemOpenIMISRelationship, "code": p.relationship}},
		}}}
	}
	if p.joined != "" {
		m["period"] = map[string]any{"start": p.joined}
	}
	return m
}
