package validate_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bima/fhir"
	"bima/fhir/validate"

	"github.com/google/fhir/go/fhirversion"
	"github.com/google/fhir/go/jsonformat"
)

// examples reads a folder of resources by file name.
func examples(t testing.TB, dir string) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no resources in %s: %v", dir, err)
	}
	texts := map[string][]byte{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		texts[filepath.Base(file)] = text
	}
	return texts
}

// invalid holds the HL7 examples that R4 itself makes invalid, with the reason.
var invalid = map[string]string{
	"DeviceMetric-example.json":       "DeviceMetric.parent refers to a DeviceDefinition; R4 allows Device",
	"DeviceUseStatement-example.json": "DeviceUseStatement.reasonReference refers to a Procedure; R4 does not list it",
}

func TestResource_RaisesNoFalseAlarm(t *testing.T) {
	for name, text := range examples(t, "../../testdata/examples") {
		_, issues := validate.Resource(text, validate.Options{})
		if failed := fhir.Failed(issues); failed != (invalid[name] != "") {
			t.Errorf("%s: %s: %v", name, invalid[name], issues)
		}
	}
	for name, text := range examples(t, "testdata/sketches") {
		if _, issues := validate.Resource(text, validate.Options{}); len(issues) > 0 {
			t.Errorf("%s: %v", name, issues)
		}
	}
}

// google is the second opinion.
func google(t testing.TB) func(text []byte) error {
	t.Helper()
	u, err := jsonformat.NewUnmarshaller("UTC", fhirversion.R4)
	if err != nil {
		t.Fatal(err)
	}
	return func(text []byte) error {
		_, err := u.Unmarshal(text)
		return err
	}
}

func TestResource_AgreesWithGoogleOnExamples(t *testing.T) {
	opinion := google(t)
	for name, text := range examples(t, "../../testdata/examples") {
		_, issues := validate.Resource(text, validate.Options{})
		if err := opinion(text); (err != nil) != fhir.Failed(issues) {
			t.Errorf("%s: google/fhir says %v, we say %v", name, err, issues)
		}
	}
}

// googleMisses holds the kinds of mutants that google/fhir lets pass, always or
// at some places, with the reason. What it refuses and we let pass: nothing.
var googleMisses = map[string]string{
	"an empty array":                        "ele-1 is not checked",
	"an empty object":                       "ele-1 is not checked",
	"an empty string":                       "ele-1 is not checked",
	"a malformed uri":                       "white space is let pass in URIs",
	"a malformed url":                       "white space is let pass in URLs",
	"a malformed canonical":                 "white space is let pass in canonical URLs",
	"a malformed code":                      "codes of open value sets (currencies, media types) are not looked at",
	"a code of no value set":                "currencies are not looked at",
	"a malformed markdown":                  "control characters are let pass in markdown",
	"a code in the wrong case":              "codes are compared in any case",
	"an extension without content":          "ext-1 is not checked",
	"an extension with value and parts":     "ext-1 is not checked",
	"a reference into nothing":              "fragments are not followed",
	"a reference to no resource type":       "an unknown type is kept as a URI",
	"an absolute reference to a wrong type": "only relative references are checked",
	inContained:                             "contained resources are not checked",
}

// inContained stands for every mutant in a contained resource.
const inContained = "a mutant in a contained resource"

// perKind is how many places of each example are broken in each way.
const perKind = 2

// exampleBytesMax bounds the examples that are broken: larger ones bring time
// and no other places.
const exampleBytesMax = 12_000

func TestResource_FindsEveryMutantAndAgreesWithGoogle(t *testing.T) {
	opinion := google(t)
	total, missed := 0, map[string]int{}
	for name, text := range examples(t, "../../testdata/examples") {
		if len(text) > exampleBytesMax || invalid[name] != "" {
			continue
		}
		mutants(t, text, perKind, func(kind, path string, broken []byte) {
			total++
			_, issues := validate.Resource(broken, validate.Options{})
			if !finds(issues, path) {
				t.Errorf("%s: %s at %s is not found: %v", name, kind, path, issues)
			}
			if strings.Contains(path, ".contained[") {
				kind = inContained
			}
			if opinion(broken) == nil {
				missed[kind]++
				if googleMisses[kind] == "" {
					t.Errorf("%s: %s at %s: google/fhir lets it pass, we say %v", name, kind, path, issues)
				}
			}
		})
	}
	for kind := range googleMisses {
		if missed[kind] == 0 {
			t.Errorf("google/fhir no longer misses %s", kind)
		}
	}
	t.Logf("%d mutants, of which google/fhir misses %v", total, missed)
}
