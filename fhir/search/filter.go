package search

import (
	"slices"
	"strings"

	"bima/fhir"
	"bima/fhir/search/filter"
)

// A filtering compiles one _filter.
type filtering struct {
	query *query
	key   string // as the client wrote the parameter
}

// filter reads a _filter. Source: R4 search_filter.
func (q *query) filter(s scope, modifier, value string) (fhir.Criterion, error) {
	if modifier != "" {
		return nil, q.unsupported(s.key, "_filter has no modifier :%.40s", modifier)
	}
	e, err := filter.Parse(value)
	if err != nil {
		return nil, q.within(s.key, err)
	}
	return filtering{q, s.key}.expr(e, s.typ, s.depth)
}

func (f filtering) expr(e filter.Expr, typ string, depth int) (fhir.Criterion, error) {
	switch e := e.(type) {
	case filter.And:
		both, err := f.both(e.Left, e.Right, typ, depth)
		return fhir.All(both), err
	case filter.Or:
		both, err := f.both(e.Left, e.Right, typ, depth)
		return fhir.Any(both), err
	case filter.Not:
		inner, err := f.expr(e.Expr, typ, depth)
		return fhir.Not{Criterion: inner}, err
	}
	t := e.(filter.Test)
	return f.test(&t, t.Path, typ, depth)
}

func (f filtering) both(left, right filter.Expr, typ string, depth int) ([]fhir.Criterion, error) {
	l, err := f.expr(left, typ, depth)
	if err != nil {
		return nil, err
	}
	r, err := f.expr(right, typ, depth)
	return []fhir.Criterion{l, r}, err
}

func (f filtering) invalid(at int, format string, args ...any) error {
	return f.query.invalid(f.key, "at character %d: "+format, append([]any{at}, args...)...)
}

func (f filtering) unsupported(at int, format string, args ...any) error {
	return f.query.unsupported(f.key, "at character %d: "+format, append([]any{at}, args...)...)
}

// test reads what is left of a test's path on a type.
func (f filtering) test(t *filter.Test, path []filter.Step, typ string, depth int) (fhir.Criterion, error) {
	if depth > chainMax {
		return nil, fhir.Errorf(fhir.IssueTooCostly, "", "search parameter %.100q: a path has more than %d links", f.key, chainMax)
	}
	step := path[0]
	if step.Filter != nil && len(path) == 1 {
		return nil, f.invalid(step.At, "after %s[...] there must follow a point and a parameter of what it refers to", step.Name)
	}
	if step.Filter != nil {
		if g, ok := groupings[typ+"."+step.Name]; ok {
			return f.grouped(t, path, typ, g)
		}
	}
	if len(path) == 1 {
		if err := f.query.oneMore(); err != nil {
			return nil, err
		}
		return f.leaf(t, step, typ)
	}
	p, err := f.find(step, typ)
	if err != nil {
		return nil, err
	}
	c := clause{query: f.query, param: p, key: f.key, modifier: step.Type}
	return f.query.links(c, path[1].Name, func(target string) (fhir.Criterion, error) {
		where, err := f.test(t, path[1:], target, depth+1)
		if err != nil || step.Filter == nil {
			return where, err
		}
		met, err := f.expr(step.Filter, target, depth+1)
		return fhir.All{met, where}, err
	})
}

// find gives the parameter of a step, naming where it stands.
func (f filtering) find(step filter.Step, typ string) (*param, error) {
	p, err := f.query.find(scope{typ: typ, key: f.key}, step.Name)
	if err != nil {
		return nil, f.within(step.At, err)
	}
	return p, nil
}

// within adds a position to what is wrong with a value or name.
func (f filtering) within(at int, err error) error {
	o := fhir.OutcomeOf(err)
	text := o.Issues[0].Diagnostics
	if _, rest, ok := strings.Cut(text, `": `); ok {
		text = rest
	}
	return fhir.Errorf(o.Issues[0].Code, "", "search parameter %.100q: at character %d: %s", f.key, at, text)
}

