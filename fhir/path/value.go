package path

import (
	"bima/fhir"
	"bima/fhir/path/system"
	"bima/fhir/r4"
)

// primitives says which system type stands for a FHIR primitive. All that are
// not here are strings. Source: R4 fhirpath.html#types.
var primitives = map[string]kind{
	"boolean": kindBoolean,
	"integer": kindInteger, "unsignedInt": kindInteger, "positiveInt": kindInteger,
	"decimal": kindDecimal, "date": kindDate, "dateTime": kindDateTime, "instant": kindDateTime, "time": kindTime,
}

// primitive reports whether the item is an element of a primitive type.
func (i Item) primitive() bool {
	if i.kind != kindNode {
		return false
	}
	if i.typ != nil {
		return i.typ.Kind == r4.KindPrimitive
	}
	return i.node.Kind() != fhir.KindObject && i.node.Kind() != fhir.KindArray
}

// system gives the system value of a primitive element or a Quantity. Other
// items, and those whose JSON is not of their type, stay as they are.
func (i Item) system() Item {
	if i.kind != kindNode {
		return i
	}
	if !i.primitive() {
		if q, ok := i.Quantity(); ok {
			return quantityItem(q)
		}
		return i
	}
	switch i.node.Kind() {
	case fhir.KindBool:
		if i.typ == nil || i.typ.Name == "boolean" {
			return booleanItem(i.node.Text() == "true")
		}
	case fhir.KindNumber:
		return i.number()
	case fhir.KindString:
		return i.text()
	}
	return i
}

func (i Item) number() Item {
	want := kindDecimal
	if i.typ != nil {
		want = primitives[i.typ.Name]
	}
	d, err := fhir.ParseDecimal(i.node.Text())
	if err != nil || want != kindInteger && want != kindDecimal {
		return i
	}
	if n := d.Unscaled(); d.Scale() == 0 && n.IsInt64() && (want == kindInteger || i.typ == nil) {
		return integerItem(n.Int64())
	}
	return decimalItem(d)
}

func (i Item) text() Item {
	want := kindNone
	if i.typ != nil {
		want = primitives[i.typ.Name]
	}
	s := i.node.Text()
	var m system.Moment
	var err error
	switch want {
	case kindNone:
		return stringItem(s)
	case kindDate:
		m, err = fhir.ParseDate(s)
	case kindDateTime:
		m, err = fhir.ParsePartialDateTime(s)
	case kindTime:
		m, err = system.ParseTime(s)
	default:
		return i
	}
	if err != nil {
		return i
	}
	return Item{kind: want, value: m}
}

// hasValue reports whether a primitive element has a value, not only extensions.
func (i Item) hasValue() bool {
	return i.System() || i.primitive() && i.node.Kind() != fhir.KindNull && i.node.Exists()
}

// Str gives the string of a System.String or of a string-like primitive.
func (i Item) Str() (string, bool) {
	if i.kind == kindString {
		s, ok := i.value.(string)
		return s, ok
	}
	if i.kind != kindNode || i.node.Kind() != fhir.KindString || !i.primitive() {
		return "", false
	}
	if i.typ != nil && primitives[i.typ.Name] != kindNone {
		return "", false
	}
	return i.node.Text(), true
}

// Bool gives a System.Boolean or a FHIR boolean.
func (i Item) Bool() (value, ok bool) {
	if i.kind == kindBoolean {
		return i.num == 1, true
	}
	if i.kind == kindNode && i.node.Kind() == fhir.KindBool {
		return i.node.Text() == "true", true
	}
	return false, false
}

// Int gives a System.Integer or a FHIR integer.
func (i Item) Int() (int64, bool) {
	if s := i.system(); s.kind == kindInteger {
		return s.num, true
	}
	return 0, false
}

// Number gives an integer or decimal, System's or FHIR's, as a decimal.
func (i Item) Number() (fhir.Decimal, bool) {
	s := i.system()
	switch s.kind {
	case kindInteger:
		return system.Integer(s.num), true
	case kindDecimal:
		d, ok := s.value.(system.Decimal)
		return d, ok
	}
	return fhir.Decimal{}, false
}

// Moment gives a date, dateTime, instant or time, System's or FHIR's. A time is
// on the first day of year 1.
func (i Item) Moment() (fhir.DateTime, bool) {
	m, ok := i.system().value.(system.Moment)
	return m, ok
}

// ucumSystem is the code system of UCUM units in FHIR.
const ucumSystem = "http://unitsofmeasure.org"

// Quantity gives a System.Quantity, or a FHIR Quantity (Age, Duration, Money
// quantities and the like) that has a value and no comparator. Its unit is the
// UCUM code; without one the unit's text.
func (i Item) Quantity() (system.Quantity, bool) {
	if i.kind == kindQuantity {
		q, ok := i.value.(system.Quantity)
		return q, ok
	}
	if i.typ == nil || !i.typ.Is("Quantity") {
		return system.Quantity{}, false
	}
	value, err := fhir.ParseDecimal(i.node.Get("value").Text())
	if err != nil || i.node.Get("comparator").Exists() {
		return system.Quantity{}, false
	}
	unit := i.node.Get("unit").Text()
	if code := i.node.Get("code").Text(); code != "" && (i.node.Get("system").Text() == ucumSystem || unit == "") {
		unit = code
	}
	if unit == "" {
		unit = "1"
	}
	return system.Quantity{Value: value, Unit: unit}, true
}
