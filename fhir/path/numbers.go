package path

import (
	"bima/fhir"
	"bima/fhir/path/system"
)

// mathFunctions holds the functions of N1 section 5.7 and the boundaries of the
// later release, which R4's tests ask for.
var mathFunctions = map[string]function{
	"abs":          {0, 0, absolute},
	"ceiling":      {0, 0, onNumber("ceiling", whole(system.Ceiling))},
	"floor":        {0, 0, onNumber("floor", whole(system.Floor))},
	"truncate":     {0, 0, onNumber("truncate", whole(system.Truncate))},
	"exp":          {0, 0, onNumber("exp", real(system.Exp))},
	"ln":           {0, 0, onNumber("ln", real(system.Ln))},
	"sqrt":         {0, 0, onNumber("sqrt", real(system.Sqrt))},
	"log":          {1, 1, withNumber("log", log)},
	"power":        {1, 1, withNumber("power", power)},
	"round":        {0, 1, round},
	"lowBoundary":  {0, 1, boundary(system.Low)},
	"highBoundary": {0, 1, boundary(system.High)},
	"precision":    {0, 0, precision},
	"comparable":   {1, 1, comparable},
}

func whole(fn func(system.Decimal) system.Decimal) func(Item, system.Decimal) (Item, bool, error) {
	return func(_ Item, d system.Decimal) (Item, bool, error) { return result(fn(d), true, true) }
}

func real(fn func(system.Decimal) (system.Decimal, bool)) func(Item, system.Decimal) (Item, bool, error) {
	return func(_ Item, d system.Decimal) (Item, bool, error) {
		out, ok := fn(d)
		return decimalItem(out), ok, nil
	}
}

// absolute keeps the type: integer, decimal or quantity.
func absolute(_ *scope, in []Item, _ []step, dst []Item) ([]Item, error) {
	item, ok, err := single(in)
	if err != nil || !ok {
		return dst, err
	}
	item = item.system()
	negative := item.kind == kindInteger && item.num < 0
	if q, ok := asQuantity(item); ok {
		negative = q.Value.Sign() < 0
	} else {
		return dst, fhir.Errorf(fhir.IssueProcessing, "", "abs() needs a number, not %s", item.describe())
	}
	if negative {
		item, err = negate(item)
	}
	return append(dst, item), err
}

// withNumber lifts a function on a number with one more number.
func withNumber(name string, fn func(d, by system.Decimal, whole bool) (Item, bool)) apply {
	return func(sc *scope, in []Item, args []step, dst []Item) ([]Item, error) {
		arg, ok, err := sc.one(args[0])
		if err != nil || !ok {
			return dst, err
		}
		by, ok := arg.Number()
		if !ok {
			return dst, fhir.Errorf(fhir.IssueProcessing, "", "%s() needs a number, not %s", name, arg.describe())
		}
		return onNumber(name, func(i Item, d system.Decimal) (Item, bool, error) {
			out, ok := fn(d, by, i.kind == kindInteger && arg.system().kind == kindInteger)
			return out, ok, nil
		})(sc, in, args, dst)
	}
}

func log(d, base system.Decimal, _ bool) (Item, bool) {
	out, ok := system.Log(d, base)
	return decimalItem(out), ok
}

// power of integers is an integer, but for negative exponents.
func power(d, exponent system.Decimal, whole bool) (Item, bool) {
	out, ok := system.Power(d, exponent)
	item, ok, _ := result(out, whole && exponent.Sign() >= 0, ok)
	return item, ok
}

// decimalsMax bounds the argument of round().
const decimalsMax = 100

func round(sc *scope, in []Item, args []step, dst []Item) ([]Item, error) {
	decimals := int64(0)
	if len(args) > 0 {
		n, ok, err := sc.integer(args[0])
		if err != nil || !ok {
			return dst, err
		}
		decimals = n
	}
	if decimals < 0 || decimals > decimalsMax {
		return dst, fhir.Errorf(fhir.IssueProcessing, "", "round() takes 0 to %d decimals, not %d", decimalsMax, decimals)
	}
	return onNumber("round", func(i Item, d system.Decimal) (Item, bool, error) {
		if i.kind == kindInteger {
			return i, true, nil
		}
		return decimalItem(system.Round(d, int(decimals))), true, nil
	})(sc, in, args, dst)
}

// boundary makes lowBoundary() and highBoundary().
func boundary(side system.Side) apply {
	return func(sc *scope, in []Item, args []step, dst []Item) ([]Item, error) {
		item, ok, err := single(in)
		if err != nil || !ok {
			return dst, err
		}
		var digits *int
		if len(args) > 0 {
			n, ok, err := sc.integer(args[0])
			if err != nil || !ok {
				return dst, err
			}
			d := int(n)
			digits = &d
		}
		out, ok, err := boundaryOf(item.system(), side, digits)
		if err != nil || !ok {
			return dst, err
		}
		return append(dst, out), nil
	}
}

func boundaryOf(i Item, side system.Side, digits *int) (Item, bool, error) {
	if m, ok := i.value.(system.Moment); ok {
		of := map[kind]func(system.Moment, system.Side, *int) (system.Moment, bool){
			kindDate: system.DateBoundary, kindDateTime: system.DateTimeBoundary, kindTime: system.TimeBoundary,
		}[i.kind]
		b, ok := of(m, side, digits)
		return Item{kind: i.kind, value: b}, ok, nil
	}
	if q, ok := i.Quantity(); ok {
		q.Value, ok = system.Boundary(q.Value, side, digits)
		return quantityItem(q), ok, nil
	}
	if d, ok := i.Number(); ok {
		b, ok := system.Boundary(d, side, digits)
		return decimalItem(b), ok, nil
	}
	if i.primitive() && !i.hasValue() {
		return Item{}, false, nil
	}
	return Item{}, false, fhir.Errorf(fhir.IssueProcessing, "", "a boundary needs a number, a quantity, a date or a time, not %s", i.describe())
}

func precision(_ *scope, in []Item, _ []step, dst []Item) ([]Item, error) {
	item, ok, err := single(in)
	if err != nil || !ok {
		return dst, err
	}
	item = item.system()
	if m, ok := item.value.(system.Moment); ok {
		digits := system.Digits
		if item.kind == kindTime {
			digits = system.TimeDigits
		}
		return append(dst, integerItem(int64(digits(m)))), nil
	}
	if d, ok := item.Number(); ok {
		return append(dst, integerItem(int64(max(0, d.Scale())))), nil
	}
	return dst, fhir.Errorf(fhir.IssueProcessing, "", "precision() needs a number, a date or a time, not %s", item.describe())
}

func comparable(sc *scope, in []Item, args []step, dst []Item) ([]Item, error) {
	item, ok, err := single(in)
	if err != nil || !ok {
		return dst, err
	}
	other, ok, err := sc.one(args[0])
	if err != nil || !ok {
		return dst, err
	}
	q, ok1 := item.Quantity()
	p, ok2 := other.Quantity()
	return append(dst, booleanItem(ok1 && ok2 && q.Comparable(p))), nil
}
