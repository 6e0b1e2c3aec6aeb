package search_test

import (
	"testing"
	"time"

	"bima/fhir/search"
)

// zone is three hours ahead of UTC, so that a day of ours is not a day of UTC.
var zone = time.FixedZone("EAT", 3*60*60)

func registry(t testing.TB) *search.Registry {
	t.Helper()
	r, err := search.New("http://localhost/fhir", zone)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// now is the time the queries of the tests are asked at.
var now = time.Date(2026, 9, 14, 12, 0, 0, 0, time.UTC)

func options() search.ParseOptions { return search.ParseOptions{Now: now} }

// TestSearchableParametersAreNotRefused asks each parameter whether it is
// missing, which needs no value of its kind.
func TestSearchableParametersAreNotRefused(t *testing.T) {
	for typ, without := range map[string]string{"": "_query", "Patient": "age", "Location": "_query"} {
		for _, p := range registry(t).Searchable(typ) {
			if p.Code == without {
				t.Errorf("%q.%s is not searchable", typ, p.Code)
			}
			if p.Code == "_filter" || p.Code == "_text" || p.Code == "_content" {
				continue // they have no modifiers
			}
			if _, err := registry(t).Parse(typ, p.Code+":missing=true", options()); err != nil {
				t.Errorf("%q.%s: %v", typ, p.Code, err)
			}
		}
	}
}
