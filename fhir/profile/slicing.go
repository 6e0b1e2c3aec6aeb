package profile

import (
	"cmp"
	"strings"

	"bima/fhir"
	"bima/fhir/r4"
)

// A step is one part of a discriminator's path, which is a small part of
// FHIRPath. Source: R4 profiling#discriminator.
type step struct {
	kind stepKind
	name string // a member; the URL of an extension; a type
}

type stepKind uint8

const (
	stepMember stepKind = iota
	stepExtension
	stepResolve
	stepType
	stepUnknown // nothing is known of what such a path leads to
)

// stepsOf reads a discriminator's path.
func stepsOf(path string) []step {
	var steps []step
	for path != "" && len(steps) < pathDepthMax {
		var part string
		part, path = cutStep(path)
		switch name, argument, isCall := strings.Cut(strings.TrimSuffix(part, ")"), "("); {
		case part == "$this":
		case part == "resolve()":
			steps = append(steps, step{kind: stepResolve})
		case isCall && name == "extension":
			steps = append(steps, step{stepExtension, strings.Trim(argument, "'\"")})
		case isCall && (name == "ofType" || name == "as"):
			steps = append(steps, step{stepType, strings.TrimPrefix(argument, "FHIR.")})
		case isCall:
			steps = append(steps, step{kind: stepUnknown, name: part})
		default:
			steps = append(steps, step{stepMember, strings.TrimSuffix(part, "[x]")})
		}
	}
	return steps
}

// cutStep parts a path at its first dot outside brackets and quotes.
func cutStep(path string) (first, rest string) {
	depth, quoted := 0, false
	for i := 0; i < len(path); i++ {
		switch c := path[i]; {
		case c == '\'':
			quoted = !quoted
		case quoted:
		case c == '(':
			depth++
		case c == ')':
			depth--
		case c == '.' && depth == 0:
			return path[:i], path[i+1:]
		}
	}
	return path, ""
}

// A matcher tells by one discriminator whether a value is of a slice: where the
// path leads to, one value must meet one of what is listed.
type matcher struct {
	steps    []step
	fixed    []fhir.Node
	patterns []fhir.Node
	urls     []string // of extensions
	bindings []*binding
	exists   presence
	types    []string
	profiles []*entry
}

type presence uint8

const (
	presenceAny presence = iota
	presenceNeeded
	presenceForbidden
)

// complete makes the slices of a plan ready to be told apart, and leads content
// references to the rules they have in this profile. The lock is held.
func (s *Set) complete(p *plan) *fhir.Outcome {
	looked := 0
	p.root.each(func(e *element) {
		if e.slicing != nil && looked < lookupsAllMax {
			looked += s.completeSlices(p, e)
		}
	})
	if looked >= lookupsAllMax {
		return fhir.Errorf(fhir.IssueTooCostly, "StructureDefinition", "telling the slices of the profile %s apart takes more than %d steps: give it fewer slices or discriminators", p.url, lookupsAllMax)
	}
	if p.typ.Kind == r4.KindResource {
		p.lead()
	}
	return nil
}

// completeSlices gives how many places it looked at.
func (s *Set) completeSlices(p *plan, e *element) (looked int) {
	sl := e.slicing
	if sl.rules == "" {
		sl.rules = "open"
	}
	if len(sl.discriminators) == 0 {
		sl.discriminators = implied(e)
		p.undivided(e)
	}
	for _, one := range sl.slices {
		one.matchers, one.whole = nil, len(sl.discriminators) == 0
		for _, d := range sl.discriminators {
			m, steps, ok := s.matcher(e, one, d)
			if looked += steps; ok {
				one.matchers = append(one.matchers, m)
			}
		}
		if len(one.matchers) == 0 {
			one.whole = true
		}
	}
	return looked
}

// undivided notes slices of which nothing says how they are told apart.
func (p *plan) undivided(e *element) {
	sl := e.slicing
	if len(sl.discriminators) > 0 || len(sl.slices) == 0 || sl.stated || sl.apart {
		return
	}
	p.note(fhir.SeverityError, fhir.IssueValue, cmp.Or(sl.at, "StructureDefinition"), "nothing says how the slices of %s are told apart: state slicing with a discriminator on %s itself, before them", e.name, e.name)
}

// implied gives the discriminator of slices that need none stated: extensions by
// url, choices by type.
func implied(e *element) []discriminator {
	if isExtension(e.name) {
		return []discriminator{{kind: "value", path: "url", step: stepsOf("url")}}
	}
	for _, s := range e.slicing.slices {
		if len(s.types) == 0 {
			return nil
		}
	}
	return []discriminator{{kind: "type", path: "$this"}}
}

func isExtension(name string) bool { return name == "extension" || name == "modifierExtension" }

// matcher makes the matcher of a slice for a discriminator. ok is false where the
// slice says nothing about what the path leads to; looked is how many places it
// looked at.
func (s *Set) matcher(e *element, one *slice, d discriminator) (m matcher, looked int, ok bool) {
	m.steps = d.step
	f := &finder{set: s, left: lookupsMax}
	defer func() { looked = lookupsMax - f.left }()
	if isExtension(e.name) && d.path == "url" {
		for _, t := range one.types {
			for _, p := range t.profiles {
				m.urls = append(m.urls, p.url)
			}
			for _, url := range t.unknown {
				url, _, _ = strings.Cut(url, "|")
				m.urls = append(m.urls, url)
			}
		}
	}
	for _, found := range f.lookup(nil, &one.element, d.step, 0) {
		m.add(found, d.kind)
	}
	if !m.isEmpty() {
		return m, 0, true
	}
	for _, found := range f.lookup(nil, e, d.step, 0) {
		if found.element != e { // rules of all repetitions tell none apart but by a profile on their type
			m.add(found, d.kind)
		}
	}
	return m, 0, !m.isEmpty()
}

