package profile

import (
	"slices"
	"strings"

	"bima/fhir"
	"bima/fhir/r4"
)

// A Source is a StructureDefinition that anybody may have written, within bounds:
// of it is kept only what a profile is compiled from. It is immutable.
type Source struct {
	head
	id     string
	body   []byte
	broken *fhir.Outcome // why it can't be used; nil where it may be
}

// Bytes is about how much memory it takes.
func (s *Source) Bytes() int { return len(s.body) + sourceBytes }

// ID gives the logical id it is stored under.
func (s *Source) ID() string { return s.id }

// URL gives its canonical URL.
func (s *Source) URL() string { return s.url }

// Active reports whether resources are refused by it that claim it.
func (s *Source) Active() bool { return s.status == statusActive }

const sourceBytes = 500 // of a Source, without its body

// The bounds of one definition that anybody may have written. The largest of R4
// and of its guides have some 1,000 elements.
const (
	elementsMax       = 5_000
	sourceBytesMax    = 2 << 20 // of what is kept
	slicesMax         = 1_000
	discriminatorsMax = 16 // of one element
	constraintsMax    = 5_000
	nameBytesMax      = 1_000 // of a path, an id or a slice's name
)

// The statuses of a definition that differ in effect. Source: R4
// valueset-publication-status.
const (
	statusActive  = "active"
	statusRetired = "retired"
)

// ReadSource reads a StructureDefinition under its logical id. It gives nil where
// there is no profile in it that resources can be held against, such as in a
// logical model or in R4's own definition of a type; why tells where that may
// surprise.
func ReadSource(n fhir.Node, id string) (s *Source, why []fhir.Issue) {
	h := readHead(n)
	if h.derivation != "constraint" || h.url == "" {
		return nil, nil
	}
	if coreType(h.url) != nil {
		return nil, []fhir.Issue{noEffect("StructureDefinition.url", "%s is R4's own definition, which no other stands in for: the profile has no effect; give it a url of your own", h.url)}
	}
	if r4.Lookup(h.typ) == nil {
		return nil, []fhir.Issue{noEffect("StructureDefinition.type", "%.100q is no type of R4, so nothing here is held against the definition: it has no effect", h.typ)}
	}
	s = &Source{head: h, id: strings.Clone(id)}
	k := &keeper{}
	if s.body = k.keep(n); k.broken != nil {
		s.body, s.broken = nil, k.broken
	}
	return s, nil
}

func noEffect(at, format string, args ...any) fhir.Issue {
	issue := fhir.Errorf(fhir.IssueBusinessRule, at, format, args...).Issues[0]
	issue.Severity = fhir.SeverityWarning
	return issue
}

// A keeper writes what is kept of a definition, and counts it.
type keeper struct {
	out                 []byte
	slices, constraints int
	broken              *fhir.Outcome
}

// keptMembers are those of an ElementDefinition that are kept as they are, besides
// the values such as fixed[x].
var (
	keptMembers = []string{"id", "path", "sliceName", "slicing", "min", "max", "type", "maxLength"}
	keptChoices = []string{"fixed", "pattern", "minValue", "maxValue"}
)

// keep writes the definition with its snapshot, or without one its differential.
func (k *keeper) keep(n fhir.Node) []byte {
	k.out = append(k.out, `{"resourceType":"StructureDefinition"`...)
	for _, name := range []string{"url", "version", "name", "title", "status", "type", "derivation", "baseDefinition", "context", "contextInvariant"} {
		k.member(name, n.Get(name))
	}
	list := "snapshot"
	if n.At(list, "element").Len() == 0 {
		list = "differential"
	}
	k.out = append(k.out, `,"`+list+`":{"element":[`...)
	i := 0
	for ed := range n.At(list, "element").Each() {
		if i++; i > elementsMax {
			k.refuse(at(list, i-1), "the definition has more than %d elements: leave out what only repeats R4, or part it into several profiles", elementsMax)
			return nil
		}
		if i > 1 {
			k.out = append(k.out, ',')
		}
		k.element(ed, at(list, i-1))
		if k.broken != nil {
			return nil
		}
	}
	k.out = append(k.out, `]}}`...)
	if len(k.out) > sourceBytesMax {
		k.refuse("StructureDefinition."+list, "the rules of the definition take more than %d MiB: part it into several profiles", sourceBytesMax>>20)
		return nil
	}
	return slices.Clip(k.out)
}

