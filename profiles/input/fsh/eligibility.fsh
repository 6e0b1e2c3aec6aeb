// CoverageEligibilityRequest: whether, and how far, a person is covered.

Instance: eligibility-submit
InstanceOf: OperationDefinition
Usage: #definition
* url = "https://bima.example/fhir/OperationDefinition/eligibility-submit"
* version = "1.0.0"
* name = "SubmitEligibility"
* title = "Ask for eligibility"
* status = #active
* kind = #operation
* description = "Stores the question and answers it: whether the person is covered on the day and, for each service asked about, what is left of limits and ceilings, until when to wait, and what the member would pay."
* affectsState = true
* code = #submit
* base = "http://hl7.org/fhir/OperationDefinition/CoverageEligibilityRequest-submit"
* resource = #CoverageEligibilityRequest
* system = false
* type = true
* instance = false
* parameter[0].name = #resource
* parameter[=].use = #in
* parameter[=].min = 1
* parameter[=].max = "1"
* parameter[=].documentation = "A CoverageEligibilityRequest, or a Bundle of one and what it refers to."
* parameter[=].type = #Resource
* parameter[+].name = #return
* parameter[=].use = #out
* parameter[=].min = 1
* parameter[=].max = "1"
* parameter[=].documentation = "The CoverageEligibilityResponse, or a Bundle with it."
* parameter[=].type = #Resource

Profile: BimaCoverageEligibilityRequest
Parent: CoverageEligibilityRequest
Id: coverage-eligibility-request
Title: "Question of eligibility"
Description: "Whether, and how far, a person is covered on a day, in general or for certain services."
* patient only Reference(Patient)
* extension contains VisitType named visitType 0..1
* item.productOrService.coding 1..*

Profile: BimaCoverageEligibilityResponse
Parent: CoverageEligibilityResponse
Id: coverage-eligibility-response
Title: "Answer on eligibility"
Description: "Whether a person is covered, what is left of limits and ceilings, and until when to wait."
* obeys eligibility-error-says-why
* patient only Reference(Patient)
* request only Reference(CoverageEligibilityRequest)
* insurance.item.extension contains ExclusionReason named exclusion 0..1
* insurance.item.benefit.extension contains BenefitLeft named left 0..1

Invariant: eligibility-error-says-why
Description: "An answer of outcome error says what is wrong."
Severity: #error
Expression: "outcome = 'error' implies error.exists()"

Extension: VisitType
Id: visit-type
Title: "Type of visit"
Description: "What kind of visit the question is about, in the codes of Claim.subType: HL7's ActCode AMB, EMER or IMP, or openIMIS's visit types. Where it is absent, services over several days are in-patient care, others out-patient."
Context: CoverageEligibilityRequest
* value[x] 1..1
* value[x] only CodeableConcept

Extension: AuthorizationRequired
Id: authorization-required
Title: "Preauthorization required"
Description: "The scheme wants to agree to the service before it is given: a claim for it names a preauthorization (Claim.insurance.preAuthRef). In an emergency it is asked for as preauthorization-terms say."
Context: InsurancePlan.coverage.benefit
* value[x] 1..1
* value[x] only boolean

Extension: ExclusionReason
Id: exclusion-reason
Title: "Reason of the exclusion"
Description: "Why a claim for the service would not be paid, as in ClaimResponse.item.adjudication.reason."
Context: CoverageEligibilityResponse.insurance.item
* value[x] 1..1
* value[x] only CodeableConcept

Extension: BenefitLeft
Id: benefit-left
Title: "Left of the benefit"
Description: "What is left of what is allowed: visits, units, or money."
Context: CoverageEligibilityResponse.insurance.item.benefit
* value[x] 1..1
* value[x] only decimal or Money
