// Package tables reads products from spreadsheets and writes them as such: a
// folder of CSV files, of which each has a row for each thing that it says.
//
// Its doors are Read, which makes InsurancePlans of a folder and tells what is
// wrong by file, row and column, and Write, which makes the tables of an
// InsurancePlan, so that reading them gives the same InsurancePlan again. What
// the columns are is in docs/products.md.
package tables

import (
	"fmt"
	"strings"
)

// The files of a folder. Only the first must be there.
const (
	fileProducts      = "products.csv"
	fileBenefits      = "benefits.csv"
	fileCosts         = "costs.csv"
	fileContributions = "contributions.csv"
	fileEmployment    = "employment.csv"
	fileDiscounts     = "discounts.csv"
	fileRelative      = "relative_prices.csv"
	fileCapitation    = "capitation.csv"
	fileReviews       = "reviews.csv"
	fileGroups        = "groups.csv"
)

// A Table is what a file holds.
type Table struct {
	File    string
	Columns []Column
}

// A Column is one of a table.
type Column struct {
	Name     string
	Required bool
	Holds    string // as the documentation tells it
}

// listMark parts what a cell lists.
const listMark = ";"

// Tables are all tables that there are, in the order in which they are read.
func Tables() []Table {
	return []Table{
		{fileProducts, productColumns()},
		{fileBenefits, benefitColumns()},
		{fileCosts, costColumns()},
		{fileContributions, contributionColumns()},
		{fileEmployment, employmentColumns()},
		{fileDiscounts, discountColumns()},
		{fileRelative, relativeColumns()},
		{fileCapitation, capitationColumns()},
		{fileReviews, reviewColumns()},
		{fileGroups, groupColumns()},
	}
}

func productColumns() []Column {
	return append([]Column{
		{"product", true, "the number of the product, the same in all versions"},
		{"version", false, "the number of this version; the product and the month it starts where empty: `DHP\\|2026-01`"},
		{"id", false, "the id of the InsurancePlan; made from the version where empty: `dhp-2026-01`"},
		{"name", true, "as members know it"},
		{"alias", false, "other names, parted by `;`"},
		{"kind", false, "contributory, employer, private, subsidised, voucher or tracking"},
		{"type", false, "a code of HL7's insurance-plan-type, such as medical"},
		{"status", false, "draft (where empty), active or retired"},
		{"start", true, "the first day on which it is sold: 2026-01-01"},
		{"end", false, "the last such day"},
		{"owner", true, "the Organization whose product it is: its id as `Organization/ID`"},
		{"administrator", false, "the Organization that runs it; the owner where empty"},
		{"area", false, "where it is sold: Locations as `Location/ID` or by their code, parted by `;`"},
		{"network", false, "the facilities that members are told of: Organizations as `Organization/ID` or by their number, parted by `;`; empty is all. Whom claims pay follows from their contracts and price lists"},
		{"currency", false, "of all amounts of the product: TZS"},
		{"insurance_period", false, "how long a policy lasts: 12 months"},
		{"max_members", false, "how many members a policy covers"},
		{"administration_period", false, "between enrolment and the start of a first policy: 14 days"},
		{"grace_enrolment", false, "how long after the start of a cycle a first policy may join it"},
		{"grace_renewal", false, "the same for a renewed policy"},
		{"grace_payment", false, "how long after enrolment or renewal may be paid"},
		{"recurrence", false, "after how long without a policy registration is due again"},
		{"calendar", false, "what cycles are counted by: gregorian (where empty) or bikram-sambat"},
		{"cycles", false, "the days, dd-mm, on which policies begin, parted by `;`"},
		{"max_installments", false, "in how many payments a contribution may be paid"},
		{"age_of_majority", false, "from which age a member is an adult; 18 where empty"},
		{"ceiling_scope", false, "whether in-patient money goes by the stay or the hospital"},
		{"conversion", false, "the product that policies are renewed to: its number, or `InsurancePlan/ID`"},
		{"predecessor", false, "the version that this one follows: `InsurancePlan/ID`"},
		{"reversal_rule", false, "what becomes of a policy when its payment is taken back: suspend or arrears"},
		{"account_contribution", false, "the account that contributions are booked on"},
		{"account_remuneration", false, "the account that payments to facilities are booked on"},
		{"plan", false, "the number of its plan; of the first, where `employment.csv` has several"},
	}, ruleColumns()...)
}

// aboutEntry are the columns by which a row says what it is about.
func aboutEntry() []Column {
	return []Column{
		{"product", true, "the product; with several versions in the folder, the version"},
		{"entry", true, "what the row is about: the code of a service or drug; S, C, D, A, H, O or V for a category; all, inpatient or outpatient; of a set of services a code of its own"},
		{"system", false, "the code system of the entry, where it is none of these"},
		{"name", false, "the entry in words; once is enough"},
		{"set", false, "the URL of the ValueSet that is the set of services; once is enough"},
	}
}

