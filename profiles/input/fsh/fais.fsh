// IHE FAIS: enrolment by EnrollmentRequest, and searches of InsurancePlan;
// docs/fais.md.

Extension: EnrollmentResult
Id: enrollment-result
Title: "Result of an enrolment"
Description: "What an EnrollmentRequest led to: the person, the policy, the membership, and what is to be paid for it."
Context: EnrollmentResponse
* value[x] 1..1
* value[x] only Reference(Patient or Contract or Coverage or Invoice)

Extension: EnrollmentReason
Id: enrollment-reason
Title: "Reason of a refusal"
Description: "Why an enrolment was refused, as a rule of the CodeSystem issue-detail, with the element and a way out as text."
Context: EnrollmentResponse
* value[x] 1..1
* value[x] only CodeableConcept

Instance: enrollment-submit
InstanceOf: OperationDefinition
Usage: #definition
* url = "https://bima.example/fhir/OperationDefinition/enrollment-submit"
* version = "1.0.0"
* name = "SubmitEnrollment"
* title = "Enrol a person"
* status = #active
* kind = #operation
* description = "Stores the request, registers the person where he is not known, and offers the policy of the plan that the Coverage names: active at once where nothing is to be paid. The same request again, by its identifier or of the same person and plan, gets what it led to. What the rules of the scheme refuse is answered by an EnrollmentResponse with outcome error. A collection Bundle holds the request with the Patient and the Coverage it refers to, and is answered by a collection."
* affectsState = true
* code = #submit
* resource = #EnrollmentRequest
* system = false
* type = true
* instance = false
* parameter[0].name = #resource
* parameter[=].use = #in
* parameter[=].min = 1
* parameter[=].max = "1"
* parameter[=].documentation = "An EnrollmentRequest, or a collection Bundle of one and what it refers to."
* parameter[=].type = #Resource
* parameter[+].name = #return
* parameter[=].use = #out
* parameter[=].min = 1
* parameter[=].max = "1"
* parameter[=].documentation = "The EnrollmentResponse, or a Bundle with it."
* parameter[=].type = #Resource

Instance: InsurancePlan-network
InstanceOf: SearchParameter
Usage: #definition
* insert Search(InsurancePlan, network, reference)
* description = "The facilities at which the plan is good."
* expression = "InsurancePlan.network | InsurancePlan.coverage.network | InsurancePlan.plan.network"
* target = #Organization

Instance: InsurancePlan-coverage-area
InstanceOf: SearchParameter
Usage: #definition
* insert Search(InsurancePlan, coverage-area, reference)
* description = "Where the plan is sold."
* expression = "InsurancePlan.coverageArea | InsurancePlan.plan.coverageArea"
* target = #Location

Instance: InsurancePlan-benefit-type
InstanceOf: SearchParameter
Usage: #definition
* insert Search(InsurancePlan, benefit-type, token)
* description = "What the plan pays for."
* expression = "InsurancePlan.coverage.benefit.type"
