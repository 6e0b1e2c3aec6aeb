// Organization: the scheme itself, the facilities it pays, employers and banks.

Alias: $organization-type = http://terminology.hl7.org/CodeSystem/organization-type

Profile: BimaFacility
Parent: Organization
Id: facility
Title: "Facility"
Description: "A provider of health care that the scheme pays, with the price lists it is paid by, the preferred one first."
* insert BySystem
* identifier contains facility 1..1
* identifier[facility] insert System(facility)
* extension contains PriceList named priceList 0..* and FacilityContract named contract 0..1 and Catchment named catchment 0..* and FacilitySublevel named sublevel 0..1 and OpenIMISFacilityLevel named level 0..1 and OpenIMISFacilityCareType named careType 0..1 and OpenIMISFacilityLegalForm named legalForm 0..1
* insert ByType
* type contains provider 1..1
* type[provider] = $organization-type#prov
* name 1..1

Profile: BimaInsurer
Parent: Organization
Id: insurer
Title: "Insurer"
Description: "The scheme, or another payer of health care."
* insert ByType
* type contains insurer 1..1
* type[insurer] = $organization-type#ins
* name 1..1

RuleSet: ByType
* type ^slicing.discriminator.type = #pattern
* type ^slicing.discriminator.path = "$this"
* type ^slicing.rules = #open
