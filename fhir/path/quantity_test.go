package path_test

import (
	"testing"

	"bima/fhir"
	"bima/fhir/path"
)

// durations holds a FHIR Quantity in UCUM's years, one in its months and one of
// a code system that is not UCUM's.
const durations = `{"resourceType": "Observation", "component": [
	{"valueQuantity": {"value": 2, "system": "http://unitsofmeasure.org", "code": "a"}},
	{"valueQuantity": {"value": 3, "system": "http://unitsofmeasure.org", "code": "mo"}},
	{"valueQuantity": {"value": 2, "system": "urn:other", "code": "a", "unit": "year"}}]}`

func TestQuantitiesInYearsMeanUCUMAndTheCalendar(t *testing.T) {
	doc, err := fhir.Parse([]byte(durations))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, expression, want string }{
		{"equal to the calendar's", "component[0].value = 2 years", "boolean true"},
		{"equal to UCUM's", "component[0].value = 2 'a'", "boolean true"},
		{"greater than UCUM's", "component[0].value > 18 'mo'", "boolean true"},
		{"less than the calendar's", "component[1].value < 4 months", "boolean true"},
		{"added to a date", "@2024-02-29 + component[0].value", "date @2026-02-28"},
		{"multiplied and added to a date", "@2025 + 2 * component[0].value", "date @2029"},
		{"in the calendar's months", "component[0].value.toQuantity('month')", "Quantity 24 month"},
		{"of another code system", "component[2].value = 2 years", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := path.MustCompile(c.expression).Evaluate(doc.Root(), nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			if shown(got) != c.want {
				t.Errorf("%s: got %q, want %q", c.expression, shown(got), c.want)
			}
		})
	}
}
