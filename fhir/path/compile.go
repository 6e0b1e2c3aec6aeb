package path

import (
	"slices"
	"strings"

	"bima/fhir"
	"bima/fhir/path/syntax"
	"bima/fhir/path/system"
)

// A step is one node of a compiled expression. It adds its result to dst.
type step interface {
	eval(sc *scope, dst []Item) ([]Item, error)
}

func compile(e *syntax.Expr) (step, error) {
	switch e.Kind {
	case syntax.Member:
		return compileMember(e)
	case syntax.Call:
		return compileCall(e)
	case syntax.Variable:
		return variableStep(e.Text), nil
	case syntax.This:
		return thisStep{}, nil
	case syntax.Index:
		return indexStep{}, nil
	case syntax.Total:
		return totalStep{}, nil
	case syntax.At:
		return compileAt(e)
	case syntax.Unary:
		return compileUnary(e)
	case syntax.Binary:
		return compileBinary(e)
	case syntax.Is, syntax.As:
		return compileType(e)
	case syntax.Sorted:
		return nil, e.Errorf("%q belongs to an argument of sort()", e.Text)
	}
	return compileLiteral(e)
}

func compileAll(list []*syntax.Expr) ([]step, error) {
	steps := make([]step, len(list))
	for i, e := range list {
		s, err := compile(e)
		if err != nil {
			return nil, err
		}
		steps[i] = s
	}
	return steps, nil
}

// An argument ends what its expression defines.
type argument struct{ step }

func (a argument) eval(sc *scope, dst []Item) ([]Item, error) {
	defer sc.keep(sc.variables)
	return a.step.eval(sc, dst)
}

// compileArgs compiles the arguments of a function, which do not see each
// other's variables.
func compileArgs(list []*syntax.Expr) ([]step, error) {
	steps, err := compileAll(list)
	if err != nil {
		return nil, err
	}
	for i, e := range list {
		if defines(e) {
			steps[i] = argument{steps[i]}
		}
	}
	return steps, nil
}

// defines reports whether defineVariable() is called anywhere in e.
func defines(e *syntax.Expr) bool {
	if e == nil {
		return false
	}
	return e.Kind == syntax.Call && e.Text == "defineVariable" || defines(e.On) || slices.ContainsFunc(e.Args, defines)
}

// literals are steps that always give the same item.
type literal struct{ item Item }

func (l *literal) eval(_ *scope, dst []Item) ([]Item, error) { return append(dst, l.item), nil }

type emptyStep struct{}

func (emptyStep) eval(_ *scope, dst []Item) ([]Item, error) { return dst, nil }

func compileLiteral(e *syntax.Expr) (step, error) {
	var item Item
	var m system.Moment
	var err error
	switch e.Kind {
	case syntax.Empty:
		return emptyStep{}, nil
	case syntax.Boolean:
		item = booleanItem(e.Text == "true")
	case syntax.String:
		item = stringItem(e.Text)
	case syntax.Number:
		item, err = numberLiteral(e.Text)
	case syntax.Quantity:
		var d system.Decimal
		d, err = fhir.ParseDecimal(trimZeros(e.Text))
		item = quantityItem(system.Quantity{Value: d, Unit: e.Unit, Calendar: e.Calendar})
	case syntax.Date:
		m, err = fhir.ParseDate(e.Text)
		item = Item{kind: kindDate, value: m}
	case syntax.DateTime:
		m, err = fhir.ParsePartialDateTime(strings.TrimSuffix(e.Text, "T"))
		item = Item{kind: kindDateTime, value: m}
	case syntax.Time:
		m, err = system.ParseTime(e.Text)
		item = Item{kind: kindTime, value: m}
	}
	if err != nil {
		return nil, e.Errorf("%.60q is no valid value: %s", e.Text, fhir.OutcomeOf(err).Issues[0].Diagnostics)
	}
	return &literal{item}, nil
}

// integerMax is the largest System.Integer; what is larger is a Decimal.
// Source: N1 section 2.2.1.
const integerMax = 1<<31 - 1

func numberLiteral(text string) (Item, error) {
	d, err := fhir.ParseDecimal(trimZeros(text))
	if err != nil {
		return Item{}, err
	}
	if n := d.Unscaled(); d.Scale() == 0 && n.IsInt64() && n.Int64() <= integerMax {
		return integerItem(n.Int64()), nil
	}
	return decimalItem(d), nil
}

// trimZeros takes away leading zeros, which FHIRPath allows and JSON does not.
func trimZeros(s string) string {
	for len(s) > 1 && s[0] == '0' && s[1] != '.' {
		s = s[1:]
	}
	return s
}

// A walk follows names down from the items of on, or from $this without on.
// Where head is set, the first name may also be the type of the item itself.
type walk struct {
	on      step
	members []*member
	head    bool
}

func compileMember(e *syntax.Expr) (step, error) {
	m := &member{name: e.Text}
	if e.On == nil {
		head := e.Text[0] >= 'A' && e.Text[0] <= 'Z'
		return &walk{members: []*member{m}, head: head}, nil
	}
	on, err := compile(e.On)
	if err != nil {
		return nil, err
	}
	if w, ok := on.(*walk); ok {
		return &walk{on: w.on, head: w.head, members: append(w.members[:len(w.members):len(w.members)], m)}, nil
	}
	return &walk{on: on, members: []*member{m}}, nil
}

