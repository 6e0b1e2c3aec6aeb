package r4_test

import (
	"testing"

	"bima/fhir/r4"
)

func TestValueSetHas(t *testing.T) {
	const base = "http://hl7.org/fhir/ValueSet/"
	for _, c := range []struct {
		name, url, system, code string
		has, known              bool
	}{
		{"a code of the set", base + "fm-status", "", "active", true, true},
		{"a code of the set, its system stated", base + "fm-status", "http://hl7.org/fhir/fm-status", "active", true, true},
		{"the code of another system", base + "fm-status", "http://example.org", "active", false, true},
		{"a code the set lacks", base + "fm-status", "", "paid", false, true},
		{"a version is ignored", base + "fm-status|4.0.1", "", "draft", true, true},
		{"codes differ by case", base + "fm-status", "", "Active", false, true},
		{"a nested code", base + "issue-type", "", "code-invalid", true, true},
		{"a sign", base + "questionnaire-enable-operator", "", "=", true, true},
		{"all resource types", base + "resource-types", "", "Claim", true, true},
		{"the shilling of Tanzania", base + "currencies", "", "TZS", true, true},
		{"no such currency", base + "currencies", "", "TSH", false, true},
		{"media types are not listed", base + "mimetypes", "", "image/png", false, false},
		{"an unknown set", "http://example.org/vs", "", "x", false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if has, known := r4.ValueSetHas(c.url, c.system, c.code); has != c.has || known != c.known {
				t.Errorf("got %v %v, want %v %v", has, known, c.has, c.known)
			}
		})
	}
}

func TestEveryRequiredValueSetIsKnown(t *testing.T) {
	open := map[string]bool{ // what R4 leaves to others
		"http://hl7.org/fhir/ValueSet/mimetypes":  true,
		"http://hl7.org/fhir/ValueSet/ucum-units": true,
		"http://loinc.org/vs/LL379-9":             true,
	}
	for _, name := range everyType() {
		for _, e := range r4.Lookup(name).Elements {
			if e.Binding == nil || e.Binding.Strength != "required" || open[e.Binding.ValueSet] {
				continue
			}
			if len(r4.ValueSetCodes(e.Binding.ValueSet)) == 0 {
				t.Errorf("%s.%s: %s has no codes", name, e.Name, e.Binding.ValueSet)
			}
		}
	}
}

func TestCodeSystem(t *testing.T) {
	for _, c := range []struct {
		url, code, want string
		ok              bool
	}{
		{"http://hl7.org/fhir/ValueSet/administrative-gender", "female", "http://hl7.org/fhir/administrative-gender", true},
		{"http://hl7.org/fhir/ValueSet/administrative-gender", "f", "", false},
		{"http://hl7.org/fhir/ValueSet/languages", "sw", "urn:ietf:bcp:47", true},
		{"http://hl7.org/fhir/ValueSet/mimetypes", "image/png", "urn:ietf:bcp:13", true},
		{"http://hl7.org/fhir/ValueSet/currencies", "NPR", "urn:iso:std:iso:4217", true},
	} {
		if got, ok := r4.CodeSystem(c.url, c.code); got != c.want || ok != c.ok {
			t.Errorf("CodeSystem(%q, %q) = %q %v, want %q", c.url, c.code, got, ok, c.want)
		}
	}
}
