// Which claims a person sees before they are paid, and how they are reviewed.

Extension: ReviewRule
Id: review-rule
Title: "Review rule"
Description: "A claim of which something would be paid waits for a person where the rule holds. Which parts a rule needs depends on its kind; FHIRPath conditions are review-condition."
Context: InsurancePlan
* extension contains
    kind 1..1 and
    name 0..1 and
    specialty 0..1 and
    amount 0..1 and
    percentage 0..1 and
    seed 0..1 and
    history 0..1 and
    unknown 0..1 and
    months 0..1 and
    claims 0..1 and
    service 0..* and
    score 0..1
* extension[kind].value[x] 1..1
* extension[kind].value[x] only code
* extension[kind].value[x] from ReviewRuleValues (required)
* extension[name] ^short = "The reason of the Task, a code of review-selection; the kind's own where it is absent"
* extension[name].value[x] 1..1
* extension[name].value[x] only code
* extension[specialty] ^short = "Which kind of reviewer is asked: one more Task.performerType"
* extension[specialty].value[x] 1..1
* extension[specialty].value[x] only CodeableConcept
* extension[amount] ^short = "amount: claims of more than this are picked"
* extension[amount].value[x] 1..1
* extension[amount].value[x] only Money
* extension[percentage] ^short = "share: how many of a hundred claims; diagnosis-variance: how far above the average"
* extension[percentage].value[x] 1..1
* extension[percentage].value[x] only decimal
* extension[seed] ^short = "share: what the lot is drawn by"
* extension[seed].value[x] 1..1
* extension[seed].value[x] only string
* extension[history] ^short = "diagnosis-variance: how many claims an average needs; 1 where it is absent"
* extension[history].value[x] 1..1
* extension[history].value[x] only positiveInt
* extension[unknown] ^short = "diagnosis-variance: whether claims are picked for which there is no average; they are not where it is absent"
* extension[unknown].value[x] 1..1
* extension[unknown].value[x] only boolean
* extension[months] ^short = "new-facility: how old a contract must be; feedback: how far back"
* extension[months].value[x] 1..1
* extension[months].value[x] only positiveInt
* extension[claims] ^short = "new-facility: how many claims it must have made; feedback: how many answers against it"
* extension[claims].value[x] 1..1
* extension[claims].value[x] only positiveInt
* extension[service] ^short = "high-risk-service: services or categories; those that the register marks where it is absent"
* extension[service].value[x] 1..1
* extension[service].value[x] only CodeableConcept
* extension[score] ^short = "signal-score, learned-score: claims with more than this are picked"
* extension[score].value[x] 1..1
* extension[score].value[x] only unsignedInt

CodeSystem: ReviewRuleCodes
Id: review-rule
Title: "Kinds of review rules"
Description: "What picks a claim for review."
* insert Codes
* #amount "Amount" "More is claimed than an amount."
* #share "Random share" "Drawn by lot, in a way that can be worked out again."
* #diagnosis-variance "Diagnosis variance" "Far above what was granted on average for the main diagnosis in the last year."
* #new-facility "New facility" "The facility's contract is young, or it has made few claims."
* #high-risk-service "High-risk service" "A service of a list, or one the register marks."
* #feedback "Feedback" "Patients spoke against the facility."
* #signal-score "Signals" "The signals of fraud and error come to more than a score."
* #learned-score "Learned score" "The learned score is above a limit."

ValueSet: ReviewRuleValues
Id: review-rule
Title: "Kinds of review rules"
Description: "All kinds of review rules."
* insert Values
* include codes from system ReviewRuleCodes

Extension: ReviewTerms
Id: review-terms
Title: "Terms of reviews"
Description: "How claims under the product are reviewed."
Context: InsurancePlan
* extension contains deadlineDays 0..1 and secondOpinion 0..1
* extension[deadlineDays] ^short = "How many days a review may take; the scheme's where it is absent"
* extension[deadlineDays].value[x] 1..1
* extension[deadlineDays].value[x] only positiveInt
* extension[secondOpinion] ^short = "A review that lets more than this be paid needs a second person"
* extension[secondOpinion].value[x] 1..1
* extension[secondOpinion].value[x] only Money

Extension: HighRisk
Id: high-risk
Title: "High risk"
Description: "A person should see claims with this service, under products with a rule of the kind high-risk-service."
Context: ChargeItemDefinition
* value[x] 1..1
* value[x] only boolean

Extension: TaskArea
Id: task-area
Title: "Area"
Description: "A place in which the Task is: where the facility is, and each place around that."
Context: Task
* value[x] 1..1
* value[x] only Reference(Location)

CodeSystem: ReviewStates
Id: review-state
Title: "States of reviews"
Description: "How far the review of a claim is, in Task.businessStatus."
* insert Codes
* #waiting "Waiting" "Nobody has taken it yet."
* #taken "Taken" "A reviewer looks at it."
* #asked "Asked" "The facility was asked and has not answered yet."
* #answered "Answered" "The facility has answered."
* #second-opinion "Second opinion" "Decided, and a second person has to agree."
* #returned "Returned" "The second person did not agree."
* #delivered "Delivered" "Decided: the claim goes by it."
* #bypassed "Bypassed" "Nobody decided: the claim goes by the rules alone."
* #superseded "Superseded" "The claim is not the one it was any more."

