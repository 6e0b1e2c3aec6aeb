package profile

import (
	"strings"
	"unicode/utf8"

	"bima/fhir"
	"bima/fhir/r4"
)

// element holds one value against the rules of its element.
func (w *walker) element(v value, e *element) {
	if w.work++; w.work > workMax || w.late || w.work&255 == 0 && w.over() {
		return
	}
	if e.types != nil {
		w.typed(v, e)
	}
	w.constants(v, e)
	if e.binding != nil {
		w.bound(v, e.binding)
	}
	if e.length > 0 && utf8.RuneCountInString(v.node.Text()) > e.length {
		w.report(fhir.IssueTooLong, "", "%s has %d characters, but the profile %s allows %d: shorten it", e.name, utf8.RuneCountInString(v.node.Text()), w.plan.name, e.length)
	}
	w.between(v, e)
	if len(e.rules) > 0 && v.node.Exists() {
		w.uphold(v, e.rules)
	}
	w.members(v, e.children)
	if c := e.content; c != nil && w.depth < depthMax {
		w.depth++
		if v.node.Exists() {
			w.uphold(v, c.rules)
		}
		w.members(v, c.children)
		w.depth--
	}
}

// members holds the elements within a value against their rules.
func (w *walker) members(v value, rules []*element) {
	if len(rules) == 0 {
		return
	}
	n := v.node
	if v.typ.Kind == r4.KindPrimitive {
		n = v.half // its id and extensions
	}
	for _, e := range rules {
		from := len(w.values)
		w.collect(n, v.typ, e.name)
		w.group(from, e)
		w.values = w.values[:from]
	}
}

// collect adds the occurrences of an element to values.
func (w *walker) collect(n fhir.Node, typ *r4.Type, name string) {
	if n.Kind() != fhir.KindObject {
		return
	}
	e := typ.Element(name)
	if e == nil {
		return
	}
	if !e.Choice {
		w.occurrences(n, e, &e.Types[0])
		return
	}
	for c := n.First(); c.Exists(); c = c.Next() {
		bare, isHalf := strings.CutPrefix(c.Name(), "_")
		m, et := typ.Member(bare)
		if m == e && (!isHalf || !n.Get(bare).Exists()) {
			w.occurrences(n, e, et)
		}
	}
}

// occurrences adds the values of one member, each with its other half.
func (w *walker) occurrences(n fhir.Node, e *r4.Element, et *r4.ElementType) {
	all, half := n.Get(et.JSON), fhir.Node{}
	if et.Type.Kind == r4.KindPrimitive {
		half = halfOf(n, et.JSON)
	}
	if e.Max == 1 || all.Exists() && all.Kind() != fhir.KindArray {
		if all.Exists() || half.Exists() {
			w.occurrence(all, half, et.Type, single)
		}
		return
	}
	one, h := all.First(), half.First()
	for i := 0; one.Exists() || h.Exists(); i++ {
		w.occurrence(one, h, et.Type, i)
		one, h = one.Next(), h.Next()
	}
}

func (w *walker) occurrence(n, half fhir.Node, typ *r4.Type, index int) {
	if n.Kind() == fhir.KindNull {
		n = fhir.Node{}
	}
	if half.Kind() == fhir.KindNull {
		half = fhir.Node{}
	}
	if typ.Kind == r4.KindResource {
		if t := r4.Lookup(n.Get("resourceType").Text()); t != nil {
			typ = t
		}
	}
	w.values = append(w.values, value{node: n, half: half, typ: typ, index: index})
}

// halfOf gives the member "_name".
func halfOf(n fhir.Node, name string) fhir.Node {
	for c := n.First(); c.Exists(); c = c.Next() {
		if other := c.Name(); len(other) == len(name)+1 && other[0] == '_' && other[1:] == name {
			return c
		}
	}
	return fhir.Node{}
}

// group holds the occurrences of an element, those of values from an index on,
// against its rules: how many there are, which slice each is of, and each.
func (w *walker) group(from int, e *element) {
	w.counted(len(w.values)-from, e.min, e.max, e, nil)
	to := len(w.values)
	if e.slicing.isAsking() {
		w.sliced(from, to, e)
	}
	if !e.asksOfValues() {
		return
	}
	for i := from; i < to; i++ {
		v := w.values[i]
		w.enter(v, e.name)
		w.element(v, e)
		w.pop()
	}
}

// asksOfValues reports whether there are rules for the values themselves.
func (e *element) asksOfValues() bool {
	return e.types != nil || e.binding != nil || e.fixed.Exists() || e.pattern.Exists() || e.length > 0 || len(e.rules) > 0 ||
		len(e.children) > 0 || e.least.value.Exists() || e.most.value.Exists() || e.content != nil
}

// enter takes the walker to a value.
func (w *walker) enter(v value, name string) {
	w.push(frame{name, v.index, v.typ})
}

// counted reports an element that is there too often or not often enough.
func (w *walker) counted(n, min, max int, e *element, s *slice) {
	if n >= min && (max == r4.Unbounded || n <= max) {
		return
	}
	w.push(frame{e.name, single, nil})
	defer w.pop()
	what, detail := e.name, fhir.Detail("")
	if s != nil {
		what, detail = "the slice "+s.label+" of "+e.name, fhir.Detail(s.label)
	}
	limits := text(min) + ".." + text(max)
	switch {
	case n == 0:
		w.report(fhir.IssueRequired, detail, "%s is missing: the profile %s needs %s%s", what, w.plan.name, limits, s.hint(e))
	case n < min:
		w.report(fhir.IssueRequired, detail, "%s is there %d times, but the profile %s needs %s%s", what, n, w.plan.name, limits, s.hint(e))
	case max == 0:
		w.report(fhir.IssueStructure, detail, "%s is there, but the profile %s does not allow it (%s): leave it out", what, w.plan.name, limits)
	default:
		w.report(fhir.IssueStructure, detail, "%s is there %d times, but the profile %s allows %s: leave the others out", what, n, w.plan.name, limits)
	}
}
