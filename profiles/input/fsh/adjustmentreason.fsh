// The reasons of the decision, apart from its steps (claim.fsh): why a line was
// lowered or refused.

CodeSystem: AdjustmentReason
Id: adjustment-reason
Title: "Adjustment reasons"
Description: "Why a line of a claim was lowered or refused. A reason that openIMIS has too bears its number, under which its claim-rejection-reasons know it."
* insert Codes
* ^property[+].code = #openimis
* ^property[=].description = "the code of claim-rejection-reasons"
* ^property[=].type = #code
* #invalid-service "Invalid service" "The service is not in the register on the day."
* #invalid-service insert Number(1)
* #not-in-price-list "Not in price list" "The facility's price lists have no price for the service on the day."
* #not-in-price-list insert Number(2)
* #not-in-plan "Not in plan" "No policy of the person covers the service."
* #not-in-plan insert Number(3)
* #patient-category "Patient category" "The service is not for patients of this sex or age."
* #patient-category insert Number(4)
* #frequency "Frequency" "The person had the same service too short a time before."
* #frequency insert Number(5)
* #duplicate "Duplicate" "The same care was claimed before."
* #duplicate insert Number(6)
* #no-coverage "No coverage" "The person has no policy in force on the day."
* #no-coverage insert Number(7)
* #diagnosis "Diagnosis" "The diagnosis is not one the scheme knows."
* #diagnosis insert Number(8)
* #target-date "Target date" "The dates are missing, in the wrong order, or still to come."
* #target-date insert Number(9)
* #care-type "Care type" "The service is of a kind of care the facility does not give."
* #care-type insert Number(10)
* #maximum-admissions "Maximum of admissions" "No hospital admission is left."
* #maximum-admissions insert Number(11)
* #maximum-visits "Maximum of visits" "No visit is left."
* #maximum-visits insert Number(12)
* #maximum-consultations "Maximum of consultations" "No consultation is left."
* #maximum-consultations insert Number(13)
* #maximum-surgeries "Maximum of surgeries" "No surgery is left."
* #maximum-surgeries insert Number(14)
* #maximum-deliveries "Maximum of deliveries" "No delivery is left."
* #maximum-deliveries insert Number(15)
* #quantity-limit "Quantity limit" "Nothing is left of the quantity the plan allows."
* #quantity-limit insert Number(16)
* #waiting-period "Waiting period" "The waiting period of the service is not over."
* #waiting-period insert Number(17)
* #maximum-antenatal "Maximum of antenatal visits" "No antenatal visit is left."
* #maximum-antenatal insert Number(19)
* #medical-officer "Medical officer" "The medical reviewer rejected the line."
* #medical-officer insert Number(-1)
* #machine-review "Machine review" "An automatic reviewer rejected the line."
* #machine-review insert Number(-2)
* #currency "Currency" "The claim is in another currency than the plan."
* #no-contract "No contract" "The facility has no contract with the scheme on the day, or it is suspended."
* #preauthorization "Preauthorization" "The scheme was to be asked beforehand, and was not, or did not agree."
* #preauthorization-late "Preauthorization too late" "The scheme was asked too long after the emergency."
* #other-payer "Other payer" "Another payer has paid this part."
* #package "Package" "Above the prices of the parts of the package."
* #unbundled "Unbundled" "The service is part of a package that is claimed beside it."
* #work-accident "Work accident" "Accidents at work are another insurance's."
* #no-work-accident "No work accident" "The plan pays for accidents at the work of its employer only."
* #no-wage "No declared wage" "No employer has declared a wage of the member."
* #wage-days "Days without replacement" "The first days after the accident, or days beside those claimed, are not replaced."
* #before-birth "Before birth" "The care had ended before the patient was born."
* #after-death "After death" "The patient had died before the day of service."
* #death-undated "Death without a date" "The patient is said to have died, and the date of death is not known: nothing is paid until it is entered."
* #filing-deadline "Filing deadline" "Claimed after the time that the product gives for claims."
* #presence "Presence" "No visit code of an answer about eligibility proves that the patient was there."
* #repeated-care "Repeated care" "The person had the service on the same day by another claim."
* #overlapping-stay "Overlapping stay" "The person was in hospital in the same nights by another claim."
* #exclusive-services "Exclusive services" "Another service of its group was had, with which it is not paid."
* #referral "Referral" "The product pays this to patients who were referred."
* #diagnosis-excluded "Excluded diagnosis" "The product pays nothing for the diagnosis."
* #diagnosis-service "Diagnosis and service" "The service is not for the diagnosis."
* #capitated "Capitated" "The facility was paid for the service by heads."
* #balance-billing "Balance billing" "Above the facility's price list; the facility may ask the patient for it."
* #wage-share "Share of the wage" "Above the plan's share of the declared wage."
* #arithmetic "Arithmetic" "More was asked than unit price times quantity."
* #maximum-count "Maximum count" "No use is left of what the plan limits by number: all benefits, a service, or a category that openIMIS has no number for."
* #list-price "List price" "Above the facility's price list."
* #review-price "Reviewed price" "Above the price the reviewer approved."
* #review-quantity "Reviewed quantity" "More than the reviewer approved."
* #extrapolated "Extrapolated" "Taken off at the rate that the reviews of a sample of the facility's claims took off."
* #quantity-cut "Quantity cut" "More than was left of the quantity the plan allows."
* #fixed-limit "Fixed limit" "Above what the plan pays for a unit."
* #tracking "Tracking only" "The scheme only keeps track of this; it pays nothing."
* #deductible-treatment "Deductible per claim" "The member's first part of each claim."
* #deductible-insuree "Deductible per member" "The member's first part of what he uses in the period."
* #deductible-policy "Deductible per policy" "The family's first part of what it uses in the period."
* #coinsurance "Co-insurance" "The member's percentage."
* #copay "Co-payment" "The member's fixed amount."
* #ceiling-treatment "Ceiling per claim" "Nothing is left of the ceiling of the claim."
* #ceiling-insuree "Ceiling per member" "Nothing is left of the member's ceiling."
* #ceiling-policy "Ceiling per policy" "Nothing is left of the family's ceiling."
* #ceiling-category "Ceiling per category" "Nothing is left of the ceiling of the service or its category."

RuleSet: Number(number)
* ^property[+].code = #openimis
* ^property[=].valueCode = #{number}
