// Enrolment: where persons and families live, series of insurance numbers, the
// operations on persons and families, and what devices in the field search by.

Extension: OpenIMISAddressLocation
Id: openimis-address-location-reference
Title: "Village"
Description: "The place of the register of places that the address is in: a village."
Context: Address
* insert OpenIMISExtension(address-location-reference)
* value[x] only Reference(Location)

Extension: OpenIMISAddressMunicipality
Id: openimis-address-municipality
Title: "Municipality"
Description: "The name of the ward or municipality of the address."
Context: Address
* insert OpenIMISExtension(address-municipality)
* value[x] only string

Extension: SeriesLast
Id: series-last
Title: "Last of the series"
Description: "The serial number that was given out last, in decimal digits."
Context: Basic
* value[x] 1..1
* value[x] only string

CodeSystem: RecordCodes
Id: record
Title: "Kinds of records"
Description: "Records of the scheme that R4 has no resource for."
* insert Codes
* #number-series "Series of numbers" "How far a series of numbers without gaps has come."

Instance: Patient-village
InstanceOf: SearchParameter
Usage: #definition
* insert Search(Patient, village, reference)
* description = "The village the person lives in."
* expression = "Patient.address.extension.where(url = 'https://openimis.github.io/openimis_fhir_r4_ig/StructureDefinition/address-location-reference').value"
* target = #Location

Instance: Group-village
InstanceOf: SearchParameter
Usage: #definition
* insert Search(Group, village, reference)
* description = "The village the family lives in."
* expression = "Group.extension.where(url = 'https://openimis.github.io/openimis_fhir_r4_ig/StructureDefinition/group-address').value.extension.where(url = 'https://openimis.github.io/openimis_fhir_r4_ig/StructureDefinition/address-location-reference').value"
* target = #Location

Instance: Organization-village
InstanceOf: SearchParameter
Usage: #definition
* insert Search(Organization, village, reference)
* description = "The village the organization is in."
* expression = "Organization.address.extension.where(url = 'https://openimis.github.io/openimis_fhir_r4_ig/StructureDefinition/address-location-reference').value"
* target = #Location

Instance: Group-head
InstanceOf: SearchParameter
Usage: #definition
* insert Search(Group, head, reference)
* description = "Who is the head of the family."
* expression = "Group.member.where(extension.where(url = 'https://bima.example/fhir/StructureDefinition/group-head').value = true).entity"
* target = #Patient

Instance: Group-member-until
InstanceOf: SearchParameter
Usage: #definition
* insert Search(Group, member-until, date)
* description = "The last day of members who are still in the family."
* expression = "Group.member.where(inactive.empty() or inactive = false).period.end"

// What each of our operations on persons and families says of itself.
RuleSet: Does(type, code, affects)
* url = "https://bima.example/fhir/OperationDefinition/{type}-{code}"
* version = "1.0.0"
* status = #active
* kind = #operation
* affectsState = {affects}
* code = #{code}
* resource = #{type}
* system = false

RuleSet: First(name, use, min, max, type)
* parameter[0].name = #{name}
* parameter[=].use = #{use}
* parameter[=].min = {min}
* parameter[=].max = "{max}"
* parameter[=].type = #{type}

RuleSet: Then(name, use, min, max, type)
* parameter[+].name = #{name}
* parameter[=].use = #{use}
* parameter[=].min = {min}
* parameter[=].max = "{max}"
* parameter[=].type = #{type}

Instance: Group-enrol
InstanceOf: OperationDefinition
Usage: #definition
* insert Does(Group, enrol, true)
* name = "EnrolFamily"
* title = "Enrol persons and families"
* description = "Takes persons and families into the register in one transaction. Who is there already, by id or insurance number, is not made a second time; sent again, the same enrolment changes nothing."
* type = true
* instance = false
* insert First(resource, in, 1, *, Resource)
* parameter[=].documentation = "Patients and Groups, each in a parameter of its own; or a Bundle of them. Members refer to their Patient by fullUrl, by id, or by an identifier."
* insert Then(source, in, 0, 1, string)
* parameter[=].documentation = "The register that the persons come from: it is kept as the assigner of identifiers that name none, and in a Provenance."
* insert Then(return, out, 1, 1, Bundle)
* parameter[=].documentation = "A collection: each family with its members behind it."

