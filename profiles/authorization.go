package profiles

// The extensions on preauthorization, on other payers, and on accidents at work;
// see docs/preauthorization.md and docs/products.md.
const (
	ExtensionPreauthorizationTerms  = Canonical + "/StructureDefinition/preauthorization-terms"   // InsurancePlan: length, emergency
	ExtensionCoordinationOfBenefits = Canonical + "/StructureDefinition/coordination-of-benefits" // InsurancePlan: boolean
	ExtensionOtherPayerPaid         = Canonical + "/StructureDefinition/other-payer-paid"         // Claim.insurance: Money
	ExtensionAccidentCover          = Canonical + "/StructureDefinition/accident-cover"           // InsurancePlan: code
	ExtensionAccidentEmployer       = Canonical + "/StructureDefinition/accident-employer"        // Claim.accident: Reference(Contract)
	ExtensionWageReplacement        = Canonical + "/StructureDefinition/wage-replacement"         // InsurancePlan.coverage.benefit: share, after
)
