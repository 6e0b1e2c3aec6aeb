package system

import (
	"math/big"

	"bima/fhir"
)

// Decimal is fhir.Decimal, FHIRPath's System.Decimal.
type Decimal = fhir.Decimal

// quotientDigits is to how many decimals a quotient that never ends is rounded.
// FHIRPath asks for 28 digits of precision at least (N1 section 2.2.1, Decimal).
const quotientDigits = 28

// digitsMax bounds a result: what is larger has overflowed.
const digitsMax = 400

// bitsMax is digitsMax in bits.
const bitsMax = digitsMax * 10 / 3

var ten = big.NewInt(10)

func pow10(n int) *big.Int { return new(big.Int).Exp(ten, big.NewInt(int64(n)), nil) }

// fits reports whether a result is within the bounds.
func fits(d Decimal) bool {
	return d.Unscaled().BitLen() <= bitsMax && d.Scale() <= digitsMax && d.Scale() >= -digitsMax
}

// align gives both numbers as integers of the same, not negative, scale.
func align(a, b Decimal) (x, y *big.Int, scale int) {
	scale = max(a.Scale(), b.Scale(), 0)
	return scaled(a, scale), scaled(b, scale), scale
}

func scaled(d Decimal, scale int) *big.Int {
	return new(big.Int).Mul(d.Unscaled(), pow10(scale-d.Scale()))
}

// Integer gives an integer as a decimal.
func Integer(n int64) Decimal { return fhir.NewDecimal(n, 0) }

// Add gives a + b; not ok when the result is out of bounds.
func Add(a, b Decimal) (Decimal, bool) {
	x, y, scale := align(a, b)
	d := fhir.NewDecimalBig(x.Add(x, y), scale)
	return d, fits(d)
}

// Negate gives -a.
func Negate(a Decimal) Decimal {
	return fhir.NewDecimalBig(new(big.Int).Neg(a.Unscaled()), a.Scale())
}

// Multiply gives a × b; not ok when the result is out of bounds.
func Multiply(a, b Decimal) (Decimal, bool) {
	d := fhir.NewDecimalBig(new(big.Int).Mul(a.Unscaled(), b.Unscaled()), a.Scale()+b.Scale())
	return d, fits(d)
}

// Divide gives a / b, exact where it ends within 28 decimals, else rounded half
// away from zero; not ok for a division by zero.
func Divide(a, b Decimal) (Decimal, bool) {
	if b.Sign() == 0 {
		return Decimal{}, false
	}
	return FromRat(new(big.Rat).Quo(a.Rat(), b.Rat())), true
}

// FromRat gives a fraction as the shortest decimal, rounded to 28 decimals.
func FromRat(r *big.Rat) Decimal {
	d := RoundRat(r, quotientDigits)
	unscaled, scale := new(big.Int).Set(d.Unscaled()), d.Scale()
	var quotient, rest big.Int
	for scale > 0 {
		if quotient.QuoRem(unscaled, ten, &rest); rest.Sign() != 0 {
			break
		}
		unscaled.Set(&quotient)
		scale--
	}
	return fhir.NewDecimalBig(unscaled, scale)
}

// RoundRat rounds a fraction half away from zero to a number of decimals.
func RoundRat(r *big.Rat, decimals int) Decimal {
	n := new(big.Int).Mul(r.Num(), pow10(decimals))
	twice := new(big.Int).Lsh(new(big.Int).Abs(n), 1)
	twice.Add(twice, r.Denom())
	twice.Quo(twice, new(big.Int).Lsh(r.Denom(), 1))
	if r.Sign() < 0 {
		twice.Neg(twice)
	}
	return fhir.NewDecimalBig(twice, decimals)
}

// Round rounds half away from zero to a number of decimals.
func Round(d Decimal, decimals int) Decimal { return RoundRat(d.Rat(), decimals) }

// Div gives the integer quotient, rounded towards zero; not ok for zero.
func Div(a, b Decimal) (Decimal, bool) {
	x, y, _ := align(a, b)
	if y.Sign() == 0 {
		return Decimal{}, false
	}
	return fhir.NewDecimalBig(x.Quo(x, y), 0), true
}

// Mod gives the rest of Div, with the sign of a; not ok for zero.
func Mod(a, b Decimal) (Decimal, bool) {
	x, y, scale := align(a, b)
	if y.Sign() == 0 {
		return Decimal{}, false
	}
	return fhir.NewDecimalBig(x.Rem(x, y), scale), true
}

// Truncate drops the decimals.
func Truncate(d Decimal) Decimal { q, _ := Div(d, Integer(1)); return q }

// Floor gives the greatest integer not above d.
func Floor(d Decimal) Decimal { return FloorTo(d.Rat(), 0) }

// Ceiling gives the smallest integer not below d.
func Ceiling(d Decimal) Decimal { return Negate(Floor(Negate(d))) }

// FloorTo gives the greatest number of so many decimals that is not above r.
func FloorTo(r *big.Rat, decimals int) Decimal {
	n := new(big.Int).Mul(r.Num(), pow10(decimals))
	// Denom is positive, so Euclidean division is the floor.
	return fhir.NewDecimalBig(n.Div(n, r.Denom()), decimals)
}

// EqualRounded reports whether a and b agree when both are rounded to the
// precision of the less precise one, not counting trailing zeros.
// Source: N1 section 6.1.2, equivalence of decimals.
func EqualRounded(a, b Decimal) bool {
	decimals := min(FromRat(a.Rat()).Scale(), FromRat(b.Rat()).Scale())
	return Round(a, decimals).Cmp(Round(b, decimals)) == 0
}
