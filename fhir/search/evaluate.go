package search

import (
	"strconv"

	"bima/fhir"
	"bima/fhir/path"
	"bima/fhir/r4"
)

// evaluated gives the emitter of a parameter whose expression is more than a
// union of routes: FHIRPath finds its values, one by one.
func evaluated(p *param, typ *r4.Type) emitter {
	emit := func(x *extraction, e *emitter, n fhir.Node) {
		items, err := p.expression.Evaluate(n, typ, nil)
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
