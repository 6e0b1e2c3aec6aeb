package fhir

import (
	"bytes"
	"math"
	"unicode/utf16"
	"unicode/utf8"
)

// DepthMax is how deep JSON may be nested. The deepest R4 example nests 24.
const DepthMax = 100

// nodesMax is how many values one text may hold: the arena's indexes are 32 bits.
const nodesMax = math.MaxUint32 - 1

// Parse reads one JSON text (RFC 8259) into a tree. It fails with an Outcome of
// IssueStructure that names line and column when the text is no JSON, and of
// IssueTooCostly when it is nested deeper than DepthMax. Duplicate names and
// ill-formed UTF-8 don't fail here; the Document lists them for the validator.
func Parse(src []byte) (*Document, error) {
	if len(src) >= nodesMax {
		return nil, Errorf(IssueTooLong, "", "the text is %d bytes long; at most %d can be read", len(src), uint32(nodesMax))
	}
	p := parser{doc: arenas.Get().(*Document), src: src}
	p.doc.src = src
	p.space()
	p.value(0)
	if p.problem == "" {
		if p.space(); p.pos < len(src) {
			p.fail("there is more text after the end of the JSON value")
		}
	}
	if p.problem != "" {
		err := p.outcome()
		p.doc.Release()
		return nil, err
	}
	return p.doc, nil
}

// A parser is one run over a text. After the first problem it only returns.
type parser struct {
	doc     *Document
	src     []byte
	pos     int
	problem string
	tooDeep bool
}

func (p *parser) outcome() error {
	before := p.src[:min(p.pos, len(p.src))]
	line := bytes.Count(before, []byte{'\n'}) + 1
	column := len(before) - bytes.LastIndexByte(before, '\n')
	code := IssueStructure
	if p.tooDeep {
		code = IssueTooCostly
	}
	return Errorf(code, "", "not valid JSON at line %d, column %d: %s", line, column, p.problem)
}

func (p *parser) fail(problem string) {
	if p.problem == "" {
		p.problem = problem
	}
}

func (p *parser) space() {
	for p.pos < len(p.src) {
		switch p.src[p.pos] {
		case ' ', '\n', '\r', '\t':
			p.pos++
		default:
			return
		}
	}
}

// open adds a record for the value that begins here.
func (p *parser) open(kind NodeKind) uint32 {
	p.doc.records = append(p.doc.records, record{kind: kind, at: uint32(p.pos)})
	return uint32(len(p.doc.records) - 1)
}

// value reads the value that begins here and gives its record's index.
func (p *parser) value(depth int) uint32 {
	if p.pos >= len(p.src) {
		p.fail("the text ends where a value should be")
		return 0
	}
	switch c := p.src[p.pos]; c {
	case '{':
		return p.object(depth)
	case '[':
		return p.array(depth)
	case '"':
		i := p.open(KindString)
		at, end, inSide := p.str(i)
		r := &p.doc.records[i]
		r.textAt, r.textEnd, r.textInSide, r.end = at, end, inSide, uint32(p.pos)
		return i
	case 't':
		return p.literal("true", KindBool)
	case 'f':
		return p.literal("false", KindBool)
	case 'n':
		return p.literal("null", KindNull)
	default:
		if c == '-' || '0' <= c && c <= '9' {
			return p.number()
		}
		p.fail("a value was expected")
		return 0
	}
}

func (p *parser) literal(word string, kind NodeKind) uint32 {
	i := p.open(kind)
	if !bytes.HasPrefix(p.src[p.pos:], []byte(word)) {
		p.fail("a value was expected")
		return i
	}
	p.pos += len(word)
	p.doc.records[i].end = uint32(p.pos)
	return i
}

func (p *parser) number() uint32 {
	i := p.open(KindNumber)
	start := p.pos
	for p.pos < len(p.src) {
		c := p.src[p.pos]
		if c >= '0' && c <= '9' || c == '.' || c == '-' || c == '+' || c == 'e' || c == 'E' {
			p.pos++
			continue
		}
		break
	}
	if !validJSONNumber(view(p.src[start:p.pos])) {
		p.pos = start
		p.fail("this is not a number")
	}
	p.doc.records[i].end = uint32(p.pos)
	return i
}

func (p *parser) tooNested(depth int) bool {
	if depth < DepthMax {
		return false
	}
	p.tooDeep = true
	p.fail("arrays and objects are nested too deep")
	return true
}

func (p *parser) array(depth int) uint32 {
	i := p.open(KindArray)
	if p.tooNested(depth) {
		return i
	}
	p.pos++
	p.space()
	var last, count uint32
	if p.pos < len(p.src) && p.src[p.pos] == ']' {
		p.pos++
	} else {
		for {
			child := p.value(depth + 1)
			if p.problem != "" {
				return i
			}
			p.link(i, last, child)
			last, count = child, count+1
			if !p.more(']') {
				break
			}
		}
	}
	p.close(i, count)
	return i
}

func (p *parser) object(depth int) uint32 {
	i := p.open(KindObject)
	if p.tooNested(depth) {
		return i
	}
	p.pos++
	p.space()
	var last, count uint32
	if p.pos < len(p.src) && p.src[p.pos] == '}' {
		p.pos++
	} else {
		for {
			child := p.member(depth)
			if p.problem != "" {
				return i
			}
			p.link(i, last, child)
			last, count = child, count+1
			if !p.more('}') {
				break
			}
		}
	}
	p.close(i, count)
	p.findDuplicates(i)
	return i
}

