package search

import (
	"errors"
	"slices"
	"strings"

	"bima/fhir"
	"bima/fhir/r4"
	"bima/fhir/search/closest"
)

// A scope is where a parameter is read: the type it is of, and how deep in a
// chain that is.
type scope struct {
	typ   string // "" at system level
	key   string // what is left of the parameter's name
	depth int
}

// A clause is a parameter with its modifier, ready to read values.
type clause struct {
	query    *query
	param    *param
	key      string // as the client wrote it
	typ      string // of the resources, where it is one
	modifier string
	// composite says that it is a part of one.
	composite bool
}

// reader gives what reads a value of a kind of parameter, or nil.
func reader(kind fhir.ParamKind) func(clause, string) (fhir.Criterion, error) {
	switch kind {
	case fhir.ParamToken:
		return tokenCriterion
	case fhir.ParamString:
		return stringCriterion
	case fhir.ParamReference:
		return referenceCriterion
	case fhir.ParamDate:
		return dateCriterion
	case fhir.ParamNumber:
		return numberCriterion
	case fhir.ParamQuantity:
		return quantityCriterion
	case fhir.ParamURI:
		return uriCriterion
	case fhir.ParamComposite:
		return compositeCriterion
	case fhir.ParamSpecial:
		return nearCriterion
	}
	return nil
}

// as names a parameter, or one derived from it, as the index knows it.
func (c clause) as(code string, kind fhir.ParamKind) fhir.Param {
	return fhir.Param{Code: code, Kind: kind}
}

func (c clause) invalid(format string, args ...any) error {
	return c.query.invalid(c.key, format, args...)
}

func (c clause) unsupported(format string, args ...any) error {
	return c.query.unsupported(c.key, format, args...)
}

// wrongModifier refuses the modifier and names those the kind has.
func (c clause) wrongModifier(known ...string) error {
	return c.unsupported("a %s parameter has no modifier :%s; it has :%s", c.param.Kind, c.modifier, strings.Join(known, ", :"))
}

// criterion reads a parameter: "name:exact", "subject:Patient.name",
// "_has:Observation:patient:code".
func (q *query) criterion(s scope, value string) (fhir.Criterion, error) {
	if s.depth > chainMax {
		return nil, fhir.Errorf(fhir.IssueTooCostly, "", "search parameter %.100q: the chain has more than %d links", s.key, chainMax)
	}
	if rest, ok := strings.CutPrefix(s.key, "_has:"); ok {
		return q.has(s, rest, value)
	}
	head, rest, chained := strings.Cut(s.key, ".")
	code, modifier, _ := strings.Cut(head, ":")
	if !chained {
		if c, ok, err := q.special(s, code, modifier, value); ok {
			return c, err
		}
		if code == "_id" {
			return q.ids(s.key, modifier, value)
		}
		if code == "_type" && s.depth > 0 && modifier == "" {
			return q.ofType(s, value)
		}
	}
	p, err := q.find(s, code)
	if err != nil {
		return nil, err
	}
	c := clause{query: q, param: p, key: s.key, typ: s.typ, modifier: modifier}
	switch {
	case chained:
		return q.chain(c, s, rest, value)
	case modifier == "missing":
		return c.missing(value)
	case code == "_lastUpdated":
		return c.alternatives(value, updatedCriterion)
	}
	read := reader(p.kind)
	if read == nil || p.Expression == "" {
		return nil, c.unsupported("this server does not index it")
	}
	return c.alternatives(value, read)
}

// ofType reads _type at the end of a chain or of _has, whose type is known there:
// it holds always or never.
func (q *query) ofType(s scope, value string) (fhir.Criterion, error) {
	holds := false
	for typ := range strings.SplitSeq(value, ",") {
		if !r4.IsResource(typ) {
			return nil, q.invalid(s.key, "%.40q is no resource type", typ)
		}
		holds = holds || typ == s.typ
	}
	if holds {
		return fhir.All{}, nil
	}
	return fhir.Any{}, nil
}