// conditions are the columns by which a row says when it holds.
func conditions() []Column {
	return []Column{
		{"who", false, "individual or family: whose use is counted"},
		{"over", false, "unit, claim, day, annual, policy, lifetime or pregnancy: over what it is counted"},
		{"age", false, "adult or child; empty is both"},
		{"visit", false, "emergency, referral, other, ambulatory or inpatient; empty is all"},
		{"setting", false, "inpatient or outpatient; empty is both"},
		{"group", false, "a group of patients, as in `groups.csv`; empty is everybody"},
	}
}

func benefitColumns() []Column {
	return append(append(
		aboutEntry(),
		Column{"rule", false, "empty says that the entry is covered; quantity and visits limit it; waiting is its waiting period; authorization says that the scheme agrees beforehand; once-a-day, referral, capitated, diagnosis-excluded and diagnosis-required are rules that decide claims; wage-replacement pays a part of the wage"},
		Column{"value", false, "of the rule: a number, or for waiting a time: 6 months. 0 allows none. yes or no for once-a-day and capitated, hospital or elsewhere for referral, a code of ICD-10 or `SYSTEM\\|CODE` for a diagnosis, a percentage for wage-replacement"},
		Column{"after", false, "of wage-replacement: how many first days it is not paid for"},
	), conditions()...)
}

func costColumns() []Column {
	return append(
		append(append(
			aboutEntry(),
			Column{"cost", true, "copay-percent (the patient's share), copay, copay-maximum, deductible, benefit (a ceiling, or with `unit` the most for each), price-origin or ceiling-exclusion; or one of the rules once-a-day, referral, capitated, diagnosis-excluded and diagnosis-required, for what is covered by entries of its own"},
			Column{"value", true, "a percentage or an amount; list, own or relative for price-origin; inpatient, outpatient or both for ceiling-exclusion; of a rule as in `benefits.csv`"},
		), conditions()...),
		Column{"extra_threshold", false, "from how many members on a family's ceiling grows"},
		Column{"extra_amount", false, "by how much it grows for each further member"},
		Column{"extra_maximum", false, "up to how much"},
		Column{"text", false, "the cost in words"},
	)
}

func contributionColumns() []Column {
	return []Column{
		{"product", true, "as in the other tables"},
		{"kind", true, "lumpsum, premiumAdult, premiumChild, registrationLumpsum, registrationFee, generalAssemblyLumpSum or generalAssemblyFee"},
		{"amount", true, "what is due"},
		{"threshold", false, "how many members the lump sum is for"},
		{"comment", false, "in words"},
	}
}

func employmentColumns() []Column {
	return []Column{
		{"product", true, "as in the other tables"},
		{"plan", true, "the number of the plan, which contracts with employers choose it by"},
		{"employee", false, "what is asked of the employee each month: `11 %` of his income, or an amount"},
		{"employer", false, "what is asked of the employer, in the same way"},
		{"floor", false, "lower income counts as this amount"},
		{"ceiling", false, "higher income counts as this amount"},
	}
}

func discountColumns() []Column {
	return []Column{
		{"product", true, "as in the other tables"},
		{"stage", true, "enrolment or renewal"},
		{"percentage", true, "how much less is due"},
		{"before", true, "for who comes how long before: 1 month"},
	}
}

func relativeColumns() []Column {
	return []Column{
		{"product", true, "as in the other tables"},
		{"setting", true, "all, inpatient or outpatient"},
		{"period", true, "monthly, quarterly or yearly"},
		{"percentages", false, "what each period may spend, parted by `;`: 12, 4 or 1 of them"},
	}
}

func capitationColumns() []Column {
	return []Column{
		{"product", true, "as in the other tables"},
		{"levels", false, "of facilities: D, C or H, or a sub-level of the scheme's as `SYSTEM\\|CODE`, parted by `;`"},
		{"share", true, "of the contributions that is handed out, a percentage"},
		{"population", false, "the weight of a facility's population, a percentage; so are those that follow"},
		{"families", false, "of families"},
		{"insured", false, "of insured persons"},
		{"insured_families", false, "of insured families"},
		{"visits", false, "of visits"},
		{"amount", false, "of adjusted amounts"},
	}
}

// A Fault is what is wrong with a table, and how to put it right.
type Fault struct {
	File   string
	Line   int    // from 1, the header; 0 is the file as a whole
	Column string // "" is the row as a whole
	Rule   string
	WayOut string
}

// String gives "costs.csv:3: value: rule; way out".
func (f Fault) String() string {
	var text strings.Builder
	text.WriteString(f.File)
	if f.Line > 0 {
		fmt.Fprintf(&text, ":%d", f.Line)
	}
	if f.Column != "" {
		text.WriteString(": " + f.Column)
	}
	text.WriteString(": " + f.Rule)
	if f.WayOut != "" {
		text.WriteString("; " + f.WayOut)
	}
	return text.String()
}
