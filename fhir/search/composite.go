package search

import (
	"strings"

	"bima/fhir"
	"bima/fhir/r4"
	"bima/fhir/search/route"
)

// componentsIndexed is how many parts a composite has in the index. R4 has four
// parameters of three parts, all of MolecularSequence.
const componentsIndexed = 2

// addComposite joins a composite to the plan of a type: at each occurrence the
// parts are taken out apart and each pair makes a row.
func (r *Registry) addComposite(root *plan, of *param, typ *r4.Type) (emitters int) {
	if len(of.Components) != componentsIndexed {
		return 0
	}
	for _, rt := range of.routes {
		at, here := root, typ
		if rt[0].Name == typ.Name {
			rt = rt[1:]
		}
		for i, s := range rt {
			e := here.Element(s.Name)
			if e == nil {
				return emitters
			}
			here = e.Types[0].Type
			if i < len(rt)-1 {
				at = at.branch(s.Name, s.Where).plan()
			}
		}
		parts := r.parts(of, here)
		if parts == nil {
			continue
		}
		emit := emitter{codes: codesOf(of.Code), emit: parts.emit}
		if len(rt) == 0 {
			at.here = append(at.here, emit)
		} else {
			last := rt[len(rt)-1]
			b := at.branch(last.Name, last.Where)
			b.emitters = append(b.emitters, emit)
		}
		emitters++
	}
	return emitters
}

// pairOf are the plans of a composite's two parts.
type pairOf [componentsIndexed]*plan

func (r *Registry) parts(of *param, typ *r4.Type) *pairOf {
	var out pairOf
	for i, c := range of.Components {
		routes, plain := route.Parse(c.Expression)
		if !plain {
			return nil
		}
		component := &param{SearchParam: of.SearchParam, kind: r.kinds[c.Definition], routes: routes}
		out[i] = &plan{members: map[string]*member{}}
		if out[i].add(component, typ) == 0 {
			return nil
		}
	}
	return &out
}

// emit adds a row for each pair of the two parts' values at one occurrence.
func (p *pairOf) emit(x *extraction, e *emitter, n fhir.Node) {
	var parts [componentsIndexed]extraction
	for i := range parts {
		parts[i] = extraction{Index: &fhir.Index{}, zone: x.zone, base: x.base, root: x.root}
		parts[i].walk(p[i], n)
	}
	for _, first := range firstParts(parts[0].Index) {
		for _, second := range secondParts(parts[1].Index) {
			second.Param, second.First = e.code, fhir.TokenRow{System: first.System, Code: first.Code}
			x.Composites = append(x.Composites, second)
		}
	}
}

// firstParts gives first parts as tokens; a reference is the token of its text.
func firstParts(x *fhir.Index) []fhir.TokenRow {
	out := tokensOnly(x)
	for _, r := range x.References {
		out = append(out, fhir.TokenRow{Code: referenceText(r.Key, r.URL)})
	}
	return out
}

// tokensOnly leaves out the rows of derived parameters.
func tokensOnly(x *fhir.Index) []fhir.TokenRow {
	var out []fhir.TokenRow
	for _, t := range x.Tokens {
		if !strings.Contains(t.Param, ":") {
			out = append(out, t)
		}
	}
	return out
}

func referenceText(key fhir.Key, url string) string {
	if key.IsZero() {
		return url
	}
	return key.String()
}

// secondParts gives second parts as rows without their first.
func secondParts(x *fhir.Index) []fhir.CompositeRow {
	var out []fhir.CompositeRow
	for _, t := range tokensOnly(x) {
		out = append(out, fhir.CompositeRow{Second: fhir.TokenRow{System: t.System, Code: t.Code}})
	}
	for _, d := range x.Dates {
		out = append(out, fhir.CompositeRow{Low: float64(d.From), High: float64(d.To)})
	}
	for _, n := range x.Numbers {
		out = append(out, fhir.CompositeRow{Low: n.Low, High: n.High})
	}
	for _, q := range x.Quantities {
		unit := fhir.TokenRow{System: q.System, Code: q.Code}
		if q.Code == "" {
			unit.Code = q.Unit
		}
		out = append(out, fhir.CompositeRow{Second: unit, Low: q.Low, High: q.High})
	}
	for _, s := range x.Strings {
		if !strings.Contains(s.Param, ":") {
			out = append(out, fhir.CompositeRow{Text: s.Normal})
		}
	}
	return out
}

// compositeCriterion reads "first$second".
func compositeCriterion(c clause, value string) (fhir.Criterion, error) {
	if c.modifier != "" {
		return nil, c.wrongModifier("missing")
	}
	if len(c.param.Components) != componentsIndexed {
		return nil, c.unsupported("composites of %d parts are not indexed", len(c.param.Components))
	}
	parts := splitEscaped(value, '$')
	if len(parts) != componentsIndexed || parts[0] == "" || parts[1] == "" {
		return nil, c.invalid("%.80q is not of the form value$value", value)
	}
	first, err := c.part(0, parts[0])
	if err != nil {
		return nil, err
	}
	second, err := c.part(1, parts[1])
	if err != nil {
		return nil, err
	}
	token, ok := first.(fhir.TokenValue)
	if !ok {
		return nil, c.unsupported("its first part is no token")
	}
	v := fhir.CompositeValue{First: token, Second: second}
	return fhir.Match{Param: c.as(c.param.Code, fhir.ParamComposite), Value: v}, nil
}

// part reads one part by the kind of its parameter.
func (c clause) part(i int, value string) (fhir.Value, error) {
	kind := c.query.registry.kinds[c.param.Components[i].Definition]
	read := reader(kind)
	if read == nil || kind == fhir.ParamComposite {
		return nil, c.unsupported("part %d can't be searched", i+1)
	}
	criterion, err := read(c, value)
	if err != nil {
		return nil, err
	}
	match, ok := criterion.(fhir.Match)
	if !ok {
		return nil, c.unsupported("part %d can't be searched", i+1)
	}
	if ref, ok := match.Value.(fhir.ReferenceValue); ok {
		return fhir.TokenValue{Code: referenceText(ref.Key, ref.URL)}, nil
	}
	return match.Value, nil
}