// find gives the parameter of the scope's type; at system level one that all
// types searched have.
func (q *query) find(s scope, code string) (*param, error) {
	types := []string{s.typ}
	if s.typ == "" && len(q.request.Types) > 0 {
		types = q.request.Types
	}
	var found *param
	for _, typ := range types {
		p := q.registry.param(typ, code)
		if p == nil {
			return nil, q.unknown(s.key, typ, code)
		}
		if found != nil && p.kind != found.kind {
			return nil, q.unsupported(s.key, "it is a %s of %s and a %s of %s; search them one by one", found.Kind, found.Base, p.Kind, typ)
		}
		found = p
	}
	return found, nil
}

// unknown refuses a parameter and names those most like it.
func (q *query) unknown(key, typ, code string) error {
	where := typ
	if typ == "" {
		where = "all types"
	}
	var codes []string
	for _, p := range q.registry.Params(typ) {
		codes = append(codes, p.Code)
	}
	if near := closest.To(code, codes); len(near) > 0 {
		return q.unsupported(key, "%s has no parameter %.60q; did you mean %s?", where, code, strings.Join(near, ", "))
	}
	return q.unsupported(key, "%s has no parameter %.60q; the server's metadata lists those it has", where, code)
}

// alternatives reads values joined by commas: one of them must match, or with
// :not none.
func (c clause) alternatives(value string, read func(clause, string) (fhir.Criterion, error)) (fhir.Criterion, error) {
	var any fhir.Any
	for _, v := range splitEscaped(value, ',') {
		if v == "" {
			return nil, c.invalid("there is an empty value in %.80q", value)
		}
		if err := c.query.oneMore(); err != nil {
			return nil, err
		}
		one, err := read(c, v)
		if err != nil {
			return nil, err
		}
		any = append(any, one)
	}
	var all fhir.Criterion = any
	if len(any) == 1 {
		all = any[0]
	}
	switch c.modifier {
	case "not":
		return fhir.Not{Criterion: all, Absent: AbsentCode(c.typ, c.param.Code)}, nil
	case "not-in":
		return fhir.Not{Criterion: all}, nil
	}
	return all, nil
}

// oneMore counts the values of a search.
func (q *query) oneMore() error {
	if q.values++; q.values > valuesMax {
		return fhir.Errorf(fhir.IssueTooCostly, "", "the search has more than %d values", valuesMax)
	}
	return nil
}

// within names the parameter in which a value is wrong.
func (q *query) within(key string, err error) error {
	var o *fhir.Outcome
	if !errors.As(err, &o) || len(o.Issues) == 0 {
		return err
	}
	return fhir.Errorf(o.Issues[0].Code, "", "search parameter %.100q: %s", key, o.Issues[0].Diagnostics)
}

// missing reads true or false. A concept that has a text only, or a reference
// that has an identifier or display only, is there too.
func (c clause) missing(value string) (fhir.Criterion, error) {
	if reader(c.param.kind) == nil || c.param.Expression == "" {
		return nil, c.unsupported("this server can't tell where it is missing")
	}
	code := c.param.Code
	if code == "_lastUpdated" {
		return c.query.missing(c.key, value, fhir.All{}) // no resource is without
	}
	var present fhir.Criterion = fhir.Present{Param: c.as(code, c.param.kind)}
	switch c.param.kind {
	case fhir.ParamToken:
		present = fhir.Any{present, fhir.Present{Param: c.as(code+":text", fhir.ParamString)}}
	case fhir.ParamReference:
		present = fhir.Any{
			present, fhir.Present{Param: c.as(code+":identifier", fhir.ParamToken)}, fhir.Present{Param: c.as(code+":text", fhir.ParamString)},
		}
	}
	asked, err := c.query.missing(c.key, value, present)
	if err == nil && value == "true" {
		asked = c.lacking(asked)
	}
	return asked, err
}

