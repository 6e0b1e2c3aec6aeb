// Contributions beyond an invoice and its payment: waivers, reversals, an
// officer's cash and receipt books, and the operations on them.

Extension: LineDate
Id: line-date
Title: "Date of the line"
Description: "The day from which the line counts, where it was added after the invoice was made: a waiver, or its lapse."
Context: Invoice.lineItem
* value[x] 1..1
* value[x] only date

Extension: Waiver
Id: waiver
Title: "Waiver"
Description: "The line takes off what need not be paid. Why is in its code, who decided it here. With a last day it holds only if what is left is paid by then."
Context: Invoice.lineItem
* extension contains decider 1..1 and until 0..1
* extension[decider].value[x] 1..1
* extension[decider].value[x] only Reference(Practitioner or PractitionerRole or Organization)
* extension[until].value[x] 1..1
* extension[until].value[x] only date

Extension: WaiverLapse
Id: waiver-lapse
Title: "Lapse of a waiver"
Description: "The sequence of the line whose waiver lapsed unused: this line asks for it again."
Context: Invoice.lineItem
* value[x] 1..1
* value[x] only positiveInt

CodeSystem: WaiverReasonCodes
Id: waiver-reason
Title: "Reasons for waivers"
Description: "Why a contribution, or a part of it, need not be paid."
* insert Codes
* #poverty "Poverty" "The family can't pay."
* #age "Age" "The scheme does not ask the old or the young."
* #disability "Disability" "A member lives with a disability."
* #disaster "Disaster" "Flood, drought, fire and the like."
* #subsidy "Subsidy" "Another has taken the part over, without an invoice of his own."
* #error "Error" "The invoice asked for too much."
* #goodwill "Goodwill" "By decision of the scheme."

Extension: InvoiceCancelled
Id: invoice-cancelled
Title: "Cancelled on"
Description: "The day from which a cancelled invoice is owed no more. The server writes it."
Context: Invoice
* value[x] 1..1
* value[x] only date

Instance: Invoice-unpaid-due
InstanceOf: SearchParameter
Usage: #definition
* insert Search(Invoice, unpaid-due, date)
* description = "The last day to pay of an invoice on which something is left to pay. Who owes: Group?_has:Invoice:subject:unpaid-due=lt2026-03-01."
* expression = "Invoice.where(status = 'issued').extension.where(url = 'https://bima.example/fhir/StructureDefinition/invoice-due').value"

Instance: PaymentNotice-payment-date
InstanceOf: SearchParameter
Usage: #definition
* insert Search(PaymentNotice, payment-date, date)
* description = "The day the money came in."
* expression = "PaymentNotice.paymentDate"

Instance: PaymentNotice-payer
InstanceOf: SearchParameter
Usage: #definition
* insert Search(PaymentNotice, payer, reference)
* description = "Who paid, where it is not the family the invoice is for."
* expression = "PaymentNotice.extension.where(url = 'https://bima.example/fhir/StructureDefinition/payer').value"
* target[0] = #Patient
* target[+] = #Group
* target[+] = #Organization

Instance: PaymentReconciliation-direction
InstanceOf: SearchParameter
Usage: #definition
* insert Search(PaymentReconciliation, direction, token)
* description = "Whether money came in or went out, or an officer brought cash to the bank."
* expression = "PaymentReconciliation.extension.where(url = 'https://bima.example/fhir/StructureDefinition/payment-direction').value"

Instance: Invoice-contract
InstanceOf: SearchParameter
Usage: #definition
* insert Search(Invoice, contract, reference)
* description = "The policy whose contribution is asked for."
* expression = "Invoice.extension.where(url = 'https://bima.example/fhir/StructureDefinition/invoice-contract').value"
* target[0] = #Contract

Extension: PaymentReversal
Id: payment-reversal
Title: "Reversal"
Description: "Why a payment was taken back, on a notice whose status is cancelled; it bounced where this is absent."
Context: PaymentNotice
* value[x] 1..1
* value[x] only code
* value[x] from PaymentReversalValues (required)

CodeSystem: PaymentReversalCodes
Id: payment-reversal
Title: "Reversals of payments"
Description: "Why a payment was taken back."
* insert Codes
* #bounced "Bounced" "The money did not arrive, or was given back."
* #misposted "Misposted" "The money is there, but was booked on the wrong invoice: it is nobody's until it is allocated."

ValueSet: PaymentReversalValues
Id: payment-reversal
Title: "Reversals of payments"
Description: "All reasons."
* insert Values
* include codes from system PaymentReversalCodes

