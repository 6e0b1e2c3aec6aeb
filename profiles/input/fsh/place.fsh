// Facilities and the people of the scheme: contracts, catchment, areas of work.

Extension: FacilityContract
Id: facility-contract
Title: "Contract with the scheme"
Description: "From when to when the facility has a contract with the scheme, and when it is suspended meanwhile. Both ends are included."
Context: Organization
* extension contains
    period 1..1 and
    suspension 0..*
* extension[period].value[x] 1..1
* extension[period].value[x] only Period
* extension[suspension].value[x] 1..1
* extension[suspension].value[x] only Period

Extension: Catchment
Id: catchment
Title: "Catchment"
Description: "A place whose people a facility serves, and which share of them counts for its capitation."
Context: Organization
* extension contains
    place 1..1 and
    percentage 0..1
* extension[place].value[x] 1..1
* extension[place].value[x] only Reference(Location)
* extension[percentage].value[x] 1..1
* extension[percentage].value[x] only decimal

Extension: FacilitySublevel
Id: facility-sublevel
Title: "Sub-level of the facility"
Description: "A scheme's own finer level, such as a referral hospital."
Context: Organization
* value[x] 1..1
* value[x] only CodeableConcept

CodeSystem: SchemeRoleCodes
Id: scheme-role
Title: "Roles in the scheme"
Description: "What people do for the scheme, where openIMIS's practitioner-qualification-type has no code. It stands in PractitionerRole.code."
* insert Codes
* #medical-reviewer "Medical reviewer" "Looks at claims that wait for a person."
* #review-supervisor "Supervisor of reviews" "Sees to reviews that are overdue, and lets claims go without one."
* #community-health-worker "Community health worker" "Visits the families of a place, and asks patients about care."
* #accountant "Accountant" "Books what comes in and goes out."

Profile: BimaWorker
Parent: PractitionerRole
Id: worker
Title: "Role in the scheme"
Description: "What a person does for the scheme or a facility, where and how long: an enrolment officer in his places, a claim administrator at his facility, a medical reviewer."
* extension contains CashLimit named cashLimit 0..*
* practitioner 1..1
* code 1..*
* code.coding 1..*
* location only Reference(Location)

Instance: Organization-level
InstanceOf: SearchParameter
Usage: #definition
* insert Search(Organization, level, token)
* description = "The level of a facility: dispensary, health centre or hospital, or a scheme's own sub-level."
* expression = "Organization.extension.where(url = 'https://openimis.github.io/openimis_fhir_r4_ig/StructureDefinition/organization-hf-level' or url = 'https://bima.example/fhir/StructureDefinition/facility-sublevel').value"

Instance: Organization-care-type
InstanceOf: SearchParameter
Usage: #definition
* insert Search(Organization, care-type, token)
* description = "Whether a facility is for in-patients, out-patients or both."
* expression = "Organization.extension.where(url = 'https://openimis.github.io/openimis_fhir_r4_ig/StructureDefinition/organization-hf-care-type').value"

Instance: Organization-legal-form
InstanceOf: SearchParameter
Usage: #definition
* insert Search(Organization, legal-form, token)
* description = "Whether a facility is the government's, a charity's or private."
* expression = "Organization.extension.where(url = 'https://openimis.github.io/openimis_fhir_r4_ig/StructureDefinition/organization-hf-legal-form').value"

Instance: Organization-price-list
InstanceOf: SearchParameter
Usage: #definition
* insert Search(Organization, price-list, token)
* description = "A price list that a facility is paid by."
* expression = "Organization.extension.where(url = 'https://bima.example/fhir/StructureDefinition/price-list').value"

Instance: Organization-catchment
InstanceOf: SearchParameter
Usage: #definition
* insert Search(Organization, catchment, reference)
* description = "A place whose people a facility serves."
* expression = "Organization.extension.where(url = 'https://bima.example/fhir/StructureDefinition/catchment').extension.where(url = 'place').value"
* target = #Location

Instance: Organization-contract
InstanceOf: SearchParameter
Usage: #definition
* insert Search(Organization, contract, date)
* description = "When a facility has a contract with the scheme."
* expression = "Organization.extension.where(url = 'https://bima.example/fhir/StructureDefinition/facility-contract').extension.where(url = 'period').value"
