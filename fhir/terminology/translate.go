package terminology

import (
	"fmt"
	"slices"

	"bima/fhir"
)

// translateTakes are the parameters of $translate. Source: R4
// conceptmap-operation-translate.
var translateTakes = []string{
	"url", "conceptMap", "conceptMapVersion", "code", "system", "version", "source", "coding", "codeableConcept",
	"target", "targetsystem", "dependency", "reverse",
}

// A translation is what $translate is asked for.
type translation struct {
	*call
	targetSystem   string
	source, target canonical // value sets; zero where they are not named
	reverse        bool
	depends        []dependency
	matches        []match
	seen           map[*conceptMap]bool // those followed from one to another
}

// A match is one way to translate.
type match struct {
	equivalence string
	concept     coding
	product     []dependency
	source      string // the canonical of the map
}

// translate is ConceptMap/$translate.
func translate(c *call) (*fhir.Response, error) {
	t, err := readTranslation(c)
	if err != nil {
		return nil, err
	}
	all, err := c.codings("system", "version")
	if err != nil {
		return nil, err
	}
	maps, err := t.maps(all)
	if err != nil {
		return nil, err
	}
	for _, s := range all {
		for _, m := range maps {
			t.seen = map[*conceptMap]bool{}
			if err := t.through(m.mapping, s.coded); err != nil {
				return nil, err
			}
		}
	}
	return t.answer(all, maps)
}

func readTranslation(c *call) (t *translation, err error) {
	t = &translation{
		call: c, targetSystem: c.text("targetsystem"),
		source: parseCanonical(c.text("source")), target: parseCanonical(c.text("target")),
	}
	if t.reverse, _, err = c.flag("reverse"); err != nil {
		return nil, err
	}
	for _, arg := range c.given {
		if arg.name == "dependency" {
			t.depends = append(t.depends, readDependencies(arg.parts)...)
		}
	}
	return t, nil
}

// readDependencies reads a parameter dependency: an element and its codes.
func readDependencies(parts fhir.Node) (out []dependency) {
	element := ""
	for p := range parts.Each() {
		if p.Get("name").Text() == "element" {
			element = p.Get("valueUri").Text() + p.Get("valueString").Text()
		}
	}
	for p := range parts.Each() {
		for c := range p.At("valueCodeableConcept", "coding").Each() {
			out = append(out, dependency{property: element, system: c.Get("system").Text(), value: c.Get("code").Text()})
		}
	}
	return out
}

// maps gives the concept maps to translate by: the one named, or all that map
// from the systems of the codes, within what source and target say.
func (t *translation) maps(all []shown) ([]*held, error) {
	named, err := t.meant("ConceptMap", "conceptMap", "url", "conceptMapVersion")
	if err != nil || named != nil {
		return []*held{named}, err
	}
	var out []*held
	for _, s := range all {
		if s.system == "" {
			return nil, fhir.Errorf(fhir.IssueRequired, "Parameters.parameter", "$translate without a concept map (url) needs the system of the code")
		}
		some, err := t.mapping(s.system)
		if err != nil {
			return nil, err
		}
		for _, h := range some {
			if t.suits(h) && !slices.Contains(out, h) {
				out = append(out, h)
			}
		}
	}
	return out, nil
}

// mapping gives the concept maps, stored and built in, that map from a system.
func (t *translation) mapping(system string) ([]*held, error) {
	side := "source-system"
	if t.reverse {
		side = "target-system"
	}
	found, err := t.matching("ConceptMap", fhir.Match{
		Param: fhir.Param{Code: side, Kind: fhir.ParamURI}, Value: fhir.URIValue{URI: system},
	})
	if err != nil {
		return nil, err
	}
	out := slices.DeleteFunc(found, func(h *held) bool { return h.status == "retired" })
	for _, n := range t.inline {
		if n.mapping != nil {
			out = append(out, n)
		}
	}
	builtIn, err := t.service.builtInMaps()
	if err != nil {
		return nil, err
	}
	for _, h := range builtIn {
		if !slices.ContainsFunc(out, func(other *held) bool { return other.url == h.url }) {
			out = append(out, h)
		}
	}
	return out, nil
}

// builtInMaps gives the concept maps among the definitions, ordered by URL.
func (s *Service) builtInMaps() ([]*held, error) {
	var out []*held
	for at, list := range s.builtIn() {
		if at.typ != "ConceptMap" {
			continue
		}
		for _, d := range list {
			h, err := s.compiled(d.identity(), func() ([]byte, error) { return []byte(d.body), nil })
			if err != nil {
				return nil, err
			}
			out = append(out, h)
		}
	}
	slices.SortFunc(out, func(a, b *held) int { return compareVersions(a.url, b.url) })
	return out, nil
}

// suits reports whether a map is between the value sets asked for.
func (t *translation) suits(h *held) bool {
	from, to := h.mapping.source, h.mapping.target
	if t.reverse {
		from, to = to, from
	}
	return (t.source.url == "" || t.source.url == from.url) && (t.target.url == "" || t.target.url == to.url)
}

