package profiles

// What links with DHIS2 are set by, and what a person must put right about them;
// see docs/connect-dhis2.md.
const (
	// ExtensionDHIS2 holds the settings of a DHIS2; on Endpoint.
	ExtensionDHIS2 = Canonical + "/StructureDefinition/dhis2"
	// ExtensionIndicatorFinal is the day since which the numbers of a MeasureReport
	// are final; valueDate.
	ExtensionIndicatorFinal = Canonical + "/StructureDefinition/indicator-final"
	// SystemDHIS2 names what is to be put right between us and a DHIS2.
	SystemDHIS2 = Canonical + "/CodeSystem/dhis2"
)
