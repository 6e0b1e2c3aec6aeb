// Products beyond what they cover: what kind they are, what they followed, what the
// payment run goes by, and the packages of services.

CodeSystem: ProductKindCodes
Id: product-kind
Title: "Kinds of products"
Description: "Who pays for a product, and what its claims are for. It stands in InsurancePlan.type."
* insert Codes
* #contributory "Contributory" "Families pay a contribution of their own."
* #employer "Employer" "Employers pay for their employees, by contribution plans."
* #private "Private" "A private insurer's product, which the scheme administers."
* #subsidised "Fully subsidised" "A funder pays all; members pay nothing to join."
* #voucher "Voucher" "Units of services given out beforehand; without a contribution."
* #tracking "Tracking only" "Services and diagnoses are recorded, and no money is paid by anybody."

Extension: ProductPredecessor
Id: product-predecessor
Title: "Predecessor"
Description: "The version of the product that this one follows. Made active, it ends the predecessor the day before it begins."
Context: InsurancePlan
* value[x] 1..1
* value[x] only Reference(InsurancePlan)

Extension: AccountingCode
Id: accounting-code
Title: "Accounting code"
Description: "The account that contributions to, or payments under the product are booked on."
Context: InsurancePlan
* extension contains
    purpose 1..1 and
    account 1..1
* extension[purpose].value[x] 1..1
* extension[purpose].value[x] only code
* extension[purpose].value[x] from AccountingPurposeValues (required)
* extension[account].value[x] 1..1
* extension[account].value[x] only string

CodeSystem: AccountingPurposeCodes
Id: accounting-purpose
Title: "Purposes of accounts"
Description: "What is booked on an account."
* insert Codes
* #contribution "Contributions" "What members pay (openIMIS: premiums)."
* #remuneration "Remuneration" "What facilities are paid."

ValueSet: AccountingPurposeValues
Id: accounting-purpose
Title: "Purposes of accounts"
Description: "All purposes of accounts."
* insert Values
* include codes from system AccountingPurposeCodes

Extension: RelativePrice
Id: relative-price
Title: "Distribution of relative prices"
Description: "How often the payment run fixes the index of relative prices, and which part of the period's contributions each run may spend."
Context: InsurancePlan.plan
* extension contains
    setting 1..1 and
    period 1..1 and
    percentage 0..12
* extension[setting].value[x] 1..1
* extension[setting].value[x] only code
* extension[setting].value[x] from RelativeSettingValues (required)
* extension[period].value[x] 1..1
* extension[period].value[x] only code
* extension[period].value[x] from RelativePeriodValues (required)
* extension[percentage].value[x] 1..1
* extension[percentage].value[x] only decimal

ValueSet: RelativeSettingValues
Id: relative-setting
Title: "Settings of a distribution"
Description: "The claims that a distribution is for."
* insert Values
* include codes from system Benefit

CodeSystem: RelativePeriodCodes
Id: relative-period
Title: "Periods of relative prices"
Description: "How often the index of relative prices is fixed."
* insert Codes
* #monthly "Monthly" "Each month: twelve percentages (openIMIS: M)."
* #quarterly "Quarterly" "Each quarter: four percentages (openIMIS: Q)."
* #yearly "Yearly" "Once a year: one percentage (openIMIS: Y)."

ValueSet: RelativePeriodValues
Id: relative-period
Title: "Periods of relative prices"
Description: "All periods of relative prices."
* insert Values
* include codes from system RelativePeriodCodes

Extension: Capitation
Id: capitation
Title: "Capitation"
Description: "How facilities of some levels are paid by heads: the share of the contributions that is handed out, and how much each measure of a facility weighs. All are percentages."
Context: InsurancePlan.plan
* extension contains
    level 0..* and
    share 1..1 and
    population 0..1 and
    families 0..1 and
    insured 0..1 and
    insuredFamilies 0..1 and
    visits 0..1 and
    amount 0..1
