package path

import (
	"maps"
	"slices"
	"time"

	"bima/fhir"
	"bima/fhir/path/syntax"
	"bima/fhir/path/system"
)

// An apply is what a function does: from its input and arguments to its result,
// which it adds to dst. Arguments are steps, for some functions evaluate them
// once for each item.
type apply func(sc *scope, in []Item, args []step, dst []Item) ([]Item, error)

// A function is a function of the language with how many arguments it takes.
type function struct {
	min, max int
	fn       apply
}

// functions are all but those that compileCall treats by itself.
var functions = merge(existence, subsetting, conversions, stringFunctions, mathFunctions, treeFunctions, fhirFunctions, utilities)

func merge(tables ...map[string]function) map[string]function {
	all := map[string]function{}
	for _, t := range tables {
		maps.Copy(all, t)
	}
	return all
}

// A call is a function applied to what on gives.
type call struct {
	on   step
	args []step
	fn   apply
}

func (c *call) eval(sc *scope, dst []Item) ([]Item, error) {
	in, err := sc.collect(c.on)
	if err != nil {
		return dst, err
	}
	before, variables := len(dst), sc.variables
	dst, err = c.fn(sc, in, c.args, dst)
	if err != nil {
		return dst, err
	}
	sc.variables = variables
	sc.ev.free(in)
	return dst, sc.ev.charge(dst[before:])
}

func compileCall(e *syntax.Expr) (step, error) {
	var on step = thisStep{}
	var err error
	if e.On != nil {
		if on, err = compile(e.On); err != nil {
			return nil, err
		}
	}
	switch e.Text {
	case "is", "as", "ofType":
		return compileTypeCall(e, on)
	case "sort":
		return compileSort(e, on)
	case "defineVariable":
		return compileDefine(e, on)
	case "iif":
		return compileIif(e, on)
	}
	f, ok := functions[e.Text]
	if !ok {
		return nil, e.Errorf("there is no function %s()", e.Text)
	}
	if len(e.Args) < f.min || len(e.Args) > f.max {
		return nil, e.Errorf("%s() takes %s, not %d", e.Text, f.takes(), len(e.Args))
	}
	args, err := compileArgs(e.Args)
	if err != nil {
		return nil, err
	}
	if m, err := compilePattern(e, on, args); m != nil || err != nil {
		return m, err
	}
	return &call{on: on, args: args, fn: f.fn}, nil
}

func (f function) takes() string {
	switch {
	case f.min == f.max && f.min == 1:
		return "1 argument"
	case f.min == f.max:
		return decimalText(f.min) + " arguments"
	}
	return decimalText(f.min) + " to " + decimalText(f.max) + " arguments"
}

func decimalText(n int) string { return integerItem(int64(n)).Text() }

// each runs body for every item as $this, until it reports to stop.
func (sc *scope) each(in []Item, body func(s *scope, item *Item) (stop bool, err error)) error {
	s, err := sc.inner()
	if err != nil {
		return err
	}
	for i := range in {
		s.this, s.has, s.index, s.variables = in[i], true, i, sc.variables
		stop, err := body(s, &in[i])
		if err != nil {
			return err
		}
		if stop {
			break
		}
	}
	sc.ev.leave()
	return nil
}

// existence holds the functions of N1 sections 5.1 and 5.2.
var existence = map[string]function{
	"empty":      {0, 0, isEmpty},
	"exists":     {0, 1, exists},
	"all":        {1, 1, all},
	"allTrue":    {0, 0, everyIs(true)},
	"allFalse":   {0, 0, everyIs(false)},
	"anyTrue":    {0, 0, anyIs(true)},
	"anyFalse":   {0, 0, anyIs(false)},
	"subsetOf":   {1, 1, subsetOf},
	"supersetOf": {1, 1, supersetOf},
	"count":      {0, 0, count},
	"distinct":   {0, 0, distinct},
	"isDistinct": {0, 0, isDistinct},
	"not":        {0, 0, not},
	"where":      {1, 1, where},
	"select":     {1, 1, selectAll},
	"repeat":     {1, 1, repeat},
	"aggregate":  {1, 2, aggregate},
}

