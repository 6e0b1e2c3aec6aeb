package adjudication_test

import (
	"slices"
	"strings"

	"bima/adjudication"
)

// The words of the corpus for rules that a product or tariff may ask for:
//
//	claim TZS AMB 2026-09-14 made 2026-09-17 present present-on 2026-09-13
//	patient female 1990-03-01 died 2026-05-02 gone pregnant 2026-01-01 registered home
//	facility level D lists HOSPITAL
//	service S-310 exclusive MALARIA exclusive-claim IMAGING excluded Z41,F10 indicated O80
//	plan P TZS decides admission filing 60 days presence 1 balance admissions capitated D,C
//	plan P S-310 covered-in | once | not-once | gate hospital | gate elsewhere IMP | capitated AMB | excluded Z41 | indicated O80
//	plan P all copay 500 | copay 0 group:indigent
//	policy A plan P 2026-01-01..2026-12-31 groups indigent,pregnant
//	line 1 S-310 1 x 100 for O80.1,Z41

// presenceRules reads the days of visit codes.
func (p *caseParser) presenceRules(w []string) {
	for i, word := range w {
		switch word {
		case "present":
			p.c.Proven = append(p.c.Proven, p.c.Treatment.From)
		case "present-on":
			p.c.Proven = append(p.c.Proven, p.day(w[i+1]))
		}
	}
}

// patientRules reads what is known of a patient beyond sex and age.
func (p *caseParser) patientRules(w []string) {
	who := &p.c.Patient
	for i, word := range w {
		switch word {
		case "died":
			who.Died, who.Dead = p.day(w[i+1]), true
		case "gone":
			who.Gone = true
		case "pregnant":
			who.Pregnant, who.Expects = p.day(w[i+1]), true
		case "registered":
			who.Registered = true
		case "home":
			who.Home = true
		}
	}
}

// codes reads "O80.1,Z41".
func codes(list string) []adjudication.Code {
	var found []adjudication.Code
	for code := range strings.SplitSeq(list, ",") {
		found = append(found, service(code))
	}
	return found
}

func tariffRules(tariff *adjudication.Tariff, w []string) {
	for i, word := range w {
		switch word {
		case "exclusive", "exclusive-claim":
			tariff.Exclusive = append(tariff.Exclusive, adjudication.Exclusive{Group: w[i+1], Claim: word == "exclusive-claim"})
		case "excluded":
			tariff.Excluded = codes(w[i+1])
		case "indicated":
			tariff.Indicated = codes(w[i+1])
		}
	}
}

func (p *caseParser) planRules(plan *adjudication.Plan, w []string) {
	for i, word := range w {
		switch word {
		case "decides":
			plan.Decides = map[string]adjudication.Deciding{"admission": adjudication.DecidesAdmission, "discharge": adjudication.DecidesDischarge}[w[i+1]]
		case "filing":
			plan.Filing = &adjudication.Deadline{Days: p.number(w[i+1])}
			if w[i+2] == "months" {
				plan.Filing = &adjudication.Deadline{Months: p.number(w[i+1])}
			}
		case "presence":
			plan.Presence = true
			if i+1 < len(w) {
				plan.PresenceDays = p.number(w[i+1])
			}
		case "capitated":
			plan.Capitated = codes(w[i+1])
		}
	}
	plan.BalanceBilling = slices.Contains(w, "balance")
	plan.Admissions = slices.Contains(w, "admissions")
}

// coverRule reads one rule, and reports false where it is none of these.
func coverRule(plan *adjudication.Plan, cover *adjudication.Cover, w []string) bool {
	switch w[0] {
	case "covered-in":
		cover.CoveredIn = adjudication.SettingInpatient
	case "covered-out":
		cover.CoveredIn = adjudication.SettingOutpatient
	case "once":
		plan.Repeats, cover.Once = true, adjudication.Yes
	case "not-once":
		cover.Once = adjudication.No
	case "gate":
		at := map[string]adjudication.GateAt{"hospital": adjudication.GateHospital, "elsewhere": adjudication.GateElsewhere}[w[1]]
		cover.Gates = append(cover.Gates, adjudication.Gate{At: at, When: when(w[2:], false)})
	case "capitated":
		cover.Capitated = append(cover.Capitated, adjudication.Capitation{When: when(w[1:], false)})
	case "excluded":
		plan.Diagnoses, cover.Excluded = true, codes(w[1])
	case "indicated":
		plan.Diagnoses, cover.Indicated = true, codes(w[1])
	default:
		return false
	}
	return true
}
