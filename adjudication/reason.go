package adjudication

// A Reason says why a line was lowered: a code of the CodeSystem
// adjustment-reason. Those openIMIS knows have its number; see Number.
type Reason string

// The reasons of openIMIS. Source: openIMIS claim rejection reasons.
const (
	ReasonService       Reason = "invalid-service"       // 1: not in the register on the day
	ReasonPriceList     Reason = "not-in-price-list"     // 2
	ReasonNotInPlan     Reason = "not-in-plan"           // 3
	ReasonPatient       Reason = "patient-category"      // 4
	ReasonFrequency     Reason = "frequency"             // 5
	ReasonDuplicate     Reason = "duplicate"             // 6
	ReasonCoverage      Reason = "no-coverage"           // 7: nor in openIMIS's 21
	ReasonDate          Reason = "target-date"           // 9
	ReasonCareType      Reason = "care-type"             // 10
	ReasonAdmissions    Reason = "maximum-admissions"    // 11
	ReasonVisits        Reason = "maximum-visits"        // 12
	ReasonConsultations Reason = "maximum-consultations" // 13
	ReasonSurgeries     Reason = "maximum-surgeries"     // 14
	ReasonDeliveries    Reason = "maximum-deliveries"    // 15
	ReasonQuantity      Reason = "quantity-limit"        // 16
	ReasonWaiting       Reason = "waiting-period"        // 17
	ReasonAntenatal     Reason = "maximum-antenatal"     // 19
	ReasonReviewer      Reason = "medical-officer"       // -1
)

// The reasons of rules that a product, a tariff or the facility's contract asks for.
const (
	ReasonBirth          Reason = "before-birth"       // the patient was born later
	ReasonDeath          Reason = "after-death"        // the patient had died
	ReasonDeathUndated   Reason = "death-undated"      // the patient has died, and nobody says when
	ReasonFiling         Reason = "filing-deadline"    // claimed too late
	ReasonPresence       Reason = "presence"           // no visit code proves that the patient was there
	ReasonRepeat         Reason = "repeated-care"      // the person had the service that day, wherever it was
	ReasonAdmission      Reason = "overlapping-stay"   // the person was in hospital elsewhere
	ReasonExclusive      Reason = "exclusive-services" // another service of its group is paid
	ReasonReferral       Reason = "referral"           // nobody sent the patient there
	ReasonDiagnosis      Reason = "diagnosis-excluded" // the plan pays nothing for the diagnosis
	ReasonIndication     Reason = "diagnosis-service"  // the service is not for the diagnosis
	ReasonCapitated      Reason = "capitated"          // paid by heads already
	ReasonBalanceBilling Reason = "balance-billing"    // above the list, which the patient may be asked for
)

// The reasons beyond openIMIS's.
const (
	ReasonCurrency             Reason = "currency"              // claim and plan are in different currencies
	ReasonFacility             Reason = "no-contract"           // the facility has none with the scheme on the day
	ReasonPreauthorization     Reason = "preauthorization"      // the plan wants to be asked beforehand
	ReasonPreauthorizationLate Reason = "preauthorization-late" // … soon after an emergency
	ReasonOtherPayer           Reason = "other-payer"           // another payer has paid it
	ReasonPackage              Reason = "package"               // above the price of the package or its parts
	ReasonUnbundled            Reason = "unbundled"             // part of a package claimed beside it
	ReasonWorkAccident         Reason = "work-accident"         // another insurance's
	ReasonNoWorkAccident       Reason = "no-work-accident"      // the plan pays for nothing else
	ReasonNoWage               Reason = "no-wage"               // nobody has declared one
	ReasonWageDays             Reason = "wage-days"             // days that are not replaced
	ReasonWage                 Reason = "wage-share"            // above the plan's share of the wage
	ReasonArithmetic           Reason = "arithmetic"            // more than unit price × quantity
	ReasonMaximum              Reason = "maximum-count"         // of all, of a service, or of a category openIMIS has no number for
	ReasonListPrice            Reason = "list-price"            // above the facility's price list
	ReasonReviewPrice          Reason = "review-price"          // above what the reviewer approved
	ReasonReviewQuantity       Reason = "review-quantity"       // more than the reviewer approved
	ReasonExtrapolated         Reason = "extrapolated"          // taken off as off the sample that was reviewed
	ReasonQuantityCut          Reason = "quantity-cut"          // more than was left of the quantity limit
	ReasonFixedLimit           Reason = "fixed-limit"           // above what the plan pays for a unit
	ReasonTracking             Reason = "tracking"              // the plan only records
	ReasonDeductibleTreatment  Reason = "deductible-treatment"  // borne by the patient once per claim
	ReasonDeductibleInsuree    Reason = "deductible-insuree"    // … per member
	ReasonDeductiblePolicy     Reason = "deductible-policy"     // … per policy
	ReasonCoinsurance          Reason = "coinsurance"           // the patient's percentage
	ReasonCopay                Reason = "copay"                 // the patient's fixed amount
	ReasonCeilingTreatment     Reason = "ceiling-treatment"     // nothing left of the ceiling per claim
	ReasonCeilingInsuree       Reason = "ceiling-insuree"       // … per member
	ReasonCeilingPolicy        Reason = "ceiling-policy"        // … per policy
	ReasonCeilingCategory      Reason = "ceiling-category"      // … of a service or category
)

// reasonFacts says what a reason is in openIMIS, and in words.
type reasonFacts struct {
	number   int
	numbered bool
	text     string
}

