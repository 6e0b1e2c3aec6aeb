package profile

import (
	"strings"
	"sync"

	"bima/fhir"
	"bima/fhir/path"
	"bima/fhir/r4"
)

// An invariant is one constraint of a profile, compiled.
type invariant struct {
	key, human, text string
	warning          bool
	expression       *path.Expression // nil where it is not FHIRPath that we know
	wrong            error            // why
}

// baseRules holds the invariants that R4 itself states, which fhir/validate
// checks: by key, and by key and expression.
var baseRules = sync.OnceValue(func() map[string]bool {
	rules := map[string]bool{}
	seen := map[*r4.Type]bool{}
	var visit func(t *r4.Type)
	note := func(list []r4.Constraint) {
		for _, c := range list {
			rules[c.Key], rules[c.Key+" "+c.Expression] = true, true
		}
	}
	visit = func(t *r4.Type) {
		if t == nil || seen[t] {
			return
		}
		seen[t] = true
		visit(t.Base)
		note(t.Constraints)
		for _, e := range t.Elements {
			note(e.Constraints)
			for i := range e.Types {
				visit(e.Types[i].Type)
			}
		}
	}
	for _, name := range r4.Resources() {
		visit(r4.Lookup(name))
	}
	return rules
})

// invariantsOf reads the constraints of an ElementDefinition that R4 and the
// rules already there do not have.
func invariantsOf(ed fhir.Node, there []*invariant) []*invariant {
	var list []*invariant
	for c := range ed.Get("constraint").Each() {
		key, text := c.Get("key").Text(), c.Get("expression").Text()
		if text == "" || isBaseRule(key, text, c.Get("source").Text()) || hasRule(there, key, text) {
			continue
		}
		list = append(list, newInvariant(key, c.Get("human").Text(), text, c.Get("severity").Text() == "warning"))
	}
	return list
}

func newInvariant(key, human, text string, warning bool) *invariant {
	v := &invariant{key: key, human: strings.TrimSuffix(human, "."), text: text, warning: warning}
	v.expression, v.wrong = path.Compile(text)
	return v
}

func isBaseRule(key, text, source string) bool {
	return baseRules()[key+" "+text] || baseRules()[key] && coreType(source) != nil
}

func hasRule(list []*invariant, key, text string) bool {
	for _, v := range list {
		if v.key == key && v.text == text {
			return true
		}
	}
	return false
}

// uphold evaluates the rules of an element on a value and reports those that are
// false. Where one is empty, or fails, nothing is known against the value.
func (w *walker) uphold(v value, rules []*invariant) {
	for _, rule := range rules {
		if w.over() {
			return
		}
		if rule.expression == nil {
			w.warn(fhir.IssueNotSupported, fhir.Detail(rule.key), "the rule %s of the profile %s is not in FHIRPath that this server knows, so it was not checked: %s", rule.key, w.plan.name, rule.text)
			continue
		}
		holds, known, err := rule.expression.Bool(v.node, v.typ, w.context())
		if err != nil || !known || holds {
			continue
		}
		if rule.warning {
			w.warn(fhir.IssueInvariant, fhir.Detail(rule.key), "%s (%s of the profile %s, which is: %s)", rule.human, rule.key, w.plan.name, rule.text)
		} else {
			w.report(fhir.IssueInvariant, fhir.Detail(rule.key), "%s (%s of the profile %s, which is: %s)", rule.human, rule.key, w.plan.name, rule.text)
		}
	}
}

// context gives what rules know of the resource; its functions are made when the
// first rule asks.
func (w *walker) context() *path.Context {
	if w.facts.MemberOf == nil {
		w.facts.MemberOf = w.set.Has
		w.facts.ConformsTo = func(n fhir.Node, profile string) (ok, known bool) { return w.is(n, profile) }
	}
	return &w.facts
}

// is answers conformsTo() in a rule.
func (w *walker) is(n fhir.Node, profile string) (ok, known bool) {
	e := w.set.find(profile)
	typ := r4.Lookup(n.Get("resourceType").Text())
	if e == nil || typ == nil {
		return false, false
	}
	return w.conforms(value{node: n, typ: typ, index: single}, e), true
}
