package fhir

import (
	"fmt"
	"math"
	"math/big"
	"math/bits"
	"strings"
)

// An Amount is money in ten-thousandths of a currency unit: 150.25 is 1502500.
// It is exact, holds up to 922 trillion units, and is never a float64.
type Amount int64

// amountScale is how many Amounts make one unit of a currency, and amountDigits
// the decimals that leaves: four, so that unit prices of drugs sold by the
// tablet keep their fractions.
const (
	amountScale  = 10_000
	amountDigits = 4
)

// Money is an amount of one currency. Source: R4 datatypes#Money.
type Money struct {
	Value    Amount
	Currency string // ISO 4217, such as "TZS"; "" where the source named none
}

// ParseAmount reads a JSON number, such as "150.25" or "1.5e3". It fails with
// an Outcome of IssueValue when s is no number, has more than four significant
// decimals, or is too large.
func ParseAmount(s string) (Amount, error) {
	if a, ok := plainAmount(s); ok {
		return a, nil
	}
	d, err := ParseDecimal(s)
	if err != nil {
		return 0, err
	}
	return d.Amount()
}

// plainDigits bounds the digits of a plain amount, so that it fits whatever its
// decimals are.
const plainDigits = 14

// plainAmount reads what nearly every amount is, a few digits with up to four
// decimals, without a fraction of big integers.
func plainAmount(s string) (Amount, bool) {
	if len(s) > plainDigits || !validJSONNumber(s) {
		return 0, false
	}
	n, decimals, fraction := Amount(0), 0, false
	for i := range len(s) {
		switch c := s[i]; {
		case c == '-':
		case c == '.':
			fraction = true
		case c < '0' || c > '9':
			return 0, false
		default:
			n = n*10 + Amount(c-'0')
			if fraction {
				decimals++
			}
		}
	}
	if decimals > amountDigits {
		return 0, false
	}
	for ; decimals < amountDigits; decimals++ {
		n *= 10
	}
	if s[0] == '-' {
		n = -n
	}
	return n, true
}

// Units gives n whole units of a currency.
func Units(n int64) Amount { return Amount(n) * amountScale }

// String writes the amount as a JSON number with no needless decimals: "150.25".
func (a Amount) String() string {
	sign, u := "", uint64(a)
	if a < 0 {
		sign, u = "-", uint64(-(a+1))+1
	}
	whole, fraction := u/amountScale, u%amountScale
	if fraction == 0 {
		return fmt.Sprintf("%s%d", sign, whole)
	}
	return fmt.Sprintf("%s%d.%s", sign, whole, strings.TrimRight(fmt.Sprintf("%04d", fraction), "0"))
}

// MinorUnits gives how many decimals a currency is paid in: 2 for most, 0 for
// those without a coin in use, 3 for the dinars. Source: ISO 4217 (minor unit),
// where R4 points for Money.currency.
func MinorUnits(currency string) int {
	switch currency {
	case "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF":
		return 0
	case "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND":
		return 3
	}
	return 2
}

// Round rounds half away from zero to the number of decimals (0 to 4) in which
// a currency is paid; see MinorUnits.
func (a Amount) Round(decimals int) Amount {
	step := Amount(1)
	for i := decimals; i < amountDigits; i++ {
		step *= 10
	}
	half := step / 2
	if a < 0 {
		half = -half
	}
	return (a + half) / step * step
}

// Times multiplies the amount by an exact decimal and rounds half away from
// zero to ten-thousandths. It reports false when the product does not fit.
func (a Amount) Times(d Decimal) (Amount, bool) {
	if product, ok := a.timesOver(d, 1); ok {
		return product, true
	}
	product := new(big.Rat).Mul(new(big.Rat).SetInt64(int64(a)), d.Rat())
	return ratToAmount(product)
}

// timesOver gives the amount times d over a small divisor, rounded half away from
// zero, where that takes no more than 128 bits on the way. False says nothing.
func (a Amount) timesOver(d Decimal, divisor uint64) (Amount, bool) {
	const scaleMax = 16 // 100 times 10^16 fits
	if !d.big().IsInt64() || d.scale < 0 || d.scale > scaleMax {
		return 0, false
	}
	factor := d.big().Int64()
	for range d.scale {
		divisor *= 10
	}
	high, low := bits.Mul64(magnitude(int64(a)), magnitude(factor))
	if high >= divisor {
		return 0, false
	}
	quotient, rest := bits.Div64(high, low, divisor)
	if rest >= divisor-rest {
		quotient++
	}
	if quotient == 0 || quotient > math.MaxInt64 {
		return 0, quotient == 0
	}
	if (a < 0) != (factor < 0) {
		return -Amount(quotient), true
	}
	return Amount(quotient), true
}

func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}

// Percent gives the share of percent hundredths of the amount, rounded half
// away from zero to ten-thousandths; percent 20 of 90,000 is 18,000.
func (a Amount) Percent(percent Decimal) (Amount, bool) {
	if share, ok := a.timesOver(percent, 100); ok {
		return share, true
	}
	product := new(big.Rat).Mul(new(big.Rat).SetInt64(int64(a)), percent.Rat())
	return ratToAmount(product.Quo(product, big.NewRat(100, 1)))
}

// Decimal gives the amount as an exact decimal of currency units.
func (a Amount) Decimal() Decimal {
	return Decimal{unscaled: big.NewInt(int64(a)), scale: amountDigits}
}

func ratToAmount(r *big.Rat) (Amount, bool) {
	twice := new(big.Int).Mul(r.Num(), big.NewInt(2))
	if r.Sign() < 0 {
		twice.Sub(twice, r.Denom())
	} else {
		twice.Add(twice, r.Denom())
	}
	q := twice.Quo(twice, new(big.Int).Mul(r.Denom(), big.NewInt(2)))
	if !q.IsInt64() || q.Int64() == math.MinInt64 {
		return 0, false
	}
	return Amount(q.Int64()), true
}
