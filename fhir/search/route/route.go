package route

import (
	"strconv"
	"strings"
)

// A Route is a path through elements: "Patient.telecom.where(system='phone')".
type Route []Step

// A Step goes to an element.
type Step struct {
	Name  string // FHIRPath name of the element
	As    string // the type kept, of a choice; "" keeps all
	Where []Condition
}

// A Condition decides whether an occurrence of an element counts.
type Condition struct {
	Kind ConditionKind
	Name string // of the member compared, or of the type
	Text string // compared with
	At   int    // position in its array
}

// A ConditionKind is what a Condition asks.
type ConditionKind uint8

// The kinds of conditions.
const (
	Equals   ConditionKind = iota + 1 // member name has the text
	RefersTo                          // the reference is to a resource of type name
	Extended                          // there is an extension of the url text
	Position                          // it is the element at a position
	OfType                            // it is a resource of type name
)

// Parse reads a FHIRPath expression. It reports false when it is more than a union
// of routes.
func Parse(expression string) (routes []Route, plain bool) {
	s := &scanner{text: expression}
	routes = s.union()
	s.space()
	return routes, !s.failed && s.at == len(s.text)
}

type scanner struct {
	text   string
	at     int
	failed bool
	depth  int
}

// nestingMax is how deep brackets may nest in a search expression.
const nestingMax = 20

func (s *scanner) fail() { s.failed = true }

func (s *scanner) space() {
	for s.at < len(s.text) && strings.IndexByte(" \t\r\n", s.text[s.at]) >= 0 {
		s.at++
	}
}

// accept reads the token if it comes next.
func (s *scanner) accept(token string) bool {
	s.space()
	if s.failed || !strings.HasPrefix(s.text[s.at:], token) {
		return false
	}
	s.at += len(token)
	return true
}

func (s *scanner) expect(token string) {
	if !s.accept(token) {
		s.fail()
	}
}

func (s *scanner) word() string {
	s.space()
	start := s.at
	for s.at < len(s.text) && isWord(s.text[s.at]) {
		s.at++
	}
	if start == s.at {
		s.fail()
	}
	return s.text[start:s.at]
}

func isWord(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_'
}

func (s *scanner) literal() string {
	s.expect("'")
	end := strings.IndexByte(s.text[s.at:], '\'')
	if s.failed || end < 0 {
		s.fail()
		return ""
	}
	text := s.text[s.at : s.at+end]
	s.at += end + 1
	return text
}

func (s *scanner) union() []Route {
	s.depth++
	defer func() { s.depth-- }()
	if s.depth > nestingMax {
		s.fail()
		return nil
	}
	routes := s.term()
	for s.accept("|") {
		routes = append(routes, s.term()...)
	}
	return routes
}

func (s *scanner) term() []Route {
	var routes []Route
	if s.accept("(") {
		routes = s.union()
		if s.accept("as ") {
			keepType(routes, s.word())
		}
		s.expect(")")
	} else {
		routes = []Route{{Step{Name: s.word()}}}
	}
	for !s.failed {
		switch {
		case s.accept("."):
			routes = s.suffix(routes)
		case s.accept("["):
			at, err := strconv.Atoi(s.word())
			if err != nil {
				s.fail()
			}
			addCondition(routes, Condition{Kind: Position, At: at})
			s.expect("]")
		default:
			return routes
		}
	}
	return routes
}

// suffix reads what follows a dot: an element or one of the functions that
// search expressions use.
func (s *scanner) suffix(routes []Route) []Route {
	name := s.word()
	if s.failed || !s.accept("(") {
		return extend(routes, Step{Name: name})
	}
	switch name {
	case "as", "ofType":
		keepType(routes, s.word())
	case "extension":
		routes = extend(routes, Step{Name: "extension"})
		addCondition(routes, Condition{Kind: Equals, Name: "url", Text: s.literal()})
	case "where":
		addCondition(routes, s.condition())
	default:
		s.fail()
	}
	s.expect(")")
	return routes
}

func (s *scanner) condition() Condition {
	name := s.word()
	switch {
	case name == "resolve" && s.accept("("):
		s.expect(")")
		s.expect("is ")
		return Condition{Kind: RefersTo, Name: s.word()}
	case name == "hasExtension" && s.accept("("):
		c := Condition{Kind: Extended, Text: s.literal()}
		s.expect(")")
		return c
	}
	s.expect("=")
	return Condition{Kind: Equals, Name: name, Text: s.literal()}
}

func extend(routes []Route, next Step) []Route {
	out := make([]Route, len(routes))
	for i, r := range routes {
		out[i] = append(r[:len(r):len(r)], next)
	}
	return out
}

func keepType(routes []Route, typ string) {
	for _, r := range routes {
		r[len(r)-1].As = typ
	}
}

func addCondition(routes []Route, c Condition) {
	for _, r := range routes {
		last := &r[len(r)-1]
		last.Where = append(last.Where[:len(last.Where):len(last.Where)], c)
	}
}
