package terminology

import (
	"fmt"

	"bima/fhir"
	"bima/fhir/terminology/codes"
)

// The parameters of $validate-code. Source: R4 valueset-operation-validate-code,
// codesystem-operation-validate-code. inferSystem is of later versions: R4's
// clients may send a code alone, and its system is then always inferred.
var (
	validateSetTakes = []string{
		"url", "valueSet", "valueSetVersion", "code", "system", "systemVersion", "display", "coding",
		"codeableConcept", "abstract", "displayLanguage", "inferSystem",
	}
	validateSystemTakes = []string{
		"url", "codeSystem", "code", "version", "display", "coding", "codeableConcept", "abstract", "displayLanguage",
	}
)

// A verdict is the answer of $validate-code.
type verdict struct {
	result           bool
	message, display string
}

func (v verdict) answer() (*fhir.Response, error) {
	out := []parameter{booleanOf("result", v.result)}
	if v.message != "" {
		out = append(out, stringOf("message", v.message))
	}
	if v.display != "" {
		out = append(out, stringOf("display", v.display))
	}
	return answer(out)
}

// validateInSet is ValueSet/$validate-code.
func validateInSet(c *call) (*fhir.Response, error) {
	set, err := c.meant("ValueSet", "valueSet", "url", "valueSetVersion")
	if err == nil && set == nil {
		err = fhir.Errorf(fhir.IssueRequired, "Parameters.parameter", "$validate-code needs url or valueSet, or to be called on a ValueSet")
	}
	if err != nil {
		return nil, err
	}
	name := canonical{set.url, set.version}
	return c.validate("systemVersion", func(s shown) (member, verdict, error) {
		m, has, err := c.has(set.set, s.coded)
		if err != nil && unknown(err) {
			return m, verdict{message: fmt.Sprintf("whether %s is in the value set %s can't be told here: %s", s, name, fhir.OutcomeOf(err).Issues[0].Diagnostics)}, nil
		}
		if err != nil || has {
			return m, verdict{result: has}, err
		}
		return m, verdict{message: fmt.Sprintf("%s is not in the value set %s", s, name)}, nil
	})
}

// validateInSystem is CodeSystem/$validate-code. Without a url each coding is held
// against the system it names.
func validateInSystem(c *call) (*fhir.Response, error) {
	system, err := c.meant("CodeSystem", "codeSystem", "url", "version")
	if _, ruled := codes.Ruled(c.text("url")); ruled && fhir.HasIssue(err, fhir.IssueNotFound) {
		err = nil
	}
	if err != nil {
		return nil, err
	}
	if _, bare := c.find("code"); bare && system == nil && c.text("url") == "" {
		return nil, fhir.Errorf(fhir.IssueRequired, "Parameters.parameter", "$validate-code with a code needs url or codeSystem, or to be called on a CodeSystem")
	}
	return c.validate("version", func(s shown) (member, verdict, error) {
		h := system
		if h == nil {
			if h, err = c.resolve("CodeSystem", canonical{s.system, s.version}); err != nil {
				return member{}, verdict{}, err
			}
		}
		if h == nil {
			return c.ruledOrUnknown(s)
		}
		if s.system != "" && s.system != h.url {
			return member{}, verdict{message: fmt.Sprintf("%s is not of the code system %s", s, h.url)}, nil
		}
		concept, found := h.system.Find(s.code)
		if !found {
			message := fmt.Sprintf("%q is no code of the code system %s", s.code, h.system.Canonical())
			if !h.system.Whole() {
				message += fmt.Sprintf(", of which only a part (%s) is here", h.system.Content)
			}
			return member{}, verdict{message: message}, nil
		}
		return member{system: h.url, version: h.version, concept: concept}, verdict{result: true}, nil
	})
}

// ruledOrUnknown judges a code of a system that is not held here.
func (c *call) ruledOrUnknown(s shown) (member, verdict, error) {
	rule, ok := codes.Ruled(s.system)
	switch {
	case ok && rule(s.code):
		return member{system: s.system, ruled: s.code}, verdict{result: true}, nil
	case ok:
		return member{}, verdict{message: fmt.Sprintf("%q is no code of %s", s.code, s.system)}, nil
	}
	return member{}, verdict{message: fhir.OutcomeOf(c.missing("CodeSystem", "code system", canonical{s.system, s.version})).Issues[0].Diagnostics}, nil
}

// String gives the code as a message names it.
func (s shown) String() string {
	if s.system == "" {
		return fmt.Sprintf("%q", s.code)
	}
	return fmt.Sprintf("%q of %s", s.code, s.system)
}

// validate asks about each code. One that is right is enough; the answer tells of
// the first that is, else of the first.
func (c *call) validate(version string, ask func(shown) (member, verdict, error)) (*fhir.Response, error) {
	abstract, given, err := c.flag("abstract")
	if err != nil {
		return nil, err
	}
	system := "system"
	if version == "version" {
		system = "url"
	}
	all, err := c.codings(system, version)
	if err != nil {
		return nil, err
	}
	var first verdict
	for i, s := range all {
		m, v, err := ask(s)
		if err != nil {
			return nil, err
		}
		if v.result {
			v = judge(&m, s, given && !abstract, c.languages())
		}
		if v.result {
			return v.answer()
		}
		if i == 0 {
			first = v
		}
	}
	return first.answer()
}

// judge looks at what else is said of a code that is right as such.
func judge(m *member, s shown, concreteOnly bool, languages []string) verdict {
	v := verdict{result: true, display: m.display(languages)}
	if concreteOnly && m.abstract() {
		return verdict{message: fmt.Sprintf("%s is abstract: it groups other codes and is not for use itself", s), display: v.display}
	}
	if s.display != "" && v.display != "" && !m.called(s.display, languages) {
		return verdict{message: fmt.Sprintf("the display %q is not right for %s, which is %q", s.display, s, v.display), display: v.display}
	}
	return v
}

// called reports whether a display is one of a member's names.
func (m *member) called(display string, languages []string) bool {
	if codes.SameText(display, m.display(languages)) || codes.SameText(display, m.display(nil)) ||
		m.concept.Exists() && codes.SameText(display, m.concept.Display()) {
		return true
	}
	for _, d := range m.designations() {
		if codes.SameText(display, d.Value) {
			return true
		}
	}
	return false
}
