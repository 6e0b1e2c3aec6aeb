package indicator_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"bima/profiles/indicator"
)

// codeForm is what a code must be: an XML name, for ADX writes categories as
// attributes, of at most 50 characters, as DHIS2 keeps.
var codeForm = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,49}$`)

// full gives a package with as many products as there may be, of long names.
func full(t *testing.T) *indicator.Package {
	t.Helper()
	var plans []indicator.Plan
	for i := range 60 {
		plans = append(plans, indicator.Plan{ID: fmt.Sprintf("plan-%d", i), Product: fmt.Sprintf("A product of a very long code, number %d", i), Start: fmt.Sprintf("20%02d-01-01", i)})
	}
	p, err := indicator.New(indicator.Options{Products: indicator.Products(plans)})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestCodesAreShortXMLNamesAndUIDsDiffer(t *testing.T) {
	p := full(t)
	codes, uids := map[string]bool{}, map[string]string{}
	check := func(kind indicator.Object, code string) {
		t.Helper()
		if !codeForm.MatchString(code) {
			t.Errorf("%s %q is no code of at most 50 characters", kind, code)
		}
		if key := string(kind) + code; codes[key] {
			t.Errorf("two %s have the code %s", kind, code)
		} else {
			codes[key] = true
		}
		uid := indicator.UID(kind, code)
		if len(uid) != 11 || !codeForm.MatchString(uid) {
			t.Errorf("%q is no UID", uid)
		}
		if other, taken := uids[uid]; taken {
			t.Errorf("%s and %s have the UID %s", other, code, uid)
		}
		uids[uid] = code
	}
	for _, c := range p.Categories {
		check(indicator.ObjectCategory, c.Code)
		if len(c.Options) > indicator.OptionsMax {
			t.Errorf("%s has %d options", c.Code, len(c.Options))
		}
		for _, o := range c.Options {
			check(indicator.ObjectOption, o.Code)
		}
	}
	for _, c := range p.Combos {
		check(indicator.ObjectCombo, c.Code)
		cells := 0
		for cell := range p.Cells(c.Code) {
			check(indicator.ObjectCell, cell.Code)
			cells++
			var options []string
			for _, o := range cell.Options {
				options = append(options, o.Code)
			}
			if got, ok := p.CellOfOptions(c.Code, options...); !ok || got != cell.Code {
				t.Errorf("the options %v are the cell %q, want %s", options, got, cell.Code)
			}
		}
		if len(c.Categories) > indicator.CategoriesMax || cells > indicator.CellsMax || cells == 0 {
			t.Errorf("%s has %d categories and %d cells", c.Code, len(c.Categories), cells)
		}
	}
	for _, d := range p.DataSets {
		check(indicator.ObjectDataSet, d.Code)
		if len(p.Of(d.Code)) == 0 {
			t.Errorf("%s has no element", d.Code)
		}
	}
	for _, e := range p.Elements {
		check(indicator.ObjectElement, e.Code)
		if _, ok := p.Combo(e.Combo); !ok && e.Combo != indicator.DefaultCombo {
			t.Errorf("%s is told apart by %s, which is no combo", e.Code, e.Combo)
		}
		if _, ok := p.DataSet(e.DataSet); !ok {
			t.Errorf("%s is of no data set", e.Code)
		}
	}
}

func TestCodesStayWhatTheyAre(t *testing.T) {
	p := full(t)
	for got, want := range map[string]string{
		indicator.CellCode(indicator.ComboSAP, "F", "00_05", "POOR"): "HFC_SAP_F_00_05_POOR",
		indicator.CellCode(indicator.ComboSTC, "PROCESSED", "IPD"):   "HFC_STC_PROCESSED_IPD",
		indicator.CellCode(indicator.DefaultCombo):                   "default",
		p.Category(indicator.Age).Options[0].Code:                    "HF_AGE_00_05",
		p.Category(indicator.Age).Options[7].Code:                    "HF_AGE_76P",
		// Worked out by hand once: a UID that changes is another object in DHIS2.
		indicator.UID(indicator.ObjectElement, indicator.EnrPersonsActive): "HpLqSMiRZfp",
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestAPersonIsInTheBandOfHisAge(t *testing.T) {
	p, err := indicator.New(indicator.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for years, want := range map[int]string{-1: "UNK", 0: "00_05", 5: "00_05", 6: "06_12", 12: "06_12", 13: "13_18", 75: "56_75", 76: "76P", 110: "76P"} {
		if got := p.Band(years); got != want {
			t.Errorf("%d years are in %s, want %s", years, got, want)
		}
	}
	own, err := indicator.New(indicator.Options{Ages: []int{5, 18}})
	if err != nil {
		t.Fatal(err)
	}
	if got := own.Band(17) + " " + own.Band(18); got != "05_17 18P" {
		t.Errorf("with other bands: %s", got)
	}
	for _, wrong := range [][]int{{0}, {5, 5}, {7, 6}, {121}, make([]int, 21)} {
		if _, err := indicator.New(indicator.Options{Ages: wrong}); err == nil {
			t.Errorf("the ages %v are accepted", wrong)
		}
	}
}

func TestADiagnosisIsInTheGroupOfItsLongestPrefix(t *testing.T) {
	for icd, want := range map[string]string{
		"B54": "MAL_SIMPLE", "B50.9": "MAL_SIMPLE", "B50.8": "MAL_SEVERE", "b50.0": "MAL_SEVERE", "B51": "MAL_SIMPLE", "B51.0": "MAL_SEVERE",
		"O80": "DELIVERY", "O82.1": "CSECTION", "O13": "MATERNAL", "Z34.9": "ANC", "Z00": "PREVENTION", "J20.9": "ARI", "J18": "PNEUMONIA", "J45": "ASTHMA",
		"A09": "DIARR", "A91": "INFECTIOUS", "A15.0": "TB", "B20": "HIV", "I10": "HTN", "I50": "HEART", "E11.9": "DM", "E66": "OTHER", "D50": "NUTRITION",
		"D64": "ANAEMIA", "D25": "CANCER", "S52": "INJURY", "U07.1": "OTHER", "": "OTHER", "é": "OTHER",
	} {
		if got := indicator.DiagnosisGroup(icd); got != want {
			t.Errorf("%q is in %s, want %s", icd, got, want)
		}
	}
	groups, _ := indicator.New(indicator.Options{})
	if n := len(groups.Category(indicator.Diagnosis).Options); n > 40 {
		t.Errorf("there are %d groups", n)
	}
}

func TestAProductKeepsItsOption(t *testing.T) {
	plans := []indicator.Plan{
		{ID: "a2", Product: "DHP", Name: "District 2", Status: "active", Start: "2027-01-01"},
		{ID: "a1", Product: "DHP", Name: "District", Status: "retired", Start: "2025-01-01"},
		{ID: "b", Product: "dhp", Start: "2025-06-01"},
		{ID: "works-plan", Start: "2026-01-01"},
		{ID: "c", Product: "OTHER", Start: "2026-02-01"},
		{ID: "draft", Product: "NEW", Status: "draft"},
		{ID: "d", Product: "ÄÖ", Start: "2026-03-01"},
	}
	got := indicator.Products(plans)
	var keys []string
	seen := map[string]bool{}
	for _, p := range got {
		keys = append(keys, p.Key)
		if seen[p.Suffix] || p.Suffix == indicator.Other || !codeForm.MatchString("HF_PROD_"+p.Suffix) {
			t.Errorf("%s has the suffix %q", p.Key, p.Suffix)
		}
		seen[p.Suffix] = true
	}
	if strings.Join(keys, " ") != "DHP dhp works-plan OTHER ÄÖ" || got[0].Suffix != "DHP" || got[0].Name != "District" {
		t.Errorf("got %+v", got)
	}
	p, err := indicator.New(indicator.Options{Products: got})
	if err != nil {
		t.Fatal(err)
	}
	if p.Product("DHP") != "DHP" || p.Product("never") != indicator.Other || p.Product("OTHER") == indicator.Other {
		t.Error("a product has the option of another")
	}
}

func TestThe50thProductIsOther(t *testing.T) {
	p := full(t)
	if got := len(p.Category(indicator.Product).Options); got != indicator.OptionsMax {
		t.Errorf("there are %d options", got)
	}
	if p.Product("A product of a very long code, number 48") == indicator.Other || p.Product("A product of a very long code, number 49") != indicator.Other {
		t.Error("the first 49 have an option of their own, the rest has none")
	}
}

func TestPeriods(t *testing.T) {
	for _, c := range []struct{ text, first, last string }{
		{"202602", "2026-02-01", "2026-02-28"},
		{"202402", "2024-02-01", "2024-02-29"},
		{"202612", "2026-12-01", "2026-12-31"},
		{"2026Q1", "2026-01-01", "2026-03-31"},
		{"2026Q4", "2026-10-01", "2026-12-31"},
		{"2026", "2026-01-01", "2026-12-31"},
	} {
		p, ok := indicator.ParsePeriod(c.text)
		if !ok || p.First() != c.first || p.Last() != c.last || p.String() != c.text {
			t.Errorf("%s is %v: %s to %s", c.text, p, p.First(), p.Last())
		}
		if back, ok := indicator.PeriodOf(c.first, c.last); !ok || back != p {
			t.Errorf("%s to %s is %v, want %s", c.first, c.last, back, c.text)
		}
	}
	for _, wrong := range []string{"", "202613", "202600", "2026Q5", "2026Q0", "20261", "2026-1", "+026", "2026q1"} {
		if p, ok := indicator.ParsePeriod(wrong); ok {
			t.Errorf("%q is read as %v", wrong, p)
		}
	}
	if _, ok := indicator.PeriodOf("2026-02-01", "2026-03-31"); ok {
		t.Error("two months are no period")
	}
	august := indicator.Period{Year: 2026, Month: 8, Months: 1}
	if got := fmt.Sprint(august.Quarter(), august.YearOf(), august.Plus(5), august.Plus(-8), august.Quarter().Plus(3)); got != "2026Q3 2026 202701 202512 2026Q4" {
		t.Error(got)
	}
	if a, b := indicator.ReportID("hf-enrol", "Location/a", august), indicator.ReportID("hf-enrol", "Location/b", august); a == b || len(a) > 64 || !strings.HasPrefix(a, "hf-enrol-202608-") {
		t.Errorf("the ids are %s and %s", a, b)
	}
}
