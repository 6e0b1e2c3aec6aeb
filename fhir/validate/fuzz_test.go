package validate_test

import (
	"encoding/json"
	"testing"

	"bima/fhir"
	"bima/fhir/validate"
)

// fuzzSeedBytesMax keeps the seeds small, so that mutations hit structure.
const fuzzSeedBytesMax = 3000

func FuzzResource(f *testing.F) {
	for _, dir := range []string{"../../testdata/examples", "testdata/sketches"} {
		for _, text := range examples(f, dir) {
			if len(text) <= fuzzSeedBytesMax {
				f.Add(text)
			}
		}
	}
	f.Add([]byte(`{"resourceType":"Patient","_birthDate":{"extension":[{"url":"x:y","valueReference":{"reference":"#"}}]},"name":[{"given":[null,"a"],"_given":[{"id":"a"},null]}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		doc, issues := validate.Resource(text, validate.Options{})
		for _, i := range issues {
			if i.Severity == "" || i.Code == "" || i.Diagnostics == "" {
				t.Errorf("an incomplete finding %+v", i)
			}
		}
		if doc == nil || fhir.Failed(issues) {
			return
		}
		v, err := decode(text)
		if err != nil {
			t.Fatalf("valid, and encoding/json says %v", err)
		}
		again, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if _, issues := validate.Resource(again, validate.Options{}); fhir.Failed(issues) {
			t.Errorf("valid, but not when written again as %s: %v", again, issues)
		}
	})
}
