// Contract and Coverage: openIMIS's policy and a person's membership in it. How
// their states meet R4's is told in pagecontent/policy.md.

Extension: PolicyState
Id: policy-state
Title: "Policy state"
Description: "The scheme's own word for where a policy stands; Contract.status follows from it."
Context: Contract
* value[x] 1..1
* value[x] only code
* value[x] from PolicyStateValues (required)

CodeSystem: PolicyStateCodes
Id: policy-state
Title: "Policy states"
Description: "Where a policy stands in its life."
* insert Codes
* #draft "Draft" "Being put together."
* #offered "Offered" "Enrolled, and not or not fully paid (openIMIS: idle)."
* #countered "Countered" "Answered by another offer."
* #ready "Ready" "Approved or paid, and waits to be activated (openIMIS: ready)."
* #active "Active" "In force."
* #suspended "Suspended" "Not in force for the time being, mostly for arrears."
* #amended "Amended" "Replaced by an amendment."
* #renewed "Renewed" "Followed by a renewal."
* #expired "Expired" "Over, because its period is."
* #terminated "Terminated" "Ended before its period was over."
* #cancelled "Cancelled" "Withdrawn before it came into force."

ValueSet: PolicyStateValues
Id: policy-state
Title: "Policy states"
Description: "All policy states."
* insert Values
* include codes from system PolicyStateCodes

Extension: ContractPredecessor
Id: contract-predecessor
Title: "Predecessor"
Description: "The policy that this one renews or amends."
Context: Contract
* value[x] 1..1
* value[x] only Reference(Contract)

Extension: CoverageState
Id: coverage-state
Title: "Coverage state"
Description: "The scheme's own word for where a membership or voucher stands; Coverage.status follows from it."
Context: Coverage
* value[x] 1..1
* value[x] only code
* value[x] from CoverageStateValues (required)

CodeSystem: CoverageStateCodes
Id: coverage-state
Title: "Coverage states"
Description: "Where a membership or a voucher stands."
* insert Codes
* #draft "Draft" "Not in force yet."
* #active "Active" "In force during its period."
* #issued "Issued" "A voucher that can be used."
* #used "Used" "A voucher with nothing left on it."
* #expired "Expired" "Over, because its period is; care given within it is still paid."
* #suspended "Suspended" "Not in force for the time being."
* #cancelled "Cancelled" "Withdrawn."

ValueSet: CoverageStateValues
Id: coverage-state
Title: "Coverage states"
Description: "All coverage states."
* insert Values
* include codes from system CoverageStateCodes

Extension: CoverageWaitingFrom
Id: coverage-waiting-from
Title: "Waiting from"
Description: "The day from which waiting periods count: of a renewed membership the first day of the first one, without a gap between."
Context: Coverage
* value[x] 1..1
* value[x] only date

Instance: Coverage-period
InstanceOf: SearchParameter
Usage: #definition
* insert Search(Coverage, period, date)
* description = "When the coverage is in force."
* expression = "Coverage.period"

Instance: Coverage-contract
InstanceOf: SearchParameter
Usage: #definition
* insert Search(Coverage, contract, reference)
* description = "The policy the coverage is part of."
* expression = "Coverage.contract"
* target = #Contract

Instance: Coverage-plan
InstanceOf: SearchParameter
Usage: #definition
* insert Search(Coverage, plan, reference)
* description = "The plan the coverage gives."
* expression = "Coverage.extension.where(url = 'http://hl7.org/fhir/5.0/StructureDefinition/extension-Coverage.insurancePlan').value"
* target = #InsurancePlan

Instance: Contract-period
InstanceOf: SearchParameter
Usage: #definition
* insert Search(Contract, period, date)
* description = "When the contract is in force."
* expression = "Contract.applies"
