package adjudication_test

import (
	"fmt"
	"slices"
	"testing"

	"bima/adjudication"
	"bima/fhir"
)

func TestDiagnosesAreAskedOnlyWhereARuleGoesByThem(t *testing.T) {
	list := []adjudication.Code{service("O80")}
	for name, test := range map[string]struct {
		policies []adjudication.Policy
		lines    []adjudication.Line
		want     bool
	}{
		"of no policy and no line":         {},
		"of an unknown product":            {policies: []adjudication.Policy{{}}},
		"of a plan without such rules":     {policies: []adjudication.Policy{{Plan: &adjudication.Plan{}}}},
		"of a plan with one":               {policies: []adjudication.Policy{{}, {Plan: &adjudication.Plan{Diagnoses: true}}}, want: true},
		"of an unknown service":            {lines: []adjudication.Line{{}}},
		"of a service without such a rule": {lines: []adjudication.Line{{Tariff: &adjudication.Tariff{}}}},
		"of a service for some diagnoses":  {lines: []adjudication.Line{{}, {Tariff: &adjudication.Tariff{Indicated: list}}}, want: true},
		"of a service not for some":        {lines: []adjudication.Line{{Tariff: &adjudication.Tariff{Excluded: list}}}, want: true},
		"of a service with both":           {lines: []adjudication.Line{{Tariff: &adjudication.Tariff{Excluded: list, Indicated: list}}}, want: true},
	} {
		c := adjudication.Case{Policies: test.policies, Lines: test.lines}
		if got := c.AsksDiagnoses(); got != test.want {
			t.Errorf("%s: diagnoses are asked %t, want %t", name, got, test.want)
		}
	}
}

func TestLimitsOnMoneyAreTold(t *testing.T) {
	for measure, want := range map[adjudication.Measure]bool{
		adjudication.MeasureCeiling: true, adjudication.MeasureDeductible: true, adjudication.MeasureVisits: false, adjudication.MeasureQuantity: false,
	} {
		if got := (adjudication.LeftOf{Measure: measure}).Money(); got != want {
			t.Errorf("a limit of measure %d is on money: %t, want %t", measure, got, want)
		}
	}
}

func TestAgeGroupsIncludeTheirEnds(t *testing.T) {
	on := adjudication.Day(20_000) // 2024-10-04
	born := func(years int) adjudication.Patient {
		return adjudication.Patient{Born: adjudication.DayOf(adjudication.Date(on).AddDate(-years, 0, 0)), HasBirth: true}
	}
	for name, test := range map[string]struct {
		group   adjudication.PatientGroup
		patient adjudication.Patient
		want    bool
	}{
		"younger than the group":       {adjudication.PatientGroup{Aged: true, From: 60, To: 70}, born(59), false},
		"of its first age":             {adjudication.PatientGroup{Aged: true, From: 60, To: 70}, born(60), true},
		"of its last age":              {adjudication.PatientGroup{Aged: true, From: 60, To: 70}, born(70), true},
		"older than the group":         {adjudication.PatientGroup{Aged: true, From: 60, To: 70}, born(71), false},
		"of a group without an end":    {adjudication.PatientGroup{Aged: true, From: 60}, born(99), true},
		"of an age not known":          {adjudication.PatientGroup{Aged: true, To: 70}, adjudication.Patient{}, false},
		"of a group by something else": {adjudication.PatientGroup{From: 0, To: 70}, born(30), false},
	} {
		if got := test.group.Has(test.patient, on); got != test.want {
			t.Errorf("a patient %s is in it: %t, want %t", name, got, test.want)
		}
	}
}