// leaf compares a parameter's own values.
func (f filtering) leaf(t *filter.Test, step filter.Step, typ string) (fhir.Criterion, error) {
	switch step.Name {
	case "id", "_id":
		return f.id(t)
	case textParam, contentParam:
		return f.text(t, step, typ)
	}
	p, err := f.find(step, typ)
	if err != nil {
		return nil, err
	}
	if reader(p.kind) == nil || p.Expression == "" {
		return nil, f.unsupported(step.At, "this server does not index %s", step.Name)
	}
	c := clause{query: f.query, param: p, key: f.key, modifier: step.Type}
	if step.Type != "" && p.kind != fhir.ParamReference {
		return nil, f.invalid(step.At, "%s is no reference, so it refers to no %s", step.Name, step.Type)
	}
	criterion, err := f.compare(c, t)
	if err != nil {
		return nil, f.within(t.ValueAt, err)
	}
	if criterion == nil {
		return nil, f.unsupported(t.OpAt, "%s is not done on %s, a %s parameter", t.Op, step.Name, p.kind)
	}
	return criterion, nil
}

// compare gives the criterion of an operator, nil where R4 has none for the kind
// of parameter.
func (f filtering) compare(c clause, t *filter.Test) (fhir.Criterion, error) {
	if t.Op == "pr" {
		return f.present(c, t.Value)
	}
	value := withNamespaces(t.Value)
	switch c.param.kind {
	case fhir.ParamToken:
		return c.tokenTest(t.Op, value)
	case fhir.ParamString:
		return c.stringTest(t.Op, t.Value)
	case fhir.ParamDate:
		return c.dateTest(t.Op, value)
	case fhir.ParamNumber, fhir.ParamQuantity:
		if slices.Contains(prefixes, fhir.Prefix(t.Op)) {
			return reader(c.param.kind)(c, t.Op+value)
		}
	case fhir.ParamReference:
		if t.Op == "re" || t.Op == "eq" || t.Op == "ne" {
			return c.equality(t.Op, value, referenceCriterion)
		}
	case fhir.ParamURI:
		if t.Op == "eq" || t.Op == "ne" {
			return c.equality(t.Op, value, uriCriterion)
		}
	case fhir.ParamComposite, fhir.ParamSpecial:
		if t.Op == "eq" {
			return reader(c.param.kind)(c, value)
		}
	}
	return nil, nil
}

// present reads the value of pr: whether there must be any.
func (f filtering) present(c clause, value string) (fhir.Criterion, error) {
	switch value {
	case "true":
		return c.missing("false")
	case "false":
		return c.missing("true")
	}
	return nil, c.invalid("pr takes true or false, not %.40q", value)
}

// id compares the logical id.
func (f filtering) id(t *filter.Test) (fhir.Criterion, error) {
	switch t.Op {
	case "eq", "re", "ne":
		if !fhir.ValidID(t.Value) {
			return nil, f.invalid(t.ValueAt, "%.80q is not a logical id", t.Value)
		}
		if t.Op == "ne" {
			return fhir.Not{Criterion: fhir.IDs{t.Value}}, nil
		}
		return fhir.IDs{t.Value}, nil
	case "pr":
		missing := map[string]string{"true": "false", "false": "true"}[t.Value]
		c, err := f.query.missing(f.key, missing, fhir.All{})
		if err != nil {
			return nil, f.invalid(t.ValueAt, "pr takes true or false, not %.40q", t.Value)
		}
		return c, nil
	}
	return nil, f.unsupported(t.OpAt, "%s is not done on ids", t.Op)
}

// text looks for words.
func (f filtering) text(t *filter.Test, step filter.Step, typ string) (fhir.Criterion, error) {
	if t.Op != "eq" && t.Op != "co" {
		return nil, f.unsupported(t.OpAt, "%s is not done on %s; there are eq and co", t.Op, step.Name)
	}
	c, err := f.query.fullText(scope{typ: typ, key: f.key}, step.Name, "", t.Value)
	if err != nil {
		return nil, f.within(t.ValueAt, err)
	}
	return c, nil
}

// namespaces may stand for the systems. Source: R4 search_filter#ops, note.
var namespaces = map[string]string{
	"loinc": "http://loinc.org", "snomed": "http://snomed.info/sct",
	"rxnorm": "http://www.nlm.nih.gov/research/umls/rxnorm", "ucum": ucumSystem,
}

// withNamespaces spells the systems of "loinc|1234-5" and "5|ucum|mg" out.
func withNamespaces(value string) string {
	parts := strings.Split(value, "|")
	for i, part := range parts[:len(parts)-1] {
		before, name := "", part
		if at := strings.LastIndexByte(part, '$'); at >= 0 {
			before, name = part[:at+1], part[at+1:]
		}
		if system, ok := namespaces[name]; ok {
			parts[i] = before + system
		}
	}
	return strings.Join(parts, "|")
}
