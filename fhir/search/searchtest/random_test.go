package searchtest_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"bima/fhir"
	"bima/fhir/search"
	"bima/storage"
	"bima/storage/storagetest"
)

// rounds is how many worlds are drawn for each database, each with a seed of its own.
var (
	rounds = flag.Uint64("search.rounds", 1, "how many random worlds are searched")
	seed   = flag.Uint64("search.seed", 7, "the seed of the first random world")
)

// TestPagesAgreeWithMemory walks the pages of random searches over resources with
// many values each, forth and back, while others are written, changed and deleted,
// and holds them to what is found in memory.
func TestPagesAgreeWithMemory(t *testing.T) {
	for name, dsn := range map[string]func(testing.TB) string{"sqlite": storagetest.SQLite, "postgres": storagetest.Postgres} {
		t.Run(name, func(t *testing.T) {
			store := open(t, dsn(t))
			for i := range *rounds {
				w := &drawn{T: t, store: store, Rand: rand.New(rand.NewPCG(*seed+i, 1)), typ: fmt.Sprint("Type", *seed+i)}
				w.settle(160 + w.IntN(100))
				for at := 0; at < 30 && !t.Failed(); at++ {
					w.ask(at)
				}
				w.crowd()
				for at := 0; at < 6 && !t.Failed(); at++ {
					w.askTied(at)
				}
			}
		})
	}
}

// drawn is a world of resources of one type, with what each has in the index.
type drawn struct {
	*testing.T
	*rand.Rand
	store *storage.Store
	typ   string
	all   []*one // the oldest first

	crowded bool // its resources have names that many share
}

type one struct {
	key     fhir.Key
	version int64
	index   *fhir.Index // nil where it was deleted
}

func draw[V any](w *drawn, all ...V) V { return all[w.IntN(len(all))] }

func (w *drawn) write(change func(fhir.Writer) error) {
	w.Helper()
	if err := w.store.Update(w.Context(), change); err != nil {
		w.Fatal(err)
	}
}

func (w *drawn) create(tx fhir.Writer) error {
	r := &one{key: fhir.Key{Type: w.typ, ID: fmt.Sprint("r", len(w.all))}}
	w.all = append(w.all, r)
	if w.crowded {
		return w.put(tx, r, w.named())
	}
	return w.put(tx, r, w.values())
}

// put writes the next version; nil deletes the resource.
func (w *drawn) put(tx fhir.Writer, r *one, x *fhir.Index) error {
	v := fhir.Version{Expect: r.version, Index: x, Before: r.index, Resource: &fhir.Resource{
		Key: r.key, Version: r.version + 1, Updated: tx.Now(), Method: fhir.MethodUpdate, Body: []byte("{}"),
	}}
	if x == nil {
		v.Resource.Method, v.Resource.Deleted, v.Resource.Body = fhir.MethodDelete, true, nil
	} else if r.version == 0 {
		v.Resource.Method = fhir.MethodCreate
	}
	r.version, r.index = r.version+1, x
	return tx.Put(v)
}

// settle writes the resources, and changes and deletes some.
func (w *drawn) settle(count int) {
	w.write(func(tx fhir.Writer) (err error) {
		for i := 0; i < count && err == nil; i++ {
			err = w.create(tx)
		}
		return err
	})
	w.write(func(tx fhir.Writer) (err error) {
		for i := 0; i < len(w.all) && err == nil; i++ {
			switch w.IntN(8) {
			case 0:
				err = w.put(tx, w.all[i], nil)
			case 1, 2:
				err = w.put(tx, w.all[i], w.values())
			}
		}
		return err
	})
}

// long is longer than what the index keeps as a key, cut before or in a character.
func long(end string) string { return strings.Repeat("ab", 199) + end }

