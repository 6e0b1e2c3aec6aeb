package profile_test

import (
	"bytes"
	"testing"

	"bima/fhir"
	"bima/fhir/profile"
)

// FuzzReadPackage reads whatever comes as a package.
func FuzzReadPackage(f *testing.F) {
	f.Add(pack(f, file{"package/ValueSet-v.json", `{"resourceType":"ValueSet","id":"v"}`}, file{"package/package.json", `{}`}))
	f.Add(pack(f, file{"package/a.json", `[`}))
	f.Add([]byte("\x1f\x8b"))
	f.Fuzz(func(t *testing.T, body []byte) {
		list, err := profile.ReadPackage(bytes.NewReader(body))
		if err != nil && len(fhir.OutcomeOf(err).Issues) == 0 {
			t.Error("refused without a reason")
		}
		for _, d := range list {
			if d.Type == "" {
				t.Error("a definition without a type")
			}
		}
	})
}

// FuzzCheck compiles whatever comes as a definition, and holds whatever comes as
// a resource against it.
func FuzzCheck(f *testing.F) {
	observation := read(f, "testdata/hl7/Observation-body-height.json")
	for _, d := range without(f, hl7(f), "snapshot") {
		f.Add(d.Body, observation)
	}
	f.Add(definition("p", "Patient", sliced("Patient.telecom", "value", "system", "closed", ""), phoneSlice).Body, []byte(`{"resourceType":"Patient","telecom":[{"system":"fax"},null,7]}`))
	f.Add(definition("q", "Patient", sliced("Patient.name", "exists", "extension('x').value.ofType(code)", "openAtEnd", `,"ordered":true`), `{"id":"Patient.name:a/b","path":"Patient.name","sliceName":"a/b"}`).Body, []byte(`{"resourceType":"Patient","_birthDate":{"extension":[{}]},"name":{"given":[null]}}`))
	f.Fuzz(func(t *testing.T, structure, resource []byte) {
		set, _ := profile.New(profile.Options{}, profile.Definition{Type: "StructureDefinition", ID: "f", Body: structure})
		doc, err := fhir.Parse(resource)
		if err != nil {
			return
		}
		for _, url := range append(set.Profiles(""), core+"Patient") {
			issues, known := set.Check(doc.Root(), url)
			for _, i := range issues {
				if i.Diagnostics == "" || i.Severity == "" {
					t.Errorf("a finding without words: %+v", i)
				}
			}
			if known && url != core+"Patient" {
				if text, err := set.JSONSchema(url); err == nil && len(text) == 0 {
					t.Error("an empty schema")
				}
			}
		}
	})
}
