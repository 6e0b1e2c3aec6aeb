// The formal sector: employers, their employees, what plans ask of both, the
// contract between employer and scheme, and what is declared each month.

Profile: BimaEmployer
Parent: Organization
Id: employer
Title: "Employer"
Description: "Who employs people and has a contract with the scheme for them."
* insert BySystem
* identifier contains employer 1..1
* identifier[employer] insert System(employer)
* insert ByType
* type contains business 1..1
* type[business] = $organization-type#bus
* name 1..1

CodeSystem: GroupKindCodes
Id: group-kind
Title: "Kinds of groups"
Description: "Groups of persons that are no families."
* insert Codes
* #employees "Employees" "Those who work for an employer."

Profile: BimaEmployees
Parent: Group
Id: employees
Title: "Employees"
Description: "Those who work for an employer, each with what he earns and the plans he is in. Who left stays in it, inactive, with his last day."
* type = #person
* actual = true
* code 1..1
* code = https://bima.example/fhir/CodeSystem/group-kind#employees
* managingEntity 1..1
* managingEntity only Reference(Organization)
* member.extension contains Employment named employment 0..1
* member.entity only Reference(Patient)

Extension: Employment
Id: employment
Title: "Employment"
Description: "What the employer last declared of an employee: what he earns in a month, the plans of the contract he is in, and his number at the employer."
Context: Group.member
* extension contains income 0..1 and plan 0..* and number 0..1
* extension[income].value[x] 1..1
* extension[income].value[x] only Money
* extension[plan].value[x] 1..1
* extension[plan].value[x] only string
* extension[number].value[x] 1..1
* extension[number].value[x] only string

Extension: EmploymentContribution
Id: employment-contribution
Title: "Contribution of employment"
Description: "What is asked each month for an employee who is in the plan, of himself and of his employer: per cent of his income, or a fixed amount. Income below the floor counts as the floor, above the ceiling as the ceiling. Each share is rounded to what the currency is paid in, half up."
Context: InsurancePlan.plan
* extension contains employee 0..1 and employer 0..1 and floor 0..1 and ceiling 0..1
* extension[employee].value[x] 1..1
* extension[employee].value[x] only decimal or Money
* extension[employer].value[x] 1..1
* extension[employer].value[x] only decimal or Money
* extension[floor].value[x] 1..1
* extension[floor].value[x] only Money
* extension[ceiling].value[x] 1..1
* extension[ceiling].value[x] only Money

CodeSystem: ContractKindCodes
Id: contract-kind
Title: "Kinds of contracts"
Description: "Contracts of the scheme that are no policies of families or persons."
* insert Codes
* #employer "Employer's contract" "Between the scheme and an employer, for those who work for him."

CodeSystem: EmployerCoverCodes
Id: employer-cover
Title: "Cover of employees"
Description: "From when employees are covered."
* insert Codes
* #paid "When paid" "From the month whose invoices are paid in whole."
* #declared "When declared" "From the month declared, and suspended when it is not paid."

ValueSet: EmployerCoverValues
Id: employer-cover
Title: "Cover of employees"
Description: "All rules."
* insert Values
* include codes from system EmployerCoverCodes

Extension: EmployerTerms
Id: employer-terms
Title: "Terms of the employer"
Description: "From when employees are covered: when paid, where it is absent. How many days after the end of the month its contributions are due, and how many days after that cover is suspended; the scheme's, where they are absent."
Context: Contract
* extension contains cover 0..1 and due 0..1 and grace 0..1
* extension[cover].value[x] 1..1
* extension[cover].value[x] only code
* extension[cover].value[x] from EmployerCoverValues (required)
* extension[due].value[x] 1..1
* extension[due].value[x] only unsignedInt
* extension[grace].value[x] 1..1
* extension[grace].value[x] only unsignedInt

Extension: ContractSuspension
Id: contract-suspension
Title: "Suspended from"
Description: "The first day without cover of a contract that is suspended. Care before it is paid. The server writes it, and takes it away when the arrears are paid."
Context: Contract
* value[x] 1..1
* value[x] only date

Extension: CounterReason
Id: counter-reason
Title: "Reason of the counter-offer"
Description: "What the scheme asks to be changed before it agrees."
Context: Contract
* value[x] 1..1
* value[x] only string

Extension: InvoicePeriod
Id: invoice-period
Title: "Month of the invoice"
Description: "The month whose contributions are asked for."
Context: Invoice
* value[x] 1..1
* value[x] only Period

Extension: ContributionOf
Id: contribution-of
Title: "Contribution of"
Description: "For whom the line is, under which plan of the contract, and from what income it was worked out."
Context: Invoice.lineItem
* extension contains employee 1..1 and plan 1..1 and income 0..1
* extension[employee].value[x] 1..1
* extension[employee].value[x] only Reference(Patient)
* extension[plan].value[x] 1..1
* extension[plan].value[x] only string
* extension[income].value[x] 1..1
* extension[income].value[x] only Money

CodeSystem: ContributionShareCodes
Id: contribution-share
Title: "Shares of contributions"
Description: "Who bears a part of a contribution."
* insert Codes
* #employee "Employee's share" "Taken off the wage."
* #employer "Employer's share" "Paid beside the wage."