// through adds the matches of one map, and of the maps its groups refer to for
// what they don't list. No map is gone through twice, so circles end.
func (t *translation) through(m *conceptMap, c coded) error {
	if t.seen[m] {
		return nil
	}
	t.seen[m] = true
	for _, g := range m.groups {
		from, to := g.source, g.target
		if t.reverse {
			from, to = to, from
		}
		if c.system != "" && from != "" && c.system != from || t.targetSystem != "" && t.targetSystem != to {
			continue
		}
		if t.reverse {
			t.backwards(m, g, c.code)
			continue
		}
		if e := g.elements[c.code]; e != nil && t.forwards(m, g, e) {
			continue
		}
		if err := t.unlisted(m, g, c); err != nil {
			return err
		}
	}
	return nil
}

// forwards adds the targets of an element. It reports whether there is any.
func (t *translation) forwards(m *conceptMap, g *mapGroup, e *mapElement) bool {
	for _, target := range e.targets {
		if t.met(target.dependsOn) {
			t.add(match{
				target.equivalence, coding{g.target, g.targetVersion, target.code, target.display}, target.product, canonical{m.url, m.version}.String(),
			})
		}
	}
	return len(e.targets) > 0
}

// backwards adds the elements that map to a code.
func (t *translation) backwards(m *conceptMap, g *mapGroup, code string) {
	for _, e := range g.reversed[code] {
		for _, target := range e.targets {
			if target.code == code && t.met(target.dependsOn) {
				t.add(match{
					turned(target.equivalence), coding{g.source, g.sourceVersion, e.code, e.display}, nil, canonical{m.url, m.version}.String(),
				})
			}
		}
	}
}

// turned gives the equivalence read from target to source. Source: R4
// valueset-concept-map-equivalence.
func turned(equivalence string) string {
	switch equivalence {
	case "wider":
		return "narrower"
	case "narrower":
		return "wider"
	case "subsumes":
		return "specializes"
	case "specializes":
		return "subsumes"
	}
	return equivalence
}

// met reports whether the request states what a target depends on.
func (t *translation) met(wanted []dependency) bool {
	for _, d := range wanted {
		if !slices.ContainsFunc(t.depends, func(has dependency) bool {
			return has.property == d.property && has.value == d.value && (d.system == "" || has.system == d.system)
		}) {
			return false
		}
	}
	return true
}

// unlisted does what a group says of codes it does not map.
func (t *translation) unlisted(m *conceptMap, g *mapGroup, c coded) error {
	source := canonical{m.url, m.version}.String()
	switch g.unmapped.mode {
	case "provided":
		t.add(match{"equal", coding{System: g.target, Version: g.targetVersion, Code: c.code}, nil, source})
	case "fixed":
		t.add(match{"inexact", coding{g.target, g.targetVersion, g.unmapped.code, g.unmapped.display}, nil, source})
	case "other-map":
		other, err := t.resolve("ConceptMap", g.unmapped.url)
		if err != nil {
			return err
		}
		if other == nil {
			return t.missing("ConceptMap", "concept map", g.unmapped.url)
		}
		return t.through(other.mapping, c)
	}
	return nil
}

func (t *translation) add(m match) {
	for _, other := range t.matches {
		if other.equivalence == m.equivalence && other.concept == m.concept && other.source == m.source {
			return
		}
	}
	t.matches = append(t.matches, m)
}

// answer tells the matches. The result is true where one of them is a
// translation.
func (t *translation) answer(all []shown, maps []*held) (*fhir.Response, error) {
	result := slices.ContainsFunc(t.matches, func(m match) bool {
		return m.equivalence != "unmatched" && m.equivalence != "disjoint"
	})
	out := []parameter{booleanOf("result", result)}
	switch {
	case result:
	case len(maps) == 0:
		out = append(out, stringOf("message", fmt.Sprintf("no concept map here maps %s so", all[0])))
	default:
		out = append(out, stringOf("message", fmt.Sprintf("%s has no translation", all[0])))
	}
	for _, m := range t.matches {
		out = append(out, m.parameter())
	}
	return answer(out)
}

func (m match) parameter() parameter {
	p := parameter{name: "match", parts: []parameter{codeOf("equivalence", m.equivalence)}}
	if m.concept.Code != "" {
		p.parts = append(p.parts, parameter{name: "concept", kind: "valueCoding", value: m.concept})
	}
	for _, d := range m.product {
		p.parts = append(p.parts, parameter{name: "product", parts: []parameter{
			uriOf("element", d.property),
			{name: "concept", kind: "valueCoding", value: coding{System: d.system, Code: d.value, Display: d.display}},
		}})
	}
	if m.source != "" {
		p.parts = append(p.parts, uriOf("source", m.source))
	}
	return p
}
