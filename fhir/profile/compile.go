package profile

import (
	"strings"

	"bima/fhir"
	"bima/fhir/r4"
)

// treeOf gives the plan of a definition, its slices not yet complete. The lock is
// held. A definition that builds on itself, however far around, fails.
func (s *Set) treeOf(e *entry) (*plan, *fhir.Outcome) {
	if e.set != s {
		return e.set.plan(e)
	}
	if e.tree != nil {
		return e.tree, nil
	}
	if e.source != nil && e.source.broken != nil {
		return nil, e.source.broken
	}
	if s.chain >= chainMax {
		return nil, fhir.Errorf(fhir.IssueTooCostly, "StructureDefinition.baseDefinition", "more than %d profiles build on each other: let %s build on one nearer to R4", chainMax, e.url)
	}
	if e.begun {
		return nil, fhir.Errorf(fhir.IssueProcessing, "StructureDefinition.baseDefinition", "the profile %s builds on itself: correct its baseDefinition", e.url)
	}
	e.begun = true
	s.chain++
	defer func() { e.begun = false; s.chain-- }()
	doc, err := fhir.Parse(e.body)
	if err != nil {
		return nil, fhir.OutcomeOf(err)
	}
	p := &plan{url: e.url, name: e.name, typ: r4.Lookup(e.typ), root: newElement("")}
	n := doc.Root()
	c := &compiler{set: s, plan: p, list: "snapshot"}
	list := n.At("snapshot", "element")
	if list.Len() == 0 {
		c.list, list = "differential", n.At("differential", "element")
		if err := s.inherit(p, e); err != nil {
			return nil, err
		}
	}
	for ed := range list.All() {
		c.define(ed)
		c.i++
	}
	p.root.prune()
	p.contexts, p.rules = c.contexts(n)
	if err := s.weigh(p, e); err != nil {
		return nil, err
	}
	e.tree = p
	s.kept += p.bytes
	return p, nil
}

// chainMax is how many profiles may build on each other, and planElementsMax how
// many elements with rules one may have with those of what it builds on, where
// anybody may have written it.
const (
	chainMax        = 64
	planElementsMax = 20_000
)

// weigh finds out how much memory a plan takes, and refuses too large a one.
func (s *Set) weigh(p *plan, e *entry) *fhir.Outcome {
	if e.source == nil {
		return nil
	}
	elements := 0
	p.root.each(func(*element) { elements++ })
	p.bytes = elements*elementBytes + len(e.body)*bodyFactor
	if elements > planElementsMax {
		return fhir.Errorf(fhir.IssueTooCostly, "StructureDefinition.baseDefinition", "the profile %s has more than %d elements with those of what it builds on: let it build on a smaller one", e.url, planElementsMax)
	}
	return nil
}

// inherit begins a plan with the rules of the profile it builds on.
func (s *Set) inherit(p *plan, e *entry) *fhir.Outcome {
	base := s.find(e.base)
	if core := coreType(e.base); e.base == "" || core != nil && base == nil {
		return builds(p, e, core)
	}
	if base == nil {
		return fhir.Errorf(fhir.IssueNotFound, "StructureDefinition.baseDefinition", "the profile %s builds on %s, which is not here: load the package that defines it, or store its StructureDefinition", e.url, e.base)
	}
	tree, err := s.treeOf(base)
	if base.source != nil && err == nil {
		err = firstError(tree.problems)
	}
	if base.source != nil && err != nil {
		return fhir.Errorf(fhir.IssueIncomplete, "StructureDefinition.baseDefinition", "the profile %s builds on %s, which can't be used: %s", e.url, e.base, err.Issues[0].Diagnostics)
	}
	if err != nil {
		return err
	}
	if err := builds(p, e, tree.typ); err != nil {
		return err
	}
	p.root = tree.root.clone()
	return nil
}

// builds refuses a stored profile that builds on one of another type.
func builds(p *plan, e *entry, on *r4.Type) *fhir.Outcome {
	if e.source == nil || on == nil || p.typ.Is(on.Name) || on.Is(p.typ.Name) {
		return nil
	}
	return fhir.Errorf(fhir.IssueValue, "StructureDefinition.baseDefinition", "the profile %s is of %s, but builds on one of %s: correct its type or its baseDefinition", e.url, p.typ.Name, on.Name)
}

// A compiler adds the ElementDefinitions of one list to a plan.
type compiler struct {
	set  *Set
	plan *plan
	at   placer
	list string // "differential" or "snapshot"
	i    int    // where in it
}

// A spot is where an ElementDefinition's rules go, and what R4 says of the place:
// base and typ are nil where that is not settled.
type spot struct {
	element *element
	base    *r4.Element
	typ     *r4.Type
	isSlice bool
}

