package xml

import (
	"strings"
	"unicode/utf8"

	"bima/fhir"
)

// A token is what the scanner has read.
type token uint8

const (
	tokenEnd   token = iota // the end of the innermost open element
	tokenStart              // a start tag: scanner.tag, scanner.attributes
	tokenText               // characters: scanner.text
	tokenNone               // there is no more, or scanner.problem says why
)

// nestedMax is how deep elements may be nested: those of a resource as deep as
// JSON, and in it a narrative of 200.
const nestedMax = fhir.DepthMax + 200

// attributesMax is how many attributes a tag may have; FHIR and XHTML know fewer
// for any.
const attributesMax = 64

// A scanner reads well-formed XML 1.0 with namespaces, in UTF-8 and without
// document types, token by token. Comments and processing instructions it skips.
// After the first problem it only says tokenNone.
type scanner struct {
	src     string
	pos     int
	problem string
	costly  bool // whether the problem is a limit of ours

	tag        tag
	attributes []attribute
	text       string // as it stands in src, with its references
	cdata      bool   // whether text is that of a CDATA section, which has none

	open       []string // the names of the open elements, as written
	closed     bool     // whether the latest start tag closes itself
	rooted     bool     // whether the root has begun
	namespaces namespaces
}

// A tag is a start tag.
type tag struct {
	at    int    // where in src its "<" is
	name  string // as written
	local string
	space namespace
}

// An attribute is one of a start tag that declares no namespace.
type attribute struct {
	name  string // as written
	space namespace
	value string // as it stands in src
	marks mark   // what value holds
}

// reset begins with a text. What it has held memory for stays.
func (s *scanner) reset(src string) {
	*s = scanner{src: src, attributes: s.attributes[:0], open: s.open[:0], namespaces: s.namespaces.reset()}
	s.prolog()
}

// forget lets go of the text and keeps memory for the next.
func (s *scanner) forget() {
	clear(s.attributes[:cap(s.attributes)])
	clear(s.open[:cap(s.open)])
	clear(s.namespaces.bindings[:cap(s.namespaces.bindings)])
	*s = scanner{attributes: s.attributes[:0], open: s.open[:0], namespaces: s.namespaces.reset()}
}

// prolog reads the byte order mark and the XML declaration.
func (s *scanner) prolog() {
	s.src = strings.TrimPrefix(s.src, "\uFEFF")
	if strings.HasPrefix(s.src, "\xFE\xFF") || strings.HasPrefix(s.src, "\xFF\xFE") || strings.HasPrefix(s.src, "<\x00") || strings.HasPrefix(s.src, "\x00<") {
		s.fail("it is encoded as UTF-16; FHIR's XML is UTF-8")
		return
	}
	if !utf8.ValidString(s.src) {
		s.pos = len(validPrefix(s.src))
		s.fail("here is what is no UTF-8; FHIR's XML is UTF-8")
		return
	}
	if !strings.HasPrefix(s.src, "<?xml") || len(s.src) < 6 || !isSpace(s.src[5]) {
		return
	}
	end := strings.Index(s.src, "?>")
	if end < 0 {
		s.fail("the XML declaration is not closed by ?>")
		return
	}
	switch encoding := declaredEncoding(s.src[:end]); strings.ToLower(encoding) {
	case "", "utf-8", "utf8", "us-ascii", "ascii":
		s.pos = end + 2
	default:
		s.fail("its encoding is declared as " + excerpt(encoding) + "; FHIR's XML is UTF-8")
	}
}

// validPrefix gives what of a text is UTF-8 before the first byte that is not.
func validPrefix(s string) string {
	for i, r := range s {
		if r == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD") {
			return s[:i]
		}
	}
	return s
}

// declaredEncoding finds the encoding in an XML declaration, "" if it has none.
func declaredEncoding(declaration string) string {
	_, after, _ := strings.Cut(declaration, "encoding")
	after = strings.TrimLeft(after, " \t\r\n=")
	if after == "" {
		return ""
	}
	value, _, _ := strings.Cut(after[1:], after[:1])
	return value
}

func (s *scanner) fail(problem string) {
	if s.problem == "" {
		s.problem = problem
	}
}

// outcome says what the problem is and where.
func (s *scanner) outcome() *fhir.Outcome {
	before := s.src[:min(s.pos, len(s.src))]
	line := strings.Count(before, "\n") + 1
	column := len(before) - strings.LastIndexByte(before, '\n')
	code := fhir.IssueStructure
	if s.costly {
		code = fhir.IssueTooCostly
	}
	return fhir.Errorf(code, "", "not valid XML at line %d, column %d: %s", line, column, s.problem)
}

