package search

import (
	"strconv"
	"strings"
)

// A route is a path through elements, as almost every search expression is one:
// "Patient.telecom.where(system='phone')". It is FHIRPath's plain part, read so
// that one walk over a resource serves all parameters of its type.
type route []step

// A step goes to an element.
type step struct {
	name  string // FHIRPath name of the element
	as    string // the type kept, of a choice; "" keeps all
	where []condition
}

// A condition decides whether an occurrence of an element counts.
type condition struct {
	kind conditionKind
	name string // of the member compared, or of the type
	text string // compared with
	at   int    // position in its array
}

type conditionKind uint8

const (
	conditionEquals   conditionKind = iota + 1 // member name has the text
	conditionRefersTo                          // the reference is to a resource of type name
	conditionExtended                          // there is an extension of the url text
	conditionAt                                // it is the element at a position
	conditionType                              // it is a resource of type name
)

// readRoutes reads an expression. It reports false when it is more than a union
// of routes.
func readRoutes(expression string) (routes []route, plain bool) {
	s := &routeScanner{text: expression}
	routes = s.union()
	s.space()
	return routes, !s.failed && s.at == len(s.text)
}

type routeScanner struct {
	text   string
	at     int
	failed bool
	depth  int
}

// nestingMax is how deep brackets may nest in a search expression.
const nestingMax = 20

func (s *routeScanner) fail() { s.failed = true }

func (s *routeScanner) space() {
	for s.at < len(s.text) && strings.IndexByte(" \t\r\n", s.text[s.at]) >= 0 {
		s.at++
	}
}

// accept reads the token if it comes next.
func (s *routeScanner) accept(token string) bool {
	s.space()
	if s.failed || !strings.HasPrefix(s.text[s.at:], token) {
		return false
	}
	s.at += len(token)
	return true
}

func (s *routeScanner) expect(token string) {
	if !s.accept(token) {
		s.fail()
	}
}

func (s *routeScanner) word() string {
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

func (s *routeScanner) literal() string {
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

func (s *routeScanner) union() []route {
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

func (s *routeScanner) term() []route {
	var routes []route
	if s.accept("(") {
		routes = s.union()
		if s.accept("as ") {
			keepType(routes, s.word())
		}
		s.expect(")")
	} else {
		routes = []route{{step{name: s.word()}}}
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
			addCondition(routes, condition{kind: conditionAt, at: at})
			s.expect("]")
		default:
			return routes
		}
	}
	return routes
}

// suffix reads what follows a dot: an element or one of the functions that
// search expressions use.
func (s *routeScanner) suffix(routes []route) []route {
	name := s.word()
	if s.failed || !s.accept("(") {
		return extend(routes, step{name: name})
	}
	switch name {
	case "as", "ofType":
		keepType(routes, s.word())
	case "extension":
		routes = extend(routes, step{name: "extension"})
		addCondition(routes, condition{kind: conditionEquals, name: "url", text: s.literal()})
	case "where":
		addCondition(routes, s.condition())
	default:
		s.fail()
	}
	s.expect(")")
	return routes
}

func (s *routeScanner) condition() condition {
	name := s.word()
	switch {
	case name == "resolve" && s.accept("("):
		s.expect(")")
		s.expect("is ")
		return condition{kind: conditionRefersTo, name: s.word()}
	case name == "hasExtension" && s.accept("("):
		c := condition{kind: conditionExtended, text: s.literal()}
		s.expect(")")
		return c
	}
	s.expect("=")
	return condition{kind: conditionEquals, name: name, text: s.literal()}
}

func extend(routes []route, next step) []route {
	out := make([]route, len(routes))
	for i, r := range routes {
		out[i] = append(r[:len(r):len(r)], next)
	}
	return out
}

func keepType(routes []route, typ string) {
	for _, r := range routes {
		r[len(r)-1].as = typ
	}
}

func addCondition(routes []route, c condition) {
	for _, r := range routes {
		last := &r[len(r)-1]
		last.where = append(last.where[:len(last.where):len(last.where)], c)
	}
}
