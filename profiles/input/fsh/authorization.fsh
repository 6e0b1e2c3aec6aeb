// Preauthorizations, the remainder of a line that another payer leaves, accidents
// at work, and wages that are replaced.

Extension: PreauthorizationTerms
Id: preauthorization-terms
Title: "Terms of preauthorization"
Description: "How long what the scheme agrees to is kept free (30 days where it is absent), and how long after admission an emergency may be asked for: without it, nobody is asked in an emergency."
Context: InsurancePlan
* extension contains length 0..1 and emergency 0..1
* extension[length].value[x] 1..1
* extension[length].value[x] only Duration
* extension[emergency].value[x] 1..1
* extension[emergency].value[x] only Duration

Extension: CoordinationOfBenefits
Id: coordination-of-benefits
Title: "Coordination of benefits"
Description: "The plan pays the remainder of a line that a policy before it left to the member: policies are asked by Coverage.order, then by the day cover began. Without it only the first policy that pays does."
Context: InsurancePlan
* value[x] 1..1
* value[x] only boolean

Extension: OtherPayerPaid
Id: other-payer-paid
Title: "Paid by another insurer"
Description: "What an insurer that is none of the scheme's has paid of the claim, where its ClaimResponse (Claim.insurance.claimResponse) is not at hand. It counts line by line, in their order."
Context: Claim.insurance
* value[x] 1..1
* value[x] only Money

Extension: AccidentCover
Id: accident-cover
Title: "Cover of accidents"
Description: "Whether the plan pays for work accidents only, for all but them, or for all: for all where it is absent."
Context: InsurancePlan
* value[x] 1..1
* value[x] only code
* value[x] from AccidentCoverValues (required)

CodeSystem: AccidentCoverCodes
Id: accident-cover
Title: "Cover of accidents"
Description: "What a plan has to do with accidents at work."
* insert Codes
* #work "Work accidents only" "Insurance against employment injury: it pays for work accidents and nothing else."
* #not-work "No work accidents" "Work accidents are another insurance's."
* #any "All" "It pays for what it covers, however it came."

ValueSet: AccidentCoverValues
Id: accident-cover
Title: "Cover of accidents"
Description: "All that a plan may have to do with accidents."
* insert Values
* include codes from system AccidentCoverCodes

Extension: AccidentEmployer
Id: accident-employer
Title: "Employer's contract"
Description: "The contract of the employer at whose work the accident happened: only cover by that contract pays for it."
Context: Claim.accident
* value[x] 1..1
* value[x] only Reference(Contract)

Extension: WageReplacement
Id: wage-replacement
Title: "Wage replacement"
Description: "The benefit is a part of the wage for each day without work: a share of what the employer last declared for a month, counted as 30 days. How many days are paid is a quantity limit of the benefit; the first days after the accident may be the employer's or the member's."
Context: InsurancePlan.coverage.benefit
* extension contains share 1..1 and after 0..1
* extension[share].value[x] 1..1
* extension[share].value[x] only decimal
* extension[after].value[x] 1..1
* extension[after].value[x] only unsignedInt

Instance: ClaimResponse-authorized
InstanceOf: SearchParameter
Usage: #definition
* insert Search(ClaimResponse, authorized, date)
* description = "The days on which what a preauthorization agrees to may be given."
* expression = "ClaimResponse.preAuthPeriod"