func (m *matcher) isEmpty() bool {
	return len(m.fixed)+len(m.patterns)+len(m.urls)+len(m.bindings)+len(m.types)+len(m.profiles) == 0 && m.exists == presenceAny
}

// add takes over what a discriminator of a kind looks at.
func (m *matcher) add(found asked, kind string) {
	if found.value.Exists() {
		m.patterns = append(m.patterns, found.value)
		return
	}
	e := found.element
	switch kind {
	case "value", "pattern":
		switch {
		case e.fixed.Exists():
			m.fixed = append(m.fixed, e.fixed)
		case e.pattern.Exists():
			m.patterns = append(m.patterns, e.pattern)
		case e.binding != nil && e.binding.required:
			m.bindings = append(m.bindings, e.binding)
		}
	case "exists":
		if e.min > 0 {
			m.exists = presenceNeeded
		} else if e.max == 0 {
			m.exists = presenceForbidden
		}
	case "type":
		m.types = append(m.types, found.types...)
		for _, t := range e.types {
			m.types = append(m.types, t.code)
		}
	case "profile":
		m.profiles = append(m.profiles, found.profiles...)
		for _, t := range e.types {
			m.profiles = append(m.profiles, t.profiles...)
		}
	}
}

// An asked is what a definition says of the place a path leads to: an element's
// rules, or a part of a fixed value or pattern above it.
type asked struct {
	element  *element
	value    fhir.Node
	types    []string // of resources that a reference leads to
	profiles []*entry
}

// A finder looks at what definitions say of a place, with a bound on the work that
// profiles leading to each other can cause.
type finder struct {
	set  *Set
	left int
}

const (
	lookupsMax    = 10_000
	lookupsAllMax = 2_000_000 // of one definition, some tenths of a second
)

// lookup follows a path through the rules of an element, into its slices and into
// the profiles on its type.
func (f *finder) lookup(list []asked, e *element, steps []step, depth int) []asked {
	if f.left--; f.left < 0 || depth > pathDepthMax || e == nil {
		return list
	}
	if len(steps) == 0 {
		list = append(list, asked{element: e})
	}
	for _, t := range e.types {
		if len(steps) > 0 && steps[0].kind == stepResolve {
			list = f.lookupTargets(list, t, steps[1:], depth)
			continue
		}
		for _, p := range t.profiles {
			if tree, err := f.set.treeOf(p); err == nil {
				list = f.lookup(list, tree.root, steps, depth+1)
			}
		}
	}
	if len(steps) == 0 {
		return list
	}
	for _, constant := range []fhir.Node{e.fixed, e.pattern} {
		list = lookupValue(list, constant, steps)
	}
	switch first := steps[0]; first.kind {
	case stepMember:
		if c := e.child(first.name); c != nil {
			list = f.lookupSlices(list, c, steps[1:], depth)
		}
	case stepExtension:
		if c := e.child("extension"); c != nil && c.slicing != nil {
			for _, one := range c.slicing.slices {
				if f.isOfURL(one, first.name) {
					list = f.lookup(list, &one.element, steps[1:], depth+1)
				}
			}
		}
	case stepType:
		list = f.lookup(list, e, steps[1:], depth+1)
	}
	return list
}

// lookupSlices looks at an element, and at each of its slices too.
func (f *finder) lookupSlices(list []asked, e *element, steps []step, depth int) []asked {
	list = f.lookup(list, e, steps, depth+1)
	if e.slicing != nil {
		for _, one := range e.slicing.slices {
			list = f.lookup(list, &one.element, steps, depth+1)
		}
	}
	return list
}

func (f *finder) lookupTargets(list []asked, t *typeRule, steps []step, depth int) []asked {
	for _, to := range t.targets {
		if len(steps) == 0 {
			found := asked{element: newElement("")}
			if to.typ != "" {
				found.types = []string{to.typ}
			}
			if to.entry != nil {
				found.profiles = []*entry{to.entry}
			}
			list = append(list, found)
		}
		if to.entry != nil {
			if tree, err := f.set.treeOf(to.entry); err == nil {
				list = f.lookup(list, tree.root, steps, depth+1)
			}
		}
	}
	return list
}

// lookupValue follows a path into a fixed value or pattern.
func lookupValue(list []asked, n fhir.Node, steps []step) []asked {
	if !n.Exists() {
		return list
	}
	if len(steps) == 0 {
		return append(list, asked{value: n})
	}
	if steps[0].kind != stepMember {
		return list
	}
	for one := range n.Get(steps[0].name).Each() {
		list = lookupValue(list, one, steps[1:])
	}
	return list
}

// isOfURL reports whether a slice is that of an extension's URL.
func (f *finder) isOfURL(one *slice, url string) bool {
	for _, found := range f.lookup(nil, &one.element, []step{{stepMember, "url"}}, 0) {
		if found.element != nil && found.element.fixed.Text() == url {
			return true
		}
	}
	return false
}
