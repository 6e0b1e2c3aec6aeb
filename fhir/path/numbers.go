package path

import (
	"bima/fhir"
	"bima/fhir/path/system"
)

// onOne lifts an operator on two values to collections: an empty side gives
// nothing, several items fail.
func onOne(fn func(x, y Item) (Item, bool, error)) func(sc *scope, a, b, dst []Item) ([]Item, error) {
	return func(_ *scope, a, b, dst []Item) ([]Item, error) {
		x, ok, err := single(a)
		if err != nil || !ok {
			return dst, err
		}
		y, ok, err := single(b)
		if err != nil || !ok {
			return dst, err
		}
		x, y = x.system(), y.system()
		if x.primitive() && !x.hasValue() || y.primitive() && !y.hasValue() {
			return dst, nil
		}
		result, ok, err := fn(x, y)
		if err != nil || !ok {
			return dst, err
		}
		return append(dst, result), nil
	}
}

// result gives a number: an integer where both operands were, and empty where
// it does not fit into one. Source: N1 section 6.6, overflow.
func result(d system.Decimal, whole, ok bool) (Item, bool, error) {
	if !ok || !whole {
		return decimalItem(d), ok, nil
	}
	n := system.Truncate(d).Unscaled()
	if !n.IsInt64() || n.Int64() > integerMax || n.Int64() < -integerMax-1 {
		return Item{}, false, nil
	}
	return integerItem(n.Int64()), true, nil
}

// numbers gives both operands as decimals, and whether both are integers.
func numbers(x, y Item) (a, b system.Decimal, whole, ok bool) {
	a, ok1 := x.Number()
	b, ok2 := y.Number()
	return a, b, x.kind == kindInteger && y.kind == kindInteger, ok1 && ok2
}

func plus(x, y Item) (Item, bool, error) { return sum(x, y, 1, "added to") }

func minus(x, y Item) (Item, bool, error) { return sum(x, y, -1, "reduced by") }

func sum(x, y Item, sign int, verb string) (Item, bool, error) {
	if a, b, whole, ok := numbers(x, y); ok {
		if sign < 0 {
			b = system.Negate(b)
		}
		d, ok := system.Add(a, b)
		return result(d, whole, ok)
	}
	if s, ok := x.Str(); ok && sign > 0 {
		if t, ok := y.Str(); ok {
			if len(s)+len(t) > stringMax {
				return Item{}, false, tooLong()
			}
			return stringItem(s + t), true, nil
		}
	}
	if q, ok := y.Quantity(); ok {
		if m, ok := x.value.(system.Moment); ok {
			sum, ok, err := system.AddTo(m, q, sign, x.kind == kindTime)
			return Item{kind: x.kind, value: sum}, ok, err
		}
		if p, ok := asQuantity(x); ok {
			sum, ok := p.Plus(q, sign)
			return quantityItem(sum), ok, nil
		}
	}
	if p, ok := x.Quantity(); ok && numeric(y) {
		q, _ := asQuantity(y)
		sum, ok := p.Plus(q, sign)
		return quantityItem(sum), ok, nil
	}
	return Item{}, false, mismatch(verb, x, y)
}

func times(x, y Item) (Item, bool, error) {
	if a, b, whole, ok := numbers(x, y); ok {
		d, ok := system.Multiply(a, b)
		return result(d, whole, ok)
	}
	if !numeric(x) || !numeric(y) {
		return Item{}, false, mismatch("multiplied by", x, y)
	}
	p, _ := asQuantity(x)
	q, _ := asQuantity(y)
	product, ok := p.Times(q)
	return quantityItem(product), ok, nil
}

func over(x, y Item) (Item, bool, error) {
	if a, b, _, ok := numbers(x, y); ok {
		d, ok := system.Divide(a, b)
		return decimalItem(d), ok, nil
	}
	if !numeric(x) || !numeric(y) {
		return Item{}, false, mismatch("divided by", x, y)
	}
	p, _ := asQuantity(x)
	q, _ := asQuantity(y)
	quotient, ok := p.Over(q)
	return quantityItem(quotient), ok, nil
}

func div(x, y Item) (Item, bool, error) {
	a, b, _, ok := numbers(x, y)
	if !ok {
		return Item{}, false, mismatch("divided by", x, y)
	}
	d, ok := system.Div(a, b)
	return result(d, true, ok)
}

func mod(x, y Item) (Item, bool, error) {
	a, b, whole, ok := numbers(x, y)
	if !ok {
		return Item{}, false, mismatch("divided by", x, y)
	}
	d, ok := system.Mod(a, b)
	return result(d, whole, ok)
}

// onNumber lifts a function on a number to a function without arguments. An
// empty input gives nothing; anything but a number fails.
func onNumber(name string, fn func(i Item, d system.Decimal) (Item, bool, error)) apply {
	return func(_ *scope, in []Item, _ []step, dst []Item) ([]Item, error) {
		item, ok, err := single(in)
		if err != nil || !ok {
			return dst, err
		}
		item = item.system()
		if item.primitive() && !item.hasValue() {
			return dst, nil
		}
		d, ok := item.Number()
		if !ok {
			return dst, fhir.Errorf(fhir.IssueProcessing, "", "%s() needs a number, not %s", name, item.describe())
		}
		out, ok, err := fn(item, d)
		if err != nil || !ok {
			return dst, err
		}
		return append(dst, out), nil
	}
}

// mathFunctions holds the functions of N1 section 5.7 and the boundaries of the
// later release, which R4's tests ask for.
var mathFunctions = map[string]function{
	"abs":          {0, 0, absolute},
	"ceiling":      {0, 0, onNumber("ceiling", whole(system.Ceiling))},
	"floor":        {0, 0, onNumber("floor", whole(system.Floor))},
	"truncate":     {0, 0, onNumber("truncate", whole(system.Truncate))},
	"exp":          {0, 0, onNumber("exp", realNumber(system.Exp))},
	"ln":           {0, 0, onNumber("ln", realNumber(system.Ln))},
	"sqrt":         {0, 0, onNumber("sqrt", realNumber(system.Sqrt))},
	"log":          {1, 1, withNumber("log", log)},
	"power":        {1, 1, withNumber("power", power)},
	"round":        {0, 1, round},
	"lowBoundary":  {0, 1, boundary(system.Low)},
	"highBoundary": {0, 1, boundary(system.High)},
	"precision":    {0, 0, precision},
	"comparable":   {1, 1, isComparable},
}

func whole(fn func(system.Decimal) system.Decimal) func(Item, system.Decimal) (Item, bool, error) {
	return func(_ Item, d system.Decimal) (Item, bool, error) { return result(fn(d), true, true) }
}

func realNumber(fn func(system.Decimal) (system.Decimal, bool)) func(Item, system.Decimal) (Item, bool, error) {
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
	q, ok := asQuantity(item)
	switch {
	case !ok && !item.hasValue() && item.primitive():
		return dst, nil
	case !ok:
		return dst, fhir.Errorf(fhir.IssueProcessing, "", "abs() needs a number, not %s", item.describe())
	case q.Value.Sign() < 0:
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

func isComparable(sc *scope, in []Item, args []step, dst []Item) ([]Item, error) {
	item, ok, err := single(in)
	if err != nil || !ok {
		return dst, err
	}
	other, ok, err := sc.one(args[0])
	if err != nil || !ok {
		return dst, err
	}
	q, ok1 := asQuantity(item)
	p, ok2 := asQuantity(other)
	return append(dst, booleanItem(ok1 && ok2 && q.Comparable(p))), nil
}
