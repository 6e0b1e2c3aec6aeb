// Indicators: what is counted each month for DHIS2. The codes are those of the
// package profiles/indicator; a test holds the two together.

CodeSystem: IndicatorElements
Id: hf-element
Title: "Data elements of the indicators"
Description: "What is counted each month, quarter and year: the groups of the MeasureReports."
* insert Codes
* #HF_ENR_PERSONS_ACTIVE "Persons covered" "Persons with cover on the last day."
* #HF_ENR_PERSONS_NEW "Persons newly covered" "Persons whose first cover ever began in the period."
* #HF_ENR_PERSONS_LEFT "Persons who left" "Persons whose cover ended in the period and who had none again within the grace."
* #HF_ENR_FAMILIES "Families" "Families on the last day, by how far their policy is paid."
* #HF_ENR_POL_ACTIVE "Policies in force" "Policies in force on the last day."
* #HF_ENR_POL_START "Policies begun" "Policies that took effect in the period, new and renewed."
* #HF_ENR_POL_DUE "Policies due for renewal" "Policies that came to their end in the period."
* #HF_ENR_POL_CANCEL "Policies cancelled" "Policies that were cancelled or suspended in the period."
* #HF_FIN_CONTRIB_AMT "Contributions received" "What was paid in, by the day it was paid; what was taken back counts against the day it was."
* #HF_FIN_CONTRIB_CNT "Payments received" "Payments of contributions, by the day they were paid."
* #HF_FIN_CONTRIB_DUE_AMT "Contributions due" "What is to be paid for policies that took effect in the period."
* #HF_CLM_SUB_CNT "Claims submitted" "Claims by the day they were submitted."
* #HF_CLM_SUB_AMT "Amount claimed" "What those claims ask for."
* #HF_CLM_DEC_CNT "Claims by stage" "Claims that came to the stage in the period."
* #HF_CLM_REJ_CNT "Claims rejected" "Claims decided in the period of which no line is accepted, by the reason that took most."
* #HF_CLM_REJ_AMT "Amount rejected" "What was rejected of all claims decided in the period, lines of approved claims too."
* #HF_CLM_APPR_CNT "Claims approved" "Claims decided in the period of which a line is accepted."
* #HF_CLM_APPR_AMT "Amount approved" "What is paid of them."
* #HF_CLM_PAID_AMT "Amount paid" "What was paid to the facility in the period."
* #HF_CLM_OPEN_CNT "Claims open" "Claims that were submitted and not decided on the last day."
* #HF_CLM_TAT_DAYS "Days to decide" "Days from submission to decision of the claims decided in the period."
* #HF_CLM_TAT_CNT "Claims decided" "Claims decided in the period."
* #HF_CLM_DX_CNT "Claims by diagnosis" "Claims submitted in the period by the group of their main diagnosis."
* #HF_CLM_DX_AMT "Amount approved by diagnosis" "What is paid of the claims decided in the period, by main diagnosis."
* #HF_CLM_LINE_CNT "Lines decided" "Lines of claims decided in the period."
* #HF_CLM_LINE_ASK_AMT "Amount of lines claimed" "What those lines ask for."
* #HF_CLM_LINE_APPR_AMT "Amount of lines approved" "What is paid of them."
* #HF_CLM_PREAUTH_CNT "Preauthorizations decided" "Preauthorizations decided in the period."

CodeSystem: IndicatorCombos
Id: hf-combo
Title: "Category combinations of the indicators"
Description: "By which categories together a number is told apart."
* insert Codes
* #HF_CC_SAP "Sex, age and poverty" "HF_SEX, HF_AGE, HF_POV."
* #HF_CC_PROD "Product" "HF_PROD."
* #HF_CC_NRP "New or renewed, and product" "HF_NEWREN, HF_PROD."
* #HF_CC_PSP "State of payment and poverty" "HF_PAYST, HF_POV."
* #HF_CC_PRPA "Product and who paid" "HF_PROD, HF_PAYER."
* #HF_CC_CHAN "How it was paid" "HF_CHAN."
* #HF_CC_CSA "Kind of care, sex and age" "HF_CARE, HF_SEX, HF_AGE."
* #HF_CC_STC "Stage and kind of care" "HF_STAGE, HF_CARE."
* #HF_CC_REJ "Why nothing is paid" "HF_REJ."
* #HF_CC_CP "Kind of care and poverty" "HF_CARE, HF_POV."
* #HF_CC_DSA "Diagnosis, sex and age" "HF_DXG, HF_SEX, HF_AGE2."
* #HF_CC_DXG "Diagnosis" "HF_DXG."
* #HF_CC_SL "Kind of service and result" "HF_SVC, HF_LINE."

