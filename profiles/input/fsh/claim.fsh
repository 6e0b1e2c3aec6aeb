// Claim and ClaimResponse: what is asked, and every step of what is paid.

Extension: InsuranceSequence
Id: insurance-sequence
Title: "Insurance of the line"
Description: "Which of ClaimResponse.insurance the line was decided under, or pays a part of it."
Context: ClaimResponse.item, ClaimResponse.item.adjudication, ExplanationOfBenefit.item.adjudication
* value[x] 1..1
* value[x] only positiveInt

Extension: DecisionTrigger
Id: decision-trigger
Title: "Trigger of the decision"
Description: "What made the server decide the claim anew: the membership, policy or Invoice that changed, the Task that was done, or the claim itself."
Context: ClaimResponse
* value[x] 1..1
* value[x] only Reference(Coverage or Contract or Invoice or Task or Claim)

Extension: CancelReason
Id: cancel-reason
Title: "Reason of the cancellation"
Description: "Why the claim was cancelled."
Context: Claim
* value[x] 1..1
* value[x] only CodeableConcept

Extension: ReplacedBy
Id: replaced-by
Title: "Replaced by"
Description: "The corrected claim that was submitted in place of this one."
Context: Claim
* value[x] 1..1
* value[x] only Reference(Claim)

Extension: MayGain
Id: may-gain
Title: "May be granted more"
Description: "A claim that was granted less for want of what this one, which is cancelled, had used. Claim/[id]/$reprocess decides it anew."
Context: ClaimResponse
* value[x] 1..1
* value[x] only Reference(Claim)

Extension: AppealLevel
Id: appeal-level
Title: "Level of the appeal"
Description: "Which appeal against the decision it is: 1 is the first."
Context: Task
* value[x] 1..1
* value[x] only positiveInt

CodeSystem: ClaimRelationship
Id: claim-relationship
Title: "Relationships of claims"
Description: "What a claim is to an earlier one, beyond HL7's codes."
* insert Codes
* #corrects "Corrects" "It takes the place of an earlier claim that was rejected or cancelled."

CodeSystem: ClaimState
Id: claim-state
Title: "States of claims"
Description: "How far a claim is, in the states that openIMIS has."
* insert Codes
* #entered "Entered" "It is kept and not decided: a draft, or one that was cancelled or entered in error."
* #checked "Checked" "It passed the checks and waits for a person, a payment or a repair before it is decided."
* #processed "Processed" "It is decided but for lines of relative price, which wait for the payment run."
* #valuated "Valuated" "It is decided, and at least one line is accepted."
* #rejected "Rejected" "It can't be decided, or no line is accepted."

CodeSystem: DataQuality
Id: data-quality
Title: "Questions of data quality"
Description: "What a decision found to be wrong with what was sent, as opposed to what the rules of the scheme refuse. It is a tag of the ClaimResponse, so that ClaimResponse?_tag= finds what is to be put right."
* insert Codes
* #unknown-patient "Unknown patient" "The register has no such person."
* #unknown-facility "Unknown facility" "The register has no such facility in use."
* #unknown-service "Unknown service" "The register has no such service or drug on that day."
* #unknown-diagnosis "Unknown diagnosis" "The code system of a diagnosis, which is stored whole, does not have its code."
* #unreadable "Unreadable figure" "A quantity or price can't be counted."
* #total-differs "Total differs" "The total is not what the lines come to."

CodeSystem: AppealOutcome
Id: appeal-outcome
Title: "Outcomes of appeals"
Description: "What came of an appeal, in Task.businessStatus."
* insert Codes
* #upheld "Upheld" "The decision stands."
* #granted "Granted" "The decision is changed, wholly or in part."
* #overdue "Overdue" "The scheme has not answered in time."