func (p *parser) member(depth int) uint32 {
	if p.pos >= len(p.src) || p.src[p.pos] != '"' {
		p.fail("a member name in double quotes was expected")
		return 0
	}
	// The value's record comes next; an ill-formed name is noted against it.
	at, end, inSide := p.str(uint32(len(p.doc.records)))
	p.space()
	if p.pos >= len(p.src) || p.src[p.pos] != ':' {
		p.fail("a colon was expected after the member name")
		return 0
	}
	p.pos++
	p.space()
	child := p.value(depth + 1)
	if p.problem != "" {
		return 0
	}
	r := &p.doc.records[child]
	r.nameAt, r.nameEnd, r.nameInSide = at, end, inSide
	return child
}

func (p *parser) link(parent, last, child uint32) {
	if last == 0 {
		p.doc.records[parent].first = child
	} else {
		p.doc.records[last].next = child
	}
}

func (p *parser) close(i, count uint32) {
	r := &p.doc.records[i]
	r.end, r.count = uint32(p.pos), count
}

// more reads a comma and reports true, or the closing bracket and false.
func (p *parser) more(closing byte) bool {
	p.space()
	if p.pos >= len(p.src) {
		p.fail("the text ends inside an array or object")
		return false
	}
	c := p.src[p.pos]
	p.pos++
	switch c {
	case closing:
		return false
	case ',':
		p.space()
		return true
	}
	p.pos--
	p.fail("a comma or the closing bracket was expected")
	return false
}

// str reads a string and gives where its text is, in src or in side.
func (p *parser) str(record uint32) (at, end uint32, inSide bool) {
	p.pos++
	start := p.pos
	ascii := true
	for p.pos < len(p.src) {
		c := p.src[p.pos]
		switch {
		case c == '"':
			if !ascii && !utf8.Valid(p.src[start:p.pos]) {
				p.doc.illFormed = append(p.doc.illFormed, Node{p.doc, record})
			}
			p.pos++
			return uint32(start), uint32(p.pos - 1), false
		case c == '\\':
			return p.escaped(start, record)
		case c < 0x20:
			p.fail("a control character must be escaped inside a string")
			return 0, 0, false
		case c >= utf8.RuneSelf:
			ascii = false
		}
		p.pos++
	}
	p.fail("the text ends inside a string")
	return 0, 0, false
}

// escaped finishes a string whose first escape is here, writing it to side.
func (p *parser) escaped(start int, record uint32) (at, end uint32, inSide bool) {
	from := len(p.doc.side)
	p.doc.side = append(p.doc.side, p.src[start:p.pos]...)
	whole := true
	for p.pos < len(p.src) {
		c := p.src[p.pos]
		switch {
		case c == '"':
			if !whole || !utf8.Valid(p.doc.side[from:]) {
				p.doc.illFormed = append(p.doc.illFormed, Node{p.doc, record})
			}
			p.pos++
			return uint32(from), uint32(len(p.doc.side)), true
		case c == '\\':
			if !p.escape(&whole) {
				return 0, 0, false
			}
			continue
		case c < 0x20:
			p.fail("a control character must be escaped inside a string")
			return 0, 0, false
		}
		p.doc.side = append(p.doc.side, c)
		p.pos++
	}
	p.fail("the text ends inside a string")
	return 0, 0, false
}

// escape reads one escape sequence; whole becomes false at half a surrogate pair.
func (p *parser) escape(whole *bool) bool {
	if p.pos+1 >= len(p.src) {
		p.fail("the text ends inside a string")
		return false
	}
	c := p.src[p.pos+1]
	const simple, meant = `"\/bfnrt`, "\"\\/\b\f\n\r\t"
	if i := bytes.IndexByte([]byte(simple), c); i >= 0 {
		p.doc.side = append(p.doc.side, meant[i])
		p.pos += 2
		return true
	}
	r, ok := p.hex4(p.pos)
	if !ok {
		p.fail(`a backslash must be followed by one of "\/bfnrt or by u and four hexadecimal digits`)
		return false
	}
	p.pos += 6
	if utf16.IsSurrogate(r) {
		low, ok := p.hex4(p.pos)
		pair := utf16.DecodeRune(r, low)
		if !ok || pair == utf8.RuneError {
			*whole = false
			p.doc.side = utf8.AppendRune(p.doc.side, utf8.RuneError)
			return true
		}
		p.pos += 6
		r = pair
	}
	p.doc.side = utf8.AppendRune(p.doc.side, r)
	return true
}

// hex4 reads \uXXXX at a position.
func (p *parser) hex4(at int) (rune, bool) {
	if at+6 > len(p.src) || p.src[at] != '\\' || p.src[at+1] != 'u' {
		return 0, false
	}
	var r rune
	for _, c := range p.src[at+2 : at+6] {
		switch {
		case '0' <= c && c <= '9':
			r = r<<4 | rune(c-'0')
		case 'a' <= c && c <= 'f':
			r = r<<4 | rune(c-'a'+10)
		case 'A' <= c && c <= 'F':
			r = r<<4 | rune(c-'A'+10)
		default:
			return 0, false
		}
	}
	return r, true
}
