package search

import (
	"strconv"

	"bima/fhir"
	"bima/fhir/path"
	"bima/fhir/r4"
)

// What one parameter may take of a resource: a few milliseconds, or as much as to
// walk ten times through all of it. An expression that takes more, on purpose or
// not, would hold up every write of its type, and finds nothing there.
const (
	stepsMin     = 20_000
	bytesPerStep = 2
)

// evaluated gives the emitter of a parameter whose expression is more than a
// union of routes: FHIRPath finds its values, one by one.
func evaluated(p *param, typ *r4.Type) emitter {
	emit := func(x *extraction, e *emitter, n fhir.Node) {
		items, err := p.expression.Evaluate(n, typ, &path.Context{Steps: stepsMin + len(n.Raw())/bytesPerStep})
		if err != nil {
			return // a resource that the expression does not fit has no value
		}
		for _, item := range items {
			x.item(p.kind, e, item)
		}
	}
	return emitter{codes: codesOf(p.Code), emit: emit}
}

func (x *extraction) item(kind fhir.ParamKind, e *emitter, item path.Item) {
	n, isNode := item.Node()
	if !isNode {
		x.computed(kind, e, item)
		return
	}
	if typ := item.Type(); typ != nil {
		if emit := emitterOf(kind, typ.Name); emit != nil {
			emit(x, e, n)
		}
	}
}

// computed adds a value that stands nowhere in the resource, such as that of
// exists().
func (x *extraction) computed(kind fhir.ParamKind, e *emitter, item path.Item) {
	text := item.Text()
	switch kind {
	case fhir.ParamToken:
		system := ""
		if item.TypeName() == "boolean" {
			system = booleans
		}
		x.token(e.code, system, text)
	case fhir.ParamString:
		x.text(e.code, text)
	case fhir.ParamURI:
		x.uri(e.code, text)
	case fhir.ParamDate:
		if d, err := fhir.ParsePartialDateTime(text); err == nil {
			x.date(e.code, spanOf(d.Interval(x.zone)))
		}
	case fhir.ParamNumber:
		if v, err := strconv.ParseFloat(text, 64); err == nil {
			x.number(e.code, v, v)
		}
	}
}
