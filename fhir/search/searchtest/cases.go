package searchtest

import (
	"encoding/json"
	"fmt"
	"strings"

	"bima/fhir"
	"bima/fhir/r4"
	"bima/fhir/search"
	"bima/fhir/search/route"
)

// A Case is one search parameter of one type, with a value of one data type.
type Case struct {
	Name      string // "Claim.patient Reference"
	Type      string
	Param     *r4.SearchParam
	Body      []byte // a resource that has a value of the parameter
	Hit, Miss string // query strings
}

// Cases gives a case for each parameter of each type and each data type that its
// values may have. Parameters the registry does not index have none; those are
// the second result, as "Type.code".
func Cases(r *search.Registry) (cases []Case, without []string, err error) {
	for _, typ := range r4.Resources() {
		for _, p := range r.Params(typ) {
			if p.Code == "_id" || p.Code == "_lastUpdated" {
				continue // storage keeps them beside the resource
			}
			these, err := casesOf(r, typ, p)
			if err != nil {
				return nil, nil, err
			}
			if len(these) == 0 {
				without = append(without, typ+"."+p.Code)
			}
			cases = append(cases, these...)
		}
	}
	return cases, without, nil
}

func casesOf(r *search.Registry, typ string, p *r4.SearchParam) ([]Case, error) {
	var out []Case
	seen := map[string]bool{}
	for _, s := range samplesOf(r4.Lookup(typ), p) {
		s.object["resourceType"], s.object["id"] = typ, "sample"
		body, err := json.Marshal(s.object)
		if err != nil {
			return nil, err
		}
		doc, err := fhir.Parse(body)
		if err != nil {
			return nil, fmt.Errorf("%s.%s: %w", typ, p.Code, err)
		}
		hit, miss, ok := queriesOf(p, r.Extract(doc.Root()))
		if !ok || seen[s.typ+hit] {
			continue
		}
		seen[s.typ+hit] = true
		out = append(out, Case{
			Name: typ + "." + p.Code + " " + s.typ, Type: typ, Param: p, Body: body,
			Hit: p.Code + "=" + hit, Miss: p.Code + "=" + miss,
		})
	}
	return out, nil
}

// deceased is R4's one expression that is no route.
const deceased = "Patient.deceased.exists() and Patient.deceased != false"

// samplesOf makes an object for each route and each type at its end.
func samplesOf(typ *r4.Type, p *r4.SearchParam) []sample {
	if p.Expression == deceased {
		return []sample{{typ: "boolean", object: map[string]any{"deceasedBoolean": true}}}
	}
	routes, plain := route.Parse(p.Expression)
	if !plain {
		return nil
	}
	var out []sample
	for _, rt := range routes {
		if len(p.Components) > 0 {
			out = append(out, composites(typ, p, rt)...)
			continue
		}
		if typ.Name == "Bundle" && len(p.Targets) == 1 {
			rt[len(rt)-1].As = p.Targets[0] // its first resource stands for a reference to it
		}
		out = append(out, along(typ, fromType(rt))...)
	}
	return out
}

// fromType leaves out the type a route starts at.
func fromType(rt route.Route) route.Route {
	if r4.Lookup(rt[0].Name) != nil {
		return rt[1:]
	}
	return rt
}

// composites makes objects that have the parts of a composite beside each other.
func composites(typ *r4.Type, p *r4.SearchParam, rt route.Route) []sample {
	at := typ
	steps := fromType(rt)
	for _, s := range steps {
		e := at.Element(s.Name)
		if e == nil {
			return nil
		}
		at = e.Types[0].Type
	}
	parts, whole := []sample{{object: map[string]any{}}}, []sample{{object: map[string]any{}}}
	for _, c := range p.Components {
		expression, ofResource := strings.CutPrefix(c.Expression, "%resource.")
		routes, plain := route.Parse(expression)
		switch {
		case !plain:
			return nil
		case ofResource:
			whole = joined(whole, typ, routes)
		default:
			parts = joined(parts, at, routes)
		}
	}
	var out []sample
	for _, s := range parts {
		for _, o := range whole {
			out = append(out, wrap(typ, steps, s).with(o))
		}
	}
	return out
}

// joined gives each of the samples with each value that the routes may end at.
func joined(samples []sample, typ *r4.Type, routes []route.Route) []sample {
	var out []sample
	for _, made := range samples {
		for _, part := range routes {
			for _, s := range along(typ, part) {
				out = append(out, made.with(s))
			}
		}
	}
	return out
}

// wrap puts an object where the steps lead.
func wrap(typ *r4.Type, steps route.Route, inner sample) sample {
	if len(steps) == 0 {
		return inner
	}
	e := typ.Element(steps[0].Name)
	inside := wrap(e.Types[0].Type, steps[1:], inner)
	return sample{typ: inside.typ, object: map[string]any{e.Types[0].JSON: repeated(e, inside.object)}}
}
