package r4_test

import (
	"strings"
	"testing"

	"bima/fhir/r4"

	"github.com/google/go-cmp/cmp"
)

func param(base, code string) *r4.SearchParam {
	for _, p := range r4.SearchParams() {
		if p.Base == base && p.Code == code {
			return p
		}
	}
	return nil
}

func TestSearchParams(t *testing.T) {
	for _, want := range []*r4.SearchParam{
		{
			Code: "patient", Base: "Claim", Kind: "reference", URL: "http://hl7.org/fhir/SearchParameter/Claim-patient",
			Expression: "Claim.patient", Targets: []string{"Patient"},
		},
		{
			Code: "birthdate", Base: "Patient", Kind: "date", URL: "http://hl7.org/fhir/SearchParameter/individual-birthdate",
			Expression: "Patient.birthDate", Targets: []string{},
		},
		{
			Code: "name", Base: "InsurancePlan", Kind: "string", URL: "http://hl7.org/fhir/SearchParameter/InsurancePlan-name",
			Expression: "InsurancePlan.name | InsurancePlan.alias", Targets: []string{},
		},
		{
			Code: "code", Base: "DeviceRequest", Kind: "token", URL: "http://hl7.org/fhir/SearchParameter/clinical-code",
			Expression: "(DeviceRequest.code as CodeableConcept)", Targets: []string{},
		},
		{
			Code: "_lastUpdated", Base: "Resource", Kind: "date", URL: "http://hl7.org/fhir/SearchParameter/Resource-lastUpdated",
			Expression: "Resource.meta.lastUpdated", Targets: []string{},
		},
		{
			Code: "code-value-quantity", Base: "Observation", Kind: "composite",
			URL: "http://hl7.org/fhir/SearchParameter/Observation-code-value-quantity", Expression: "Observation", Targets: []string{},
			Components: []r4.Component{
				{Definition: "http://hl7.org/fhir/SearchParameter/clinical-code", Expression: "code"},
				{Definition: "http://hl7.org/fhir/SearchParameter/Observation-value-quantity", Expression: "value.as(Quantity)"},
			},
		},
	} {
		if diff := cmp.Diff(want, param(want.Base, want.Code)); diff != "" {
			t.Errorf("%s.%s: %s", want.Base, want.Code, diff)
		}
	}
}

func TestSearchParamsAreComplete(t *testing.T) {
	if got := len(r4.SearchParams()); got != 1718 {
		t.Errorf("got %d parameters of one base each, want 1718", got)
	}
	for _, p := range r4.SearchParams() {
		if r4.Lookup(p.Base) == nil {
			t.Errorf("%s: its base %s is unknown", p.URL, p.Base)
		}
		for _, target := range p.Targets {
			if !r4.IsResource(target) {
				t.Errorf("%s: its target %s is unknown", p.URL, target)
			}
		}
		if p.Expression != "" && !strings.Contains(p.Expression, p.Base) {
			t.Errorf("%s: %q is not about %s", p.URL, p.Expression, p.Base)
		}
		if (p.Kind == "composite") != (len(p.Components) > 1) {
			t.Errorf("%s: a %s of %d components", p.URL, p.Kind, len(p.Components))
		}
	}
}

func TestCompartments(t *testing.T) {
	owners := map[string]*r4.Compartment{}
	for _, c := range r4.Compartments() {
		owners[c.Type] = c
		for typ, params := range c.Members {
			for _, code := range params {
				if code != "{def}" && param(typ, code) == nil {
					t.Errorf("compartment %s: %s has no parameter %s", c.Type, typ, code)
				}
			}
		}
	}
	if len(owners) != 5 {
		t.Errorf("got %d compartments, want 5", len(owners))
	}
	if diff := cmp.Diff([]string{"patient", "payee"}, owners["Patient"].Members["Claim"]); diff != "" {
		t.Error(diff)
	}
	if _, has := owners["Patient"].Members["Organization"]; has {
		t.Error("an Organization is in nobody's compartment")
	}
}
