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

// Of several ids, codes and references SQLite looks each up; by alternatives alone
// it would go through all rows of a parameter, or all resources.
func TestAlternativesAreLookedUp(t *testing.T) {
	s, err := storage.Open(context.Background(), storagetest.SQLite(t), storage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	claim := fhir.Version{Resource: &fhir.Resource{Key: fhir.Key{Type: "Claim", ID: "a"}, Version: 1, Body: []byte("{}")}, Index: &fhir.Index{
		References: []fhir.ReferenceRow{{Param: "patient", Key: fhir.Key{Type: "Patient", ID: "p"}}},
		Tokens:     []fhir.TokenRow{{Param: "identifier", System: "urn:n", Code: "1"}},
	}}
	if err := s.Update(context.Background(), func(w fhir.Writer) error {
		claim.Resource.Updated = w.Now()
		return w.Put(claim)
	}); err != nil {
		t.Fatal(err)
	}
	patient, identifier := fhir.Param{Code: "patient", Kind: fhir.ParamReference}, fhir.Param{Code: "identifier", Kind: fhir.ParamToken}
	for want, where := range map[string]fhir.Criterion{
		"INDEX resource_id (part=? AND typ=? AND fh=?)": fhir.IDs{"a", "b"},
		"PRIMARY KEY (part=? AND sp=? AND h=?": fhir.Any{
			fhir.Match{Param: patient, Value: fhir.ReferenceValue{Key: fhir.Key{Type: "Patient", ID: "p"}}},
			fhir.Match{Param: patient, Value: fhir.ReferenceValue{Key: fhir.Key{Type: "Patient", ID: "q"}}},
		},
		"PRIMARY KEY (part=? AND sp=? AND code=?": fhir.Any{
			fhir.Match{Param: identifier, Value: fhir.TokenValue{System: "urn:n", Code: "1"}},
			fhir.Match{Param: identifier, Value: fhir.TokenValue{System: "urn:n", Code: "2"}},
		},
	} {
		err := s.View(context.Background(), func(r fhir.Reader) error {
			page, plan, err := r.(fhir.Explainer).Explain(&fhir.Query{Types: []string{"Claim"}, Limit: 10, Where: where})
			if err != nil {
				return err
			}
			if len(page.Resources) != 1 {
				t.Errorf("%v finds %d", where, len(page.Resources))
			}
			for _, one := range plan.Statements {
				if text := strings.Join(one.Plan, "\n"); one.Purpose == "find the page" && !strings.Contains(text, want) {
					t.Errorf("%v is found by %s: %s", where, one.SQL, text)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// What matches a prefix, a day or the lack of a code is not counted and not read
// whole: each value's rows are in the order of the resources, and a page is among
// the first of each.
func TestPagesAreReadValueByValue(t *testing.T) {
	s, err := storage.Open(context.Background(), storagetest.SQLite(t), storage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	person := fhir.Version{Resource: &fhir.Resource{Key: fhir.Key{Type: "Patient", ID: "a"}, Version: 1, Body: []byte("{}")}, Index: &fhir.Index{
		Strings: []fhir.StringRow{{Param: "family", Normal: "mushi", Exact: "Mushi"}},
		Dates:   []fhir.DateRow{{Param: "birthdate", From: 10, To: 20}},
		Tokens:  []fhir.TokenRow{{Param: "gender", Code: "female"}},
	}}
	if err := s.Update(context.Background(), func(w fhir.Writer) error {
		person.Resource.Updated = w.Now()
		return w.Put(person)
	}); err != nil {
		t.Fatal(err)
	}
	family, born := fhir.Param{Code: "family", Kind: fhir.ParamString}, fhir.Param{Code: "birthdate", Kind: fhir.ParamDate}
	male := fhir.Match{Param: fhir.Param{Code: "gender", Kind: fhir.ParamToken}, Value: fhir.TokenValue{Code: "male", AnySystem: true}}
	for name, where := range map[string]fhir.Criterion{
		"a prefix": fhir.Match{Param: family, Value: fhir.StringValue{Text: "mu"}},
		"a part":   fhir.Match{Param: family, Value: fhir.StringValue{Text: "ush", Mode: fhir.StringContains}},
		"a day":    fhir.Match{Param: born, Value: fhir.DateValue{From: 10, To: 20}},
		"not":      fhir.Not{Criterion: male, Absent: "gender:missing"},
	} {
		err := s.View(context.Background(), func(r fhir.Reader) error {
			page, plan, err := r.(fhir.Explainer).Explain(&fhir.Query{Types: []string{"Patient"}, Limit: 10, Where: where})
			if err != nil {
				return err
			}
			last := plan.Statements[len(plan.Statements)-1]
			const first = "ORDER BY rid DESC LIMIT 11)"
			if len(page.Resources) != 1 || len(plan.Statements) != 2 || !strings.Contains(last.SQL, first) {
				t.Errorf("%s: %d found by %d statements, the last %s", name, len(page.Resources), len(plan.Statements), last.SQL)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
