package storagetest

import (
	"fmt"
	"strings"
	"testing"

	"bima/fhir"
)

// explains holds the readers of a store to fhir.Explainer.
func explains(t *testing.T, open func(t *testing.T) fhir.Store) {
	f := fixture{t, open(t)}
	for i := range 30 {
		status := "draft"
		if i%3 == 0 {
			status = "active"
		}
		f.create(fmt.Sprint("Claim/c", i), &fhir.Index{Tokens: []fhir.TokenRow{{Param: "status", Code: status}}})
	}
	q := fhir.Query{
		Types: []string{"Claim"}, Where: fhir.All{token("status", "active"), fhir.Not{Criterion: fhir.IDs{"c3"}}},
		Limit: 5, Total: fhir.TotalAccurate, Sort: []fhir.SortKey{{Param: param("_id", fhir.ParamToken)}},
	}
	var want, got *fhir.Page
	var plan *fhir.Plan
	f.view(func(r fhir.Reader) (err error) {
		if want, err = r.Search(&q); err != nil {
			return err
		}
		got, plan, err = r.(fhir.Explainer).Explain(&q)
		return err
	})
	same(t, "the page", names(got.Resources), names(want.Resources))
	if got.Next != want.Next || got.Total == nil || *got.Total != 9 {
		t.Errorf("the page's next is %q, its total %v", got.Next, got.Total)
	}
	purposes := map[string]fhir.PlannedStatement{}
	for _, s := range plan.Statements {
		purposes[s.Purpose] = s
		if s.Purpose == "" || s.SQL == "" || len(s.Plan) == 0 || s.Took <= 0 || strings.Count(s.SQL, "$") < len(s.Values) {
			t.Errorf("a statement is told as %+v", s)
		}
	}
	page := purposes["find the page"]
	if page.Rows != 6 || !strings.Contains(page.SQL, "sp_token") || !strings.Contains(page.SQL, "LIMIT 6") {
		t.Errorf("the page is found by %+v", page)
	}
	if !strings.Contains(strings.Join(page.Plan, " "), "t1") {
		t.Errorf("the plan does not tell of the look-up: %q", page.Plan)
	}
	if counted := purposes["count the total"]; counted.Rows != 1 {
		t.Errorf("the total is counted by %+v", counted)
	}
}