Extension: ReversalRule
Id: reversal-rule
Title: "Rule of reversals"
Description: "What becomes of a policy in force when a payment it came into force by is taken back; it is suspended where this is absent."
Context: InsurancePlan
* value[x] 1..1
* value[x] only code
* value[x] from ReversalRuleValues (required)

CodeSystem: ReversalRuleCodes
Id: reversal-rule
Title: "Rules of reversals"
Description: "What becomes of a policy when a payment is taken back."
* insert Codes
* #suspend "Suspend" "It is suspended at once."
* #arrears "Arrears" "It stays in force, in arrears, as after any day to pay that was missed."

ValueSet: ReversalRuleValues
Id: reversal-rule
Title: "Rules of reversals"
Description: "All rules."
* insert Values
* include codes from system ReversalRuleCodes

Extension: CashLimit
Id: cash-limit
Title: "Cash limit"
Description: "How much cash of the scheme an officer may hold before he brings it to the bank, in one currency. Without it he may hold any amount."
Context: PractitionerRole
* value[x] 1..1
* value[x] only Money

Extension: ReceiptBook
Id: receipt-book
Title: "Receipt book"
Description: "The numbers of the paper receipts in a book that is issued to an officer: the series, which each number begins with and which ends with no digit, and the first and last number. Numbers are written with at least as many digits as the last."
Context: SupplyDelivery
* extension contains series 1..1 and first 1..1 and last 1..1
* extension[series].value[x] 1..1
* extension[series].value[x] only string
* extension[first].value[x] 1..1
* extension[first].value[x] only positiveInt
* extension[last].value[x] 1..1
* extension[last].value[x] only positiveInt

Profile: BimaReceiptBook
Parent: SupplyDelivery
Id: receipt-book-issue
Title: "Issue of a receipt book"
Description: "That an officer was given a book of numbered paper receipts. Its numbers are his alone; no two books of a series have one in common."
* extension contains ReceiptBook named book 1..1
* status 1..1
* receiver 1..1
* receiver only Reference(PractitionerRole)

Profile: BimaReceipt
Parent: DocumentReference
Id: receipt
Title: "Receipt"
Description: "The receipt of a contribution as it was given out: a PDF, with its number. Where the payment was taken back, one that says so takes its place."
* insert BySystem
* identifier contains receipt 1..1
* identifier[receipt] insert System(receipt)
* type 1..1
* type = DocumentCodes#receipt
* content 1..1
* content.attachment.url 1..1
* content.attachment.language 1..1
* context.related 1..*

Instance: SupplyDelivery-receipt-series
InstanceOf: SearchParameter
Usage: #definition
* insert Search(SupplyDelivery, receipt-series, token)
* description = "The series of a receipt book."
* expression = "SupplyDelivery.extension.where(url = 'https://bima.example/fhir/StructureDefinition/receipt-book').extension.where(url = 'series').value"

RuleSet: MoneyOperation(opId, op, opName, opTitle, affects)
* url = "https://bima.example/fhir/OperationDefinition/{opId}"
* version = "1.0.0"
* name = "{opName}"
* title = "{opTitle}"
* status = #active
* kind = #operation
* affectsState = {affects}
* code = #{op}
* system = false

RuleSet: Group(pName, pUse, pMin, pMax, pText)
* parameter[+].name = #{pName}
* parameter[=].use = #{pUse}
* parameter[=].min = {pMin}
* parameter[=].max = "{pMax}"
* parameter[=].documentation = "{pText}"

RuleSet: PartOut(pName, pMin, pMax, pType, pText)
* parameter[=].part[+].name = #{pName}
* parameter[=].part[=].use = #out
* parameter[=].part[=].min = {pMin}
* parameter[=].part[=].max = "{pMax}"
* parameter[=].part[=].documentation = "{pText}"
* parameter[=].part[=].type = #{pType}

Instance: payment-receive
InstanceOf: OperationDefinition
Usage: #definition
* insert MoneyOperation(payment-receive, receive, ReceivePayment, Receive money, true)
* description = "Books money that came in, as a provider of mobile money or a bank tells it: finds whom it is from by control number, invoice, policy or family, pays the open invoices, the one due first first, and keeps what is left as credit. The same reference with the same content is answered as before; with other content it is refused. Money that belongs to nobody known is kept too, with a Task to allocate it."
* resource = #PaymentReconciliation
* type = true
* instance = false
* insert In(amount, 1, 1, Money, What came in.)
* insert In(reference, 0, 1, Identifier, What the provider calls the transaction. Cash has none.)
* insert In(for, 0, *, Identifier, Whom it is from: a control number\, or the number of an invoice\, a policy\, a family\, a person or an employer. Several must agree.)
* insert In(date, 0, 1, date, The day it came in: today where it is absent.)
* insert In(method, 0, 1, code, B bank\, C cash\, M mobile phone\, F funding; C where there is no reference and M where there is one.)
* insert In(payer, 0, 1, Reference, Who pays\, where it is not the family.)
* insert In(officer, 0, 1, Reference, The PractitionerRole who took it: the caller where he is one and it is absent.)
* insert In(receipt, 0, 1, string, The number of the paper receipt; the server gives the next one where it is absent.)
* insert Out(payment, 1, 1, PaymentReconciliation, The money and how it is allocated.)
* insert Out(notice, 0, *, PaymentNotice, One for each invoice it pays\, the first with the number of the receipt; one without invoice where all of it is credit.)
* insert Out(task, 0, 1, Task, Where nobody was found.)

