package storage_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"bima/fhir"
	"bima/storage"
)

// grown gives a store of what the index tells: the oldest first.
func grown(t *testing.T, dsn string, all []fhir.Key, tells func(i int) *fhir.Index) *storage.Store {
	t.Helper()
	s := open(t, dsn)
	if err := s.Update(context.Background(), func(w fhir.Writer) error {
		for i, k := range all {
			if err := w.Put(fhir.Version{Index: tells(i), Resource: &fhir.Resource{
				Key: k, Version: 1, Updated: w.Now(), Method: fhir.MethodUpdate, Body: []byte("{}"),
			}}); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return s
}

// told gives the ids that a query finds, and how.
func told(t *testing.T, s *storage.Store, q fhir.Query) (ids []string, page *fhir.Page, ran []fhir.PlannedStatement) {
	t.Helper()
	if err := s.View(context.Background(), func(r fhir.Reader) (err error) {
		var plan *fhir.Plan
		if page, plan, err = r.(fhir.Explainer).Explain(&q); err != nil {
			return err
		}
		for _, one := range page.Resources {
			ids = append(ids, one.Key.ID)
		}
		ran = plan.Statements
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return ids, page, ran
}

func keysOf(typ string, n int) (all []fhir.Key) {
	for i := range n {
		all = append(all, fhir.Key{Type: typ, ID: fmt.Sprintf("%s-%03d", strings.ToLower(typ), i)})
	}
	return all
}

// A _has that few match begins with them and looks each up, whatever the database
// believes of how many they are.
func TestFewReferrersAreLookedUpOneByOne(t *testing.T) {
	persons := keysOf("Patient", 40)
	for name, dsn := range databases {
		t.Run(name, func(t *testing.T) {
			all := append(slices.Clone(persons), keysOf("Observation", 40)...)
			s := grown(t, dsn(t), all, func(i int) *fhir.Index {
				if i < 40 {
					return &fhir.Index{}
				}
				n := float64(i - 40)
				return &fhir.Index{
					References: []fhir.ReferenceRow{{Param: "patient", Key: persons[i-40]}},
					Quantities: []fhir.QuantityRow{{Param: "value-quantity", Low: n, High: n}},
				}
			})
			ids, _, ran := told(t, s, fhir.Query{Types: []string{"Patient"}, Limit: 5, Where: fhir.Has{
				Type: "Observation", Param: fhir.Param{Code: "patient", Kind: fhir.ParamReference},
				Where: fhir.Match{Param: fhir.Param{Code: "value-quantity", Kind: fhir.ParamQuantity}, Value: fhir.QuantityValue{
					NumberValue: fhir.NumberValue{Prefix: fhir.PrefixGreater, Value: 37}, AnyUnit: true,
				}},
			}})
			if !slices.Equal(ids, []string{"patient-039", "patient-038"}) {
				t.Errorf("found %v", ids)
			}
			want := "rid = ANY(ARRAY(SELECT"
			if name == "sqlite" {
				want = "INDEXED BY sp_reference_rid"
			}
			if last := ran[len(ran)-1]; !strings.Contains(last.SQL, want) {
				t.Errorf("found by %s", last.SQL)
			}
		})
	}
}

// What few are begun with are looked up one by one by the other criteria, too.
func TestWhatFewAreBegunWithIsLookedUp(t *testing.T) {
	persons := keysOf("Patient", 30)
	gender := fhir.Match{Param: fhir.Param{Code: "gender", Kind: fhir.ParamToken}, Value: fhir.TokenValue{Code: "female", AnySystem: true}}
	for name, dsn := range databases {
		t.Run(name, func(t *testing.T) {
			s := grown(t, dsn(t), append(slices.Clone(persons), keysOf("Observation", 30)...), func(i int) *fhir.Index {
				if i%2 == 0 && i < 30 {
					return &fhir.Index{Tokens: []fhir.TokenRow{{Param: "gender", Code: "female"}}}
				} else if i < 30 {
					return &fhir.Index{}
				}
				return &fhir.Index{
					References: []fhir.ReferenceRow{{Param: "patient", Key: persons[i-30]}},
					Quantities: []fhir.QuantityRow{{Param: "value-quantity", Low: float64(i - 30), High: float64(i - 30)}},
				}
			})
			ids, _, ran := told(t, s, fhir.Query{Types: []string{"Observation"}, Limit: 5, Where: fhir.All{
				fhir.Match{Param: fhir.Param{Code: "value-quantity", Kind: fhir.ParamQuantity}, Value: fhir.QuantityValue{
					NumberValue: fhir.NumberValue{Prefix: fhir.PrefixGreater, Value: 24}, AnyUnit: true,
				}},
				fhir.Chain{Param: fhir.Param{Code: "patient", Kind: fhir.ParamReference}, Type: "Patient", Where: gender},
			}})
			if !slices.Equal(ids, []string{"observation-028", "observation-026"}) {
				t.Errorf("found %v", ids)
			}
			last := ran[len(ran)-1]
			if text := strings.Join(last.Plan, "\n"); name == "postgres" && (!strings.Contains(text, "SubPlan") || strings.Contains(text, "Semi Join")) {
				t.Errorf("found by %s: %s", last.SQL, text)
			} else if name == "sqlite" && !strings.Contains(text, "sp_quantity_hi") {
				t.Errorf("found by %s: %s", last.SQL, text)
			}
		})
	}
}

// A walk of the resources of one type passes none of another, though it needs more
// of each than the index of types has.
func TestAWalkPassesItsOwnTypeOnly(t *testing.T) {
	s := grown(t, databases["sqlite"](t), append(keysOf("Organization", 3), keysOf("Claim", 30)...), func(i int) *fhir.Index {
		x := &fhir.Index{Tokens: []fhir.TokenRow{{Param: "status", Code: "active"}}}
		if i >= 3 {
			x.References = []fhir.ReferenceRow{{Param: "provider", Key: fhir.Key{Type: "Organization", ID: "organization-001"}}}
		}
		return x
	})
	status := fhir.Match{Param: fhir.Param{Code: "status", Kind: fhir.ParamToken}, Value: fhir.TokenValue{Code: "draft", AnySystem: true}}
	ids, _, ran := told(t, s, fhir.Query{Types: []string{"Organization"}, Limit: 5, Where: fhir.Not{Criterion: fhir.Has{
		Type: "Claim", Param: fhir.Param{Code: "provider", Kind: fhir.ParamReference}, Where: fhir.Not{Criterion: status},
	}}})
	if !slices.Equal(ids, []string{"organization-002", "organization-000"}) {
		t.Errorf("found %v", ids)
	}
	if text := strings.Join(ran[0].Plan, "\n"); !strings.Contains(text, "INDEX resource_type (part=? AND typ=?)") {
		t.Errorf("found by %s: %s", ran[0].SQL, text)
	}
}

// Where the first page ends among those that share the first value, nothing lies
// before them, and that is not asked.
func TestAPageOfOneValueIsReadAtOnce(t *testing.T) {
	family := fhir.SortKey{Param: fhir.Param{Code: "family", Kind: fhir.ParamString}}
	given := fhir.SortKey{Param: fhir.Param{Code: "given", Kind: fhir.ParamString}, Descending: true}
	for name, dsn := range databases {
		t.Run(name, func(t *testing.T) {
			s := grown(t, dsn(t), keysOf("Patient", 12), func(i int) *fhir.Index {
				first, last := fmt.Sprintf("g%02d", i), fmt.Sprint("f", i/5) // five, five and two
				return &fhir.Index{Strings: []fhir.StringRow{
					{Param: "family", Normal: last, Exact: last}, {Param: "given", Normal: first, Exact: first},
				}}
			})
			want := "[[4 3 2] [1 0 9] [8 7 6] [5 11 10]]"
			var got [][]int
			q := fhir.Query{Types: []string{"Patient"}, Limit: 3, Sort: []fhir.SortKey{family, given}}
			for at := 0; at == 0 || q.After != ""; at++ {
				ids, page, ran := told(t, s, q)
				var numbers []int
				for _, id := range ids {
					var n int
					if _, err := fmt.Sscanf(id, "patient-%d", &n); err != nil {
						t.Fatal(err)
					}
					numbers = append(numbers, n)
				}
				got, q.After = append(got, numbers), page.Next
				for _, one := range ran {
					if at == 0 && one.Purpose == "find the page" && one.Rows == 0 {
						t.Errorf("nothing is found by %s", one.SQL)
					}
				}
			}
			if fmt.Sprint(got) != want {
				t.Errorf("pages %v, want %s", got, want)
			}
		})
	}
}

// Words are looked for in the texts of the type alone where these are few: newer
// ones of other types are not passed, and the index of all words is not asked.
func TestWordsOfATypeWhoseTextsAreOld(t *testing.T) {
	for name, dsn := range databases {
		t.Run(name, func(t *testing.T) {
			s := grown(t, dsn(t), append(keysOf("Basic", 4), keysOf("Claim", 60)...), func(i int) *fhir.Index {
				text := "malaria"
				if i == 2 {
					text = "malaria nebulisation"
				}
				return &fhir.Index{Texts: []fhir.TextRow{{Param: "_text", Text: text}}}
			})
			ids, _, ran := told(t, s, fhir.Query{Types: []string{"Basic"}, Limit: 2, Where: saying("nebulisation").Where})
			if !slices.Equal(ids, []string{"basic-002"}) {
				t.Errorf("found %v", ids)
			}
			if name == "sqlite" {
				return // its index of words is in the order of the rows
			}
			if len(ran) != 2 || !strings.Contains(ran[0].SQL, "t.rid <= (SELECT rid FROM resource") || ran[1].Purpose != "see whether those are all of the type" {
				t.Errorf("found by %+v", ran)
			}
		})
	}
}

// What is referred to by many, in any order of its own, is found along that order;
// what few refer to several times is looked up once.
func TestMuchReferredToIsFoundInItsOrder(t *testing.T) {
	const many = 2100 // more than a search begins with
	persons := keysOf("Patient", 12)
	refers := func(typ, status string) fhir.Has {
		return fhir.Has{Type: typ, Param: fhir.Param{Code: "patient", Kind: fhir.ParamReference}, Where: fhir.Match{
			Param: fhir.Param{Code: "status", Kind: fhir.ParamToken}, Value: fhir.TokenValue{Code: status, AnySystem: true},
		}}
	}
	for name, dsn := range databases {
		t.Run(name, func(t *testing.T) {
			all := append(append(slices.Clone(persons), keysOf("Encounter", 24)...), keysOf("Observation", many)...)
			s := grown(t, dsn(t), all, func(i int) *fhir.Index {
				if i < 12 {
					born := int64(i * 5 % 12)
					return &fhir.Index{Dates: []fhir.DateRow{{Param: "birthdate", From: born, To: born + 1}}}
				}
				of := persons[i%10] // two have none
				status := "final"
				if i < 36 && i%10 < 2 {
					status = "planned"
				}
				return &fhir.Index{
					References: []fhir.ReferenceRow{{Param: "patient", Key: of}}, Tokens: []fhir.TokenRow{{Param: "status", Code: status}},
				}
			})
			q := fhir.Query{Types: []string{"Patient"}, Limit: 3, Where: refers("Observation", "final")}
			q.Sort = []fhir.SortKey{{Param: fhir.Param{Code: "birthdate", Kind: fhir.ParamDate}}}
			var found []string
			for at := 0; at == 0 || q.After != ""; at++ {
				ids, page, ran := told(t, s, q)
				found, q.After = append(found, ids...), page.Next
				// The last page is not filled by what comes next: the others are sorted.
				for _, one := range ran {
					if sorted := strings.Contains(one.SQL, "SELECT y.*"); sorted && q.After != "" {
						t.Errorf("all are sorted by %s", one.SQL)
					}
				}
				if !slices.ContainsFunc(ran, func(one fhir.PlannedStatement) bool { return strings.HasPrefix(one.Purpose, "see whether a walk") }) {
					t.Error("a walk is begun without a look at what comes next")
				}
			}
			if want := "[000 005 003 008 001 006 004 009 002 007]"; strings.ReplaceAll(fmt.Sprint(found), "patient-", "") != want {
				t.Errorf("found %v, want %s", found, want)
			}
			q.Where, q.Limit = fhir.All{refers("Observation", "final"), refers("Encounter", "planned")}, 5
			ids, _, ran := told(t, s, q)
			if !slices.Equal(ids, []string{"patient-000", "patient-001"}) {
				t.Errorf("found %v", ids)
			}
			if !slices.ContainsFunc(ran, func(one fhir.PlannedStatement) bool { return strings.Contains(one.SQL, "(SELECT DISTINCT e") }) {
				t.Errorf("each of several is looked up by %s", ran[len(ran)-1].SQL)
			}
		})
	}
}
