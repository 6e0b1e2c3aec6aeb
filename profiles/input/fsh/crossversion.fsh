// Elements of R5 that Bima says in R4, by the URLs that HL7 gives such extensions.
// HL7 implies their definitions; validators that don't know that find them here.

RuleSet: OfR5(element)
* ^url = "http://hl7.org/fhir/5.0/StructureDefinition/extension-{element}"
* ^version = "5.0.0"
* ^publisher = "HL7"
* url = "http://hl7.org/fhir/5.0/StructureDefinition/extension-{element}" (exactly)
* value[x] 1..1

Extension: CoverageInsurancePlan
Id: extension-Coverage.insurancePlan
Title: "Insurance plan of a coverage"
Description: "The product that a membership is of: R5's Coverage.insurancePlan."
Context: Coverage
* insert OfR5(Coverage.insurancePlan)
* value[x] only Reference(InsurancePlan)

Extension: ConditionalPatch
Id: extension-CapabilityStatement.rest.resource.conditionalPatch
Title: "Conditional patch"
Description: "Whether resources are patched by criteria: R5's CapabilityStatement.rest.resource.conditionalPatch."
Context: CapabilityStatement.rest.resource
* insert OfR5(CapabilityStatement.rest.resource.conditionalPatch)
* value[x] only boolean
