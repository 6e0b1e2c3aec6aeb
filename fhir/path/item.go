package path

import (
	"encoding/json"
	"strconv"
	"strings"

	"bima/fhir"
	"bima/fhir/path/system"
	"bima/fhir/r4"
)

// A kind says what an Item is.
type kind uint8

const (
	kindNone      kind = iota
	kindNode           // an element of a resource
	kindReference      // a resource of which only the reference is known; node or value is it
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
func (i Item) Node() (fhir.Node, bool) {
	if i.kind != kindNode {
		return fhir.Node{}, false
	}
	return i.node, i.node.Exists()
}

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
	}
	switch i.kind {
	case kindReference:
		return i.reference().URL
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

// quoted writes a string as JSON, without the escapes that HTML would need.
func quoted(s string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		return `""`
	}
	return strings.TrimSuffix(b.String(), "\n")
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

// reference gives the reference by which a resource is known.
func (i Item) reference() fhir.Reference {
	text, ok := i.value.(string)
	if !ok {
		text = i.node.Text()
	}
	if i.node.Kind() == fhir.KindObject {
		text = i.node.Get("reference").Text()
	}
	return fhir.ParseReference(text, r4.IsResource)
}

// primitives says which system type stands for a FHIR primitive. All that are
// not here are strings. Source: R4 fhirpath.html#types.
var primitives = map[string]kind{
	"boolean": kindBoolean,
	"integer": kindInteger, "unsignedInt": kindInteger, "positiveInt": kindInteger,
	"decimal": kindDecimal, "date": kindDate, "dateTime": kindDateTime, "instant": kindDateTime, "time": kindTime,
}

// primitive reports whether the item is an element of a primitive type.
func (i Item) primitive() bool {
	if i.kind != kindNode {
		return false
	}
	if i.typ != nil {
		return i.typ.Kind == r4.KindPrimitive
	}
	return i.node.Kind() != fhir.KindObject && i.node.Kind() != fhir.KindArray
}

// system gives the system value of a primitive element or a Quantity. Other
// items, and those whose JSON is not of their type, stay as they are.
func (i Item) system() Item {
	if i.kind != kindNode {
		return i
	}
	if !i.primitive() {
		if q, ok := i.Quantity(); ok {
			return quantityItem(q)
		}
		return i
	}
	switch i.node.Kind() {
	case fhir.KindBool:
		if i.typ == nil || i.typ.Name == "boolean" {
			return booleanItem(i.node.Text() == "true")
		}
	case fhir.KindNumber:
		return i.number()
	case fhir.KindString:
		return i.text()
	}
	return i
}

func (i Item) number() Item {
	want := kindDecimal
	if i.typ != nil {
		want = primitives[i.typ.Name]
	}
	if want == kindInteger || i.typ == nil {
		if n, err := strconv.ParseInt(i.node.Text(), 10, 64); err == nil {
			return integerItem(n)
		}
	}
	d, err := fhir.ParseDecimal(i.node.Text())
	if err != nil || want != kindInteger && want != kindDecimal {
		return i
	}
	return decimalItem(d)
}

func (i Item) text() Item {
	want := kindNone
	if i.typ != nil {
		want = primitives[i.typ.Name]
	}
	s := i.node.Text()
	var m system.Moment
	var err error
	switch want {
	case kindNone:
		return stringItem(s)
	case kindDate:
		m, err = fhir.ParseDate(s)
	case kindDateTime:
		m, err = fhir.ParsePartialDateTime(s)
	case kindTime:
		m, err = system.ParseTime(s)
	default:
		return i
	}
	if err != nil {
		return i
	}
	return Item{kind: want, value: m}
}

// hasValue reports whether a primitive element has a value, not only extensions.
func (i Item) hasValue() bool {
	return i.System() || i.primitive() && i.node.Kind() != fhir.KindNull && i.node.Exists()
}

// Str gives the string of a System.String or of a string-like primitive.
func (i Item) Str() (string, bool) {
	if i.kind == kindString {
		s, ok := i.value.(string)
		return s, ok
	}
	if i.kind != kindNode || i.node.Kind() != fhir.KindString || !i.primitive() {
		return "", false
	}
	if i.typ != nil && primitives[i.typ.Name] != kindNone {
		return "", false
	}
	return i.node.Text(), true
}

// Bool gives a System.Boolean or a FHIR boolean.
func (i Item) Bool() (value, ok bool) {
	if i.kind == kindBoolean {
		return i.num == 1, true
	}
	if i.kind == kindNode && i.node.Kind() == fhir.KindBool {
		return i.node.Text() == "true", true
	}
	return false, false
}

// Int gives a System.Integer or a FHIR integer.
func (i Item) Int() (int64, bool) {
	if s := i.system(); s.kind == kindInteger {
		return s.num, true
	}
	return 0, false
}

// Number gives an integer or decimal, System's or FHIR's, as a decimal.
func (i Item) Number() (fhir.Decimal, bool) {
	s := i.system()
	switch s.kind {
	case kindInteger:
		return system.Integer(s.num), true
	case kindDecimal:
		d, ok := s.value.(system.Decimal)
		return d, ok
	}
	return fhir.Decimal{}, false
}

// Moment gives a date, dateTime, instant or time, System's or FHIR's. A time is
// on the first day of year 1.
func (i Item) Moment() (fhir.DateTime, bool) {
	m, ok := i.system().value.(system.Moment)
	return m, ok
}

// ucumSystem is the code system of UCUM units in FHIR.
const ucumSystem = "http://unitsofmeasure.org"

// Quantity gives a System.Quantity, or a FHIR Quantity (Age, Duration, Money
// quantities and the like) that has a value and no comparator. Its unit is the
// UCUM code; without one the unit's text.
func (i Item) Quantity() (system.Quantity, bool) {
	if i.kind == kindQuantity {
		q, ok := i.value.(system.Quantity)
		return q, ok
	}
	if i.typ == nil || !i.typ.Is("Quantity") {
		return system.Quantity{}, false
	}
	value, err := fhir.ParseDecimal(i.node.Get("value").Text())
	if err != nil || i.node.Get("comparator").Exists() {
		return system.Quantity{}, false
	}
	unit := i.node.Get("unit").Text()
	inUCUM := i.node.Get("system").Text() == ucumSystem
	if code := i.node.Get("code").Text(); code != "" && (inUCUM || unit == "") {
		unit = code
	}
	if unit == "" {
		unit = "1"
	}
	return system.Quantity{Value: value, Unit: unit, Either: inUCUM}, true
}
