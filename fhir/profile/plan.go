package profile

import (
	"strings"

	"bima/fhir"
	"bima/fhir/r4"
)

// A plan is a profile made ready for the walk.
type plan struct {
	url      string // canonical, without version
	name     string // how messages call it
	typ      *r4.Type
	root     *element
	contexts []context // of an extension: where it may be used
	rules    []*invariant
	problems []fhir.Issue // of the definition
	bytes    int          // about how much memory it takes
}

// An element is what a profile asks of one element beyond R4. The zero value but
// for max asks nothing.
type element struct {
	name     string // its FHIRPath name; "" of the root
	min      int
	max      int         // r4.Unbounded where R4's own maximum stands
	types    []*typeRule // nil where R4's own types stand
	fixed    fhir.Node
	pattern  fhir.Node
	binding  *binding
	length   int // the most characters; 0 is no limit
	least    bound
	most     bound
	rules    []*invariant
	children []*element
	slicing  *slicing
	content  *element // whose rules hold here too, by a content reference
}

// A typeRule is one type that an element may have.
type typeRule struct {
	code       string
	profiles   []*entry // the value meets one of them; nil asks none
	unknown    []string // profiles that are not here, so that nothing is known against a value
	targets    []target // of references; nil allows all that R4 does
	contained  bool     // whether references must, or must not, lead to contained resources
	referenced bool
}

// A target is what a reference may lead to.
type target struct {
	typ   string // "" where it is not known
	entry *entry // a profile; nil where any resource of the type does
	name  string // how messages call it
}

func newElement(name string) *element { return &element{name: name, max: r4.Unbounded} }

// child gives the rules of a member, nil where there are none.
func (e *element) child(name string) *element {
	for _, c := range e.children {
		if c.name == name {
			return c
		}
	}
	return nil
}

// childOrNew gives the rules of a member to add to.
func (e *element) childOrNew(name string) *element {
	if c := e.child(name); c != nil {
		return c
	}
	c := newElement(name)
	e.children = append(e.children, c)
	return c
}

// clone copies the rules, so that a profile on a profile can add to them.
func (e *element) clone() *element {
	c := *e
	c.content = nil
	c.rules = e.rules[:len(e.rules):len(e.rules)]
	c.children = make([]*element, len(e.children))
	for i, child := range e.children {
		c.children[i] = child.clone()
	}
	if e.slicing != nil {
		c.slicing = e.slicing.clone()
	}
	return &c
}

// prune leaves out what asks nothing, such as most elements of a snapshot.
func (e *element) prune() {
	kept := e.children[:0]
	for _, c := range e.children {
		c.prune()
		if c.min > 0 || c.max != r4.Unbounded || c.slicing != nil || c.asksOfValues() {
			kept = append(kept, c)
		}
	}
	e.children = kept
	if e.slicing != nil {
		for _, s := range e.slicing.slices {
			s.prune()
		}
	}
}

// each calls visit with the element and all below it, slices included.
func (e *element) each(visit func(e *element)) {
	visit(e)
	for _, c := range e.children {
		c.each(visit)
	}
	if e.slicing != nil {
		for _, s := range e.slicing.slices {
			s.each(visit)
		}
	}
}

// sliceOrNew gives the slice of a name to add to. A name with a slash is a slice
// of a slice. Source: R4 profiling#reslicing.
func (e *element) sliceOrNew(name string) *slice {
	if parent, _, ok := cutLast(name, '/'); ok {
		e = &e.sliceOrNew(parent).element
	}
	if e.slicing == nil {
		e.slicing = &slicing{}
	}
	for _, s := range e.slicing.slices {
		if s.label == name {
			return s
		}
	}
	s := &slice{label: name, element: *newElement(e.name)}
	e.slicing.slices = append(e.slicing.slices, s)
	return s
}

func cutLast(text string, at byte) (before, after string, found bool) {
	if i := strings.LastIndexByte(text, at); i >= 0 {
		return text[:i], text[i+1:], true
	}
	return text, "", false
}

// A slicing parts the repetitions of an element. Source: R4 profiling#slicing.
type slicing struct {
	discriminators []discriminator
	rules          string // "open", "closed" or "openAtEnd"
	ordered        bool
	stated         bool   // whether it is said how the slices are told apart, if only in words
	apart          bool   // whether a profile on a type may say it
	at             string // the first slice in the definition
	slices         []*slice
}

// A slice is one part, with the rules of its own.
type slice struct {
	element
	label    string
	matchers []matcher
	whole    bool // nothing discriminates: what meets the rules is of the slice
}

// A discriminator says by what slices are told apart.
type discriminator struct {
	kind string // "value", "pattern", "exists", "type" or "profile"
	path string
	step []step
}

// otherSlice is the name of the slice of all that is in no other.
const otherSlice = "@default"

func (s *slicing) clone() *slicing {
	c := *s
	c.discriminators = s.discriminators[:len(s.discriminators):len(s.discriminators)]
	c.slices = make([]*slice, len(s.slices))
	for i, one := range s.slices {
		c.slices[i] = &slice{element: *one.clone(), label: one.label}
	}
	return &c
}

// isAsking reports whether there is anything to be sliced.
func (s *slicing) isAsking() bool { return s != nil && len(s.slices) > 0 }

// names lists the slices for a message.
func (s *slicing) names() string {
	list := make([]string, 0, len(s.slices))
	for _, one := range s.slices {
		list = append(list, one.label)
	}
	return strings.Join(list, ", ")
}
