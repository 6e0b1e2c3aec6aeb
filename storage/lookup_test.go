package storage_test

import (
	"context"
	"strings"
	"testing"

	"bima/fhir"
	"bima/storage"
	"bima/storage/storagetest"
)

// Whatever the number of keys, none of the other resources may be gone through.
func TestKnownIDsAreLookedUp(t *testing.T) {
	s, err := storage.Open(context.Background(), storagetest.SQLite(t), storage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	const byID = "INDEX resource_id (part=? AND typ=? AND fh=?)"
	for _, n := range []int{1, 2, 16, 17, 500} {
		plan, err := s.LookedUp(context.Background(), make([]int64, n)...)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(plan, byID) {
			t.Errorf("%d keys are read by%s", n, plan)
		}
	}
	patient := fhir.Version{Resource: &fhir.Resource{Key: fhir.Key{Type: "Patient", ID: "p"}, Version: 1, Body: []byte("{}")}, Index: &fhir.Index{}}
	member := fhir.Param{Code: "member", Kind: fhir.ParamReference}
	family := fhir.Version{Resource: &fhir.Resource{Key: fhir.Key{Type: "Group", ID: "g"}, Version: 1, Body: []byte("{}")}, Index: &fhir.Index{
		References: []fhir.ReferenceRow{{Param: "member", Key: patient.Resource.Key}},
	}}
	err = s.Update(context.Background(), func(w fhir.Writer) error {
		patient.Resource.Updated, family.Resource.Updated = w.Now(), w.Now()
		if err := w.Put(patient); err != nil {
			return err
		}
		return w.Put(family)
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, ids := range []fhir.IDs{{"p"}, {"p", "q"}, strings.Fields(strings.Repeat("p ", 20))} {
		q := fhir.Query{Types: []string{"Group"}, Limit: 10, Where: fhir.Chain{Param: member, Type: "Patient", Where: ids}}
		err := s.View(context.Background(), func(r fhir.Reader) error {
			page, plan, err := r.(fhir.Explainer).Explain(&q)
			if err != nil {
				return err
			}
			if len(page.Resources) != 1 {
				t.Errorf("%d families of %d persons are found", len(page.Resources), len(ids))
			}
			for _, one := range plan.Statements {
				if text := strings.Join(one.Plan, "\n"); strings.Contains(one.SQL, "sp_reference") && !strings.Contains(text, byID) {
					t.Errorf("families of %d persons are found by %s: %s", len(ids), one.SQL, text)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
