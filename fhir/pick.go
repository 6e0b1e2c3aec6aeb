package fhir

import "bytes"

// A Choice names members of an object, each with the members that are chosen of what
// it holds; nil is all of it. Of an array the choice is that of its elements; the empty
// choice leaves of objects and arrays nothing but their text.
type Choice map[string]Choice

// A Picker reads the chosen members of texts and passes over the others, which takes
// a third of the time of reading all.
type Picker struct {
	names []string
	below []*Picker // nil: all that the member holds
}

// NewPicker makes a Picker; nil chooses everything.
func NewPicker(c Choice) *Picker {
	if c == nil {
		return nil
	}
	p := &Picker{}
	for name, below := range c {
		p.names, p.below = append(p.names, name), append(p.below, NewPicker(below))
	}
	return p
}

// nothing reports whether no member is chosen, so that there is but the value's text.
func (p *Picker) nothing() bool { return p != nil && len(p.names) == 0 }

func (p *Picker) find(name []byte) (below *Picker, chosen bool) {
	if p == nil {
		return nil, true
	}
	for i, n := range p.names {
		if n == string(name) {
			return p.below[i], true
		}
	}
	return nil, false
}

// Parse reads the chosen members of a text that Parse has read before, as a stored
// body's: what is passed over is not held to RFC 8259, nor is it looked for what
// Duplicates and IllFormed tell. A text with escapes it reads wholly.
func (p *Picker) Parse(src []byte) (*Document, error) {
	if p == nil || len(src) >= nodesMax || bytes.IndexByte(src, '\\') >= 0 {
		return Parse(src)
	}
	run := picking{parser{doc: arenas.Get().(*Document), src: src}}
	run.doc.src = src
	run.space()
	run.value(p, 0)
	if run.space(); run.problem != "" || run.pos < len(src) {
		run.doc.Release()
		return Parse(src) // which tells what is wrong, if anything is
	}
	return run.doc, nil
}

// A picking is one run over a text without escapes.
type picking struct{ parser }

const unlike = "not what was expected" // for the other parser to tell of

// at gives the byte that comes next, 0 at the end.
func (p *picking) at() byte {
	if p.pos < len(p.src) {
		return p.src[p.pos]
	}
	return 0
}

// text passes over the string that begins here and gives where its text is.
func (p *picking) text() (at, end int) {
	at = p.pos + 1
	n := bytes.IndexByte(p.src[at:], '"')
	if n < 0 {
		p.fail(unlike)
		return at, at
	}
	p.pos = at + n + 1
	return at, at + n
}

func (p *picking) value(c *Picker, depth int) uint32 {
	switch b := p.at(); b {
	case '{':
		return p.object(c, depth)
	case '[':
		return p.array(c, depth)
	case '"':
		i := p.open(KindString)
		at, end := p.text()
		r := &p.doc.records[i]
		r.textAt, r.textEnd, r.end = uint32(at), uint32(end), uint32(p.pos)
		return i
	default:
		i := p.open(scalarKind(b))
		if p.doc.records[i].kind == KindAbsent {
			p.fail(unlike)
			return i
		}
		p.scalar()
		p.doc.records[i].end = uint32(p.pos)
		return i
	}
}

// scalarKind gives the kind of a number or literal by the byte it begins with.
func scalarKind(b byte) NodeKind {
	switch {
	case b == 't' || b == 'f':
		return KindBool
	case b == 'n':
		return KindNull
	case b == '-' || '0' <= b && b <= '9':
		return KindNumber
	}
	return KindAbsent
}

// scalar passes over a number or a literal.
func (p *picking) scalar() {
	for p.pos < len(p.src) {
		switch p.src[p.pos] {
		case ',', '}', ']', ' ', '\n', '\r', '\t':
			return
		}
		p.pos++
	}
}

// enter goes into an object or array; more reports whether it holds anything.
func (p *picking) enter(closing byte, depth int) (more bool) {
	if p.tooNested(depth) {
		return false
	}
	p.pos++
	if p.space(); p.at() == closing {
		p.pos++
		return false
	}
	return true
}

func (p *picking) array(c *Picker, depth int) uint32 {
	i := p.open(KindArray)
	if c.nothing() {
		return p.passed(i)
	}
	var last, count uint32
	for more := p.enter(']', depth); more && p.problem == ""; {
		child := p.value(c, depth+1)
		if p.problem != "" {
			return i
		}
		p.link(i, last, child)
		last, count = child, count+1
		more = p.more(']')
	}
	p.close(i, count)
	return i
}

func (p *picking) object(c *Picker, depth int) uint32 {
	i := p.open(KindObject)
	if c.nothing() {
		return p.passed(i)
	}
	var last, count uint32
	for more := p.enter('}', depth); more && p.problem == ""; {
		if p.at() != '"' {
			p.fail(unlike)
			return i
		}
		at, end := p.text()
		if p.space(); p.at() != ':' {
			p.fail(unlike)
			return i
		}
		p.pos++
		p.space()
		if below, chosen := c.find(p.src[at:end]); chosen {
			child := p.value(below, depth+1)
			if p.problem != "" {
				return i
			}
			r := &p.doc.records[child]
			r.nameAt, r.nameEnd = uint32(at), uint32(end)
			p.link(i, last, child)
			last, count = child, count+1
		} else {
			p.skip()
		}
		more = p.problem == "" && p.more('}')
	}
	p.close(i, count)
	return i
}

// passed passes over what a record that has begun holds.
func (p *picking) passed(i uint32) uint32 {
	p.skipNested()
	p.close(i, 0)
	return i
}

// skip passes over the value that begins here.
func (p *picking) skip() {
	switch p.at() {
	case '"':
		p.text()
	case '{', '[':
		p.skipNested()
	default:
		p.scalar()
	}
}

func (p *picking) skipNested() {
	for depth := 0; p.pos < len(p.src); {
		switch p.src[p.pos] {
		case '"':
			if p.text(); p.problem != "" {
				return
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				p.pos++
				return
			}
		}
		p.pos++
	}
	p.fail(unlike)
}