// next reads the next token.
func (s *scanner) next() token {
	if s.closed {
		s.closed = false
		s.leave()
		return tokenEnd
	}
	for s.problem == "" {
		if s.pos >= len(s.src) {
			return s.end()
		}
		if s.src[s.pos] != '<' {
			return s.characters()
		}
		if s.pos+1 >= len(s.src) {
			s.fail("the text ends inside a tag")
			break
		}
		switch s.src[s.pos+1] {
		case '/':
			return s.endTag()
		case '!':
			if s.declaration() {
				return tokenText
			}
		case '?':
			s.instruction()
		default:
			return s.startTag()
		}
	}
	return tokenNone
}

// end says what is missing at the end of the text.
func (s *scanner) end() token {
	switch {
	case len(s.open) > 0:
		s.fail("the text ends before <" + excerpt(s.open[len(s.open)-1]) + "> is closed")
	case !s.rooted:
		s.fail("there is no element")
	}
	return tokenNone
}

// characters reads text up to the next tag.
func (s *scanner) characters() token {
	end := strings.IndexByte(s.src[s.pos:], '<')
	if end < 0 {
		end = len(s.src) - s.pos
	}
	text := s.src[s.pos : s.pos+end]
	marks := marksOf(text)
	switch {
	case len(s.open) == 0 && strings.Trim(text, " \t\r\n") != "":
		s.fail("there is text outside of the root element")
	case marks&markControl != 0:
		s.fail("a control character can't be in XML")
	case strings.Contains(text, "]]>"):
		s.fail("]]> must be written ]]&gt;")
	case marks&markReference != 0:
		s.references(text)
	}
	if s.problem != "" {
		return tokenNone
	}
	s.pos += end
	s.text, s.cdata = text, false
	return tokenText
}

// references checks all references in a text.
func (s *scanner) references(text string) {
	for {
		i := strings.IndexByte(text, '&')
		if i < 0 {
			return
		}
		text = text[i:]
		r, size := reference(text)
		if r == 0 {
			s.fail("the reference " + excerpt(text[:min(len(text), 12)]) + " is none of XML's: write & as &amp;, and characters themselves or as numbers such as &#160;")
			return
		}
		text = text[size:]
	}
}

// declaration reads what begins with "<!": it skips a comment, and reports true
// for a CDATA section.
func (s *scanner) declaration() bool {
	rest := s.src[s.pos:]
	switch {
	case strings.HasPrefix(rest, "<!--"):
		end := strings.Index(rest[4:], "--")
		if end < 0 || !strings.HasPrefix(rest[4+end:], "-->") {
			s.fail("a comment ends with --> and holds no other --")
			return false
		}
		s.pos += 4 + end + 3
		return false
	case strings.HasPrefix(rest, "<![CDATA[") && len(s.open) > 0:
		end := strings.Index(rest, "]]>")
		if end < 0 {
			s.fail("a CDATA section is not closed by ]]>")
			return false
		}
		s.text, s.cdata = rest[len("<![CDATA["):end], true
		if marksOf(s.text)&markControl != 0 {
			s.fail("a control character can't be in XML")
			return false
		}
		s.pos += end + 3
		return true
	}
	s.fail("document types and entities are not read; send the resource alone")
	return false
}

// instruction skips a processing instruction.
func (s *scanner) instruction() {
	rest := s.src[s.pos:]
	end := strings.Index(rest, "?>")
	switch {
	case end < 0:
		s.fail("a processing instruction is not closed by ?>")
	case len(rest) > 5 && strings.EqualFold(rest[2:5], "xml") && (isSpace(rest[5]) || rest[5] == '?'):
		s.fail("the XML declaration may stand at the very beginning only")
	default:
		s.pos += end + 2
	}
}

// leave ends the innermost element.
func (s *scanner) leave() {
	s.open = s.open[:len(s.open)-1]
	s.namespaces.leave(len(s.open))
}

func (s *scanner) endTag() token {
	at := s.pos
	s.pos += 2
	if n := len(s.open); n > 0 && s.pos+len(s.open[n-1]) < len(s.src) && s.src[s.pos:s.pos+len(s.open[n-1])] == s.open[n-1] {
		s.pos += len(s.open[n-1])
		s.space()
		if s.pos < len(s.src) && s.src[s.pos] == '>' {
			s.pos++
			s.leave()
			return tokenEnd
		}
	}
	s.pos = at
	s.fail("this end tag closes no open element")
	if n := len(s.open); n > 0 {
		s.problem = "</" + excerpt(s.open[n-1]) + "> was expected here"
	}
	return tokenNone
}

func (s *scanner) space() {
	for s.pos < len(s.src) && isSpace(s.src[s.pos]) {
		s.pos++
	}
}
