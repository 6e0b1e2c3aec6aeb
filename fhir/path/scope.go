package path

import (
	"slices"
	"strings"
	"sync"
	"time"

	"bima/fhir"
	"bima/fhir/path/syntax"
)

// workMax bounds the work of one evaluation: items made, steps done,
// comparisons, and bytes of strings in portions of workBytes. It takes about
// two seconds to use it up.
const (
	workMax   = 10_000_000
	workBytes = 64
)

// itemsMax is the most items one step may make: the elements of a Bundle of
// some thousand resources.
const itemsMax = 500_000

// kept is the largest buffer that is kept for the next evaluation, in items.
const kept = 4096

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
	has       bool   // whether there is a $this; not on an empty collection
	focus     []Item // several items that names and $this stand for; nil means this
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
	ev.context, ev.root, ev.work, ev.depth = c, root, c.steps(), 0
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
	if cap(b) > kept {
		return
	}
	clear(b)
	ev.buffers = append(ev.buffers, b)
}

// spend counts work; it fails when there is too much.
func (ev *evaluation) spend(n int) error {
	if ev.work -= n + 1; ev.work < 0 {
		return fhir.Errorf(fhir.IssueTooCostly, "", "evaluating the expression takes more steps than it may")
	}
	return nil
}

// charge counts the items that a step made.
func (ev *evaluation) charge(made []Item) error {
	n := len(made)
	if err := ev.within(n); err != nil {
		return err
	}
	for i := range made {
		if text, ok := made[i].value.(string); ok {
			n += len(text) / workBytes
		}
	}
	return ev.spend(n)
}

// within fails for a collection with too many items.
func (ev *evaluation) within(items int) error {
	if items > itemsMax {
		return fhir.Errorf(fhir.IssueTooCostly, "", "the expression makes a collection of more than %d items", itemsMax)
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

// A variableStep is %name.
type variableStep string

// Code systems and the places of value sets and extensions. Source: R4
// fhirpath.html#variables.
const (
	sctURL        = "http://snomed.info/sct"
	loincURL      = "http://loinc.org"
	valueSetBase  = "http://hl7.org/fhir/ValueSet/"
	extensionBase = "http://hl7.org/fhir/StructureDefinition/"
)

func (name variableStep) eval(sc *scope, dst []Item) ([]Item, error) {
	for v := sc.variables; v != nil; v = v.next {
		if v.name == string(name) {
			return append(dst, v.value...), sc.ev.spend(len(v.value))
		}
	}
	c := sc.ev.context
	if c != nil {
		if value, ok := c.Variables[string(name)]; ok {
			return append(dst, value...), sc.ev.spend(len(value))
		}
	}
	if item, ok := sc.ev.standard(string(name)); ok {
		return append(dst, item), nil
	}
	return dst, fhir.Errorf(fhir.IssueInvalid, "", "there is no variable %%%s", string(name))
}

// standard gives the variables that FHIRPath and R4 define.
func (ev *evaluation) standard(name string) (Item, bool) {
	switch name {
	case "context":
		return ev.root, true
	case "resource":
		return Element(ev.resource(), nil), true
	case "rootResource":
		return Element(ev.container(), nil), true
	case "ucum":
		return stringItem(ucumSystem), true
	case "sct":
		return stringItem(sctURL), true
	case "loinc":
		return stringItem(loincURL), true
	}
	if id, ok := strings.CutPrefix(name, "vs-"); ok {
		return stringItem(valueSetBase + id), true
	}
	if id, ok := strings.CutPrefix(name, "ext-"); ok {
		return stringItem(extensionBase + id), true
	}
	return Item{}, false
}

// resource gives the resource that the evaluation is within.
func (ev *evaluation) resource() fhir.Node {
	if c := ev.context; c != nil && c.Resource.Exists() {
		return c.Resource
	}
	if d := ev.root.node.Document(); d != nil {
		return d.Root()
	}
	return fhir.Node{}
}

// container gives the resource that contains it, or itself.
func (ev *evaluation) container() fhir.Node {
	if c := ev.context; c != nil && c.Root.Exists() {
		return c.Root
	}
	return ev.resource()
}

// A defineStep is defineVariable(name, value): it passes on its input and makes
// %name known to what follows in the same scope.
type defineStep struct {
	on, name, value step
}

func compileDefine(e *syntax.Expr, on step) (step, error) {
	if len(e.Args) < 1 || len(e.Args) > 2 {
		return nil, e.Errorf("defineVariable() takes 1 to 2 arguments, not %d", len(e.Args))
	}
	args, err := compileArgs(e.Args)
	if err != nil {
		return nil, err
	}
	s := &defineStep{on: on, name: args[0]}
	if len(args) > 1 {
		s.value = args[1]
	}
	return s, nil
}

func (s *defineStep) eval(sc *scope, dst []Item) ([]Item, error) {
	in, err := sc.collect(s.on)
	if err != nil {
		return dst, err
	}
	before := sc.variables
	name, _, err := sc.str(s.name)
	if err != nil {
		return dst, err
	}
	if err := sc.undefined(name); err != nil {
		return dst, err
	}
	value := slices.Clone(in)
	if s.value != nil {
		if value, err = s.evaluate(sc, in); err != nil {
			return dst, err
		}
	}
	sc.variables = &variable{name: name, value: value, next: before}
	dst = append(dst, in...)
	sc.ev.free(in)
	return dst, nil
}

// evaluate gives the value with the whole input as $this.
func (s *defineStep) evaluate(sc *scope, in []Item) ([]Item, error) {
	inner, err := sc.inner()
	if err != nil {
		return nil, err
	}
	switch len(in) {
	case 0:
	case 1:
		inner.this, inner.has = in[0], true
	default:
		inner.this, inner.has, inner.focus = in[0], true, in
	}
	value, err := s.value.eval(inner, nil)
	sc.ev.leave()
	return value, err
}

// undefined fails for a name that already means something.
func (sc *scope) undefined(name string) error {
	for v := sc.variables; v != nil; v = v.next {
		if v.name == name {
			return fhir.Errorf(fhir.IssueInvalid, "", "the variable %%%s is already defined", name)
		}
	}
	_, standard := sc.ev.standard(name)
	if c := sc.ev.context; c != nil && !standard {
		_, standard = c.Variables[name]
	}
	if standard || name == "" {
		return fhir.Errorf(fhir.IssueInvalid, "", "the variable %%%s can't be defined: the name is taken", name)
	}
	return nil
}
