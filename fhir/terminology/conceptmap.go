package terminology

import (
	"slices"

	"bima/fhir"
)

// A conceptMap is a ConceptMap, compiled. It is immutable. Source: R4 ConceptMap.
type conceptMap struct {
	url, version   string
	source, target canonical // value sets; zero where it names none
	groups         []*mapGroup
}

// A mapGroup maps from one code system to another.
type mapGroup struct {
	source, sourceVersion string
	target, targetVersion string
	elements              map[string]*mapElement   // by source code
	reversed              map[string][]*mapElement // by target code
	unmapped              unmapped
}

// An unmapped says what becomes of a code that a group does not list.
type unmapped struct {
	mode          string // provided, fixed or other-map; "" where it says nothing
	code, display string
	url           canonical
}

type mapElement struct {
	code, display string
	targets       []*mapTarget
}

type mapTarget struct {
	code, display, equivalence string
	dependsOn, product         []dependency
}

// A dependency is what a mapping depends on, or gives besides.
type dependency struct{ property, system, value, display string }

func parseConceptMap(n fhir.Node) *conceptMap {
	m := &conceptMap{
		url: n.Get("url").Text(), version: n.Get("version").Text(),
		source: parseCanonical(n.Get("sourceUri").Text() + n.Get("sourceCanonical").Text()),
		target: parseCanonical(n.Get("targetUri").Text() + n.Get("targetCanonical").Text()),
	}
	for g := range n.Get("group").Each() {
		m.groups = append(m.groups, parseGroup(g))
	}
	return m
}

func parseGroup(n fhir.Node) *mapGroup {
	u := n.Get("unmapped")
	g := &mapGroup{
		source: n.Get("source").Text(), sourceVersion: n.Get("sourceVersion").Text(),
		target: n.Get("target").Text(), targetVersion: n.Get("targetVersion").Text(),
		elements: make(map[string]*mapElement, n.Get("element").Len()),
		reversed: map[string][]*mapElement{},
		unmapped: unmapped{
			mode: u.Get("mode").Text(), code: u.Get("code").Text(), display: u.Get("display").Text(),
			url: parseCanonical(u.Get("url").Text()),
		},
	}
	for e := range n.Get("element").Each() {
		g.add(e)
	}
	return g
}

// add takes in an element. A code may have several.
func (g *mapGroup) add(n fhir.Node) {
	code := n.Get("code").Text()
	e, twice := g.elements[code]
	if !twice {
		e = &mapElement{code: code, display: n.Get("display").Text()}
		g.elements[code] = e
	}
	for t := range n.Get("target").Each() {
		target := parseTarget(t)
		e.targets = append(e.targets, target)
		if from := g.reversed[target.code]; !slices.Contains(from, e) {
			g.reversed[target.code] = append(from, e)
		}
	}
}

func parseTarget(n fhir.Node) *mapTarget {
	t := &mapTarget{code: n.Get("code").Text(), display: n.Get("display").Text(), equivalence: n.Get("equivalence").Text()}
	for d := range n.Get("dependsOn").Each() {
		t.dependsOn = append(t.dependsOn, parseDependency(d))
	}
	for p := range n.Get("product").Each() {
		t.product = append(t.product, parseDependency(p))
	}
	return t
}

func parseDependency(n fhir.Node) dependency {
	return dependency{
		property: n.Get("property").Text(), system: n.Get("system").Text(),
		value: n.Get("value").Text(), display: n.Get("display").Text(),
	}
}
