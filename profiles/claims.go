package profiles

// The profiles on resources that Bima defines. A resource that claims one in
// meta.profile is held against it; none is applied unasked.
const (
	ProfilePatient                     = Canonical + "/StructureDefinition/patient"                       // Patient: an insured person
	ProfileGroup                       = Canonical + "/StructureDefinition/group"                         // Group: a family
	ProfileContract                    = Canonical + "/StructureDefinition/contract"                      // Contract: a policy
	ProfileCoverage                    = Canonical + "/StructureDefinition/coverage"                      // Coverage: a membership in a policy, or a voucher
	ProfileInsurancePlan               = Canonical + "/StructureDefinition/insurance-plan"                // InsurancePlan: a product
	ProfileChargeItemDefinition        = Canonical + "/StructureDefinition/charge-item-definition"        // ChargeItemDefinition: a tariff
	ProfileClaim                       = Canonical + "/StructureDefinition/claim"                         // Claim
	ProfileClaimResponse               = Canonical + "/StructureDefinition/claim-response"                // ClaimResponse: a decision
	ProfileCoverageEligibilityRequest  = Canonical + "/StructureDefinition/coverage-eligibility-request"  // CoverageEligibilityRequest
	ProfileCoverageEligibilityResponse = Canonical + "/StructureDefinition/coverage-eligibility-response" // CoverageEligibilityResponse
	ProfilePaymentNotice               = Canonical + "/StructureDefinition/payment-notice"                // PaymentNotice: a contribution received
	ProfilePaymentReconciliation       = Canonical + "/StructureDefinition/payment-reconciliation"        // PaymentReconciliation: a payment, in or out
	ProfileInvoice                     = Canonical + "/StructureDefinition/invoice"                       // Invoice: a contribution due, or a bill
	ProfileFacility                    = Canonical + "/StructureDefinition/facility"                      // Organization: a provider the scheme pays
	ProfileInsurer                     = Canonical + "/StructureDefinition/insurer"                       // Organization: the scheme
	ProfileLocation                    = Canonical + "/StructureDefinition/location"                      // Location
)