func (k *keeper) refuse(at, format string, args ...any) {
	k.broken = fhir.Errorf(fhir.IssueTooCostly, at, format, args...)
}

// at is where an ElementDefinition stands.
func at(list string, i int) string {
	return "StructureDefinition." + list + ".element[" + text(i) + "]"
}

func (k *keeper) member(name string, n fhir.Node) {
	if !n.Exists() {
		return
	}
	k.name(name)
	k.out = append(k.out, n.Raw()...)
}

// name writes the name of a member.
func (k *keeper) name(name string) {
	if k.out[len(k.out)-1] != '{' {
		k.out = append(k.out, ',')
	}
	k.out = append(append(append(k.out, '"'), name...), `":`...)
}

// element writes one ElementDefinition.
func (k *keeper) element(ed fhir.Node, at string) {
	k.out = append(k.out, '{')
	for m := range ed.All() {
		name := m.Name()
		switch {
		case slices.Contains(keptMembers, name), slices.ContainsFunc(keptChoices, func(prefix string) bool { return strings.HasPrefix(name, prefix) && isLetter(name[len(prefix):]) }):
			k.member(name, m)
		case name == "constraint":
			k.rules(m)
		case name == "binding" && bindingOf(m) != nil:
			k.member(name, m)
		}
	}
	k.out = append(k.out, '}')
	for _, name := range []string{"id", "path", "sliceName"} {
		if len(ed.Get(name).Raw()) > nameBytesMax {
			k.refuse(at+"."+name, "it has more than %d bytes: shorten it", nameBytesMax)
		}
	}
	if strings.Count(ed.Get("path").Text(), ".") >= pathDepthMax || strings.Count(ed.Get("sliceName").Text(), "/") >= pathDepthMax {
		k.refuse(at+".path", "it is more than %d deep: define the inner elements by profiles of their own", pathDepthMax)
	}
	if ed.Get("sliceName").Exists() {
		k.slices++
	}
	if k.slices > slicesMax {
		k.refuse(at+".sliceName", "the definition has more than %d slices: part it into several profiles", slicesMax)
	}
	if ed.At("slicing", "discriminator").Len() > discriminatorsMax {
		k.refuse(at+".slicing.discriminator", "the slices are told apart by more than %d discriminators: leave some out", discriminatorsMax)
	}
	if k.constraints > constraintsMax {
		k.refuse(at+".constraint", "the definition has more than %d constraints of its own: part it into several profiles", constraintsMax)
	}
}

// isLetter reports whether a type's name may begin here: fixedString.
func isLetter(rest string) bool {
	return rest != "" && rest[0] >= 'A' && rest[0] <= 'Z' && !strings.ContainsAny(rest, `"\`)
}

// rules writes the constraints that R4 does not have: a snapshot repeats those of
// R4 on each element.
func (k *keeper) rules(list fhir.Node) {
	k.name("constraint")
	k.out = append(k.out, '[')
	for c := range list.Each() {
		if k.out[len(k.out)-1] != '[' {
			k.out = append(k.out, ',')
		}
		if text := c.Get("expression").Text(); text == "" || isBaseRule(c.Get("key").Text(), text, c.Get("source").Text()) {
			k.out = append(k.out, `{}`...) // so that a finding names the right one
			continue
		}
		k.constraints++
		k.out = append(k.out, c.Raw()...)
	}
	k.out = append(k.out, ']')
}
