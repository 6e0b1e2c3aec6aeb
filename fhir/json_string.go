package fhir

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"
)

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
