package terms_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"bima/adjudication"
	"bima/adjudication/terms"
	"bima/fhir"
	"bima/profiles"
)

// ruled is a product with every rule that schemes live by.
const ruled = `{"resourceType":"InsurancePlan","name":"Ruled","extension":[
 {"url":"{bima}/filing-deadline","valueDuration":{"value":60,"code":"d"}},
 {"url":"{bima}/deciding-day","valueCode":"admission"},
 {"url":"{bima}/proof-of-presence","valueDuration":{"value":1,"code":"d"}},
 {"url":"{bima}/balance-billing","valueBoolean":true},
 {"url":"{bima}/overlapping-stays","valueCode":"refused"},
 {"url":"{bima}/patient-group-condition","extension":[
  {"url":"group","valueCoding":{"system":"{groups}","code":"elderly"}},
  {"url":"age","valueRange":{"low":{"value":60,"code":"a"}}}]},
 {"url":"{bima}/patient-group-condition","extension":[
  {"url":"group","valueCoding":{"system":"urn:ours","code":"diabetic"}},
  {"url":"condition","valueExpression":{"language":"text/fhirpath","expression":"Claim.diagnosis.diagnosis.coding.where(code.startsWith('E11')).exists() and %patient.gender = 'female'"}}]}],
 "coverage":[{"benefit":[
  {"type":{"coding":[{"system":"{benefit}","code":"all"}]},"extension":[
   {"url":"{bima}/once-a-day","valueBoolean":true},
   {"url":"{bima}/diagnosis-excluded","valueCoding":{"system":"urn:icd","code":"Z41"}}]},
  {"type":{"coding":[{"system":"{benefit}","code":"inpatient"}]},"extension":[
   {"url":"{bima}/referral-required","valueCode":"hospital"}]},
  {"type":{"coding":[{"system":"urn:s","code":"X"}]},"extension":[
   {"url":"{bima}/once-a-day","valueBoolean":false},
   {"url":"{bima}/referral-required","valueCode":"elsewhere"},
   {"url":"{bima}/capitated","valueBoolean":true},
   {"url":"{bima}/diagnosis-required","valueCoding":{"system":"urn:icd","code":"A15"}}]}]}],
 "plan":[{"extension":[{"url":"{bima}/capitation","extension":[
   {"url":"level","valueCodeableConcept":{"coding":[{"system":"urn:level","code":"D"}]}},{"url":"share","valueDecimal":40}]}],
  "specificCost":[{"category":{},"benefit":[
  {"type":{"coding":[{"system":"{benefit}","code":"all"}]},"cost":[
   {"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/benefit-type","code":"copay"}]},"value":{"value":10,"system":"urn:iso:std:iso:4217","code":"TZS"}},
   {"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/benefit-type","code":"copay"}]},"qualifiers":[{"coding":[{"system":"{groups}","code":"indigent"}]}],"value":{"value":0,"system":"urn:iso:std:iso:4217","code":"TZS"}},
   {"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/benefit-type","code":"copay"}]},"qualifiers":[{"coding":[{"system":"urn:ours","code":"diabetic"}]}],"value":{"value":5,"system":"urn:iso:std:iso:4217","code":"TZS"}}]}]}]}]}`

func urls(text string) string {
	return strings.NewReplacer("{bima}", profiles.Canonical+"/StructureDefinition", "{groups}", profiles.SystemPatientGroup, "{benefit}", profiles.SystemBenefit).Replace(text)
}

