package terms_test

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"bima/adjudication"
	"bima/adjudication/terms"
	"bima/fhir"
	"bima/profiles"
)

func tree(tb testing.TB, text string) fhir.Node {
	tb.Helper()
	doc, err := fhir.Parse([]byte(text))
	if err != nil {
		tb.Fatal(err)
	}
	return doc.Root()
}

func file(tb testing.TB, name string) string {
	tb.Helper()
	body, err := os.ReadFile("testdata/" + name)
	if err != nil {
		tb.Fatal(err)
	}
	return string(body)
}

func TestPlanOfTheWorkedExample(t *testing.T) {
	plan, issues := terms.CompilePlan(tree(t, file(t, "insuranceplan.json")))
	if len(issues) > 0 {
		t.Fatal(issues)
	}
	service := adjudication.Code{System: profiles.SystemService, Code: "S-310"}
	antenatal := adjudication.Code{System: profiles.SystemOpenIMISServiceKind, Code: "A"}
	quantity := func(age adjudication.Age, units int64) adjudication.Limit {
		return adjudication.Limit{
			When: adjudication.When{Age: age}, Scope: adjudication.ScopeIndividual, Span: adjudication.SpanYear,
			Maximum: fhir.Units(units), Bucket: "use|" + service.String(), Target: service.String(),
		}
	}
	surgery := &adjudication.Cover{
		Covered: true, Origin: adjudication.OriginList,
		Shares:      []adjudication.Term{{When: adjudication.When{Visit: adjudication.Ambulatory}, Value: fhir.Units(20)}},
		UnitMaximum: []adjudication.Term{{When: adjudication.When{Visit: adjudication.Emergency}, Value: fhir.Units(70_000)}},
		Waiting: []adjudication.Waiting{
			{When: adjudication.When{Age: adjudication.Adult}, Months: 6},
			{When: adjudication.When{Age: adjudication.Child}},
		},
		Quantities: []adjudication.Limit{quantity(adjudication.Adult, 2), quantity(adjudication.Child, 4)},
	}
	visits := &adjudication.Cover{Covered: true, Visits: []adjudication.Limit{{
		Scope: adjudication.ScopeIndividual, Span: adjudication.SpanPregnancy, Maximum: fhir.Units(4),
		Bucket: "visit|" + antenatal.String(), Shared: "visits|" + antenatal.String(), Target: antenatal.String(),
	}}}
	want := &adjudication.Plan{
		Name: "District Health Plan", Currency: "TZS", AgeOfMajority: 18,
		Services:   map[adjudication.Code]*adjudication.Cover{service: surgery},
		Categories: map[adjudication.Code]*adjudication.Cover{service: surgery, antenatal: visits},
		All: &adjudication.Cover{
			Ceilings: []adjudication.Limit{{
				Scope: adjudication.ScopeFamily, Span: adjudication.SpanYear, Maximum: fhir.Units(600_000), Bucket: "benefit",
			}},
			Deductibles: []adjudication.Limit{{
				Scope: adjudication.ScopeIndividual, Span: adjudication.SpanYear, Maximum: fhir.Units(5_000), Bucket: "deductible",
			}},
		},
	}
	if diff := cmp.Diff(want, plan, cmpopts.IgnoreFields(adjudication.Plan{}, "Review")); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestPlansThatContradictThemselves(t *testing.T) {
	cases := []struct{ name, old, new, at, said string }{
		{"A share above 100 % is refused.", `"value": 20,`, `"value": 120,`, "benefit[0].cost[0].value", "from 0 to 100"},
		{"A share below 0 is refused.", `"value": 20,`, `"value": -1,`, "benefit[0].cost[0].value", "from 0 to 100"},
		{"A ceiling below 0 is refused.", `"value": 600000`, `"value": -600000`, "benefit[1].cost[0].value", "0 or more"},
		{"Amounts in two currencies are refused.", `"code": "TZS"`, `"code": "KES"`, "benefit[1].cost[0].value", "in one currency"},
		{"Money needs a currency.", `"system": "urn:iso:std:iso:4217"`, `"system": "urn:other"`, "benefit[0].cost[1].value", "currency as its code"},
		{"A limit needs a value.", `"value": 2,`, `"value": -2,`, "coverage[0].benefit[1].limit[0].value", "leave the limit out"},
		{"A waiting period is whole.", `"value": 6,`, `"value": 6.5,`, "waiting-period", "whole number"},
		{"An origin is one of three.", `"valueCode": "list"`, `"valueCode": "guess"`, "price-origin", "list, own or relative"},
		{"A family has no lifetime.", `"code": "annual"`, `"code": "lifetime"`, "benefit[1].cost[0]", "of one person only"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			text := file(t, "insuranceplan.json")
			n := 1
			if c.old == `"code": "annual"` {
				n = -1
			}
			changed := strings.Replace(text, c.old, c.new, n)
			if changed == text {
				t.Fatalf("the plan has no %s", c.old)
			}
			plan, issues := terms.CompilePlan(tree(t, changed))
			if plan != nil || !fhir.Failed(issues) {
				t.Fatalf("the plan is taken: %v", issues)
			}
			var said []string
			for _, i := range issues {
				if strings.Contains(i.Expression, c.at) && strings.Contains(i.Diagnostics, c.said) {
					return
				}
				said = append(said, i.String())
			}
			t.Errorf("want %q at …%s, got %q", c.said, c.at, said)
		})
	}
}

