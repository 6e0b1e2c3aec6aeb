// What leads a policy through its life: operations on Contract, and what plans
// and policies say for them.

Extension: CycleCalendar
Id: cycle-calendar
Title: "Calendar"
Description: "The calendar that the plan's cycles are days of and its months are counted by: that of the scheme where it is absent. What is stored are Gregorian dates all the same."
Context: InsurancePlan
* value[x] 1..1
* value[x] only code
* value[x] from CalendarValues (required)

CodeSystem: CalendarCodes
Id: calendar
Title: "Calendars"
Description: "Calendars that a scheme may count by."
* insert Codes
* #gregorian "Gregorian" "The calendar of ISO 8601."
* #bikram-sambat "Bikram Sambat" "The official calendar of Nepal."

ValueSet: CalendarValues
Id: calendar
Title: "Calendars"
Description: "All calendars."
* insert Values
* include codes from system CalendarCodes

Extension: PolicyGrace
Id: policy-grace
Title: "Grace"
Description: "Paid by this day, the policy is in force from the first day agreed, also where that is before the payment: it continues the one before it. Paid later, it is in force from the day of the payment."
Context: Contract
* value[x] 1..1
* value[x] only date

RuleSet: PolicyOperation(op, opName, opTitle)
* url = "https://bima.example/fhir/OperationDefinition/contract-{op}"
* version = "1.0.0"
* name = "{opName}"
* title = "{opTitle}"
* status = #active
* kind = #operation
* affectsState = true
* code = #{op}
* resource = #Contract
* system = false

RuleSet: In(pName, pMin, pMax, pType, pText)
* parameter[+].name = #{pName}
* parameter[=].use = #in
* parameter[=].min = {pMin}
* parameter[=].max = "{pMax}"
* parameter[=].documentation = "{pText}"
* parameter[=].type = #{pType}

RuleSet: Out(pName, pMin, pMax, pType, pText)
* parameter[+].name = #{pName}
* parameter[=].use = #out
* parameter[=].min = {pMin}
* parameter[=].max = "{pMax}"
* parameter[=].documentation = "{pText}"
* parameter[=].type = #{pType}

RuleSet: PartIn(pName, pMin, pType, pText)
* parameter[=].part[+].name = #{pName}
* parameter[=].part[=].use = #in
* parameter[=].part[=].min = {pMin}
* parameter[=].part[=].max = "1"
* parameter[=].part[=].documentation = "{pText}"
* parameter[=].part[=].type = #{pType}

