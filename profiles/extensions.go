package profiles

// The extensions that Bima defines. The comment names the element each is on and
// the type of its value.
const (
	ExtensionAgeOfMajority         = Canonical + "/StructureDefinition/age-of-majority"                             // InsurancePlan: unsignedInt, years
	ExtensionReviewCondition       = Canonical + "/StructureDefinition/review-condition"                            // InsurancePlan: Expression
	ExtensionCeilingScope          = Canonical + "/StructureDefinition/ceiling-scope"                               // InsurancePlan: code
	ExtensionServiceSet            = Canonical + "/StructureDefinition/service-set"                                 // InsurancePlan…benefit: canonical(ValueSet)
	ExtensionWaitingPeriod         = Canonical + "/StructureDefinition/waiting-period"                              // InsurancePlan.coverage.benefit: duration, qualifier
	ExtensionBenefitQualifier      = Canonical + "/StructureDefinition/benefit-qualifier"                           // InsurancePlan.coverage.benefit.limit: CodeableConcept
	ExtensionPriceOrigin           = Canonical + "/StructureDefinition/price-origin"                                // InsurancePlan.plan.specificCost.benefit: code
	ExtensionCeilingExclusion      = Canonical + "/StructureDefinition/ceiling-exclusion"                           // InsurancePlan.plan.specificCost.benefit: code
	ExtensionExtraMember           = Canonical + "/StructureDefinition/extra-member"                                // InsurancePlan…cost: threshold, amount, maximum
	ExtensionContributionDiscount  = Canonical + "/StructureDefinition/contribution-discount"                       // InsurancePlan.plan: stage, percentage, before
	ExtensionContributionPeriod    = Canonical + "/StructureDefinition/contribution-period"                         // InsurancePlan.plan: kind, duration
	ExtensionCycleCalendar         = Canonical + "/StructureDefinition/cycle-calendar"                              // InsurancePlan: code
	ExtensionPriceList             = Canonical + "/StructureDefinition/price-list"                                  // ChargeItemDefinition.propertyGroup, Organization: Coding
	ExtensionPricePeriod           = Canonical + "/StructureDefinition/price-period"                                // ChargeItemDefinition.propertyGroup: Period
	ExtensionCareType              = Canonical + "/StructureDefinition/care-type"                                   // ChargeItemDefinition: Coding
	ExtensionFrequency             = Canonical + "/StructureDefinition/frequency"                                   // ChargeItemDefinition: Duration
	ExtensionInsuranceSequence     = Canonical + "/StructureDefinition/insurance-sequence"                          // ClaimResponse.item: positiveInt
	ExtensionDecisionTrigger       = Canonical + "/StructureDefinition/decision-trigger"                            // ClaimResponse: Reference
	ExtensionRedecision            = Canonical + "/StructureDefinition/redecision"                                  // Task.input: before, now
	ExtensionCoverageUseFrom       = Canonical + "/StructureDefinition/coverage-use-from"                           // Coverage: date
	ExtensionInvoiceContract       = Canonical + "/StructureDefinition/invoice-contract"                            // Invoice: Reference(Contract)
	ExtensionInvoiceCoverage       = Canonical + "/StructureDefinition/invoice-coverage"                            // Invoice: Reference(Coverage)
	ExtensionInvoiceDue            = Canonical + "/StructureDefinition/invoice-due"                                 // Invoice: date
	ExtensionInvoiceBalance        = Canonical + "/StructureDefinition/invoice-balance"                             // Invoice: Money
	ExtensionPayer                 = Canonical + "/StructureDefinition/payer"                                       // PaymentNotice, PaymentReconciliation: Reference(Patient|Group|Organization)
	ExtensionPayee                 = Canonical + "/StructureDefinition/payee"                                       // PaymentReconciliation.detail: Reference(Patient|Group)
	ExtensionPaymentDirection      = Canonical + "/StructureDefinition/payment-direction"                           // PaymentReconciliation: code: in, out or deposit
	ExtensionPaymentMethod         = Canonical + "/StructureDefinition/payment-method"                              // PaymentReconciliation, PaymentNotice: CodeableConcept
	ExtensionPaymentAction         = Canonical + "/StructureDefinition/payment-action"                              // PaymentNotice: code
	ExtensionInvoiceCancelled      = Canonical + "/StructureDefinition/invoice-cancelled"                           // Invoice: date
	ExtensionLineDate              = Canonical + "/StructureDefinition/line-date"                                   // Invoice.lineItem: date
	ExtensionWaiver                = Canonical + "/StructureDefinition/waiver"                                      // Invoice.lineItem: decider, until
	ExtensionWaiverLapse           = Canonical + "/StructureDefinition/waiver-lapse"                                // Invoice.lineItem: positiveInt
	ExtensionPaymentReversal       = Canonical + "/StructureDefinition/payment-reversal"                            // PaymentNotice: code
	ExtensionReversalRule          = Canonical + "/StructureDefinition/reversal-rule"                               // InsurancePlan: code
	ExtensionCashLimit             = Canonical + "/StructureDefinition/cash-limit"                                  // PractitionerRole: Money
	ExtensionReceiptBook           = Canonical + "/StructureDefinition/receipt-book"                                // SupplyDelivery: series, first, last
	ExtensionPolicyState           = Canonical + "/StructureDefinition/policy-state"                                // Contract: code
	ExtensionContractPredecessor   = Canonical + "/StructureDefinition/contract-predecessor"                        // Contract: Reference(Contract)
	ExtensionPolicyGrace           = Canonical + "/StructureDefinition/policy-grace"                                // Contract: date
	ExtensionContributionShare     = Canonical + "/StructureDefinition/contribution-share"                          // Contract: party, percentage, amount, until
	ExtensionCoverageState         = Canonical + "/StructureDefinition/coverage-state"                              // Coverage: code
	ExtensionCoverageWaitingFrom   = Canonical + "/StructureDefinition/coverage-waiting-from"                       // Coverage: date
	ExtensionGroupHead             = Canonical + "/StructureDefinition/group-head"                                  // Group.member: boolean
	ExtensionGroupRelationship     = Canonical + "/StructureDefinition/group-relationship"                          // Group.member: CodeableConcept
	ExtensionCoverageInsurancePlan = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Coverage.insurancePlan" // Coverage: Reference(InsurancePlan); of HL7
)

