package validate

import (
	"cmp"
	"slices"
	"strings"

	"bima/fhir"
	"bima/fhir/r4"
)

// A remark is something the reader of JSON noticed about a node.
type remark struct {
	node fhir.Node
	code fhir.IssueType
	text string
}

// texts reports what the reader of JSON noticed in n and below: names that occur
// twice in an object, and strings that are no UTF-8.
func (w *walker) texts(n fhir.Node, typ *r4.Type) {
	doc := n.Document()
	if doc == nil || len(doc.Duplicates())+len(doc.IllFormed()) == 0 {
		return
	}
	var remarks []remark
	for _, d := range doc.Duplicates() {
		remarks = append(remarks, remark{d, fhir.IssueStructure, "the name occurs twice in the same object: keep one of them"})
	}
	for _, d := range doc.IllFormed() {
		remarks = append(remarks, remark{d, fhir.IssueValue, "the text is no well-formed UTF-8: send it in UTF-8 without halves of surrogate pairs"})
	}
	slices.SortStableFunc(remarks, func(a, b remark) int { return cmp.Compare(a.node.Offset(), b.node.Offset()) })
	begin, end := n.Offset(), n.Offset()+len(n.Raw())
	remarks = slices.DeleteFunc(remarks, func(r remark) bool { return r.node.Offset() < begin || r.node.Offset() >= end })
	if typ == nil {
		typ = r4.Lookup(n.Get("resourceType").Text())
	}
	if typ == nil {
		typ = r4.Lookup("Resource")
	}
	w.push(typ.Name, single)
	w.remark(n, planOf(typ), remarks)
	w.pop()
}

// remark reports the remarks on a node, at which the walker is, and below it.
// They are in the order of the text, so one pass over the children finds their
// places. p is the type of the node, nil where it is not known.
func (w *walker) remark(n fhir.Node, p *plan, remarks []remark) {
	for len(remarks) > 0 && remarks[0].node == n {
		w.report(remarks[0].code, "", "%s", remarks[0].text)
		remarks = remarks[1:]
	}
	index := single
	for c := n.First(); c.Exists() && len(remarks) > 0; c = c.Next() {
		index++
		end, inside := c.Offset()+len(c.Raw()), 0
		for inside < len(remarks) && remarks[inside].node.Offset() < end {
			inside++
		}
		if inside > 0 {
			w.descend(n, c, p, index, remarks[:inside])
			remarks = remarks[inside:]
		}
	}
}

// descend reports the remarks on one child and below.
func (w *walker) descend(parent, child fhir.Node, p *plan, index int, remarks []remark) {
	if parent.Kind() == fhir.KindArray {
		top := len(w.stack) - 1
		before := w.stack[top]
		w.stack[top].index = index
		w.remark(child, actual(child, p), remarks)
		w.stack[top] = before
		return
	}
	name, below := step(p, child.Name())
	w.push(name, single)
	w.remark(child, actual(child, below), remarks)
	w.pop()
}

// step gives the element a member name means in a type, and that element's type.
func step(p *plan, name string) (element string, below *plan) {
	bare := strings.TrimPrefix(name, "_")
	if p == nil || p.find(bare) == nil {
		return printable(name), nil
	}
	m := p.find(bare)
	switch {
	case m.format != formatNone:
		return m.element.Name, planOf(r4.Lookup("Element"))
	case m.rule == ruleResource:
		return m.element.Name, planOf(r4.Lookup("Resource"))
	}
	return m.element.Name, m.plan
}

// actual makes the plan of any resource that of the one at hand.
func actual(n fhir.Node, p *plan) *plan {
	if p == nil || p.rule != ruleResource || n.Kind() != fhir.KindObject {
		return p
	}
	if t := r4.Lookup(n.Get("resourceType").Text()); t != nil {
		return planOf(t)
	}
	return nil
}
