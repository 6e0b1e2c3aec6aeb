package search_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bima/fhir"
)

// tells gives the tokens that tell of a value, or those that tell of none.
func tells(all []fhir.TokenRow, absent bool) (out []fhir.TokenRow) {
	for _, r := range all {
		if strings.HasSuffix(r.Param, ":missing") == absent {
			out = append(out, r)
		}
	}
	return out
}

func TestExtractWhatIsAbsent(t *testing.T) {
	for _, c := range []struct {
		name, src string
		want      []string
	}{
		{"of some parameters", `{"resourceType":"Patient","telecom":[]}`, []string{"birthdate", "family", "gender", "given", "identifier", "name"}},
		{
			"of those without a value", `{"resourceType":"Patient","gender":"male","name":[{"family":"Okello"}],"birthDate":"1990-01-02"}`,
			[]string{"given", "identifier"},
		},
		{
			"a text or an identifier is a value too",
			`{"resourceType":"Claim","status":"active","use":"claim","created":"2026-01-02","identifier":[{"value":"1"}],
			  "patient":{"reference":"Patient/1"},"provider":{"display":"Mnazi Mmoja"},"insurer":{"identifier":{"value":"9"}}}`, nil,
		},
		{"of other types none", `{"resourceType":"Organization"}`, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			var want []fhir.TokenRow
			for _, code := range c.want {
				want = append(want, token(code+":missing", "", "true"))
			}
			if diff := cmp.Diff(want, tells(extract(t, c.src).Tokens, true), anyOrder); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestParseWhatIsAbsentOfWhatManyLack(t *testing.T) {
	got, err := registry(t).Parse("Claim", "encounter:missing=true", options())
	if err != nil {
		t.Fatal(err)
	}
	want := fhir.All{fhir.Not{Criterion: fhir.Any{
		fhir.Present{Param: fhir.Param{Code: "encounter", Kind: fhir.ParamReference}},
		fhir.Present{Param: fhir.Param{Code: "encounter:identifier", Kind: fhir.ParamToken}},
		fhir.Present{Param: fhir.Param{Code: "encounter:text", Kind: fhir.ParamString}},
	}}}
	if diff := cmp.Diff(fhir.Criterion(want), got.Where); diff != "" {
		t.Error(diff)
	}
}
