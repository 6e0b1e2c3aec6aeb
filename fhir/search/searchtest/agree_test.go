package searchtest_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"bima/fhir"
	"bima/fhir/search"
	"bima/fhir/search/searchtest"
	"bima/storage/storagetest"
)

// TestMemoryAgreesWithTheDatabase joins criteria at random and holds what is found
// in memory to what SQLite finds.
func TestMemoryAgreesWithTheDatabase(t *testing.T) {
	r := registry(t)
	store := open(t, storagetest.SQLite(t))
	world, err := searchtest.Resources()
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Update(t.Context(), func(w fhir.Writer) error { return putWorld(w, r, world) }); err != nil {
		t.Fatal(err)
	}
	leaves := leavesOf(t, r, world)
	rapid.Check(t, func(rt *rapid.T) {
		typ := rapid.SampledFrom([]string{"Patient", "Observation", "RiskAssessment", "Location", "ValueSet"}).Draw(rt, "type")
		criterion := tree(rt, r, typ, leaves[typ], 3)
		var want []string
		for _, one := range world {
			holds, known := search.Matches(r.Extract(one.Node), one.Key, options().Now, criterion)
			if !known {
				rt.Fatalf("%#v is not known", criterion)
			}
			if holds && one.Type == typ {
				want = append(want, one.ID)
			}
		}
		request := &search.Request{Query: fhir.Query{Types: []string{typ}, Where: criterion}}
		if got := answer(t, store, request); got != searchtest.Found(want) {
			rt.Fatalf("SQLite finds %q, memory %q of %s by %#v", got, want, typ, criterion)
		}
	})
}

// leavesOf gives the criteria of the questions that memory can answer, by type.
func leavesOf(t *testing.T, r *search.Registry, world []searchtest.Resource) map[string][]fhir.Criterion {
	t.Helper()
	out := map[string][]fhir.Criterion{}
	for _, q := range searchtest.Questions() {
		request, err := r.Parse(q.Type, q.Escaped(), options())
		if err != nil {
			t.Fatal(err)
		}
		known := true
		for _, one := range world {
			if one.Type == q.Type {
				_, certain := search.Matches(r.Extract(one.Node), one.Key, options().Now, request.Where)
				known = known && certain
			}
		}
		if known {
			out[q.Type] = append(out[q.Type], request.Where)
		}
	}
	return out
}

func tree(t *rapid.T, r *search.Registry, typ string, leaves []fhir.Criterion, depth int) fhir.Criterion {
	switch shape := rapid.IntRange(0, 4).Draw(t, "shape"); {
	case depth == 0 || shape == 0:
		return rapid.SampledFrom(leaves).Draw(t, "leaf")
	case shape == 1:
		return measured(t, r, typ, leaves)
	case shape == 2:
		return fhir.Not{Criterion: tree(t, r, typ, leaves, depth-1)}
	case shape == 3:
		return fhir.All{tree(t, r, typ, leaves, depth-1), tree(t, r, typ, leaves, depth-1)}
	}
	return fhir.Any{tree(t, r, typ, leaves, depth-1), tree(t, r, typ, leaves, depth-1)}
}

// measured draws a comparison of dates, numbers or quantities, where the type has
// them.
func measured(t *rapid.T, r *search.Registry, typ string, leaves []fhir.Criterion) fhir.Criterion {
	prefix := rapid.SampledFrom([]string{"", "eq", "ne", "lt", "gt", "le", "ge", "sa", "eb", "ap"}).Draw(t, "prefix")
	var query string
	switch typ {
	case "Patient":
		query = fmt.Sprintf("birthdate=%s%d-%02d", prefix, rapid.IntRange(1989, 1992).Draw(t, "year"), rapid.IntRange(1, 12).Draw(t, "month"))
	case "RiskAssessment":
		query = fmt.Sprintf("probability=%s%.1f", prefix, rapid.Float64Range(85, 205).Draw(t, "number"))
	case "Observation":
		if rapid.Bool().Draw(t, "date") {
			query = fmt.Sprintf("date=%s2026-03-%02d", prefix, rapid.IntRange(1, 8).Draw(t, "day"))
			break
		}
		unit := rapid.SampledFrom([]string{"", "|http://unitsofmeasure.org|mg", "|http://unitsofmeasure.org|ug", "||mg"}).Draw(t, "unit")
		query = fmt.Sprintf("value-quantity=%s%.1f%s", prefix, rapid.Float64Range(4, 40).Draw(t, "number"), unit)
	default:
		return rapid.SampledFrom(leaves).Draw(t, "leaf")
	}
	request, err := r.Parse(typ, query, options())
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return request.Where
}
