package search

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"bima/fhir"
	"bima/fhir/r4"
	"bima/fhir/search/route"
)

// A plan is what to take out of an object: all routes of a type's parameters
// joined to one tree, so that each member is looked at once.
type plan struct {
	members map[string]*member
	here    []emitter // for the object itself
}

// A member is a JSON member some route passes, with a branch for each set of
// conditions on it.
type member struct{ branches []*branch }

// A branch continues the routes that share conditions.
type branch struct {
	key      string // the conditions as text
	where    []route.Condition
	emitters []emitter
	next     *plan
}

// An emitter adds the rows of one parameter for one value.
type emitter struct {
	codes
	valueSet string // of a code: what gives it its system
	emit     func(x *extraction, e *emitter, n fhir.Node)
}

// codes are a parameter's code and those derived from it; see fhir.Param.
type codes struct{ code, text, ofType, identifier, ucum string }

func codesOf(code string) codes {
	return codes{
		code: code, text: code + ":text", ofType: code + ":of-type", identifier: code + ":identifier", ucum: code + ":ucum",
	}
}

// compile joins the routes of all parameters of a concrete type.
func (r *Registry) compile(typ string) *plan {
	root := &plan{members: map[string]*member{}}
	for _, base := range lineage(typ) {
		for _, code := range slices.Sorted(maps.Keys(r.params[base])) {
			p := r.params[base][code]
			switch {
			case code == "_id" || code == "_lastUpdated": // kept by storage beside the resource
			case p.Expression == deceased:
				root.here = append(root.here, emitter{codes: codesOf(code), emit: emitDeceased})
			case p.expression != nil:
				root.here = append(root.here, evaluated(p, r4.Lookup(typ)))
			case p.kind == fhir.ParamComposite:
				r.addComposite(root, p, r4.Lookup(typ))
			default:
				root.add(p, r4.Lookup(typ))
			}
		}
	}
	return root
}

// add joins a parameter's routes to the plan of a type. Types of a choice that
// the parameter's kind can't hold are left out.
func (p *plan) add(of *param, typ *r4.Type) (emitters int) {
	for _, rt := range of.routes {
		if rt, ok := within(rt, typ); ok && len(rt) > 0 {
			emitters += p.route(of, typ, rt)
		}
	}
	return emitters
}

// within gives a route from a type, without the resource type it may begin with;
// false where that is another one.
func within(rt route.Route, typ *r4.Type) (route.Route, bool) {
	first := r4.Lookup(rt[0].Name)
	if first == nil || first.Kind != r4.KindResource {
		return rt, true
	}
	return rt[1:], typ.Is(first.Name)
}

func (p *plan) route(of *param, typ *r4.Type, rt route.Route) (emitters int) {
	e := typ.Element(rt[0].Name)
	if e == nil {
		return 0
	}
	for _, et := range e.Types {
		typ, where, ok := keeps(rt[0], et.Type)
		if !ok {
			continue
		}
		rest := rt[1:]
		switch {
		case len(rest) > 0:
		case typ.Name == "Extension":
			rest = route.Route{{Name: "value"}} // an extension stands for its value
		case typ.Name == "Resource" && len(of.Targets) == 1:
			typ = r4.Lookup(of.Targets[0]) // a Bundle's resource stands for a reference to it
			where = append(where[:len(where):len(where)], route.Condition{Kind: route.OfType, Name: typ.Name})
		}
		if len(rest) > 0 {
			emitters += p.branch(et.JSON, where).plan().route(of, typ, rest)
			continue
		}
		if emit := emitterOf(of.kind, typ.Name); emit != nil {
			b := p.branch(et.JSON, where)
			b.emitters = append(b.emitters, emitter{codes: codesOf(of.Code), valueSet: valueSetOf(e), emit: emit})
			emitters++
		}
	}
	return emitters
}

// keeps tells whether a step keeps an element of the type, as which type, and
// under which conditions.
func keeps(s route.Step, typ *r4.Type) (*r4.Type, []route.Condition, bool) {
	// A canonical is a uri too: ConceptMap.source as uri is either. R4 writes
	// DateTime for dateTime in places.
	if s.As == "" || strings.EqualFold(typ.Name, s.As) || (typ.Kind != r4.KindPrimitive || typ.Name == "canonical") && typ.Is(s.As) {
		return typ, s.Where, true
	}
	if typ.Name == "Resource" && r4.IsResource(s.As) {
		where := append(s.Where[:len(s.Where):len(s.Where)], route.Condition{Kind: route.OfType, Name: s.As})
		return r4.Lookup(s.As), where, true
	}
	return nil, nil, false
}

func valueSetOf(e *r4.Element) string {
	if e.Binding == nil {
		return ""
	}
	return e.Binding.ValueSet
}

// branch finds or makes the branch of a member with these conditions.
func (p *plan) branch(name string, where []route.Condition) *branch {
	m := p.members[name]
	if m == nil {
		m = &member{}
		p.members[name] = m
	}
	key := fmt.Sprint(where)
	for _, b := range m.branches {
		if b.key == key {
			return b
		}
	}
	b := &branch{key: key, where: where}
	m.branches = append(m.branches, b)
	return b
}

func (b *branch) plan() *plan {
	if b.next == nil {
		b.next = &plan{members: map[string]*member{}}
	}
	return b.next
}

// emitterOf gives what takes rows of a kind out of values of a data type, or nil
// where the kind can't hold the type.
func emitterOf(kind fhir.ParamKind, typ string) func(*extraction, *emitter, fhir.Node) {
	switch kind {
	case fhir.ParamToken:
		return tokenEmitters[typ]
	case fhir.ParamString:
		return stringEmitters[typ]
	case fhir.ParamReference:
		if r4.IsResource(typ) {
			return emitEmbedded
		}
		return referenceEmitters[typ]
	case fhir.ParamDate:
		return dateEmitters[typ]
	case fhir.ParamNumber:
		return numberEmitters[typ]
	case fhir.ParamQuantity:
		return quantityEmitters[typ]
	case fhir.ParamURI:
		return uriEmitters[typ]
	case fhir.ParamSpecial:
		if typ == "Location.position" {
			return emitPosition
		}
	}
	return nil
}
