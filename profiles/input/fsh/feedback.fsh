// What patients are asked about their care, and samples of claims whose deductions
// are extrapolated.

Extension: FeedbackSelection
Id: feedback-selection
Title: "Selection for feedback"
Description: "The share of decided claims about which the patient is asked. A product without it asks nobody; a facility's own share takes the place of the product's."
* ^context[0].type = #element
* ^context[0].expression = "InsurancePlan"
* ^context[1].type = #element
* ^context[1].expression = "Organization"
* extension contains
    percentage 1..1 and
    seed 0..1 and
    days 0..1
* extension[percentage].value[x] 1..1
* extension[percentage].value[x] only decimal
* extension[seed] ^short = "What the lot is drawn by; a product's"
* extension[seed].value[x] 1..1
* extension[seed].value[x] only string
* extension[days] ^short = "How many days there are to answer; the scheme's where it is absent"
* extension[days].value[x] 1..1
* extension[days].value[x] only positiveInt

Extension: OpenIMISCommunicationPayloadType
Id: openimis-communication-payload-type
Title: "Question"
Description: "Which of the five questions of feedback a payload asks or answers."
* ^context[0].type = #element
* ^context[0].expression = "CommunicationRequest.payload"
* ^context[1].type = #element
* ^context[1].expression = "Communication.payload"
* insert OpenIMISExtension(communication-payload-type)
* value[x] only CodeableConcept

Extension: FeedbackAnswer
Id: feedback-answer
Title: "Answer"
Description: "The Communication by which the patient has answered."
Context: CommunicationRequest
* value[x] 1..1
* value[x] only Reference(Communication)

CodeSystem: OpenIMISFeedbackPayload
Id: openimis-feedback-payload
Title: "Questions of feedback of openIMIS"
Description: "The five questions of feedback as openIMIS codes them; the spelling of the last is its own."
* insert Codes
* insert OpenIMIS(feedback-payload)
* #CareRendered "Care rendered"
* #PaymentAsked "Payment asked"
* #DrugPrescribed "Drug prescribed"
* #DrugReceived "Drug received"
* #Asessment "Overall assessment"

CodeSystem: OpenIMISFeedbackStatus
Id: openimis-feedback-status
Title: "States of feedback of openIMIS"
Description: "How far feedback is, as openIMIS codes it."
* insert Codes
* insert OpenIMIS(feedback-status)
* #4 "Selected"
* #8 "Delivered"
* #16 "Bypassed"

CodeSystem: CommunicationKinds
Id: communication
Title: "Kinds of communication"
Description: "What a CommunicationRequest or a Communication of the scheme is about."
* insert Codes
* #feedback "Feedback" "What the patient says about care that was claimed."

CodeSystem: FeedbackReasons
Id: feedback-reason
Title: "Reasons of feedback"
Description: "Why a request for feedback stands as it does."
* insert Codes
* #drawn "Drawn" "The claim was drawn by lot."
* #manual "Manual" "A person asked for it."
* #no-officer "No officer" "Nobody with a phone serves the place where the patient lives; whoever is found is asked later."
* #delivered "Delivered" "The patient has answered."
* #unanswered "Unanswered" "Nobody answered by the day it was due."
* #bypassed "Bypassed" "A person let it go without an answer."

Instance: Claim-request-feedback
InstanceOf: OperationDefinition
Usage: #definition
* insert Does(Claim, request-feedback, true)
* name = "RequestFeedback"
* title = "Ask the patient about a claim"
* description = "Has the patient of a decided claim asked about the care, whatever the product says. A claim is asked about once."
* type = false
* instance = true
* insert First(recipient, in, 0, 1, Reference)
* parameter[=].documentation = "Who asks the patient: a PractitionerRole or Practitioner, such as a community health worker; an enrolment officer of the patient's place where it is not given."
* insert Then(days, in, 0, 1, integer)
* parameter[=].documentation = "How many days there are to answer."
* insert Then(return, out, 1, 1, CommunicationRequest)
* parameter[=].documentation = "The request. Asked for again, the one there is."

Instance: CommunicationRequest-bypass
InstanceOf: OperationDefinition
Usage: #definition
* insert Does(CommunicationRequest, bypass, true)
* name = "BypassFeedback"
* title = "Let a claim go without feedback"
* description = "Closes a request for feedback that is open."
* type = false
* instance = true
* insert First(reason, in, 1, 1, string)
* parameter[=].documentation = "Why nobody needs to answer."
* insert Then(return, out, 1, 1, CommunicationRequest)
* parameter[=].documentation = "The request, revoked."

Instance: Organization-feedback
InstanceOf: OperationDefinition
Usage: #definition
* insert Does(Organization, feedback, false)
* name = "FeedbackOnFacility"
* title = "What patients say of a facility"
* description = "Counts the answers of patients, and those that speak against the facility."
* type = false
* instance = true
* insert First(period, in, 0, 1, Period)
* parameter[=].documentation = "The days on which the answers came; an end that is missing is open."
* insert Then(answers, out, 1, 1, unsignedInt)
* parameter[=].documentation = "Patients who answered."
* insert Then(negative, out, 1, 1, unsignedInt)
* parameter[=].documentation = "Answers that speak against the facility for at least one reason."
* insert Then(share, out, 0, 1, decimal)
* parameter[=].documentation = "The negative ones, in percent of the answers; absent where there are none."
* insert Then(notRendered, out, 1, 1, unsignedInt)
* parameter[=].documentation = "Patients who say that no care was rendered."
* insert Then(paymentAsked, out, 1, 1, unsignedInt)
* parameter[=].documentation = "Patients who were asked for money."
* insert Then(drugsNotReceived, out, 1, 1, unsignedInt)
* parameter[=].documentation = "Patients who did not receive the drugs prescribed."
* insert Then(poor, out, 1, 1, unsignedInt)
* parameter[=].documentation = "Assessments of 0 or 1."
* insert Then(assessment, out, 0, 1, decimal)
* parameter[=].documentation = "The average assessment, from 0 to 5."

