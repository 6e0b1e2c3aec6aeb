package fhir

import (
	"bytes"
	"math"
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

// pairwiseMax is up to how many members every pair of names is compared; a map
// is faster beyond.
const pairwiseMax = 24

func (p *parser) findDuplicates(object uint32) {
	o := Node{p.doc, object}
	if o.Len() > pairwiseMax {
		seen := make(map[string]bool, o.Len())
		for c := range o.All() {
			if seen[c.Name()] {
				p.doc.duplicates = append(p.doc.duplicates, c)
			}
			seen[c.Name()] = true
		}
		return
	}
	for a := o.First(); a.doc != nil; a = a.Next() {
		name := a.Name()
		for b := o.First(); b.i != a.i; b = b.Next() {
			if b.Name() == name {
				p.doc.duplicates = append(p.doc.duplicates, a)
				break
			}
		}
	}
}
