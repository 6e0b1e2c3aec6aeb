package storagetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"bima/fhir"
)

// sortsOfWalks are all ways to sort resources of walkIndex.
func sortsOfWalks() map[string][]fhir.SortKey {
	out := map[string][]fhir.SortKey{"newest first": nil}
	for code, kind := range map[string]fhir.ParamKind{
		"name": fhir.ParamString, "status": fhir.ParamToken, "date": fhir.ParamDate, "number": fhir.ParamNumber, "total": fhir.ParamQuantity,
		"url": fhir.ParamURI, "subject": fhir.ParamReference, "_id": fhir.ParamToken,
	} {
		up, down := fhir.SortKey{Param: param(code, kind)}, fhir.SortKey{Param: param(code, kind), Descending: true}
		out[code], out[code+", down"] = []fhir.SortKey{up}, []fhir.SortKey{down}
	}
	for _, several := range [][]string{
		{"name", "status"}, {"date, down", "subject"}, {"total", "date, down", "name", "_id, down"}, {"status", "name"}, {"url, down", "_id"},
	} {
		var keys []fhir.SortKey
		for _, one := range several {
			keys = append(keys, out[one]...)
		}
		out[strings.Join(several, " and ")] = keys
	}
	return out
}

// walkIndex gives values of which several resources share each, and some lack it.
func walkIndex(i int) *fhir.Index {
	x := &fhir.Index{Tokens: []fhir.TokenRow{{Param: "all", Code: "yes"}}}
	if i%5 == 4 {
		return x
	}
	at, name := float64(i%7), fmt.Sprint("n", i%7)
	x.Tokens = append(x.Tokens, fhir.TokenRow{Param: "status", Code: name})
	x.Strings = []fhir.StringRow{{Param: "name", Normal: name, Exact: name}, {Param: "name", Normal: name + "z", Exact: name}}
	x.Dates = []fhir.DateRow{{Param: "date", From: int64(at), To: int64(at) + 1}}
	x.Numbers = []fhir.NumberRow{{Param: "number", Low: at, High: at}}
	x.Quantities = []fhir.QuantityRow{{Param: "total", Low: at, High: at}}
	x.URIs = []fhir.URIRow{{Param: "url", URI: "urn:" + name}}
	x.References = []fhir.ReferenceRow{{Param: "subject", Key: key("Basic/b" + fmt.Sprintf("%03d", i%7))}}
	return x
}

// walks holds a store to pages that stay right while others create, update and
// delete between them: forth and back, by every sort.
func walks(t *testing.T, open func(t *testing.T) fhir.Store) {
	const count = 24
	store := open(t)
	fixture{t, store}.update(func(w fhir.Writer) (err error) {
		for i := 0; i < count && err == nil; i++ {
			err = put(w, fmt.Sprintf("Basic/b%03d", i), 0, walkIndex(i), nil)
		}
		return err
	})
	for name, sort := range sortsOfWalks() {
		t.Run(name, func(t *testing.T) {
			typ := "Type" + strings.ReplaceAll(strings.ReplaceAll(name, " ", ""), ",", "")
			f := fixture{t, store}
			f.update(func(w fhir.Writer) (err error) {
				for i := 0; i < count && err == nil; i++ {
					err = put(w, fmt.Sprintf("%s/b%03d", typ, i), 0, walkIndex(i), nil)
				}
				return err
			})
			q := fhir.Query{Types: []string{typ}, Where: fhir.Not{Criterion: token("all", "no")}, Sort: sort, Limit: 100}
			if strings.Contains(name, "status") {
				q.Where = token("all", "yes")
			}
			inMemory(t, q.Sort, f.found(q))
			order := f.found(q)
			q.Limit = 3
			w := walk{fixture: f, typ: typ, order: order, version: map[string]int64{}, gone: map[string]bool{}}
			forth := w.turn(&q, false)
			w.check("forth", forth)
			slices.Reverse(w.order)
			w.check("back", w.turn(&q, true))
		})
	}
}

// inMemory checks the order of what was found against the values themselves.
func inMemory(t *testing.T, sort []fhir.SortKey, found []string) {
	t.Helper()
	value := func(k, code string) (float64, bool) {
		var i int
		if _, err := fmt.Sscanf(k[strings.IndexByte(k, '/'):], "/b%d", &i); err != nil {
			t.Fatal(err)
		}
		if code == "_id" {
			return float64(i), true
		}
		return float64(i % 7), i%5 != 4
	}
	before := func(a, b string) bool {
		for _, k := range sort {
			x, has := value(a, k.Param.Code)
			y, too := value(b, k.Param.Code)
			switch {
			case has != too:
				return has
			case has && x != y:
				return x < y != k.Descending
			}
		}
		return a > b // the newest first
	}
	for i := 1; i < len(found); i++ {
		if !before(found[i-1], found[i]) {
			t.Errorf("%s comes before %s in %v", found[i-1], found[i], found)
			return
		}
	}
}

