package ucum

import (
	"fmt"
	"math/big"
	"sort"
	"strings"
)

// Convert gives value, measured in u, as measured in v. The units must be
// comparable; a value can't be converted otherwise.
func Convert(value *big.Rat, u, v Unit) (*big.Rat, bool) {
	if !u.Comparable(v) {
		return nil, false
	}
	r := new(big.Rat).Mul(value, u.factor)
	if u.offset != nil {
		r.Add(r, u.offset)
	}
	if v.offset != nil {
		r.Sub(r, v.offset)
	}
	return r.Quo(r, v.factor), true
}

// Base gives value, measured in u, as measured in the base units that Dimension
// names.
func (u Unit) Base(value *big.Rat) *big.Rat {
	r := new(big.Rat).Mul(value, u.factor)
	if u.offset != nil {
		r.Add(r, u.offset)
	}
	return r
}

// Finer reports whether one v is smaller than one u.
func (u Unit) Finer(v Unit) bool { return v.factor.Cmp(u.factor) < 0 }

// Product names the unit of a product: "cm" and "cm" give "cm2". Both must be
// units that Parse reads.
func Product(a, b string) string { return combine(a, b, 1) }

// Quotient names the unit of a quotient: "g" and "m" give "g/m".
func Quotient(a, b string) string { return combine(a, b, -1) }

// combine adds up the exponents of equal symbols of two units. Units with
// parentheses or annotations are joined as they stand.
func combine(a, b string, sign int) string {
	exponents := map[string]int{}
	if !collect(exponents, a, 1) || !collect(exponents, b, sign) {
		if sign < 0 {
			return "(" + a + ")/(" + b + ")"
		}
		return "(" + a + ").(" + b + ")"
	}
	names := make([]string, 0, len(exponents))
	for name, e := range exponents {
		if e != 0 {
			names = append(names, name)
		}
	}
	sort.Slice(names, func(i, j int) bool {
		if positive := exponents[names[i]] > 0; positive != (exponents[names[j]] > 0) {
			return positive
		}
		return names[i] < names[j]
	})
	return join(names, exponents)
}

func join(names []string, exponents map[string]int) string {
	var b strings.Builder
	for _, name := range names {
		e := exponents[name]
		switch {
		case e < 0:
			b.WriteByte('/')
			e = -e
		case b.Len() > 0:
			b.WriteByte('.')
		}
		b.WriteString(name)
		if e != 1 {
			fmt.Fprint(&b, e)
		}
	}
	if b.Len() == 0 {
		return "1"
	}
	return b.String()
}

// collect adds the symbols of a simple unit to exponents.
func collect(exponents map[string]int, unit string, sign int) bool {
	if strings.ContainsAny(unit, "(){}") {
		return false
	}
	r := &reader{s: unit}
	for first := true; r.pos < len(unit); first = false {
		e := sign
		switch c := unit[r.pos]; {
		case c == '/':
			r.pos++
			e = -sign
		case c == '.' && !first:
			r.pos++
		}
		start := r.pos
		if unit[start:] == "1" && first {
			return true
		}
		if _, ok := r.symbol(); !ok {
			return false
		}
		name := unit[start:r.pos]
		n, ok := r.exponent()
		if !ok {
			return false
		}
		exponents[name] += e * n
	}
	return true
}
