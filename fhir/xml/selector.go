package xml

import (
	"strconv"
	"strings"
)

// A selector is a path of RFC 5261 in XPath's abbreviated syntax, compiled.
type selector []step

// A step is one step of a selector.
type step struct {
	kind     stepKind
	descend  bool // whether // stands before it
	space    namespace
	anySpace bool   // whether the name may be in any namespace
	name     string // "" for *
	filters  []filter
}

type stepKind uint8

const (
	stepElement stepKind = iota
	stepAttribute
	stepText
	stepNode
	stepSelf
	stepParent
)

// A filter is what stands in brackets: it tells whether a place, the position'th
// of so many, stays.
type filter func(f *finder, at place, position, size int) bool

const (
	selectorBytesMax  = 4 << 10
	selectorNestedMax = 16
)

// A selectorParser is one run over the text of a selector. After the first
// problem it only returns.
type selectorParser struct {
	text    string
	pos     int
	nested  int
	problem string
	spaces  namespaces // in force where the selector stands
}

// compileSelector reads a selector.
func compileSelector(text string, spaces namespaces) (selector, string) {
	p := &selectorParser{text: strings.TrimSpace(text), spaces: spaces}
	switch {
	case p.text == "":
		return nil, "it is missing"
	case len(p.text) > selectorBytesMax:
		return nil, "it is too long"
	}
	descend := p.take("//")
	if !descend {
		p.take("/")
	}
	s := p.steps(descend)
	if p.problem == "" && p.pos < len(p.text) {
		p.fail()
	}
	return s, p.problem
}

func (p *selectorParser) fail() {
	if p.problem == "" {
		p.problem = "it can't be read from " + strconv.Quote(excerpt(p.text[min(p.pos, len(p.text)):])) + " on"
	}
}

func (p *selectorParser) space() {
	for p.pos < len(p.text) && isSpace(p.text[p.pos]) {
		p.pos++
	}
}

// take reads a sign if it is there.
func (p *selectorParser) take(sign string) bool {
	p.space()
	if !strings.HasPrefix(p.text[p.pos:], sign) {
		return false
	}
	p.pos += len(sign)
	return true
}

// takeWord reads a word if it stands there whole.
func (p *selectorParser) takeWord(word string) bool {
	p.space()
	after := p.pos + len(word)
	if !strings.HasPrefix(p.text[p.pos:], word) || after < len(p.text) && nameBytes[p.text[after]] != 0 {
		return false
	}
	p.pos = after
	return true
}

// steps reads a relative path; descend is whether // stands before it.
func (p *selectorParser) steps(descend bool) selector {
	var s selector
	for p.problem == "" {
		one := p.step()
		one.descend = descend
		s = append(s, one)
		if descend = p.take("//"); !descend && !p.take("/") {
			break
		}
	}
	return s
}

func (p *selectorParser) step() (s step) {
	switch {
	case p.take(".."):
		s.kind = stepParent
	case p.take("."):
		s.kind = stepSelf
	case p.take("text()"):
		s.kind = stepText
	case p.take("node()"):
		s.kind = stepNode
	default:
		if p.take("@") || p.take("attribute::") {
			s.kind = stepAttribute
		} else {
			p.take("child::")
		}
		p.test(&s)
	}
	for p.problem == "" && p.take("[") {
		s.filters = append(s.filters, p.filter())
		if !p.take("]") {
			p.fail()
		}
	}
	return s
}

// test reads a name, with its prefix, or *.
func (p *selectorParser) test(s *step) {
	if p.take("*") {
		s.anySpace = true
		return
	}
	start := p.pos
	for p.pos < len(p.text) && nameBytes[p.text[p.pos]] != 0 {
		p.pos++
	}
	name := p.text[start:p.pos]
	if name == "" || nameBytes[name[0]] == nameInner {
		p.pos = start
		p.fail()
		return
	}
	prefix, local, prefixed := strings.Cut(name, ":")
	if s.kind == stepAttribute {
		s.name = name
		return
	}
	if !prefixed {
		// A name without prefix is of the common namespace of the patch; where that
		// is none of a resource, the name alone counts. Source: RFC 5261 section 4.2.2.
		s.name, s.space = name, p.spaces.common
		s.anySpace = s.space != spaceFHIR && s.space != spaceXHTML
		return
	}
	space, ok := p.spaces.find(prefix)
	if !ok {
		p.problem = "its prefix " + excerpt(prefix) + " is not declared by xmlns:" + excerpt(prefix)
		return
	}
	s.space, s.name = space, local
	if p.take("*") {
		return
	}
	if local == "" {
		p.fail()
	}
}