CodeSystem: IndicatorCategories
Id: hf-category
Title: "Categories of the indicators"
Description: "By what numbers are told apart."
* insert Codes
* #HF_SEX "Sex"
* #HF_AGE "Age"
* #HF_AGE2 "Age under 5"
* #HF_POV "Poverty"
* #HF_NEWREN "New or renewed"
* #HF_PAYST "State of payment"
* #HF_PROD "Product"
* #HF_PAYER "Who paid"
* #HF_CHAN "How it was paid"
* #HF_CARE "Kind of care"
* #HF_STAGE "Stage of a claim"
* #HF_REJ "Why nothing is paid"
* #HF_DXG "Group of diagnoses"
* #HF_SVC "Kind of service"
* #HF_LINE "Result of a line"

CodeSystem: IndicatorOptions
Id: hf-option
Title: "Options of the indicators"
Description: "The values of the categories. Those of HF_PROD are the products of the scheme, and those of HF_AGE its bands of age, so that here are the usual ones only."
* ^status = #active
* ^experimental = false
* ^caseSensitive = true
* ^content = #fragment
* #HF_SEX_M "Male"
* #HF_SEX_F "Female"
* #HF_SEX_U "Other or unknown"
* #HF_AGE_00_05 "0 to 5 years"
* #HF_AGE_06_12 "6 to 12 years"
* #HF_AGE_13_18 "13 to 18 years"
* #HF_AGE_19_25 "19 to 25 years"
* #HF_AGE_26_35 "26 to 35 years"
* #HF_AGE_36_55 "36 to 55 years"
* #HF_AGE_56_75 "56 to 75 years"
* #HF_AGE_76P "76 years and over"
* #HF_AGE_UNK "Not known"
* #HF_AGE2_U5 "Under 5 years"
* #HF_AGE2_5P "5 years and over"
* #HF_POV_POOR "Poor"
* #HF_POV_NONPOOR "Not poor"
* #HF_POV_UNK "Not known"
* #HF_NEWREN_NEW "New"
* #HF_NEWREN_RENEW "Renewed"
* #HF_PAYST_PAID "Paid"
* #HF_PAYST_PARTIAL "Paid in part"
* #HF_PAYST_UNPAID "Not paid"
* #HF_PAYST_NOPOL "No policy"
* #HF_PROD_OTHER "Other"
* #HF_PAYER_HOUSEHOLD "Household"
* #HF_PAYER_GOVERNMENT "Government"
* #HF_PAYER_DONOR "Donor"
* #HF_PAYER_EMPLOYER "Employer"
* #HF_PAYER_OTHER "Other"
* #HF_CHAN_CASH "Cash"
* #HF_CHAN_BANK "Bank"
* #HF_CHAN_MOBILE "Mobile money"
* #HF_CHAN_PAYROLL "Payroll"
* #HF_CHAN_OTHER "Other"
* #HF_CARE_OPD "Out-patient"
* #HF_CARE_IPD "In-patient"
* #HF_CARE_EMER "Emergency"
* #HF_CARE_REF "Referral"
* #HF_STAGE_ENTERED "Entered"
* #HF_STAGE_CHECKED "Checked, waits for a person"
* #HF_STAGE_PROCESSED "Decided, its price is not"
* #HF_STAGE_VALUATED "Decided with an amount"
* #HF_STAGE_REJECTED "Rejected"
* #HF_REJ_ELIG "Not covered"
* #HF_REJ_SVC "Service not covered"
* #HF_REJ_DUP "Claimed before"
* #HF_REJ_FREQ "Too soon or too many"
* #HF_REJ_CEILING "A ceiling or limit of amount"
* #HF_REJ_LIMIT_AGE_SEX "Not for this age, sex or diagnosis"
* #HF_REJ_PREAUTH "Not asked beforehand"
* #HF_REJ_DATE "Dates or too late"
* #HF_REJ_DOC "Papers and proof"
* #HF_REJ_MEDREV "Medical review"
* #HF_REJ_OTHER "Other"
* #HF_DXG_MAL_SIMPLE "Malaria, simple"
* #HF_DXG_MAL_SEVERE "Malaria, severe"
* #HF_DXG_ANC "Antenatal care"
* #HF_DXG_DELIVERY "Normal delivery"
* #HF_DXG_CSECTION "Caesarean section"
* #HF_DXG_MATERNAL "Other conditions of pregnancy and birth"
* #HF_DXG_PERINATAL "Conditions of the newborn"
* #HF_DXG_ARI "Acute respiratory infection"
* #HF_DXG_PNEUMONIA "Pneumonia and influenza"
* #HF_DXG_ASTHMA "Asthma and chronic respiratory disease"
* #HF_DXG_DIARR "Diarrhoea"
* #HF_DXG_WORMS "Worms"
* #HF_DXG_TB "Tuberculosis"
* #HF_DXG_HIV "HIV"
* #HF_DXG_HEPATITIS "Viral hepatitis"
* #HF_DXG_STI "Sexually transmitted infection"
* #HF_DXG_INFECTIOUS "Other infectious disease"
* #HF_DXG_HTN "High blood pressure"
* #HF_DXG_HEART "Heart and circulation"
* #HF_DXG_DM "Diabetes"
* #HF_DXG_NUTRITION "Malnutrition and anaemia of nutrition"
* #HF_DXG_ANAEMIA "Anaemia and blood"
* #HF_DXG_CANCER "Cancer and growths"
* #HF_DXG_MENTAL "Mental health"
* #HF_DXG_NEURO "Nervous system"
* #HF_DXG_EYE "Eyes"
* #HF_DXG_EAR "Ears"
* #HF_DXG_DENTAL "Teeth and mouth"
* #HF_DXG_DIGESTIVE "Stomach and gut"
* #HF_DXG_SKIN "Skin"
* #HF_DXG_MUSCLE "Muscles, bones and joints"
* #HF_DXG_URINARY "Kidneys and urinary tract"
* #HF_DXG_GENITAL "Genital organs and breast"
* #HF_DXG_CONGENITAL "Congenital conditions"
* #HF_DXG_INJURY "Injury and poisoning"
* #HF_DXG_PREVENTION "Prevention and check-ups"
* #HF_DXG_SYMPTOM "Symptoms without a diagnosis"
* #HF_DXG_OTHER "Other"
* #HF_SVC_CONSULT "Consultation"
* #HF_SVC_LAB "Laboratory"
* #HF_SVC_IMAGING "Imaging"
* #HF_SVC_SURGERY "Surgery"
* #HF_SVC_WARD "Ward"
* #HF_SVC_ANC_DEL "Antenatal care and delivery"
* #HF_SVC_DRUG "Drugs"
* #HF_SVC_CONSUMABLE "Consumables"
* #HF_SVC_OTHER "Other"
* #HF_LINE_APPROVED "Approved"
* #HF_LINE_PARTIAL "Approved in part"
* #HF_LINE_REJECTED "Rejected"

