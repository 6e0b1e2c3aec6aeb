package selection_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"bima/adjudication"
	"bima/adjudication/selection"
	"bima/fhir"
	"bima/profiles"
)

// figures are what a claim is compared with; asked counts the questions.
type figures struct {
	sum, claims  int64
	begun        int32
	known        bool
	made, spoken int
	signals      int
	learned      int
	trained      bool
	asked        int
	broken       error
}

func (f *figures) Diagnosis(selection.Code) (fhir.Amount, int64, error) {
	f.asked++
	return fhir.Units(f.sum), f.claims, f.broken
}

func (f *figures) Begun() (int32, bool, error) { f.asked++; return f.begun, f.known, f.broken }

func (f *figures) Claims(limit int) (int, error) { f.asked++; return min(f.made, limit), f.broken }

func (f *figures) Complaints(int) (int, error) { f.asked++; return f.spoken, f.broken }

func (f *figures) Signals() (int, string, error) { f.asked++; return f.signals, "", f.broken }

func (f *figures) Learned() (int, string, bool, error) {
	f.asked++
	return f.learned, "", f.trained, f.broken
}

func rule(kind string, parts ...string) string {
	return fmt.Sprintf(`{"url":%q,"extension":[%s]}`, profiles.ExtensionReviewRule, strings.Join(append([]string{fmt.Sprintf(`{"url":"kind","valueCode":%q}`, kind)}, parts...), ","))
}

func condition(text string) string {
	return fmt.Sprintf(`{"url":%q,"valueExpression":{"name":"said","language":"text/fhirpath","expression":%q}}`, profiles.ExtensionReviewCondition, text)
}

func tree(tb testing.TB, body string) fhir.Node {
	tb.Helper()
	doc, err := fhir.Parse([]byte(body))
	if err != nil {
		tb.Fatal(err)
	}
	return doc.Root()
}

func plan(tb testing.TB, extensions ...string) fhir.Node {
	tb.Helper()
	return tree(tb, `{"resourceType":"InsurancePlan","extension":[`+strings.Join(extensions, ",")+`]}`)
}

func amount(value string) string {
	return `{"url":"amount","valueMoney":{"value":` + value + `,"currency":"TZS"}}`
}

func percent(value string) string { return `{"url":"percentage","valueDecimal":` + value + `}` }

func number(name, value string) string {
	return `{"url":"` + name + `","valuePositiveInt":` + value + `}`
}

func score(value string) string { return `{"url":"score","valueUnsignedInt":` + value + `}` }

func service(code string) string {
	return `{"url":"service","valueCodeableConcept":{"coding":[{"system":"urn:s","code":"` + code + `"}]}}`
}

// day gives a day by its date.
func day(date string) int32 {
	d, _ := adjudication.ReadDay(date)
	return d
}

