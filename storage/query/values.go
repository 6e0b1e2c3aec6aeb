package query

import (
	"fmt"
	"math"
	"strings"

	"bima/fhir"
	"bima/storage/index"
)

// tableOf gives the index table that holds what the value compares with; "" for
// a value that no table holds.
func tableOf(v fhir.Value) string {
	switch v := v.(type) {
	case fhir.OtherValue:
		return tableOf(v.Value)
	case fhir.TokenValue, fhir.TokenSetValue:
		return "sp_token"
	case fhir.NearValue:
		return "sp_position"
	case fhir.StringValue:
		return "sp_string"
	case fhir.ReferenceValue:
		return "sp_reference"
	case fhir.DateValue:
		return "sp_date"
	case fhir.NumberValue:
		return "sp_number"
	case fhir.QuantityValue:
		return "sp_quantity"
	case fhir.URIValue:
		return "sp_uri"
	case fhir.CompositeValue, fhir.OccurrenceValue:
		return "sp_composite"
	}
	return ""
}

// tableOfKind gives the index table of a kind of parameter.
func tableOfKind(k fhir.ParamKind) string {
	switch k {
	case fhir.ParamToken:
		return "sp_token"
	case fhir.ParamString:
		return "sp_string"
	case fhir.ParamReference:
		return "sp_reference"
	case fhir.ParamDate:
		return "sp_date"
	case fhir.ParamNumber:
		return "sp_number"
	case fhir.ParamQuantity:
		return "sp_quantity"
	case fhir.ParamURI:
		return "sp_uri"
	case fhir.ParamComposite:
		return "sp_composite"
	case fhir.ParamSpecial:
		return "sp_position"
	}
	return ""
}

// values writes that a row of an index table compares with one of the values.
func (p *Planner) values(t string, all []fhir.Match) error {
	if codes, ok := plainCodes(all); ok {
		p.In(t+".code", codes)
		return nil
	}
	if column, hashes, ok := hashed(all); ok && len(all) > 1 && !p.dialect.plans() {
		// By alternatives alone SQLite goes through all rows of the parameter.
		p.In(t+column, hashes)
		p.Add(" AND ")
	}
	return p.joined(len(all), " OR ", func(i int) error {
		p.Add("(")
		defer p.Add(")")
		return p.value(t, all[i].Value)
	})
}

// hashed gives the hashes of values that an index finds by, and their column, where
// each value has one.
func hashed(all []fhir.Match) (column string, hashes []int64, ok bool) {
	for _, m := range all {
		switch v := m.Value.(type) {
		case fhir.TokenValue:
			if v.AnyCode {
				return "", nil, false
			}
			column, hashes = ".code", append(hashes, index.Hash(v.Code))
		case fhir.ReferenceValue:
			if v.Key.ID == "" {
				hashes = append(hashes, index.Hash(v.URL))
			} else {
				hashes = append(hashes, index.Hash(v.Key.ID))
			}
			column = ".h"
		default:
			return "", nil, false
		}
	}
	return column, hashes, true
}

// plainCodes gives the hashes of values that are codes of any system.
func plainCodes(all []fhir.Match) (codes []int64, ok bool) {
	for _, m := range all {
		v, ok := m.Value.(fhir.TokenValue)
		if !ok || !v.AnySystem || v.AnyCode {
			return nil, false
		}
		codes = append(codes, index.Hash(v.Code))
	}
	return codes, true
}

func (p *Planner) value(t string, v fhir.Value) error {
	switch v := v.(type) {
	case fhir.OtherValue:
		p.Add("NOT (")
		err := p.value(t, v.Value)
		p.Add(")")
		return err
	case fhir.TokenValue:
		p.token(v, t+".sys", t+".code")
	case fhir.TokenSetValue:
		return p.tokens(v, t)
	case fhir.NearValue:
		p.near(v, t)
	case fhir.StringValue:
		p.text(v, t)
	case fhir.ReferenceValue:
		return p.reference(v, t)
	case fhir.DateValue:
		return p.interval(t+".lo", t+".hi", v)
	case fhir.NumberValue:
		return p.number(t+".lo", t+".hi", v)
	case fhir.QuantityValue:
		return p.quantity(v, t)
	case fhir.URIValue:
		p.uri(v, t)
	case fhir.CompositeValue:
		return p.composite(v, t)
	case fhir.OccurrenceValue:
		return p.occurrence(v, t)
	default:
		return fmt.Errorf("no SQL for a value %T", v)
	}
	return nil
}

