package storagetest

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	"bima/fhir"
)

func sorting(t *testing.T, open func(t *testing.T) fhir.Store) {
	f := fixture{t, open(t)}
	for i, name := range []string{"c", "a", "", "b", "a"} {
		index := &fhir.Index{Dates: []fhir.DateRow{
			{Param: "date", From: int64(i * 10), To: int64(i*10 + 1)},
			{Param: "date", From: int64(i * 10), To: int64(i*10 + 2)},
			{Param: "date", From: int64(i * 10), To: int64(i*10 + 3)},
		}}
		if name != "" {
			index.Strings = []fhir.StringRow{{Param: "name", Normal: name, Exact: name}, {Param: "name", Normal: name + "z", Exact: name}}
			index.Tokens = []fhir.TokenRow{{Param: "status", Code: "s-" + name}}
			index.Numbers = []fhir.NumberRow{{Param: "number", Low: float64(name[0]), High: float64(name[0])}}
			index.References = []fhir.ReferenceRow{{Param: "link", Key: key("Basic/p" + fmt.Sprint(4-i))}}
			index.URIs = []fhir.URIRow{{Param: "url", URI: "urn:" + name}}
			index.Quantities = []fhir.QuantityRow{{Param: "amount", Low: float64(name[0]), High: float64(name[0])}}
		}
		f.create(fmt.Sprintf("Basic/p%d", i), index)
	}
	up := []string{"Basic/p4", "Basic/p1", "Basic/p3", "Basic/p0", "Basic/p2"}
	down := []string{"Basic/p0", "Basic/p3", "Basic/p4", "Basic/p1", "Basic/p2"}
	key := func(code string, kind fhir.ParamKind, descending bool) fhir.SortKey {
		return fhir.SortKey{Param: param(code, kind), Descending: descending}
	}
	for _, c := range []struct {
		name string
		sort []fhir.SortKey
		want []string
	}{
		{"by age, newest first", nil, []string{"Basic/p4", "Basic/p3", "Basic/p2", "Basic/p1", "Basic/p0"}},
		{"by a string", []fhir.SortKey{key("name", fhir.ParamString, false)}, up},
		{"by a string, descending, still the missing last", []fhir.SortKey{key("name", fhir.ParamString, true)}, down},
		{"by a token", []fhir.SortKey{key("status", fhir.ParamToken, false)}, up},
		{"by a number", []fhir.SortKey{key("number", fhir.ParamNumber, true)}, down},
		{"by a quantity", []fhir.SortKey{key("amount", fhir.ParamQuantity, false)}, up},
		{"by a uri", []fhir.SortKey{key("url", fhir.ParamURI, true)}, down},
		{"by a reference", []fhir.SortKey{key("link", fhir.ParamReference, false)}, []string{"Basic/p4", "Basic/p3", "Basic/p1", "Basic/p0", "Basic/p2"}},
		{"by a date", []fhir.SortKey{key("date", fhir.ParamDate, true)}, []string{"Basic/p4", "Basic/p3", "Basic/p2", "Basic/p1", "Basic/p0"}},
		{"by two keys", []fhir.SortKey{key("name", fhir.ParamString, false), key("date", fhir.ParamDate, false)}, []string{"Basic/p1", "Basic/p4", "Basic/p3", "Basic/p0", "Basic/p2"}},
		{"by id", []fhir.SortKey{key("_id", fhir.ParamToken, false)}, []string{"Basic/p0", "Basic/p1", "Basic/p2", "Basic/p3", "Basic/p4"}},
		{"by lastUpdated", []fhir.SortKey{key("_lastUpdated", fhir.ParamDate, true), key("_id", fhir.ParamToken, true)}, []string{"Basic/p4", "Basic/p3", "Basic/p2", "Basic/p1", "Basic/p0"}},
		{"by a parameter nobody has", []fhir.SortKey{key("nothing", fhir.ParamString, false)}, []string{"Basic/p4", "Basic/p3", "Basic/p2", "Basic/p1", "Basic/p0"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := fixture{t, f.store}
			same(t, "in one page", f.found(fhir.Query{Types: []string{"Basic"}, Sort: c.sort}), c.want)
			for limit := 1; limit <= 3; limit++ {
				forth, back := f.walk(fhir.Query{Types: []string{"Basic"}, Sort: c.sort, Limit: limit}, nil)
				same(t, fmt.Sprintf("by pages of %d", limit), forth, c.want)
				same(t, fmt.Sprintf("and back by pages of %d", limit), back, c.want)
			}
			f.endsWithBytes(c.sort, c.want)
		})
	}
}

