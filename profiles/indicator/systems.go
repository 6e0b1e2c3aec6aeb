package indicator

// canonical begins the URLs of what the package defines.
const canonical = "https://bima.example/fhir"

// The code systems of the codes in a MeasureReport.
const (
	SystemElement  = canonical + "/CodeSystem/hf-element"  // MeasureReport.group.code
	SystemCombo    = canonical + "/CodeSystem/hf-combo"    // MeasureReport.group.stratifier.code
	SystemCategory = canonical + "/CodeSystem/hf-category" // …stratum.component.code
	SystemOption   = canonical + "/CodeSystem/hf-option"   // …stratum.component.value

	SystemPopulation = "http://terminology.hl7.org/CodeSystem/measure-population"
	SystemCurrency   = "urn:iso:std:iso:4217"
	SystemUCUM       = "http://unitsofmeasure.org"
)

// DataAbsentReason is R4's extension that says why a number is not there.
const DataAbsentReason = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"

// Masked is its code for a number that is hidden.
const Masked = "masked"
