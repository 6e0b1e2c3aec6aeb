package patient_test

import (
	"context"
	"testing"
	"time"

	"bima/fhir"
	"bima/resources/patient"
)

func TestInsuranceNumbersCheckThemselves(t *testing.T) {
	cases := []struct {
		name, number string
		want         bool
	}{
		{"the textbook's number", "79927398713", true},
		{"a member of the demo scheme", "070100001018", true},
		{"one digit mistyped", "070100001019", false},
		{"two neighbours swapped", "070100010018", false},
		{"a letter", "07010000101X", false},
		{"one digit alone", "0", false},
		{"nothing", "", false},
		{"more digits than a number has", "000000000000000000000", false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := patient.Valid(c.number); got != c.want {
				t.Errorf("Valid(%q) = %v, want %v", c.number, got, c.want)
			}
		})
	}
}

func TestRules(t *testing.T) {
	const system = `"system":"https://bima.example/fhir/id/insurance-number"`
	cases := []struct{ name, body, want string }{
		{"a good number passes", `{"identifier":[{` + system + `,"value":"070100001018"}]}`, ""},
		{
			"a wrong check digit is refused where it stands", `{"identifier":[{"value":"7"},{` + system + `,"value":"070100001019"}]}`,
			"Patient.identifier[1].value",
		},
		{"numbers of other systems are not ours to check", `{"identifier":[{"system":"urn:x","value":"070100001019"}]}`, ""},
		{"a birth tomorrow is today somewhere", `{"birthDate":"2026-11-23"}`, ""},
		{"a birth next week is refused", `{"birthDate":"2026-11-29"}`, "Patient.birthDate"},
		{"a birth this year is not", `{"birthDate":"2026"}`, ""},
		{"a death in the future is refused", `{"deceasedDateTime":"2027"}`, "Patient.deceased"},
		{"a death before the birth is refused", `{"birthDate":"1990-05-05","deceasedDateTime":"1990-05-04"}`, "Patient.deceased"},
		{"a death in the year of the birth is not", `{"birthDate":"1990-05-05","deceasedDateTime":"1990"}`, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := refusal(t, c.body); got != c.want {
				t.Errorf("refused at %q, want %q", got, c.want)
			}
		})
	}
}

// refusal asks the rules about a Patient on 2026-11-22 and gives the element
// they refuse, or "".
func refusal(t *testing.T, body string) string {
	t.Helper()
	doc, err := fhir.Parse([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	c := fhir.Change{After: &fhir.Resource{Updated: now, Body: []byte(body)}, Node: doc.Root()}
	for _, rule := range patient.Module().Rules {
		if err := rule.Check(context.Background(), nil, c); err != nil {
			return fhir.OutcomeOf(err).Issues[0].Expression
		}
	}
	return ""
}

func TestDeletionsAreNotAskedAbout(t *testing.T) {
	for _, rule := range patient.Module().Rules {
		if err := rule.Check(context.Background(), nil, fhir.Change{}); err != nil {
			t.Error(err)
		}
	}
}
