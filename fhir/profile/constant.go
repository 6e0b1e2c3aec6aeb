package profile

import (
	"bytes"
	"encoding/json"
	"strings"

	"bima/fhir"
)

// constants checks fixed[x] and pattern[x]. Source: R4 elementdefinition.
func (w *walker) constants(v value, e *element) {
	if e.fixed.Exists() && !equal(v.node, e.fixed) {
		w.report(fhir.IssueValue, "", "%s is %s, but the profile %s wants exactly %s", e.name, show(v.node), w.plan.name, show(e.fixed))
	}
	if e.pattern.Exists() && !contains(v.node, e.pattern) {
		w.report(fhir.IssueValue, "", "%s is %s, but the profile %s wants at least %s in it", e.name, show(v.node), w.plan.name, show(e.pattern))
	}
}

// equal reports whether two values are the same, in whatever order their members
// stand and however their numbers are written.
func equal(a, b fhir.Node) bool {
	if a.Kind() != b.Kind() || a.Len() != b.Len() {
		return false
	}
	switch a.Kind() {
	case fhir.KindObject:
		for m := b.First(); m.Exists(); m = m.Next() {
			if !equal(a.Get(m.Name()), m) {
				return false
			}
		}
		return true
	case fhir.KindArray:
		x := a.First()
		for y := b.First(); y.Exists(); x, y = x.Next(), y.Next() {
			if !equal(x, y) {
				return false
			}
		}
		return true
	}
	return same(a, b)
}

// same compares two values that hold no others.
func same(a, b fhir.Node) bool {
	return a.Text() == b.Text() || a.Kind() == fhir.KindNumber && compareNumbers(a, b) == 0 && isNumber(a) && isNumber(b)
}

func isNumber(n fhir.Node) bool {
	_, err := fhir.ParseDecimal(n.Text())
	return err == nil
}

// contains reports whether a value has all that a pattern has: of objects each
// member, of arrays each element somewhere.
func contains(n, pattern fhir.Node) bool {
	if pattern.Kind() != n.Kind() {
		return false
	}
	switch pattern.Kind() {
	case fhir.KindObject:
		for m := pattern.First(); m.Exists(); m = m.Next() {
			if !contains(n.Get(m.Name()), m) {
				return false
			}
		}
		return true
	case fhir.KindArray:
		for p := pattern.First(); p.Exists(); p = p.Next() {
			if !containsOne(n, p) {
				return false
			}
		}
		return true
	}
	return same(n, pattern)
}

func containsOne(list, pattern fhir.Node) bool {
	for c := list.First(); c.Exists(); c = c.Next() {
		if contains(c, pattern) {
			return true
		}
	}
	return false
}

// excerptMax is how many bytes of a value a message shows.
const excerptMax = 120

// show gives the beginning of a value for a message.
func show(n fhir.Node) string {
	if !n.Exists() {
		return "without a value"
	}
	var b bytes.Buffer
	if err := json.Compact(&b, n.Raw()); err != nil || b.Len() > excerptMax {
		return strings.ToValidUTF8(string(b.Bytes()[:min(b.Len(), excerptMax)]), "") + "…"
	}
	return b.String()
}
