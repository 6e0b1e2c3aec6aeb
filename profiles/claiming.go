package profiles

// The extensions on claims, decisions and appeals.
const (
	ExtensionCancelReason = Canonical + "/StructureDefinition/cancel-reason" // Claim: CodeableConcept
	ExtensionReplacedBy   = Canonical + "/StructureDefinition/replaced-by"   // Claim: Reference(Claim)
	ExtensionMayGain      = Canonical + "/StructureDefinition/may-gain"      // ClaimResponse: Reference(Claim), any number
	ExtensionAppealLevel  = Canonical + "/StructureDefinition/appeal-level"  // Task: positiveInt
)

const (
	// SystemClaimRelationship says what a claim is to an earlier one, in
	// Claim.related.relationship.
	SystemClaimRelationship = Canonical + "/CodeSystem/claim-relationship"
	// SystemClaimState names openIMIS's five states of claims.
	SystemClaimState = Canonical + "/CodeSystem/claim-state"
	// SystemDataQuality tells what is wrong with what was sent, in
	// ClaimResponse.meta.tag.
	SystemDataQuality = Canonical + "/CodeSystem/data-quality"
	// SystemAppealOutcome says what came of an appeal, in Task.businessStatus.
	SystemAppealOutcome = Canonical + "/CodeSystem/appeal-outcome"
)

// ProfileExplanationOfBenefit is the profile on ExplanationOfBenefit: a decision
// as the member is told it.
const ProfileExplanationOfBenefit = Canonical + "/StructureDefinition/explanation-of-benefit"

// IdentifierExplanation is the number of an ExplanationOfBenefit.
const IdentifierExplanation = Canonical + "/id/explanation-of-benefit"
