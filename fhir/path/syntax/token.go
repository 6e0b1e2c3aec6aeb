package syntax

import (
	"strings"
	"unicode/utf8"

	"bima/fhir"
)

// A tokenKind is what a token is.
type tokenKind uint8

const (
	tokenEnd tokenKind = iota
	tokenWord
	tokenQuotedWord // `delimited identifier`
	tokenString
	tokenNumber
	tokenDate
	tokenDateTime
	tokenTime
	tokenVariable // %name
	tokenDollar   // $this
	tokenSymbol
)

// A token is one word of the language; text is without quotes and escapes.
type token struct {
	kind tokenKind
	pos  int
	text string
}

// A scanner cuts the text into tokens.
type scanner struct {
	src string
	pos int
}

func fail(pos int, format string, args ...any) error {
	return fhir.Errorf(fhir.IssueInvalid, "", "FHIRPath at character %d: "+format, append([]any{pos + 1}, args...)...)
}

// next gives the token that begins at or after the position.
func (s *scanner) next() (token, error) {
	if err := s.space(); err != nil {
		return token{}, err
	}
	start := s.pos
	if start >= len(s.src) {
		return token{kind: tokenEnd, pos: start}, nil
	}
	c := s.src[start]
	switch {
	case isLetter(c):
		return token{tokenWord, start, s.word()}, nil
	case isDigit(c):
		return token{tokenNumber, start, s.number()}, nil
	case c == '\'':
		text, err := s.quoted('\'')
		return token{tokenString, start, text}, err
	case c == '`':
		text, err := s.quoted('`')
		return token{tokenQuotedWord, start, text}, err
	case c == '@':
		return s.moment()
	case c == '%':
		return s.variable()
	case c == '$':
		s.pos++
		return token{tokenDollar, start, s.word()}, nil
	}
	return s.symbol()
}

// space skips white space and comments.
func (s *scanner) space() error {
	for s.pos < len(s.src) {
		rest := s.src[s.pos:]
		switch {
		case strings.IndexByte(" \t\r\n\f", rest[0]) >= 0:
			s.pos++
		case strings.HasPrefix(rest, "\u00a0"), strings.HasPrefix(rest, "\ufeff"):
			_, size := utf8.DecodeRuneInString(rest)
			s.pos += size
		case strings.HasPrefix(rest, "//"):
			end := strings.IndexAny(rest, "\r\n")
			if end < 0 {
				end = len(rest)
			}
			s.pos += end
		case strings.HasPrefix(rest, "/*"):
			end := strings.Index(rest[2:], "*/")
			if end < 0 {
				return fail(s.pos, "the comment has no end")
			}
			s.pos += end + 4
		default:
			return nil
		}
	}
	return nil
}

func (s *scanner) word() string {
	start := s.pos
	for s.pos < len(s.src) && (isLetter(s.src[s.pos]) || isDigit(s.src[s.pos])) {
		s.pos++
	}
	return s.src[start:s.pos]
}

// number takes the point only where a digit follows: 1.not() is a call on 1.
func (s *scanner) number() string {
	start := s.pos
	s.digits()
	if s.pos+1 < len(s.src) && s.src[s.pos] == '.' && isDigit(s.src[s.pos+1]) {
		s.pos++
		s.digits()
	}
	return s.src[start:s.pos]
}

func (s *scanner) digits() {
	for s.pos < len(s.src) && isDigit(s.src[s.pos]) {
		s.pos++
	}
}

// variable reads %name, %`name` or %'name'.
func (s *scanner) variable() (token, error) {
	start := s.pos
	s.pos++
	if s.pos < len(s.src) && (s.src[s.pos] == '`' || s.src[s.pos] == '\'') {
		text, err := s.quoted(s.src[s.pos])
		return token{tokenVariable, start, text}, err
	}
	name := s.word()
	if name == "" || isDigit(name[0]) {
		return token{}, fail(start, "a variable name must follow %%")
	}
	return token{tokenVariable, start, name}, nil
}

var symbols = []string{"<=", ">=", "!=", "!~", "<", ">", "=", "~", "+", "-", "*", "/", "&", "|", ".", ",", "(", ")", "[", "]", "{", "}"}

func (s *scanner) symbol() (token, error) {
	start := s.pos
	for _, symbol := range symbols {
		if strings.HasPrefix(s.src[start:], symbol) {
			s.pos += len(symbol)
			return token{tokenSymbol, start, symbol}, nil
		}
	}
	r, _ := utf8.DecodeRuneInString(s.src[start:])
	return token{}, fail(start, "%q has no meaning here", r)
}

func isLetter(c byte) bool {
	return c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
