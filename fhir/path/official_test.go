package path_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"bima/fhir"
	"bima/fhir/path"
	"bima/fhir/r4"
)

// An officialCase is one case of HL7's suite for R4 (tests-fhir-r4.xml of
// fhir-test-cases, which is in the public domain), in the form of
// testdata/cases.json. All its cases are there, with their inputs as JSON.
type officialCase struct {
	Group, Name, Input, Expression string
	Predicate                      bool
	Invalid                        *string
	Output                         []struct{ Type, Value string }
}

// differs gives what cases have here instead of their output, and why.
var differs = map[string]struct{ value, why string }{
	"LowBoundaryDecimal15": {"0.0", "decimals have no negative zero; -0.0 and 0.0 are equal"},
}

func TestOfficialSuite(t *testing.T) {
	raw, err := os.ReadFile("testdata/cases.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []officialCase
	if err := json.Unmarshal(raw, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		t.Run(c.Group+"/"+c.Name, func(t *testing.T) { c.run(t) })
	}
}

func (c officialCase) run(t *testing.T) {
	root := parse(t, filepath.Join("testdata", "input", c.Input))
	got, err := evaluate(c.Expression, root)
	if c.Invalid != nil {
		if err == nil {
			t.Fatalf("%s\ngot %s, want a failure (%s)", c.Expression, got.JSON(), *c.Invalid)
		}
		return
	}
	if err != nil {
		t.Fatalf("%s\n%v", c.Expression, err)
	}
	if c.Predicate {
		c.holds(t, got)
		return
	}
	if d, ok := differs[c.Name]; ok {
		c.Output[0].Value = d.value
		t.Log(d.why)
	}
	if len(got) != len(c.Output) {
		t.Fatalf("%s\ngot %s, want %v", c.Expression, got.JSON(), c.Output)
	}
	for i, want := range c.Output {
		if want.Type != "" && got[i].TypeName() != want.Type {
			t.Errorf("%s\ntype of item %d: got %s, want %s", c.Expression, i, got[i].TypeName(), want.Type)
		}
		if got[i].Literal() != want.Value {
			t.Errorf("%s\nitem %d: got %s, want %s", c.Expression, i, got[i].Literal(), want.Value)
		}
	}
}

// holds compares whether the result is there and not false with the output.
func (c officialCase) holds(t *testing.T, got path.Collection) {
	value := len(got) > 0
	if len(got) == 1 {
		if b, ok := got[0].Bool(); ok {
			value = b
		}
	}
	if want := c.Output[0].Value; strconv.FormatBool(value) != want {
		t.Errorf("%s\ngot %s, which is %t, want %s", c.Expression, got.JSON(), value, want)
	}
}

// evaluate compiles, checks against the root's type and evaluates.
func evaluate(expression string, root fhir.Node) (path.Collection, error) {
	e, err := path.Compile(expression)
	if err != nil {
		return nil, err
	}
	if err := e.Check(r4.Lookup(root.Get("resourceType").Text())); err != nil {
		return nil, err
	}
	return e.Evaluate(root, nil, nil)
}

func parse(t testing.TB, file string) fhir.Node {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	d, err := fhir.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return d.Root()
}
