package storage_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"bima/fhir"
)

// called is a crowd of persons: of every eight one has the family name, of every
// seven one the given one, and of all but every ninth it is known that they live.
func called(i int) *fhir.Index {
	family, given := fmt.Sprint("f", i), fmt.Sprint("g", i)
	if i%8 == 0 {
		family = "Mushi"
	}
	if i%7 == 0 {
		given = "Asha"
	}
	x := &fhir.Index{Strings: []fhir.StringRow{
		{Param: "family", Normal: strings.ToLower(family), Exact: family}, {Param: "given", Normal: strings.ToLower(given), Exact: given},
	}}
	if i%9 != 0 {
		x.Tokens = []fhir.TokenRow{{Param: "active", Code: "true"}}
	}
	return x
}

// active is what most of them are known to be.
var active = fhir.Match{Param: fhir.Param{Code: "active", Kind: fhir.ParamToken}, Value: fhir.TokenValue{Code: "true", AnySystem: true}}

func exactly(code, text string) fhir.Match {
	return fhir.Match{Param: fhir.Param{Code: code, Kind: fhir.ParamString}, Value: fhir.StringValue{Text: text, Mode: fhir.StringExact}}
}

// Two values that are about as frequent are read one along the other, forth and back;
// what else is asked is looked up for what has both.
func TestTwoValuesAreReadAlongOneAnother(t *testing.T) {
	persons := keysOf("Patient", 1000)
	both := fhir.All{exactly("family", "Mushi"), exactly("given", "Asha")} // 18, of whom 2 are not known to live
	for name, dsn := range databases {
		t.Run(name, func(t *testing.T) {
			s := grown(t, dsn(t), persons, called)
			for _, where := range []fhir.All{both, append(slices.Clone(both), active)} {
				var want []string
				for i := len(persons) - 1; i >= 0; i-- {
					if i%56 == 0 && (len(where) == 2 || i%9 != 0) {
						want = append(want, persons[i].ID)
					}
				}
				q := fhir.Query{Types: []string{"Patient"}, Limit: 5, Where: where}
				var got, back []string
				for first := true; ; first = false {
					ids, page, ran := told(t, s, q)
					if first {
						alongOneAnother(t, name, len(where), ran)
					}
					if got = append(got, ids...); page.Next == "" {
						q.After = page.Previous
						break
					}
					q.After = page.Next
				}
				if !slices.Equal(got, want) {
					t.Errorf("found %v, want %v", got, want)
				}
				for q.After != "" {
					ids, page, _ := told(t, s, q)
					back, q.After = append(ids, back...), page.Previous
				}
				if last := len(want) % 5; !slices.Equal(back, want[:len(want)-last]) {
					t.Errorf("on the way back %v, want %v", back, want)
				}
			}
		})
	}
}

// alongOneAnother holds the search for a page to a merge. SQLite makes one of what asks
// for nothing else; PostgreSQL may have another way with so few rows.
func alongOneAnother(t *testing.T, database string, criteria int, ran []fhir.PlannedStatement) {
	t.Helper()
	i := slices.IndexFunc(ran, func(one fhir.PlannedStatement) bool { return one.Purpose == "find the page" })
	plan, merged := strings.Join(ran[i].Plan, "\n"), true
	switch {
	case database == "postgres":
		merged = strings.Contains(ran[i].SQL, "generate_series(1, (SELECT 1))")
	case criteria == 2:
		within, _, _ := strings.Cut(plan, "SCAN x")
		merged = strings.Contains(within, "MERGE (INTERSECT)") && !strings.Contains(within, "TEMP B-TREE")
	}
	if !merged || ran[i].Rows != 6 {
		t.Errorf("found by %s: %s", ran[i].SQL, plan)
	}
}

// A value that is much rarer than another is read alone, and the other looked up.
func TestARareValueIsReadAlone(t *testing.T) {
	persons := keysOf("Patient", 1000)
	for name, dsn := range databases {
		t.Run(name, func(t *testing.T) {
			s := grown(t, dsn(t), persons, func(i int) *fhir.Index {
				x := called(i)
				x.Tokens = []fhir.TokenRow{{Param: "active", Code: "true"}}
				return x
			})
			ids, _, ran := told(t, s, fhir.Query{Types: []string{"Patient"}, Limit: 2, Where: fhir.All{active, exactly("family", "Mushi")}})
			if !slices.Equal(ids, []string{"patient-992", "patient-984"}) {
				t.Errorf("found %v", ids)
			}
			for _, one := range ran {
				if strings.Contains(one.SQL, "INTERSECT") || strings.Contains(one.SQL, "m1.rid") {
					t.Errorf("found by %s", one.SQL)
				}
			}
		})
	}
}

