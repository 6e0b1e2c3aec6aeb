package path

import (
	"cmp"

	"bima/fhir"
	"bima/fhir/path/syntax"
	"bima/fhir/path/system"
)

// A logical is and, or, xor or implies.
type logical struct {
	left, right step
	table       *[3][3]truth // by left and right
	settled     truth        // a left side that needs no right one
}

// The truth tables by unknown, no, yes. Source: N1 section 6.5.
var (
	andTable     = [3][3]truth{{unknown, no, unknown}, {no, no, no}, {unknown, no, yes}}
	orTable      = [3][3]truth{{unknown, unknown, yes}, {unknown, no, yes}, {yes, yes, yes}}
	xorTable     = [3][3]truth{{unknown, unknown, unknown}, {unknown, no, yes}, {unknown, yes, no}}
	impliesTable = [3][3]truth{{unknown, unknown, yes}, {yes, yes, yes}, {unknown, no, yes}}
)

func (l *logical) eval(sc *scope, dst []Item) ([]Item, error) {
	defer sc.keep(sc.variables)
	a, err := sc.truth(l.left)
	if err != nil {
		return dst, err
	}
	if l.settled != unknown && a == l.settled {
		return appendTruth(dst, l.table[a][yes]), nil
	}
	b, err := sc.truth(l.right)
	if err != nil {
		return dst, err
	}
	return appendTruth(dst, l.table[a][b]), nil
}

// keep undoes the variables that an operand defined.
func (sc *scope) keep(v *variable) { sc.variables = v }

// A binary is an operator on two collections.
type binary struct {
	left, right step
	fn          func(sc *scope, a, b, dst []Item) ([]Item, error)
}

func (o *binary) eval(sc *scope, dst []Item) ([]Item, error) {
	before := sc.variables
	a, err := sc.collect(o.left)
	if err != nil {
		return dst, err
	}
	sc.variables = before
	b, err := sc.collect(o.right)
	if err != nil {
		return dst, err
	}
	sc.variables = before
	from := len(dst)
	if dst, err = o.fn(sc, a, b, dst); err != nil {
		return dst, err
	}
	sc.ev.free(a)
	sc.ev.free(b)
	return dst, sc.ev.charge(dst[from:])
}

func compileBinary(e *syntax.Expr) (step, error) {
	left, err := compile(e.On)
	if err != nil {
		return nil, err
	}
	right, err := compile(e.Args[0])
	if err != nil {
		return nil, err
	}
	switch e.Text {
	case "and":
		return &logical{left, right, &andTable, no}, nil
	case "or":
		return &logical{left, right, &orTable, yes}, nil
	case "xor":
		return &logical{left, right, &xorTable, unknown}, nil
	case "implies":
		return &logical{left, right, &impliesTable, no}, nil
	}
	return &binary{left, right, binaries[e.Text]}, nil
}

var binaries = map[string]func(sc *scope, a, b, dst []Item) ([]Item, error){
	"=":        equals,
	"!=":       notEquals,
	"~":        equivalentTo,
	"!~":       notEquivalentTo,
	"<":        compareWith(func(order int) bool { return order < 0 }),
	"<=":       compareWith(func(order int) bool { return order <= 0 }),
	">":        compareWith(func(order int) bool { return order > 0 }),
	">=":       compareWith(func(order int) bool { return order >= 0 }),
	"|":        unite,
	"in":       func(sc *scope, a, b, dst []Item) ([]Item, error) { return contains(sc, b, a, dst) },
	"contains": contains,
	"&":        concatenate,
	"+":        onOne(plus),
	"-":        onOne(minus),
	"*":        onOne(times),
	"/":        onOne(over),
	"div":      onOne(div),
	"mod":      onOne(mod),
}

func equals(sc *scope, a, b, dst []Item) ([]Item, error) {
	t, err := sc.equalAll(a, b)
	return appendTruth(dst, t), err
}

func notEquals(sc *scope, a, b, dst []Item) ([]Item, error) {
	t, err := sc.equalAll(a, b)
	return appendTruth(dst, t.not()), err
}

func (t truth) not() truth { return [...]truth{unknown, yes, no}[t] }

func equivalentTo(sc *scope, a, b, dst []Item) ([]Item, error) {
	ok, err := sc.equivalentAll(a, b)
	return append(dst, booleanItem(ok)), err
}