var reasons = map[Reason]reasonFacts{
	ReasonReviewer:      {-1, true, "Rejected by the medical officer"},
	ReasonService:       {1, true, "Not a service of the register on that day"},
	ReasonPriceList:     {2, true, "Not in the facility's price list"},
	ReasonNotInPlan:     {3, true, "Not covered by the plan"},
	ReasonPatient:       {4, true, "Not for a patient of this sex or age"},
	ReasonFrequency:     {5, true, "Too soon after the last one"},
	ReasonDuplicate:     {6, true, "The facility has claimed under this number before"},
	ReasonCoverage:      {7, true, "No cover on the day"},
	ReasonDate:          {9, true, "The dates are missing, in the wrong order, or still to come"},
	ReasonCareType:      {10, true, "Not a kind of care this facility gives"},
	ReasonAdmissions:    {11, true, "No hospital admission left"},
	ReasonVisits:        {12, true, "No visit left"},
	ReasonConsultations: {13, true, "No consultation left"},
	ReasonSurgeries:     {14, true, "No surgery left"},
	ReasonDeliveries:    {15, true, "No delivery left"},
	ReasonQuantity:      {16, true, "The quantity limit is reached"},
	ReasonWaiting:       {17, true, "Within the waiting period"},
	ReasonAntenatal:     {19, true, "No antenatal visit left"},

	ReasonCurrency:       {text: "The claim is in another currency than the plan"},
	ReasonFacility:       {text: "The facility has no contract with the scheme on that day"},
	ReasonBirth:          {text: "The patient was born after that day"},
	ReasonDeath:          {text: "The patient had died before that day"},
	ReasonDeathUndated:   {text: "The patient has died; the date of death is needed to decide this"},
	ReasonFiling:         {text: "Claimed after the time for claims was over"},
	ReasonPresence:       {text: "No visit code proves that the patient was there"},
	ReasonRepeat:         {text: "The patient had this service on that day already"},
	ReasonAdmission:      {text: "The patient was in another hospital in these nights"},
	ReasonExclusive:      {text: "Not paid together with another service that was had"},
	ReasonReferral:       {text: "The patient was not referred to this facility"},
	ReasonDiagnosis:      {text: "Not covered for this diagnosis"},
	ReasonIndication:     {text: "Not a service for this diagnosis"},
	ReasonCapitated:      {text: "Paid to the facility by capitation already"},
	ReasonBalanceBilling: {text: "Above the facility's price list; the facility may ask the patient for it"},

	ReasonPreauthorization:     {text: "The scheme was to be asked beforehand (preauthorization)"},
	ReasonPreauthorizationLate: {text: "The scheme was asked too long after the emergency"},
	ReasonOtherPayer:           {text: "Paid by another payer"},
	ReasonPackage:              {text: "Above the price of the package"},
	ReasonUnbundled:            {text: "Part of a package that is claimed beside it"},
	ReasonWorkAccident:         {text: "Accidents at work are another insurance's"},
	ReasonNoWorkAccident:       {text: "The plan pays for accidents at the work of its employer only"},
	ReasonNoWage:               {text: "No employer has declared a wage"},
	ReasonWageDays:             {text: "Days for which no wage is replaced"},
	ReasonWage:                 {text: "Above the share of the wage that is replaced"},
	ReasonArithmetic:           {text: "More than unit price times quantity"},
	ReasonMaximum:              {text: "The plan allows no more uses of this"},
	ReasonListPrice:            {text: "Above the facility's price list"},
	ReasonReviewPrice:          {text: "Above the price the medical officer approved"},
	ReasonReviewQuantity:       {text: "More than the medical officer approved"},
	ReasonExtrapolated:         {text: "Taken off as the medical officers took it off a sample of the facility's claims"},
	ReasonQuantityCut:          {text: "More than is left of the quantity limit"},
	ReasonFixedLimit:           {text: "Above what the plan pays for a unit"},
	ReasonTracking:             {text: "The scheme only keeps track of this; it pays nothing"},
	ReasonDeductibleTreatment:  {text: "Deductible of the treatment"},
	ReasonDeductibleInsuree:    {text: "Deductible of the member"},
	ReasonDeductiblePolicy:     {text: "Deductible of the policy"},
	ReasonCoinsurance:          {text: "The patient's share"},
	ReasonCopay:                {text: "The patient's fixed amount"},
	ReasonCeilingTreatment:     {text: "The ceiling of the treatment is reached"},
	ReasonCeilingInsuree:       {text: "The member's ceiling is reached"},
	ReasonCeilingPolicy:        {text: "The policy's ceiling is reached"},
	ReasonCeilingCategory:      {text: "The ceiling of this kind of service is reached"},
}

// Number gives openIMIS's number of the reason, or false where it has none.
func (r Reason) Number() (int, bool) { return reasons[r].number, reasons[r].numbered }

// Text gives the reason in words, "Above the facility's price list".
func (r Reason) Text() string { return reasons[r].text }

// ReasonOf gives the reason that a code of adjustment-reason names, or false where
// it names none of ours.
func ReasonOf(code string) (Reason, bool) {
	_, ok := reasons[Reason(code)]
	return Reason(code), ok
}

// Reasons gives all reasons, in no order.
func Reasons() []Reason {
	all := make([]Reason, 0, len(reasons))
	for r := range reasons {
		all = append(all, r)
	}
	return all
}
