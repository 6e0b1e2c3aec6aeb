package profile

import (
	"strings"

	"bima/fhir"
	"bima/fhir/path"
	"bima/fhir/r4"
)

// A context is a place where an extension may be used. Source: R4
// structuredefinition, StructureDefinition.context.
type context struct {
	kind       string // "element", "extension" or "fhirpath"
	text       string
	expression *path.Expression // of fhirpath; nil where it can't be told
}

// contexts reads where an extension may be used, and what must be true there.
func (c *compiler) contexts(n fhir.Node) (list []context, rules []*invariant) {
	if n.Get("type").Text() != "Extension" {
		return nil, nil
	}
	for place := range n.Get("context").Each() {
		one := context{kind: place.Get("type").Text(), text: place.Get("expression").Text()}
		if one.kind == "fhirpath" {
			one.expression, _ = path.Compile(one.text)
			c.spokenAt("StructureDefinition.context["+text(len(list))+"].expression", "where the extension may be used", one.text)
		}
		list = append(list, one)
	}
	for rule := range n.Get("contextInvariant").Each() {
		c.spokenAt("StructureDefinition.contextInvariant["+text(len(rules))+"]", "what must be true where the extension is used", rule.Text())
		rules = append(rules, newInvariant("contextInvariant", "the extension can't be used here", rule.Text(), false))
	}
	return list, rules
}

// everything visits all that is in a resource: each extension is held against its
// definition, and each resource in it against the profiles it claims.
func (w *walker) everything(n fhir.Node, typ *r4.Type) {
	for c := n.First(); c.Exists(); c = c.Next() {
		name, isHalf := strings.CutPrefix(c.Name(), "_")
		e, et := typ.Member(name)
		if e == nil || et.Type.Kind == r4.KindPrimitive && !isHalf {
			continue
		}
		if c.Kind() != fhir.KindArray {
			w.inside(n, c, typ, e.Name, et.Type, single)
			continue
		}
		i := 0
		for one := c.First(); one.Exists(); one = one.Next() {
			w.inside(n, one, typ, e.Name, et.Type, i)
			i++
		}
	}
}

// inside visits one value of a member of an element.
func (w *walker) inside(parent, n fhir.Node, parentType *r4.Type, name string, typ *r4.Type, index int) {
	if n.Kind() != fhir.KindObject {
		return
	}
	if typ.Kind == r4.KindResource {
		w.nested(n, name, index)
		return
	}
	w.push(frame{name, index, typ})
	if typ.Name == "Extension" {
		w.extension(parent, n, parentType)
	}
	w.everything(n, typ)
	w.pop()
}

// nested visits a resource in a resource.
func (w *walker) nested(n fhir.Node, name string, index int) {
	typ := resourceType(n)
	if typ == nil {
		return
	}
	before := w.facts
	w.facts.Resource = n
	if name != "contained" {
		w.facts.Root = n
	}
	w.push(frame{name, index, typ})
	for claim := range n.At("meta", "profile").Each() {
		if e := w.set.find(claim.Text()); e != nil {
			w.claims(value{node: n, typ: typ, index: index}, e)
		}
	}
	w.everything(n, typ)
	w.pop()
	w.facts = before
}

// claims holds a resource within another against a profile that it claims, as
// Set.Claim does with one that stands alone.
func (w *walker) claims(v value, e *entry) {
	switch {
	case e.source == nil || e.source.Active():
		w.meets(v, e)
	case e.status != statusRetired:
		w.mild++
		w.meets(v, e)
		w.mild--
	}
}

// unusable tells of a definition that can't be compiled. Of a stored one nothing is
// known against the resource.
func (w *walker) unusable(e *entry, err *fhir.Outcome) {
	if e.source == nil {
		w.add(err.Issues[0])
		return
	}
	w.warn(err.Issues[0].Code, "", "%s", err.Issues[0].Diagnostics)
}

// extension holds an extension against its definition, where the Set has it: the
// value it holds, and where it stands. A part of an extension is named by a
// relative URL and defined with it.
func (w *walker) extension(parent, n fhir.Node, parentType *r4.Type) {
	e := w.set.find(n.Get("url").Text())
	if e == nil || e.typ != "Extension" {
		return
	}
	p, err := w.set.plan(e)
	if err != nil {
		w.unusable(e, err)
		return
	}
	w.meets(value{node: n, typ: r4.Lookup("Extension"), index: single}, e)
	if len(p.contexts) > 0 && !w.mayStand(parent, parentType, p) {
		places := make([]string, len(p.contexts))
		for i, c := range p.contexts {
			places[i] = c.text
		}
		w.report(fhir.IssueExtension, "", "the extension %s can't stand here: it is for %s; move it there, or leave it out", p.url, strings.Join(places, ", "))
		return
	}
	w.inContext(parent, n, parentType, p)
}

// inContext evaluates what an extension's definition asks of what it stands on.
func (w *walker) inContext(parent, n fhir.Node, parentType *r4.Type, p *plan) {
	if len(p.rules) == 0 {
		return
	}
	outer := w.plan
	w.plan = p
	w.context().Variables = map[string]path.Collection{"extension": {path.Element(n, r4.Lookup("Extension"))}}
	w.uphold(value{node: parent, typ: parentType, index: single}, p.rules)
	w.facts.Variables = nil
	w.plan = outer
}

// mayStand reports whether an extension may stand on the element that holds it.
func (w *walker) mayStand(parent fhir.Node, parentType *r4.Type, p *plan) bool {
	for _, c := range p.contexts {
		switch c.kind {
		case "element":
			if w.isElement(c.text) {
				return true
			}
		case "extension":
			if parentType.Name == "Extension" && parent.Get("url").Text() == c.text {
				return true
			}
		case "fhirpath":
			if c.expression == nil || w.selects(c.expression, parent) {
				return true
			}
		default:
			return true
		}
	}
	return false
}

// selects reports whether an expression, on the resource, gives the element.
func (w *walker) selects(expression *path.Expression, parent fhir.Node) bool {
	items, err := expression.Evaluate(w.facts.Resource, nil, w.context())
	if err != nil {
		return true
	}
	for _, i := range items {
		if n, ok := i.Node(); ok && n == parent || i.Extensions() == parent {
			return true
		}
	}
	return false
}

// isElement reports whether the element that holds the extension the walker is at
// is one of a context: a type it has or builds on, "HumanName", or a path to it
// from a type around it, "Patient.contact.name", "HumanName.family".
func (w *walker) isElement(text string) bool {
	text = strings.TrimPrefix(strings.ReplaceAll(text, "[x]", ""), core)
	if _, path, ok := strings.Cut(text, "#"); ok {
		text = path
	}
	holder := len(w.stack) - 2
	if holder < 0 {
		return true
	}
	names := ""
	for i := holder; i >= 0; i-- {
		if typ := w.stack[i].typ; typ != nil && isNamed(typ, names, text) {
			return true
		}
		names = "." + w.stack[i].name + names
	}
	return false
}

// isNamed reports whether a text is the name of a type, or of one it builds on,
// followed by names.
func isNamed(typ *r4.Type, names, text string) bool {
	name, ok := strings.CutSuffix(text, names)
	if !ok {
		return false
	}
	if name == "Element" {
		return true // HL7's own definitions mean resources too
	}
	for t := typ; t != nil; t = t.Base {
		if t.Name == name {
			return true
		}
	}
	return false
}