func isEmpty(_ *scope, in []Item, _ []step, dst []Item) ([]Item, error) {
	return append(dst, booleanItem(len(in) == 0)), nil
}

func exists(sc *scope, in []Item, args []step, dst []Item) ([]Item, error) {
	found := len(in) > 0
	if len(args) > 0 {
		found = false
		err := sc.each(in, func(s *scope, _ *Item) (bool, error) {
			t, err := s.truth(args[0])
			found = t == yes
			return found, err
		})
		if err != nil {
			return dst, err
		}
	}
	return append(dst, booleanItem(found)), nil
}

func all(sc *scope, in []Item, args []step, dst []Item) ([]Item, error) {
	holds := true
	err := sc.each(in, func(s *scope, _ *Item) (bool, error) {
		t, err := s.truth(args[0])
		holds = t == yes
		return !holds, err
	})
	return append(dst, booleanItem(holds)), err
}

// everyIs makes allTrue and allFalse, which hold of nothing too.
func everyIs(want bool) apply {
	return func(_ *scope, in []Item, _ []step, dst []Item) ([]Item, error) {
		holds := true
		for i := range in {
			b, err := in[i].mustBool()
			if err != nil {
				return dst, err
			}
			holds = holds && b == want
		}
		return append(dst, booleanItem(holds)), nil
	}
}

// anyIs makes anyTrue and anyFalse.
func anyIs(want bool) apply {
	return func(_ *scope, in []Item, _ []step, dst []Item) ([]Item, error) {
		holds := false
		for i := range in {
			b, err := in[i].mustBool()
			if err != nil {
				return dst, err
			}
			holds = holds || b == want
		}
		return append(dst, booleanItem(holds)), nil
	}
}

func subsetOf(sc *scope, in []Item, args []step, dst []Item) ([]Item, error) {
	other, err := sc.collect(args[0])
	if err != nil {
		return dst, err
	}
	ok, err := sc.inAll(in, other)
	sc.ev.free(other)
	return append(dst, booleanItem(ok)), err
}

func supersetOf(sc *scope, in []Item, args []step, dst []Item) ([]Item, error) {
	other, err := sc.collect(args[0])
	if err != nil {
		return dst, err
	}
	ok, err := sc.inAll(other, in)
	sc.ev.free(other)
	return append(dst, booleanItem(ok)), err
}

// inAll reports whether every item of a is in b.
func (sc *scope) inAll(a, b []Item) (bool, error) {
	for i := range a {
		at, err := sc.find(b, &a[i])
		if err != nil || at < 0 {
			return false, err
		}
	}
	return true, nil
}

func count(_ *scope, in []Item, _ []step, dst []Item) ([]Item, error) {
	return append(dst, integerItem(int64(len(in)))), nil
}

func distinct(sc *scope, in []Item, _ []step, dst []Item) ([]Item, error) {
	s := newSet(sc, dst)
	err := s.addAll(in)
	return s.items, err
}

func isDistinct(sc *scope, in []Item, _ []step, dst []Item) ([]Item, error) {
	s := newSet(sc, sc.ev.buffer())
	for i := range in {
		added, err := s.add(&in[i])
		if err != nil {
			return dst, err
		}
		if !added {
			sc.ev.free(s.items)
			return append(dst, booleanItem(false)), nil
		}
	}
	sc.ev.free(s.items)
	return append(dst, booleanItem(true)), nil
}

func not(_ *scope, in []Item, _ []step, dst []Item) ([]Item, error) {
	t, err := condition(in)
	return appendTruth(dst, t.not()), err
}