Instance: Task-area
InstanceOf: SearchParameter
Usage: #definition
* insert Search(Task, area, reference)
* description = "A place that a Task is in, of whatever level: the facility's ward, its district, its region."
* expression = "Task.extension.where(url = 'https://bima.example/fhir/StructureDefinition/task-area').value"
* target = #Location

Instance: Task-due
InstanceOf: SearchParameter
Usage: #definition
* insert Search(Task, due, date)
* description = "Until when a Task is to be done."
* expression = "Task.restriction.period.end"

RuleSet: ReviewOperation(op, opName, opTitle)
* url = "https://bima.example/fhir/OperationDefinition/task-{op}"
* version = "1.0.0"
* name = "{opName}"
* title = "{opTitle}"
* status = #active
* kind = #operation
* code = #{op}
* resource = #Task
* system = false

RuleSet: Reviewer
* insert In(reviewer, 0, 1, Reference, As which PractitionerRole; only where the caller has several or administers the server.)

RuleSet: OnReview
* affectsState = true
* type = false
* instance = true
* insert Out(return, 1, 1, Task, The Task as it is then.)

Instance: task-claim
InstanceOf: OperationDefinition
Usage: #definition
* insert ReviewOperation(claim, TakeReview, Take a review)
* description = "Takes a review or a second opinion: it is in progress and the reviewer's, and nobody else's until it is released or the lock runs out. A reviewer gets no claim of a facility he works for."
* insert OnReview
* insert Reviewer

Instance: task-release
InstanceOf: OperationDefinition
Usage: #definition
* insert ReviewOperation(release, ReleaseReview, Give a review back)
* description = "Gives a review back into the queue: by whom it is taken, or by a supervisor."
* insert OnReview
* insert Reviewer

Instance: task-review
InstanceOf: OperationDefinition
Usage: #definition
* insert ReviewOperation(review, ReviewClaim, Review a claim)
* description = "Decides the lines of the claim and completes the review, or asks for a second opinion first where the product wants one. Lines that are not named are approved as they are claimed. It refuses lines the claim does not have, more than was claimed, and a rejection without a reason."
* insert OnReview
* insert Reviewer
* parameter[+].name = #line
* parameter[=].use = #in
* parameter[=].min = 0
* parameter[=].max = "*"
* parameter[=].documentation = "What is said of a line."
* parameter[=].part[+].name = #sequence
* parameter[=].part[=].use = #in
* parameter[=].part[=].min = 1
* parameter[=].part[=].max = "1"
* parameter[=].part[=].type = #positiveInt
* parameter[=].part[=].documentation = "Claim.item.sequence."
* parameter[=].part[+].name = #reject
* parameter[=].part[=].use = #in
* parameter[=].part[=].min = 0
* parameter[=].part[=].max = "1"
* parameter[=].part[=].type = #boolean
* parameter[=].part[=].documentation = "True rejects the line, and needs a reason."
* parameter[=].part[+].name = #quantity
* parameter[=].part[=].use = #in
* parameter[=].part[=].min = 0
* parameter[=].part[=].max = "1"
* parameter[=].part[=].type = #decimal
* parameter[=].part[=].documentation = "The quantity approved, up to the one claimed."
* parameter[=].part[+].name = #price
* parameter[=].part[=].use = #in
* parameter[=].part[=].min = 0
* parameter[=].part[=].max = "1"
* parameter[=].part[=].type = #Money
* parameter[=].part[=].documentation = "The unit price approved, up to the one claimed."
* parameter[=].part[+].name = #reason
* parameter[=].part[=].use = #in
* parameter[=].part[=].min = 0
* parameter[=].part[=].max = "1"
* parameter[=].part[=].type = #code
* parameter[=].part[=].documentation = "A code of adjustment-reason, such as medical-officer."
* parameter[=].part[+].name = #note
* parameter[=].part[=].use = #in
* parameter[=].part[=].min = 0
* parameter[=].part[=].max = "1"
* parameter[=].part[=].type = #string
* parameter[=].part[=].documentation = "A sentence for the facility and the member."
* insert In(note, 0, 1, string, A sentence on the whole claim\, for colleagues.)

Instance: task-ask
InstanceOf: OperationDefinition
Usage: #definition
* insert ReviewOperation(ask, AskFacility, Ask the facility)
* description = "Asks the facility for more: a CommunicationRequest to it. The review waits until a Communication answers it by basedOn."
* insert OnReview
* insert Reviewer
* insert In(question, 1, 1, string, What the facility is asked.)