// Its id differs from its URL's end because HL7's own code system bears that id.
CodeSystem: Adjudication
Id: adjudication-step
Title: "Adjudication categories"
Description: "The steps of a line's adjudication that neither HL7 nor CARIN has a code for. Benefit = submitted less all that is subtractive."
* ^url = "https://bima.example/fhir/CodeSystem/adjudication"
* insert Codes
* insert Effects
* #approved-quantity "Approved quantity" "The quantity the scheme accepts."
* #approved-quantity insert States
* #approved-price "Approved price" "The unit price a reviewer accepts."
* #approved-price insert States
* #price-cut "Price cut" "Asked above the price the scheme pays by."
* #price-cut insert Subtracts(provider)
* #quantity-cut "Quantity cut" "Asked more than the plan allows."
* #quantity-cut insert Subtracts(member)
* #authorization-cut "Authorization cut" "More than was agreed to beforehand."
* #authorization-cut insert Subtracts(provider)
* #balance "Balance" "Above the price the scheme pays by; the facility may ask the patient for it."
* #balance insert Subtracts(member)
* #tracking "Tracking only" "What the service was worth; the scheme only keeps track of it."
* #tracking insert Subtracts(provider)
* #capitation "Capitation" "What the service was worth; the facility was paid for it by heads."
* #capitation insert Subtracts(provider)
* #fixed-limit "Fixed limit" "Above the fixed amount the plan pays."
* #fixed-limit insert Subtracts(member)
* #category-ceiling "Category ceiling" "Above the plan's amount for the category of service."
* #category-ceiling insert Subtracts(member)
* #ceiling "Ceiling" "Above what is left of a ceiling."
* #ceiling insert Subtracts(member)
* #review-cut "Review cut" "Lowered by the medical reviewer."
* #review-cut insert Subtracts(provider)
* #denied "Denied" "Not paid, at the provider's expense."
* #denied insert Subtracts(provider)
* #other-payer "Other payer" "Paid by another insurer."
* #other-payer insert Subtracts(other)
* #policy-benefit "Benefit of a policy" "What one policy pays of the line, where several do."
* #policy-benefit insert States
* #package-cut "Package cut" "Above the price of the package, or billed beside the package it is part of."
* #package-cut insert Subtracts(provider)
* #wage-cut "Wage cut" "Above the share of the wage that is replaced, or for days that are not."
* #wage-cut insert Subtracts(member)

CodeSystem: AdjudicationHL7
Id: adjudication-hl7
Title: "Effects of HL7's adjudication categories"
Description: "Adds to HL7's adjudication categories whether they lower the benefit, and who bears it."
* ^status = #active
* ^experimental = false
* insert Effects
* ^content = #supplement
* ^supplements = "http://terminology.hl7.org/CodeSystem/adjudication"
* #submitted "Submitted Amount"
* #submitted insert States
* #eligible "Eligible Amount"
* #eligible insert States
* #eligpercent "Eligible %"
* #eligpercent insert States
* #benefit "Benefit Amount"
* #benefit insert States
* #deductible "Deductible"
* #deductible insert Subtracts(member)
* #copay "CoPay"
* #copay insert Subtracts(member)

CodeSystem: AdjudicationCARIN
Id: adjudication-carin
Title: "Effects of CARIN's adjudication categories"
Description: "Adds to CARIN's adjudication categories whether they lower the benefit, and who bears it."
* ^status = #active
* ^experimental = false
* insert Effects
* ^content = #supplement
* ^supplements = "http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBAdjudication"
* #coinsurance "Co-insurance"
* #coinsurance insert Subtracts(member)
* #noncovered "Noncovered"
* #noncovered insert Subtracts(member)
* #memberliability "Member liability"
* #memberliability insert States

RuleSet: Effects
* ^property[+].code = #effect
* ^property[=].description = "subtractive: lowers the benefit; stating: only tells a figure"
* ^property[=].type = #code
* ^property[+].code = #bearer
* ^property[=].description = "who bears a subtractive amount: member, provider or other"
* ^property[=].type = #code

RuleSet: States
* ^property[+].code = #effect
* ^property[=].valueCode = #stating

