package tables

import (
	"strings"

	"bima/profiles"
)

// The rules that schemes live by: what decides claims beside cover and cost.

func ruleColumns() []Column {
	return []Column{
		{"filing_deadline", false, "how long after treatment claims may be made: 60 days"},
		{"deciding_day", false, "which day decides cover and price of a stay: line (where empty), admission or discharge"},
		{"proof_of_presence", false, "how long before treatment the visit code that a claim quotes may have been asked for: 0 days; where empty none is asked for"},
		{"balance_billing", false, "yes where the facility may ask the patient for what is above its price list; no where empty"},
		{"overlapping_stays", false, "what becomes of a stay in nights that another claim has: refused, or paid (where empty)"},
		{"coordination", false, "yes where it also pays of what earlier policies left to the member; no where empty"},
		{"accident_cover", false, "which accidents it pays for: work, not-work or any (where empty)"},
		{"agreement_length", false, "how long what was agreed to beforehand is kept free: 30 days (where empty)"},
		{"emergency_time", false, "how long after admission an emergency may be asked for: 48 hours; where empty nobody is asked"},
		{"review_days", false, "how many days a review may take; the scheme's where empty"},
		{"second_opinion", false, "a review that lets more than this amount be paid needs a second person"},
		{"feedback_share", false, "of how many decided claims patients are asked, a percentage; nobody where empty"},
		{"feedback_seed", false, "what that lot is drawn by"},
		{"feedback_days", false, "how many days there are to answer; the scheme's where empty"},
	}
}

func groupColumns() []Column {
	return []Column{
		{"product", true, "as in the other tables"},
		{"group", true, "pregnant, indigent, chronic, disabled, elderly or child, or a code of the scheme's own as `SYSTEM\\|CODE`"},
		{"from_age", false, "from which age, in years, a patient belongs to it"},
		{"to_age", false, "up to which age"},
		{"condition", false, "FHIRPath on the Claim, with %patient and %coverage, that is true of who belongs to it"},
	}
}

// The words of rules.
var (
	yesWords      = []string{"yes", "no"}
	dayWords      = []string{"line", "admission", "discharge"}
	stayWords     = []string{"refused", "paid"}
	referralWords = []string{"hospital", "elsewhere"}
	accidentWords = []string{"work", "not-work", "any"}
	entryWords    = []string{"once-a-day", "referral", "capitated", "diagnosis-excluded", "diagnosis-required"}
	ruleWords     = append([]string{"quantity", "visits", "waiting", "authorization", "wage-replacement"}, entryWords...)
)

// rules reads those of the product as a whole.
func (r *reader) rules(d *draft, add func(column string, e extension)) {
	line := d.top
	if length := r.time(line, "filing_deadline"); length != nil {
		add("filing_deadline", extension{URL: profiles.ExtensionFilingDeadline, ValueDuration: length})
	}
	if length := r.time(line, "proof_of_presence"); length != nil {
		add("proof_of_presence", extension{URL: profiles.ExtensionProofOfPresence, ValueDuration: length})
	}
	if day := r.word(line, "deciding_day", dayWords...); day != "" {
		add("deciding_day", extension{URL: profiles.ExtensionDecidingDay, ValueCode: day})
	}
	if word := r.word(line, "balance_billing", yesWords...); word != "" {
		add("balance_billing", extension{URL: profiles.ExtensionBalanceBilling, ValueBoolean: yes(word)})
	}
	if word := r.word(line, "overlapping_stays", stayWords...); word != "" {
		add("overlapping_stays", extension{URL: profiles.ExtensionOverlappingStays, ValueCode: word})
	}
	if word := r.word(line, "coordination", yesWords...); word != "" {
		add("coordination", extension{URL: profiles.ExtensionCoordinationOfBenefits, ValueBoolean: yes(word)})
	}
	if word := r.word(line, "accident_cover", accidentWords...); word != "" {
		add("accident_cover", extension{URL: profiles.ExtensionAccidentCover, ValueCode: word})
	}
	for _, whole := range wholes {
		e := extension{URL: whole.url}
		first := ""
		for _, p := range whole.parts {
			if line.get(p.column) == "" {
				continue
			}
			if first == "" {
				first = p.column
			}
			e.Extension = append(e.Extension, p.read(r, d, p.column))
			e.Extension[len(e.Extension)-1].URL = p.part
		}
		if first != "" {
			add(first, e)
		}
	}
}

// wholes are the extensions of a product that are made of columns.
var wholes = []struct {
	url   string
	parts []wholePart
}{
	{profiles.ExtensionPreauthorizationTerms, []wholePart{{"agreement_length", "length", timePart}, {"emergency_time", "emergency", timePart}}},
	{profiles.ExtensionReviewTerms, []wholePart{{"review_days", "deadlineDays", positivePart}, {"second_opinion", "secondOpinion", moneyPart}}},
	{profiles.ExtensionFeedbackSelection, []wholePart{{"feedback_share", "percentage", decimalPart}, {"feedback_seed", "seed", textPart}, {"feedback_days", "days", positivePart}}},
}

// A wholePart is a column and the part of the extension that it says.
type wholePart struct {
	column, part string
	read         func(r *reader, d *draft, column string) extension
}

