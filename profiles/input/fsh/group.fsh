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

Profile: BimaGroup
Parent: Group
Id: group
Title: "Family"
Description: "Persons who are insured together: openIMIS's family, or the employees of one employer. One member is its head."
* obeys group-one-head
* insert BySystem
* identifier contains family 0..1
* identifier[family] insert System(family)
* extension contains OpenIMISGroupAddress named address 0..1 and OpenIMISGroupPovertyStatus named povertyStatus 0..1 and OpenIMISKindOfGroup named type 0..1
* type = #person
* actual = true
* member 1..*
* member.extension contains GroupHead named head 0..1 and GroupRelationship named relationship 0..1
* member.entity only Reference(Patient)

Invariant: group-one-head
Description: "At most one member is the head of the family."
Severity: #error
Expression: "member.where(extension.where(url = 'https://bima.example/fhir/StructureDefinition/group-head').value = true).count() <= 1"