func TestRulesOfAProduct(t *testing.T) {
	plan, issues := terms.CompilePlan(tree(t, urls(ruled)))
	if len(issues) > 0 {
		t.Fatal(issues)
	}
	x := &adjudication.Cover{
		Covered: true, Once: adjudication.No, Gates: []adjudication.Gate{{At: adjudication.GateElsewhere}},
		Capitated: []adjudication.Capitation{{}}, Indicated: []adjudication.Code{{System: "urn:icd", Code: "A15"}},
	}
	service := adjudication.Code{System: "urn:s", Code: "X"}
	group := func(name string) adjudication.When { return adjudication.When{Group: name} }
	want := &adjudication.Plan{
		Name: "Ruled", Currency: "TZS", AgeOfMajority: 18,
		Filing: &adjudication.Deadline{Days: 60}, Decides: adjudication.DecidesAdmission, Presence: true, PresenceDays: 1,
		BalanceBilling: true, Admissions: true, Repeats: true, Gated: true, Diagnoses: true,
		Capitated: []adjudication.Code{{System: "urn:level", Code: "D"}},
		Groups: []adjudication.PatientGroup{
			{Name: profiles.SystemPatientGroup + "|elderly", Aged: true, From: 60}, {Name: "urn:ours|diabetic"},
		},
		Services:   map[adjudication.Code]*adjudication.Cover{service: x},
		Categories: map[adjudication.Code]*adjudication.Cover{service: x},
		All: &adjudication.Cover{
			Covered: true, Once: adjudication.Yes, Excluded: []adjudication.Code{{System: "urn:icd", Code: "Z41"}},
			Gates: []adjudication.Gate{{When: adjudication.When{Setting: adjudication.SettingInpatient}}},
			Copays: []adjudication.Copay{
				{Amount: fhir.Units(10)}, {When: group(profiles.SystemPatientGroup + "|indigent")}, {When: group("urn:ours|diabetic"), Amount: fhir.Units(5)},
			},
		},
	}
	if diff := cmp.Diff(want, plan, cmpopts.IgnoreFields(adjudication.PatientGroup{}, "Holds")); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestAGroupHasItsCondition(t *testing.T) {
	plan, _ := terms.CompilePlan(tree(t, urls(ruled)))
	claim := `{"resourceType":"Claim","diagnosis":[{"diagnosisCodeableConcept":{"coding":[{"code":"E11.9"}]}}]}`
	for _, c := range []struct {
		name, claim, patient string
		want                 bool
	}{
		{"A woman with diabetes belongs to it.", claim, `{"resourceType":"Patient","gender":"female"}`, true},
		{"A man does not.", claim, `{"resourceType":"Patient","gender":"male"}`, false},
		{"A woman with malaria does not.", strings.Replace(claim, "E11.9", "B54", 1), `{"resourceType":"Patient","gender":"female"}`, false},
		{"Of nobody it can't be told.", claim, `{}`, false},
	} {
		if got := plan.Groups[1].Holds(tree(t, c.claim), tree(t, c.patient), fhir.Node{}, 0); got != c.want {
			t.Errorf("%s got %v", c.name, got)
		}
	}
}

func TestRulesThatAreNone(t *testing.T) {
	cases := []struct{ name, old, new, at, said string }{
		{"A deadline is a time.", `"value":60,"code":"d"`, `"value":60.5,"code":"d"`, "filing-deadline", "whole number"},
		{"A visit code is valid for days.", `"value":1,"code":"d"`, `"value":1,"code":"mo"`, "proof-of-presence", "days or weeks"},
		{"A day decides that is one of three.", `"admission"`, `"noon"`, "deciding-day", "none of"},
		{"Stays are refused or paid.", `"refused"`, `"shared"`, "overlapping-stays", "none of"},
		{"A group has a code.", `,"code":"elderly"`, ``, "patient-group-condition", "has a code"},
		{"A group is said once.", `"system":"urn:ours","code":"diabetic"}},
  {"url":"condition"`, `"system":"{groups}","code":"elderly"}},
  {"url":"condition"`, "patient-group-condition", "already"},
		{"Ages are years.", `"low":{"value":60,"code":"a"}`, `"low":{"value":60,"code":"d"}`, "patient-group-condition", "whole years"},
		{"A condition is FHIRPath.", `text/fhirpath`, `text/cql`, "patient-group-condition", "text/fhirpath"},
		{"A condition can be read.", `%patient.gender = 'female'`, `%patient.gender = (`, "patient-group-condition", "can't be told"},
		{"A referral is required somewhere.", `"hospital"`, `"home"`, "benefit[1].extension", "own facility"},
		{"A diagnosis has a code.", `,"code":"Z41"`, ``, "benefit[0].extension", "system and a code"},
		{"Once a day is everywhere.", `"valueCode":"hospital"}`, `"valueCode":"hospital"},{"url":"{bima}/once-a-day","valueBoolean":true}`, "benefit[1].extension", "alone"},
		{"A cost is of one group.", `[{"coding":[{"system":"urn:ours","code":"diabetic"}]}]`, `[{"coding":[{"system":"urn:ours","code":"diabetic"}]},{"coding":[{"system":"{groups}","code":"indigent"}]}]`, "cost[2].qualifiers", "group is said once"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			changed := strings.Replace(ruled, c.old, c.new, 1)
			if changed == ruled {
				t.Fatalf("the product has no %s", c.old)
			}
			plan, issues := terms.CompilePlan(tree(t, urls(changed)))
			if plan != nil || len(issues) == 0 || !strings.Contains(issues[0].Expression, c.at) || !strings.Contains(issues[0].Diagnostics, c.said) {
				t.Errorf("got %v, want %q at %q", issues, c.said, c.at)
			}
		})
	}
}

