package storagetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"bima/fhir"
)

// tokenSets holds a store to TokenSetValue.
func tokenSets(t *testing.T, open func(t *testing.T) fhir.Store) {
	f := fixture{t, open(t)}
	coded := func(rows ...fhir.TokenRow) *fhir.Index { return &fhir.Index{Tokens: rows} }
	code := func(system, code string) fhir.TokenRow {
		return fhir.TokenRow{Param: "code", System: system, Code: code}
	}
	f.create("Condition/malaria", coded(code("urn:icd", "B50"), code("urn:local", "M1")))
	f.create("Condition/cholera", coded(code("urn:icd", "A00")))
	f.create("Condition/local", coded(code("urn:local", "A00")))
	f.create("Condition/bare", coded(code("", "B50")))
	f.create("Condition/none", nil)
	f.create("Procedure/other", coded(code("urn:icd", "B50")))
	f.create("Claim/c1", &fhir.Index{References: []fhir.ReferenceRow{{Param: "diagnosis", Key: key("Condition/malaria")}}})
	f.create("Claim/c2", &fhir.Index{References: []fhir.ReferenceRow{{Param: "diagnosis", Key: key("Condition/cholera")}}})
	in := func(tokens ...fhir.TokenValue) fhir.Match {
		return fhir.Match{Param: param("code", fhir.ParamToken), Value: fhir.TokenSetValue{Tokens: tokens}}
	}
	many := func(system string, also ...string) (out []fhir.TokenValue) {
		for i := range 5000 {
			out = append(out, fhir.TokenValue{System: system, Code: fmt.Sprint("X", i)})
		}
		for _, c := range also {
			out = append(out, fhir.TokenValue{System: system, Code: c})
		}
		return out
	}
	icd := func(code string) fhir.TokenValue { return fhir.TokenValue{System: "urn:icd", Code: code} }
	local := func(code string) fhir.TokenValue { return fhir.TokenValue{System: "urn:local", Code: code} }
	diagnosis := param("diagnosis", fhir.ParamReference)
	f.cases([]searchCase{
		{"one code of a set", "Condition", in(icd("B50"), icd("B51")), "Condition/malaria"},
		{"codes of two systems", "Condition", in(icd("B50"), local("A00"), icd("A01")), "Condition/local Condition/malaria"},
		{"the code of another system is none of the set", "Condition", in(icd("M1"), local("B50")), ""},
		{"thousands of codes", "Condition", in(many("urn:icd", "A00", "B50")...), "Condition/cholera Condition/malaria"},
		{"thousands of codes of two systems", "Condition", in(append(many("urn:icd", "A00"), many("urn:local", "M1")...)...), "Condition/cholera Condition/malaria"},
		{"thousands of others", "Condition", in(many("urn:icd")...), ""},
		{"codes of any system", "Condition", in(fhir.TokenValue{Code: "B50", AnySystem: true}, fhir.TokenValue{Code: "A01", AnySystem: true}), "Condition/bare Condition/malaria"},
		{"codes of any and of one system", "Condition", in(fhir.TokenValue{Code: "M1", AnySystem: true}, local("A00")), "Condition/local Condition/malaria"},
		{"codes of no system", "Condition", in(fhir.TokenValue{Code: "B50"}, fhir.TokenValue{Code: "A00"}), "Condition/bare"},
		{"all codes of a system, and one of another", "Condition", in(fhir.TokenValue{System: "urn:local", AnyCode: true}, icd("A00")), "Condition/cholera Condition/local Condition/malaria"},
		{"any code at all", "Condition", in(fhir.TokenValue{AnySystem: true, AnyCode: true}), "Condition/bare Condition/cholera Condition/local Condition/malaria"},
		{"the empty set has none", "Condition", in(), ""},
		{"not in the set", "Condition", fhir.Not{Criterion: in(many("urn:icd", "A00", "B50")...)}, "Condition/bare Condition/local Condition/none"},
		{"beside an alternative", "Condition", fhir.Any{in(icd("A00"), icd("A01")), fhir.IDs{"none"}}, "Condition/cholera Condition/none"},
		{"beside other values of the parameter", "Condition", fhir.Any{in(icd("A00")), token("code", "M1")}, "Condition/cholera Condition/malaria"},
		{"in a chain", "Claim", fhir.Chain{Param: diagnosis, Type: "Condition", Where: in(many("urn:icd", "B50")...)}, "Claim/c1"},
		{"of what refers to it", "Condition", fhir.All{fhir.Has{Type: "Claim", Param: diagnosis}, in(icd("A00"), icd("Z00"))}, "Condition/cholera"},
		{"with another criterion", "Condition", fhir.All{in(icd("A00"), icd("B50")), token("code", "M1")}, "Condition/malaria"},
	})
}

// cases holds a store to what each search finds, and to its total.
func (f fixture) cases(all []searchCase) {
	for _, c := range all {
		f.Run(c.name, func(t *testing.T) {
			f := fixture{t, f.store}
			q := fhir.Query{Types: strings.Fields(c.types), Where: c.where}
			got := f.found(q)
			slices.Sort(got)
			same(t, "found", got, strings.Fields(c.want))
			q.Total = fhir.TotalAccurate
			f.view(func(r fhir.Reader) error {
				page, err := r.Search(&q)
				if err == nil && (page.Total == nil || *page.Total != int64(len(got)) || len(page.Resources) > 0) {
					t.Errorf("a search for the total gives %+v", page)
				}
				return err
			})
		})
	}
}
