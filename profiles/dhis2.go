package profiles

// What links with DHIS2 are set by, and what a person must put right about them;
// see docs/connect-dhis2.md.
const (
	// ExtensionDHIS2 holds the settings of a DHIS2; on Endpoint.
	ExtensionDHIS2 = Canonical + "/StructureDefinition/dhis2"
	// SystemDHIS2 names what is to be put right between us and a DHIS2.
	SystemDHIS2 = Canonical + "/CodeSystem/dhis2"
)
