// Invoice: a contribution that is due, or a facility's bill.

Extension: InvoiceContract
Id: invoice-contract
Title: "Contract of the invoice"
Description: "The policy whose contribution is asked for."
Context: Invoice
* value[x] 1..1
* value[x] only Reference(Contract)

Extension: InvoiceCoverage
Id: invoice-coverage
Title: "Membership that the invoice is for"
Description: "Who joins a policy under way by paying it: his cover begins with this payment, whatever else is owed for the policy."
Context: Invoice
* value[x] 1..1
* value[x] only Reference(Coverage)

Extension: InvoiceDue
Id: invoice-due
Title: "Due date"
Description: "The last day to pay."
Context: Invoice
* value[x] 1..1
* value[x] only date

Extension: InvoiceBalance
Id: invoice-balance
Title: "Balance"
Description: "What is left to pay: totalGross less all cleared payments on it. The server writes it."
Context: Invoice
* value[x] 1..1
* value[x] only Money

Instance: Invoice-due
InstanceOf: SearchParameter
Usage: #definition
* insert Search(Invoice, due, date)
* description = "The last day to pay."
* expression = "Invoice.extension.where(url = 'https://bima.example/fhir/StructureDefinition/invoice-due').value"

Instance: Invoice-balance
InstanceOf: SearchParameter
Usage: #definition
* insert Search(Invoice, balance, quantity)
* description = "What is left to pay."
* expression = "Invoice.extension.where(url = 'https://bima.example/fhir/StructureDefinition/invoice-balance').value"

Profile: BimaInvoice
Parent: Invoice
Id: invoice
Title: "Contribution due, or bill"
Description: "What is asked of a family for its policy, or of the scheme by a facility."
* insert BySystem
* identifier contains invoice 0..1
* identifier[invoice] insert System(invoice)
* extension contains InvoiceContract named contract 0..1 and InvoiceCoverage named coverage 0..* and InvoiceDue named due 0..1 and InvoiceBalance named balance 0..1 and InvoiceCancelled named cancelled 0..1
* lineItem.extension contains LineDate named date 0..1 and Waiver named waiver 0..1 and WaiverLapse named lapse 0..1
* issuer 1..1
* lineItem 1..*
* lineItem.priceComponent 1..*
* totalGross 1..1
* totalGross.value 1..1
* totalGross.currency 1..1
