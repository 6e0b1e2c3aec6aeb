// PaymentNotice and PaymentReconciliation: openIMIS's premium, and money that
// moves in either direction.

Extension: Payer
Id: payer
Title: "Payer"
Description: "Who pays, where R4's elements can't name a person or a family."
Context: PaymentNotice, PaymentReconciliation
* value[x] 1..1
* value[x] only Reference(Patient or Group or Organization)

Extension: Payee
Id: payee
Title: "Payee"
Description: "The person or family who is paid; R4's payee is a practitioner or an organisation."
Context: PaymentReconciliation.detail
* value[x] 1..1
* value[x] only Reference(Patient or Group)

Extension: PaymentDirection
Id: payment-direction
Title: "Direction"
Description: "Whether the scheme is paid or pays, or an officer brings cash to the bank."
Context: PaymentReconciliation
* value[x] 1..1
* value[x] only code
* value[x] from PaymentDirectionValues (required)

CodeSystem: PaymentDirectionCodes
Id: payment-direction
Title: "Directions of payment"
Description: "Whether the scheme is paid or pays."
* insert Codes
* #in "In" "The scheme is paid."
* #out "Out" "The scheme pays."
* #deposit "Deposit" "An officer brings the cash he holds to the bank."

ValueSet: PaymentDirectionValues
Id: payment-direction
Title: "Directions of payment"
Description: "Both directions."
* insert Values
* include codes from system PaymentDirectionCodes

Extension: PaymentMethod
Id: payment-method
Title: "Method"
Description: "By bank, in cash, by mobile phone or out of a fund (openIMIS's contract-premium-type)."
Context: PaymentNotice, PaymentReconciliation
* value[x] 1..1
* value[x] only CodeableConcept

Extension: PaymentAction
Id: payment-action
Title: "Action"
Description: "What a payment that is no full payment does to the policy; it waits for the rest where this is absent."
Context: PaymentNotice
* value[x] 1..1
* value[x] only code
* value[x] from PaymentActionValues (required)

CodeSystem: PaymentActionCodes
Id: payment-action
Title: "Actions of a payment"
Description: "What a payment that is no full payment does to the policy."
* insert Codes
* #wait "Wait" "The policy waits for the rest."
* #enforce "Enforce" "The policy comes into force, and the rest stays due."
* #suspend "Suspend" "The policy is suspended."

ValueSet: PaymentActionValues
Id: payment-action
Title: "Actions of a payment"
Description: "All actions of a payment."
* insert Values
* include codes from system PaymentActionCodes

Instance: PaymentReconciliation-payee
InstanceOf: SearchParameter
Usage: #definition
* insert Search(PaymentReconciliation, payee, reference)
* description = "Who is paid by one of the details."
* expression = "PaymentReconciliation.detail.payee | PaymentReconciliation.detail.extension.where(url = 'https://bima.example/fhir/StructureDefinition/payee').value"
* target[0] = #Practitioner
* target[+] = #PractitionerRole
* target[+] = #Organization
* target[+] = #Patient
* target[+] = #Group

Profile: BimaPaymentNotice
Parent: PaymentNotice
Id: payment-notice
Title: "Contribution"
Description: "That a contribution was received, against an invoice: openIMIS's premium. Without an invoice it is paid ahead, and is the payer's credit. It notifies of a payment, and never pays."
* obeys payment-for-somebody
* insert BySystem
* identifier contains receipt 0..1
* identifier[receipt] insert System(receipt)
* extension contains Payer named payer 0..1 and PaymentMethod named method 0..1 and PaymentAction named action 0..1 and PaymentReversal named reversal 0..1
* request 0..1
* request only Reference(Invoice)
* paymentDate 1..1
* amount.value 1..1
* amount.currency 1..1

Invariant: payment-for-somebody
Description: "What is paid ahead, without an invoice, names the payer."
Severity: #error
Expression: "request.exists() or extension.where(url = 'https://bima.example/fhir/StructureDefinition/payer').exists()"

Profile: BimaPaymentReconciliation
Parent: PaymentReconciliation
Id: payment-reconciliation
Title: "Payment"
Description: "Money that moved: in, from payers of contributions, or out, to facilities and beneficiaries."
* obeys payment-in-one-currency
* insert BySystem
* identifier contains receipt 0..1
* identifier[receipt] insert System(receipt)
* extension contains PaymentDirection named direction 1..1 and Payer named payer 0..1 and PaymentMethod named method 0..1
* paymentAmount.value 1..1
* paymentAmount.currency 1..1
* detail.extension contains Payee named payee 0..1
* detail.amount 1..1

Invariant: payment-in-one-currency
Description: "All amounts are in the currency of the payment."
Severity: #error
Expression: "(paymentAmount.currency | detail.amount.currency).distinct().count() <= 1"
