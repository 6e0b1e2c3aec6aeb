package path

import (
	"bima/fhir/path/syntax"
	"bima/fhir/r4"
)

// A typeInfo is what type() gives. Source: N1 section 10.2.
type typeInfo struct{ namespace, name, base string }

func (t typeInfo) field(name string) (Item, bool) {
	text := map[string]string{"namespace": t.namespace, "name": t.name, "baseType": t.base}[name]
	return stringItem(text), text != ""
}

// A typeName is a type specifier: FHIR.Patient, System.String, Quantity.
type typeName struct {
	fhir   *r4.Type // nil if only a system type is meant
	system kind     // kindNone if only a FHIR type is meant
}

var systemTypes = map[string]kind{
	"Boolean": kindBoolean, "Integer": kindInteger, "Decimal": kindDecimal, "String": kindString,
	"Date": kindDate, "DateTime": kindDateTime, "Time": kindTime, "Quantity": kindQuantity,
}

// systemNames are the names in the order of the kinds.
var systemNames = [...]string{
	kindBoolean: "Boolean", kindInteger: "Integer", kindDecimal: "Decimal", kindString: "String",
	kindDate: "Date", kindDateTime: "DateTime", kindTime: "Time", kindQuantity: "Quantity", kindType: "SimpleTypeInfo",
}

// resolveType finds the types that a specifier means. A name without namespace
// may mean both FHIR's and System's, such as Quantity.
func resolveType(e *syntax.Expr, name string) (typeName, error) {
	var t typeName
	namespace, local := syntax.SplitType(name)
	if namespace != "System" {
		t.fhir = r4.Lookup(local)
	}
	if namespace != "FHIR" {
		t.system = systemTypes[local]
	}
	if t.fhir == nil && t.system == kindNone {
		return t, e.Errorf("there is no type %s", name)
	}
	return t, nil
}

// is reports whether the item is of the type or of one derived from it.
func (t typeName) is(i *Item) bool {
	if i.System() {
		return t.system == i.kind
	}
	return t.fhir != nil && i.typ != nil && i.typ.Is(t.fhir.Name)
}

// casts reports whether as and ofType keep the item. A primitive is kept only
// for its own type: a code is not taken as a string, which the official test
// suite asks for.
func (t typeName) casts(i *Item) bool {
	if t.fhir != nil && i.typ != nil && t.fhir.Kind == r4.KindPrimitive && !t.fhir.Abstract {
		return i.typ == t.fhir
	}
	return t.is(i)
}

// tested gives the type that the operand of is names. One that only the other
// namespace has, such as System.Patient, fits nothing.
func tested(e *syntax.Expr, name string) (typeName, error) {
	namespace, local := syntax.SplitType(name)
	elsewhere := namespace == "System" && r4.Lookup(local) != nil || namespace == "FHIR" && systemTypes[local] != kindNone
	t, err := resolveType(e, name)
	if err != nil && elsewhere {
		return typeName{}, nil
	}
	return t, err
}

// An isStep is on is type.
type isStep struct {
	on  step
	typ typeName
}

func (s *isStep) eval(sc *scope, dst []Item) ([]Item, error) {
	item, ok, err := sc.one(s.on)
	if err != nil || !ok {
		return dst, err
	}
	return append(dst, booleanItem(s.typ.is(&item))), nil
}

// A castStep keeps the items of a type. With one set, several items fail.
type castStep struct {
	on  step
	typ typeName
	one bool
}

func (s *castStep) eval(sc *scope, dst []Item) ([]Item, error) {
	items, err := sc.collect(s.on)
	if err != nil {
		return dst, err
	}
	if s.one {
		if _, _, err := single(items); err != nil {
			return dst, err
		}
	}
	for i := range items {
		if s.typ.casts(&items[i]) {
			dst = append(dst, items[i])
		}
	}
	sc.ev.free(items)
	return dst, nil
}

// compileType compiles the operators is and as. The operator as filters, for
// R4's search parameters apply it to elements that repeat.
func compileType(e *syntax.Expr) (step, error) {
	on, err := compile(e.On)
	if err != nil {
		return nil, err
	}
	if e.Kind == syntax.Is {
		t, err := tested(e, e.Text)
		return &isStep{on, t}, err
	}
	t, err := resolveType(e, e.Text)
	return &castStep{on: on, typ: t}, err
}

// compileTypeCall compiles is(T), as(T) and ofType(T). The function as takes one
// item, but on descendants() and children() it filters: R4's invariant dom-3
// needs it so.
func compileTypeCall(e *syntax.Expr, on step) (step, error) {
	if len(e.Args) != 1 {
		return nil, e.Errorf("%s() takes one type", e.Text)
	}
	name, ok := e.Args[0].TypeSpecifier()
	if !ok {
		return nil, e.Errorf("%s() takes the name of a type", e.Text)
	}
	if e.Text == "is" {
		t, err := tested(e, name)
		return &isStep{on, t}, err
	}
	t, err := resolveType(e, name)
	if err != nil {
		return nil, err
	}
	mixed := e.On != nil && e.On.Kind == syntax.Call && (e.On.Text == "descendants" || e.On.Text == "children")
	return &castStep{on: on, typ: t, one: e.Text == "as" && !mixed}, nil
}

// typeOf gives what type() says of an item.
func typeOf(i *Item) typeInfo {
	if i.System() {
		return typeInfo{"System", systemNames[i.kind], "System.Any"}
	}
	t := typeInfo{namespace: "FHIR", name: i.TypeName()}
	if i.typ != nil && i.typ.Base != nil {
		t.base = "FHIR." + i.typ.Base.Name
	}
	return t
}
