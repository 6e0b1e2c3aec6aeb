// The rules that schemes live by. Each is off where it is absent.

Extension: FilingDeadline
Id: filing-deadline
Title: "Filing deadline"
Description: "How long after the last day of treatment a claim may be made (Claim.created)."
Context: InsurancePlan
* value[x] 1..1
* value[x] only Duration

Extension: DecidingDay
Id: deciding-day
Title: "Deciding day"
Description: "Which day decides cover and price of the lines of a stay; each line for itself where it is absent."
Context: InsurancePlan
* value[x] 1..1
* value[x] only code
* value[x] from DecidingDayValues (required)

CodeSystem: DecidingDayCodes
Id: deciding-day
Title: "Deciding days"
Description: "Which day decides cover and price of the lines of a stay."
* insert Codes
* #line "Line" "One policy covers all days of a line; its last day sets the price."
* #admission "Admission" "The first day of treatment decides for all lines."
* #discharge "Discharge" "The last day of treatment decides for all lines."

ValueSet: DecidingDayValues
Id: deciding-day
Title: "Deciding days"
Description: "All deciding days."
* insert Values
* include codes from system DecidingDayCodes

Extension: ProofOfPresence
Id: proof-of-presence
Title: "Proof of presence"
Description: "A claim quotes a visit code: the id of an answer about the patient's eligibility that its facility asked for, at most this long before treatment. 0 days asks for a day of the treatment. The code is of the day on which it was asked for, if the question was about that day. Emergencies need none."
Context: InsurancePlan
* value[x] 1..1
* value[x] only Duration

Extension: BalanceBilling
Id: balance-billing
Title: "Balance billing"
Description: "Whether the facility may ask the patient for what is above its price list. It may not where this is absent."
Context: InsurancePlan
* value[x] 1..1
* value[x] only boolean

Extension: OverlappingStays
Id: overlapping-stays
Title: "Overlapping stays"
Description: "What becomes of a stay in nights that the person was in hospital by another claim; it is paid where this is absent."
Context: InsurancePlan
* value[x] 1..1
* value[x] only code
* value[x] from OverlappingStaysValues (required)

CodeSystem: OverlappingStaysCodes
Id: overlapping-stays
Title: "Overlapping stays"
Description: "What becomes of stays that overlap."
* insert Codes
* #refused "Refused" "The later claim is refused."
* #paid "Paid" "Both are paid."

ValueSet: OverlappingStaysValues
Id: overlapping-stays
Title: "Overlapping stays"
Description: "All that may become of stays that overlap."
* insert Values
* include codes from system OverlappingStaysCodes

Extension: PatientGroupCondition
Id: patient-group-condition
Title: "Patient group condition"
Description: "Who belongs to a group of patients that costs, limits and waiting periods of the product are qualified by: by age in completed years on the last day of treatment, or where the FHIRPath expression on the Claim is true, with %patient and %coverage. Whoever has the group in an extension patient-group belongs to it in any case."
Context: InsurancePlan
* extension contains
    group 1..1 and
    age 0..1 and
    condition 0..1
* extension[group].value[x] 1..1
* extension[group].value[x] only Coding
* extension[age].value[x] 1..1
* extension[age].value[x] only Range
* extension[condition].value[x] 1..1
* extension[condition].value[x] only Expression

Extension: PatientGroup
Id: patient-group
Title: "Patient group"
Description: "A group of patients that the person belongs to. Of a pregnancy the period begins with its first day."
Context: Patient, Coverage
* extension contains
    group 1..1 and
    period 0..1
* extension[group].value[x] 1..1
* extension[group].value[x] only Coding
* extension[period].value[x] 1..1
* extension[period].value[x] only Period

CodeSystem: PatientGroupCodes
Id: patient-group
Title: "Patient groups"
Description: "Groups of patients for whom products often have other rules. A scheme may use codes of its own."
* ^url = "https://bima.example/fhir/CodeSystem/patient-group"
* insert Codes
* #pregnant "Pregnant" "Expects a child, or has just had one."
* #indigent "Indigent" "Can't pay."
* #chronic "Chronically ill" "Has a condition of the scheme's list."
* #disabled "Disabled" "Lives with a disability."
* #elderly "Elderly" "Above an age the scheme sets."
* #child "Young child" "Below an age the scheme sets."