// Each condition on both sides of its edge. The claim is of 500 for malaria (B54),
// treated on 2026-03-31, with the service S, which the register marks as of high
// risk, and the service T of the category C.
func TestConditions(t *testing.T) {
	cases := []struct {
		name    string
		rule    string
		figures figures
		want    string // the name of the reason; "" picks nothing
	}{
		{"More than the amount.", rule("amount", amount("499.99")), figures{}, "large-claim"},
		{"Just the amount.", rule("amount", amount("500")), figures{}, ""},
		{"An amount in another currency.", strings.Replace(rule("amount", amount("1")), "TZS", "KES", 1), figures{}, ""},
		{"A name of the product's own.", rule("amount", amount("1"), `{"url":"name","valueCode":"dear"}`), figures{}, "dear"},
		{"All are drawn.", rule("share", percent("100")), figures{}, "random"},
		{"None is drawn.", rule("share", percent("0")), figures{}, ""},
		// 1200 of 3 claims is 400 on average; a quarter more is 500.
		{"As dear as the variance allows.", rule("diagnosis-variance", percent("25")), figures{sum: 1200, claims: 3}, ""},
		{"Dearer than that.", rule("diagnosis-variance", percent("24.9999")), figures{sum: 1200, claims: 3}, "diagnosis-variance"},
		{"Enough history.", rule("diagnosis-variance", percent("0"), number("history", "3")), figures{sum: 1200, claims: 3}, "diagnosis-variance"},
		{"Too little history.", rule("diagnosis-variance", percent("0"), number("history", "4")), figures{sum: 1200, claims: 3}, ""},
		{"No history.", rule("diagnosis-variance", percent("0")), figures{}, ""},
		{"No history, where that is asked for.", rule("diagnosis-variance", percent("0"), `{"url":"unknown","valueBoolean":true}`), figures{}, "diagnosis-variance"},
		// From 2025-12-31 three months are over on 2026-03-31.
		{"A contract of less than three months.", rule("new-facility", number("months", "3")), figures{begun: day("2026-01-01"), known: true}, "new-facility"},
		{"A contract of three months.", rule("new-facility", number("months", "3")), figures{begun: day("2025-12-31"), known: true}, ""},
		{"One month from the 31st ends with the month.", rule("new-facility", number("months", "1")), figures{begun: day("2026-02-28"), known: true}, ""},
		{"No contract is kept.", rule("new-facility", number("months", "3")), figures{}, ""},
		{"Nine claims.", rule("new-facility", number("claims", "10")), figures{made: 9}, "new-facility"},
		{"Ten claims.", rule("new-facility", number("claims", "10")), figures{made: 10}, ""},
		{"An old contract with few claims.", rule("new-facility", number("months", "1"), number("claims", "2")), figures{begun: day("2020-01-01"), known: true, made: 1}, "new-facility"},
		{"A service that the register marks.", rule("high-risk-service"), figures{}, "high-risk-service"},
		{"A service of the list.", rule("high-risk-service", service("T")), figures{}, "high-risk-service"},
		{"A category of the list.", rule("high-risk-service", service("C")), figures{}, "high-risk-service"},
		{"No service of the list.", rule("high-risk-service", service("U")), figures{}, ""},
		{"Two patients spoke against it.", rule("feedback", number("claims", "2")), figures{spoken: 2}, "feedback"},
		{"One did.", rule("feedback", number("claims", "2")), figures{spoken: 1}, ""},
		{"Signals above the score.", rule("signal-score", score("50")), figures{signals: 51}, "signals"},
		{"Signals of the score.", rule("signal-score", score("50")), figures{signals: 50}, ""},
		{"A learned score above.", rule("learned-score", score("50")), figures{learned: 51, trained: true}, "learned-score"},
		{"A learned score that is not.", rule("learned-score", score("50")), figures{learned: 50, trained: true}, ""},
		{"No model is on.", rule("learned-score", score("0")), figures{learned: 99}, ""},
		{"FHIRPath that holds.", condition("Claim.total.value > 499"), figures{}, "said"},
		{"FHIRPath that does not.", condition("Claim.total.value > 500"), figures{}, ""},
		{"FHIRPath of what is not there.", condition("Claim.accident.date > @2020"), figures{}, ""},
		{"FHIRPath that can't be told is for a person.", condition("Claim.item.sequence > 1"), figures{}, "said"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			rules, issues := selection.Compile(plan(t, c.rule))
			if len(issues) > 0 {
				t.Fatal(issues)
			}
			reasons, err := rules.Select(claim(t), &c.figures)
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			for _, r := range reasons {
				got += r.Name
				if r.Text == "" {
					t.Error("nothing is said to the reviewer")
				}
			}
			if got != c.want {
				t.Errorf("picked by %q, want %q", got, c.want)
			}
			if wants := strings.Contains(c.rule, "-facility") || strings.Contains(c.rule, "diagnosis-") || strings.Contains(c.rule, "feedback") || strings.Contains(c.rule, "-score"); !wants && c.figures.asked > 0 {
				t.Errorf("%d figures were asked for", c.figures.asked)
			}
		})
	}
}

func claim(tb testing.TB) *selection.Claim {
	tb.Helper()
	return &selection.Claim{
		ID: "c-1", Day: day("2026-03-31"), Currency: "TZS", Claimed: fhir.Units(500), Diagnosis: selection.Code{System: "icd", Code: "B54"},
		Node: tree(tb, `{"resourceType":"Claim","total":{"value":500,"currency":"TZS"},"item":[{"sequence":1},{"sequence":2}]}`),
		Services: []selection.Service{
			{Codes: []selection.Code{{System: "urn:s", Code: "S"}}, Risky: true},
			{Codes: []selection.Code{{System: "urn:s", Code: "T"}, {System: "urn:s", Code: "C"}}},
		},
	}
}

