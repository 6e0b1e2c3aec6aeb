package insuranceplan_test

import (
	"strings"
	"testing"

	"bima/fhir"
	"bima/resources/insuranceplan"
)

const (
	bima     = "https://bima.example/fhir"
	openimis = "https://openimis.github.io/openimis_fhir_r4_ig"
	hl7      = "http://terminology.hl7.org/CodeSystem/"
)

// fill spells out the systems that the texts of these tests name by a word.
var fill = strings.NewReplacer("{bima}", bima, "{openimis}", openimis, "{hl7}", hl7)

// full is a contributory product that says something of all that contributions
// know.
var full = fill.Replace(`{"resourceType":"InsurancePlan","id":"p","extension":[
 {"url":"{openimis}/StructureDefinition/insurance-plan-start_cycle","valueString":"01-01"},
 {"url":"{openimis}/StructureDefinition/insurance-plan-start_cycle","valueString":"01-07"},
 {"url":"{openimis}/StructureDefinition/insurance-plan-max-installments","valueUnsignedInt":3},
 {"url":"{bima}/StructureDefinition/age-of-majority","valueUnsignedInt":18},
 {"url":"{bima}/StructureDefinition/ceiling-scope","valueCode":"stay"},
 {"url":"{bima}/StructureDefinition/accounting-code","extension":[{"url":"purpose","valueCode":"contribution"},{"url":"account","valueString":"4100"}]}],
"identifier":[{"system":"{bima}/id/product","value":"P"},{"system":"{bima}/id/product-version","value":"P|1"}],
"status":"active","type":[{"coding":[{"system":"{bima}/CodeSystem/product-kind","code":"contributory"}]}],"name":"Plan","period":{"start":"2026-01-01"},
"ownedBy":{"reference":"Organization/s"},"administeredBy":{"reference":"Organization/s"},
"coverage":[{"type":{"text":"medical"},"benefit":[
 {"type":{"coding":[{"system":"{hl7}insurance-plan-type","code":"medical"}]},"limit":[
  {"value":{"value":12,"system":"http://unitsofmeasure.org","code":"mo"},"code":{"coding":[{"system":"{openimis}/CodeSystem/insurance-plan-coverage-benefit-limit","code":"period"}]}},
  {"value":{"value":10},"code":{"coding":[{"system":"{openimis}/CodeSystem/insurance-plan-coverage-benefit-limit","code":"memberCount"}]}}]},
 {"extension":[{"url":"{bima}/StructureDefinition/waiting-period","extension":[{"url":"duration","valueDuration":{"value":6,"system":"http://unitsofmeasure.org","code":"mo"}},
   {"url":"qualifier","valueCodeableConcept":{"coding":[{"system":"{openimis}/CodeSystem/usage-context-age-type","code":"adult"}]}}]}],
  "type":{"coding":[{"system":"{bima}/CodeSystem/service","code":"S-1"}]}}]}],
"plan":[{"extension":[
 {"url":"{bima}/StructureDefinition/contribution-period","extension":[{"url":"kind","valueCode":"grace-payment"},{"url":"duration","valueDuration":{"value":1,"system":"http://unitsofmeasure.org","code":"mo"}}]},
 {"url":"{bima}/StructureDefinition/contribution-period","extension":[{"url":"kind","valueCode":"administration"},{"url":"duration","valueDuration":{"value":14,"system":"http://unitsofmeasure.org","code":"d"}}]},
 {"url":"{bima}/StructureDefinition/contribution-discount","extension":[{"url":"stage","valueCode":"enrolment"},{"url":"percentage","valueDecimal":5},{"url":"before","valueDuration":{"value":1,"system":"http://unitsofmeasure.org","code":"mo"}}]},
 {"url":"{bima}/StructureDefinition/relative-price","extension":[{"url":"setting","valueCode":"all"},{"url":"period","valueCode":"quarterly"},
  {"url":"percentage","valueDecimal":25},{"url":"percentage","valueDecimal":25},{"url":"percentage","valueDecimal":25},{"url":"percentage","valueDecimal":25}]},
 {"url":"{bima}/StructureDefinition/capitation","extension":[{"url":"share","valueDecimal":40},{"url":"population","valueDecimal":100}]}],
 "generalCost":[
 {"type":{"coding":[{"system":"{openimis}/CodeSystem/insurance-plan-general-cost-type","code":"lumpsum"}]},"groupSize":4,"cost":{"value":60000,"currency":"TZS"}},
 {"type":{"coding":[{"system":"{openimis}/CodeSystem/insurance-plan-general-cost-type","code":"premiumAdult"}]},"cost":{"value":15000,"currency":"TZS"}},
 {"type":{"coding":[{"system":"{openimis}/CodeSystem/insurance-plan-general-cost-type","code":"registrationFee"}]},"cost":{"value":1000,"currency":"TZS"}}],
 "specificCost":[{"category":{"text":"medical"},"benefit":[{"type":{"coding":[{"system":"{bima}/CodeSystem/benefit","code":"all"}]},"cost":[
 {"type":{"coding":[{"system":"{hl7}benefit-type","code":"benefit"}]},"qualifiers":[{"coding":[{"system":"{hl7}benefit-unit","code":"family"}]}],"value":{"value":600000,"system":"urn:iso:std:iso:4217","code":"TZS"}},
 {"type":{"coding":[{"system":"{hl7}benefit-type","code":"benefit"}]},"qualifiers":[{"coding":[{"system":"{hl7}benefit-unit","code":"individual"}]}],"value":{"value":200000,"system":"urn:iso:std:iso:4217","code":"TZS"}}]}]}]}]}`)