func notEquivalentTo(sc *scope, a, b, dst []Item) ([]Item, error) {
	ok, err := sc.equivalentAll(a, b)
	return append(dst, booleanItem(!ok)), err
}

// unite is the operator |: both sides without duplicates.
func unite(sc *scope, a, b, dst []Item) ([]Item, error) {
	s := newSet(sc, dst)
	if err := s.addAll(a); err != nil {
		return dst, err
	}
	err := s.addAll(b)
	return s.items, err
}

// contains is the membership of the one item of b in a.
func contains(sc *scope, a, b, dst []Item) ([]Item, error) {
	item, ok, err := single(b)
	if err != nil || !ok {
		return dst, err
	}
	at, err := sc.find(a, &item)
	return append(dst, booleanItem(at >= 0)), err
}

// concatenate is the operator &: empty counts as "".
func concatenate(_ *scope, a, b, dst []Item) ([]Item, error) {
	var text string
	for _, side := range [...][]Item{a, b} {
		item, ok, err := single(side)
		if err != nil {
			return dst, err
		}
		if ok {
			s, _, err := item.mustStr()
			if err != nil {
				return dst, err
			}
			text += s
		}
	}
	if len(text) > stringMax {
		return dst, tooLong()
	}
	return append(dst, stringItem(text)), nil
}

func tooLong() error {
	return fhir.Errorf(fhir.IssueTooCostly, "", "the expression makes a string of more than %d bytes", stringMax)
}

// compareWith makes <, <=, > or >= of what an order means to it.
func compareWith(holds func(order int) bool) func(sc *scope, a, b, dst []Item) ([]Item, error) {
	return func(sc *scope, a, b, dst []Item) ([]Item, error) {
		x, ok, err := single(a)
		if err != nil || !ok {
			return dst, err
		}
		y, ok, err := single(b)
		if err != nil || !ok {
			return dst, err
		}
		order, known, err := sc.compare(x.system(), y.system())
		if err != nil || !known {
			return dst, err
		}
		return append(dst, booleanItem(holds(order))), nil
	}
}

// compare orders two system values. It fails when they are not of types that
// have an order between them. Source: N1 section 6.2.
func (sc *scope) compare(x, y Item) (order int, known bool, err error) {
	if s, ok := x.Str(); ok {
		if t, ok := y.Str(); ok {
			return cmp.Compare(s, t), true, nil
		}
	}
	switch {
	case x.primitive() && !x.hasValue() || y.primitive() && !y.hasValue():
		return 0, false, nil
	case x.kind == kindInteger && y.kind == kindInteger:
		return cmp.Compare(x.num, y.num), true, nil
	case numeric(x) && numeric(y):
		order, known = quantityOrder(x, y)
		return order, known, nil
	case moment(x) && moment(y) && (x.kind == kindTime) == (y.kind == kindTime):
		order, known = sc.order(x, y)
		return order, known, nil
	}
	return 0, false, mismatch("compared with", x, y)
}

func mismatch(verb string, x, y Item) error {
	return fhir.Errorf(fhir.IssueProcessing, "", "%s can't be %s %s", x.describe(), verb, y.describe())
}

func compileUnary(e *syntax.Expr) (step, error) {
	on, err := compile(e.On)
	if err != nil {
		return nil, err
	}
	if l, ok := on.(*literal); ok && e.Text == "-" {
		item, err := negate(l.item)
		return &literal{item}, err
	}
	return &unary{on, e.Text == "-"}, nil
}

type unary struct {
	on     step
	negate bool
}

func (u *unary) eval(sc *scope, dst []Item) ([]Item, error) {
	item, ok, err := sc.one(u.on)
	if err != nil || !ok {
		return dst, err
	}
	item = item.system()
	if !numeric(item) {
		return dst, fhir.Errorf(fhir.IssueProcessing, "", "+ and - before a value need a number, not %s", item.describe())
	}
	if u.negate {
		item, err = negate(item)
	}
	return append(dst, item), err
}

func negate(i Item) (Item, error) {
	switch v := i.value.(type) {
	case system.Decimal:
		return decimalItem(system.Negate(v)), nil
	case system.Quantity:
		v.Value = system.Negate(v.Value)
		return quantityItem(v), nil
	}
	if i.kind == kindInteger {
		return integerItem(-i.num), nil
	}
	return Item{}, fhir.Errorf(fhir.IssueInvalid, "", "- before a value needs a number, not %s", i.describe())
}