// Figures that can't be had break the decision off; they don't let a claim go.
func TestFiguresThatFail(t *testing.T) {
	for _, r := range []string{
		rule("diagnosis-variance", percent("0")), rule("new-facility", number("months", "1")), rule("new-facility", number("claims", "1")),
		rule("feedback"), rule("signal-score", score("0")), rule("learned-score", score("0")),
	} {
		rules, issues := selection.Compile(plan(t, r))
		if len(issues) > 0 {
			t.Fatal(issues)
		}
		if _, err := rules.Select(claim(t), &figures{broken: errors.New("no database"), known: true, trained: true}); err == nil {
			t.Errorf("%s does not fail", r)
		}
	}
}

func TestConditionsThatAreNone(t *testing.T) {
	for name, e := range map[string]string{
		"no such kind":              rule("weather"),
		"an amount without a sum":   rule("amount"),
		"an amount without a unit":  rule("amount", `{"url":"amount","valueMoney":{"value":1}}`),
		"an amount below 0":         rule("amount", amount("-1")),
		"a share above 100":         rule("share", percent("100.01")),
		"a share below 0":           rule("share", percent("-1")),
		"a variance of nothing":     rule("diagnosis-variance"),
		"a history of 0":            rule("diagnosis-variance", percent("1"), number("history", "0")),
		"a facility new to nobody":  rule("new-facility"),
		"a score above 100":         rule("signal-score", score("101")),
		"no score":                  rule("learned-score"),
		"half a month":              rule("feedback", number("months", "0.5")),
		"FHIRPath that is none":     condition("Claim.total.value >"),
		"FHIRPath of no element":    condition("Claim.totals > 1"),
		"another language":          strings.Replace(condition("true"), "text/fhirpath", "text/cql", 1),
		"a deadline of no day":      `{"url":"` + profiles.ExtensionReviewTerms + `","extension":[{"url":"deadlineDays","valuePositiveInt":0}]}`,
		"a second opinion of a sum": `{"url":"` + profiles.ExtensionReviewTerms + `","extension":[{"url":"secondOpinion","valueMoney":{"value":1}}]}`,
	} {
		rules, issues := selection.Compile(plan(t, e))
		if rules != nil || len(issues) == 0 || !strings.HasPrefix(issues[0].Expression, "InsurancePlan.extension('") {
			t.Errorf("%s: compiled with %v", name, issues)
		}
	}
	if rules, issues := selection.Compile(plan(t)); rules != nil || issues != nil {
		t.Errorf("a product without conditions has %v, %v", rules, issues)
	}
}

// A lot is the same each time, and near its share. The first 16 digits of
// echo -n '2026|c-1' | sha256sum are 2aa457b8216d6c2a, which is 16.6570 % of 2^64.
func TestLot(t *testing.T) {
	if selection.Drawn("2026", "c-1", 166_570) || !selection.Drawn("2026", "c-1", 166_571) {
		t.Error("c-1 is not drawn at 16.6570 %")
	}
	drawn := 0
	for i := range 10_000 {
		id := fmt.Sprintf("c-%d", i)
		one := selection.Drawn("2026", id, 5*10_000)
		if one != selection.Drawn("2026", id, 5*10_000) {
			t.Fatalf("%s is drawn and is not", id)
		}
		if one {
			drawn++
			if !selection.Drawn("2026", id, 6*10_000) {
				t.Errorf("%s is drawn of 5 %% and not of 6 %%", id)
			}
		}
	}
	// 500 expected, with a standard deviation of 22.
	if drawn < 400 || drawn > 600 {
		t.Errorf("%d of 10,000 are drawn, want about 500", drawn)
	}
}

func FuzzCompile(f *testing.F) {
	for _, seed := range []string{
		rule("amount", amount("1")), rule("share", percent("5")), rule("diagnosis-variance", percent("5"), number("history", "3")),
		rule("new-facility", number("months", "3")), rule("high-risk-service", service("S")), rule("signal-score", score("50")), condition("Claim.total.value > 1"),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, extensions string) {
		doc, err := fhir.Parse([]byte(`{"resourceType":"InsurancePlan","extension":[` + extensions + `]}`))
		if err != nil {
			return
		}
		rules, issues := selection.Compile(doc.Root())
		if rules != nil && len(issues) > 0 {
			t.Errorf("compiled with %v", issues)
		}
		if _, err := rules.Select(claim(t), &figures{}); err != nil {
			t.Error(err)
		}
	})
}
