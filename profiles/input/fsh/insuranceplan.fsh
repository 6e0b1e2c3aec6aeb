// InsurancePlan: openIMIS's product. Which parameter lives in which element is
// told in pagecontent/product.md.

Extension: AgeOfMajority
Id: age-of-majority
Title: "Age of majority"
Description: "From which age, in whole years on the day of the service, a person is an adult to this plan; 18 where it is absent."
Context: InsurancePlan
* value[x] 1..1
* value[x] only unsignedInt

Extension: ReviewCondition
Id: review-condition
Title: "Review condition"
Description: "A claim on which this FHIRPath expression is true waits for a person. The expression's context is the Claim; its name is the reason of the Task."
Context: InsurancePlan
* value[x] 1..1
* value[x] only Expression

Extension: CeilingScope
Id: ceiling-scope
Title: "What counts as in-patient for ceilings"
Description: "Whether the in-patient and out-patient deductibles and ceilings go by the length of the stay or by the level of the facility."
Context: InsurancePlan
* value[x] 1..1
* value[x] only code
* value[x] from CeilingScopeValues (required)

CodeSystem: CeilingScopeCodes
Id: ceiling-scope
Title: "Ceiling scopes"
Description: "What makes a claim an in-patient claim for deductibles and ceilings."
* insert Codes
* #stay "Stay" "A stay of more than one day (openIMIS: interpretation I)."
* #hospital "Hospital" "Any claim of a facility of level hospital (openIMIS: interpretation H)."

ValueSet: CeilingScopeValues
Id: ceiling-scope
Title: "Ceiling scopes"
Description: "All ceiling scopes."
* insert Values
* include codes from system CeilingScopeCodes

Extension: ServiceSet
Id: service-set
Title: "Service set"
Description: "The entry is about all services of this value set, instead of the one its type names. The most specific entry wins: one service, then a set, then a category, then all. In an answer: what is told is of a limit on this set."
Context: InsurancePlan.coverage.benefit, InsurancePlan.plan.specificCost.benefit, CoverageEligibilityResponse.insurance.item.category, ExplanationOfBenefit.benefitBalance.category
* value[x] 1..1
* value[x] only canonical

Extension: WaitingPeriod
Id: waiting-period
Title: "Waiting period"
Description: "How long after the membership began the benefit is not paid yet. Without a qualifier it holds for everybody."
Context: InsurancePlan.coverage.benefit
* extension contains
    duration 1..1 and
    qualifier 0..*
* extension[duration].value[x] 1..1
* extension[duration].value[x] only Duration
* extension[qualifier].value[x] 1..1
* extension[qualifier].value[x] only CodeableConcept

Extension: BenefitQualifier
Id: benefit-qualifier
Title: "Benefit qualifier"
Description: "For whom, and over what, a limit counts: age (usage-context-age-type), person or family (benefit-unit), period (benefit-term, limit-term) or visit type (ActCode). All qualifiers of a limit must hold. The same concepts qualify plan.specificCost.benefit.cost, where R4 has an element for them."
Context: InsurancePlan.coverage.benefit.limit
* value[x] 1..1
* value[x] only CodeableConcept

Extension: PriceOrigin
Id: price-origin
Title: "Price origin"
Description: "Which price the scheme pays by; the price list where it is absent."
Context: InsurancePlan.plan.specificCost.benefit
* value[x] 1..1
* value[x] only code
* value[x] from PriceOriginValues (required)

CodeSystem: PriceOriginCodes
Id: price-origin
Title: "Price origins"
Description: "Which price of a service the scheme pays by."
* insert Codes
* #list "Price list" "The price of the facility's price list; what is asked above it is cut (openIMIS: P)."
* #own "Own price" "The price the facility asks (openIMIS: O)."
* #relative "Relative price" "The list price times the index that the payment run finds for the period (openIMIS: R)."

ValueSet: PriceOriginValues
Id: price-origin
Title: "Price origins"
Description: "All price origins."
* insert Values
* include codes from system PriceOriginCodes

Extension: CeilingExclusion
Id: ceiling-exclusion
Title: "Ceiling exclusion"
Description: "The benefit is paid without counting against the ceilings of the plan."
Context: InsurancePlan.plan.specificCost.benefit
* extension contains
    scope 1..1 and
    qualifier 0..*
* extension[scope].value[x] 1..1
* extension[scope].value[x] only code
* extension[scope].value[x] from CeilingExclusionValues (required)
* extension[qualifier].value[x] 1..1
* extension[qualifier].value[x] only CodeableConcept

CodeSystem: CeilingExclusionCodes
Id: ceiling-exclusion
Title: "Ceiling exclusions"
Description: "Which claims a ceiling exclusion holds for."
* insert Codes
* #outpatient "Out-patient" "Claims that are not in-patient claims (openIMIS: N)."
* #inpatient "In-patient" "In-patient claims, as ceiling-scope says (openIMIS: H)."
* #both "Both" "All claims (openIMIS: B)."

ValueSet: CeilingExclusionValues
Id: ceiling-exclusion
Title: "Ceiling exclusions"
Description: "All ceiling exclusions."
* insert Values
* include codes from system CeilingExclusionCodes

Extension: ExtraMember
Id: extra-member
Title: "Extra members"
Description: "A family's ceiling grows with each member beyond the threshold, up to the maximum."
Context: InsurancePlan.plan.specificCost.benefit.cost
* extension contains
    threshold 1..1 and
    amount 1..1 and
    maximum 0..1
* extension[threshold].value[x] 1..1
* extension[threshold].value[x] only unsignedInt
* extension[amount].value[x] 1..1
* extension[amount].value[x] only Money
* extension[maximum].value[x] 1..1
* extension[maximum].value[x] only Money

