package searchtest_test

import (
	"fmt"
	"strings"

	"bima/fhir"
)

// crowd makes the world one of many resources that share few names, more than what
// has one value is read whole of and sorted.
func (w *drawn) crowd() {
	w.typ, w.all, w.crowded = w.typ+"Crowd", nil, true
	w.settle(500 + w.IntN(300))
}

// named gives the index of a resource whose names many share: one has several, or
// the same in two spellings, and one has none.
func (w *drawn) named() *fhir.Index {
	x := &fhir.Index{}
	name := func(param, text string) {
		x.Strings = append(x.Strings, fhir.StringRow{Param: param, Normal: text, Exact: text})
		if w.IntN(20) == 0 {
			x.Strings = append(x.Strings, fhir.StringRow{Param: param, Normal: text, Exact: strings.ToUpper(text)})
		}
	}
	called := func() string {
		return draw(w, "b", "b", "b", "b", "d", "d", "d", long("c"), fmt.Sprint("a", w.IntN(9)), fmt.Sprint("c", w.IntN(40)), "e")
	}
	if w.IntN(12) > 0 {
		name("surname", draw(w, "m", "m", "m", "m", "m", "m", "m", "n", "k", "l"))
	}
	if w.IntN(15) == 0 {
		name("surname", draw(w, "k", "m", "n", "z"))
	}
	if w.IntN(12) > 0 {
		name("called", called())
	}
	if w.IntN(15) == 0 {
		name("called", called())
	}
	x.URIs = append(x.URIs, fhir.URIRow{Param: "url", URI: draw(w, uris[:2]...)})
	for range w.IntN(3) {
		x.Tokens = append(x.Tokens, fhir.TokenRow{Param: "status", Code: draw(w, codes[:2]...)})
		x.Dates = append(x.Dates, fhir.DateRow{Param: "date", From: int64(w.IntN(3)), To: 4})
	}
	return x
}

// askTied draws a search of the crowd by two sort keys or three, and holds its pages
// to what is found in memory. What it asks for besides is nothing that a search
// begins with.
func (w *drawn) askTied(at int) {
	q := fhir.Query{Types: []string{w.typ}, Limit: draw(w, 7, 30, 60, 130)}
	status := fhir.Param{Code: "status", Kind: fhir.ParamToken}
	switch w.IntN(4) {
	case 0:
		q.Where = fhir.Present{Param: status}
	case 1:
		q.Where = fhir.Not{Criterion: fhir.Match{Param: status, Value: fhir.TokenValue{Code: "active", AnySystem: true}}}
	}
	surname, called := fhir.Param{Code: "surname", Kind: fhir.ParamString}, fhir.Param{Code: "called", Kind: fhir.ParamString}
	url := fhir.Param{Code: "url", Kind: fhir.ParamURI}
	keys := draw(w, []fhir.Param{surname, called}, []fhir.Param{called, surname}, []fhir.Param{url, called}, []fhir.Param{surname, url},
		[]fhir.Param{url, surname, called}, []fhir.Param{surname, {Code: "date", Kind: fhir.ParamDate}}, []fhir.Param{status, called})
	for _, k := range keys {
		q.Sort = append(q.Sort, fhir.SortKey{Descending: w.IntN(2) == 0, Param: k})
	}
	w.compare(at, q)
}
