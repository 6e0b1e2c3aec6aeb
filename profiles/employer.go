package profiles

// The extensions of the formal sector: employers, their employees, what plans ask
// of both, and what is declared each month.
const (
	ExtensionEmployment             = Canonical + "/StructureDefinition/employment"              // Group.member: income, plan, number
	ExtensionEmploymentContribution = Canonical + "/StructureDefinition/employment-contribution" // InsurancePlan.plan: employee, employer, floor, ceiling
	ExtensionEmployerTerms          = Canonical + "/StructureDefinition/employer-terms"          // Contract: cover, due, grace
	ExtensionContractSuspension     = Canonical + "/StructureDefinition/contract-suspension"     // Contract: date, the first day without cover
	ExtensionCounterReason          = Canonical + "/StructureDefinition/counter-reason"          // Contract: string
	ExtensionInvoicePeriod          = Canonical + "/StructureDefinition/invoice-period"          // Invoice: Period, the month declared
	ExtensionContributionOf         = Canonical + "/StructureDefinition/contribution-of"         // Invoice.lineItem: employee, plan, income
)

// The code systems of the formal sector.
const (
	SystemContractKind      = Canonical + "/CodeSystem/contract-kind"      // Contract.type: employer
	SystemGroupKind         = Canonical + "/CodeSystem/group-kind"         // Group.code: employees
	SystemContributionShare = Canonical + "/CodeSystem/contribution-share" // Invoice.lineItem.priceComponent.code: employee or employer
)

// The profiles of the formal sector.
const (
	ProfileEmployer         = Canonical + "/StructureDefinition/employer"          // Organization
	ProfileEmployees        = Canonical + "/StructureDefinition/employees"         // Group: those who work for an employer
	ProfileEmployerContract = Canonical + "/StructureDefinition/employer-contract" // Contract
)

// IdentifierEmployer is the number of an employer in the scheme's register
// (Organization).
const IdentifierEmployer = Canonical + "/id/employer"