Profile: BimaEmployerContract
Parent: Contract
Id: employer-contract
Title: "Contract of an employer"
Description: "Between the scheme and an employer, for those who work for him: a term for each plan its employees may be in. Its state is the scheme's own word, from which status follows (pagecontent/policy.md)."
* obeys contract-status-follows-state
* insert BySystem
* identifier contains policy 1..1
* identifier[policy] insert System(policy)
* extension contains PolicyState named state 1..1 and ContractPredecessor named predecessor 0..1 and EmployerTerms named terms 0..1 and ContractSuspension named suspension 0..1 and CounterReason named reason 0..1
* status 1..1
* type 1..1
* type.coding 1..*
* applies 1..1
* applies.start 1..1
* applies.end 1..1
* subject 1..1
* subject only Reference(Organization)
* authority 1..1
* term 1..*
* term.identifier 1..1
* term.offer.topic 1..1
* term.offer.topic only Reference(InsurancePlan)

Instance: Invoice-period
InstanceOf: SearchParameter
Usage: #definition
* insert Search(Invoice, period, date)
* description = "The month whose contributions are asked for."
* expression = "Invoice.extension.where(url = 'https://bima.example/fhir/StructureDefinition/invoice-period').value"

Instance: employer-submit
InstanceOf: OperationDefinition
Usage: #definition
* insert EmployerOperation(submit, SubmitContract, Submit the contract of an employer)
* description = "Hands a draft, or one that was answered by a counter-offer, to the scheme: draft or countered becomes offered. The versions of its plans are pinned, and what the employees come to in a month is noted with each."
* insert Out(contract, 1, 1, Contract, The contract: offered.)

Instance: employer-counter
InstanceOf: OperationDefinition
Usage: #definition
* insert EmployerOperation(counter, CounterContract, Ask an employer to change his contract)
* description = "Gives an offered contract back to the employer, who changes and submits it again: offered becomes countered."
* insert In(reason, 1, 1, string, What is to be changed.)
* insert Out(contract, 1, 1, Contract, The contract: countered.)

Instance: employer-approve
InstanceOf: OperationDefinition
Usage: #definition
* insert EmployerOperation(approve, ApproveContract, Approve the contract of an employer)
* description = "The scheme agrees: offered becomes ready, status executable. It comes into force when the first month is paid, or declared where its terms say so. An amendment comes into force on its first day, in place of the contract it amends."
* insert Out(contract, 1, 1, Contract, The contract: ready\, or active where an amendment begins at once.)

Instance: employer-amend
InstanceOf: OperationDefinition
Usage: #definition
* insert EmployerOperation(amend, AmendContract, Amend or renew the contract of an employer)
* description = "Makes a draft that is to follow a contract in force: from a day within its period an amendment, from the day after its last a renewal. It may be changed until it is submitted."
* insert In(from, 1, 1, date, The first day of the new contract.)
* insert In(until, 0, 1, date, Its last day; of an amendment that of the old one\, of a renewal as long after as the old one lasted.)
* insert Out(contract, 1, 1, Contract, The new contract: draft.)

Instance: employer-terminate
InstanceOf: OperationDefinition
Usage: #definition
* insert EmployerOperation(terminate, TerminateContract, End the contract of an employer)
* description = "Ends a contract with a day, and with it the cover of all its employees. What was declared stays due."
* insert In(date, 0, 1, date, The last day: today where it is absent.)
* insert Out(contract, 1, 1, Contract, The contract: terminated.)

Instance: employer-declare
InstanceOf: OperationDefinition
Usage: #definition
* insert EmployerOperation(declare, DeclareEmployees, Declare the employees of a month)
* description = "Takes the table of a month: who works for the employer, what each earns, under which plans. Contributions are worked out, and asked for by an Invoice. Declared again, the same table changes nothing, and another one is a correction: what is more is asked for by a further Invoice, what is less is taken off the first. Who is no longer declared has left. A table with errors is refused as a whole, each error with its row."
* insert In(period, 1, 1, date, The month\, 2026-03.)
* insert In(table, 1, 1, base64Binary, The table: CSV in UTF-8 with a header; see docs/employers.md.)
* insert In(dry-run, 0, 1, boolean, Whether it is only tried: nothing is stored\, and the answer is what would come of it.)
* insert Out(period, 1, 1, date, The month.)
* insert Out(employees, 1, 1, unsignedInt, How many are declared.)
* insert Out(joined, 1, 1, unsignedInt, How many were not declared the month before.)
* insert Out(left, 1, 1, unsignedInt, How many left.)
* insert Out(errors, 1, 1, unsignedInt, How many errors the table has: with dry-run only\, else it is refused.)
* insert Out(total, 0, 1, Money, What the month comes to.)
* insert Out(correction, 0, 1, Money, What this comes to beyond what was asked for before\, below zero less.)
* insert Out(invoice, 0, *, Invoice, The Invoices of the month that were made or changed.)
* insert Out(report, 1, 1, base64Binary, A table with a row for each row: what became of it\, and what it comes to.)

RuleSet: EmployerOperation(op, opName, opTitle)
* url = "https://bima.example/fhir/OperationDefinition/employer-{op}"
* version = "1.0.0"
* name = "{opName}"
* title = "{opTitle}"
* status = #active
* kind = #operation
* affectsState = true
* code = #{op}
* resource = #Contract
* system = false
* type = false
* instance = true
