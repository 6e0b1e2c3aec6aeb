package path

import (
	"strings"

	"bima/fhir"
	"bima/fhir/path/syntax"
	"bima/fhir/path/system"
)

// conversions holds the functions of N1 section 5.5, but iif.
var conversions = map[string]function{
	"toBoolean":          {0, 0, convert(toBoolean)},
	"toInteger":          {0, 0, convert(toInteger)},
	"toDecimal":          {0, 0, convert(toDecimal)},
	"toString":           {0, 0, convert(toString)},
	"toDate":             {0, 0, convert(toDate)},
	"toDateTime":         {0, 0, convert(toDateTime)},
	"toTime":             {0, 0, convert(toTime)},
	"toQuantity":         {0, 1, toQuantityIn},
	"convertsToBoolean":  {0, 0, converts(toBoolean)},
	"convertsToInteger":  {0, 0, converts(toInteger)},
	"convertsToDecimal":  {0, 0, converts(toDecimal)},
	"convertsToString":   {0, 0, converts(toString)},
	"convertsToDate":     {0, 0, converts(toDate)},
	"convertsToDateTime": {0, 0, converts(toDateTime)},
	"convertsToTime":     {0, 0, converts(toTime)},
	"convertsToQuantity": {0, 1, convertsToQuantity},
}

// A conversion gives a system value as another type; not ok where it can't.
type conversion func(i Item) (Item, bool)

func convert(to conversion) apply {
	return func(_ *scope, in []Item, _ []step, dst []Item) ([]Item, error) {
		item, ok, err := single(in)
		if err != nil || !ok {
			return dst, err
		}
		if out, ok := to(item.system()); ok {
			dst = append(dst, out)
		}
		return dst, nil
	}
}

func converts(to conversion) apply {
	return func(_ *scope, in []Item, _ []step, dst []Item) ([]Item, error) {
		item, ok, err := single(in)
		if err != nil || !ok {
			return dst, err
		}
		_, ok = to(item.system())
		return append(dst, booleanItem(ok)), nil
	}
}

func toBoolean(i Item) (Item, bool) {
	switch i.kind {
	case kindBoolean:
		return i, true
	case kindInteger, kindDecimal:
		d, _ := i.Number()
		if d.Cmp(system.Integer(1)) == 0 {
			return booleanItem(true), true
		}
		return booleanItem(false), d.Sign() == 0
	case kindString:
		switch strings.ToLower(i.Text()) {
		case "true", "t", "yes", "y", "1", "1.0":
			return booleanItem(true), true
		case "false", "f", "no", "n", "0", "0.0":
			return booleanItem(false), true
		}
	}
	return Item{}, false
}

func toInteger(i Item) (Item, bool) {
	switch i.kind {
	case kindInteger:
		return i, true
	case kindBoolean:
		return integerItem(i.num), true
	case kindString:
		text := strings.TrimPrefix(i.Text(), "+")
		if text == "" || strings.ContainsAny(text, ".eE+") {
			return Item{}, false
		}
		sign := ""
		if text[0] == '-' {
			sign, text = "-", text[1:]
		}
		d, err := fhir.ParseDecimal(sign + trimZeros(text))
		if err != nil {
			return Item{}, false
		}
		n, ok, err := result(d, true, true)
		return n, ok && err == nil
	}
	return Item{}, false
}

func toDecimal(i Item) (Item, bool) {
	switch i.kind {
	case kindDecimal:
		return i, true
	case kindInteger, kindBoolean:
		return decimalItem(system.Integer(i.num)), true
	case kindString:
		text := strings.TrimPrefix(i.Text(), "+")
		if text == "" || strings.ContainsAny(text, "eE+") {
			return Item{}, false
		}
		sign := ""
		if text[0] == '-' {
			sign, text = "-", text[1:]
		}
		d, err := fhir.ParseDecimal(sign + trimZeros(text))
		return decimalItem(d), err == nil
	}
	return Item{}, false
}

func toString(i Item) (Item, bool) {
	if i.kind == kindString {
		return i, true
	}
	return stringItem(i.Text()), i.System() && i.kind != kindType
}

func toDate(i Item) (Item, bool) {
	switch i.kind {
	case kindDate:
		return i, true
	case kindDateTime:
		m, _ := i.Moment()
		m.Precision, m.Digits, m.Zoned = min(m.Precision, fhir.PrecisionDay), 0, false
		return Item{kind: kindDate, value: m}, true
	case kindString:
		text := i.Text()
		if m, err := fhir.ParseDate(text); err == nil {
			return Item{kind: kindDate, value: m}, true
		}
		if s, ok := toDateTime(i); ok {
			return toDate(s)
		}
	}
	return Item{}, false
}