const edited = `{"resourceType":"ChargeItemDefinition","status":"active","code":{"coding":[{"system":"urn:s","code":"X"}]},"extension":[
 {"url":"{bima}/exclusive-services","extension":[{"url":"group","valueCode":"malaria"},{"url":"within","valueCode":"day"}]},
 {"url":"{bima}/exclusive-services","extension":[{"url":"group","valueCode":"image"},{"url":"within","valueCode":"claim"}]},
 {"url":"{bima}/diagnosis-excluded","valueCoding":{"system":"urn:icd","code":"O00"}},
 {"url":"{bima}/diagnosis-required","valueCoding":{"system":"urn:icd","code":"O82"}}]}`

func TestRulesOfATariff(t *testing.T) {
	got, issues := terms.CompileTariff(tree(t, urls(edited)))
	want := &adjudication.Tariff{
		Service: adjudication.Code{System: "urn:s", Code: "X"}, Valid: adjudication.Always(),
		Exclusive: []adjudication.Exclusive{{Group: "malaria"}, {Group: "image", Claim: true}},
		Excluded:  []adjudication.Code{{System: "urn:icd", Code: "O00"}}, Indicated: []adjudication.Code{{System: "urn:icd", Code: "O82"}},
	}
	if diff := cmp.Diff(want, got); diff != "" || len(issues) > 0 {
		t.Errorf("%v (-want +got)\n%s", issues, diff)
	}
	for old, said := range map[string]string{`"valueCode":"malaria"`: "have a group", `"valueCode":"day"`: "within a day or a claim", `,"code":"O82"`: "system and a code"} {
		changed := strings.Replace(edited, old, map[bool]string{true: ``, false: `"valueCode":""`}[strings.HasPrefix(old, ",")], 1)
		if tariff, issues := terms.CompileTariff(tree(t, urls(changed))); tariff != nil || !strings.Contains(issues[0].Diagnostics, said) {
			t.Errorf("without %s: %v", old, issues)
		}
	}
}