RuleSet: Subtracts(bearer)
* ^property[+].code = #effect
* ^property[=].valueCode = #subtractive
* ^property[+].code = #bearer
* ^property[=].valueCode = #{bearer}

Instance: claim-submit
InstanceOf: OperationDefinition
Usage: #definition
* url = "https://bima.example/fhir/OperationDefinition/claim-submit"
* version = "1.0.0"
* name = "SubmitClaim"
* title = "Submit a claim"
* status = #active
* kind = #operation
* description = "Stores the claim and answers with its decision. The same claim again, from the same submitter, gets the same decision again. A collection Bundle holds one claim and what it refers to, and is answered by a collection; a batch holds many claims, each decided by itself in their order, and is answered by a batch-response with a ClaimResponse or OperationOutcome for each. A claim whose related has the relationship corrects (or HL7's prior) takes the place of a rejected or cancelled one of the same facility."
* affectsState = true
* code = #submit
* base = "http://hl7.org/fhir/OperationDefinition/Claim-submit"
* resource = #Claim
* system = false
* type = true
* instance = false
* parameter[0].name = #resource
* parameter[=].use = #in
* parameter[=].min = 1
* parameter[=].max = "1"
* parameter[=].documentation = "A Claim, a collection Bundle of a Claim and what it refers to, or a batch Bundle of Claims."
* parameter[=].type = #Resource
* parameter[+].name = #return
* parameter[=].use = #out
* parameter[=].min = 1
* parameter[=].max = "1"
* parameter[=].documentation = "The ClaimResponse, or a Bundle with it."
* parameter[=].type = #Resource

Instance: claim-cancel
InstanceOf: OperationDefinition
Usage: #definition
* url = "https://bima.example/fhir/OperationDefinition/claim-cancel"
* version = "1.0.0"
* name = "CancelClaim"
* title = "Cancel a claim"
* status = #active
* kind = #operation
* affectsState = true
* code = #cancel
* description = "Withdraws a claim: what it had used of limits and ceilings is free again, and its ClaimResponse is cancelled. Only who submitted it, its facility or an administrator may, and not once it is paid. The answer names the claims that were granted less for want of what is free now. A claim that is cancelled already is answered as it is. Source: IHE FAIS ITI-127."
* resource = #Claim
* system = false
* type = false
* instance = true
* parameter[0].name = #reason
* parameter[=].use = #in
* parameter[=].min = 0
* parameter[=].max = "1"
* parameter[=].type = #CodeableConcept
* parameter[=].documentation = "Why; a string is taken too."
* parameter[+].name = #return
* parameter[=].use = #out
* parameter[=].min = 1
* parameter[=].max = "1"
* parameter[=].type = #ClaimResponse
* parameter[=].documentation = "The ClaimResponse, cancelled."

Instance: claim-reprocess
InstanceOf: OperationDefinition
Usage: #definition
* url = "https://bima.example/fhir/OperationDefinition/claim-reprocess"
* version = "1.0.0"
* name = "ReprocessClaim"
* title = "Decide a claim anew"
* status = #active
* kind = #operation
* affectsState = true
* code = #reprocess
* description = "Decides the claim anew by what is so now. A Claim in the body, under the same id, corrects it first. The answer is the ClaimResponse, in a new version where it says something else than before; a Task records who asked and why. Source: IHE FAIS ITI-128."
* resource = #Claim
* system = false
* type = false
* instance = true
* parameter[0].name = #reason
* parameter[=].use = #in
* parameter[=].min = 0
* parameter[=].max = "1"
* parameter[=].type = #CodeableConcept
* parameter[=].documentation = "Why; a string is taken too."
* parameter[+].name = #resource
* parameter[=].use = #in
* parameter[=].min = 0
* parameter[=].max = "1"
* parameter[=].type = #Resource
* parameter[=].documentation = "The claim as corrected, or a collection Bundle with it."
* parameter[+].name = #return
* parameter[=].use = #out
* parameter[=].min = 1
* parameter[=].max = "1"
* parameter[=].type = #Resource
* parameter[=].documentation = "The ClaimResponse, or a Bundle with it where a Bundle came."

