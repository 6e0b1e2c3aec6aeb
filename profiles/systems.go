package profiles

// The code systems that Bima defines; their concepts are in definitions.
const (
	// SystemAdjudication names the steps of a line's adjudication that neither
	// HL7 nor CARIN has a code for, with who bears each.
	SystemAdjudication = Canonical + "/CodeSystem/adjudication"
	// SystemAdjustmentReason says why a line was lowered.
	SystemAdjustmentReason = Canonical + "/CodeSystem/adjustment-reason"
	// SystemBenefit names groups of benefits that share a ceiling.
	SystemBenefit = Canonical + "/CodeSystem/benefit"
	// SystemContributionStage tells first policies from renewals.
	SystemContributionStage = Canonical + "/CodeSystem/contribution-stage"
	// SystemDocument tells kinds of documents.
	SystemDocument = Canonical + "/CodeSystem/document"
	// SystemIssueDetail refines OperationOutcome.issue.code.
	SystemIssueDetail = Canonical + "/CodeSystem/issue-detail"
	// SystemLimit says what a limit counts where benefit-type has no code.
	SystemLimit = Canonical + "/CodeSystem/limit"
	// SystemLimitTerm says over what a limit counts where benefit-term has no code.
	SystemLimitTerm = Canonical + "/CodeSystem/limit-term"
	// SystemPriceList names the price lists of the scheme.
	SystemPriceList = Canonical + "/CodeSystem/price-list"
	// SystemReviewSelection says why a claim was picked for review.
	SystemReviewSelection = Canonical + "/CodeSystem/review-selection"
	// SystemService names the services and drugs of the scheme.
	SystemService = Canonical + "/CodeSystem/service"
	// SystemTask tells what a Task asks for.
	SystemTask = Canonical + "/CodeSystem/task"
	// SystemWaiverReason says why a contribution need not be paid.
	SystemWaiverReason = Canonical + "/CodeSystem/waiver-reason"
)

// The code systems of openIMIS's implementation guide that Bima uses.
const (
	SystemOpenIMISAge            = OpenIMIS + "/CodeSystem/usage-context-age-type"
	SystemOpenIMISBenefitLimit   = OpenIMIS + "/CodeSystem/insurance-plan-coverage-benefit-limit"
	SystemOpenIMISCareType       = OpenIMIS + "/CodeSystem/organization-hf-care-type"
	SystemOpenIMISContribution   = OpenIMIS + "/CodeSystem/insurance-plan-general-cost-type"
	SystemOpenIMISFacilityLevel  = OpenIMIS + "/CodeSystem/organization-hf-level"
	SystemOpenIMISGroupType      = OpenIMIS + "/CodeSystem/group-type"
	SystemOpenIMISInvoiceType    = OpenIMIS + "/CodeSystem/invoice-type"
	SystemOpenIMISLegalForm      = OpenIMIS + "/CodeSystem/organization-hf-legal-form"
	SystemOpenIMISLocation       = OpenIMIS + "/CodeSystem/location-type"
	SystemOpenIMISPartyRole      = OpenIMIS + "/CodeSystem/contract-resource-party-role"
	SystemOpenIMISPaymentMethod  = OpenIMIS + "/CodeSystem/contract-premium-type"
	SystemOpenIMISPractitioner   = OpenIMIS + "/CodeSystem/practitioner-qualification-type"
	SystemOpenIMISRejection      = OpenIMIS + "/CodeSystem/claim-rejection-reasons"
	SystemOpenIMISRelationship   = OpenIMIS + "/CodeSystem/patient-contact-relationship"
	SystemOpenIMISServiceKind    = OpenIMIS + "/CodeSystem/activity-definition-usage-context-workflow-type"
	SystemOpenIMISVisitType      = OpenIMIS + "/CodeSystem/claim-visit-type"
	SystemOpenIMISMedicationKind = OpenIMIS + "/CodeSystem/medication-item-type"
)

// The systems of business identifiers. Those of resources/* are unique among
// the resources of their type.
const (
	IdentifierInsuranceNumber = Canonical + "/id/insurance-number" // Patient; its last digit checks it (Luhn)
	IdentifierNational        = Canonical + "/id/national-id"      // Patient
	IdentifierFamily          = Canonical + "/id/family"           // Group
	IdentifierFacility        = Canonical + "/id/facility"         // Organization, Location
	IdentifierPractitioner    = Canonical + "/id/practitioner"     // Practitioner
	IdentifierLocation        = Canonical + "/id/location"         // Location
	IdentifierProduct         = Canonical + "/id/product"          // InsurancePlan, the same in all versions
	IdentifierProductVersion  = Canonical + "/id/product-version"  // InsurancePlan
	IdentifierProductPlan     = Canonical + "/id/product-plan"     // InsurancePlan.plan
	IdentifierPolicy          = Canonical + "/id/policy"           // Contract
	IdentifierMembership      = Canonical + "/id/membership"       // Coverage
	IdentifierInvoice         = Canonical + "/id/invoice"          // Invoice
	IdentifierControlNumber   = Canonical + "/id/control-number"   // Invoice
	IdentifierPayment         = Canonical + "/id/payment"          // PaymentReconciliation
	IdentifierPaymentDetail   = Canonical + "/id/payment-detail"   // PaymentReconciliation.detail
	IdentifierReceipt         = Canonical + "/id/receipt"          // PaymentNotice
	IdentifierPaymentRun      = Canonical + "/id/payment-run"      // PaymentReconciliation
	IdentifierEndToEnd        = Canonical + "/id/end-to-end"       // PaymentReconciliation.paymentIdentifier
	IdentifierClaim           = Canonical + "/id/claim"            // Claim
	IdentifierClaimResponse   = Canonical + "/id/claim-response"   // ClaimResponse
)