func check(t *testing.T, body string) []fhir.Issue {
	t.Helper()
	doc, err := fhir.Parse([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	return insuranceplan.Check(doc.Root())
}

func TestAFullProductIsOne(t *testing.T) {
	if issues := check(t, full); len(issues) > 0 {
		t.Error(issues)
	}
}

func TestWhatAProductCannotSay(t *testing.T) {
	cases := []struct{ name, old, new, at, said string }{
		{"it ends before it begins", `"start":"2026-01-01"`, `"start":"2026-01-01","end":"2025-12-31"`, "InsurancePlan.period", "before it begins"},
		{"a kind nobody knows", `"code":"contributory"`, `"code":"free"`, "InsurancePlan.type[0]", "no kind of product"},
		{"two kinds", `"type":[{`, `"type":[{"coding":[{"system":"{bima}/CodeSystem/product-kind","code":"private"}]},{`, "InsurancePlan.type[1]", "of one kind"},
		{"a subsidised product that members pay for", `"code":"contributory"`, `"code":"subsidised"`, "InsurancePlan.plan[0].generalCost[0]", "members pay nothing"},
		{"a product that only tracks and pays", `"code":"contributory"`, `"code":"tracking"`, "InsurancePlan.plan[0].specificCost[0].benefit[0].cost[0]", "no money"},
		{"a cycle on a day no month has", `"01-07"`, `"31-06"`, "start_cycle", "each year has"},
		{"a cycle on the day of leap years", `"01-07"`, `"29-02"`, "start_cycle", "each year has"},
		{"a cycle in words", `"01-07"`, `"July"`, "start_cycle", "dd-mm"},
		{"a cycle twice", `"01-07"`, `"01-01"`, "start_cycle", "there already"},
		{"a calendar nobody counts by", `{"url":"{bima}/StructureDefinition/ceiling-scope","valueCode":"stay"}`, `{"url":"{bima}/StructureDefinition/cycle-calendar","valueCode":"julian"}`, "cycle-calendar", "no calendar"},
		{"no instalment", `"valueUnsignedInt":3`, `"valueUnsignedInt":0`, "max-installments", "1 to 366"},
		{"an age of 200", `"valueUnsignedInt":18`, `"valueUnsignedInt":200`, "age-of-majority", "up to 150"},
		{"an odd ceiling scope", `"valueCode":"stay"`, `"valueCode":"bed"`, "ceiling-scope", "stay or the hospital"},
		{"a policy of no time", `"value":12,`, `"value":0,`, "limit[0].value", "1 at least"},
		{"a policy of half months", `"value":12,`, `"value":0.5,`, "limit[0].value", "whole number"},
		{"a policy of nobody", `{"value":10}`, `{"value":0}`, "limit[1].value", "1 to 500"},
		{"two limits of members", `"code":"period"`, `"code":"memberCount"`, "limit[1]", "says this already"},
		{"a period nobody knows", `"valueCode":"grace-payment"`, `"valueCode":"mercy"`, "contribution-period", "no contribution period"},
		{"a period twice", `"valueCode":"grace-payment"`, `"valueCode":"administration"`, "contribution-period", "says this already"},
		{"a period of half a day", `"value":14,`, `"value":0.5,`, "contribution-period", "whole number"},
		{"a discount of 105 %", `"valueDecimal":5}`, `"valueDecimal":105}`, "contribution-discount", "0 to 100"},
		{"a discount at the end", `"valueCode":"enrolment"`, `"valueCode":"exit"`, "contribution-discount", "enrolment or renewal"},
		{"three quarters", `{"url":"percentage","valueDecimal":25},`, ``, "relative-price", "3 percentages"},
		{"a share of 140 %", `"valueDecimal":40}`, `"valueDecimal":140}`, "capitation", "0 to 100"},
		{"a capitation that weighs nothing", `,{"url":"population","valueDecimal":100}`, ``, "capitation", "weight"},
		{"a cost below 0", `"value":15000,`, `"value":-15000,`, "generalCost[1].cost", "0 or more"},
		{"costs in two currencies", `"value":15000,"currency":"TZS"`, `"value":15000,"currency":"KES"`, "generalCost[1].cost", "one currency"},
		{"a cost twice", `"code":"premiumAdult"`, `"code":"lumpsum"`, "generalCost[1].type", "already"},
		{"a fee and a lump sum for the same", `"code":"premiumAdult"`, `"code":"registrationLumpsum"`, "generalCost[2].type", "not for both"},
		{"a lump sum for nobody", `"groupSize":4`, `"groupSize":0`, "generalCost[0].groupSize", "1 to 500"},
		{"a cost nobody knows", `"code":"premiumAdult"`, `"code":"premiumDog"`, "generalCost[1].type", "no kind of contribution"},
		{"a member's ceiling above the family's", `"value":200000`, `"value":700000`, "cost[1].value", "never be reached"},
		{"the same ceiling twice", `"code":"individual"`, `"code":"family"`, "cost[1]", "says this already"},
		{"a ceiling of two scopes", `{"coding":[{"system":"{hl7}benefit-unit","code":"individual"}]}`, `{"coding":[{"system":"{hl7}benefit-unit","code":"individual"}]},{"coding":[{"system":"{bima}/CodeSystem/limit-term","code":"claim"}]}`, "cost[1].qualifiers", "contradict each other"},
		{"a waiting period twice", `"extension":[{"url":"{bima}/StructureDefinition/waiting-period"`, `"extension":[{"url":"{bima}/StructureDefinition/waiting-period","extension":[{"url":"duration","valueDuration":{"value":3,"system":"http://unitsofmeasure.org","code":"mo"}},{"url":"qualifier","valueCodeableConcept":{"coding":[{"system":"{openimis}/CodeSystem/usage-context-age-type","code":"adult"}]}}]},{"url":"{bima}/StructureDefinition/waiting-period"`, "waiting-period", "says this already"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			body := strings.Replace(full, fill.Replace(c.old), fill.Replace(c.new), 1)
			if body == full {
				t.Fatalf("the product has no %s", c.old)
			}
			issues := check(t, body)
			for _, i := range issues {
				if i.Severity == fhir.SeverityError && i.Detail == "product" && strings.Contains(i.Expression, c.at) && strings.Contains(i.Diagnostics, c.said) {
					return
				}
			}
			t.Errorf("want %q at …%s, got %v", c.said, c.at, issues)
		})
	}
}

func TestADiscountAtEnrolmentNeedsACycle(t *testing.T) {
	body := full
	for _, day := range []string{"01-01", "01-07"} {
		body = strings.Replace(body, fill.Replace(` {"url":"{openimis}/StructureDefinition/insurance-plan-start_cycle","valueString":"`+day+`"},`), "", 1)
	}
	issues := check(t, body)
	if len(issues) != 1 || !strings.Contains(issues[0].Diagnostics, "no cycle") {
		t.Error(issues)
	}
}
