package profiles

// What links with OpenMRS are set and remembered by; see docs/connect-openmrs.md.
const (
	// ExtensionOpenMRS holds the settings of an OpenMRS; on Endpoint.
	ExtensionOpenMRS = Canonical + "/StructureDefinition/openmrs"
	// SystemOpenMRS names what is to be put right between us and an OpenMRS.
	SystemOpenMRS = Canonical + "/CodeSystem/openmrs"
)