func TestAStayIsPricedByThePolicyThatIsAskedFirst(t *testing.T) {
	line, all := adjudication.Period{From: 11, To: 12}, adjudication.Always()
	admission, discharge := adjudication.Period{From: 10, To: 10}, adjudication.Period{From: 15, To: 15}
	policy := func(by adjudication.Deciding, order int, days adjudication.Period) adjudication.Policy {
		return adjudication.Policy{Plan: &adjudication.Plan{Decides: by}, Order: order, Policy: days, Covered: days}
	}
	stopped, left, unplanned := policy(adjudication.DecidesAdmission, 1, all), policy(adjudication.DecidesAdmission, 1, all), policy(adjudication.DecidesLine, 1, all)
	stopped.Stopped, left.Covered, unplanned.Plan = true, discharge, nil
	for name, test := range map[string]struct {
		policies []adjudication.Policy
		want     adjudication.Period
	}{
		"no policy":                        {nil, line},
		"one of an unknown product":        {[]adjudication.Policy{unplanned, policy(adjudication.DecidesAdmission, 2, all)}, admission},
		"a plan that goes by lines":        {[]adjudication.Policy{policy(adjudication.DecidesLine, 1, all)}, line},
		"one that goes by lines first":     {[]adjudication.Policy{policy(adjudication.DecidesAdmission, 2, all), policy(adjudication.DecidesLine, 1, all)}, line},
		"one by admission first":           {[]adjudication.Policy{policy(adjudication.DecidesDischarge, 2, all), policy(adjudication.DecidesAdmission, 1, all)}, admission},
		"one by discharge, of equals":      {[]adjudication.Policy{policy(adjudication.DecidesDischarge, 0, all), policy(adjudication.DecidesAdmission, 0, all)}, discharge},
		"one that ended before admission":  {[]adjudication.Policy{policy(adjudication.DecidesAdmission, 1, discharge), policy(adjudication.DecidesDischarge, 2, all)}, discharge},
		"one that the patient joined late": {[]adjudication.Policy{left, policy(adjudication.DecidesDischarge, 2, all)}, discharge},
		"one that is stopped":              {[]adjudication.Policy{stopped, policy(adjudication.DecidesDischarge, 2, all)}, discharge},
	} {
		c := adjudication.Case{Treatment: adjudication.Period{From: 10, To: 15}, Policies: test.policies}
		if got := c.PricedOn(&adjudication.Line{Served: line}); got != test.want {
			t.Errorf("%s: priced on %v, want %v", name, got, test.want)
		}
	}
}

func TestReasonsAndStagesHaveNames(t *testing.T) {
	for s := range adjudication.StageCeiling + 3 {
		known := s >= adjudication.StageDuplicate && s <= adjudication.StageCeiling
		if got := s.String(); (got != "none") != known {
			t.Errorf("stage %d is called %q", s, got)
		}
	}
}

// Tallies ask the ledger for what a Case needs and nothing more: each window is a
// query on the way of a claim.
func TestACaseAsksTheLedgerForWhatItNeeds(t *testing.T) {
	for name, test := range map[string]struct {
		text string
		want int
	}{
		"no limits":                       {"plan P all covered", 0},
		"a limit of the treatment":        {"plan P all covered | ceiling 5 treatment", 0},
		"limits of all of a policy":       {"plan P all covered | ceiling 5 family year | ceiling 5 individual | deductible 5 individual year", 1},
		"a count of the person, too":      {"plan P all covered | ceiling 5 family year\nplan P S-1 quantity 5 individual year", 2},
		"a service of another line":       {"plan P all covered\nplan P S-2 quantity 5 individual year", 0},
		"a plan that pays no night twice": {"plan P all covered", 0},
	} {
		header := "plan P TZS\n"
		if name == "a plan that pays no night twice" {
			header = "plan P TZS admissions\n"
		}
		c := parseCase(t, "claim TZS AMB 2026-05-01\nservice S-1 price HOSPITAL 1\n"+header+test.text+"\npolicy A plan P 2026-01-01..2026-12-31\nline 1 S-1 1 x 1")
		if got := c.Tallies(fhir.Key{}); len(got) != test.want {
			t.Errorf("%s: %d windows are asked for, want %d: %v", name, len(got), test.want, got)
		}
	}
}