func where(sc *scope, in []Item, args []step, dst []Item) ([]Item, error) {
	err := sc.each(in, func(s *scope, item *Item) (bool, error) {
		t, err := s.truth(args[0])
		if t == yes {
			dst = append(dst, *item)
		}
		return false, err
	})
	return dst, err
}

func selectAll(sc *scope, in []Item, args []step, dst []Item) ([]Item, error) {
	before := len(dst)
	err := sc.each(in, func(s *scope, _ *Item) (bool, error) {
		var err error
		if dst, err = args[0].eval(s, dst); err != nil {
			return true, err
		}
		return false, s.ev.within(len(dst) - before)
	})
	return dst, err
}

// repeat applies the projection to its own results until nothing new comes.
func repeat(sc *scope, in []Item, args []step, dst []Item) ([]Item, error) {
	s := newSet(sc, dst)
	queue := append(sc.ev.buffer(), in...)
	for len(queue) > 0 {
		next := sc.ev.buffer()
		found, err := selectAll(sc, queue, args, sc.ev.buffer())
		if err != nil {
			return dst, err
		}
		if err := sc.ev.within(len(s.items)); err != nil {
			return dst, err
		}
		for i := range found {
			added, err := s.add(&found[i])
			if err != nil {
				return dst, err
			}
			if added {
				next = append(next, found[i])
			}
		}
		sc.ev.free(found)
		sc.ev.free(queue)
		queue = next
	}
	sc.ev.free(queue)
	return s.items, nil
}

func aggregate(sc *scope, in []Item, args []step, dst []Item) ([]Item, error) {
	var total []Item
	if len(args) > 1 {
		initial, err := args[1].eval(sc, nil)
		if err != nil {
			return dst, err
		}
		total = initial
	}
	err := sc.each(in, func(s *scope, _ *Item) (bool, error) {
		s.total = total
		next, err := args[0].eval(s, nil)
		total = next
		return false, err
	})
	return append(dst, total...), err
}

// utilities holds the functions of N1 section 5.9 and type().
var utilities = map[string]function{
	"trace":     {1, 2, trace},
	"now":       {0, 0, now},
	"today":     {0, 0, today},
	"timeOfDay": {0, 0, timeOfDay},
	"type":      {0, 0, typeInfos},
}

func trace(sc *scope, in []Item, args []step, dst []Item) ([]Item, error) {
	name, _, err := sc.str(args[0])
	if err != nil {
		return dst, err
	}
	if c := sc.ev.context; c != nil && c.Trace != nil {
		shown := slices.Clone(in)
		if len(args) > 1 {
			if shown, err = selectAll(sc, in, args[1:], nil); err != nil {
				return dst, err
			}
		}
		c.Trace(name, shown)
	}
	return append(dst, in...), nil
}

func now(sc *scope, _ []Item, _ []step, dst []Item) ([]Item, error) {
	m := system.Moment{First: sc.ev.clock(), Precision: fhir.PrecisionFraction, Digits: 3, Zoned: true}
	return append(dst, Item{kind: kindDateTime, value: m}), nil
}

func today(sc *scope, _ []Item, _ []step, dst []Item) ([]Item, error) {
	y, month, day := sc.ev.clock().Date()
	m := system.Moment{First: time.Date(y, month, day, 0, 0, 0, 0, time.UTC), Precision: fhir.PrecisionDay}
	return append(dst, Item{kind: kindDate, value: m}), nil
}

func timeOfDay(sc *scope, _ []Item, _ []step, dst []Item) ([]Item, error) {
	t := sc.ev.clock()
	first := time.Date(1, 1, 1, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
	m := system.Moment{First: first, Precision: fhir.PrecisionFraction, Digits: 3}
	return append(dst, Item{kind: kindTime, value: m}), nil
}

func typeInfos(_ *scope, in []Item, _ []step, dst []Item) ([]Item, error) {
	for i := range in {
		dst = append(dst, Item{kind: kindType, value: typeOf(&in[i])})
	}
	return dst, nil
}
