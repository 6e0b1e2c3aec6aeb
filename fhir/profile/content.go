package profile

import "bima/fhir/r4"

// lead makes the rules of an element hold wherever a content reference repeats
// it: what a profile asks of Questionnaire.item it asks of the items within too.
// Source: R4 elementdefinition, ElementDefinition.contentReference.
func (p *plan) lead() {
	asked := map[*r4.Type]*element{}
	p.root.backbones(p.typ, asked)
	if len(asked) == 0 {
		return
	}
	p.root.repeat(p.typ, asked, map[*r4.Type]bool{})
}

// backbones collects the elements with rules that are defined within the type.
func (e *element) backbones(typ *r4.Type, asked map[*r4.Type]*element) {
	for _, c := range e.children {
		base := typ.Element(c.name)
		if base == nil || len(base.Types) != 1 {
			continue
		}
		t := base.Types[0].Type
		if t.Kind != r4.KindBackbone || t.Name != typ.Name+"."+c.name {
			continue
		}
		if len(c.children)+len(c.rules) > 0 {
			asked[t] = c
		}
		c.backbones(t, asked)
	}
}

// repeat gives the elements that are content references their rules.
func (e *element) repeat(typ *r4.Type, asked map[*r4.Type]*element, seen map[*r4.Type]bool) {
	if seen[typ] {
		return
	}
	seen[typ] = true
	for _, base := range typ.Elements {
		t := base.Types[0].Type
		if t.Kind != r4.KindBackbone {
			continue
		}
		if t.Name == typ.Name+"."+base.Name {
			if c := e.child(base.Name); c != nil || reaches(t, asked, map[*r4.Type]bool{}) {
				e.childOrNew(base.Name).repeat(t, asked, seen)
			}
		} else if rules := asked[t]; rules != nil {
			e.childOrNew(base.Name).content = rules
		}
	}
}

// reaches reports whether a content reference to an element with rules lies
// within a type.
func reaches(typ *r4.Type, asked map[*r4.Type]*element, seen map[*r4.Type]bool) bool {
	if seen[typ] {
		return false
	}
	seen[typ] = true
	for _, base := range typ.Elements {
		t := base.Types[0].Type
		if t.Kind != r4.KindBackbone {
			continue
		}
		if t.Name != typ.Name+"."+base.Name && asked[t] != nil || reaches(t, asked, seen) {
			return true
		}
	}
	return false
}
