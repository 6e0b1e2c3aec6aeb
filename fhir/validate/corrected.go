package validate

// corrected holds the invariants whose published expression is wrong, or clumsy
// where it is evaluated often, by that expression: what is checked in its place.
var corrected = map[string]string{
	// que-7: answerBoolean is FHIR's boolean, and no such value is ever
	// FHIRPath's own Boolean.
	"operator = 'exists' implies (answer is Boolean)": "operator = 'exists' implies (answer is boolean)",
	// org-1, ipn-1: the same, without counting.
	"(identifier.count() + name.count()) > 0": "identifier.exists() or name.exists()",
	// sdf-4: the logical models that HL7 publishes with R4 (Event, Request,
	// FiveWs, Definition) specialise nothing and have no baseDefinition.
	"abstract = true or baseDefinition.exists()": "abstract = true or kind = 'logical' or baseDefinition.exists()",
}
