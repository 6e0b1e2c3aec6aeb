package storagetest

import (
	"fmt"
	"testing"

	"bima/fhir"
)

// runsIndex gives values of which each has many resources, and some resources two,
// none, or others than asked for.
func runsIndex(i int) *fhir.Index {
	x := &fhir.Index{}
	switch i % 6 {
	case 0:
		x.Tokens = []fhir.TokenRow{{Param: "status:missing", Code: "true"}}
	case 1:
		x.Tokens = []fhir.TokenRow{{Param: "status", Code: "active"}, {Param: "status", Code: "draft"}}
	case 2:
		x.Tokens = []fhir.TokenRow{{Param: "status", Code: "draft"}, {Param: "status", Code: "ended"}}
	default:
		x.Tokens = []fhir.TokenRow{{Param: "status", System: "urn:s", Code: "active"}}
	}
	for _, name := range [][]string{{"abel", "abdi"}, {"abla"}, {"bakari", "abdu"}, {"bakari"}}[i%4] {
		x.Strings = append(x.Strings, fhir.StringRow{Param: "name", Normal: name, Exact: name})
	}
	from, to := day(fmt.Sprintf("2026-05-%02d", 1+i%5))
	x.Dates = []fhir.DateRow{{Param: "birthdate", From: from, To: to}}
	if i%7 == 0 {
		from, to = day("2026-07-01")
		x.Dates = append(x.Dates, fhir.DateRow{Param: "birthdate", From: from, To: to + 1})
	}
	x.Numbers = []fhir.NumberRow{{Param: "probability", Low: float64(i % 3), High: float64(i%3) + 0.5}}
	x.References = []fhir.ReferenceRow{{Param: "patient", Key: key(fmt.Sprint("Patient/p", i%4))}}
	return x
}

// runs holds a store to searches whose page is among the first of a few values:
// page by page, forth and back, while others write.
func runs(t *testing.T, open func(t *testing.T) fhir.Store) {
	const count = 84
	store := open(t)
	patients := func(all ...string) (any fhir.Any) {
		for _, id := range all {
			any = append(any, subject(fhir.ReferenceValue{Key: key("Patient/" + id)}))
		}
		return any
	}
	dated := func(i int) bool { return i%5 == 1 || i%5 == 2 }
	for at, c := range []struct {
		name  string
		where fhir.Criterion
		holds func(i int) bool
	}{
		{"another code or none", fhir.Not{Criterion: token("status", "active"), Absent: "status:missing"}, func(i int) bool { return i%6 == 0 || i%6 == 2 }},
		{"none of two codes", fhir.Not{Criterion: fhir.Any{token("status", "active"), token("status", "ended")}, Absent: "status:missing"}, func(i int) bool { return i%6 == 0 }},
		{"one of two codes", fhir.Any{token("status", "draft"), token("status", "ended")}, func(i int) bool { return i%6 == 1 || i%6 == 2 }},
		{"one of two patients, one twice", patients("p1", "p3", "p1"), func(i int) bool { return i%2 == 1 }},
		{"the beginning of a text", text("name", "ab", fhir.StringStarts), func(i int) bool { return i%4 != 3 }},
		{"a beginning that none has", text("name", "abz", fhir.StringStarts), func(int) bool { return false }},
		{"a part of a text", text("name", "bd", fhir.StringContains), func(i int) bool { return i%4 == 0 || i%4 == 2 }},
		{"one day", birthdate(fhir.PrefixEqual, "2026-05-02"), func(i int) bool { return i%5 == 1 }},
		{"days before", birthdate(fhir.PrefixLess, "2026-05-03"), func(i int) bool { return i%5 < 2 }},
		{"days from", birthdate(fhir.PrefixGreaterEqual, "2026-05-04"), func(i int) bool { return i%5 > 2 || i%7 == 0 }},
		{"days after", birthdate(fhir.PrefixStartsAfter, "2026-05-04"), func(i int) bool { return i%5 > 3 || i%7 == 0 }},
		{"days that are over", birthdate(fhir.PrefixEndsBefore, "2026-05-03"), func(i int) bool { return i%5 < 2 }},
		{"a greater number", chance(fhir.PrefixGreater, 1.2, 0.05), func(i int) bool { return i%3 > 0 }},
		{"a number that begins beyond", chance(fhir.PrefixStartsAfter, 0.2, 0.05), func(i int) bool { return i%3 > 0 }},
		{"a number that ends before", chance(fhir.PrefixEndsBefore, 1.5, 0.05), func(i int) bool { return i%3 == 0 }},
		{"a number of no one", chance(fhir.PrefixEqual, 1, 0.05), func(int) bool { return false }},
		{
			"two days and not another code", fhir.All{
				birthdate(fhir.PrefixGreaterEqual, "2026-05-02"), birthdate(fhir.PrefixLess, "2026-05-04"),
				fhir.Not{Criterion: token("status", "ended"), Absent: "status:missing"},
			}, func(i int) bool { return (dated(i) || i%7 == 0 && i%5 < 3) && i%6 != 2 },
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := fixture{t, store}
			typ := fmt.Sprint("Type", at)
			name := func(i int) string { return fmt.Sprintf("%s/b%03d", typ, i) }
			f.update(func(w fhir.Writer) (err error) {
				for i := 0; i < count && err == nil; i++ {
					err = put(w, name(i), 0, runsIndex(i), nil)
				}
				return err
			})
			var want []string
			for i := count - 1; i >= 0; i-- {
				if c.holds(i) {
					want = append(want, name(i))
				}
			}
			forth, back := f.walk(fhir.Query{Types: []string{typ}, Where: c.where, Limit: 5}, func(page int) {
				f.create(name(count+page), runsIndex(count+page))
			})
			same(t, "forth", forth, want)
			same(t, "back", back, want)
		})
	}
}