Instance: claim-appeal
InstanceOf: OperationDefinition
Usage: #definition
* url = "https://bima.example/fhir/OperationDefinition/claim-appeal"
* version = "1.0.0"
* name = "AppealClaim"
* title = "Appeal against a decision"
* status = #active
* kind = #operation
* affectsState = true
* code = #appeal
* description = "Asks the scheme to look at a decision again, by other people than those who made it: it opens a Task of the code appeal, whose restriction.period.end is by when it is answered. It is open for the days the scheme grants after the decision, and once a level; while one is open there is no second."
* resource = #Claim
* system = false
* type = false
* instance = true
* parameter[0].name = #reason
* parameter[=].use = #in
* parameter[=].min = 1
* parameter[=].max = "1"
* parameter[=].type = #string
* parameter[=].documentation = "What is wrong with the decision."
* parameter[+].name = #line
* parameter[=].use = #in
* parameter[=].min = 0
* parameter[=].max = "*"
* parameter[=].type = #positiveInt
* parameter[=].documentation = "The sequence of a line it is about; without one it is about all."
* parameter[+].name = #evidence
* parameter[=].use = #in
* parameter[=].min = 0
* parameter[=].max = "*"
* parameter[=].type = #Reference
* parameter[=].documentation = "A DocumentReference or other resource to look at."
* parameter[+].name = #return
* parameter[=].use = #out
* parameter[=].min = 1
* parameter[=].max = "1"
* parameter[=].type = #Task
* parameter[=].documentation = "The Task."

Instance: claim-inquire
InstanceOf: OperationDefinition
Usage: #definition
* url = "https://bima.example/fhir/OperationDefinition/claim-inquire"
* version = "1.0.0"
* name = "InquireClaims"
* title = "Ask how far claims are"
* status = #active
* kind = #operation
* affectsState = false
* code = #inquire
* description = "Tells of many claims at once how far they are: the state in openIMIS's words, the outcome, and what is paid. Claims are named by their business identifiers or ids."
* resource = #Claim
* system = false
* type = true
* instance = false
* parameter[0].name = #identifier
* parameter[=].use = #in
* parameter[=].min = 0
* parameter[=].max = "*"
* parameter[=].type = #Identifier
* parameter[=].documentation = "The number of a claim; a string system|value, or value alone, is taken too."
* parameter[+].name = #claim
* parameter[=].use = #in
* parameter[=].min = 0
* parameter[=].max = "*"
* parameter[=].type = #Reference
* parameter[=].documentation = "A claim by its id; a string is taken too."
* parameter[+].name = #claim
* parameter[=].use = #out
* parameter[=].min = 0
* parameter[=].max = "*"
* parameter[=].documentation = "What is known of one claim that was asked for."
* parameter[=].part[0].name = #asked
* parameter[=].part[=].use = #out
* parameter[=].part[=].min = 1
* parameter[=].part[=].max = "1"
* parameter[=].part[=].type = #string
* parameter[=].part[=].documentation = "The number or id as it was asked for."
* parameter[=].part[+].name = #claim
* parameter[=].part[=].use = #out
* parameter[=].part[=].min = 0
* parameter[=].part[=].max = "1"
* parameter[=].part[=].type = #Reference
* parameter[=].part[=].documentation = "The Claim; absent where there is none."
* parameter[=].part[+].name = #response
* parameter[=].part[=].use = #out
* parameter[=].part[=].min = 0
* parameter[=].part[=].max = "1"
* parameter[=].part[=].type = #Reference
* parameter[=].part[=].documentation = "Its ClaimResponse."
* parameter[=].part[+].name = #state
* parameter[=].part[=].use = #out
* parameter[=].part[=].min = 0
* parameter[=].part[=].max = "1"
* parameter[=].part[=].type = #code
* parameter[=].part[=].documentation = "entered, checked, processed, valuated or rejected."
* parameter[=].part[+].name = #outcome
* parameter[=].part[=].use = #out
* parameter[=].part[=].min = 0
* parameter[=].part[=].max = "1"
* parameter[=].part[=].type = #code
* parameter[=].part[=].documentation = "ClaimResponse.outcome."
* parameter[=].part[+].name = #disposition
* parameter[=].part[=].use = #out
* parameter[=].part[=].min = 0
* parameter[=].part[=].max = "1"
* parameter[=].part[=].type = #string
* parameter[=].part[=].documentation = "The decision in a sentence."
* parameter[=].part[+].name = #benefit
* parameter[=].part[=].use = #out
* parameter[=].part[=].min = 0
* parameter[=].part[=].max = "1"
* parameter[=].part[=].type = #Money
* parameter[=].part[=].documentation = "What the scheme pays."
* parameter[=].part[+].name = #decided
* parameter[=].part[=].use = #out
* parameter[=].part[=].min = 0
* parameter[=].part[=].max = "1"
* parameter[=].part[=].type = #instant
* parameter[=].part[=].documentation = "When it was decided last."
* parameter[+].name = #outcome
* parameter[=].use = #out
* parameter[=].min = 0
* parameter[=].max = "1"
* parameter[=].type = #OperationOutcome
* parameter[=].documentation = "Says that there are more claims than one answer tells of."

