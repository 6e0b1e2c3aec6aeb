package tables_test

import (
	"io/fs"
	"os"
	"strings"
	"testing"

	"bima/fhir"
	"bima/resources/insuranceplan"
	"bima/resources/insuranceplan/tables"
)

func readFile(files fs.FS, name string) ([]byte, error) { return fs.ReadFile(files, name) }

// wrong reads the five products with one file changed, and gives what is wrong
// with them by tables and by the rules of products.
func wrong(t *testing.T, file, old, new string) []string {
	t.Helper()
	files := map[string][]byte{}
	for _, table := range tables.Tables() {
		text, err := readFile(os.DirFS("testdata/five"), table.File)
		if err != nil {
			t.Fatal(err)
		}
		files[table.File] = text
	}
	changed := strings.Replace(string(files[file]), old, new, 1)
	if changed == string(files[file]) {
		t.Fatalf("%s has no %s", file, old)
	}
	files[file] = []byte(changed)
	products, faults := tables.Read(folder(files))
	for _, p := range products {
		for _, issue := range insuranceplan.Check(parse(t, p.Body)) {
			if issue.Severity == fhir.SeverityError {
				faults = append(faults, p.Fault(issue))
			}
		}
	}
	var said []string
	for _, f := range faults {
		said = append(said, f.String())
	}
	return said
}

