package path_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"bima/fhir"
	"bima/fhir/path"
	"bima/fhir/r4"
)

// An officialCase is one case of HL7's suite, in the form of testdata/cases.json.
type officialCase struct {
	Group, Name, Input, Expression string
	Predicate                      bool
	Invalid                        *string
	Output                         []struct{ Type, Value string }
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
	input := c.Input
	if input == ".json" {
		input = "patient-example.json"
	}
	root := parse(t, filepath.Join("testdata", "input", input))
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
	if len(got) != len(c.Output) {
		t.Fatalf("%s\ngot %s, want %v", c.Expression, got.JSON(), c.Output)
	}
	for i, want := range c.Output {
		if want.Type != "None" && want.Type != "" && got[i].TypeName() != want.Type {
			t.Errorf("%s\ntype of item %d: got %s, want %s", c.Expression, i, got[i].TypeName(), want.Type)
		}
		if got[i].Literal() != want.Value {
			t.Errorf("%s\nitem %d: got %s, want %s", c.Expression, i, got[i].Literal(), want.Value)
		}
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
