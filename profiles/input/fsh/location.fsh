// Location: the tree of regions, districts, wards and villages, and the sites of
// facilities in it.

Profile: BimaLocation
Parent: Location
Id: location
Title: "Place"
Description: "A part of the country, or the site of a facility. All but the topmost are part of another."
* obeys location-has-a-kind
* identifier 1..*
* identifier.system 1..1
* identifier.value 1..1
* status 1..1
* name 1..1
* partOf only Reference(Location)

Invariant: location-has-a-kind
Description: "A place is a part of the country, with openIMIS's type of location, or the site of an organization."
Severity: #error
Expression: "type.coding.where(system = 'https://openimis.github.io/openimis_fhir_r4_ig/CodeSystem/location-type').exists() or managingOrganization.exists()"
