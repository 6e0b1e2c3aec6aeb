package path

import (
	"sync"
	"time"

	"bima/fhir"
)

// workMax bounds the work of one evaluation: items made, steps done and
// comparisons. The most costly R4 invariant on the largest example takes 1 %.
const workMax = 20_000_000

// stringMax is the longest string an evaluation may make, in bytes.
const stringMax = 4 << 20

// nestingMax bounds how deep lambdas may be evaluated in each other.
const nestingMax = 200

// An evaluation is one run of an expression.
type evaluation struct {
	context *Context
	root    Item // %context
	now     time.Time
	work    int
	buffers [][]Item
	scopes  []*scope
	depth   int
}

// A scope is what $this, $index, $total and defined variables mean at one place.
type scope struct {
	ev        *evaluation
	this      Item
	has       bool // whether there is a $this; not on an empty collection
	index     int
	total     []Item
	variables *variable
}

// A variable is what defineVariable() made, in front of those made before.
type variable struct {
	name  string
	value []Item
	next  *variable
}

var evaluations = sync.Pool{New: func() any { return new(evaluation) }}

// begin takes an evaluation from the pool, with its outermost scope.
func begin(c *Context, root Item) *scope {
	ev := evaluations.Get().(*evaluation)
	ev.context, ev.root, ev.work, ev.depth = c, root, workMax, 0
	sc := ev.scope()
	sc.this, sc.has = root, true
	return sc
}

// end gives the evaluation back. Nothing of it may be used afterwards.
func (ev *evaluation) end() {
	for _, s := range ev.scopes {
		*s = scope{}
	}
	ev.context, ev.root, ev.now = nil, Item{}, time.Time{}
	evaluations.Put(ev)
}

// scope gives an empty scope; leave gives it back.
func (ev *evaluation) scope() *scope {
	if ev.depth == len(ev.scopes) {
		ev.scopes = append(ev.scopes, new(scope))
	}
	s := ev.scopes[ev.depth]
	ev.depth++
	*s = scope{ev: ev}
	return s
}

func (ev *evaluation) leave() { ev.depth-- }

// inner gives a scope within sc in which lambdas run.
func (sc *scope) inner() (*scope, error) {
	if sc.ev.depth >= nestingMax {
		return nil, fhir.Errorf(fhir.IssueTooCostly, "", "the expression nests evaluations deeper than %d", nestingMax)
	}
	s := sc.ev.scope()
	s.total, s.variables, s.index = sc.total, sc.variables, sc.index
	return s, nil
}

// buffer gives an empty slice to collect items in; free gives it back.
func (ev *evaluation) buffer() []Item {
	n := len(ev.buffers)
	if n == 0 {
		return make([]Item, 0, 16)
	}
	b := ev.buffers[n-1]
	ev.buffers = ev.buffers[:n-1]
	return b[:0]
}

func (ev *evaluation) free(b []Item) {
	clear(b)
	ev.buffers = append(ev.buffers, b)
}

// spend counts work; it fails when there is too much.
func (ev *evaluation) spend(n int) error {
	if ev.work -= n + 1; ev.work < 0 {
		return fhir.Errorf(fhir.IssueTooCostly, "", "evaluating the expression takes more than %d steps", workMax)
	}
	return nil
}

// clock gives the one moment that now() is during an evaluation.
func (ev *evaluation) clock() time.Time {
	if ev.now.IsZero() {
		ev.now = time.Now().UTC()
		if ev.context != nil && !ev.context.Now.IsZero() {
			ev.now = ev.context.Now
		}
	}
	return ev.now
}

// collect evaluates a step into a buffer, which the caller frees.
func (sc *scope) collect(s step) ([]Item, error) {
	if err := sc.ev.spend(1); err != nil {
		return nil, err
	}
	return s.eval(sc, sc.ev.buffer())
}

// one evaluates a step that must give at most one item.
func (sc *scope) one(s step) (item Item, ok bool, err error) {
	items, err := sc.collect(s)
	if err != nil {
		return Item{}, false, err
	}
	item, ok, err = single(items)
	sc.ev.free(items)
	return item, ok, err
}

// single gives the only item. It fails when there are several.
func single(items []Item) (Item, bool, error) {
	switch len(items) {
	case 0:
		return Item{}, false, nil
	case 1:
		return items[0], true, nil
	}
	return Item{}, false, fhir.Errorf(fhir.IssueProcessing, "", "there are %d items where one is expected", len(items))
}

// A truth is a Boolean or empty.
type truth uint8

const (
	unknown truth = iota
	no
	yes
)

func truthOf(b bool) truth {
	if b {
		return yes
	}
	return no
}

// appendTruth adds the Boolean, or nothing where it is unknown.
func appendTruth(dst []Item, t truth) []Item {
	if t == unknown {
		return dst
	}
	return append(dst, booleanItem(t == yes))
}

// truth evaluates a step as a condition: one item that is not a Boolean is
// true. Source: N1 section 4.5, singleton evaluation.
func (sc *scope) truth(s step) (truth, error) {
	items, err := sc.collect(s)
	if err != nil {
		return unknown, err
	}
	t, err := condition(items)
	sc.ev.free(items)
	return t, err
}

func condition(items []Item) (truth, error) {
	item, ok, err := single(items)
	if !ok || err != nil {
		return unknown, err
	}
	if b, ok := item.Bool(); ok {
		return truthOf(b), nil
	}
	if item.typ != nil && item.typ.Name == "boolean" {
		return unknown, nil
	}
	return yes, nil
}
