package indicator

// A Kind says what a number is.
type Kind uint8

// The kinds of numbers.
const (
	Count  Kind = iota + 1 // how many: an integer
	Amount                 // money of the scheme's currency: a decimal
	Days                   // a sum of days: an integer
)

// A Unit says which places a data set is counted for.
type Unit uint8

// The units.
const (
	Residence Unit = iota + 1 // a Location where families live: the lowest level they name
	Facility                  // an Organization that gives care
	District                  // a Location of the level D
)

// A DataSet is the numbers that are reported together.
type DataSet struct {
	Code    string // "HF_ENROL"
	Measure string // the id of its Measure, "hf-enrol"
	Name    string
	Unit    Unit
}

// URL gives the canonical URL of its Measure.
func (d DataSet) URL() string { return canonical + "/Measure/" + d.Measure }

// An Element is one data element: a number that is counted.
type Element struct {
	Code    string // "HF_ENR_PERSONS_ACTIVE"
	Name    string
	Kind    Kind
	Stock   bool   // counted on the last day of the period; else what happened in it
	Combo   string // the code of its combo, or DefaultCombo
	DataSet string // the code of its data set
	Meaning string // what is counted and when, in a sentence
	Source  string // the resources it is counted from
}

// dataSets are the data sets in their order.
func dataSets() []DataSet {
	return []DataSet{
		{"HF_ENROL", "hf-enrol", "Membership", Residence},
		{"HF_FIN", "hf-fin", "Contributions", District},
		{"HF_CLAIM", "hf-claim", "Claims", Facility},
	}
}

// The data elements.
const (
	EnrPersonsActive = "HF_ENR_PERSONS_ACTIVE"
	EnrPersonsNew    = "HF_ENR_PERSONS_NEW"
	EnrPersonsLeft   = "HF_ENR_PERSONS_LEFT"
	EnrFamilies      = "HF_ENR_FAMILIES"
	EnrPolActive     = "HF_ENR_POL_ACTIVE"
	EnrPolStart      = "HF_ENR_POL_START"
	EnrPolDue        = "HF_ENR_POL_DUE"
	EnrPolCancel     = "HF_ENR_POL_CANCEL"
	FinContribAmt    = "HF_FIN_CONTRIB_AMT"
	FinContribCnt    = "HF_FIN_CONTRIB_CNT"
	FinContribDueAmt = "HF_FIN_CONTRIB_DUE_AMT"
	ClmSubCnt        = "HF_CLM_SUB_CNT"
	ClmSubAmt        = "HF_CLM_SUB_AMT"
	ClmDecCnt        = "HF_CLM_DEC_CNT"
	ClmRejCnt        = "HF_CLM_REJ_CNT"
	ClmRejAmt        = "HF_CLM_REJ_AMT"
	ClmApprCnt       = "HF_CLM_APPR_CNT"
	ClmApprAmt       = "HF_CLM_APPR_AMT"
	ClmPaidAmt       = "HF_CLM_PAID_AMT"
	ClmOpenCnt       = "HF_CLM_OPEN_CNT"
	ClmTATDays       = "HF_CLM_TAT_DAYS"
	ClmTATCnt        = "HF_CLM_TAT_CNT"
	ClmDxCnt         = "HF_CLM_DX_CNT"
	ClmDxAmt         = "HF_CLM_DX_AMT"
	ClmLineCnt       = "HF_CLM_LINE_CNT"
	ClmLineAskAmt    = "HF_CLM_LINE_ASK_AMT"
	ClmLineApprAmt   = "HF_CLM_LINE_APPR_AMT"
	ClmPreauthCnt    = "HF_CLM_PREAUTH_CNT"
)