func TestFaultsNameTheCellTheRuleAndTheWayOut(t *testing.T) {
	cases := []struct{ name, file, old, new, want string }{
		{"a column nobody knows", "costs.csv", "extra_threshold", "extra", `costs.csv:1: extra: the table has no such column; there are product, entry`},
		{"a column that is missing", "contributions.csv", "product,kind,amount", "product,kind,comment", `contributions.csv:1: amount: the column is missing; add it`},
		{"an amount with commas", "contributions.csv", "CHF,lumpsum,60000", `CHF,lumpsum,"60,000"`, `contributions.csv:2: amount: "60,000" is no number of 0 or more with at most four decimals; write it as 60000`},
		{"an amount below 0", "contributions.csv", "15000", "-15000", `contributions.csv:3: amount: "-15000" is no number`},
		{"a kind nobody knows", "contributions.csv", "premiumChild,7500", "premiumDog,7500", `contributions.csv:4: kind: "premiumDog" is none of those it may be; there are lumpsum`},
		{"a product that is not there", "costs.csv", "PRIV,all,,,copay-percent", "PRIVATE,all,,,copay-percent", `costs.csv:32: product: there is no product "PRIVATE" in products.csv; add it there`},
		{"a day that is none", "products.csv", "2027-12-31", "31.12.2027", `products.csv:2: end: "31.12.2027" is no day; write it as 2026-01-31`},
		{"a time without a unit", "benefits.csv", "waiting,6 months", "waiting,6", `benefits.csv:3: value: "6" is no time; write it as 12 months`},
		{"half a month", "benefits.csv", "waiting,6 months", "waiting,0.5 months", `benefits.csv:3: value: "0.5 months" is no time`},
		{"an age nobody has", "benefits.csv", "6 months,,,adult", "6 months,,,old", `benefits.csv:3: age: "old" is none of those it may be; there are adult, child`},
		{"a value and no rule", "benefits.csv", "S-101,,Out-patient consultation,,,", "S-101,,Out-patient consultation,,5,", `benefits.csv:2: rule: the row has a value or conditions and no rule`},
		{"a rule and no value", "benefits.csv", "quantity,200", "quantity,", `benefits.csv:7: value: the rule has no value`},
		{"an owner that is no organization", "products.csv", "Organization/scheme,Organization/office", "Patient/x,Organization/office", `products.csv:2: owner: "Patient/x" names no Organization; write Organization/ID`},
		{"amounts without a currency", "products.csv", ",TZS,6 months", ",,6 months", `products.csv:4: currency: the product has amounts and no currency; name the currency`},
		{"a product that covers nothing", "benefits.csv", "PRIV,all,,,,,,,,,,\nPRIV,DENT,,Dental care,waiting,1 year,,,,,,\n", "", `products.csv:4: the product covers nothing; name what it covers in benefits.csv`},
		{"a version twice", "products.csv", "FREE,,,Free", "FREE,CHF|2026,,Free", `products.csv:5: version: row 2 is the same version`},
		{"a growing ceiling without an amount", "costs.csv", ",4,50000,900000,", ",4,,900000,", `costs.csv:12: extra_threshold: a ceiling that grows has a threshold and an amount`},
		{"a text of a cell too many", "discounts.csv", "renewal,10,1 month", "renewal,10,1,month", `discounts.csv:3: the row has 5 cells and the header 4; look for a comma in a text without quotes`},
		{"a review of a text without quotes", "reviews.csv", `"iif(Claim.item.count() > 20, true, false)",It`, "iif(Claim.item.count() > 20, true, false),It", `reviews.csv:3: kind: a row has a condition or a kind; make a row of each`},
		{"a review of nothing", "reviews.csv", "CHF,,,,amount,750000", "CHF,large", `reviews.csv:4: condition: the row has neither a condition nor a kind; say the condition`},
		{"a condition without a name", "reviews.csv", "CHF,many-lines,", "CHF,,", `reviews.csv:3: name: the condition has no name; give one word`},
		{"a condition that is no FHIRPath", "reviews.csv", "Claim.total.value > 500000", "Claim.total.", `reviews.csv:2: condition: claims can't be picked by the condition "large-claim"`},
		{"a kind of review nobody knows", "reviews.csv", "new-facility", "old-facility", `reviews.csv:7: kind: "old-facility" is none of those it may be; there are amount, share`},
		{"of several rules the one at fault", "reviews.csv", "learned-score,,,,,,,,,80", "learned-score,,,,,,,,,101", `reviews.csv:11: kind: a review rule of the kind learned-score needs a score from 0 to 100`},
		{"a share of reviews of 105 %", "reviews.csv", "share,,5,", "share,,105,", `reviews.csv:5: kind: a review rule of the kind share needs a percentage from 0 to 100`},
		{"an agreement that holds for no time", "products.csv", "60 days,48 hours", "0 days,48 hours", `products.csv:2: agreement_length: a preauthorization holds for a whole number of days`},
		{"an accident of another kind", "products.csv", ",not-work,", ",sport,", `products.csv:2: accident_cover: "sport" is none of those it may be; there are work, not-work, any`},
		{"a second opinion above no number", "products.csv", "10,1000000,", "10,much,", `products.csv:2: second_opinion: "much" is no number`},
		{"a review of no day", "products.csv", "48 hours,10,", "48 hours,0,", `products.csv:2: review_days: a review is due after 1 to 3650 days`},
		{"two sets of one entry", "benefits.csv", "CHF,CHRONIC,", "CHF,CHRONIC,,,quantity,3,individual,annual,,,,,urn:other,\nCHF,CHRONIC,", `benefits.csv:34: set: the entry is about the set "urn:other" already; give each set an entry of its own`},
		{"a wage of more than all", "benefits.csv", "wage-replacement,80.5", "wage-replacement,180", `benefits.csv:34: `},
		{"a rule of a cost under conditions", "costs.csv", "once-a-day,yes", "once-a-day,yes,individual", `costs.csv:40: this rule holds for everybody, so it has no conditions; leave them empty`},
		{"a rule of a cost that is none", "costs.csv", "once-a-day,yes", "once-a-day,maybe", `costs.csv:40: value: "maybe" is none of those it may be; there are yes, no`},
		{"a share of 120 %", "costs.csv", "copay-percent,10", "copay-percent,120", `costs.csv:3: value: the patient's share is a percentage from 0 to 100`},
		{"a cycle on 31 June", "products.csv", "01-01;01-04", "31-06;01-04", `products.csv:2: cycles: a cycle begins on a day that each year has`},
		{"a discount of 105 %", "discounts.csv", "enrolment,5", "enrolment,105", `discounts.csv:2: stage: a discount is a percentage from 0 to 100`},
		{"a fee and a lump sum for the same", "contributions.csv", "registrationFee,1000", "generalAssemblyFee,1000", `contributions.csv:6: kind: InsurancePlan.plan[0].generalCost[3] asks for generalAssemblyFee`},
		{"a ceiling that is never reached", "costs.csv", "benefit,100000,,claim", "benefit,350000,,claim", `costs.csv:10: value: this ceiling can never be reached`},
		{"a limit twice", "benefits.csv", "visits,20,individual,policy,,,", "visits,20,individual,policy,,,\nCHF,V,,,visits,21,individual,policy,,,", `benefits.csv:14: rule: `},
		{"four months of a year", "relative_prices.csv", "quarterly,20;25;25;30", "quarterly,20;25;25", `relative_prices.csv:2: percentages: there are 3 percentages of a year`},
		{"a capitation that weighs nothing", "capitation.csv", "40,30,10,30,10,15,5", "40,,,,,,", `capitation.csv:2: share: a capitation has the share`},
		{"a subsidised product with a contribution", "contributions.csv", "PRIV,premiumAdult,90000,,", "PRIV,premiumAdult,90000,,\nFREE,premiumAdult,90000,,", `contributions.csv:8: kind: members pay nothing for a product of kind subsidised; leave the cost out`},
		{"money in a product that tracks", "costs.csv", "FREE,all,,,copay-percent", "TRACK,all,,,copay-percent", `costs.csv:35: cost: a product that only tracks services pays and asks for no money; leave the cost out`},
		{"a share of employment of 120 %", "employment.csv", "11 %", "120 %", `employment.csv:2: plan: the share of the employee is a percentage from 0 to 100`},
		{"a share that is none", "employment.csv", "11 %", "eleven %", `employment.csv:2: employee: "eleven" is no number`},
		{"a floor above the ceiling", "employment.csv", "100000,2000000", "2000000,100000", `employment.csv:2: plan: the floor of the income is above its ceiling; exchange them`},
		{"nothing asked of anybody", "employment.csv", "5000,15000.50", ",", `employment.csv:4: plan: a contribution of employment has a share`},
		{"a plan twice", "employment.csv", "FORMAL-FIXED", "FORMAL-LOW", `employment.csv:4: plan: `},
		{"an authorization of a number", "benefits.csv", "authorization,,", "authorization,3,", `benefits.csv:16: rule: who needs an authorization needs it always`},
		{"a review that has spaces", "reviews.csv", "large-claim", "large claim", `reviews.csv:2: name: "large claim" is no name`},
		{"columns parted by semicolons", "discounts.csv", "product,stage,percentage,before", "product;stage;percentage;before", `discounts.csv:1: the columns are parted by semicolons; save it as CSV with commas`},
		{"no table of products", "products.csv", "product,version", "number,version", `products.csv:1: number: the table has no such column`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			said := wrong(t, c.file, c.old, c.new)
			for _, s := range said {
				if strings.HasPrefix(s, c.want) {
					return
				}
			}
			t.Errorf("want %q, got:\n%s", c.want, strings.Join(said, "\n"))
		})
	}
}
