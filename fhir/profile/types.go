package profile

import (
	"slices"
	"strings"

	"bima/fhir"
	"bima/fhir/r4"
)

// types takes the types of an ElementDefinition over, where they allow less than
// R4 does.
func (c *compiler) types(to spot, ed fhir.Node) {
	list := ed.Get("type")
	if list.Len() == 0 || to.element == c.plan.root {
		return
	}
	var rules []*typeRule
	for t := range list.Each() {
		code := t.Get("code").Text()
		if strings.Contains(code, "/") || strings.Contains(code, "xhtml") {
			return // the System types of ids, urls and values
		}
		c.ofType(code, to.base)
		rules = append(rules, c.typeRule(t, code, to.base))
	}
	if to.isSlice || !isBase(rules, to.base) {
		to.element.types = rules
	}
}

func (c *compiler) typeRule(t fhir.Node, code string, base *r4.Element) *typeRule {
	rule := &typeRule{code: code}
	for p := range t.Get("profile").Each() {
		url := p.Text()
		if isSimple(url, base) {
			continue
		}
		switch e := c.set.find(url); {
		case e != nil:
			rule.profiles = append(rule.profiles, e)
		case coreType(url) == nil:
			rule.unknown = append(rule.unknown, url)
		}
	}
	for p := range t.Get("targetProfile").Each() {
		rule.targets = append(rule.targets, c.target(p.Text()))
	}
	if sameTargets(code, rule.targets, base) {
		rule.targets = nil
	}
	var modes []string
	for m := range t.Get("aggregation").Each() {
		modes = append(modes, m.Text())
	}
	if len(modes) > 0 {
		rule.contained = !slices.Contains(modes, "referenced") && !slices.Contains(modes, "bundled")
		rule.referenced = !slices.Contains(modes, "contained")
	}
	return rule
}

// isSimple reports whether a profile is R4's SimpleQuantity where R4 itself has
// it, as an invariant.
func isSimple(url string, base *r4.Element) bool {
	return url == core+"SimpleQuantity" && base != nil && slices.ContainsFunc(base.Constraints, func(c r4.Constraint) bool { return c.Key == "sqty-1" })
}

func (c *compiler) target(url string) target {
	if t := coreType(url); t != nil {
		return target{typ: t.Name, name: t.Name}
	}
	if e := c.set.find(url); e != nil {
		return target{typ: e.typ, entry: e, name: e.name}
	}
	return target{name: url}
}

// sameTargets reports whether references may lead wherever R4 lets them.
func sameTargets(code string, targets []target, base *r4.Element) bool {
	if len(targets) == 0 {
		return true
	}
	if base == nil {
		return false
	}
	for i := range base.Types {
		t := &base.Types[i]
		if t.Type.Name != code || len(t.Targets) != len(targets) {
			continue
		}
		return !slices.ContainsFunc(targets, func(x target) bool { return x.entry != nil || !slices.Contains(t.Targets, x.typ) })
	}
	return false
}

// isBase reports whether an element may have just the types it has in R4.
func isBase(rules []*typeRule, base *r4.Element) bool {
	if base == nil || len(rules) != len(base.Types) {
		return false
	}
	for _, r := range rules {
		if len(r.profiles)+len(r.targets)+len(r.unknown) > 0 || r.contained || r.referenced {
			return false
		}
		if !slices.ContainsFunc(base.Types, func(t r4.ElementType) bool { return t.Type.Name == r.code || t.Type.Is(r.code) }) {
			return false
		}
	}
	return true
}

// typed checks the type of a value: it must be one of those the profile leaves,
// and meet one of the profiles on it.
func (w *walker) typed(v value, e *element) {
	rule := ruleFor(e.types, v.typ)
	if rule == nil {
		w.report(fhir.IssueStructure, "", "%s has type %s, but the profile %s allows only %s: give a value of that type", e.name, v.typ.Name, w.plan.name, codesOf(e.types))
		return
	}
	if len(rule.profiles) > 0 {
		w.profiled(v, rule)
	}
	if v.typ.Name == "Reference" && (rule.targets != nil || rule.contained || rule.referenced) {
		w.reference(v.node, rule)
	}
}

func ruleFor(rules []*typeRule, t *r4.Type) *typeRule {
	for _, r := range rules {
		if r.code == t.Name {
			return r
		}
	}
	for _, r := range rules {
		if t.Is(r.code) {
			return r
		}
	}
	return nil
}

func codesOf(rules []*typeRule) string {
	list := make([]string, len(rules))
	for i, r := range rules {
		list[i] = r.code
	}
	return strings.Join(list, ", ")
}

// profiled checks a value against the profiles on its type. The definition of an
// extension is not checked here: every extension is checked once, on its own.
func (w *walker) profiled(v value, rule *typeRule) {
	if v.typ.Name == "Extension" && w.quiet == 0 {
		if e := w.set.find(v.node.Get("url").Text()); e != nil && slices.Contains(rule.profiles, e) {
			return
		}
	}
	if len(rule.profiles) == 1 && len(rule.unknown) == 0 {
		w.meets(v, rule.profiles[0])
		return
	}
	var names []string
	for _, e := range rule.profiles {
		if w.conforms(v, e) {
			return
		}
		names = append(names, e.name)
	}
	if len(rule.unknown) == 0 {
		w.report(fhir.IssueInvalid, "", "the value meets none of the profiles it may be of: %s; validate it against the one that is meant", strings.Join(names, ", "))
	}
}

// meets checks a value against a profile and reports what does not meet it.
func (w *walker) meets(v value, e *entry) {
	p, err := w.set.plan(e)
	if err != nil {
		w.unusable(e, err)
		return
	}
	if w.depth >= depthMax || w.isOpen(v.node, p) {
		return
	}
	if !v.typ.Is(p.typ.Name) {
		w.report(fhir.IssueInvalid, "", "the profile %s is for %s, but this is %s", p.name, p.typ.Name, v.typ.Name)
		return
	}
	outer, facts := w.plan, w.facts
	w.plan = p
	w.timed(e)
	w.depth++
	w.open = append(w.open, visit{v.node, p})
	if v.typ.Kind == r4.KindResource {
		w.among(v.node)
	}
	w.element(v, p.root)
	w.open = w.open[:len(w.open)-1]
	w.depth--
	w.plan, w.facts = outer, facts
}

// among makes a resource the one that rules and local references are about.
func (w *walker) among(n fhir.Node) {
	if n == w.facts.Resource {
		return
	}
	w.facts.Resource = n
	for c := range w.facts.Root.Get("contained").Each() {
		if c == n {
			return
		}
	}
	w.facts.Root = n
}

// isOpen reports whether a value is being held against the profile already, as
// resources that refer to each other are.
func (w *walker) isOpen(n fhir.Node, p *plan) bool {
	for _, o := range w.open {
		if o.node == n && o.plan == p {
			return true
		}
	}
	return false
}

// conforms reports whether a value meets a profile, and tells nothing.
func (w *walker) conforms(v value, e *entry) bool {
	return w.silently(func() { w.meets(v, e) })
}

// silently reports whether a check finds no error, and tells nothing of it.
func (w *walker) silently(check func()) bool {
	before := w.failed
	w.failed = false
	w.quiet++
	check()
	w.quiet--
	ok := !w.failed
	w.failed = before
	return ok
}
