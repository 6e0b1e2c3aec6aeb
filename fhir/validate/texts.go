package validate

import (
	"strings"

	"bima/fhir"
	"bima/fhir/r4"
)

// texts reports what the reader of JSON noticed below n: names that occur twice
// in an object, and strings that are no UTF-8.
func (w *walker) texts(n fhir.Node, typ *r4.Type) {
	doc := n.Document()
	if doc == nil || len(doc.Duplicates())+len(doc.IllFormed()) == 0 {
		return
	}
	for _, d := range doc.Duplicates() {
		if within(n, d) {
			w.reportAt(n, d, typ, fhir.IssueStructure, "the name "+excerpt(d.Name())+" occurs twice in the same object: keep one of them")
		}
	}
	for _, d := range doc.IllFormed() {
		if within(n, d) {
			w.reportAt(n, d, typ, fhir.IssueValue, "the text is no well-formed UTF-8: send it in UTF-8 without halves of surrogate pairs")
		}
	}
}

func within(n, d fhir.Node) bool {
	return n.Offset() <= d.Offset() && d.Offset() < n.Offset()+len(n.Raw())
}

// reportAt reports an error about a node somewhere below root.
func (w *walker) reportAt(root, n fhir.Node, typ *r4.Type, code fhir.IssueType, text string) {
	before := len(w.stack)
	p := w.start(root, typ)
	for at := root; at != n; {
		child := childHolding(at, n)
		if !child.Exists() {
			break
		}
		p = w.descend(at, child, p)
		at = child
	}
	w.report(code, "", "%s", text)
	w.stack = w.stack[:before]
}

// start pushes the root of a path.
func (w *walker) start(root fhir.Node, typ *r4.Type) *plan {
	if typ == nil {
		typ = r4.Lookup(root.Get("resourceType").Text())
	}
	if typ == nil {
		w.push("Resource", single)
		return nil
	}
	w.push(typ.Name, single)
	return planOf(typ)
}

// childHolding gives the child of at that is n or holds it.
func childHolding(at, n fhir.Node) fhir.Node {
	for c := range at.All() {
		if within(c, n) {
			return c
		}
	}
	return fhir.Node{}
}

// descend takes one step of a path and gives the type it leads to, nil if that
// is not known.
func (w *walker) descend(at, child fhir.Node, p *plan) *plan {
	if at.Kind() == fhir.KindArray {
		top := &w.stack[len(w.stack)-1]
		top.index = 0
		for c := at.First(); c != child; c = c.Next() {
			top.index++
		}
		return nextPlan(child, p)
	}
	bare := strings.TrimPrefix(child.Name(), "_")
	if p == nil || p.find(bare) == nil {
		w.push(printable(child.Name()), single)
		return nil
	}
	m := p.find(bare)
	w.push(m.element.Name, single)
	switch {
	case m.format != formatNone:
		return planOf(r4.Lookup("Element"))
	case m.rule == ruleResource:
		return nextPlan(child, planOf(r4.Lookup("Resource")))
	}
	return nextPlan(child, m.plan)
}

// nextPlan makes the plan of any resource that of the one at hand.
func nextPlan(n fhir.Node, p *plan) *plan {
	if p == nil || p.rule != ruleResource || n.Kind() != fhir.KindObject {
		return p
	}
	if t := r4.Lookup(n.Get("resourceType").Text()); t != nil {
		return planOf(t)
	}
	return nil
}
