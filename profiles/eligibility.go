package profiles

// The extensions on questions of eligibility, on their answers, and on what they
// are answered by.
const (
	ExtensionAuthorizationRequired = Canonical + "/StructureDefinition/authorization-required" // InsurancePlan.coverage.benefit: boolean
	ExtensionVisitType             = Canonical + "/StructureDefinition/visit-type"             // CoverageEligibilityRequest: CodeableConcept, as in Claim.subType
	ExtensionExclusionReason       = Canonical + "/StructureDefinition/exclusion-reason"       // CoverageEligibilityResponse.insurance.item: CodeableConcept
	ExtensionBenefitLeft           = Canonical + "/StructureDefinition/benefit-left"           // CoverageEligibilityResponse.insurance.item.benefit: decimal or Money
)

// SystemCoverageState names the states of memberships and vouchers.
const SystemCoverageState = Canonical + "/CodeSystem/coverage-state"
