// URLs that the other files name by a short word.

Alias: $openimis = https://openimis.github.io/openimis_fhir_r4_ig
Alias: $hl7-adjudication = http://terminology.hl7.org/CodeSystem/adjudication
Alias: $carin-adjudication = http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBAdjudication
Alias: $coverage-class = http://terminology.hl7.org/CodeSystem/coverage-class

// What each of our code systems says of itself.
RuleSet: Codes
* ^status = #active
* ^experimental = false
* ^caseSensitive = true
* ^content = #complete

// What each value set of a whole code system says of itself.
RuleSet: Values
* ^status = #active
* ^experimental = false

// What each of our search parameters says of itself; its id is base-code.
RuleSet: Search(base, code, type)
* url = "https://bima.example/fhir/SearchParameter/{base}-{code}"
* version = "1.0.0"
* name = "{base}-{code}"
* status = #active
* code = #{code}
* base = #{base}
* type = #{type}
* xpathUsage = #normal

// Identifiers are told apart by their systems.
RuleSet: BySystem
* identifier ^slicing.discriminator.type = #value
* identifier ^slicing.discriminator.path = "system"
* identifier ^slicing.rules = #open

RuleSet: System(name)
* system 1..1
* system = "https://bima.example/fhir/id/{name}"
* value 1..1
