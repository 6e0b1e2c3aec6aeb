package search

import (
	"strings"
	"time"

	"bima/fhir"
	"bima/fhir/search/match"
	"bima/fhir/search/words"
)

// Matches evaluates a criterion in memory on a resource, given its index rows,
// its key and when it was last updated; known is false where that needs other
// resources or a terminology. See match.Criterion.
func Matches(index *fhir.Index, k fhir.Key, updated time.Time, c fhir.Criterion) (holds, known bool) {
	return match.Criterion(index, k, updated, c)
}

// The parameters that search texts by their words, and their codes in the index.
const (
	textParam    = "_text"
	contentParam = "_content"
)

// special reads parameters whose values are no values of an element, from what
// follows the code's colon and the value; ok is false for all others.
func (q *query) special(s scope, code, modifier, value string) (c fhir.Criterion, ok bool, err error) {
	switch code {
	case textParam, contentParam:
		c, err = q.fullText(s, code, modifier, value)
	case "_list":
		c, err = q.list(s, modifier, value)
	case "_filter":
		c, err = q.filter(s, modifier, value)
	default:
		return nil, false, nil
	}
	return c, true, err
}

// fullText reads words; see words.Parse. Values joined by commas are
// alternatives.
func (q *query) fullText(s scope, code, modifier, value string) (fhir.Criterion, error) {
	if _, err := q.find(s, code); err != nil {
		return nil, err
	}
	if q.registry.wordless {
		return nil, q.unsupported(s.key, "this server is set not to keep texts for searching")
	}
	if modifier != "" {
		return nil, q.unsupported(s.key, "%s has no modifier :%.40s", code, modifier)
	}
	var alternatives [][]fhir.TextTerm
	for _, v := range splitEscaped(value, ',') {
		if err := q.oneMore(); err != nil {
			return nil, err
		}
		these, err := words.Parse(unescape(v))
		if err != nil {
			return nil, q.within(s.key, err)
		}
		alternatives = append(alternatives, these...)
	}
	return fhir.FullText{Param: code, Alternatives: alternatives}, nil
}

// list reads the ids of Lists: what one of them refers to.
// Source: R4 search#list.
func (q *query) list(s scope, modifier, value string) (fhir.Criterion, error) {
	if modifier != "" {
		return nil, q.unsupported(s.key, "_list has no modifier :%.40s", modifier)
	}
	if strings.HasPrefix(value, "$") {
		return nil, q.unsupported(s.key, "this server keeps no functional lists such as %.40s", value)
	}
	ids, err := q.ids(s.key, "", strings.ReplaceAll(value, "List/", ""))
	if err != nil {
		return nil, err
	}
	return fhir.Has{Type: "List", Param: fhir.Param{Code: "item", Kind: fhir.ParamReference}, Where: ids}, nil
}

// missing makes a criterion of :missing from what is there.
func (q *query) missing(key, value string, present fhir.Criterion) (fhir.Criterion, error) {
	switch value {
	case "true":
		return fhir.Not{Criterion: present}, nil
	case "false":
		return present, nil
	}
	return nil, q.invalid(key, ":missing takes true or false, not %.40q", value)
}

// emitPosition takes the place of a Location.
func emitPosition(x *extraction, e *emitter, n fhir.Node) {
	latitude, hasLatitude := number(n.Get("latitude"))
	longitude, hasLongitude := number(n.Get("longitude"))
	if hasLatitude && hasLongitude {
		x.Positions = append(x.Positions, fhir.PositionRow{Param: e.code, Latitude: latitude, Longitude: longitude})
	}
}

// nearKilometres is what counts as near where the search names no distance: 50
// km, about an hour's drive. Source: R4 location#search leaves it to the server.
const nearKilometres = 50

// nearCriterion reads "latitude|longitude|distance|units", the last two of which
// may be left out: units are kilometres then. Source: R4 location#search.
func nearCriterion(c clause, value string) (fhir.Criterion, error) {
	if c.modifier != "" {
		return nil, c.wrongModifier("missing")
	}
	parts := splitEscaped(value, '|')
	if len(parts) < 2 || len(parts) > 4 {
		return nil, c.invalid("%.80q is not of the form latitude|longitude|distance|units", value)
	}
	latitude, err := c.degrees("latitude", parts[0], 90)
	if err != nil {
		return nil, err
	}
	longitude, err := c.degrees("longitude", parts[1], 180)
	if err != nil {
		return nil, err
	}
	v := fhir.NearValue{Latitude: latitude, Longitude: longitude, Kilometres: nearKilometres}
	if len(parts) > 2 && parts[2] != "" {
		units := "km"
		if len(parts) == 4 && parts[3] != "" {
			units = unescape(parts[3])
		}
		if v.Kilometres, err = c.kilometres(parts[2], units); err != nil {
			return nil, err
		}
	}
	return fhir.Match{Param: c.as(c.param.Code, fhir.ParamSpecial), Value: v}, nil
}

func (c clause) degrees(name, text string, most float64) (float64, error) {
	d, err := fhir.ParseDecimal(text)
	if err != nil || d.Float64() > most || d.Float64() < -most {
		return 0, c.invalid("the %s %.40q is no number of degrees from -%g to %g", name, text, most, most)
	}
	return d.Float64(), nil
}

// kilometres reads a distance in a UCUM unit of length, or in miles as people
// write them.
func (c clause) kilometres(text, units string) (float64, error) {
	distance, err := fhir.ParseDecimal(text)
	if err != nil || distance.Sign() < 0 {
		return 0, c.invalid("the distance %.40q is not a number such as 11.20", text)
	}
	if units == "mi" {
		units = "[mi_i]"
	}
	m := c.query.registry.measures.of(units)
	if m == nil || m.dimension != "m1" {
		return 0, c.invalid("the unit %.40q is no UCUM unit of length such as km, m or [mi_us]", units)
	}
	return m.base(distance.Rat()) / 1000, nil
}
