package xml

import (
	"bima/fhir/r4"
)

// primitive reads an element of a primitive type: its value into the member, its
// id and extensions to the side, for the member with the underscore.
func (r *reader) primitive(g *group) {
	at := len(r.out)
	hasValue, hasID := false, false
	var id attribute
	for i := range r.attributes {
		switch a := &r.attributes[i]; {
		case a.space == spaceNone && a.name == "value":
			r.value(g.typ.Type, a)
			g.values++
			hasValue = true
		case a.space == spaceNone && a.name == "id":
			id, hasID = *a, true
		default:
			r.otherAttribute(a)
		}
	}
	if !hasValue {
		r.out = append(r.out[:at], "null"...)
	}
	if r.closed && hasValue && !hasID {
		r.next()
		return
	}
	half := len(r.out)
	r.out = append(r.out, '{')
	if hasID {
		r.attribute(&id)
	}
	r.children(g.typ.Type)
	r.out = append(r.out, '}')
	if !hasValue || len(r.out) > half+len(`{}`) {
		r.aside(g, half)
	}
	r.out = r.out[:half]
}

// aside moves what begins at half in out to the side, as the half of the element
// that is being read.
func (r *reader) aside(g *group, half int) {
	for ; g.halves < g.count; g.halves++ {
		r.side = append(r.side, "null,"...)
	}
	r.side = append(r.side, r.out[half:]...)
	r.side = append(r.side, ',')
	g.halves++
}

// closeHalves writes the member with the underscore.
func (r *reader) closeHalves(g *group) {
	r.comma()
	r.out = append(r.out, '"', '_')
	r.out = append(r.out, g.typ.JSON...)
	r.out = append(r.out, '"', ':')
	halves := r.side[g.side : len(r.side)-1]
	if g.many() {
		r.out = append(r.out, '[')
	}
	r.out = append(r.out, halves...)
	for ; g.halves < g.count; g.halves++ {
		r.out = append(r.out, ",null"...)
	}
	if g.many() {
		r.out = append(r.out, ']')
	}
	r.side = r.side[:g.side]
}

// value writes the value of a primitive: numbers and booleans without quotes,
// unless their text is none; the validator then says so.
func (r *reader) value(t *r4.Type, a *attribute) {
	if a.marks == 0 && isBare(t.Name, a.value) {
		r.out = append(r.out, a.value...)
		return
	}
	r.out = a.appendString(r.out)
}

// isBare reports whether a text is written without quotes in JSON as a value of
// the type.
func isBare(typ, text string) bool {
	switch typ {
	case "boolean":
		return text == "true" || text == "false"
	case "integer", "positiveInt", "unsignedInt", "decimal":
		return isNumber(text)
	}
	return false
}

// isNumber reports whether a text is a number of JSON. Source: RFC 8259 section 6.
func isNumber(text string) bool {
	if text != "" && text[0] == '-' {
		text = text[1:]
	}
	n := digits(text)
	if n == 0 || n > 1 && text[0] == '0' {
		return false
	}
	text = text[n:]
	if text != "" && text[0] == '.' {
		n = digits(text[1:])
		if n == 0 {
			return false
		}
		text = text[1+n:]
	}
	if text != "" && (text[0] == 'e' || text[0] == 'E') {
		text = text[1:]
		if text != "" && (text[0] == '+' || text[0] == '-') {
			text = text[1:]
		}
		n = digits(text)
		return n > 0 && n == len(text)
	}
	return text == ""
}

// digits gives how many digits a text begins with.
func digits(text string) int {
	n := 0
	for n < len(text) && '0' <= text[n] && text[n] <= '9' {
		n++
	}
	return n
}
