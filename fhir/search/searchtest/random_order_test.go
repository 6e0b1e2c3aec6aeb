package searchtest_test

import (
	"cmp"
	"slices"
	"unicode/utf8"

	"bima/fhir"
)

// inOrder compares by one sort key; what lacks it comes last.
func inOrder(k fhir.SortKey, a, b *fhir.Index) int {
	switch k.Param.Kind {
	case fhir.ParamDate:
		of := func(r fhir.DateRow) (string, int64) { return r.Param, r.From }
		return leading(k, rowsOf(k, a.Dates, of), rowsOf(k, b.Dates, of))
	case fhir.ParamNumber:
		of := func(r fhir.NumberRow) (string, float64) { return r.Param, r.Low }
		return leading(k, rowsOf(k, a.Numbers, of), rowsOf(k, b.Numbers, of))
	case fhir.ParamToken:
		of := func(r fhir.TokenRow) (string, string) { return r.Param, r.Code }
		return leading(k, rowsOf(k, a.Tokens, of), rowsOf(k, b.Tokens, of))
	case fhir.ParamURI:
		of := func(r fhir.URIRow) (string, string) { return r.Param, r.URI }
		return leading(k, rowsOf(k, a.URIs, of), rowsOf(k, b.URIs, of))
	}
	of := func(r fhir.StringRow) (string, string) {
		end := min(400, len(r.Normal)) // see index.Cut
		for end < len(r.Normal) && !utf8.RuneStart(r.Normal[end]) {
			end--
		}
		return r.Param, r.Normal[:end]
	}
	return leading(k, rowsOf(k, a.Strings, of), rowsOf(k, b.Strings, of))
}

func rowsOf[R any, V cmp.Ordered](k fhir.SortKey, rows []R, of func(R) (string, V)) (values []V) {
	for _, r := range rows {
		if code, v := of(r); code == k.Param.Code {
			values = append(values, v)
		}
	}
	return values
}

func leading[V cmp.Ordered](k fhir.SortKey, a, b []V) int {
	switch {
	case len(a) == 0 || len(b) == 0:
		return cmp.Compare(min(len(b), 1), min(len(a), 1))
	case k.Descending:
		return cmp.Compare(slices.Max(b), slices.Max(a))
	}
	return cmp.Compare(slices.Min(a), slices.Min(b))
}
