package group

import (
	"fmt"

	"bima/fhir"
	"bima/profiles"
)

// What a member is to the head, as openIMIS codes it (patient-contact-relationship).
const (
	sibling    = "1"
	parent     = "2"
	child      = "4"
	grandchild = "7" // openIMIS has no code of its own: others
	others     = "7"
	spouse     = "8"
)

var relationships = map[string]bool{"1": true, "2": true, "3": true, "4": true, "5": true, "6": true, "7": true, "8": true}

// turned holds what the others are to a new head, by what he was to the old one:
// of the old head himself (under ""), and of who was something to him. What does
// not follow is others.
var turned = map[string]map[string]string{
	spouse:  {"": spouse, child: child},
	child:   {"": parent, spouse: parent, child: sibling, parent: "5", sibling: "3"},
	parent:  {"": child, spouse: others, child: grandchild, parent: spouse, sibling: child},
	sibling: {"": sibling, parent: parent, sibling: sibling, "5": "5", "3": "3"},
}

// relationshipAfter gives what somebody is to a new head, who was something to
// the old one; was is "" of the old head.
func relationshipAfter(newHead, was string) string {
	if now := turned[newHead][was]; now != "" {
		return now
	}
	return others
}

// relationshipOf gives what a member is to the head; "" where that is not known.
func relationshipOf(m fhir.Node) string {
	return m.Extension(profiles.ExtensionGroupRelationship).Get("valueCodeableConcept").Code(profiles.SystemOpenIMISRelationship)
}

// concept writes a relationship.
func concept(code string) []byte {
	return fmt.Appendf(nil, `{"coding":[{"system":%q,"code":%q}]}`, profiles.SystemOpenIMISRelationship, code)
}