var (
	codes   = []string{"active", "draft", "ended", "Active", ""}
	systems = []string{"", "urn:s", "urn:t"}
	texts   = []string{
		"a", "ab", "abd", "abe", "ab%", "a_", `b\`, "é", "éb", "zz", "\U0010FFFF", long("cc"), long("ccd"), long("cé"), long("céd"), long("c"),
	}
	uris = []string{"http://a", "http://a/b", "http://a/b/c", "http://ab", "urn:x"}
)

// values gives what a resource has in the index.
func (w *drawn) values() *fhir.Index {
	x := &fhir.Index{Texts: []fhir.TextRow{{Param: "_content", Text: draw(w, "malaria", "malaria fever", "fever", "Fever cough", "cough")}}}
	for range w.IntN(3) {
		x.Tokens = append(x.Tokens, fhir.TokenRow{Param: "status", System: draw(w, systems...), Code: draw(w, codes[:4]...)})
		text := draw(w, texts...)
		x.Strings = append(x.Strings, fhir.StringRow{Param: "name", Normal: text, Exact: draw(w, text, strings.ToUpper(text))})
		x.References = append(x.References, fhir.ReferenceRow{Param: "patient", Key: w.person()})
		x.URIs = append(x.URIs, fhir.URIRow{Param: "url", URI: draw(w, uris...)})
	}
	if len(x.Tokens) == 0 {
		x.Tokens = append(x.Tokens, fhir.TokenRow{Param: "status:missing", Code: "true"})
	}
	for range w.IntN(3) {
		from := int64(w.IntN(9))
		x.Dates = append(x.Dates, fhir.DateRow{Param: "date", From: from, To: from + 1 + int64(w.IntN(3))})
		low := float64(w.IntN(5)) - 2
		x.Numbers = append(x.Numbers, fhir.NumberRow{Param: "chance", Low: low, High: low + draw(w, 0, 0, 0.5, 2)})
	}
	switch w.IntN(9) {
	case 0:
		x.Dates = append(x.Dates, fhir.DateRow{Param: "date", From: -1 << 62, To: 4})
		x.Numbers = append(x.Numbers, fhir.NumberRow{Param: "chance", Low: 1e308, High: 1e308})
	case 1:
		x.Dates = append(x.Dates, fhir.DateRow{Param: "date", From: 4, To: 1 << 62})
		x.References = append(x.References, fhir.ReferenceRow{Param: "patient", URL: "http://else/p1"})
	case 2: // told by a text alone
		x.Strings = append(x.Strings, fhir.StringRow{Param: "kind:text", Normal: "else", Exact: "else"})
	case 3:
		x.Tokens = append(x.Tokens, fhir.TokenRow{Param: "kind:missing", Code: "true"})
	default:
		x.Tokens = append(x.Tokens, fhir.TokenRow{Param: "kind", Code: draw(w, codes[:2]...)})
	}
	// Of this one there are more values than a page is looked for among.
	x.Strings = append(x.Strings, fhir.StringRow{Param: "family", Normal: fmt.Sprintf("%c%02d", 'a'+w.IntN(3), w.IntN(30)), Exact: "x"})
	return x
}

func (w *drawn) person() fhir.Key {
	return fhir.Key{Type: draw(w, "Patient", "Patient", "Group"), ID: fmt.Sprint("p", w.IntN(3))}
}

// value draws a value to compare with, and whose.
func (w *drawn) value() fhir.Match {
	at := func(code string, kind fhir.ParamKind, v fhir.Value) fhir.Match {
		return fhir.Match{Param: fhir.Param{Code: code, Kind: kind}, Value: v}
	}
	prefix := draw(w, fhir.PrefixEqual, fhir.PrefixNotEqual, fhir.PrefixLess, fhir.PrefixGreater, fhir.PrefixLessEqual,
		fhir.PrefixGreaterEqual, fhir.PrefixStartsAfter, fhir.PrefixEndsBefore, fhir.PrefixApproximate, "")
	switch w.IntN(12) {
	case 0, 1:
		v := fhir.TokenValue{Code: draw(w, codes...), AnySystem: true}
		if w.IntN(3) == 0 {
			v = fhir.TokenValue{Code: v.Code, System: draw(w, systems...), AnyCode: w.IntN(4) == 0}
		}
		return at(draw(w, "status", "status", "kind"), fhir.ParamToken, v)
	case 2, 10:
		return at("name", fhir.ParamString, w.text())
	case 3:
		mode := draw(w, fhir.StringStarts, fhir.StringContains)
		return at("family", fhir.ParamString, fhir.StringValue{Text: draw(w, "a", "b1", "c", "1", ""), Mode: mode})
	case 4, 11:
		v := fhir.ReferenceValue{Key: w.person()}
		switch w.IntN(6) {
		case 0:
			v.Key.Type = ""
		case 1:
			v = fhir.ReferenceValue{URL: "http://else/p1"}
		}
		return at("patient", fhir.ParamReference, v)
	case 5, 8:
		from := int64(w.IntN(10))
		return at("date", fhir.ParamDate, fhir.DateValue{Prefix: prefix, From: from, To: from + 1 + int64(w.IntN(3))})
	case 6, 9:
		v := draw(w, -2, -1, 0, 0.25, 0.5, 1, 2, 1e308)
		return at("chance", fhir.ParamNumber, fhir.NumberValue{Prefix: prefix, Low: v - 0.25, Value: v, High: v + 0.25})
	}
	return at("url", fhir.ParamURI, fhir.URIValue{URI: draw(w, uris...), Mode: draw(w, fhir.URIExact, fhir.URIExact, fhir.URIBelow, fhir.URIAbove)})
}

// text draws a text, or the beginning or end of one.
func (w *drawn) text() fhir.StringValue {
	text, mode := []rune(draw(w, texts...)), draw(w, fhir.StringStarts, fhir.StringContains, fhir.StringExact, fhir.StringExact, fhir.StringWhole, fhir.StringEnds)
	switch n := w.IntN(3); {
	case n == 0 && mode == fhir.StringStarts:
		text = text[:1+w.IntN(len(text))]
	case n == 0 && mode == fhir.StringEnds:
		text = text[w.IntN(len(text)):]
	case n == 0 && mode == fhir.StringContains:
		text = text[len(text)-1:]
	}
	return fhir.StringValue{Text: string(text), Mode: mode}
}

// criterion draws one condition.
func (w *drawn) criterion() fhir.Criterion {
	first := w.value()
	var c fhir.Criterion = first
	switch w.IntN(12) {
	case 0, 1, 5, 6: // others of the same parameter
		either := fhir.Any{first}
		for tries := 0; tries < 80 && len(either) < 4; tries++ {
			if m := w.value(); m.Param == first.Param && (w.IntN(4) == 0 || alike(m.Value, first.Value)) {
				either = append(either, m)
			}
		}
		c = either
	case 2:
		c = fhir.Any{first, w.value()}
	case 3:
		return fhir.FullText{Param: "_content", Alternatives: [][]fhir.TextTerm{{{Words: []string{draw(w, "malaria", "fever", "cough")}}}}}
	case 4:
		c = fhir.Present{Param: first.Param}
	}
	if w.IntN(3) > 0 {
		return c
	}
	not := fhir.Not{Criterion: c}
	if first.Param.Kind == fhir.ParamToken {
		not.Absent = absentOf(c, first.Param.Code)
	}
	return not
}

// alike reports whether two values are compared in the same way.
func alike(a, b fhir.Value) bool {
	switch a := a.(type) {
	case fhir.StringValue:
		other, ok := b.(fhir.StringValue)
		return ok && a.Mode == other.Mode
	case fhir.TokenValue:
		other, ok := b.(fhir.TokenValue)
		return ok && a.AnySystem == other.AnySystem
	case fhir.ReferenceValue:
		return a.Key.Type != ""
	}
	return true
}

// absentOf gives the code of absence where all is asked of one parameter.
func absentOf(c fhir.Criterion, code string) string {
	all, _ := c.(fhir.Any)
	if m, ok := c.(fhir.Match); ok {
		all = fhir.Any{m}
	}
	for _, one := range all {
		if m, ok := one.(fhir.Match); !ok || m.Param.Code != code {
			return ""
		}
	}
	if len(all) == 0 {
		return ""
	}
	return code + ":missing"
}

// ask draws a search, and holds its pages to what is found in memory.
func (w *drawn) ask(at int) {
	q := fhir.Query{Types: []string{w.typ}, Limit: draw(w, 1, 3, 10, 40, 5000), Total: draw(w, fhir.TotalNone, fhir.TotalAccurate)}
	q.Where = w.criterion()
	for w.IntN(5) < 2 {
		q.Where = fhir.All{q.Where, w.criterion()}
	}
	for range draw(w, 0, 0, 0, 0, 0, 1, 1, 2) {
		q.Sort = append(q.Sort, fhir.SortKey{Descending: w.IntN(2) == 0, Param: draw(w,
			fhir.Param{Code: "name", Kind: fhir.ParamString}, fhir.Param{Code: "url", Kind: fhir.ParamURI}, fhir.Param{Code: "status", Kind: fhir.ParamToken},
			fhir.Param{Code: "date", Kind: fhir.ParamDate}, fhir.Param{Code: "chance", Kind: fhir.ParamNumber})})
	}
	w.compare(at, q)
}

// compare holds the pages of a search to what is found in memory.
func (w *drawn) compare(at int, q fhir.Query) {
	want := w.inMemory(q)
	forth, back, ended := w.walk(q, len(want))
	if !ended {
		want = want[:min(len(want), len(forth))]
	}
	if !slices.Equal(forth, want) || !slices.Equal(back, want) {
		w.Errorf("%s, search %d, %#v:\nforth %v\nback  %v\nwant  %v", w.typ, at, q, forth, back, want)
	}
}

// inMemory gives what a query finds, in its order.
func (w *drawn) inMemory(q fhir.Query) (names []string) {
	var found []*one
	for _, r := range slices.Backward(w.all) {
		if r.index == nil {
			continue
		}
		holds, known := true, true
		if q.Where != nil {
			holds, known = search.Matches(r.index, r.key, time.Time{}, q.Where)
		}
		if !known {
			w.Fatalf("not known: %#v", q.Where)
		}
		if holds {
			found = append(found, r)
		}
	}
	slices.SortStableFunc(found, func(a, b *one) int {
		for _, k := range q.Sort {
			if c := inOrder(k, a.index, b.index); c != 0 {
				return c
			}
		}
		return 0
	})
	for _, r := range found {
		names = append(names, r.key.ID)
	}
	return names
}

// walk reads some pages, and the way back; ended tells whether these were all. After
// the first page others write.
func (w *drawn) walk(q fhir.Query, total int) (forth, back []string, ended bool) {
	page := func() (page *fhir.Page, names []string) {
		err := w.store.View(w.Context(), func(r fhir.Reader) (err error) {
			page, err = r.Search(&q)
			return err
		})
		if err != nil {
			w.Fatalf("%#v: %v", q, err)
		}
		for _, r := range page.Resources {
			names = append(names, r.Key.ID)
		}
		return page, names
	}
	const pagesMax = 6
	p, names := page()
	if q.Total == fhir.TotalAccurate && (p.Total == nil || *p.Total != int64(total)) {
		w.Errorf("%#v: total %v, want %d", q, p.Total, total)
	}
	q.Total = fhir.TotalNone
	if p.Next != "" && w.IntN(4) == 0 {
		w.write(w.create)
	}
	forth = names
	for range pagesMax {
		if p.Next == "" {
			break
		}
		q.After = p.Next
		p, names = page()
		forth = append(forth, names...)
	}
	ended, back = p.Next == "", names
	for p.Previous != "" {
		q.After = p.Previous
		p, names = page()
		back = append(names, back...)
	}
	return forth, back, ended
}
