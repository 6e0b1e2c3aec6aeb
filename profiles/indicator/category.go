package indicator

import (
	"fmt"
	"slices"
)

// The codes of the categories.
const (
	Sex       = "HF_SEX"
	Age       = "HF_AGE"
	AgeUnder5 = "HF_AGE2"
	Poverty   = "HF_POV"
	NewRenew  = "HF_NEWREN"
	PayState  = "HF_PAYST"
	Product   = "HF_PROD"
	Payer     = "HF_PAYER"
	Channel   = "HF_CHAN"
	Care      = "HF_CARE"
	Stage     = "HF_STAGE"
	Rejection = "HF_REJ"
	Diagnosis = "HF_DXG"
	Service   = "HF_SVC"
	Line      = "HF_LINE"
)

// OptionsMax is how many options DHIS2 allows a category, CategoriesMax how many
// categories a combo and CellsMax how many cells. Source: DHIS2 2.41
// (metadata.categories.max_options, max_per_combo, max_combinations).
const (
	OptionsMax    = 50
	CategoriesMax = 5
	CellsMax      = 500
)

// Other is the suffix of the options for what fits no other.
const Other = "OTHER"

// Unknown is the suffix for what is not known; of sex it is "U".
const Unknown = "UNK"

// An Option is one value of a category.
type Option struct {
	Suffix string // "F": unique within the category
	Code   string // "HF_SEX_F"
	Name   string // "Female"
}

// A Category is what numbers are told apart by.
type Category struct {
	Code    string
	Name    string
	Options []Option
}

// Option finds an option by its suffix.
func (c *Category) Option(suffix string) (Option, bool) {
	i := slices.IndexFunc(c.Options, func(o Option) bool { return o.Suffix == suffix })
	if i < 0 {
		return Option{}, false
	}
	return c.Options[i], true
}

// category makes a category of suffixes and names in turn.
func category(code, name string, options ...string) Category {
	c := Category{Code: code, Name: name}
	for i := 0; i+1 < len(options); i += 2 {
		c.add(options[i], options[i+1])
	}
	return c
}

func (c *Category) add(suffix, name string) {
	c.Options = append(c.Options, Option{suffix, c.Code + "_" + suffix, name})
}

// categories gives all categories, with the bands and products of a scheme.
func categories(bands []int, products []Offered) []Category {
	all := []Category{
		category(Sex, "Sex", "M", "Male", "F", "Female", "U", "Other or unknown"),
		ages(bands),
		category(AgeUnder5, "Age under 5", "U5", "Under 5 years", "5P", "5 years and over"),
		category(Poverty, "Poverty", "POOR", "Poor", "NONPOOR", "Not poor", Unknown, "Not known"),
		category(NewRenew, "New or renewed", "NEW", "New", "RENEW", "Renewed"),
		category(PayState, "State of payment", "PAID", "Paid", "PARTIAL", "Paid in part", "UNPAID", "Not paid", "NOPOL", "No policy"),
		offered(products),
		category(Payer, "Who paid", "HOUSEHOLD", "Household", "GOVERNMENT", "Government", "DONOR", "Donor", "EMPLOYER", "Employer", Other, "Other"),
		category(Channel, "How it was paid", "CASH", "Cash", "BANK", "Bank", "MOBILE", "Mobile money", "PAYROLL", "Payroll", Other, "Other"),
		category(Care, "Kind of care", "OPD", "Out-patient", "IPD", "In-patient", "EMER", "Emergency", "REF", "Referral"),
		category(Stage, "Stage of a claim", "ENTERED", "Entered", "CHECKED", "Checked, waits for a person", "PROCESSED", "Decided, its price is not",
			"VALUATED", "Decided with an amount", "REJECTED", "Rejected"),
		category(Rejection, "Why nothing is paid", "ELIG", "Not covered", "SVC", "Service not covered", "DUP", "Claimed before", "FREQ", "Too soon or too many",
			"CEILING", "A ceiling or limit of amount", "LIMIT_AGE_SEX", "Not for this age, sex or diagnosis", "PREAUTH", "Not asked beforehand", "DATE", "Dates or too late",
			"DOC", "Papers and proof", "MEDREV", "Medical review", Other, "Other"),
		diagnoses(),
		category(Service, "Kind of service", "CONSULT", "Consultation", "LAB", "Laboratory", "IMAGING", "Imaging", "SURGERY", "Surgery", "WARD", "Ward",
			"ANC_DEL", "Antenatal care and delivery", "DRUG", "Drugs", "CONSUMABLE", "Consumables", Other, "Other"),
		category(Line, "Result of a line", "APPROVED", "Approved", "PARTIAL", "Approved in part", "REJECTED", "Rejected"),
	}
	return all
}

// bandsDefault are the bands of openIMIS: where the second and each later band begins, in
// years. Source: openIMIS dhis2_etl (AGE_GROUPS).
var bandsDefault = []int{6, 13, 19, 26, 36, 56, 76}

// ages gives the category of age with bands that begin at these years.
func ages(bands []int) Category {
	c := Category{Code: Age, Name: "Age"}
	from := 0
	for _, next := range bands {
		c.add(fmt.Sprintf("%02d_%02d", from, next-1), fmt.Sprintf("%d to %d years", from, next-1))
		from = next
	}
	c.add(fmt.Sprintf("%02dP", from), fmt.Sprintf("%d years and over", from))
	c.add(Unknown, "Not known")
	return c
}

// Band gives the suffix of the band of an age in whole years; below 0 it is not
// known.
func (p *Package) Band(years int) string {
	options := p.byCode[Age].Options
	if years < 0 {
		return Unknown
	}
	at := 0
	for at < len(p.bands) && years >= p.bands[at] {
		at++
	}
	return options[at].Suffix
}
