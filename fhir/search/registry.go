// Package search turns resources into index rows and query strings into
// criteria, by the search parameters of R4. Both sides of each kind of parameter
// stand in one file, so that what is written can be found: token, string,
// reference, date, number, quantity, uri.
//
// Its door: New makes a Registry, which Extracts rows and Parses queries. It
// never reads or writes a database: storage runs the criteria over the rows.
//
// Source: R4 search.
package search

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"bima/fhir"
	"bima/fhir/path"
	"bima/fhir/r4"
	"bima/fhir/search/route"
)

// A Registry is a set of search parameters, ready for use. It is immutable and
// safe for concurrent use.
type Registry struct {
	base   string // our [base] URL without a slash at the end
	zone   *time.Location
	params map[string]map[string]*param // by base type and code
	kinds  map[string]fhir.ParamKind    // by canonical URL
	plans  map[string]func() *plan      // by concrete type; made when first asked for
	// wordless leaves texts out: no _text and no _content.
	wordless bool
	measures *measures
}

// A param is a search parameter with its expression read: as routes where it is
// no more, for speed.
type param struct {
	*r4.SearchParam
	kind       fhir.ParamKind
	routes     []route.Route
	expression *path.Expression // where it is more than routes
	contact    bool             // whether its tokens are of ContactPoints
	canonical  bool             // whether its references are canonicals
	versioned  bool             // whether some of its values are, so that the index has two rows of one
}

// New gives the registry of all R4 search parameters. base is our [base] URL:
// absolute references below it are to our own resources. zone is the time zone
// of dates that name none; nil is UTC. It fails with an Outcome of IssueInvalid
// on an expression that is no FHIRPath.
func New(base string, zone *time.Location) (*Registry, error) {
	if zone == nil {
		zone = time.UTC
	}
	r := &Registry{
		base: strings.TrimSuffix(base, "/"), zone: zone,
		params: map[string]map[string]*param{}, kinds: map[string]fhir.ParamKind{}, measures: &measures{},
	}
	return r.With(r4.SearchParams()...)
}

// With gives a registry that has the parameters too; one of the same base and
// code replaces what was there. It fails with an Outcome of IssueInvalid on an
// expression that is no FHIRPath or leads nowhere, a base or type R4 does not
// know, or a code that R4 gives another type; of IssueNotSupported on a composite
// whose parts are unknown or can't be searched.
func (r *Registry) With(params ...*r4.SearchParam) (*Registry, error) {
	next := r.clone()
	owned := map[string]bool{}
	for _, definition := range params {
		p, err := readParam(definition)
		if err != nil {
			return nil, err
		}
		if err := next.fits(p); err != nil {
			return nil, err
		}
		if !owned[p.Base] {
			next.params[p.Base] = maps.Clone(next.params[p.Base])
			owned[p.Base] = true
		}
		if next.params[p.Base] == nil {
			next.params[p.Base] = map[string]*param{}
		}
		next.params[p.Base][p.Code] = p
		next.kinds[p.URL] = p.kind
	}
	if len(r.params) == 0 {
		return next, nil // those of R4 are as they are
	}
	for _, definition := range params {
		if err := next.leads(next.params[definition.Base][definition.Code]); err != nil {
			return nil, err
		}
	}
	return next, nil
}

// WithoutTexts gives a registry that extracts no texts and refuses _text and
// _content, for a server that would rather write faster.
func (r *Registry) WithoutTexts() *Registry {
	next := r.clone()
	next.wordless = true
	return next
}

// fits refuses a parameter whose code is another's of the same resources: stored
// rows and queries would mean something else by it.
func (r *Registry) fits(p *param) error {
	other := r.param(p.Base, p.Code)
	if other == nil || other.kind == p.kind {
		return nil
	}
	return fhir.Errorf(fhir.IssueInvalid, "SearchParameter.code",
		"%s has a parameter %s already, a %s; choose another code", p.Base, p.Code, other.Kind)
}

// leads refuses a parameter that can never have a value.
func (r *Registry) leads(p *param) error {
	if p.kind == fhir.ParamComposite && !r.indexed(p) {
		return fhir.Errorf(fhir.IssueNotSupported, "SearchParameter.component", "%s: composites of these parts can't be indexed: "+
			"each is a parameter of R4 or a stored one, and no composite or special one", p.Code)
	}
	if p.expression != nil || p.Expression == "" {
		return nil
	}
	for _, typ := range r4.Resources() {
		if !slices.Contains(lineage(typ), p.Base) {
			continue
		}
		root := &plan{members: map[string]*member{}}
		if p.kind == fhir.ParamComposite && r.addComposite(root, p, r4.Lookup(typ)) > 0 ||
			p.kind != fhir.ParamComposite && root.add(p, r4.Lookup(typ)) > 0 {
			return nil
		}
	}
	return fhir.Errorf(fhir.IssueInvalid, "SearchParameter.expression",
		"%s: %.200q leads to no element of %s that a %s can be taken from", p.Code, p.Expression, p.Base, p.Kind)
}

// clone gives a registry to add parameters to, those of a base at a time.
func (r *Registry) clone() *Registry {
	next := &Registry{
		base: r.base, zone: r.zone, wordless: r.wordless, measures: r.measures,
		params: maps.Clone(r.params), kinds: maps.Clone(r.kinds), plans: map[string]func() *plan{},
	}
	for _, typ := range r4.Resources() {
		next.plans[typ] = sync.OnceValue(func() *plan { return next.compile(typ) })
	}
	return next
}

