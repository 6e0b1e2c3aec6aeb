// Signals: what is unusual in a claim, and what a model learned from reviewed
// claims says of it. Advice for reviewers; nothing is decided by it.

CodeSystem: Signal
Id: signal
Title: "Signals in claims"
Description: "What may be unusual in a claim: a question to ask, never an answer. Points and conditions are told in docs/signals.md."
* insert Codes
* #after-death "Service after death" "A service is of a day after the person's death."
* #before-birth "Treatment before birth" "The treatment ended before the person was born."
* #diagnosis-sex "Diagnosis of the other sex" "The diagnosis is one that persons of the registered sex do not have."
* #diagnosis-age "Diagnosis of another age" "The diagnosis is one that persons of this age do not have."
* #overlapping-admission "Overlapping admissions" "The person is claimed to have been in two beds at a time."
* #visit-during-admission "Visit during an admission" "The person visited another facility in the midst of a stay."
* #duplicate-elsewhere "Same service elsewhere" "The person had the same service at another facility within few days."
* #repeated-claim "Repeated claim" "The facility claimed all the same services for the person within few days."
* #many-facilities "Many facilities on a day" "The person was at three or more facilities on one day."
* #round-prices "Round prices" "Prices asked are round and none of the register's."
* #unbundled "Part beside its package" "A service is claimed beside the package it is a part of."
* #instead-of-package "Parts instead of a package" "All parts of a package with a price of its own are claimed one by one."
* #practitioner-day "Impossible day of a practitioner" "More visits to one practitioner are claimed for a day than fit into it."
* #practitioner-places "Practitioner in many places" "One practitioner is claimed to have worked at three or more facilities on a day."
* #facility-day "Unusual day of a facility" "The facility claims far more services for the day than on its other days."
* #amount-high "High amount" "The claim asks for far more than others of facilities of the level."
* #quantity-high "High quantity" "A line is of far more units than other lines of the service."
* #dear-claims "Facility with dear claims" "The facility's claims come to far more on average than those of its peers."
* #dear-services "Facility with dear services" "The facility gives dear services far more often than its peers."
* #unusual-weekend "Unusual weekend" "A visit at a weekend to a facility that has hardly any."

CodeSystem: LearnedModel
Id: learned-model
Title: "Learned models"
Description: "What a Library with a learned model is for."
* insert Codes
* #claim-review "Review of claims" "How likely a reviewer would cut or reject a claim."

Profile: ClaimModel
Parent: Library
Id: claim-model
Title: "Learned model for claims"
Description: "A model that bima learn made from reviewed claims. A draft is only kept; the one that is active gives every reviewer a second opinion; a retired one is switched off."
* type = http://terminology.hl7.org/CodeSystem/library-type#model-definition
* url 1..1
* date 1..1
* description 1..1
* content 1..*

Instance: claim-signals
InstanceOf: OperationDefinition
Usage: #definition
* url = "https://bima.example/fhir/OperationDefinition/claim-signals"
* version = "1.0.0"
* name = "ClaimSignals"
* title = "Signals of a claim"
* status = #active
* kind = #operation
* description = "Tells what is unusual in a claim, as far as is known now: signals with points and the reason in figures, their sum as a score, and the opinion of the learned model where one is switched on. It changes nothing and decides nothing. For reviewers, auditors and administrators."
* affectsState = false
* code = #signals
* resource = #Claim
* system = false
* type = false
* instance = true
* parameter[0].name = #score
* parameter[=].use = #out
* parameter[=].min = 1
* parameter[=].max = "1"
* parameter[=].documentation = "0 to 100: the sum of the points of the signals, not more than 100."
* parameter[=].type = #integer
* parameter[+].name = #signal
* parameter[=].use = #out
* parameter[=].min = 0
* parameter[=].max = "*"
* parameter[=].documentation = "One signal."
* parameter[=].part[0].name = #code
* parameter[=].part[=].use = #out
* parameter[=].part[=].min = 1
* parameter[=].part[=].max = "1"
* parameter[=].part[=].documentation = "What is unusual, of the CodeSystem signal."
* parameter[=].part[=].type = #Coding
* parameter[=].part[+].name = #points
* parameter[=].part[=].use = #out
* parameter[=].part[=].min = 1
* parameter[=].part[=].max = "1"
* parameter[=].part[=].documentation = "What it adds to the score."
* parameter[=].part[=].type = #integer
* parameter[=].part[+].name = #expression
* parameter[=].part[=].use = #out
* parameter[=].part[=].min = 1
* parameter[=].part[=].max = "1"
* parameter[=].part[=].documentation = "The element of the claim it is about."
* parameter[=].part[=].type = #string
* parameter[=].part[+].name = #text
* parameter[=].part[=].use = #out
* parameter[=].part[=].min = 1
* parameter[=].part[=].max = "1"
* parameter[=].part[=].documentation = "The reason, with its figures."
* parameter[=].part[=].type = #string
* parameter[+].name = #opinion
* parameter[=].use = #out
* parameter[=].min = 0
* parameter[=].max = "1"
* parameter[=].documentation = "What the model that is switched on says of the claim."
* parameter[=].part[0].name = #score
* parameter[=].part[=].use = #out
* parameter[=].part[=].min = 1
* parameter[=].part[=].max = "1"
* parameter[=].part[=].documentation = "0 to 100: how likely, in percent, a reviewer would cut or reject the claim."
* parameter[=].part[=].type = #integer
* parameter[=].part[+].name = #model
* parameter[=].part[=].use = #out
* parameter[=].part[=].min = 1
* parameter[=].part[=].max = "1"
* parameter[=].part[=].documentation = "The Library with the model."
* parameter[=].part[=].type = #Reference
* parameter[=].part[+].name = #contribution
* parameter[=].part[=].use = #out
* parameter[=].part[=].min = 0
* parameter[=].part[=].max = "*"
* parameter[=].part[=].documentation = "What one feature does to the score, the largest first."
* parameter[=].part[=].part[0].name = #feature
* parameter[=].part[=].part[=].use = #out
* parameter[=].part[=].part[=].min = 1
* parameter[=].part[=].part[=].max = "1"
* parameter[=].part[=].part[=].documentation = "Its name in the model."
* parameter[=].part[=].part[=].type = #string
* parameter[=].part[=].part[+].name = #points
* parameter[=].part[=].part[=].use = #out
* parameter[=].part[=].part[=].min = 1
* parameter[=].part[=].part[=].max = "1"
* parameter[=].part[=].part[=].documentation = "By how much the score would be another if the claim were average in it."
* parameter[=].part[=].part[=].type = #decimal
* parameter[=].part[=].part[+].name = #text
* parameter[=].part[=].part[=].use = #out
* parameter[=].part[=].part[=].min = 1
* parameter[=].part[=].part[=].max = "1"
* parameter[=].part[=].part[=].documentation = "The same in a sentence."
* parameter[=].part[=].part[=].type = #string

Instance: signal-peers
InstanceOf: Measure
Usage: #definition
* url = "https://bima.example/fhir/Measure/signal-peers"
* version = "1.0.0"
* name = "SignalPeers"
* title = "Facilities among their peers"
* status = #active
* description = "What claims come to at the facilities of each level over the last year: the median of the facilities' means, and the facilities that are far above it."
