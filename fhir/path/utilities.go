package path

import (
	"slices"
	"strings"
	"time"

	"bima/fhir"
	"bima/fhir/path/syntax"
	"bima/fhir/path/system"
)

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
		return nil, wrong(e, "defineVariable() takes 1 to 2 arguments, not %d", len(e.Args))
	}
	args, err := compileAll(e.Args)
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

// evaluate gives the value with the input as $this.
func (s *defineStep) evaluate(sc *scope, in []Item) ([]Item, error) {
	inner, err := sc.inner()
	if err != nil {
		return nil, err
	}
	inner.this, inner.has = sc.this, sc.has
	if len(in) == 1 {
		inner.this, inner.has = in[0], true
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