Instance: Group-address-city
InstanceOf: SearchParameter
Usage: #definition
* insert Search(Group, address-city, string)
* description = "The village or town where a family lives, by its name."
* expression = "Group.extension.where(url = 'https://openimis.github.io/openimis_fhir_r4_ig/StructureDefinition/group-address').value.city"

Instance: PaymentReconciliation-payer
InstanceOf: SearchParameter
Usage: #definition
* insert Search(PaymentReconciliation, payer, reference)
* description = "Who paid."
* expression = "PaymentReconciliation.extension.where(url = 'https://bima.example/fhir/StructureDefinition/payer').value"
* target[0] = #Patient
* target[+] = #Group
* target[+] = #Organization

Instance: PaymentReconciliation-invoice
InstanceOf: SearchParameter
Usage: #definition
* insert Search(PaymentReconciliation, invoice, reference)
* description = "An invoice that the money is for."
* expression = "PaymentReconciliation.detail.request"
* target = #Invoice

Instance: Measure-recount
InstanceOf: OperationDefinition
Usage: #definition
* url = "https://bima.example/fhir/OperationDefinition/Measure-recount"
* version = "1.0.0"
* name = "RecountIndicators"
* title = "Count indicators anew"
* status = #active
* kind = #operation
* affectsState = true
* code = #recount
* resource = #Measure
* system = false
* type = true
* instance = true
* description = "Counts the numbers of a period anew from what is stored now and stores those MeasureReports that differ, which are then sent again to whoever subscribed. With again those that are as they were are stored once more, too. Without a period it counts what has changed since the last time, as happens each day by itself. Asked of one Measure it counts only that. For administrators; with many places it takes long (Prefer: respond-async)."
* insert First(periodStart, in, 0, 1, date)
* parameter[=].documentation = "The first day of the first month that is counted."
* insert Then(periodEnd, in, 0, 1, date)
* parameter[=].documentation = "A day of the last month that is counted; without it the month of periodStart."
* insert Then(reporter, in, 0, 1, string)
* parameter[=].documentation = "The place that is counted, Location/[id] or Organization/[id]; without it all are."
* insert Then(again, in, 0, 1, boolean)
* parameter[=].documentation = "Whether reports of the period that are as they were are stored once more, so that who has subscribed since is told of them, too."
* insert Then(return, out, 1, 1, OperationOutcome)
* parameter[=].documentation = "How many places were counted, and how many reports are others now."