Profile: BimaClaim
Parent: Claim
Id: claim
Title: "Claim"
Description: "What a facility asks the scheme to pay for one visit or stay. Persons and policies may be named by their business identifiers."
* obeys claim-one-focal and claim-one-currency
* insert BySystem
* identifier contains claim 1..1
* identifier[claim] insert System(claim)
* patient only Reference(Patient)
* insurer 1..1
* provider only Reference(Organization)
* insurance.coverage only Reference(Coverage)
* item 1..*
* item.productOrService.coding 1..*
* item.quantity 1..1
* item.quantity.value 1..1
* item.unitPrice 1..1
* total 1..1
* total.value 1..1
* total.currency 1..1

Invariant: claim-one-focal
Description: "One insurance is the focal one: the one asked to pay."
Severity: #error
Expression: "insurance.where(focal = true).count() = 1"

Invariant: claim-one-currency
Description: "All amounts are in one currency."
Severity: #error
Expression: "(total.currency | item.unitPrice.currency | item.net.currency).distinct().count() <= 1"

Profile: BimaClaimResponse
Parent: ClaimResponse
Id: claim-response
Title: "Decision on a claim"
Description: "What the scheme pays of each line, with every lowering and its reason. Submitted less all that is subtractive is the benefit."
* obeys response-error-or-decision
* insert BySystem
* identifier contains response 0..1
* identifier[response] insert System(claim-response)
* patient only Reference(Patient)
* request 1..1
* request only Reference(Claim)
* item.extension contains InsuranceSequence named insurance 0..1
* item.adjudication ^slicing.discriminator.type = #pattern
* item.adjudication ^slicing.discriminator.path = "category"
* item.adjudication ^slicing.rules = #open
* item.adjudication contains submitted 1..1 and benefit 0..1
* item.adjudication[submitted].category = $hl7-adjudication#submitted
* item.adjudication[submitted].amount 1..1
* item.adjudication[benefit].category = $hl7-adjudication#benefit
* item.adjudication[benefit].amount 1..1
* total.amount.value 1..1
* total.amount.currency 1..1

Invariant: response-error-or-decision
Description: "A claim that can't be decided has errors and no lines; any other has no errors."
Severity: #error
Expression: "iif(outcome = 'error', error.exists() and item.empty(), error.empty())"

Instance: ClaimResponse-may-gain
InstanceOf: SearchParameter
Usage: #definition
* insert Search(ClaimResponse, may-gain, reference)
* description = "The claims that may be granted more since this one was withdrawn."
* expression = "ClaimResponse.extension.where(url = 'https://bima.example/fhir/StructureDefinition/may-gain').value"
* target = #Claim
