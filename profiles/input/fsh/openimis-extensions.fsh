// The extensions of openIMIS's implementation guide (CC0) that Bima uses, by their
// own URLs.

RuleSet: OpenIMISExtension(name)
* ^url = "https://openimis.github.io/openimis_fhir_r4_ig/StructureDefinition/{name}"
* ^version = "0.1.0"
* ^publisher = "openIMIS"
* url = "https://openimis.github.io/openimis_fhir_r4_ig/StructureDefinition/{name}" (exactly)
* value[x] 1..1

Extension: OpenIMISMaxInstallments
Id: openimis-insurance-plan-max-installments
Title: "Maximum instalments"
Description: "In how many instalments a contribution may be paid."
Context: InsurancePlan
* insert OpenIMISExtension(insurance-plan-max-installments)
* value[x] only unsignedInt

Extension: OpenIMISStartCycle
Id: openimis-insurance-plan-start-cycle
Title: "Start of a cycle"
Description: "A day and month, dd-mm, on which policies begin."
Context: InsurancePlan
* insert OpenIMISExtension(insurance-plan-start_cycle)
* value[x] only string

Extension: OpenIMISConversion
Id: openimis-insurance-plan-conversion
Title: "Conversion"
Description: "The product that policies are renewed to."
Context: InsurancePlan
* insert OpenIMISExtension(insurance-plan-conversion)
* value[x] only Reference(InsurancePlan)

Extension: OpenIMISFacilityLevel
Id: openimis-organization-hf-level
Title: "Level of the facility"
Description: "Dispensary, health centre or hospital."
Context: Organization
* insert OpenIMISExtension(organization-hf-level)
* value[x] only CodeableConcept

Extension: OpenIMISFacilityCareType
Id: openimis-organization-hf-care-type
Title: "Care type of the facility"
Description: "In-patient, out-patient or both."
Context: Organization
* insert OpenIMISExtension(organization-hf-care-type)
* value[x] only CodeableConcept

Extension: OpenIMISFacilityLegalForm
Id: openimis-organization-hf-legal-form
Title: "Legal form of the facility"
Description: "Government, charity or private."
Context: Organization
* insert OpenIMISExtension(organization-hf-legal-form)
* value[x] only CodeableConcept

Extension: OpenIMISGroupAddress
Id: openimis-group-address
Title: "Address of the family"
Description: "Where the family lives."
Context: Group
* insert OpenIMISExtension(group-address)
* value[x] only Address

Extension: OpenIMISGroupPovertyStatus
Id: openimis-group-poverty-status
Title: "Poverty status"
Description: "Whether the family is counted as poor."
Context: Group
* insert OpenIMISExtension(group-poverty-status)
* value[x] only boolean

Extension: OpenIMISKindOfGroup
Id: openimis-group-type
Title: "Type of group"
Description: "Household, council, organization or another."
Context: Group
* insert OpenIMISExtension(group-type)
* value[x] only CodeableConcept
