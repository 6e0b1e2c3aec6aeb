package profile

import (
	"slices"
	"strings"

	"bima/fhir"
	"bima/fhir/r4"
)

// A binding ties an element to a value set. Source: R4 terminologies#binding.
type binding struct {
	valueSet string
	required bool   // else extensible
	most     string // elementdefinition-maxValueSet: a value set that codes must come from all the same
	strength string
}

// bindingOf reads a binding that asks something: required, extensible, or with a
// widest value set; nil for any other.
func bindingOf(n fhir.Node) *binding {
	b := &binding{valueSet: n.Get("valueSet").Text(), strength: n.Get("strength").Text()}
	b.most = n.Extension(core + "elementdefinition-maxValueSet").Get("valueCanonical").Text()
	b.required = b.strength == "required"
	if b.valueSet == "" || !b.required && b.strength != "extensible" && b.most == "" {
		return nil
	}
	return b
}

// isOf reports whether R4 itself has the binding.
func (b *binding) isOf(base *r4.Element) bool {
	if base == nil || base.Binding == nil || base.Binding.Strength != b.strength {
		return false
	}
	url, _, _ := strings.Cut(b.valueSet, "|")
	return url == base.Binding.ValueSet
}

// bound checks that a value's code is of the value set.
func (w *walker) bound(v value, b *binding) {
	if !v.node.Exists() {
		return
	}
	if b.required || b.strength == "extensible" {
		w.within(v, b, b.valueSet, b.required)
	}
	if b.most != "" {
		w.within(v, b, b.most, true)
	}
}

func (w *walker) within(v value, b *binding, valueSet string, required bool) {
	in, known := w.isIn(v, valueSet, required)
	switch {
	case in:
	case !known && required && !slices.Contains(w.unknown, valueSet):
		w.unknown = append(w.unknown, valueSet)
		w.warn(fhir.IssueNotSupported, "", "it can't be told here whether %s is of the value set %s, which the profile %s requires: store the value set, and the code systems that it draws on", codeText(v), valueSet, w.plan.name)
	case !known:
	case required:
		w.report(fhir.IssueCodeInvalid, "", "%s is not of the value set %s, which the profile %s requires%s", codeText(v), valueSet, w.plan.name, w.set.some(valueSet))
	default:
		w.warn(fhir.IssueCodeInvalid, "", "%s is not of the value set %s, which the profile %s wants wherever it has a code for what is meant%s", codeText(v), valueSet, w.plan.name, w.set.some(valueSet))
	}
}

// isBound is isIn for a slice that is told by its codes.
func (w *walker) isBound(v value, b *binding) (in, known bool) {
	return w.isIn(v, b.valueSet, true)
}

// isIn reports whether a code, Coding, CodeableConcept or Quantity is of a value
// set; of several codings one is enough. A concept that has only a text, or only
// extensions, is of one that is not required.
func (w *walker) isIn(v value, valueSet string, required bool) (in, known bool) {
	switch {
	case v.typ.Kind == r4.KindPrimitive:
		return w.set.Has(valueSet, "", v.node.Text())
	case v.typ.Name == "CodeableConcept":
		return w.conceptIn(v.node, valueSet, required)
	case v.typ.Name == "Coding" || v.typ.Is("Quantity"):
		return w.codingIn(v.node, valueSet)
	}
	return true, true
}

func (w *walker) conceptIn(n fhir.Node, valueSet string, required bool) (in, known bool) {
	codings := n.Get("coding")
	if codings.Len() == 0 {
		return !required || n.Get("extension").Exists(), true
	}
	known = true
	for c := range codings.Each() {
		has, sure := w.codingIn(c, valueSet)
		if has {
			return true, true
		}
		known = known && sure
	}
	return false, known
}

func (w *walker) codingIn(n fhir.Node, valueSet string) (in, known bool) {
	code := n.Get("code").Text()
	if code == "" {
		return !n.Get("system").Exists(), true
	}
	system := n.Get("system").Text()
	if system == "" {
		_, known := w.set.Has(valueSet, "", code)
		return false, known
	}
	return w.set.Has(valueSet, system, code)
}

func codeText(v value) string {
	n := v.node
	if v.typ.Name == "CodeableConcept" {
		n = n.Get("coding").First()
		if !n.Exists() {
			return "the concept without a coding"
		}
	}
	if n.Kind() == fhir.KindObject {
		return "the code " + show(n.Get("code")) + " of " + show(n.Get("system"))
	}
	return "the code " + show(n)
}
