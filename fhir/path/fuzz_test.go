package path_test

import (
	"encoding/json"
	"errors"
	"os"
	"testing"
	"time"

	"bima/fhir"
	"bima/fhir/path"
	"bima/fhir/r4"
)

// seed adds the official cases and R4's own expressions.
func seed(f *testing.F) {
	raw, err := os.ReadFile("testdata/cases.json")
	if err != nil {
		f.Fatal(err)
	}
	var cases []officialCase
	if err := json.Unmarshal(raw, &cases); err != nil {
		f.Fatal(err)
	}
	for _, c := range cases {
		f.Add(c.Expression)
	}
	for _, c := range r4.Lookup("Patient").Constraints {
		f.Add(c.Expression)
	}
	f.Add("(1|2|3|4).aggregate($total & $total & 'xxxxxxxxxxxxxxxx', 'x')")
	f.Add("repeat(children() | $this)")
}

// FuzzCompile asserts that any text compiles or fails with an Outcome.
func FuzzCompile(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, text string) {
		_, err := path.Compile(text)
		mustBeOutcome(t, err)
	})
}

// FuzzEvaluate asserts that evaluation ends, and fails with an Outcome only.
func FuzzEvaluate(f *testing.F) {
	seed(f)
	root := parse(f, "testdata/input/patient-example.json")
	patient := r4.Lookup("Patient")
	f.Fuzz(func(t *testing.T, text string) {
		e, err := path.Compile(text)
		if err != nil {
			return
		}
		mustBeOutcome(t, e.Check(patient))
		c := &path.Context{Now: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)}
		got, err := e.Evaluate(root, patient, c)
		mustBeOutcome(t, err)
		if !json.Valid(got.JSON()) {
			t.Errorf("%s: %s is no JSON", text, got.JSON())
		}
	})
}

func mustBeOutcome(t *testing.T, err error) {
	t.Helper()
	var o *fhir.Outcome
	if err != nil && !errors.As(err, &o) {
		t.Errorf("%v is no Outcome", err)
	}
}
