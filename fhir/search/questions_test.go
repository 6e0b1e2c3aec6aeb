package search_test

import (
	"testing"

	"bima/fhir"
	"bima/fhir/search"
	"bima/fhir/search/searchtest"
)

// TestQuestionsInMemory evaluates each question on each resource of its type; what
// needs other resources is left to the databases.
func TestQuestionsInMemory(t *testing.T) {
	r := registry(t)
	world, err := searchtest.Resources()
	if err != nil {
		t.Fatal(err)
	}
	indexes := map[fhir.Key]*fhir.Index{}
	for _, one := range world {
		indexes[one.Key] = r.Extract(one.Node)
	}
	asked := 0
	for _, q := range searchtest.Questions() {
		request, err := r.Parse(q.Type, q.Escaped(), options())
		if err != nil {
			t.Errorf("%s: %v", q.Name, err)
			continue
		}
		var found []string
		known := true
		for key, x := range indexes {
			if key.Type != q.Type {
				continue
			}
			holds, certain := search.Matches(x, key, now, request.Where)
			known = known && certain
			if holds {
				found = append(found, key.ID)
			}
		}
		if !known {
			continue
		}
		asked++
		if got := searchtest.Found(found); got != q.Want {
			t.Errorf("%s: %s?%s finds %q, want %q", q.Name, q.Type, q.Query, got, q.Want)
		}
	}
	t.Logf("%d of %d questions need no other resource", asked, len(searchtest.Questions()))
	if asked < 150 {
		t.Errorf("only %d questions were answered", asked)
	}
}
