package interaction_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bima/fhir"
	"bima/fhir/interaction"
	"bima/fhir/r4"
	"bima/fhir/validate"
)

func TestOutcomeJSON(t *testing.T) {
	cases := []struct {
		name   string
		issues []fhir.Issue
		want   string
	}{
		{
			"No issue is news that all went well.", nil,
			`{"resourceType":"OperationOutcome","issue":[{"severity":"information","code":"informational","diagnostics":"All went well."}]}`,
		},
		{
			"All that is known is told.",
			[]fhir.Issue{{Severity: fhir.SeverityError, Code: fhir.IssueInvariant, Detail: "per-1", Expression: "Patient.period", Diagnostics: "a \"b\"\n\x01é\xff"}},
			`{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"invariant","details":{"coding":[{"system":"https://bima.example/fhir/CodeSystem/issue-detail","code":"per-1"}]},` +
				`"diagnostics":"a \"b\"\n\u0001é` + "\uFFFD" + `","expression":["Patient.period"]}]}`,
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := interaction.OutcomeJSON(c.issues)
			if diff := cmp.Diff(c.want, string(got)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestStatus(t *testing.T) {
	cases := []struct {
		name string
		err  error
		want int
	}{
		{"No error", nil, 200},
		{"An error that is no Outcome", errors.New("disk"), 500},
		{"A type", fhir.Errorf(fhir.IssueDeleted, "", "x"), 410},
		{"A detail says more than its type.", fhir.Detailf(fhir.IssueConflict, fhir.DetailVersionConflict, "", "x"), 412},
		{"An invariant's key is no status.", fhir.Detailf(fhir.IssueInvariant, "per-1", "", "x"), 400},
		{"Warnings before the error don't count.", &fhir.Outcome{Issues: []fhir.Issue{
			{Severity: fhir.SeverityWarning, Code: fhir.IssueNotFound},
			{Severity: fhir.SeverityError, Code: fhir.IssueBusinessRule},
		}}, 422},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := interaction.Status(c.err); got != c.want {
				t.Errorf("got %d, want %d", got, c.want)
			}
		})
	}
	for _, code := range r4.ValueSetCodes("http://hl7.org/fhir/ValueSet/issue-type") {
		if got := interaction.Status(fhir.Errorf(fhir.IssueType(code.Code), "", "x")); got < 400 {
			t.Errorf("%s has status %d", code.Code, got)
		}
	}
}

func TestCapabilities(t *testing.T) {
	e := newEngine(t, interaction.Config{Modules: []fhir.Module{module(new([]string))}, Security: []string{"Basic"}, Version: "1.2"})
	body, tag := e.Capabilities()
	if _, issues := validate.Resource(body, validate.Options{Type: "CapabilityStatement"}); fhir.Failed(issues) {
		t.Errorf("the statement is not valid: %v", issues)
	}
	var statement struct {
		FHIRVersion string
		Rest        []struct {
			Interaction []struct{ Code string }
			Resource    []struct {
				Type             string
				SearchParam      []struct{ Name, Type, Definition string }
				SearchInclude    []string
				SearchRevInclude []string
				Operation        []struct{ Name, Definition string }
			}
		}
	}
	decode(t, body, &statement)
	rest := statement.Rest[0]
	if len(rest.Resource) != len(r4.Resources()) || statement.FHIRVersion != "4.0.1" || len(rest.Interaction) != 4 {
		t.Errorf("%d types, version %s", len(rest.Resource), statement.FHIRVersion)
	}
	for _, r := range rest.Resource {
		if r.Type != "Patient" {
			continue
		}
		if len(r.Operation) != 3 || r.Operation[1].Name != "greet" || r.Operation[1].Definition != "https://example.org/greet" {
			t.Errorf("operations %v", r.Operation)
		}
		if len(r.SearchParam) < 20 || len(r.SearchInclude) < 4 || len(r.SearchRevInclude) < 100 {
			t.Errorf("%d parameters, %d includes, %d reverse", len(r.SearchParam), len(r.SearchInclude), len(r.SearchRevInclude))
		}
	}
	if _, again := newEngine(t, interaction.Config{Modules: []fhir.Module{module(new([]string))}, Security: []string{"Basic"}, Version: "1.2"}).Capabilities(); again != tag {
		t.Errorf("the entity tag changed from %s to %s", tag, again)
	}
	if _, other := newEngine(t, interaction.Config{}).Capabilities(); other == tag {
		t.Error("another statement has the same entity tag")
	}
}
