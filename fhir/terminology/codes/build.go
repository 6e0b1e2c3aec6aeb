package codes

import (
	"slices"
	"strings"

	"bima/fhir"
)

// noParent is the place of what stands above the first concepts.
const noParent = -1

// A builder compiles the concepts of one System.
type builder struct {
	s     *System
	roles map[string]role // of properties, by code
	above []edge          // child to parent, by nesting
	named []named         // by a property, to be found when all codes are known
}

// An edge leads from one concept to another, by their places.
type edge struct{ from, to int32 }

// A named edge is one that a property states by code.
type named struct {
	at   int32
	role role
	code string
}

// A role is what a property says of its concept, of those that R4 defines.
// Source: R4 codesystem-concept-properties.
type role uint8

const (
	roleNone role = iota
	roleInactive
	roleStatus
	roleAbstract
	roleParent
	roleChild
)

// conceptProperties is where R4 defines properties of concepts.
const conceptProperties = "http://hl7.org/fhir/concept-properties#"

// byName are the properties R4 and its users know by their codes.
var byName = map[string]role{
	"inactive":      roleInactive,
	"status":        roleStatus,
	"notSelectable": roleAbstract,
	"abstract":      roleAbstract,
	"parent":        roleParent,
	"subsumedBy":    roleParent,
	"child":         roleChild,
}

// roles gives the roles of a system's properties: by the URI where they have one
// of R4's, else by their code.
func roles(declared []Property) map[string]role {
	out := make(map[string]role, len(byName)+len(declared))
	for name, r := range byName {
		out[name] = r
	}
	for _, p := range declared {
		if name, ok := strings.CutPrefix(p.URI, conceptProperties); ok {
			out[p.Code] = byName[name]
		}
	}
	return out
}

// concepts adds concepts and those nested in them. The depth of JSON bounds how
// deep they may nest.
func (b *builder) concepts(list fhir.Node, parent int32) error {
	for n := range list.Each() {
		if n.Kind() != fhir.KindObject {
			continue
		}
		place := int32(len(b.s.records))
		if place >= conceptsMax {
			return fhir.Errorf(fhir.IssueTooCostly, "CodeSystem.concept", "the code system %.200s has more than %d concepts", b.s.URL, conceptsMax)
		}
		b.s.records = append(b.s.records, record{
			firstValue: uint32(len(b.s.values)), firstName: uint32(len(b.s.names)),
		})
		if parent != noParent {
			b.above = append(b.above, edge{place, parent})
		}
		nested := b.concept(&b.s.records[place], n, place)
		if err := b.concepts(nested, place); err != nil {
			return err
		}
	}
	return nil
}

// concept reads one concept and gives the list of those nested in it.
func (b *builder) concept(r *record, n fhir.Node, place int32) (nested fhir.Node) {
	for m := range n.All() {
		switch m.Name() {
		case "code":
			r.code = m.Text()
		case "display":
			r.display = m.Text()
		case "definition":
			r.definition = m.Text()
		case "designation":
			for d := range m.Each() {
				b.s.names = append(b.s.names, ParseDesignation(d))
			}
		case "property":
			for p := range m.Each() {
				b.property(r, p, place)
			}
		case "concept":
			nested = m
		}
	}
	return nested
}

// ParseDesignation reads a designation of a CodeSystem or ValueSet.
func ParseDesignation(n fhir.Node) Designation {
	return Designation{
		Language: n.Get("language").Text(), Use: string(n.Get("use").Raw()), Value: n.Get("value").Text(),
	}
}

// property keeps a property of a concept, or notes what its role says.
func (b *builder) property(r *record, p fhir.Node, place int32) {
	code, v := p.Get("code").Text(), valueOf(p)
	role := b.roles[code]
	switch role {
	case roleInactive:
		if v.Text() == "true" {
			r.flags |= inactive
		}
	case roleStatus:
		switch v.Text() {
		case "retired", "inactive", "withdrawn":
			r.flags |= inactive
		}
	case roleAbstract:
		if v.Text() == "true" {
			r.flags |= abstract
		}
	case roleParent, roleChild:
		b.named = append(b.named, named{place, role, v.Text()})
		return // told by the hierarchy
	}
	text := v.Text()
	if v.Kind() == fhir.KindObject {
		text = string(v.Raw())
	}
	b.s.values = append(b.s.values, value{intern(&b.s.keys, code), intern(&b.s.kinds, v.Name()), text})
}

// valueOf gives value[x] of a property.
func valueOf(p fhir.Node) fhir.Node {
	for m := range p.All() {
		if strings.HasPrefix(m.Name(), "value") {
			return m
		}
	}
	return fhir.Node{}
}

// internMax bounds the different names of properties; those beyond share one.
const internMax = 1 << 12

// intern gives the place of a name in a list, adding it where it is new.
func intern(list *[]string, name string) uint16 {
	i := slices.Index(*list, name)
	if i < 0 {
		if len(*list) >= internMax {
			return internMax - 1
		}
		i = len(*list)
		*list = append(*list, strings.Clone(name))
	}
	return uint16(i)
}

// finish makes the map of codes and the hierarchy.
func (b *builder) finish() {
	s := b.s
	s.byCode = make(map[string]int32, len(s.records))
	for i := range s.records {
		code := s.records[i].code
		if s.Folded {
			code = strings.ToLower(code)
		}
		if _, twice := s.byCode[code]; !twice {
			s.byCode[code] = int32(i)
		}
	}
	for _, n := range b.named {
		other, ok := s.Find(n.code)
		switch {
		case !ok || other.i == n.at:
		case n.role == roleParent:
			b.above = append(b.above, edge{n.at, other.i})
		default:
			b.above = append(b.above, edge{other.i, n.at})
		}
	}
	s.parents = gather(b.above, len(s.records))
	below := make([]edge, len(b.above))
	for i, e := range b.above {
		below[i] = edge{e.to, e.from}
	}
	s.children = gather(below, len(s.records))
}
