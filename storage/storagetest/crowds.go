package storagetest

import (
	"fmt"
	"slices"
	"testing"

	"bima/fhir"
)

// A crowd is as many resources as a search goes through before it chooses another
// way: the old ones are more than it reads as a matter of course, and the new ones
// that lie before them more than it passes by.
const (
	crowdOld = 2100
	crowdNew = 5100
)

func crowdIndex(i int) *fhir.Index {
	name, date, rare := "kaskazini", "2020-05-01", "old"
	if i >= crowdOld {
		name, date, rare = fmt.Sprint("kaskasini ", i%40), "2026-05-01", "new"
	}
	at := float64(i)
	x := &fhir.Index{
		Tokens:     []fhir.TokenRow{{Param: "status", Code: "active"}, {Param: "age", Code: rare}},
		Strings:    []fhir.StringRow{{Param: "name", Normal: name, Exact: name}},
		Dates:      []fhir.DateRow{born(date)},
		Quantities: []fhir.QuantityRow{{Param: "total", Low: at, High: at, System: "urn:currency", Code: "TZS"}},
	}
	if i == 5 {
		x.Strings = append(x.Strings, fhir.StringRow{Param: "name", Normal: "zanzibari", Exact: "zanzibari"})
	}
	if i < crowdOld {
		x.Texts = []fhir.TextRow{{Param: "_content", Text: "homa kali"}}
	}
	return x
}

// crowds holds a store to searches that find what is old among much that is new.
func crowds(t *testing.T, open func(t *testing.T) fhir.Store) {
	f := fixture{t, open(t)}
	fill := func(from, to int) {
		f.update(func(w fhir.Writer) (err error) {
			for i := from; i < to && err == nil; i++ {
				err = put(w, fmt.Sprintf("Basic/b%04d", i), 0, crowdIndex(i), nil)
			}
			return err
		})
	}
	fill(0, crowdOld)
	f.tick()
	fill(crowdOld, crowdOld+crowdNew)
	since := f.updated(fmt.Sprintf("Basic/b%04d", crowdOld))
	before := func(micros int64) fhir.Updated {
		return fhir.Updated{Prefix: fhir.PrefixLess, From: micros, To: micros + 1}
	}
	below := total(fhir.QuantityValue{NumberValue: number(fhir.PrefixLess, crowdOld, 0.5), AnyUnit: true})
	part := func(value string) fhir.Match { return text("name", value, fhir.StringContains) }
	for name, where := range map[string]fhir.Criterion{
		"by a date":                                    birthdate(fhir.PrefixLess, "2021-01-01"),
		"by when they were updated":                    before(since),
		"by a quantity":                                below,
		"by the beginning of a text":                   text("name", "kaskaz", fhir.StringStarts),
		"by a part of a text":                          part("kazi"),
		"by one of two parts, one of which is nowhere": fhir.Any{part("qq"), part("kazi")},
		"by the end of a text":                         text("name", "zini", fhir.StringEnds),
		"by a word":                                    words("_content", "homa"),
		"by a code that all have and a date":           fhir.All{token("status", "active"), birthdate(fhir.PrefixLess, "2021-01-01")},
		"by a code that all have and a part of a text": fhir.All{token("status", "active"), part("kazi")},
		"by a date that all have and a code":           fhir.All{birthdate(fhir.PrefixGreater, "2019-01-01"), token("status", "active"), token("age", "old")},
		"by a date that all have and another":          fhir.All{birthdate(fhir.PrefixGreater, "2019-01-01"), birthdate(fhir.PrefixLess, "2021-01-01")},
	} {
		t.Run(name, func(t *testing.T) {
			f := fixture{t, f.store}
			q := fhir.Query{Types: []string{"Basic"}, Where: where, Limit: 2, Total: fhir.TotalAccurate}
			for _, want := range [][]string{{"Basic/b2099", "Basic/b2098"}, {"Basic/b2097", "Basic/b2096"}} {
				f.view(func(r fhir.Reader) error {
					page, err := r.Search(&q)
					if err != nil {
						return err
					}
					same(t, "the page", names(page.Resources), want)
					if *page.Total != crowdOld {
						t.Errorf("the total is %d, not %d", *page.Total, crowdOld)
					}
					q.After = page.Next
					return nil
				})
			}
		})
	}
	t.Run("through references to many", func(t *testing.T) { crowdReferences(fixture{t, f.store}) })
	t.Run("sorted where many share the first value", func(t *testing.T) { crowdTies(fixture{t, f.store}) })
	same(t, "by a part that is nowhere", f.found(fhir.Query{Types: []string{"Basic"}, Where: part("kaskaxi"), Limit: 2}), nil)
}

// crowdReferences searches through references to some of the old and the new.
func crowdReferences(f fixture) {
	var want []string
	for i := 300; i <= 3900; i += 300 {
		name := fmt.Sprintf("Flag/f%04d", i)
		f.create(name, &fhir.Index{References: []fhir.ReferenceRow{
			{Param: "subject", Key: key(fmt.Sprintf("Basic/b%04d", i))}, {Param: "author", Key: key("Basic/b0000")},
		}})
		if i < crowdOld {
			want = slices.Insert(want, 0, name)
		}
	}
	f.create("Flag/other", &fhir.Index{References: []fhir.ReferenceRow{{Param: "subject", Key: key("Patient/b0000")}}})
	old := fhir.Chain{Param: param("subject", fhir.ParamReference), Type: "Basic", Where: birthdate(fhir.PrefixLess, "2021-01-01")}
	same(f.T, "the newest first", f.found(fhir.Query{Types: []string{"Flag"}, Where: old}), want)
	byID := []fhir.SortKey{{Param: param("_id", fhir.ParamToken)}}
	slices.Sort(want)
	same(f.T, "by id", f.found(fhir.Query{Types: []string{"Flag"}, Where: old, Sort: byID}), want)
	old.Type = ""
	same(f.T, "of any type", f.found(fhir.Query{Types: []string{"Flag"}, Where: old, Sort: byID}), want)
	nowhere := old
	nowhere.Type, nowhere.Where = "Basic", birthdate(fhir.PrefixLess, "2020-01-01")
	same(f.T, "to nothing", f.found(fhir.Query{Types: []string{"Flag"}, Where: nowhere}), nil)
}

// crowdTies turns pages where many resources have the first value, one of which
// has another one that comes before it.
func crowdTies(f fixture) {
	q := fhir.Query{
		Types: []string{"Basic"}, Where: token("status", "active"), Limit: 3,
		Sort: []fhir.SortKey{{Param: param("name", fhir.ParamString), Descending: true}, {Param: param("total", fhir.ParamQuantity)}},
	}
	for _, want := range [][]string{
		{"Basic/b0005", "Basic/b0000", "Basic/b0001"}, {"Basic/b0002", "Basic/b0003", "Basic/b0004"}, {"Basic/b0006", "Basic/b0007", "Basic/b0008"},
	} {
		f.view(func(r fhir.Reader) error {
			page, err := r.Search(&q)
			if err != nil {
				return err
			}
			same(f.T, "the page", names(page.Resources), want)
			q.After = page.Next
			return nil
		})
	}
}
