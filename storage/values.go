package storage

import (
	"fmt"
	"math"
	"strings"

	"bima/fhir"
)

// tableOf gives the index table that holds what the value compares with; "" for
// a value that no table holds.
func tableOf(v fhir.Value) string {
	switch v.(type) {
	case fhir.TokenValue:
		return "sp_token"
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
	case fhir.CompositeValue:
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
	}
	return ""
}

// values writes that a row of an index table compares with one of the values.
func (p *planner) values(t string, all []fhir.Match) error {
	if codes, ok := plainCodes(all); ok {
		p.in(t+".code", codes)
		return nil
	}
	p.write("(")
	for i, m := range all {
		if i > 0 {
			p.write(" OR ")
		}
		p.write("(")
		if err := p.value(t, m.Value); err != nil {
			return err
		}
		p.write(")")
	}
	p.write(")")
	return nil
}

// plainCodes gives the hashes of values that are codes of any system.
func plainCodes(all []fhir.Match) (codes []int64, ok bool) {
	for _, m := range all {
		v, ok := m.Value.(fhir.TokenValue)
		if !ok || !v.AnySystem || v.AnyCode {
			return nil, false
		}
		codes = append(codes, hash64(v.Code))
	}
	return codes, true
}

func (p *planner) value(t string, v fhir.Value) error {
	switch v := v.(type) {
	case fhir.TokenValue:
		p.token(v, t+".sys", t+".code")
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
	default:
		return fmt.Errorf("no SQL for a value %T", v)
	}
	return nil
}

// token writes one of the forms code, |code, system| and system|code.
func (p *planner) token(v fhir.TokenValue, sys, code string) {
	switch {
	case v.AnySystem && v.AnyCode:
		p.write("1 = 1")
	case v.AnySystem:
		p.write(code, " = ", p.arg(hash64(v.Code)))
	case v.AnyCode:
		p.write(sys, " = ", p.arg(hash64(v.System)))
	default:
		p.write(code, " = ", p.arg(hash64(v.Code)), " AND ", sys, " = ", p.arg(hash64(v.System)))
	}
}

// text writes the comparison of a string. A text longer than its key is whole in
// more.
func (p *planner) text(v fhir.StringValue, t string) {
	want := stored(v.Text)
	switch v.Mode {
	case fhir.StringExact:
		p.write(t, ".exact = ", p.arg(hash64(v.Text)))
	case fhir.StringContains:
		pattern := p.arg("%" + likeEscaped(want) + "%")
		p.write("CASE WHEN ", t, ".more = '' THEN ", t, ".norm ELSE ", t, ".more END LIKE ", pattern, " ESCAPE '\\'")
	default:
		p.starts(t+".norm", t+".more", want)
	}
}

