package validate

import (
	"slices"
	"strings"

	"bima/fhir"
	"bima/fhir/r4"
)

// codes is a value set that some element must take its codes from.
type codes struct {
	url     string
	listed  []r4.Coding
	byCode  map[string]bool // nil where R4 does not list the codes
	systems []string
}

func (c *compiler) valueSet(url string) *codes {
	if v := c.codes[url]; v != nil {
		return v
	}
	v := &codes{url: url, listed: r4.ValueSetCodes(url)}
	c.codes[url] = v
	if v.listed == nil {
		return v
	}
	v.byCode = make(map[string]bool, len(v.listed))
	for _, l := range v.listed {
		v.byCode[l.Code] = true
		if !slices.Contains(v.systems, l.System) {
			v.systems = append(v.systems, l.System)
		}
	}
	return v
}

// has reports whether the value set has a code, true where nobody can tell.
func (v *codes) has(o *Options, system, code string) bool {
	if v.byCode != nil && !v.byCode[code] {
		return false
	}
	if v.byCode != nil && system == "" {
		return true
	}
	if has, known := r4.ValueSetHas(v.url, system, code); known || has {
		return has
	}
	if o.Terminology == nil {
		return true
	}
	has, known := o.Terminology(v.url, system, code)
	return has || !known
}

// plainCode checks a code, or another primitive, of a required binding.
func (w *walker) plainCode(code string, m *member) {
	if !m.codes.has(&w.options, "", code) && !w.full() {
		w.report(fhir.IssueCodeInvalid, "", "%s is no code of %s%s", excerpt(code), m.codes.url, m.codes.wayOut(code))
	}
}

// wayOut lists the codes, or the nearest one of many.
func (v *codes) wayOut(code string) string {
	names := make([]string, len(v.listed))
	for i, l := range v.listed {
		names[i] = l.Code
	}
	switch near := closest(code, names); {
	case len(names) > 0 && len(names) <= listedMax:
		return ": use one of " + strings.Join(names, ", ")
	case near != "":
		return ": did you mean " + near + "?"
	case len(names) > listedMax:
		return ": use one of " + strings.Join(names[:listedMax], ", ") + " or another of its codes"
	}
	return ": use one of its codes"
}

// coded checks a Coding, CodeableConcept or Quantity of a required binding: the
// code, or one of the codings, must come from the value set.
// Source: R4 terminologies#code, #Coding, #CodeableConcept.
func (w *walker) coded(n fhir.Node, m *member) {
	if m.rule != ruleConcept {
		w.codingIn(n, m)
		return
	}
	codings := n.Get("coding")
	if codings.Kind() != fhir.KindArray {
		if !codings.Exists() && !n.Get("extension").Exists() && n.Len() > 0 {
			w.report(fhir.IssueCodeInvalid, "", "the concept has no coding, but must have one of %s%s", m.codes.url, m.codes.wayOut(""))
		}
		return
	}
	for c := range codings.All() {
		if w.isIn(c, m) {
			return
		}
	}
	if w.full() {
		return
	}
	first := codings.First()
	w.report(fhir.IssueCodeInvalid, "", "no coding is of %s (the first is %s)%s%s", m.codes.url, codingText(first), m.codes.wayOut(first.Get("code").Text()), m.codes.systemsText())
}

// codingIn checks one Coding, or the unit of a Quantity.
func (w *walker) codingIn(n fhir.Node, m *member) {
	if !n.Get("code").Exists() && m.rule == ruleQuantity || w.isIn(n, m) || w.full() {
		return
	}
	w.report(fhir.IssueCodeInvalid, "", "%s is no code of %s%s%s", codingText(n), m.codes.url, m.codes.wayOut(n.Get("code").Text()), m.codes.systemsText())
}

// isIn reports whether a coding is of the value set. One that is too broken to
// tell, or has only extensions, counts as being in it.
func (w *walker) isIn(coding fhir.Node, m *member) bool {
	code, system := coding.Get("code"), coding.Get("system")
	if coding.Kind() != fhir.KindObject || code.Exists() && code.Kind() != fhir.KindString {
		return true
	}
	if !code.Exists() {
		return coding.Get("_code").Exists() || coding.Get("extension").Exists()
	}
	if system.Text() == "" && len(m.codes.systems) > 0 {
		return false
	}
	return m.codes.has(&w.options, system.Text(), code.Text())
}

func codingText(n fhir.Node) string {
	code, system := n.Get("code").Text(), n.Get("system").Text()
	if system == "" {
		return excerpt(code) + " without a system"
	}
	return excerpt(code) + " of " + excerpt(system)
}

func (v *codes) systemsText() string {
	if len(v.systems) == 0 || len(v.systems) > 3 {
		return ""
	}
	return " with system " + strings.Join(v.systems, " or ")
}
