package validate

import (
	"strings"

	"bima/fhir"
	"bima/fhir/path"
	"bima/fhir/r4"
)

// An invariant is one rule that R4 states in FHIRPath, compiled.
type invariant struct {
	rule       r4.Constraint
	expression *path.Expression
	// The rule surely holds where one of absent is not there, or one of present
	// is: most rules are about elements that most resources don't have.
	absent, present set
	// quick, if there is one, sees the usual case that the rule surely holds.
	quick func(n fhir.Node) bool
}

// native holds the rules that the walk itself checks, and dom-6, a matter of
// good practice that a server has no business to enforce.
var native = map[string]bool{
	"ele-1": true, "ext-1": true, "dom-2": true, "dom-3": true, "dom-4": true, "dom-5": true, "dom-6": true,
	"ref-1": true, "txt-1": true, "txt-2": true,
}

// list compiles the constraints of a type, or of an element of that type.
func (c *compiler) list(t *r4.Type, constraints []r4.Constraint) []*invariant {
	var out []*invariant
	for _, rule := range constraints {
		if native[rule.Key] {
			continue
		}
		if better := corrected[rule.Expression]; better != "" {
			rule.Expression = better
		}
		expression := c.expressions[rule.Expression]
		if expression == nil {
			expression = path.MustCompile(rule.Expression)
			c.expressions[rule.Expression] = expression
		}
		v := &invariant{rule: rule, expression: expression, quick: quick[rule.Key+" "+t.Name]}
		if t.Kind != r4.KindPrimitive {
			v.shortcuts(t, rule.Expression)
		}
		out = append(out, v)
	}
	return out
}

// shortcuts reads off the terms of a disjunction that ask only whether an
// element is there: "code.empty() or system.exists()" holds without a code, and
// with a system. Of "a implies b" the first part counts turned round.
func (v *invariant) shortcuts(t *r4.Type, expression string) {
	if len(outermost(expression, " xor ")) > 1 {
		return
	}
	parts := outermost(expression, " implies ")
	if len(parts) > 2 {
		return
	}
	if len(parts) == 2 {
		if e := presence(t, parts[0], ".exists()"); e != nil {
			v.absent.add(e.Index)
		}
	}
	for _, term := range outermost(parts[len(parts)-1], " or ") {
		if e := presence(t, term, ".exists()"); e != nil {
			v.present.add(e.Index)
		}
		for _, suffix := range []string{".empty()", ".exists().not()", ".hasValue().not()"} {
			if e := presence(t, term, suffix); e != nil {
				v.absent.add(e.Index)
			}
		}
	}
}

// presence gives the element of a term such as "code.empty()", nil if the term
// is of another form.
func presence(t *r4.Type, term, suffix string) *r4.Element {
	name, ok := strings.CutSuffix(strings.TrimSpace(term), suffix)
	if !ok {
		return nil
	}
	return t.Element(name)
}

// outermost splits an expression at an operator outside brackets and quotes.
func outermost(expression, operator string) []string {
	var parts []string
	depth, quoted, start := 0, false, 0
	for i := 0; i < len(expression); i++ {
		switch c := expression[i]; {
		case c == '\\':
			i++
		case c == '\'':
			quoted = !quoted
		case quoted:
		case c == '(' || c == '[' || c == '{':
			depth++
		case c == ')' || c == ']' || c == '}':
			depth--
		case depth == 0 && strings.HasPrefix(expression[i:], operator):
			parts = append(parts, expression[start:i])
			start = i + len(operator)
			i = start - 1
		}
	}
	return append(parts, expression[start:])
}

// settled reports whether the elements that are there settle that the rule holds.
func (v *invariant) settled(seen set) bool {
	return !v.absent.without(seen).isEmpty() || !v.present.disjoint(seen)
}

// enter makes a resource the one that expressions call %resource.
func (w *walker) enter(n fhir.Node, at place) {
	w.facts.Resource = n
	if at != asContent {
		w.facts.Root = n
		w.facts.MemberOf = w.options.Terminology
	}
}

// invariants checks the rules of a type on one value.
func (w *walker) invariants(n fhir.Node, p *plan, seen set) {
	for _, v := range p.invariants {
		if !v.settled(seen) {
			w.uphold(n, p.typ, v)
		}
	}
}

// elementInvariants checks the rules an element states besides its type's.
func (w *walker) elementInvariants(n fhir.Node, m *member, seen set) {
	for _, v := range m.checks {
		if m.format != formatNone || !v.settled(seen) {
			w.uphold(n, m.typ, v)
		}
	}
}

// uphold evaluates a rule and reports it where it is false. Where it is empty, or
// the value is too broken to evaluate it, nothing is known against the value.
func (w *walker) uphold(n fhir.Node, t *r4.Type, v *invariant) {
	if v.quick != nil && v.quick(n) {
		return
	}
	value, known, err := v.expression.Bool(n, t, &w.facts)
	if err != nil || !known || value {
		return
	}
	issue := fhir.Issue{Severity: fhir.SeverityError, Code: fhir.IssueInvariant, Detail: fhir.Detail(v.rule.Key)}
	if v.rule.Severity == "warning" {
		issue.Severity = fhir.SeverityWarning
	}
	w.add(issue, "%s (%s, which is: %s)", []any{v.rule.Human, v.rule.Key, v.rule.Expression})
}
