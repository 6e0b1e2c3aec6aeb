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