Instance: payment-allocate
InstanceOf: OperationDefinition
Usage: #definition
* insert MoneyOperation(payment-allocate, allocate, AllocatePayment, Allocate money, true)
* description = "Allocates what nobody claims of a payment, or what is credit: to the open invoices of a family, or to one invoice. What is left is the credit of that family."
* resource = #PaymentReconciliation
* type = false
* instance = true
* insert In(for, 1, *, Identifier, Whom it is from: a control number\, or the number of an invoice\, a policy or a family.)
* insert Out(payment, 1, 1, PaymentReconciliation, The money and how it is allocated.)
* insert Out(notice, 0, *, PaymentNotice, One for each invoice it pays.)

Instance: payment-refund
InstanceOf: OperationDefinition
Usage: #definition
* insert MoneyOperation(payment-refund, refund, RefundPayment, Give credit back, true)
* description = "Gives back what is credit of a payment: all of it, or an amount."
* resource = #PaymentReconciliation
* type = false
* instance = true
* insert In(amount, 0, 1, Money, How much: all of the credit where it is absent.)
* insert In(date, 0, 1, date, The day: today where it is absent.)
* insert In(method, 0, 1, code, B bank\, C cash or M mobile phone.)
* insert In(reference, 0, 1, Identifier, What the bank calls the transaction.)
* insert In(officer, 0, 1, Reference, The PractitionerRole who gives it back out of the cash he took.)
* insert Out(payment, 1, 1, PaymentReconciliation, The money that came in\, with what was given back.)
* insert Out(refund, 1, 1, PaymentReconciliation, The money that goes out.)

Instance: invoice-waive
InstanceOf: OperationDefinition
Usage: #definition
* insert MoneyOperation(invoice-waive, waive, WaiveInvoice, Waive a contribution, true)
* description = "Takes off an invoice what need not be paid, as a line with its reason and who decided. Never more than what is left to pay."
* resource = #Invoice
* type = false
* instance = true
* insert In(amount, 0, 1, Money, How much: all that is left where neither this nor percentage is there.)
* insert In(percentage, 0, 1, decimal, Or per cent of the total\, rounded to what the currency is paid in.)
* insert In(reason, 1, 1, CodeableConcept, Why.)
* insert In(decider, 0, 1, Reference, Who decided: the caller where it is absent.)
* insert In(until, 0, 1, date, The last day by which the rest must be paid\, or the waiver lapses.)
* insert Out(return, 1, 1, Invoice, The invoice with the waiver.)

Instance: invoice-arrears
InstanceOf: OperationDefinition
Usage: #definition
* insert MoneyOperation(invoice-arrears, arrears, InvoicesInArrears, Who owes what, false)
* description = "The invoices that were due before a day and not paid on it, the longest due first, with what was left to pay on that day, page by page, and the totals of all by currency and by age."
* resource = #Invoice
* type = true
* instance = false
* insert In(asOf, 0, 1, date, The day: today where it is absent. What came in on this day counts.)
* insert In(subject, 0, 1, Reference, Only of a family or person.)
* insert In(recipient, 0, 1, Reference, Only what this payer owes.)
* insert In(contract, 0, 1, Reference, Only of a policy.)
* insert In(currency, 0, 1, code, Only in a currency.)
* insert In(_count, 0, 1, integer, How many a page\, 100 where it is absent and 1000 at most.)
* insert In(after, 0, 1, string, The next of the page before.)
* insert Out(asOf, 1, 1, date, The day.)
* insert Group(total, out, 0, *, Of all pages\, one for each currency.)
* insert PartOut(owed, 1, 1, Money, What is owed.)
* insert PartOut(invoices, 1, 1, unsignedInt, By how many invoices.)
* insert PartOut(days1to30, 1, 1, Money, Of it due for up to 30 days.)
* insert PartOut(days31to60, 1, 1, Money, For 31 to 60 days.)
* insert PartOut(days61to90, 1, 1, Money, For 61 to 90 days.)
* insert PartOut(daysOver90, 1, 1, Money, For longer.)
* insert Group(invoice, out, 0, *, An invoice.)
* insert PartOut(reference, 1, 1, Reference, The Invoice.)
* insert PartOut(subject, 0, 1, Reference, Whose.)
* insert PartOut(recipient, 0, 1, Reference, Who is to pay.)
* insert PartOut(contract, 0, 1, Reference, Its policy.)
* insert PartOut(due, 1, 1, date, The last day to pay.)
* insert PartOut(days, 1, 1, unsignedInt, Days since.)
* insert PartOut(asked, 1, 1, Money, What it asked for on the day.)
* insert PartOut(balance, 1, 1, Money, What was left to pay.)
* insert Out(next, 0, 1, string, For the page that follows.)

