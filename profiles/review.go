package profiles

// The extensions and code systems of the review of claims; see docs/review.md.
const (
	ExtensionReviewRule  = Canonical + "/StructureDefinition/review-rule"  // InsurancePlan: which claims a person sees
	ExtensionReviewTerms = Canonical + "/StructureDefinition/review-terms" // InsurancePlan: how they are reviewed
	ExtensionTaskArea    = Canonical + "/StructureDefinition/task-area"    // Task: Reference(Location), each place it is in
	ExtensionHighRisk    = Canonical + "/StructureDefinition/high-risk"    // ChargeItemDefinition: boolean

	SystemReviewRule  = Canonical + "/CodeSystem/review-rule"  // kinds of review rules
	SystemReviewState = Canonical + "/CodeSystem/review-state" // Task.businessStatus of a review
)