// A walk goes through pages while it writes.
type walk struct {
	fixture
	typ     string
	order   []string // as they came when nobody wrote
	version map[string]int64
	gone    map[string]bool // deleted before they were seen
	seen    map[string]bool
	made    int
}

// turn turns pages to the last and gives what they showed. The cursor it ends
// with is that of the last page.
func (w *walk) turn(q *fhir.Query, back bool) (all []string) {
	w.seen = map[string]bool{}
	for range 100 {
		var page *fhir.Page
		w.view(func(r fhir.Reader) (err error) {
			page, err = r.Search(q)
			return err
		})
		shown, onward := names(page.Resources), page.Next
		if back {
			slices.Reverse(shown)
			onward = page.Previous
		}
		for _, k := range shown {
			w.seen[k] = true
		}
		all = append(all, shown...)
		if onward == "" {
			break
		}
		q.After = onward
		w.disturb()
	}
	return all
}

// disturb creates one resource, updates one that was seen and one that was not,
// and deletes one of each.
func (w *walk) disturb() {
	w.made++
	w.update(func(wr fhir.Writer) error {
		return put(wr, fmt.Sprintf("%s/new%d", w.typ, w.made), 0, walkIndex(w.made), nil)
	})
	for _, seen := range []bool{true, false} {
		var some []string
		for _, k := range w.order {
			if w.seen[k] == seen && !w.gone[k] {
				some = append(some, k)
			}
		}
		if len(some) < 5 {
			continue
		}
		updated, deleted := some[w.made%len(some)], some[(w.made+2)%len(some)]
		w.update(func(wr fhir.Writer) error {
			if err := put(wr, updated, w.version[updated]+1, w.index(updated), w.index(updated)); err != nil {
				return err
			}
			return remove(wr, deleted, w.version[deleted]+1, w.index(deleted))
		})
		w.version[updated]++
		w.gone[deleted] = true
	}
}

func (w *walk) index(k string) *fhir.Index {
	var i int
	if _, err := fmt.Sscanf(k, w.typ+"/b%d", &i); err != nil {
		w.Fatal(err)
	}
	return walkIndex(i)
}

// check compares what pages showed with the order of those that were there: each
// once, but for those deleted meanwhile, which come once or not at all.
func (w *walk) check(what string, shown []string) {
	w.Helper()
	at := 0
	for _, k := range w.order {
		switch {
		case at < len(shown) && shown[at] == k:
			at++
		case !w.gone[k]:
			w.Errorf("%s: %s is not where it belongs, after %d: %v of %v", what, k, at, shown, w.order)
			return
		}
	}
	if at < len(shown) {
		w.Errorf("%s: %v came that should not", what, shown[at:])
	}
}

// emptyPages deletes all that lies behind a cursor: the way back stays.
func emptyPages(t *testing.T, open func(t *testing.T) fhir.Store) {
	for name, sort := range map[string][]fhir.SortKey{"newest first": nil, "by name": {{Param: param("name", fhir.ParamString)}}} {
		t.Run(name, func(t *testing.T) {
			f := fixture{t, open(t)}
			for i := range 6 {
				f.create(fmt.Sprintf("Basic/b%03d", i), walkIndex(i))
			}
			q := fhir.Query{Types: []string{"Basic"}, Sort: sort, Limit: 2}
			turn := func(after string) (page *fhir.Page) {
				q.After = after
				f.view(func(r fhir.Reader) (err error) {
					page, err = r.Search(&q)
					return err
				})
				return page
			}
			gone := func(page *fhir.Page) {
				for _, r := range page.Resources {
					f.update(func(w fhir.Writer) error { return remove(w, r.Key.String(), 1, nil) })
				}
			}
			first := turn("")
			second := turn(first.Next)
			third := turn(second.Next)
			gone(third)
			end := turn(second.Next)
			if len(end.Resources) != 0 || end.Next != "" || end.Previous == "" {
				t.Fatalf("the end is %+v", end)
			}
			again := turn(end.Previous)
			same(t, "back from the end", names(again.Resources), names(second.Resources))
			gone(first)
			start := turn(again.Previous)
			if len(start.Resources) != 0 || start.Previous != "" || start.Next == "" {
				t.Fatalf("the start is %+v", start)
			}
			same(t, "forth from the start", names(turn(start.Next).Resources), names(second.Resources))
		})
	}
}
