package profile

import (
	"bytes"
	"encoding/json"
	"strings"

	"bima/fhir"
)

// constants checks fixed[x] and pattern[x]. Source: R4 elementdefinition.
func (w *walker) constants(v value, e *element) {
	if e.fixed.Exists() && !fhir.Same(v.node, e.fixed) {
		w.report(fhir.IssueValue, "", "%s is %s, but the profile %s wants exactly %s", e.name, show(v.node), w.plan.name, show(e.fixed))
	}
	if e.pattern.Exists() && !contains(v.node, e.pattern) {
		w.report(fhir.IssueValue, "", "%s is %s, but the profile %s wants at least %s in it", e.name, show(v.node), w.plan.name, show(e.pattern))
	}
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
	return fhir.Same(n, pattern)
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