Instance: Group-move
InstanceOf: OperationDefinition
Usage: #definition
* insert Does(Group, move, true)
* name = "MoveMember"
* title = "Move a member to another family"
* description = "Ends a membership with the day before, and begins one in another family; the old one stays in the history of its family."
* type = false
* instance = true
* insert First(person, in, 1, 1, Reference)
* parameter[=].documentation = "Who moves."
* insert Then(to, in, 1, 1, Reference)
* parameter[=].documentation = "The family he moves to."
* insert Then(date, in, 0, 1, date)
* parameter[=].documentation = "His first day there; today where it is not given."
* insert Then(relationship, in, 0, 1, CodeableConcept)
* parameter[=].documentation = "What he is to the head of the family he moves to."
* insert Then(head, in, 0, 1, Reference)
* parameter[=].documentation = "Who is head of the old family from then on, where he was."
* insert Then(return, out, 1, 1, Bundle)
* parameter[=].documentation = "A collection: the family he moved to, and the one he left."

Instance: Group-split
InstanceOf: OperationDefinition
Usage: #definition
* insert Does(Group, split, true)
* name = "SplitFamily"
* title = "Split a family"
* description = "Some members leave a family and are a family of their own from a day on."
* type = false
* instance = true
* insert First(person, in, 1, *, Reference)
* parameter[=].documentation = "Who leaves, the new head among them."
* insert Then(new-head, in, 1, 1, Reference)
* parameter[=].documentation = "The head of the new family."
* insert Then(head, in, 0, 1, Reference)
* parameter[=].documentation = "Who is head of the old family from then on, where its head leaves."
* insert Then(identifier, in, 0, 1, string)
* parameter[=].documentation = "The number of the new family; its head's insurance number where it is not given."
* insert Then(address, in, 0, 1, Address)
* parameter[=].documentation = "Where the new family lives; as the old one where it is not given."
* insert Then(date, in, 0, 1, date)
* parameter[=].documentation = "The first day of the new family; today where it is not given."
* insert Then(return, out, 1, 1, Bundle)
* parameter[=].documentation = "A collection: the new family, and the old one."

Instance: Group-change-head
InstanceOf: OperationDefinition
Usage: #definition
* insert Does(Group, change-head, true)
* name = "ChangeHead"
* title = "Change the head of a family"
* description = "Makes another member the head. Relationships are turned to the new head where that follows from the old ones."
* type = false
* instance = true
* insert First(head, in, 1, 1, Reference)
* parameter[=].documentation = "The new head, a member of the family."
* insert Then(relationship, in, 0, 1, CodeableConcept)
* parameter[=].documentation = "What the old head is to the new one."
* insert Then(return, out, 1, 1, Group)
* parameter[=].documentation = "The family."

Instance: Group-enrol-table
InstanceOf: OperationDefinition
Usage: #definition
* insert Does(Group, enrol-table, true)
* name = "EnrolTable"
* title = "Enrol from a table"
* description = "Enrols families from a CSV table, a row for each person. Each family is enrolled or refused by itself; a table may be sent again."
* type = true
* instance = false
* insert First(table, in, 1, 1, base64Binary)
* parameter[=].documentation = "The CSV table in UTF-8; docs/enrolment.md tells its columns. A Binary instead of the Parameters is read too."
* insert Then(dry-run, in, 0, 1, boolean)
* parameter[=].documentation = "True checks all and stores nothing."
* insert Then(source, in, 0, 1, string)
* parameter[=].documentation = "The register that the persons come from."
* insert Then(rows, out, 1, 1, integer)
* parameter[=].documentation = "How many rows were read."
* insert Then(enrolled, out, 1, 1, integer)
* parameter[=].documentation = "How many of them were enrolled, or would be."
* insert Then(unchanged, out, 1, 1, integer)
* parameter[=].documentation = "How many were there already."
* insert Then(refused, out, 1, 1, integer)
* parameter[=].documentation = "How many were refused."
* insert Then(report, out, 1, 1, base64Binary)
* parameter[=].documentation = "A CSV table: what became of each row, the column at fault, and a way out."

