package storagetest

import (
	"fmt"
	"testing"

	"bima/fhir"
)

// alternatives asks for as many values as one search may name.
func alternatives(t *testing.T, open func(t *testing.T) fhir.Store) {
	f := fixture{t, open(t)}
	f.create("Patient/asha", &fhir.Index{
		Strings: []fhir.StringRow{{Param: "family", Normal: "asha", Exact: "Asha"}},
		Tokens:  []fhir.TokenRow{{Param: "identifier", System: "urn:s", Code: "a"}},
		URIs:    []fhir.URIRow{{Param: "url", URI: "http://v/a"}},
	})
	f.create("Patient/juma", &fhir.Index{
		Strings: []fhir.StringRow{{Param: "family", Normal: "juma", Exact: "Juma"}},
		Tokens:  []fhir.TokenRow{{Param: "identifier", System: "urn:other", Code: "a"}},
		URIs:    []fhir.URIRow{{Param: "url", URI: "http://v/b"}},
	})
	// More than the thousand expressions that SQLite nests, and few enough for the
	// race detector: what SQLite plans of them grows with their square.
	const many, criteria = 1050, 450
	for _, c := range []struct {
		name string
		n    int
		one  func(i int) fhir.Criterion
	}{
		{"beginnings of texts", many, func(i int) fhir.Criterion {
			return text("family", first(i, "ash", fmt.Sprint("ashx", i)), fhir.StringStarts)
		}},
		{"parts of texts", many, func(i int) fhir.Criterion {
			return text("family", first(i, "sha", fmt.Sprint("shax", i)), fhir.StringContains)
		}},
		{"tokens of systems", many, func(i int) fhir.Criterion {
			return fhir.Match{Param: param("identifier", fhir.ParamToken), Value: fhir.TokenValue{System: first(i, "urn:s", fmt.Sprint("urn:", i)), Code: "a"}}
		}},
		{"URIs", many, func(i int) fhir.Criterion {
			return uri(first(i, "http://v/a", fmt.Sprint("http://v/a", i)), fhir.URIExact)
		}},
		{"criteria of all kinds", criteria, func(i int) fhir.Criterion {
			return fhir.All{text("family", first(i, "asha", fmt.Sprint("x", i)), fhir.StringWhole)}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var any fhir.Any
			for i := range c.n {
				any = append(any, c.one(i))
			}
			one := fixture{t, f.store}
			one.view(func(r fhir.Reader) error {
				page, err := r.Search(&fhir.Query{Types: []string{"Patient"}, Where: any, Limit: 10})
				if err == nil && (len(page.Resources) != 1 || page.Resources[0].ID != "asha") {
					t.Errorf("found %d, want Patient/asha alone", len(page.Resources))
				}
				return err
			})
			one.view(func(r fhir.Reader) error {
				page, err := r.Search(&fhir.Query{Types: []string{"Patient"}, Where: any, Total: fhir.TotalAccurate})
				if err == nil && *page.Total != 1 {
					t.Errorf("counted %d, want 1", *page.Total)
				}
				return err
			})
		})
	}
}

// first gives hit for the first of many and miss for the rest.
func first(i int, hit, miss string) string {
	if i == 0 {
		return hit
	}
	return miss
}
