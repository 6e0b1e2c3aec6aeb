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
* item.productOrService.coding 1..*

Profile: BimaCoverageEligibilityResponse
Parent: CoverageEligibilityResponse
Id: coverage-eligibility-response
Title: "Answer on eligibility"
Description: "Whether a person is covered, what is left of limits and ceilings, and until when to wait."
* obeys eligibility-error-says-why
* patient only Reference(Patient)
* request only Reference(CoverageEligibilityRequest)

Invariant: eligibility-error-says-why
Description: "An answer of outcome error says what is wrong."
Severity: #error
Expression: "outcome = 'error' implies error.exists()"
