package words

import (
	"html"
	"strings"
)

// entityMax is the longest character reference that is read, in bytes.
const entityMax = 32

// Narrative gives what people read of a Narrative.div: the text of the XHTML
// without its tags, its space squeezed. Elements but those within a line part
// words. It never fails: what is no XHTML is read as far as it goes. Some 256 KiB
// are given at most.
func Narrative(div string) string {
	if div == "" {
		return ""
	}
	scratch := buffers.Get().(*[]byte)
	defer buffers.Put(scratch)
	*scratch = appendNarrative((*scratch)[:0], div)
	return string(*scratch)
}

// appendNarrative appends the text of a div.
func appendNarrative(dst []byte, div string) []byte {
	begin := len(dst)
	for len(div) > 0 && len(dst)-begin < contentMax {
		switch c := div[0]; c {
		case '<':
			var gap bool
			gap, div = skipTag(div)
			if gap {
				dst = space(dst, begin)
			}
		case '&':
			text, rest := entity(div)
			if strings.TrimSpace(text) == "" {
				dst = space(dst, begin)
			} else {
				dst = append(dst, text...)
			}
			div = rest
		case ' ', '\t', '\r', '\n':
			dst, div = space(dst, begin), div[1:]
		default:
			end := 1
			for end < len(div) && !parts(div[end]) {
				end++
			}
			dst, div = append(dst, div[:end]...), div[end:]
		}
	}
	if len(dst) > begin && dst[len(dst)-1] == ' ' {
		dst = dst[:len(dst)-1]
	}
	return dst
}

// parts reports whether a byte ends a run of plain text.
func parts(c byte) bool {
	switch c {
	case '<', '&', ' ', '\t', '\r', '\n':
		return true
	}
	return false
}

// space appends a space, unless there is one or nothing before it.
func space(dst []byte, begin int) []byte {
	if len(dst) > begin && dst[len(dst)-1] != ' ' {
		return append(dst, ' ')
	}
	return dst
}

// skipTag skips a tag, comment or the like at the start of s, and tells whether
// it parts words.
func skipTag(s string) (gap bool, rest string) {
	closed := ">"
	if strings.HasPrefix(s, "<!--") {
		closed = "-->"
	}
	end := strings.Index(s, closed)
	if end < 0 {
		return true, ""
	}
	name := strings.TrimPrefix(s[1:end], "/")
	if cut := strings.IndexAny(name, " \t\r\n/"); cut >= 0 {
		name = name[:cut]
	}
	return !inline(name), s[end+len(closed):]
}

// inline reports whether an element stands within a word or line.
func inline(name string) bool {
	switch name {
	case "a", "abbr", "acronym", "b", "big", "cite", "code", "dfn", "em", "font", "i", "kbd", "s", "samp",
		"small", "span", "strike", "strong", "sub", "sup", "tt", "u", "var":
		return true
	}
	return false
}

// entity reads the character reference at the start of s; an ampersand that
// begins none stands for itself.
func entity(s string) (text, rest string) {
	end := 1
	for end < min(len(s), entityMax) && (s[end] == '#' || '0' <= s[end] && s[end] <= '9' || isLetter(s[end])) {
		end++
	}
	if end == len(s) || s[end] != ';' {
		return "&", s[1:]
	}
	if text = html.UnescapeString(s[:end+1]); text == s[:end+1] {
		return "&", s[1:]
	}
	return text, s[end+1:]
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
