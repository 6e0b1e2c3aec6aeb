package search_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bima/fhir"
	"bima/fhir/search"
	"bima/fhir/search/searchtest"
)

// TestEveryParameterHitsAndMisses makes a resource for each parameter of each
// type, and each data type its values may have, and searches it.
func TestEveryParameterHitsAndMisses(t *testing.T) {
	r := registry(t)
	cases, without, err := searchtest.Cases(r)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		doc, err := fhir.Parse(c.Body)
		if err != nil {
			t.Fatal(err)
		}
		x := r.Extract(doc.Root())
		for query, want := range map[string]bool{c.Hit: true, c.Miss: false} {
			request, err := r.Parse(c.Type, query, options())
			if err != nil {
				t.Errorf("%s: %v", c.Name, err)
				continue
			}
			got, known := search.Matches(x, fhir.Key{Type: c.Type, ID: "sample"}, now, request.Where)
			if got != want || !known {
				t.Errorf("%s: %s finds it: %v, want %v\n%s", c.Name, query, got, want, c.Body)
			}
		}
	}
	t.Logf("%d cases", len(cases))
	compareWithout(t, without)
}

// compareWithout holds the list of parameters that are not indexed, each a
// limit of the server, to the one in testdata.
func compareWithout(t *testing.T, without []string) {
	t.Helper()
	var own []string
	for _, name := range without {
		_, code, _ := strings.Cut(name, ".")
		if !strings.HasPrefix(code, "_") {
			own = append(own, name)
		}
	}
	file := filepath.Join("testdata", "not-indexed.txt")
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(own, "\n") + "\n"; got != string(want) {
		t.Errorf("%s says these are not indexed:\n%sbut they are:\n%s", file, want, got)
	}
}