Extension: OnceADay
Id: once-a-day
Title: "Once a day"
Description: "Whether the service is paid to one person once a day, whichever facility claims it. The most specific entry counts."
Context: InsurancePlan.coverage.benefit, InsurancePlan.plan.specificCost.benefit
* value[x] 1..1
* value[x] only boolean

Extension: ReferralRequired
Id: referral-required
Title: "Referral required"
Description: "Where a patient needs a referral (Claim.referral, or the visit type R) for the benefit. In an emergency he needs none."
Context: InsurancePlan.coverage.benefit, InsurancePlan.plan.specificCost.benefit
* value[x] 1..1
* value[x] only code
* value[x] from ReferralRequiredValues (required)

CodeSystem: ReferralRequiredCodes
Id: referral-required
Title: "Where a referral is required"
Description: "Where a patient needs a referral."
* insert Codes
* #hospital "Hospital" "At facilities of level hospital."
* #elsewhere "Elsewhere" "At every facility but the one the patient is registered with (Patient.generalPractitioner). Who is registered with none needs no referral."

ValueSet: ReferralRequiredValues
Id: referral-required
Title: "Where a referral is required"
Description: "All places where a referral may be required."
* insert Values
* include codes from system ReferralRequiredCodes

Extension: Capitated
Id: capitated
Title: "Capitated"
Description: "The benefit is paid by heads to facilities of the levels of the plan's capitation (all, where it names none), so claims of it are recorded and not paid again."
Context: InsurancePlan.coverage.benefit, InsurancePlan.plan.specificCost.benefit
* value[x] 1..1
* value[x] only boolean

Extension: DiagnosisExcluded
Id: diagnosis-excluded
Title: "Excluded diagnosis"
Description: "Nothing is paid where all diagnoses of a line are of this code or below it (Z41 is above Z41.1)."
Context: InsurancePlan.coverage.benefit, InsurancePlan.plan.specificCost.benefit, ChargeItemDefinition
* value[x] 1..1
* value[x] only Coding

Extension: DiagnosisRequired
Id: diagnosis-required
Title: "Required diagnosis"
Description: "Only paid where a diagnosis of the line is of this code, or of another one required, or below it."
Context: InsurancePlan.coverage.benefit, InsurancePlan.plan.specificCost.benefit, ChargeItemDefinition
* value[x] 1..1
* value[x] only Coding

Extension: ExclusiveServices
Id: exclusive-services
Title: "Exclusive services"
Description: "A group of services of which a person has only one on a day, whoever claims it, or one in a claim."
Context: ChargeItemDefinition
* extension contains
    group 1..1 and
    within 1..1
* extension[group].value[x] 1..1
* extension[group].value[x] only code
* extension[within].value[x] 1..1
* extension[within].value[x] only code
* extension[within].value[x] from ExclusiveWithinValues (required)

CodeSystem: ExclusiveWithinCodes
Id: exclusive-within
Title: "Within what services exclude each other"
Description: "Within what services of a group exclude each other."
* insert Codes
* #day "Day" "On the same day, in all claims of the person."
* #claim "Claim" "In the same claim."

ValueSet: ExclusiveWithinValues
Id: exclusive-within
Title: "Within what services exclude each other"
Description: "All within which services may exclude each other."
* insert Values
* include codes from system ExclusiveWithinCodes

CodeSystem: ClaimInformation
Id: claim-information
Title: "Information of a claim"
Description: "What Claim.supportingInfo tells beyond HL7's categories."
* insert Codes
* #visit-code "Visit code" "valueString: the visit code that the facility was given for the patient, see proof-of-presence."
* #pregnancy "Pregnancy" "timingDate: the first day of the pregnancy (of the last menstrual period), from which antenatal visits are counted."