func timePart(r *reader, d *draft, column string) extension {
	return extension{ValueDuration: r.time(d.top, column)}
}

func positivePart(r *reader, d *draft, column string) extension {
	return extension{ValuePositiveInt: r.whole(d.top, column)}
}

func moneyPart(r *reader, d *draft, column string) extension {
	return extension{ValueMoney: r.money(d, d.top, column)}
}

func decimalPart(r *reader, d *draft, column string) extension {
	return extension{ValueDecimal: r.number(d.top, column)}
}

func textPart(_ *reader, d *draft, column string) extension {
	return extension{ValueString: d.top.get(column)}
}

// wholeCells writes an extension that is made of columns.
func wholeCells(top map[string]string, e extension) {
	for _, whole := range wholes {
		for _, p := range whole.parts {
			if part := e.part(p.part); whole.url == e.URL {
				top[p.column] = timeText(part.ValueDuration) + part.ValuePositiveInt.String() + amountText(part.ValueMoney) + part.ValueDecimal.String() + part.ValueString
			}
		}
	}
}

func yes(word string) *bool {
	is := word == "yes"
	return &is
}

// entryRule reads a rule of an entry; nil where the row says another.
func (r *reader) entryRule(line row, rule string) *extension {
	switch rule {
	case "once-a-day":
		return &extension{URL: profiles.ExtensionOnceADay, ValueBoolean: yes(r.word(line, "value", yesWords...))}
	case "referral":
		return &extension{URL: profiles.ExtensionReferralRequired, ValueCode: r.word(line, "value", referralWords...)}
	case "capitated":
		return &extension{URL: profiles.ExtensionCapitated, ValueBoolean: yes(r.word(line, "value", yesWords...))}
	case "diagnosis-excluded":
		return &extension{URL: profiles.ExtensionDiagnosisExcluded, ValueCoding: codeOf(line.get("value"), systemICD)}
	case "diagnosis-required":
		return &extension{URL: profiles.ExtensionDiagnosisRequired, ValueCoding: codeOf(line.get("value"), systemICD)}
	}
	return nil
}

// entryRuleCells gives the rule and value of a row for an extension of an entry;
// false where it is no such rule.
func entryRuleCells(e extension) (rule, value string, ok bool) {
	word := "no"
	if e.ValueBoolean != nil && *e.ValueBoolean {
		word = "yes"
	}
	switch e.URL {
	case profiles.ExtensionOnceADay:
		return "once-a-day", word, true
	case profiles.ExtensionReferralRequired:
		return "referral", e.ValueCode, true
	case profiles.ExtensionCapitated:
		return "capitated", word, true
	case profiles.ExtensionDiagnosisExcluded:
		return "diagnosis-excluded", codeText(e.ValueCoding, systemICD), true
	case profiles.ExtensionDiagnosisRequired:
		return "diagnosis-required", codeText(e.ValueCoding, systemICD), true
	}
	return "", "", false
}

// systemICD is the system of a diagnosis that is written without one.
const systemICD = "http://hl7.org/fhir/sid/icd-10"

// codeOf reads "CODE" of a system, or "SYSTEM|CODE" of another.
func codeOf(text, system string) *coding {
	if i := strings.LastIndexByte(text, '|'); i >= 0 {
		system, text = text[:i], text[i+1:]
	}
	return &coding{System: system, Code: text}
}

func codeText(c *coding, system string) string {
	switch {
	case c == nil:
		return ""
	case c.System == system:
		return c.Code
	}
	return c.System + "|" + c.Code
}

// group reads who belongs to a group of patients.
func (r *reader) group(d *draft, line row) {
	e := extension{URL: profiles.ExtensionPatientGroupCondition, Extension: []extension{{URL: "group", ValueCoding: codeOf(line.get("group"), profiles.SystemPatientGroup)}}}
	from, to := r.whole(line, "from_age"), r.whole(line, "to_age")
	if from != "" || to != "" {
		ages := &ages{}
		if from != "" {
			ages.Low = &quantity{Value: from, Unit: "years", System: ucum, Code: "a"}
		}
		if to != "" {
			ages.High = &quantity{Value: to, Unit: "years", System: ucum, Code: "a"}
		}
		e.Extension = append(e.Extension, extension{URL: "age", ValueRange: ages})
	}
	if condition := line.get("condition"); condition != "" {
		e.Extension = append(e.Extension, extension{URL: "condition", ValueExpression: &expression{Language: "text/fhirpath", Expression: condition}})
	}
	d.resource.Extension = append(d.resource.Extension, e)
	d.from("InsurancePlan.extension('"+e.URL+"')", line, "group")
}

// groupRow writes who belongs to a group of patients.
func (w *writer) groupRow(name string, e extension) {
	w.groups = append(w.groups, codeText(e.part("group").ValueCoding, ""))
	cells := map[string]string{"product": name, "group": codeText(e.part("group").ValueCoding, profiles.SystemPatientGroup)}
	if ages := e.part("age").ValueRange; ages != nil {
		for column, q := range map[string]*quantity{"from_age": ages.Low, "to_age": ages.High} {
			if q != nil {
				cells[column] = q.Value.String()
			}
		}
	}
	if condition := e.part("condition").ValueExpression; condition != nil {
		cells["condition"] = condition.Expression
	}
	w.row(fileGroups, cells)
}
