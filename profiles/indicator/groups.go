package indicator

// rejections says which option of HF_REJ a reason of the CodeSystem
// adjustment-reason belongs to; any other is OTHER.
var rejections = map[string]string{
	"no-coverage": "ELIG", "waiting-period": "ELIG", "after-death": "ELIG", "capitated": "ELIG", "currency": "ELIG",
	"no-wage": "ELIG", "work-accident": "ELIG", "no-work-accident": "ELIG",
	"invalid-service": "SVC", "not-in-price-list": "SVC", "not-in-plan": "SVC", "care-type": "SVC", "no-contract": "SVC", "tracking": "SVC",
	"duplicate": "DUP", "repeated-care": "DUP", "overlapping-stay": "DUP", "exclusive-services": "DUP", "unbundled": "DUP",
	"frequency": "FREQ", "maximum-admissions": "FREQ", "maximum-visits": "FREQ", "maximum-consultations": "FREQ", "maximum-surgeries": "FREQ",
	"maximum-deliveries": "FREQ", "maximum-antenatal": "FREQ", "maximum-count": "FREQ", "quantity-limit": "FREQ", "quantity-cut": "FREQ", "wage-days": "FREQ",
	"ceiling-treatment": "CEILING", "ceiling-insuree": "CEILING", "ceiling-policy": "CEILING", "ceiling-category": "CEILING", "fixed-limit": "CEILING",
	"patient-category": "LIMIT_AGE_SEX", "diagnosis-excluded": "LIMIT_AGE_SEX", "diagnosis-service": "LIMIT_AGE_SEX",
	"preauthorization": "PREAUTH", "preauthorization-late": "PREAUTH",
	"target-date": "DATE", "filing-deadline": "DATE",
	"presence": "DOC", "referral": "DOC",
	"medical-officer": "MEDREV", "review-price": "MEDREV", "review-quantity": "MEDREV", "extrapolated": "MEDREV",
}

// shares are the reasons that leave something to the member by the plan's terms,
// or take off what is above a price. Nobody has rejected what they took.
var shares = map[string]bool{
	"deductible-treatment": true, "deductible-insuree": true, "deductible-policy": true, "coinsurance": true, "copay": true,
	"list-price": true, "balance-billing": true, "package": true, "arithmetic": true, "other-payer": true, "wage-share": true,
}

// RejectionGroup gives the suffix of the option of HF_REJ that a reason of
// adjustment-reason belongs to.
func RejectionGroup(reason string) string {
	if group, ok := rejections[reason]; ok {
		return group
	}
	return Other
}

// IsRejection reports whether what a reason of adjustment-reason took off counts
// as rejected: deductibles, the member's shares and cuts to a price do not.
func IsRejection(reason string) bool { return !shares[reason] }

// ServiceGroup gives the suffix of the option of HF_SVC for a kind of service
// (openIMIS activity-definition-usage-context-workflow-type) or of item (openIMIS
// medication-item-type); with neither it is OTHER.
func ServiceGroup(service, item string) string {
	switch service {
	case "C", "V":
		return "CONSULT"
	case "S":
		return "SURGERY"
	case "A", "D":
		return "ANC_DEL"
	case "H":
		return "WARD"
	}
	switch item {
	case "D":
		return "DRUG"
	case "M":
		return "CONSUMABLE"
	}
	return Other
}