func readParam(definition *r4.SearchParam) (*param, error) {
	if r4.Lookup(definition.Base) == nil {
		return nil, fhir.Errorf(fhir.IssueInvalid, "SearchParameter.base", "%q is no resource type", definition.Base)
	}
	kind, ok := kindsByName[definition.Kind]
	if !ok {
		return nil, fhir.Errorf(fhir.IssueInvalid, "SearchParameter.type", "%q is no type of search parameters", definition.Kind)
	}
	p := &param{SearchParam: definition, kind: kind}
	if definition.Expression == "" || definition.Expression == deceased {
		return p, nil
	}
	routes, plain := route.Parse(definition.Expression)
	if !plain || slices.ContainsFunc(routes, conditional) {
		expression, err := path.Compile(definition.Expression)
		if err != nil {
			return nil, err
		}
		p.expression = expression
		return p, nil
	}
	p.routes = routesOf(r4.Lookup(p.Base), routes)
	p.narrow()
	if len(p.routes) > 0 {
		p.contact = p.kind == fhir.ParamToken && endsAt(r4.Lookup(p.Base), p.routes[0], "ContactPoint")
		p.canonical = p.kind == fhir.ParamReference && endsAt(r4.Lookup(p.Base), p.routes[0], "canonical")
	}
	p.versioned = slices.ContainsFunc(p.routes, func(rt route.Route) bool { return mayEndAt(r4.Lookup(p.Base), rt, "canonical") })
	return p, nil
}

// conditional reports whether a route asks something of the resource itself, as
// "Invoice.where(status = 'issued')" does: plans follow members only.
func conditional(rt route.Route) bool {
	first := r4.Lookup(rt[0].Name)
	return len(rt[0].Where) > 0 && first != nil && first.Kind == r4.KindResource
}

// routesOf leaves out the routes of other types than the base and those derived
// from it: one expression may serve several bases.
func routesOf(base *r4.Type, routes []route.Route) []route.Route {
	return slices.DeleteFunc(routes, func(rt route.Route) bool {
		first := r4.Lookup(rt[0].Name)
		return first != nil && first.Kind == r4.KindResource && !base.Is(first.Name) && !first.Is(base.Name)
	})
}

// endsAt reports whether a route leads to elements of the type.
func endsAt(typ *r4.Type, rt route.Route, want string) bool {
	e := last(typ, rt)
	return e != nil && e.Types[0].Type.Name == want
}

// mayEndAt is endsAt for one of the types that an element may be of.
func mayEndAt(typ *r4.Type, rt route.Route, want string) bool {
	e := last(typ, rt)
	return e != nil && slices.ContainsFunc(e.Types, func(t r4.ElementType) bool { return t.Type.Name == want })
}

// last gives the element that a route leads to, or nil.
func last(typ *r4.Type, rt route.Route) (e *r4.Element) {
	rt, _ = within(rt, typ)
	for _, s := range rt {
		if e = typ.Element(s.Name); e == nil {
			return nil
		}
		typ = e.Types[0].Type
	}
	return e
}

var kindsByName = map[string]fhir.ParamKind{
	"token": fhir.ParamToken, "string": fhir.ParamString, "reference": fhir.ParamReference, "date": fhir.ParamDate,
	"number": fhir.ParamNumber, "quantity": fhir.ParamQuantity, "uri": fhir.ParamURI,
	"composite": fhir.ParamComposite, "special": fhir.ParamSpecial,
}

// Param finds the parameter of a type, also one it inherits from Resource or
// DomainResource; typ "" knows those of all types only. It gives nil if there is
// none. Nobody writes to it.
func (r *Registry) Param(typ, code string) *r4.SearchParam {
	if p := r.param(typ, code); p != nil {
		return p.SearchParam
	}
	return nil
}

// Params gives the parameters of a type, those of all types too, sorted by code.
func (r *Registry) Params(typ string) []*r4.SearchParam {
	var out []*r4.SearchParam
	for _, base := range lineage(typ) {
		for _, p := range r.params[base] {
			out = append(out, p.SearchParam)
		}
	}
	slices.SortFunc(out, func(a, b *r4.SearchParam) int { return strings.Compare(a.Code, b.Code) })
	return out
}

// Searchable gives the Params of a type but those that Parse refuses whatever
// their value, so that a server can tell what it is able to do.
func (r *Registry) Searchable(typ string) []*r4.SearchParam {
	return slices.DeleteFunc(r.Params(typ), func(definition *r4.SearchParam) bool {
		p := r.param(typ, definition.Code)
		switch {
		case p.Code == "_id" || p.Code == "_lastUpdated" || p.Code == "_filter":
			return false
		case p.Code == textParam || p.Code == contentParam:
			return r.wordless
		case resultParameters[p.Code] != nil || p.Expression == "":
			return true
		case p.kind == fhir.ParamComposite:
			return !r.indexed(p)
		}
		return reader(p.kind) == nil
	})
}

func (r *Registry) param(typ, code string) *param {
	for _, base := range lineage(typ) {
		if p := r.params[base][code]; p != nil {
			return p
		}
	}
	return nil
}

// lineage gives a type and those it inherits from, nearest first.
func lineage(typ string) []string {
	t := r4.Lookup(typ)
	if t == nil {
		return []string{"Resource"}
	}
	if t.Base != nil && t.Base.Name == "DomainResource" {
		return []string{typ, "DomainResource", "Resource"}
	}
	return []string{typ, "Resource"}
}
