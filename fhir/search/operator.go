package search

import (
	"slices"

	"bima/fhir"
	"bima/fhir/search/filter"
)

// equality reads eq, re and ne on kinds that know equality only.
func (c clause) equality(op, value string, read func(clause, string) (fhir.Criterion, error)) (fhir.Criterion, error) {
	equal, err := read(c, value)
	if err != nil || op != "ne" {
		return equal, err
	}
	return c.unequal(equal)
}

// unequal reads ne: one of the values is another, each coding and each part of a
// name being one. What the index holds in other rows, a concept of text alone or a
// reference by identifier, is another where no value is equal. Of canonicals the
// index has two rows a value, so that there, too, none must be equal.
// Source: R4 search_filter#ops.
func (c clause) unequal(equal fhir.Criterion) (fhir.Criterion, error) {
	c.modifier = "missing"
	present, err := c.missing("false")
	none := fhir.All{present, fhir.Not{Criterion: equal}}
	match, ok := equal.(fhir.Match)
	if err != nil || !ok || c.param.versioned {
		return none, err
	}
	other := fhir.Match{Param: match.Param, Value: fhir.OtherValue{Value: match.Value}}
	if c.param.kind == fhir.ParamString || c.param.kind == fhir.ParamURI {
		return other, nil
	}
	return fhir.Any{other, none}, nil
}

// tokenTest reads the operators of tokens.
func (c clause) tokenTest(op, value string) (fhir.Criterion, error) {
	set := fhir.Match{Param: c.as(c.param.Code, fhir.ParamToken), Value: fhir.ValueSetValue{URL: value}}
	switch op {
	case "eq", "ne":
		return c.equality(op, value, tokenCriterion)
	case "ss": // the value subsumes what is there
		return c.subsumed(value, false)
	case "sb":
		return c.subsumed(value, true)
	case "in":
		return set, nil
	case "ni":
		return fhir.Not{Criterion: set}, nil
	}
	return nil, nil
}

// stringTest reads the operators of strings, none of which knows case.
func (c clause) stringTest(op, value string) (fhir.Criterion, error) {
	modes := map[string]fhir.StringMode{
		"eq": fhir.StringWhole, "ne": fhir.StringWhole,
		"co": fhir.StringContains, "sw": fhir.StringStarts, "ew": fhir.StringEnds,
	}
	mode, ok := modes[op]
	if !ok {
		return nil, nil
	}
	v := stringValue(value, mode)
	if v.Text == "" {
		return nil, c.invalid("%q holds nothing to search for", value)
	}
	match := fhir.Match{Param: c.as(c.param.Code, fhir.ParamString), Value: v}
	if op == "ne" {
		return c.unequal(match)
	}
	return match, nil
}

// dateTest reads the operators of dates: the prefixes, co (what is there includes
// the value) and po (it overlaps the value).
func (c clause) dateTest(op, value string) (fhir.Criterion, error) {
	prefix := fhir.Prefix(op)
	switch {
	case op == "co", op == "po":
		prefix = fhir.PrefixEqual
	case !slices.Contains(prefixes, prefix):
		return nil, nil
	}
	v, err := c.date(string(prefix) + value)
	if err != nil {
		return nil, err
	}
	switch op {
	case "co":
		v.Prefix = fhir.PrefixIncludes
	case "po":
		v.Prefix = fhir.PrefixApproximate // without a margin
	}
	if c.param.Code == "_lastUpdated" {
		return fhir.Updated(v), nil
	}
	return fhir.Match{Param: c.as(c.param.Code, fhir.ParamDate), Value: v}, nil
}

// A grouping is a name of _filter that stands for the occurrences of an element,
// by the composite that joins its parts. Source: R4 search_filter#params.
type grouping struct {
	composite string
	parts     [2]string // the names of the composite's parts
}

// groupings by type and name. Those R4 lists for parameters it no longer has
// (Observation.related, ServiceRequest.event and item) are left out.
var groupings = map[string]grouping{
	"Group.characteristic":        {"characteristic-value", [2]string{"code", "value"}},
	"DocumentReference.relatesTo": {"relationship", [2]string{"target", "code"}},
}

// grouped reads "characteristic[code eq a].value eq b": both of one occurrence.
func (f filtering) grouped(t *filter.Test, path []filter.Step, typ string, g grouping) (fhir.Criterion, error) {
	step := path[0]
	inner, ok := step.Filter.(filter.Test)
	if !ok || len(path) != 2 || len(inner.Path) != 1 || path[1].Filter != nil {
		return nil, f.unsupported(step.At, "%s is of the form %s[%s eq a].%s eq b here", step.Name, step.Name, g.parts[0], g.parts[1])
	}
	p := f.query.registry.param(typ, g.composite)
	c := clause{query: f.query, param: p, key: f.key}
	var values [2]fhir.Value
	for _, one := range []struct {
		name string
		test *filter.Test
	}{{inner.Path[0].Name, &inner}, {path[1].Name, t}} {
		at := slices.Index(g.parts[:], one.name)
		if at < 0 || values[at] != nil {
			return nil, f.invalid(step.At, "of %s there are %s and %s, one to filter by and one to compare", step.Name, g.parts[0], g.parts[1])
		}
		v, err := f.groupedValue(c, at, one.test)
		if err != nil {
			return nil, err
		}
		values[at] = v
	}
	first, _ := values[0].(fhir.TokenValue)
	return fhir.Match{Param: c.as(g.composite, fhir.ParamComposite), Value: fhir.CompositeValue{First: first, Second: values[1]}}, nil
}

// groupedValue reads one comparison of a grouping.
func (f filtering) groupedValue(c clause, part int, t *filter.Test) (fhir.Value, error) {
	if err := f.query.oneMore(); err != nil {
		return nil, err
	}
	switch {
	case t.Op == "pr" && t.Value == "true":
		return fhir.TokenValue{AnySystem: true, AnyCode: true}, nil
	case t.Op == "eq" || t.Op == "re":
		v, err := c.part(part, withNamespaces(t.Value))
		if err != nil {
			return nil, f.within(t.ValueAt, err)
		}
		return v, nil
	}
	return nil, f.unsupported(t.OpAt, "%s is not done on a part of a group; there are eq, re and pr", t.Op)
}