// endsWithBytes holds pages to end with the resource that fills their bytes.
func (f fixture) endsWithBytes(sort []fhir.SortKey, want []string) {
	f.Helper()
	one := len(body(key(want[0]), 1)) // all are as long
	for bytes, size := range map[int]int{1: 1, one: 1, one + 1: 2, 2 * one: 2, 2*one + 1: 3} {
		q := fhir.Query{Types: []string{"Basic"}, Sort: sort, Limit: 4, Bytes: bytes, Total: fhir.TotalAccurate}
		page := f.page(&q)
		if len(page.Resources) != size || page.Next == "" || *page.Total != int64(len(want)) {
			f.Errorf("a page of %d bytes has %d resources of %d, and on to %q", bytes, len(page.Resources), *page.Total, page.Next)
		}
		forth, back := f.walk(q, nil)
		same(f.T, fmt.Sprintf("by pages of %d bytes", bytes), forth, want)
		same(f.T, fmt.Sprintf("and back by pages of %d bytes", bytes), back, want)
	}
	whole := f.page(&fhir.Query{Types: []string{"Basic"}, Sort: sort, Limit: len(want), Bytes: len(want) * one})
	if len(whole.Resources) != len(want) || whole.Next != "" {
		f.Errorf("a page that holds all has %d resources, and on to %q", len(whole.Resources), whole.Next)
	}
}

// walk reads all pages to the last and back to the first. Between two pages it
// calls between.
func (f fixture) walk(q fhir.Query, between func(page int)) (forth, back []string) {
	f.Helper()
	const pagesMax = 1000
	var last *fhir.Page
	turn := func() {
		f.view(func(r fhir.Reader) (err error) {
			last, err = r.Search(&q)
			return err
		})
	}
	for page := range pagesMax {
		turn()
		forth = append(forth, names(last.Resources)...)
		if last.Next == "" {
			break
		}
		q.After = last.Next
		if between != nil {
			between(page)
		}
	}
	back = names(last.Resources)
	for range pagesMax {
		if last.Previous == "" {
			break
		}
		q.After = last.Previous
		turn()
		back = append(names(last.Resources), back...)
	}
	return forth, back
}

const oldestFirst = "oldest first"

