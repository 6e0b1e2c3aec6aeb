package xml

import (
	"strings"
	"unicode/utf8"
)

// A mark says that a text holds characters that can't be copied as they are.
type mark uint8

const (
	markReference mark = 1 << iota // &
	markLess                       // <
	markQuote                      // "
	markBackslash                  // \
	markSpace                      // tab, line feed, carriage return
	markControl                    // what XML can't hold
	markRare                       // may begin U+FFFE or U+FFFF, which XML can't hold
)

// markJSON are those that JSON escapes in a string.
const markJSON = markQuote | markBackslash | markSpace

// marks gives the mark of each byte.
var marks = func() (of [256]mark) {
	for c := range 0x20 {
		of[c] = markControl
	}
	of['\t'], of['\n'], of['\r'] = markSpace, markSpace, markSpace
	of['&'], of['<'], of['"'], of['\\'], of[0xEF] = markReference, markLess, markQuote, markBackslash, markRare
	return of
}()

// marksOf gives all marks of a text.
func marksOf(text string) mark {
	var all mark
	for i := range len(text) {
		all |= marks[text[i]]
	}
	return all
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

// excerptMax is how much of a text from outside a message shows, in bytes.
const excerptMax = 60

// excerpt shortens a text for a message.
func excerpt(text string) string {
	if len(text) <= excerptMax {
		return text
	}
	return strings.ToValidUTF8(text[:excerptMax], "") + "…"
}

// reference reads the reference a text begins with: what it stands for and how
// long it is. The rune is 0 where it is none of XML's. Source: XML 1.0, 4.1.
func reference(text string) (r rune, size int) {
	const longest = len("&#x0010FFFF;")
	end := strings.IndexByte(text[:min(len(text), longest+1)], ';')
	if end < 2 {
		return 0, 0
	}
	switch name := text[1:end]; name {
	case "lt":
		r = '<'
	case "gt":
		r = '>'
	case "amp":
		r = '&'
	case "quot":
		r = '"'
	case "apos":
		r = '\''
	default:
		r = codePoint(name)
	}
	return r, end + 1
}

// codePoint reads "#160" or "#xA0"; 0 where it is neither, or no character of XML.
func codePoint(name string) (r rune) {
	digits, base := strings.TrimPrefix(name, "#"), rune(10)
	if len(digits) == len(name) {
		return 0
	}
	if after, hex := strings.CutPrefix(digits, "x"); hex {
		digits, base = after, 16
	}
	for i := range len(digits) {
		digit := hexDigit(digits[i])
		if digit >= base || r > utf8.MaxRune {
			return 0
		}
		r = r*base + digit
	}
	if !isCharacter(r) {
		return 0
	}
	return r
}

// isCharacter reports whether XML may hold a code point. Source: XML 1.0, 2.2.
func isCharacter(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' || 0x20 <= r && r <= 0xD7FF || 0xE000 <= r && r <= 0xFFFD || 0x10000 <= r && r <= utf8.MaxRune
}

func hexDigit(c byte) rune {
	const none = 99
	switch {
	case '0' <= c && c <= '9':
		return rune(c - '0')
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return rune(c|0x20-'a') + 10
	}
	return none
}

// plain gives the value of an attribute as it is meant. Line breaks and tabs in it
// stay: XML would make blanks of them (3.3.3), but the writers of Java's clients
// leave them as they are, and a text would lose its lines.
func (a attribute) plain() string {
	if a.marks&(markReference|markSpace) == 0 {
		return a.value
	}
	return string(appendCharacters(nil, a.value))
}

// appendString writes the value of an attribute as a JSON string.
func (a attribute) appendString(b []byte) []byte {
	b = append(b, '"')
	if a.marks&(markReference|markJSON) == 0 {
		b = append(b, a.value...)
	} else {
		b = appendEscaped(b, a.plain())
	}
	return append(b, '"')
}

// appendEscaped writes a text as it stands inside a JSON string.
func appendEscaped(b []byte, text string) []byte {
	const hex = "0123456789abcdef"
	start := 0
	for i := range len(text) {
		c := text[i]
		if marks[c]&(markJSON|markControl) == 0 {
			continue
		}
		b = append(b, text[start:i]...)
		start = i + 1
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, '\\', 'n')
		case '\r':
			b = append(b, '\\', 'r')
		case '\t':
			b = append(b, '\\', 't')
		default:
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
	}
	return append(b, text[start:]...)
}

// appendValue writes a text as it stands inside the quotes of an attribute. What
// XML can't hold becomes U+FFFD.
func appendValue(b []byte, text string) []byte {
	if marksOf(text)&^markBackslash == 0 {
		return append(b, text...)
	}
	start := 0
	for i := range len(text) {
		size := 1
		var escaped string
		switch c := text[i]; {
		case marks[c]&^markBackslash == 0:
			continue
		case c == '&':
			escaped = "&amp;"
		case c == '<':
			escaped = "&lt;"
		case c == '"':
			escaped = "&quot;"
		case c == '\n':
			escaped = "&#10;"
		case c == '\r':
			escaped = "&#13;"
		case c == '\t':
			escaped = "&#9;"
		case c < 0x20:
			escaped = "\uFFFD"
		case strings.HasPrefix(text[i:], "\uFFFE"), strings.HasPrefix(text[i:], "\uFFFF"):
			escaped, size = "\uFFFD", len("\uFFFE")
		default:
			continue
		}
		b = append(b, text[start:i]...)
		b = append(b, escaped...)
		start = i + size
	}
	return append(b, text[start:]...)
}

// appendCharacters writes a text of XML as it is meant: references as what they
// stand for, ends of lines as line feeds. Source: XML 1.0, 2.11.
func appendCharacters(b []byte, text string) []byte {
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case c == '&':
			r, size := reference(text[i:])
			b = utf8.AppendRune(b, r)
			i += max(size, 1)
			continue
		case c == '\r':
			if i+1 == len(text) || text[i+1] != '\n' {
				b = append(b, '\n')
			}
		default:
			b = append(b, c)
		}
		i++
	}
	return b
}

// appendText writes a text as it stands between tags.
func appendText(b []byte, text string) []byte {
	for i := range len(text) {
		switch c := text[i]; c {
		case '&':
			b = append(b, "&amp;"...)
		case '<':
			b = append(b, "&lt;"...)
		case '>':
			b = append(b, "&gt;"...)
		case '\r':
			b = append(b, "&#13;"...)
		default:
			b = append(b, c)
		}
	}
	return b
}
