// Group: openIMIS's family, or another group that is insured together.

Extension: GroupHead
Id: group-head
Title: "Head of the family"
Description: "True on the one member who speaks for the family."
Context: Group.member
* value[x] 1..1
* value[x] only boolean

Extension: GroupRelationship
Id: group-relationship
Title: "Relationship to the head"
Description: "What the member is to the head (openIMIS's patient-contact-relationship)."
Context: Group.member
* value[x] 1..1
* value[x] only CodeableConcept
