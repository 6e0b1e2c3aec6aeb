// Invoice: a contribution that is due, or a facility's bill.

Extension: InvoiceContract
Id: invoice-contract
Title: "Contract of the invoice"
Description: "The policy whose contribution is asked for."
Context: Invoice
* value[x] 1..1
* value[x] only Reference(Contract)

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
