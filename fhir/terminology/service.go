package terminology

import (
	"sync"
	"time"

	"bima/fhir"
	"bima/profiles"
)

// Options say what a Service knows besides R4 and what is stored, and how much it
// does. A zero field means its default.
type Options struct {
	// Definitions are CodeSystems, ValueSets and ConceptMaps of our own or of
	// packages; those of other types are passed over.
	Definitions []profiles.Definition
	// CacheBytes is about how much memory compiled code systems and listed value
	// sets may take; default 96 MiB, room for ICD-10 in several languages.
	CacheBytes int
	// ExpansionMax is how many codes one answer of $expand holds, and from how
	// many on a listing without count is refused; default 10,000.
	ExpansionMax int
	// SetMax is how many codes a value set may have for a search by it; default
	// 20,000.
	SetMax int
	// Now tells the time; default the clock.
	Now func() time.Time
}

const (
	cacheBytesDefault   = 96 << 20
	expansionMaxDefault = 10_000
	setMaxDefault       = 20_000
)

// A Service knows code systems, value sets and concept maps. It is safe for
// concurrent use and implements fhir.Terminology.
type Service struct {
	options Options
	cache   *cache
	builtIn func() map[place][]*definition // read when first asked for
}

var _ fhir.Terminology = (*Service)(nil)

// New makes a Service. It reads nothing yet.
func New(o Options) *Service {
	o.CacheBytes = orDefault(o.CacheBytes, cacheBytesDefault)
	o.ExpansionMax = orDefault(o.ExpansionMax, expansionMaxDefault)
	o.SetMax = orDefault(o.SetMax, setMaxDefault)
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Service{
		options: o,
		cache:   newCache(o.CacheBytes),
		builtIn: sync.OnceValue(func() map[place][]*definition { return readDefinitions(o.Definitions) }),
	}
}

func orDefault(n, or int) int {
	if n == 0 {
		return or
	}
	return n
}

// Codes implements fhir.Terminology. A value set that takes in a whole code system
// whose codes are not listed here, or are too many, gives one value that stands
// for any code of that system.
func (s *Service) Codes(r fhir.Reader, valueSet string) ([]fhir.TokenValue, error) {
	q := s.scope(r)
	v, err := q.valueSet(parseCanonical(valueSet))
	if err != nil {
		return nil, err
	}
	found, err := q.kept("tokens", v, func() (any, int, error) {
		tokens, err := q.tokens(v.set)
		return tokens, len(tokens) * tokenBytes, err
	})
	if err != nil {
		return nil, err
	}
	return found.([]fhir.TokenValue), nil
}

// tokenBytes is the memory of one token, without its texts.
const tokenBytes = 40

// Subsumed implements fhir.Terminology.
func (s *Service) Subsumed(r fhir.Reader, system, code string, above bool) ([]fhir.TokenValue, error) {
	if system == "" {
		return nil, fhir.Errorf(fhir.IssueInvalid, "", "what is above or below %.100q can be told only with its code system: system|code", code)
	}
	q := s.scope(r)
	sys, err := q.codeSystem(parseCanonical(system))
	if err != nil {
		return nil, err
	}
	c, ok := sys.Find(code)
	if !ok && !sys.Listed() {
		return nil, fhir.Errorf(fhir.IssueNotFound, "", "the codes of %.200s are not listed here", system)
	}
	if !ok {
		return nil, fhir.Errorf(fhir.IssueCodeInvalid, "", "the code system %.200s has no code %.100q", system, code)
	}
	others := c.Descendants()
	if above {
		others = c.Ancestors()
	}
	if len(others) >= s.options.SetMax {
		return nil, fhir.Errorf(fhir.IssueTooCostly, "", "%d codes are on that side of %.100q; a search takes %d at most", len(others), code, s.options.SetMax)
	}
	tokens := make([]fhir.TokenValue, 0, len(others)+1)
	tokens = append(tokens, fhir.TokenValue{System: sys.URL, Code: c.Code()})
	for _, other := range others {
		tokens = append(tokens, fhir.TokenValue{System: sys.URL, Code: other.Code()})
	}
	return tokens, nil
}

// Contains implements fhir.Terminology.
func (s *Service) Contains(r fhir.Reader, valueSet, system, code string) (bool, error) {
	return s.scope(r).contains(valueSet, coded{system: system, code: code})
}

// MemberOf gives the question of FHIRPath's memberOf() and of validation: whether
// a value set has a code, and whether that is known here at all. It looks at
// stored resources through r, or at none where r is nil, and reads each value set
// and code system once, so it serves one request in one goroutine.
func (s *Service) MemberOf(r fhir.Reader) func(valueSet, system, code string) (member, known bool) {
	q := s.scope(r)
	return func(valueSet, system, code string) (member, known bool) {
		has, err := q.contains(valueSet, coded{system: system, code: code})
		return has, err == nil
	}
}

// Defined is the question of MemberOf about what is built in only. It serves any
// number of goroutines, for as long as the Service lasts.
func (s *Service) Defined(valueSet, system, code string) (member, known bool) {
	has, err := s.scope(nil).contains(valueSet, coded{system: system, code: code})
	return has, err == nil
}
