package profile

import (
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"bima/fhir"
	"bima/fhir/r4"
	"bima/profiles"
)

// A Definition is one conformance resource: its JSON and the name it is known by.
type Definition = profiles.Definition

// Options says what a Set knows besides its definitions. The zero value is of use.
type Options struct {
	// Terminology tells whether a value set has a code, where neither the Set's own
	// definitions nor R4 list its codes. valueSet is a canonical URL, with or without
	// |version, and may be asked by many at once. System is "" for elements of type code.
	// known is false where it can't tell. It may be nil.
	Terminology func(valueSet, system, code string) (has, known bool)
	// Now is the time that now() and today() give in invariants; zero is the clock.
	Now time.Time
}

// A Set is a collection of profiles with the value sets they bind. It implements
// fhir.Profiles, is immutable and safe for concurrent use.
type Set struct {
	options   Options
	under     *Set                // whose definitions count before these; nil where there is none
	entries   map[string]*entry   // by canonical, with and without |version
	versions  map[string][]*entry // of an upper Set: by URL, the one that is meant without a version first
	valueSets map[string]*valueSet
	systems   map[string][]byte // code systems: their definitions
	compiling sync.Mutex
	chain     int // under compiling: how many profiles that build on each other are being compiled
	kept      int // under compiling: about how many bytes the plans of an upper Set take
}

// An entry is one StructureDefinition; its plan is made when it is first asked for.
type entry struct {
	head
	set      *Set    // it is of
	source   *Source // of an upper Set; nil of those built in or of packages
	body     []byte
	compiled atomic.Pointer[outcome]
	tree     *plan // under Set.compiling: before its slices are complete
	begun    bool  // under Set.compiling
}

// An outcome is what compiling gave: a plan, or why there is none.
type outcome struct {
	plan *plan
	err  *fhir.Outcome
}

// core is the base of the URLs of R4's own definitions.
const core = "http://hl7.org/fhir/StructureDefinition/"

// New makes a Set of StructureDefinitions, ValueSets and CodeSystems; other
// resources are passed over, and so are definitions that are broken. The issues,
// warnings, tell which, by their id. Of two with one canonical the later counts.
func New(o Options, definitions ...Definition) (*Set, []fhir.Issue) {
	s := &Set{options: o, entries: map[string]*entry{}, valueSets: map[string]*valueSet{}, systems: map[string][]byte{}}
	var issues []fhir.Issue
	for _, d := range append(builtin(), definitions...) {
		if err := s.add(d); err != nil {
			issue := fhir.OutcomeOf(err).Issues[0]
			issue.Severity = fhir.SeverityWarning
			issue.Diagnostics = d.Type + "/" + d.ID + ": " + issue.Diagnostics
			issues = append(issues, issue)
		}
	}
	return s, issues
}

// builtin gives R4's two profiles on data types.
func builtin() []Definition {
	return []Definition{
		{Type: "StructureDefinition", ID: "SimpleQuantity", Body: []byte(`{"resourceType":"StructureDefinition","url":"` + core + `SimpleQuantity","name":"SimpleQuantity",
"kind":"complex-type","type":"Quantity","derivation":"constraint","baseDefinition":"` + core + `Quantity",
"differential":{"element":[{"path":"Quantity"},{"path":"Quantity.comparator","max":"0"}]}}`)},
		{Type: "StructureDefinition", ID: "MoneyQuantity", Body: []byte(`{"resourceType":"StructureDefinition","url":"` + core + `MoneyQuantity","name":"MoneyQuantity",
"kind":"complex-type","type":"Quantity","derivation":"constraint","baseDefinition":"` + core + `Quantity",
"differential":{"element":[{"path":"Quantity","constraint":[{"key":"mtqy-1","severity":"error",
"human":"There SHALL be a code if there is a value and it SHALL be an expression of currency.",
"expression":"(code.exists() or value.empty()) and (system.empty() or system = 'urn:iso:std:iso:4217')"}]}]}}`)},
	}
}

func (s *Set) add(d Definition) error {
	switch d.Type {
	case "StructureDefinition", "ValueSet", "CodeSystem":
	default:
		return nil
	}
	doc, err := fhir.Parse(d.Body)
	if err != nil {
		return err
	}
	defer doc.Release()
	root := doc.Root()
	url := strings.Clone(root.Get("url").Text())
	if url == "" {
		return fhir.Errorf(fhir.IssueRequired, d.Type+".url", "the definition has no url, so nothing can name it: give it one")
	}
	switch d.Type {
	case "ValueSet":
		s.valueSets[url] = &valueSet{body: d.Body}
	case "CodeSystem":
		if root.Get("content").Text() == "complete" {
			s.systems[url] = d.Body
		}
	default:
		return s.addProfile(readHead(root), d.Body)
	}
	return nil
}

func (s *Set) addProfile(h head, body []byte) error {
	if h.derivation == "specialization" && strings.HasPrefix(h.url, core) && r4.Lookup(h.typ) != nil {
		return nil // R4's own types are known better than from here
	}
	if r4.Lookup(h.typ) == nil {
		return fhir.Errorf(fhir.IssueNotSupported, "StructureDefinition.type", "%q is no type of R4, so what is defined on it can't be checked", h.typ)
	}
	e := &entry{head: h, set: s, body: body}
	s.entries[h.url] = e
	if h.version != "" {
		s.entries[h.url+"|"+h.version] = e
	}
	return nil
}

// find gives the definition a canonical names, with or without version; where
// the version is not here, none.
func (s *Set) find(canonical string) *entry {
	if s.under != nil {
		return s.findUpper(canonical)
	}
	if e := s.entries[canonical]; e != nil {
		return e
	}
	url, version, _ := strings.Cut(canonical, "|")
	e := s.entries[url]
	if e == nil || e.isOf(version) {
		return e
	}
	return nil
}

// isOf reports whether a definition is of a version, such as 1 or 1.2 for 1.2.3.
func (e *entry) isOf(version string) bool {
	return version == "" || e.version == "" || e.version == version || strings.HasPrefix(e.version, version+".")
}

// coreType gives the R4 type that a canonical such as that of Patient names.
func coreType(canonical string) *r4.Type {
	name, ok := strings.CutPrefix(canonical, core)
	if !ok {
		return nil
	}
	name, _, _ = strings.Cut(name, "|")
	return r4.Lookup(name)
}

// Profiles gives the canonical URLs, without version, of the profiles on a
// resource type, or of all profiles on resources where typ is "". They are not
// sorted.
func (s *Set) Profiles(typ string) []string {
	var list []string
	if s.under != nil {
		list = s.under.Profiles(typ)
	}
	for canonical, e := range s.entries {
		if canonical == e.url && r4.IsResource(e.typ) && (typ == "" || typ == e.typ) && (e.source == nil || e.source.Active()) {
			list = append(list, canonical)
		}
	}
	return list
}

// plan gives a profile compiled. It fails with an Outcome where the definition
// can't be compiled, such as of IssueNotFound where the one it builds on is not
// in the Set.
func (s *Set) plan(e *entry) (*plan, *fhir.Outcome) {
	if e.set != s {
		return e.set.plan(e)
	}
	if o := e.compiled.Load(); o != nil {
		return o.plan, o.err
	}
	s.compiling.Lock()
	defer s.compiling.Unlock()
	if o := e.compiled.Load(); o != nil {
		return o.plan, o.err
	}
	p, err := s.treeOf(e)
	if err == nil {
		err = s.complete(p)
	}
	if e.source != nil {
		p, err = e.usable(p, err)
	}
	e.compiled.Store(&outcome{p, err})
	s.room()
	return p, err
}
