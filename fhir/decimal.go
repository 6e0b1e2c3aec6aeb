package fhir

import (
	"math/big"
	"strings"
)

// A Decimal is an exact number that remembers how many decimals it was written
// with: 1.50 is not shown as 1.5, and is searched as the range [1.495, 1.505).
// The zero value is 0. Source: R4 datatypes#decimal ("do not use floating point").
type Decimal struct {
	unscaled *big.Int // nil means 0
	scale    int      // value = unscaled / 10^scale; may be negative (2e3)
}

// decimalDigitsMax bounds the digits and the exponent of a decimal, so that
// "1e999999999" can't fill the memory. R4 asks for at least 18 digits.
const decimalDigitsMax = 400

// ParseDecimal reads a JSON number, keeping its precision. It fails with an
// Outcome of IssueValue when s is no JSON number or is longer than 400 digits.
func ParseDecimal(s string) (Decimal, error) {
	mantissa, exponent, ok := splitExponent(s)
	if !ok || !validJSONNumber(s) {
		return Decimal{}, Errorf(IssueValue, "", "%.40q is not a decimal number", s)
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	scale := len(fraction) - exponent
	if len(mantissa) > decimalDigitsMax || scale > decimalDigitsMax || scale < -decimalDigitsMax {
		return Decimal{}, Errorf(IssueValue, "", "the number %.40q… has more than %d digits", s, decimalDigitsMax)
	}
	unscaled, ok := new(big.Int).SetString(whole+fraction, 10)
	if !ok {
		return Decimal{}, Errorf(IssueValue, "", "%.40q is not a decimal number", s)
	}
	return Decimal{unscaled: unscaled, scale: scale}, nil
}

// NewDecimal gives unscaled / 10^scale: NewDecimal(150, 2) is 1.50.
func NewDecimal(unscaled int64, scale int) Decimal {
	return Decimal{unscaled: big.NewInt(unscaled), scale: scale}
}

// NewDecimalBig gives unscaled / 10^scale of a big integer, which it copies.
func NewDecimalBig(unscaled *big.Int, scale int) Decimal {
	return Decimal{unscaled: new(big.Int).Set(unscaled), scale: scale}
}

func (d Decimal) big() *big.Int {
	if d.unscaled == nil {
		return new(big.Int)
	}
	return d.unscaled
}

// Unscaled gives the digits as an integer: 150 for 1.50. Nobody writes to it.
func (d Decimal) Unscaled() *big.Int { return d.big() }

// Scale gives how many decimals the number was written with; negative for 2e3.
func (d Decimal) Scale() int { return d.scale }

// Sign gives -1, 0 or +1.
func (d Decimal) Sign() int { return d.big().Sign() }

// Cmp compares by value: 1.50 equals 1.5.
func (d Decimal) Cmp(e Decimal) int {
	a, b := d.big(), e.big()
	switch {
	case d.scale < e.scale:
		a = new(big.Int).Mul(a, pow10(e.scale-d.scale))
	case d.scale > e.scale:
		b = new(big.Int).Mul(b, pow10(d.scale-e.scale))
	}
	return a.Cmp(b)
}

// Rat gives the exact value as a fraction.
func (d Decimal) Rat() *big.Rat {
	if d.scale >= 0 {
		return new(big.Rat).SetFrac(d.big(), pow10(d.scale))
	}
	return new(big.Rat).SetInt(new(big.Int).Mul(d.big(), pow10(-d.scale)))
}

// Float64 gives the nearest float64, for search indexes only; never for money.
func (d Decimal) Float64() float64 {
	f, _ := d.Rat().Float64()
	return f
}

// Amount gives the value as money. It fails with an Outcome of IssueValue when
// more than four decimals are significant, or the value does not fit.
func (d Decimal) Amount() (Amount, error) {
	scaled := new(big.Rat).Mul(d.Rat(), big.NewRat(amountScale, 1))
	if !scaled.IsInt() {
		return 0, Errorf(IssueValue, "", "the amount %s has more than %d decimals", d, amountDigits)
	}
	if !scaled.Num().IsInt64() {
		return 0, Errorf(IssueValue, "", "the amount %s is too large", d)
	}
	return Amount(scaled.Num().Int64()), nil
}

// String writes the number with the precision it was read with.
func (d Decimal) String() string {
	digits := new(big.Int).Abs(d.big()).String()
	sign := ""
	if d.Sign() < 0 {
		sign = "-"
	}
	if d.scale <= 0 {
		return sign + digits + strings.Repeat("0", zerosFor(digits, -d.scale))
	}
	if len(digits) <= d.scale {
		digits = strings.Repeat("0", d.scale-len(digits)+1) + digits
	}
	point := len(digits) - d.scale
	return sign + digits[:point] + "." + digits[point:]
}

// zerosFor gives how many zeros a negative scale appends: none to a bare zero.
func zerosFor(digits string, n int) int {
	if digits == "0" {
		return 0
	}
	return n
}

func pow10(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }

// splitExponent parts "1.5e3" into "1.5" and 3.
func splitExponent(s string) (mantissa string, exponent int, ok bool) {
	i := strings.IndexAny(s, "eE")
	if i < 0 {
		return s, 0, true
	}
	digits := strings.TrimPrefix(s[i+1:], "+")
	negative := strings.HasPrefix(digits, "-")
	digits = strings.TrimLeft(strings.TrimPrefix(digits, "-"), "0")
	if len(digits) > 6 {
		return "", 0, false
	}
	for _, c := range digits {
		if c < '0' || c > '9' {
			return "", 0, false
		}
		exponent = exponent*10 + int(c-'0')
	}
	if negative {
		exponent = -exponent
	}
	return s[:i], exponent, true
}

// validJSONNumber reports whether s is a number of RFC 8259 section 6.
func validJSONNumber(s string) bool {
	i := 0
	digits := func() int {
		start := i
		for i < len(s) && '0' <= s[i] && s[i] <= '9' {
			i++
		}
		return i - start
	}
	if i < len(s) && s[i] == '-' {
		i++
	}
	zero := i < len(s) && s[i] == '0'
	if n := digits(); n == 0 || zero && n > 1 {
		return false
	}
	if i < len(s) && s[i] == '.' {
		i++
		if digits() == 0 {
			return false
		}
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		i++
		if i < len(s) && (s[i] == '+' || s[i] == '-') {
			i++
		}
		if digits() == 0 {
			return false
		}
	}
	return i == len(s)
}
