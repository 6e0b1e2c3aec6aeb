package search

import (
	"slices"

	"bima/fhir"
	"bima/fhir/r4"
	"bima/fhir/search/route"
)

// narrow leaves of a parameter's targets those its elements may really refer to:
// R4 defines "patient" once for many types, with targets of all of them. A chain
// or a bare id then needs to look for fewer.
func (p *param) narrow() {
	if p.kind != fhir.ParamReference {
		return
	}
	allowed := map[string]bool{}
	for _, rt := range p.routes {
		if !allow(allowed, r4.Lookup(p.Base), rt) {
			return
		}
	}
	var kept []string
	for _, target := range p.Targets {
		if allowed[target] {
			kept = append(kept, target)
		}
	}
	if len(kept) == 0 || len(kept) == len(p.Targets) {
		return
	}
	narrowed := *p.SearchParam
	narrowed.Targets = kept
	p.SearchParam = &narrowed
}

// allow adds the types a route's references may be to; false when any may.
func allow(allowed map[string]bool, typ *r4.Type, rt route.Route) bool {
	rt, ok := within(rt, typ)
	if !ok || len(rt) == 0 {
		return false
	}
	e := typ.Element(rt[0].Name)
	if e == nil {
		return false
	}
	for _, et := range e.Types {
		kept, where, ok := keeps(rt[0], et.Type)
		if !ok {
			continue
		}
		if len(rt) > 1 {
			if !allow(allowed, kept, rt[1:]) {
				return false
			}
			continue
		}
		if at := slices.IndexFunc(where, func(c route.Condition) bool { return c.Kind == route.RefersTo }); at >= 0 {
			allowed[where[at].Name] = true
			continue
		}
		if referenceEmitters[kept.Name] == nil {
			continue
		}
		if et.Targets == nil {
			return false
		}
		for _, target := range et.Targets {
			allowed[target] = true
		}
	}
	return true
}
