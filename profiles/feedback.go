package profiles

// What patients are asked about their care, and what samples of claims are known
// by; see docs/feedback.md and docs/sampling.md.
const (
	// ExtensionFeedbackSelection says which share of decided claims patients are
	// asked about.
	ExtensionFeedbackSelection = Canonical + "/StructureDefinition/feedback-selection" // InsurancePlan, Organization: percentage, seed, days
	// ExtensionOpenIMISPayloadType says which question a payload asks or answers.
	ExtensionOpenIMISPayloadType = OpenIMIS + "/StructureDefinition/communication-payload-type" // payload: CodeableConcept

	// ExtensionFeedbackAnswer is the Communication that answered a request.
	ExtensionFeedbackAnswer = Canonical + "/StructureDefinition/feedback-answer" // CommunicationRequest: Reference(Communication)

	SystemOpenIMISFeedbackPayload = OpenIMIS + "/CodeSystem/feedback-payload" // the five questions
	SystemOpenIMISFeedbackStatus  = OpenIMIS + "/CodeSystem/feedback-status"  // 4 selected, 8 delivered, 16 bypassed
	SystemCommunication           = Canonical + "/CodeSystem/communication"   // CommunicationRequest.category
	SystemFeedbackReason          = Canonical + "/CodeSystem/feedback-reason" // CommunicationRequest.statusReason

	// ExtensionClaimSampling says what a List of claims is a sample of.
	ExtensionClaimSampling = Canonical + "/StructureDefinition/claim-sampling" // List: facility, period, percentage, seed, state, …
	// ExtensionSamplingBefore is what was eligible of a claim before its review.
	ExtensionSamplingBefore = Canonical + "/StructureDefinition/sampling-before" // List.entry: Money
	// MeasureSampling is the Measure of a sample's MeasureReport.
	MeasureSampling = Canonical + "/Measure/claim-sampling"

	SystemSampling = Canonical + "/CodeSystem/claim-sampling" // kinds of entries, states and figures of a sample
)
