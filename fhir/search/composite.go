package search

import (
	"slices"
	"strconv"
	"strings"

	"bima/fhir"
	"bima/fhir/r4"
	"bima/fhir/search/route"
)

// How many parts a composite has whose rows join them. Of two, one is a token, or
// what is written as one: a reference or URI. Those of three are coordinates: a
// token, then the two ends of an interval of numbers.
const (
	twoParts   = 2
	threeParts = 3
	ofWhole    = "%resource." // begins a part that is the same at each occurrence
)

// indexed reports whether the index has rows for composites of such parts.
func (r *Registry) indexed(of *param) bool {
	for _, c := range of.Components {
		if !isPart(r.kinds[c.Definition]) {
			return false
		}
	}
	return len(of.Components) >= twoParts
}

// joined reports whether the rows of a composite join its parts. Those of others are
// of a part each, and of an occurrence.
func (r *Registry) joined(of *param) bool {
	var kinds []fhir.ParamKind
	for _, c := range of.Components {
		kinds = append(kinds, r.kinds[c.Definition])
	}
	switch len(kinds) {
	case twoParts:
		return isToken(kinds[0]) && isPart(kinds[1]) || isPart(kinds[0]) && isToken(kinds[1])
	case threeParts:
		return isToken(kinds[0]) && kinds[1] == fhir.ParamNumber && kinds[2] == fhir.ParamNumber
	}
	return false
}

// OwnParts tells the kinds of those parts of a composite that R4 does not define: its
// rows are others where one of them is of another kind.
func (r *Registry) OwnParts(p *r4.SearchParam) (kinds string) {
	for _, c := range p.Components {
		if !isOfficial(c.Definition) {
			kinds += "," + r.kinds[c.Definition].String()
		}
	}
	return kinds
}

// swapped reports whether the second part of a composite is the one that the
// index holds first.
func (r *Registry) swapped(of *param) bool {
	return r.joined(of) && !isToken(r.kinds[of.Components[0].Definition])
}

// isToken reports whether the values of a kind are tokens, or are written as such
// within composites.
func isToken(k fhir.ParamKind) bool {
	return k == fhir.ParamToken || k == fhir.ParamReference || k == fhir.ParamURI
}

// isPart reports whether a kind may be a part of a composite.
func isPart(k fhir.ParamKind) bool {
	return isToken(k) || k == fhir.ParamString || k == fhir.ParamDate || k == fhir.ParamNumber || k == fhir.ParamQuantity
}

