package xml

import "strings"

// startTag reads a start tag with its attributes.
func (s *scanner) startTag() token {
	at := s.pos
	switch {
	case len(s.open) == 0 && s.rooted:
		s.fail("there is more than one root element")
	case len(s.open) >= nestedMax:
		s.costly = true
		s.fail("elements are nested too deep")
	}
	s.pos++
	name, colon := s.name()
	if s.problem != "" {
		s.pos = at
		return tokenNone
	}
	s.rooted = true
	s.attributes = s.attributes[:0]
	s.readAttributes(len(s.open) + 1)
	if s.problem != "" {
		return tokenNone
	}
	s.open = append(s.open, name)
	s.tag = tag{at: at, name: name, local: name[colon+1:], space: s.namespaces.common}
	if colon >= 0 {
		s.tag.space = s.prefix(name[:colon])
	}
	s.resolve()
	if s.problem != "" {
		return tokenNone
	}
	return tokenStart
}

// prefix finds the namespace of a prefix.
func (s *scanner) prefix(prefix string) namespace {
	space, ok := s.namespaces.find(prefix)
	if !ok {
		s.fail("the prefix " + excerpt(prefix) + " is not declared by xmlns:" + excerpt(prefix))
	}
	return space
}

// resolve finds the namespaces of the attributes and refuses doubles.
func (s *scanner) resolve() {
	for i := range s.attributes {
		a := &s.attributes[i]
		if a.space == spacePrefixed {
			prefix, _, _ := strings.Cut(a.name, ":")
			a.space = s.prefix(prefix)
		}
		for _, other := range s.attributes[:i] {
			if other.name == a.name {
				s.fail("the attribute " + excerpt(a.name) + " is there twice")
			}
		}
	}
}

// readAttributes reads attributes up to the end of the tag. Those that declare
// namespaces are in force from this depth on.
func (s *scanner) readAttributes(depth int) {
	for s.problem == "" {
		before := s.pos
		s.space()
		if s.pos >= len(s.src) {
			s.fail("the text ends inside a tag")
			return
		}
		switch s.src[s.pos] {
		case '>':
			s.pos++
			return
		case '/':
			if !strings.HasPrefix(s.src[s.pos:], "/>") {
				s.fail("a slash in a tag must be followed by >")
				return
			}
			s.pos += 2
			s.closed = true
			return
		}
		if s.pos == before {
			s.fail("attributes must be parted by white space")
			return
		}
		s.readAttribute(depth)
	}
}

// readAttribute reads one attribute.
func (s *scanner) readAttribute(depth int) {
	name, colon := s.name()
	value, marks := s.attributeValue(name)
	if s.problem != "" {
		return
	}
	if colon < 0 && name == "xmlns" || colon == len("xmlns") && name[:colon] == "xmlns" {
		s.declare(name, attribute{value: value, marks: marks}.plain(), depth)
		return
	}
	if len(s.attributes) >= attributesMax {
		s.costly = true
		s.fail("the tag has too many attributes")
		return
	}
	a := attribute{name: name, value: value, marks: marks}
	if colon >= 0 {
		// A tag may declare the prefixes of its own attributes after them.
		a.space = spacePrefixed
	}
	s.attributes = append(s.attributes, a)
}

// declare binds a prefix, or the common namespace, to a URI.
func (s *scanner) declare(name, uri string, depth int) {
	prefix := strings.TrimPrefix(strings.TrimPrefix(name, "xmlns"), ":")
	switch {
	case s.namespaces.declared(prefix, depth):
		s.fail("the attribute " + excerpt(name) + " is there twice")
	case prefix == "xmlns", prefix == "xml" && uri != xmlURI:
		s.fail("the prefix " + prefix + " can't be bound to another namespace")
	case prefix != "" && uri == "":
		s.fail("the prefix " + excerpt(prefix) + " needs a namespace")
	case !s.namespaces.bind(prefix, uri, depth):
		s.costly = true
		s.fail("too many namespaces are declared")
	}
}

// attributeValue reads ="value".
func (s *scanner) attributeValue(name string) (string, mark) {
	s.space()
	if s.problem != "" || s.pos >= len(s.src) || s.src[s.pos] != '=' {
		s.fail("the attribute " + excerpt(name) + " needs a value")
		return "", 0
	}
	s.pos++
	s.space()
	if s.pos >= len(s.src) || s.src[s.pos] != '"' && s.src[s.pos] != '\'' {
		s.fail("the value of the attribute " + excerpt(name) + " must stand in quotes")
		return "", 0
	}
	end := strings.IndexByte(s.src[s.pos+1:], s.src[s.pos])
	if end < 0 {
		s.fail("the value of the attribute " + excerpt(name) + " is not closed by a quote")
		return "", 0
	}
	value := s.src[s.pos+1 : s.pos+1+end]
	marks := marksOf(value)
	switch {
	case marks&markLess != 0:
		s.fail("< must be written &lt; in an attribute")
	case marks&markControl != 0:
		s.fail("a control character can't be in XML")
	case marks&markReference != 0:
		s.references(value)
	}
	s.pos += end + 2
	return value, marks
}

// name reads a name; colon is where the colon is in it, -1 where there is none.
func (s *scanner) name() (name string, colon int) {
	start := s.pos
	colon = -1
	for s.pos < len(s.src) && nameBytes[s.src[s.pos]] != 0 {
		if s.src[s.pos] == ':' {
			if colon >= 0 || s.pos == start {
				s.fail("a name has at most one colon, and not at its beginning")
				return "", -1
			}
			colon = s.pos - start
		}
		s.pos++
	}
	name = s.src[start:s.pos]
	if name == "" || nameBytes[name[0]] == nameInner || colon == len(name)-1 || colon >= 0 && nameBytes[name[colon+1]] == nameInner {
		s.pos = start
		s.fail("a name was expected here; < in text must be written &lt;")
		return "", -1
	}
	return name, colon
}

// The classes of bytes in names.
const (
	nameStart = 1 // may begin a name
	nameInner = 2 // may not begin one
)

// nameBytes gives the class of each byte; 0 is of no name. What is not ASCII is
// taken for a letter.
var nameBytes = func() (class [256]byte) {
	for c := range class {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', c == '_', c == ':', c >= 0x80:
			class[c] = nameStart
		case '0' <= c && c <= '9', c == '-', c == '.':
			class[c] = nameInner
		}
	}
	return class
}()
