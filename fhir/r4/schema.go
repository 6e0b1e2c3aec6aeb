package r4

// A Kind says how values of a Type look in JSON.
type Kind uint8

// The kinds of types.
const (
	KindPrimitive Kind = iota + 1 // a JSON string, number or boolean: "dateTime"
	KindComplex                   // a data type: "CodeableConcept"
	KindBackbone                  // an element with its own definition inside a resource: "Claim.item"
	KindResource                  // a resource type: "Claim"
)

// Unbounded is Element.Max of an element that may repeat without limit.
const Unbounded = -1

// A Type is one data type, resource type or backbone element of R4.
// Types are immutable and shared.
type Type struct {
	Name        string // "Claim", "CodeableConcept", "dateTime", "Claim.item"
	Kind        Kind
	Abstract    bool       // Resource, DomainResource, Element, BackboneElement
	Base        *Type      // nil for Element and Resource
	Elements    []*Element // in the order of the definition, inherited ones first; nil for primitives
	Constraints []Constraint

	byJSON map[string]member
	byName map[string]*Element
}

// A member is what one JSON member name of a type means.
type member struct {
	element *Element
	typ     *ElementType
}

// An Element is one element of a Type.
type Element struct {
	Name        string        // its FHIRPath name: "value" for value[x]
	Index       int           // its place in Type.Elements
	Min         int           // 0 or 1
	Max         int           // 1 or Unbounded
	Choice      bool          // whether it is a choice, value[x]
	Types       []ElementType // one, or several of a choice; never empty
	Binding     *Binding      // nil where no value set is bound
	Modifier    bool          // isModifier
	Summary     bool          // isSummary
	Constraints []Constraint  // those stated on the element itself, besides its type's
}

// An ElementType is one type an element may have.
type ElementType struct {
	JSON    string   // the member name in JSON: "value" + "Quantity", or Element.Name
	Type    *Type    // its definition; a content reference gives the backbone it points at
	Targets []string // of Reference and canonical: the resource types allowed; nil allows any
}

// A Binding ties an element to a value set. Source: R4 ElementDefinition.binding.
type Binding struct {
	Strength string // required, extensible, preferred or example
	ValueSet string // canonical URL without version
}

// A Constraint is an invariant. Source: R4 ElementDefinition.constraint.
type Constraint struct {
	Key        string // "per-1"
	Severity   string // error or warning
	Human      string // the rule in words
	Expression string // FHIRPath, evaluated on each occurrence of the element
}

// Member finds the element behind a JSON member name, such as "valueQuantity",
// without a leading underscore. It gives nil for a name the type does not have.
func (t *Type) Member(jsonName string) (*Element, *ElementType) {
	m := t.byJSON[jsonName]
	return m.element, m.typ
}

// Element finds an element by its FHIRPath name, such as "value"; nil if absent.
func (t *Type) Element(name string) *Element { return t.byName[name] }

// Is reports whether t is the named type or one derived from it.
func (t *Type) Is(name string) bool {
	for ; t != nil; t = t.Base {
		if t.Name == name {
			return true
		}
	}
	return false
}

// A SearchParam is one search parameter of R4, for one base type.
type SearchParam struct {
	Code       string   // "patient"
	Base       string   // "Claim"; "Resource" or "DomainResource" for those of all types
	Kind       string   // token, string, reference, date, number, quantity, uri, composite, special
	URL        string   // canonical
	Expression string   // FHIRPath, of this base only; "" for special ones
	Targets    []string // of references: resource types
	Components []Component
}

// A Component is one part of a composite SearchParam.
type Component struct {
	Definition string // canonical URL of the part's SearchParam
	Expression string // FHIRPath from the composite's own expression
}

// A Compartment names, for each resource type in it, the search parameters
// that tie a resource to the compartment's owner. Source: R4 compartmentdefinition.
type Compartment struct {
	Type    string              // "Patient"
	Members map[string][]string // "Claim": {"patient", "payee"}; "{def}" is the resource itself
}