// token writes one of the forms code, |code, system| and system|code.
func (p *Planner) token(v fhir.TokenValue, sys, code string) {
	switch {
	case v.AnySystem && v.AnyCode:
		p.Add("1 = 1")
	case v.AnySystem:
		p.Add(code, " = ", p.Arg(index.Hash(v.Code)))
	case v.AnyCode:
		p.Add(sys, " = ", p.Arg(index.Hash(v.System)))
	default:
		p.Add(code, " = ", p.Arg(index.Hash(v.Code)), " AND ", sys, " = ", p.Arg(index.Hash(v.System)))
	}
}

// text writes the comparison of a string. A text longer than its key is whole in
// more.
func (p *Planner) text(v fhir.StringValue, t string) {
	want := index.Stored(v.Text)
	switch v.Mode {
	case fhir.StringExact:
		p.Add(t, ".exact = ", p.Arg(index.Hash(v.Text)))
	case fhir.StringContains, fhir.StringEnds:
		p.like(t, pattern(v))
	case fhir.StringWhole:
		key, more := index.Cut(want)
		p.Add(t, ".norm = ", p.Arg(key), " AND ", t, ".more = ", p.Arg(more))
	default:
		p.starts(t+".norm", t+".more", want)
	}
}

// like writes that a whole text is of a pattern.
func (p *Planner) like(t, pattern string) {
	p.Add("CASE WHEN ", t, ".more = '' THEN ", t, ".norm ELSE ", t, ".more END LIKE ", p.Arg(pattern), " ESCAPE '\\'")
}

// starts writes a prefix as a range of the key, which an index serves.
func (p *Planner) starts(key, more, prefix string) {
	head, whole := index.Cut(prefix)
	if whole != "" {
		p.Add(key, " = ", p.Arg(head), " AND ", more, " LIKE ", p.Arg(likeEscaped(prefix)+"%"), " ESCAPE '\\'")
		return
	}
	p.Add(key, " >= ", p.Arg(prefix))
	if end, ok := after(prefix); ok {
		p.Add(" AND ", key, " < ", p.Arg(end))
	}
}

// after gives the first text behind all that begin with the prefix, in the
// order of bytes; none for a prefix of the last character only.
func after(prefix string) (string, bool) {
	all := []rune(prefix)
	for i := len(all) - 1; i >= 0; i-- {
		next := all[i] + 1
		if next == 0xD800 {
			next = 0xE000
		}
		if next <= '\U0010FFFF' {
			return string(all[:i]) + string(next), true
		}
	}
	return "", false
}

func likeEscaped(s string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s)
}

func (p *Planner) reference(v fhir.ReferenceValue, t string) error {
	if v.Key.ID == "" {
		p.Add(t, ".h = ", p.Arg(index.Hash(v.URL)), " AND ", t, ".ttyp = 0")
		return nil
	}
	p.Add(t, ".h = ", p.Arg(index.Hash(v.Key.ID)))
	if v.Key.Type == "" {
		p.Add(" AND ", t, ".ttyp <> 0")
		return nil
	}
	n, ok, err := p.source.Known(v.Key.Type, "")
	if !ok {
		n = -1
	}
	p.Add(" AND ", t, ".ttyp = ", p.Arg(n))
	return err
}

// interval writes the comparison of the half-open interval [lo, hi) with that of
// the value. Conditions beyond the definition's are implied by it and let an
// index bound the search. Source: R4 search#prefix.
func (p *Planner) interval(lo, hi string, v fhir.DateValue) error {
	switch v.Prefix {
	case fhir.PrefixGreater:
		p.Add(hi, " > ", p.Arg(v.To))
		return nil
	case fhir.PrefixLess:
		p.Add(lo, " < ", p.Arg(v.From))
		return nil
	case fhir.PrefixStartsAfter:
		p.Add(lo, " >= ", p.Arg(v.To))
		return nil
	case fhir.PrefixEndsBefore:
		p.Add(hi, " <= ", p.Arg(v.From))
		return nil
	}
	from, to := p.Arg(v.From), p.Arg(v.To)
	inside := "(" + lo + " >= " + from + " AND " + hi + " <= " + to + " AND " + lo + " <= " + to + ")"
	switch v.Prefix {
	case fhir.PrefixEqual, "":
		p.Add(inside)
	case fhir.PrefixNotEqual:
		p.Add("NOT ", inside)
	case fhir.PrefixGreaterEqual:
		p.Add(hi, " > ", from, " AND (", lo, " >= ", from, " OR ", hi, " > ", to, ")")
	case fhir.PrefixLessEqual:
		p.Add(lo, " < ", to, " AND (", hi, " <= ", to, " OR ", lo, " < ", from, ")")
	case fhir.PrefixApproximate:
		p.Add(lo, " < ", to, " AND ", hi, " > ", from)
	case fhir.PrefixIncludes:
		p.Add(lo, " <= ", from, " AND ", hi, " >= ", to)
	default:
		return fhir.Errorf(fhir.IssueValue, "", "The prefix %q is none of R4's.", string(v.Prefix))
	}
	return nil
}