func toDateTime(i Item) (Item, bool) {
	switch i.kind {
	case kindDateTime:
		return i, true
	case kindDate:
		return Item{kind: kindDateTime, value: i.value}, true
	case kindString:
		m, err := fhir.ParsePartialDateTime(i.Text())
		return Item{kind: kindDateTime, value: m}, err == nil
	}
	return Item{}, false
}

func toTime(i Item) (Item, bool) {
	switch i.kind {
	case kindTime:
		return i, true
	case kindString:
		m, err := system.ParseTime(strings.TrimPrefix(i.Text(), "T"))
		return Item{kind: kindTime, value: m}, err == nil
	}
	return Item{}, false
}

func toQuantity(i Item) (system.Quantity, bool) {
	switch i.kind {
	case kindQuantity:
		return i.Quantity()
	case kindInteger, kindDecimal, kindBoolean:
		d, _ := toDecimal(i)
		return asQuantity(d)
	case kindString:
		return system.ParseQuantity(i.Text(), syntax.IsCalendarUnit)
	}
	return system.Quantity{}, false
}

// inUnit evaluates toQuantity() with its optional unit.
func inUnit(sc *scope, in []Item, args []step) (q system.Quantity, given, ok bool, err error) {
	item, given, err := single(in)
	if err != nil || !given {
		return q, false, false, err
	}
	if q, ok = toQuantity(item.system()); !ok || len(args) == 0 {
		return q, true, ok, nil
	}
	unit, ok, err := sc.str(args[0])
	if err != nil || !ok {
		return q, true, false, err
	}
	target := system.Quantity{Unit: unit, Calendar: syntax.IsCalendarUnit(unit)}
	if target.Value, ok = q.In(target); !ok {
		return q, true, false, nil
	}
	return target, true, true, nil
}

func toQuantityIn(sc *scope, in []Item, args []step, dst []Item) ([]Item, error) {
	q, _, ok, err := inUnit(sc, in, args)
	if err != nil || !ok {
		return dst, err
	}
	return append(dst, quantityItem(q)), nil
}

func convertsToQuantity(sc *scope, in []Item, args []step, dst []Item) ([]Item, error) {
	_, given, ok, err := inUnit(sc, in, args)
	if err != nil || !given {
		return dst, err
	}
	return append(dst, booleanItem(ok)), nil
}

// An iifStep is iif(criterion, then, otherwise): only one of the two is evaluated.
type iifStep struct {
	on                         step
	criterion, then, otherwise step
	implicit                   bool // applied to $this, which then keeps its index
}

func compileIif(e *syntax.Expr, on step) (step, error) {
	if len(e.Args) < 2 || len(e.Args) > 3 {
		return nil, e.Errorf("iif() takes 2 to 3 arguments, not %d", len(e.Args))
	}
	switch e.Args[0].Kind {
	case syntax.String, syntax.Number, syntax.Date, syntax.DateTime, syntax.Time, syntax.Quantity:
		return nil, e.Args[0].Errorf("the criterion of iif() is no boolean")
	}
	args, err := compileAll(e.Args)
	if err != nil {
		return nil, err
	}
	s := &iifStep{on: on, criterion: args[0], then: args[1], otherwise: emptyStep{}, implicit: e.On == nil}
	if len(args) == 3 {
		s.otherwise = args[2]
	}
	return s, nil
}

func (s *iifStep) eval(sc *scope, dst []Item) ([]Item, error) {
	defer sc.keep(sc.variables)
	if s.implicit {
		return s.choose(sc, dst)
	}
	item, ok, err := sc.one(s.on)
	if err != nil {
		return dst, err
	}
	inner, err := sc.inner()
	if err != nil {
		return dst, err
	}
	inner.this, inner.has, inner.variables = item, ok, sc.variables
	dst, err = s.choose(inner, dst)
	sc.ev.leave()
	return dst, err
}

func (s *iifStep) choose(sc *scope, dst []Item) ([]Item, error) {
	items, err := sc.collect(s.criterion)
	if err != nil {
		return dst, err
	}
	item, ok, err := single(items)
	sc.ev.free(items)
	if err != nil {
		return dst, err
	}
	if ok && item.System() && item.kind != kindBoolean {
		return dst, fhir.Errorf(fhir.IssueProcessing, "", "the criterion of iif() is no boolean but %s", item.describe())
	}
	chosen := s.otherwise
	if b, isBool := item.Bool(); ok && (b || !isBool) {
		chosen = s.then
	}
	return chosen.eval(sc, dst)
}