Extension: ClaimSampling
Id: claim-sampling
Title: "Claim sampling"
Description: "What a List of claims is a sample of, and how far it is."
Context: List
* extension contains
    facility 0..1 and
    period 1..1 and
    percentage 1..1 and
    seed 1..1 and
    state 1..1 and
    rate 0..1 and
    settled 0..1 and
    by 1..1
* extension[facility].value[x] 1..1
* extension[facility].value[x] only Reference(Organization)
* extension[period] ^short = "The days on which the claims were made"
* extension[period].value[x] 1..1
* extension[period].value[x] only Period
* extension[percentage].value[x] 1..1
* extension[percentage].value[x] only decimal
* extension[seed].value[x] 1..1
* extension[seed].value[x] only string
* extension[state].value[x] 1..1
* extension[state].value[x] only code
* extension[rate] ^short = "The percentage that the reviews of the sample took off"
* extension[rate].value[x] 1..1
* extension[rate].value[x] only decimal
* extension[settled] ^short = "How many entries the approval or the refusal has reached"
* extension[settled].value[x] 1..1
* extension[settled].value[x] only unsignedInt
* extension[by] ^short = "Who began it; somebody else decides on it"
* extension[by].value[x] 1..1
* extension[by].value[x] only string

Extension: SamplingBefore
Id: sampling-before
Title: "Eligible before the review"
Description: "What was eligible of the claim when the sample was drawn, before costs are shared."
Context: List.entry
* value[x] 1..1
* value[x] only Money

CodeSystem: ClaimSamplingCodes
Id: claim-sampling
Title: "Claim sampling"
Description: "Samples of claims: the List and its entries, its states, and the figures of its report."
* insert Codes
* #claim-sampling "Claim sampling" "A List of claims of which a sample is reviewed."
* #sampled "Sampled" "A claim of the sample: it is reviewed."
* #rest "Rest" "A claim that is not reviewed; what was taken off the sample may be taken off it too."
* #reviewing "Being reviewed" "Reviews of the sample are open."
* #reviewed "Reviewed" "The sample was reviewed; somebody has to decide on the rest."
* #approved "Approved" "The deduction is taken off the rest."
* #refused "Refused" "The deduction is not taken off; every claim of the rest is reviewed."
* #eligible-before "Eligible before" "What was eligible of the sample before its reviews."
* #eligible-after "Eligible after" "What is eligible of the sample after its reviews."
* #rate "Rate" "The deduction, in percent of what was eligible before."
* #eligible-rest "Eligible of the rest" "What is eligible of the claims that were not reviewed."
* #deduction "Expected deduction" "What the rate takes off the rest."

Instance: claim-sampling
InstanceOf: Measure
Usage: #definition
* url = "https://bima.example/fhir/Measure/claim-sampling"
* version = "1.0.0"
* name = "ClaimSampling"
* title = "Claim sampling"
* status = #active
* description = "What the reviews of a sample of claims took off, and what that means for the claims that were not reviewed."

Instance: Claim-sample
InstanceOf: OperationDefinition
Usage: #definition
* insert Does(Claim, sample, true)
* name = "SampleClaims"
* title = "Review a sample of claims"
* description = "Draws a sample of the decided claims of a facility and a period; the sample is reviewed, and what that takes off may be taken off the other claims too, once somebody else approves."
* type = true
* instance = false
* insert First(facility, in, 1, 1, Reference)
* parameter[=].documentation = "The facility whose claims they are."
* insert Then(period, in, 1, 1, Period)
* parameter[=].documentation = "The days on which they were made (Claim.created), both ends included."
* insert Then(percentage, in, 1, 1, decimal)
* parameter[=].documentation = "How many of a hundred are reviewed; one at least."
* insert Then(seed, in, 0, 1, string)
* parameter[=].documentation = "What the lot is drawn by; the same seed draws the same claims. The id of the List where it is not given."
* insert Then(by, in, 0, 1, Reference)
* parameter[=].documentation = "Who draws it: a PractitionerRole. Only an administrator names another than himself."
* insert Then(return, out, 1, 1, List)
* parameter[=].documentation = "The claims, each of the sample or of the rest."

Instance: List-extrapolation
InstanceOf: OperationDefinition
Usage: #definition
* insert Does(List, extrapolation, false)
* name = "Extrapolation"
* title = "What a sample means for the rest"
* description = "What the reviews of a sample of claims took off so far, and what the same rate would take off the claims that were not reviewed."
* type = false
* instance = true
* insert First(return, out, 1, 1, MeasureReport)
* parameter[=].documentation = "The figures."

Instance: List-decide-sampling
InstanceOf: OperationDefinition
Usage: #definition
* insert Does(List, decide-sampling, true)
* name = "DecideSampling"
* title = "Approve or refuse an extrapolation"
* description = "Approved, the rate of the sample is taken off each claim of the rest, borne by the facility; refused, each of them is reviewed. Who drew the sample can't decide."
* type = false
* instance = true
* insert First(approve, in, 1, 1, boolean)
* parameter[=].documentation = "Whether the deduction is taken off the rest."
* insert Then(note, in, 0, 1, string)
* parameter[=].documentation = "Why; needed to refuse."
* insert Then(by, in, 0, 1, Reference)
* parameter[=].documentation = "Who decides: a PractitionerRole. Only an administrator names another than himself."
* insert Then(return, out, 1, 1, List)
* parameter[=].documentation = "The sample; its claims follow within a short time."
