package storage_test

import (
	"context"
	"fmt"
	"testing"

	"bima/fhir"
	"bima/storage/storagetest"
)

// A page costs what it holds, however many came before it: SQLite begins at the
// cursor.
func TestPagesFarBehindCostNoMoreThanTheFirst(t *testing.T) {
	const many, limit = 4000, 40
	s := grown(t, storagetest.SQLite(t), keysOf("Basic", many), func(i int) *fhir.Index {
		return &fhir.Index{
			Tokens:  []fhir.TokenRow{{Param: "status", Code: "same"}, {Param: "kind", Code: fmt.Sprint("k", i%2)}},
			Strings: []fhir.StringRow{{Param: "name", Normal: "name", Exact: "name"}},
			Dates:   []fhir.DateRow{{Param: "date", From: int64(i / 3), To: int64(i/3 + 1)}},
		}
	})
	token := func(code, value string) fhir.Criterion {
		return fhir.Match{Param: fhir.Param{Code: code, Kind: fhir.ParamToken}, Value: fhir.TokenValue{Code: value, AnySystem: true}}
	}
	sort := func(code string, kind fhir.ParamKind, down bool) []fhir.SortKey {
		return []fhir.SortKey{{Param: fhir.Param{Code: code, Kind: kind}, Descending: down}}
	}
	for name, q := range map[string]fhir.Query{
		"all of a type":          {},
		"the oldest first":       {Oldest: true},
		"by one value":           {Where: token("status", "same")},
		"by one of two values":   {Where: fhir.Any{token("kind", "k0"), token("kind", "k1")}},
		"by two values":          {Where: fhir.All{token("status", "same"), token("kind", "k1")}},
		"without a value":        {Where: fhir.Not{Criterion: token("kind", "k1")}},
		"by what holds a text":   {Where: fhir.Match{Param: fhir.Param{Code: "name", Kind: fhir.ParamString}, Value: fhir.StringValue{Text: "am", Mode: fhir.StringContains}}},
		"sorted by one value":    {Sort: sort("name", fhir.ParamString, false)},
		"sorted by a date":       {Sort: sort("date", fhir.ParamDate, true)},
		"sorted by their time":   {Sort: sort("_lastUpdated", fhir.ParamDate, true)},
		"one value, by the time": {Where: token("status", "same"), Sort: sort("_lastUpdated", fhir.ParamDate, true)},
	} {
		t.Run(name, func(t *testing.T) {
			q.Types, q.Limit = []string{"Basic"}, limit
			var first int64
			for at := 0; ; at++ {
				var page *fhir.Page
				steps, err := s.Steps(context.Background(), func(r fhir.Reader) (err error) {
					page, err = r.Search(&q)
					return err
				})
				if err != nil {
					t.Fatal(err)
				}
				if at == 1 {
					first = steps
				}
				if q.After = page.Next; q.After == "" {
					return // the last also looks for what has nothing to be sorted by
				}
				if at > 1 && steps > 2*first {
					t.Fatalf("page %d takes %d steps, the second %d", at+1, steps, first)
				}
			}
		})
	}
}