* extension[level].value[x] 1..1
* extension[level].value[x] only CodeableConcept
* extension[share].value[x] 1..1
* extension[share].value[x] only decimal
* extension[population].value[x] 1..1
* extension[population].value[x] only decimal
* extension[families].value[x] 1..1
* extension[families].value[x] only decimal
* extension[insured].value[x] 1..1
* extension[insured].value[x] only decimal
* extension[insuredFamilies].value[x] 1..1
* extension[insuredFamilies].value[x] only decimal
* extension[visits].value[x] 1..1
* extension[visits].value[x] only decimal
* extension[amount].value[x] 1..1
* extension[amount].value[x] only decimal

Extension: ServicePackage
Id: service-package
Title: "Package"
Description: "The services and drugs that a package is made of: priced one by one, or together at the price of the package."
Context: ChargeItemDefinition
* extension contains
    pricing 1..1 and
    part 1..*
* extension[pricing].value[x] 1..1
* extension[pricing].value[x] only code
* extension[pricing].value[x] from PackagePricingValues (required)
* extension[part].extension contains
    service 1..1 and
    quantity 1..1
* extension[part].extension[service].value[x] 1..1
* extension[part].extension[service].value[x] only Coding
* extension[part].extension[quantity].value[x] 1..1
* extension[part].extension[quantity].value[x] only decimal

CodeSystem: PackagePricingCodes
Id: package-pricing
Title: "Pricing of packages"
Description: "How a package of services is priced."
* insert Codes
* #itemised "Itemised" "Each part by its own price (openIMIS: P)."
* #fixed "Fixed" "All together at the price of the package (openIMIS: F)."

ValueSet: PackagePricingValues
Id: package-pricing
Title: "Pricing of packages"
Description: "All ways to price a package."
* insert Values
* include codes from system PackagePricingCodes

Instance: Contract-plan
InstanceOf: SearchParameter
Usage: #definition
* insert Search(Contract, plan, reference)
* description = "The product that the policy is of."
* expression = "(Contract.term.asset.valuedItem.entity as Reference)"
* target = #InsurancePlan

Instance: InsurancePlan-predecessor
InstanceOf: SearchParameter
Usage: #definition
* insert Search(InsurancePlan, predecessor, reference)
* description = "The version of the product that this one follows."
* expression = "InsurancePlan.extension.where(url = 'https://bima.example/fhir/StructureDefinition/product-predecessor').value"
* target = #InsurancePlan

Instance: InsurancePlan-conversion
InstanceOf: SearchParameter
Usage: #definition
* insert Search(InsurancePlan, conversion, reference)
* description = "The product that policies of this one are renewed to."
* expression = "InsurancePlan.extension.where(url = 'https://openimis.github.io/openimis_fhir_r4_ig/StructureDefinition/insurance-plan-conversion').value"
* target = #InsurancePlan

Instance: insuranceplan-revise
InstanceOf: OperationDefinition
Usage: #definition
* url = "https://bima.example/fhir/OperationDefinition/insuranceplan-revise"
* version = "1.0.0"
* name = "ReviseProduct"
* title = "Revise a product"
* status = #active
* kind = #operation
* description = "Makes the next version of a product: a copy, or what is sent, with the same product number, a version of its own and a link to this one. It is a draft, to be edited until it is made active; then this one ends the day before it begins. Policies stay with the version they were sold under."
* affectsState = true
* code = #revise
* resource = #InsurancePlan
* system = false
* type = false
* instance = true
* insert In(start, 0, 1, date, The first day the next version is sold: the day after this one ends or else the first of the next month.)
* insert In(version, 0, 1, string, Its version number\, PRODUCT|VERSION; the product and the year and month it starts where absent.)
* insert In(plan, 0, 1, InsurancePlan, What it says: the same as this one where absent.)
* insert Out(return, 1, 1, InsurancePlan, The next version.)
