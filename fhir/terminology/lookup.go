package terminology

import (
	"encoding/json"
	"slices"
	"strings"

	"bima/fhir"
	"bima/fhir/terminology/codes"
)

// lookupTakes are the parameters of $lookup. Source: R4 codesystem-operation-lookup.
var lookupTakes = []string{"code", "system", "version", "coding", "displayLanguage", "property"}

// lookup is CodeSystem/$lookup.
func lookup(c *call) (*fhir.Response, error) {
	all, err := c.codings("system", "version")
	if err != nil {
		return nil, err
	}
	asked := all[0]
	if asked.system == "" {
		return nil, fhir.Errorf(fhir.IssueRequired, "Parameters.parameter", "$lookup needs the system of the code")
	}
	sys, err := c.codeSystem(parseCanonical(canonical{asked.system, asked.version}.String()))
	if err != nil {
		return nil, err
	}
	concept, ok := sys.Find(asked.code)
	if !ok {
		return nil, fhir.Errorf(fhir.IssueNotFound, "Parameters.parameter", "%q is no code of the code system %s", asked.code, sys.Canonical())
	}
	more, err := c.supplements(sys)
	if err != nil {
		return nil, err
	}
	return answer(describe(concept, more, c.languages(), c.texts("property")))
}

// supplements gives the stored code systems that add to one.
func (q *scope) supplements(sys *codes.System) ([]*codes.System, error) {
	found, err := q.matching("CodeSystem", fhir.Match{
		Param: fhir.Param{Code: "supplements", Kind: fhir.ParamReference}, Value: fhir.ReferenceValue{URL: sys.URL},
	})
	if err != nil {
		return nil, err
	}
	var out []*codes.System
	for _, h := range found {
		base := parseCanonical(h.system.Supplements)
		if h.system.Content == "supplement" && h.status != "retired" && (base.version == "" || base.version == sys.Version) {
			out = append(out, h.system)
		}
	}
	return out, nil
}

// describe tells what is known of a concept: all of it, or the properties asked
// for.
func describe(c codes.Concept, supplements []*codes.System, languages, asked []string) []parameter {
	sys := c.System()
	name := sys.Title
	if name == "" {
		name = sys.Name
	}
	if name == "" {
		name = sys.URL
	}
	out := []parameter{stringOf("name", name)}
	if sys.Version != "" {
		out = append(out, stringOf("version", sys.Version))
	}
	concepts := []codes.Concept{c}
	var more []codes.Designation
	for _, s := range supplements {
		if added, ok := s.Find(c.Code()); ok {
			concepts, more = append(concepts, added), append(more, added.Designations()...)
		}
	}
	display := c.Label(languages, more)
	if display == "" {
		display = c.Code()
	}
	out = append(out, stringOf("display", display))
	for _, d := range slices.Concat(c.Designations(), more) {
		if wantsDesignation(asked, d.Language) {
			out = append(out, designationOf(d))
		}
	}
	for _, p := range propertiesOf(concepts) {
		if len(asked) == 0 || slices.Contains(asked, "*") || slices.Contains(asked, p.code) {
			out = append(out, p.parameter())
		}
	}
	return out
}

// wantsDesignation reports whether designations of a language are asked for: by
// "designation", "lang." with the language, or by asking for nothing in
// particular.
func wantsDesignation(asked []string, language string) bool {
	if len(asked) == 0 {
		return true
	}
	for _, a := range asked {
		lang, isLang := strings.CutPrefix(a, "lang.")
		if a == "designation" || a == "*" || isLang && strings.EqualFold(lang, language) {
			return true
		}
	}
	return false
}

func designationOf(d codes.Designation) parameter {
	p := parameter{name: "designation"}
	if d.Language != "" {
		p.parts = append(p.parts, codeOf("language", d.Language))
	}
	if d.Use != "" {
		p.parts = append(p.parts, parameter{name: "use", kind: "valueCoding", value: json.RawMessage(d.Use)})
	}
	p.parts = append(p.parts, stringOf("value", d.Value))
	return p
}

// A conceptProperty is one property of a concept, as $lookup tells it.
type conceptProperty struct {
	code, kind  string
	value       any
	description string
}

func (p conceptProperty) parameter() parameter {
	parts := []parameter{codeOf("code", p.code), {name: "value", kind: p.kind, value: p.value}}
	if p.description != "" {
		parts = append(parts, stringOf("description", p.description))
	}
	return parameter{name: "property", parts: parts}
}

// propertiesOf gives the properties of a concept, with those that supplements add:
// R4's own first. Source: R4 codesystem#defined-props.
func propertiesOf(concepts []codes.Concept) []conceptProperty {
	c := concepts[0]
	var out []conceptProperty
	if d := c.Definition(); d != "" {
		out = append(out, conceptProperty{code: "definition", kind: "valueString", value: d})
	}
	out = append(out, conceptProperty{code: "inactive", kind: "valueBoolean", value: c.Inactive()})
	if c.Abstract() {
		out = append(out, conceptProperty{code: "notSelectable", kind: "valueBoolean", value: true})
	}
	for _, p := range c.Parents() {
		out = append(out, conceptProperty{code: "parent", kind: "valueCode", value: p.Code(), description: p.Display()})
	}
	for _, p := range c.Children() {
		out = append(out, conceptProperty{code: "child", kind: "valueCode", value: p.Code(), description: p.Display()})
	}
	for _, each := range concepts {
		for v := range each.Values() {
			if v.Property != "inactive" && v.Property != "notSelectable" {
				out = append(out, conceptProperty{code: v.Property, kind: v.Kind, value: rawValue(v)})
			}
		}
	}
	return out
}

// rawValue gives the value of a property as it stood in the code system.
func rawValue(v codes.Value) any {
	switch v.Kind {
	case "valueCoding", "valueInteger", "valueDecimal", "valueBoolean":
		return json.RawMessage(v.Text)
	}
	return v.Text
}
