// The code systems of openIMIS's implementation guide (CC0) that Bima uses, with
// the codes that openIMIS's own server sends beyond the guide.

RuleSet: OpenIMIS(name)
* ^url = "https://openimis.github.io/openimis_fhir_r4_ig/CodeSystem/{name}"
* ^version = "0.1.0"
* ^publisher = "openIMIS"

CodeSystem: OpenIMISClaimRejectionReasons
Id: openimis-claim-rejection-reasons
Title: "Claim rejection reasons of openIMIS"
Description: "Claim rejection reasons as openIMIS codes them."
* insert Codes
* insert OpenIMIS(claim-rejection-reasons)
* #-1 "Rejected by medical officer"
* #0 "Accepted"
* #1 "Invalid item or service"
* #2 "Not in price list"
* #3 "No product found"
* #4 "Category limitation"
* #5 "Frequency failure"
* #6 "Duplicated"
* #7 "Family or insuree invalid"
* #8 "Diagnosis not in list"
* #9 "Target date"
* #10 "Care type"
* #11 "Maximum hospital admissions"
* #12 "Maximum visits"
* #13 "Maximum consultations"
* #14 "Maximum surgeries"
* #15 "Maximum deliveries"
* #16 "Quantity over limit"
* #17 "Waiting period"
* #19 "Maximum antenatal"

CodeSystem: OpenIMISClaimVisitType
Id: openimis-claim-visit-type
Title: "Claim visit types of openIMIS"
Description: "Claim visit types as openIMIS codes them."
* insert Codes
* insert OpenIMIS(claim-visit-type)
* #E "Emergency"
* #R "Referrals"
* #O "Other"

CodeSystem: OpenIMISUsageContextAgeType
Id: openimis-usage-context-age-type
Title: "Age types of openIMIS"
Description: "Age types as openIMIS codes them."
* insert Codes
* insert OpenIMIS(usage-context-age-type)
* #adult "Adult"
* #child "Child"

CodeSystem: OpenIMISInsurancePlanCoverageBenefitLimit
Id: openimis-insurance-plan-coverage-benefit-limit
Title: "Limits of a plan of openIMIS"
Description: "Limits of a plan as openIMIS codes them."
* insert Codes
* insert OpenIMIS(insurance-plan-coverage-benefit-limit)
* #period "Period"
* #memberCount "Member count"

CodeSystem: OpenIMISInsurancePlanGeneralCostType
Id: openimis-insurance-plan-general-cost-type
Title: "Contribution types of openIMIS"
Description: "Contribution types as openIMIS codes them."
* insert Codes
* insert OpenIMIS(insurance-plan-general-cost-type)
* #lumpsum "Lump sum"
* #premiumAdult "Premium of an adult"
* #premiumChild "Premium of a child"
* #registrationLumpsum "Registration, lump sum"
* #registrationFee "Registration fee a member"
* #generalAssemblyLumpSum "General assembly, lump sum"
* #generalAssemblyFee "General assembly fee a member"

CodeSystem: OpenIMISOrganizationHfCareType
Id: openimis-organization-hf-care-type
Title: "Care types of openIMIS"
Description: "Care types as openIMIS codes them."
* insert Codes
* insert OpenIMIS(organization-hf-care-type)
* #I "In-patient"
* #O "Out-patient"
* #B "Both"

CodeSystem: OpenIMISOrganizationHfLevel
Id: openimis-organization-hf-level
Title: "Facility levels of openIMIS"
Description: "Facility levels as openIMIS codes them."
* insert Codes
* insert OpenIMIS(organization-hf-level)
* #D "Dispensary"
* #C "Health centre"
* #H "Hospital"

CodeSystem: OpenIMISOrganizationHfLegalForm
Id: openimis-organization-hf-legal-form
Title: "Legal forms of facilities of openIMIS"
Description: "Legal forms of facilities as openIMIS codes them."
* insert Codes
* insert OpenIMIS(organization-hf-legal-form)
* #C "Charity"
* #D "District organisation"
* #G "Government"
* #P "Private"

CodeSystem: OpenIMISGroupType
Id: openimis-group-type
Title: "Group types of openIMIS"
Description: "Group types as openIMIS codes them."
* insert Codes
* insert OpenIMIS(group-type)
* #C "Council"
* #G "Organisation"
* #H "Household"
* #O "Other"
* #P "Priests"
* #S "Students"
* #T "Teachers"

CodeSystem: OpenIMISInvoiceType
Id: openimis-invoice-type
Title: "Invoice types of openIMIS"
Description: "Invoice types as openIMIS codes them."
* insert Codes
* insert OpenIMIS(invoice-type)
* #contribution "Contribution"
* #contract "Contract"
* #funding "Funding"

CodeSystem: OpenIMISLocationType
Id: openimis-location-type
Title: "Location types of openIMIS"
Description: "Location types as openIMIS codes them."
* insert Codes
* insert OpenIMIS(location-type)
* #R "Region"
* #D "District"
* #W "Ward"
* #V "Village"

CodeSystem: OpenIMISContractResourcePartyRole
Id: openimis-contract-resource-party-role
Title: "Party roles of openIMIS"
Description: "Party roles as openIMIS codes them."
* insert Codes
* insert OpenIMIS(contract-resource-party-role)
* #beneficiary "Beneficiary"

CodeSystem: OpenIMISContractPremiumType
Id: openimis-contract-premium-type
Title: "Payment methods of openIMIS"
Description: "Payment methods as openIMIS codes them."
* insert Codes
* insert OpenIMIS(contract-premium-type)
* #B "Bank transfer"
* #C "Cash"
* #M "Mobile phone"
* #F "Funding"

CodeSystem: OpenIMISPractitionerQualificationType
Id: openimis-practitioner-qualification-type
Title: "Practitioner qualifications of openIMIS"
Description: "Practitioner qualifications as openIMIS codes them."
* insert Codes
* insert OpenIMIS(practitioner-qualification-type)
* #CA "Claim administrator"
* #EO "Enrolment officer"

CodeSystem: OpenIMISPatientContactRelationship
Id: openimis-patient-contact-relationship
Title: "Relationships to the head of openIMIS"
Description: "Relationships to the head as openIMIS codes them."
* insert Codes
* insert OpenIMIS(patient-contact-relationship)
* #1 "Brother or sister"
* #2 "Father or mother"
* #3 "Uncle or aunt"
* #4 "Son or daughter"
* #5 "Grandparents"
* #6 "Employee"
* #7 "Others"
* #8 "Spouse"

CodeSystem: OpenIMISActivityDefinitionUsageContextWorkflowType
Id: openimis-activity-definition-usage-context-workflow-type
Title: "Service categories of openIMIS"
Description: "Service categories as openIMIS codes them."
* insert Codes
* insert OpenIMIS(activity-definition-usage-context-workflow-type)
* #S "Surgery"
* #C "Consultation"
* #D "Delivery"
* #A "Antenatal"
* #H "Hospitalisation"
* #O "Other"
* #V "Visit"

CodeSystem: OpenIMISMedicationItemType
Id: openimis-medication-item-type
Title: "Item types of openIMIS"
Description: "Item types as openIMIS codes them."
* insert Codes
* insert OpenIMIS(medication-item-type)
* #D "Drug"
* #M "Medical consumable"
