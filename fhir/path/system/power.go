package system

import (
	"math"
	"math/big"
	"strconv"

	"bima/fhir"
)

// rootDigits is to how many decimals a root is taken.
const rootDigits = 28

// exponentMax bounds whole exponents of Power.
const exponentMax = 10_000

// Sqrt gives the square root to 28 decimals; not ok for negative numbers.
func Sqrt(d Decimal) (Decimal, bool) {
	if d.Sign() < 0 {
		return Decimal{}, false
	}
	x := FloorTo(d.Rat(), 2*rootDigits+2).Unscaled()
	root := new(big.Int).Sqrt(x)
	return FromRat(new(big.Rat).SetFrac(root, pow10(rootDigits+1))), true
}

// Power gives base to the exponent: exact for whole exponents, else to 15
// digits; not ok where the result is no real number or out of bounds.
func Power(base, exponent Decimal) (Decimal, bool) {
	if Truncate(exponent).Cmp(exponent) != 0 {
		return approximate(math.Pow(base.Float64(), exponent.Float64()))
	}
	n := Truncate(exponent).Unscaled()
	if !n.IsInt64() || n.Int64() > exponentMax || n.Int64() < -exponentMax {
		return Decimal{}, false
	}
	result, square, ok := Integer(1), base, true
	for e := max(n.Int64(), -n.Int64()); e > 0; e >>= 1 {
		if e&1 == 1 {
			if result, ok = Multiply(result, square); !ok {
				return Decimal{}, false
			}
		}
		if e > 1 {
			if square, ok = Multiply(square, square); !ok {
				return Decimal{}, false
			}
		}
	}
	if n.Sign() < 0 {
		return Divide(Integer(1), result)
	}
	return result, true
}

// Exp gives e to the power of d, to 15 digits.
func Exp(d Decimal) (Decimal, bool) { return approximate(math.Exp(d.Float64())) }

// Ln gives the natural logarithm to 15 digits; not ok for zero and below.
func Ln(d Decimal) (Decimal, bool) { return approximate(math.Log(d.Float64())) }

// Log gives the logarithm of d to a base, to 15 digits; not ok where there is none.
func Log(d, base Decimal) (Decimal, bool) {
	return approximate(math.Log(d.Float64()) / math.Log(base.Float64()))
}

// approximate rounds a float to the 15 digits it holds for sure.
func approximate(f float64) (Decimal, bool) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return Decimal{}, false
	}
	d, err := fhir.ParseDecimal(strconv.FormatFloat(f, 'e', 14, 64))
	if err != nil {
		return Decimal{}, false
	}
	return FromRat(d.Rat()), true
}
