package codes

import (
	"iter"
	"strings"
	"sync"

	"bima/fhir"
)

// A System is a code system, compiled. It does not change and is safe for concurrent
// use. Source: R4 CodeSystem.
type System struct {
	ID, URL, Version string
	Name, Title      string
	Status           string // active, draft, retired or unknown
	Language         string // of its displays; "" where it does not say
	Content          string // complete, fragment, example, not-present or supplement
	Supplements      string // the canonical it adds to, of a supplement
	ValueSet         string // the canonical of the value set of all its codes; may be ""
	Meaning          string // hierarchyMeaning; "" where it does not say
	Declared         []Property
	Folded           bool // whether codes are compared without case

	records  []record
	byCode   map[string]int32 // folded where Folded
	values   []value
	names    []Designation
	parents  edges
	children edges
	kinds    []string // of values, as JSON members: "valueCode"
	keys     []string // the codes of properties
	size     int      // of the text it keeps, in bytes
	once     sync.Once
	normal   []string // by concept; made once by normalise
}

// A Property is one that a code system declares for its concepts.
type Property struct{ Code, URI, Description, Type string }

// A Designation is another name of a concept.
type Designation struct {
	Language string
	Use      string // a Coding, as JSON; "" where it has none
	Value    string
}

// A record is a concept. Its texts lie within the source.
type record struct {
	code, display, definition string
	firstValue, firstName     uint32 // where its values and designations begin; they end where the next one's do
	flags                     flag
}

type flag uint8

const (
	inactive flag = 1 << iota
	abstract
)

// A value is one property of a concept. The text of a Coding is its JSON.
type value struct {
	key, kind uint16
	text      string
}

// conceptsMax bounds the concepts of one code system: SNOMED CT has half as many.
const conceptsMax = 1_000_000

// Parse compiles a CodeSystem. It fails with an Outcome of IssueTooCostly where
// there are more concepts than it holds. Of concepts with the same code the first
// counts.
func Parse(n fhir.Node) (*System, error) {
	s := &System{
		ID: n.Get("id").Text(), URL: n.Get("url").Text(), Version: n.Get("version").Text(),
		Name: n.Get("name").Text(), Title: n.Get("title").Text(), Status: n.Get("status").Text(),
		Language: n.Get("language").Text(), Content: n.Get("content").Text(),
		Supplements: n.Get("supplements").Text(), ValueSet: n.Get("valueSet").Text(),
		Meaning: n.Get("hierarchyMeaning").Text(), Folded: n.Get("caseSensitive").Text() == "false",
		size: len(n.Raw()),
	}
	for p := range n.Get("property").Each() {
		s.Declared = append(s.Declared, Property{
			Code: p.Get("code").Text(), URI: p.Get("uri").Text(),
			Description: p.Get("description").Text(), Type: p.Get("type").Text(),
		})
	}
	b := builder{s: s, roles: roles(s.Declared)}
	if err := b.concepts(n.Get("concept"), noParent); err != nil {
		return nil, err
	}
	b.finish()
	return s, nil
}

// Bytes tells roughly how much memory the system takes.
func (s *System) Bytes() int {
	const each = 180 // a record, its place in the map and in the hierarchy, its text made ready
	return 2*s.size + len(s.records)*each + len(s.values)*24 + len(s.names)*48
}

// Canonical gives the URL with the version, if it has one.
func (s *System) Canonical() string {
	if s.Version == "" {
		return s.URL
	}
	return s.URL + "|" + s.Version
}

// Whole reports whether the system lists all of its codes, so that what it does
// not list is no code of it.
func (s *System) Whole() bool { return s.Content == "complete" || s.Content == "" }

// Listed reports whether the system lists codes at all.
func (s *System) Listed() bool { return s.Content != "not-present" || len(s.records) > 0 }

// Len gives the number of concepts.
func (s *System) Len() int { return len(s.records) }

// Find finds a concept by its code.
func (s *System) Find(code string) (Concept, bool) {
	if s.Folded {
		code = strings.ToLower(code)
	}
	i, ok := s.byCode[code]
	return Concept{s, i}, ok
}

// At gives the concept at a place in the order of the document.
func (s *System) At(i int) Concept { return Concept{s, int32(i)} }

// All ranges over the concepts in the order of the document, which places
// children after their parents.
func (s *System) All() iter.Seq[Concept] {
	return func(yield func(Concept) bool) {
		for i := range s.records {
			if !yield(Concept{s, int32(i)}) {
				return
			}
		}
	}
}

// A Concept is one of a System's. The zero Concept is none.
type Concept struct {
	s *System
	i int32
}

// Exists reports whether it is a concept at all.
func (c Concept) Exists() bool { return c.s != nil }

// System gives the system it is of.
func (c Concept) System() *System { return c.s }

// Place gives where in the order of the document it stands.
func (c Concept) Place() int { return int(c.i) }

// Code gives the code as the system writes it.
func (c Concept) Code() string { return c.s.records[c.i].code }

// Display gives the system's own display; "" where it has none.
func (c Concept) Display() string { return c.s.records[c.i].display }

// Definition gives the formal definition; "" where it has none.
func (c Concept) Definition() string { return c.s.records[c.i].definition }

// Inactive reports whether the concept is no longer to be used.
func (c Concept) Inactive() bool { return c.s.records[c.i].flags&inactive != 0 }

// Abstract reports whether the concept only groups others and is not to be
// chosen itself.
func (c Concept) Abstract() bool { return c.s.records[c.i].flags&abstract != 0 }

// Designations gives its other names.
func (c Concept) Designations() []Designation {
	end := len(c.s.names)
	if next := int(c.i) + 1; next < len(c.s.records) {
		end = int(c.s.records[next].firstName)
	}
	return c.s.names[c.s.records[c.i].firstName:end]
}
