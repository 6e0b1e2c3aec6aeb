package validate

import (
	"slices"
	"strconv"
	"strings"

	"bima/fhir"
	"bima/fhir/r4"
)

// complex checks a value of a data type or backbone element. It gives which of
// its elements are there; ok is false where it is no object.
func (w *walker) complex(n fhir.Node, p *plan) (seen set, ok bool) {
	if n.Kind() != fhir.KindObject {
		w.report(fhir.IssueStructure, "", "%s is %s, but must be a JSON object with the elements of %s", name(w), n.Kind(), p.typ.Name)
		return seen, false
	}
	return w.object(n, p), true
}

// name gives the element the walker is at for a sentence.
func name(w *walker) string {
	return strconv.Quote(w.stack[len(w.stack)-1].name)
}

// object checks the members of an object against its type, and gives which of
// its elements are there.
func (w *walker) object(n fhir.Node, p *plan) (seen set) {
	if n.Len() == 0 {
		w.report(fhir.IssueInvariant, "ele-1", "the object is empty: give it a value, or leave the element out")
	}
	var halves, again set
	for c := n.First(); c.Exists(); c = c.Next() {
		m := p.find(c.Name())
		if m == nil {
			w.unusual(n, c, p, &halves)
			continue
		}
		i := m.element.Index
		switch {
		case !seen.has(i):
		case m.element.Choice:
			again.add(i)
		default:
			continue // the same name twice, which is reported as such
		}
		seen.add(i)
		w.member(n, c, m)
	}
	if !again.isEmpty() || !halves.isEmpty() {
		w.choices(n, p, again.with(halves))
		seen = seen.with(halves)
	}
	if missing := p.required.without(seen); !missing.isEmpty() {
		w.missing(p, missing)
	}
	w.rules(n, p, seen)
	return seen
}

// rules checks what a type asks of its elements together.
func (w *walker) rules(n fhir.Node, p *plan, seen set) {
	if p.rule == ruleExtension {
		w.extension(n, p, seen)
	}
	if len(p.invariants) > 0 && !w.options.SkipInvariants {
		w.invariants(n, p, seen)
	}
}

// missing reports each required element that is not there.
func (w *walker) missing(p *plan, missing set) {
	for _, e := range p.typ.Elements {
		if !missing.has(e.Index) {
			continue
		}
		named := e.Name
		if e.Choice {
			named = choices(e)
		}
		max := "1"
		if e.Max != 1 {
			max = "*"
		}
		w.reportChild(e.Name, fhir.IssueRequired, "", "the element is missing: %s needs %s (%d..%s)", p.typ.Name, named, e.Min, max)
	}
}

// choices looks at the elements that may have several types, of those given.
func (w *walker) choices(n fhir.Node, p *plan, some set) {
	for _, e := range p.typ.Elements {
		if e.Choice && some.has(e.Index) {
			w.choice(n, p, e)
		}
	}
}

// choice reports an element that has several types, which may have several members.
func (w *walker) choice(n fhir.Node, p *plan, e *r4.Element) {
	var names []string
	for c := n.First(); c.Exists(); c = c.Next() {
		bare := strings.TrimPrefix(c.Name(), "_")
		if m := p.find(bare); m != nil && m.element == e && !slices.Contains(names, bare) {
			names = append(names, bare)
		}
	}
	if len(names) > 1 {
		w.reportChild(e.Name, fhir.IssueStructure, "", "%s are there together, but %s[x] has one value of one type: keep one of them", strings.Join(names, " and "), e.Name)
	}
}

// unusual checks a member whose name is no element's: the type of a resource,
// the other half of a primitive, or a mistake.
func (w *walker) unusual(n, c fhir.Node, p *plan, halves *set) {
	full := c.Name()
	if full == "resourceType" && p.rule == ruleResource {
		return
	}
	bare, ok := strings.CutPrefix(full, "_")
	if m := p.find(bare); ok && m != nil && m.format != formatNone {
		if !halves.has(m.element.Index) || m.element.Choice {
			w.primitiveHalf(n, c, m)
		}
		halves.add(m.element.Index)
		return
	}
	w.unknown(p, full)
}

// member checks one member of an object.
func (w *walker) member(parent, c fhir.Node, m *member) {
	kind := c.Kind()
	if m.many != (kind == fhir.KindArray) {
		w.repetition(parent, c, m)
		return
	}
	if !m.many {
		w.push(m.element.Name, single)
		if kind == fhir.KindNull {
			w.null()
		} else {
			w.value(c, m)
		}
		w.pop()
		return
	}
	w.array(parent, c, m)
}

func (w *walker) null() {
	w.report(fhir.IssueStructure, "", "null is allowed only in an array of primitive values beside one with extensions: leave %s out instead", name(w))
}

// array checks the elements of an element that may repeat.
func (w *walker) array(parent, c fhir.Node, m *member) {
	if c.Len() == 0 {
		w.reportChild(m.element.Name, fhir.IssueInvariant, "ele-1", "the array is empty: leave the element out instead")
		return
	}
	w.push(m.element.Name, 0)
	top := len(w.stack) - 1
	var beside gaps
	for e := c.First(); e.Exists(); e = e.Next() {
		switch {
		case e.Kind() != fhir.KindNull:
			w.value(e, m)
		case m.format == formatNone:
			w.null()
		default:
			w.gap(parent, m, &beside)
		}
		w.stack[top].index++
	}
	w.pop()
}

// repetition reports an array for an element that does not repeat, or a single
// value for one that does, and checks the values all the same.
func (w *walker) repetition(parent, c fhir.Node, m *member) {
	if m.many {
		w.push(m.element.Name, single)
		w.report(fhir.IssueStructure, "", "%s is %s, but may repeat and must be a JSON array even for one value: [%s]", name(w), c.Kind(), sample(c))
		if c.Kind() != fhir.KindNull {
			w.value(c, m)
		}
		w.pop()
		return
	}
	w.reportChild(m.element.Name, fhir.IssueStructure, "", "%q is an array of %d, but does not repeat (%d..1): give the one value without brackets", m.json, c.Len(), m.element.Min)
	w.push(m.element.Name, 0)
	for e := c.First(); e.Exists(); e = e.Next() {
		if e.Kind() != fhir.KindNull && e.Kind() != fhir.KindArray {
			w.value(e, m)
		}
		w.stack[len(w.stack)-1].index++
	}
	w.pop()
}

// value checks one value of a member, at which the walker is.
func (w *walker) value(n fhir.Node, m *member) {
	var seen set
	ok := true
	switch {
	case m.format != formatNone:
		ok = w.primitive(n, m)
	case m.rule == ruleResource:
		w.nested(n, m)
		return
	default:
		seen, ok = w.complex(n, m.plan)
	}
	if !ok {
		return
	}
	switch m.rule {
	case ruleReference:
		w.reference(n, m)
	case ruleCoding, ruleConcept, ruleQuantity:
		if m.codes != nil {
			w.coded(n, m)
		}
	}
	if len(m.checks) > 0 && !w.options.SkipInvariants {
		w.elementInvariants(n, m, seen)
	}
}
