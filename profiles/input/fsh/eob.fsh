// ExplanationOfBenefit: the decision as the member is told it.

Profile: BimaExplanationOfBenefit
Parent: ExplanationOfBenefit
Id: explanation-of-benefit
Title: "Explanation of benefit"
Description: "What became of a claim, for the member: what was asked for each service, what the scheme pays and what the member owes, with the reasons. There is one where a membership covers; it follows each new version of the ClaimResponse."
* insert BySystem
* identifier contains explanation 0..1
* identifier[explanation] insert System(explanation-of-benefit)
* patient only Reference(Patient)
* claim 1..1
* claim only Reference(Claim)
* claimResponse 1..1
* claimResponse only Reference(ClaimResponse)
* disposition 0..1
* total.amount.value 1..1
* total.amount.currency 1..1
