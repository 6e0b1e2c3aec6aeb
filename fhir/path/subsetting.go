package path

import (
	"slices"

	"bima/fhir"
	"bima/fhir/path/syntax"
)

// subsetting holds the functions of N1 sections 5.3 and 5.4.
var subsetting = map[string]function{
	"single":    {0, 0, singleOf},
	"first":     {0, 0, part(func(n int) (int, int) { return 0, min(n, 1) })},
	"last":      {0, 0, part(func(n int) (int, int) { return max(n-1, 0), n })},
	"tail":      {0, 0, part(func(n int) (int, int) { return min(n, 1), n })},
	"skip":      {1, 1, skip},
	"take":      {1, 1, take},
	"intersect": {1, 1, intersect},
	"exclude":   {1, 1, exclude},
	"union":     {1, 1, union},
	"combine":   {1, 2, combine},
	"coalesce":  {1, 20, coalesce},
}

func singleOf(_ *scope, in []Item, _ []step, dst []Item) ([]Item, error) {
	_, _, err := single(in)
	return append(dst, in...), err
}

// part makes a function that keeps a range of n items.
func part(of func(n int) (from, to int)) apply {
	return func(_ *scope, in []Item, _ []step, dst []Item) ([]Item, error) {
		from, to := of(len(in))
		return append(dst, in[from:to]...), nil
	}
}

func skip(sc *scope, in []Item, args []step, dst []Item) ([]Item, error) {
	n, ok, err := sc.integer(args[0])
	if err != nil || !ok {
		return dst, err
	}
	return append(dst, in[clamp(n, len(in)):]...), nil
}

func take(sc *scope, in []Item, args []step, dst []Item) ([]Item, error) {
	n, ok, err := sc.integer(args[0])
	if err != nil || !ok {
		return dst, err
	}
	return append(dst, in[:clamp(n, len(in))]...), nil
}

// clamp keeps n between 0 and length.
func clamp(n int64, length int) int { return int(max(0, min(n, int64(length)))) }

func intersect(sc *scope, in []Item, args []step, dst []Item) ([]Item, error) {
	other, err := sc.collect(args[0])
	if err != nil {
		return dst, err
	}
	s := newSet(sc, dst)
	for i := range in {
		at, err := sc.find(other, &in[i])
		if err != nil {
			return dst, err
		}
		if at < 0 {
			continue
		}
		if _, err := s.add(&in[i]); err != nil {
			return dst, err
		}
	}
	sc.ev.free(other)
	return s.items, nil
}

func exclude(sc *scope, in []Item, args []step, dst []Item) ([]Item, error) {
	other, err := sc.collect(args[0])
	if err != nil {
		return dst, err
	}
	for i := range in {
		at, err := sc.find(other, &in[i])
		if err != nil {
			return dst, err
		}
		if at < 0 {
			dst = append(dst, in[i])
		}
	}
	sc.ev.free(other)
	return dst, nil
}

func union(sc *scope, in []Item, args []step, dst []Item) ([]Item, error) {
	other, err := sc.collect(args[0])
	if err != nil {
		return dst, err
	}
	dst, err = unite(sc, in, other, dst)
	sc.ev.free(other)
	return dst, err
}

// combine joins two collections with duplicates. A second argument, which asks
// to keep the order, changes nothing: the order is always kept.
func combine(sc *scope, in []Item, args []step, dst []Item) ([]Item, error) {
	return args[0].eval(sc, append(dst, in...))
}

// coalesce gives the first argument that is not empty.
func coalesce(sc *scope, _ []Item, args []step, dst []Item) ([]Item, error) {
	before := len(dst)
	for _, a := range args {
		var err error
		if dst, err = a.eval(sc, dst); err != nil || len(dst) > before {
			return dst, err
		}
	}
	return dst, nil
}

// A sortKey is one argument of sort().
type sortKey struct {
	key        step
	descending bool
}

// A sortStep orders items by keys; those without a key come first.
type sortStep struct {
	on   step
	keys []sortKey
}

// compileSort reads the direction of each key: "family desc", or -family, which
// also turns the order of what is no number.
func compileSort(e *syntax.Expr, on step) (step, error) {
	s := &sortStep{on: on}
	for _, arg := range e.Args {
		descending := false
		switch {
		case arg.Kind == syntax.Sorted:
			descending, arg = arg.Text == "desc", arg.On
		case arg.Kind == syntax.Unary && arg.Text == "-":
			descending, arg = true, arg.On
		}
		key, err := compile(arg)
		if err != nil {
			return nil, err
		}
		s.keys = append(s.keys, sortKey{key, descending})
	}
	if len(s.keys) == 0 {
		s.keys = []sortKey{{key: thisStep{}}}
	}
	return s, nil
}

// A sortRow is one item with its keys.
type sortRow struct {
	item Item
	keys []Item
}

func (s *sortStep) eval(sc *scope, dst []Item) ([]Item, error) {
	in, err := sc.collect(s.on)
	if err != nil {
		return dst, err
	}
	rows := make([]sortRow, 0, len(in))
	err = sc.each(in, func(inner *scope, item *Item) (bool, error) {
		row := sortRow{item: *item}
		for _, k := range s.keys {
			key, _, err := inner.one(k.key)
			if err != nil {
				return true, err
			}
			row.keys = append(row.keys, key.system())
		}
		rows = append(rows, row)
		return false, nil
	})
	if err != nil {
		return dst, err
	}
	var failed error
	slices.SortStableFunc(rows, func(a, b sortRow) int {
		order, err := s.order(sc, a.keys, b.keys)
		if err != nil {
			failed = err
		}
		return order
	})
	for _, r := range rows {
		dst = append(dst, r.item)
	}
	sc.ev.free(in)
	return dst, failed
}

func (s *sortStep) order(sc *scope, a, b []Item) (int, error) {
	for i, k := range s.keys {
		x, y := a[i], b[i]
		if x.kind == kindNone || y.kind == kindNone {
			if order := min(int(x.kind), 1) - min(int(y.kind), 1); order != 0 {
				return order, nil
			}
			continue
		}
		order, _, err := sc.compare(x, y)
		if err != nil {
			return 0, err
		}
		if order == 0 {
			continue
		}
		if k.descending {
			order = -order
		}
		return order, nil
	}
	return 0, nil
}

// mustBool gives a Boolean; anything else fails.
func (i Item) mustBool() (bool, error) {
	b, ok := i.Bool()
	if !ok {
		return false, fhir.Errorf(fhir.IssueProcessing, "", "a boolean is expected, not %s", i.describe())
	}
	return b, nil
}
