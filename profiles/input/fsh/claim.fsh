// Claim and ClaimResponse: what is asked, and every step of what is paid.

Extension: InsuranceSequence
Id: insurance-sequence
Title: "Insurance of the line"
Description: "Which of ClaimResponse.insurance the line was decided under."
Context: ClaimResponse.item
* value[x] 1..1
* value[x] only positiveInt

Extension: DecisionTrigger
Id: decision-trigger
Title: "Trigger of the decision"
Description: "What made the server decide the claim anew: the membership, policy or Invoice that changed."
Context: ClaimResponse
* value[x] 1..1
* value[x] only Reference(Coverage or Contract or Invoice)

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
* #quantity-cut insert Subtracts(provider)
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
* description = "Stores the claim and answers with its decision. The same claim again, from the same submitter, gets the same decision again. A Bundle is answered by a Bundle."
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
* parameter[=].documentation = "A Claim, or a Bundle of a Claim and what it refers to."
* parameter[=].type = #Resource
* parameter[+].name = #return
* parameter[=].use = #out
* parameter[=].min = 1
* parameter[=].max = "1"
* parameter[=].documentation = "The ClaimResponse, or a Bundle with it."
* parameter[=].type = #Resource

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
