package match

import (
	"slices"
	"strings"

	"bima/fhir"
)

// match asks whether a row of the parameter compares with the value, or does not
// with what is to be another.
func (s subject) match(m fhir.Match) (holds, known bool) {
	wanted := true
	if other, ok := m.Value.(fhir.OtherValue); ok {
		m.Value, wanted = other.Value, false
	}
	code, x := m.Param.Code, s.index
	switch v := m.Value.(type) {
	case fhir.TokenValue:
		return some(x.Tokens, func(r *fhir.TokenRow) bool { return r.Param == code && isToken(v, r.System, r.Code) == wanted }), true
	case fhir.TokenSetValue:
		return some(x.Tokens, func(r *fhir.TokenRow) bool {
			return r.Param == code && slices.ContainsFunc(v.Tokens, func(t fhir.TokenValue) bool { return isToken(t, r.System, r.Code) })
		}), true
	case fhir.StringValue:
		return some(x.Strings, func(r *fhir.StringRow) bool { return r.Param == code && isString(v, r) == wanted }), true
	case fhir.ReferenceValue:
		return some(x.References, func(r *fhir.ReferenceRow) bool { return r.Param == code && isReference(v, r) == wanted }), true
	case fhir.URIValue:
		return some(x.URIs, func(r *fhir.URIRow) bool { return r.Param == code && isURI(v, r.URI) == wanted }), true
	case fhir.NearValue:
		return some(x.Positions, func(r *fhir.PositionRow) bool { return r.Param == code && isNear(v, r) }), true
	case fhir.CompositeValue:
		return compare(x.Composites, func(r *fhir.CompositeRow) (bool, bool) {
			if r.Param != code || !isToken(v.First, r.First.System, r.First.Code) {
				return false, true
			}
			return isSecond(v.Second, r)
		})
	}
	if v, ok := m.Value.(fhir.OccurrenceValue); ok {
		return s.occurrence(code, v)
	}
	return s.measured(m)
}

// occurrence asks whether each part of one occurrence has a row that compares with
// its value.
func (s subject) occurrence(code string, v fhir.OccurrenceValue) (holds, known bool) {
	part := func(i int, occurrence string) (holds, known bool) {
		return compare(s.index.Composites, func(r *fhir.CompositeRow) (bool, bool) {
			if r.Param != code || r.First != (fhir.TokenRow{System: fhir.PartSystem(i), Code: occurrence}) {
				return false, true
			}
			return isSecond(v.Parts[i], r)
		})
	}
	return compare(s.index.Composites, func(r *fhir.CompositeRow) (holds, known bool) {
		if r.Param != code || r.First.System != fhir.PartSystem(0) {
			return false, true
		}
		holds, known = isSecond(v.Parts[0], r)
		for i := 1; i < len(v.Parts); i++ {
			one, oneKnown := part(i, r.First.Code)
			holds, known = holds && one, known && oneKnown
		}
		return holds, known
	})
}

// measured is match for values that are intervals.
func (s subject) measured(m fhir.Match) (holds, known bool) {
	code, x := m.Param.Code, s.index
	switch v := m.Value.(type) {
	case fhir.DateValue:
		return compare(x.Dates, func(r *fhir.DateRow) (bool, bool) {
			if r.Param != code {
				return false, true
			}
			return compareDates(v, r.From, r.To)
		})
	case fhir.NumberValue:
		return compare(x.Numbers, func(r *fhir.NumberRow) (bool, bool) {
			if r.Param != code {
				return false, true
			}
			return compareNumbers(v, r.Low, r.High)
		})
	case fhir.QuantityValue:
		return compare(x.Quantities, func(r *fhir.QuantityRow) (bool, bool) {
			if r.Param != code || !isUnit(v, r) {
				return false, true
			}
			return compareNumbers(v.NumberValue, r.Low, r.High)
		})
	}
	return false, false
}

// compare asks rows whose comparison may have a prefix that is not known.
func compare[Row any](rows []Row, one func(*Row) (holds, known bool)) (holds, known bool) {
	known = true
	for i := range rows {
		h, k := one(&rows[i])
		if h && k {
			return true, true
		}
		known = known && k
	}
	return false, known
}

func isToken(v fhir.TokenValue, system, code string) bool {
	return (v.AnySystem || v.System == system) && (v.AnyCode || v.Code == code)
}

func isString(v fhir.StringValue, r *fhir.StringRow) bool {
	switch v.Mode {
	case fhir.StringExact:
		return r.Exact == v.Text
	case fhir.StringContains:
		return strings.Contains(r.Normal, v.Text)
	case fhir.StringWhole:
		return r.Normal == v.Text
	case fhir.StringEnds:
		return strings.HasSuffix(r.Normal, v.Text)
	}
	return strings.HasPrefix(r.Normal, v.Text)
}

func isReference(v fhir.ReferenceValue, r *fhir.ReferenceRow) bool {
	if v.Key.ID == "" {
		return r.Key.ID == "" && r.URL == v.URL
	}
	return r.Key.ID == v.Key.ID && (v.Key.Type == "" || v.Key.Type == r.Key.Type)
}

// isURI compares by whole path segments above and below.
func isURI(v fhir.URIValue, uri string) bool {
	switch v.Mode {
	case fhir.URIBelow:
		return under(uri, v.URI)
	case fhir.URIAbove:
		return under(v.URI, uri)
	}
	return uri == v.URI
}

// under reports whether a URI is another or has a path below it.
func under(uri, root string) bool {
	return uri == root || strings.HasPrefix(uri, strings.TrimSuffix(root, "/")+"/")
}

// isUnit compares units; without a system the code may be the unit as people
// read it.
func isUnit(v fhir.QuantityValue, r *fhir.QuantityRow) bool {
	switch {
	case v.AnyUnit:
		return true
	case v.System == "":
		return v.Code == r.Code || v.Code == r.Unit
	}
	return v.System == r.System && (v.Code == "" || v.Code == r.Code)
}

func isSecond(v fhir.Value, r *fhir.CompositeRow) (holds, known bool) {
	switch v := v.(type) {
	case fhir.TokenValue:
		return isToken(v, r.Second.System, r.Second.Code), true
	case fhir.StringValue:
		return strings.HasPrefix(r.Text, v.Text), true
	case fhir.DateValue:
		return compareDates(v, int64(r.Low), int64(r.High))
	case fhir.NumberValue:
		return compareNumbers(v, r.Low, r.High)
	case fhir.SpanValue:
		from, fromKnown := compareNumbers(v.From, r.Low, r.Low)
		to, toKnown := compareNumbers(v.To, r.High, r.High)
		return from && to, fromKnown && toKnown
	case fhir.QuantityValue:
		unit := fhir.TokenValue{System: v.System, Code: v.Code, AnySystem: v.System == "", AnyCode: v.Code == ""}
		if !v.AnyUnit && !isToken(unit, r.Second.System, r.Second.Code) {
			return false, true
		}
		return compareNumbers(v.NumberValue, r.Low, r.High)
	}
	return false, false
}
