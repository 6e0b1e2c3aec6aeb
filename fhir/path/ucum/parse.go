package ucum

import (
	"fmt"
	"math/big"
	"sort"
	"strconv"
	"strings"

	"bima/fhir"
)

// lengthMax is the longest unit that is read, in bytes.
const lengthMax = 200

// exponentMax bounds the exponents of a unit, so that "m999999999" costs nothing.
const exponentMax = 12

// depthMax bounds parentheses and the definitions that units are made of.
const depthMax = 20

// A Unit is a unit read into a factor and a dimension.
type Unit struct {
	factor *big.Rat
	offset *big.Rat       // nil but for a unit with a zero of its own
	dim    map[string]int // exponents by base unit; none is zero
}

// Parse reads a unit code, such as "mg/dL", "10*3/uL" or "Cel". It fails with an
// Outcome of IssueValue when the code is not of the form or names a unit that
// this package doesn't know.
func Parse(code string) (Unit, error) {
	if len(code) > lengthMax {
		return Unit{}, fhir.Errorf(fhir.IssueValue, "", "the unit %.40q… is longer than %d characters", code, lengthMax)
	}
	if s, ok := special[code]; ok {
		return Unit{factor: rat(s.factor), offset: rat(s.offset), dim: map[string]int{"K": 1}}, nil
	}
	u, ok := parse(code, 0)
	if !ok {
		return Unit{}, fhir.Errorf(fhir.IssueValue, "", "the unit %.40q is not known", code)
	}
	return u, nil
}

// Comparable reports whether the units measure the same kind of thing.
func (u Unit) Comparable(v Unit) bool { return u.Dimension() == v.Dimension() }

// Dimension names what the unit measures by its base units: "g1m-3".
func (u Unit) Dimension() string {
	names := make([]string, 0, len(u.dim))
	for name := range u.dim {
		names = append(names, name)
	}
	sort.Strings(names)
	var b strings.Builder
	for _, name := range names {
		fmt.Fprintf(&b, "%s%d", name, u.dim[name])
	}
	return b.String()
}

// times multiplies u by v to the power of exponent.
func (u *Unit) times(v Unit, exponent int) bool {
	if v.offset != nil || exponent > exponentMax || exponent < -exponentMax {
		return false
	}
	f := v.factor
	n := exponent
	if n < 0 {
		f, n = new(big.Rat).Inv(f), -n
	}
	for range n {
		u.factor.Mul(u.factor, f)
	}
	for name, e := range v.dim {
		if u.dim[name] += e * exponent; u.dim[name] == 0 {
			delete(u.dim, name)
		}
	}
	return u.factor.Num().BitLen()+u.factor.Denom().BitLen() < 1<<14
}

func one() Unit { return Unit{factor: big.NewRat(1, 1), dim: map[string]int{}} }

// A reader walks over one code.
type reader struct {
	s     string
	pos   int
	depth int
}

func parse(code string, depth int) (Unit, bool) {
	r := &reader{s: code, depth: depth}
	u, ok := r.term()
	return u, ok && r.pos == len(code)
}

// term reads components joined by points and slashes, from left to right.
func (r *reader) term() (Unit, bool) {
	u := one()
	if r.depth++; r.depth > depthMax || r.pos >= len(r.s) {
		return u, false
	}
	defer func() { r.depth-- }()
	exponent := 1
	if r.s[r.pos] == '/' {
		r.pos++
		exponent = -1
	}
	for {
		v, ok := r.component()
		if !ok || !u.times(v, exponent) {
			return u, false
		}
		if r.pos >= len(r.s) {
			return u, true
		}
		switch r.s[r.pos] {
		case '.':
			exponent = 1
		case '/':
			exponent = -1
		default:
			return u, r.s[r.pos] == ')'
		}
		r.pos++
	}
}

// component reads a unit with its exponent and annotation, a number, an
// annotation alone, or a term in parentheses.
func (r *reader) component() (Unit, bool) {
	u := one()
	if r.pos >= len(r.s) {
		return u, false
	}
	switch c := r.s[r.pos]; {
	case c == '(':
		r.pos++
		v, ok := r.term()
		if !ok || r.pos >= len(r.s) || r.s[r.pos] != ')' {
			return u, false
		}
		r.pos++
		return v, u.times(v, 1)
	case c == '{':
		return u, r.annotation()
	case '0' <= c && c <= '9' && !strings.HasPrefix(r.s[r.pos:], "10*") && !strings.HasPrefix(r.s[r.pos:], "10^"):
		return r.number()
	}
	v, ok := r.symbol()
	if !ok {
		return u, false
	}
	exponent, ok := r.exponent()
	return u, ok && u.times(v, exponent) && r.annotation()
}

func (r *reader) annotation() bool {
	if r.pos >= len(r.s) || r.s[r.pos] != '{' {
		return true
	}
	end := strings.IndexByte(r.s[r.pos:], '}')
	r.pos += end + 1
	return end > 0
}

func (r *reader) digits() string {
	start := r.pos
	for r.pos < len(r.s) && '0' <= r.s[r.pos] && r.s[r.pos] <= '9' {
		r.pos++
	}
	return r.s[start:r.pos]
}

func (r *reader) number() (Unit, bool) {
	n, err := strconv.ParseInt(r.digits(), 10, 64)
	u := one()
	u.factor.SetInt64(n)
	return u, err == nil && n > 0 && r.annotation()
}

// exponent reads an optional sign and digits.
func (r *reader) exponent() (int, bool) {
	start := r.pos
	if r.pos < len(r.s) && (r.s[r.pos] == '-' || r.s[r.pos] == '+') {
		r.pos++
	}
	if r.digits() == "" {
		return 1, r.pos == start
	}
	n, err := strconv.Atoi(r.s[start:r.pos])
	return n, err == nil
}

// symbol reads a unit's name; what stands in square brackets may hold digits.
func (r *reader) symbol() (Unit, bool) {
	start := r.pos
	if strings.HasPrefix(r.s[r.pos:], "10*") || strings.HasPrefix(r.s[r.pos:], "10^") {
		r.pos += 3
		return lookup(r.s[start:r.pos], r.depth)
	}
	for r.pos < len(r.s) {
		c := r.s[r.pos]
		if c == '[' {
			end := strings.IndexByte(r.s[r.pos:], ']')
			if end < 0 {
				return Unit{}, false
			}
			r.pos += end + 1
			continue
		}
		if strings.IndexByte("0123456789+-./(){}", c) >= 0 {
			break
		}
		r.pos++
	}
	return lookup(r.s[start:r.pos], r.depth)
}

// lookup finds a unit by its name, or by a prefix and a metric unit's name.
func lookup(name string, depth int) (Unit, bool) {
	if d, ok := definitions[name]; ok {
		return define(name, d, "1", depth)
	}
	for n := 1; n <= 2 && n < len(name); n++ {
		d, ok := definitions[name[n:]]
		prefix := prefixes[name[:n]]
		if ok && d.metric && prefix != "" {
			return define(name[n:], d, prefix, depth)
		}
	}
	return Unit{}, false
}

func define(name string, d definition, prefix string, depth int) (Unit, bool) {
	u := one()
	u.factor.Mul(rat(d.value), rat(prefix))
	if d.in == "" {
		u.dim[name] = 1
		return u, true
	}
	if d.in == "1" {
		return u, true
	}
	v, ok := parse(d.in, depth)
	return u, ok && u.times(v, 1)
}

// rat reads a number of the table, which are all well-formed.
func rat(s string) *big.Rat {
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		panic("ucum: the table holds " + s + ", which is no number")
	}
	return r
}
