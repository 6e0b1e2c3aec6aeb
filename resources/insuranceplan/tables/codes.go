package tables

import (
	"slices"
	"strings"

	"bima/adjudication/terms"
	"bima/profiles"
)

// A wording is a word of a column for a code.
type wording struct {
	column, word string
	coding
}

// conditionWords are the words of the columns that say when a row holds, in the
// order in which qualifiers are written.
var conditionWords = []wording{
	{"who", "individual", coding{terms.SystemBenefitUnit, "individual", ""}},
	{"who", "family", coding{terms.SystemBenefitUnit, "family", ""}},
	{"over", "unit", coding{profiles.SystemLimitTerm, "unit", ""}},
	{"over", "claim", coding{profiles.SystemLimitTerm, "claim", ""}},
	{"over", "day", coding{terms.SystemBenefitTerm, "day", ""}},
	{"over", "annual", coding{terms.SystemBenefitTerm, "annual", ""}},
	{"over", "policy", coding{profiles.SystemLimitTerm, "policy", ""}},
	{"over", "lifetime", coding{terms.SystemBenefitTerm, "lifetime", ""}},
	{"over", "pregnancy", coding{profiles.SystemLimitTerm, "pregnancy", ""}},
	{"age", "adult", coding{profiles.SystemOpenIMISAge, "adult", ""}},
	{"age", "child", coding{profiles.SystemOpenIMISAge, "child", ""}},
	{"visit", "emergency", coding{terms.SystemActCode, "EMER", ""}},
	{"visit", "referral", coding{profiles.SystemOpenIMISVisitType, "R", ""}},
	{"visit", "other", coding{profiles.SystemOpenIMISVisitType, "O", ""}},
	{"visit", "ambulatory", coding{terms.SystemActCode, "AMB", ""}},
	{"visit", "inpatient", coding{terms.SystemActCode, "IMP", ""}},
	{"setting", "inpatient", coding{profiles.SystemBenefit, "inpatient", ""}},
	{"setting", "outpatient", coding{profiles.SystemBenefit, "outpatient", ""}},
}

// conditions reads the columns that say when a row holds.
func (f *faults) conditions(r row) []concept {
	var list []concept
	for _, column := range []string{"who", "over", "age", "visit", "setting"} {
		text := r.get(column)
		if text == "" {
			continue
		}
		var words []string
		at := slices.IndexFunc(conditionWords, func(w wording) bool {
			if w.column == column {
				words = append(words, w.word)
			}
			return w.column == column && w.word == text
		})
		if at < 0 {
			f.add(r, column, "there are "+strings.Join(words, ", "), "%.40q is none of those it may be", text)
			continue
		}
		list = append(list, concept{Coding: []coding{conditionWords[at].coding}})
	}
	if group := r.get("group"); group != "" {
		list = append(list, concept{Coding: []coding{*codeOf(group, profiles.SystemPatientGroup)}})
	}
	return list
}

// conditionCells writes qualifiers as cells; what is neither a word nor a group of
// patients is left out.
func (w *writer) conditionCells(cells map[string]string, qualifiers []concept) {
	for _, q := range qualifiers {
		code, _ := q.one()
		at := slices.IndexFunc(conditionWords, func(w wording) bool {
			return w.System == code.System && w.Code == code.Code && cells[w.column] == ""
		})
		switch {
		case at >= 0:
			cells[conditionWords[at].column] = conditionWords[at].word
		case code.System == profiles.SystemPatientGroup || slices.Contains(w.groups, codeText(&code, "")):
			cells["group"] = codeText(&code, profiles.SystemPatientGroup)
		}
	}
}

// groups and categories are the entries that are no services.
var (
	groups     = []string{"all", "inpatient", "outpatient"}
	categories = []string{"S", "C", "D", "A", "H", "O", "V"}
)

// entry reads what a row is about.
func entry(r row) coding {
	c := coding{System: r.get("system"), Code: r.get("entry"), Display: r.get("name")}
	switch {
	case c.System != "":
	case slices.Contains(groups, c.Code):
		c.System = profiles.SystemBenefit
	case slices.Contains(categories, c.Code):
		c.System = profiles.SystemOpenIMISServiceKind
	default:
		c.System = profiles.SystemService
	}
	return c
}

// entryCells writes what a row is about.
func entryCells(product string, c coding) map[string]string {
	cells := map[string]string{"product": product, "entry": c.Code, "name": c.Display}
	if entry(row{cells: cells}).System != c.System {
		cells["system"] = c.System
	}
	return cells
}