// addComposite joins a composite to the plan of a type: at each occurrence the
// parts are taken out apart and joined to rows.
func (r *Registry) addComposite(root *plan, of *param, typ *r4.Type) (emitters int) {
	if !r.indexed(of) {
		return 0
	}
	for _, rt := range of.routes {
		at, here := root, typ
		rt, ok := within(rt, typ)
		if !ok {
			continue
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
		parts := r.parts(of, typ, here)
		if parts == nil {
			continue
		}
		if r.swapped(of) {
			parts[0], parts[1] = parts[1], parts[0]
		}
		emit := emitter{codes: codesOf(of.Code), emit: emitParts(parts)}
		if !r.joined(of) {
			emit.emit = emitApart(parts)
		}
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

// A part is the plan of one part of a composite.
type part struct {
	*plan
	whole bool // of the resource, not of the occurrence
}

func (r *Registry) parts(of *param, resource, typ *r4.Type) []part {
	var out []part
	for _, c := range of.Components {
		expression, ofResource := strings.CutPrefix(c.Expression, ofWhole)
		routes, plain := route.Parse(expression)
		if !plain {
			return nil
		}
		component := &param{SearchParam: of.SearchParam, kind: r.kinds[c.Definition], routes: routes}
		p := part{plan: &plan{members: map[string]*member{}}, whole: ofResource}
		at := typ
		if ofResource {
			at = resource
		}
		if p.add(component, at) == 0 {
			return nil
		}
		out = append(out, p)
	}
	return out
}

// compositesMax is how many composite rows one resource may have. A few codes
// with a few values each make dozens; without a bound a list of codes beside a
// list of values would make their product.
const compositesMax = 10_000

// emitParts adds rows for the values that the parts have at one occurrence, each
// joined with each, up to compositesMax.
func emitParts(parts []part) func(*extraction, *emitter, fhir.Node) {
	return func(x *extraction, e *emitter, n fhir.Node) {
		var values [threeParts]*fhir.Index
		for i, p := range parts {
			values[i] = x.part(p, n)
		}
		seconds := secondParts(values[1])
		if len(parts) == threeParts {
			seconds = spans(values[1], values[2])
		}
		for _, first := range firstParts(values[0]) {
			for _, second := range seconds {
				if len(x.Composites) == compositesMax {
					return
				}
				second.Param, second.First = e.code, fhir.TokenRow{System: first.System, Code: first.Code}
				x.Composites = append(x.Composites, second)
			}
		}
	}
}

// emitApart adds rows for the values of each part at one occurrence, where each has
// some, up to compositesMax.
func emitApart(parts []part) func(*extraction, *emitter, fhir.Node) {
	return func(x *extraction, e *emitter, n fhir.Node) {
		values, count := make([][]fhir.CompositeRow, len(parts)), 0
		for i, p := range parts {
			values[i] = secondParts(x.part(p, n))
			if count += len(values[i]); len(values[i]) == 0 {
				return
			}
		}
		if len(x.Composites)+count > compositesMax {
			return
		}
		occurrence := strconv.Itoa(len(x.Composites))
		for i, all := range values {
			for _, row := range all {
				row.Param, row.First = e.code, fhir.TokenRow{System: fhir.PartSystem(i), Code: occurrence}
				x.Composites = append(x.Composites, row)
			}
		}
	}
}

// part takes out the values of one part; those of the whole resource once.
func (x *extraction) part(p part, n fhir.Node) *fhir.Index {
	if p.whole {
		if known := x.wholes[p.plan]; known != nil {
			return known
		}
		n = x.root
	}
	of := extraction{Index: &fhir.Index{}, zone: x.zone, base: x.base, root: x.root}
	of.walk(p.plan, n)
	if p.whole {
		if x.wholes == nil {
			x.wholes = map[*plan]*fhir.Index{}
		}
		x.wholes[p.plan] = of.Index
	}
	return of.Index
}

// spans gives intervals from the numbers of one part to those of the other.
func spans(from, to *fhir.Index) []fhir.CompositeRow {
	var out []fhir.CompositeRow
	for _, low := range from.Numbers {
		for _, high := range to.Numbers {
			out = append(out, fhir.CompositeRow{Low: low.Low, High: high.High})
		}
	}
	return out
}

// firstParts gives first parts as tokens; a reference or URI is the token of its
// text.
func firstParts(x *fhir.Index) []fhir.TokenRow {
	out := tokensOnly(x)
	for _, r := range x.References {
		out = append(out, fhir.TokenRow{Code: referenceText(r.Key, r.URL)})
	}
	for _, u := range x.URIs {
		out = append(out, fhir.TokenRow{Code: u.URI})
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
	for _, t := range firstParts(x) {
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

// compositeCriterion reads "first$second", or "first$from$to".
func compositeCriterion(c clause, value string) (fhir.Criterion, error) {
	if c.modifier != "" {
		return nil, c.wrongModifier("missing")
	}
	if !c.query.registry.indexed(c.param) {
		return nil, c.unsupported("composites of these %d parts are not indexed", len(c.param.Components))
	}
	texts := splitEscaped(value, '$')
	if len(texts) != len(c.param.Components) || slices.Contains(texts, "") {
		return nil, c.invalid("%.80q is not of the form value%s", value, strings.Repeat("$value", len(c.param.Components)-1))
	}
	var values []fhir.Value
	for i, text := range texts {
		v, err := c.part(i, text)
		if err != nil {
			return nil, err
		}
		values = append(values, v)
	}
	beside, err := c.shortened(values)
	if err != nil {
		return nil, err
	}
	match := fhir.Match{Param: c.as(c.param.Code, fhir.ParamComposite), Value: fhir.OccurrenceValue{Parts: values}}
	if c.query.registry.joined(c.param) {
		if match.Value, err = c.together(values); err != nil {
			return nil, err
		}
	}
	if beside != nil {
		return append(beside, match), nil
	}
	return match, nil
}

// together gives the parts as the index joins them.
func (c clause) together(values []fhir.Value) (fhir.Value, error) {
	if c.query.registry.swapped(c.param) {
		values[0], values[1] = values[1], values[0]
	}
	token, ok := values[0].(fhir.TokenValue)
	if !ok {
		return nil, c.unsupported("its first part is no token")
	}
	v := fhir.CompositeValue{First: token, Second: values[1]}
	if len(values) == threeParts {
		from, _ := values[1].(fhir.NumberValue)
		to, _ := values[2].(fhir.NumberValue)
		v.Second = fhir.SpanValue{From: from, To: to}
	}
	return v, nil
}

// part reads one part as its own parameter would be.
func (c clause) part(i int, value string) (fhir.Value, error) {
	p := c.query.registry.component(c.param, i)
	if !isPart(p.kind) {
		return nil, c.unsupported("part %d can't be searched", i+1)
	}
	of := clause{query: c.query, param: p, key: c.key, composite: true}
	criterion, err := reader(p.kind)(of, value)
	if err != nil {
		return nil, err
	}
	match, ok := criterion.(fhir.Match)
	if !ok {
		return nil, c.unsupported("part %d can't be searched", i+1)
	}
	switch v := match.Value.(type) {
	case fhir.ReferenceValue:
		return fhir.TokenValue{Code: referenceText(v.Key, v.URL)}, nil
	case fhir.URIValue:
		return fhir.TokenValue{Code: v.URI}, nil
	}
	return match.Value, nil
}

// component gives the parameter of a part: that of the composite's own types
// where they have it, for its targets and data types, or else its kind alone.
func (r *Registry) component(of *param, i int) *param {
	url := of.Components[i].Definition
	for _, base := range lineage(of.Base) {
		for _, p := range r.params[base] {
			if p.URL == url {
				return p
			}
		}
	}
	return &param{SearchParam: &r4.SearchParam{}, kind: r.kinds[url]}
}
