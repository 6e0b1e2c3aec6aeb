package terminology

import (
	"bima/fhir"
	"bima/fhir/terminology/codes"
)

// A valueSet is a ValueSet, compiled. It is immutable. Source: R4 ValueSet.
type valueSet struct {
	url, version     string
	name, title      string
	about            []property // what an expansion repeats of it
	compose          string     // its JSON; "" where it has none
	include, exclude []*part
	activeOnly       bool // compose.inactive is false
	described        bool // whether it says at all what is in it
}

// A property is a member of a JSON object.
type property struct{ name, json string }

// A part is one include or exclude.
type part struct {
	system, version string
	listed          []*listed
	byCode          map[string]*listed
	filters         []codes.Filter
	imports         []canonical
	frozen          bool // came of an expansion: its codes are taken as they stand
}

// A listed is a code that a value set names itself.
type listed struct {
	code, display string
	designations  []codes.Designation
	abstract      bool // of an expansion
	inactive      bool
}

// whole reports whether the part takes in all codes of its system.
func (p *part) whole() bool {
	return p.system != "" && p.listed == nil && len(p.filters) == 0 && len(p.imports) == 0
}

// repeated are the members of a ValueSet that its expansion repeats.
var repeated = map[string]bool{
	"id": true, "language": true, "url": true, "identifier": true, "version": true, "name": true, "title": true,
	"status": true, "experimental": true, "date": true, "publisher": true, "contact": true, "description": true,
	"useContext": true, "jurisdiction": true, "immutable": true, "purpose": true, "copyright": true,
}

// parseValueSet compiles a ValueSet. One that has an expansion and no compose is
// what the expansion lists.
func parseValueSet(n fhir.Node) *valueSet {
	v := &valueSet{
		url: n.Get("url").Text(), version: n.Get("version").Text(),
		name: n.Get("name").Text(), title: n.Get("title").Text(),
	}
	for m := range n.All() {
		if repeated[m.Name()] {
			v.about = append(v.about, property{m.Name(), string(m.Raw())})
		}
	}
	compose := n.Get("compose")
	v.compose = string(compose.Raw())
	v.activeOnly = compose.Get("inactive").Text() == "false"
	for i := range compose.Get("include").Each() {
		v.include = append(v.include, parsePart(i))
	}
	for i := range compose.Get("exclude").Each() {
		v.exclude = append(v.exclude, parsePart(i))
	}
	v.described = compose.Exists()
	if expansion := n.Get("expansion"); !compose.Exists() && expansion.Exists() {
		v.described = true
		v.freeze(expansion.Get("contains"))
	}
	return v
}

func parsePart(n fhir.Node) *part {
	p := &part{system: n.Get("system").Text(), version: n.Get("version").Text()}
	for c := range n.Get("concept").Each() {
		l := &listed{code: c.Get("code").Text(), display: c.Get("display").Text()}
		for d := range c.Get("designation").Each() {
			l.designations = append(l.designations, codes.ParseDesignation(d))
		}
		p.add(l)
	}
	for f := range n.Get("filter").Each() {
		p.filters = append(p.filters, codes.Filter{
			Property: f.Get("property").Text(), Op: f.Get("op").Text(), Value: f.Get("value").Text(),
		})
	}
	for s := range n.Get("valueSet").Each() {
		p.imports = append(p.imports, parseCanonical(s.Text()))
	}
	return p
}

func (p *part) add(l *listed) {
	if p.byCode == nil {
		p.byCode = map[string]*listed{}
	}
	if _, twice := p.byCode[l.code]; twice {
		return
	}
	p.byCode[l.code] = l
	p.listed = append(p.listed, l)
}

// freeze adds what an expansion lists, in its order. The depth of JSON bounds how
// deep it may nest.
func (v *valueSet) freeze(contains fhir.Node) {
	for c := range contains.Each() {
		system, version := c.Get("system").Text(), c.Get("version").Text()
		if code := c.Get("code").Text(); code != "" {
			last := len(v.include) - 1
			if last < 0 || v.include[last].system != system || v.include[last].version != version {
				v.include = append(v.include, &part{system: system, version: version, frozen: true})
				last++
			}
			l := &listed{
				code: code, display: c.Get("display").Text(),
				abstract: c.Get("abstract").Text() == "true", inactive: c.Get("inactive").Text() == "true",
			}
			for d := range c.Get("designation").Each() {
				l.designations = append(l.designations, codes.ParseDesignation(d))
			}
			v.include[last].add(l)
		}
		v.freeze(c.Get("contains"))
	}
}
