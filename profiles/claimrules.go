package profiles

// The rules that schemes live by: each is off where a product, tariff or person
// does not have it; see docs/products.md.
const (
	ExtensionFilingDeadline        = Canonical + "/StructureDefinition/filing-deadline"         // InsurancePlan: Duration
	ExtensionDecidingDay           = Canonical + "/StructureDefinition/deciding-day"            // InsurancePlan: code
	ExtensionProofOfPresence       = Canonical + "/StructureDefinition/proof-of-presence"       // InsurancePlan: Duration
	ExtensionBalanceBilling        = Canonical + "/StructureDefinition/balance-billing"         // InsurancePlan: boolean
	ExtensionOverlappingStays      = Canonical + "/StructureDefinition/overlapping-stays"       // InsurancePlan: code
	ExtensionPatientGroupCondition = Canonical + "/StructureDefinition/patient-group-condition" // InsurancePlan: group, age, condition
	ExtensionOnceADay              = Canonical + "/StructureDefinition/once-a-day"              // InsurancePlan…benefit: boolean
	ExtensionReferralRequired      = Canonical + "/StructureDefinition/referral-required"       // InsurancePlan…benefit: code
	ExtensionCapitated             = Canonical + "/StructureDefinition/capitated"               // InsurancePlan…benefit: boolean
	ExtensionDiagnosisExcluded     = Canonical + "/StructureDefinition/diagnosis-excluded"      // InsurancePlan…benefit, ChargeItemDefinition: Coding
	ExtensionDiagnosisRequired     = Canonical + "/StructureDefinition/diagnosis-required"      // InsurancePlan…benefit, ChargeItemDefinition: Coding
	ExtensionExclusiveServices     = Canonical + "/StructureDefinition/exclusive-services"      // ChargeItemDefinition: group, within
	ExtensionPatientGroup          = Canonical + "/StructureDefinition/patient-group"           // Patient, Coverage: group, period
)

const (
	// SystemPatientGroup names groups of patients that products distinguish.
	SystemPatientGroup = Canonical + "/CodeSystem/patient-group"
	// SystemClaimInformation says what Claim.supportingInfo is about.
	SystemClaimInformation = Canonical + "/CodeSystem/claim-information"
)
