package profile_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bima/fhir"
	"bima/fhir/profile"
)

const core = "http://hl7.org/fhir/StructureDefinition/"

// hl7 reads HL7's own definitions (CC0, without their prose) from testdata.
func hl7(tb testing.TB) []profile.Definition {
	tb.Helper()
	files, err := filepath.Glob("testdata/hl7/StructureDefinition-*.json")
	if err != nil || len(files) == 0 {
		tb.Fatalf("no definitions: %v", err)
	}
	var list []profile.Definition
	for _, file := range files {
		list = append(list, profile.Definition{Type: "StructureDefinition", ID: strings.TrimSuffix(filepath.Base(file), ".json"), Body: read(tb, file)})
	}
	return list
}

func read(tb testing.TB, file string) []byte {
	tb.Helper()
	body, err := os.ReadFile(file)
	if err != nil {
		tb.Fatal(err)
	}
	return body
}

func newSet(tb testing.TB, definitions ...profile.Definition) *profile.Set {
	tb.Helper()
	s, issues := profile.New(profile.Options{}, definitions...)
	if len(issues) > 0 {
		tb.Fatal(issues)
	}
	return s
}

// without takes the snapshots away, so that the differentials are built on.
func without(tb testing.TB, list []profile.Definition, member string) []profile.Definition {
	tb.Helper()
	var out []profile.Definition
	for _, d := range list {
		var r map[string]json.RawMessage
		if err := json.Unmarshal(d.Body, &r); err != nil {
			tb.Fatal(err)
		}
		delete(r, member)
		body, err := json.Marshal(r)
		if err != nil {
			tb.Fatal(err)
		}
		d.Body = body
		out = append(out, d)
	}
	return out
}

func parse(tb testing.TB, body []byte) fhir.Node {
	tb.Helper()
	doc, err := fhir.Parse(body)
	if err != nil {
		tb.Fatal(err)
	}
	return doc.Root()
}

// errorsOf gives the errors of a check as "path rule".
func errorsOf(issues []fhir.Issue) []string {
	list := []string{}
	for _, i := range issues {
		if i.Severity == fhir.SeverityError {
			list = append(list, strings.TrimSpace(i.Expression+" "+string(i.Detail)))
		}
	}
	return list
}

func TestExamplesOfHL7AgainstTheirProfiles(t *testing.T) {
	cases := []struct {
		name, file, profile string
		change              []string // pairs of old and new text
		want                []string
	}{
		{"a blood pressure is one", "Observation-blood-pressure", "bp", nil, []string{}},
		{"one that was cancelled has reasons", "Observation-blood-pressure-cancel", "bp", nil, []string{}},
		{"a height is a vital sign", "Observation-body-height", "vitalsigns", nil, []string{}},
		{"a weight is one", "Observation-example", "bodyweight", nil, []string{}},
		{"a height is no weight", "Observation-body-height", "bodyweight", nil, []string{"Observation.code.coding BodyWeightCode"}},
		{
			"a vital sign of another category", "Observation-example", "vitalsigns",
			[]string{`"vital-signs"`, `"laboratory"`},
			[]string{"Observation.category VSCat"},
		},
		{
			"a weight in pounds", "Observation-example", "bodyweight",
			[]string{`"http://unitsofmeasure.org"`, `"http://units.example"`},
			[]string{"Observation.value.system"},
		},
		{
			"without a systolic value", "Observation-blood-pressure", "bp",
			[]string{`"8480-6"`, `"8480-7"`},
			[]string{"Observation.component SystolicBP"},
		},
		{
			"a systolic value of another unit", "Observation-blood-pressure", "bp",
			[]string{`"value":107,"unit":"mmHg","system":"http://unitsofmeasure.org","code":"mm[Hg]"`, `"value":107,"unit":"kPa","system":"http://unitsofmeasure.org","code":"kPa"`},
			[]string{"Observation.component[0].value.code"},
		},
		{
			"a time that is too rough", "Observation-body-height", "vitalsigns",
			[]string{`"1999-07-02"`, `"1999"`},
			[]string{"Observation.effective vs-1"},
		},
	}
	list := hl7(t)
	for kind, set := range map[string]*profile.Set{
		"by snapshot":     newSet(t, without(t, list, "differential")...),
		"by differential": newSet(t, without(t, list, "snapshot")...),
	} {
		for _, c := range cases {
			t.Run(c.name+" "+kind, func(t *testing.T) {
				body := read(t, "testdata/hl7/"+c.file+".json")
				if changed := []byte(strings.NewReplacer(c.change...).Replace(string(body))); len(c.change) > 0 {
					if bytes.Equal(changed, body) {
						t.Fatal("nothing was changed")
					}
					body = changed
				}
				issues, known := set.Check(parse(t, body), core+c.profile)
				if !known {
					t.Fatal("the profile is not known")
				}
				if diff := cmp.Diff(c.want, errorsOf(issues)); diff != "" {
					t.Errorf("(-want +got):\n%s\n%v", diff, issues)
				}
			})
		}
	}
}
