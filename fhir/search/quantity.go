package search

import (
	"math"

	"bima/fhir"
)

// currencies is the system of Money.currency. Source: ISO 4217.
const currencies = "urn:iso:std:iso:4217"

// quantityEmitters take quantities out of the data types that have them.
// Source: R4 search#quantity.
var quantityEmitters = map[string]func(*extraction, *emitter, fhir.Node){
	"Quantity":    emitQuantity,
	"Age":         emitQuantity,
	"Duration":    emitQuantity,
	"Count":       emitQuantity,
	"Distance":    emitQuantity,
	"Money":       emitMoney,
	"Range":       emitRange,
	"SampledData": emitSampled,
}

func emitQuantity(x *extraction, e *emitter, n fhir.Node) {
	v, ok := number(n.Get("value"))
	if !ok {
		return
	}
	row := quantityRow(e.code, n)
	row.Low, row.High = compared(v, textOf(n.Get("comparator")))
	x.Quantities = append(x.Quantities, row)
	if row.System == ucumSystem && x.measures != nil {
		x.canonical(e, row.Code, n)
	}
}

func quantityRow(param string, n fhir.Node) fhir.QuantityRow {
	return fhir.QuantityRow{
		Param:  param,
		System: textOf(n.Get("system")), Code: textOf(n.Get("code")), Unit: textOf(n.Get("unit")),
	}
}

// compared gives what a measured value with a comparator may be: "<5" is
// anything up to 5.
func compared(v float64, comparator string) (low, high float64) {
	switch comparator {
	case "<", "<=":
		return math.Inf(-1), v
	case ">", ">=":
		return v, math.Inf(1)
	}
	return v, v
}

func emitMoney(x *extraction, e *emitter, n fhir.Node) {
	v, ok := number(n.Get("value"))
	if !ok {
		return
	}
	row := fhir.QuantityRow{Param: e.code, Low: v, High: v}
	if currency := textOf(n.Get("currency")); currency != "" {
		row.System, row.Code = currencies, currency
	}
	x.Quantities = append(x.Quantities, row)
}

// emitRange takes the unit of either end; R4 wants them the same.
func emitRange(x *extraction, e *emitter, n fhir.Node) {
	low, high, ok := limits(n)
	if !ok {
		return
	}
	end := n.Get("low")
	if !end.Exists() {
		end = n.Get("high")
	}
	row := quantityRow(e.code, end)
	row.Low, row.High = low, high
	x.Quantities = append(x.Quantities, row)
}

// emitSampled gives the limits within which the series was measured.
func emitSampled(x *extraction, e *emitter, n fhir.Node) {
	low, hasLow := number(n.Get("lowerLimit"))
	high, hasHigh := number(n.Get("upperLimit"))
	if !hasLow || !hasHigh {
		return
	}
	row := quantityRow(e.code, n.Get("origin"))
	row.Low, row.High = low, high
	x.Quantities = append(x.Quantities, row)
}

// quantityCriterion reads "5.4", "5.4|system|code" or "5.4||code". A unit of UCUM
// also finds what was measured in others of its dimension. R4 has no "5.4|x", but
// other servers take it as a system, and people write it for a unit: it is either.
func quantityCriterion(c clause, value string) (fhir.Criterion, error) {
	parts := splitEscaped(value, '|')
	if len(parts) == 2 && parts[1] != "" && !c.composite {
		return c.systemOrUnit(parts)
	}
	if len(parts) == 2 || len(parts) > 3 {
		return nil, c.invalid("%q is not of the form number, number|system|code or number||code", value)
	}
	n, err := c.number(parts[0])
	if err != nil {
		return nil, err
	}
	v := fhir.QuantityValue{NumberValue: n, AnyUnit: true}
	if len(parts) == 3 && (parts[1] != "" || parts[2] != "") {
		v.System, v.Code, v.AnyUnit = unescape(parts[1]), unescape(parts[2]), false
	}
	if m := c.measure(v); m != nil {
		if in, ok := c.inBase(m, parts[0], n); ok {
			v = fhir.QuantityValue{NumberValue: in, Code: m.dimension}
			return fhir.Match{Param: c.as(c.param.Code+":ucum", fhir.ParamQuantity), Value: v}, nil
		}
	}
	return fhir.Match{Param: c.as(c.param.Code, fhir.ParamQuantity), Value: v}, nil
}

func (c clause) systemOrUnit(parts []string) (fhir.Criterion, error) {
	n, err := c.number(parts[0])
	if err != nil {
		return nil, err
	}
	of, name := c.as(c.param.Code, fhir.ParamQuantity), unescape(parts[1])
	return fhir.Any{
		fhir.Match{Param: of, Value: fhir.QuantityValue{NumberValue: n, System: name}},
		fhir.Match{Param: of, Value: fhir.QuantityValue{NumberValue: n, Code: name}},
	}, nil
}