// starts writes a prefix as a range of the key, which an index serves.
func (p *planner) starts(key, more, prefix string) {
	head, whole := cut(prefix)
	if whole != "" {
		p.write(key, " = ", p.arg(head), " AND ", more, " LIKE ", p.arg(likeEscaped(prefix)+"%"), " ESCAPE '\\'")
		return
	}
	p.write(key, " >= ", p.arg(prefix))
	if end, ok := after(prefix); ok {
		p.write(" AND ", key, " < ", p.arg(end))
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

func (p *planner) reference(v fhir.ReferenceValue, t string) error {
	if v.Key.ID == "" {
		p.write(t, ".h = ", p.arg(hash64(v.URL)), " AND ", t, ".ttyp = 0")
		return nil
	}
	p.write(t, ".h = ", p.arg(hash64(v.Key.ID)))
	if v.Key.Type == "" {
		p.write(" AND ", t, ".ttyp <> 0")
		return nil
	}
	n, ok, err := p.session.names.known(v.Key.Type, "")
	if !ok {
		n = -1
	}
	p.write(" AND ", t, ".ttyp = ", p.arg(n))
	return err
}

// interval writes the comparison of the half-open interval [lo, hi) with that of
// the value. Conditions beyond the definition's are implied by it and let an
// index bound the search. Source: R4 search#prefix.
func (p *planner) interval(lo, hi string, v fhir.DateValue) error {
	switch v.Prefix {
	case fhir.PrefixGreater:
		p.write(hi, " > ", p.arg(v.To))
		return nil
	case fhir.PrefixLess:
		p.write(lo, " < ", p.arg(v.From))
		return nil
	case fhir.PrefixStartsAfter:
		p.write(lo, " >= ", p.arg(v.To))
		return nil
	case fhir.PrefixEndsBefore:
		p.write(hi, " <= ", p.arg(v.From))
		return nil
	}
	from, to := p.arg(v.From), p.arg(v.To)
	inside := "(" + lo + " >= " + from + " AND " + hi + " <= " + to + " AND " + lo + " <= " + to + ")"
	switch v.Prefix {
	case fhir.PrefixEqual, "":
		p.write(inside)
	case fhir.PrefixNotEqual:
		p.write("NOT ", inside)
	case fhir.PrefixGreaterEqual:
		p.write(hi, " > ", from, " AND (", lo, " >= ", from, " OR ", hi, " > ", to, ")")
	case fhir.PrefixLessEqual:
		p.write(lo, " < ", to, " AND (", hi, " <= ", to, " OR ", lo, " < ", from, ")")
	case fhir.PrefixApproximate:
		p.write(lo, " < ", to, " AND ", hi, " > ", from)
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
func (p *planner) number(lo, hi string, v fhir.NumberValue) error {
	switch v.Prefix {
	case fhir.PrefixEqual, "", fhir.PrefixNotEqual:
		if v.Prefix == fhir.PrefixNotEqual {
			p.write("NOT ")
		}
		low, high := p.arg(v.Low), p.arg(v.High)
		p.write("(", lo, " >= ", low, " AND ", lo, " <= ", high, " AND ", hi, " < ", high, " AND ", hi, " >= ", low, ")")
	case fhir.PrefixGreater:
		p.write(hi, " > ", p.arg(v.Value))
	case fhir.PrefixLess:
		p.write(lo, " < ", p.arg(v.Value))
	case fhir.PrefixGreaterEqual:
		p.write(hi, " >= ", p.arg(v.Value))
	case fhir.PrefixLessEqual:
		p.write(lo, " <= ", p.arg(v.Value))
	case fhir.PrefixStartsAfter:
		p.write(lo, " > ", p.arg(v.Value))
	case fhir.PrefixEndsBefore:
		p.write(hi, " < ", p.arg(v.Value))
	case fhir.PrefixApproximate:
		reach := math.Abs(v.Value) * approximately
		p.write(lo, " <= ", p.arg(math.Max(v.High, v.Value+reach)), " AND ", hi, " >= ", p.arg(math.Min(v.Low, v.Value-reach)))
	default:
		return fhir.Errorf(fhir.IssueValue, "", "The prefix %q is none of R4's.", string(v.Prefix))
	}
	return nil
}

// quantity writes a number with its unit. Without a system the code may be the
// code or the unit as people read it. Source: R4 search#quantity.
func (p *planner) quantity(v fhir.QuantityValue, t string) error {
	if err := p.number(t+".lo", t+".hi", v.NumberValue); err != nil || v.AnyUnit {
		return err
	}
	if v.System != "" {
		p.write(" AND ", t, ".sys = ", p.arg(hash64(v.System)))
	}
	if v.Code == "" {
		return nil
	}
	code := p.arg(hash64(v.Code))
	if v.System != "" {
		p.write(" AND ", t, ".code = ", code)
	} else {
		p.write(" AND (", t, ".code = ", code, " OR ", t, ".unit = ", code, ")")
	}
	return nil
}

// uri writes the comparison of a URI; below and above go by whole path segments.
// Source: R4 search#uri.
func (p *planner) uri(v fhir.URIValue, t string) {
	want := stored(v.URI)
	switch v.Mode {
	case fhir.URIBelow:
		p.write("((")
		p.same(t, want)
		p.write(") OR (")
		p.starts(t+".uri", t+".more", strings.TrimSuffix(want, "/")+"/")
		p.write("))")
	case fhir.URIAbove:
		p.write("(")
		for i, above := range paths(want) {
			if i > 0 {
				p.write(" OR ")
			}
			p.write("(")
			p.same(t, above)
			p.write(")")
		}
		p.write(")")
	default:
		p.same(t, want)
	}
}

func (p *planner) same(t, uri string) {
	key, more := cut(uri)
	p.write(t, ".uri = ", p.arg(key), " AND ", t, ".more = ", p.arg(more))
}

// pathsMax bounds the segments of a URI that :above looks at.
const pathsMax = 64

// paths gives a URI and each path above it, down to its authority.
func paths(uri string) []string {
	out := []string{uri}
	start := 0
	if i := strings.Index(uri, "://"); i >= 0 {
		start = i + 3
	}
	rest := uri
	for len(out) < pathsMax {
		slash := strings.LastIndexByte(rest[start:], '/')
		if slash < 0 {
			break
		}
		with := rest[:start+slash+1]
		rest = rest[:start+slash]
		if with != uri {
			out = append(out, with)
		}
		out = append(out, rest)
	}
	return out
}

// composite writes both parts of one occurrence.
func (p *planner) composite(v fhir.CompositeValue, t string) error {
	p.write("(")
	p.token(v.First, t+".sys1", t+".code1")
	p.write(") AND (")
	err := p.second(v.Second, t)
	p.write(")")
	return err
}

func (p *planner) second(v fhir.Value, t string) error {
	switch v := v.(type) {
	case fhir.TokenValue:
		p.token(v, t+".sys2", t+".code2")
	case fhir.StringValue:
		p.starts(t+".txt", t+".txt", clip(v.Text))
	case fhir.DateValue:
		return p.interval(t+".lo", t+".hi", v)
	case fhir.NumberValue:
		return p.number(t+".lo", t+".hi", v)
	case fhir.SpanValue:
		if err := p.number(t+".lo", t+".lo", v.From); err != nil {
			return err
		}
		p.write(" AND ")
		return p.number(t+".hi", t+".hi", v.To)
	case fhir.QuantityValue:
		if err := p.number(t+".lo", t+".hi", v.NumberValue); err != nil || v.AnyUnit {
			return err
		}
		unit := fhir.TokenValue{System: v.System, Code: v.Code, AnySystem: v.System == "", AnyCode: v.Code == ""}
		p.write(" AND ")
		p.token(unit, t+".sys2", t+".code2")
	default:
		return fhir.Errorf(fhir.IssueNotSupported, "", "A composite parameter can't have a second part like this.")
	}
	return nil
}