// The extensions of openIMIS's implementation guide that Bima uses.
const (
	ExtensionOpenIMISMaxInstallments = OpenIMIS + "/StructureDefinition/insurance-plan-max-installments" // InsurancePlan: unsignedInt
	ExtensionOpenIMISStartCycle      = OpenIMIS + "/StructureDefinition/insurance-plan-start_cycle"      // InsurancePlan: string, dd-mm
	ExtensionOpenIMISConversion      = OpenIMIS + "/StructureDefinition/insurance-plan-conversion"       // InsurancePlan: Reference(InsurancePlan)
	ExtensionOpenIMISFacilityLevel   = OpenIMIS + "/StructureDefinition/organization-hf-level"           // Organization: CodeableConcept
	ExtensionOpenIMISCareType        = OpenIMIS + "/StructureDefinition/organization-hf-care-type"       // Organization: CodeableConcept
	ExtensionOpenIMISLegalForm       = OpenIMIS + "/StructureDefinition/organization-hf-legal-form"      // Organization: CodeableConcept
	ExtensionOpenIMISGroupAddress    = OpenIMIS + "/StructureDefinition/group-address"                   // Group: Address
	ExtensionOpenIMISGroupPoverty    = OpenIMIS + "/StructureDefinition/group-poverty-status"            // Group: boolean
	ExtensionOpenIMISGroupType       = OpenIMIS + "/StructureDefinition/group-type"                      // Group: CodeableConcept
)