Instance: Group-enrol-register
InstanceOf: OperationDefinition
Usage: #definition
* insert Does(Group, enrol-register, true)
* name = "EnrolRegister"
* title = "Enrol from another register"
* description = "Enrols persons and families of another register, as NDJSON of Patients and Groups. They keep their ids and identifiers. A family is enrolled or refused with its persons; a register may be sent again."
* type = true
* instance = false
* insert First(register, in, 1, 1, base64Binary)
* parameter[=].documentation = "NDJSON: a Patient or a Group on each line, in any order. A Binary instead of the Parameters is read too."
* insert Then(dry-run, in, 0, 1, boolean)
* parameter[=].documentation = "True checks all and stores nothing."
* insert Then(source, in, 0, 1, string)
* parameter[=].documentation = "The register that the persons come from."
* insert Then(lines, out, 1, 1, integer)
* parameter[=].documentation = "How many lines were read."
* insert Then(enrolled, out, 1, 1, integer)
* parameter[=].documentation = "How many of them were enrolled, or would be."
* insert Then(unchanged, out, 1, 1, integer)
* parameter[=].documentation = "How many were there already."
* insert Then(refused, out, 1, 1, integer)
* parameter[=].documentation = "How many were refused."
* insert Then(report, out, 1, 1, base64Binary)
* parameter[=].documentation = "A CSV table: what became of each line, the element at fault, and a way out."

Instance: Patient-merge
InstanceOf: OperationDefinition
Usage: #definition
* insert Does(Patient, merge, true)
* name = "MergePatients"
* title = "Merge two records of one person"
* description = "The source is replaced by the target: it becomes inactive and links to it; its identifiers, family membership and cover go over. Refused where both have cover in force."
* type = true
* instance = false
* insert First(source-patient, in, 0, 1, Reference)
* parameter[=].documentation = "The record to be given up."
* insert Then(source-patient-identifier, in, 0, *, Identifier)
* parameter[=].documentation = "Identifiers of the record to be given up."
* insert Then(target-patient, in, 0, 1, Reference)
* parameter[=].documentation = "The record to be kept."
* insert Then(target-patient-identifier, in, 0, *, Identifier)
* parameter[=].documentation = "Identifiers of the record to be kept."
* insert Then(preview, in, 0, 1, boolean)
* parameter[=].documentation = "True tells what would come of it and stores nothing."
* insert Then(input, out, 0, 1, Parameters)
* parameter[=].documentation = "What was asked."
* insert Then(outcome, out, 1, 1, OperationOutcome)
* parameter[=].documentation = "What was done."
* insert Then(result, out, 0, 1, Patient)
* parameter[=].documentation = "The record that is kept."

Instance: Patient-photo
InstanceOf: OperationDefinition
Usage: #definition
* insert Does(Patient, photo, true)
* name = "Photo"
* title = "The photo of a person"
* description = "By POST a photo is taken in: kept as a Binary, with a thumbnail in Patient.photo. By GET it is answered as an image, with an ETag."
* type = false
* instance = true
* insert First(photo, in, 0, 1, Attachment)
* parameter[=].documentation = "The photo, JPEG or PNG, in data. A Binary instead of the Parameters is read too."
* insert Then(size, in, 0, 1, code)
* parameter[=].documentation = "By GET: thumbnail, or full."
* insert Then(return, out, 0, 1, Patient)
* parameter[=].documentation = "By POST: the person."