// What leads to several types, or by several parameters to one, is one look at the
// references of a resource.
func TestWaysAreLookedAtOnce(t *testing.T) {
	status := func(code string) fhir.Match {
		return fhir.Match{Param: fhir.Param{Code: "status", Kind: fhir.ParamToken}, Value: fhir.TokenValue{Code: code, AnySystem: true}}
	}
	leads := func(param, typ, code string) fhir.Chain {
		return fhir.Chain{Param: fhir.Param{Code: param, Kind: fhir.ParamReference}, Type: typ, Where: status(code)}
	}
	all := append(keysOf("Claim", 4), keysOf("ClaimResponse", 4)...)
	all = append(all, keysOf("Task", 10)...)
	to := []struct{ param, key string }{
		{"focus", "Claim/claim-000"},
		{"focus", "Claim/claim-001"},
		{"based-on", "Claim/claim-000"},
		{"based-on", "Claim/claim-003"},
		{"focus", "ClaimResponse/claimresponse-000"},
		{"focus", "ClaimResponse/claimresponse-001"},
		{"based-on", "ClaimResponse/claimresponse-001"},
		{"input", "Claim/claim-000"},
		{"input", "ClaimResponse/claimresponse-001"},
	}
	for name, dsn := range databases {
		t.Run(name, func(t *testing.T) {
			s := grown(t, dsn(t), all, func(i int) *fhir.Index {
				if i < 8 {
					return &fhir.Index{Tokens: []fhir.TokenRow{{Param: "status", Code: []string{"active", "draft"}[i%2]}}}
				}
				if i-8 >= len(to) {
					return &fhir.Index{}
				}
				typ, id, _ := strings.Cut(to[i-8].key, "/")
				return &fhir.Index{References: []fhir.ReferenceRow{{Param: to[i-8].param, Key: fhir.Key{Type: typ, ID: id}}}}
			})
			// Active Claims, and drafted answers, by focus or based-on; anything by input.
			where := fhir.Any{
				leads("focus", "Claim", "active"), leads("focus", "ClaimResponse", "draft"),
				leads("based-on", "Claim", "active"), leads("based-on", "ClaimResponse", "draft"),
				fhir.Chain{Param: fhir.Param{Code: "input", Kind: fhir.ParamReference}, Type: "ClaimResponse"},
				fhir.Chain{Param: fhir.Param{Code: "input", Kind: fhir.ParamReference}, Type: "Observation", Where: status("final")},
			}
			for _, not := range []bool{false, true} {
				q := fhir.Query{Types: []string{"Task"}, Limit: 20, Where: where}
				want := "[task-008 task-006 task-005 task-002 task-000]"
				if not {
					q.Where, want = fhir.Not{Criterion: where}, "[task-009 task-007 task-004 task-003 task-001]"
				}
				ids, _, ran := told(t, s, q)
				if fmt.Sprint(ids) != want {
					t.Errorf("found %v, want %s", ids, want)
				}
				if n := strings.Count(ran[len(ran)-1].SQL, "sp_reference"); name == "postgres" && n != 2 || name == "sqlite" && n != 4 {
					t.Errorf("%d looks at references in %s", n, ran[len(ran)-1].SQL)
				}
			}
		})
	}
}

// On the way back what shares the first value comes in the order of the second, also
// where that is one that every resource has and many share the first.
func TestManyTiesByIDComeInOrderOnTheWayBack(t *testing.T) {
	persons := keysOf("Patient", 209)
	for name, dsn := range databases {
		t.Run(name, func(t *testing.T) {
			s := grown(t, dsn(t), persons, func(i int) *fhir.Index {
				family := "a"
				if i%50 == 7 {
					family = "b"
				}
				return &fhir.Index{Strings: []fhir.StringRow{{Param: "family", Normal: family, Exact: family}}}
			})
			q := fhir.Query{Types: []string{"Patient"}, Limit: 204, Sort: []fhir.SortKey{
				{Param: fhir.Param{Code: "family", Kind: fhir.ParamString}}, {Param: fhir.Param{Code: "_id", Kind: fhir.ParamToken}},
			}}
			first, page, _ := told(t, s, q)
			if q.After = page.Next; len(first) != 204 || first[203] != "patient-208" {
				t.Fatalf("found %v", first)
			}
			last, page, _ := told(t, s, q)
			if fmt.Sprint(last) != "[patient-007 patient-057 patient-107 patient-157 patient-207]" {
				t.Errorf("then %v", last)
			}
			q.After = page.Previous
			if back, _, _ := told(t, s, q); !slices.Equal(back, first) {
				t.Errorf("back at %v", back)
			}
		})
	}
}
