package search

import (
	"math"
	"strconv"
	"strings"

	"bima/fhir"
)

// numberEmitters take numbers out of the data types that have them. A number in
// a resource counts as exactly what it says, so that gt5.4 does not find 5.4;
// the digits written matter on the searching side only. Source: R4 search#number.
var numberEmitters = map[string]func(*extraction, *emitter, fhir.Node){
	"integer":     emitNumber,
	"positiveInt": emitNumber,
	"unsignedInt": emitNumber,
	"decimal":     emitNumber,
	"Range":       emitNumberRange,
	"Quantity":    emitQuantityNumber,
}

func number(n fhir.Node) (float64, bool) {
	if n.Kind() != fhir.KindNumber {
		return 0, false
	}
	v, err := strconv.ParseFloat(n.Text(), 64)
	return v, err == nil
}

func (x *extraction) number(param string, low, high float64) {
	x.Numbers = append(x.Numbers, fhir.NumberRow{Param: param, Low: low, High: high})
}

func emitNumber(x *extraction, e *emitter, n fhir.Node) {
	if v, ok := number(n); ok {
		x.number(e.code, v, v)
	}
}

func emitQuantityNumber(x *extraction, e *emitter, n fhir.Node) { emitNumber(x, e, n.Get("value")) }

func emitNumberRange(x *extraction, e *emitter, n fhir.Node) {
	if low, high, ok := limits(n); ok {
		x.number(e.code, low, high)
	}
}

// limits gives the ends of a Range; a missing one is open.
func limits(n fhir.Node) (low, high float64, ok bool) {
	low, hasLow := number(n.At("low", "value"))
	high, hasHigh := number(n.At("high", "value"))
	if !hasLow {
		low = math.Inf(-1)
	}
	if !hasHigh {
		high = math.Inf(1)
	}
	return low, high, hasLow || hasHigh
}

// numberCriterion reads "lt100".
func numberCriterion(c clause, value string) (fhir.Criterion, error) {
	v, err := c.number(value)
	if err != nil {
		return nil, err
	}
	return fhir.Match{Param: c.as(c.param.Code, fhir.ParamNumber), Value: v}, nil
}

// number reads a number with its prefix and gives the interval of what rounds to
// it, [99.5, 100.5) for 100 and [95, 105) for 1e2; for "ap" a tenth around it.
func (c clause) number(value string) (fhir.NumberValue, error) {
	if c.modifier != "" {
		return fhir.NumberValue{}, c.wrongModifier("missing")
	}
	prefix, text := cutPrefix(value)
	text = strings.TrimPrefix(text, "+")
	d, err := fhir.ParseDecimal(text)
	if err != nil {
		return fhir.NumberValue{}, c.invalid("%q is not a number such as 100 or lt5.40", value)
	}
	v := fhir.NumberValue{Prefix: prefix, Value: d.Float64()}
	half := halfDigit(d)
	// More digits than a float64 holds would leave an empty interval.
	v.Low = min(offset(d, half, -1), v.Value)
	v.High = max(offset(d, half, 1), math.Nextafter(v.Value, math.Inf(1)))
	if prefix == fhir.PrefixApproximate {
		margin := math.Abs(v.Value) / approximation
		v.Low, v.High = min(v.Low, v.Value-margin), max(v.High, v.Value+margin)
	}
	return v, nil
}

// halfDigit gives half a unit of a number's last digit, 5 in the digit after it.
// Of a number such as 1e2 R4 takes the digit after that, for 95 to 105.
// Source: R4 search#number.
func halfDigit(d fhir.Decimal) fhir.Decimal {
	if d.Scale() < 0 {
		return fhir.NewDecimal(5, d.Scale()+2)
	}
	return fhir.NewDecimal(5, d.Scale()+1)
}

// offset gives the float64 nearest to d plus or minus half.
func offset(d, half fhir.Decimal, sign int) float64 {
	sum := d.Rat()
	if sign < 0 {
		sum.Sub(sum, half.Rat())
	} else {
		sum.Add(sum, half.Rat())
	}
	f, _ := sum.Float64()
	return f
}