RuleSet: Payers
* parameter[+].name = #payer
* parameter[=].use = #in
* parameter[=].min = 0
* parameter[=].max = "*"
* parameter[=].documentation = "Another than the household who bears a part; he gets an Invoice of his own."
* insert PartIn(party, 1, Reference, The Organization\, Patient or Group that pays.)
* insert PartIn(percentage, 0, decimal, The share of the whole in per cent\, rounded to what the currency is paid in.)
* insert PartIn(amount, 0, Money, Or the share as an amount.)
* insert PartIn(until, 0, date, The last day on which policies he shares in begin; a renewal that begins later is the household's. For good where it is absent.)

Instance: contract-offer
InstanceOf: OperationDefinition
Usage: #definition
* insert PolicyOperation(offer, OfferPolicy, Offer a policy)
* description = "Offers a family or a person a policy of a plan: works out the period agreed and the contribution, and stores the Contract, a draft Coverage for each member and an Invoice for each payer. On a Contract in draft that was written by hand it completes that one: subject, plan (term.offer.topic), members (term.asset.typeReference) and a first day (term.applies.start) are read from it. Nothing is stored where a rule of the plan forbids it."
* type = true
* instance = true
* insert In(subject, 0, 1, Reference, The Group or Patient whom the policy is for\, by reference or identifier; needed except on a Contract.)
* insert In(plan, 0, 1, Reference, The InsurancePlan\, by reference; by the identifier of a product the version sold on the day is meant. Needed except on a Contract.)
* insert In(date, 0, 1, date, The day of the agreement: today where it is absent\, and never a day to come. Ages and discounts go by it.)
* insert In(start, 0, 1, date, A later first day\, of plans without cycles.)
* insert In(member, 0, *, Reference, Who of the family is covered: all members where it is absent.)
* insert In(author, 0, 1, Reference, The officer who enrols.)
* insert Payers
* insert Out(contract, 1, 1, Contract, The policy: offered\, or ready where there is nothing to pay.)
* insert Out(coverage, 1, *, Coverage, One for each member.)
* insert Out(invoice, 0, *, Invoice, What is due\, for each payer.)

Instance: contract-activate
InstanceOf: OperationDefinition
Usage: #definition
* insert PolicyOperation(activate, ActivatePolicy, Put a policy in force)
* description = "Puts a policy in force by a decision: one that nothing is owed for, as of a subsidised plan, or with enforce one that is not paid yet, whose contribution stays due. A suspended one goes on as before."
* type = false
* instance = true
* insert In(date, 0, 1, date, From which day: today where it is absent. Cover never begins before the period agreed.)
* insert In(enforce, 0, 1, boolean, Whether it comes into force though it is not paid.)
* insert Out(contract, 1, 1, Contract, The policy in force.)

Instance: contract-suspend
InstanceOf: OperationDefinition
Usage: #definition
* insert PolicyOperation(suspend, SuspendPolicy, Suspend a policy)
* description = "Suspends a policy: nothing is paid for care until it is taken up again by a payment or by activate."
* type = false
* instance = true
* insert Out(contract, 1, 1, Contract, The suspended policy.)

Instance: contract-renew
InstanceOf: OperationDefinition
Usage: #definition
* insert PolicyOperation(renew, RenewPolicy, Renew a policy)
* description = "Offers the policy that follows: of the same plan in the version sold then, or of the plan it converts to, for those who are of the family now. Paid within the grace period it continues without a gap, and waiting periods count from the first policy."
* type = false
* instance = true
* insert In(date, 0, 1, date, The day of the agreement: today where it is absent.)
* insert In(plan, 0, 1, Reference, Another plan.)
* insert In(member, 0, *, Reference, Who of the family is covered: all members where it is absent.)
* insert In(author, 0, 1, Reference, The officer who renews.)
* insert Payers
* insert Out(contract, 1, 1, Contract, The policy that follows.)
* insert Out(coverage, 1, *, Coverage, One for each member.)
* insert Out(invoice, 0, *, Invoice, What is due.)

Instance: contract-add-member
InstanceOf: OperationDefinition
Usage: #definition
* insert PolicyOperation(add-member, AddMember, Add members to a policy)
* description = "Covers further members of the family under a running policy, from a day on to its end. What the policy costs with them beyond what it costs without is due in full, and they are covered from its payment; where it costs no more, at once. A newborn's cover goes on where it ended."
* type = false
* instance = true
* insert In(member, 1, *, Reference, Who joins: members of the family.)
* insert In(date, 0, 1, date, From which day: today where it is absent.)
* insert Out(contract, 1, 1, Contract, The policy.)
* insert Out(coverage, 1, *, Coverage, One for each who joined.)
* insert Out(invoice, 0, 1, Invoice, What is due for them.)

Instance: contract-cancel
InstanceOf: OperationDefinition
Usage: #definition
* insert PolicyOperation(cancel, CancelPolicy, Cancel a policy)
* description = "Withdraws a policy. One that never was in force is cancelled, and all that was paid is given back. One in force ends with the day, and of what was paid, less fees for joining, the part of the days that are left is given back. What is to be given back is a PaymentReconciliation in draft; what was not paid is no longer due."
* type = false
* instance = true
* insert In(date, 0, 1, date, The last day of cover: today where it is absent.)
* insert In(reason, 0, 1, string, Why.)
* insert Out(contract, 1, 1, Contract, The cancelled or terminated policy.)
* insert Out(refund, 0, *, PaymentReconciliation, What is to be given back\, to each payer.)