func paging(t *testing.T, open func(t *testing.T) fhir.Store) {
	sorts := map[string][]fhir.SortKey{
		"newest first":   nil,
		oldestFirst:      nil,
		"by name":        {{Param: param("name", fhir.ParamString)}},
		"by name, down":  {{Param: param("name", fhir.ParamString), Descending: true}},
		"by lastUpdated": {{Param: param("_id", fhir.ParamToken)}},
	}
	named := func(name string) *fhir.Index {
		return &fhir.Index{
			Strings: []fhir.StringRow{{Param: "name", Normal: name, Exact: name}},
			Tokens:  []fhir.TokenRow{{Param: "status", Code: "active"}},
		}
	}
	for name, sort := range sorts {
		t.Run("pages "+name+" show each resource once while others are written", func(t *testing.T) {
			f := fixture{t, open(t)}
			var want []string
			for i := range 40 {
				id := fmt.Sprintf("Basic/b%02d", i)
				f.create(id, named(fmt.Sprint(i%7)))
				want = append(want, id)
			}
			q := fhir.Query{Types: []string{"Basic"}, Sort: sort, Oldest: name == oldestFirst, Limit: 3, Where: fhir.All{token("status", "active")}}
			forth, back := f.walk(q, func(page int) { f.create(fmt.Sprintf("Basic/b%02d-later", page), named(fmt.Sprint(page%7))) })
			same(t, "back", back, forth)
			slices.Sort(forth)
			same(t, "forth", forth, want)
		})
	}
	t.Run("pages under concurrent writers show what was there before exactly once", func(t *testing.T) {
		f := fixture{t, open(t)}
		want := map[string]int{}
		for i := range 60 {
			id := fmt.Sprintf("Basic/old%02d", i)
			f.create(id, named(fmt.Sprint(i%9)))
			want[id] = 0
		}
		stop := make(chan struct{})
		var writers sync.WaitGroup
		defer writers.Wait()
		defer close(stop)
		for writer := range 3 {
			writers.Go(func() {
				for i := range 150 {
					select {
					case <-stop:
						return
					default:
						f.create(fmt.Sprintf("Basic/new%d-%d", writer, i), named(fmt.Sprint(i%9)))
					}
				}
			})
		}
		for name, sort := range sorts {
			seen := map[string]int{}
			forth, _ := f.walk(fhir.Query{Types: []string{"Basic"}, Sort: sort, Oldest: name == oldestFirst, Limit: 7}, nil)
			for _, id := range forth {
				if seen[id]++; seen[id] > 1 {
					t.Errorf("%s came twice", id)
				}
			}
			for id := range want {
				if seen[id] != 1 {
					t.Errorf("%s came %d times", id, seen[id])
				}
			}
		}
	})
	cursors(t, open)
}

func cursors(t *testing.T, open func(t *testing.T) fhir.Store) {
	f := fixture{t, open(t)}
	for i := range 5 {
		f.create(fmt.Sprintf("Basic/b%d", i), nil)
	}
	q := fhir.Query{Types: []string{"Basic"}, Limit: 2}
	t.Run("a cursor is good for its query only", func(t *testing.T) {
		f.view(func(r fhir.Reader) error {
			page, err := r.Search(&q)
			if err != nil {
				return err
			}
			for _, bad := range []fhir.Query{
				{Types: []string{"Basic"}, Limit: 2, After: page.Next + "A"},
				{Types: []string{"Basic"}, Limit: 2, After: page.Next[:len(page.Next)-2]},
				{Types: []string{"Basic"}, Limit: 2, After: "nonsense"},
				{Types: []string{"Patient"}, Limit: 2, After: page.Next},
				{Types: []string{"Basic"}, Limit: 2, After: page.Next, Where: token("status", "active")},
				{Types: []string{"Basic"}, Limit: 2, After: page.Next, Oldest: true},
				{Types: []string{"Basic"}, Limit: 2, After: page.Next, Sort: []fhir.SortKey{{Param: param("_id", fhir.ParamToken)}}},
			} {
				_, err := r.Search(&bad)
				refused(t, "Search", err, fhir.IssueValue)
			}
			_, err = r.History(&fhir.HistoryQuery{Limit: 2, After: page.Next})
			refused(t, "History", err, fhir.IssueValue)
			return nil
		})
	})
	t.Run("the page may change its size on the way", func(t *testing.T) {
		f := fixture{t, f.store}
		f.view(func(r fhir.Reader) error {
			first, err := r.Search(&q)
			if err != nil {
				return err
			}
			rest, err := r.Search(&fhir.Query{Types: []string{"Basic"}, Limit: 50, After: first.Next})
			if err == nil {
				same(t, "the rest", names(rest.Resources), []string{"Basic/b2", "Basic/b1", "Basic/b0"})
			}
			return err
		})
	})
	t.Run("totals count all pages", func(t *testing.T) {
		f.view(func(r fhir.Reader) error {
			counted := q
			counted.Total = fhir.TotalAccurate
			page, err := r.Search(&counted)
			if err == nil && (page.Total == nil || *page.Total != 5) {
				t.Errorf("total %v", page.Total)
			}
			return err
		})
	})
	t.Run("a query that is cancelled ends", func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		err := f.store.View(ctx, func(r fhir.Reader) error {
			_, err := r.Search(&q)
			return err
		})
		refused(t, "View", err, fhir.IssueTimeout)
	})
}