// elements are the data elements in their order.
func elements() []Element {
	const enrol, fin, claim = "HF_ENROL", "HF_FIN", "HF_CLAIM"
	return []Element{
		{EnrPersonsActive, "Persons covered", Count, true, ComboSAP, enrol, "Persons with cover on the last day.", "Coverage, Patient, Group"},
		{EnrPersonsNew, "Persons newly covered", Count, false, ComboSAP, enrol, "Persons whose first cover ever began in the period.", "Coverage.period.start"},
		{EnrPersonsLeft, "Persons who left", Count, false, ComboSAP, enrol, "Persons whose cover ended in the period and who had none again within the grace.", "Coverage.period.end"},
		{EnrFamilies, "Families", Count, true, ComboPSP, enrol, "Families on the last day, by how far their policy is paid.", "Group, Contract, Invoice"},
		{EnrPolActive, "Policies in force", Count, true, ComboProd, enrol, "Policies in force on the last day.", "Contract"},
		{EnrPolStart, "Policies begun", Count, false, ComboNRP, enrol, "Policies that took effect in the period, new and renewed.", "Contract.applies.start"},
		{EnrPolDue, "Policies due for renewal", Count, false, ComboProd, enrol, "Policies that came to their end in the period.", "Contract.applies.end"},
		{EnrPolCancel, "Policies cancelled", Count, false, ComboProd, enrol, "Policies that were cancelled or suspended in the period.", "Contract"},
		{FinContribAmt, "Contributions received", Amount, false, ComboPRPA, fin, "What was paid in, by the day it was paid; what was taken back counts against the day it was.", "PaymentReconciliation"},
		{FinContribCnt, "Payments received", Count, false, ComboChan, fin, "Payments of contributions, by the day they were paid.", "PaymentReconciliation"},
		{FinContribDueAmt, "Contributions due", Amount, false, ComboProd, fin, "What is to be paid for policies that took effect in the period.", "Contract, Invoice"},
		{ClmSubCnt, "Claims submitted", Count, false, ComboCSA, claim, "Claims by the day they were submitted.", "Claim.created"},
		{ClmSubAmt, "Amount claimed", Amount, false, ComboCP, claim, "What those claims ask for.", "Claim.total"},
		{ClmDecCnt, "Claims by stage", Count, false, ComboSTC, claim, "Claims that came to the stage in the period.", "Claim, ClaimResponse"},
		{ClmRejCnt, "Claims rejected", Count, false, ComboRej, claim, "Claims decided in the period of which no line is accepted, by the reason that took most.", "ClaimResponse.item.adjudication"},
		{ClmRejAmt, "Amount rejected", Amount, false, ComboRej, claim, "What was rejected of all claims decided in the period, lines of approved claims too.", "ClaimResponse.item.adjudication"},
		{ClmApprCnt, "Claims approved", Count, false, ComboCP, claim, "Claims decided in the period of which a line is accepted.", "ClaimResponse.total"},
		{ClmApprAmt, "Amount approved", Amount, false, ComboCP, claim, "What is paid of them.", "ClaimResponse.total"},
		{ClmPaidAmt, "Amount paid", Amount, false, DefaultCombo, claim, "What was paid to the facility in the period.", "PaymentReconciliation.detail"},
		{ClmOpenCnt, "Claims open", Count, true, ComboSTC, claim, "Claims that were submitted and not decided on the last day.", "Claim, ClaimResponse"},
		{ClmTATDays, "Days to decide", Days, false, DefaultCombo, claim, "Days from submission to decision of the claims decided in the period.", "Claim.created, ClaimResponse.created"},
		{ClmTATCnt, "Claims decided", Count, false, DefaultCombo, claim, "Claims decided in the period.", "ClaimResponse.created"},
		{ClmDxCnt, "Claims by diagnosis", Count, false, ComboDSA, claim, "Claims submitted in the period by the group of their main diagnosis.", "Claim.diagnosis"},
		{ClmDxAmt, "Amount approved by diagnosis", Amount, false, ComboDXG, claim, "What is paid of the claims decided in the period, by main diagnosis.", "Claim.diagnosis, ClaimResponse.total"},
		{ClmLineCnt, "Lines decided", Count, false, ComboSL, claim, "Lines of claims decided in the period.", "ClaimResponse.item"},
		{ClmLineAskAmt, "Amount of lines claimed", Amount, false, ComboSL, claim, "What those lines ask for.", "Claim.item.net"},
		{ClmLineApprAmt, "Amount of lines approved", Amount, false, ComboSL, claim, "What is paid of them.", "ClaimResponse.item.adjudication"},
		{ClmPreauthCnt, "Preauthorizations decided", Count, false, ComboSTC, claim, "Preauthorizations decided in the period.", "Claim.use, ClaimResponse"},
	}
}