func (w *walk) eval(sc *scope, dst []Item) ([]Item, error) {
	before := len(dst)
	if w.on == nil {
		switch {
		case sc.focus != nil:
			for i := range sc.focus {
				dst = w.down(dst, &sc.focus[i], 0)
			}
		case sc.has:
			dst = w.down(dst, &sc.this, 0)
		}
		return dst, sc.ev.spend(len(dst) - before)
	}
	items, err := sc.collect(w.on)
	if err != nil {
		return dst, err
	}
	for i := range items {
		dst = w.down(dst, &items[i], 0)
	}
	err = sc.ev.spend(len(dst) - before + len(items))
	sc.ev.free(items)
	return dst, err
}

// down adds what the names from the i-th on lead to.
func (w *walk) down(dst []Item, item *Item, i int) []Item {
	if i == len(w.members) {
		return append(dst, *item)
	}
	m := w.members[i]
	if i == 0 && w.head && item.isNamed(m.name) {
		return w.down(dst, item, 1)
	}
	if item.kind != kindNode {
		if s, ok := item.field(m.name); ok {
			return w.down(dst, &s, i+1)
		}
		return dst
	}
	cursor, ok := m.find(item)
	if !ok {
		if m.name == "value" && item.primitive() && item.hasValue() {
			value := item.system()
			return w.down(dst, &value, i+1)
		}
		return dst
	}
	var child Item
	for cursor.next(&child) {
		dst = w.down(dst, &child, i+1)
	}
	return dst
}

// isNamed reports whether the name is the item's own type or one it derives from.
func (i *Item) isNamed(name string) bool {
	if i.typ != nil {
		return i.typ.Is(name)
	}
	return i.kind == kindNode && i.node.Get("resourceType").Text() == name
}

// field gives the named part of an item that is not an element.
func (i *Item) field(name string) (Item, bool) {
	if i.kind == kindReference {
		id := i.reference().ID
		return stringItem(id), name == "id" && id != ""
	}
	switch v := i.value.(type) {
	case typeInfo:
		return v.field(name)
	case system.Quantity:
		switch name {
		case "value":
			return decimalItem(v.Value), true
		case "unit", "code":
			return stringItem(v.Unit), true
		}
	}
	return Item{}, false
}

type thisStep struct{}

func (thisStep) eval(sc *scope, dst []Item) ([]Item, error) {
	if sc.focus != nil {
		return append(dst, sc.focus...), nil
	}
	if sc.has {
		dst = append(dst, sc.this)
	}
	return dst, nil
}

type indexStep struct{}

func (indexStep) eval(sc *scope, dst []Item) ([]Item, error) {
	return append(dst, integerItem(int64(sc.index))), nil
}

type totalStep struct{}

func (totalStep) eval(sc *scope, dst []Item) ([]Item, error) {
	return append(dst, sc.total...), sc.ev.spend(len(sc.total))
}

// An at is on[index].
type at struct{ on, index step }

func compileAt(e *syntax.Expr) (step, error) {
	on, err := compile(e.On)
	if err != nil {
		return nil, err
	}
	index, err := compile(e.Args[0])
	return &at{on, index}, err
}

func (a *at) eval(sc *scope, dst []Item) ([]Item, error) {
	n, ok, err := sc.integer(a.index)
	if err != nil || !ok {
		return dst, err
	}
	items, err := sc.collect(a.on)
	if err != nil {
		return dst, err
	}
	if n >= 0 && n < int64(len(items)) {
		dst = append(dst, items[n])
	}
	sc.ev.free(items)
	return dst, nil
}

// integer evaluates a step that must give an integer or nothing.
func (sc *scope) integer(s step) (int64, bool, error) {
	item, ok, err := sc.one(s)
	if err != nil || !ok {
		return 0, false, err
	}
	n, ok := item.Int()
	if !ok {
		return 0, false, fhir.Errorf(fhir.IssueProcessing, "", "an integer is expected, not %s", item.describe())
	}
	return n, true, nil
}

// str evaluates a step that must give a string or nothing.
func (sc *scope) str(s step) (string, bool, error) {
	item, ok, err := sc.one(s)
	if err != nil || !ok {
		return "", false, err
	}
	return item.mustStr()
}

// mustStr gives a string; an element without value gives none.
func (i Item) mustStr() (string, bool, error) {
	if s, ok := i.Str(); ok {
		return s, true, nil
	}
	if i.primitive() && !i.hasValue() {
		return "", false, nil
	}
	return "", false, fhir.Errorf(fhir.IssueProcessing, "", "a string is expected, not %s", i.describe())
}

// describe names an item in a message.
func (i Item) describe() string {
	name := i.TypeName()
	if name == "" {
		name = "an element of unknown type"
	}
	if text := i.Text(); text != "" {
		return name + " " + cut(text)
	}
	return name
}

// cut shortens a text for a message.
func cut(s string) string {
	const longest = 40
	if len(s) <= longest {
		return s
	}
	return strings.ToValidUTF8(s[:longest], "") + "…"
}
