// ChargeItemDefinition: openIMIS's item or service with its prices.

Extension: PriceList
Id: price-list
Title: "Price list"
Description: "On a property group: the list its price is of. On a facility: the list it is paid by. A group's applicability expression says the same in FHIRPath; pricing goes by this extension."
Context: ChargeItemDefinition.propertyGroup, Organization, Location
* value[x] 1..1
* value[x] only Coding

Extension: PricePeriod
Id: price-period
Title: "Price period"
Description: "On which days of service a property group's price holds, or on the Coding of a facility's price-list, on which days it is paid by that list. Both ends are included; always where it is absent."
Context: ChargeItemDefinition.propertyGroup, Coding
* value[x] 1..1
* value[x] only Period

Extension: CareType
Id: care-type
Title: "Care type"
Description: "Whether the service is for in-patients, out-patients or both (openIMIS's organization-hf-care-type: I, O, B)."
Context: ChargeItemDefinition
* value[x] 1..1
* value[x] only Coding

Extension: Frequency
Id: frequency
Title: "Frequency"
Description: "The same person can get the service once in this many days."
Context: ChargeItemDefinition
* value[x] 1..1
* value[x] only Duration

// The code systems service and price-list are a scheme's own: testdata/scheme
// has those of the demo scheme.

Instance: ChargeItemDefinition-code
InstanceOf: SearchParameter
Usage: #definition
* insert Search(ChargeItemDefinition, code, token)
* description = "The service or drug a tariff is about."
* expression = "ChargeItemDefinition.code"

Instance: ChargeItemDefinition-price-list
InstanceOf: SearchParameter
Usage: #definition
* insert Search(ChargeItemDefinition, price-list, token)
* description = "A price list the tariff has a price on."
* expression = "ChargeItemDefinition.propertyGroup.extension.where(url = 'https://bima.example/fhir/StructureDefinition/price-list').value"

Profile: BimaChargeItemDefinition
Parent: ChargeItemDefinition
Id: charge-item-definition
Title: "Tariff"
Description: "A service or drug with its prices: one property group for each price list and period."
* extension contains CareType named careType 0..1 and Frequency named frequency 0..1 and ServicePackage named package 0..1
* code 1..1
* code.coding 1..*
* propertyGroup 1..*
* propertyGroup obeys tariff-list-is-a-condition
* propertyGroup.extension contains PriceList named priceList 0..1 and PricePeriod named pricePeriod 0..1
* propertyGroup.priceComponent 1..*
* propertyGroup.priceComponent.amount 1..1
* propertyGroup.priceComponent.amount.value 1..1
* propertyGroup.priceComponent.amount.currency 1..1

Invariant: tariff-list-is-a-condition
Description: "A price of a list has the list as a condition too: in R4 a property group without applicability always applies."
Severity: #error
Expression: "extension.where(url = 'https://bima.example/fhir/StructureDefinition/price-list').empty() or applicability.exists()"
