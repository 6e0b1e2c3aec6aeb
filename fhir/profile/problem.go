package profile

import (
	"slices"
	"strings"

	"bima/fhir"
	"bima/fhir/path/syntax"
	"bima/fhir/r4"
)

// problemsMax is how many problems of one definition are told.
const problemsMax = 100

// fail notes that the definition can't be meant as it stands: a stored one is
// refused for it. Those built in and of packages are taken as they are.
func (c *compiler) fail(code fhir.IssueType, member, format string, args ...any) {
	c.plan.note(fhir.SeverityError, code, at(c.list, c.i)+member, format, args...)
}

func (p *plan) note(severity fhir.Severity, code fhir.IssueType, at, format string, args ...any) {
	if len(p.problems) >= problemsMax {
		return
	}
	issue := fhir.Errorf(code, at, format, args...).Issues[0]
	issue.Severity = severity
	p.problems = append(p.problems, issue)
}

// begins notes a path that does not begin with the type of the definition.
func (c *compiler) begins(ed fhir.Node) {
	root, _, _ := strings.Cut(ed.Get("path").Text(), ".")
	if root != c.plan.typ.Name {
		c.fail(fhir.IssueValue, ".path", "the path begins with %.100q, but the definition is of %s: begin it with that", root, c.plan.typ.Name)
	}
}

// has notes an element that R4 does not have at a place.
func (c *compiler) has(typ *r4.Type, name string) {
	if typ == nil || typ.Abstract || typ.Element(name) != nil {
		return
	}
	c.fail(fhir.IssueValue, ".path", "%s has no element %.100q in R4: correct the path", typ.Name, name)
}

// ofType notes a type that an element can't have.
func (c *compiler) ofType(code string, base *r4.Element) {
	t := r4.Lookup(code)
	switch {
	case t == nil:
		c.fail(fhir.IssueValue, ".type.code", "%.100q is no type of R4: name one that is", code)
	case base != nil && !mayBe(base, t):
		c.fail(fhir.IssueValue, ".type.code", "%s has no type %s in R4, but %s: name one of these", base.Name, code, typesOf(base))
	}
}

// mayBe reports whether an element may have a type, or a type more or less narrow.
func mayBe(base *r4.Element, t *r4.Type) bool {
	return slices.ContainsFunc(base.Types, func(x r4.ElementType) bool { return t.Is(x.Type.Name) || x.Type.Is(t.Name) })
}

func typesOf(base *r4.Element) string {
	list := make([]string, 0, len(base.Types))
	for i := range base.Types {
		list = append(list, base.Types[i].Type.Name)
	}
	return strings.Join(list, ", ")
}

// constant notes a fixed value or pattern of another type than the element has.
func (c *compiler) constant(to spot, member, typ string) {
	if typ == "" || to.base == nil {
		return
	}
	t := r4.Lookup(typ)
	if t == nil {
		t = r4.Lookup(strings.ToLower(typ[:1]) + typ[1:])
	}
	if t == nil || t.Kind == r4.KindPrimitive && slices.ContainsFunc(to.base.Types, func(x r4.ElementType) bool { return x.Type.Kind == r4.KindPrimitive }) {
		return
	}
	if !mayBe(to.base, t) {
		c.fail(fhir.IssueValue, "."+member+typ, "%s has no values of type %s, so none could ever be right: give %s[x] of its type, %s", to.base.Name, t.Name, member, typesOf(to.base))
	}
}

// counts notes an element that there can't be as often as it must.
func (c *compiler) counts(to spot) {
	e, most := to.element, to.element.max
	if most == r4.Unbounded && to.base != nil {
		most = to.base.Max
	}
	if most != r4.Unbounded && e.min > most {
		c.fail(fhir.IssueValue, ".min", "%s must be there %d times at least and %d at most, which nothing can meet: lower min", e.name, e.min, most)
	}
}

// upheld notes constraints that can't be asked.
func (c *compiler) upheld(ed fhir.Node) {
	i := -1
	for rule := range ed.Get("constraint").Each() {
		i++
		expression := rule.Get("expression").Text()
		if expression == "" || isBaseRule(rule.Get("key").Text(), expression, rule.Get("source").Text()) {
			continue
		}
		c.spokenAt(at(c.list, c.i)+".constraint["+text(i)+"].expression", "the rule "+rule.Get("key").Text(), expression)
	}
}

// spokenAt notes what is no FHIRPath, or uses what this server does not know of it.
func (c *compiler) spokenAt(at, what, expression string) {
	if _, err := syntax.Parse(expression); err != nil {
		c.plan.note(fhir.SeverityError, fhir.IssueInvalid, at, "%s is no FHIRPath: %s; correct the expression", what, fhir.OutcomeOf(err).Issues[0].Diagnostics)
		return
	}
	if err := newInvariant("", "", expression, false).wrong; err != nil {
		c.plan.note(fhir.SeverityWarning, fhir.IssueNotSupported, at, "%s will not be checked: %s", what, fhir.OutcomeOf(err).Issues[0].Diagnostics)
	}
}

// parted notes discriminators that lead nowhere.
func (c *compiler) parted(to spot, sl fhir.Node) {
	i := -1
	for d := range sl.Get("discriminator").Each() {
		i++
		at := ".slicing.discriminator[" + text(i) + "].path"
		typ := to.typ
		for _, s := range stepsOf(d.Get("path").Text()) {
			switch {
			case s.kind == stepUnknown:
				c.fail(fhir.IssueValue, at, "%.100q can't be part of a discriminator: elements, extension(url), resolve() and ofType(type) can", s.name)
			case s.kind == stepMember && typ != nil && !typ.Abstract && typ.Element(s.name) == nil:
				c.fail(fhir.IssueValue, at, "%s has no element %.100q in R4, by which slices could be told apart: correct the path", typ.Name, s.name)
			}
			typ = typeAfter(typ, s)
		}
	}
}

// typeAfter gives the type that a step of a discriminator leads to, nil where that
// is not settled.
func typeAfter(typ *r4.Type, s step) *r4.Type {
	switch {
	case s.kind == stepExtension:
		return r4.Lookup("Extension")
	case s.kind == stepType:
		return r4.Lookup(s.name)
	case s.kind != stepMember || typ == nil:
		return nil
	}
	return soleType(typ.Element(s.name), newElement(""))
}
