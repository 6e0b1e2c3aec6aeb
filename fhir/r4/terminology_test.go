package r4_test

import (
	"testing"

	"bima/fhir"
	"bima/fhir/r4"
)

func TestDefinitionsAreWhatTheirLinesSay(t *testing.T) {
	count := map[string]int{}
	seen := map[[3]string]bool{}
	for _, d := range r4.Definitions() {
		count[d.Type]++
		doc, err := fhir.Parse([]byte(d.Body))
		if err != nil {
			t.Fatalf("%s/%s: %v", d.Type, d.ID, err)
		}
		n := doc.Root()
		got := r4.Definition{Type: n.Get("resourceType").Text(), ID: n.Get("id").Text(), URL: n.Get("url").Text(), Version: n.Get("version").Text(), Body: d.Body}
		if got != d {
			t.Errorf("got %s, want %s", d.Body, got.URL)
		}
		key := [3]string{d.Type, d.URL, d.Version}
		if seen[key] {
			t.Errorf("%v is there twice", key)
		}
		seen[key] = true
	}
	want := map[string]int{"CodeSystem": 1062 + 2, "ValueSet": 1316, "ConceptMap": 80}
	for typ, n := range want {
		if count[typ] != n {
			t.Errorf("got %d of %s, want %d: HL7's and two of ISO", count[typ], typ, n)
		}
	}
}
