package path

import (
	"encoding/json"
	"strconv"

	"bima/fhir"
	"bima/fhir/path/system"
	"bima/fhir/r4"
)

// A kind says what an Item is.
type kind uint8

const (
	kindNone      kind = iota
	kindNode           // an element of a resource
	kindReference      // a resource of which only the reference is known; value is a fhir.Reference
	kindBoolean        // num is 1 or 0
	kindInteger        // num
	kindDecimal        // value is a system.Decimal
	kindString         // value is a string
	kindDate           // value is a system.Moment
	kindDateTime       // value is a system.Moment
	kindTime           // value is a system.Moment
	kindQuantity       // value is a system.Quantity
	kindType           // value is a typeInfo
)

// An Item is one member of a Collection: an element of a resource with its type,
// or a value of one of FHIRPath's own types. Items are small and immutable.
type Item struct {
	typ   *r4.Type
	node  fhir.Node
	side  fhir.Node // the member "_name" of a primitive: its id and extensions
	value any
	num   int64
	kind  kind
}

// A Collection is what an expression gives: items in order, possibly none.
type Collection []Item

func booleanItem(b bool) Item {
	if b {
		return Item{kind: kindBoolean, num: 1}
	}
	return Item{kind: kindBoolean}
}

func integerItem(n int64) Item          { return Item{kind: kindInteger, num: n} }
func decimalItem(d system.Decimal) Item { return Item{kind: kindDecimal, value: d} }
func stringItem(s string) Item          { return Item{kind: kindString, value: s} }
func quantityItem(q system.Quantity) Item {
	return Item{kind: kindQuantity, value: q}
}

// Boolean makes an item of a System.Boolean, for Context.Variables.
func Boolean(b bool) Item { return booleanItem(b) }

// Integer makes an item of a System.Integer, for Context.Variables.
func Integer(n int64) Item { return integerItem(n) }

// Decimal makes an item of a System.Decimal, for Context.Variables.
func Decimal(d fhir.Decimal) Item { return decimalItem(d) }

// String makes an item of a System.String, for Context.Variables.
func String(s string) Item { return stringItem(s) }

// Element makes an item of an element, for Context.Variables. A nil type is
// taken from the node's resourceType, if it has one.
func Element(n fhir.Node, typ *r4.Type) Item {
	if typ == nil || typ.Kind == r4.KindResource && typ.Abstract {
		if t := r4.Lookup(n.Get("resourceType").Text()); t != nil {
			typ = t
		}
	}
	return Item{kind: kindNode, node: n, typ: typ}
}

// Node gives the element's JSON value. It reports false for system values, for
// resources known by reference only, and for a primitive with extensions only.
func (i Item) Node() (fhir.Node, bool) { return i.node, i.node.Exists() }

// Extensions gives the "_name" companion of a primitive element, which holds its
// id and extensions; absent if it has none.
func (i Item) Extensions() fhir.Node { return i.side }

// Type gives the element's R4 type; nil for system values and for elements of
// types that R4 does not define.
func (i Item) Type() *r4.Type { return i.typ }

// System reports whether the item is a value of FHIRPath's own types.
func (i Item) System() bool { return i.kind >= kindBoolean }

// TypeName gives the item's type as the official test suite names it: "code",
// "HumanName", and the same lower-case names for system values: "integer",
// "dateTime", "Quantity". It gives "" for an element of unknown type.
func (i Item) TypeName() string {
	if i.typ != nil {
		if i.typ.Kind == r4.KindBackbone && i.typ.Base != nil {
			return i.typ.Base.Name
		}
		return i.typ.Name
	}
	return [...]string{"", "", "", "boolean", "integer", "decimal", "string", "date", "dateTime", "time", "Quantity", "TypeInfo"}[i.kind]
}

// Text gives a primitive or system value as toString() does: "1974-12-25",
// "1.50", "4 'mg'". It gives "" for other elements.
func (i Item) Text() string {
	switch v := i.value.(type) {
	case string:
		return v
	case system.Decimal:
		return v.String()
	case system.Quantity:
		return v.String()
	case system.Moment:
		return momentText(i.kind, v)
	case typeInfo:
		return v.namespace + "." + v.name
	case fhir.Reference:
		return v.URL
	}
	switch i.kind {
	case kindBoolean:
		return strconv.FormatBool(i.num == 1)
	case kindInteger:
		return strconv.FormatInt(i.num, 10)
	}
	if q, ok := i.Quantity(); ok {
		return q.String()
	}
	return i.node.Text()
}

func momentText(k kind, m system.Moment) string {
	switch k {
	case kindDate:
		return system.FormatDate(m)
	case kindTime:
		return system.FormatTime(m)
	}
	return system.FormatDateTime(m)
}

// Literal gives the text with the marks a FHIRPath literal has for dates and
// times: "@1974-12-25", "@T14:30". Other values are as Text gives them.
func (i Item) Literal() string {
	text := i.Text()
	if text == "" {
		return ""
	}
	switch s := i.system(); s.kind {
	case kindDate, kindDateTime:
		return "@" + text
	case kindTime:
		return "@T" + text
	}
	return text
}

// JSON gives {"type":…,"value":…}: the value as a string in the form of Literal,
// or the element itself where it is not a primitive.
func (i Item) JSON() json.RawMessage {
	out := []byte(`{"type":` + quoted(i.TypeName()) + `,"value":`)
	_, quantity := i.Quantity()
	switch {
	case i.kind == kindNode && !quantity && (i.node.Kind() == fhir.KindObject || i.node.Kind() == fhir.KindArray):
		out = append(out, i.node.Raw()...)
	case i.kind == kindNode && !i.node.Exists():
		out = append(out, "null"...)
	default:
		out = append(out, quoted(i.Literal())...)
	}
	return append(out, '}')
}

func quoted(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		return `""`
	}
	return string(b)
}

// JSON gives the items as a JSON array of {"type":…,"value":…}.
func (c Collection) JSON() json.RawMessage {
	out := []byte{'['}
	for n, i := range c {
		if n > 0 {
			out = append(out, ',')
		}
		out = append(out, i.JSON()...)
	}
	return append(out, ']')
}
