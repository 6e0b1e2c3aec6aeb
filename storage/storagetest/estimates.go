package storagetest

import (
	"fmt"
	"testing"

	"bima/fhir"
)

// estimates holds a store to TotalEstimate: exact where little is found, near
// where much is.
func estimates(t *testing.T, open func(t *testing.T) fhir.Store) {
	f := fixture{t, open(t)}
	const claims, visits = 12_000, 300
	for from := 0; from < claims; from += 1000 {
		f.update(func(w fhir.Writer) error {
			for i := from; i < from+1000; i++ {
				x := &fhir.Index{Tokens: []fhir.TokenRow{{Param: "status", Code: fmt.Sprint("s", i%4)}, {Param: "rare", Code: fmt.Sprint("r", i%1000)}}}
				if err := put(w, fmt.Sprint("Claim/c", i), 0, x, nil); err != nil {
					return err
				}
			}
			return nil
		})
	}
	f.update(func(w fhir.Writer) error {
		for i := range visits {
			x := &fhir.Index{Tokens: []fhir.TokenRow{{Param: "status", Code: fmt.Sprint("s", i%3)}}}
			if err := put(w, fmt.Sprint("Encounter/e", i), 0, x, nil); err != nil {
				return err
			}
		}
		return nil
	})
	f.update(func(w fhir.Writer) error { return remove(w, "Encounter/e0", 1, nil) })
	for _, c := range []struct {
		name  string
		query fhir.Query
		want  int64
		off   int64 // how far it may be away
	}{
		{"all of a type", fhir.Query{Types: []string{"Claim"}}, claims, claims / 15},
		{"a quarter", fhir.Query{Types: []string{"Claim"}, Where: token("status", "s1")}, claims / 4, claims / 40},
		{"all but a quarter", fhir.Query{Types: []string{"Claim"}, Where: fhir.Not{Criterion: token("status", "s1")}}, claims / 4 * 3, claims / 15},
		{"few of many", fhir.Query{Types: []string{"Claim"}, Where: token("rare", "r7")}, claims / 1000, 0},
		{"none of many", fhir.Query{Types: []string{"Claim"}, Where: token("rare", "nothing")}, 0, 0},
		{"a small type", fhir.Query{Types: []string{"Encounter"}}, visits - 1, 0},
		{"a third of a small type", fhir.Query{Types: []string{"Encounter"}, Where: fhir.Not{Criterion: token("status", "s1")}}, visits/3*2 - 1, 0},
		{"of a type that never was", fhir.Query{Types: []string{"Basic"}}, 0, 0},
		{"of all types", fhir.Query{}, claims + visits - 1, claims / 15},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, limit := range []int{0, 5} {
				q := c.query
				q.Limit, q.Total = limit, fhir.TotalEstimate
				var page *fhir.Page
				fixture{t, f.store}.view(func(r fhir.Reader) (err error) {
					page, err = r.Search(&q)
					return err
				})
				if page.Total == nil || *page.Total < c.want-c.off || *page.Total > c.want+c.off {
					t.Errorf("by pages of %d: about %v, want %d give or take %d", limit, page.Total, c.want, c.off)
				}
			}
		})
	}
}