Extension: ContributionDiscount
Id: contribution-discount
Title: "Contribution discount"
Description: "Who enrols or renews early pays so many per cent less."
Context: InsurancePlan.plan
* extension contains
    stage 1..1 and
    percentage 1..1 and
    before 1..1
* extension[stage].value[x] 1..1
* extension[stage].value[x] only code
* extension[stage].value[x] from ContributionStageValues (required)
* extension[percentage].value[x] 1..1
* extension[percentage].value[x] only decimal
* extension[before].value[x] 1..1
* extension[before].value[x] only Duration

CodeSystem: ContributionStageCodes
Id: contribution-stage
Title: "Contribution stages"
Description: "Whether a policy is a family's first or follows another."
* insert Codes
* #enrolment "Enrolment" "The first policy of a family, or the first after a gap."
* #renewal "Renewal" "A policy that follows another."
* #joining "Joining" "What is due for members who join a running policy."

ValueSet: ContributionStageValues
Id: contribution-stage
Title: "Contribution stages"
Description: "All contribution stages."
* insert Values
* include codes from system ContributionStageCodes

Extension: ContributionPeriod
Id: contribution-period
Title: "Contribution period"
Description: "A span of time in the life of a policy of this plan."
Context: InsurancePlan.plan
* extension contains
    kind 1..1 and
    duration 1..1
* extension[kind].value[x] 1..1
* extension[kind].value[x] only code
* extension[kind].value[x] from ContributionPeriodValues (required)
* extension[duration].value[x] 1..1
* extension[duration].value[x] only Duration

CodeSystem: ContributionPeriodCodes
Id: contribution-period
Title: "Contribution periods"
Description: "Spans of time in the life of a policy."
* insert Codes
* #administration "Administration" "Between enrolment and the start of a first policy."
* #grace-enrolment "Grace at enrolment" "How long after the start of a cycle a first policy may still join it."
* #grace-renewal "Grace at renewal" "How long after the start of a cycle a renewed policy may still join it."
* #grace-payment "Grace of payment" "How long after enrolment or renewal the contribution may be paid."
* #recurrence "Recurrence" "After how long without a policy the registration fee is due again."

ValueSet: ContributionPeriodValues
Id: contribution-period
Title: "Contribution periods"
Description: "All contribution periods."
* insert Values
* include codes from system ContributionPeriodCodes

CodeSystem: Limit
Id: limit
Title: "Limits of a benefit"
Description: "What InsurancePlan.coverage.benefit.limit.code counts, where HL7's benefit-type has no code."
* insert Codes
* #quantity "Quantity" "Units of the service. 0 allows none; an absent limit allows any number."
* #waiting-until "Waiting until" "In an answer about eligibility: the first day on which the benefit is paid."

CodeSystem: LimitTerm
Id: limit-term
Title: "Terms of a limit"
Description: "Over what a limit or ceiling counts, where HL7's benefit-term has no code."
* insert Codes
* #unit "Per unit" "Each unit of the service."
* #claim "Per claim" "Each claim (openIMIS: treatment)."
* #policy "Per policy" "The period of the policy."
* #pregnancy "Per pregnancy" "280 days from the first antenatal contact."

CodeSystem: Benefit
Id: benefit
Title: "Groups of benefits"
Description: "What an entry of a plan is about, where it is about no single service and no category of openIMIS."
* insert Codes
* #all "All benefits" "All benefits of the plan."
* #inpatient "In-patient benefits" "All benefits of in-patient claims, as ceiling-scope says."
* #outpatient "Out-patient benefits" "All benefits of claims that are not in-patient claims."

Profile: BimaInsurancePlan
Parent: InsurancePlan
Id: insurance-plan
Title: "Product"
Description: "A benefit package. Who owns it, what it covers and what it costs are always said; how each of a product's parameters is written is told in pagecontent/product.md."
* insert BySystem
* identifier contains product 1..1 and productVersion 0..1
* identifier[product] insert System(product)
* identifier[productVersion] insert System(product-version)
* extension contains AgeOfMajority named ageOfMajority 0..1 and ReviewCondition named reviewCondition 0..* and CeilingScope named ceilingScope 0..1 and OpenIMISMaxInstallments named maxInstallments 0..1 and OpenIMISStartCycle named startCycle 0..* and OpenIMISConversion named conversion 0..1 and ProductPredecessor named predecessor 0..1 and AccountingCode named accountingCode 0..*
* status 1..1
* name 1..1
* period 1..1
* period.start 1..1
* ownedBy 1..1
* administeredBy 1..1
* coverage 1..*
* coverage.benefit.extension contains ServiceSet named serviceSet 0..1 and WaitingPeriod named waitingPeriod 0..*
* coverage.benefit.limit.extension contains BenefitQualifier named qualifier 0..*
* coverage.benefit.limit.value 1..1
* coverage.benefit.limit.code 1..1
* plan 1..*
* plan.extension contains ContributionDiscount named discount 0..* and ContributionPeriod named period 0..* and RelativePrice named relativePrice 0..* and Capitation named capitation 0..1
* plan.specificCost.benefit.extension contains ServiceSet named serviceSet 0..1 and PriceOrigin named priceOrigin 0..1 and CeilingExclusion named ceilingExclusion 0..*
* plan.specificCost.benefit.cost.extension contains ExtraMember named extraMember 0..1
* plan.specificCost.benefit.cost.value 1..1
* plan.specificCost.benefit.cost.value obeys plan-cost-not-negative

Invariant: plan-cost-not-negative
Description: "A share, a limit, a ceiling or a deductible is not negative."
Severity: #error
Expression: "value.empty() or value >= 0"
