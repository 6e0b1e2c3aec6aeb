package openimis

import (
	"os"
	"testing"

	"bima/connect/dialect"
)

// What is left, as the scheme tells it, has openIMIS's names.
func TestLeft(t *testing.T) {
	for file, want := range map[string]map[string]string{
		"whole":  {"antenatal_left": "4", "total_ceiling": "50000", "total_deduction": "5000"},
		"worked": {"antenatal_left": "4", "total_ceiling": "50000", "total_deduction": "5000"},
	} {
		text, err := os.ReadFile("../../resources/eligibility/testdata/" + file + ".json")
		if err != nil {
			t.Fatal(err)
		}
		o, err := dialect.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		items, _ := firstOf(o, "insurance")["item"].([]any)
		holds(t, file, left(items), want)
	}
}

func TestLeft_OfEachKind(t *testing.T) {
	item := func(system, code, description, benefit string) any {
		o, err := dialect.Parse([]byte(`{"resourceType":"Basic","category":{"coding":[{"system":"` + system + `","code":"` + code + `"}]},"description":"` + description + `","benefit":[` + benefit + `]}`))
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	visit := func(n string) string {
		return `{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/benefit-type","code":"visit"}]},"extension":[{"url":"https://bima.example/fhir/StructureDefinition/benefit-left","valueDecimal":` + n + `}]}`
	}
	cash := func(kind, n string) string {
		return `{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/benefit-type","code":"` + kind + `"}]},"extension":[{"url":"https://bima.example/fhir/StructureDefinition/benefit-left","valueMoney":{"value":` + n + `,"currency":"TZS"}}]}`
	}
	all := "https://bima.example/fhir/CodeSystem/benefit"
	of := "https://openimis.github.io/openimis_fhir_r4_ig/CodeSystem/activity-definition-usage-context-workflow-type"
	holds(t, "each kind", left([]any{
		item(of, "H", "", visit("1")), item(of, "C", "", visit("3")), item(of, "S", "", visit("0")), item(of, "D", "", visit("2")),
		item(of, "V", "", visit("7")), item(all, "all", "", visit("5")), item(of, "C", "", visit("2")), item(of, "O", "", visit("9")), item(of, "A", "", visit("1.5")),
		item(of, "H", "", cash("benefit", "10")), item(of, "S", "", cash("benefit", "20")), item(of, "V", "", cash("benefit", "1")),
		item(all, "all", "", cash("benefit", "90")), item(all, "all", "", cash("benefit", "80.5")), item(all, "all", "In-patient care", cash("benefit", "60")),
		item(all, "all", "Out-patient care", cash("benefit", "50")), item(all, "all", "In-patient care", cash("deductible", "4")), item(of, "S", "", cash("deductible", "1")),
	}), map[string]string{
		"admissions_left": "1", "consultations_left": "2", "surgeries_left": "0", "deliveries_left": "2", "visits_left": "5",
		"hospitalization_amount": "10", "surgery_amount": "20", "total_ceiling": "80.5", "hospital_ceiling": "60", "non_hospital_ceiling": "50", "hospital_deduction": "4",
	})
}

func holds(t *testing.T, what string, list []any, want map[string]string) {
	t.Helper()
	for _, one := range list {
		o, _ := one.(dialect.Object)
		name := dialect.Code(dialect.Child(o, "type"), systemBenefit)
		got := dialect.Text(o, "allowedUnsignedInt") + dialect.Text(o, "allowedMoney", "value")
		if expected, ok := want[name]; !ok || got != expected {
			t.Errorf("%s: %s is %q, want %q", what, name, got, want[name])
		}
	}
	if len(list) != len(want) {
		t.Errorf("%s: %d balances, want %d: %v", what, len(list), len(want), list)
	}
}