// What an entry of one setting says of prices would hold in the other too, and an
// exclusion from its ceilings is of that setting.
func TestPricesAndExclusionsOfASetting(t *testing.T) {
	compile := func(extension string) (*adjudication.Plan, []fhir.Issue) {
		return terms.CompilePlan(tree(t, urls(`{"resourceType":"InsurancePlan","plan":[{"specificCost":[{"category":{},"benefit":[
 {"type":{"coding":[{"system":"{benefit}","code":"inpatient"}]},"extension":[`+extension+`]}]}]}]}`)))
	}
	exclusion := func(scope string) string {
		return `{"url":"{bima}/ceiling-exclusion","extension":[{"url":"scope","valueCode":"` + scope + `"}]}`
	}
	for _, scope := range []string{"inpatient", "both"} {
		plan, issues := compile(exclusion(scope))
		if len(issues) > 0 {
			t.Fatal(issues)
		}
		want := []adjudication.Exemption{{When: adjudication.When{Setting: adjudication.SettingInpatient}}}
		if diff := cmp.Diff(want, plan.All.Exempt); diff != "" {
			t.Errorf("scope %s (-want +got)\n%s", scope, diff)
		}
	}
	for _, wrong := range []string{exclusion("outpatient"), `{"url":"{bima}/price-origin","valueCode":"own"}`} {
		if plan, _ := compile(wrong); plan != nil {
			t.Errorf("taken: %s", wrong)
		}
	}
}

// What covers the benefits of one setting covers no others.
func TestABenefitOfASettingCoversThatSetting(t *testing.T) {
	entry := func(codes ...string) string {
		var list []string
		for _, code := range codes {
			list = append(list, `{"type":{"coding":[{"system":"{benefit}","code":"`+code+`"}]}}`)
		}
		return urls(`{"resourceType":"InsurancePlan","coverage":[{"benefit":[` + strings.Join(list, ",") + `]}]}`)
	}
	for _, c := range []struct {
		name string
		plan string
		want adjudication.Cover
	}{
		{"in-patients only", entry("inpatient"), adjudication.Cover{CoveredIn: adjudication.SettingInpatient}},
		{"out-patients only", entry("outpatient"), adjudication.Cover{CoveredIn: adjudication.SettingOutpatient}},
		{"both, said apart", entry("outpatient", "inpatient"), adjudication.Cover{Covered: true}},
		{"all, and in-patients too", entry("all", "inpatient"), adjudication.Cover{Covered: true}},
		{"in-patients, and all too", entry("inpatient", "all"), adjudication.Cover{Covered: true}},
	} {
		plan, issues := terms.CompilePlan(tree(t, c.plan))
		if len(issues) > 0 {
			t.Fatal(issues)
		}
		if diff := cmp.Diff(&c.want, plan.All); diff != "" {
			t.Errorf("%s (-want +got)\n%s", c.name, diff)
		}
	}
}

// A waiting period and a limit of the benefits of one setting hold in no other, and
// what the two limit is counted apart.
func TestALimitOfASettingHoldsInThatSetting(t *testing.T) {
	entry := func(code, months, visits string) string {
		return `{"type":{"coding":[{"system":"{benefit}","code":"` + code + `"}]},
 "extension":[{"url":"{bima}/waiting-period","extension":[{"url":"duration","valueDuration":{"value":` + months + `,"code":"mo"}}]}],
 "limit":[{"value":{"value":` + visits + `},"code":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/benefit-type","code":"visit"}]}}]}`
	}
	plan, issues := terms.CompilePlan(tree(t, urls(`{"resourceType":"InsurancePlan","coverage":[{"benefit":[`+entry("inpatient", "6", "2")+`,`+entry("outpatient", "1", "12")+`]}]}`)))
	if len(issues) > 0 {
		t.Fatal(issues)
	}
	in, out := adjudication.When{Setting: adjudication.SettingInpatient}, adjudication.When{Setting: adjudication.SettingOutpatient}
	want := &adjudication.Cover{
		Covered: true,
		Waiting: []adjudication.Waiting{{When: in, Months: 6}, {When: out, Months: 1}},
		Visits: []adjudication.Limit{
			{When: in, Scope: adjudication.ScopeIndividual, Maximum: fhir.Units(2), Bucket: "visit|in", Shared: "visits|in"},
			{When: out, Scope: adjudication.ScopeIndividual, Maximum: fhir.Units(12), Bucket: "visit|out", Shared: "visits|out"},
		},
	}
	if diff := cmp.Diff(want, plan.All); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
