package profiles

// The extensions on products and packages beyond what they cover.
const (
	ExtensionProductPredecessor = Canonical + "/StructureDefinition/product-predecessor" // InsurancePlan: Reference(InsurancePlan)
	ExtensionAccountingCode     = Canonical + "/StructureDefinition/accounting-code"     // InsurancePlan: purpose, account
	ExtensionRelativePrice      = Canonical + "/StructureDefinition/relative-price"      // InsurancePlan.plan: setting, period, percentage
	ExtensionCapitation         = Canonical + "/StructureDefinition/capitation"          // InsurancePlan.plan: level, share, weights
	ExtensionServicePackage     = Canonical + "/StructureDefinition/service-package"     // ChargeItemDefinition: pricing, part
)

// The extensions on facilities.
const (
	ExtensionFacilityContract = Canonical + "/StructureDefinition/facility-contract" // Organization: period, suspension
	ExtensionCatchment        = Canonical + "/StructureDefinition/catchment"         // Organization: place, percentage
	ExtensionFacilitySublevel = Canonical + "/StructureDefinition/facility-sublevel" // Organization: CodeableConcept
)

const (
	// SystemProductKind says who pays for a product, in InsurancePlan.type.
	SystemProductKind = Canonical + "/CodeSystem/product-kind"
	// SystemSchemeRole says what people do for the scheme, in
	// PractitionerRole.code, beside openIMIS's practitioner-qualification-type.
	SystemSchemeRole = Canonical + "/CodeSystem/scheme-role"
)

// ProfileWorker is a PractitionerRole's: the role of a person in the scheme.
const ProfileWorker = Canonical + "/StructureDefinition/worker"