Instance: task-second-opinion
InstanceOf: OperationDefinition
Usage: #definition
* insert ReviewOperation(second-opinion, GiveSecondOpinion, Give a second opinion)
* description = "Agrees with a review, which then counts, or does not, and it goes back into the queue. The same person can't do both."
* insert OnReview
* insert Reviewer
* insert In(agree, 1, 1, boolean, Whether the review counts.)
* insert In(note, 0, 1, string, Why; needed where he does not agree.)

Instance: task-bypass
InstanceOf: OperationDefinition
Usage: #definition
* insert ReviewOperation(bypass, BypassReview, Decide without a review)
* description = "Ends a review without one: the claim is decided by the rules alone. It is for supervisors of reviews."
* insert OnReview
* insert Reviewer
* insert In(reason, 1, 1, string, Why nobody needs to see the claim.)

Instance: task-review-queue
InstanceOf: OperationDefinition
Usage: #definition
* insert ReviewOperation(review-queue, ReviewQueue, The reviewer's queue)
* description = "The reviews and second opinions that a reviewer may take or has: in his areas, for his specialties, none of a facility he works for; the most urgent first, then the oldest."
* affectsState = false
* type = true
* instance = false
* insert Reviewer
* insert In(area, 0, 1, string, Only in this Location.)
* insert In(specialty, 0, 1, string, Only for this specialty\, as system|code or code.)
* insert In(count, 0, 1, integer, How many; 50 where it is absent.)
* insert Out(return, 1, 1, Bundle, A searchset of Tasks.)

Instance: claim-request-review
InstanceOf: OperationDefinition
Usage: #definition
* url = "https://bima.example/fhir/OperationDefinition/claim-request-review"
* version = "1.0.0"
* name = "RequestReview"
* title = "Ask for a review"
* status = #active
* kind = #operation
* affectsState = true
* code = #request-review
* resource = #Claim
* system = false
* type = false
* instance = true
* description = "Makes a claim wait for a person, whatever the product says, as long as it is not paid: its decision counts no more until it is reviewed."
* insert Reviewer
* insert In(reason, 1, 1, string, Why a person should see it.)
* insert In(specialty, 0, 1, Coding, Which kind of reviewer is asked.)
* insert Out(return, 1, 1, Task, The review.)

Instance: CommunicationRequest-about
InstanceOf: SearchParameter
Usage: #definition
* insert Search(CommunicationRequest, about, reference)
* description = "What is asked about, such as a claim and its review."
* expression = "CommunicationRequest.about"
* target[0] = #Claim
* target[+] = #ClaimResponse
* target[+] = #Task
* target[+] = #Organization

Instance: Communication-about
InstanceOf: SearchParameter
Usage: #definition
* insert Search(Communication, about, reference)
* description = "What is told about, such as a claim and its review."
* expression = "Communication.about"
* target[0] = #Claim
* target[+] = #ClaimResponse
* target[+] = #Task
* target[+] = #Organization

Instance: Task-input
InstanceOf: SearchParameter
Usage: #definition
* insert Search(Task, input, reference)
* description = "What a Task is given to work on, such as the answers to claims of which something is to be recovered."
* expression = "(Task.input.value as Reference)"
* target[0] = #Claim
* target[+] = #ClaimResponse
* target[+] = #Communication
* target[+] = #CommunicationRequest

Instance: PaymentReconciliation-detail
InstanceOf: SearchParameter
Usage: #definition
* insert Search(PaymentReconciliation, detail, reference)
* description = "What a payment is for, line by line: claims, invoices, or the answers to them."
* expression = "PaymentReconciliation.detail.request | PaymentReconciliation.detail.response"
* target[0] = #Claim
* target[+] = #ClaimResponse
* target[+] = #Invoice

Instance: DocumentReference-content
InstanceOf: SearchParameter
Usage: #definition
* insert Search(DocumentReference, content, reference)
* description = "The Binary that holds a document, where this server keeps it."
* expression = "DocumentReference.content.attachment.url"
* target = #Binary

Instance: Claim-attachment
InstanceOf: SearchParameter
Usage: #definition
* insert Search(Claim, attachment, reference)
* description = "What holds the documents that come along with a claim, where this server keeps it."
* expression = "(Claim.supportingInfo.value as Attachment).url | (Claim.supportingInfo.value as Reference)"
* target[0] = #Binary
* target[+] = #DocumentReference
* target[+] = #Media

Instance: Communication-attachment
InstanceOf: SearchParameter
Usage: #definition
* insert Search(Communication, attachment, reference)
* description = "The Binary that holds what is sent along, where this server keeps it."
* expression = "(Communication.payload.content as Attachment).url"
* target = #Binary

Instance: Binary-context
InstanceOf: SearchParameter
Usage: #definition
* insert Search(Binary, context, reference)
* description = "The resource whose readers may read a Binary."
* expression = "Binary.securityContext"
* target[0] = #Claim
* target[+] = #ClaimResponse
* target[+] = #DocumentReference
* target[+] = #Communication
* target[+] = #Task
* target[+] = #PaymentNotice
* target[+] = #Patient
