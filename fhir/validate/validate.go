package validate

import (
	"sync"

	"bima/fhir"
	"bima/fhir/r4"
)

// Options says what is checked beyond the definition of R4 itself. The zero
// value checks everything that can be known from the resource alone.
type Options struct {
	// Type is the resource type expected, from the URL; "" accepts any.
	Type string
	// Terminology tells whether a value set has a code, for required bindings
	// whose codes R4 does not list (units, currencies, languages). known is false
	// where it can't tell; such codes are accepted. System is "" for elements of
	// type code. It may be nil.
	Terminology func(valueSet, system, code string) (has, known bool)
	// SkipInvariants leaves out the rules that R4 states in FHIRPath.
	SkipInvariants bool
}

// IssuesMax is how many errors, and how many warnings, are told; a text can hold
// millions, and a client learns nothing from the thousandth.
const IssuesMax = 1000

var walkers = sync.Pool{New: func() any { return new(walker) }}

// Resource parses src as one JSON text and gives all findings about it as an R4
// resource, none for a valid one. The Document is nil only when src is no JSON;
// the one finding then names line and column. Severities are error, and warning
// where R4 states a rule as such.
func Resource(src []byte, o Options) (*fhir.Document, []fhir.Issue) {
	doc, err := fhir.Parse(src)
	if err != nil {
		return nil, fhir.OutcomeOf(err).Issues
	}
	return doc, Node(doc.Root(), nil, o)
}

// Node gives all findings about a tree, or part of one, as a value of a type:
// a resource type, a data type or a backbone element such as "Claim.item". With
// typ nil it is a resource and names its type itself.
func Node(n fhir.Node, typ *r4.Type, o Options) []fhir.Issue {
	w := walkers.Get().(*walker)
	w.options = o
	issues := w.run(n, typ)
	*w = walker{stack: w.stack[:0], content: w.content[:0], open: w.open[:0]}
	walkers.Put(w)
	return issues
}

func (w *walker) run(n fhir.Node, typ *r4.Type) []fhir.Issue {
	switch {
	case typ == nil || typ.Kind == r4.KindResource:
		w.root(n, typ)
	case typ.Kind == r4.KindPrimitive:
		w.push(typ.Name, single)
		w.primitive(n, &member{json: typ.Name, element: &r4.Element{Name: typ.Name}, format: formats[typ.Name]})
		w.pop()
	default:
		w.push(typ.Name, single)
		w.complex(n, planOf(typ))
		w.pop()
	}
	w.texts(n, typ)
	return append(w.issues, w.rest()...)
}

// root checks a whole resource, of the type the caller expects.
func (w *walker) root(n fhir.Node, typ *r4.Type) {
	want := w.options.Type
	if typ != nil && !typ.Abstract {
		want = typ.Name
	}
	name := n.Get("resourceType").Text()
	if name == "" {
		name = want
	}
	if !r4.IsResource(name) {
		name = "Resource"
	}
	w.push(name, single)
	if p := w.resource(n, asRoot); p != nil && want != "" && p.typ.Name != want {
		w.report(fhir.IssueInvalid, "", "the resource is a %s, but a %s was expected here: send it to %s, or correct resourceType", p.typ.Name, want, p.typ.Name)
	}
	w.pop()
}