// approximately is how far "ap" reaches: a tenth of the value.
// Source: R4 search#prefix.
const approximately = 0.1

// number writes the comparison of the closed interval [lo, hi], which is one
// point unless the resource holds a Range. It equals the value when it lies in
// [Low, High), the numbers that round to what was asked for; the other prefixes
// take the value as exact.
// Source: R4 search#number.
func (p *Planner) number(lo, hi string, v fhir.NumberValue) error {
	switch v.Prefix {
	case fhir.PrefixEqual, "", fhir.PrefixNotEqual:
		if v.Prefix == fhir.PrefixNotEqual {
			p.Add("NOT ")
		}
		low, high := p.Arg(v.Low), p.Arg(v.High)
		p.Add("(", lo, " >= ", low, " AND ", lo, " <= ", high, " AND ", hi, " < ", high, " AND ", hi, " >= ", low, ")")
	case fhir.PrefixGreater:
		p.Add(hi, " > ", p.Arg(v.Value))
	case fhir.PrefixLess:
		p.Add(lo, " < ", p.Arg(v.Value))
	case fhir.PrefixGreaterEqual:
		p.Add(hi, " >= ", p.Arg(v.Value))
	case fhir.PrefixLessEqual:
		p.Add(lo, " <= ", p.Arg(v.Value))
	case fhir.PrefixStartsAfter:
		p.Add(lo, " > ", p.Arg(v.Value))
	case fhir.PrefixEndsBefore:
		p.Add(hi, " < ", p.Arg(v.Value))
	case fhir.PrefixApproximate:
		reach := math.Abs(v.Value) * approximately
		p.Add(lo, " <= ", p.Arg(math.Max(v.High, v.Value+reach)), " AND ", hi, " >= ", p.Arg(math.Min(v.Low, v.Value-reach)))
	default:
		return fhir.Errorf(fhir.IssueValue, "", "The prefix %q is none of R4's.", string(v.Prefix))
	}
	return nil
}

// quantity writes a number with its unit. Without a system the code may be the
// code or the unit as people read it. Source: R4 search#quantity.
func (p *Planner) quantity(v fhir.QuantityValue, t string) error {
	if err := p.number(t+".lo", t+".hi", v.NumberValue); err != nil || v.AnyUnit {
		return err
	}
	if v.System != "" {
		p.Add(" AND ", t, ".sys = ", p.Arg(index.Hash(v.System)))
	}
	if v.Code == "" {
		return nil
	}
	code := p.Arg(index.Hash(v.Code))
	if v.System != "" {
		p.Add(" AND ", t, ".code = ", code)
	} else {
		p.Add(" AND (", t, ".code = ", code, " OR ", t, ".unit = ", code, ")")
	}
	return nil
}

// near writes that a place is within a distance. Places are points of a sphere,
// so a cube round the centre bounds them for the index, and the straight distance
// decides: it grows with the one along the great circle.
func (p *Planner) near(v fhir.NearValue, t string) {
	at := index.Sphere(v.Latitude, v.Longitude)
	reach := index.Chord(v.Kilometres) + rounding
	for i, axis := range []string{".z", ".x", ".y"} {
		at := []float64{at[2], at[0], at[1]}[i]
		p.Add(t, axis, " >= ", p.Arg(at-reach), " AND ", t, axis, " <= ", p.Arg(at+reach), " AND ")
	}
	square := func(axis string, at float64) {
		from := p.Arg(at)
		p.Add("(", t, axis, " - ", from, ") * (", t, axis, " - ", from, ")")
	}
	square(".x", at[0])
	p.Add(" + ")
	square(".y", at[1])
	p.Add(" + ")
	square(".z", at[2])
	p.Add(" <= ", p.Arg(reach*reach))
}

// rounding is what the arithmetic of a point may be off, less than a hundredth of
// a millimetre on the globe.
const rounding = 1e-12
