package system

import (
	"math/big"
	"strings"

	"bima/fhir"
	"bima/fhir/path/ucum"
)

// A Quantity is a number with a unit: FHIRPath's System.Quantity.
type Quantity struct {
	Value    Decimal
	Unit     string // UCUM code, "1" for none; or a calendar duration word
	Calendar bool   // whether Unit is a word: "day", "days"
	Either   bool   // whether a Unit of UCUM's years or months is also the calendar's, as in a FHIR Quantity
}

// words maps UCUM's years and months to the calendar's. Source: R4
// fhirpath.html#quantity.
var words = map[string]string{"a": "year", "mo": "month"}

// calendar reads a quantity that means either as one of the calendar.
func (q Quantity) calendar() Quantity {
	if word := words[q.Unit]; q.Either && word != "" {
		return Quantity{Value: q.Value, Unit: word, Calendar: true}
	}
	return q
}

// beside gives two quantities as they are read together.
func beside(q, o Quantity) (Quantity, Quantity) {
	if q.Calendar {
		o = o.calendar()
	}
	if o.Calendar {
		q = q.calendar()
	}
	return q, o
}

// String writes the quantity as FHIRPath does: 4 'mg', 7 days.
func (q Quantity) String() string {
	if q.Calendar {
		return q.Value.String() + " " + q.Unit
	}
	return q.Value.String() + " '" + q.Unit + "'"
}

// fixed maps calendar durations to the UCUM unit of the same length. Years and
// months have no fixed length. Source: N1 section 2.2.6.
var fixed = map[string]string{"week": "wk", "day": "d", "hour": "h", "minute": "min", "second": "s", "millisecond": "ms"}

// unit gives the unit to calculate with, and whether it counts calendar months.
func (q Quantity) unit() (u ucum.Unit, months int64, ok bool) {
	code := q.Unit
	if q.Calendar {
		word := strings.TrimSuffix(q.Unit, "s")
		if s := steps[word]; s.months > 0 {
			return ucum.Unit{}, s.months, true
		}
		code = fixed[word]
	}
	u, err := ucum.Parse(code)
	return u, 0, err == nil
}

// Comparable reports whether two quantities measure the same kind of thing.
func (q Quantity) Comparable(o Quantity) bool {
	_, _, _, ok := q.common(o)
	return ok
}

// common gives both values in the coarser of the two units, and how many
// decimals the less precise of them was written with.
func (q Quantity) common(o Quantity) (a, b *big.Rat, decimals int, ok bool) {
	q, o = beside(q, o)
	a, b = q.Value.Rat(), o.Value.Rat()
	decimals = max(0, min(FromRat(a).Scale(), FromRat(b).Scale()))
	if q.Unit == o.Unit && q.Calendar == o.Calendar {
		return a, b, decimals, true
	}
	u, uMonths, known := q.unit()
	v, vMonths, known2 := o.unit()
	if !known || !known2 || (uMonths > 0) != (vMonths > 0) {
		return nil, nil, 0, false
	}
	if uMonths > 0 {
		coarse := max(uMonths, vMonths)
		return a.Mul(a, big.NewRat(uMonths, coarse)), b.Mul(b, big.NewRat(vMonths, coarse)), decimals, true
	}
	if u.Finer(v) {
		b, ok = ucum.Convert(b, v, u)
	} else {
		a, ok = ucum.Convert(a, u, v)
	}
	return a, b, decimals, ok
}

// Compare gives the order of two quantities; unknown when their units can't be
// converted into each other.
func (q Quantity) Compare(o Quantity) (order int, known bool) {
	a, b, _, ok := q.common(o)
	if !ok {
		return 0, false
	}
	return a.Cmp(b), true
}

// Equivalent reports whether the quantities agree at the precision of the less
// precise one. A calendar year or month is equivalent to UCUM's.
func (q Quantity) Equivalent(o Quantity) bool {
	q, o = q.loosened(o), o.loosened(q)
	a, b, decimals, ok := q.common(o)
	return ok && RoundRat(a, decimals).Cmp(RoundRat(b, decimals)) == 0
}

// loosened reads a calendar year or month as UCUM's where other is in UCUM.
func (q Quantity) loosened(other Quantity) Quantity {
	if !q.Calendar || other.Calendar {
		return q
	}
	switch steps[strings.TrimSuffix(q.Unit, "s")].months {
	case 12:
		return Quantity{Value: q.Value, Unit: "a"}
	case 1:
		return Quantity{Value: q.Value, Unit: "mo"}
	}
	return q
}