func TestAccountsAreThoseOfPoliciesThatMayPay(t *testing.T) {
	c := adjudication.Case{Policies: []adjudication.Policy{
		{Account: "Contract/a", Member: "a|p", Plan: &adjudication.Plan{}},
		{Account: "Contract/b", Member: "b|p", Plan: &adjudication.Plan{}, Stopped: true},
		{Account: "Contract/c", Member: "c|p"},
	}}
	if got, want := c.Accounts(), []string{"Contract/a", "a|p"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// What a preauthorization agrees to may be given for as many days as the product
// says, 30 where it says nothing; of several products the fewest count.
func TestAPreauthorizationHoldsForDays(t *testing.T) {
	policy := func(days int) adjudication.Policy {
		return adjudication.Policy{Plan: &adjudication.Plan{AuthorisationDays: days}}
	}
	paid := adjudication.LineOutcome{Submitted: 10}
	denied := adjudication.LineOutcome{Submitted: 10, Denied: adjudication.ReasonCoverage}
	nobody := adjudication.LineOutcome{Submitted: 10, Policy: -1}
	nothing := adjudication.LineOutcome{Submitted: 10, Adjustments: []adjudication.Adjustment{{Amount: 10}}}
	free := adjudication.LineOutcome{}
	second := adjudication.LineOutcome{Submitted: 10, Policy: 1}
	for name, test := range map[string]struct {
		visit      adjudication.Visit
		treatment  adjudication.Period
		policies   []adjudication.Policy
		lines      []adjudication.LineOutcome
		asked      adjudication.Day
		want       adjudication.Period
		wantAgreed bool
	}{
		"as long as the product says":             {policies: []adjudication.Policy{policy(10)}, lines: []adjudication.LineOutcome{paid}, asked: 95, want: adjudication.Period{From: 95, To: 110}, wantAgreed: true},
		"from today where it is asked for later":  {policies: []adjudication.Policy{policy(10)}, lines: []adjudication.LineOutcome{paid}, asked: 105, want: adjudication.Period{From: 100, To: 110}, wantAgreed: true},
		"30 days where it says nothing":           {policies: []adjudication.Policy{policy(0)}, lines: []adjudication.LineOutcome{paid}, asked: 100, want: adjudication.Period{From: 100, To: 130}, wantAgreed: true},
		"the fewest days of several":              {policies: []adjudication.Policy{policy(20), policy(10)}, lines: []adjudication.LineOutcome{paid, second}, asked: 100, want: adjudication.Period{From: 100, To: 110}, wantAgreed: true},
		"the fewest days, whichever comes first":  {policies: []adjudication.Policy{policy(10), policy(20)}, lines: []adjudication.LineOutcome{paid, second}, asked: 100, want: adjudication.Period{From: 100, To: 110}, wantAgreed: true},
		"to the end of the care":                  {treatment: adjudication.Period{From: 100, To: 140}, policies: []adjudication.Policy{policy(10)}, lines: []adjudication.LineOutcome{paid}, asked: 100, want: adjudication.Period{From: 100, To: 140}, wantAgreed: true},
		"of an emergency from its first day":      {visit: adjudication.Emergency, treatment: adjudication.Period{From: 90, To: 92}, policies: []adjudication.Policy{policy(10)}, lines: []adjudication.LineOutcome{paid}, asked: 95, want: adjudication.Period{From: 90, To: 110}, wantAgreed: true},
		"of no emergency not before it was asked": {visit: adjudication.Inpatient, treatment: adjudication.Period{From: 90, To: 92}, policies: []adjudication.Policy{policy(10)}, lines: []adjudication.LineOutcome{paid}, asked: 95, want: adjudication.Period{From: 95, To: 110}, wantAgreed: true},
		"of an emergency asked before it":         {visit: adjudication.Emergency, treatment: adjudication.Period{From: 99, To: 99}, policies: []adjudication.Policy{policy(10)}, lines: []adjudication.LineOutcome{paid}, asked: 95, want: adjudication.Period{From: 95, To: 110}, wantAgreed: true},
		"what asks for no money is agreed to":     {policies: []adjudication.Policy{policy(10)}, lines: []adjudication.LineOutcome{free}, asked: 100, want: adjudication.Period{From: 100, To: 110}, wantAgreed: true},
		"a line that is denied is not":            {policies: []adjudication.Policy{policy(10)}, lines: []adjudication.LineOutcome{denied}, asked: 100},
		"nor one of which nothing is paid":        {policies: []adjudication.Policy{policy(10)}, lines: []adjudication.LineOutcome{nothing}, asked: 100},
		"nor one that no policy decides":          {policies: []adjudication.Policy{policy(10)}, lines: []adjudication.LineOutcome{nobody}, asked: 100},
		"a denied line does not count beside one": {policies: []adjudication.Policy{policy(10), policy(20)}, lines: []adjudication.LineOutcome{denied, second}, asked: 100, want: adjudication.Period{From: 100, To: 120}, wantAgreed: true},
	} {
		c := adjudication.Case{Visit: test.visit, Treatment: test.treatment, Policies: test.policies}
		got, agreed := c.Holds(&adjudication.Decision{Lines: test.lines}, test.asked, 100)
		if agreed != test.wantAgreed || agreed && got != test.want {
			t.Errorf("%s: it holds %v (%t), want %v (%t)", name, got, agreed, test.want, test.wantAgreed)
		}
	}
}

// Whichever of its codes a service is claimed by, its use counts by the one of the
// register, and by the one that is claimed where the register has none.
func TestUseCountsByTheCodeOfTheRegister(t *testing.T) {
	for name, test := range map[string]struct{ registered, want string }{
		"of the same code":           {"S-1", "use|S-1"},
		"of another code":            {"X-1", "use|X-1"},
		"of no code in the register": {"", "use|S-1"},
	} {
		c := parseCase(t, "claim TZS AMB 2026-05-01\nfacility lists HOSPITAL\npatient female 1990-03-01\n"+
			"service S-1 price HOSPITAL 1 every 10 days\nplan P TZS\nplan P all covered\npolicy A plan P 2026-01-01..2026-12-31\nline 1 S-1 1 x 1")
		c.Lines[0].Tariff.Service = service(test.registered)
		d := adjudication.Adjudicate(c)
		if len(d.Entries) != 1 || d.Entries[0].Bucket != test.want {
			t.Errorf("the use of a service %s is %v, want it in %s", name, d.Entries, test.want)
		}
	}
}

// Quantities of services are told where none is asked about: of up to 50 services all,
// of more those of which something is used. What has no such limit does not count.
func TestQuantitiesOfServicesAreTold(t *testing.T) {
	const account = "Patient/p"
	plan := func(limited int) *adjudication.Plan {
		p := &adjudication.Plan{All: &adjudication.Cover{}, Categories: map[adjudication.Code]*adjudication.Cover{service("OTHER"): {}}}
		for i := range limited {
			code := service(fmt.Sprintf("X%02d", i))
			p.Categories[code] = &adjudication.Cover{Quantities: []adjudication.Limit{{Scope: adjudication.ScopeIndividual, Span: adjudication.SpanLifetime, Maximum: fhir.Units(5), Bucket: "use|" + code.Code}}}
		}
		return p
	}
	used := []adjudication.Use{{Account: account, Bucket: "use|X07", Value: int64(fhir.Units(2))}}
	asked := []adjudication.Line{{Service: service("X01"), Served: adjudication.Period{From: 20_000, To: 20_000}}}
	for name, test := range map[string]struct {
		limited int
		used    []adjudication.Use
		lines   []adjudication.Line
		told    int
	}{
		"of fifty":                            {limited: 50, told: 50},
		"of fifty-one":                        {limited: 51},
		"of fifty-one, one of them used":      {limited: 51, used: used, told: 1},
		"of fifty, one of them used":          {limited: 50, used: used, told: 50},
		"of fifty, one asked about":           {limited: 50, used: used, lines: asked},
		"of fifty-one, one used, another ask": {limited: 51, used: used, lines: asked},
	} {
		c := adjudication.Case{
			Inquiry: true, Dated: true, Treatment: adjudication.Period{From: 20_000, To: 20_000}, Patient: adjudication.Patient{Account: account}, Used: test.used, Lines: test.lines,
			Policies: []adjudication.Policy{{Plan: plan(test.limited), Policy: adjudication.Always(), Covered: adjudication.Always()}},
		}
		left := adjudication.Stand(&c, 0).Left
		if len(left) != test.told {
			t.Errorf("%s: %d are told, want %d", name, len(left), test.told)
		}
		for _, l := range left {
			if uses := l.Used == fhir.Units(2); uses != (l.On == service("X07") && test.used != nil) {
				t.Errorf("%s: of %s %s is used", name, l.On, l.Used)
			}
		}
	}
}

// Notes that a ceiling is used up are left out, in whatever order they stand; the
// others and the lines that bear them are numbered anew.
func TestADecisionWithoutSomeOfItsNotes(t *testing.T) {
	note := func(number int, format string) adjudication.Note {
		return adjudication.Note{Number: number, Format: format}
	}
	d := adjudication.Decision{
		Notes: []adjudication.Note{note(1, "The policy's ceiling of %s is now used up."), note(2, "Dearer than agreed."), note(3, "The ceiling of %s for %s is now used up."), note(4, "This is now used up")},
		Lines: []adjudication.LineOutcome{{Notes: []int{1, 2}}, {Notes: []int{3}}, {Notes: []int{4, 2}}},
	}
	got := d.Without(adjudication.Note.TellsCeiling)
	if want := []adjudication.Note{note(1, "Dearer than agreed."), note(2, "This is now used up")}; !slices.EqualFunc(got.Notes, want, func(a, b adjudication.Note) bool { return a.Number == b.Number && a.Format == b.Format }) {
		t.Errorf("notes %v, want %v", got.Notes, want)
	}
	for i, want := range [][]int{{1}, nil, {2, 1}} {
		if !slices.Equal(got.Lines[i].Notes, want) {
			t.Errorf("line %d bears %v, want %v", i, got.Lines[i].Notes, want)
		}
	}
	if len(d.Notes) != 4 || !slices.Equal(d.Lines[0].Notes, []int{1, 2}) {
		t.Errorf("the decision itself has become %v", d)
	}
}