// What no claim is decided by is told, and does not stand in the way: an
// InsurancePlan may describe more than this scheme knows.
func TestUnknownRulesAreWarnings(t *testing.T) {
	plan, issues := terms.CompilePlan(tree(t, `{"resourceType":"InsurancePlan","name":"P","plan":[{"specificCost":[{"benefit":[
		{"type":{"coding":[{"system":"urn:s","code":"x"}]},"cost":[{"type":{"coding":[{"code":"odd"}]},"value":{"value":1,"system":"urn:iso:std:iso:4217","code":"TZS"}}]},
		{"type":{"text":"free text"}}]}]}]}`))
	if plan == nil || fhir.Failed(issues) || len(issues) != 2 {
		t.Errorf("got %v, %v", plan, issues)
	}
}

func TestTariffOfTheWorkedExample(t *testing.T) {
	tariff, issues := terms.CompileTariff(tree(t, file(t, "chargeitemdefinition.json")))
	if len(issues) > 0 {
		t.Fatal(issues)
	}
	const first, last = 20454, 20818 // 2026-01-01 and 2026-12-31
	price := func(list string, units int64) adjudication.Price {
		return adjudication.Price{
			List: adjudication.Code{System: profiles.SystemPriceList, Code: list}, Amount: fhir.Units(units), Currency: "TZS",
			Valid: adjudication.Period{From: first, To: adjudication.LastDay},
		}
	}
	want := &adjudication.Tariff{
		Service:    adjudication.Code{System: profiles.SystemService, Code: "S-401"},
		Categories: []adjudication.Code{{System: profiles.SystemOpenIMISServiceKind, Code: "A"}},
		Sexes:      []adjudication.Sex{adjudication.Female},
		Valid:      adjudication.Period{From: first, To: last},
		Prices:     []adjudication.Price{price("DISPENSARY", 6_000), price("HOSPITAL", 9_500)},
	}
	if diff := cmp.Diff(want, tariff); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestTariffs(t *testing.T) {
	const group = `{"resourceType":"ChargeItemDefinition","status":"active","propertyGroup":[{"priceComponent":[%]}]}`
	cases := []struct {
		name, components string
		price            fhir.Amount
		refused          bool
	}{
		{"A factor multiplies.", `{"type":"base","factor":1.5,"amount":{"value":100,"currency":"TZS"}}`, fhir.Units(150), false},
		{"Surcharges and discounts count.", `{"type":"base","amount":{"value":100,"currency":"TZS"}},{"type":"surcharge","amount":{"value":20,"currency":"TZS"}},{"type":"discount","amount":{"value":5,"currency":"TZS"}},{"type":"informational","amount":{"value":7,"currency":"TZS"}}`, fhir.Units(115), false},
		{"A price below 0 is refused.", `{"type":"base","amount":{"value":-1,"currency":"TZS"}}`, 0, true},
		{"A discount above the base is refused.", `{"type":"base","amount":{"value":1,"currency":"TZS"}},{"type":"discount","amount":{"value":5,"currency":"TZS"}}`, 0, true},
		{"Two currencies are refused.", `{"type":"base","amount":{"value":1,"currency":"TZS"}},{"type":"tax","amount":{"value":5,"currency":"KES"}}`, 0, true},
		{"A price without a currency is refused.", `{"type":"base","amount":{"value":1}}`, 0, true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			tariff, issues := terms.CompileTariff(tree(t, strings.Replace(group, "%", c.components, 1)))
			if fhir.Failed(issues) != c.refused || (tariff == nil) != c.refused {
				t.Fatalf("got %v, %v", tariff, issues)
			}
			if !c.refused && tariff.Prices[0].Amount != c.price {
				t.Errorf("the price is %s, want %s", tariff.Prices[0].Amount, c.price)
			}
		})
	}
}

func FuzzCompile(f *testing.F) {
	for _, name := range []string{"insuranceplan.json", "chargeitemdefinition.json"} {
		f.Add([]byte(file(f, name)))
	}
	f.Fuzz(func(_ *testing.T, text []byte) {
		doc, err := fhir.Parse(text)
		if err != nil {
			return
		}
		terms.CompilePlan(doc.Root())
		terms.CompileTariff(doc.Root())
	})
}