// Plus gives q + sign·o in the finer of the two units; not ok when the units
// can't be converted into each other.
func (q Quantity) Plus(o Quantity, sign int) (Quantity, bool) {
	q, o = beside(q, o)
	add := o.Value
	if sign < 0 {
		add = Negate(add)
	}
	if q.Unit == o.Unit && q.Calendar == o.Calendar {
		sum, ok := Add(q.Value, add)
		q.Value, q.Either = sum, q.Either && o.Either
		return q, ok
	}
	target := q
	u, uMonths, ok1 := q.unit()
	v, vMonths, ok2 := o.unit()
	if ok1 && ok2 && (uMonths > vMonths && vMonths > 0 || uMonths == 0 && vMonths == 0 && u.Finer(v)) {
		target = o
	}
	a, ok1 := q.In(target)
	b, ok2 := o.In(target)
	if !ok1 || !ok2 {
		return Quantity{}, false
	}
	if sign < 0 {
		b = Negate(b)
	}
	sum, ok := Add(a, b)
	return Quantity{Value: sum, Unit: target.Unit, Calendar: target.Calendar}, ok
}

// In gives the value as measured in the unit of another quantity; not ok when
// it can't be converted.
func (q Quantity) In(target Quantity) (Decimal, bool) {
	q, target = beside(q, target)
	if q.Unit == target.Unit && q.Calendar == target.Calendar {
		return q.Value, true
	}
	u, uMonths, ok1 := q.unit()
	v, vMonths, ok2 := target.unit()
	if !ok1 || !ok2 || (uMonths > 0) != (vMonths > 0) {
		return Decimal{}, false
	}
	r := q.Value.Rat()
	if uMonths > 0 {
		return FromRat(r.Mul(r, big.NewRat(uMonths, vMonths))), true
	}
	r, ok := ucum.Convert(r, u, v)
	if !ok {
		return Decimal{}, false
	}
	return FromRat(r), true
}

// Times gives q × o with the product of the units; not ok when a unit is not known.
func (q Quantity) Times(o Quantity) (Quantity, bool) {
	if q.number() {
		q, o = o, q
	}
	if o.number() {
		v, ok := Multiply(q.Value, o.Value)
		q.Value = v
		return q, ok && q.known()
	}
	a, b, units, ok := operands(q, o)
	if !ok {
		return Quantity{}, false
	}
	v := FromRat(a.Mul(a, b))
	return Quantity{Value: v, Unit: ucum.Product(units[0], units[1])}, fits(v)
}

// Over gives q / o with the quotient of the units; not ok for zero or when a
// unit is not known.
func (q Quantity) Over(o Quantity) (Quantity, bool) {
	if o.number() {
		v, ok := Divide(q.Value, o.Value)
		q.Value = v
		return q, ok && q.known()
	}
	a, b, units, ok := operands(q, o)
	if !ok || b.Sign() == 0 {
		return Quantity{}, false
	}
	v := FromRat(a.Quo(a, b))
	return Quantity{Value: v, Unit: ucum.Quotient(units[0], units[1])}, fits(v)
}

// number reports whether the quantity is a number without a unit.
func (q Quantity) number() bool { return q.Unit == "1" }

// known reports whether UCUM or the calendar has the unit.
func (q Quantity) known() bool {
	_, months, ok := q.unit()
	return ok || months > 0
}

// operands gives the values of both quantities with their UCUM units, in the
// same one if they can be.
func operands(q, o Quantity) (a, b *big.Rat, units [2]string, ok bool) {
	q, o = definiteOf(q), definiteOf(o)
	u, err1 := ucum.Parse(q.Unit)
	v, err2 := ucum.Parse(o.Unit)
	if err1 != nil || err2 != nil {
		return nil, nil, units, false
	}
	a, b, units = q.Value.Rat(), o.Value.Rat(), [2]string{q.Unit, o.Unit}
	if q.Unit == o.Unit {
		return a, b, units, true
	}
	if c, ok := ucum.Convert(b, v, u); ok {
		b, units[1] = c, q.Unit
	}
	return a, b, units, true
}

// definiteOf reads a calendar duration as UCUM's unit of that name.
func definiteOf(q Quantity) Quantity {
	if !q.Calendar {
		return q
	}
	if code := fixed[strings.TrimSuffix(q.Unit, "s")]; code != "" {
		return Quantity{Value: q.Value, Unit: code}
	}
	return q.loosened(Quantity{})
}

// ParseQuantity reads what toQuantity() takes: "4", "4 days", "4 'mg'". Not ok
// for any other form.
func ParseQuantity(s string, isCalendar func(string) bool) (Quantity, bool) {
	s = strings.TrimSpace(s)
	end := strings.IndexFunc(s, func(r rune) bool { return (r < '0' || r > '9') && r != '.' && r != '-' && r != '+' })
	if end < 0 {
		end = len(s)
	}
	number, unit := strings.TrimPrefix(s[:end], "+"), strings.TrimSpace(s[end:])
	value, err := fhir.ParseDecimal(number)
	if err != nil {
		return Quantity{}, false
	}
	switch {
	case unit == "":
		return Quantity{Value: value, Unit: "1"}, true
	case isCalendar(unit):
		return Quantity{Value: value, Unit: unit, Calendar: true}, s[end] == ' '
	case len(unit) > 2 && unit[0] == '\'' && strings.IndexByte(unit[1:], '\'') == len(unit)-2:
		return Quantity{Value: value, Unit: unit[1 : len(unit)-1]}, true
	}
	return Quantity{}, false
}
