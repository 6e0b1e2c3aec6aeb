package terms_test

import (
	"testing"

	"bima/adjudication"
	"bima/adjudication/terms"
	"bima/fhir"
)

func TestWhatProductsSayOfOtherPayers(t *testing.T) {
	const bima = `"url":"https://bima.example/fhir/StructureDefinition/`
	agreed := func(parts string) string { return bima + `preauthorization-terms","extension":[` + parts + `]` }
	length := func(value, code string) string {
		return `{"url":"length","valueDuration":{"value":` + value + `,"code":"` + code + `"}}`
	}
	emergency := func(value, code string) string {
		return `{"url":"emergency","valueDuration":{"value":` + value + `,"code":"` + code + `"}}`
	}
	cases := []struct {
		name, extension string
		want            func(*adjudication.Plan) bool // nil where it is refused
	}{
		{"A product that says nothing keeps the defaults.", bima + `x","valueBoolean":true`, func(p *adjudication.Plan) bool {
			return p.AuthorisationDays == 0 && p.EmergencyHours == 0 && !p.Coordinates && p.Accidents == adjudication.AccidentsAny
		}},
		{"Sixty days.", agreed(length("60", "d")), func(p *adjudication.Plan) bool { return p.AuthorisationDays == 60 }},
		{"Two months are 60 days.", agreed(length("2", "mo")), func(p *adjudication.Plan) bool { return p.AuthorisationDays == 60 }},
		{"No time at all.", agreed(length("0", "d")), nil},
		{"Half a day.", agreed(length("0.5", "d")), nil},
		{"Ten years are the most.", agreed(length("3650", "d")), func(p *adjudication.Plan) bool { return p.AuthorisationDays == 3650 }},
		{"A day more than ten years.", agreed(length("3651", "d")), nil},
		{"Within 24 hours of an emergency.", agreed(emergency("24", "h")), func(p *adjudication.Plan) bool { return p.EmergencyHours == 24 }},
		{"Within two days of an emergency.", agreed(emergency("2", "d")), func(p *adjudication.Plan) bool { return p.EmergencyHours == 48 }},
		{"Within a month of an emergency.", agreed(emergency("1", "mo")), nil},
		{"Within no hours of an emergency.", agreed(emergency("0", "h")), nil},
		{"It coordinates.", bima + `coordination-of-benefits","valueBoolean":true`, func(p *adjudication.Plan) bool { return p.Coordinates }},
		{"Work accidents only.", bima + `accident-cover","valueCode":"work"`, func(p *adjudication.Plan) bool { return p.Accidents == adjudication.AccidentsWork }},
		{"No work accidents.", bima + `accident-cover","valueCode":"not-work"`, func(p *adjudication.Plan) bool { return p.Accidents == adjudication.AccidentsNotWork }},
		{"An unknown word.", bima + `accident-cover","valueCode":"sport"`, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			plan, issues := terms.CompilePlan(tree(t, `{"resourceType":"InsurancePlan","extension":[{`+c.extension+`}]}`))
			switch {
			case c.want == nil && plan != nil:
				t.Error("it is not refused")
			case c.want != nil && (plan == nil || !c.want(plan)):
				t.Errorf("got %+v, %v", plan, issues)
			}
		})
	}
}

func TestWageReplacement(t *testing.T) {
	const head = `{"resourceType":"InsurancePlan","coverage":[{"benefit":[{"type":{"coding":[{"system":"s","code":"WAGE"}]},` +
		`"extension":[{"url":"https://bima.example/fhir/StructureDefinition/wage-replacement","extension":[`
	cases := []struct {
		name, parts string
		want        *adjudication.WageShare
	}{
		{"80 % after three days.", `{"url":"share","valueDecimal":80},{"url":"after","valueUnsignedInt":3}`, &adjudication.WageShare{Share: fhir.Units(80), After: 3}},
		{"All of it.", `{"url":"share","valueDecimal":100}`, &adjudication.WageShare{Share: fhir.Units(100)}},
		{"More than all of it.", `{"url":"share","valueDecimal":100.01}`, nil},
		{"Nothing of it.", `{"url":"share","valueDecimal":0}`, nil},
		{"An unsaid share.", `{"url":"after","valueUnsignedInt":3}`, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			plan, issues := terms.CompilePlan(tree(t, head+c.parts+`]}]}]}]}`))
			if (plan == nil) != (c.want == nil) {
				t.Fatalf("got %+v, %v", plan, issues)
			}
			if plan == nil {
				return
			}
			got := plan.Services[adjudication.Code{System: "s", Code: "WAGE"}].Wage
			if !plan.Wages || *got != *c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}
