package system

import (
	"math/big"
	"time"

	"bima/fhir"
)

// The precisions of boundaries: decimals of a number by default and at most;
// digits of a date, a dateTime with milliseconds and a time with milliseconds.
const (
	decimalsDefault   = 8
	decimalsMax       = 31
	dateDigits        = 8
	dateTimeDigits    = 17
	timeDigits        = 9
	millisecondDigits = 3
)

// A Side says which boundary of a value is meant.
type Side int

// The sides.
const (
	Low  Side = -1
	High Side = 1
)

// Boundary gives the least or greatest value that d, at the precision it is
// written with, may stand for, to a number of decimals (8 if decimals is nil);
// not ok where there are not so many. An edge that is nearer to 0 than to the
// next number of so many decimals is 0, which the official test suite asks for.
func Boundary(d Decimal, side Side, decimals *int) (Decimal, bool) {
	n := decimalsDefault
	if decimals != nil {
		n = *decimals
	}
	if n < 0 || n > decimalsMax {
		return Decimal{}, false
	}
	half := new(big.Rat).SetFrac(big.NewInt(int64(side)), big.NewInt(2))
	half.Mul(half, fhir.NewDecimal(1, d.Scale()).Rat())
	edge := half.Add(half, d.Rat())
	switch {
	case vanishes(edge, n):
		return fhir.NewDecimal(0, n), true
	case side == High:
		return Negate(FloorTo(edge.Neg(edge), n)), true
	}
	return FloorTo(edge, n), true
}

// vanishes reports whether r rounds to 0 at a number of decimals.
func vanishes(r *big.Rat, decimals int) bool {
	twice := new(big.Int).Lsh(r.Num(), 1)
	return twice.Mul(twice, pow10(decimals)).CmpAbs(r.Denom()) < 0
}

// DateBoundary gives the first or last date that m may stand for, to 4, 6 or 8
// digits (8 if digits is nil); not ok for other numbers.
func DateBoundary(m Moment, side Side, digits *int) (Moment, bool) {
	return momentBoundary(m, side, digits, dateDigits, dateDigits)
}

// DateTimeBoundary gives the first or last moment that m may stand for, to 4,
// 6, 8, 10, 12, 14 or 17 digits (17 if digits is nil). Without a zone, the zone
// that makes it earliest (+14:00) or latest (-12:00) is taken. An hour alone
// means its first minute, for a FHIR dateTime always has minutes.
func DateTimeBoundary(m Moment, side Side, digits *int) (Moment, bool) {
	if m.Precision == fhir.PrecisionHour {
		m.Precision = fhir.PrecisionMinute
	}
	return momentBoundary(m, side, digits, dateTimeDigits, dateTimeDigits)
}

// TimeBoundary gives the first or last time of day that m may stand for, to 2,
// 4, 6 or 9 digits (9 if digits is nil).
func TimeBoundary(m Moment, side Side, digits *int) (Moment, bool) {
	n := timeDigits
	if digits != nil {
		n = *digits
	}
	precision, ok := precisionOf[n+dateDigits]
	if !ok || n < 1 {
		return Moment{}, false
	}
	return cut(edge(m, side), precision), true
}

var precisionOf = map[int]fhir.Precision{
	4: fhir.PrecisionYear, 6: fhir.PrecisionMonth, 8: fhir.PrecisionDay, 10: fhir.PrecisionHour,
	12: fhir.PrecisionMinute, 14: fhir.PrecisionSecond, 17: fhir.PrecisionFraction,
}

// Digits gives the number of digits a date or dateTime was written with.
func Digits(m Moment) int {
	if m.Precision == fhir.PrecisionFraction {
		return 14 + m.Digits
	}
	return [...]int{0, 4, 6, 8, 10, 12, 14}[m.Precision]
}

// TimeDigits gives the number of digits a time was written with.
func TimeDigits(m Moment) int { return Digits(m) - dateDigits }

func momentBoundary(m Moment, side Side, digits *int, byDefault, most int) (Moment, bool) {
	n := byDefault
	if digits != nil {
		n = *digits
	}
	precision, ok := precisionOf[n]
	if !ok || n > most {
		return Moment{}, false
	}
	b := cut(edge(m, side), precision)
	b.Zoned = precision >= fhir.PrecisionHour
	if b.Zoned && !m.Zoned {
		offset := 14 * time.Hour
		if side == High {
			offset = -12 * time.Hour
		}
		y, month, d := b.First.Date()
		zone := time.FixedZone("", int(offset/time.Second))
		b.First = time.Date(y, month, d, b.First.Hour(), b.First.Minute(), b.First.Second(), b.First.Nanosecond(), zone)
	}
	return b, true
}

// edge gives the first or last millisecond of what m stands for.
func edge(m Moment, side Side) time.Time {
	if side == Low {
		return m.First
	}
	last := m.Interval(m.First.Location()).To.Add(-time.Millisecond)
	if last.Before(m.First) {
		return m.First
	}
	return last
}

// cut gives a moment at a precision, fractions in milliseconds.
func cut(t time.Time, precision fhir.Precision) Moment {
	m := Moment{First: t, Precision: precision}
	if precision == fhir.PrecisionFraction {
		m.Digits = millisecondDigits
	}
	if precision >= fhir.PrecisionHour {
		m.First = truncateTo(t, m)
	}
	return m
}
