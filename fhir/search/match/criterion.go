package match

import (
	"slices"
	"time"

	"bima/fhir"
	"bima/fhir/search/words"
)

// A subject is what criteria are asked of.
type subject struct {
	index   *fhir.Index
	key     fhir.Key
	updated time.Time
}

// Criterion reports whether a criterion holds on a resource, given its index
// rows, its key and when it was last updated. known is false where that needs
// other resources (Chain, Has) or a terminology (ValueSetValue, SubsumedValue)
// and nothing else settles it. A nil criterion holds.
func Criterion(index *fhir.Index, k fhir.Key, updated time.Time, c fhir.Criterion) (holds, known bool) {
	return subject{index, k, updated}.ask(c)
}

func (s subject) ask(c fhir.Criterion) (holds, known bool) {
	switch c := c.(type) {
	case nil:
		return true, true
	case fhir.All:
		return s.all(c)
	case fhir.Any:
		return s.any(c)
	case fhir.Not:
		holds, known = s.ask(c.Criterion)
		return known && !holds, known
	case fhir.Match:
		return s.match(c)
	case fhir.Present:
		return s.present(c.Param), true
	case fhir.IDs:
		return slices.Contains(c, s.key.ID), true
	case fhir.Updated:
		at := s.updated.UnixMicro()
		return compareDates(fhir.DateValue(c), at, at+1)
	case fhir.Of:
		if !slices.Contains(c.Types, s.key.Type) {
			return false, true
		}
		return s.ask(c.Where)
	case fhir.FullText:
		return s.fullText(c), true
	}
	return false, false
}

// all is false where one is, also if others are not known.
func (s subject) all(all []fhir.Criterion) (holds, known bool) {
	known = true
	for _, c := range all {
		one, oneKnown := s.ask(c)
		if oneKnown && !one {
			return false, true
		}
		known = known && oneKnown
	}
	return known, known
}

// any is true where one is, also if others are not known.
func (s subject) any(all []fhir.Criterion) (holds, known bool) {
	known = true
	for _, c := range all {
		one, oneKnown := s.ask(c)
		if oneKnown && one {
			return true, true
		}
		known = known && oneKnown
	}
	return false, known
}

// fullText asks the one text a resource has of the kind. Without it there are no
// words, as some alternatives may want it.
func (s subject) fullText(c fhir.FullText) bool {
	text := ""
	for _, r := range s.index.Texts {
		if r.Param == c.Param {
			text = r.Text
		}
	}
	return words.Has(text, c.Alternatives)
}

// present asks the rows of the parameter's kind.
func (s subject) present(p fhir.Param) bool {
	x := s.index
	switch p.Kind {
	case fhir.ParamToken:
		return some(x.Tokens, func(r *fhir.TokenRow) bool { return r.Param == p.Code })
	case fhir.ParamString:
		return some(x.Strings, func(r *fhir.StringRow) bool { return r.Param == p.Code })
	case fhir.ParamReference:
		return some(x.References, func(r *fhir.ReferenceRow) bool { return r.Param == p.Code })
	case fhir.ParamDate:
		return some(x.Dates, func(r *fhir.DateRow) bool { return r.Param == p.Code })
	case fhir.ParamNumber:
		return some(x.Numbers, func(r *fhir.NumberRow) bool { return r.Param == p.Code })
	case fhir.ParamQuantity:
		return some(x.Quantities, func(r *fhir.QuantityRow) bool { return r.Param == p.Code })
	case fhir.ParamURI:
		return some(x.URIs, func(r *fhir.URIRow) bool { return r.Param == p.Code })
	case fhir.ParamComposite:
		return some(x.Composites, func(r *fhir.CompositeRow) bool { return r.Param == p.Code })
	case fhir.ParamSpecial:
		return some(x.Positions, func(r *fhir.PositionRow) bool { return r.Param == p.Code })
	}
	return false
}

func some[Row any](rows []Row, holds func(*Row) bool) bool {
	for i := range rows {
		if holds(&rows[i]) {
			return true
		}
	}
	return false
}
