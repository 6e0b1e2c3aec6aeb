package filter_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"bima/fhir"
	"bima/fhir/search/filter"
)

// write spells a filter with every bracket, so that a test reads what was
// understood.
func write(e filter.Expr) string {
	switch e := e.(type) {
	case filter.And:
		return "(" + write(e.Left) + " and " + write(e.Right) + ")"
	case filter.Or:
		return "(" + write(e.Left) + " or " + write(e.Right) + ")"
	case filter.Not:
		return "not (" + write(e.Expr) + ")"
	case filter.Test:
		return writePath(e.Path) + " " + e.Op + " " + fmt.Sprintf("%q", e.Value)
	}
	return fmt.Sprintf("%T", e)
}

func writePath(path []filter.Step) string {
	var names []string
	for _, s := range path {
		name := s.Name
		if s.Type != "" {
			name += ":" + s.Type
		}
		if s.Filter != nil {
			name += "[" + write(s.Filter) + "]"
		}
		names = append(names, name)
	}
	return strings.Join(names, ".")
}

func TestParse(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"a test", `name co "pet"`, `name co "pet"`},
		{"a token", "code eq http://loinc.org|1234-5", `code eq "http://loinc.org|1234-5"`},
		{"a number", "probability gt 0.5", `probability gt "0.5"`},
		{"a date", `birthdate ge 2014-10-10`, `birthdate ge "2014-10-10"`},
		{"and", "a eq 1 and b eq 2", `(a eq "1" and b eq "2")`},
		{"from left to right", "a eq 1 or b eq 2 and c eq 3", `((a eq "1" or b eq "2") and c eq "3")`},
		{"brackets", "a eq 1 or (b eq 2 and c eq 3)", `(a eq "1" or (b eq "2" and c eq "3"))`},
		{"not", "not (a eq 1)", `not (a eq "1")`},
		{"not without a space", "not(a eq 1) and b eq 2", `(not (a eq "1") and b eq "2")`},
		{"not of one test", "not a eq 1", `not (a eq "1")`},
		{"not not", "not not (a eq 1)", `a eq "1"`},
		{"a chain", `subject.name co "pet"`, `subject.name co "pet"`},
		{"a chain with a type", "subject:Patient.name sw x", `subject:Patient.name sw "x"`},
		{"a filter on the way", `related[type eq "has-component"].target pr true`, `related[type eq "has-component"].target pr "true"`},
		{"a token ends at a bracket", "related[type eq has-component].target re Observation/4", `related[type eq "has-component"].target re "Observation/4"`},
		{"a unit with brackets of its own", "(a[v eq 5|http://unitsofmeasure.org|mm[Hg]].b gt 1||mg/(24.h))", `a[v eq "5|http://unitsofmeasure.org|mm[Hg]"].b gt "1||mg/(24.h)"`},
		{"a filter of a filter", "a[b[c eq 1].d eq 2 or e eq 3].f eq 4", `a[(b[c eq "1"].d eq "2" or e eq "3")].f eq "4"`},
		{"names", "_id eq 1 and code-value-quantity eq x", `(_id eq "1" and code-value-quantity eq "x")`},
		{"a string with brackets and escapes", `a eq "x) ] \" \\ \u00e9"`, `a eq "x) ] \" \\ é"`},
		{"operators in capitals", "a EQ 1", `a eq "1"`},
		{"space", " \t( a  eq\n1 ) ", `a eq "1"`},
		{"words that begin like others", "note eq order and android eq notes", `(note eq "order" and android eq "notes")`},
	} {
		got, err := filter.Parse(c.text)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if write(got) != c.want {
			t.Errorf("%s: got %s, want %s", c.name, write(got), c.want)
		}
	}
}

func TestParse_TellsWhatAndWhere(t *testing.T) {
	for _, c := range []struct {
		text, says string
		code       fhir.IssueType
	}{
		{"", "at character 1: a parameter's name is missing", fhir.IssueInvalid},
		{"a", "at character 2: an operator such as eq is missing", fhir.IssueInvalid},
		{"a is 1", `at character 3: "is" is no operator`, fhir.IssueInvalid},
		{"a eq", "at character 5: a value is missing after eq", fhir.IssueInvalid},
		{"a eq )", "at character 6: a value is missing after eq", fhir.IssueInvalid},
		{"(a eq 1", `at character 8: a ")" is missing`, fhir.IssueInvalid},
		{"a eq 1)", `at character 7: ")" is not expected`, fhir.IssueInvalid},
		{"a eq 1 b eq 2", `at character 8: "b" is not expected`, fhir.IssueInvalid},
		{"a eq 1 and", "at character 11: a parameter's name is missing", fhir.IssueInvalid},
		{"a[b eq 1.c eq 2", `at character 12: a "]" is missing`, fhir.IssueInvalid},
		{"é eq 1", "at character 1: a parameter's name is missing", fhir.IssueInvalid},
		{`a eq "é" or ?`, "at character 13: a parameter's name is missing", fhir.IssueInvalid},
		{"a. eq 1", "at character 3: a parameter's name is missing", fhir.IssueInvalid},
		{"a:.b eq 1", "at character 3: a resource type is missing", fhir.IssueInvalid},
		{`a eq "x`, "at character 6: the closing quote is missing", fhir.IssueInvalid},
		{`a eq "\x"`, "is no JSON string", fhir.IssueInvalid},
		{"not", "a parameter's name is missing", fhir.IssueInvalid},
		{strings.Repeat("(", 30) + "a eq 1", "more than 20 brackets", fhir.IssueTooCostly},
		{strings.Repeat("a eq 1 and ", 200) + "a eq 1", "more than 200 comparisons", fhir.IssueTooCostly},
		{strings.Repeat("a.", 20) + "a eq 1", "more than 20 names", fhir.IssueTooCostly},
		{"a eq " + strings.Repeat("x", 20_000), "longer than", fhir.IssueTooCostly},
	} {
		_, err := filter.Parse(c.text)
		var o *fhir.Outcome
		if !errors.As(err, &o) || o.Issues[0].Code != c.code || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%.40s: got %v, want %s … %s", c.text, err, c.code, c.says)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		`name co "pet"`, "a[b eq 1 and c ne 2].d pr true", "not (a eq 1) or b.c sa 2020-01-01", `a:T.b eq "\u00e9)]"`, "((a eq 1)", "not not",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		e, err := filter.Parse(text)
		if err != nil {
			var o *fhir.Outcome
			if !errors.As(err, &o) {
				t.Fatalf("%q: %v is no Outcome", text, err)
			}
			return
		}
		if strings.Contains(write(e), "<nil>") {
			t.Fatalf("%q was understood as %s", text, write(e))
		}
	})
}
