package parameters_test

import (
	"errors"
	"strings"
	"testing"

	"bima/fhir"
	"bima/fhir/parameters"
)

func TestForm(t *testing.T) {
	f, err := parameters.Of(&fhir.Resource{Body: []byte(`{"resourceType":"Parameters","parameter":[
		{"name":"date","valueDate":"2026-02-28"},{"name":"month","valueDate":"2026-02"},
		{"name":"n","valueInteger":7},{"name":"many","valueInteger":5000},{"name":"none","valueInteger":0},
		{"name":"yes","valueBoolean":true},{"name":"maybe","valueString":"maybe"},
		{"name":"for","valueReference":{"reference":"Patient/1"}},{"name":"for","part":[]},{"name":"for","valueReference":{"reference":"Patient/2"}}]}`)})
	if err != nil {
		t.Fatal(err)
	}
	day := func(name string) func() (any, error) {
		return func() (any, error) { return f.Day(name, "2026-01-01") }
	}
	count := func(name string) func() (any, error) {
		return func() (any, error) { return f.Count(name, 3, 100) }
	}
	flag := func(name string) func() (any, error) { return func() (any, error) { return f.Flag(name) } }
	for name, c := range map[string]struct {
		ask     func() (any, error)
		want    any
		refused string // the parameter that the refusal names
	}{
		"a day":                         {day("date"), "2026-02-28", ""},
		"no day is the other one":       {day("absent"), "2026-01-01", ""},
		"a month is no day":             {day("month"), "", "month"},
		"a count":                       {count("n"), 7, ""},
		"no count is the other one":     {count("absent"), 3, ""},
		"a count is cut at its most":    {count("many"), 100, ""},
		"a count begins with 1":         {count("none"), 0, "none"},
		"a flag":                        {flag("yes"), true, ""},
		"no flag is false":              {flag("absent"), false, ""},
		"a flag is true or false":       {flag("maybe"), false, "maybe"},
		"values, but not what has none": {func() (any, error) { return len(f.Values("for")), nil }, 2, ""},
		"all of a name":                 {func() (any, error) { return len(f.All("for")), nil }, 3, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := c.ask()
			if got != c.want {
				t.Errorf("got %v, want %v", got, c.want)
			}
			var outcome *fhir.Outcome
			if refused := errors.As(err, &outcome); refused != (c.refused != "") {
				t.Fatalf("got the error %v", err)
			}
			if c.refused != "" && !strings.Contains(outcome.Issues[0].Expression, "'"+c.refused+"'") {
				t.Errorf("the refusal names %v", outcome.Issues[0].Expression)
			}
		})
	}
}

func TestWhatAnOperationIsGiven(t *testing.T) {
	if f, err := parameters.Of(nil); err != nil || f.Root().Exists() {
		t.Errorf("nothing given: %v", err)
	}
	if _, err := parameters.Of(&fhir.Resource{Body: []byte(`{"resourceType":"Patient"}`)}); !fhir.HasIssue(err, fhir.IssueInvalid) {
		t.Errorf("a Patient in place of Parameters: %v", err)
	}
	f, err := parameters.Of(&fhir.Resource{Body: []byte(`{"resourceType":"Parameters","parameter":[{"name":"datum"}]}`)})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Only("date"); !fhir.HasIssue(err, fhir.IssueInvalid) {
		t.Errorf("a misspelt parameter is passed over: %v", err)
	}
	if err := f.Only("date", "datum"); err != nil {
		t.Error(err)
	}
}