Instance: account-statement
InstanceOf: OperationDefinition
Usage: #definition
* insert MoneyOperation(account-statement, statement, AccountStatement, Statement of account, false)
* description = "All that was asked for and paid up to a day, line by line with the balance after each: of a family or person the invoices in its name, of an organisation those it is to pay. The balance is what was asked for less what was paid; below zero it is credit."
* resource[0] = #Group
* resource[+] = #Patient
* resource[+] = #Organization
* type = false
* instance = true
* insert In(asOf, 0, 1, date, The day: today where it is absent. What happened on this day counts.)
* insert Out(asOf, 1, 1, date, The day.)
* insert Group(account, out, 0, *, One for each currency.)
* insert PartOut(asked, 1, 1, Money, What was asked for\, less waivers.)
* insert PartOut(paid, 1, 1, Money, What was paid\, less what was given back.)
* insert PartOut(balance, 1, 1, Money, asked less paid.)
* insert PartOut(credit, 1, 1, Money, What was paid and is on no invoice.)
* insert PartOut(overdue, 1, 1, Money, What is left of invoices that were due before the day.)
* insert PartOut(upToDate, 1, 1, boolean, Whether nothing is overdue.)
* insert Group(line, out, 0, *, A line.)
* insert PartOut(date, 1, 1, date, The day.)
* insert PartOut(kind, 1, 1, code, invoice\, waiver\, lapse\, cancellation\, payment\, reversal\, credit or refund.)
* insert PartOut(source, 1, 1, Reference, The Invoice or PaymentReconciliation.)
* insert PartOut(invoice, 0, 1, Reference, The Invoice a payment is on.)
* insert PartOut(text, 0, 1, string, What it is.)
* insert PartOut(amount, 1, 1, Money, More owed\, or below zero less.)
* insert PartOut(balance, 1, 1, Money, After the line.)

Instance: payment-receipt
InstanceOf: OperationDefinition
Usage: #definition
* insert MoneyOperation(payment-receipt, receipt, PaymentReceipt, Receipt, true)
* description = "GET gives the receipt of a payment as PDF. POST stores it: a Binary, and a DocumentReference to it, which is answered; the second time the same."
* resource = #PaymentNotice
* type = false
* instance = true
* insert In(language, 0, 1, code, en\, sw or fr.)
* insert Out(return, 1, 1, Resource, The DocumentReference\, or a PDF.)

Instance: officer-cash
InstanceOf: OperationDefinition
Usage: #definition
* insert MoneyOperation(officer-cash, cash, OfficerCash, Cash of an officer, false)
* description = "What cash an officer holds for the scheme, of which receipts, how much more he may take, and what became of his receipt books."
* resource = #PractitionerRole
* type = false
* instance = true
* insert Group(cash, out, 0, *, One for each currency.)
* insert PartOut(held, 1, 1, Money, What he holds.)
* insert PartOut(limit, 0, 1, Money, What he may hold.)
* insert PartOut(left, 0, 1, Money, What he may take before he brings it to the bank.)
* insert Group(receipt, out, 0, *, A payment that is not deposited\, or not all of it; the oldest first.)
* insert PartOut(payment, 1, 1, Reference, The PaymentReconciliation.)
* insert PartOut(date, 0, 1, date, The day he took it.)
* insert PartOut(number, 0, 1, string, The number of the receipt.)
* insert PartOut(amount, 1, 1, Money, What of it he holds.)
* insert Group(book, out, 0, *, A receipt book.)
* insert PartOut(reference, 1, 1, Reference, The SupplyDelivery it was issued by.)
* insert PartOut(series, 1, 1, string, Its series.)
* insert PartOut(first, 1, 1, positiveInt, Its first number.)
* insert PartOut(last, 1, 1, positiveInt, Its last number.)
* insert PartOut(used, 1, 1, unsignedInt, How many are used.)
* insert PartOut(missing, 0, *, positiveInt, Numbers below the highest used that are not used: look where they are.)
