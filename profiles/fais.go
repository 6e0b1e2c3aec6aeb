package profiles

// What enrolments by EnrollmentRequest are answered by; see docs/fais.md.
const (
	// ExtensionEnrollmentResult is on EnrollmentResponse: Reference, what the request led to.
	ExtensionEnrollmentResult = Canonical + "/StructureDefinition/enrollment-result"
	// ExtensionEnrollmentReason is on EnrollmentResponse: CodeableConcept, why it was refused.
	ExtensionEnrollmentReason = Canonical + "/StructureDefinition/enrollment-reason"
)
