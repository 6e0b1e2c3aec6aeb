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

Extension: ContributionShare
Id: contribution-share
Title: "Share of the contribution"
Description: "What another than the household pays of the contribution. Renewals that begin by the last day named are shared alike."
Context: Contract
* extension contains party 1..1 and percentage 0..1 and amount 0..1 and until 0..1
* extension[party].value[x] 1..1
* extension[party].value[x] only Reference(Organization or Patient or Group)
* extension[percentage].value[x] 1..1
* extension[percentage].value[x] only decimal
* extension[amount].value[x] 1..1
* extension[amount].value[x] only Money
* extension[until].value[x] 1..1
* extension[until].value[x] only date

Extension: CoverageUseFrom
Id: coverage-use-from
Title: "Use counts from"
Description: "The first day of the year over which use counts, where the membership goes on with that of another policy under way, as when a family splits."
Context: Coverage
* value[x] 1..1
* value[x] only date

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

Profile: BimaContract
Parent: Contract
Id: contract
Title: "Policy"
Description: "A family, a product and a period. Its state is the scheme's own word, from which status follows (pagecontent/policy.md)."
* obeys contract-status-follows-state
* insert BySystem
* identifier contains policy 1..1
* identifier[policy] insert System(policy)
* extension contains PolicyState named state 1..1 and ContractPredecessor named predecessor 0..1 and ContributionShare named share 0..*
* status 1..1
* subject 1..*
* subject only Reference(Group or Patient)
* authority 1..*
* term 1..*
* term.applies 1..1
* term.offer.topic 1..1
* term.offer.topic only Reference(InsurancePlan)

Invariant: contract-status-follows-state
Description: "The status is the one that R4 has for the policy's state."
Severity: #error
Expression: "status = 'entered-in-error' or extension.where(url = 'https://bima.example/fhir/StructureDefinition/policy-state').value.all(($this = 'draft' and %resource.status = 'negotiable') or ($this = 'offered' and %resource.status = 'offered') or ($this = 'countered' and %resource.status = 'rejected') or ($this = 'ready' and %resource.status = 'executable') or ($this = 'active' and (%resource.status = 'executed' or %resource.status = 'resolved')) or ($this = 'suspended' and %resource.status = 'disputed') or ($this = 'amended' and %resource.status = 'amended') or ($this = 'renewed' and %resource.status = 'renewed') or ($this = 'expired' and %resource.status = 'terminated') or ($this = 'terminated' and %resource.status = 'terminated') or ($this = 'cancelled' and (%resource.status = 'cancelled' or %resource.status = 'revoked')))"

Profile: BimaCoverage
Parent: Coverage
Id: coverage
Title: "Membership"
Description: "One person's membership in a policy, or a voucher. Its state is the scheme's own word, from which status follows (pagecontent/policy.md)."
* obeys coverage-status-follows-state
* insert BySystem
* identifier contains membership 0..1
* identifier[membership] insert System(membership)
* extension contains CoverageState named state 1..1 and CoverageWaitingFrom named waitingFrom 0..1 and CoverageUseFrom named useFrom 0..1
* beneficiary only Reference(Patient)
* period 1..1
* period.start 1..1
* payor only Reference(Organization)
* class ^slicing.discriminator.type = #pattern
* class ^slicing.discriminator.path = "type"
* class ^slicing.rules = #open
* class contains plan 0..1 and group 0..1
* class[plan].type = $coverage-class#plan
* class[group].type = $coverage-class#group
* contract 0..1

Invariant: coverage-status-follows-state
Description: "The status is the one that R4 has for the membership's state."
Severity: #error
Expression: "status = 'entered-in-error' or extension.where(url = 'https://bima.example/fhir/StructureDefinition/coverage-state').value.all(($this = 'draft' and %resource.status = 'draft') or (($this = 'suspended' or $this = 'cancelled') and %resource.status = 'cancelled') or (($this = 'active' or $this = 'issued' or $this = 'used' or $this = 'expired') and %resource.status = 'active'))"