// define adds the rules of one ElementDefinition.
func (c *compiler) define(ed fhir.Node) {
	c.begins(ed)
	to := spot{element: c.plan.root, typ: c.plan.typ}
	for _, step := range c.at.next(ed) {
		if to = c.down(to, step); to.element == nil {
			return
		}
	}
	if to.element != c.plan.root {
		to.cardinality(ed)
		c.counts(to)
	}
	c.types(to, ed)
	c.values(to, ed)
	c.upheld(ed)
	to.element.rules = append(to.element.rules, invariantsOf(ed, to.element.rules)...)
	if b := bindingOf(ed.Get("binding")); b != nil && !b.isOf(to.base) {
		to.element.binding = b
	}
	if sl := ed.Get("slicing"); sl.Exists() {
		to.element.slice(sl)
		c.parted(to, sl)
	}
}

// down takes one step. A member of the form valueQuantity is the slice of
// value[x] that has this type. Source: R4 profiling, "shortcuts".
func (c *compiler) down(from spot, step place) spot {
	name := strings.TrimSuffix(step.name, "[x]")
	if from.typ != nil && from.typ.Element(name) == nil {
		if e, _ := from.typ.Member(name); e != nil && e.Choice {
			name, step.slice = e.Name, step.name
		}
	}
	c.has(from.typ, name)
	to := spot{element: from.element.childOrNew(name)}
	if from.typ != nil {
		to.base = from.typ.Element(name)
	}
	to.typ = soleType(to.base, to.element)
	if step.slice == "" {
		return to
	}
	s := to.element.sliceOrNew(step.slice)
	if to.element.slicing.at == "" {
		to.element.slicing.at = at(c.list, c.i) + ".sliceName"
		to.element.slicing.apart = to.element.types != nil || from.element.types != nil
	}
	to.element, to.isSlice = &s.element, true
	if to.base != nil && to.base.Choice {
		c.choice(from.typ, step.slice, &to)
	} else if t := soleType(to.base, to.element); t != nil {
		to.typ = t
	}
	return to
}

// choice gives a slice of value[x] the type its name tells, "valueQuantity".
func (c *compiler) choice(parent *r4.Type, name string, to *spot) {
	if e, et := parent.Member(name); e == to.base && et != nil && to.element.types == nil {
		to.element.types = []*typeRule{{code: et.Type.Name}}
	}
	if t := soleType(to.base, to.element); t != nil {
		to.typ = t
	}
}

// soleType gives the type an element has, nil where it may have several.
func soleType(base *r4.Element, e *element) *r4.Type {
	switch {
	case len(e.types) == 1:
		return r4.Lookup(e.types[0].code)
	case base != nil && len(base.Types) == 1:
		return base.Types[0].Type
	}
	return nil
}

// cardinality takes min and max over, where they say more than R4 does.
func (to spot) cardinality(ed fhir.Node) {
	e, base := to.element, to.base
	if n, ok := count(ed.Get("min")); ok && (to.isSlice || base == nil || n > base.Min || e.min > 0) {
		e.min = n
	}
	text := ed.Get("max").Text()
	if text == "*" || text == "" {
		return
	}
	if n, ok := count(ed.Get("max")); ok && (to.isSlice || base == nil || base.Max == r4.Unbounded || n < base.Max) {
		e.max = n
	}
}

// values takes fixed[x], pattern[x], minValue[x], maxValue[x] and maxLength over.
func (c *compiler) values(to spot, ed fhir.Node) {
	e := to.element
	if v, typ := choiceOf(ed, "fixed"); v.Exists() {
		e.fixed = v
		c.constant(to, "fixed", typ)
	}
	if v, typ := choiceOf(ed, "pattern"); v.Exists() {
		e.pattern = v
		c.constant(to, "pattern", typ)
	}
	if v, typ := choiceOf(ed, "minValue"); v.Exists() {
		e.least = bound{v, typ}
	}
	if v, typ := choiceOf(ed, "maxValue"); v.Exists() {
		e.most = bound{v, typ}
	}
	if n, ok := count(ed.Get("maxLength")); ok {
		e.length = n
	}
}

// count reads a number of repetitions or characters.
func count(n fhir.Node) (int, bool) {
	text := n.Text()
	if text == "" || len(text) > 9 {
		return 0, false
	}
	total := 0
	for _, c := range []byte(text) {
		if c < '0' || c > '9' {
			return 0, false
		}
		total = 10*total + int(c-'0')
	}
	return total, true
}

// slice takes the slicing of an element over. What it does not say, the profile
// below may have said.
func (e *element) slice(n fhir.Node) {
	if e.slicing == nil {
		e.slicing = &slicing{}
	}
	e.slicing.stated = true
	if list := n.Get("discriminator"); list.Len() > 0 {
		e.slicing.discriminators = nil
		for d := range list.Each() {
			path := d.Get("path").Text()
			e.slicing.discriminators = append(e.slicing.discriminators, discriminator{kind: d.Get("type").Text(), path: path, step: stepsOf(path)})
		}
	}
	if rules := n.Get("rules").Text(); rules != "" {
		e.slicing.rules = rules
	}
	if ordered := n.Get("ordered"); ordered.Exists() {
		e.slicing.ordered = ordered.Text() == "true"
	}
}
