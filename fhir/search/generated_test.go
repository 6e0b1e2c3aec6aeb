package search_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bima/fhir"
	"bima/fhir/search/searchtest"
)

// TestEveryParameterHitsAndMisses makes a resource for each parameter of each
// type, and each data type its values may have, and searches it.
func TestEveryParameterHitsAndMisses(t *testing.T) {
	r := registry(t)
	cases, without, err := searchtest.Cases(r)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		doc, err := fhir.Parse(c.Body)
		if err != nil {
			t.Fatal(err)
		}
		x := r.Extract(doc.Root())
		for query, want := range map[string]bool{c.Hit: true, c.Miss: false} {
			request, err := r.Parse(c.Type, query, options())
			if err != nil {
				t.Errorf("%s: %v", c.Name, err)
				continue
			}
			if got := holds(request.Where, x); got != want {
				t.Errorf("%s: %s finds it: %v, want %v\n%s", c.Name, query, got, want, c.Body)
			}
		}
	}
	t.Logf("%d cases", len(cases))
	compareWithout(t, without)
}

// compareWithout holds the list of parameters that are not indexed, each a
// limit of the server, to the one in testdata.
func compareWithout(t *testing.T, without []string) {
	t.Helper()
	var own []string
	for _, name := range without {
		_, code, _ := strings.Cut(name, ".")
		if !strings.HasPrefix(code, "_") {
			own = append(own, name)
		}
	}
	file := filepath.Join("testdata", "not-indexed.txt")
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(own, "\n") + "\n"; got != string(want) {
		t.Errorf("%s says these are not indexed:\n%sbut they are:\n%s", file, want, got)
	}
}

// holds runs a criterion over an index: a small reading of R4 search, apart from
// that of storage.
func holds(c fhir.Criterion, x *fhir.Index) bool {
	switch c := c.(type) {
	case nil:
		return true
	case fhir.All:
		for _, each := range c {
			if !holds(each, x) {
				return false
			}
		}
		return true
	case fhir.Any:
		for _, each := range c {
			if holds(each, x) {
				return true
			}
		}
		return false
	case fhir.Not:
		return !holds(c.Criterion, x)
	case fhir.Match:
		return matches(c, x)
	}
	return false
}

func matches(m fhir.Match, x *fhir.Index) bool {
	switch v := m.Value.(type) {
	case fhir.TokenValue:
		return some(x.Tokens, func(r fhir.TokenRow) bool { return r.Param == m.Param.Code && isToken(v, r) })
	case fhir.StringValue:
		return some(x.Strings, func(r fhir.StringRow) bool {
			return r.Param == m.Param.Code && strings.HasPrefix(r.Normal, v.Text)
		})
	case fhir.ReferenceValue:
		return some(x.References, func(r fhir.ReferenceRow) bool {
			if v.Key.Type == "" {
				r.Key.Type = ""
			}
			return r.Param == m.Param.Code && r.Key == v.Key && r.URL == v.URL
		})
	case fhir.DateValue:
		return some(x.Dates, func(r fhir.DateRow) bool { return r.Param == m.Param.Code && r.From >= v.From && r.To <= v.To })
	case fhir.NumberValue:
		return some(x.Numbers, func(r fhir.NumberRow) bool { return r.Param == m.Param.Code && r.High > v.Value })
	case fhir.QuantityValue:
		return some(x.Quantities, func(r fhir.QuantityRow) bool {
			return r.Param == m.Param.Code && r.High > v.Value && (v.AnyUnit || r.System == v.System && r.Code == v.Code)
		})
	case fhir.URIValue:
		return some(x.URIs, func(r fhir.URIRow) bool { return r.Param == m.Param.Code && r.URI == v.URI })
	case fhir.CompositeValue:
		return some(x.Composites, func(r fhir.CompositeRow) bool {
			return r.Param == m.Param.Code && isToken(v.First, r.First) && isSecond(v.Second, r)
		})
	}
	return false
}

func isToken(v fhir.TokenValue, r fhir.TokenRow) bool {
	return (v.AnySystem || v.System == r.System) && (v.AnyCode || v.Code == r.Code)
}

func isSecond(v fhir.Value, r fhir.CompositeRow) bool {
	switch v := v.(type) {
	case fhir.TokenValue:
		return isToken(v, r.Second)
	case fhir.StringValue:
		return strings.HasPrefix(r.Text, v.Text)
	case fhir.DateValue:
		return r.Low >= float64(v.From) && r.High <= float64(v.To)
	case fhir.SpanValue:
		return r.Low > v.From.Value && (r.High <= v.To.Value) == (v.To.Prefix == fhir.PrefixLessEqual)
	case fhir.QuantityValue:
		return r.High > v.Value && r.Second.System == v.System && r.Second.Code == v.Code
	}
	return false
}

func some[Row any](rows []Row, of func(Row) bool) bool {
	for _, r := range rows {
		if of(r) {
			return true
		}
	}
	return false
}