// ids reads the logical ids of _id.
func (q *query) ids(key, modifier, value string) (fhir.Criterion, error) {
	switch modifier {
	case "", "not":
	case "missing":
		return q.missing(key, value, fhir.All{}) // no resource is without
	default:
		return nil, q.unsupported(key, "_id has no modifier :%s; it has :not, :missing", modifier)
	}
	var ids fhir.IDs
	for _, id := range splitEscaped(value, ',') {
		if err := q.oneMore(); err != nil {
			return nil, err
		}
		if !fhir.ValidID(id) {
			return nil, q.invalid(key, "%.80q is not a logical id", id)
		}
		ids = append(ids, id)
	}
	if modifier == "not" {
		return fhir.Not{Criterion: ids}, nil
	}
	return ids, nil
}

func updatedCriterion(c clause, value string) (fhir.Criterion, error) {
	v, err := c.date(value)
	return fhir.Updated(v), err
}

// chain reads "subject:Patient.name": what follows the point holds on what the
// reference is to. Without a type it holds on any of the parameter's targets that
// know what follows.
func (q *query) chain(c clause, s scope, rest, value string) (fhir.Criterion, error) {
	return q.links(c, rest, func(typ string) (fhir.Criterion, error) {
		return q.criterion(scope{typ: typ, key: rest, depth: s.depth + 1}, value)
	})
}

// links gives that the reference leads to a resource on which holds what read
// gives for its type; rest is for messages.
func (q *query) links(c clause, rest string, read func(typ string) (fhir.Criterion, error)) (fhir.Criterion, error) {
	if c.param.kind != fhir.ParamReference {
		return nil, c.invalid("%s is no reference, so nothing can follow it", c.param.Code)
	}
	targets := c.param.Targets
	if c.modifier != "" {
		if !r4.IsResource(c.modifier) || len(targets) > 0 && !slices.Contains(targets, c.modifier) {
			return nil, c.invalid("%s does not refer to %.40q but to %s", c.param.Code, c.modifier, strings.Join(targets, ", "))
		}
		targets = []string{c.modifier}
	}
	if len(targets) == 0 || len(targets) > targetsMax {
		return nil, c.invalid("%s refers to many types; name one, as in %s:Patient.%s", c.param.Code, c.param.Code, rest)
	}
	var any fhir.Any
	var refused error
	for _, typ := range targets {
		where, err := read(typ)
		if err != nil {
			refused = err
			continue
		}
		any = append(any, fhir.Chain{Param: c.as(c.param.Code, fhir.ParamReference), Type: typ, Where: where})
	}
	switch len(any) {
	case 0:
		return nil, refused
	case 1:
		return any[0], nil
	}
	return any, nil
}

// targetsMax is how many types a chain without a type may try.
const targetsMax = 20

// has reads "Observation:patient:code": a resource of the type refers to this
// one by the parameter, and what follows holds on it. Source: R4 search#has.
func (q *query) has(s scope, rest, value string) (fhir.Criterion, error) {
	typ, rest, ok := strings.Cut(rest, ":")
	code, rest, ok2 := strings.Cut(rest, ":")
	if !ok || !ok2 || rest == "" {
		return nil, q.invalid(s.key, "_has is of the form _has:Type:reference:parameter, such as _has:Claim:patient:status")
	}
	if !r4.IsResource(typ) {
		return nil, q.invalid(s.key, "%.40q is no resource type", typ)
	}
	p, err := q.find(scope{typ: typ, key: s.key}, code)
	if err != nil {
		return nil, err
	}
	if p.kind != fhir.ParamReference {
		return nil, q.invalid(s.key, "%s.%s is no reference", typ, code)
	}
	where, err := q.criterion(scope{typ: typ, key: rest, depth: s.depth + 1}, value)
	if err != nil {
		return nil, err
	}
	return fhir.Has{Type: typ, Param: fhir.Param{Code: code, Kind: fhir.ParamReference}, Where: where}, nil
}
