CodeSystem: Limit
Id: limit
Title: "Limits of a benefit"
Description: "What InsurancePlan.coverage.benefit.limit.code and the answers about what is left count, where HL7's benefit-type has no code."
* ^url = "https://bima.example/fhir/CodeSystem/limit"
* ^caseSensitive = true
* ^experimental = false
* #quantity "Quantity" "How many units of a service are paid for."
